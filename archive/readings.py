"""From what a captured page was read as to articles, versions and their history.

The rules that decide what is new, what is an edit and what is the same. Called by archive.ingest
inside its transaction, in the order in which readings were recorded.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from archive.current_version import make_current
from archive.database import first_row
from archive.identity import SHORTEST_TELLING_BODY, text_hash
from archive.schema import Article, PageKind, Reading
from archive.urls import key_of
from archive.withholding import consider, is_withheld, latest_hidden, note_not_shown, settle


class Outcome(StrEnum):
    """What a reading meant for the archive."""

    NEW = "new"  # an article not known before
    CHANGED = "changed"  # a known article has another current version
    UNCHANGED = "unchanged"  # a known article, same current version
    UNREADABLE = "unreadable"  # should be an article, but could not be read
    OTHER = "other"  # not an article


def store_reading(
    connection: sqlite3.Connection, run_id: int, now: str, capture_id: int, reading: Reading
) -> Outcome:
    """Stores what a capture was read as. ``now`` is UTC text, see archive.timestamps.

    - The identity of an article is its site and the URL key of its canonical URL. A page that says
      the same as the current version of another article of the site, title, date and all, is
      that article under another URL.
    - A page that shows what its URL showed the time before adds no version. So two URLs of one
      article that differ for good do not push each other aside at every crawl.
    - Another content is a new version: an edit by the portal, or, when the bytes are those read
      before, another extraction by us.
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
            mark_gone(connection, capture["site"], capture["url_key"], capture["fetched_at"])
        unreadable = reading.kind is PageKind.UNREADABLE
        return Outcome.UNREADABLE if unreadable else Outcome.OTHER
    before = first_row(
        connection,
        "SELECT * FROM reading WHERE capture_id = ? AND version_id IS NOT NULL",
        capture_id,
    )
    found = _find_article(connection, capture, article, before)
    if found is None:
        outcome = Outcome.NEW
        article_id = _insert_article(connection, capture, article)
        version_id = _insert_version(
            connection, run_id, now, article_id, capture_id, "first", reading, article
        )
        make_current(connection, article_id, version_id)
    else:
        article_id = found["id"]
        version_id, current_id = _choose_version(
            connection, run_id, now, found, capture, reading, article, before
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
    for url in (article.url, capture["url"]):
        _put_url(connection, capture["site"], article_id, url, capture["fetched_at"])
    _put_reading(connection, capture_id, reading, article_id, version_id)
    return outcome


def mark_gone(connection: sqlite3.Connection, site: str, key: str, fetched_at: str) -> None:
    """The portal says that there is nothing under this URL: the article whose canonical URL it is,
    or whose current version was captured there, is gone; unless it was seen later than that."""
    connection.execute(
        """
        UPDATE article SET gone_since = :at,
            status = CASE WHEN status = 'withheld' THEN status ELSE 'gone' END
        WHERE gone_since IS NULL AND last_seen <= :at
          AND id = (SELECT article_id FROM article_url WHERE site = :site AND url_key = :key)
          AND (url_key = :key OR :key = (
              SELECT c.url_key FROM version v JOIN capture c ON c.id = v.capture_id
              WHERE v.id = article.version_id))
        """,
        {"site": site, "key": key, "at": fetched_at},
    )


def _find_article(
    connection: sqlite3.Connection,
    capture: sqlite3.Row,
    article: Article,
    before: sqlite3.Row | None,
) -> sqlite3.Row | None:
    site, key = capture["site"], key_of(article.url)
    found = first_row(connection, "SELECT * FROM article WHERE site = ? AND url_key = ?", site, key)
    if found is None and _is_telling(article):
        # The plus keeps SQLite from going through all articles of the site instead.
        found = first_row(
            connection,
            """
            SELECT a.* FROM version v JOIN article a ON a.id = v.article_id
            WHERE v.content_hash = ? AND +a.site = ?
              AND (a.version_id = v.id OR v.id IN (SELECT id FROM withheld_version))
            ORDER BY a.id LIMIT 1
            """,
            article.content_hash(),
            site,
        )
    if found is None:
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
            found = first_row(
                connection, "SELECT * FROM article WHERE id = ?", before["article_id"]
            )
        if found is None or found["status"] == "withheld":
            return found
        if _was_mixed(connection, found, capture, before):
            return None
    return found


def _was_mixed(
    connection: sqlite3.Connection,
    found: sqlite3.Row,
    capture: sqlite3.Row,
    before: sqlite3.Row | None,
) -> bool:
    """Whether this page has only been counted to the article because several pages once named one
    (wrong) canonical URL: what it showed was never shown under another URL of the article. The
    page that made the current version keeps the article."""
    earlier = before or _last_shown(connection, found["id"], capture)
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


def _last_shown(
    connection: sqlite3.Connection, article_id: int, capture: sqlite3.Row
) -> sqlite3.Row | None:
    """What the URL of the capture showed of the article the time before."""
    return first_row(
        connection,
        """
        SELECT r.version_id, c.payload_digest FROM capture c JOIN reading r ON r.capture_id = c.id
        WHERE c.url_key = ? AND c.site = ? AND r.article_id = ?
          AND (c.fetched_at, c.id) < (?, ?)
        ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1
        """,
        capture["url_key"],
        capture["site"],
        article_id,
        capture["fetched_at"],
        capture["id"],
    )


def _is_telling(article: Article) -> bool:
    """Whether equal content can only be the same article: "Thông báo", "Xem tệp đính kèm" without
    a date is printed on many."""
    if not article.title:
        return False
    dated = article.published_at is not None and bool(article.body_text or article.attachments)
    return dated or len(article.body_text) > SHORTEST_TELLING_BODY


def _choose_version(
    connection: sqlite3.Connection,
    run_id: int,
    now: str,
    found: sqlite3.Row,
    capture: sqlite3.Row,
    reading: Reading,
    article: Article,
    before: sqlite3.Row | None,
) -> tuple[int, int]:
    """The version that the capture shows, and the one that is current afterwards."""
    content_hash = article.content_hash()
    current: int = found["version_id"]
    reread = before is not None and before["article_id"] == found["id"]
    supersedes = reread and before is not None and before["version_id"] == current
    newest = capture["fetched_at"] >= found["last_seen"]
    if _hash_of(connection, current) == content_hash:
        return current, current
    hidden = latest_hidden(connection, found["id"])
    if hidden is not None and _hash_of(connection, hidden) == content_hash:
        return hidden, current
    last_shown = _last_shown(connection, found["id"], capture)
    version: int | None = None
    if last_shown is not None and _hash_of(connection, last_shown["version_id"]) == content_hash:
        version = last_shown["version_id"]
    elif reread or not newest:
        same = first_row(
            connection,
            "SELECT id FROM version WHERE article_id = ? AND content_hash = ? "
            "ORDER BY number DESC LIMIT 1",
            found["id"],
            content_hash,
        )
        version = None if same is None else same["id"]
    if version is not None:
        return version, version if supersedes else current
    digest = capture["payload_digest"]
    same_bytes = digest and last_shown is not None and last_shown["payload_digest"] == digest
    cause = "extraction" if reread or same_bytes else "edit"
    version = _insert_version(
        connection, run_id, now, found["id"], capture["id"], cause, reading, article
    )
    replaced = [row["version_id"] for row in (before if reread else None, last_shown) if row]
    consider(connection, version, now, replaced if cause == "extraction" else [])
    return version, version if supersedes or (newest and not reread) else current


def _hash_of(connection: sqlite3.Connection, version_id: int) -> str:
    row = connection.execute("SELECT content_hash FROM version WHERE id = ?", (version_id,))
    return str(row.fetchone()[0])


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


def _insert_version(
    connection: sqlite3.Connection,
    run_id: int,
    now: str,
    article_id: int,
    capture_id: int,
    cause: str,
    reading: Reading,
    article: Article,
) -> int:
    number = connection.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM version WHERE article_id = ?", (article_id,)
    ).fetchone()[0]
    values: Mapping[str, Any] = {
        "article_id": article_id,
        "number": number,
        "cause": cause,
        "content_hash": article.content_hash(),
        "text_hash": text_hash(article.title, article.body_text),
        "capture_id": capture_id,
        "run_id": run_id,
        "extractor": reading.extractor,
        "extractor_version": reading.extractor_version,
        "confidence": reading.confidence,
        "recorded_at": now,
        "title": article.title,
        "summary": article.summary,
        "body_text": article.body_text,
        "author": article.author,
        "category": _json(article.category),
        "published_at": article.published_at,
        "published_raw": article.published_raw,
        "updated_at": article.updated_at,
        "updated_raw": article.updated_raw,
        "view_count": article.view_count,
        "images": _json([asdict(image) for image in article.images]),
        "attachments": _json([asdict(attachment) for attachment in article.attachments]),
        "language": article.language,
        "notes": _json(reading.notes),
    }
    columns = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    cursor = connection.execute(f"INSERT INTO version({columns}) VALUES ({places})", values)
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
            url = CASE WHEN :at >= last_seen AND url_key = :key THEN :url ELSE url END,
            status = CASE WHEN status = 'gone' AND :at >= gone_since THEN 'current' ELSE status END,
            gone_since = CASE WHEN :at >= gone_since THEN NULL ELSE gone_since END
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
        {"url": article.url, "key": key, "id": found["id"], "page": capture["url_key"]},
    )


def _put_url(connection: sqlite3.Connection, site: str, article_id: int, url: str, at: str) -> None:
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
        {"site": site, "key": key_of(url), "url": url, "article": article_id, "at": at},
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
            _json(reading.notes),
        ),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
