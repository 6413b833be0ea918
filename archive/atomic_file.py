"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from archive.database import sync_directory
from archive.errors import ArchiveError, UsageError

_MODE = 0o644


def require_free(path: Path, *, force: bool = False) -> None:
    """Raises UsageError where an output would replace something, or has no directory to go to."""
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no directory {path.parent}")
    if path.is_dir():
        raise UsageError(f"{path} is a directory; name a file")
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; name another file, or replace it with --force")


@contextmanager
def replacing(path: Path, mode: int = _MODE) -> Iterator[IO[bytes]]:
    """A file to write: under a temporary name beside ``path`` until the block ends, then synced
    and renamed to it, with these permissions. When the block raises, nothing is left and what was
    there stays. Raises ArchiveError when the disk refuses."""
    try:
        fd, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(fd, "w+b") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error}.") from error
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
