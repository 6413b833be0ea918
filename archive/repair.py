"""Puts right what `verify` finds wrong and what can be put right without judging.

The bytes decide, where nothing casts doubt on them: in a WARC file that still has the SHA-256 of
the day it was closed, rows are made to say what the records say. A file that has changed since is
evidence and stays as it is, with its rows, apart from bytes that were added behind its end: those
are set aside. What is derived, the full-text indexes of articles and attachments, is made anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive.attachments import index as attachments
from archive.attachments.storage import forget_file, unfinished_files
from archive.captures import insert_capture, next_id
from archive.damage import Problem
from archive.database import require_archive
from archive.fixity import FixityReport, verify
from archive.full_text import complete, make_anew
from archive.imports import sha256_of
from archive.index_fixity import ARTICLES, ATTACHMENTS
from archive.ingest import ArchiveWriter
from archive.recovery import (
    Found,
    RecoveryReport,
    cut_off,
    exchanges_in,
    has_its_digests,
    referred_capture,
    row_of,
)
from archive.row_fixity import changed_texts
from archive.timestamps import utc_now
from archive.warc_reader import DamagedRecord, Record, iterate_records
from archive.warc_writer import WARC_FOLDER, disk_errors

_CHUNK = 1 << 20


@dataclass(slots=True)
class RepairReport:
    """What was done. ``recovery``: what every run that writes does first; ``listed``: ids of captures
    listed again, which nothing has read yet; ``corrected``: ids of captures whose rows now say what
    their records say; ``forgotten``: ids of attached files whose text was damaged and is to be read
    again; ``tails``: where added bytes were set aside; ``left``: sentences about files that were not
    touched, and why. ``after`` is the verification at the end."""

    recovery: RecoveryReport
    after: FixityReport
    listed: list[int] = field(default_factory=list)
    corrected: list[int] = field(default_factory=list)
    tails: list[str] = field(default_factory=list)
    index_made_anew: bool = False
    attachment_index_made_anew: bool = False
    forgotten: list[int] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """For a person, one fact a line."""
        lines = self.recovery.lines()
        lines += [f"Bytes behind the end were set aside as {path}." for path in self.tails]
        if self.listed:
            lines.append(f"{len(self.listed)} captures found in WARC files are listed again.")
        if self.corrected:
            lines.append(f"Rows that now say what their records say: {len(self.corrected)}.")
        if self.index_made_anew:
            lines.append("The full-text index was made anew.")
        if self.attachment_index_made_anew:
            lines.append("The full-text index of attachments was made anew.")
        if self.forgotten:
            number = len(self.forgotten)
            lines.append(f"Attached files that `huyen attachments` is to read again: {number}.")
        lines += self.left
        if self.listed or self.recovery.orphans:
            lines.append("`huyen reextract` reads the captures that were listed again.")
        return lines or ["There was nothing to repair."]


def repair(
    root: Path,
    now: datetime,
    *,
    clock: Callable[[], datetime] = utc_now,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> RepairReport:
    """Verifies the archive, repairs what can be repaired, and verifies again if anything was done.

    Holds the lock from beginning to end, as a run of its own. An archive whose database is missing
    is listed again from its WARC files. ``now`` is aware, ``progress`` is told bytes read and to
    read. Raises ArchiveLocked, ArchiveError.
    """
    if not (root / WARC_FOLDER).is_dir():
        require_archive(root)
    with ArchiveWriter.open(root, "verify", ("--repair",), clock=clock) as writer:
        report = RepairReport(writer.recovery, verify(root, now, progress=progress))
        with writer.transaction() as connection:
            for row in _files_concerned(connection, report.after.problems):
                _repair_file(root, connection, row, writer.run_id, report)
            kinds = {problem.kind for problem in report.after.problems}
            if ARTICLES in kinds and "content" not in kinds:
                make_anew(connection)
                report.index_made_anew = True
        report.forgotten = changed_texts(writer.connection)
        if ATTACHMENTS in kinds or report.forgotten:
            _index_attachments(writer, report.forgotten)
            report.attachment_index_made_anew = True
        complete(writer.connection)
        if report.listed or report.corrected or report.tails or _an_index_was_made(report):
            before = report.after.before
            report.after = verify(root, now, progress=progress)
            report.after.before = before
    return report


def _index_attachments(writer: ArchiveWriter, forgotten: Sequence[int]) -> None:
    """File by file, each in its transaction: `huyen attachments`, which may be at work, need not wait,
    and goes on with the rest should this be stopped. ``forgotten`` files are to be read again."""
    with writer.transaction() as connection:
        for file_id in forgotten:
            forget_file(connection, file_id)
        attachments.empty(connection)
        files = unfinished_files(connection)
    for file_id in files:
        with writer.transaction() as connection:
            attachments.index_file(connection, file_id)


def _an_index_was_made(report: RepairReport) -> bool:
    return report.index_made_anew or report.attachment_index_made_anew


def _files_concerned(
    connection: sqlite3.Connection, problems: Sequence[Problem]
) -> list[sqlite3.Row]:
    """The closed files that problems name, by path or through one of their captures."""
    paths = {problem.where.rpartition(":")[0] or problem.where for problem in problems}
    captures = [
        int(problem.where.removeprefix("capture "))
        for problem in problems
        if problem.where.startswith("capture ") and problem.where[len("capture ") :].isdecimal()
    ]
    ids = {
        row[0]
        for capture in captures
        for row in connection.execute("SELECT warc_id FROM capture WHERE id = ?", (capture,))
    }
    rows = connection.execute("SELECT * FROM warc WHERE closed_at IS NOT NULL ORDER BY id")
    return [row for row in rows.fetchall() if row["path"] in paths or row["id"] in ids]


def _repair_file(
    root: Path, connection: sqlite3.Connection, row: sqlite3.Row, run_id: int, report: RepairReport
) -> None:
    path = root / row["path"]
    if not path.exists():
        report.left.append(f"{row['path']} is missing; restore it from a copy.")
        return
    with disk_errors(path):
        if path.stat().st_size > row["length"] and _sha256_of_start(path, row) == row["sha256"]:
            report.tails.append(cut_off(root, path, row["length"]))
        unchanged = sha256_of(path) == row["sha256"]
    if not unchanged:
        report.left.append(
            f"{row['path']} is not what it was when it was closed; it and its captures were left as "
            "they are. Restore it from a copy."
        )
        return
    for found in exchanges_in(_records(path, row, report), row["path"], report.left):
        _compare(connection, row, found, run_id, report)


def _records(path: Path, row: sqlite3.Row, report: RepairReport) -> Iterator[Record]:
    try:
        yield from filter(has_its_digests, iterate_records(path))
    except DamagedRecord as error:  # the file was closed so
        report.left.append(f"{row['path']}, offset {error.offset}: {error.reason}.")


def _compare(
    connection: sqlite3.Connection,
    file: sqlite3.Row,
    found: Found,
    run_id: int,
    report: RepairReport,
) -> None:
    refers_to = referred_capture(connection, found) if found.record_type == "revisit" else None
    if found.record_type == "revisit" and refers_to is None:
        report.left.append(
            f"{file['path']}, offset {found.offset}: a revisit of {found.refers_to_uri} "
            f"({found.refers_to_date}), which is not in this archive."
        )
        return
    known = connection.execute(
        "SELECT * FROM capture WHERE warc_id = ?1 AND (record_id = ?2 OR warc_offset = ?3) "
        "ORDER BY record_id = ?2 DESC LIMIT 1",
        (file["id"], found.record_id, found.offset),
    ).fetchone()
    if known is None:
        capture_id = next_id(connection, "capture")
        row = row_of(connection, capture_id, run_id, file["site"], file["id"], found, refers_to)
        insert_capture(connection, row)
        report.listed.append(capture_id)
        return
    row = row_of(
        connection, known["id"], known["run_id"], known["site"], file["id"], found, refers_to
    )
    wanted = {name: getattr(row, name) for name in _OF_THE_RECORD}
    if not _refers_to_its_payload(connection, known):
        wanted["refers_to"] = refers_to
    if any(known[name] != value for name, value in wanted.items()):
        wanted["refers_to"] = refers_to
        places = ", ".join(f"{name} = :{name}" for name in wanted)
        connection.execute(
            f"UPDATE capture SET {places} WHERE id = :id", wanted | {"id": known["id"]}
        )
        report.corrected.append(known["id"])


# What a row says that its record says too. Not the media type, which the wire gave more exactly.
_OF_THE_RECORD = (
    "url",
    "url_key",
    "fetched_at",
    "status",
    "payload_digest",
    "payload_length",
    "record_type",
    "record_id",
    "warc_offset",
    "warc_length",
    "truncated",
)


def _refers_to_its_payload(connection: sqlite3.Connection, capture: sqlite3.Row) -> bool:
    if capture["record_type"] != "revisit":
        return capture["refers_to"] is None
    target = connection.execute(
        "SELECT payload_digest FROM capture WHERE id = ? AND record_type = 'response'",
        (capture["refers_to"],),
    ).fetchone()
    return target is not None and capture["payload_digest"] in (None, target[0])


def _sha256_of_start(path: Path, row: sqlite3.Row) -> str:
    digest, left = hashlib.sha256(), row["length"]
    with path.open("rb") as file:
        while left and (data := file.read(min(_CHUNK, left))):
            digest.update(data)
            left -= len(data)
    return digest.hexdigest()
