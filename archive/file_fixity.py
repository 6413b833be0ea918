"""Are the files of the archive still what they were, bit for bit, and what the rows say of them?"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from archive.damage import Findings
from archive.database import open_for_reading
from archive.digests import digest_matches
from archive.imports import kept_files, path_in_via, sha256_of
from archive.warc_reader import (
    OPEN_SUFFIX,
    DamagedRecord,
    Record,
    iterate_records,
    read_record,
    warc_path,
)
from archive.warc_writer import SUFFIX, WARC_FOLDER, header_uri

_CAPTURES = """
    SELECT c.*, w.path FROM capture c JOIN warc w ON w.id = c.warc_id
"""


def check_file(
    root: Path, connection: sqlite3.Connection, row: sqlite3.Row, findings: Findings
) -> None:
    """Reads every record of a file (a row of `warc`) and compares it with its digests and its capture."""
    if not check_length(root, row, findings):
        return
    path = warc_path(root, row["path"])
    findings.files += 1
    findings.bytes += row["length"]
    captures = {
        capture["warc_offset"]: capture
        for capture in connection.execute(
            f"{_CAPTURES} WHERE c.warc_id = ? AND c.warc_offset < ? ORDER BY c.warc_offset",
            (row["id"], row["length"]),
        )
    }
    passed = _Passed()
    for record in _records(path, row, captures, findings, passed):
        findings.records += 1
        capture = captures.pop(record.offset, None)
        _check_record(record, capture, row["path"], findings)
    for offset, capture in captures.items():
        findings.add(
            "row-without-bytes",
            f"{row['path']}:{offset}",
            f"capture {capture['id']} points here, but no record begins here",
        )
    if row["closed_at"] is not None:
        path = warc_path(root, row["path"])
        if passed.in_order and passed.size == path.stat().st_size:
            actual = passed.sha256
        else:
            actual = sha256_of(path)
        if actual != row["sha256"]:
            findings.add("changed-file", row["path"], f"SHA-256 is {actual}, was {row['sha256']}")


class _Passed:
    """The bytes of a file that were read on the way, digested so that it is read only once."""

    def __init__(self) -> None:
        self.size = 0
        self.in_order = True
        self._digest = hashlib.sha256()

    def add(self, packed: bytes) -> None:
        self.size += len(packed)
        self._digest.update(packed)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _records(
    path: Path,
    row: sqlite3.Row,
    captures: dict[int, sqlite3.Row],
    findings: Findings,
    passed: _Passed,
) -> Iterator[Record]:
    """All whole records; after a damaged one it goes on at the next place a row points to."""
    position = 0
    while position < row["length"]:
        try:
            for record in iterate_records(path, position, row["length"], passed.add):
                position = record.offset + record.length
                yield record
        except DamagedRecord as error:
            passed.in_order = False
            if not path.exists():  # closed and renamed in this moment; its bytes stay the same
                path = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
                continue
            capture = captures.pop(error.offset, None)
            whose = f" (capture {capture['id']})" if capture else ""
            findings.add("damaged-record", f"{row['path']}:{error.offset}", error.reason + whose)
            position = min((o for o in captures if o > error.offset), default=row["length"])
        else:
            return


def check_length(root: Path, row: sqlite3.Row, findings: Findings) -> bool:
    """Whether the file is there, with all the bytes that rows may point to."""
    path = warc_path(root, row["path"])
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        path = warc_path(root, row["path"])
        if not path.exists():
            findings.add("missing-file", row["path"], "the file does not exist")
            return False
        size = path.stat().st_size
    if size < row["length"]:
        message = f"{size} bytes instead of {row['length']}"
        findings.add("row-without-bytes", row["path"], message)
    elif row["closed_at"] is not None and size > row["length"]:
        message = f"{size} bytes, {row['length']} when it was closed"
        findings.add("changed-file", row["path"], message)
    elif size > row["length"]:
        findings.notes.append(
            f"{row['path']}: {size - row['length']} bytes are not listed yet; a run is writing "
            "them, or was killed and the next one will list them."
        )
    return True


def check_sample(
    root: Path,
    connection: sqlite3.Connection,
    sample: int,
    findings: Findings,
    progress: Callable[[int, int], None],
) -> None:
    """The same for so many captures chosen at random; ``progress`` is told how many of how many."""
    captures = connection.execute(f"{_CAPTURES} ORDER BY random() LIMIT ?", (sample,)).fetchall()
    findings.files = len({capture["path"] for capture in captures})
    for done, capture in enumerate(captures, 1):
        findings.records += 1
        findings.bytes += capture["warc_length"]
        path = warc_path(root, capture["path"])
        try:
            record = read_record(path, capture["warc_offset"], capture["warc_length"])
        except DamagedRecord as error:
            where = f"{capture['path']}:{capture['warc_offset']}"
            whose = f" (capture {capture['id']})"
            findings.add("damaged-record", where, error.reason + whose)
        else:
            _check_record(record, capture, capture["path"], findings)
        progress(done, len(captures))


def _check_record(
    record: Record, capture: sqlite3.Row | None, file: str, findings: Findings
) -> None:
    for message in _flaws(record):
        where = f"{file}:{record.offset}"
        whose = f" (capture {capture['id']})" if capture else ""
        findings.add("digest", where, message + whose)
    if capture is None:
        if record.type in {"response", "revisit"}:
            findings.add(
                "bytes-without-row",
                f"{file}:{record.offset}",
                f"no capture points to this {record.type} ({record.header('WARC-Target-URI')})",
            )
        return
    expected = {
        "type": (capture["record_type"], record.type),
        "record id": (capture["record_id"], record.record_id),
        "URL": (header_uri(capture["url"]), record.header("WARC-Target-URI")),
        "time": (capture["fetched_at"], record.header("WARC-Date")),
        "length": (capture["warc_length"], record.length),
    }
    if capture["payload_digest"] is not None:
        stated = record.header("WARC-Payload-Digest")  # which `_flaws` compares with the bytes
        expected["payload digest"] = (capture["payload_digest"], stated)
    for name, (row_says, record_says) in expected.items():
        if row_says != record_says:
            findings.add(
                "row-disagrees",
                f"{file}:{record.offset}",
                f"{name} is {record_says} in the record, {row_says} in capture {capture['id']}",
            )


def _flaws(record: Record) -> Iterator[str]:
    block = record.header("WARC-Block-Digest")
    if block and digest_matches(block, record.block) is False:
        yield "the block does not have its digest"
    payload = record.header("WARC-Payload-Digest")
    is_own = bool(payload) and record.type in {"response", "request"}
    if is_own and digest_matches(payload, record.http[1]) is False:
        yield "the payload does not have its digest"


def check_imports(
    root: Path, connection: sqlite3.Connection, findings: Findings, *, full: bool
) -> None:
    """The files that captures were imported from are there, and (``full``) what they were."""
    kept = dict(kept_files(root))
    named = connection.execute(
        "SELECT DISTINCT substr(via, 1, instr(via, '#')) FROM capture WHERE via LIKE 'imports/%#%'"
    )
    sources = {path_in_via(row[0]) for row in named.fetchall()} - {None}
    for path in sorted(filter(None, sources - kept.keys())):
        message = "captures were imported from this file; it does not exist"
        findings.add("missing-file", path, message)
    for path, sha256 in kept.items() if full else ():
        actual = sha256_of(root / path)
        if actual != sha256:
            findings.add("changed-file", path, f"SHA-256 is {actual}, was {sha256}")


def check_unlisted(root: Path, known: set[str], findings: Findings) -> None:
    """Files of the directory that no row knows of; ``known`` are the paths that rows name."""
    found = {
        path.relative_to(root).as_posix() for path in (root / WARC_FOLDER).glob(f"*/*{SUFFIX}*")
    }
    strange = {name for name in found if name.removesuffix(OPEN_SUFFIX) not in known}
    if not strange:
        return
    # Files of a run that went on while we read are in the database by now.
    with closing(open_for_reading(root)) as connection:
        known = {row["path"] for row in connection.execute("SELECT path FROM warc")}
    for name in sorted(strange):
        if name.removesuffix(OPEN_SUFFIX) in known:
            continue
        if name.endswith(SUFFIX + OPEN_SUFFIX):
            findings.notes.append(
                f"{name}: not listed yet; a run has just begun it, or was killed."
            )
        else:
            findings.add(
                "bytes-without-row",
                name,
                "no row knows of this file; the next crawl will list what is in it",
            )
