"""Whatever the bytes are, reading ends soon and with an answer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markup import SKINS, address
from stories import STORIES

from archive.schema import PageKind
from crawler.extraction.page import MAX_MARKUP_CHARS, Page
from crawler.extraction.reading import read_page

_STORY = STORIES["irrigation"][0]
_PAGE = SKINS["nested-tables"](_STORY).encode()
_SECONDS = 20.0  # for the worst page; an honest page takes 0.01


def _read(body: bytes) -> PageKind:
    return read_page(Page.from_http(address(_STORY), 200, "text/html", body)).kind


@pytest.mark.parametrize("skin", SKINS)
def test_a_page_cut_off_anywhere_is_read(skin: str) -> None:
    body = SKINS[skin](_STORY).encode()
    kinds = {_read(body[:end]) for end in range(0, len(body), 97)}
    assert PageKind.ARTICLE in kinds  # the last cuts leave the article whole


@given(st.binary(max_size=3000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read(body: bytes) -> None:
    assert isinstance(_read(body), PageKind)


@given(
    st.lists(
        st.tuples(
            st.integers(0, len(_PAGE)),
            st.integers(0, 60),
            st.sampled_from(
                [
                    b"",
                    b"\0",
                    b"<div>",
                    b"</td>",
                    b"<table>",
                    b"<!--",
                    b"&#xD800;",
                    b"<script>",
                    b"\xff\xfe",
                ]
            ),
        ),
        max_size=25,
    )
)
@settings(max_examples=150, deadline=None)
def test_a_damaged_page_is_read(damage: list[tuple[int, int, bytes]]) -> None:
    body = _PAGE
    for at, lost, added in damage:
        body = body[:at] + added + body[at + lost :]
    assert isinstance(_read(body), PageKind)


HOSTILE = {
    "100,000 nested blocks": b"<div>" * 100_000 + b"x" + b"</div>" * 100_000,
    "100,000 nested fonts": b"<font>" * 100_000 + b"x",
    "50,000 nested tables": b"<table><tr><td>" * 50_000 + b"x",
    "30 MB of paragraphs": b"<p>Ngay 01/02/2021 va 03/04/2022 " * 900_000,
    "30 MB of links": b"<li><a href=/x>Tin tuc so mot hai ba</a> 01/02/2021</li>" * 540_000,
    "30 MB of headings": b"<h1>Tieu de bai viet</h1>" * 1_200_000,
    "30 MB of one attribute": b'<a href="' + b"x" * 30_000_000 + b'">',
    "30 MB of NUL": b"<html>" + b"\0" * 30_000_000,
    "30 MB of brackets": b"<p>" + b"[" * 30_000_000,
    "40,000 digits beside a document": b'<p><a href="/a.pdf">a.pdf</a> ' + b"1." * 20_000 + b"</p>",
    "preformatted lines": b"<pre>" + b"a \n " * 700_000,
    "centred lines": (b"<p align=center>" + b"mot " * 30 + b"<p align=left>" + b"hai " * 30)
    * 9_000,
    "30 MB of spaces": b"<p>" + b" " * 30_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_costs_seconds(name: str) -> None:
    begun = time.process_time()
    kind = _read(HOSTILE[name])
    assert kind in (PageKind.OTHER, PageKind.LISTING)
    assert time.process_time() - begun < _SECONDS


def test_nul_bytes_lose_no_text() -> None:
    body = _PAGE.replace(b"<td>", b"<td>\0")
    reading = read_page(Page.from_http(address(_STORY), 200, "text/html", body))
    assert reading.article is not None
    assert reading.article.title == _STORY.title


def test_text_below_unclosed_fonts_is_not_lost() -> None:
    """Deeper than the parser goes: Word leaves a font open in every paragraph."""
    opened = "<font><span>" * 3000
    body = f"<body>{opened}<h1>{_STORY.title}</h1><p>{_STORY.date_line}</p><p>{_STORY.lead}</p>".encode()
    reading = read_page(Page.from_http(address(_STORY), 200, "text/html; charset=utf-8", body))
    assert reading.article is not None
    assert _STORY.lead in reading.article.summary + reading.article.body_text


def test_an_article_in_unclosed_boxes_is_read() -> None:
    paragraphs = [
        f"Đoạn thứ {n} của một văn bản dài, mỗi đoạn nằm trong một khung không đóng."
        for n in range(900)
    ]
    body = f"<h1>{_STORY.title}</h1><p>{_STORY.date_line}</p>" + "".join(
        f"<div>{p}" for p in paragraphs
    )
    reading = read_page(
        Page.from_http(address(_STORY), 200, "text/html; charset=utf-8", body.encode())
    )
    assert reading.article is not None
    assert reading.article.body_text.endswith(paragraphs[-1])


def test_what_lies_beyond_the_limit_is_said_to_be_cut() -> None:
    padding = "<p>" + "đệm " * 10 + "</p>"
    page = SKINS["web"](_STORY).replace("</body>", "") + padding * (MAX_MARKUP_CHARS // 40)
    reading = read_page(Page.from_http(address(_STORY), 200, "text/html", page.encode()))
    assert reading.article is not None
    assert reading.article.title == _STORY.title
    assert "markup-cut" in reading.notes


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "http://",
        "http://[bad",
        "http://h.vn:99999/x",
        "http://h.vn/%ff%zz",
        "ftp://h/x",
    ],
)
def test_an_odd_address_is_read(url: str) -> None:
    reading = read_page(Page.from_http(url, 200, "text/html; charset=utf-8", _PAGE))
    assert reading.article is not None
    assert reading.article.title == _STORY.title


def test_same_bytes_same_article() -> None:
    pages = [Page.from_http(address(_STORY), 200, "text/html; charset=utf-8", _PAGE) for _ in "ab"]
    assert read_page(pages[0]) == read_page(pages[1])
