"""Portals that print ``[ Cập nhật vào ngày (22/01/2021) ] - [ Số lần xem: 679 ]`` below the title.

Seen on vithuy.haugiang.gov.vn as text only; vendor and markup are unknown. Above the title stands
the section, below the date line the lead paragraph, after the text "Các ý kiến của bạn đọc". The
one date is printed as an update; it is all there is, so it is the date of the article.
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.platforms.generic import read_by_evidence

name = "cap-nhat"
version = "3"

_READER = Reader(name, version)
_PRINTED = re.compile(r"\[\s?Cập nhật vào ngày \(\d{1,2}/\d{1,2}/\d{4}\)\s?\]", re.IGNORECASE)
# The same where letters may be written as entities or in parts.
_IN_MARKUP = re.compile(r"\[[^\[\]]{2,120}\(\s?\d{1,2}/\d{1,2}/\d{4}\s?\)")


def recognise(page: Page) -> float:
    """By the printed date line."""
    if not _IN_MARKUP.search(page.text):
        return 0.0
    for item in page.blocks.items:
        if len(item.text) < 240 and "[" in item.text and _PRINTED.search(item.text):
            return 0.8
    return 0.0


def read_article(page: Page) -> Reading | None:
    """The article, read by its printed text."""
    return read_by_evidence(page, _READER, lead_is_summary=True)


def read_listing(page: Page) -> Listing:
    """The entries of a section."""
    return find_entries(page)
