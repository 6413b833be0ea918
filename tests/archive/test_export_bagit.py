"""A bag is valid to bagit.py, and what is in it is a sound archive of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import judges
import pytest
from captured_pages import SITE, START, Clock, article, exchange, failed, read_as, warc_files

from archive.cdxj import update_index
from archive.database import open_for_reading
from archive.errors import ArchiveError, UsageError
from archive.exports.bagit import export_bagit
from archive.fixity import verify
from archive.imports import keep, sha256_of
from archive.ingest import ArchiveWriter

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        page = writer.record_exchange(SITE, exchange("/tin/1", b"<p>news"))
        writer.record_reading(page, read_as(article("/tin/1")))
        writer.record_exchange(SITE, failed("/dead", at=1))
    with ArchiveWriter.open(root, "crawl", clock=Clock(START + timedelta(days=1))) as writer:
        writer.record_exchange("dong-son", exchange("/copy", b"<p>news", at=86400))
    return root


def valid(bag: Path) -> bool:
    return judges.run(judges.judge("formats", "bagit.py"), "--validate", bag).returncode == 0


def info(bag: Path) -> dict[str, str]:
    lines = (bag / "bag-info.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_the_bag_is_valid_and_its_payload_is_the_archive(archive: Path, tmp_path: Path) -> None:
    brought = tmp_path / "cũ 100%.warc.gz"
    brought.write_bytes(b"kept as it is")
    kept = keep(archive, brought, sha256_of(brought))
    bag = tmp_path / "bag"
    summary = export_bagit(archive, bag, NOW, "Trung tâm Lưu trữ")
    assert valid(bag)
    assert (summary.captures, summary.articles) == (3, 1)
    for path in warc_files(archive):
        assert (bag / "data" / path.relative_to(archive)).read_bytes() == path.read_bytes()
    assert (bag / "data" / kept).read_bytes() == b"kept as it is"
    assert "Huyện" not in (bag / "bagit.txt").read_text()
    assert "1 articles in 1 versions" in (bag / "data" / "README.txt").read_text(encoding="utf-8")
    facts = info(bag)
    assert facts["Source-Organization"] == "Trung tâm Lưu trữ"
    assert facts["Bagging-Date"] == "2027-01-02"
    assert facts["External-Identifier"].startswith("urn:uuid:")
    payload = [path for path in (bag / "data").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in payload)
    assert facts["Payload-Oxum"] == f"{size}.{len(payload)}"
    for name in ("manifest-sha256", "manifest-sha512", "tagmanifest-sha256", "tagmanifest-sha512"):
        assert (bag / f"{name}.txt").exists()


def test_what_is_in_the_bag_verifies_and_can_be_gone_on_with(archive: Path, tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    export_bagit(archive, bag, NOW)
    inner = bag / "data"
    with closing(sqlite3.connect(f"file:{inner}/archive.db?mode=ro&immutable=1", uri=True)) as copy:
        assert copy.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    assert verify(inner, NOW, sample=10).problems == []
    assert sorted(path.name for path in inner.iterdir()) == [
        "README.txt", "archive.db", "index.cdxj", "index.cdxj.state.json", "warc",
    ]  # fmt: skip
    assert valid(bag)
    with closing(open_for_reading(archive)) as connection:
        update_index(connection, tmp_path / "index.cdxj")
    assert (inner / "index.cdxj").read_bytes() == (tmp_path / "index.cdxj").read_bytes()
    with ArchiveWriter.open(inner, "crawl", clock=Clock(START + timedelta(days=2))) as writer:
        assert writer.recovery.lines() == []
        writer.record_exchange(SITE, exchange("/tin/2", b"<p>more", at=2 * 86400))
    assert verify(inner, NOW).problems == []


def test_a_bag_made_while_a_crawl_writes_points_to_nothing_outside(
    archive: Path, tmp_path: Path
) -> None:
    bag = tmp_path / "bag"
    with ArchiveWriter.open(archive, "crawl", clock=Clock(START + timedelta(days=2))) as writer:
        writer.record_exchange(SITE, exchange("/tin/2", b"<p>committed", at=2 * 86400))
        writer.flush()
        writer.record_exchange(SITE, exchange("/tin/3", b"<p>appended only", at=2 * 86400 + 1))
        export_bagit(archive, bag, NOW)
    assert valid(bag)
    report = verify(bag / "data", NOW)
    assert (report.problems, report.notes, report.captures) == ([], [], 4)
    assert not list(bag.rglob("*.open"))
    assert verify(archive, NOW).problems == []


def test_the_name_of_a_bag_is_that_of_its_content(archive: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export_bagit(archive, tmp_path / name, NOW)
    assert info(tmp_path / "one") == info(tmp_path / "two")


def test_one_changed_byte_is_found(archive: Path, tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    export_bagit(archive, bag, NOW)
    path = bag / "data" / "README.txt"
    path.write_bytes(path.read_bytes().replace(b"Web", b"Wob", 1))
    assert not valid(bag)


def test_nothing_is_replaced(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "bag").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        export_bagit(archive, tmp_path / "bag", NOW)
    with pytest.raises(UsageError, match="no directory"):
        export_bagit(archive, tmp_path / "none" / "bag", NOW)


@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_archive_is_not_bagged(archive: Path, tmp_path: Path, damage: str) -> None:
    path = warc_files(archive)[0]
    data = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(data[:-1] + (b"x" if damage == "changed" else b""))
    with pytest.raises(ArchiveError, match="`huyen verify` says more"):
        export_bagit(archive, tmp_path / "bag", NOW)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["archive"]
