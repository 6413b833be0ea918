"""The portals: what became of each, whose it was, and its articles by year, month and section."""

from __future__ import annotations

import sqlite3
from itertools import groupby, pairwise

from starlette.responses import Response

from archive.reader.changes import recent_articles, recent_edits, recent_losses
from archive.reader.rendering import page
from archive.reader.visit import NotFound, Visit

_SECTIONS = 60
_RECENT = 5
_LONGEST_GAP = 20  # years; longer ones come of a wrong date
_HEAT = 3  # steps of colour in the table of months


def portals_page(visit: Visit) -> Response:
    """`/portals`: all of them, by province."""
    rows = visit.connection.execute(
        """
        WITH every AS (SELECT site, count(*) AS articles FROM article GROUP BY site),
        -- Two walks over indexes, of which the second is short, instead of one over all rows.
        hidden AS (
            SELECT site, count(*) AS articles FROM article INDEXED BY article_withheld
            WHERE status = 'withheld' GROUP BY site),
        counted AS (
            SELECT e.site, e.articles - coalesce(h.articles, 0) AS articles
            FROM every e LEFT JOIN hidden h ON h.site = e.site)
        SELECT p.slug, coalesce(s.name, p.slug) AS name, coalesce(s.province, '') AS province,
               s.state, s.since, s.successor, coalesce(c.articles, 0) AS articles,
               (SELECT max(ended_at) FROM site_run r WHERE r.site = p.slug) AS crawled_at
        FROM (SELECT slug FROM site UNION SELECT site FROM counted) p
        LEFT JOIN site s ON s.slug = p.slug LEFT JOIN counted c ON c.site = p.slug
        ORDER BY province = '', province, name
        """
    ).fetchall()
    provinces = [(name, list(some)) for name, some in groupby(rows, lambda row: row["province"])]
    return page(visit.request, "portals.html", {"provinces": provinces})


def portal_page(visit: Visit) -> Response:
    """`/portals/SLUG`: its life, years, months and sections."""
    slug = visit.request.path_params["slug"]
    connection = visit.connection
    site = connection.execute("SELECT * FROM site WHERE slug = ?", (slug,)).fetchone()
    months = connection.execute(
        """
        SELECT substr(v.published_at, 1, 7) AS month, count(*) AS articles
        FROM article a JOIN version v ON v.article_id = a.id AND v.id = a.version_id
        WHERE a.site = ? AND a.status <> 'withheld' GROUP BY 1 ORDER BY 1
        """,
        (slug,),
    ).fetchall()
    if site is None and not months:
        raise NotFound("no_such_portal")
    years = _by_year(months)
    sections = connection.execute(
        """
        SELECT j.value AS name, count(*) AS articles
        FROM article a JOIN version v ON v.id = a.version_id, json_each(v.category) j
        WHERE a.site = ? AND a.status <> 'withheld' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?
        """,
        (slug, _SECTIONS),
    ).fetchall()
    captures = connection.execute(
        "SELECT count(*) AS number, min(fetched_at) AS first, max(fetched_at) AS last "
        "FROM capture WHERE site = ?",
        (slug,),
    ).fetchone()
    bodies = connection.execute(
        "SELECT * FROM hosts WHERE site = ? ORDER BY since IS NOT NULL, since, host", (slug,)
    ).fetchall()
    highest = max((n for year in years.values() for n in year.values()), default=1)
    values = {
        "slug": slug,
        "site": site,
        "name": site["name"] if site else slug,
        "bodies": bodies,
        "years": years,
        "heat": lambda n: -(-n * _HEAT // highest),
        "undated": sum(row["articles"] for row in months if not row["month"]),
        "articles": sum(row["articles"] for row in months),
        "sections": sections,
        "captures": captures,
        "new": recent_articles(connection, _RECENT, slug),
        "edited": recent_edits(connection, _RECENT, slug),
        "gone": recent_losses(connection, _RECENT, slug),
    }
    return page(visit.request, "portal.html", values)


def _by_year(months: list[sqlite3.Row]) -> dict[str, dict[int, int]]:
    """Articles by month by year, the latest year first; without those that have no date. A year
    without any stands there too, for a gap is to be seen."""
    known = sorted({int(row["month"][:4]) for row in months if row["month"]}, reverse=True)
    years: dict[str, dict[int, int]] = {f"{year:04}": {} for year in known[:1]}
    for year, before in pairwise(known):
        gap = range(year - 1, before, -1) if year - before <= _LONGEST_GAP else ()
        years |= {f"{each:04}": {} for each in (*gap, before)}
    for row in reversed(months):
        if row["month"]:
            years[row["month"][:4]][int(row["month"][5:7])] = row["articles"]
    return years
