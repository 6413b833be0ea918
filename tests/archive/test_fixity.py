"""`huyen verify` finds every kind of damage, names its place, and raises no false alarm."""

from __future__ import annotations

import json
import sqlite3
import string
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from captured_pages import HOME, PARAGRAPH, SITE, START, Clock, article, exchange, failed, read_as
from captured_pages import warc_files as files_of
from click.testing import CliRunner

from archive.commands.context import CommandContext
from archive.commands.verify import verify as command
from archive.database import open_for_reading
from archive.fixity import FixityReport, Verification, verify
from archive.ingest import ArchiveWriter
from archive.warc_reader import Record, iterate_records
from archive.warc_writer import compress_member


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        for i in range(8):
            sent = exchange(f"/{i}", b"%d" % (i % 6) * 700, at=i, via=HOME)
            capture = writer.record_exchange(SITE, sent)
            content = article(f"/{i}", f"{PARAGRAPH} {i}", title=f"Tin {i}")
            writer.record_reading(capture, read_as(content))
        writer.record_exchange(SITE, failed("/9"))
    return tmp_path


def kinds(report: FixityReport) -> set[str]:
    return {problem.kind for problem in report.problems}


def edit(root: Path, sql: str) -> None:
    with closing(sqlite3.connect(root / "archive.db")) as connection, connection:
        connection.execute(sql)


def rewrite(root: Path, change: Callable[[bytearray, list[Record]], object]) -> None:
    (path,) = files_of(root)
    data, records = bytearray(path.read_bytes()), list(iterate_records(path))
    change(data, records)
    path.write_bytes(data)


def test_a_sound_archive_has_no_problem(archive: Path) -> None:
    report = verify(archive, START)
    assert report == FixityReport(
        full=True, files=1, records=1 + 8 * 3, captures=9, bytes=files_of(archive)[0].stat().st_size
    )
    with closing(open_for_reading(archive)) as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    assert meta["verified_at"] == "2026-11-21T08:00:00.000000Z"
    assert meta["verified_problems"] == "0"


def test_a_sample_reads_so_many_captures_and_is_not_noted_as_a_verification(
    archive: Path,
) -> None:
    seen: list[tuple[int, int]] = []
    report = verify(archive, START, 3, lambda done, total: seen.append((done, total)))
    assert (report.full, report.records, report.problems) == (False, 3, [])
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert verify(archive, START, 100).records == 8
    with closing(open_for_reading(archive)) as connection:
        keys = {row[0] for row in connection.execute("SELECT key FROM meta")}
    assert "verified_at" not in keys


def test_one_flipped_bit_anywhere_is_found_and_only_its_record_reported(archive: Path) -> None:
    (path,) = files_of(archive)
    sound = path.read_bytes()
    for offset in range(0, len(sound), len(sound) // 40):
        data = bytearray(sound)
        data[offset] ^= 0x10
        path.write_bytes(data)
        report = verify(archive, START)
        assert "changed-file" in kinds(report), offset
        records = {p.where for p in report.problems if p.kind != "changed-file"}
        assert len(records) <= 2, report.problems
    path.write_bytes(sound)
    assert verify(archive, START).ok


def test_damage_is_found_by_a_sample_of_everything(archive: Path) -> None:
    def damage(data: bytearray, records: list[Record]) -> None:
        data[records[1].offset + 30] ^= 1

    rewrite(archive, damage)
    report = verify(archive, START, 100)
    assert kinds(report) == {"damaged-record"}
    assert "(capture 1)" in report.problems[0].message


def test_a_record_with_whole_gzip_but_other_bytes_is_found(archive: Path) -> None:
    def forge(data: bytearray, records: list[Record]) -> None:
        """Another payload of equal length, packed to the same length: only digests can tell."""
        record = next(r for r in records if r.type == "response")
        head = b"".join(f"{k}: {v}\r\n".encode() for k, v in record.headers)
        size = len(record.http[1])
        for letter in string.ascii_letters.encode():
            forged = record.http[0] + bytes([letter]) * size
            plain = b"WARC/1.1\r\n" + head + b"\r\n" + forged + b"\r\n\r\n"
            packed = compress_member(plain)
            if missing := record.length - len(packed):  # filled with a file name (RFC 1952, 2.3)
                name = b"x" * (missing - 1) + b"\0"
                packed = packed[:3] + b"\x08" + packed[4:10] + name + packed[10:]
            if len(packed) == record.length:
                data[record.offset : record.offset + record.length] = packed
                return
        pytest.fail("no forgery of the same length")

    rewrite(archive, forge)
    for sample in (None, 100):
        report = verify(archive, START, sample)
        messages = [p.message for p in report.problems if p.kind == "digest"]
        assert messages == [
            "the block does not have its digest (capture 1)",
            "the payload does not have its digest (capture 1)",
        ]


def test_a_cut_file_is_found(archive: Path) -> None:
    (path,) = files_of(archive)
    last = list(iterate_records(path))[-3]
    path.write_bytes(path.read_bytes()[: last.offset])
    report = verify(archive, START)
    assert "row-without-bytes" in kinds(report)
    assert any("capture 8" in p.message for p in report.problems)
    path.unlink()
    assert "missing-file" in kinds(verify(archive, START))
    assert "missing-file" in kinds(verify(archive, START, 1))


def test_a_grown_file_is_found(archive: Path) -> None:
    (path,) = files_of(archive)
    with path.open("ab") as file:
        file.write(b"more")
    assert kinds(verify(archive, START)) == {"changed-file"}
    assert kinds(verify(archive, START, 1)) == {"changed-file"}


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("DELETE FROM capture WHERE id = 6", "bytes-without-row"),
        ("UPDATE capture SET warc_offset = warc_offset + 1 WHERE id = 2", "row-without-bytes"),
        ("UPDATE capture SET warc_length = warc_length - 1 WHERE id = 2", "row-disagrees"),
        ("UPDATE capture SET url = 'http://other/' WHERE id = 2", "row-disagrees"),
        ("UPDATE capture SET record_id = 'x' WHERE id = 2", "row-disagrees"),
        ("UPDATE capture SET fetched_at = '2020' WHERE id = 2", "row-disagrees"),
        ("UPDATE capture SET payload_digest = 'sha256:00' WHERE id = 1", "row-disagrees"),
        ("UPDATE capture SET refers_to = 3 WHERE id = 7", "dangling-revisit"),
        ("UPDATE capture SET refers_to = 8 WHERE id = 7", "dangling-revisit"),
        ("UPDATE capture SET refers_to = 999 WHERE id = 7", "foreign-key"),
        ("UPDATE warc SET sha256 = 'x'", "changed-file"),
        ("UPDATE warc SET length = 2000, closed_at = NULL", "row-without-bytes"),
        ("UPDATE version SET body_text = 'forged' WHERE id = 2", "content"),
        ("UPDATE version SET images = 'no json' WHERE id = 2", "content"),
        ("UPDATE version SET title = 'forged' WHERE id = 2", "full-text"),
        ("UPDATE article SET version_id = NULL WHERE id = 2", "article"),
        ("UPDATE article SET version_id = 3 WHERE id = 2", "full-text"),
        ("INSERT INTO version_fts(rowid, title) VALUES (77, 'x')", "full-text"),
        ("INSERT INTO version_fts(version_fts) VALUES ('delete-all')", "full-text"),
    ],
)
def test_rows_that_no_longer_fit_are_found(archive: Path, sql: str, kind: str) -> None:
    edit(archive, sql)
    report = verify(archive, START)
    assert kind in kinds(report), report.problems


def test_a_damaged_database_is_found(archive: Path) -> None:
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'capture_site'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray((archive / "archive.db").read_bytes())
    place = (root - 1) * size
    data[place + 200 : place + size] = b"\x77" * (size - 200)
    (archive / "archive.db").write_bytes(data)
    assert "database" in kinds(verify(archive, START))


def test_many_problems_of_one_kind_are_counted(archive: Path) -> None:
    with ArchiveWriter.open(archive, "crawl", clock=Clock()) as writer:
        for i in range(30):
            capture = writer.record_exchange(SITE, exchange(f"/m/{i}", b"%d" % i * 9, at=100 + i))
            writer.record_reading(capture, read_as(article(f"/m/{i}", title=f"Mới {i}")))
    edit(archive, "UPDATE version SET author = 'x'")
    contents = [p for p in verify(archive, START).problems if p.kind == "content"]
    assert len(contents) == 21
    assert "18 more" in contents[-1].message


def test_a_file_without_rows_is_found_and_one_just_begun_is_not_damage(archive: Path) -> None:
    (path,) = files_of(archive)
    stray = path.with_name("stray.warc.gz")
    stray.write_bytes(path.read_bytes())
    report = verify(archive, START)
    assert [(p.kind, Path(p.where).name) for p in report.problems] == [
        ("bytes-without-row", "stray.warc.gz")
    ]
    stray.rename(stray.with_name("stray.warc.gz.open"))
    report = verify(archive, START)
    assert report.ok
    assert "just begun" in report.notes[0]


def test_what_a_run_has_not_committed_yet_is_no_damage(archive: Path) -> None:
    with ArchiveWriter.open(archive, "crawl", clock=Clock(), group_seconds=1000) as writer:
        writer.record_exchange(SITE, exchange("/new", b"new"))
        assert verify(archive, START).ok
        writer.flush()
        assert verify(archive, START) == FixityReport(
            full=True,
            before=Verification(START, 0),
            files=2,
            records=28,
            captures=10,
            bytes=sum(path.stat().st_size for path in files_of(archive)),
        )
        writer.record_exchange(SITE, exchange("/newer", b"newer"))
        report = verify(archive, START)
        assert report.ok
        assert report.records == 28
        assert "not listed yet" in report.notes[0]
        assert verify(archive, START, 100).ok
    assert verify(archive, START).records == 30


# -- the command ----------------------------------------------------------------------------------


def run(archive: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, arguments, obj=CommandContext(archive))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_a_table_or_one_json_document(archive: Path) -> None:
    status, out, err = run(archive)
    assert (status, err) == (0, "")
    assert out.splitlines()[-2].split() == ["problems", "0"]
    status, out, _ = run(archive, "--json")
    assert status == 0
    document = json.loads(out)
    assert document["ok"] is True
    assert document["records"] == 25
    assert document["problems"] == []


def test_the_command_exits_1_and_names_what_is_wrong(archive: Path) -> None:
    edit(archive, "DELETE FROM capture WHERE id = 6")
    status, out, _ = run(archive)
    assert status == 1
    assert "bytes-without-row" in out
    status, out, _ = run(archive, "--json")
    assert status == 1
    document = json.loads(out)
    assert document["ok"] is False
    (problem,) = (p for p in document["problems"] if p["kind"] == "bytes-without-row")
    assert problem["where"].startswith("warc/khe-sanh/")
    assert run(archive, "--sample", "0")[0] == 2


def test_notes_go_to_standard_error(archive: Path) -> None:
    (archive / "warc" / SITE / "x.warc.gz.open").touch()
    status, out, err = run(archive, "--json")
    assert status == 0
    assert "just begun" in err
    assert json.loads(out)["notes"] != []


def test_verify_is_a_command_of_huyen_and_says_in_one_line_why_it_cannot(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawler.command", "--archive", str(tmp_path), "verify"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "no archive" in done.stderr
