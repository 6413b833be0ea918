"""One story, many markups: every field comes out the same. A failure reads
``irrigation [nested-tables] @ published_at``."""

from __future__ import annotations

from functools import cache

import pytest
from markup import FURNITURE, SKINS, address, picture_addresses
from stories import STORIES, Expected

from archive.schema import Article, PageKind
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page
from crawler.platforms import generic

ADDRESSES = ("from-title", "by-number")  # with and without a slug that could help


@cache
def _read(story: str, skin: str, where: str) -> Article:
    told, _ = STORIES[story]
    url = (
        address(told) if where == "from-title" else "http://huyen.example.gov.vn/chitiet.aspx?id=77"
    )
    body = SKINS[skin](told).encode()
    reading = read_page(Page.from_http(url, 200, "text/html; charset=utf-8", body))
    assert reading.kind is PageKind.ARTICLE, (
        f"{story} [{skin}] @ kind: {reading.kind} {reading.notes}"
    )
    assert reading.article is not None
    return reading.article


@pytest.fixture(params=[f"{s} [{k}] {w}" for s in STORIES for k in SKINS for w in ADDRESSES])
def case(request: pytest.FixtureRequest) -> tuple[str, Article, Expected]:
    story, skin, where = request.param.replace("[", "").replace("]", "").split()
    return request.param, _read(story, skin, where), STORIES[story][1]


def test_title(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    assert article.title == expected.title, f"{name} @ title"


def test_published_at(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    assert article.published_at == expected.published_at, f"{name} @ published_at"


def test_summary(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    assert article.summary == expected.summary, f"{name} @ summary"


def test_body(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    assert article.body_text.split("\n") == list(expected.paragraphs), f"{name} @ body"


def test_author(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    assert article.author == expected.author, f"{name} @ author"


def test_category(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    assert article.category == expected.category, f"{name} @ category"


def test_pictures(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    told, _ = STORIES[name.split()[0]]
    assert [i.url for i in article.images] == picture_addresses(told), f"{name} @ images"
    assert tuple(i.caption for i in article.images) == expected.captions, f"{name} @ captions"


def test_alt_keeps_the_original_file_name(case: tuple[str, Article, Expected]) -> None:
    name, article, _ = case
    told, _ = STORIES[name.split()[0]]
    names = [part.alt for part in told.parts if not isinstance(part, str)]
    assert [i.alt for i in article.images] == names, f"{name} @ alt"


def test_view_count(case: tuple[str, Article, Expected]) -> None:
    name, article, expected = case
    assert article.view_count == expected.view_count, f"{name} @ view_count"


def test_no_furniture(case: tuple[str, Article, Expected]) -> None:
    name, article, _ = case
    lines = {article.summary, article.author, *article.body_text.split("\n")}
    assert lines.isdisjoint(FURNITURE), f"{name} @ furniture"


@pytest.mark.parametrize("skin", SKINS)
@pytest.mark.parametrize("story", STORIES)
def test_a_stranger_reads_title_date_and_text(story: str, skin: str) -> None:
    """Without any platform's knowledge, on an address that tells nothing."""
    told, expected = STORIES[story]
    page = Page.from_http(
        "http://portal.example.vn/x?id=5", 200, "text/html", SKINS[skin](told).encode()
    )
    article = generic.read_article(page).article
    assert article is not None
    assert (article.title, article.published_at) == (expected.title, expected.published_at)
    text = "\n".join(filter(None, (article.summary, article.body_text)))
    assert text == "\n".join((expected.summary, *expected.paragraphs))
