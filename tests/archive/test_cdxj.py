"""The index that replay tools look records up in: what they would make themselves, made of rows."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import judges
import pytest
from captured_pages import HOME, SITE, START, Clock, article, exchange, failed, read_as, warc_files

from archive.cdxj import IndexUpdate, update_index
from archive.database import open_for_reading, open_for_writing
from archive.ingest import ArchiveWriter
from archive.surt import surt

ADDRESSES = [
    "/",
    "/A/B.aspx?ItemID=2&CategoryId=9",
    "/a//b/../c/./d/",
    "/tin%20tuc/B%C3%A1o%20c%C3%A1o.pdf?q=Nông%20thôn",
    "/a?b=2&a=1&a&=&c=",
    "/?",
    "/a/?x=%2526",
    "/(S(abcdefghijklmnopqrstuvwx))/a.aspx?x",
    "/a;jsessionid=0123456789ABCDEF0123456789ABCDEF?z=1",
    "/a?jsessionid=0123456789abcdef0123456789abcdef&z=1",
    "/a?z=1&PHPSESSID=0123456789abcdef0123456789abcdef",
    "/a?cfid=1&cftoken=2&z=1",
    "/../../a",
    "/a/b/..",
    "/đường/Đi?Q=Đ",
    "/a%23b?c%23d",
    "/%zz?%",
    "/a?a=1&a=0&b",
    "/a b?c d",
    "/a?b=http://y.vn/?c=1&d=2",
    "/a!/b",
    "/a",
]


def record(root: Path, *exchanges: object, site: str = SITE, start: int = 0) -> None:
    clock = Clock(START + timedelta(days=start))
    with ArchiveWriter.open(root, "crawl", clock=clock) as writer:
        for one in exchanges:
            writer.record_exchange(site, one)  # type: ignore[arg-type]


def update(root: Path, path: Path) -> IndexUpdate:
    with closing(open_for_reading(root)) as connection:
        return update_index(connection, path)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").splitlines()


def mixed_archive(root: Path) -> None:
    record(
        root,
        exchange("/robots.txt", b"User-agent: *\n"),
        exchange("/", b"<p>home", at=1),
        exchange("/mat", b"<p>404", status=404, at=2),
        exchange(
            "/cu",
            b"",
            head=b"HTTP/1.1 301 Moved\r\nContent-Type: text/html; charset=UTF-8\r\nLocation: /moi\r\n\r\n",
            status=301,
            at=3,
        ),
        exchange("/cut", b"<p>half", truncated="disconnect", at=4),
        failed("/dead", at=5),
    )
    record(root, exchange("/", b"<p>home", at=86400), exchange("/", b"<p>new", at=90000), start=1)
    record(root, exchange("/anh.png", b"<p>home", at=90001), site="dong-son", start=2)


def test_keys_are_those_of_the_tools() -> None:
    assert surt("https://www.KrongNo.daknong.gov.vn:443/Tin/?b=2&A=1#x") == (
        "vn,gov,daknong,krongno)/tin?a=1&b=2"
    )
    assert surt("http://127.0.0.1:8080/") == "1,0,0,127:8080)/"
    assert surt("http://xã.vn/") == "vn,xn--x-yfa)/"


def test_a_key_has_nothing_that_would_break_the_order_of_lines() -> None:
    for text in ("http://x.vn/\x00\x1f \x7f", "http://x.vn:99999/a b", "no scheme", "http:///", ""):
        assert all("!" <= character <= "~" for character in surt(text)), text


def test_every_line_is_what_cdxj_indexer_writes(tmp_path: Path) -> None:
    mixed_archive(tmp_path)
    record(
        tmp_path,
        *(exchange(path, path.encode(), at=100000 + n) for n, path in enumerate(ADDRESSES)),
        start=3,
    )
    update(tmp_path, tmp_path / "index.cdxj")
    expected = judges.cdxj_of(warc_files(tmp_path), tmp_path)
    assert len(expected) > len(ADDRESSES) + 7
    assert lines(tmp_path / "index.cdxj") == expected


def test_what_no_player_can_show_is_left_out(tmp_path: Path) -> None:
    not_modified = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    record(
        tmp_path,
        exchange("/", b"<p>home"),
        exchange("/", b"", head=not_modified, status=304, at=1),
        exchange("/never-seen", b"", head=not_modified, status=304, at=2),
        replace(exchange("/tim", b"<p>answer to a form", at=3), method="POST"),
        failed("/dead", at=4),
    )
    update(tmp_path, tmp_path / "index.cdxj")
    (only,) = lines(tmp_path / "index.cdxj")
    assert only.startswith("vn,gov,example,khesanh)/ 20261121080000 ")


def test_withheld_articles_and_their_revisits_leave_the_index(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        first = writer.record_exchange(SITE, exchange("/tin/1", b"<p>secret"))
        writer.record_reading(first, read_as(article("/tin/1")))
        writer.record_exchange(SITE, exchange("/tin/2", b"<p>public", at=1))
    record(tmp_path, exchange("/tin/in-1", b"<p>secret", at=9000), start=1)
    index = tmp_path / "index.cdxj"
    assert update(tmp_path, index).lines == 3
    with closing(open_for_writing(tmp_path)) as connection:
        connection.execute("UPDATE article SET status = 'withheld'")
    assert update(tmp_path, index) == IndexUpdate(lines=1, added=1, rebuilt=True)
    assert [json.loads(line.split(" ", 2)[2])["url"] for line in lines(index)] == [f"{HOME}/tin/2"]


def test_only_what_is_new_is_added_and_the_rest_is_kept(tmp_path: Path) -> None:
    index = tmp_path / "index.cdxj"
    mixed_archive(tmp_path)
    assert update(tmp_path, index) == IndexUpdate(lines=8, added=8, rebuilt=False)
    before = index.stat()
    assert update(tmp_path, index) == IndexUpdate(lines=8, added=0, rebuilt=False)
    assert (index.stat().st_ino, index.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    record(tmp_path, exchange("/a-new-one", b"<p>x", at=200000), start=4)
    assert update(tmp_path, index) == IndexUpdate(lines=9, added=1, rebuilt=False)
    merged = index.read_bytes()
    again = tmp_path / "again.cdxj"
    update(tmp_path, again)
    assert again.read_bytes() == merged
    assert merged.splitlines() == sorted(merged.splitlines())


@pytest.mark.parametrize(
    "damage", ["index-cut", "index-gone", "state-gone", "state-broken", "rows"]
)
def test_an_index_that_is_not_what_it_was_is_made_again(tmp_path: Path, damage: str) -> None:
    index = tmp_path / "index.cdxj"
    state = tmp_path / "index.cdxj.state.json"
    mixed_archive(tmp_path)
    update(tmp_path, index)
    whole = index.read_bytes()
    match damage:
        case "index-cut":
            index.write_bytes(whole[:-5])
        case "index-gone":
            index.unlink()
        case "state-gone":
            state.unlink()
        case "state-broken":
            state.write_text('{"through_warc": 3}')
        case "rows":
            index.write_bytes(b"")
            with closing(open_for_writing(tmp_path)) as connection:
                connection.execute("UPDATE capture SET warc_offset = warc_offset + 1")
                update(tmp_path, index)
                connection.execute("UPDATE capture SET warc_offset = warc_offset - 1")
    update(tmp_path, index)
    assert index.read_bytes() == whole


def test_a_file_that_is_being_written_waits(tmp_path: Path) -> None:
    index = tmp_path / "index.cdxj"
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        writer.record_exchange(SITE, exchange("/", b"<p>home"))
        writer.flush()
        assert update(tmp_path, index).lines == 0
        # A later file is closed before an earlier one: it waits too, so that nothing is skipped.
        writer.record_exchange("dong-son", exchange("/other", b"<p>other", at=1))
        writer.seal_site("dong-son")
        assert update(tmp_path, index).lines == 0
    assert update(tmp_path, index).lines == 2
