"""Reading a page: what it is, and the article on it.

A pure function of the captured bytes and their address. A live crawl, a re-extraction from WARC
and a test call the same `read_page`, and get the same answer.
"""

from __future__ import annotations

from archive.schema import PageKind, Reading
from crawler.page import Page
from crawler.page_kinds import says_not_found
from crawler.platforms import PLATFORMS, generic

name = "reading"
version = "1"

_SURE = 0.5


def read_page(page: Page) -> Reading:
    """What one captured page is and, if it is an article, what it says.

    Never raises, whatever the bytes are, and takes time in proportion to their number.
    """
    if page.status in (404, 410):
        return _plain(PageKind.MISSING, f"status-{page.status}")
    if not page.body.strip():
        return _plain(PageKind.OTHER, "empty")
    if not page.is_html:
        return _plain(PageKind.ASSET)
    if page.status != 200:
        return _plain(PageKind.OTHER, f"status-{page.status}")
    reading = _by_platform(page)
    if reading.article is None and says_not_found(page.blocks):
        return _plain(PageKind.MISSING, "says-not-found")
    return reading


def _by_platform(page: Page) -> Reading:
    ranked = sorted(
        ((platform.recognise(page), at, platform) for at, platform in enumerate(PLATFORMS)),
        key=lambda entry: (-entry[0], entry[1]),
    )
    for sureness, _, platform in ranked:
        if sureness >= _SURE:
            reading = platform.read_article(page)
            if reading is not None:
                return reading
    return generic.read_article(page)


def _plain(kind: PageKind, *notes: str) -> Reading:
    return Reading(kind, name, version, notes=notes)
