"""Damage that would cost text: none is lost that stands on the page."""

from __future__ import annotations

import pytest
from stories import STORIES

from crawler.extraction.damage import parse
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page

STORY = STORIES["irrigation"][0]
TEXT = [part for part in STORY.parts if isinstance(part, str)]
ARTICLE = f"<h1>{STORY.title}</h1><p>Đăng lúc: 09/11/2021</p>" + "".join(
    f"<p>{t}</p>" for t in TEXT
)
REST = f"{ARTICLE}<div class=footer>Cơ quan chủ quản: UBND huyện Mẫu</div></body></html>"

DAMAGED = {
    "a widget that ends the document": f"<html><body><div>Thời tiết</body></html></div>{REST}",
    "a whole page within a page": f"<html><body><div><html><body>Thời tiết</body></html></div>{REST}",
    "two documents": f"<html><body>Thời tiết</body></html>\n<!DOCTYPE html><html><body>{REST}",
    "an end tag in capitals": f"<HTML><BODY><P>Thời tiết</BODY></HTML>{REST}",
    "a comment without an end": f"<html><body><!-- menu {REST}",
    "a comment that ends like an arrow": f"<html><body><!-- a --><p>a</p><!-- b ->{REST}",
    "a title without an end": f"<html><head><title>Cổng<meta charset=utf-8></head><body>{REST}",
    "a text area without an end": f"<html><body><form><textarea name=q>{REST}",
    "a frame without an end": f"<html><body><iframe src=/a.html>{REST}",
    "lists without an end": "<html><body>" + "<ul><li>" * 3000 + REST,
    "tables without an end": "<html><body>" + "<table><tr><td>" * 3000 + REST,
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_the_article_is_read(name: str) -> None:
    page = Page.from_http("http://h.example.vn/x?id=5", 200, "text/html", DAMAGED[name].encode())
    article = read_page(page).article
    assert article is not None
    assert (article.title, article.published_at) == (STORY.title, "2021-11-09")
    assert article.body_text.split("\n") == TEXT


def test_scripts_that_write_the_end_of_a_document_change_nothing() -> None:
    script = "<script>w.document.write('<html><body>in</body></html>');</script>"
    root = parse(f"<html><body>{script}{REST}")
    assert [e.text for e in root.iter("h1")] == [STORY.title]


def test_an_ordinary_page_is_left_as_it_is() -> None:
    root = parse(
        f"<html><head><title>Cổng</title></head><body><!-- menu --><iframe></iframe>{REST}"
    )
    assert [e.text for e in root.iter("title", "h1")] == ["Cổng", STORY.title]


@pytest.mark.parametrize(
    "markup", ["", " ", "<!-- nothing -->", "<!--", "<title>", "</html>", "\0"]
)
def test_no_markup_is_an_empty_page(markup: str) -> None:
    assert parse(markup) is not None
