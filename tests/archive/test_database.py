"""An archive that cannot be opened says so in one line: what, where, what to do."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from captured_pages import SITE, article, exchange, read_as

from archive.database import open_for_reading, open_for_writing, sqlite_errors, transaction
from archive.errors import ArchiveError
from archive.ingest import ArchiveWriter
from archive.migrations import APPLICATION_ID

ATTEMPT = """
import os, sys
from pathlib import Path
from archive.database import open_for_reading, open_for_writing
from archive.errors import ArchiveError
if os.geteuid() == 0:  # permissions mean nothing to root
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    opened = {"read": open_for_reading, "write": open_for_writing}[sys.argv[1]](Path(sys.argv[2]))
    print(opened.execute("SELECT count(*) FROM articles").fetchone()[0])
except ArchiveError as error:
    print(error)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    root = tmp_path / "new" / "archive"
    with ArchiveWriter.open(root, "crawl") as writer:
        writer.record_reading(writer.record_exchange(SITE, exchange()), read_as(article()))
    return root


@pytest.fixture
def readable_by_all(archive: Path) -> Iterator[Path]:
    """pytest's own temporary directories are closed to other users."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "archive"
        shutil.copytree(archive, root)
        Path(name).chmod(0o755)
        yield root
        root.chmod(0o755)


def attempt(how: str, root: Path) -> str:
    """What an ordinary user gets, also when the tests are run by root."""
    process = subprocess.run(
        [sys.executable, "-c", ATTEMPT, how, str(root)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def complaint(root: Path, *, writing: bool) -> str:
    """The one line about what is wrong, and that it names the place."""
    with pytest.raises(ArchiveError) as caught:
        (open_for_writing if writing else open_for_reading)(root)
    message = str(caught.value)
    assert "\n" not in message
    assert str(root) in message
    return message


def test_a_new_archive_is_made_where_there_was_no_directory(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    with closing(open_for_writing(root)) as connection:
        pragmas = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "application_id")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "application_id": APPLICATION_ID,
    }
    with closing(open_for_reading(root)) as connection:
        assert connection.execute("SELECT * FROM articles").fetchall() == []
    with closing(open_for_writing(root)) as again:
        assert again.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0] >= 1


def test_the_views_for_people_have_the_documented_columns(archive: Path) -> None:
    promised = {
        "articles": "id site url title summary body_text author category published_at first_seen "
        "last_seen status versions duplicate_of capture_id",
        "captures": "id site url fetched_at status media_type payload_digest record_type warc_file "
        "warc_offset warc_length error run_id",
        "near_duplicates": "article_id other_id similarity method same_numbers",
        "withholdings": "id article_id version site url reason withheld_by withheld_at restored_at "
        "restored_by restore_reason",
    }
    with closing(sqlite3.connect(archive / "archive.db")) as plain:
        for view, columns in promised.items():
            names = [c[0] for c in plain.execute(f"SELECT * FROM {view}").description]
            assert names == columns.split()
        for view in ("versions", "runs", "site_runs"):
            plain.execute(f"SELECT * FROM {view}")


def test_a_reader_cannot_write(archive: Path) -> None:
    with (
        closing(open_for_reading(archive)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM article")


def test_no_archive_to_read(tmp_path: Path) -> None:
    assert "no archive" in complaint(tmp_path, writing=False)
    assert "no archive" in complaint(tmp_path / "nowhere", writing=False)
    assert not (tmp_path / "nowhere").exists()


def test_a_file_in_place_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "not a directory" in complaint(tmp_path / "file", writing=True)
    assert "cannot be created" in complaint(tmp_path / "file" / "below", writing=True)
    complaint(tmp_path / "file", writing=False)


@pytest.mark.parametrize("writing", [True, False])
def test_a_file_that_is_not_sqlite(tmp_path: Path, writing: bool) -> None:
    (tmp_path / "archive.db").write_bytes(b"PK\x03\x04 not a database at all")
    assert "not an SQLite database" in complaint(tmp_path, writing=writing)


@pytest.mark.parametrize("writing", [True, False])
def test_the_database_of_another_program_is_left_alone(tmp_path: Path, writing: bool) -> None:
    with closing(sqlite3.connect(tmp_path / "archive.db")) as other:
        other.execute("CREATE TABLE notes (text)")
    before = (tmp_path / "archive.db").read_bytes()
    assert "not an archive" in complaint(tmp_path, writing=writing)
    assert (tmp_path / "archive.db").read_bytes() == before


@pytest.mark.parametrize("writing", [True, False])
def test_a_newer_schema_asks_for_an_update(archive: Path, writing: bool) -> None:
    with closing(sqlite3.connect(archive / "archive.db")) as newer, newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) "
            "VALUES ('huyen', 'm9999_from_the_future', '')"
        )
    message = complaint(archive, writing=writing)
    assert "m9999_from_the_future" in message
    assert "Update huyen" in message


def test_an_older_schema_is_not_changed_by_a_reader(archive: Path) -> None:
    with closing(sqlite3.connect(archive / "archive.db")) as older, older:
        older.execute("DELETE FROM _sqlite_migrations")
    assert "older version" in complaint(archive, writing=False)


def test_an_empty_file_is_what_a_run_killed_at_once_leaves(tmp_path: Path) -> None:
    (tmp_path / "archive.db").touch()
    open_for_writing(tmp_path).close()
    open_for_reading(tmp_path).close()


@pytest.mark.parametrize("writing", [True, False])
def test_a_damaged_database_says_what_can_be_done(archive: Path, writing: bool) -> None:
    path = archive / "archive.db"
    data = bytearray(path.read_bytes())
    data[100:4096] = b"\x5a" * (4096 - 100)
    path.write_bytes(data)
    assert "damaged" in complaint(archive, writing=writing)


def test_a_directory_without_write_permission(readable_by_all: Path) -> None:
    readable_by_all.chmod(0o555)
    message = attempt("write", readable_by_all)
    assert "cannot be written" in message
    assert str(readable_by_all) in message


def test_a_directory_that_cannot_be_made(readable_by_all: Path) -> None:
    readable_by_all.chmod(0o555)
    assert "cannot be created" in attempt("write", readable_by_all / "deeper")


@pytest.mark.parametrize("with_empty_log", [True, False])
def test_an_archive_on_a_read_only_directory_can_be_read(
    readable_by_all: Path, with_empty_log: bool
) -> None:
    for name in ("archive.db-wal", "archive.db-shm"):
        (readable_by_all / name).unlink(missing_ok=True)
    if with_empty_log:
        (readable_by_all / "archive.db-wal").touch()
    readable_by_all.chmod(0o555)
    assert attempt("read", readable_by_all) == "1"


def test_a_reader_works_while_a_writer_is_busy(archive: Path) -> None:
    with (
        closing(open_for_writing(archive)) as writer,
        closing(open_for_reading(archive)) as reader,
    ):
        with transaction(writer):
            writer.execute("UPDATE article SET status = 'gone'")
            assert reader.execute("SELECT status FROM articles").fetchone()[0] == "current"
        assert reader.execute("SELECT status FROM articles").fetchone()[0] == "gone"


def test_a_failed_transaction_leaves_nothing(archive: Path) -> None:
    with closing(open_for_writing(archive)) as connection:
        with pytest.raises(KeyboardInterrupt):
            _interrupted(connection)
        assert connection.execute("SELECT count(*) FROM reading").fetchone()[0] == 1


def _interrupted(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        connection.execute("DELETE FROM reading")
        raise KeyboardInterrupt


def test_a_full_database_and_a_defect_are_told_apart(archive: Path) -> None:
    path = archive / "archive.db"
    with closing(open_for_writing(archive)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with (
            pytest.raises(ArchiveError, match="the disk is full"),
            sqlite_errors(path),
            transaction(connection),
        ):
            connection.execute("INSERT INTO meta VALUES ('x', ?)", ("x" * 100_000,))
        with pytest.raises(sqlite3.IntegrityError), sqlite_errors(path):
            connection.execute("INSERT INTO reading(capture_id) VALUES (1)")
