"""An archive made with any earlier schema opens, keeps everything, and gains what is new."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from similar_texts import edited, prose
from sqlite_utils import Database
from stored_articles import START, seen, store

from archive.articles import NoSuchArticle, load
from archive.database import open_for_reading, open_for_writing, transaction
from archive.errors import ArchiveError
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.migrations import APPLICATION_ID, STEPS, migrations
from archive.search import search
from archive.timestamps import utc_now
from archive.withholding import restore, withhold


@pytest.fixture
def now_made(tmp_path: Path) -> Path:
    """An archive of today's schema: three articles, one with two versions, one withheld."""
    root = tmp_path / "today"
    pages = [
        seen("1", "Nghị quyết 35", prose(1), published_at="2021-03-05"),
        seen("1", "Nghị quyết 35 và kế hoạch", edited(prose(1), 60), "hoang-hoa"),
        seen("2", "Giữ lại", prose(2)),
    ]
    store(root, pages)
    store(root, [seen("1", "Nghị quyết 35 (sửa)", prose(1))], START.replace(day=3))
    with closing(open_for_writing(root)) as connection, transaction(connection):
        withhold(connection, 3, (), reason="r", person="p", now="2026-11-04T00:00:00.000000Z")
    return root


@pytest.fixture(params=STEPS[1:])
def old(request: pytest.FixtureRequest, tmp_path: Path, now_made: Path) -> Path:
    """The same as it was written before this step was made: the schema of then, and its rows."""
    root = tmp_path / "old"
    shutil.copytree(now_made, root)
    for path in root.glob("archive.db*"):
        path.unlink()
    with closing(sqlite3.connect(root / "archive.db", isolation_level=None)) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute("PRAGMA journal_mode = WAL")
        migrations.apply(Database(database, execute_plugins=False), stop_before=request.param)
        database.execute("ATTACH ? AS today", (str(now_made / "archive.db"),))
        tables = [
            name
            for (name,) in database.execute(
                "SELECT name FROM main.sqlite_schema WHERE type = 'table' "
                "AND name NOT LIKE '%\\_fts%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\' "
                "AND name NOT LIKE 'sqlite%'"
            ).fetchall()
        ]
        assert "version" in tables
        signed = "signature" in tables
        for table in tables:
            if table == "near_duplicate" and not signed:
                continue  # nothing wrote to it then
            columns = ", ".join(sorted(columns_of(database, "main", table)))
            assert columns_of(database, "main", table) <= columns_of(database, "today", table)
            database.execute(
                f"INSERT OR REPLACE INTO main.{table}({columns}) SELECT {columns} FROM today.{table}"
            )
        if not signed:
            database.execute("DELETE FROM main.meta WHERE key LIKE 'signatures%'")
        database.execute("DETACH today")
    return root


def columns_of(database: sqlite3.Connection, schema: str, table: str) -> set[str]:
    return {row[1] for row in database.execute(f"PRAGMA {schema}.table_info({table})")}


def contents(root: Path) -> list[list[tuple[object, ...]]]:
    with closing(open_for_reading(root)) as connection:
        return [
            [tuple(row) for row in connection.execute(sql)]
            for sql in (
                "SELECT * FROM articles ORDER BY id",
                "SELECT * FROM versions ORDER BY id",
                "SELECT * FROM captures ORDER BY id",
                "SELECT * FROM near_duplicates ORDER BY 1, 2",
                "SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name",
            )
        ]


def without_roots(found: list[list[tuple[object, ...]]]) -> list[list[tuple[object, ...]]]:
    """Where a table begins in the file is no part of the schema."""
    return [*found[:-1], [(row[0], row[1], row[2], row[4]) for row in found[-1]]]


def test_a_reader_says_that_the_archive_is_of_an_older_version(old: Path) -> None:
    with pytest.raises(ArchiveError, match=r"older version .*m000\d.*huyen reextract"):
        open_for_reading(old)


def test_the_next_run_that_writes_brings_everything_up_to_date(old: Path, now_made: Path) -> None:
    ArchiveWriter.open(old, "crawl").close()
    assert without_roots(contents(old)) == without_roots(contents(now_made))
    with closing(open_for_reading(old)) as connection:
        assert [hit.id for hit in search(connection, "nghi quyet 35").hits] == [1, 2]
        pair = connection.execute("SELECT article_id, other_id FROM near_duplicates").fetchall()
        assert [tuple(row) for row in pair] == [(1, 2)]
        assert load(connection, 1).version(1).content.title == "Nghị quyết 35"
    report = verify(old, utc_now())
    assert report.ok, report.problems


def test_what_was_withheld_stays_so_and_can_be_restored(old: Path) -> None:
    with closing(open_for_writing(old)) as connection:
        with pytest.raises(NoSuchArticle, match="withheld"):
            load(connection, 3)
        with transaction(connection):
            restore(connection, 3, (), reason="r", person="p", now="2026-12-01T00:00:00.000000Z")
        assert load(connection, 3).version().content.title == "Giữ lại"


@pytest.mark.parametrize("old", STEPS[1:2], indirect=True)
def test_a_step_that_fails_changes_nothing(old: Path) -> None:
    with closing(sqlite3.connect(old / "archive.db")) as database, database:
        database.execute("CREATE TABLE withholding (in_the_way)")
        before = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    with pytest.raises(ArchiveError):
        open_for_writing(old)
    with closing(sqlite3.connect(old / "archive.db")) as database, database:
        after = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        assert after == before
        database.execute("DROP TABLE withholding")
    open_for_writing(old).close()
    open_for_reading(old).close()
