"""Writing a decision of a person into an archive, also while a crawl holds it.

A court order does not wait for the end of a crawl. What is amended here is in rows that a running
`ArchiveWriter` reads inside its own transactions and never keeps, so two short transactions in turn do
no harm; the crawl keeps its lock, and what only the holder of the lock may do is not done here.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from archive import __version__, full_text, near_duplicates
from archive.database import (
    DATABASE_NAME,
    open_beside_a_run,
    open_for_writing,
    require_archive,
    sqlite_errors,
    transaction,
)
from archive.errors import ArchiveLocked
from archive.lock import ArchiveLock
from archive.timestamps import utc_text


@contextmanager
def amending(
    root: Path, command: str, arguments: Sequence[str], now: datetime
) -> Iterator[sqlite3.Connection]:
    """One transaction on an existing archive, recorded as a run of ``command``; ``now`` is aware.
    Raises ArchiveError as archive.database.open_for_writing does, and where there is no archive;
    ArchiveLocked where the program that holds the lock makes another index than this one."""
    require_archive(root)
    refusal = None
    with ExitStack() as held:
        try:
            held.enter_context(ArchiveLock(root, f"huyen {command}", now))
            connection = held.enter_context(closing(open_for_writing(root)))
        except ArchiveLocked as locked:
            refusal = locked
            connection = held.enter_context(closing(open_beside_a_run(root)))
        held.enter_context(sqlite_errors(root / DATABASE_NAME))
        if refusal is None:
            with transaction(connection):
                full_text.bring_up_to_date(connection)
                near_duplicates.bring_up_to_date(connection)
            full_text.complete(connection)
        elif not (full_text.is_current(connection) and near_duplicates.is_current(connection)):
            raise refusal
        with transaction(connection):
            yield connection
            _record_run(connection, command, arguments, utc_text(now))
        if refusal is None:
            full_text.complete(connection)


def _record_run(
    connection: sqlite3.Connection, command: str, arguments: Sequence[str], now: str
) -> None:
    connection.execute(
        "INSERT INTO run(command, arguments, software, started_at, ended_at, outcome, pid, host) "
        "VALUES (?, ?, ?, ?, ?, 'done', ?, ?)",
        (
            command,
            json.dumps(list(arguments), ensure_ascii=False),
            f"huyen {__version__}",
            now,
            now,
            os.getpid(),
            socket.gethostname(),
        ),
    )
