"""pywb beside the reader: its configuration and index in a directory of their own, and pywb itself as a
separate program, which runs the scripts of archived pages on an origin that is not the reader's.

pywb (GPLv3) is never imported. What is withheld is not in its index, which follows the archive as long as
the reader runs.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from archive.cdxj import update_index
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.errors import ArchiveError, HuyenError, UsageError
from archive.reader import kept_process

COLLECTION = "all"
_INDEX = "index.cdxj"
_LOOK = 10.0  # seconds between two looks at whether the archive has changed
_GRACE = 10.0  # seconds for pywb to stop by itself

logger = logging.getLogger(__name__)


def find_pywb() -> str:
    """pywb's command. Raises HuyenError, saying how to install it, where there is none."""
    found = shutil.which("wayback")
    if found is None:
        raise HuyenError(
            "--pywb: there is no `wayback` on the PATH. pywb is a program of its own: "
            "`pipx install pywb`, or a virtual environment whose bin directory is on the PATH"
        )
    return found


def directory_for(archive: Path) -> Path:
    """Where configuration and index go: beside the archive, never in it."""
    whole = archive.resolve()
    return whole.with_name(f"{whole.name}.pywb")


@contextmanager
def running_pywb(archive: Path, host: str, port: int) -> Iterator[int]:
    """pywb serves the archive on that port while the block runs, and is stopped with it, also when this
    process is killed. Yields the id of its process group. Raises UsageError for a port that is taken, HuyenError where pywb is not installed or
    the files cannot be written, ArchiveError as the index does."""
    command = find_pywb()
    _require_free(host, port)
    folder = directory_for(archive)
    _prepare(archive, folder)
    with (folder / "pywb.log").open("wb") as log:
        keeper = [sys.executable, "-I", kept_process.__file__, str(_GRACE)]
        process = subprocess.Popen(
            [*keeper, command, "-b", host, "-p", str(port)],
            cwd=folder,
            # Held open until here is the end; see archive.reader.kept_process.
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # Ctrl-C is for the reader, which then stops pywb.
            start_new_session=True,
        )
    stop = threading.Event()
    follower = threading.Thread(
        target=_follow, args=(archive, folder / _INDEX, process, stop), name="pywb-index"
    )
    follower.start()
    try:
        yield process.pid
    finally:
        stop.set()
        follower.join()
        _stop(process)
        assert process.stdin is not None
        process.stdin.close()


def _prepare(archive: Path, folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
        config = {
            "collections": {
                COLLECTION: {
                    "index_paths": str(folder / _INDEX),
                    "archive_paths": f"{archive.resolve()}{os.sep}",
                }
            },
            "enable_memento": True,
            "framed_replay": True,
        }
        # JSON is YAML, and quotes what a path may hold.
        (folder / "config.yaml").write_text(
            json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise HuyenError(f"--pywb: {folder} cannot be written: {error.strerror}") from error
    with closing(open_for_reading(archive)) as connection, sqlite_errors(archive / DATABASE_NAME):
        update_index(connection, folder / _INDEX)


def _follow(
    archive: Path, index: Path, process: subprocess.Popen[bytes], stop: threading.Event
) -> None:
    """Brings the index up to date whenever somebody has written to the archive: new captures come in,
    what is withheld goes out. Says so when pywb ends before the reader."""
    try:
        with closing(open_for_reading(archive)) as connection:
            seen = _data_version(connection)
            while not stop.wait(_LOOK):
                if process.poll() is not None:
                    logger.error("pywb has ended; see %s", index.with_name("pywb.log"))
                    return
                now = _data_version(connection)
                if now != seen:
                    seen = now
                    with sqlite_errors(archive / DATABASE_NAME):
                        update_index(connection, index)
    except ArchiveError as error:
        # An index that shows what was withheld meanwhile is worse than none.
        logger.error("pywb is stopped, its index cannot be kept up to date: %s", error)
        _stop(process)


def _data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when another connection has written."""
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"--pywb-port {port}: {error.strerror}; name another with --pywb-port"
            ) from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends pywb and what it has started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sign)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            continue
