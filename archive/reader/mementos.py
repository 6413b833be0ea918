"""The captures of one address along time: the nearest to a moment, the ones before and after."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from archive.timestamps import parse_utc, utc_text
from archive.urls import url_key

_FORM = "%Y%m%d%H%M%S"
_NEIGHBOURS = 8  # captures looked at on each side: a redirect to https has the same key and second

# What has bytes and is not withheld: no article, no version, no file that belongs to one.
_SHOWN = "c.warc_id IS NOT NULL AND c.id NOT IN (SELECT id FROM withheld_capture)"
_COLUMNS = (
    "c.id, c.url, c.fetched_at, c.status, c.media_type, c.site, c.refers_to, c.payload_length"
)


@dataclass(frozen=True, slots=True)
class Memento:
    """A capture that can be shown. ``stamp`` is its time as 14 digits, UTC; ``length`` that of its
    payload, bytes."""

    id: int
    url: str
    fetched_at: str
    status: int | None
    media_type: str
    site: str
    length: int | None = None

    @property
    def stamp(self) -> str:
        return self.when.strftime(_FORM)

    @property
    def when(self) -> datetime:
        return parse_utc(self.fetched_at)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """First, last, and the captures before and after a given one."""

    first: Memento
    previous: Memento | None
    next: Memento | None
    last: Memento
    count: int


def stamp_to_moment(stamp: str) -> datetime:
    """1 to 14 digits, UTC; missing ones are the earliest. Raises ValueError for no such moment."""
    if not (4 <= len(stamp) <= 14 and stamp.isascii() and stamp.isdigit()):
        raise ValueError(f"not a time stamp: {stamp!r}")
    whole = stamp + "00000101000000"[len(stamp) :]
    return datetime.strptime(whole, _FORM).replace(tzinfo=UTC)


def by_id(connection: sqlite3.Connection, capture_id: int) -> Memento | None:
    """None for an unknown capture, one without bytes, and one that is withheld."""
    rows = _some(connection, "c.id = ?", "c.id", (capture_id,), 1)
    return rows[0] if rows else None


def is_withheld(connection: sqlite3.Connection, memento: Memento) -> bool:
    """Whether the public does not see this capture."""
    found = connection.execute(
        "SELECT 1 FROM main.withheld_capture WHERE id = ?", (memento.id,)
    ).fetchone()
    return found is not None


def nearest(connection: sqlite3.Connection, url: str, when: datetime) -> Memento | None:
    """The capture of the address that is nearest to the moment, given to the second. Of several
    within one second the one that has a page, not a redirect or an error."""
    try:
        key = url_key(url)
    except ValueError:
        return None
    moment = utc_text(when.replace(microsecond=0))
    both = [
        *_some(connection, "c.url_key = ? AND c.fetched_at >= ?", "c.fetched_at", (key, moment)),
        *_some(
            connection, "c.url_key = ? AND c.fetched_at < ?", "c.fetched_at DESC", (key, moment)
        ),
    ]

    def rank(found: Memento) -> tuple[float, bool, bool, int]:
        distance = abs(int(found.when.timestamp()) - int(when.timestamp()))
        return distance, found.status not in (200, 304), found.url != url, -found.id

    return min(both, key=rank, default=None)


def nearest_of_type(
    connection: sqlite3.Connection, urls: Iterable[str], when: datetime, kind: str = ""
) -> dict[str, Memento]:
    """For each address that was answered with 200 (and a media type beginning with ``kind``), the
    capture nearest in time."""
    found = {}
    for url in dict.fromkeys(urls):
        memento = nearest(connection, url, when)
        if memento and memento.status in (200, 304) and memento.media_type.startswith(kind):
            found[url] = memento
    return found


def all_of(connection: sqlite3.Connection, url: str, most: int) -> list[Memento]:
    """The captures of the address, oldest first, the newest ``most`` of them."""
    try:
        key = url_key(url)
    except ValueError:
        return []
    return _some(connection, "c.url_key = ?", "c.fetched_at DESC, c.id DESC", (key,), most)[::-1]


def count_of(connection: sqlite3.Connection, url: str) -> int:
    """How many captures of the address can be shown."""
    (count,) = connection.execute(
        f"SELECT count(*) FROM capture c WHERE c.url_key = ? AND {_SHOWN}", (url_key(url),)
    ).fetchone()
    return int(count)


def some_of(connection: sqlite3.Connection, url: str, most: int, skipped: int) -> list[Memento]:
    """At most so many captures of the address, oldest first, after those that are skipped."""
    key = url_key(url)
    return _some(connection, "c.url_key = ?", "c.fetched_at, c.id", (key,), most, skipped)


def neighbours(connection: sqlite3.Connection, memento: Memento) -> Neighbours:
    """Of that capture, of the same address."""
    key = url_key(memento.url)
    at = (key, memento.fetched_at)
    earlier = _some(connection, "c.url_key = ? AND c.fetched_at < ?", "c.fetched_at DESC", at, 1)
    later = _some(connection, "c.url_key = ? AND c.fetched_at > ?", "c.fetched_at", at, 1)
    first = _some(connection, "c.url_key = ?", "c.fetched_at", (key,), 1)
    last = _some(connection, "c.url_key = ?", "c.fetched_at DESC", (key,), 1)
    return Neighbours(
        first=first[0],
        previous=earlier[0] if earlier else None,
        next=later[0] if later else None,
        last=last[0],
        count=count_of(connection, memento.url),
    )


def _some(
    connection: sqlite3.Connection,
    condition: str,
    order: str,
    values: tuple[object, ...],
    most: int = _NEIGHBOURS,
    skipped: int = 0,
) -> list[Memento]:
    cursor = connection.execute(
        f"""
        SELECT {_COLUMNS}, h.media_type AS held_type
        FROM capture c LEFT JOIN capture h ON h.id = c.refers_to
        WHERE {condition} AND {_SHOWN} ORDER BY {order} LIMIT ? OFFSET ?
        """,
        (*values, most, skipped),
    )
    cursor.row_factory = sqlite3.Row
    return [
        Memento(
            id=row["id"],
            url=row["url"],
            fetched_at=row["fetched_at"],
            status=row["status"],
            # An answer "not modified" names no media type; what it refers to does.
            media_type=row["media_type"] or row["held_type"] or "",
            site=row["site"],
            length=row["payload_length"],
        )
        for row in cursor
    ]
