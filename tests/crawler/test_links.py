"""Which addresses a page leads to."""

import time

import pytest
from lxml import html

from crawler.links import find_links, is_page_address, resolve, stylesheet_references

BASE = "http://a.gov.vn/tin/muc.aspx"


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("bai.aspx?ID=1", "http://a.gov.vn/tin/bai.aspx?ID=1"),
        ("/x y.pdf", "http://a.gov.vn/x%20y.pdf"),
        ("//b.gov.vn/c", "http://b.gov.vn/c"),
        ("\n /tin\t-moi ", "http://a.gov.vn/tin-moi"),
        ("..\\anh\\1.jpg", "http://a.gov.vn/anh/1.jpg"),
        ("?page=2", "http://a.gov.vn/tin/muc.aspx?page=2"),
        ("/web/20180330081814/http://c.gov.vn/d", "http://c.gov.vn/d"),
        ("/web/20180330081814im_/http/c.gov.vn/d.png", "http://c.gov.vn/d.png"),
        ("/web/trang-chu/tin-tuc/bai.html", "http://a.gov.vn/web/trang-chu/tin-tuc/bai.html"),
        ("#dau", None),
        ("", None),
        ("javascript:__doPostBack('x','')", None),
        ("mailto:ubnd@a.gov.vn", None),
        ("tel:0237", None),
        ("file:///C:/Users/anh.jpg", None),
        ("data:image/png;base64,AA", None),
        ("http://[::1", None),
        ("/" + "x" * 3000, None),
    ],
)
def test_resolve(reference: str, address: str | None) -> None:
    assert resolve(BASE, reference) == address


@pytest.mark.parametrize(
    "address",
    [
        "http://a.gov.vn/vi/tin/en/vi/tin",
        "http://a.gov.vn/x/x/x",
        "http://a.gov.vn/" + "/".join(f"m{n}" for n in range(30)),
        "http://a.gov.vn/_layouts/Authenticate.aspx?Source=%2F",
        "http://a.gov.vn/vi/news/print/tin/bai-1.html",
        "http://a.gov.vn/bai?tmpl=component&print=1",
    ],
)
def test_traps_and_dialogues_are_not_pages(address: str) -> None:
    assert not is_page_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://a.gov.vn/vi/tin-tuc/tin-tuc/bai",
        "http://a.gov.vn/in-an-pham/bai-1",
        "http://a.gov.vn/lich-su-hinh-thanh",
        "http://a.gov.vn/printing-house.html",
    ],
)
def test_ordinary_addresses_are_pages(address: str) -> None:
    assert is_page_address(address)


def test_links_are_sorted_by_what_they_lead_to() -> None:
    root = html.document_fromstring(
        """<html><head><base href="http://a.gov.vn/goc/"><link rel="stylesheet" href="/s.css">
        <meta http-equiv="Refresh" content="3;URL=/moi"></head>
        <body background="nen.gif"><a href="bai-1">1</a><a href="bai-1">lại</a><a href="/v/a.PDF">vb</a>
        <map><area href="/ban-do"></map><iframe src="/lich"></iframe><img src="anh.jpg">
        <div style="background: url('/bg.png')"></div><a>không</a><!-- <a href="/x"> --></body></html>"""
    )
    links = find_links(root, BASE)
    assert links.pages == (
        "http://a.gov.vn/moi",
        "http://a.gov.vn/goc/bai-1",
        "http://a.gov.vn/ban-do",
        "http://a.gov.vn/lich",
    )
    assert links.files == ("http://a.gov.vn/v/a.PDF",)
    assert links.requisites == (
        "http://a.gov.vn/s.css",
        "http://a.gov.vn/goc/nen.gif",
        "http://a.gov.vn/goc/anh.jpg",
        "http://a.gov.vn/bg.png",
    )


@pytest.mark.parametrize(
    "css",
    [
        "url(" * 500_000,
        "url('" * 400_000,
        "url(a)" * 300_000,
        ("url(" + "a" * 1990 + " ") * 1000,
        "url(" + " " * 2_000_000,
        "@import " * 250_000,
    ],
    ids=lambda css: css[:8],
)
def test_a_hostile_style_sheet_costs_little(css: str) -> None:
    began = time.process_time()
    assert len(stylesheet_references(css, BASE)) <= 2
    assert time.process_time() - began < 5  # a tenth of it, where nothing backtracks


def test_of_a_page_with_more_links_than_any_should_have_the_first_are_taken() -> None:
    root = html.document_fromstring("".join(f'<a href="/{n}">x</a>' for n in range(30_000)))
    assert len(find_links(root, BASE).pages) == 20_000


def test_style_sheet_references() -> None:
    css = """@import "b.css"; a{background:url( 'i/x.png' )} b{background:url(data:image/gif;base64,R0)}"""
    assert stylesheet_references(css, "http://a.gov.vn/css/a.css") == (
        "http://a.gov.vn/css/b.css",
        "http://a.gov.vn/css/i/x.png",
    )
