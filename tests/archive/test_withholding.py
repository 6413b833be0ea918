"""What is withheld is gone for everybody, lost for nobody, and comes back when it may."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from similar_texts import edited, prose
from stored_articles import START, Seen, seen, store

from archive.cdxj import update_index
from archive.clusters import cluster_of
from archive.commands.context import CommandContext
from archive.commands.export import export
from archive.commands.search import search
from archive.commands.show import show
from archive.commands.withhold import restore, withhold
from archive.database import open_for_reading
from archive.errors import ArchiveLocked, HuyenError, UsageError
from archive.exchange import Exchange
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.lock import ArchiveLock
from archive.schema import Attachment, Image, PageKind, Reading

NAMED = seen("1", "Danh sách hộ nghèo", f"Ông Nguyễn Văn A ở thôn Đông. {prose(1)}")
CLEANED = replace(NAMED.article, body_text=f"Danh sách đã được gỡ bỏ. {prose(1)}")
COPY = seen("9", "Danh sách", f"Ông Nguyễn Văn A ở thôn Đông. {edited(prose(1), 60)}", "vi-thuy")
OTHER = seen("2", "Việc khác", prose(2))
FACTS = ("--reason", "Công văn 12/UBND", "--by", "Lê An")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store(tmp_path, [NAMED, OTHER, COPY])
    return tmp_path


def run(command: object, root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=CommandContext(root))  # type: ignore[arg-type]


def done(command: object, root: Path, *arguments: str) -> str:
    result = run(command, root, *arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def ask(root: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def _fetched(page: Seen, when: datetime, status: int = 200) -> Exchange:
    return Exchange(
        url=page.article.url,
        fetched_at=when,
        request=b"GET / HTTP/1.1\r\n\r\n",
        response_head=f"HTTP/1.1 {status} X\r\n\r\n".encode(),
        payload=b"x",
        status=status,
    )


def assert_sound(root: Path) -> None:
    report = verify(root, datetime(2026, 11, 30, tzinfo=UTC))
    assert report.ok, report.problems


def what_others_see(root: Path, folder: Path) -> str:
    """Everything that goes out of an archive in part, as one text."""
    folder.mkdir()
    found = [
        done(search, root, "danh sach", "--json"),
        done(search, root, "nguyen van a", "--json"),
    ]
    for format_ in ("jsonl", "csv", "wacz", "cdxj"):
        out = folder / f"out.{format_}"
        done(export, root, format_, str(out))
        if format_ == "wacz":
            with zipfile.ZipFile(out) as package:
                found += [
                    package.read(name).decode(errors="replace")
                    for name in package.namelist()
                    if name.startswith("pages/")
                ]
        else:
            found.append(out.read_text(encoding="utf-8"))
    for view in ("articles", "versions", "near_duplicates"):
        found += map(str, ask(root, f"SELECT * FROM {view}"))
    return "\n".join(found)


def captures_in_index(root: Path, path: Path) -> int:
    with closing(open_for_reading(root)) as connection:
        return update_index(connection, path).lines


def test_a_withheld_article_is_gone_from_all_that_others_see(root: Path, tmp_path: Path) -> None:
    before = what_others_see(root, tmp_path / "before")
    assert NAMED.article.url in before
    lines = captures_in_index(root, tmp_path / "a.cdxj")
    done(withhold, root, "1", *FACTS)
    after = what_others_see(root, tmp_path / "after")
    assert NAMED.article.url not in after
    assert COPY.article.url in after
    assert captures_in_index(root, tmp_path / "b.cdxj") == lines - 1
    refused = run(show, root, "1")
    assert isinstance(refused.exception, HuyenError)
    assert "withheld" in str(refused.exception)
    assert "Nguyễn" not in refused.output + str(refused.exception)
    with closing(open_for_reading(root)) as connection:
        assert cluster_of(connection, 1).alike == cluster_of(connection, 3).alike == ()
    assert_sound(root)
    done(restore, root, "1", *FACTS)
    assert what_others_see(root, tmp_path / "again") == before


def test_nothing_is_lost_and_everything_is_written_down(root: Path) -> None:
    done(withhold, root, "1", "--reason", "Công văn\n12", "--by", "Lê An")
    done(restore, root, "1", "--reason", "hết hạn", "--by", "Hà")
    done(withhold, root, "1", "--reason", "tòa án", "--by", "Lê An")
    trail = json.loads(done(withhold, root, "--list", "--json"))
    assert [
        (e["article_id"], e["version"], e["reason"], e["withheld_by"], e["restored_by"])
        for e in trail
    ] == [(1, None, "Công văn 12", "Lê An", "Hà"), (1, None, "tòa án", "Lê An", None)]
    assert trail[0]["restore_reason"] == "hết hạn"
    assert trail[0]["withheld_at"] < trail[0]["restored_at"] < trail[1]["withheld_at"]
    text = done(withhold, root, "--list")
    assert text.count("Article 1") == 2
    assert "shown again" in text
    assert ask(root, "SELECT command, arguments, outcome FROM runs WHERE id > 1") == [
        ("withhold", '["1"]', "done"),
        ("restore", '["1"]', "done"),
        ("withhold", '["1"]', "done"),
    ]
    assert ask(root, "SELECT count(*) FROM version WHERE article_id = 1") == [(1,)]
    assert len(list(root.glob("warc/*/*"))) == 2


def test_it_is_said_where_almost_the_same_is_still_shown(root: Path) -> None:
    said = done(withhold, root, "1", *FACTS)
    assert said.startswith("Article 1 is withheld.\n")
    assert "is still shown: article 3, Huyện Vị Thủy, https://vithuy.example/9" in said
    document = json.loads(done(withhold, root, "3", *FACTS, "--json"))
    assert (document["id"], document["versions"], document["still_shown"]) == (3, [], [])


def test_a_copy_that_comes_after_it_was_withheld_is_listed(root: Path) -> None:
    done(withhold, root, "3", *FACTS)
    done(withhold, root, "1", *FACTS)
    later = replace(COPY.article, url="https://hoanghoa.example/5")
    store(root, [replace(COPY, article=later, site="hoang-hoa")], START.replace(day=9))
    (copy_id,) = ask(root, f"SELECT id FROM articles WHERE url = '{later.url}'")[0]
    trail = json.loads(done(withhold, root, "--list", "--json"))
    assert [[like["id"] for like in entry["still_shown"]] for entry in trail] == [
        [copy_id],
        [copy_id],
    ]
    text = done(withhold, root, "--list")
    assert text.count(f"is still shown: article {copy_id}, Huyện Hoằng Hóa, {later.url}") == 2
    done(restore, root, "1", *FACTS)
    done(withhold, root, str(copy_id), *FACTS)
    trail = json.loads(done(withhold, root, "--list", "--json"))
    assert [[like["id"] for like in entry["still_shown"]] for entry in trail] == [[1], [], [1]]


def test_a_copy_of_a_withheld_version_is_told_and_the_article_itself_is_none(
    cleaned: Path,
) -> None:
    copy = replace(NAMED.article, url="https://hoanghoa.example/5")
    store(cleaned, [replace(NAMED, article=copy, site="hoang-hoa")], START.replace(day=9))
    said = done(withhold, cleaned, "1", "--version", "1", *FACTS)
    shown = [line.partition(" is still shown: ") for line in said.splitlines()[1:]]
    assert [(how, which.split(",")[0]) for how, _, which in shown] == [
        ("The same text", "article 4"),
        ("Almost the same text (0.92)", "article 3"),
    ]


@pytest.mark.parametrize("edit", [{}, {"title": "Danh sách hộ nghèo (sửa)"}])
def test_a_later_crawl_leaves_it_withheld(root: Path, edit: dict[str, str]) -> None:
    done(withhold, root, "1", *FACTS)
    page = Seen(replace(NAMED.article, **edit))  # type: ignore[arg-type]
    store(root, [page, OTHER], START.replace(day=3))
    moved = replace(page.article, url="https://thoxuan.example/moved")
    store(root, [Seen(moved)], START.replace(day=4))
    assert ask(root, "SELECT id, site FROM articles") == [(2, "tho-xuan"), (3, "vi-thuy")]
    assert ask(root, "SELECT count(*) FROM near_duplicates") == [(0,)]
    assert_sound(root)
    done(restore, root, "1", *FACTS)
    title = edit.get("title", NAMED.article.title)
    assert ask(root, "SELECT title, status FROM articles WHERE id = 1") == [(title, "current")]
    assert ask(root, "SELECT count(*) FROM near_duplicates") == [(1,)]


def test_its_files_go_with_it_except_those_that_are_still_shown(tmp_path: Path) -> None:
    host = "https://thoxuan.example/"
    names, form = Attachment(f"{host}names.pdf", "Danh sách"), Attachment(f"{host}form.doc")
    photo = Image(f"{host}photo.jpg")
    before = seen("1", "Danh sách", prose(1), images=(photo,), attachments=(names, form))
    store(tmp_path, [before, OTHER])
    store(
        tmp_path,
        [Seen(replace(before.article, body_text=prose(3), images=(), attachments=(form,)))],
        START.replace(day=3),
    )
    when = START.replace(day=4)
    with ArchiveWriter.open(tmp_path, "crawl", clock=lambda: when) as writer:
        for file in (names, form, photo):
            page = Seen(replace(before.article, url=file.url))
            sent = replace(_fetched(page, when), payload=file.url.encode())
            capture = writer.record_exchange("tho-xuan", sent)
            writer.record_reading(capture, Reading(PageKind.ASSET, "test", "1"))

    def replayable() -> set[str]:
        with closing(open_for_reading(tmp_path)) as connection:
            update_index(connection, tmp_path / "index.cdxj")
        index = (tmp_path / "index.cdxj").read_text(encoding="utf-8").splitlines()
        return {json.loads(line.split(" ", 2)[2])["url"].removeprefix(host) for line in index}

    assert replayable() == {"1", "2", "names.pdf", "form.doc", "photo.jpg"}
    done(withhold, tmp_path, "1", *FACTS, "--version", "1")
    assert replayable() == {"1", "2", "form.doc"}
    done(withhold, tmp_path, "1", *FACTS)
    assert replayable() == {"2"}
    late = Attachment(f"{host}late.pdf")
    store(
        tmp_path,
        [Seen(replace(before.article, attachments=(late,))), seen("late.pdf", "x")],
        START.replace(day=5),
    )
    assert replayable() == {"2"}
    done(restore, tmp_path, "1", *FACTS)
    done(restore, tmp_path, "1", *FACTS, "--version", "1")
    assert replayable() == {"1", "2", "names.pdf", "form.doc", "photo.jpg", "late.pdf"}
    assert_sound(tmp_path)


def test_what_the_portal_removed_meanwhile_is_gone_when_restored(root: Path) -> None:
    done(withhold, root, "1", *FACTS)
    for day in (5, 6):
        _missing(root, NAMED, START.replace(day=day))
    assert ask(root, "SELECT status FROM article WHERE id = 1") == [("withheld",)]
    done(restore, root, "1", *FACTS)
    assert ask(root, "SELECT status FROM articles WHERE id = 1") == [("gone",)]


def _missing(root: Path, page: Seen, when: datetime) -> None:
    with ArchiveWriter.open(root, "crawl", clock=lambda: when) as writer:
        capture = writer.record_exchange(page.site, _fetched(page, when, 404))
        writer.record_reading(capture, Reading(PageKind.MISSING, "test", "1"))


# -- single versions --------------------------------------------------------------------------------


@pytest.fixture
def cleaned(root: Path) -> Path:
    """The portal has taken a name out of an article: version 1 has it, version 2 does not."""
    store(root, [Seen(CLEANED)], START.replace(day=3))
    return root


def test_an_old_version_is_withheld_and_the_article_stays(cleaned: Path, tmp_path: Path) -> None:
    lines = captures_in_index(cleaned, tmp_path / "a.cdxj")
    assert done(withhold, cleaned, "1", *FACTS, "--version", "1").startswith(
        "Version 1 of article 1 is withheld.\n"
    )
    assert ask(cleaned, "SELECT number FROM versions WHERE article_id = 1") == [(2,)]
    assert ask(cleaned, "SELECT versions FROM articles WHERE id = 1") == [(1,)]
    assert captures_in_index(cleaned, tmp_path / "b.cdxj") == lines - 1
    shown = done(show, cleaned, "1")
    assert "đã được gỡ bỏ" in shown
    assert "Withheld      version 1" in shown
    for arguments in (["--versions"], ["--versions", "--json"], ["--html"], ["--prov"]):
        assert "Nguyễn" not in done(show, cleaned, "1", *arguments)
    refused = run(show, cleaned, "1", "--diff", "1", "2")
    assert str(refused.exception) == "version 1 of article 1 is withheld and cannot be shown"
    package = tmp_path / "x.wacz"
    done(export, cleaned, "wacz", str(package))
    with zipfile.ZipFile(package) as file:
        pages = file.read("pages/pages.jsonl").decode()
        records = [name for name in file.namelist() if name.startswith("archive/tho-xuan")]
    assert "article-1-2" in pages
    assert "article-1-1" not in pages
    assert len(records) == 2
    assert any(name.endswith("-part.warc.gz") for name in records)
    assert_sound(cleaned)
    done(restore, cleaned, "1", *FACTS, "--version", "1")
    assert ask(cleaned, "SELECT versions FROM articles WHERE id = 1") == [(2,)]


def test_when_the_current_version_is_withheld_the_one_before_is_shown(cleaned: Path) -> None:
    done(withhold, cleaned, "1", *FACTS, "--version", "2")
    assert "Nguyễn Văn A" in done(show, cleaned, "1")
    assert done(search, cleaned, "go bo", "--json").count('"id": 1') == 0
    assert ask(cleaned, "SELECT count(*) FROM near_duplicates") == [(1,)]
    store(cleaned, [Seen(CLEANED)], START.replace(day=6))
    assert ask(cleaned, "SELECT count(*) FROM version WHERE article_id = 1") == [(2,)]
    assert "Nguyễn Văn A" in done(show, cleaned, "1")
    assert_sound(cleaned)
    done(restore, cleaned, "1", *FACTS, "--version", "2")
    assert "đã được gỡ bỏ" in done(show, cleaned, "1")
    assert_sound(cleaned)


def test_an_article_without_a_version_to_show_is_withheld_until_there_is_one(root: Path) -> None:
    done(withhold, root, "1", *FACTS, "--version", "1")
    assert ask(root, "SELECT id FROM articles") == [(2,), (3,)]
    store(root, [NAMED], START.replace(day=3))
    assert ask(root, "SELECT id FROM articles") == [(2,), (3,)]
    store(root, [Seen(CLEANED)], START.replace(day=4))
    assert ask(root, "SELECT id, status, versions FROM articles WHERE id = 1") == [
        (1, "current", 1)
    ]
    assert "Nguyễn" not in done(show, root, "1")
    assert_sound(root)


def test_withheld_words_do_not_come_back_as_another_version(cleaned: Path) -> None:
    done(withhold, cleaned, "1", *FACTS, "--version", "1")
    store(cleaned, [NAMED], START.replace(day=4))  # the portal goes back to what it had
    assert "đã được gỡ bỏ" in done(show, cleaned, "1")
    assert ask(cleaned, "SELECT number FROM versions WHERE article_id = 1") == [(2,)]
    moved = replace(NAMED.article, url="https://thoxuan.example/moved")
    store(cleaned, [Seen(moved)], START.replace(day=5))
    assert "Nguyễn Văn A" not in "".join(
        str(row) for row in ask(cleaned, "SELECT * FROM versions WHERE site = 'tho-xuan'")
    )
    again = json.loads(done(restore, cleaned, "1", *FACTS, "--version", "1", "--json"))
    assert again["versions"] == [1, 3]
    assert "Nguyễn Văn A" in done(show, cleaned, "1")  # what the portal shows now
    assert_sound(cleaned)


def test_nor_as_another_reading_of_the_same_bytes(root: Path) -> None:
    done(withhold, root, "1", *FACTS, "--version", "1")
    better = replace(NAMED.article, author="Nguyễn Văn B")
    with ArchiveWriter.open(root, "reextract") as writer:
        writer.record_reading(1, Reading(PageKind.ARTICLE, "test", "2", better))
    assert ask(root, "SELECT number, cause FROM version WHERE article_id = 1 ORDER BY number") == [
        (1, "first"),
        (2, "extraction"),
    ]
    assert ask(root, "SELECT id FROM articles") == [(2,), (3,)]
    assert ask(root, "SELECT version FROM withholdings") == [(1,), (2,)]
    assert_sound(root)
    done(restore, root, "1", *FACTS, "--version", "2")
    assert "Nguyễn Văn B" in done(show, root, "1")


# -- the command ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        (withhold, ["99", *FACTS], "there is no article 99"),
        (withhold, ["1", *FACTS, "--version", "7"], "article 1 has no version 7"),
        (restore, ["1", *FACTS], "article 1 is not withheld"),
        (restore, ["1", *FACTS, "--version", "1"], "article 1: not withheld: version 1"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    root: Path, command: object, arguments: Sequence[str], message: str
) -> None:
    result = run(command, root, *arguments)
    assert isinstance(result.exception, HuyenError)
    assert str(result.exception).startswith(message)
    assert ask(root, "SELECT count(*) FROM runs") == [(1,)]


def test_a_second_time_is_said(root: Path) -> None:
    done(withhold, root, "1", *FACTS)
    assert "already" in str(run(withhold, root, "1", *FACTS).exception)
    done(withhold, root, "2", *FACTS, "--version", "1")
    assert "already" in str(run(withhold, root, "2", *FACTS, "--version", "1").exception)
    assert "some of its versions are: 1" in str(run(restore, root, "2", *FACTS).exception)


@pytest.mark.parametrize(
    "arguments",
    [["1"], ["1", "--reason", "x"], ["1", "--reason", " ", "--by", "Lan"], [], ["1", "--list"]],
)
def test_who_and_why_must_be_said(root: Path, arguments: list[str]) -> None:
    assert isinstance(run(withhold, root, *arguments).exception, UsageError)


def test_there_must_be_an_archive(tmp_path: Path) -> None:
    result = run(withhold, tmp_path / "none", "1", *FACTS)
    assert "no archive" in str(result.exception)
    assert not (tmp_path / "none").exists()


def test_a_court_order_does_not_wait_for_the_crawl(root: Path) -> None:
    clock = iter(range(1_000_000))

    def now() -> datetime:
        return START.replace(day=7, second=next(clock) % 60)

    with ArchiveWriter.open(root, "crawl", clock=now, group_seconds=1e6) as writer:
        capture = writer.record_exchange("tho-xuan", _fetched(NAMED, now()))
        writer.record_reading(capture, Reading(PageKind.ARTICLE, "test", "1", NAMED.article))
        command = [sys.executable, "-m", "crawler.command", "--archive", str(root), "withhold", "1"]
        subprocess.run([*command, *FACTS], check=True, timeout=60, capture_output=True)
        assert ask(root, "SELECT id FROM articles") == [(2,), (3,)]
    assert ask(root, "SELECT id FROM articles") == [(2,), (3,)]
    assert ask(root, "SELECT command, outcome FROM runs ORDER BY id") == [
        ("crawl", "done"),
        ("crawl", "done"),
        ("withhold", "done"),
    ]
    assert_sound(root)


def test_beside_a_crawl_of_another_version_it_does_wait(root: Path) -> None:
    with closing(sqlite3.connect(root / "archive.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = 'of another version' WHERE key = 'index_text'")
    with ArchiveLock(root, "huyen crawl", START):
        result = run(withhold, root, "1", *FACTS)
    assert isinstance(result.exception, ArchiveLocked)
    assert ask(root, "SELECT count(*) FROM withholdings") == [(0,)]
    done(withhold, root, "1", *FACTS)
    assert_sound(root)


def test_a_file_is_withheld_behind_a_redirect_too_and_the_home_page_is_not(tmp_path: Path) -> None:
    home = "https://thoxuan.example/"
    named = {name: f"{home}tep/{name}" for name in ("cu.pdf", "mat.pdf", "moi.pdf", "nua.pdf")}
    files = tuple(Attachment(named[name], name) for name in ("cu.pdf", "mat.pdf"))
    store(tmp_path, [replace(NAMED, article=replace(NAMED.article, attachments=files)), OTHER])
    led = [
        (named["cu.pdf"], 302, "", b""),
        (named["moi.pdf"], 301, "", named["cu.pdf"].encode()),
        (named["nua.pdf"], 200, "application/pdf", named["moi.pdf"].encode()),
        (named["mat.pdf"], 302, "", b""),
        (home, 200, "text/html", named["mat.pdf"].encode()),
    ]
    with ArchiveWriter.open(tmp_path, "crawl") as writer:
        for second, (url, status, media_type, via) in enumerate(led):
            writer.record_exchange(
                "tho-xuan",
                Exchange(
                    url=url,
                    fetched_at=START.replace(day=4, second=second),
                    request=b"GET / HTTP/1.1\r\n\r\n",
                    response_head=f"HTTP/1.1 {status} X\r\n\r\n".encode(),
                    payload=f"%PDF-1.4 {second}".encode(),
                    status=status,
                    media_type=media_type,
                    via=via.decode(),
                ),
            )
    number = ask(tmp_path, "SELECT id FROM articles WHERE title = 'Danh sách hộ nghèo'")[0][0]
    done(withhold, tmp_path, str(number), *FACTS)
    hidden = {
        row[0]
        for row in ask(
            tmp_path,
            "SELECT url FROM capture WHERE id IN (SELECT id FROM withheld_capture)",
        )
    }
    assert set(named.values()) <= hidden
    assert home not in hidden
    assert_sound(tmp_path)
