"""A copy of the database, made while others read and write."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from archive.atomic_file import require_free
from archive.database import DATABASE_NAME, open_to_copy, sqlite_errors, sync_directory
from archive.errors import ArchiveError, UsageError

_MODE = 0o644


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What is in the copy; ``bytes`` is the size of the file."""

    bytes: int
    captures: int
    articles: int
    versions: int


def back_up(root: Path, out: Path) -> BackupSummary:
    """Copies archive.db as it is at one moment to the file ``out``, which must not exist and appears
    when it is whole, checked and on the disk. A run may be writing meanwhile, and does not wait; the
    schema may be that of an older version, so that a copy can be made before an update.

    The copy is one file (no write-ahead log beside it). Raises UsageError where ``out`` exists or has
    no directory, ArchiveError when the disk refuses or the copy is not sound.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out} is there already; name another file")
    require_free(out)
    try:
        fd, name = tempfile.mkstemp(prefix=f".{out.name[:100]}.", dir=out.parent)
    except OSError as error:
        raise ArchiveError(f"{out} cannot be written: {error.strerror}.") from error
    os.close(fd)
    staged = Path(name)
    try:
        _copy(root, staged, out)
        summary = _checked(staged, root)
        staged.chmod(_MODE)
        with staged.open("rb") as file:
            os.fsync(file.fileno())
        _rename_to_new(staged, out)
        sync_directory(out.parent)
    except OSError as error:
        raise ArchiveError(f"{out} cannot be written: {error}.") from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                staged.with_name(staged.name + suffix).unlink()
    return summary


def _copy(root: Path, staged: Path, out: Path) -> None:
    with (
        sqlite_errors(root / DATABASE_NAME),
        closing(open_to_copy(root)) as source,
        sqlite_errors(out),  # what goes wrong from here on is mostly its disk
        closing(sqlite3.connect(staged, isolation_level=None)) as copy,
    ):
        # In one step: one moment, whoever writes meanwhile. In many, each commit of a crawl would
        # make it begin again.
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")


def _checked(staged: Path, root: Path) -> BackupSummary:
    with (
        sqlite_errors(staged),
        closing(sqlite3.connect(f"{staged.as_uri()}?mode=ro", uri=True)) as copy,
    ):
        damage = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if damage == "ok" and copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
            damage = "a row refers to one that is not there"
        if damage != "ok":
            raise ArchiveError(
                f"{root / DATABASE_NAME}: the copy is not sound ({damage}), so neither is the "
                "database; `huyen verify` says more. No backup was made."
            )
        counts = [
            copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("capture", "article", "version")
        ]
    return BackupSummary(staged.stat().st_size, *counts)


def _rename_to_new(staged: Path, out: Path) -> None:
    """A link fails where a name exists, a rename replaces; some file systems have no links."""
    try:
        out.hardlink_to(staged)
    except FileExistsError as error:
        raise UsageError(f"{out} is there already; name another file") from error
    except OSError:
        require_free(out)
        staged.rename(out)
