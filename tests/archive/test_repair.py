"""Damaged archives: nothing that was committed is lost, what can be put right is, and the report says
what was found and done."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from captured_pages import HOME, PARAGRAPH, SITE, START, Clock, article, exchange, read_as
from captured_pages import warc_files as files_of
from click.testing import CliRunner

from archive.commands.context import CommandContext
from archive.commands.verify import verify as command
from archive.database import open_for_reading
from archive.errors import ArchiveError, ArchiveLocked
from archive.fixity import last_verification, verify
from archive.ingest import ArchiveWriter
from archive.lock import ArchiveLock
from archive.repair import RepairReport, repair
from archive.warc_reader import DamagedRecord, iterate_records, read_response

PAGES = 12
LATER = START + timedelta(days=3)


def body(number: int) -> bytes:
    """Bytes of which each third page repeats those of the page before; none are few."""
    number -= number % 3 == 2
    return random.Random(number).randbytes(300) + b"<p>%d</p>" % number * 20


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two closed files of one site: pages, revisits within and across the files, articles."""
    root = tmp_path / "archive"
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        for i in range(PAGES):
            capture = writer.record_exchange(SITE, exchange(f"/{i}", body(i), at=i, via=HOME))
            content = article(f"/{i}", f"{PARAGRAPH} {i}", title=f"Tin {i}")
            writer.record_reading(capture, read_as(content))
            if i == 7:
                writer.seal_site(SITE)
    return root


def ask(root: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def edit(root: Path, sql: str) -> None:
    with closing(sqlite3.connect(root / "archive.db")) as connection, connection:
        connection.execute(sql)


def readable(root: Path) -> set[str]:
    """The paths whose payload can be read and is what was sent."""
    good = set()
    with closing(open_for_reading(root)) as connection:
        for row in connection.execute("SELECT id, url FROM capture").fetchall():
            path = row["url"].removeprefix(HOME)
            try:
                response = read_response(connection, root, row["id"])
            except DamagedRecord:
                continue
            if response.payload == body(int(path[1:])):
                good.add(path)
    return good


def mend(root: Path) -> RepairReport:
    return repair(root, LATER, clock=Clock(LATER))


EVERYTHING = {f"/{i}" for i in range(PAGES)}
ROWS = "SELECT * FROM capture ORDER BY id"


# -- what is put right -----------------------------------------------------------------------------


def test_a_sound_archive_is_left_as_it_is(archive: Path) -> None:
    before = ask(archive, ROWS)
    report = mend(archive)
    assert report.after.ok
    assert report.lines() == ["There was nothing to repair."]
    assert ask(archive, ROWS) == before


@pytest.mark.parametrize("lost", ["id = 4", "id IN (1, 5, 9)", "record_type = 'revisit'", "id > 6"])
def test_rows_that_were_lost_are_listed_again_from_the_records(archive: Path, lost: str) -> None:
    columns = (
        "url, url_key, method, fetched_at, status, payload_digest, payload_length, record_type"
    )
    columns += ", record_id, warc_offset, warc_length, truncated, error, via"
    sql = f"SELECT {columns} FROM capture ORDER BY fetched_at"
    before = ask(archive, sql)
    gone = f"SELECT id FROM capture WHERE {lost}"
    number = len(ask(archive, gone))
    edit(archive, f"DELETE FROM reading WHERE capture_id IN ({gone})")
    edit(archive, f"DELETE FROM capture WHERE {lost}")
    report = mend(archive)
    assert len(report.listed) == number
    assert f"{number} captures found in WARC files are listed again." in report.lines()
    assert ask(archive, sql) == before
    assert "bytes-without-row" not in {problem.kind for problem in report.after.problems}
    assert readable(archive) == EVERYTHING


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE capture SET warc_offset = warc_offset + 7 WHERE id = 2",
        "UPDATE capture SET warc_length = warc_length - 1 WHERE id = 2",
        "UPDATE capture SET warc_offset = 900000 WHERE id = 2",
        "UPDATE capture SET url = 'http://other/', url_key = 'other)/' WHERE id = 2",
        "UPDATE capture SET record_id = '<urn:uuid:0>' WHERE id = 2",
        "UPDATE capture SET fetched_at = '2020-01-01T00:00:00.000000Z' WHERE id = 2",
        "UPDATE capture SET refers_to = 1 WHERE id = 3",
        "UPDATE capture SET record_type = 'response', refers_to = NULL WHERE id = 3",
    ],
)
def test_rows_are_made_to_say_what_their_records_say(archive: Path, sql: str) -> None:
    before = ask(archive, ROWS)
    edit(archive, sql)
    assert not verify(archive, START).ok
    report = mend(archive)
    assert report.after.ok, report.after.problems
    assert len(report.corrected) == 1
    assert ask(archive, ROWS) == before


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO version_fts(version_fts) VALUES ('delete-all')",
        "DELETE FROM version_fts_docsize WHERE id = 3",
        "DELETE FROM version_fts_data WHERE id > 10",
        "DELETE FROM version_fts_data",
        "UPDATE version_fts_data SET block = x'00ff00ff00ff'",
    ],
)
def test_a_full_text_index_that_does_not_fit_is_made_anew(archive: Path, sql: str) -> None:
    edit(archive, sql)
    assert "full-text" in {problem.kind for problem in verify(archive, START).problems}
    report = mend(archive)
    assert report.index_made_anew
    assert report.after.ok, report.after.problems


@pytest.mark.parametrize("added", [b"x", bytes(5000), b"\x1f\x8b\x08garbage" * 99])
def test_bytes_behind_the_end_of_a_closed_file_are_set_aside(archive: Path, added: bytes) -> None:
    path = files_of(archive)[0]
    sound = path.read_bytes()
    path.write_bytes(sound + added)
    with ArchiveWriter.open(archive, "crawl", clock=Clock(LATER)) as writer:
        assert "has grown" in writer.recovery.problems[0]
    assert path.read_bytes() == sound + added, "only --repair touches a closed file"
    report = mend(archive)
    assert report.after.ok, report.after.problems
    assert path.read_bytes() == sound
    assert (archive / report.tails[0]).read_bytes() == added
    assert readable(archive) == EVERYTHING


def test_an_archive_without_its_database_is_listed_again(archive: Path) -> None:
    for path in archive.glob("archive.db*"):
        path.unlink()
    report = mend(archive)
    assert report.after.ok, report.after.problems
    assert len(report.recovery.orphans) == PAGES
    assert "`huyen reextract` reads the captures that were listed again." in report.lines()
    assert readable(archive) == EVERYTHING


# -- what a power cut leaves -----------------------------------------------------------------------


def left_open(archive: Path, change: Callable[[bytes, int], bytes]) -> tuple[Path, int]:
    """As after a crash: the second file still open, its last group not committed, its bytes changed
    by ``change`` (data, length of the committed part)."""
    source = archive.with_name("live")
    archive.rename(source)
    with ArchiveWriter.open(source, "crawl", clock=Clock(LATER), group_seconds=1000) as writer:
        for i in range(PAGES, PAGES + 3):
            writer.record_exchange(SITE, exchange(f"/{i}", body(i), at=i))
        writer.flush()
        for i in range(PAGES + 3, PAGES + 6):
            writer.record_exchange(SITE, exchange(f"/{i}", body(i), at=i))
        shutil.copytree(source, archive)
    (path,) = (path for path in files_of(archive) if path.suffix == ".open")
    relative = path.relative_to(archive).as_posix().removesuffix(".open")
    ((durable,),) = ask(archive, f"SELECT length FROM warc WHERE path = '{relative}'")
    assert isinstance(durable, int)
    path.write_bytes(change(path.read_bytes(), durable))
    return path, durable


COMMITTED = {f"/{i}" for i in range(PAGES + 3)}


@pytest.mark.parametrize(
    ("change", "orphans", "tails"),
    [
        pytest.param(lambda data, durable: data, 3, 0, id="whole"),
        pytest.param(lambda data, durable: data[:durable], 0, 0, id="lost"),
        pytest.param(lambda data, durable: data[:-40], 3, 1, id="torn"),
        pytest.param(lambda data, durable: data + bytes(9000), 3, 1, id="zeros behind"),
        pytest.param(
            lambda data, durable: data[:durable] + bytes(len(data) - durable), 0, 1, id="zeros only"
        ),
        pytest.param(
            lambda data, durable: data[:-700] + bytes(700), 2, 1, id="zeros in the last record"
        ),
        pytest.param(lambda data, durable: data + b"\xff" * 700, 3, 1, id="garbage behind"),
        pytest.param(
            lambda data, durable: data[: durable + 50] + b"\xff" + data[durable + 51 :],
            0,
            1,
            id="first of the group damaged",
        ),
    ],
)
def test_the_tail_of_an_open_file_costs_nothing_that_was_committed(
    archive: Path, change: Callable[[bytes, int], bytes], orphans: int, tails: int
) -> None:
    path, _ = left_open(archive, change)
    left = path.read_bytes()
    with ArchiveWriter.open(archive, "crawl", clock=Clock(LATER)) as writer:
        report = writer.recovery
    sealed = path.with_suffix("")
    assert report.sealed == (sealed.relative_to(archive).as_posix(),)
    assert len(report.orphans) == orphans
    assert len(report.tails) == tails
    assert report.problems == ()
    set_aside = b"".join((archive / tail).read_bytes() for tail in report.tails)
    assert sealed.read_bytes() + set_aside == left, "not a byte is thrown away"
    assert verify(archive, LATER).ok
    known = COMMITTED | {f"/{i}" for i in range(PAGES + 3, PAGES + 3 + orphans)}
    assert readable(archive) == known
    told = "\n".join(report.lines())
    assert ("are listed again" in told) == (orphans > 0)
    assert ("set aside as lost+found/" in told) == (tails > 0)


def test_an_open_file_shorter_than_its_rows_is_damage_that_is_told(archive: Path) -> None:
    """The disk lied about a sync. Rows stay, so that the loss is known."""
    path, durable = left_open(archive, lambda data, durable: data[: durable - 100])
    for _ in range(2):
        with ArchiveWriter.open(archive, "crawl", clock=Clock(LATER)) as writer:
            (problem,) = writer.recovery.problems
        assert f"instead of {durable}" in problem
    report = verify(archive, LATER)
    assert {"row-without-bytes"} <= {p.kind for p in report.problems}
    assert readable(archive) >= COMMITTED - {f"/{PAGES + 2}"}
    assert path.exists()


def test_an_open_file_without_rows_is_listed(archive: Path) -> None:
    path, _ = left_open(archive, lambda data, durable: data)
    edit(archive, f"DELETE FROM capture WHERE id > {PAGES}")
    edit(archive, "DELETE FROM warc WHERE closed_at IS NULL")
    report = verify(archive, LATER)
    assert report.ok
    assert "just begun" in report.notes[0]
    mended = mend(archive)
    assert mended.after.ok
    assert len(mended.recovery.orphans) == 6
    assert not path.exists()
    assert readable(archive) == {f"/{i}" for i in range(PAGES + 6)}


# -- damage that only a copy can mend --------------------------------------------------------------


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_bit_in_a_closed_file_costs_at_most_its_record(
    archive: Path, share: float
) -> None:
    path = files_of(archive)[0]
    damaged = flip(path.read_bytes(), int(path.stat().st_size * share))
    path.write_bytes(damaged)
    rows = ask(archive, ROWS)
    report = mend(archive)
    assert "changed-file" in {problem.kind for problem in report.after.problems}
    assert any("is not what it was when it was closed" in line for line in report.lines())
    assert path.read_bytes() == damaged, "evidence is not touched"
    assert ask(archive, ROWS) == rows
    lost = EVERYTHING - readable(archive)
    assert len(lost) <= 2  # a record, and the revisit of it


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 0.95])
def test_a_closed_file_cut_short_keeps_what_comes_before(archive: Path, share: float) -> None:
    path = files_of(archive)[0]
    whole = list(iterate_records(path))
    size = int(path.stat().st_size * share)
    os.truncate(path, size)
    rows = ask(archive, ROWS)
    with ArchiveWriter.open(archive, "crawl", clock=Clock(LATER)) as writer:
        assert "point past its end" in writer.recovery.problems[0]
    report = mend(archive)
    kinds = {problem.kind for problem in report.after.problems}
    assert {"row-without-bytes", "changed-file"} <= kinds
    assert path.stat().st_size == size
    assert ask(archive, ROWS) == rows
    kept = {
        record.header("WARC-Target-URI").removeprefix(HOME)
        for record in whole
        if record.type == "response" and record.offset + record.length <= size
    }
    assert readable(archive) >= kept


def test_a_missing_file_is_told_and_the_next_crawl_goes_on(archive: Path) -> None:
    path = files_of(archive)[0]
    path.unlink()
    report = mend(archive)
    assert f"{path.relative_to(archive)} is missing; restore it from a copy." in report.lines()
    with ArchiveWriter.open(archive, "crawl", clock=Clock(LATER)) as writer:
        capture = writer.record_exchange(SITE, exchange("/99", b"new", at=99))
        writer.flush()
        assert read_response(writer.connection, archive, capture).payload == b"new"
    assert "missing-file" in {problem.kind for problem in verify(archive, LATER).problems}


def test_rows_of_a_changed_file_are_not_touched(archive: Path) -> None:
    """Neither row nor record can be trusted then; a person with a copy must judge."""
    path = files_of(archive)[0]
    path.write_bytes(flip(path.read_bytes(), path.stat().st_size - 30))
    edit(archive, "UPDATE capture SET url = 'http://other/' WHERE id = 2")
    rows = ask(archive, ROWS)
    report = mend(archive)
    assert report.corrected == []
    assert ask(archive, ROWS) == rows


# -- the command -----------------------------------------------------------------------------------


def run(archive: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, arguments, obj=CommandContext(archive))
    if isinstance(result.exception, ArchiveError | ArchiveLocked):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def test_the_command_says_what_it_did_and_how_things_stand(archive: Path) -> None:
    edit(archive, "UPDATE capture SET record_id = 'x' WHERE id IN (1, 2)")
    status, out = run(archive, "--repair")
    assert status == 0
    assert "Rows that now say what their records say: 2." in out
    assert "problems                         0" in out
    edit(archive, "UPDATE capture SET record_id = 'x' WHERE id = 1")
    status, out = run(archive, "--repair", "--json")
    assert status == 0
    document = json.loads(out)
    assert document["repairs"] == ["Rows that now say what their records say: 1."]
    assert document["ok"] is True
    os.truncate(files_of(archive)[0], 100)
    assert run(archive, "--repair")[0] == 1
    assert run(archive, "--repair", "--sample", "3")[0] == 2


def test_the_command_waits_for_nobody_and_makes_no_archive(archive: Path, tmp_path: Path) -> None:
    with ArchiveLock(archive, "huyen crawl", START), pytest.raises(ArchiveLocked):
        run(archive, "--repair")
    with pytest.raises(ArchiveError, match="no archive"):
        run(tmp_path / "nowhere", "--repair")
    assert not (tmp_path / "nowhere").exists()


def test_the_command_says_when_everything_was_last_verified(archive: Path) -> None:
    assert "Last verified in full before this: never." in run(archive, "--sample", "2")[1]
    edit(archive, "UPDATE capture SET record_id = 'x' WHERE id IN (1, 2)")
    with closing(open_for_reading(archive)) as connection:
        assert last_verification(connection) is None
    verify(archive, START)
    with closing(open_for_reading(archive)) as connection:
        last = last_verification(connection)
    assert last is not None
    assert (last.at, last.problems) == (START, 2)
    assert last.ago(START + timedelta(seconds=59)) == "just now"
    assert last.ago(START + timedelta(minutes=1)) == "1 minute ago"
    assert last.ago(START + timedelta(hours=47)) == "1 day ago"
    assert last.ago(START + timedelta(days=400)) == "400 days ago"
    _, out = run(archive, "--sample", "2")
    assert "ago (2026-11-21), 2 problems." in out or "just now (2026-11-21), 2 problems." in out
    document = json.loads(run(archive, "--json")[1])
    assert document["before"] == {"at": "2026-11-21T08:00:00.000000Z", "problems": 2}
