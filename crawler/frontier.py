"""What to ask a portal for next, and when a part of it leads nowhere.

A portal has no map of itself, so every link is followed; and some links never end: calendars, sorted
views, session ids, a "next page" behind the last one. They have in common that page after page of
one shape of address leads to nothing but more of the same. Such a shape is given up by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from archive.urls import url_key

# Pages of one shape in a row that lead to nothing new before the shape is given up. Listings of a
# portal with 50,000 articles have thousands of pages, but each leads to new articles.
_PATIENCE = 40
_CHANGING = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![a-z0-9])[0-9a-f]{16,}(?![a-z0-9])|(?<==)-?\d+|\d+",
    re.IGNORECASE,
)


def shape(address: str) -> str:
    """The address with what changes from page to page (numbers, dates, tokens) replaced by 0."""
    return _CHANGING.sub("0", url_key(address))


class Frontier:
    """Addresses of one portal: which were asked for, which shapes were given up.

    ``limit`` is the number of pages to ask for, 0 for all. Files are not counted.
    """

    def __init__(self, limit: int = 0) -> None:
        self.cut_short = False  # whether the limit kept a page from being asked for
        self._limit = limit
        self._pages = 0
        self._asked: set[str] = set()
        self._fruitless: Counter[str] = Counter()
        self._given_up: dict[str, str] = {}

    @property
    def given_up(self) -> tuple[str, ...]:
        """The last address of each shape that was given up."""
        return tuple(self._given_up.values())

    def take(self, address: str) -> bool:
        """Whether to ask for this file or starting page; true once for each address."""
        if address in self._asked:
            return False
        self._asked.add(address)
        return True

    def take_page(self, address: str) -> bool:
        """Whether to ask for this page; true once for each address."""
        if address in self._asked or shape(address) in self._given_up:
            return False
        if self._limit and self._pages >= self._limit:
            self.cut_short = True
            return False
        self._asked.add(address)
        self._pages += 1
        return True

    def fruits(self, address: str, links: Iterable[str], is_article: bool) -> None:
        """Tells what a page led to: ``links`` are its addresses of pages, asked for or not yet.
        To be called before they are taken."""
        own = shape(address)
        fruitful = is_article or any(
            link not in self._asked and shape(link) != own and shape(link) not in self._given_up
            for link in links
        )
        if fruitful:
            self._fruitless[own] = 0
            return
        self._fruitless[own] += 1
        if self._fruitless[own] >= _PATIENCE:
            self._given_up.setdefault(own, address)
