"""The ledger of addresses: committed with what was captured and read, and made for old archives too."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from captured_pages import Clock, article, exchange, read_as
from sqlite_utils import Database

from archive.database import open_for_reading, open_for_writing
from archive.errors import ArchiveError
from archive.ingest import ArchiveWriter
from archive.migrations import migrations
from archive.schema import PageKind, Reading
from archive.timestamps import parse_utc
from archive.url_ledger import Address, UrlLedger, Walk

SITE = "khe-sanh"
AT = "2026-11-21T02:00:00.000000Z"


def address(ledger: UrlLedger, number: int, **values: object) -> Address:
    row = Address.discovered(
        ledger.new_id(),
        SITE,
        f"vn,a)/{number}",
        f"http://a.vn/{number}",
        AT,
        via="http://a.vn/",
        priority=10,
        depth=1,
    )
    return replace(row, **values)  # type: ignore[arg-type]


@pytest.fixture
def ledger() -> UrlLedger:
    return UrlLedger.in_memory()


def put(ledger: UrlLedger, number: int, **values: object) -> Address:
    row = address(ledger, number, **values)
    ledger.put(row)
    return row


def test_what_was_put_is_found_before_and_after_it_is_written(ledger: UrlLedger) -> None:
    row = put(ledger, 1)
    assert ledger.find(SITE, row.url_key) == row
    assert ledger.todo(SITE, 10) == []
    ledger.commit()
    assert ledger.find(SITE, row.url_key) == row
    assert ledger.todo(SITE, 10) == [row]
    changed = replace(row, state="done", kind="article", dated="2026-01-01")
    ledger.put(changed)
    assert ledger.find(SITE, row.url_key) == changed
    ledger.commit()
    assert ledger.find(SITE, row.url_key) == changed
    assert ledger.find("another", row.url_key) is None


def test_the_best_come_first_and_then_those_that_were_found_first(ledger: UrlLedger) -> None:
    rows = [put(ledger, n, priority=priority) for n, priority in enumerate([1, 5, 5, 9, 1])]
    put(ledger, 9, state="done", priority=100)
    ledger.commit()
    assert ledger.todo(SITE, 10) == [rows[3], rows[1], rows[2], rows[0], rows[4]]
    assert ledger.todo(SITE, 2) == [rows[3], rows[1]]
    file = put(ledger, 10, role="file", priority=0)
    ledger.commit()
    assert ledger.todo(SITE, 10, roles=("file", "home")) == [file]


def test_the_longest_overdue_come_first_and_files_last(ledger: UrlLedger) -> None:
    late = put(ledger, 1, state="done", due_at="2026-01-02")
    later = put(ledger, 2, state="gone", due_at="2026-01-01")
    file = put(ledger, 3, state="done", role="file", due_at="2025-01-01")
    put(ledger, 4, state="done", due_at="2027-01-01")
    put(ledger, 5, state="done", due_at=None)
    put(ledger, 6, state="todo", due_at="2025-01-01")
    ledger.commit()
    assert ledger.due(SITE, AT, 10) == [later, late, file]


def test_neighbours_are_the_articles_found_before_and_after(ledger: UrlLedger) -> None:
    kinds = ["article", "file", "article", "article", "listing", "article", "article"]
    rows = [put(ledger, n, state="done", kind=kind) for n, kind in enumerate(kinds)]
    ledger.commit()
    assert set(ledger.neighbours(rows[3], 1)) == {rows[2], rows[5]}
    assert set(ledger.neighbours(rows[3], 9)) == {rows[0], rows[2], rows[5], rows[6]}


def test_pages_of_a_listing(ledger: UrlLedger) -> None:
    first = put(ledger, 1, state="done", kind="listing", checked_at=AT)
    for page in (2, 3, 5):
        put(
            ledger,
            page,
            state="done",
            kind="listing",
            listing=first.id,
            page_number=page,
            checked_at=AT if page != 5 else "2020",
        )
    ledger.commit()
    assert sorted(ledger.pages_had(SITE, first.id, "2026")) == [2, 3]
    second = ledger.page_of_listing(first.id, 2)
    assert second is not None
    assert second.url == "http://a.vn/2"
    assert ledger.page_of_listing(first.id, 4) is None
    assert ledger.first_pages(SITE, 10) == [first]
    left = ledger.unasked_since(SITE, "listing", "2026", 10, further_pages=True)
    assert [row.page_number for row in left] == [5]


def test_walks_and_traps_are_kept(ledger: UrlLedger) -> None:
    assert ledger.walk(SITE) is None
    walk = Walk(SITE, AT, is_full=True)
    ledger.put_walk(walk)
    assert ledger.walk(SITE) == walk
    ledger.give_up(SITE, "vn,a)/lich?ngay=0", "http://a.vn/lich?ngay=7", AT)
    ledger.commit()
    assert ledger.walk(SITE) == walk
    assert ledger.given_up(SITE) == {"vn,a)/lich?ngay=0": "http://a.vn/lich?ngay=7"}
    ledger.forgive(SITE)
    ledger.commit()
    assert ledger.given_up(SITE) == {}


# -- with the captures ----------------------------------------------------------------------------


def rows_of(root: Path) -> list[tuple[str, str]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute("SELECT url, state FROM addresses")]


def test_rows_become_visible_with_the_captures_of_their_group(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock(), group_seconds=1000) as writer:
        capture = writer.record_exchange(SITE, exchange("/1", b"<p>1</p>"))
        writer.record_reading(capture, read_as(article("/1", title="Tin 1")))
        writer.ledger.put(address(writer.ledger, 1, state="done"))
        assert rows_of(tmp_path) == []
        writer.flush()
        assert rows_of(tmp_path) == [("http://a.vn/1", "done")]
        writer.ledger.put(address(writer.ledger, 2))
        writer.flush()  # rows alone make a group too
        assert len(rows_of(tmp_path)) == 2


def test_rows_are_written_in_time_also_when_nothing_is_captured(tmp_path: Path) -> None:
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    with ArchiveWriter.open(tmp_path, "crawl", clock=lambda: now, group_seconds=2) as writer:
        writer.ledger.put(address(writer.ledger, 1))
        writer.flush_if_due()
        assert rows_of(tmp_path) == []
        now += dt.timedelta(seconds=3)
        writer.flush_if_due()
        assert len(rows_of(tmp_path)) == 1


def test_a_group_that_cannot_be_written_leaves_no_row(tmp_path: Path) -> None:
    writer = ArchiveWriter.open(tmp_path, "crawl", clock=Clock(), group_seconds=1000)
    writer.record_exchange(SITE, exchange("/1", b"<p>1</p>"))
    writer.ledger.put(address(writer.ledger, 1, state="done"))
    with closing(sqlite3.connect(tmp_path / "archive.db")) as other, other:
        other.execute("ALTER TABLE given_up RENAME TO elsewhere")
    writer.ledger.forgive(SITE)
    with pytest.raises(ArchiveError):
        writer.flush()
    writer.close()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        assert database.execute("SELECT count(*) FROM address").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM capture").fetchone() == (0,)


def test_what_an_address_can_be_asked_for_again_with(tmp_path: Path) -> None:
    def answer(etag: str, status: int = 200, at: int = 0) -> object:
        sent = exchange("/1", b"<p>1</p>" if status == 200 else b"", at=at)
        head = f"HTTP/1.1 {status} OK\r\nETag: {etag}\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n"
        return replace(sent, response_head=head.encode(), status=status)

    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        first = answer('"eins"', at=1)
        url = first.url  # type: ignore[attr-defined]
        for sent in (first, answer('"zwei"', at=2), answer('"drei"', 500, at=3)):
            writer.record_exchange(SITE, sent)  # type: ignore[arg-type]
        writer.flush()
        key = writer.connection.execute("SELECT url_key FROM capture").fetchone()[0]
        found = writer.ledger.validators(SITE, key, url)
        assert found is not None
        assert (found.etag, found.last_modified) == ('"zwei"', "Mon, 01 Jan 2024 00:00:00 GMT")
        assert writer.ledger.validators("another", key, url) is None
        assert writer.ledger.validators(SITE, key, f"{url}/") is None


# -- an archive from before -----------------------------------------------------------------------


def test_an_archive_made_before_gets_its_ledger(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        for number, kind in enumerate(PageKind):
            sent = exchange(f"/{kind.value}", f"<p>{number}</p>".encode(), at=number)
            capture = writer.record_exchange(SITE, sent)
            if kind is PageKind.ARTICLE:
                writer.record_reading(capture, read_as(article("/article", title="Tin")))
            elif kind is not PageKind.ASSET:
                writer.record_reading(capture, Reading(kind, "generic", "7"))
        lost = writer.record_exchange(SITE, exchange("/lost", b"<p>lost</p>", at=20))
        writer.record_reading(lost, read_as(article("/lost", title="Mất")))
        writer.record_exchange(SITE, exchange("/lost", b"", at=30, status=404))
        for number, path in enumerate(("/robots.txt", "/trang-khong-ton-tai-0a1b2c")):
            writer.record_exchange(SITE, exchange(path, b"x", at=50 + number))
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        database.row_factory = sqlite3.Row
        database.execute("DROP VIEW addresses")
        for name in ("address", "walk", "given_up"):
            database.execute(f"DROP TABLE {name}")
        step = "m0003_url_ledger"
        Database(database)["_sqlite_migrations"].delete_where("name = ?", [step])
        database.execute(
            "INSERT INTO site_run(run_id, site, started_at, ended_at, verdict, articles) "
            "VALUES (1, ?, '2026-11-20', '2026-11-21', 'ok', 1)",
            (SITE,),
        )
        database.commit()
        pending = [each.name for each in migrations.pending(Database(database))]
        assert pending == [step]
    with closing(open_for_writing(tmp_path)) as connection:
        ledger = UrlLedger(connection, tmp_path)
        kinds = {}
        for (key,) in connection.execute("SELECT url_key FROM address").fetchall():
            row = ledger.find(SITE, key)
            assert row is not None
            assert row.state == "done"
            assert row.checked_at is not None
            assert row.due_at is None or parse_utc(row.due_at) > parse_utc(row.checked_at)
            assert len(row.due_at or AT) == len(AT)
            kinds[row.url.rpartition("/")[2]] = (row.kind, row.reader)
            assert row.misses == row.url.endswith("/lost")
            assert row.interval_days == 1 or not row.misses  # to be confirmed the next day
        assert kinds == {
            "article": ("article", kinds["article"][1]),
            "listing": ("listing", "generic 7"),
            "other": ("other", "generic 7"),
            "missing": ("missing", "generic 7"),
            "asset": ("file", ""),
            "lost": ("missing", ""),
            "unreadable": ("other", "generic 7"),
        }
        walk = ledger.walk(SITE)
        assert walk is not None
        assert walk.is_full
        assert walk.last_full_at == "2026-11-21"
