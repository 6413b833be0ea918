"""BagIt (RFC 8493): the whole archive as a package that says of itself whether it is complete.

What lies in ``data/`` of the bag is again an archive of this program, with which every command works.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from archive import __version__
from archive.cdxj import update_index
from archive.database import (
    DATABASE_NAME,
    open_for_reading,
    sqlite_errors,
    sync_directory,
    transaction,
)
from archive.errors import ArchiveError, UsageError
from archive.imports import kept_files
from archive.timestamps import utc_text
from archive.warc_reader import OPEN_SUFFIX, warc_path

INDEX_PATH = "indexes/index.cdxj"

_ALGORITHMS = ("sha256", "sha512")
_COPY_SIZE = 1 << 20
_LINE_WIDTH = 79  # of bag-info.txt, RFC 8493, section 2.2.2


@dataclass(frozen=True, slots=True)
class BagSummary:
    """What is in the bag: payload files and their bytes, captures, articles."""

    files: int
    bytes: int
    captures: int
    articles: int


def export_bagit(root: Path, out: Path, now: datetime, organization: str = "") -> BagSummary:
    """Writes a bag of the whole archive as the directory ``out``, which must not exist; it appears
    under its name when it is whole.

    The database is copied first, at one moment, and everything else is copied by what the copy
    says: of each WARC file exactly the bytes that the rows of the copy may point to. Those were
    durable before the rows were written, and a WARC file never changes before its end, so a crawl
    that goes on meanwhile does no harm. A file that was being written is closed in the copy.

    ``organization`` goes into bag-info.txt as Source-Organization; ``now`` is aware. Raises
    UsageError where ``out`` exists, ArchiveError when something cannot be read or written, or a
    file is not what it was when it was closed.
    """
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} is there already; name a new directory")
    if not out.parent.is_dir():
        raise UsageError(f"{out}: there is no directory {out.parent}")
    with _appearing(out) as folder:
        bag = _Bag(folder)
        data = folder / "data"
        data.mkdir()
        _copy_database(root, data / DATABASE_NAME)
        with (
            sqlite_errors(data / DATABASE_NAME),
            closing(sqlite3.connect(data / DATABASE_NAME, isolation_level=None)) as copy,
        ):
            copy.row_factory = sqlite3.Row
            _copy_warcs(root, copy, bag, now)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, readable where none can write
        for path, sha256 in kept_files(root):
            if bag.add(root / path, path)["sha256"] != sha256:
                raise ArchiveError(f"{path} is not what it was when it was imported.")
        (data / INDEX_PATH).parent.mkdir()
        with closing(open_for_reading(data)) as copy, sqlite_errors(data / DATABASE_NAME):
            update_index(copy, data / INDEX_PATH)
            facts = _facts(copy)
        readme = _readme(facts, now)
        (data / "README.txt").write_text(readme, encoding="utf-8")
        for path in sorted(data.rglob("*")):
            if path.is_file():
                bag.list_written(path.relative_to(data).as_posix())
        _write_tags(bag, facts, now, organization)
        return BagSummary(len(bag.digests), bag.bytes, facts["captures"], facts["articles"])


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A new directory under a temporary name, which gets its own when the block ends."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name[:100]}.", dir=out.parent))
        try:
            yield folder
            folder.chmod(0o755)
            for directory in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
                sync_directory(directory)
            folder.rename(out)
            sync_directory(out.parent)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        raise ArchiveError(f"{out} cannot be written: {error}.") from error


def _copy_database(root: Path, target: Path) -> None:
    with (
        sqlite_errors(root / DATABASE_NAME),
        closing(open_for_reading(root)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy, pages=-1)  # in one step: one moment, whoever writes meanwhile


def _copy_warcs(root: Path, copy: sqlite3.Connection, bag: _Bag, now: datetime) -> None:
    for row in copy.execute("SELECT * FROM warc ORDER BY id").fetchall():
        digests = bag.add(warc_path(root, row["path"]), row["path"], row["length"])
        if row["closed_at"] is None:
            with transaction(copy):
                copy.execute(
                    "UPDATE warc SET closed_at = ?, sha256 = ? WHERE id = ?",
                    (utc_text(now), digests["sha256"], row["id"]),
                )
        elif digests["sha256"] != row["sha256"]:
            raise ArchiveError(
                f"{row['path']} is not what it was when it was closed; `huyen verify` says more. "
                "No bag was made."
            )


class _Bag:
    """The payload that was copied or written so far: digests by path within ``data/``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digests: dict[str, dict[str, str]] = {}
        self.bytes = 0

    def add(self, source: Path, path: str, length: int | None = None) -> dict[str, str]:
        """Copies a file, or its first ``length`` bytes, to this path, and returns its digests.
        Raises ArchiveError where the bytes are not there."""
        target = self.folder / "data" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        hashes = {name: hashlib.new(name) for name in _ALGORITHMS}
        left = length
        with _opened(source) as file, target.open("wb") as out:
            while left is None or left:
                data = file.read(_COPY_SIZE if left is None else min(left, _COPY_SIZE))
                if not data:
                    break
                out.write(data)
                for digest in hashes.values():
                    digest.update(data)
                self.bytes += len(data)
                left = None if left is None else left - len(data)
        if left:
            raise ArchiveError(
                f"{path}: {left} bytes are missing; `huyen verify` says more. No bag was made."
            )
        self.digests[path] = {name: digest.hexdigest() for name, digest in hashes.items()}
        return self.digests[path]

    def list_written(self, path: str) -> None:
        """Takes note of a payload file that was not copied but written here."""
        if path not in self.digests:
            target = self.folder / "data" / path
            self.digests[path] = _digests(target)
            self.bytes += target.stat().st_size


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError:
        # Closed and renamed in this moment.
        final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
        if not final.exists():
            raise ArchiveError(
                f"{final} is missing; `huyen verify` says more. No bag was made."
            ) from None
        return final.open("rb")


def _digests(path: Path) -> dict[str, str]:
    digests = {}
    for name in _ALGORITHMS:
        with path.open("rb") as file:
            digests[name] = hashlib.file_digest(file, name).hexdigest()
    return digests


def _facts(copy: sqlite3.Connection) -> dict[str, object]:
    row = copy.execute(
        "SELECT count(*), min(fetched_at), max(fetched_at), "
        "(SELECT count(*) FROM article), (SELECT count(*) FROM version), "
        "(SELECT count(*) FROM warc) FROM capture"
    ).fetchone()
    names = ("captures", "first", "last", "articles", "versions", "warc_files")
    sites = copy.execute("SELECT slug, name, province, home, state FROM site ORDER BY slug")
    return dict(zip(names, row, strict=True)) | {"sites": [tuple(site) for site in sites]}
