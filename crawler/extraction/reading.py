"""Reading a page: what it is, the article on it, and what it lists.

A pure function of the captured bytes and their address. A live crawl, a re-extraction from WARC
and a test call the same `read_page`, and get the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.schema import PageKind, Reading
from crawler.extraction.listings import Listing
from crawler.extraction.page import Page
from crawler.extraction.page_kinds import says_not_found
from crawler.platforms import PLATFORMS, Platform, generic

name = "reading"
version = "2"

_SURE = 0.5
_CERTAIN = 0.9  # no other platform needs to be asked


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


def read_listing(page: Page) -> Listing:
    """What one captured page lists, with the dates printed there, and its next page. Never raises;
    empty where the page is no HTML page or lists nothing."""
    if page.status != 200 or not page.is_html:
        return Listing(())
    return next(_recognised(page), generic).read_listing(page)


def _by_platform(page: Page) -> Reading:
    for platform in _recognised(page):
        reading = platform.read_article(page)
        if reading is not None:
            return reading
    return generic.read_article(page)


def _recognised(page: Page) -> Iterator[Platform]:
    """The platforms that may have made the page, the likeliest first."""
    likely: list[tuple[float, Platform]] = []
    for platform in PLATFORMS:
        sureness = platform.recognise(page)
        if sureness >= _CERTAIN:
            yield platform
        elif sureness >= _SURE:
            likely.append((sureness, platform))
    likely.sort(key=lambda entry: -entry[0])
    yield from (platform for _, platform in likely)


def _plain(kind: PageKind, *notes: str) -> Reading:
    return Reading(kind, name, version, notes=notes)
