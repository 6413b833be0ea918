"""What a run did on one site and concluded: the rows of `site_run`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.timestamps import utc_text


@dataclass(frozen=True, slots=True)
class SiteRun:
    """What a run did on one site and concluded; recorded again as it goes on.

    Times are aware. ``whole``: every page of the portal was asked for, not only what was due.
    ``subject`` is what the verdict is about (a field, a firewall, an address), ``ending`` why the
    spider closed. ``articles`` are article pages read, ``failures`` pages that should have been,
    ``failed`` requests without an answer, ``not_modified`` pages that need not be read again;
    ``home_kind`` is what the home page was read as. ``newest`` is the latest published_at seen;
    ``coverage`` the share (0..1) that has a field, of all articles of a whole walk, of the new ones
    of another; ``extractor`` the one that read most of them. ``rate`` is new articles a day;
    ``silence_days`` after how many days without any silence is no accident; None where that is not
    known.
    """

    site: str
    started_at: datetime
    ended_at: datetime | None = None
    verdict: str | None = None
    reason: str | None = None
    requests: int = 0
    pages: int = 0
    articles: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failures: int = 0
    newest: str | None = None
    coverage: Mapping[str, float] = field(default_factory=dict)
    whole: bool = True
    subject: str = ""
    ending: str = ""
    failed: int = 0
    not_modified: int = 0
    home_kind: str = ""
    extractor: str = ""
    rate: float | None = None
    silence_days: float | None = None


def store_site_run(connection: sqlite3.Connection, run_id: int, site_run: SiteRun) -> None:
    """Stores what the run did on the site in place of what it said of it before. The caller's
    transaction."""
    values = {
        "run_id": run_id,
        "site": site_run.site,
        "started_at": utc_text(site_run.started_at),
        "ended_at": None if site_run.ended_at is None else utc_text(site_run.ended_at),
        "verdict": site_run.verdict,
        "reason": site_run.reason,
        "requests": site_run.requests,
        "pages": site_run.pages,
        "articles": site_run.articles,
        "new": site_run.new,
        "changed": site_run.changed,
        "unchanged": site_run.unchanged,
        "failures": site_run.failures,
        "newest": site_run.newest,
        "coverage": json.dumps(dict(site_run.coverage), sort_keys=True),
        "whole": int(site_run.whole),
        "subject": site_run.subject,
        "ending": site_run.ending,
        "failed": site_run.failed,
        "not_modified": site_run.not_modified,
        "home_kind": site_run.home_kind,
        "extractor": site_run.extractor,
        "rate": site_run.rate,
        "silence_days": site_run.silence_days,
    }
    columns = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    updates = ", ".join(f"{name} = excluded.{name}" for name in values)
    connection.execute(
        f"INSERT INTO site_run({columns}) VALUES ({places}) "
        f"ON CONFLICT (run_id, site) DO UPDATE SET {updates}",
        values,
    )
