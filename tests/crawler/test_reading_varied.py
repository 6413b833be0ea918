"""Pages of every kind that portals publish, and everything that stands around an article. A failure
reads ``print-view @ title``."""

from __future__ import annotations

from functools import cache

import family_variants
import pytest
import surrounded_pages
import unseen_pages
import varied_pages
from varied_pages import Varied

from archive.schema import Article, PageKind, Reading
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page

PAGES = varied_pages.PAGES | surrounded_pages.PAGES | family_variants.PAGES | unseen_pages.PAGES
ARTICLES = [name for name, page in PAGES.items() if page.kind is PageKind.ARTICLE]


@cache
def _reading(name: str) -> Reading:
    page = PAGES[name]
    return read_page(Page.from_http(page.url, 200, "text/html; charset=utf-8", page.html.encode()))


@pytest.mark.parametrize("name", PAGES)
def test_kind(name: str) -> None:
    assert _reading(name).kind is PAGES[name].kind, f"{name} @ kind"


@pytest.fixture(params=ARTICLES)
def case(request: pytest.FixtureRequest) -> tuple[str, Article, Varied]:
    article = _reading(request.param).article
    assert article is not None, f"{request.param} @ kind"
    return request.param, article, PAGES[request.param]


Case = tuple[str, Article, Varied]


def test_title(case: Case) -> None:
    name, article, page = case
    assert article.title == page.title, f"{name} @ title"


def test_dates(case: Case) -> None:
    name, article, page = case
    assert article.published_at == page.published_at, f"{name} @ published_at"
    assert article.updated_at == page.updated_at, f"{name} @ updated_at"


def test_text(case: Case) -> None:
    name, article, page = case
    if page.lines is not None:
        lines = tuple(filter(None, (article.summary, *article.body_text.split("\n"))))
        assert lines == page.lines, f"{name} @ text"


def test_author_and_views(case: Case) -> None:
    name, article, page = case
    assert article.author == page.author, f"{name} @ author"
    assert article.view_count == page.view_count, f"{name} @ view_count"


def test_pictures_and_files(case: Case) -> None:
    name, article, page = case
    captions = tuple(image.caption for image in article.images if image.caption)
    assert captions == page.captions, f"{name} @ captions"
    assert len(article.images) == page.pictures, f"{name} @ images"
    assert len(article.attachments) == page.attachments, f"{name} @ attachments"


def test_language(case: Case) -> None:
    name, article, page = case
    assert article.language == page.language, f"{name} @ language"
