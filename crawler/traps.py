"""When a part of a portal leads nowhere.

Some links never end: calendars, sorted views, session ids, a "next page" behind the last one. They
have in common that page after page of one shape of address leads to nothing but more of the same.
Such a shape is given up by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

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
    return shape_of_key(url_key(address))


def shape_of_key(key: str) -> str:
    """`shape` of the address with this URL key."""
    return _CHANGING.sub("0", key)


class Traps:
    """The shapes of addresses of one portal that were given up, ``known`` ones from the beginning:
    shape -> an address that showed it."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self.given_up: dict[str, str] = dict(known or {})
        self._fruitless: Counter[str] = Counter()

    def holds(self, shape: str) -> bool:
        """Whether addresses of this shape are not asked for any more."""
        return shape in self.given_up

    def note(self, address: str, taken: Iterable[str], *, is_article: bool) -> bool:
        """Tells what a page led to: ``taken`` are the addresses of pages found there that will be
        asked for and would not have been otherwise. True if its shape is now given up."""
        own = shape(address)
        if is_article or any(shape(other) != own for other in taken):
            self._fruitless[own] = 0
            return False
        self._fruitless[own] += 1
        if self._fruitless[own] < _PATIENCE or own in self.given_up:
            return False
        self.given_up[own] = address
        return True
