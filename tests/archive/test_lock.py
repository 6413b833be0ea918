"""One writer at a time; a dead one never blocks; readers are not concerned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from captured_pages import START, exchange

from archive.database import open_for_reading
from archive.errors import ArchiveLocked
from archive.ingest import ArchiveWriter
from archive.lock import ArchiveLock, holder

HOLDER = """
import sys
from pathlib import Path
from archive.ingest import ArchiveWriter
with ArchiveWriter.open(Path(sys.argv[1]), "crawl", ["tho-xuan"]):
    print("holding", flush=True)
    sys.stdin.read()
"""


def hold(root: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def test_a_second_writer_is_told_who_holds_the_archive_and_does_nothing(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        before = sorted(p.name for p in tmp_path.iterdir())
        with pytest.raises(ArchiveLocked) as caught:
            ArchiveWriter.open(tmp_path, "import")
        message = str(caught.value)
        assert caught.value.exit_status == 75
        assert "\n" not in message
        for fact in (str(tmp_path), "huyen crawl", f"pid {holder.pid}", "since 20"):
            assert fact in message
        with closing(open_for_reading(tmp_path)) as reader:
            assert reader.execute("SELECT count(*) FROM runs").fetchone()[0] == 1
        assert sorted(p.name for p in tmp_path.iterdir()) == before
        holder.communicate()
    ArchiveWriter.open(tmp_path, "import").close()


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert f"pid {holder.pid}" in (tmp_path / "huyen.lock").read_text()
        with ArchiveWriter.open(tmp_path, "crawl") as writer:
            assert writer.recovery.killed_runs == (1,)
            writer.record_exchange("a", exchange())


def test_the_lock_is_held_within_one_process_too_and_freed_by_an_error(tmp_path: Path) -> None:
    with ArchiveLock(tmp_path, "one", START), pytest.raises(ArchiveLocked, match="`one`"):
        ArchiveLock(tmp_path, "two", START)
    (tmp_path / "archive.db").write_text("no database, so opening fails after the lock is taken")
    with pytest.raises(Exception, match="not an SQLite"):
        ArchiveWriter.open(tmp_path, "crawl")
    lock = ArchiveLock(tmp_path, "three", START)
    lock.release()
    lock.release()


def test_who_holds_the_archive_can_be_asked_without_disturbing(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with hold(tmp_path) as process:
        named = holder(tmp_path)
        assert named is not None
        assert f"`huyen crawl` (pid {process.pid}, since 20" in named
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert holder(tmp_path) is None  # though the file still names it
    with ArchiveLock(tmp_path, "x", START):
        assert holder(tmp_path) is not None
    assert holder(tmp_path) is None


def test_a_holder_that_has_not_said_its_name_yet(tmp_path: Path) -> None:
    with ArchiveLock(tmp_path, "x", START):
        (tmp_path / "huyen.lock").write_text("")
        with pytest.raises(ArchiveLocked, match="just starting"):
            ArchiveLock(tmp_path, "y", START)
