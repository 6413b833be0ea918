"""The files of others from which captures were imported, kept as they came.

They lie in ``imports/<SHA-256>/<name>``. A capture that came from one says so in ``via``:
``imports/<SHA-256>/<name>#<record>``, so that the name, the fixity and the record of the original
survive in our own WARC file as well, and need no table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from archive.atomic_file import replacing
from archive.database import sync_directory
from archive.errors import HuyenError
from archive.foreign_file import maker_of

IMPORTS_FOLDER = "imports"

_VIA = re.compile(r"imports/([0-9a-f]{64})/([^/#]+)#(.*)")
_LONGEST_NAME = 150  # bytes; file systems allow 255
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ImportedFrom:
    """Where an imported capture comes from: ``name`` of the file that was brought, its SHA-256
    (hex), ``path`` where it is kept (relative to the archive), ``record`` in it (for a WACZ
    ``<entry>!<record id>``), and what the file says of its ``maker``."""

    name: str
    sha256: str
    path: str
    record: str
    maker: dict[str, str]


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(root: Path, source: Path, sha256: str) -> str:
    """Copies a file to where imported files are kept, unless it is there; returns the path relative
    to the archive. It is durable when this returns. Raises ArchiveError when the disk refuses,
    HuyenError when the file is not the one that has this SHA-256 any more."""
    folder = root / IMPORTS_FOLDER / sha256
    with suppress(FileNotFoundError):
        for kept in folder.iterdir():
            if not kept.name.startswith(".") and kept.stat().st_size == source.stat().st_size:
                return kept.relative_to(root).as_posix()
    for directory in (folder.parent, folder):
        if not directory.exists():
            directory.mkdir()
            sync_directory(directory.parent)
    target = folder / _safe_name(source.name)
    digest = hashlib.sha256()
    with replacing(target) as copy, source.open("rb") as original:
        while data := original.read(_CHUNK):
            digest.update(data)
            copy.write(data)
        if digest.hexdigest() != sha256:
            raise HuyenError(f"{source} has changed while it was read; import it again")
    return target.relative_to(root).as_posix()


def via_of(kept: str, part: str, record_id: str) -> str:
    """What the captures of a kept file have in ``via``; ``part`` is the entry of a WACZ, or empty."""
    record = f"{part}!{record_id}" if part else record_id
    return f"{quote(kept)}#{quote(record, safe=':/!')}"


def path_in_via(via: str) -> str | None:
    """The kept file (relative to the archive) that a capture's ``via`` names, None where it was not
    imported."""
    match = _VIA.fullmatch(via)
    return f"{IMPORTS_FOLDER}/{match[1]}/{unquote(match[2])}" if match else None


def imported_from(root: Path, via: str) -> ImportedFrom | None:
    """What a capture's ``via`` says of a kept file; None where it was not imported."""
    match, path = _VIA.fullmatch(via), path_in_via(via)
    if match is None or path is None:
        return None
    return ImportedFrom(
        name=unquote(match[2]),
        sha256=match[1],
        path=path,
        record=unquote(match[3]),
        maker=maker_of(root / path),
    )


def kept_files(root: Path) -> Iterator[tuple[str, str]]:
    """Path (relative to the archive) and SHA-256, by name, of every kept file."""
    for path in sorted((root / IMPORTS_FOLDER).glob("*/*")):
        if not path.name.startswith("."):
            yield path.relative_to(root).as_posix(), path.parent.name


def _safe_name(name: str) -> str:
    """The name without what could mislead a shell, a terminal or a manifest."""
    safe = "".join(c if c.isprintable() and c not in '/\\#%"' else "_" for c in name)
    safe = safe.lstrip(".-") or "file"
    while len(safe.encode("utf-8", "replace")) > _LONGEST_NAME:
        safe = safe[1:]  # the end tells more: .warc.gz
    return safe.encode("utf-8", "replace").decode()
