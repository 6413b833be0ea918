"""Reading the pages of one portal: its extractor, and how it says "no such page"."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from archive.schema import PageKind, Reading
from crawler.challenges import BARRIER, recognise
from crawler.extraction.page import Page

_DIGITS = re.compile(r"\d+")
_IMPOSSIBLE = re.compile(r"/trang-khong-ton-tai-[0-9a-f]{12}$")
IMPOSSIBLE_LIKE = "%/trang-khong-ton-tai-____________"  # the same for SQL, and perhaps more


def is_impossible(url: str) -> bool:
    """Whether this is an address that no portal has, asked for to learn how it says so; also of a
    portal whose home page was another at that time."""
    return _IMPOSSIBLE.search(url) is not None


class PageReader:
    """Reads pages of one portal, in a live crawl and from stored bytes alike.

    Many portals answer 200 for a page that does not exist. What they answer is learned by asking
    for ``impossible_address``; pages that say the same are MISSING.
    """

    def __init__(self, home: str, read: Callable[[Page], Reading]) -> None:
        """``home`` is the portal's home page; ``read`` a pure function of a page."""
        token = hashlib.sha256(home.encode()).hexdigest()[:12]
        self.impossible_address = f"{home.rstrip('/')}/trang-khong-ton-tai-{token}"
        self._read = read
        self._missing: str | None = None

    def learn_missing(self, page: Page) -> None:
        """``page`` is the answer for ``impossible_address``. A true error status teaches nothing:
        then the status will tell for every other page too; a firewall's page says nothing."""
        told = page.status == 200 and recognise(page) is None
        self._missing = fingerprint(page) if told else None

    @property
    def missing_page(self) -> str:
        """Fingerprint of what this portal answers with status 200 for a page that does not exist;
        empty while it is not known, and where it tells by status. It may be set to what was learned
        before."""
        return self._missing or ""

    @missing_page.setter
    def missing_page(self, fingerprint: str) -> None:
        self._missing = fingerprint or None

    def read(self, page: Page) -> Reading:
        """What a page is and says, given what this portal answers for a missing one. A page that
        stands before the portal's (crawler.challenges) is neither an article nor missing."""
        barrier = recognise(page)
        if barrier is not None:
            return Reading(PageKind.OTHER, BARRIER, "1", notes=(str(barrier),))
        if self._missing is not None and fingerprint(page) == self._missing:
            return Reading(PageKind.MISSING, "missing", "1", notes=("same-as-impossible-page",))
        return self._read(page)


def fingerprint(page: Page) -> str:
    """The visible text without digits, so that counters and clocks make no difference."""
    text = "".join(str(piece) for piece in page.tree.itertext()) if page.is_html else ""
    words = " ".join(_DIGITS.sub("", text).split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
