"""What was found, counted by portal, province, year, category and attachments.

Counts are of texts, as in the list of hits: an article that three portals printed counts once in all,
and once for each of the portals. Of a very large result a part is counted, and said so.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from archive.query import Query
from archive.search import COUNT_CAP, matching
from archive.timestamps import utc_now

_MOST_VALUES = 12  # of one facet; the others can be reached by typing


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
    """``partial``: counted over the first articles found only, so each count is a lower bound."""

    sites: tuple[Value, ...]
    provinces: tuple[Value, ...]
    categories: tuple[Value, ...]
    with_files: int
    bars: tuple[Bar, ...]
    undated: int
    partial: bool

    @property
    def highest(self) -> int:
        return max((bar.count for bar in self.bars), default=1)


def facets(connection: sqlite3.Connection, query: Query) -> Facets:
    """Of all that the query matches (`Results.query`: narrowed)."""
    ids = matching(connection, query, COUNT_CAP + 1)
    partial = len(ids) > COUNT_CAP
    found = {"ids": json.dumps(ids[:COUNT_CAP])}
    # One walk over the rows that hold the texts, grouped as finely as is needed.
    rows = connection.execute(
        """
        SELECT coalesce(a.duplicate_of, a.id), a.site, v.category, v.published_at,
               v.attachments <> '[]'
        FROM json_each(:ids) f JOIN article a ON a.id = f.value JOIN version v ON v.id = a.version_id
        """,
        found,
    ).fetchall()
    names = {
        slug: (name, province)
        for slug, name, province in connection.execute("SELECT slug, name, province FROM site")
    }
    sites: dict[str, set[int]] = {}
    provinces: dict[str, set[int]] = {}
    categories: dict[str, set[int]] = {}
    days: dict[str, set[int]] = {}
    with_files: set[int] = set()
    undated: set[int] = set()
    for text, site, category, published_at, has_files in rows:
        sites.setdefault(site, set()).add(text)
        if province := names.get(site, ("", ""))[1]:
            provinces.setdefault(province, set()).add(text)
        for name in json.loads(category) if category != "[]" else ():
            categories.setdefault(name, set()).add(text)
        if published_at:
            days.setdefault(published_at[: len("YYYY-MM-DD")], set()).add(text)
        else:
            undated.add(text)
        if has_files:
            with_files.add(text)
    return Facets(
        sites=_values(sites, {slug: name for slug, (name, _) in names.items()}),
        provinces=_values(provinces, {}),
        categories=_values(categories, {}),
        with_files=len(with_files),
        bars=_bars(days),
        undated=len(undated),
        partial=partial,
    )


def _values(counted: dict[str, set[int]], labels: dict[str, str]) -> tuple[Value, ...]:
    values = [
        Value(value, labels.get(value, value), len(texts)) for value, texts in counted.items()
    ]
    return tuple(sorted(values, key=lambda v: (-v.count, v.label))[:_MOST_VALUES])


def _bars(days: dict[str, set[int]]) -> tuple[Bar, ...]:
    """Years, or months where all is within two years, or days within one month; without gaps."""
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
    width = len(periods[0]) if periods else 4
    texts: dict[str, set[int]] = {}
    for day, found in days.items():
        texts.setdefault(day[:width], set()).update(found)
    return tuple(Bar(period, len(texts.get(period, ()))) for period in periods)


def _month(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1
