"""The log of a crawl in a file that does not fill the disk."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from archive.errors import UsageError

LOG_SIZE = 10_000_000  # bytes after which a file is followed by another
LOG_KEEP = 5  # earlier files that are kept beside it
_FORMAT = "%(asctime)s [%(name)s] %(levelname)s: %(message)s"  # Scrapy's, which people know


@contextmanager
def logging_to(path: Path, level: int, *, size: int, keep: int) -> Iterator[None]:
    """Writes what is logged while the block lasts to the end of this file. At ``size`` bytes it is
    renamed to ``….1``, that one to ``….2``, and so on: ``keep`` of them stay. Times are local.

    Raises UsageError where the file cannot be written.
    """
    try:
        handler = RotatingFileHandler(path, maxBytes=size, backupCount=keep, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--log-file {path}: cannot be written: {error.strerror}") from error
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
