"""Bytes first: after a kill, a power cut or a full disk the archive opens, agrees with itself, and
has everything that was acknowledged."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from captured_pages import (
    HOME,
    PARAGRAPH,
    SITE,
    START,
    Clock,
    article,
    exchange,
    failed,
    read_as,
    warc_files,
)

from archive import warc_writer
from archive.database import open_for_reading
from archive.exchange import Exchange
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.recovery import RecoveryReport
from archive.warc_reader import iterate_records, read_response
from archive.warc_writer import compress_member

TESTS = Path(__file__).parent
KILLS = int(os.environ.get("HUYEN_KILL_ROUNDS", "40"))  # 200 in .ci/run


def killed(root: Path, target: Path, durable: list[Exchange], pending: list[Exchange]) -> Path:
    """A copy of what is on the disk when a writer with a group in hand is killed."""
    with ArchiveWriter.open(root, "crawl", clock=Clock(), group_seconds=1000) as writer:
        for sent in durable:
            capture = writer.record_exchange(SITE, sent)
            path = sent.url.removeprefix(HOME)
            writer.record_reading(capture, read_as(article(path, title=path)))
        writer.flush()
        for sent in pending:
            writer.record_exchange(SITE, sent)
        shutil.copytree(root, target)
    return target


def reopen(root: Path) -> RecoveryReport:
    """Opens for writing, as the next run does, and checks that all is well afterwards."""
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        pass
    report = verify(root, START)
    assert report.ok, report.problems
    return writer.recovery


def ask(root: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def payloads(root: Path) -> list[bytes]:
    with closing(open_for_reading(root)) as connection:
        ids = connection.execute(
            "SELECT id FROM capture WHERE record_type IS NOT NULL ORDER BY fetched_at"
        )
        return [read_response(connection, root, row[0]).payload for row in ids.fetchall()]


# -- kill -9 ---------------------------------------------------------------------------------------


def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    done = subprocess.run(
        [
            sys.executable,
            str(TESTS / "killed_writer.py"),
            str(tmp_path),
            str(KILLS),
            str(seed),
        ],
        env=os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parents[1]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert counted["kills"] >= KILLS
    assert counted["acknowledged"] > 0
    assert counted["power cuts"] > 0


def test_a_record_torn_at_any_byte_is_cut_off_and_set_aside(tmp_path: Path) -> None:
    last = replace(exchange("/2", b"2"), request=b"")  # so the response is the last record
    base = killed(tmp_path / "a", tmp_path / "b", [exchange("/1", b"1")], [last])
    (path,) = warc_files(base)
    data = path.read_bytes()
    record = list(iterate_records(path))[-1]
    assert (record.type, record.offset + record.length) == ("response", len(data))
    root = tmp_path / "torn"
    for size in range(record.offset, len(data) + 1):
        shutil.copytree(base, root)
        (root / path.relative_to(base)).write_bytes(data[:size])
        with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
            report = writer.recovery
            rows = writer.connection.execute("SELECT warc_offset FROM capture").fetchall()
        whole = size == len(data)
        assert [row[0] for row in rows][1:] == [record.offset] * whole, size
        assert len(report.orphans) == whole
        (sealed,) = warc_files(root)
        assert sealed.read_bytes() == data[: size if whole else record.offset]
        if record.offset < size < len(data):
            (tail,) = report.tails
            assert tail == f"lost+found/{sealed.name}-{record.offset}.tail"
            assert (root / tail).read_bytes() == data[record.offset : size]
        else:
            assert report.tails == ()
        assert report.problems == ()
        if size % 50 == 0 or whole:
            assert verify(root, START).ok
        shutil.rmtree(root)


def test_bytes_and_their_names_are_synced_before_rows_point_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    sync_data, sync_directory = warc_writer._sync_data, warc_writer.sync_directory

    def spy_data(fd: int) -> None:
        sync_data(fd)
        events.append(f"data to {os.fstat(fd).st_size}")

    def spy_directory(directory: Path) -> None:
        sync_directory(directory)
        events.append(f"names in {directory.name}")

    monkeypatch.setattr(warc_writer, "_sync_data", spy_data)
    monkeypatch.setattr(warc_writer, "sync_directory", spy_directory)
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock(), group_seconds=1000) as writer:
        writer.connection.set_trace_callback(events.append)
        for i in range(2):
            writer.record_exchange(SITE, exchange(f"/{i}", b"%d" % i))
            writer.flush()
            begin, commit = events.index("BEGIN IMMEDIATE"), events.index("COMMIT")
            length = writer.connection.execute("SELECT length FROM warc").fetchone()[0]
            assert f"data to {length}" in events[:begin]
            assert i == 1 or f"names in {SITE}" in events[:begin]
            assert sum("INSERT INTO capture" in event for event in events[begin:commit]) == 1
            events.clear()


# -- what is listed again --------------------------------------------------------------------------


def test_records_that_no_row_knows_of_are_listed_with_all_that_a_row_holds(tmp_path: Path) -> None:
    page, head = b"<p>page</p>" * 20, b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'
    durable = [exchange("/1", page)]
    pending = [
        replace(
            exchange("/form", b"a" * 300, at=1, via=HOME + "/1"),
            method="POST",
            request=b"POST /form HTTP/1.1\r\n\r\nq=1",
        ),
        exchange("/2", page, at=2),
        exchange("/1", b"", at=3, head=head, status=304),
        exchange("/4", b"half", at=4, truncated="length", error="protocol: bad chunk"),
        exchange("/5", b"<h1>404</h1>", at=5, status=404),
        failed("/6", at=6),
    ]
    live = tmp_path / "live"
    root = killed(live, tmp_path / "killed", durable, pending)
    report = reopen(root)
    assert report.killed_runs == (1,)
    assert report.orphans == (2, 3, 4, 5, 6)
    assert report.lines()[0] == "Run 1 was killed."
    columns = (
        "url, url_key, method, fetched_at, status, media_type, payload_digest, payload_length, "
        "etag, record_type, record_id, warc_offset, warc_length, refers_to, truncated, error, via"
    )
    # The records of what the undisturbed run stored; only the fetch that left no bytes is lost.
    by_record = f"SELECT {columns} FROM capture WHERE record_type IS NOT NULL ORDER BY fetched_at"
    expected = ask(live, by_record)
    got = ask(root, by_record)
    no_type = [row for row in got if row[4] == 304]
    assert [row[5] for row in no_type] == [""]
    assert [row[:5] + row[6:] for row in got] == [row[:5] + row[6:] for row in expected]
    assert {row[5] for row in got if row[4] != 304} == {"text/html"}
    assert ask(root, "SELECT run_id FROM capture WHERE id > 1") == [(2,)] * 5
    assert payloads(root) == [page, b"a" * 300, page, page, b"half", b"<h1>404</h1>"]


def test_what_is_recovered_is_recovered_once(tmp_path: Path) -> None:
    root = killed(tmp_path / "a", tmp_path / "b", [exchange("/1")], [exchange("/2", b"2")])
    assert reopen(root).orphans == (2,)
    assert reopen(root) == RecoveryReport()
    assert RecoveryReport().lines() == []


def test_the_next_crawl_goes_on(tmp_path: Path) -> None:
    root = killed(tmp_path / "a", tmp_path / "b", [exchange("/1")], [exchange("/2", b"2")])
    with ArchiveWriter.open(root, "crawl") as writer:
        for capture in writer.recovery.orphans:
            writer.record_reading(capture, read_as(article("/2", title="Hai")))
        capture = writer.record_exchange(SITE, exchange("/2", b"2", at=60))
        writer.record_reading(capture, read_as(article("/2", title="Hai")))
    assert ask(root, "SELECT title, versions FROM articles ORDER BY id") == [("/1", 1), ("Hai", 1)]
    assert ask(root, "SELECT record_type FROM capture WHERE id = 3") == [("revisit",)]
    assert verify(root, START).ok


def test_an_archive_is_listed_again_from_its_warc_files_alone(tmp_path: Path) -> None:
    page = b"<p>the same on both sites</p>" * 9
    with ArchiveWriter.open(tmp_path, "crawl", warc_size=3000, clock=Clock()) as writer:
        for i in range(9):
            writer.record_exchange("b-site", exchange(f"/{i}", b"%d" % i * 900, at=i))
        writer.record_exchange("b-site", exchange("/same", page, at=10))
        writer.flush()
        writer.record_exchange("a-site", exchange("/same", page, at=11))
    before = ask(tmp_path, "SELECT record_id, record_type, site, url FROM capture ORDER BY 1")
    targets = "SELECT c.record_id, o.record_id FROM capture c JOIN capture o ON o.id = c.refers_to"
    revisits = ask(tmp_path, targets)
    files = "SELECT path, length, sha256 FROM warc ORDER BY path"
    sealed = ask(tmp_path, files)
    for path in tmp_path.glob("archive.db*"):
        path.unlink()
    report = reopen(tmp_path)
    assert len(report.orphans) == len(before)
    assert (
        ask(tmp_path, "SELECT record_id, record_type, site, url FROM capture ORDER BY 1") == before
    )
    assert ask(tmp_path, targets) == revisits
    assert ask(tmp_path, files) == sealed


def test_a_file_closed_just_before_the_kill_is_listed_as_closed(tmp_path: Path) -> None:
    root = killed(tmp_path / "a", tmp_path / "b", [exchange("/1"), exchange("/2", b"2")], [])
    (path,) = warc_files(root)
    path.rename(path.with_suffix(""))
    assert reopen(root).sealed == (path.relative_to(root).as_posix().removesuffix(".open"),)
    assert ask(root, "SELECT count(*) FROM warc WHERE sha256 IS NOT NULL") == [(1,)]


def test_a_file_begun_and_empty_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "warc" / SITE
    folder.mkdir(parents=True)
    (folder / f"{SITE}-20260101000000-00001.warc.gz.open").touch()
    record = killed(tmp_path / "a", tmp_path / "b", [], [exchange()])
    (other,) = warc_files(record)
    first = next(iter(iterate_records(other)))
    (folder / f"{SITE}-20260101000000-00002.warc.gz.open").write_bytes(
        other.read_bytes()[: first.length + 10]
    )
    report = reopen(tmp_path)
    assert [Path(name).name for name in report.removed] == [
        f"{SITE}-20260101000000-0000{i}.warc.gz" for i in (1, 2)
    ]
    assert len(report.tails) == 1
    assert warc_files(tmp_path) == []


# -- what only a person can judge ------------------------------------------------------------------


def test_rows_that_point_past_the_end_are_reported_and_kept(tmp_path: Path) -> None:
    root = killed(tmp_path / "a", tmp_path / "b", [exchange("/1"), exchange("/2", b"2" * 500)], [])
    (path,) = warc_files(root)
    os.truncate(path, path.stat().st_size - 600)
    for _ in range(2):
        with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
            (problem,) = writer.recovery.problems
        assert "1 captures point past its end" in problem
        assert writer.recovery.lines()[-1].startswith("DAMAGE: ")
        assert ask(root, "SELECT count(*) FROM capture") == [(2,)]
    assert "row-without-bytes" in {p.kind for p in verify(root, START).problems}
    path.unlink()
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        assert "is missing" in writer.recovery.problems[0]


def test_a_closed_file_that_changed_its_size_is_reported(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        writer.record_exchange(SITE, exchange())
    (path,) = warc_files(tmp_path)
    data = path.read_bytes()
    for changed, word in ((data + b"x", "has grown"), (data[:-1], "instead of")):
        path.write_bytes(changed)
        with ArchiveWriter.open(tmp_path, "crawl") as writer:
            assert word in writer.recovery.problems[0]
        assert path.read_bytes() == changed


def test_a_revisit_of_something_not_here_is_reported(tmp_path: Path) -> None:
    page = b"<p>elsewhere</p>"
    with ArchiveWriter.open(tmp_path / "a", "crawl", clock=Clock()) as writer:
        writer.record_exchange(SITE, exchange("/1", page))
        writer.seal_site(SITE)
        writer.record_exchange(SITE, exchange("/2", page, at=1))
    second = warc_files(tmp_path / "a")[1]
    target = tmp_path / "b" / second.relative_to(tmp_path / "a")
    target.parent.mkdir(parents=True)
    shutil.copy(second, target)
    with ArchiveWriter.open(tmp_path / "b", "crawl") as writer:
        (problem,) = writer.recovery.problems
        assert f"a revisit of {HOME}/1" in problem
    assert "bytes-without-row" in {p.kind for p in verify(tmp_path / "b", START).problems}


def test_files_of_others_are_never_cut_or_removed(tmp_path: Path) -> None:
    folder = tmp_path / "warc" / "given"
    folder.mkdir(parents=True)
    resource = (
        b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Target-URI: file:///a\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        b"Content-Length: 1\r\n\r\na\r\n\r\n"
    )
    given = {
        "only-resources.warc.gz": compress_member(resource),
        "one-member.warc.gz": compress_member(resource * 3),
        "no-gzip.warc.gz": b"nothing of the kind",
    }
    for name, data in given.items():
        (folder / name).write_bytes(data)
    with ArchiveWriter.open(tmp_path, "crawl") as writer:
        problems = " ".join(writer.recovery.problems)
        assert writer.recovery.removed == ()
        assert writer.recovery.tails == ()
    assert "one-member" in problems
    assert "no-gzip" in problems
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == given


# -- a full disk -----------------------------------------------------------------------------------

FILLER = """
import json, random, resource, sys
from contextlib import closing
from pathlib import Path
from archive.database import open_for_reading
from archive.errors import ArchiveError
from archive.ingest import ArchiveWriter
from captured_pages import Clock, article, exchange, read_as
root, limit, compressible = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "text"
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
chance, acknowledged, message = random.Random(0), [], ""
writer = ArchiveWriter.open(root, "crawl", clock=Clock(), group_size=7, group_seconds=1000)
try:
    for i in range(3000):
        body = b"%d " % i * 400 if compressible else chance.randbytes(60_000)
        capture = writer.record_exchange("khe-sanh", exchange(f"/{i}", body, at=i))
        text = f"{i} " * (900 if compressible else 10)
        writer.record_reading(capture, read_as(article(f"/{i}", text, title=str(i))))
        if i % 10 == 9:
            writer.flush()
            acknowledged.append(capture)
except ArchiveError as error:
    message = str(error)
writer.close("failed")
print(json.dumps([message, acknowledged]))
"""


def fill(root: Path, limit: int, kind: str) -> tuple[str, list[int]]:
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(root), str(limit), kind],
        env=os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parents[1]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    message, acknowledged = json.loads(done.stdout)
    return message, acknowledged


def check_after_full_disk(root: Path, message: str, acknowledged: list[int]) -> None:
    assert message
    assert "\n" not in message
    assert str(root) in message
    assert acknowledged
    report = reopen(root)
    assert report.problems == ()
    stored = {row[0] for row in ask(root, "SELECT id FROM capture")}
    assert set(acknowledged) <= stored
    assert len(payloads(root)) == len(stored)


@pytest.mark.parametrize("kind", ["bytes", "text"])
def test_a_file_that_cannot_grow_ends_the_run_and_loses_nothing_before(
    tmp_path: Path, kind: str
) -> None:
    """``bytes`` fills the WARC file first, ``text`` the database."""
    message, acknowledged = fill(tmp_path, 2_000_000, kind)
    assert (".warc.gz" if kind == "bytes" else "archive.db") in message
    check_after_full_disk(tmp_path, message, acknowledged)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    if not mounted:
        pytest.skip("mounting a small file system needs more rights than we have")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("kind", ["bytes", "text"])
def test_a_full_disk_ends_the_run_and_loses_nothing_before(small_disk: Path, kind: str) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_200_000))  # the next run indexes what is stored, by way of its log
    root = small_disk / "archive"
    message, acknowledged = fill(root, 0, kind)
    ballast.unlink()
    check_after_full_disk(root, message, acknowledged)


def test_a_group_that_fails_in_the_database_leaves_no_trace_in_the_files(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        writer.record_exchange(SITE, exchange("/1"))
        writer.flush()
        (path,) = warc_files(tmp_path)
        size = path.stat().st_size
        for i in range(2, 5):
            writer.record_exchange(SITE, exchange(f"/{i}", bytes([i]) * 1000))
        assert path.stat().st_size > size
        pages = writer.connection.execute("PRAGMA page_count").fetchone()[0]
        writer.connection.execute(f"PRAGMA max_page_count = {pages}")
        long = article("/9", PARAGRAPH * 900)
        writer.record_reading(writer.record_exchange(SITE, exchange("/9", b"9")), read_as(long))
        with pytest.raises(Exception, match="the disk is full"):
            writer.flush()
        assert path.stat().st_size == size
    assert reopen(tmp_path).orphans == ()
    assert ask(tmp_path, "SELECT url FROM captures") == [(HOME + "/1",)]


def test_a_commit_that_fails_leaves_the_bytes_to_be_listed_again(tmp_path: Path) -> None:
    """The transaction may be in the log by then; cutting the bytes could leave rows without."""
    writer = ArchiveWriter.open(tmp_path, "crawl", clock=Clock())
    writer.record_exchange(SITE, exchange("/1"))
    writer.connection.execute("PRAGMA foreign_keys = OFF")
    writer.connection.execute(
        "CREATE TEMP TRIGGER defer AFTER INSERT ON main.capture BEGIN "
        "INSERT INTO refused VALUES (1); END"
    )
    writer.connection.execute("CREATE TEMP TABLE wanted (id INTEGER PRIMARY KEY)")
    writer.connection.execute(
        "CREATE TEMP TABLE refused (id REFERENCES wanted(id) DEFERRABLE INITIALLY DEFERRED)"
    )
    writer.connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError):
        writer.flush()
    writer.close()
    assert ask(tmp_path, "SELECT * FROM captures") == []
    report = reopen(tmp_path)
    assert report.orphans == (1,)
    assert payloads(tmp_path) == [exchange().payload]


def test_a_member_is_plain_gzip() -> None:
    assert gzip.decompress(compress_member(b"abc")) == b"abc"
    assert compress_member(b"abc") == compress_member(b"abc")
