"""The CDXJ index: one line a capture, by which replay tools (pywb, OutbackCDX) find its record.

Derived from the database, never from the WARC files: it can be made again at any time. The fields
are those of cdxj-indexer. Left out are captures that no player can show: those of files that are
still being written, answers to other methods than GET, and 304 (pywb would show an empty page
where the capture before it has the text). Captures of withheld articles and versions are left out
as well.
"""

from __future__ import annotations

import heapq
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from archive.atomic_file import replacing
from archive.surt import surt

STATE_SUFFIX = ".state.json"

# Of `c`, a row of capture: whether its bytes may be shown, and whether a player can show them.
PUBLIC = "c.record_type IS NOT NULL AND c.id NOT IN (SELECT id FROM withheld_capture)"
REPLAYABLE = f"{PUBLIC} AND c.method = 'GET' AND c.status IS NOT 304"


@dataclass(frozen=True, slots=True)
class IndexState:
    """What an index file holds: the WARC files up to the id ``through_warc``, of which ``captures``
    lines, whose places add up to ``places``; ``length`` of the file in bytes. Where the database or
    the file say something else, the index is made anew."""

    through_warc: int = 0
    captures: int = 0
    places: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class IndexUpdate:
    """What was done: lines in the index now, lines added, and whether it was made anew."""

    lines: int
    added: int
    rebuilt: bool


def prepare(connection: sqlite3.Connection) -> None:
    """Makes `cdxj_line` known to a connection."""
    connection.create_function("cdxj_line", 9, cdxj_line, deterministic=True)


def cdxj_line(
    url: str,
    fetched_at: str,
    record_type: str,
    status: int | None,
    media_type: str,
    digest: str | None,
    length: int,
    offset: int,
    filename: str,
) -> str:
    """One line without its end: ``<SURT> <14 digits> <JSON>``, all values strings as cdxj-indexer
    writes them. ``fetched_at`` is UTC text; ``filename`` is what the player is to append to its
    path of archives."""
    mime = "warc/revisit" if record_type == "revisit" else media_type
    fields = {
        "url": url,
        "mime": mime,
        "status": "" if status is None else str(status),
        "digest": digest or "",
        "length": str(length),
        "offset": str(offset),
        "filename": filename,
    }
    known = {name: value for name, value in fields.items() if value}
    return f"{surt(url)} {re.sub(r'[^0-9]', '', fetched_at)[:14]} {json.dumps(known)}"


def update_index(connection: sqlite3.Connection, path: Path) -> IndexUpdate:
    """Brings the index file up to date with the archive: lines of WARC files closed since are
    merged in; nothing is written when there are none. The old index stays in force until the new
    one is whole. ``filename`` in it is relative to the archive's directory.

    ``connection`` comes from archive.database.open_for_reading. What the file holds is noted
    beside it in ``….state.json``. Raises ArchiveError when the disk refuses.
    """
    prepare(connection)
    connection.execute("BEGIN")  # one moment of the archive, whatever is written meanwhile
    try:
        through = _last_settled_warc(connection)
        old = _read_state(path)
        rebuilt = old != _expected(connection, old.through_warc, old.length)
        rebuilt = rebuilt or (path.stat().st_size if path.exists() else 0) != old.length
        base = IndexState() if rebuilt else old
        wanted = _expected(connection, through, 0)
        added = wanted.captures - base.captures
        if path.exists() and not rebuilt and through == base.through_warc:
            return IndexUpdate(base.captures, 0, False)
        with replacing(path) as file:
            length = _merge(file, None if rebuilt else path, _lines(connection, base, through))
        state = IndexState(through, wanted.captures, wanted.places, length)
        with replacing(_state_path(path)) as file:
            file.write(json.dumps(asdict(state)).encode())
        return IndexUpdate(wanted.captures, added, rebuilt and bool(old.length))
    finally:
        connection.execute("ROLLBACK")


def sorted_lines(
    connection: sqlite3.Connection, sql: str, parameters: object = ()
) -> Iterator[str]:
    """The lines that a query gives in its first column, in the byte order that players search by.
    SQLite sorts, on disk where memory does not do. `prepare` comes before."""
    cursor = connection.execute(f"{sql} ORDER BY 1", parameters)  # type: ignore[arg-type]
    cursor.row_factory = None
    return (row[0] for row in cursor)


def _last_settled_warc(connection: sqlite3.Connection) -> int:
    """The WARC file up to which all are closed: nothing is added to them any more."""
    row = connection.execute(
        "SELECT coalesce((SELECT min(id) - 1 FROM warc WHERE closed_at IS NULL), max(id), 0) "
        "FROM warc"
    ).fetchone()
    return int(row[0])


def _expected(connection: sqlite3.Connection, through: int, length: int) -> IndexState:
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(c.warc_offset + c.warc_length), 0) FROM capture c "
        f"WHERE c.warc_id <= ? AND {REPLAYABLE}",
        (through,),
    ).fetchone()
    return IndexState(through, row[0], row[1], length)


def _lines(connection: sqlite3.Connection, base: IndexState, through: int) -> Iterator[bytes]:
    sql = f"""
        SELECT cdxj_line(c.url, c.fetched_at, c.record_type, c.status, c.media_type,
                         c.payload_digest, c.warc_length, c.warc_offset, w.path)
        FROM capture c JOIN warc w ON w.id = c.warc_id
        WHERE c.warc_id > ? AND c.warc_id <= ? AND {REPLAYABLE}
    """
    lines = sorted_lines(connection, sql, (base.through_warc, through))
    return (f"{line}\n".encode() for line in lines)


def _merge(file: IO[bytes], old: Path | None, new: Iterator[bytes]) -> int:
    length = 0
    previous = old.open("rb") if old is not None and old.exists() else None
    try:
        for line in heapq.merge(previous, new) if previous else new:
            file.write(line)
            length += len(line)
    finally:
        if previous:
            previous.close()
    return length


def _state_path(path: Path) -> Path:
    return path.with_name(path.name + STATE_SUFFIX)


def _read_state(path: Path) -> IndexState:
    try:
        return IndexState(**json.loads(_state_path(path).read_bytes()))
    except (OSError, ValueError, TypeError):  # not there, or nothing that we wrote
        return IndexState()
