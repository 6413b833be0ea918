"""From captures to text that is stored: once a payload, resumable, beside a crawl, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from attachment_files import NOTICE, Served, crawl, docx, scanned_pdf, text_pdf, xlsx
from stored_articles import START

from archive.attachments import storage
from archive.attachments.run import LOCK_NAME, Report, read_attachments
from archive.attachments.search import search_attachments
from archive.attachments.tesseract import installed
from archive.database import open_for_reading
from archive.errors import ArchiveError, ArchiveLocked, UsageError
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.lock import ArchiveLock
from archive.schema import Article, Attachment
from archive.timestamps import utc_now

HOME = "https://thoxuan.example"
PDF = f"{HOME}/tep/thong-bao.pdf"


def article(path: str, *urls: str, **fields: object) -> Article:
    files = tuple(Attachment(url, "Tải về") for url in urls)
    values = {"title": f"Văn bản {path}", "attachments": files} | fields
    return Article(f"{HOME}/{path}", **values)  # type: ignore[arg-type]


def read(root: Path, **options: object) -> Report:
    return read_attachments(root, clock=lambda: START, **options)  # type: ignore[arg-type]


def rows(root: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def found(root: Path, query: str) -> list[tuple[str, str]]:
    """URL and best part of each file found."""
    with closing(open_for_reading(root)) as connection:
        return [(hit.url, hit.parts[0].label()) for hit in search_attachments(connection, query)]


def test_the_text_of_an_attachment_is_stored_with_its_page(tmp_path: Path) -> None:
    body = text_pdf(["Trang bìa"], NOTICE)
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, body, "application/pdf")])
    report = read(tmp_path)
    assert [(f.site, f.url, f.file_type, f.state) for f in report.files] == [
        ("tho-xuan", PDF, "pdf", "done")
    ]
    assert rows(
        tmp_path,
        "SELECT article_id, site, url, label, file_type, state, parts, characters > 80 "
        "FROM attachments",
    ) == [(1, "tho-xuan", PDF, "Tải về", "pdf", "done", 2, 1)]
    assert rows(tmp_path, "SELECT number, kind, how, text FROM attachment_texts") == [
        (1, "page", "text", "Trang bìa"),
        (2, "page", "text", "\n".join(NOTICE)),
    ]
    assert found(tmp_path, "nao vet kenh muong") == [(PDF, "trang 2")]
    runs = rows(tmp_path, "SELECT command, outcome, ended_at IS NULL FROM runs ORDER BY id DESC")
    assert runs[0] == ("attachments", "done", 0)


def test_a_file_under_many_addresses_is_read_once(tmp_path: Path) -> None:
    body, other = docx(NOTICE), f"{HOME}/tep/ban-sao.docx"
    files = [Served(PDF, body), Served(other, body)]
    crawl(tmp_path, [article("1", PDF), article("2", PDF, other)], files)
    assert len(read(tmp_path).files) == 1
    assert rows(tmp_path, "SELECT article_id, url FROM attachments ORDER BY 1, 2") == [
        (1, PDF),
        (2, other),
        (2, PDF),
    ]
    with closing(open_for_reading(tmp_path)) as connection:
        (hit,) = search_attachments(connection, "kênh mương")
    assert [(a.article_id, a.title, a.current) for a in hit.articles] == [
        (1, "Văn bản 1", True),
        (2, "Văn bản 2", True),
    ]


def test_a_second_run_reads_only_what_is_new(tmp_path: Path) -> None:
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, docx(NOTICE))])
    read(tmp_path)
    assert read(tmp_path) == Report()
    new = f"{HOME}/tep?id=9"
    # Captured before its article was: the address is matched all the same.
    crawl(tmp_path, [], [Served(new, xlsx())])
    assert read(tmp_path).files == []
    crawl(tmp_path, [article("2", new)])
    assert [f.url for f in read(tmp_path).files] == [new]
    assert found(tmp_path, "lò thị mận") == [(new, "sheet Biểu 1")]
    assert found(tmp_path, "nạo vét") == [(PDF, "toàn văn")]


def test_a_file_that_changed_under_its_address_is_there_in_both_forms(tmp_path: Path) -> None:
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, docx(["Dự thảo lần một"]))])
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, docx(["Bản chính thức"]))])
    assert len(read(tmp_path).files) == 2
    assert found(tmp_path, "dự thảo") == found(tmp_path, "chính thức") == [(PDF, "toàn văn")]


def test_a_redirect_leads_to_the_file(tmp_path: Path) -> None:
    link, middle = f"{HOME}/download?id=7", f"{HOME}/tep/chuyen"
    files = [
        Served(link, location="/tep/chuyen"),
        Served(middle, location=f"{HOME}/tep/that.bin"),
        Served(f"{HOME}/tep/that.bin", docx(NOTICE)),
    ]
    crawl(tmp_path, [article("1", link)], files)
    assert [f.state for f in read(tmp_path).files] == ["done"]
    assert found(tmp_path, "kênh mương") == [(link, "toàn văn")]


def test_redirects_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    link = f"{HOME}/vong"
    crawl(tmp_path, [article("1", link)], [Served(link, location=link)])
    assert read(tmp_path).files == []
    assert rows(tmp_path, "SELECT url, state FROM attachments") == [(link, "not captured")]


def test_a_document_that_no_article_names_is_read_too(tmp_path: Path) -> None:
    named = f"{HOME}/van-ban/35.DOCX"
    files = [
        Served(PDF, text_pdf(NOTICE), "Application/PDF"),
        Served(named, docx(["Nghị quyết 35"])),
        Served(f"{HOME}/khac.bin", docx(["không phải văn bản"])),
    ]
    crawl(tmp_path, [], files)
    read(tmp_path)
    assert found(tmp_path, "kênh mương") == [(PDF, "trang 1")]
    assert found(tmp_path, "nghị quyết 35") == [(named, "toàn văn")]
    assert found(tmp_path, "không phải văn bản") == []
    assert rows(tmp_path, "SELECT DISTINCT article_id FROM attachments") == [(None,)]


def test_several_files_can_be_read_at_once(tmp_path: Path) -> None:
    urls = [f"{HOME}/{n}.docx" for n in range(7)]
    files = [Served(url, docx([f"Tệp số {n}"])) for n, url in enumerate(urls)]
    crawl(tmp_path, [article("1", *urls)], files)
    assert {f.url for f in read(tmp_path, jobs=3).files} == set(urls)
    assert len(found(tmp_path, "tệp số")) == 7


def test_what_is_not_captured_or_not_read_yet_is_listed(tmp_path: Path) -> None:
    lost, other = f"{HOME}/mat.pdf", f"{HOME}/b.docx"
    crawl(
        tmp_path,
        [article("1", PDF, lost), article("2", other)],
        [Served(PDF, docx(NOTICE)), Served(other, docx(["Hai"]))],
    )
    assert read(tmp_path, limit=1).unread == 1
    assert rows(tmp_path, "SELECT url, state FROM attachments ORDER BY article_id, url") == [
        (lost, "not captured"),
        (PDF, "done"),
        (other, "not read"),
    ]
    assert [f.url for f in read(tmp_path, limit=1).files] == [other]


def test_a_capture_that_was_cut_off_says_so(tmp_path: Path) -> None:
    whole = text_pdf(NOTICE)
    other = f"{HOME}/cut.docx"
    files = [
        Served(PDF, whole, truncated="length"),
        Served(other, docx(NOTICE)[:900], truncated="time"),
    ]
    crawl(tmp_path, [article("1", PDF, other)], files)
    endings = {f.url: (f.state, f.reason) for f in read(tmp_path).files}
    assert endings[PDF] == ("partial", "the capture was cut off (length)")
    assert endings[other][0] == "failed"
    assert endings[other][1].startswith("the capture was cut off (time); ")
    assert found(tmp_path, "kênh mương") == [(PDF, "trang 1")]


def test_a_damaged_record_is_a_listed_failure_and_the_next_file_is_read(tmp_path: Path) -> None:
    other = f"{HOME}/b.docx"
    crawl(
        tmp_path,
        [article("1", PDF, other)],
        [Served(PDF, b"%PDF-1.4 x"), Served(other, docx(NOTICE))],
    )
    ((path, offset),) = rows(
        tmp_path, f"SELECT warc_file, warc_offset FROM captures WHERE url = '{PDF}'"
    )
    with (tmp_path / str(path)).open("r+b") as warc:
        warc.seek(int(str(offset)) + 30)
        warc.write(b"\xff" * 8)
    states = {f.url: (f.state, f.reason) for f in read(tmp_path).files}
    assert states[PDF][0] == "failed"
    assert "its bytes cannot be had" in states[PDF][1]
    assert states[other] == ("done", "")


def test_what_failed_is_tried_again_when_asked_or_when_readers_have_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, b"%PDF-1.4 nothing")])
    assert [f.state for f in read(tmp_path).files] == ["failed"]
    assert read(tmp_path).files == []
    assert [f.state for f in read(tmp_path, retry=True).files] == ["failed"]
    monkeypatch.setattr(storage, "READING", storage.READING + 1)
    assert [f.state for f in read(tmp_path).files] == ["failed"]
    assert read(tmp_path).files == []
    assert rows(tmp_path, "SELECT count(*) FROM attachment_file") == [(1,)]


def test_scanned_pages_wait_and_are_recognised_later(tmp_path: Path) -> None:
    tesseract = installed()
    if tesseract is None:
        if os.environ.get("HUYEN_JUDGES") == "required":
            pytest.fail("Tesseract with Vietnamese is not installed")
        pytest.skip("Tesseract with Vietnamese is not installed")
    other = f"{HOME}/b.pdf"
    crawl(
        tmp_path,
        [article("1", PDF, other)],
        [
            Served(PDF, scanned_pdf(NOTICE, ["Phụ lục kèm theo"])),
            Served(other, scanned_pdf(["Một"])),
        ],
    )
    first = read(tmp_path)
    assert (first.waiting, first.states) == (3, {"scanned": 2})
    assert found(tmp_path, "kênh mương") == []
    some = read(tmp_path, tesseract=tesseract, limit=1, jobs=2)
    assert (some.recognised, some.waiting) == (2, 1)
    assert found(tmp_path, "kênh mương") == [(PDF, "trang 1")]
    assert rows(tmp_path, "SELECT url, state FROM attachments ORDER BY url DESC") == [
        (PDF, "done"),
        (other, "scanned"),
    ]
    ((engine, language, how),) = rows(
        tmp_path, "SELECT DISTINCT engine, language, how FROM attachment_texts WHERE text <> ''"
    )
    assert (engine, language, how) == (tesseract.engine, "vie", "ocr")
    assert read(tmp_path, tesseract=tesseract).recognised == 1


def test_a_page_that_was_recognised_before_the_run_was_killed_is_found_by_the_next(
    tmp_path: Path,
) -> None:
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, text_pdf(NOTICE))])
    read(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
        database.execute(
            "INSERT INTO attachment_part(file_id, number, kind, how, text) "
            "VALUES (1, 2, 'page', 'ocr', 'trang thứ hai vừa nhận dạng')"
        )
    assert found(tmp_path, "vừa nhận dạng") == []
    read(tmp_path)
    assert found(tmp_path, "vừa nhận dạng") == [(PDF, "trang 2")]
    assert found(tmp_path, "kênh mương") == [(PDF, "trang 1")]


def test_an_index_of_another_derivation_is_made_anew(tmp_path: Path) -> None:
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, docx(NOTICE))])
    read(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
        database.execute("INSERT INTO attachment_fts(attachment_fts) VALUES ('delete-all')")
        database.execute("UPDATE meta SET value = 'old' WHERE key = 'attachment_index_text'")
    assert found(tmp_path, "kênh mương") == []
    read(tmp_path)
    assert found(tmp_path, "kênh mương") == [(PDF, "toàn văn")]


def test_it_works_beside_a_crawl(tmp_path: Path) -> None:
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, docx(NOTICE))])
    read(tmp_path)
    later = f"{HOME}/sau.docx"
    with ArchiveWriter.open(tmp_path, "crawl", clock=lambda: START) as writer:
        writer.record_exchange("tho-xuan", Served(later, docx(["Đến sau"])).exchange())
        writer.flush()
        assert [f.url for f in read(tmp_path).files] == [later]
        writer.record_exchange("tho-xuan", Served(f"{HOME}/x", b"x").exchange())
    assert found(tmp_path, "đến sau") == [(later, "toàn văn")]
    outcomes = rows(tmp_path, "SELECT command, outcome FROM runs WHERE command = 'attachments'")
    assert outcomes == [("attachments", "done")] * 2
    assert verify(tmp_path, utc_now()).ok


def test_two_at_once_do_not_do_the_same_work(tmp_path: Path) -> None:
    crawl(tmp_path, [])
    with turn(tmp_path), pytest.raises(ArchiveLocked, match="in use by `huyen attachments`"):
        read(tmp_path)
    assert read(tmp_path) == Report()


def test_a_portal_may_be_named(tmp_path: Path) -> None:
    crawl(tmp_path, [article("1", PDF)], [Served(PDF, docx(NOTICE))])
    with pytest.raises(UsageError, match="no portal tho-xuam in this archive; it has: tho-xuan"):
        read(tmp_path, sites=("tho-xuam",))
    with ArchiveWriter.open(tmp_path, "crawl") as writer:
        other = Served("https://b.example/x.pdf", text_pdf(["Khác"]), "application/pdf")
        writer.record_exchange("hoang-hoa", other.exchange())
    assert [f.site for f in read(tmp_path, sites=("tho-xuan",)).files] == ["tho-xuan"]


def test_there_must_be_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="There is no archive"):
        read(tmp_path)
    assert list(tmp_path.iterdir()) == []


def command(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "crawler.command", "--archive", str(root), "attachments"]
    return subprocess.run([*line, *arguments], capture_output=True, text=True, check=False)


def test_the_command_tells_what_it_did(tmp_path: Path) -> None:
    broken = f"{HOME}/hong.pdf"
    crawl(
        tmp_path,
        [article("1", PDF, broken)],
        [Served(PDF, docx(NOTICE)), Served(broken, b"%PDF-1.4 nothing")],
    )
    done = command(tmp_path, "--no-ocr", "--limit", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["files", "done", "1", "files", "left", "1"]
    document = json.loads(command(tmp_path, "--no-ocr", "--json").stdout)
    assert document["states"] == {"failed": 1}
    assert document["files"][0]["url"] == broken
    assert document["files"][0]["reason"].startswith("not a PDF that can be opened")
    retried = command(tmp_path, "--no-ocr", "--retry").stdout
    assert retried.startswith(f"failed      {broken}: not a PDF that can be opened")
    assert command(tmp_path, "--no-ocr").stdout == "Nothing new to read.\n"


def test_recognition_that_is_asked_for_and_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    crawl(tmp_path, [])
    line = [sys.executable, "-m", "crawler.command", "--archive", str(tmp_path)]
    done = subprocess.run(
        [*line, "attachments", "--ocr"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": "/nonexistent"},
    )
    assert done.returncode == 1
    assert "apt install tesseract-ocr tesseract-ocr-vie" in done.stderr


def turn(root: Path) -> ArchiveLock:
    return ArchiveLock(root, "huyen attachments", utc_now(), name=LOCK_NAME)


def is_free(root: Path) -> bool:
    try:
        with turn(root):
            return True
    except ArchiveLocked:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_loses_nothing(tmp_path: Path, number: signal.Signals) -> None:
    urls = [f"{HOME}/{n}.docx" for n in range(8)]
    crawl(
        tmp_path,
        [article("1", *urls)],
        [Served(url, docx([f"Tệp số {n}"])) for n, url in enumerate(urls)],
    )
    line = [sys.executable, "-m", "crawler.command", "--archive", str(tmp_path), "attachments"]
    process = subprocess.Popen(
        [*line, "--no-ocr", "--jobs", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    stored = 0
    while stored < 3 and process.poll() is None:
        with closing(open_for_reading(tmp_path)) as connection:
            (stored,) = connection.execute("SELECT count(*) FROM attachment_file").fetchone()
    process.send_signal(number)
    process.communicate()
    assert process.returncode == (143 if number is signal.SIGTERM else -number)
    before = rows(tmp_path, "SELECT payload_digest, read_at FROM attachment_file ORDER BY id")
    assert 3 <= len(before) < 8
    assert rows(tmp_path, "SELECT outcome FROM runs ORDER BY id DESC")[0] == ("interrupted",)
    while not is_free(tmp_path):  # a worker that was being started has the lock until it is one
        continue
    assert len(read(tmp_path).files) == 8 - len(before)
    after = rows(tmp_path, "SELECT payload_digest, read_at FROM attachment_file ORDER BY id")
    assert after[: len(before)] == before
    assert len(found(tmp_path, "tệp số")) == 8
