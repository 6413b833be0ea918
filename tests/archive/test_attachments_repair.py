"""The full-text index of attachments: `verify` sees that it does not fit, `verify --repair` mends it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from attachment_files import Served, crawl, docx
from captured_pages import Clock
from stored_articles import START

from archive.attachments.run import read_attachments
from archive.attachments.search import search_attachments
from archive.database import open_for_reading
from archive.fixity import verify
from archive.repair import repair
from archive.schema import Article, Attachment

HOME = "https://thoxuan.example"
LATER = START + timedelta(days=3)
TEXTS = {"mot.docx": "Biên bản hoà giải ở thôn Một", "hai.docx": "Kinh phí thủy lợi của xã"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "archive"
    files = tuple(Attachment(f"{HOME}/{name}", name) for name in TEXTS)
    pages = [Served(f"{HOME}/{name}", docx([text]), "") for name, text in TEXTS.items()]
    crawl(root, [Article(f"{HOME}/1", title="Văn bản", attachments=files)], pages)
    read_attachments(root, clock=Clock(START))
    return root


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "archive")


def found(root: Path, query: str) -> list[str]:
    with closing(open_for_reading(root)) as connection:
        return [hit.label for hit in search_attachments(connection, query)]


def edit(root: Path, sql: str) -> None:
    with closing(sqlite3.connect(root / "archive.db")) as connection, connection:
        connection.executescript(sql)


DAMAGES = {
    "emptied": "INSERT INTO attachment_fts(attachment_fts) VALUES ('delete-all')",
    "an entry lost": "DELETE FROM attachment_fts_docsize WHERE id = 1",
    "an entry of no file": "INSERT INTO attachment_fts(rowid, body_folded) VALUES (99, 'hoa giai')",
    "other words": "INSERT INTO attachment_fts(rowid, body_folded) VALUES (1, 'xa la')",
    "blocks lost": "DELETE FROM attachment_fts_data WHERE id > 10",
    "structure lost": "DELETE FROM attachment_fts_data",
    "blocks overwritten": "UPDATE attachment_fts_data SET block = x'00ff00ff00ff' WHERE id > 10",
    "taken for unread": "UPDATE attachment_part SET indexed = 0",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_index_is_seen_and_made_anew(archive: Path, damage: str) -> None:
    assert verify(archive, LATER).ok
    edit(archive, damage)
    seen = verify(archive, LATER)
    assert "attachment-text" in {problem.kind for problem in seen.problems}, seen.problems
    report = repair(archive, LATER, clock=Clock(LATER))
    assert report.attachment_index_made_anew
    assert report.after.ok, report.after.problems
    assert "The full-text index of attachments was made anew." in report.lines()
    assert not report.index_made_anew, "that of the articles was sound"
    assert found(archive, "hòa giải") == ["mot.docx"]
    assert found(archive, "thuy loi") == ["hai.docx"]
    assert found(archive, "biên bản kinh phí") == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE attachment_part SET text = 'Biên bản' WHERE file_id = 1",
        "DELETE FROM attachment_part WHERE file_id = 1",
        "UPDATE attachment_part SET text = text || ' và những chữ thêm vào' WHERE file_id = 1",
    ],
)
def test_a_text_that_was_changed_is_not_believed_but_read_again(archive: Path, damage: str) -> None:
    edit(archive, damage)
    assert "attachment" in {problem.kind for problem in verify(archive, LATER).problems}
    report = repair(archive, LATER, clock=Clock(LATER))
    assert report.after.ok, report.after.problems
    assert report.forgotten == [1]
    assert "Attached files that `huyen attachments` is to read again: 1." in report.lines()
    assert found(archive, "biên bản") == []
    assert found(archive, "thuy loi") == ["hai.docx"]
    read_attachments(archive, clock=Clock(LATER))
    assert found(archive, '"biên bản hòa giải ở thôn một"') == ["mot.docx"]
    assert found(archive, "them vao") == []
    assert verify(archive, LATER).ok


def test_what_is_read_after_a_repair_is_found_beside_the_rest(archive: Path) -> None:
    edit(archive, DAMAGES["blocks lost"])
    repair(archive, LATER, clock=Clock(LATER))
    report = read_attachments(archive, clock=Clock(LATER), retry=True)
    assert report.files == []
    assert found(archive, "kinh phí") == ["hai.docx"]
    assert verify(archive, LATER).ok


def test_an_index_that_the_next_run_makes_anew_is_no_damage(archive: Path) -> None:
    """After an update of the program that derives the index otherwise."""
    edit(archive, "UPDATE meta SET value = 'of before' WHERE key = 'attachment_index_text'")
    assert verify(archive, LATER).ok
