"""What the archive remembers of a site: how it was when it was well, and when that last was."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from archive.schema import PageKind

# Fields that an article need not have; empty in `version` is "" or an empty JSON list or NULL.
_LAST_WITH = (
    "SELECT max(a.last_seen) FROM article a JOIN version v ON v.id = a.version_id "
    "WHERE a.site = ? AND v.{field} IS NOT NULL AND v.{field} NOT IN ('', '[]')"
)
_FIELDS = (
    "title",
    "summary",
    "body_text",
    "author",
    "category",
    "published_at",
    "images",
    "attachments",
)


@dataclass(frozen=True, slots=True)
class History:
    """Times are UTC text, None for never. ``coverage`` is the share (0..1) of articles that had a
    field in the last healthy crawl that read any, at ``well_at``; empty without one. ``verdict`` is
    that of the last crawl that came to one, at ``crawled_at``.

    ``home_at``: the home page last answered 200; ``listing_at``, ``article_at``: such a page was
    last read; ``field_at``: an article that has the field was last seen; ``platform_at``: an
    article was last read by the platform's extractor."""

    coverage: Mapping[str, float]
    well_at: str | None
    verdict: str | None
    crawled_at: str | None
    home_at: str | None
    listing_at: str | None
    article_at: str | None
    platform_at: str | None
    field_at: Mapping[str, str | None]


def site_history(
    connection: sqlite3.Connection, site: str, home: str, platform: str | None, before_run: int
) -> History:
    """What runs before ``before_run`` left about a site."""

    def one(sql: str, *parameters: object) -> str | None:
        row = connection.execute(sql, parameters).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    well = connection.execute(
        "SELECT coverage, started_at FROM site_run WHERE site = ? AND run_id < ? "
        "AND verdict IN ('ok', 'quiet') AND articles > 0 ORDER BY id DESC LIMIT 1",
        (site, before_run),
    ).fetchone()
    last = connection.execute(
        "SELECT verdict, started_at FROM site_run WHERE site = ? AND run_id < ? "
        "AND verdict IS NOT NULL ORDER BY id DESC LIMIT 1",
        (site, before_run),
    ).fetchone()
    read = (
        "SELECT max(c.fetched_at) FROM reading r JOIN capture c ON c.id = r.capture_id "
        "WHERE c.site = ? AND c.run_id < ? AND "
    )
    return History(
        coverage=dict(json.loads(well["coverage"] or "{}")) if well else {},
        well_at=str(well["started_at"]) if well else None,
        verdict=str(last["verdict"]) if last else None,
        crawled_at=str(last["started_at"]) if last else None,
        home_at=one(
            "SELECT max(fetched_at) FROM capture WHERE site = ? AND run_id < ? AND url = ? "
            "AND status = 200",
            site,
            before_run,
            home,
        ),
        listing_at=one(f"{read} r.kind = ?", site, before_run, PageKind.LISTING),
        article_at=one(f"{read} r.kind = ?", site, before_run, PageKind.ARTICLE),
        platform_at=one(f"{read} r.extractor = ?", site, before_run, platform or ""),
        field_at={field: one(_LAST_WITH.format(field=field), site) for field in _FIELDS},
    )
