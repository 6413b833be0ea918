"""Is what the archive says it has still there, bit for bit?

A reader: takes no lock, and may run while a crawl writes. What that crawl has not committed yet is
no damage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.damage import Findings
from archive.database import (
    DATABASE_NAME,
    open_for_reading,
    open_to_note,
    sqlite_errors,
    transaction,
)
from archive.file_fixity import (
    check_file,
    check_imports,
    check_length,
    check_sample,
    check_unlisted,
)
from archive.index_fixity import check_entries, check_indexes
from archive.row_fixity import check_contents, check_database, check_rows
from archive.timestamps import parse_utc, utc_text


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification of the whole archive in the past: when (aware) and how many problems."""

    at: datetime
    problems: int

    def ago(self, now: datetime) -> str:
        """How long ago that was, for a person: ``3 days ago``."""
        minutes = max(0, int((now - self.at).total_seconds()) // 60)
        for name, size in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
            if minutes >= size:
                count = minutes // size
                return f"{count} {name}{'s' if count > 1 else ''} ago"
        return "just now"


@dataclass(slots=True, kw_only=True)
class FixityReport(Findings):
    """What a verification found. ``full``: every record, not a sample; ``captures``: rows in the
    database; ``before``: when the whole archive was last verified before this, None if never."""

    full: bool
    before: Verification | None = None
    captures: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(
    root: Path,
    now: datetime,
    sample: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> FixityReport:
    """Compares rows and bytes of the archive, and each with itself.

    Everything is re-read, or with ``sample`` so many captures chosen at random; the database is
    checked in both cases. ``progress`` is told bytes read and to read. After a full verification
    its time ``now`` (aware) is stored in `meta` as ``verified_at``. Raises ArchiveError when the
    archive cannot be opened.
    """
    report = FixityReport(full=sample is None)
    with closing(open_for_reading(root)) as connection, sqlite_errors(root / DATABASE_NAME):
        connection.execute(
            "PRAGMA query_only = OFF"
        )  # for temporary tables; the file stays mode=ro
        connection.execute("PRAGMA temp_store = FILE")
        check_database(connection, report)
        connection.execute("BEGIN")
        report.before = last_verification(connection)
        check_rows(connection, report)
        check_entries(connection, report)
        report.captures = connection.execute("SELECT count(*) FROM capture").fetchone()[0]
        files = connection.execute("SELECT * FROM warc ORDER BY id").fetchall()
        if sample is None:
            check_contents(connection, report)
            check_indexes(connection, report)
        # The files take long: a snapshot held until then would let the write-ahead log of a
        # running crawl grow. What is added meanwhile lies beyond the lengths noted here.
        # Nothing was written; to commit fails where an index is damaged.
        connection.execute("ROLLBACK")
        if sample is None:
            total, done = sum(row["length"] for row in files), 0
            for row in files:
                check_file(root, connection, row, report)
                done += row["length"]
                progress(done, total)
        else:
            for row in files:
                check_length(root, row, report)
            check_sample(root, connection, sample, report, progress)
        check_imports(root, connection, report, full=sample is None)
    check_unlisted(root, {row["path"] for row in files}, report)
    tails = sorted((root / "lost+found").glob("*.tail"))
    if tails:
        report.notes.append(f"{len(tails)} torn ends of WARC files lie in lost+found.")
    if sample is None:
        _note_verification(root, now, report)
    return report


def last_verification(connection: sqlite3.Connection) -> Verification | None:
    """When every record of the archive was last read and compared, None if never."""
    facts = dict(
        connection.execute(
            "SELECT key, value FROM meta WHERE key IN ('verified_at', 'verified_problems')"
        ).fetchall()
    )
    if "verified_at" not in facts:
        return None
    return Verification(parse_utc(facts["verified_at"]), int(facts["verified_problems"]))


def _note_verification(root: Path, now: datetime, report: FixityReport) -> None:
    values = {"verified_at": utc_text(now), "verified_problems": str(len(report.problems))}
    try:
        with closing(open_to_note(root)) as connection, transaction(connection):
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
    except sqlite3.OperationalError as error:
        report.notes.append(f"The time of this verification could not be stored ({error}).")
