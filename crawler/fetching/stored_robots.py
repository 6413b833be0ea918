"""The archive is the cache of robots.txt: what a host answered last is in it anyway."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin

from archive.errors import ArchiveError
from archive.http_head import field_values
from archive.timestamps import utc_text
from archive.urls import canonical_url, key_of
from archive.warc_reader import (
    BodyTooLarge,
    DamagedRecord,
    NoStoredBytes,
    StoredResponse,
    UndecodableBody,
    read_response,
)

_MOST_REDIRECTS = 5  # RFC 9309, section 2.3.1.2: at least five should be followed


@dataclass(frozen=True, slots=True)
class Robots:
    """What a host answered for its robots.txt: ``status`` (never 3xx) and the decoded body."""

    status: int
    body: bytes


def stored_robots(
    connection: sqlite3.Connection, root: Path, url: str, since: datetime
) -> Robots | None:
    """The last answer for this address after ``since`` (aware) that tells what may be asked:
    2xx or 4xx, redirects followed through the archive. None where there is none.

    An answer 429 or 5xx tells nothing, so what was said before it holds.
    """
    for _ in range(_MOST_REDIRECTS + 1):
        response = _last_answer(connection, root, url, since)
        if response is None or response.status is None:
            return None
        if not 300 <= response.status < 400:
            try:
                return Robots(response.status, response.body())
            except (BodyTooLarge, UndecodableBody):
                return None
        location = field_values(response.head, "Location")
        try:
            url = canonical_url(urljoin(url, location[0])) if location else ""
        except ValueError:
            return None
    return None


def _last_answer(
    connection: sqlite3.Connection, root: Path, url: str, since: datetime
) -> StoredResponse | None:
    row = connection.execute(
        "SELECT id FROM capture WHERE url_key = ? AND url = ? AND fetched_at > ? AND method = 'GET' "
        "AND status BETWEEN 200 AND 499 AND status NOT IN (304, 429) AND record_type IS NOT NULL "
        "ORDER BY fetched_at DESC, id DESC LIMIT 1",
        (key_of(url), url, utc_text(since)),
    ).fetchone()
    if row is None:
        return None
    try:
        return read_response(connection, root, int(row[0]))
    except (ArchiveError, DamagedRecord, NoStoredBytes):
        return None
