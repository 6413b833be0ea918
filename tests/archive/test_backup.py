"""A backup is of one moment, sound, and never in the place of something else."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from captured_pages import SITE, article, exchange, read_as
from click.testing import CliRunner, Result
from sqlite_utils import Database

from archive.backups import back_up
from archive.commands.backup import backup
from archive.commands.context import CommandContext
from archive.commands.withhold import withhold
from archive.database import open_for_reading
from archive.errors import ArchiveError, HuyenError, UsageError
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.migrations import APPLICATION_ID, STEPS, migrations
from archive.timestamps import utc_now

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    with ArchiveWriter.open(root, "crawl") as writer:
        _add(writer, 1)
    return root


def _add(writer: ArchiveWriter, number: int) -> None:
    path = f"/tin/{number}"
    sent = exchange(path, f"<p>{number}</p>".encode(), at=number)
    content = article(path, title=f"Bài số {number}")
    writer.record_reading(writer.record_exchange(SITE, sent), read_as(content))


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(backup, arguments, obj=CommandContext(root))


def titles(database: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM articles ORDER BY id")]


def test_the_copy_is_one_sound_file_and_says_what_is_in_it(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "copies" / "monday.db"
    out.parent.mkdir()
    result = run(root, str(out), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "path": str(out),
        "bytes": out.stat().st_size,
        "captures": 1,
        "articles": 1,
        "versions": 1,
    }
    assert list(out.parent.iterdir()) == [out]
    assert titles(out) == ["Bài số 1"]
    with closing(sqlite3.connect(out)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    text = run(root, str(out.with_name("tuesday.db"))).stdout
    assert "1 articles, 1 versions" in text


def test_while_a_crawl_writes_it_has_what_was_committed(root: Path, tmp_path: Path) -> None:
    with ArchiveWriter.open(root, "crawl", group_seconds=1e6) as writer:
        _add(writer, 2)
        writer.flush()
        writer.connection.execute("BEGIN IMMEDIATE")  # a transaction that is not at its end
        writer.connection.execute("UPDATE version SET title = 'nửa chừng'")
        back_up(root, tmp_path / "copy.db")
        writer.connection.execute("ROLLBACK")
        _add(writer, 3)
    assert titles(tmp_path / "copy.db") == ["Bài số 1", "Bài số 2"]
    assert titles(root / "archive.db") == ["Bài số 1", "Bài số 2", "Bài số 3"]


def test_in_the_place_of_a_lost_database_it_makes_the_archive_whole(
    root: Path, tmp_path: Path
) -> None:
    CliRunner().invoke(withhold, ["1", "--reason", "r", "--by", "p"], obj=CommandContext(root))
    back_up(root, tmp_path / "copy.db")
    with ArchiveWriter.open(root, "crawl") as writer:
        _add(writer, 2)
    for path in root.glob("archive.db*"):
        path.unlink()
    shutil.copy(tmp_path / "copy.db", root / "archive.db")
    with ArchiveWriter.open(root, "reextract") as writer:
        # What was captured since is listed again from its WARC file, to be read again.
        assert len(writer.recovery.orphans) == 1
        writer.record_reading(writer.recovery.orphans[0], read_as(article("/tin/2", title="Hai")))
    assert titles(root / "archive.db") == ["Hai"]
    with closing(open_for_reading(root)) as connection:
        assert connection.execute("SELECT reason FROM withholdings").fetchone()[0] == "r"
    assert verify(root, utc_now()).ok


def test_a_copy_of_the_middle_of_a_crawl_makes_the_archive_whole_too(
    root: Path, tmp_path: Path
) -> None:
    """The copy knows a WARC file as being written, which has been closed and renamed since."""
    with ArchiveWriter.open(root, "crawl", group_seconds=1e6) as writer:
        _add(writer, 2)
        writer.flush()
        back_up(root, tmp_path / "copy.db")
        _add(writer, 3)
    for path in root.glob("archive.db*"):
        path.unlink()
    shutil.copy(tmp_path / "copy.db", root / "archive.db")
    with ArchiveWriter.open(root, "reextract") as writer:
        assert len(writer.recovery.orphans) == 1
        assert writer.recovery.problems == ()
    assert verify(root, utc_now()).ok
    assert titles(root / "archive.db") == ["Bài số 1", "Bài số 2"]


def test_it_can_be_made_before_an_update(root: Path, tmp_path: Path) -> None:
    """The schema of an older version, which every other command that reads refuses."""
    old = tmp_path / "old"
    old.mkdir()
    with closing(sqlite3.connect(old / "archive.db", isolation_level=None)) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(database, execute_plugins=False), stop_before=STEPS[1])
    with pytest.raises(ArchiveError, match="older version"):
        open_for_reading(old)
    assert back_up(old, tmp_path / "copy.db").captures == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_another_s_database_is_not_copied(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "archive.db", isolation_level=None)) as database:
        database.execute("CREATE TABLE mine(x)")
    with pytest.raises(ArchiveError, match="not an archive"):
        back_up(tmp_path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("command", ["backup copy.db", "export bagit bag"])
def test_a_disk_that_refuses_leaves_nothing_and_is_told_by_the_name_of_the_copy(
    root: Path, tmp_path: Path, command: str
) -> None:
    """A limit of the kernel on the size of files stands for the full disk."""
    out = tmp_path / "out"
    out.mkdir()
    huyen = f"{sys.executable} -c 'import sys; from crawler.command import main; sys.exit(main())'"
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 100; exec {huyen} --archive {root} {command}"],
        cwd=out,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(f"huyen: {command.split()[-1]}")
    assert "Traceback" not in done.stderr
    assert list(out.iterdir()) == []
    assert verify(root, utc_now()).ok


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_there_is_never_replaced(root: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    match kind:
        case "file":
            out.write_text("mine")
        case "directory":
            out.mkdir()
        case "link":
            out.symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.iterdir())
    assert isinstance(run(root, str(out)).exception, UsageError)
    assert sorted(tmp_path.iterdir()) == before
    assert kind != "file" or out.read_text() == "mine"


def test_nor_what_came_while_it_was_made(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import archive.backups

    out = tmp_path / "out.db"
    checked = archive.backups._checked

    def late(staged: Path, source: Path) -> archive.backups.BackupSummary:
        out.write_text("another's")
        return checked(staged, source)

    monkeypatch.setattr(archive.backups, "_checked", late)
    with pytest.raises(UsageError, match="there already"):
        back_up(root, out)
    assert out.read_text() == "another's"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["archive", "out.db"]


def test_a_damaged_database_gives_no_backup(root: Path, tmp_path: Path) -> None:
    path = root / "archive.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE reading SET version_id = 99")
    with pytest.raises(ArchiveError, match="not sound"):
        back_up(root, tmp_path / "out.db")
    assert [p.name for p in tmp_path.iterdir()] == ["archive"]


@pytest.mark.parametrize("out", ["missing/out.db", "archive/archive.db"])
def test_a_place_that_will_not_do_is_said(root: Path, tmp_path: Path, out: str) -> None:
    result = run(root, str(tmp_path / out))
    assert isinstance(result.exception, HuyenError)
    assert result.exception.exit_status == 2
