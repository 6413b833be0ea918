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
    counted: dict[str, list[tuple[str, int]]] = {name: [] for name in _FACETS}
    for name, value, count in connection.execute(_COUNTS, {"ids": json.dumps(ids[:COUNT_CAP])}):
        counted[name].append((value, count))
    names = dict(connection.execute("SELECT slug, name FROM site").fetchall())
    return Facets(
        sites=_values(counted["site"], names),
        provinces=_values(counted["province"], {}),
        categories=_values(counted["category"], {}),
        with_files=sum(count for _, count in counted["files"]),
        bars=_bars(dict(counted["period"])),
        undated=sum(count for _, count in counted["undated"]),
        partial=partial,
    )


# All in one statement, so that the rows with the texts are read once, and without the interpreter's
# lock, so that others are served meanwhile.
_FACETS = ("site", "province", "category", "period", "files", "undated")
_COUNTS = """
    WITH found AS MATERIALIZED (
        SELECT coalesce(a.duplicate_of, a.id) AS text, a.site, v.category, v.published_at AS published,
               v.attachments <> '[]' AS files
        FROM json_each(:ids) f JOIN article a ON a.id = f.value JOIN version v ON v.id = a.version_id
    )
    SELECT 'site', site, count(DISTINCT text) FROM found GROUP BY site
    UNION ALL
    SELECT 'province', s.province, count(DISTINCT text) FROM found JOIN site s ON s.slug = site
    WHERE s.province <> '' GROUP BY s.province
    UNION ALL
    SELECT 'category', j.value, count(DISTINCT text) FROM found, json_each(category) j GROUP BY j.value
    UNION ALL
    SELECT 'period', substr(published, 1, 4), count(DISTINCT text) FROM found
    WHERE published IS NOT NULL GROUP BY substr(published, 1, 4)
    UNION ALL
    SELECT 'period', substr(published, 1, 7), count(DISTINCT text) FROM found
    WHERE published IS NOT NULL GROUP BY substr(published, 1, 7)
    UNION ALL
    SELECT 'period', substr(published, 1, 10), count(DISTINCT text) FROM found
    WHERE published IS NOT NULL GROUP BY substr(published, 1, 10)
    UNION ALL
    SELECT 'files', '', count(DISTINCT text) FROM found WHERE files
    UNION ALL
    SELECT 'undated', '', count(DISTINCT text) FROM found WHERE published IS NULL
"""


def _values(counted: list[tuple[str, int]], labels: dict[str, str]) -> tuple[Value, ...]:
    values = [Value(value, labels.get(value) or value, count) for value, count in counted]
    return tuple(sorted(values, key=lambda v: (-v.count, v.label))[:_MOST_VALUES])


def _bars(counted: dict[str, int]) -> tuple[Bar, ...]:
    """Years, or months where all is within two years, or days within one month; without gaps.
    ``counted``: texts by year, by month and by day."""
    days = [period for period in counted if len(period) == len("YYYY-MM-DD")]
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
    return tuple(Bar(period, counted.get(period, 0)) for period in periods)


def _month(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1
