"""BagIt (RFC 8493): the whole archive as a package that says of itself whether it is complete.

What lies in ``data/`` of the bag is again an archive of this program, with which every command works.
"""

from __future__ import annotations

import hashlib
import os
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

INDEX_PATH = "index.cdxj"

_ALGORITHMS = ("sha256", "sha512")
_COPY_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class BagSummary:
    """What is in the bag: payload files and their bytes, captures, articles; ``withheld``: how many
    decisions to withhold are in force, what they are about being in it too."""

    files: int
    bytes: int
    captures: int
    articles: int
    withheld: int


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
        _copy_database(root, data / DATABASE_NAME, out)
        with (
            sqlite_errors(out),
            closing(sqlite3.connect(data / DATABASE_NAME, isolation_level=None)) as copy,
        ):
            copy.row_factory = sqlite3.Row
            _copy_warcs(root, copy, bag, now)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, readable where none can write
        for path, sha256 in kept_files(root):
            if bag.add(root / path, path)["sha256"] != sha256:
                raise ArchiveError(f"{path} is not what it was when it was imported.")
        with closing(open_for_reading(data)) as copy, sqlite_errors(out):
            update_index(copy, data / INDEX_PATH)
            facts = _facts(copy)
        readme = _readme(facts, now)
        (data / "README.txt").write_text(readme, encoding="utf-8")
        for written in sorted(data.rglob("*")):
            if written.is_file():
                bag.list_written(written.relative_to(data).as_posix())
        _write_tags(bag, facts, now, organization)
        return BagSummary(
            len(bag.digests), bag.bytes, facts.captures, facts.articles, facts.withheld
        )


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A new directory under a temporary name, which gets its own when the block ends."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name[:100]}.", dir=out.parent))
        try:
            yield folder
            folder.chmod(0o755)
            for path in (folder, *folder.rglob("*")):
                _sync(path)
            folder.rename(out)
            sync_directory(out.parent)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        raise ArchiveError(f"{out} cannot be written: {error}.") from error


def _sync(path: Path) -> None:
    if path.is_dir():
        sync_directory(path)
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _copy_database(root: Path, target: Path, out: Path) -> None:
    with (
        sqlite_errors(root / DATABASE_NAME),
        closing(open_for_reading(root)) as source,
        sqlite_errors(out),  # what goes wrong from here on is mostly its disk
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


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a person wants to know before opening the bag."""

    captures: int
    first: str
    last: str
    articles: int
    versions: int
    warc_files: int
    withheld: int
    sites: tuple[tuple[str, ...], ...]


def _facts(copy: sqlite3.Connection) -> _Facts:
    row = copy.execute(
        "SELECT count(*), coalesce(min(fetched_at), '-'), coalesce(max(fetched_at), '-'), "
        "(SELECT count(*) FROM article), (SELECT count(*) FROM version), "
        "(SELECT count(*) FROM warc), "
        "(SELECT count(*) FROM withholding WHERE restored_at IS NULL) FROM capture"
    ).fetchone()
    sites = copy.execute("SELECT slug, name, province, home, state FROM site ORDER BY slug")
    return _Facts(
        captures=row[0],
        first=row[1],
        last=row[2],
        articles=row[3],
        versions=row[4],
        warc_files=row[5],
        withheld=row[6],
        sites=tuple(tuple(site) for site in sites),
    )


def _readme(facts: _Facts, now: datetime) -> str:
    portals = "\n".join(
        f"  {name}, {province}: {home} ({slug}, {state})"
        for slug, name, province, home, state in facts.sites
    )
    return f"""Web archive of Vietnamese district portals
==========================================

Copied {utc_text(now)} by huyen {__version__}.
{facts.captures} captures from {facts.first} to {facts.last}, in {facts.warc_files} WARC files;
{facts.articles} articles in {facts.versions} versions.

{portals}

What is here
------------
archive.db          SQLite 3: articles, their versions, captures, runs. Made to be read with any
                    SQLite tool; begin with the views articles, versions and captures.
warc/               WARC/1.1 (ISO 28500:2017), gzip, one member a record: every exchange as it
                    crossed the wire. The view captures says in which file and at which offset.
{INDEX_PATH}          CDXJ index for replay tools (pywb, OutbackCDX); its file names are relative to
                    this directory.
imports/            Files of other archives, as they were brought; named by their SHA-256.

All times are UTC. Of a withheld article everything is here, but it is not in the views, and not in
the index: take care before you publish.

The directory is an archive of the program huyen: huyen --archive DIRECTORY search "nghi quyet".
"""


def _write_tags(bag: _Bag, facts: _Facts, now: datetime, organization: str) -> None:
    lines = {
        name: "".join(
            f"{digests[name]}  data/{_escaped(path)}\n"
            for path, digests in sorted(bag.digests.items())
        )
        for name in _ALGORITHMS
    }
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"sha256:{_sha256(lines['sha256'])}")
    info = {
        "Source-Organization": organization,
        "External-Identifier": f"urn:uuid:{identity}",  # of the content: the same bag, the same name
        "External-Description": (
            f"Web archive of {len(facts.sites)} Vietnamese district portals, captured {facts.first} "
            f"to {facts.last}: WARC files, SQLite database, CDXJ index"
        ),
        "Bagging-Date": f"{now:%Y-%m-%d}",
        "Bag-Size": f"{bag.bytes / 1e6:.1f} MB",
        "Payload-Oxum": f"{bag.bytes}.{len(bag.digests)}",
        "Bag-Software-Agent": f"huyen {__version__}",
    }
    tags = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{name}: {value}\n" for name, value in info.items() if value),
        **{f"manifest-{name}.txt": text for name, text in lines.items()},
    }
    for name in _ALGORITHMS:
        tags[f"tagmanifest-{name}.txt"] = "".join(
            f"{hashlib.new(name, text.encode()).hexdigest()}  {tag}\n"
            for tag, text in sorted(tags.items())
            if not tag.startswith("tagmanifest")
        )
    for tag, text in tags.items():
        (bag.folder / tag).write_text(text, encoding="utf-8", newline="\n")


def _escaped(path: str) -> str:
    """RFC 8493, section 2.1.3."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
