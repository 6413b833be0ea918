"""One writer at a time. Readers need no lock."""

from __future__ import annotations

import fcntl
import os
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.errors import ArchiveError, ArchiveLocked
from archive.timestamps import utc_text

LOCK_NAME = "huyen.lock"


def holder(root: Path) -> str | None:
    """Who holds the archive in this directory: command, process, since when; None where nobody
    does. Only reads what the holder wrote, and whether its process lives: to try the lock would be
    in the way of a run that begins at this moment."""
    try:
        text = (root / LOCK_NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    facts = _facts(text)
    if facts.get("host") == socket.gethostname() and not _lives(facts.get("pid", "")):
        return None
    return _describe(text) if facts else None


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True  # somebody else's
    except (ValueError, OSError):
        return False
    return True


class ArchiveLock:
    """An exclusive flock on a file of the archive: ``huyen.lock`` for what writes, another ``name`` for
    what works beside it. The kernel frees it when the process ends, however it
    ends, so a lock of the dead never blocks; the text in the file only tells who holds it.

    Do not fork without exec while holding it: the child would hold it too.
    """

    def __init__(self, root: Path, command: str, since: datetime, *, name: str = LOCK_NAME) -> None:
        """Takes the lock or raises ArchiveLocked, naming the holder; ArchiveError when the file
        cannot be written. ``since`` is aware."""
        self._fd: int | None = None
        path = root / name
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ArchiveError(
                f"{path} cannot be opened for writing: {error.strerror}. "
                "Check the permissions of the archive's directory."
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _describe(os.pread(fd, 4096, 0).decode(errors="replace"))
            os.close(fd)
            raise ArchiveLocked(f"{root} is in use by {holder}. Nothing was done.") from None
        except OSError as error:
            os.close(fd)
            raise ArchiveError(
                f"{path} cannot be locked: {error.strerror}. Keep the archive on a local disk."
            ) from error
        text = (
            f"pid {os.getpid()}\ncommand {' '.join(command.split())}\n"
            f"since {utc_text(since)}\nhost {socket.gethostname()}\n"
        )
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, text.encode(), 0)
        except OSError as error:
            os.close(fd)
            raise ArchiveError(f"{path} cannot be written: {error.strerror}.") from error
        self._fd = fd

    def release(self) -> None:
        """Frees the lock; harmless when done twice. The file stays: removing it would let two
        holders lock two different files of the same name."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def _facts(text: str) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in text.splitlines() if " " in line)


def _describe(text: str) -> str:
    facts = _facts(text)
    if "pid" not in facts:
        return "another run that is just starting"
    command, since = facts.get("command", "?"), facts.get("since", "?")
    return f"`{command}` (pid {facts['pid']}, since {since})"
