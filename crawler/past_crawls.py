"""What earlier crawls of a site left in the archive, for the verdict on the next one."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import datetime

from archive.timestamps import parse_utc, utc_text
from crawler.verdicts import PastCrawl

# Fields whose share among the articles of a crawl is kept, to notice when a layout changes.
FIELDS = ("summary", "body_text", "author", "category", "published_at", "images", "attachments")
_MOST = 200  # incremental crawls that read two articles each still make a history


def past_crawls(connection: sqlite3.Connection, site: str, before_run: int) -> list[PastCrawl]:
    """The crawls of a site in runs before ``before_run`` that came to a verdict, latest first."""
    rows = connection.execute(
        "SELECT * FROM site_run WHERE site = ? AND run_id < ? AND verdict IS NOT NULL "
        "ORDER BY id DESC LIMIT ?",
        (site, before_run, _MOST),
    )
    return [
        PastCrawl(
            started_at=parse_utc(row["started_at"]),
            verdict=row["verdict"],
            subject=row["subject"],
            whole=bool(row["whole"]),
            articles=row["articles"],
            unreadable=row["failures"],
            coverage=dict(json.loads(row["coverage"] or "{}")),
            new=row["new"],
            not_modified=row["not_modified"],
            home_kind=row["home_kind"],
            extractor=row["extractor"],
            newest=row["newest"],
        )
        for row in rows
    ]


def coverage_of_new(connection: sqlite3.Connection, site: str, since: datetime) -> dict[str, float]:
    """The share (0..1) of the articles of a site first seen since that moment (aware) that have each
    field; empty without any."""
    shares = ", ".join(
        f"avg(v.{name} IS NOT NULL AND v.{name} NOT IN ('', '[]'))" for name in FIELDS
    )
    row = connection.execute(
        f"SELECT {shares} FROM article a JOIN version v ON v.article_id = a.id AND v.number = 1 "
        "WHERE a.site = ? AND a.first_seen >= ?",
        (site, utc_text(since)),
    ).fetchone()
    return {
        name: round(share, 4) for name, share in zip(FIELDS, row, strict=True) if share is not None
    }


def edited_since(connection: sqlite3.Connection, site: str, since: datetime) -> int:
    """How many articles of a site show since that moment (aware) what the portal has edited."""
    (number,) = connection.execute(
        "SELECT count(*) FROM article a JOIN version v ON v.id = a.version_id "
        "WHERE a.site = ? AND a.last_seen >= ? AND v.cause = 'edit' AND v.recorded_at >= ?",
        (site, utc_text(since), utc_text(since)),
    ).fetchone()
    return int(number)


def home_failure(connection: sqlite3.Connection, run_id: int, site: str, home: str) -> str:
    """Why the run could not have the home page, as its last capture says: ``dns: …``, ``tls: …``;
    empty where it was answered, or never asked."""
    row = connection.execute(
        "SELECT error FROM capture WHERE run_id = ? AND site = ? AND url = ? "
        "ORDER BY id DESC LIMIT 1",
        (run_id, site, home),
    ).fetchone()
    return "" if row is None else str(row["error"])


def known_articles(connection: sqlite3.Connection, site: str) -> int:
    """How many articles of the site the archive has."""
    (number,) = connection.execute(
        "SELECT count(*) FROM article WHERE site = ?", (site,)
    ).fetchone()
    return int(number)


def kind_of_failure(failure: str) -> str:
    """The kind of a failure to have a page, for programs: ``robots``, ``status 500``, or what the
    error of a capture begins with (``dns``, ``tls``, ``timeout``, ``connect``, ``protocol``); empty
    where there is none."""
    if not failure:
        return ""
    if "robots.txt" in failure:
        return "robots"
    if (status := re.search(r"\bstatus \d{3}\b", failure)) is not None:
        return status[0]
    kind, colon, _ = failure.partition(":")
    return kind if colon and kind.isalpha() and kind.islower() else "connect"
