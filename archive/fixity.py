"""Is what the archive says it has still there, bit for bit?

A reader: takes no lock, and may run while a crawl writes. What that crawl has not committed yet is
no damage.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive.articles import article_of
from archive.database import (
    DATABASE_NAME,
    open_for_reading,
    open_to_note,
    sqlite_errors,
    transaction,
)
from archive.digests import digest_matches
from archive.full_text import COLUMNS, CURRENT_VERSIONS, INSERT_ENTRY, indexed_through
from archive.imports import kept_files, path_in_via, sha256_of
from archive.index_text import index_entry
from archive.schema import Article
from archive.timestamps import parse_utc, utc_text
from archive.warc_reader import (
    OPEN_SUFFIX,
    DamagedRecord,
    Record,
    iterate_records,
    read_record,
    warc_path,
)
from archive.warc_writer import SUFFIX, WARC_FOLDER, header_uri

_SHOWN = 20  # rows of one kind of database problem; the rest is counted
_CAPTURES = """
    SELECT c.*, w.path FROM capture c JOIN warc w ON w.id = c.warc_id
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``kind`` is a word for programs, ``where`` a file with offset or a
    row, ``message`` says what was found."""

    kind: str
    where: str
    message: str


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


@dataclass(slots=True)
class FixityReport:
    """What was looked at and what was found. ``full``: every record, not a sample. ``notes`` are
    facts worth knowing that are no damage; ``before``: when the whole archive was last verified
    before this, None if never."""

    full: bool
    before: Verification | None = None
    files: int = 0
    records: int = 0
    captures: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

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
        connection.execute("BEGIN")
        report.before = last_verification(connection)
        _check_database(connection, report)
        files = connection.execute("SELECT * FROM warc ORDER BY id").fetchall()
        if sample is None:
            _check_contents(connection, report)
            if indexed_through(connection) is None:  # else it is being made
                _check_full_text(connection, report)
        # The files take long: a snapshot held until then would let the write-ahead log of a
        # running crawl grow. What is added meanwhile lies beyond the lengths noted here.
        connection.execute("COMMIT")
        if sample is None:
            total, done = sum(row["length"] for row in files), 0
            for row in files:
                _check_file(root, connection, row, report)
                done += row["length"]
                progress(done, total)
        else:
            for row in files:
                _check_length(root, row, report)
            _check_sample(root, connection, sample, report, progress)
        _check_imports(root, connection, report, full=sample is None)
    _check_unlisted(root, {row["path"] for row in files}, report)
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


# -- the database ---------------------------------------------------------------------------------


def _check_database(connection: sqlite3.Connection, report: FixityReport) -> None:
    damage = [row[0] for row in connection.execute("PRAGMA quick_check")]
    if damage != ["ok"]:
        _add_some(report, "database", [(DATABASE_NAME, text) for text in damage])
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    _add_some(
        report,
        "foreign-key",
        [
            (f"{row[0]} {row[1]}", f"refers to a row of {row[2]} that does not exist")
            for row in broken
        ],
    )
    for kind, message, sql in _QUERIES:
        rows = connection.execute(sql).fetchall()
        _add_some(report, kind, [(row[0], message) for row in rows])
    report.captures = connection.execute("SELECT count(*) FROM capture").fetchone()[0]


_QUERIES = (
    (
        "dangling-revisit",
        "the revisit refers to a capture that does not hold its payload",
        """
        SELECT 'capture ' || c.id FROM capture c LEFT JOIN capture o ON o.id = c.refers_to
        WHERE c.record_type = 'revisit'
          AND (o.record_type IS NOT 'response' OR o.payload_digest IS NULL
               OR c.payload_digest IS NOT NULL AND c.payload_digest <> o.payload_digest)
        """,
    ),
    (
        "row-without-bytes",
        "the row points beyond the bytes known to be durable",
        """
        SELECT 'capture ' || c.id FROM capture c JOIN warc w ON w.id = c.warc_id
        WHERE c.warc_offset + c.warc_length > w.length
        """,
    ),
    (
        "article",
        "the article has no current version",
        """
        SELECT 'article ' || a.id FROM article a LEFT JOIN version v ON v.id = a.version_id
        WHERE v.article_id IS NOT a.id
        """,
    ),
    (
        "full-text",
        "the index has no entry for the current version",
        """
        SELECT 'version ' || version_id FROM article
        WHERE version_id NOT IN (SELECT id FROM version_fts_docsize)
          AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'index_through')
        """,
    ),
    (
        "full-text",
        "the index has an entry for a version that is not current",
        """
        SELECT 'version ' || id FROM version_fts_docsize
        WHERE id NOT IN (SELECT version_id FROM article WHERE version_id IS NOT NULL)
        """,
    ),
)


def _check_contents(connection: sqlite3.Connection, report: FixityReport) -> None:
    rows = connection.execute(
        "SELECT v.*, a.url FROM version v JOIN article a ON a.id = v.article_id"
    )
    changed = [f"version {row['id']}" for row in rows if not _has_its_hash(row)]
    message = "the content does not have its content hash"
    _add_some(report, "content", [(version, message) for version in changed])


def _has_its_hash(version: sqlite3.Row) -> bool:
    content = _content(version)
    return content is not None and content.content_hash() == version["content_hash"]


def _content(version: sqlite3.Row) -> Article | None:
    try:
        return article_of(version)
    except (ValueError, TypeError):  # lists that are no JSON, or not of ours
        return None


def _check_full_text(connection: sqlite3.Connection, report: FixityReport) -> None:
    """Makes the index again beside the archive and compares the two, term by term: a contentless
    index cannot be compared with its text in any other way."""
    connection.execute(
        f"""
        CREATE VIRTUAL TABLE temp.expected_fts USING fts5(
            {COLUMNS}, content='', tokenize="unicode61 remove_diacritics 0")
        """
    )
    insert = INSERT_ENTRY.replace("version_fts", "temp.expected_fts", 1)
    for row in connection.execute(CURRENT_VERSIONS):
        content = _content(row)
        if content is not None:
            connection.execute(insert, (row["id"], *index_entry(content, row["site"])))
    connection.execute("CREATE VIRTUAL TABLE temp.have USING fts5vocab(main, version_fts, col)")
    connection.execute("CREATE VIRTUAL TABLE temp.want USING fts5vocab(temp, expected_fts, col)")
    try:
        for first, second, verb in (("have", "want", "has"), ("want", "have", "lacks")):
            terms = connection.execute(
                f"SELECT term, col FROM (SELECT * FROM temp.{first} "
                f"EXCEPT SELECT * FROM temp.{second})"
            ).fetchall()
            _add_some(
                report,
                "full-text",
                [(f"{row[0]!r} in {row[1]}", f"the index {verb} occurrences") for row in terms],
            )
    except sqlite3.DatabaseError as error:
        report.problems.append(Problem("full-text", "version_fts", f"cannot be read: {error}"))


# -- the files ------------------------------------------------------------------------------------


def _check_file(
    root: Path, connection: sqlite3.Connection, row: sqlite3.Row, report: FixityReport
) -> None:
    if not _check_length(root, row, report):
        return
    path = warc_path(root, row["path"])
    report.files += 1
    report.bytes += row["length"]
    captures = {
        capture["warc_offset"]: capture
        for capture in connection.execute(
            f"{_CAPTURES} WHERE c.warc_id = ? AND c.warc_offset < ? ORDER BY c.warc_offset",
            (row["id"], row["length"]),
        )
    }
    passed = _Passed()
    for record in _records(path, row, captures, report, passed):
        report.records += 1
        capture = captures.pop(record.offset, None)
        _check_record(record, capture, row["path"], report)
    for offset, capture in captures.items():
        report.problems.append(
            Problem(
                "row-without-bytes",
                f"{row['path']}:{offset}",
                f"capture {capture['id']} points here, but no record begins here",
            )
        )
    if row["closed_at"] is not None:
        path = warc_path(root, row["path"])
        if passed.in_order and passed.size == path.stat().st_size:
            actual = passed.sha256
        else:
            actual = sha256_of(path)
        if actual != row["sha256"]:
            report.problems.append(
                Problem("changed-file", row["path"], f"SHA-256 is {actual}, was {row['sha256']}")
            )


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
    report: FixityReport,
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
            report.problems.append(
                Problem("damaged-record", f"{row['path']}:{error.offset}", error.reason + whose)
            )
            position = min((o for o in captures if o > error.offset), default=row["length"])
        else:
            return


def _check_length(root: Path, row: sqlite3.Row, report: FixityReport) -> bool:
    """Whether the file is there, with all the bytes that rows may point to."""
    path = warc_path(root, row["path"])
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        path = warc_path(root, row["path"])
        if not path.exists():
            report.problems.append(Problem("missing-file", row["path"], "the file does not exist"))
            return False
        size = path.stat().st_size
    if size < row["length"]:
        message = f"{size} bytes instead of {row['length']}"
        report.problems.append(Problem("row-without-bytes", row["path"], message))
    elif row["closed_at"] is not None and size > row["length"]:
        message = f"{size} bytes, {row['length']} when it was closed"
        report.problems.append(Problem("changed-file", row["path"], message))
    elif size > row["length"]:
        report.notes.append(
            f"{row['path']}: {size - row['length']} bytes are not listed yet; a run is writing "
            "them, or was killed and the next one will list them."
        )
    return True


def _check_sample(
    root: Path,
    connection: sqlite3.Connection,
    sample: int,
    report: FixityReport,
    progress: Callable[[int, int], None],
) -> None:
    captures = connection.execute(f"{_CAPTURES} ORDER BY random() LIMIT ?", (sample,)).fetchall()
    report.files = len({capture["path"] for capture in captures})
    for done, capture in enumerate(captures, 1):
        report.records += 1
        report.bytes += capture["warc_length"]
        path = warc_path(root, capture["path"])
        try:
            record = read_record(path, capture["warc_offset"], capture["warc_length"])
        except DamagedRecord as error:
            where = f"{capture['path']}:{capture['warc_offset']}"
            whose = f" (capture {capture['id']})"
            report.problems.append(Problem("damaged-record", where, error.reason + whose))
        else:
            _check_record(record, capture, capture["path"], report)
        progress(done, len(captures))


def _check_record(
    record: Record, capture: sqlite3.Row | None, file: str, report: FixityReport
) -> None:
    for message in _flaws(record):
        where = f"{file}:{record.offset}"
        whose = f" (capture {capture['id']})" if capture else ""
        report.problems.append(Problem("digest", where, message + whose))
    if capture is None:
        if record.type in {"response", "revisit"}:
            report.problems.append(
                Problem(
                    "bytes-without-row",
                    f"{file}:{record.offset}",
                    f"no capture points to this {record.type} ({record.header('WARC-Target-URI')})",
                )
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
            report.problems.append(
                Problem(
                    "row-disagrees",
                    f"{file}:{record.offset}",
                    f"{name} is {record_says} in the record, {row_says} in capture {capture['id']}",
                )
            )


def _flaws(record: Record) -> Iterator[str]:
    block = record.header("WARC-Block-Digest")
    if block and digest_matches(block, record.block) is False:
        yield "the block does not have its digest"
    payload = record.header("WARC-Payload-Digest")
    is_own = bool(payload) and record.type in {"response", "request"}
    if is_own and digest_matches(payload, record.http[1]) is False:
        yield "the payload does not have its digest"


def _check_imports(
    root: Path, connection: sqlite3.Connection, report: FixityReport, *, full: bool
) -> None:
    """The files that captures were imported from are there, and (``full``) what they were."""
    kept = dict(kept_files(root))
    named = connection.execute(
        "SELECT DISTINCT substr(via, 1, instr(via, '#')) FROM capture WHERE via LIKE 'imports/%#%'"
    )
    sources = {path_in_via(row[0]) for row in named.fetchall()} - {None}
    for path in sorted(filter(None, sources - kept.keys())):
        message = "captures were imported from this file; it does not exist"
        report.problems.append(Problem("missing-file", path, message))
    for path, sha256 in kept.items() if full else ():
        actual = sha256_of(root / path)
        if actual != sha256:
            report.problems.append(
                Problem("changed-file", path, f"SHA-256 is {actual}, was {sha256}")
            )


def _check_unlisted(root: Path, known: set[str], report: FixityReport) -> None:
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
            report.notes.append(f"{name}: not listed yet; a run has just begun it, or was killed.")
        else:
            report.problems.append(
                Problem(
                    "bytes-without-row",
                    name,
                    "no row knows of this file; the next crawl will list what is in it",
                )
            )


def _note_verification(root: Path, now: datetime, report: FixityReport) -> None:
    values = {"verified_at": utc_text(now), "verified_problems": str(len(report.problems))}
    try:
        with closing(open_to_note(root)) as connection, transaction(connection):
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
    except sqlite3.OperationalError as error:
        report.notes.append(f"The time of this verification could not be stored ({error}).")


def _add_some(report: FixityReport, kind: str, found: list[tuple[str, str]]) -> None:
    report.problems += [Problem(kind, where, message) for where, message in found[:_SHOWN]]
    if len(found) > _SHOWN:
        more = f"and {len(found) - _SHOWN} more of this kind"
        report.problems.append(Problem(kind, DATABASE_NAME, more))
