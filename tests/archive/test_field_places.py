"""Each field of a version is found in the page that it was read from, at the bytes that are told."""

from __future__ import annotations

import unicodedata
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.field_places import FieldPlace, field_places
from archive.page_text import page_text
from archive.schema import Article, Attachment, Image
from archive.vietnamese import normalise

URL = "https://thoxuan.example/tin/1"
PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8">
<title>Họp bàn thủy lợi - Thọ Xuân</title>
<meta name="author" content="Phòng Nông nghiệp">
<script>var t = "Họp bàn thủy lợi";</script></head>
<body><ul class="menu"><li><a href="/">Họp bàn thủy lợi</a> và hơn nữa</li></ul>
<!-- <h1>Họp bàn thủy lợi</h1> -->
<div class="ten"><h1 id="t">Họp bàn
   thủy&nbsp;lợi</h1></div><p class="ngay">Ngày <b>14/01</b>/2021</p>
<div class="noi-dung"><p>Sáng nay, xã h&#7885;p.</p>
<table><tr><td>Trạm</td><td>Công suất</td></tr></table>
<p><img alt="a > b" src="/anh/kenh.jpg"><i>Kênh chính</i></p>
<p>Chiều, xã đi <b>th</b>ăm.</p></div>
<a href='../tep/kh.pdf'>Kế hoạch</a></body></html>"""
ARTICLE = Article(
    url=URL,
    title="Họp bàn thủy lợi",
    body_text="Sáng nay, xã họp.\nTrạm | Công suất\nChiều, xã đi thăm.",
    author="Phòng Nông nghiệp",
    published_raw="Ngày 14/01/2021",
    images=(Image("https://thoxuan.example/anh/kenh.jpg", "Kênh chính"),),
    attachments=(Attachment("https://thoxuan.example/tep/kh.pdf", "Kế hoạch"),),
)


def places(body: bytes, content_type: str = "text/html") -> dict[str, FieldPlace]:
    return {place.field: place for place in field_places(body, content_type, URL, ARTICLE)}


def said(body: bytes, place: FieldPlace, charset: str = "utf-8") -> str:
    return body[place.start : place.end].decode(charset)


def test_each_field_is_told_with_its_bytes_and_its_element() -> None:
    body = PAGE.encode()
    found = places(body)
    assert all(place.found for place in found.values()), found
    assert {
        name: (said(body, place), place.element)
        for name, place in found.items()
        if name != "body_text"
    } == {
        "title": ("Họp bàn\n   thủy&nbsp;lợi", "h1#t"),
        "author": ('<meta name="author" content="Phòng Nông nghiệp">', "meta"),
        "published_raw": ("Ngày <b>14/01</b>/2021", "p.ngay"),
        "image 1": ('<img alt="a > b" src="/anh/kenh.jpg">', "img"),
        "image 1 caption": ("Kênh chính", "i"),
        "attachment 1": ("<a href='../tep/kh.pdf'>", "a"),
        "attachment 1 label": ("Kế hoạch", "a"),
    }
    assert found["title"].places == 4  # not the one in the comment


def test_a_body_is_told_as_a_whole_and_in_how_many_pieces_it_stands() -> None:
    body = PAGE.encode()
    place = places(body)["body_text"]
    assert (place.element, place.paragraphs, place.runs) == ("div.noi-dung", (3, 3), 2)
    assert said(body, place).startswith("Sáng nay")
    assert said(body, place).endswith("<b>th</b>ăm.")


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", unicodedata.normalize("NFD", PAGE)),
        ("utf-8", "\ufeff" + PAGE),
        ("utf-16", PAGE.replace('<meta charset="utf-8">', "")),
    ],
    ids=["decomposed", "byte order mark", "utf-16"],
)
def test_places_are_those_of_the_bytes_whatever_the_encoding(charset: str, text: str) -> None:
    body = text.encode(charset)
    found = places(body)
    assert all(place.found for place in found.values()), found
    title = said(body, found["title"], "utf-16-le" if charset == "utf-16" else charset)
    assert unicodedata.normalize("NFC", title) == "Họp bàn\n   thủy&nbsp;lợi"


def test_an_encoding_of_one_byte_a_letter() -> None:
    article = Article(URL, title="Tin vắn: café", body_text="Sản lượng")
    printed = "Tin vă\u0301n: café".encode("cp1258")
    body = b"<h1>" + printed + b"</h1>"
    title, text = field_places(body, "text/html; charset=windows-1258", URL, article)
    assert body[title.start : title.end] == printed
    assert text.paragraphs == (0, 1)


def test_what_is_not_in_the_page_is_told_as_such() -> None:
    found = places(PAGE.replace("Chiều, xã đi", "Tối, xã đi").encode())
    assert not found["body_text"].found
    assert found["body_text"].paragraphs == (2, 3)
    assert places(b"<h1>Khac</h1>")["title"] == FieldPlace("title")
    assert not any(place.found for place in places(b"").values())


@given(st.text(st.sampled_from("<>!-/\"'= aạ&#;pscriptlex\u0323\u200b\n"), max_size=60))
def test_any_source_is_cut_without_error_and_places_are_in_order(source: str) -> None:
    page = page_text(source)
    assert len(page.key) == len(page.starts) == len(page.ends) == len(page.owners)
    assert list(page.starts) == sorted(page.starts)
    for start, end in zip(page.starts, page.ends, strict=True):
        assert 0 <= start < end <= len(source)
    for element in page.elements:
        assert 0 <= element.first <= element.last <= len(page.key)


@given(st.text(max_size=40))
def test_a_text_that_was_printed_is_found_where_it_was_printed(text: str) -> None:
    """As the stored form of that text."""
    title = normalise(text)
    body = f"<p>{escape(text)}</p>".encode("utf-8", "ignore")
    found = field_places(body, "", URL, Article(URL, title=title))
    if title:
        assert [place.found for place in found] == [True]


_HOSTILE = {
    "open tags": "<b>" * 200_000,
    "quotes": "<a " + '"' * 400_001,
    "quotes in many tags": "<a '\"" * 100_000,
    "attributes without a value": "<a " + "b " * 300_000 + ">",
    "one long name": "<" + "a" * 600_000,
    "comments that do not end": "<!--" * 150_000,
    "references": "&" * 300_000 + "&#" * 100_000,
    "marks": "a" + "\u0323" * 300_000,
    "ends without a beginning": "<i>" * 1_000 + "</b>" * 100_000,
    "the same text everywhere": "Họp bàn thủy lợi " * 30_000,
}


@pytest.mark.parametrize("source", _HOSTILE.values(), ids=_HOSTILE)
def test_a_hostile_page_is_cut_in_time_that_grows_with_its_length(source: str) -> None:
    assert set(places(source.encode())) == set(places(PAGE.encode()))
