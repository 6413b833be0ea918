"""Which version of a known article a capture shows, and why there is a new one.

The rules that tell an edit by the portal from everything that only looks like one. Called by
archive.readings inside the transaction of the caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum

from archive.articles import article_of
from archive.database import first_row
from archive.identity import Likeness, compare, text_hash
from archive.recognition import add_key
from archive.schema import Article, Reading
from archive.withholding import consider, latest_hidden, withheld_versions

# In the order of the values in `insert_version`.
_COLUMNS = (
    "article_id, number, cause, content_hash, text_hash, capture_id, run_id, extractor, "
    "extractor_version, confidence, recorded_at, title, summary, body_text, author, category, "
    "published_at, published_raw, updated_at, updated_raw, view_count, images, attachments, "
    "language, notes"
)
_INSERT = f"INSERT INTO version({_COLUMNS}) VALUES ({', '.join('?' for _ in _COLUMNS.split(', '))})"
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Cause(StrEnum):
    """Why a version came to be."""

    FIRST = "first"  # the article was not known before
    EDIT = "edit"  # by the portal: other words, files or dates
    REDESIGN = "redesign"  # the portal prints the same words otherwise: archive.identity.compare
    EXTRACTION = "extraction"  # by us: the same bytes, read by another extractor
    UNCLEAR = "unclear"  # bytes and extractor are others, and the old bytes cannot be read again


def choose_version(
    connection: sqlite3.Connection,
    run_id: int,
    now: str,
    found: sqlite3.Row,
    capture: sqlite3.Row,
    reading: Reading,
    article: Article,
    content_hash: str,
    before: sqlite3.Row | None,
    read_again: Collection[int],
) -> tuple[int, int]:
    """The version that the capture shows, and the one that is current afterwards.

    ``content_hash`` is that of the article; ``found`` is the article's row, ``before`` the reading that this one replaces; ``read_again`` are
    captures of the article that today's extractor has read.
    """
    current: int = found["version_id"]
    reread = before is not None and before["article_id"] == found["id"]
    supersedes = reread and before is not None and before["version_id"] == current
    newest = capture["fetched_at"] >= found["last_seen"]
    if hash_of(connection, current) == content_hash:
        return current, current
    hidden = latest_hidden(connection, found["id"])
    if hidden is not None and hash_of(connection, hidden) == content_hash:
        return hidden, current
    shown = last_shown(connection, found["id"], capture)
    version: int | None = None
    if shown is not None and hash_of(connection, shown["version_id"]) == content_hash:
        version = shown["version_id"]
    elif reread or not newest:
        version = _latest_like(connection, found["id"], content_hash)
    if version is not None:
        return version, version if supersedes else current
    digest = capture["payload_digest"]
    replaced = [row["version_id"] for row in (before if reread else None, shown) if row]
    if reread or (digest and shown is not None and shown["payload_digest"] == digest):
        cause = Cause.EXTRACTION
    else:
        likes = {
            row["version_id"]: _likeness(connection, row, capture, reading, article)
            for row in readings_to_compare(connection, found, capture)
        }
        for like, likeness in likes.items():
            if likeness is Likeness.SAME:
                return like, current
        replaced = [
            row["version_id"]
            for row in _withheld(connection, found, capture)
            if _likeness(connection, row, capture, reading, article) is not Likeness.OTHER
        ]
        if Likeness.FORM in likes.values():
            version = _latest_like(connection, found["id"], content_hash, since_edit=True)
            if version is not None:  # printed once this way, once that way
                return version, current
            cause = Cause.REDESIGN
        elif _is_comparable(connection, found, capture, reading, read_again):
            cause = Cause.EDIT
        else:
            cause = Cause.UNCLEAR
    version = insert_version(
        connection,
        run_id,
        now,
        found["site"],
        found["id"],
        capture["id"],
        cause,
        reading,
        article,
        content_hash,
    )
    consider(connection, version, now, replaced)
    return version, version if supersedes or (newest and not reread) else current


def last_shown(
    connection: sqlite3.Connection, article_id: int, capture: sqlite3.Row
) -> sqlite3.Row | None:
    """What the URL of the capture showed of the article the time before: its reading, with
    ``payload_digest`` and ``url_key`` of the capture."""
    return first_row(
        connection,
        """
        SELECT r.*, c.payload_digest, c.url_key FROM capture c JOIN reading r ON r.capture_id = c.id
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


def readings_to_compare(
    connection: sqlite3.Connection, found: sqlite3.Row, capture: sqlite3.Row
) -> Iterator[sqlite3.Row]:
    """The readings with which one of this capture is compared: the last of its URL, and the latest
    that shows the current version. Rows as those of `last_shown`."""
    shown = last_shown(connection, found["id"], capture)
    if shown is not None:
        yield shown
    if shown is None or shown["version_id"] != found["version_id"]:
        latest = _latest_showing(connection, found["id"], found["version_id"], capture["id"])
        if latest is not None:
            yield latest


def hash_of(connection: sqlite3.Connection, version_id: int) -> str:
    """The content hash of a stored version."""
    row = connection.execute("SELECT content_hash FROM version WHERE id = ?", (version_id,))
    return str(row.fetchone()[0])


def content_of(connection: sqlite3.Connection, version_id: int) -> Article:
    """The content of a stored version."""
    row = first_row(
        connection,
        "SELECT v.*, a.url FROM version v JOIN article a ON a.id = v.article_id WHERE v.id = ?",
        version_id,
    )
    assert row is not None
    return article_of(row)


def _likeness(
    connection: sqlite3.Connection,
    earlier: sqlite3.Row,
    capture: sqlite3.Row,
    reading: Reading,
    article: Article,
) -> Likeness:
    """How a reading of the capture compares with an earlier one, a row as that of `last_shown`."""
    there, here = (
        (earlier["url_key"], earlier["extractor"]),
        (capture["url_key"], reading.extractor),
    )
    return compare(content_of(connection, earlier["version_id"]), article, moved=there != here)


def _withheld(
    connection: sqlite3.Connection, found: sqlite3.Row, capture: sqlite3.Row
) -> Iterator[sqlite3.Row]:
    for version_id in withheld_versions(connection, found["id"]):
        latest = _latest_showing(connection, found["id"], version_id, capture["id"])
        if latest is not None:
            yield latest


def _is_comparable(
    connection: sqlite3.Connection,
    found: sqlite3.Row,
    capture: sqlite3.Row,
    reading: Reading,
    read_again: Collection[int],
) -> bool:
    """Whether one extractor has read all, so that what differs is the portal's doing."""
    return all(
        row["capture_id"] in read_again
        or (row["extractor"], row["extractor_version"])
        == (reading.extractor, reading.extractor_version)
        for row in readings_to_compare(connection, found, capture)
    )


def _latest_showing(
    connection: sqlite3.Connection, article_id: int, version_id: int, but: int
) -> sqlite3.Row | None:
    return first_row(
        connection,
        """
        SELECT r.*, c.payload_digest, c.url_key FROM reading r JOIN capture c ON c.id = r.capture_id
        WHERE r.article_id = ? AND r.version_id = ? AND c.id <> ?
        ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1
        """,
        article_id,
        version_id,
        but,
    )


def _latest_like(
    connection: sqlite3.Connection, article_id: int, content_hash: str, *, since_edit: bool = False
) -> int | None:
    """The latest version with this content; with ``since_edit`` only of those since the portal last
    changed more than the form."""
    row = connection.execute(
        """
        SELECT id FROM version WHERE article_id = :article AND content_hash = :hash
          AND (NOT :since_edit OR number >= (
            SELECT coalesce(max(number), 0) FROM version
            WHERE article_id = :article AND cause IN ('first', 'edit', 'unclear')))
        ORDER BY number DESC LIMIT 1
        """,
        {"article": article_id, "hash": content_hash, "since_edit": since_edit},
    ).fetchone()
    return None if row is None else int(row[0])


def insert_version(
    connection: sqlite3.Connection,
    run_id: int,
    now: str,
    site: str,
    article_id: int,
    capture_id: int,
    cause: Cause,
    reading: Reading,
    article: Article,
    content_hash: str,
) -> int:
    """Adds the next version of an article, whose content has this hash, and returns its id."""
    number = 1
    if cause is not Cause.FIRST:
        (last,) = connection.execute(
            "SELECT max(number) FROM version WHERE article_id = ?", (article_id,)
        ).fetchone()
        number = last + 1
    cursor = connection.execute(
        _INSERT,
        (
            article_id,
            number,
            cause.value,
            content_hash,
            text_hash(article.title, article.body_text),
            capture_id,
            run_id,
            reading.extractor,
            reading.extractor_version,
            reading.confidence,
            now,
            article.title,
            article.summary,
            article.body_text,
            article.author,
            as_json(article.category),
            article.published_at,
            article.published_raw,
            article.updated_at,
            article.updated_raw,
            article.view_count,
            as_json([asdict(image) for image in article.images]),
            as_json([asdict(attachment) for attachment in article.attachments]),
            article.language,
            as_json(reading.notes),
        ),
    )
    assert cursor.lastrowid is not None
    add_key(connection, site, article_id, article.title, article.published_at)
    return cursor.lastrowid


def as_json(values: Sequence[object]) -> str:
    """A list as it stands in a column: compact, letters as they are."""
    return _compact(values) if values else "[]"
