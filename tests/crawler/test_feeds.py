"""Sitemaps and feeds, also broken and hostile ones."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds import Announced, announced

URL = "http://a.gov.vn/sitemap.xml"
SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> http://a.gov.vn/bai-1.html </loc><lastmod>2023-01-01</lastmod></url>
<url><loc>/bai-2.html</loc></url></urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>http://a.gov.vn/sitemap-vi.news.xml</loc></sitemap></sitemapindex>"""
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>http://a.gov.vn/</link>
<item><title>Mot</title><link>http://a.gov.vn/bai-1.html</link><guid>http://a.gov.vn/bai-1.html</guid></item>
<item><link><![CDATA[http://a.gov.vn/bai-2.html?a=1&b=2]]></link></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="http://a.gov.vn/"/>
<entry><link rel="alternate" href="/bai-3.html"/></entry></feed>"""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (SITEMAP, Announced(pages=("http://a.gov.vn/bai-1.html", "http://a.gov.vn/bai-2.html"))),
        (INDEX, Announced(sitemaps=("http://a.gov.vn/sitemap-vi.news.xml",))),
        (
            RSS,
            Announced(pages=("http://a.gov.vn/bai-1.html", "http://a.gov.vn/bai-2.html?a=1&b=2")),
        ),
        (ATOM, Announced(pages=("http://a.gov.vn/bai-3.html",))),
        (SITEMAP[:180], Announced(pages=("http://a.gov.vn/bai-1.html",))),
        (b"<html><body><a href='/x'>x</a></body></html>", None),
        (b"", None),
        (b"\x00\xff", None),
        (b"<config><loc>http://a.gov.vn/x</loc></config>", None),
    ],
)
def test_announced(body: bytes, found: Announced | None) -> None:
    assert announced(body, URL) == found


def test_entities_are_not_expanded_and_files_not_read() -> None:
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 20) for n in range(1, 12))
    bomb = b'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY l0 "ha">' + lol
    bomb += b'<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset><url><loc>/a&l11;&f;</loc></url></urlset>'
    began = time.process_time()
    found = announced(bomb, URL)
    assert time.process_time() - began < 2
    assert "root:" not in repr(found)


def test_an_address_with_an_entity_in_it_is_left_out() -> None:
    body = b'<!DOCTYPE u [<!ENTITY a "x">]><urlset><url><loc>/&a;</loc></url>'
    body += b"<url><loc>/b?x=1&amp;y=2</loc></url></urlset>"
    assert announced(body, URL) == Announced(pages=("http://a.gov.vn/b?x=1&y=2",))


def test_of_a_file_that_is_larger_than_any_should_be_the_beginning_is_read() -> None:
    entry = b"<url><loc>/bai-%09d.html</loc><lastmod>2023-01-01T00:00:00+07:00</lastmod>%b</url>"
    entries = b"".join(entry % (number, b" " * 3000) for number in range(6000))
    found = announced(b"<urlset>" + entries, URL)
    assert found is not None
    assert 5000 < len(found.pages) < 6000
    assert all(len(page) == len("http://a.gov.vn/bai-000000000.html") for page in found.pages)


@given(st.binary(max_size=300))
def test_nothing_raises(body: bytes) -> None:
    announced(body, URL)
    announced(SITEMAP[:100] + body, URL)
