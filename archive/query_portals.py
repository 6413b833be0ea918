"""Which portals a query means: what `site:`, `tinh:` and `co-quan:` name, as slugs and days.

Articles and attached files are narrowed alike, archive.search and archive.attachments.search.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from difflib import get_close_matches

from archive.query import Query, slug_of, words_of


def narrowed_to_portals(
    connection: sqlite3.Connection, query: Query, sites: Sequence[str] = ()
) -> tuple[Query, list[str]]:
    """The query with its provinces, its bodies and ``sites`` (what a caller named beside it) as slugs
    of portals, and with the days of the bodies; and a note for each that is not in the archive.

    An impossible pair of filters must find nothing, not everything: it leaves an unknown slug.
    """
    notes: list[str] = []
    if query.provinces:
        there = _portals_of(connection, query.provinces)
        missing = [name for name in query.provinces if not _portals_of(connection, (name,))]
        notes += [f"there is no portal of a province {name!r} in this archive" for name in missing]
        query = _only(replace(query, provinces=()), there)
    if query.bodies:
        query, told = _narrowed_to_bodies(connection, query)
        notes += told
    if sites:
        query = _only(query, tuple(slug_of(site) for site in sites))
    return query, notes


def _only(query: Query, sites: tuple[str, ...]) -> Query:
    both = tuple(site for site in sites if site in query.sites) if query.sites else sites
    return replace(query, sites=both or ("",))


def _portals_of(connection: sqlite3.Connection, provinces: tuple[str, ...]) -> tuple[str, ...]:
    """The portals of these provinces, given folded: ``thanh hoa``, or ``tinh thanh hoa``."""
    wanted = {_province(name) for name in provinces}
    return tuple(
        slug
        for slug, province in connection.execute("SELECT slug, province FROM site ORDER BY slug")
        if _province(province) in wanted
    )


def _province(name: str) -> str:
    return " ".join(word.folded for word in words_of(name)).removeprefix("tinh ")


def _narrowed_to_bodies(connection: sqlite3.Connection, query: Query) -> tuple[Query, list[str]]:
    """The query narrowed to the portals on which these bodies spoke, and to the days on which they
    did (see the view `hosts`); with a note for each that is not known."""
    places: set[tuple[str, str | None, str | None]] = set()
    notes = []
    for slug in query.bodies:
        rows = connection.execute(
            "SELECT h.site, h.since, h.until FROM host h JOIN body b ON b.id = h.body_id "
            "WHERE b.slug = ?",
            (slug,),
        ).fetchall()
        if not rows:
            names = [name for (name,) in connection.execute("SELECT slug FROM body ORDER BY slug")]
            near = get_close_matches(slug, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            notes.append(f"there is no body {slug!r} in this archive{hint}")
        places |= {(row[0], row[1], row[2]) for row in rows}
    sites = tuple(sorted({site for site, _, _ in places}))
    query = _only(replace(query, bodies=()), sites)
    # Several hosts, several periods: from the first day to the last.
    starts = {since for _, since, _ in places}
    ends = {until for _, _, until in places}
    first = date.fromisoformat(min(filter(None, starts))) if None not in starts and starts else None
    last = (
        date.fromisoformat(max(filter(None, ends))) - timedelta(days=1)
        if None not in ends and ends
        else None
    )
    if first or last:
        query = replace(
            query,
            since=max(filter(None, (query.since, first)), default=None),
            until=min(filter(None, (query.until, last)), default=None),
        )
        shown = f"from {first or 'the beginning'} to {last or 'today'}"
        notes.append(f"what was published {shown}; articles without a date are left out")
    return query, notes
