"""From what a captured page was read as to articles, versions and their history.

The rules that decide which article a page shows; archive.versions has those for its versions. Called
by archive.ingest inside its transaction, in the order in which readings were recorded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum

from archive import absences, recognition
from archive.current_version import make_current
from archive.database import first_row
from archive.identity import Meeting, is_same_article, is_telling
from archive.schema import Article, PageKind, Reading
from archive.timestamps import parse_utc, utc_text
from archive.urls import key_of
from archive.versions import (
    Cause,
    as_json,
    choose_version,
    content_of,
    hash_of,
    insert_version,
    last_shown,
    readings_to_compare,
)
from archive.withholding import is_withheld, note_not_shown, settle

# Reads the stored bytes of a capture with today's extractor; None where they cannot be read.
ReadAgain = Callable[[int], Reading | None]

_MOST_VERSIONS = 20  # that a page under a new address is compared with
_SIDE_BY_SIDE = timedelta(hours=20)  # of one run, which may be an import of years


class Outcome(StrEnum):
    """What a reading meant for the archive."""

    NEW = "new"  # an article not known before
    CHANGED = "changed"  # a known article has another current version
    UNCHANGED = "unchanged"  # a known article, same current version
    UNREADABLE = "unreadable"  # should be an article, but could not be read
    OTHER = "other"  # not an article


def store_reading(
    connection: sqlite3.Connection,
    run_id: int,
    now: str,
    capture_id: int,
    reading: Reading,
    read_again: ReadAgain | None = None,
) -> Outcome:
    """Stores what a capture was read as. ``now`` is UTC text, see archive.timestamps.

    - The identity of an article is its site and the URL key of its canonical URL. A page under
      another address is the same article where archive.identity.is_same_article says so.
    - A page that shows what its URL showed the time before adds no version. So two URLs of one
      article that differ for good do not push each other aside at every crawl.
    - Another content is a new version; archive.versions.Cause says why. Where another extractor read
      what the article showed before, ``read_again`` has it read by today's first, so that what we
      read differently and what the portal changed become two versions.
    - The current version is that of the latest capture, however late an older one is imported; a
      new extraction takes the place of the version it was made anew from.
    - What is withheld stays so, whatever comes: see archive.withholding.

    Raises LookupError for an unknown capture.
    """
    capture = first_row(connection, "SELECT * FROM capture WHERE id = ?", capture_id)
    if capture is None:
        raise LookupError(f"there is no capture {capture_id}")
    article = reading.article
    if article is None:
        _put_reading(connection, capture_id, reading, None, None)
        if reading.kind is PageKind.MISSING:
            absences.note_missing(connection, capture["site"], capture["url_key"])
        unreadable = reading.kind is PageKind.UNREADABLE
        return Outcome.UNREADABLE if unreadable else Outcome.OTHER
    content_hash = article.content_hash()
    before = first_row(
        connection,
        "SELECT * FROM reading WHERE capture_id = ? AND version_id IS NOT NULL",
        capture_id,
    )
    found = _find_article(connection, capture, article, content_hash, before)
    if found is None:
        outcome = Outcome.NEW
        article_id = _insert_article(connection, capture, article)
        version_id = insert_version(
            connection,
            run_id,
            now,
            capture["site"],
            article_id,
            capture_id,
            Cause.FIRST,
            reading,
            article,
            content_hash,
        )
        make_current(connection, article_id, version_id)
    else:
        article_id = found["id"]
        anew: list[int] = []
        if before is None and read_again is not None:
            anew = _read_anew(
                connection, run_id, now, found, capture, reading, content_hash, read_again
            )
        if anew:
            found = _article(connection, article_id)
        version_id, current_id = choose_version(
            connection, run_id, now, found, capture, reading, article, content_hash, before, anew
        )
        outcome = Outcome.UNCHANGED
        if current_id != found["version_id"] and is_withheld(connection, current_id):
            note_not_shown(connection, current_id)
        elif current_id != found["version_id"]:
            outcome = Outcome.CHANGED
            make_current(connection, article_id, current_id)
            if found["status"] == "withheld":  # perhaps only for want of a version to show
                settle(connection, article_id)
        _mark_seen(connection, found, capture, article)
    _put_urls(connection, capture, article_id, article)
    _put_reading(connection, capture_id, reading, article_id, version_id)
    if found is not None:
        absences.note_seen(connection, article_id)
    return outcome


def _read_anew(
    connection: sqlite3.Connection,
    run_id: int,
    now: str,
    found: sqlite3.Row,
    capture: sqlite3.Row,
    reading: Reading,
    content_hash: str,
    read_again: ReadAgain,
) -> list[int]:
    """Has today's extractor read what the article showed before, where another one did; returns the
    captures that it could read. Nothing is to be done where the content is the same anyway."""
    others = list(readings_to_compare(connection, found, capture))
    if any(hash_of(connection, other["version_id"]) == content_hash for other in others):
        return []
    anew = []
    by_whom = (reading.extractor, reading.extractor_version)
    for other in others:
        if (other["extractor"], other["extractor_version"]) == by_whom:
            continue
        again = read_again(other["capture_id"])
        if again is not None and again.article is not None:
            store_reading(connection, run_id, now, other["capture_id"], again)
            anew.append(other["capture_id"])
    return anew


def _find_article(
    connection: sqlite3.Connection,
    capture: sqlite3.Row,
    article: Article,
    content_hash: str,
    before: sqlite3.Row | None,
) -> sqlite3.Row | None:
    site, key = capture["site"], key_of(article.url)
    found = first_row(connection, "SELECT * FROM article WHERE site = ? AND url_key = ?", site, key)
    if found is None and is_telling(article):
        # The plus keeps SQLite from going through all articles of the site instead.
        found = first_row(
            connection,
            """
            SELECT a.* FROM version v JOIN article a ON a.id = v.article_id
            WHERE v.content_hash = ? AND +a.site = ?
              AND (a.version_id = v.id OR v.id IN (SELECT id FROM withheld_version))
            ORDER BY a.id LIMIT 1
            """,
            content_hash,
            site,
        )
    if found is not None:
        return found
    found = first_row(
        connection,
        """
        SELECT a.* FROM article_url u JOIN article a ON a.id = u.article_id
        WHERE u.site = ? AND u.url_key = ?
        """,
        site,
        key,
    )
    if found is None and before is not None:
        # Today's extractor finds another canonical URL on a page that was read before.
        found = _article(connection, before["article_id"])
    if found is None:
        return _recognise(connection, capture, article)
    if found["status"] == "withheld":
        return found
    return None if _was_mixed(connection, found, capture, before) else found


def _recognise(
    connection: sqlite3.Connection, capture: sqlite3.Row, article: Article
) -> sqlite3.Row | None:
    """The article that this page, whose address is new, shows under another address."""
    site = capture["site"]
    led_from = list(recognition.led_from(connection, capture))
    led = _articles_at(connection, site, led_from) if led_from else []
    named = recognition.of_same_title_and_day(connection, site, article.title, article.published_at)
    for article_id in dict.fromkeys((*led, *named)):
        meeting = Meeting(
            led=article_id in led, side_by_side=_is_side_by_side(connection, article_id, capture)
        )
        if any(
            is_same_article(content_of(connection, version_id), article, meeting)
            for version_id in _versions(connection, article_id)
        ):
            return _article(connection, article_id)
    return None


def _articles_at(connection: sqlite3.Connection, site: str, keys: Sequence[str]) -> list[int]:
    places = ", ".join("?" * len(keys))
    rows = connection.execute(
        f"SELECT article_id FROM article_url WHERE site = ? AND url_key IN ({places})",
        (site, *keys),
    )
    return [article for (article,) in rows]


def _versions(connection: sqlite3.Connection, article_id: int) -> list[int]:
    """What the article ever said, the latest first: an older page may be imported, and what is withheld
    must not come back as another article."""
    rows = connection.execute(
        "SELECT id FROM version WHERE article_id = ? ORDER BY number DESC LIMIT ?",
        (article_id, _MOST_VERSIONS),
    )
    return [version for (version,) in rows]


def _is_side_by_side(connection: sqlite3.Connection, article_id: int, capture: sqlite3.Row) -> bool:
    """Whether this page and the article were met together for the first time: then they were there at
    one time under two addresses. (A page that is new beside an article that has long been known may
    be its new place, while the old one still answers.)"""
    at = parse_utc(capture["fetched_at"])
    row = connection.execute(
        "SELECT 1 FROM version v JOIN article a ON a.id = v.article_id "
        "JOIN capture c ON c.id = v.capture_id WHERE a.id = ? "
        "AND v.number = 1 AND c.run_id = ? AND a.first_seen BETWEEN ? AND ?",
        (
            article_id,
            capture["run_id"],
            utc_text(at - _SIDE_BY_SIDE),
            utc_text(at + _SIDE_BY_SIDE),
        ),
    ).fetchone()
    return row is not None


def _was_mixed(
    connection: sqlite3.Connection,
    found: sqlite3.Row,
    capture: sqlite3.Row,
    before: sqlite3.Row | None,
) -> bool:
    """Whether this page has only been counted to the article because several pages once named one
    (wrong) canonical URL: what it showed was never shown under another URL of the article. The
    page that made the current version keeps the article."""
    earlier = before or last_shown(connection, found["id"], capture)
    if earlier is None or earlier["version_id"] == found["version_id"]:
        return False
    if is_withheld(connection, earlier["version_id"]):  # an article of its own would be shown
        return False
    shared, others = connection.execute(
        """
        SELECT coalesce(sum(r.version_id = ?), 0), count(*)
        FROM reading r JOIN capture c ON c.id = r.capture_id
        WHERE r.article_id = ? AND c.url_key <> ?
        """,
        (earlier["version_id"], found["id"], capture["url_key"]),
    ).fetchone()
    return bool(others) and not shared


def _article(connection: sqlite3.Connection, article_id: int) -> sqlite3.Row:
    row = first_row(connection, "SELECT * FROM article WHERE id = ?", article_id)
    assert row is not None
    return row


def _insert_article(connection: sqlite3.Connection, capture: sqlite3.Row, article: Article) -> int:
    cursor = connection.execute(
        "INSERT INTO article(site, url, url_key, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)",
        (
            capture["site"],
            article.url,
            key_of(article.url),
            capture["fetched_at"],
            capture["fetched_at"],
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _mark_seen(
    connection: sqlite3.Connection, found: sqlite3.Row, capture: sqlite3.Row, article: Article
) -> None:
    at, key = capture["fetched_at"], key_of(article.url)
    connection.execute(
        """
        UPDATE article SET
            first_seen = min(first_seen, :at),
            last_seen = max(last_seen, :at),
            url = CASE WHEN :at >= last_seen AND url_key = :key THEN :url ELSE url END
        WHERE id = :id
        """,
        {"at": at, "key": key, "url": article.url, "id": found["id"]},
    )
    if key == found["url_key"] or at < found["last_seen"]:
        return
    # An article of one page has the canonical URL that this page names today.
    connection.execute(
        """
        UPDATE article SET url = :url, url_key = :key
        WHERE id = :id AND NOT EXISTS (
            SELECT 1 FROM article o WHERE o.site = article.site AND o.url_key = :key)
          AND NOT EXISTS (
            SELECT 1 FROM reading r JOIN capture c ON c.id = r.capture_id
            WHERE r.article_id = :id AND c.url_key <> :page)
        """,
        {
            "url": article.url,
            "key": key,
            "id": found["id"],
            "page": capture["url_key"],
        },
    )


def _put_urls(
    connection: sqlite3.Connection, capture: sqlite3.Row, article_id: int, article: Article
) -> None:
    """Notes that the canonical URL and that of the page lead to the article; of two with one key, as
    nearly always, the page's is kept."""
    site, page, at = capture["site"], capture["url"], capture["fetched_at"]
    page_key, canonical_key = key_of(page), key_of(article.url)
    if canonical_key != page_key:
        _put_url(connection, site, article_id, article.url, canonical_key, at)
    _put_url(connection, site, article_id, page, page_key, at)


def _put_url(
    connection: sqlite3.Connection, site: str, article_id: int, url: str, key: str, at: str
) -> None:
    """Notes that the URL leads to the article. One that led to another before (a "newest" page)
    moves on with the later capture; a canonical URL always belongs to its own article."""
    connection.execute(
        """
        INSERT INTO article_url(site, url_key, url, article_id, first_seen, last_seen)
        VALUES (:site, :key, :url, :article, :at, :at)
        ON CONFLICT (site, url_key) DO UPDATE SET
            url = CASE WHEN :at >= last_seen THEN :url ELSE url END,
            first_seen = CASE WHEN article_id = :article THEN min(first_seen, :at) ELSE :at END,
            last_seen = max(last_seen, :at),
            article_id = :article
        WHERE :article = coalesce(
            (SELECT a.id FROM article a WHERE a.site = :site AND a.url_key = :key),
            CASE WHEN :at >= last_seen THEN :article ELSE article_id END)
        """,
        {"site": site, "key": key, "url": url, "article": article_id, "at": at},
    )


def _put_reading(
    connection: sqlite3.Connection,
    capture_id: int,
    reading: Reading,
    article_id: int | None,
    version_id: int | None,
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            capture_id,
            reading.kind.value,
            article_id,
            version_id,
            reading.extractor,
            reading.extractor_version,
            reading.confidence,
            None if reading.article is None else reading.article.view_count,
            as_json(reading.notes),
        ),
    )
