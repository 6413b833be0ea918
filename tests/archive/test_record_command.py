"""`huyen record`: from a record back to what the archive says because of it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attachment_files import Served, crawl, docx
from click.testing import CliRunner, Result
from stored_articles import START, seen, store

from archive.attachments.run import read_attachments
from archive.commands.context import CommandContext
from archive.commands.record import record
from archive.database import open_for_reading, open_for_writing, transaction
from archive.errors import HuyenError, UsageError
from archive.schema import Article, Attachment
from archive.timestamps import utc_text
from archive.warc_reader import warc_path
from archive.withholding import withhold

FIRST = seen("1", "Huyện họp", "Nội dung một.")
EDITED = seen("1", "Huyện họp", "Nội dung hai.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Article 1 in two versions, the second seen twice; article 2."""
    store(tmp_path, [FIRST, seen("2", "Bài khác", "Bài khác.")])
    for day in (3, 4):
        store(tmp_path, [EDITED], START.replace(day=day))
    return tmp_path


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(record, arguments, obj=CommandContext(root))


def told(root: Path, reference: str) -> list[dict[str, Any]]:
    result = run(root, reference, "--json")
    assert result.exit_code == 0, result.output
    document: list[dict[str, Any]] = json.loads(result.stdout)
    return document


def captures(root: Path) -> list[dict[str, Any]]:
    with closing(open_for_reading(root)) as connection:
        rows = connection.execute("SELECT * FROM captures JOIN capture USING (id) ORDER BY id")
        return [dict(row) for row in rows]


@pytest.mark.parametrize(
    "form",
    [
        "{record_id}",
        "{bare}",
        "{upper}",
        "{payload_digest}",
        "{hex}",
        "{warc_file}:{warc_offset}",
        "./{warc_file}.open:{warc_offset}",
        "{id}",
        "{url}",
    ],
)
def test_every_way_to_name_a_record_leads_to_its_version(root: Path, form: str) -> None:
    capture = captures(root)[1]
    names = {
        "bare": capture["record_id"].strip("<>"),
        "upper": capture["record_id"].strip("<>").removeprefix("urn:uuid:").upper(),
        "hex": capture["payload_digest"].removeprefix("sha256:"),
    }
    (use,) = told(root, form.format(**capture, **names))
    assert use["capture"]["id"] == 2
    assert use["versions"] == [{"article_id": 2, "version": 1, "title": "Bài khác", "made": True}]
    assert use["check"]["passed"]


def test_an_address_leads_to_all_its_records_and_says_which_only_saw_it_again(root: Path) -> None:
    uses = told(root, FIRST.article.url)
    assert [
        (use["capture"]["place"]["record_type"], version["version"], version["made"])
        for use in uses
        for version in use["versions"]
    ] == [("response", 1, True), ("response", 2, True), ("revisit", 2, False)]
    assert [use["held_by"]["id"] for use in uses] == [1, 3, 3]


def test_it_reads_like_the_citation(root: Path) -> None:
    result = run(root, captures(root)[0]["record_id"])
    assert result.exit_code == 0
    assert "Gave          article 1, version 1: Huyện họp" in result.stdout
    assert "the stored bytes are the captured bytes" in result.stdout


def test_what_is_withheld_is_not_told(root: Path) -> None:
    with closing(open_for_writing(root)) as connection, transaction(connection):
        withhold(connection, 1, (), reason="r", person="p", now=utc_text(START))
    result = run(root, FIRST.article.url)
    assert result.exit_code == 0
    assert "withheld" in result.stdout
    assert "họp" not in result.stdout
    assert all(use["versions"] == [] for use in told(root, FIRST.article.url))
    with closing(open_for_writing(root)) as connection, transaction(connection):
        withhold(connection, 2, (1,), reason="r", person="p", now=utc_text(START))
    assert told(root, "2")[0]["versions"] == []


def test_a_damaged_record_is_told_with_status_1(root: Path) -> None:
    capture = captures(root)[0]
    path = warc_path(root, capture["warc_file"])
    content = bytearray(path.read_bytes())
    content[capture["warc_offset"] + capture["warc_length"] // 2] ^= 0xFF
    path.write_bytes(content)
    result = run(root, "1")
    assert isinstance(result.exception, HuyenError)
    assert str(result.exception) == "not what it was: capture 1"
    assert "cannot be read" in result.stdout


@pytest.mark.parametrize(
    "reference", ["urn:uuid:00000000-0000-0000-0000-000000000000", "sha256:" + "0" * 64, "99"]
)
def test_what_is_not_there(root: Path, reference: str) -> None:
    result = run(root, reference)
    assert isinstance(result.exception, HuyenError)
    assert result.exception.exit_status == 1
    assert "is not in this archive" in str(result.exception)


def test_what_is_no_reference(root: Path) -> None:
    assert isinstance(run(root, "họp").exception, UsageError)


def test_the_article_that_offers_a_file_is_named(tmp_path: Path) -> None:
    url = "https://thoxuan.example/kh.docx"
    page = Article("https://thoxuan.example/1", "Kế hoạch", attachments=(Attachment(url, "KH"),))
    crawl(tmp_path, [page], [Served(url, docx(["Nội dung"]))])
    read_attachments(tmp_path, clock=lambda: START)
    (use,) = told(tmp_path, url)
    assert use["file_articles"] == [1]
