"""Which captures are files that are to be read: what articles link to, and documents on their own.

An address is matched by its key, whatever portal it was captured for: the same address is the same
file. What is found is stored in short transactions, beside a run that may be writing.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from archive.attachments.file_types import DOCUMENT_MEDIA_TYPES
from archive.database import first_row, transaction
from archive.errors import ArchiveError
from archive.http_head import field_values
from archive.urls import key_of
from archive.warc_reader import NoStoredBytes, read_response

_AT_ONCE = 500  # rows a transaction, so that a crawl beside us never waits long
_LONGEST_CHAIN = 5  # redirects
_REDIRECTS = (301, 302, 303, 307, 308)
_DOCUMENT_NAME = re.compile(r"\.(?:pdf|docx?|xlsx?|xlsb|pptx|rtf|od[tsp])$", re.IGNORECASE)
_NAMELESS = ("", "application/octet-stream", "application/download", "application/force-download")

_ANSWERS = (
    "c.status = 200 AND c.method = 'GET' AND c.warc_id IS NOT NULL "
    "AND c.payload_digest IS NOT NULL AND c.payload_length > 0"
)
_INSERT_SOURCE = "INSERT OR IGNORE INTO attachment_source VALUES (?, ?, ?)"


def collect(connection: sqlite3.Connection, root: Path) -> None:
    """Lists what versions and captures that came since the last time hold."""
    _links(connection)
    _insert(connection, _INSERT_SOURCE, _linked(connection))
    _insert(connection, _INSERT_SOURCE, _redirected(connection, root))
    _documents(connection)


def _links(connection: sqlite3.Connection) -> None:
    last = _noted(connection, "attachments_version")
    while True:
        rows = connection.execute(
            "SELECT id, attachments FROM version WHERE id > ? ORDER BY id LIMIT ?", (last, _AT_ONCE)
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        links = [
            (version_id, position, key_of(file["url"]), file["url"], file["label"])
            for version_id, attachments in rows
            for position, file in enumerate(json.loads(attachments))
        ]
        with transaction(connection):
            connection.executemany(
                "INSERT OR IGNORE INTO attachment_link VALUES (?, ?, ?, ?, ?)", links
            )
            _note(connection, "attachments_version", last)


def _linked(connection: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    rows = connection.execute(
        f"""
        SELECT c.url_key, c.payload_digest, min(c.id)
        FROM (SELECT DISTINCT url_key FROM attachment_link) l JOIN capture c ON c.url_key = l.url_key
        WHERE {_ANSWERS} AND NOT EXISTS (
            SELECT 1 FROM attachment_source s
            WHERE s.url_key = c.url_key AND s.payload_digest = c.payload_digest)
        GROUP BY 1, 2
        """
    )
    yield from map(tuple, rows.fetchall())


def _redirected(connection: sqlite3.Connection, root: Path) -> Iterator[tuple[object, ...]]:
    """What is behind the redirects of addresses that never answered with a file themselves."""
    places = ", ".join(map(str, _REDIRECTS))
    keys = connection.execute(
        f"""
        SELECT DISTINCT l.url_key FROM attachment_link l
        WHERE EXISTS (SELECT 1 FROM capture c WHERE c.url_key = l.url_key AND c.status IN ({places}))
          AND NOT EXISTS (SELECT 1 FROM attachment_source s WHERE s.url_key = l.url_key)
        """
    ).fetchall()
    for (key,) in keys:
        target = _target(connection, root, key)
        if target is not None:
            yield key, *target


def _target(connection: sqlite3.Connection, root: Path, key: str) -> tuple[str, int] | None:
    """Digest and capture at the end of a chain of redirects."""
    places = ", ".join(map(str, _REDIRECTS))
    for _ in range(_LONGEST_CHAIN):
        row = first_row(
            connection,
            f"SELECT c.payload_digest, c.id FROM capture c WHERE c.url_key = ? AND {_ANSWERS} "
            "ORDER BY c.id DESC LIMIT 1",
            key,
        )
        if row is not None:
            return row[0], row[1]
        row = first_row(
            connection,
            f"SELECT id FROM capture WHERE url_key = ? AND status IN ({places}) "
            "AND warc_id IS NOT NULL ORDER BY id DESC LIMIT 1",
            key,
        )
        if row is None:
            return None
        try:
            stored = read_response(connection, root, row["id"])
        except (NoStoredBytes, ArchiveError):  # `huyen verify` tells of damage
            return None
        locations = field_values(stored.head, "Location")
        if not locations:
            return None
        try:
            key = key_of(urljoin(stored.url, locations[0]))
        except ValueError:
            return None
    return None


def _documents(connection: sqlite3.Connection) -> None:
    """Documents that no article names: a register of documents is a listing of links to them."""
    last = _noted(connection, "attachments_capture")
    kinds = ", ".join("?" * (len(DOCUMENT_MEDIA_TYPES) + len(_NAMELESS)))
    while True:
        # Captures that a run beside us has begun to list are seen next time: their ids are higher.
        rows = connection.execute(
            f"SELECT c.id, c.url_key, c.payload_digest, c.url, lower(c.media_type) FROM capture c "
            f"WHERE c.id > ? AND {_ANSWERS} AND lower(c.media_type) IN ({kinds}) "
            "ORDER BY c.id LIMIT ?",
            (last, *DOCUMENT_MEDIA_TYPES, *_NAMELESS, _AT_ONCE),
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        found = [
            (key, digest, capture_id)
            for capture_id, key, digest, url, kind in rows
            if kind not in _NAMELESS or _DOCUMENT_NAME.search(urlsplit(url).path)
        ]
        with transaction(connection):
            connection.executemany(_INSERT_SOURCE, found)
            _note(connection, "attachments_capture", last)


def _insert(connection: sqlite3.Connection, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
    batch: list[tuple[object, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            with transaction(connection):
                connection.executemany(sql, batch)
            batch = []
    if batch:
        with transaction(connection):
            connection.executemany(sql, batch)


def _noted(connection: sqlite3.Connection, key: str) -> int:
    row = first_row(connection, "SELECT value FROM meta WHERE key = ?", key)
    return 0 if row is None else int(row["value"])


def _note(connection: sqlite3.Connection, key: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(value)))
