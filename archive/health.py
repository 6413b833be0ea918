"""How the archive and each portal are: what an operator wants to know before anybody else asks.

A pure question to the database and a moment; `huyen health`, the reader's health page and the
metrics of a crawl give the same answer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from archive.database import first_row
from archive.fixity import Verification, last_verification
from archive.remarks import say
from archive.timestamps import parse_utc, utc_text

WEEKS = 26  # of the trend: half a year
STALE_AFTER = timedelta(days=3)  # nobody has crawled for so long: cron has stopped
_NEVER_DONE_AFTER = timedelta(days=30)  # a crawl that takes so many nights is too slow
_SITE_STALE_AFTER = timedelta(days=21)  # the longest interval of a living portal is 7 days
_RUNS = 10  # the latest that are told, of the archive and of each site
# Crawls that a site's usual numbers are taken from.
_USUAL_RUNS = 10
_MISSED = 0.8  # a field is missed where fewer than this share of the usual share have it
_VIETNAM = timezone(timedelta(hours=7))  # all of it, without summer time
_FEWEST = 3  # articles that a share is worth telling of

# What crawler.verdicts concludes and is no alarm. An interrupted run concludes nothing.
HEALTHY_VERDICTS = frozenset({"ok", "quiet", "interrupted"})


@dataclass(frozen=True, slots=True)
class SiteCrawl:
    """One crawl of one site, a row of `site_runs`. Times are aware. ``verdict`` is None for one
    that is running or was killed; ``whole`` whether every page was asked for; ``subject`` what the
    verdict is about. The numbers are those of archive.site_runs.SiteRun."""

    run_id: int
    started_at: datetime
    ended_at: datetime | None
    verdict: str | None
    subject: str
    reason: str
    whole: bool
    requests: int
    pages: int
    articles: int
    new: int
    changed: int
    unreadable: int
    failed: int
    newest: str | None
    coverage: Mapping[str, float]

    @property
    def is_healthy(self) -> bool:
        return self.verdict in HEALTHY_VERDICTS

    @property
    def sampled(self) -> int:
        """How many articles ``coverage`` is about: all of a whole walk, the new ones of another."""
        return self.articles if self.whole else self.new


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """The share (0..1) of articles that have a field: ``share`` in the last crawl that read at
    least three, ``usual`` in the healthy crawls before it, None without any."""

    field: str
    share: float
    usual: float | None

    @property
    def is_missed(self) -> bool:
        return self.usual is not None and self.usual > 0 and self.share < _MISSED * self.usual


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """How one portal is. Times are aware.

    ``state`` is its life cycle (active, frozen, moved, gone); ``last`` the last crawl that came to
    a verdict, ``since`` when the first of the unbroken row of crawls with that verdict began;
    ``crawls`` the latest, newest first. ``articles`` are those that may be shown, ``gone`` those of
    them that the portal shows no more; ``counts`` article pages read in the latest whole walks that
    were healthy, newest first. ``weeks`` are articles by week of publication (of first capture
    where the page has no date), the oldest first. ``newest`` is the latest published_at that a crawl
    saw, ``newest_at`` when the newest article was first captured; ``rate`` new articles a day as estimated by the last crawl, ``silence_days``
    after how many days without any silence is no accident. ``bytes`` are those of its WARC files.
    ``problems`` say in words what is wrong; a site is healthy when there are none.
    """

    site: str
    name: str
    province: str
    home: str
    state: str
    last: SiteCrawl | None
    since: datetime | None
    crawls: tuple[SiteCrawl, ...]
    articles: int
    gone: int
    counts: tuple[int, ...]
    weeks: tuple[int, ...]
    coverage: tuple[FieldCoverage, ...]
    newest: str | None
    newest_at: datetime | None
    rate: float | None
    silence_days: float | None
    bytes: int
    problems: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        return not self.problems

    def days_silent(self, now: datetime) -> float | None:
        """Days since the newest article was published, by the date that it prints; where that is
        not known or lies in the future, since it was first captured. None without articles."""
        published = _published(self.newest)
        newest = published if published is not None and published <= now else self.newest_at
        return None if newest is None else (now - newest) / timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run of any command that writes. ``outcome`` is done, interrupted, failed or killed; None
    while it is running. Times are aware."""

    id: int
    command: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ArchiveHealth:
    """How the archive is at the moment ``at`` (aware). ``written_at`` is when a run last began or
    ended: the age of everything told here. ``crawled_at`` is when the last crawl ended, or began if
    it has not; ``verified`` when every record was last re-read. ``problems`` are those of the
    archive as a whole, each site has its own."""

    at: datetime
    written_at: datetime | None
    crawled_at: datetime | None
    verified: Verification | None
    database_bytes: int
    warc_bytes: int
    runs: tuple[RunSummary, ...]
    sites: tuple[SiteHealth, ...]
    problems: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        return not self.problems and all(site.is_healthy for site in self.sites)


def archive_health(
    connection: sqlite3.Connection,
    now: datetime,
    sites: Collection[str] | None = None,
    *,
    states: Mapping[str, str] | None = None,
    stale_after: timedelta = STALE_AFTER,
) -> ArchiveHealth:
    """How the archive, and its sites or those named, are at the moment ``now`` (aware).

    Sites stand in the order of their names. ``states`` are life cycles by site where they are
    known better than the archive does, which has those of the last crawl. Nobody crawling for
    ``stale_after`` is a problem.
    """
    states = states or {}
    runs = tuple(
        RunSummary(
            row["id"],
            row["command"],
            parse_utc(row["started_at"]),
            _moment(row["ended_at"]),
            row["outcome"],
        )
        for row in connection.execute("SELECT * FROM run ORDER BY id DESC LIMIT ?", (_RUNS,))
    )
    written_at = _latest(connection, "run")
    crawled_at = _latest(connection, "site_run")
    facts = [
        row
        for row in connection.execute("SELECT * FROM site ORDER BY name, slug").fetchall()
        if sites is None or row["slug"] in sites
    ]
    stored = _stored(connection, now)
    verified = last_verification(connection)
    active = any(states.get(row["slug"], row["state"]) == "active" for row in facts)
    return ArchiveHealth(
        at=now,
        written_at=written_at,
        crawled_at=crawled_at,
        verified=verified,
        database_bytes=_database_bytes(connection),
        warc_bytes=connection.execute("SELECT coalesce(sum(length), 0) FROM warc").fetchone()[0],
        runs=runs,
        sites=tuple(
            _site_health(connection, row, states.get(row["slug"], row["state"]), stored, now)
            for row in facts
        ),
        problems=tuple(_archive_problems(now, crawled_at, active, verified, stale_after)),
    )


def _archive_problems(
    now: datetime,
    crawled_at: datetime | None,
    active: bool,
    verified: Verification | None,
    stale_after: timedelta,
) -> list[str]:
    problems = []
    if active and crawled_at is not None and now - crawled_at > stale_after:
        problems.append(say("nobody-crawled", span=_span(now - crawled_at)))
    if verified is not None and verified.problems:
        problems.append(say("verification", n=f"{verified.problems:,}"))
    return problems


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the archive holds, each by site: articles with those gone and the newest first_seen,
    articles by week, bytes of WARC files. Asked for all sites at once: one walk over the articles."""

    numbers: Mapping[str, tuple[int, int, str]]
    weeks: Mapping[str, list[int]]
    bytes: Mapping[str, int]


def _stored(connection: sqlite3.Connection, now: datetime) -> _Stored:
    # Through the index of sites each row would be fetched on its own: three times as slow.
    numbers = connection.execute(
        """
        SELECT site, count(*), sum(status = 'gone'), max(first_seen)
        FROM article NOT INDEXED WHERE status <> 'withheld' GROUP BY site
        """
    )
    warcs = connection.execute("SELECT site, sum(length) FROM warc GROUP BY site")
    return _Stored(
        numbers={row[0]: (row[1], row[2], row[3]) for row in numbers},
        weeks=_weeks(connection, now),
        bytes={row[0]: row[1] for row in warcs},
    )


def _site_health(
    connection: sqlite3.Connection, facts: sqlite3.Row, state: str, stored: _Stored, now: datetime
) -> SiteHealth:
    slug = facts["slug"]
    crawls = [
        _crawl(row)
        for row in connection.execute(
            "SELECT * FROM site_run WHERE site = ? ORDER BY id DESC LIMIT ?",
            (slug, max(_RUNS, _USUAL_RUNS)),
        ).fetchall()
    ]
    # An interrupted crawl says nothing of the portal: what was concluded before it still stands.
    concluded = [crawl for crawl in crawls if crawl.verdict not in {None, "interrupted"}]
    last = concluded[0] if concluded else next((c for c in crawls if c.verdict), None)
    articles, gone, newest_at = stored.numbers.get(slug, (0, 0, None))
    estimate = first_row(
        connection,
        "SELECT rate, silence_days FROM site_run WHERE site = ? AND rate IS NOT NULL "
        "ORDER BY id DESC LIMIT 1",
        slug,
    )
    (newest,) = connection.execute(
        "SELECT max(newest) FROM site_run WHERE site = ?", (slug,)
    ).fetchone()
    counts = connection.execute(
        "SELECT articles + not_modified FROM site_run WHERE site = ? AND whole AND verdict IN ('ok', 'quiet') "
        "ORDER BY id DESC LIMIT ?",
        (slug, _USUAL_RUNS),
    ).fetchall()
    return SiteHealth(
        site=slug,
        name=facts["name"],
        province=facts["province"],
        home=facts["home"],
        state=state,
        last=last,
        since=_since(connection, slug, last),
        crawls=tuple(crawls[:_RUNS]),
        articles=articles,
        gone=gone,
        counts=tuple(row[0] for row in counts),
        weeks=tuple(stored.weeks.get(slug, [0] * WEEKS)),
        coverage=_coverage(crawls),
        newest=newest,
        newest_at=_moment(newest_at),
        rate=estimate["rate"] if estimate else None,
        silence_days=estimate["silence_days"] if estimate else None,
        bytes=stored.bytes.get(slug, 0),
        problems=tuple(_site_problems(state, last, crawls, _concluded_at(connection, slug), now)),
    )


def _span(span: timedelta) -> str:
    """``3 days``, under two days ``40 hours``."""
    hours = span // timedelta(hours=1)
    return say("hours", n=hours) if hours < 48 else say("days", n=span.days)


def _site_problems(
    state: str,
    last: SiteCrawl | None,
    crawls: Sequence[SiteCrawl],
    concluded_at: datetime | None,
    now: datetime,
) -> list[str]:
    if state in {"moved", "gone"}:
        return []  # that is known
    problems = []
    if last is not None and not last.is_healthy:
        problems.append(say("judged", verdict=last.verdict, why=last.reason))
    if state != "active":
        return problems
    if not crawls:
        problems.append(say("never-crawled"))
    elif now - crawls[0].started_at > _SITE_STALE_AFTER:
        days = (now - crawls[0].started_at).days
        problems.append(say("not-crawled", days=days))
    elif concluded_at is not None and now - concluded_at > _NEVER_DONE_AFTER:
        days = (now - concluded_at).days
        problems.append(say("never-done", days=days))
    return problems


def _concluded_at(connection: sqlite3.Connection, site: str) -> datetime | None:
    """When the last crawl began that came to its end; where none did, when the first one began."""
    (began,) = connection.execute(
        "SELECT coalesce(max(CASE WHEN verdict <> 'interrupted' THEN started_at END), min(started_at))"
        " FROM site_run WHERE site = ?",
        (site,),
    ).fetchone()
    return _moment(began)


def _since(connection: sqlite3.Connection, site: str, last: SiteCrawl | None) -> datetime | None:
    """When the first crawl of the unbroken row with the verdict of the last one began."""
    if last is None:
        return None
    row = connection.execute(
        """
        SELECT min(started_at) FROM site_run
        WHERE site = :site AND verdict = :verdict AND id > coalesce(
            (SELECT max(id) FROM site_run WHERE site = :site AND verdict <> :verdict
             AND verdict <> 'interrupted'), 0)
        """,
        {"site": site, "verdict": last.verdict},
    ).fetchone()
    return _moment(row[0])


def _coverage(crawls: Sequence[SiteCrawl]) -> tuple[FieldCoverage, ...]:
    telling = [crawl for crawl in crawls if crawl.sampled >= _FEWEST and crawl.coverage]
    if not telling:
        return ()
    last, before = telling[0], [crawl for crawl in telling[1:] if crawl.is_healthy]
    articles = sum(crawl.sampled for crawl in before)

    def usual(field: str) -> float | None:
        if not articles:
            return None
        having = sum(crawl.sampled * crawl.coverage.get(field, 0.0) for crawl in before)
        return round(having / articles, 4)

    return tuple(
        FieldCoverage(field, share, usual(field)) for field, share in sorted(last.coverage.items())
    )


def _weeks(connection: sqlite3.Connection, now: datetime) -> dict[str, list[int]]:
    """Articles by site and week, the oldest week first."""
    start = utc_text(now - timedelta(weeks=WEEKS))
    # What was captured before the first week was published before it; so most need no look at
    # their version.
    rows = connection.execute(
        """
        SELECT site, CAST((julianday(day) - julianday(substr(:start, 1, 10))) / 7 AS INTEGER),
               count(*)
        FROM (SELECT a.site, substr(coalesce(v.published_at, a.first_seen), 1, 10) AS day
              FROM article a JOIN version v ON v.article_id = a.id AND v.id = a.version_id
              WHERE a.first_seen >= :start AND a.status <> 'withheld')
        WHERE day >= substr(:start, 1, 10) AND day <= substr(:tomorrow, 1, 10) GROUP BY 1, 2
        """,
        {"start": start, "tomorrow": utc_text(now + timedelta(days=1))},
    )
    weeks: dict[str, list[int]] = {}
    for site, week, articles in rows:
        weeks.setdefault(site, [0] * WEEKS)[min(week, WEEKS - 1)] += articles
    return weeks


def _latest(connection: sqlite3.Connection, table: str) -> datetime | None:
    """When the last run or crawl began or ended, whichever is later."""
    started, ended = connection.execute(
        f"SELECT max(started_at), max(ended_at) FROM {table}"
    ).fetchone()
    return _moment(max(filter(None, (started, ended)), default=None))


def _crawl(row: sqlite3.Row) -> SiteCrawl:
    return SiteCrawl(
        run_id=row["run_id"],
        started_at=parse_utc(row["started_at"]),
        ended_at=_moment(row["ended_at"]),
        verdict=row["verdict"],
        subject=row["subject"],
        reason=row["reason"] or "",
        whole=bool(row["whole"]),
        requests=row["requests"],
        pages=row["pages"],
        articles=row["articles"],
        new=row["new"],
        changed=row["changed"],
        unreadable=row["failures"],
        failed=row["failed"],
        newest=row["newest"],
        coverage=dict(json.loads(row["coverage"] or "{}")),
    )


def _database_bytes(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(size)


def _published(text: str | None) -> datetime | None:
    """A published_at as a moment; a bare date begins in Vietnam."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=_VIETNAM)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_utc(text)
