"""A WACZ is valid to its own tool, complete, and holds nothing that was not asked for."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import judges
import pytest
from captured_pages import (
    HOME,
    SITE,
    START,
    Clock,
    article,
    exchange,
    failed,
    not_an_article,
    read_as,
    warc_files,
)
from warcio.archiveiterator import ArchiveIterator

from archive.database import open_for_writing
from archive.errors import ArchiveError, HuyenError
from archive.exports import wacz
from archive.exports.selection import Selection
from archive.exports.wacz import export_wacz
from archive.ingest import ArchiveWriter, SiteFacts
from archive.schema import PageKind

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
DAY = 86400
OTHER = "dong-son"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two portals, two days. The second portal shows a picture of the first."""
    root = tmp_path / "archive"
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        writer.record_site(SiteFacts(SITE, "Huyện Khe Sanh", "Quảng Thử", f"{HOME}/", "active"))
        home = writer.record_exchange(SITE, exchange("/", b"<p>home"))
        writer.record_reading(home, not_an_article(PageKind.LISTING))
        for number in (1, 2):
            page = writer.record_exchange(
                SITE, exchange(f"/tin/{number}", b"<p>news %d" % number, at=number)
            )
            writer.record_reading(page, read_as(article(f"/tin/{number}", f"Nội dung {number}")))
        writer.record_exchange(SITE, exchange("/anh.png", b"\x89PNG picture", at=3))
        writer.record_exchange(SITE, exchange("/mat", b"<p>no such page", status=404, at=4))
        writer.record_exchange(SITE, failed("/dead", at=5))
    with ArchiveWriter.open(root, "crawl", clock=Clock(START + timedelta(days=1))) as writer:
        writer.record_exchange(OTHER, exchange("/muon.png", b"\x89PNG picture", at=DAY))
        page = writer.record_exchange(SITE, exchange("/tin/1", b"<p>news 1, edited", at=DAY + 1))
        writer.record_reading(page, read_as(article("/tin/1", "Nội dung đã sửa")))
        writer.record_exchange(
            SITE,
            exchange(
                "/tin/2", b"", head=b"HTTP/1.1 304 Not Modified\r\n\r\n", status=304, at=DAY + 2
            ),
        )
    return root


def export(archive: Path, **wanted: Any) -> Path:
    out = archive.parent / "out.wacz"
    out.unlink(missing_ok=True)
    export_wacz(archive, out, Selection(**wanted), NOW)
    return out


def index_of(out: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(out) as package:
        packed = package.read("indexes/index.cdx.gz")
        listed = package.read("indexes/index.idx").decode().splitlines()
    assert json.loads(listed[0].split(" ", 2)[2])["format"] == "cdxj-gzip-1.0"
    text = []
    for line in listed[1:]:
        key, facts = line.split(" {", 1)
        block = json.loads("{" + facts)
        data = packed[block["offset"] : block["offset"] + block["length"]]
        assert f"sha256:{hashlib.sha256(data).hexdigest()}" == block["digest"]
        lines = gzip.decompress(data).decode().splitlines()
        assert lines[0].startswith(key + " ")
        text += lines
    assert text == sorted(text)
    return [json.loads(line.split(" ", 2)[2]) for line in text]


def replayed(out: Path) -> dict[tuple[str, str], bytes]:
    """Every line of the index resolved as a player does: by file name, offset and length."""
    found: dict[tuple[str, str], bytes] = {}
    with zipfile.ZipFile(out) as package:
        for entry in index_of(out):
            info = package.getinfo(f"archive/{entry['filename']}")
            assert info.compress_type == zipfile.ZIP_STORED
            data = package.read(info)
            start = int(entry["offset"])
            member = data[start : start + int(entry["length"])]
            record = next(iter(ArchiveIterator(BytesIO(member))))
            assert record.rec_headers["WARC-Target-URI"] == entry["url"]
            assert record.rec_headers["WARC-Payload-Digest"] == entry["digest"]
            found[entry["url"].removeprefix(HOME), entry["mime"]] = record.raw_stream.read()
    return found


def pages(out: Path, name: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(out) as package:
        return [json.loads(line) for line in package.read(f"pages/{name}.jsonl").splitlines()]


def test_everything_is_in_it_and_the_format_s_own_tool_finds_it_valid(archive: Path) -> None:
    out = export(archive)
    assert "is valid" in judges.accept(judges.judge("formats", "wacz"), "validate", "-f", out)
    stored = replayed(out)
    assert len(index_of(out)) == 7
    assert stored["/anh.png", "text/html"] == b"\x89PNG picture"
    assert ("/muon.png", "warc/revisit") in stored
    with zipfile.ZipFile(out) as package:
        for path in warc_files(archive):
            assert package.read(f"archive/{path.name}") == path.read_bytes()
        assert package.testzip() is None


def test_the_index_is_that_of_cdxj_indexer(archive: Path, tmp_path: Path) -> None:
    out = export(archive, sites=(SITE,))
    with zipfile.ZipFile(out) as package:
        names = [name for name in package.namelist() if name.startswith("archive/")]
        package.extractall(tmp_path / "unpacked", names)
    theirs = judges.cdxj_of(
        [tmp_path / "unpacked" / name for name in names], tmp_path / "unpacked" / "archive"
    )
    replayable = [line for line in theirs if '"status": "304"' not in line]
    assert [json.loads(line.split(" ", 2)[2]) for line in replayable] == index_of(out)
    for name in names:
        judges.accept(judges.tool("warcio"), "check", tmp_path / "unpacked" / name)


def test_pages_have_the_text_that_the_archive_reads(archive: Path) -> None:
    head, *listed = pages(export(archive), "pages")
    assert head["format"] == "json-pages-1.0"
    assert head["hasText"] is True
    assert [(page["url"], page["ts"][:10], page["text"]) for page in listed] == [
        (f"{HOME}/tin/1", "2026-11-21", "Nội dung 1"),
        (f"{HOME}/tin/2", "2026-11-21", "Nội dung 2"),
        (f"{HOME}/tin/1", "2026-11-22", "Nội dung đã sửa"),
    ]
    assert len({page["id"] for page in listed}) == 3
    _, home = pages(export(archive), "extraPages")
    assert home["url"] == f"{HOME}/"


def test_the_data_package_says_what_it_is(archive: Path) -> None:
    with zipfile.ZipFile(export(archive)) as package:
        described = json.loads(package.read("datapackage.json"))
        digest = json.loads(package.read("datapackage-digest.json"))
        names = set(package.namelist())
        assert (
            digest["hash"]
            == f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}"
        )
    assert described["title"] == "Huyện Khe Sanh, Quảng Thử (khe-sanh)"
    assert described["mainPageUrl"] == f"{HOME}/"
    assert described["created"] == "2027-01-02T03:04:05Z"
    listed = {resource["path"] for resource in described["resources"]}
    assert listed == names - {"datapackage.json", "datapackage-digest.json"}


def test_one_portal_takes_along_what_its_revisits_need_and_nothing_else(archive: Path) -> None:
    out = export(archive, sites=(OTHER,))
    judges.accept(judges.judge("formats", "wacz"), "validate", "-f", out)
    stored = replayed(out)
    assert set(stored) == {("/muon.png", "warc/revisit"), ("/anh.png", "text/html")}
    with zipfile.ZipFile(out) as package:
        assert not any(b"news" in package.read(name) for name in package.namelist())
        (part,) = (name for name in package.namelist() if name.endswith("-part.warc.gz"))
        kinds = [r.rec_type for r in ArchiveIterator(BytesIO(package.read(part)))]
    assert kinds == ["warcinfo", "response", "request"]
    assert pages(out, "pages")[1:] == []


def test_a_period_is_of_whole_days_of_capture(archive: Path) -> None:
    first = replayed(export(archive, until=date(2026, 11, 21)))
    assert set(first) == {(p, "text/html") for p in ("/", "/tin/1", "/tin/2", "/anh.png", "/mat")}
    second = export(archive, since=date(2026, 11, 22), sites=(SITE,))
    # /tin/2 is of the day before: what the portal said that day, by a 304, to be unchanged.
    assert set(replayed(second)) == {("/tin/1", "text/html"), ("/tin/2", "text/html")}
    assert [page["text"] for page in pages(second, "pages")[1:]] == ["Nội dung đã sửa"]


def test_withheld_articles_stay_out(archive: Path) -> None:
    with closing(open_for_writing(archive)) as connection:
        connection.execute("UPDATE article SET status = 'withheld' WHERE url LIKE '%/tin/1'")
    out = export(archive)
    judges.accept(judges.judge("formats", "wacz"), "validate", "-f", out)
    assert not any("/tin/1" in url for url, _ in replayed(out))
    with zipfile.ZipFile(out) as package:
        for name in package.namelist():
            data = package.read(name)
            if name.endswith(".gz"):
                data = gzip.decompress(data)
            assert b"news 1" not in data
            assert "Nội dung 1".encode() not in data


def test_what_a_running_crawl_has_committed_is_exported(archive: Path) -> None:
    with ArchiveWriter.open(archive, "crawl", clock=Clock(START + timedelta(days=2))) as writer:
        writer.record_exchange(SITE, exchange("/tin/3", b"<p>committed", at=2 * DAY))
        writer.flush()
        writer.record_exchange(SITE, exchange("/tin/4", b"<p>not yet", at=2 * DAY + 1))
        out = export(archive)
    judges.accept(judges.judge("formats", "wacz"), "validate", "-f", out)
    stored = replayed(out)
    assert stored["/tin/3", "text/html"] == b"<p>committed"
    assert not any(url == "/tin/4" for url, _ in stored)


def test_many_captures_make_many_blocks(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz, "_LINES_A_BLOCK", 3)
    assert len(index_of(export(archive))) == 7


def test_small_entries_have_small_headers(archive: Path) -> None:
    """With a ZIP64 header on a small entry ReplayWeb.page 2.4 reads 20 bytes beside it."""
    out = export(archive)
    data = out.read_bytes()
    with zipfile.ZipFile(out) as package:
        for entry in package.infolist():
            assert data[entry.header_offset + 28 : entry.header_offset + 30] == b"\0\0", entry


def test_nothing_selected_is_said_and_nothing_written(archive: Path) -> None:
    with pytest.raises(
        HuyenError, match=r"no capture to export \(captured 2030-01-01 to the end\)"
    ):
        export(archive, since=date(2030, 1, 1))
    assert sorted(path.name for path in archive.parent.iterdir()) == ["archive"]


def test_damaged_files_are_not_exported(archive: Path) -> None:
    path = warc_files(archive)[0]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ArchiveError, match="is not what it was"):
        export(archive)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ArchiveError, match="bytes are missing"):
        export(archive)
    path.unlink()
    with pytest.raises(ArchiveError, match="cannot be read"):
        export(archive)
    assert not (archive.parent / "out.wacz").exists()
