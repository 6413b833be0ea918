"""When an article was not there: missed, confirmed gone, and back again.

A portal says "not found" also for a night, while it is being repaired. So one such answer makes an
article missing, and only another one, at least 20 hours later and with no sight of the article in
between, makes it gone. Everything here is derived from the captures, so that it comes out the same in
whatever order they are recorded, imported or read again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from archive.database import first_row
from archive.timestamps import parse_utc

CONFIRMED_AFTER = timedelta(hours=20)  # a nightly run is seldom on time to the minute
REDIRECTS = (301, 302, 303, 307, 308)
_FORM = "1"


@dataclass(frozen=True, slots=True)
class Sight:
    """One answer under an address of an article: the article, or that it is not there. ``at`` is UTC
    text."""

    at: str
    capture_id: int
    url_key: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """A time during which the article was not there. ``confirmed_at`` is None as long as it was missed
    but not yet gone; ``until`` None while it lasts. Times UTC text, each with its capture."""

    since: str
    since_capture: int
    confirmed_at: str | None = None
    confirmed_capture: int | None = None
    until: str | None = None
    until_capture: int | None = None


def absences(sights: Iterable[Sight], telling: Collection[str]) -> tuple[Absence, ...]:
    """The absences that these answers show, oldest first.

    Only at the addresses in ``telling`` (URL keys) does an answer "not found" mean anything, and only
    where the article was still seen when it was last seen at all (give or take 20 hours), and not
    under a new address since: one that it has moved away from may well be empty.
    """
    found: list[Absence] = []
    open_: Absence | None = None
    latest: str | None = None
    newest_address = ""  # when an address was first seen that had not been before
    last_seen: dict[str, str] = {}
    for sight in sorted(sights, key=lambda s: (s.at, not s.seen, s.capture_id)):
        if sight.seen:
            if sight.url_key not in last_seen:
                newest_address = sight.at
            last_seen[sight.url_key] = latest = sight.at
            if open_ is not None:
                found.append(replace(open_, until=sight.at, until_capture=sight.capture_id))
                open_ = None
        elif (
            sight.url_key in telling
            and last_seen.get(sight.url_key, "") >= newest_address
            and _was_there(last_seen.get(sight.url_key), latest)
        ):
            if open_ is None:
                open_ = Absence(sight.at, sight.capture_id)
            elif open_.confirmed_at is None and not _is_soon(open_.since, sight.at):
                open_ = replace(open_, confirmed_at=sight.at, confirmed_capture=sight.capture_id)
    if open_ is not None:
        found.append(open_)
    return tuple(found)


def _was_there(last_seen: str | None, latest: str | None) -> bool:
    return last_seen is not None and latest is not None and _is_soon(last_seen, latest)


def _is_soon(earlier: str, later: str) -> bool:
    return parse_utc(later) - parse_utc(earlier) < CONFIRMED_AFTER


# -- in the archive -------------------------------------------------------------------------------


def note_missing(connection: sqlite3.Connection, site: str, url_key: str) -> None:
    """A capture that is stored says that there is nothing under this URL, or leads on from it. Inside a
    transaction of the caller."""
    row = connection.execute(
        "SELECT article_id FROM article_url WHERE site = ? AND url_key = ?", (site, url_key)
    ).fetchone()
    if row is not None:
        refresh(connection, row[0])


def note_seen(connection: sqlite3.Connection, article_id: int) -> None:
    """A capture that is stored shows the article. Inside a transaction of the caller."""
    row = first_row(
        connection,
        """
        SELECT 1 FROM absence WHERE article_id = ?1
        UNION ALL  -- an address that was not known when the canonical one was last of use
        SELECT 1 FROM article a JOIN article_url c ON c.site = a.site AND c.url_key = a.url_key
        JOIN article_url u ON u.article_id = a.id AND u.first_seen > c.last_seen
        WHERE a.id = ?1 LIMIT 1
        """,
        article_id,
    )
    if row is not None:
        refresh(connection, article_id)


def refresh(connection: sqlite3.Connection, article_id: int) -> None:
    """Makes the absences and the status of an article what its captures say; and its canonical address
    one where it is, if it has left the one that it had."""
    sights = _sights(connection, article_id)
    article = first_row(connection, "SELECT site, url_key FROM article WHERE id = ?", article_id)
    assert article is not None
    telling = {
        article["url_key"],
        *(
            key
            for (key,) in connection.execute(
                "SELECT c.url_key FROM version v JOIN capture c ON c.id = v.capture_id "
                "WHERE v.article_id = ?",
                (article_id,),
            )
        ),
    }
    found = absences(sights, telling)
    connection.execute("DELETE FROM absence WHERE article_id = ?", (article_id,))
    connection.executemany(
        "INSERT INTO absence VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                article_id,
                absence.since,
                absence.since_capture,
                absence.confirmed_at,
                absence.confirmed_capture,
                absence.until,
                absence.until_capture,
            )
            for absence in found
        ],
    )
    lasting = found[-1] if found and found[-1].until is None else None
    missing_since = None if lasting is None else lasting.since
    gone_since = None if lasting is None or lasting.confirmed_at is None else lasting.since
    connection.execute(
        """
        UPDATE article SET missing_since = ?1, gone_since = ?2, status = CASE
            WHEN status = 'withheld' THEN status WHEN ?2 IS NULL THEN 'current' ELSE 'gone' END
        WHERE id = ?3
        """,
        (missing_since, gone_since, article_id),
    )
    if lasting is None:
        _follow(connection, article_id, article, sights)


def _follow(
    connection: sqlite3.Connection, article_id: int, article: sqlite3.Row, sights: Iterable[Sight]
) -> None:
    """An article that is there, but no longer under its canonical address, gets the one where it was
    seen last: at once where that is a new one, else when the old one has been empty twice."""
    canonical = article["url_key"]
    here = [sight for sight in sights if sight.url_key == canonical]
    there = max((sight.at for sight in here if sight.seen), default="")
    led = connection.execute(
        f"SELECT fetched_at FROM capture WHERE url_key = ? AND site = ? "
        f"AND status IN ({', '.join(map(str, REDIRECTS))})",
        (canonical, article["site"]),
    )
    empty = sorted(
        at for at in (*(s.at for s in here if not s.seen), *(at for (at,) in led)) if at > there
    )
    if not empty:
        return
    row = first_row(
        connection,
        """
        SELECT u.url, u.url_key, u.first_seen, u.last_seen FROM article_url u
        WHERE u.article_id = ? AND u.url_key <> ? AND NOT EXISTS (
            SELECT 1 FROM article o WHERE o.site = u.site AND o.url_key = u.url_key)
        ORDER BY u.last_seen DESC, length(u.url), u.url LIMIT 1
        """,
        article_id,
        canonical,
    )
    if row is None or row["last_seen"] <= there:
        return
    if row["first_seen"] > there or not _is_soon(empty[0], empty[-1]):
        connection.execute(
            "UPDATE article SET url = ?, url_key = ? WHERE id = ?",
            (row["url"], row["url_key"], article_id),
        )


def _sights(connection: sqlite3.Connection, article_id: int) -> list[Sight]:
    rows = connection.execute(
        """
        SELECT c.fetched_at, c.id, c.url_key, 1
        FROM reading r JOIN capture c ON c.id = r.capture_id WHERE r.article_id = :id
        UNION
        SELECT c.fetched_at, c.id, c.url_key, c.status = 304
        FROM article_url u JOIN capture c ON c.url_key = u.url_key AND c.site = u.site
        LEFT JOIN reading r ON r.capture_id = c.id
        WHERE u.article_id = :id AND c.error = ''
          AND (c.status IN (304, 404, 410) OR r.kind = 'missing')
        """,
        {"id": article_id},
    )
    return [Sight(at, capture, key, bool(seen)) for at, capture, key, seen in rows]


def derive(connection: sqlite3.Connection, site: str | None = None) -> None:
    """Derives the absences of all articles, or of one site's, that any capture missed: where captures
    came before what they mean was known (imports, a database that was lost, an older program). Inside
    a transaction of the caller."""
    articles = connection.execute(
        f"""
        SELECT u.article_id FROM capture c
        JOIN article_url u ON u.site = c.site AND u.url_key = c.url_key
        WHERE c.status IN (404, 410, {", ".join(map(str, REDIRECTS))}) AND c.error = ''
          AND (?1 IS NULL OR c.site = ?1)
        UNION
        SELECT u.article_id FROM reading r JOIN capture c ON c.id = r.capture_id
        JOIN article_url u ON u.site = c.site AND u.url_key = c.url_key
        WHERE r.kind = 'missing' AND (?1 IS NULL OR c.site = ?1)
        """,
        (site,),
    ).fetchall()
    for (article_id,) in articles:
        refresh(connection, article_id)


def bring_up_to_date(connection: sqlite3.Connection, listed: Sequence[int]) -> None:
    """Derives the absences of an archive that was written before they were kept; and what the captures
    ``listed`` again by recovery say. Inside a transaction of the caller."""
    known = connection.execute("SELECT value FROM meta WHERE key = 'absences'").fetchone()
    if known is None or known[0] != _FORM:
        derive(connection)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('absences', ?)", (_FORM,))
    for capture_id in listed:
        site, url_key, status = connection.execute(
            "SELECT site, url_key, status FROM capture WHERE id = ?", (capture_id,)
        ).fetchone()
        if says_not_here(status):
            note_missing(connection, site, url_key)


def says_not_here(status: int | None) -> bool:
    """Whether an answer with this status says that there is nothing under its URL, or leads on."""
    return status in (404, 410) or status in REDIRECTS


def absences_of(connection: sqlite3.Connection, article_id: int) -> tuple[Absence, ...]:
    """The stored absences of an article, oldest first."""
    rows = connection.execute(
        "SELECT since, since_capture, confirmed_at, confirmed_capture, until, until_capture "
        "FROM absence WHERE article_id = ? ORDER BY since",
        (article_id,),
    )
    return tuple(Absence(*row) for row in rows)
