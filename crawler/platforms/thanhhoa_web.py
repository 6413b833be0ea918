"""The "/web/" platform of districts of Thanh Hóa (tpthanhhoa, camthuy …; vendor unknown).

Addresses ``/web/trang-chu/<section>/<slug>.html``, pictures ``/file/thumb/<width>/<id>.jpg`` whose
``alt`` keeps the original file name. Its markup has not been seen, its printed text has
(thoxuan, hoanghoa, 2021-2024): section, title, ``Đăng lúc: 08:35:02 14/01/2021 (GMT+7)`` with or
without time, from 2023 a text-size widget "100%", the lead paragraph, text, byline. So the page is
read by that text, and the first paragraph below the date is the lead.
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.platforms.generic import read_by_evidence

name = "thanhhoa-web"
version = "3"

_READER = Reader(name, version)
_PRINTED = re.compile(
    r"Đăng lúc\s?:\s?(?:\d\d:\d\d:\d\d\s)?\d{1,2}/\d{1,2}/\d{4}\s?\(GMT\+7\)", re.IGNORECASE
)


def recognise(page: Page) -> float:
    """By the printed date line; the address alone names listings too."""
    if not page.mentions("(GMT+7)"):
        return 0.0
    for item in page.blocks.items:
        if len(item.text) < 240 and "(GMT+7)" in item.text and _PRINTED.search(item.text):
            return 0.8
    return 0.0


def read_article(page: Page) -> Reading | None:
    """The article, read by its printed text."""
    return read_by_evidence(page, _READER, lead_is_summary=True)


def read_listing(page: Page) -> Listing:
    """The entries of a section; further pages are ``?page=N``."""
    return find_entries(page)
