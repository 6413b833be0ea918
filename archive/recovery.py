"""What is done on opening for writing about what a killed run left behind.

WARC files that were still open are walked from the last byte that rows know of. Whole records
found there are listed as captures; a torn end is set aside in ``lost+found`` and cut off; the file
is sealed. The same is done with a file that no row knows of (a database restored from a backup, or
lost), so that an archive can be listed again from its WARC files alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from archive.captures import CaptureRow, Place, capture_row, insert_capture, next_id
from archive.database import sync_directory, transaction
from archive.digests import digest_matches, digest_of
from archive.exchange import Exchange
from archive.http_head import media_type_of, status_of
from archive.timestamps import parse_utc, utc_text
from archive.urls import key_of
from archive.warc_reader import (
    OPEN_SUFFIX,
    DamagedRecord,
    Record,
    iterate_records,
    warc_path,
)
from archive.warc_writer import SUFFIX, WARC_FOLDER, Profile, disk_errors

LOST_AND_FOUND = "lost+found"


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was found. ``orphans``: ids of the captures listed again, which nothing has read yet;
    ``sealed``: files closed in place of the run that did not; ``removed``: files without any
    exchange; ``tails``: where torn ends were set aside. Paths are relative to the archive.
    ``problems`` are sentences about damage that only a person can judge; the rows and the bytes
    concerned are left as they are."""

    killed_runs: tuple[int, ...] = ()
    orphans: tuple[int, ...] = ()
    sealed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """For a person, one fact a line; empty when there was nothing to do."""
        lines = [f"Run {run} was killed." for run in self.killed_runs]
        lines += [f"{path}: closed." for path in self.sealed]
        lines += [f"{path}: removed, it held no exchange." for path in self.removed]
        if self.orphans:
            lines.append(f"{len(self.orphans)} captures found in WARC files are listed again.")
        lines += [f"A torn record was cut off and set aside as {path}." for path in self.tails]
        lines += [f"DAMAGE: {problem}" for problem in self.problems]
        return lines


def recover(
    root: Path, connection: sqlite3.Connection, run_id: int, now: datetime
) -> RecoveryReport:
    """Puts right what an earlier run left, and says what it was. The caller holds the lock;
    captures found belong to the run ``run_id``. Interrupted, it is simply done again. Raises
    ArchiveError when the disk refuses, sqlite3.Error when the database does."""
    report = _Report()
    with transaction(connection):
        killed = connection.execute(
            "UPDATE run SET outcome = 'killed' WHERE outcome IS NULL AND id <> ? RETURNING id",
            (run_id,),
        )
        report.killed_runs = sorted(row[0] for row in killed)
    left = _left_files(root, connection, report)
    orphans = [_list_responses(root, connection, run_id, now, file, report) for file in left]
    with transaction(connection):
        for file, revisits in zip(left, orphans, strict=True):
            _list_revisits(connection, run_id, file, revisits, report)
            if file.warc_id is not None:
                connection.execute(
                    "UPDATE warc SET length = ? WHERE id = ?", (file.end, file.warc_id)
                )
    for file in left:
        _finish(root, connection, file, now, report)
    return RecoveryReport(
        tuple(report.killed_runs),
        tuple(sorted(report.orphans)),
        tuple(report.sealed),
        tuple(report.removed),
        tuple(report.tails),
        tuple(report.problems),
    )


@dataclass(slots=True)
class _Report:
    killed_runs: list[int] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    tails: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _LeftFile:
    """A file that was not closed, or that no row knows of; ``end`` is where the known bytes end,
    and after the walk where the whole records do. ``holds_records``: other than `warcinfo`."""

    path: str
    site: str
    warc_id: int | None
    end: int
    holds_records: bool = False


@dataclass(slots=True)
class Found:
    """A response or revisit in a file, and what the records of its group say about it."""

    offset: int
    length: int
    record_type: str
    record_id: str
    exchange: Exchange
    refers_to_uri: str
    refers_to_date: str
    profile: str
    payload_digest: str
    method: str = "GET"
    via: str = ""
    error: str = ""


def _left_files(root: Path, connection: sqlite3.Connection, report: _Report) -> list[_LeftFile]:
    left = []
    known = set()
    for row in connection.execute("SELECT * FROM warc ORDER BY id"):
        known.add(row["path"])
        path = warc_path(root, row["path"])
        if not path.exists():
            report.problems.append(f"{row['path']} is missing; its captures have no bytes.")
            continue
        size = path.stat().st_size
        if row["closed_at"] is None and size >= row["length"]:
            left.append(_LeftFile(row["path"], row["site"], row["id"], row["length"]))
        elif size < row["length"]:
            beyond = connection.execute(
                "SELECT count(*) FROM capture WHERE warc_id = ? AND warc_offset + warc_length > ?",
                (row["id"], size),
            ).fetchone()[0]
            report.problems.append(
                f"{row['path']} has {size} bytes instead of {row['length']}; "
                f"{beyond} captures point past its end."
            )
        elif size > row["length"]:
            report.problems.append(
                f"{row['path']} has grown from {row['length']} to {size} bytes since it was closed."
            )
    unlisted = sorted(_names_on_disk(root) - known)
    return left + [_LeftFile(name, Path(name).parent.name, None, 0) for name in unlisted]


def _names_on_disk(root: Path) -> set[str]:
    paths = (root / WARC_FOLDER).glob(f"*/*{SUFFIX}*")
    names = (path.relative_to(root).as_posix().removesuffix(OPEN_SUFFIX) for path in paths)
    return {name for name in names if name.endswith(SUFFIX)}


def _list_responses(
    root: Path,
    connection: sqlite3.Connection,
    run_id: int,
    now: datetime,
    file: _LeftFile,
    report: _Report,
) -> list[Found]:
    """Lists the responses of the file and returns its revisits: what they refer to may be in a
    file that comes later."""
    revisits: list[Found] = []
    with transaction(connection):
        records = _sound_records(warc_path(root, file.path), file)
        for found in exchanges_in(records, file.path, report.problems):
            _give_row(connection, run_id, now, file)
            if found.record_type == "revisit":
                revisits.append(found)
            else:
                _insert(connection, run_id, file, found, None, report)
        if file.holds_records:
            _give_row(connection, run_id, now, file)
    return revisits


def _give_row(connection: sqlite3.Connection, run_id: int, now: datetime, file: _LeftFile) -> None:
    if file.warc_id is None:
        file.warc_id = next_id(connection, "warc")
        connection.execute(
            "INSERT INTO warc(id, path, site, run_id, created_at, length) "
            "VALUES (?, ?, ?, ?, ?, 0)",
            (file.warc_id, file.path, file.site, run_id, utc_text(now)),
        )


def _sound_records(path: Path, file: _LeftFile) -> Iterator[Record]:
    """The records beyond the end of the known bytes, up to the first damage."""
    try:
        for record in iterate_records(path, file.end):
            if not has_its_digests(record):
                return
            file.end = record.offset + record.length
            file.holds_records |= record.type != "warcinfo"
            yield record
    except DamagedRecord:
        return  # what is left from here on is the torn end


def exchanges_in(records: Iterable[Record], path: str, problems: list[str]) -> Iterator[Found]:
    """The exchanges that these records, in the order of the file, make up. One that cannot be listed
    becomes a sentence in ``problems``."""
    last: Found | None = None
    for record in records:
        if record.type in {"response", "revisit"}:
            if last is not None:
                yield last
            last = _found(record, path, problems)
        elif last is not None and record.header("WARC-Concurrent-To") == last.record_id:
            _complete(last, record)
    if last is not None:
        yield last


def has_its_digests(record: Record) -> bool:
    """A power cut can leave a whole gzip member only by leaving all of it; but who knows disks."""
    block = record.header("WARC-Block-Digest")
    if block and digest_matches(block, record.block) is False:
        return False
    payload = record.header("WARC-Payload-Digest")
    is_own = bool(payload) and record.type == "response"
    return not is_own or digest_matches(payload, record.http[1]) is not False


def _found(record: Record, path: str, problems: list[str]) -> Found | None:
    head, payload = record.http
    try:
        fetched_at = parse_utc(record.header("WARC-Date"))
    except ValueError:
        problems.append(f"{path}, offset {record.offset}: no WARC-Date, so it cannot be listed.")
        return None
    return Found(
        offset=record.offset,
        length=record.length,
        record_type=record.type,
        record_id=record.record_id,
        exchange=Exchange(
            url=record.header("WARC-Target-URI"),
            fetched_at=fetched_at,
            response_head=head,
            payload=payload,
            status=status_of(head),
            media_type=media_type_of(head),
            # Of a revisit it means that the payload was left out, not that it was cut.
            truncated=record.header("WARC-Truncated") if record.type == "response" else "",
        ),
        refers_to_uri=record.header("WARC-Refers-To-Target-URI"),
        refers_to_date=record.header("WARC-Refers-To-Date"),
        profile=record.header("WARC-Profile"),
        payload_digest=record.header("WARC-Payload-Digest"),
    )


def _complete(found: Found, record: Record) -> None:
    if record.type == "request":
        found.method = record.block.split(b" ", 1)[0].decode("ascii", "replace")
    elif record.type == "metadata":
        lines = record.block.decode("utf-8", "replace").splitlines()
        facts = dict(line.split(": ", 1) for line in lines if ": " in line)
        found.via = facts.get("via", "")
        found.error = facts.get("error", "")


def _list_revisits(
    connection: sqlite3.Connection,
    run_id: int,
    file: _LeftFile,
    revisits: list[Found],
    report: _Report,
) -> None:
    for orphan in revisits:
        target = referred_capture(connection, orphan)
        if target is None:
            report.problems.append(
                f"{file.path}, offset {orphan.offset}: a revisit of {orphan.refers_to_uri} "
                f"({orphan.refers_to_date}), which is not in this archive."
            )
        else:
            _insert(connection, run_id, file, orphan, target, report)


def referred_capture(connection: sqlite3.Connection, orphan: Found) -> int | None:
    """The capture that holds the payload of a revisit, None where it is not in this archive."""
    if orphan.profile == Profile.NOT_MODIFIED:
        sql = (
            "SELECT id FROM capture "
            "WHERE url_key = ? AND fetched_at = ? AND record_type = 'response' LIMIT 1"
        )
        key = key_of(orphan.refers_to_uri)
        row = connection.execute(sql, (key, orphan.refers_to_date)).fetchone()
    else:
        sql = (
            "SELECT id FROM capture WHERE payload_digest = ? AND record_type = 'response' "
            "ORDER BY (url = ? AND fetched_at = ?) DESC, id LIMIT 1"
        )
        place = (orphan.refers_to_uri, orphan.refers_to_date)
        row = connection.execute(sql, (orphan.payload_digest, *place)).fetchone()
    return None if row is None else int(row[0])


def _insert(
    connection: sqlite3.Connection,
    run_id: int,
    file: _LeftFile,
    orphan: Found,
    refers_to: int | None,
    report: _Report,
) -> None:
    assert file.warc_id is not None
    known = connection.execute(
        "SELECT id FROM capture WHERE warc_id = ? AND warc_offset = ?",
        (file.warc_id, orphan.offset),
    ).fetchone()
    if known is not None:  # an interrupted recovery listed it
        return
    capture_id = next_id(connection, "capture")
    row = row_of(connection, capture_id, run_id, file.site, file.warc_id, orphan, refers_to)
    insert_capture(connection, row)
    report.orphans.append(capture_id)


def row_of(
    connection: sqlite3.Connection,
    capture_id: int,
    run_id: int,
    site: str,
    warc_id: int,
    found: Found,
    refers_to: int | None,
) -> CaptureRow:
    """The row that stands for these records; ``refers_to`` is the capture that a revisit refers to."""
    place = Place(
        warc_id=warc_id,
        offset=found.offset,
        length=found.length,
        record_type=found.record_type,
        record_id=found.record_id,
        payload_digest=digest_of(found.exchange.payload),
        refers_to=refers_to,
    )
    row = capture_row(capture_id, run_id, site, found.exchange, place)
    row = replace(row, method=found.method, via=found.via, error=found.error)
    if refers_to is None:
        return row
    same = connection.execute(
        "SELECT payload_digest, payload_length FROM capture WHERE id = ?", (refers_to,)
    ).fetchone()
    identical = found.profile != Profile.NOT_MODIFIED
    return replace(
        row,
        payload_digest=same[0] if identical else None,
        payload_length=same[1] if identical else 0,
    )


def _finish(
    root: Path,
    connection: sqlite3.Connection,
    file: _LeftFile,
    now: datetime,
    report: _Report,
) -> None:
    """Sets the torn end aside, cuts it off and gives the file its final name; a file that was begun
    and holds nothing yet is removed."""
    path = warc_path(root, file.path)
    final = root / file.path
    with disk_errors(path):
        if path.stat().st_size > file.end:
            if path == final:  # not torn by us: we give the name when everything is on the disk
                report.problems.append(
                    f"{file.path} cannot be read from offset {file.end} on; it was left as it is."
                )
                return
            report.tails.append(cut_off(root, path, file.end))
        if file.warc_id is None:
            path.unlink()
            sync_directory(path.parent)
            report.removed.append(file.path)
            return
        with path.open("rb") as closed:
            sha256 = hashlib.file_digest(closed, "sha256").hexdigest()
            os.fsync(closed.fileno())
        if path != final:
            path.rename(final)
            sync_directory(final.parent)
    with transaction(connection):
        connection.execute(
            "UPDATE warc SET closed_at = ?, length = ?, sha256 = ? WHERE id = ?",
            (utc_text(now), file.end, sha256, file.warc_id),
        )
    report.sealed.append(file.path)


def cut_off(root: Path, path: Path, size: int) -> str:
    """Cuts a file to its first ``size`` bytes, once the rest is safe in ``lost+found``; returns the
    name of that file, relative to the archive. Raises OSError."""
    folder = root / LOST_AND_FOUND
    if not folder.exists():
        folder.mkdir()
        sync_directory(root)
    target = folder / f"{path.name.removesuffix(OPEN_SUFFIX)}-{size}.tail"
    with path.open("rb") as source, target.open("wb") as copy:
        source.seek(size)
        shutil.copyfileobj(source, copy)
        copy.flush()
        os.fsync(copy.fileno())
    sync_directory(folder)
    with path.open("r+b") as growing:
        growing.truncate(size)
        os.fsync(growing.fileno())
    return target.relative_to(root).as_posix()
