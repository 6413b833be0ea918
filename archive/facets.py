"""What was found, counted by portal, province, year, category, author and attachments.

Counts are of texts, as in the list of hits: an article that three portals printed counts once in all,
and once for each of the portals. Of a very large result a part is counted, and said so.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import nsmallest

from archive.query import Query
from archive.search import COUNT_CAP, Match, matching, with_files
from archive.timestamps import utc_now

_MOST_VALUES = 12  # of one facet; the others can be reached by typing
_MOST_YEARS = 40


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: what to filter by, how it is called, how many texts."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the histogram: the period (``2021``, ``2021-06`` or ``2021-06-30``) and its texts."""

    period: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """``partial``: counted over the 10,000 articles archived last only, so each count is a lower
    bound. The values of a facet are its twelve most frequent,
    forty of the years."""

    sites: tuple[Value, ...]
    provinces: tuple[Value, ...]
    years: tuple[Value, ...]
    categories: tuple[Value, ...]
    authors: tuple[Value, ...]
    with_files: int
    bars: tuple[Bar, ...]
    undated: int
    partial: bool

    @property
    def highest(self) -> int:
        return max((bar.count for bar in self.bars), default=1)


def facets(connection: sqlite3.Connection, query: Query) -> Facets:
    """Of all that the query matches (`Results.query`: narrowed)."""
    found = matching(connection, query, COUNT_CAP + 1)
    partial = len(found) > COUNT_CAP
    found = found[:COUNT_CAP]
    names, provinces = {}, {}
    for slug, name, province in connection.execute("SELECT slug, name, province FROM site"):
        names[slug], provinces[slug] = name, province
    files = with_files(connection, query, found)
    texts = _Found.of(found)

    def province_of(match: Match) -> tuple[str, ...]:
        name = provinces.get(match.site)
        return (name,) if name else ()

    return Facets(
        sites=_values(_counts(texts, lambda match: (match.site,)), names),
        provinces=_values(_counts(texts, province_of), {}),
        years=_values(_counts(texts, lambda match: _beginning(match, 4)), {}, _MOST_YEARS),
        categories=_values(_counts(texts, lambda match: match.categories), {}),
        authors=_values(_counts(texts, lambda match: (match.author,) if match.author else ()), {}),
        with_files=len({match.group for match in found if match.version_id in files}),
        bars=_bars(texts),
        undated=len({match.group for match in found if match.published_at is None}),
        partial=partial,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What is counted: articles whose text no other has, and those that share theirs."""

    single: list[Match]
    shared: list[Match]

    @classmethod
    def of(cls, found: list[Match]) -> _Found:
        copies = Counter(match.group for match in found)
        return cls(
            [match for match in found if copies[match.group] == 1],
            [match for match in found if copies[match.group] > 1],
        )


def _counts(found: _Found, values_of: Callable[[Match], Iterable[str]]) -> Counter[str]:
    """Texts by value. A text counts once for each value."""
    counted = Counter(value for match in found.single for value in values_of(match))
    told = {(value, match.group) for match in found.shared for value in values_of(match)}
    counted.update(value for value, _ in told)
    return counted


def _values(
    counted: Counter[str], labels: dict[str, str], most: int = _MOST_VALUES
) -> tuple[Value, ...]:
    first = nsmallest(
        most, counted, key=lambda value: (-counted[value], labels.get(value) or value)
    )
    return tuple(Value(value, labels.get(value) or value, counted[value]) for value in first)


def _bars(texts: _Found) -> tuple[Bar, ...]:
    """Years, or months where all is within two years, or days within one month; without gaps."""
    days = [
        match.published_at[:10]
        for match in (*texts.single, *texts.shared)
        if match.published_at is not None
    ]
    if not days:
        return ()
    first, last = min(days), max(days)
    if first[:7] == last[:7]:
        periods = [f"{first[:8]}{day:02}" for day in range(int(first[8:]), int(last[8:]) + 1)]
    elif int(last[:4]) - int(first[:4]) <= 1:
        months = range(_month(first), _month(last) + 1)
        periods = [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
    else:
        # A portal that prints a nonsense year must not make a thousand bars.
        latest = min(int(last[:4]), utc_now().year + 1)
        earliest = max(int(first[:4]), latest - 40)
        periods = [f"{year:04}" for year in range(earliest, latest + 1)]
    counted = _counts(texts, lambda match: _beginning(match, len(periods[0])))
    return tuple(Bar(period, counted[period]) for period in periods)


def _beginning(match: Match, length: int) -> tuple[str, ...]:
    return () if match.published_at is None else (match.published_at[:length],)


def _month(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1
