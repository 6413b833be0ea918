"""The row of a run: one execution of a command that writes."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from archive.database import transaction
from archive.timestamps import utc_text


def begin_run(
    connection: sqlite3.Connection,
    command: str,
    arguments: Sequence[str],
    software: str,
    now: datetime,
) -> int:
    """Records that this process begins a run, and returns its id. ``now`` is aware."""
    with transaction(connection):
        cursor = connection.execute(
            "INSERT INTO run(command, arguments, software, started_at, pid, host) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                command,
                json.dumps(list(arguments), ensure_ascii=False),
                software,
                utc_text(now),
                os.getpid(),
                socket.gethostname(),
            ),
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end_run(connection: sqlite3.Connection, run_id: int, outcome: str, now: datetime) -> None:
    """Records how the run ended: done, interrupted or failed. ``now`` is aware."""
    with transaction(connection):
        connection.execute(
            "UPDATE run SET ended_at = ?, outcome = ? WHERE id = ?",
            (utc_text(now), outcome, run_id),
        )
