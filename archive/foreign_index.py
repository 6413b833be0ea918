"""What is in the files of one import, by record: which request belongs to which answer, which
record holds the payload of a revisit, and all answers in the order of time.

Kept in a private SQLite database that spills to disk, because files of others may have millions of
records.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from archive.foreign_exchange import is_web_address, moment_of
from archive.foreign_warc import ForeignRecord
from archive.timestamps import parse_utc, utc_text
from archive.urls import host_of

_SCHEMA = """
    CREATE TABLE record (
        id INTEGER PRIMARY KEY, file INTEGER, part INTEGER, offset INTEGER, skip INTEGER,
        type TEXT, record_id TEXT, url TEXT, host TEXT, date TEXT, concurrent TEXT,
        digest TEXT, refers_id TEXT, refers_url TEXT, refers_date TEXT);
    CREATE INDEX record_id ON record(record_id);
    CREATE INDEX record_concurrent ON record(concurrent) WHERE concurrent <> '';
    CREATE INDEX record_url ON record(url, date);
    CREATE INDEX record_digest ON record(digest) WHERE type = 'response' AND digest <> '';
"""
_PLACE = "id, file, part, offset, skip, type, record_id, url, host, date"


@dataclass(frozen=True, slots=True)
class Located:
    """One record of the import: which file and part of it (numbers), and where. ``date`` is UTC
    text; ``record_id`` without angle brackets; for a revisit ``digest`` and ``refers_*`` name what
    it repeats, as its maker wrote them (the date as UTC text)."""

    id: int
    file: int
    part: int
    offset: int
    skip: int
    type: str
    record_id: str
    url: str
    host: str
    date: str
    digest: str = ""
    refers_id: str = ""
    refers_url: str = ""
    refers_date: str = ""


class ForeignIndex:
    """See the module. To be closed."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def add(self, file: int, part: int, record: ForeignRecord) -> bool:
        """Takes note of a record; False for one that is no part of an HTTP exchange. Raises Damage
        for an answer without a date."""
        is_answer = record.type in {"response", "revisit"} and is_web_address(record.url)
        if not is_answer and not (record.type == "request" and is_web_address(record.url)):
            return False
        self._connection.execute(
            "INSERT INTO record VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file,
                part,
                record.offset,
                record.skip,
                record.type,
                _bare(record.header("WARC-Record-ID")),
                record.url,
                host_of(record.url),
                utc_text(moment_of(record)) if is_answer else "",
                _bare(record.header("WARC-Concurrent-To")),
                record.header("WARC-Payload-Digest"),
                _bare(record.header("WARC-Refers-To")),
                _bare(record.header("WARC-Refers-To-Target-URI")),
                _date(record.header("WARC-Refers-To-Date")),
            ),
        )
        return True

    def hosts(self, file: int) -> dict[str, tuple[int, str, str]]:
        """The hosts that answer in a file: number of answers, date of the first and of the last."""
        rows = self._connection.execute(
            "SELECT host, count(*), min(date), max(date) FROM record "
            "WHERE file = ? AND type <> 'request' GROUP BY host ORDER BY 2 DESC, host",
            (file,),
        )
        return {host: (count, first, last) for host, count, first, last in rows}

    def answers(self) -> Iterator[Located]:
        """All responses and revisits, oldest first."""
        with closing(self._connection.cursor()) as cursor:
            for row in cursor.execute(
                f"SELECT {_PLACE}, digest, refers_id, refers_url, refers_date FROM record "
                "WHERE type <> 'request' ORDER BY date, id"
            ):
                yield Located(*row)

    def count(self) -> int:
        """How many `answers` there are."""
        row = self._connection.execute("SELECT count(*) FROM record WHERE type <> 'request'")
        return int(row.fetchone()[0])

    def request_of(self, answer: Located) -> Located | None:
        """The request that the answer is concurrent to, whichever of the two names the other (wget
        writes the request first, Heritrix the answer)."""
        concurrent = self._connection.execute(
            "SELECT concurrent FROM record WHERE id = ?", (answer.id,)
        ).fetchone()[0]
        return self._first(
            "type = 'request' AND file = ? AND (concurrent = ? OR record_id = ?)",
            answer.file,
            answer.record_id or "-",
            concurrent or "-",
        )

    def original_of(self, revisit: Located) -> Located | None:
        """The record with the payload of a revisit, in whichever file: by its id, by URL and date,
        by digest."""
        return (
            self._first("type = 'response' AND record_id = ?", revisit.refers_id or "-")
            or self._first(
                "type = 'response' AND url = ? AND date = ?",
                revisit.refers_url or "-",
                revisit.refers_date,
            )
            or self._first("type = 'response' AND digest <> '' AND digest = ?", revisit.digest)
        )

    def _first(self, where: str, *values: object) -> Located | None:
        row = self._connection.execute(
            f"SELECT {_PLACE} FROM record WHERE {where} ORDER BY id LIMIT 1", values
        ).fetchone()
        return None if row is None else Located(*row)


def _bare(reference: str) -> str:
    return reference.strip().removeprefix("<").removesuffix(">")


def _date(text: str) -> str:
    try:
        return utc_text(parse_utc(text))
    except ValueError:
        return ""
