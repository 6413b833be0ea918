"""One `huyen attachments` at a time. It works beside a crawl, so it does not hold the archive's lock;
a second one would only do the same work again."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import ArchiveError, ArchiveLocked

LOCK_NAME = "attachments.lock"


@contextmanager
def own_turn(root: Path) -> Iterator[None]:
    """Raises ArchiveLocked when another one is at work on this archive, ArchiveError when the lock
    file cannot be had. The kernel frees the lock however this process ends."""
    path = root / LOCK_NAME
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be opened for writing: {error.strerror}. "
            "Check the permissions of the archive's directory."
        ) from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveLocked(
                f"another `huyen attachments` is at work in {root}. Nothing was done."
            ) from None
        yield
    finally:
        os.close(fd)
