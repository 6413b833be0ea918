"""`huyen export` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from captured_pages import SITE, Clock, article, exchange, read_as
from running import huyen

from archive.ingest import ArchiveWriter, SiteFacts


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("export") / "archive"
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        writer.record_site(
            SiteFacts(SITE, "Huyện Khe Sanh", "Quảng Thử", "http://x.example/", "active")
        )
        page = writer.record_exchange(SITE, exchange())
        writer.record_reading(page, read_as(article()))
    return root


@pytest.mark.parametrize(
    ("format_", "said"),
    [
        ("wacz", {"captures": 1, "warc_files": 1, "articles": 1, "other_pages": 0}),
        ("cdxj", {"lines": 1, "added": 1}),
        ("jsonl", {"articles": 1}),
        ("csv", {"articles": 1}),
    ],
)
def test_each_format_is_written_and_told(
    archive: Path, tmp_path: Path, format_: str, said: dict[str, int]
) -> None:
    out = tmp_path / "out"
    done = huyen("export", format_, out, "--json", archive=archive)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"format": format_, "path": str(out), **said}
    assert out.stat().st_mode & 0o777 == 0o644


def test_a_bag_is_a_directory(archive: Path, tmp_path: Path) -> None:
    done = huyen("export", "bagit", tmp_path / "bag", "--organization", "Lưu trữ", archive=archive)
    assert done.stdout.startswith(f"{tmp_path / 'bag'}: 5 files, ")
    assert "Source-Organization: Lưu trữ" in (tmp_path / "bag" / "bag-info.txt").read_text("utf-8")
    again = huyen("export", "bagit", tmp_path / "bag", archive=archive)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_of_a_bag_it_is_said_that_what_is_withheld_is_in_it(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        page = writer.record_exchange(SITE, exchange())
        writer.record_reading(page, read_as(article()))
    silent = huyen("export", "bagit", tmp_path / "before", archive=root)
    assert (silent.returncode, silent.stderr) == (0, "")
    assert huyen("withhold", "1", "--reason", "r", "--by", "p", archive=root).returncode == 0
    told = huyen("export", "bagit", tmp_path / "after", "--json", archive=root)
    assert "what is withheld is in it too" in told.stderr
    assert json.loads(told.stdout)["withheld"] == 1


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
def test_rows_can_be_piped(archive: Path, tmp_path: Path, format_: str) -> None:
    out = tmp_path / "out"
    assert huyen("export", format_, out, archive=archive).returncode == 0
    done = huyen("export", format_, "-", archive=archive)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == out.read_text("utf-8")


@pytest.mark.parametrize("arguments", [["wacz"], ["bagit"], ["cdxj"], ["jsonl", "--json"]])
def test_what_cannot_be_piped_says_so(archive: Path, arguments: list[str]) -> None:
    done = huyen("export", arguments[0], "-", *arguments[1:], archive=archive)
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard output" in done.stderr


def test_nothing_is_replaced_without_force(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    out.write_text("mine")
    refused = huyen("export", "csv", out, archive=archive)
    assert (refused.returncode, out.read_text()) == (2, "mine")
    assert "--force" in refused.stderr
    assert huyen("export", "csv", out, "--force", archive=archive).returncode == 0
    assert "mine" not in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["wacz", "none/x"], "there is no directory"),
        (
            ["wacz", "x", "--site", "khe-san"],
            "there is no such portal in this archive; it has: khe-sanh",
        ),
        (["wacz", "x", "--from", "soon"], "--from soon: not a date"),
        (["wacz", "x", "--from", "2022", "--to", "2021"], "is after"),
        (["bagit", "x", "--site", SITE], "bagit takes the whole archive"),
    ],
)
def test_wrong_usage_is_one_line(
    archive: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = huyen("export", *arguments, archive=archive, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
