"""Opening archive.db, and saying clearly why it cannot be opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from archive.errors import ArchiveError
from archive.migrations import APPLICATION_ID, migrations

DATABASE_NAME = "archive.db"

_MAGIC = b"SQLite format 3\x00"
_BUSY_SECONDS = 30.0
_CACHE_KIB = 64 * 1024  # default 2 MiB; each article touches pages all over its indexes
_READING_CACHE_KIB = 16 * 1024  # a search goes to and fro between three indexes
_WAL_LIMIT = 64 * 1024 * 1024  # bytes that stay on disk after a checkpoint
# Default 1000. A group in a large archive touches as many pages; so the database was synced after each, and
# pages that every group touches were written back for every one.
_WAL_PAGES = 2_000


def open_for_writing(root: Path) -> sqlite3.Connection:
    """Opens the archive in this directory, creates it where there is none, and brings its schema
    up to date. The caller holds archive.lock.

    The connection is in autocommit mode (see `transaction`), rows are sqlite3.Row, a commit is on
    the disk when it returns (WAL, synchronous=FULL). Raises ArchiveError for whatever stands in
    the way: no directory, no permission, not an archive, a newer schema, damage, a full disk.
    """
    prepare_directory(root)
    path = root / DATABASE_NAME
    _check_file(path)
    with sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            _check_schema(connection, path)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise ArchiveError(
                    f"{path}: the file system does not allow a write-ahead log (journal mode is "
                    f"{mode}). Keep the archive on a local disk."
                )
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
            migrations.apply(Database(connection, execute_plugins=False))
            sync_directory(root)
        except BaseException:
            connection.close()
            raise
    connection.row_factory = sqlite3.Row
    return connection


def open_for_reading(root: Path) -> sqlite3.Connection:
    """Opens an existing archive so that nothing can be changed through the connection, also while
    a run is writing to it, and where possible in a directory that cannot be written.

    Rows are sqlite3.Row. Raises ArchiveError as `open_for_writing` does, and where there is no
    archive or its schema is of an older version.
    """
    return _open_existing(
        root,
        _connect_read_only,
        "query_only = ON",
        "trusted_schema = OFF",
        f"cache_size = -{_READING_CACHE_KIB}",
    )


def open_to_copy(root: Path) -> sqlite3.Connection:
    """Opens an existing archive as `open_for_reading` does, whatever version of this program wrote it:
    to copy it whole, before an update too. Raises ArchiveError."""
    require_archive(root)
    path = root / DATABASE_NAME
    _check_file(path)
    with sqlite_errors(path):
        connection = _connect_read_only(path)
        application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    if application_id != APPLICATION_ID:
        connection.close()
        raise ArchiveError(f"{path} is not an archive of this program.")
    return connection


def open_beside_a_run(root: Path) -> sqlite3.Connection:
    """Opens an existing archive to amend rows while a run, which holds the lock, is writing too: for
    short transactions on what that run reads anew each time (see archive.amendments).

    The connection is as that of `open_for_writing`, the schema must be up to date. Raises
    ArchiveError as `open_for_reading` does.
    """
    return _open_existing(root, _connect_to_amend, "foreign_keys = ON", "synchronous = FULL")


def _open_existing(
    root: Path, connect: Callable[[Path], sqlite3.Connection], *pragmas: str
) -> sqlite3.Connection:
    """An archive that is there, with the schema of today."""
    require_archive(root)
    path = root / DATABASE_NAME
    _check_file(path)
    with sqlite_errors(path):
        connection = connect(path)
        try:
            _check_schema(connection, path)
            _check_no_migration_pending(connection, path)
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
    connection.row_factory = sqlite3.Row
    return connection


def require_archive(root: Path) -> None:
    """Raises ArchiveError where this directory holds no archive."""
    if not (root / DATABASE_NAME).exists():
        raise ArchiveError(
            f"There is no archive in {root} (no {DATABASE_NAME}). "
            "Name its directory with --archive, or start one with `huyen crawl`."
        )


def open_to_note(root: Path) -> sqlite3.Connection:
    """Opens an existing archive to store a remark in `meta` beside a run that may be writing; no
    lock is needed for that, and nothing else may be written. Raises sqlite3.OperationalError."""
    return _connect_to_amend(root / DATABASE_NAME)


def _connect_to_amend(path: Path) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: committed and on the disk when the block ends, rolled back when it
    raises. BEGIN IMMEDIATE: a deferred transaction that reads first fails when it starts to write
    while another has written in between, and no timeout helps."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    try:
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read in the block is read of one state of the archive, whatever others write
    meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()  # also where an interrupt has ended it already


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turns what can go wrong with a database file into ArchiveError. A violated constraint and a
    wrong statement stay what they are: defects of this program."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{path}: {_explain(error)}") from error


def prepare_directory(root: Path) -> None:
    """Creates the directory of an archive, or raises ArchiveError where one cannot be written."""
    if root.exists() and not root.is_dir():
        raise ArchiveError(f"{root} is not a directory. Name one with --archive.")
    try:
        is_new = not root.exists()
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(
            f"{root} cannot be created: {error.strerror}. Name another directory with --archive."
        ) from error
    if is_new:
        with suppress(PermissionError):  # a parent that we may enter, but not list
            sync_directory(root.parent)
    if not os.access(root, os.W_OK | os.X_OK):
        raise ArchiveError(
            f"{root} cannot be written. Check its permissions, or name another with --archive."
        )


def first_row(connection: sqlite3.Connection, sql: str, *parameters: object) -> sqlite3.Row | None:
    """The first row that the statement finds, or None; whatever the connection's row factory is."""
    cursor = connection.execute(sql, parameters)
    cursor.row_factory = sqlite3.Row
    row: sqlite3.Row | None = cursor.fetchone()
    return row


def sync_directory(directory: Path) -> None:
    """Makes a created, renamed or removed name in this directory durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _explain(error: sqlite3.DatabaseError) -> str:
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match primary:
        case sqlite3.SQLITE_FULL:
            return "the disk is full. Free some space, then run the command again."
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return (
                f"the database is damaged ({error}). Restore it from a backup; or move it away, "
                "and the next crawl will list the captures again from the WARC files."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "another program keeps the database busy. Close it, then run the command again."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"{error}. Check the permissions of the file and of its directory."
        case sqlite3.SQLITE_IOERR:
            return f"the disk reports an error ({error}). Check the disk and the system log."
    return f"{error}."


def _check_file(path: Path) -> None:
    """An existing file must be SQLite's, or empty (a run killed in its first moment leaves that)."""
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_MAGIC))
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from error
    if beginning and beginning != _MAGIC:
        raise ArchiveError(
            f"{path} is not an SQLite database. "
            "Move it away, or name another directory with --archive."
        )


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application_id != APPLICATION_ID and (application_id or tables):
        raise ArchiveError(
            f"{path} is an SQLite database, but not an archive of this program. "
            "Name another directory with --archive."
        )
    applied = migrations.applied(Database(connection, execute_plugins=False))
    known = _known_migrations()
    unknown = [step.name for step in applied if step.name not in known]
    if unknown:
        raise ArchiveError(
            f"{path} was written by a newer version of huyen (its schema has {unknown[0]}). "
            "Update huyen, then try again."
        )


def _check_no_migration_pending(connection: sqlite3.Connection, path: Path) -> None:
    pending = migrations.pending(Database(connection, execute_plugins=False))
    if pending:
        raise ArchiveError(
            f"{path} has the schema of an older version (without {pending[0].name}). "
            "The next command that writes brings it up to date: `huyen crawl`, or, where nothing "
            "is crawled any more, `huyen reextract`."
        )


def _known_migrations() -> set[str]:
    with closing(sqlite3.connect(":memory:")) as empty:
        return {step.name for step in migrations.pending(Database(empty, execute_plugins=False))}


def _connect_read_only(path: Path) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        primary = error.sqlite_errorcode & 0xFF
        log = path.with_name(path.name + "-wal")
        unused = not log.exists() or log.stat().st_size == 0
        if primary not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} or not unused:
            raise
        if os.access(path.parent, os.W_OK):
            raise
        # A directory on which we cannot create the shared-memory file of the write-ahead log: a
        # mounted image, a copy handed over. Nobody is writing, or that file would be there.
        connection = sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return connection
