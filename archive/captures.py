"""The row about one exchange, and the records that later ones may refer to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields
from operator import attrgetter

from archive.exchange import Exchange
from archive.http_head import field_values
from archive.timestamps import utc_text
from archive.urls import key_of
from archive.warc_writer import Profile, Revisit, header_uri, one_line

NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Place:
    """Where a response or revisit record is: the gzip member's offset and length in bytes."""

    warc_id: int
    offset: int
    length: int
    record_type: str
    record_id: str
    payload_digest: str
    refers_to: int | None


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """One row of the table `capture`, its fields in the order of the columns."""

    id: int
    run_id: int
    site: str
    url: str
    url_key: str
    method: str
    fetched_at: str
    status: int | None
    media_type: str
    payload_digest: str | None
    payload_length: int | None
    etag: str
    last_modified: str
    record_type: str | None
    record_id: str | None
    warc_id: int | None
    warc_offset: int | None
    warc_length: int | None
    refers_to: int | None
    truncated: str
    error: str
    via: str


_COLUMNS = tuple(field.name for field in fields(CaptureRow))
_values_of = attrgetter(*_COLUMNS)
_INSERT = f"INSERT INTO capture({', '.join(_COLUMNS)}) VALUES ({', '.join('?' for _ in _COLUMNS)})"


def capture_row(
    capture_id: int, run_id: int, site: str, exchange: Exchange, place: Place | None
) -> CaptureRow:
    """The row for an exchange; ``place`` is None when it has no bytes."""
    etag = field_values(exchange.response_head, "ETag")
    last_modified = field_values(exchange.response_head, "Last-Modified")
    has_payload = exchange.payload or exchange.status != NOT_MODIFIED
    return CaptureRow(
        id=capture_id,
        run_id=run_id,
        site=site,
        url=header_uri(exchange.url),
        url_key=key_of(exchange.url),
        method=exchange.method,
        fetched_at=utc_text(exchange.fetched_at),
        status=exchange.status,
        media_type=one_line(exchange.media_type),
        payload_digest=place.payload_digest if place and has_payload else None,
        payload_length=len(exchange.payload) if place else None,
        etag=etag[0] if etag else "",
        last_modified=last_modified[0] if last_modified else "",
        record_type=place.record_type if place else None,
        record_id=place.record_id if place else None,
        warc_id=place.warc_id if place else None,
        warc_offset=place.offset if place else None,
        warc_length=place.length if place else None,
        refers_to=place.refers_to if place else None,
        truncated=exchange.truncated,
        error=one_line(exchange.error),
        via=one_line(exchange.via),
    )


def insert_capture(connection: sqlite3.Connection, row: CaptureRow) -> None:
    """Inserts the row; the caller's transaction, after the bytes are durable."""
    connection.execute(_INSERT, _values_of(row))


def next_id(connection: sqlite3.Connection, table: str) -> int:
    """The first unused id. Ids can be given before the row exists, as there is one writer."""
    row = connection.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()
    return int(row[0])


def stored_payload(connection: sqlite3.Connection, digest: str) -> Revisit | None:
    """The capture, of whichever site, whose record holds these very bytes, whole and durable."""
    row = connection.execute(
        "SELECT id, record_id, url, fetched_at FROM capture "
        "WHERE payload_digest = ? AND record_type = 'response' AND truncated = '' "
        "ORDER BY id LIMIT 1",
        (digest,),
    ).fetchone()
    return None if row is None else Revisit(Profile.IDENTICAL_PAYLOAD, *row)


def unmodified_payload(connection: sqlite3.Connection, url: str, at: str) -> Revisit | None:
    """The capture that holds what this URL answered when, up to the time ``at`` (UTC text), it last
    answered with a body: what a 304 of that time says has not changed."""
    row = connection.execute(
        """
        SELECT o.id, o.record_id, o.url, o.fetched_at
        FROM capture c JOIN capture o ON o.id = coalesce(c.refers_to, c.id)
        WHERE c.url_key = ? AND c.url = ? AND c.fetched_at <= ? AND c.status = 200
          AND c.record_type IS NOT NULL
        ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1
        """,
        (key_of(url), header_uri(url), at),
    ).fetchone()
    return None if row is None else Revisit(Profile.NOT_MODIFIED, *row)
