"""The Tân Dân portal on SharePoint (Thanh Hóa, Nam Định, Điện Biên, Ninh Thuận …).

Title ``.tandan-p-article-news-title``, lead ``p.tandan-p-article-news-summary``, date
``.tandan-span-date-publish`` ("Đăng ngày …"), text ``div.ms-rtestate-field`` or, on the skin of Nam
Định, ``#art-content``; a newer generation (dbndthanhhoa) has ``div.article-content``. The element
``p.tandan-p-article-main`` seems to hold the text but does not: a parser closes it before the
``div``. Its name is therefore not used (seen on quangxuong.thanhhoa.gov.vn). Lists have boxes of
``.channel-news-title``; further pages are ``?PageIndex=N``.
"""

from __future__ import annotations

import re

from archive.schema import PageKind, Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.blocks import elements_named, innermost_around
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.templates import Template, read_by_template
from crawler.extraction.walk import read_blocks
from crawler.platforms.generic import read_by_evidence

name = "tandan"
version = "3"

_READER = Reader(name, version)
_VENDOR = "tandan-"  # of its class names, and of its own address
_MARKUP = ("tandan-p-", "tandan-span-", "tandan-div-")
_ARTICLE_ADDRESS = re.compile(r"/portal/pages/\d{4}-\d{1,2}-\d{1,2}/[^/?#]+", re.IGNORECASE)
_TEMPLATE = Template(
    titles=("tandan-p-article-news-title", "tandan-title-view"),
    bodies=("ms-rtestate-field", "art-content", "tandan-content-view", "article-content"),
    dates=("tandan-span-date-publish", "tandan-date-view"),
    summaries=("tandan-p-article-news-summary", "summary-news"),
)
_HEADLINES = ("channel-news-title", "tandan-p-article-news-title", "title-news")


def recognise(page: Page) -> float:
    """By the vendor's class names, or by the shape of an article's address."""
    if page.mentions(_VENDOR) and page.mentions(*_MARKUP):
        return 0.9
    return 0.6 if _ARTICLE_ADDRESS.search(page.url) else 0.0


def read_article(page: Page) -> Reading | None:
    """The article. Without the anchors of the template the page is read by evidence; an address
    of an article that gives none is UNREADABLE."""
    headings = elements_named(page.tree, _TEMPLATE.titles)
    heading = next((e for e in headings if next(e.iter("a"), None) is None), None)
    frame = None
    if heading is not None:
        frame = innermost_around(heading, elements_named(page.tree, _TEMPLATE.bodies))
    blocks = page.blocks if frame is None else read_blocks(frame)
    reading = read_by_template(page, blocks, _READER, _TEMPLATE)
    if reading is None:
        reading = read_by_evidence(page, _READER)
        if reading.article is None and _ARTICLE_ADDRESS.search(page.url):
            return _READER.reading(PageKind.UNREADABLE, 0.8, "article-address")
    return reading


def read_listing(page: Page) -> Listing:
    """The entries of a section."""
    return find_entries(page, headlines=_HEADLINES, next_parameter="PageIndex")
