"""What was found, counted by portal, province, year, category, author and attachments.

Of up to 3,000 articles each is looked at, and texts are counted as in the list of hits: one that three
portals printed counts once in all, and once for each of the portals. Of more, each copy is counted, by
the sets of archive.word_sets; categories and authors, of which there are too many for that, in the 3,000
articles archived last.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from typing import NamedTuple

from pyroaring import FrozenBitMap

from archive.database import one_state
from archive.index_text import key
from archive.matches import Matches
from archive.query import Query
from archive.search import MOST_FOLDED
from archive.strictness import Level
from archive.timestamps import utc_now
from archive.word_sets import WordSets, years_of

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
    """``partial``: categories and authors were counted in the 3,000 articles archived last only, so
    each of their counts is a lower bound. The values of a facet are its twelve most frequent, forty
    of the years."""

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
    """Of all that the query matches (`Results.query`: narrowed). Raises ArchiveError where the index
    is damaged."""
    with one_state(connection):
        return _facets(connection, query)


def _facets(connection: sqlite3.Connection, query: Query) -> Facets:
    matches = Matches(connection, query)
    versions = matches.versions(Level.FOLDED) if query.searchable else FrozenBitMap()
    sets = matches.sets
    names, provinces = {}, {}
    for slug, name, province in connection.execute("SELECT slug, name, province FROM site"):
        names[slug], provinces[slug] = name, province
    partial = len(versions) > MOST_FOLDED
    if partial:
        counts = _by_sets(connection, versions, sets, provinces)
    else:
        counts = _by_rows(_Found.of(_rows(connection, versions), sets), provinces)
    return Facets(
        sites=_values(counts.sites, names),
        provinces=_values(counts.provinces, {}),
        years=_values(counts.years, {}, _MOST_YEARS),
        categories=_values(counts.categories, {}),
        authors=_values(counts.authors, {}),
        with_files=counts.with_files,
        bars=_bars(counts.days),
        undated=counts.undated,
        partial=partial,
    )


class _Row(NamedTuple):
    """One article that matches. ``group``: the same for all that hold one text; ``category`` is a
    JSON list."""

    version_id: int
    group: int
    site: str
    published_at: str | None
    category: str
    author: str


@lru_cache(maxsize=4096)
def _list(category: str) -> tuple[str, ...]:
    return tuple(json.loads(category))


def _rows(connection: sqlite3.Connection, versions: FrozenBitMap) -> list[_Row]:
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        "SELECT v.id, coalesce(a.duplicate_of, a.id), a.site, v.published_at, v.category, v.author "
        "FROM json_each(?) CROSS JOIN article a ON a.version_id = value "
        "CROSS JOIN version v INDEXED BY version_facets ON v.id = a.version_id",
        (json.dumps(list(versions)),),
    )
    return list(map(_Row._make, rows))


@dataclass(frozen=True, slots=True)
class _Found:
    """What is counted row by row: articles whose text no other has, and those that share theirs."""

    single: list[_Row]
    shared: list[_Row]
    files: FrozenBitMap

    @classmethod
    def of(cls, found: list[_Row], sets: WordSets) -> _Found:
        copies = Counter(row.group for row in found)
        return cls(
            [row for row in found if copies[row.group] == 1],
            [row for row in found if copies[row.group] > 1],
            sets.having(key("files")),
        )

    def texts(self, which: Callable[[_Row], bool]) -> int:
        return len({row.group for row in (*self.single, *self.shared) if which(row)})


@dataclass(frozen=True, slots=True)
class _Counts:
    """``days``: by day, month or year, whichever the histogram needs."""

    sites: Counter[str]
    provinces: Counter[str]
    years: Counter[str]
    days: Counter[str]
    categories: Counter[str]
    authors: Counter[str]
    with_files: int
    undated: int


def _by_rows(texts: _Found, provinces: dict[str, str]) -> _Counts:
    dated = [row.published_at for row in (*texts.single, *texts.shared) if row.published_at]
    length = _length(min(dated), max(dated)) if dated else 4

    def of_date(length: int) -> Counter[str]:
        return _counts(texts, lambda row: (row.published_at[:length],) if row.published_at else ())

    return _Counts(
        sites=_counts(texts, lambda row: (row.site,)),
        provinces=_counts(
            texts, lambda row: (provinces[row.site],) if provinces.get(row.site) else ()
        ),
        years=of_date(4),
        days=of_date(length),
        categories=_counts(texts, lambda row: _list(row.category)),
        authors=_counts(texts, lambda row: (row.author,) if row.author else ()),
        with_files=texts.texts(lambda row: row.version_id in texts.files),
        undated=texts.texts(lambda row: row.published_at is None),
    )


def _by_sets(
    connection: sqlite3.Connection,
    versions: FrozenBitMap,
    sets: WordSets,
    provinces: dict[str, str],
) -> _Counts:
    def counted(kind: str, values: Iterable[str]) -> Counter[str]:
        found = {
            value: versions.intersection_cardinality(sets.having(key(kind, value)))
            for value in values
        }
        return Counter({value: count for value, count in found.items() if count})

    sites, years = counted("site", provinces), counted("year", years_of(sets))
    days = years
    if years and _length(min(years), max(years)) > 4:
        days = counted("month", (f"{year}-{month:02}" for year in years for month in range(1, 13)))
    categories, authors = _bylines(connection, versions[-MOST_FOLDED:])
    in_provinces: Counter[str] = Counter()
    for site, count in sites.items():
        if provinces[site]:
            in_provinces[provinces[site]] += count
    return _Counts(
        sites=sites,
        provinces=in_provinces,
        years=years,
        days=days,
        categories=categories,
        authors=authors,
        with_files=versions.intersection_cardinality(sets.having(key("files"))),
        undated=versions.intersection_cardinality(sets.having(key("undated"))),
    )


def _bylines(
    connection: sqlite3.Connection, versions: FrozenBitMap
) -> tuple[Counter[str], Counter[str]]:
    """Categories and authors of these versions."""
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples are counted three times as fast
    rows = cursor.execute(
        "SELECT v.category, v.author FROM json_each(?) "
        "CROSS JOIN version v INDEXED BY version_facets ON v.id = value",
        (json.dumps(list(versions)),),
    )
    categories: Counter[str] = Counter()
    authors: Counter[str] = Counter()
    for (category, author), count in Counter(rows).items():
        for name in set(_list(category)):
            categories[name] += count
        if author:
            authors[author] += count
    return categories, authors


def _counts(found: _Found, values_of: Callable[[_Row], Iterable[str]]) -> Counter[str]:
    """Texts by value. A text counts once for each value."""
    counted = Counter(value for row in found.single for value in values_of(row))
    told = {(value, row.group) for row in found.shared for value in values_of(row)}
    counted.update(value for value, _ in told)
    return counted


def _values(
    counted: Counter[str], labels: dict[str, str], most: int = _MOST_VALUES
) -> tuple[Value, ...]:
    first = nsmallest(
        most, counted, key=lambda value: (-counted[value], labels.get(value) or value)
    )
    return tuple(Value(value, labels.get(value) or value, counted[value]) for value in first)


def _length(first: str, last: str) -> int:
    """How much of a date the histogram shows: years, or months where all is within two years, or days
    within one month."""
    if len(first) > 7 and first[:7] == last[:7]:
        return 10
    return 7 if int(last[:4]) - int(first[:4]) <= 1 else 4


def _bars(counted: Counter[str]) -> tuple[Bar, ...]:
    """Without gaps."""
    if not counted:
        return ()
    first, last = min(counted), max(counted)
    if len(first) == 10:
        periods = [f"{first[:8]}{day:02}" for day in range(int(first[8:]), int(last[8:]) + 1)]
    elif len(first) == 7:
        months = range(_month(first), _month(last) + 1)
        periods = [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
    else:
        # A portal that prints a nonsense year must not make a thousand bars.
        latest = min(int(last), utc_now().year + 1)
        earliest = max(int(first), latest - 40)
        periods = [f"{year:04}" for year in range(earliest, latest + 1)]
    return tuple(Bar(period, counted[period]) for period in periods)


def _month(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1
