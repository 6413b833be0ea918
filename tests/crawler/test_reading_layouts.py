"""The reading holds on pages that nobody drew: hundreds of layouts, exact in every field."""

from __future__ import annotations

from functools import cache

import pytest
from layouts import TITLE, article, listing
from markup import address
from stories import STORIES

from archive.schema import Article, PageKind, Reading
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page

_ADDRESS = address(STORIES["irrigation"][0])
_PAGES = range(250)


def _read(html: str, url: str) -> Reading:
    return read_page(Page.from_http(url, 200, "text/html; charset=utf-8", html.encode()))


@cache
def _articles(*, only_a_file: bool) -> tuple[Article | None, ...]:
    return tuple(
        _read(article(number, only_a_file=only_a_file).html, _ADDRESS).article for number in _PAGES
    )


def _lines(read: Article) -> tuple[str, ...]:
    return tuple(filter(None, (read.summary, *read.body_text.split("\n"))))


@pytest.mark.parametrize("only_a_file", [False, True], ids=["text", "file"])
@pytest.mark.parametrize(
    "field",
    [
        "title",
        "published_at",
        "lines",
        "category",
        "author",
        "view_count",
        "captions",
        "attachments",
    ],
)
def test_every_layout(field: str, only_a_file: bool) -> None:
    wrong = []
    for number, read in enumerate(_articles(only_a_file=only_a_file)):
        expected = article(number, only_a_file=only_a_file)
        assert read is not None, f"layout {number} @ kind"
        got = {
            "title": (read.title, TITLE),
            "published_at": (read.published_at, expected.published_at),
            "lines": (_lines(read), expected.lines),
            "category": (read.category, expected.category),
            "author": (read.author, expected.author),
            "view_count": (read.view_count, expected.view_count),
            "captions": (tuple(i.caption for i in read.images), expected.captions),
            "attachments": (len(read.attachments), expected.attachments),
        }[field]
        if got[0] != got[1]:
            wrong.append(f"layout {number} @ {field}: {got[0]!r}")
    assert wrong == []


@pytest.mark.parametrize(
    "url", ["http://h.example.vn/nong-nghiep-nong-thon", "http://h.example.vn/list.aspx?cat=5"]
)
def test_no_list_is_an_article(url: str) -> None:
    wrong = [
        f"layout {number}: {reading.kind}"
        for number in _PAGES
        if (reading := _read(listing(number), url)).kind is not PageKind.LISTING
    ]
    assert wrong == []
