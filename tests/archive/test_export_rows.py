"""Tables for other programs: complete, and harmless to open."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from captured_pages import HOME, SITE, Clock, article, exchange, read_as

from archive.exports.rows import COLUMNS, export_csv, export_jsonl
from archive.exports.selection import Selection
from archive.ingest import ArchiveWriter
from archive.schema import Image


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        for number, title in enumerate(
            ('Họp bàn, "sửa" kênh', '=HYPERLINK("http://x")', "@SUM(A1)", "+84 333", "-1"), 1
        ):
            page = writer.record_exchange(SITE, exchange(f"/tin/{number}", b"<p>%d" % number))
            content = article(
                f"/tin/{number}",
                f"Dòng một\nDòng hai {number}",
                title=title,
                category=("Tin tức", "Nông nghiệp"),
                images=(Image(f"{HOME}/a.png", "Chú thích"),),
            )
            writer.record_reading(page, read_as(content))
    return root


def test_json_lines_have_lists_and_the_place_of_the_bytes(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    assert export_jsonl(archive, out, Selection()) == 5
    first, *_ = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert tuple(first) == COLUMNS
    assert first["category"] == ["Tin tức", "Nông nghiệp"]
    assert first["images"][0]["caption"] == "Chú thích"
    assert first["body_text"] == "Dòng một\nDòng hai 1"
    assert (archive / first["warc_file"]).exists()
    assert first["payload_digest"].startswith("sha256:")


def test_csv_reads_back_and_runs_nothing(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    assert export_csv(archive, out, Selection(sites=(SITE,))) == 5
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,site,")
    with out.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["title"] for row in read] == [
        'Họp bàn, "sửa" kênh', "'=HYPERLINK(\"http://x\")", "'@SUM(A1)", "'+84 333", "'-1",
    ]  # fmt: skip
    assert read[0]["body_text"] == "Dòng một\nDòng hai 1"
    assert json.loads(read[0]["category"]) == ["Tin tức", "Nông nghiệp"]
    for row in read:
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())


def test_a_selection_is_kept_to(archive: Path, tmp_path: Path) -> None:
    assert export_jsonl(archive, tmp_path / "a", Selection(sites=("dong-son",))) == 0
    assert export_jsonl(archive, tmp_path / "b", Selection(since=date(2026, 11, 22))) == 0
    assert export_jsonl(archive, tmp_path / "c", Selection(until=date(2026, 11, 21))) == 5
