"""Every family of portals: one article and one list each. A failure reads ``drupal-7 @ author``."""

from __future__ import annotations

from functools import cache

import pytest
from platform_pages import FAMILIES, HOST, NO_TEXT_OF_AN_ARTICLE, Family

from archive.schema import Article, PageKind, Reading
from archive.urls import canonical_url
from crawler.extraction.listings import Listing
from crawler.extraction.page import Page
from crawler.extraction.reading import read_listing, read_page
from crawler.platforms import PLATFORMS, generic


def _page(url: str, markup: str) -> Page:
    return Page.from_http(HOST + url, 200, "text/html; charset=utf-8", markup.encode())


@cache
def _reading(name: str) -> Reading:
    family = FAMILIES[name]
    return read_page(_page(family.url, family.article))


@cache
def _listing(name: str) -> Listing:
    family = FAMILIES[name]
    return read_listing(_page(family.list_url, family.listing))


@pytest.fixture(params=FAMILIES)
def case(request: pytest.FixtureRequest) -> tuple[str, Family, Article]:
    name = request.param
    article = _reading(name).article
    assert article is not None, f"{name} @ kind: {_reading(name)}"
    return name, FAMILIES[name], article


Case = tuple[str, Family, Article]


def test_the_family_is_recognised(case: Case) -> None:
    name, family, _ = case
    assert _reading(name).extractor == family.extractor, f"{name} @ extractor"


@pytest.mark.parametrize(
    "field", ["title", "published_at", "summary", "author", "category", "view_count"]
)
def test_field(case: Case, field: str) -> None:
    name, family, article = case
    assert getattr(article, field) == getattr(family, field), f"{name} @ {field}"


def test_body(case: Case) -> None:
    name, family, article = case
    assert tuple(article.body_text.split("\n")) == family.lines, f"{name} @ body"


def test_attachments(case: Case) -> None:
    name, family, article = case
    expected = [canonical_url(HOST + path) for path in family.attachments]
    assert [a.url for a in article.attachments] == expected, f"{name} @ attachments"
    assert article.images == (), f"{name} @ images"


def test_no_furniture(case: Case) -> None:
    name, _, article = case
    lines = {article.summary, article.author, *article.body_text.split("\n")}
    assert lines.isdisjoint(NO_TEXT_OF_AN_ARTICLE), f"{name} @ furniture"


@pytest.mark.parametrize("name", FAMILIES)
def test_a_list_of_news_is_a_listing(name: str) -> None:
    family = FAMILIES[name]
    assert read_page(_page(family.list_url, family.listing)).kind is PageKind.LISTING, name


@pytest.mark.parametrize("name", FAMILIES)
def test_the_entries_of_a_list(name: str) -> None:
    found = [(e.url.removeprefix(HOST), e.title, e.date) for e in _listing(name).entries]
    assert found == list(FAMILIES[name].entries), f"{name} @ entries"


@pytest.mark.parametrize("name", FAMILIES)
def test_the_next_page_of_a_list(name: str) -> None:
    path = FAMILIES[name].next_path
    assert _listing(name).next_url == (HOST + path if path else None), f"{name} @ next"


@pytest.mark.parametrize("name", FAMILIES)
def test_generic_lists_the_same(name: str) -> None:
    family = FAMILIES[name]
    page = _page(family.list_url, family.listing)
    assert generic.read_listing(page).entries == _listing(name).entries, f"{name} @ entries"


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_no_family_claims_the_pages_of_another(platform: object) -> None:
    for name, family in FAMILIES.items():
        page = _page(family.url, family.article)
        sure = platform.recognise(page)  # type: ignore[attr-defined]
        assert 0 <= sure <= 1
        if sure >= 0.5:
            assert platform.name == family.extractor, name  # type: ignore[attr-defined]
