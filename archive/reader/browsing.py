"""What there is: portals and what became of them, their years and sections; what is new, changed and
gone; and how each portal was at its last crawls."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from archive.reader.rendering import page
from archive.reader.visit import NotFound, Visit
from archive.timestamps import utc_now, utc_text

_LISTED = 50
_WEEKS = 26  # of the health page's bars


def portals_page(visit: Visit) -> Response:
    """`/portals`."""
    rows = visit.connection.execute(
        """
        SELECT p.slug, coalesce(s.name, p.slug) AS name, coalesce(s.province, '') AS province,
               s.home, s.state, s.since, s.reason, s.successor,
               (SELECT count(*) FROM article a WHERE a.site = p.slug AND a.status <> 'withheld')
                   AS articles,
               (SELECT max(ended_at) FROM site_run r WHERE r.site = p.slug) AS crawled_at
        FROM (SELECT slug FROM site UNION SELECT DISTINCT site FROM article) p
        LEFT JOIN site s ON s.slug = p.slug
        ORDER BY province, name
        """
    ).fetchall()
    return page(visit.request, "portals.html", {"portals": rows})


def portal_page(visit: Visit) -> Response:
    """`/portals/SLUG`: its life, years, months and sections."""
    slug = visit.request.path_params["slug"]
    site = visit.connection.execute("SELECT * FROM site WHERE slug = ?", (slug,)).fetchone()
    days = visit.connection.execute(
        """
        SELECT substr(v.published_at, 1, 7) AS month, count(*) AS articles
        FROM article a JOIN version v ON v.article_id = a.id AND v.id = a.version_id
        WHERE a.site = ? AND a.status <> 'withheld' GROUP BY 1 ORDER BY 1
        """,
        (slug,),
    ).fetchall()
    if site is None and not days:
        raise NotFound("no_such_portal")
    years: dict[str, dict[int, int]] = {}
    undated = 0
    for month, articles in days:
        if month:
            years.setdefault(month[:4], {})[int(month[5:7])] = articles
        else:
            undated = articles
    sections = visit.connection.execute(
        """
        SELECT j.value AS name, count(*) AS articles
        FROM article a JOIN version v ON v.id = a.version_id, json_each(v.category) j
        WHERE a.site = ? AND a.status <> 'withheld' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 60
        """,
        (slug,),
    ).fetchall()
    captures = visit.connection.execute(
        "SELECT count(*) AS number, min(fetched_at) AS first, max(fetched_at) AS last "
        "FROM capture WHERE site = ?",
        (slug,),
    ).fetchone()
    values = {
        "slug": slug,
        "site": site,
        "name": site["name"] if site else slug,
        "years": dict(reversed(years.items())),
        "undated": undated,
        "articles": sum(row["articles"] for row in days),
        "sections": sections,
        "captures": captures,
    }
    return page(visit.request, "portal.html", values)


def changes_page(visit: Visit) -> Response:
    """`/changes`: what came, was edited by a portal, and disappeared, newest first."""
    site = visit.text("site")
    only = {"site": site, "most": _LISTED}
    where = "AND a.site = :site" if site else ""
    base = (
        "SELECT a.id, v.title, coalesce(s.name, a.site) AS portal, v.number, {moment} AS moment "
        "FROM {tables} LEFT JOIN site s ON s.slug = a.site "
        "WHERE a.status <> 'withheld' {condition} " + where + " ORDER BY {order} LIMIT :most"
    )

    def rows(moment: str, tables: str, condition: str, order: str) -> list[sqlite3.Row]:
        sql = base.format(moment=moment, tables=tables, condition=condition, order=order)
        return visit.connection.execute(sql, only).fetchall()

    values = {
        "site": site,
        "new": rows(
            "a.first_seen", "article a JOIN version v ON v.id = a.version_id", "", "a.id DESC"
        ),
        "edited": rows(
            "v.recorded_at",
            "version v JOIN article a ON a.id = v.article_id",
            "AND v.cause = 'edit' AND v.id NOT IN (SELECT id FROM withheld_version)",
            "v.id DESC",
        ),
        "gone": rows(
            "a.gone_since",
            "article a JOIN version v ON v.id = a.version_id",
            "AND a.status = 'gone'",
            "a.gone_since DESC",
        ),
    }
    return page(visit.request, "changes.html", values)


def health_page(visit: Visit) -> Response:
    """`/health`: for the operator; everything on it was true when the archive was last written."""
    connection = visit.connection
    portals = []
    for slug, name, state in connection.execute(
        "SELECT slug, name, state FROM site ORDER BY name"
    ).fetchall():
        last = connection.execute(
            "SELECT * FROM site_run WHERE site = ? ORDER BY id DESC LIMIT 1", (slug,)
        ).fetchone()
        coverage: dict[str, Any] = json.loads(last["coverage"] or "{}") if last else {}
        portals.append(
            {
                "slug": slug,
                "name": name,
                "state": state,
                "last": last,
                "coverage": sorted(coverage.items()),
                "weeks": _weeks(connection, slug),
                "bytes": connection.execute(
                    "SELECT coalesce(sum(length), 0) FROM warc WHERE site = ?", (slug,)
                ).fetchone()[0],
            }
        )
    meta = dict(
        connection.execute(
            "SELECT key, value FROM meta WHERE key IN ('verified_at', 'verified_problems')"
        ).fetchall()
    )
    values = {
        "portals": portals,
        "verified_at": meta.get("verified_at"),
        "verified_problems": int(meta.get("verified_problems", "0")),
        "runs": connection.execute("SELECT * FROM run ORDER BY id DESC LIMIT 10").fetchall(),
        "now": utc_text(utc_now()),
        "database_bytes": _database_size(connection),
    }
    return page(visit.request, "health.html", values)


def _weeks(connection: sqlite3.Connection, slug: str) -> list[int]:
    """Articles first seen in each of the last weeks, the oldest first."""
    now = utc_now()
    start = now - timedelta(weeks=_WEEKS)
    counts = [0] * _WEEKS
    for days, articles in connection.execute(
        """
        SELECT CAST(julianday(first_seen) - julianday(:start) AS INTEGER) / 7, count(*)
        FROM article WHERE site = :site AND first_seen >= :start GROUP BY 1
        """,
        {"site": slug, "start": utc_text(start)},
    ):
        counts[min(days, _WEEKS - 1)] += articles
    return counts


def _database_size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(size)
