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

from pyroaring import BitMap

from archive.database import one_state
from archive.fts import Level
from archive.index_text import key
from archive.query import Query
from archive.search import MOST_FOLDED, matching
from archive.timestamps import utc_now
from archive.word_sets import WordSets

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
    matches = matching(connection, query)
    versions = BitMap() if matches is None else matches.versions(Level.FOLDED)
    sets = WordSets(connection) if matches is None else matches.sets
    names, provinces = {}, {}
    for slug, name, province in connection.execute("SELECT slug, name, province FROM site"):
        names[slug], provinces[slug] = name, province
    partial = len(versions) > MOST_FOLDED
    looked_at = versions[-MOST_FOLDED:] if partial else versions
    texts = _Found.of(_rows(connection, looked_at), sets)
    counts = _by_sets(sets, versions, list(names)) if partial else _by_rows(texts)
    in_provinces = (
        _sums(counts.sites, provinces)
        if partial
        else _counts(texts, lambda row: (provinces[row.site],) if provinces.get(row.site) else ())
    )
    years = (
        _sums(counts.days, {day: day[:4] for day in counts.days})
        if partial
        else _counts(texts, lambda row: (row.published_at[:4],) if row.published_at else ())
    )
    return Facets(
        sites=_values(counts.sites, names),
        provinces=_values(in_provinces, {}),
        years=_values(years, {}, _MOST_YEARS),
        categories=_values(_counts(texts, lambda row: _list(row.category)), {}),
        authors=_values(_counts(texts, lambda row: (row.author,) if row.author else ()), {}),
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


def _rows(connection: sqlite3.Connection, versions: BitMap) -> list[_Row]:
    rows = connection.execute(
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
    files: BitMap

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
    """By portal, and by day, month or year, whichever the histogram needs."""

    sites: Counter[str]
    days: Counter[str]
    with_files: int
    undated: int


def _by_rows(texts: _Found) -> _Counts:
    dated = [row.published_at for row in (*texts.single, *texts.shared) if row.published_at]
    length = _length(min(dated), max(dated)) if dated else 4
    return _Counts(
        _counts(texts, lambda row: (row.site,)),
        _counts(texts, lambda row: (row.published_at[:length],) if row.published_at else ()),
        texts.texts(lambda row: row.version_id in texts.files),
        texts.texts(lambda row: row.published_at is None),
    )


def _by_sets(sets: WordSets, versions: BitMap, sites: list[str]) -> _Counts:
    def counted(kind: str, values: Iterable[str]) -> Counter[str]:
        found = {
            value: versions.intersection_cardinality(sets.having(key(kind, value)))
            for value in values
        }
        return Counter({value: count for value, count in found.items() if count})

    beginning = key("year", "")
    years = [found.removeprefix(beginning) for found in sets.keys_beginning_with(beginning)]
    days = counted("year", years)
    if days and _length(min(days), max(days)) > 4:
        days = counted("month", [f"{year}-{month:02}" for year in days for month in range(1, 13)])
    return _Counts(
        counted("site", sites),
        days,
        versions.intersection_cardinality(sets.having(key("files"))),
        versions.intersection_cardinality(sets.having(key("undated"))),
    )


def _counts(found: _Found, values_of: Callable[[_Row], Iterable[str]]) -> Counter[str]:
    """Texts by value. A text counts once for each value."""
    counted = Counter(value for row in found.single for value in values_of(row))
    told = {(value, row.group) for row in found.shared for value in values_of(row)}
    counted.update(value for value, _ in told)
    return counted


def _sums(counted: Counter[str], of: dict[str, str]) -> Counter[str]:
    """The counts of what belongs together; what belongs to nothing is left out."""
    sums: Counter[str] = Counter()
    for value, count in counted.items():
        if of.get(value):
            sums[of[value]] += count
    return sums


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
