"""Database connections for many readers at once: a few threads, one connection each, and a deadline
for whatever one request does with it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.errors import ArchiveError

THREADS = 8  # SQLite waits for the disk without the interpreter's lock; more threads only queue
# Searches keep processors busy: more at once than there are processors only make all of them late, and
# with them whoever wants no more than to read a page.
SEARCHERS = max(2, min(THREADS, os.cpu_count() or 2))
DEADLINE = 10.0  # seconds for one request, waiting for a thread included
# Of SQLite between two looks at the clock, some milliseconds. A look takes the interpreter's lock: with
# 2,000 twenty readers spent their time waiting for it.
_OPCODES = 200_000

T = TypeVar("T")


class DeadlinePassed(Exception):
    """Raised when a request has used up its time; its query was stopped."""


class Readers:
    """Runs functions of a connection on ``threads`` of its own. The connections cannot write. Through
    those of ``everything`` nothing is withheld."""

    def __init__(
        self,
        root: Path,
        deadline: float = DEADLINE,
        *,
        threads: int = THREADS,
        everything: bool = False,
    ) -> None:
        self._root = root
        self._everything = everything
        self._deadline = deadline
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reader")

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What ``work`` returns. Raises DeadlinePassed, ArchiveError, and what ``work`` raises."""
        end = time.monotonic() + self._deadline
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._work, work, end)

    def close(self) -> None:
        """Waits for what is running; each connection closes with its thread."""
        self._threads.shutdown(cancel_futures=True)

    def _work(self, work: Callable[[sqlite3.Connection], T], end: float) -> T:
        if time.monotonic() > end:
            raise DeadlinePassed
        connection = self._connection()
        connection.set_progress_handler(lambda: time.monotonic() > end, _OPCODES)
        try:
            with sqlite_errors(self._root / DATABASE_NAME):
                return work(connection)
        except ArchiveError as error:
            cause = error.__cause__
            if isinstance(cause, sqlite3.OperationalError) and (
                cause.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
            ):
                raise DeadlinePassed from error
            # A damaged or replaced file may be right again at the next request.
            connection.set_progress_handler(None, 0)
            del self._local.held
            raise

    def _connection(self) -> sqlite3.Connection:
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = _Held(_open(self._root, self._everything))
        return held.connection


def _open(root: Path, everything: bool) -> sqlite3.Connection:
    connection = open_for_reading(root)
    # What is temporary stays in this connection's own memory; nothing else can be written through it.
    connection.execute("PRAGMA query_only = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    if everything:
        _lift_withholding(connection)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _lift_withholding(connection: sqlite3.Connection) -> None:
    """Lays views over what says that something is withheld, in this connection only: SQLite looks for
    a name among the temporary ones first. Views of the archive itself (`articles`) do not see them."""
    columns = [row["name"] for row in connection.execute("PRAGMA main.table_info(article)")]
    shown = ", ".join(_SHOWN_STATUS if name == "status" else name for name in columns)
    connection.execute(f"CREATE TEMP VIEW article AS SELECT {shown} FROM main.article")
    connection.execute("CREATE TEMP VIEW withheld_version(id) AS SELECT 0 WHERE 0")
    connection.execute("CREATE TEMP VIEW withheld_capture(id) AS SELECT 0 WHERE 0")


# What it would be if it were not withheld, as archive.withholding.settle has it.
_SHOWN_STATUS = """
    CASE WHEN status <> 'withheld' THEN status WHEN gone_since IS NULL THEN 'current' ELSE 'gone' END
    AS status
"""


class _Held:
    """Closes its connection when its thread ends and drops it, as thread-local values are."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()
