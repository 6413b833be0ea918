"""Storing what was read: a file in one short transaction, a recognised page in another.

So a run that is killed loses at most the page that it was at, and a crawl beside it never waits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from archive.attachments.file_text import UNRECOGNISED, FileText, How, Part, State
from archive.attachments.index import index_file, remove_file
from archive.attachments.reading import Recognised
from archive.attachments.tesseract import Tesseract
from archive.database import first_row, transaction

# Raised when the readers read what they could not before: what failed is then read again.
READING = 1

_COULD_NOT = (State.FAILED, State.PARTIAL, State.UNSUPPORTED, State.TOO_BIG, State.ENCRYPTED)


@dataclass(frozen=True, slots=True)
class Unread:
    """A payload to be read, and a capture that has its bytes."""

    payload_digest: str
    capture_id: int
    site: str
    url: str


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of a PDF to be recognised."""

    file_id: int
    number: int
    capture_id: int
    site: str
    url: str


def unread(connection: sqlite3.Connection, sites: Sequence[str], retry: bool) -> list[Unread]:
    """What is to be read, oldest capture first: what never was; what could not be read by earlier
    readers; and with ``retry`` what could not be read at all."""
    failed = ", ".join(f"'{state}'" for state in _COULD_NOT)
    where, parameters = _of_sites(sites)
    rows = connection.execute(
        f"""
        SELECT s.payload_digest, min(s.capture_id), c.site, c.url
        FROM attachment_source s JOIN capture c ON c.id = s.capture_id
        LEFT JOIN attachment_file f ON f.payload_digest = s.payload_digest
        WHERE (f.id IS NULL OR f.state IN ({failed}) AND (f.reading < ? OR ?)){where}
        GROUP BY s.payload_digest ORDER BY 2
        """,
        (READING, retry, *parameters),
    )
    return [Unread(*row) for row in rows]


def waiting_pages(
    connection: sqlite3.Connection, sites: Sequence[str], retry: bool
) -> list[WaitingPage]:
    """The pages to be recognised, file by file; with ``retry`` also those that could not be."""
    where, parameters = _of_sites(sites)
    hows = ", ".join(f"'{how}'" for how in UNRECOGNISED)
    rows = connection.execute(
        f"""
        SELECT p.file_id, p.number, f.capture_id, c.site, c.url
        FROM attachment_part p JOIN attachment_file f ON f.id = p.file_id
        JOIN capture c ON c.id = f.capture_id
        WHERE p.how IN ({hows}) {"" if retry else "AND p.engine = ''"}{where}
        ORDER BY p.file_id, p.number
        """,
        parameters,
    )
    return [WaitingPage(*row) for row in rows]


def store_file(
    connection: sqlite3.Connection, file: Unread, found: FileText, run_id: int, now: str
) -> None:
    """Stores what was read from a payload in place of what was read from it before, and indexes it.
    ``now`` is UTC text."""
    ending, parts = found.ending, _numbered(found.parts)
    with transaction(connection):
        before = first_row(
            connection,
            "SELECT id FROM attachment_file WHERE payload_digest = ?",
            file.payload_digest,
        )
        if before is not None:
            remove_file(connection, before["id"])
            connection.execute("DELETE FROM attachment_part WHERE file_id = ?", (before["id"],))
            connection.execute("DELETE FROM attachment_file WHERE id = ?", (before["id"],))
        cursor = connection.execute(
            "INSERT INTO attachment_file(payload_digest, capture_id, file_type, state, reason, "
            "engine, reading, parts, characters, read_at, run_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(file.payload_digest, file.capture_id, ending.file_type, ending.state),
                *(ending.reason, ending.engine, READING, len(parts)),
                *(sum(len(part.text) for part in parts), now, run_id),
            ),
        )
        assert cursor.lastrowid is not None
        connection.executemany(
            "INSERT INTO attachment_part(file_id, number, kind, name, how, text, confidence) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (cursor.lastrowid, p.number, p.kind, p.name, p.how, p.text, p.confidence)
                for p in parts
            ],
        )
        index_file(connection, cursor.lastrowid)


def store_page(
    connection: sqlite3.Connection, page: WaitingPage, found: Recognised, by: Tesseract
) -> None:
    """Stores a recognised page, or why it could not be. It is found after `finish_file`."""
    place = (page.file_id, page.number)
    with transaction(connection):
        if found.part is None:
            connection.execute(
                "UPDATE attachment_part SET engine = ?, language = ?, reason = ? "
                "WHERE file_id = ? AND number = ?",
                (by.engine, by.language, found.reason, *place),
            )
            return
        row = first_row(
            connection,
            "SELECT indexed AND text <> '' AS held FROM attachment_part "
            "WHERE file_id = ? AND number = ?",
            *place,
        )
        if row is not None and row["held"]:  # garbled text is in the index
            remove_file(connection, page.file_id)
        connection.execute(
            "UPDATE attachment_part SET how = ?, text = ?, confidence = ?, engine = ?, "
            "language = ?, reason = '', indexed = 0 WHERE file_id = ? AND number = ?",
            (How.OCR, found.part.text, found.part.confidence, by.engine, by.language, *place),
        )


def forget_file(connection: sqlite3.Connection, file_id: int) -> None:
    """Forgets what was read from a file, so that the next run reads it again. Its entry in the index is
    left to the caller, and so is the transaction."""
    connection.execute("DELETE FROM attachment_part WHERE file_id = ?", (file_id,))
    connection.execute("DELETE FROM attachment_file WHERE id = ?", (file_id,))


def finish_file(connection: sqlite3.Connection, file_id: int) -> None:
    """Indexes a file with the pages that were recognised, and lets its state say what is left."""
    with transaction(connection):
        index_file(connection, file_id)
        parts, characters, left = connection.execute(
            "SELECT count(*), coalesce(sum(length(text)), 0), "
            "coalesce(sum(how IN ('scan', 'garbled')), 0) FROM attachment_part WHERE file_id = ?",
            (file_id,),
        ).fetchone()
        failed = first_row(
            connection,
            "SELECT number, reason FROM attachment_part WHERE file_id = ? AND reason <> '' "
            "ORDER BY number LIMIT 1",
            file_id,
        )
        connection.execute(
            "UPDATE attachment_file SET parts = ?, characters = ? WHERE id = ?",
            (parts, characters, file_id),
        )
        state = State.SCANNED if left else State.DONE if characters else State.EMPTY
        reason = f"page {failed['number']}: {failed['reason']}" if failed else ""
        connection.execute(
            "UPDATE attachment_file SET state = ?, reason = ? WHERE id = ? AND state IN (?, ?, ?)",
            (state, reason, file_id, State.SCANNED, State.DONE, State.EMPTY),
        )


def unfinished_files(connection: sqlite3.Connection) -> list[int]:
    """Files with text that is in no entry of the index: a run was killed, or the index emptied."""
    rows = connection.execute(
        "SELECT DISTINCT file_id FROM attachment_part WHERE indexed = 0 AND text <> ''"
    )
    return [file_id for (file_id,) in rows]


def _numbered(parts: tuple[Part, ...]) -> list[Part]:
    """The parts, the first of each number: the worker is not trusted to give each number once."""
    return list({part.number: part for part in reversed(parts)}.values())[::-1]


def _of_sites(sites: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if not sites:
        return "", ()
    return f" AND c.site IN ({', '.join('?' * len(sites))})", tuple(sites)
