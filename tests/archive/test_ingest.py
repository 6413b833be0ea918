"""What becomes a new article, a new version, an alias, a duplicate, and what becomes nothing."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from captured_pages import (
    HOME,
    PARAGRAPH,
    SITE,
    START,
    Clock,
    article,
    exchange,
    failed,
    not_an_article,
    read_as,
)

from archive.counts import Counts
from archive.database import open_for_reading, open_for_writing, transaction
from archive.errors import ArchiveError
from archive.exchange import Exchange
from archive.fixity import verify
from archive.ingest import ArchiveWriter, SiteFacts
from archive.schema import Article, Attachment, Image, PageKind, Reading
from archive.site_runs import SiteRun
from archive.withholding import withhold

Page = tuple[Exchange, Reading | None]


def crawl(root: Path, *pages: Page, site: str = SITE) -> Counts:
    """One run; afterwards everything in the archive agrees with itself."""
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        for sent, reading in pages:
            capture = writer.record_exchange(site, sent)
            if reading is not None:
                writer.record_reading(capture, reading)
    report = verify(root, START)
    assert report.ok, report.problems
    return writer.counts(site)


def reread(root: Path, *readings: tuple[int, Reading]) -> Counts:
    with ArchiveWriter.open(root, "reextract", clock=Clock()) as writer:
        for capture, reading in readings:
            writer.record_reading(capture, reading)
    report = verify(root, START)
    assert report.ok, report.problems
    return writer.counts(SITE)


def page(content: Article, at: int, path: str | None = None, version: str = "1") -> Page:
    """A page that shows the article, with a token that is new each time, as on a real portal."""
    where = content.url.removeprefix(HOME) if path is None else path
    token = f"<!-- {at} -->".encode()
    return exchange(where, content.body_text.encode() + token, at=at), read_as(content, version)


def ask(root: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(sql, parameters)]


def articles(root: Path) -> list[tuple[Any, ...]]:
    return ask(root, "SELECT id, url, status, versions, duplicate_of FROM articles ORDER BY id")


def causes(root: Path) -> list[tuple[Any, ...]]:
    return ask(root, "SELECT number, cause, capture_id FROM version ORDER BY article_id, number")


def current(root: Path) -> list[str]:
    return [row[0] for row in ask(root, "SELECT body_text FROM articles ORDER BY id")]


def found(root: Path, word: str) -> list[int]:
    sql = (
        "SELECT a.id FROM version_fts f JOIN article a ON a.version_id = f.rowid "
        "WHERE version_fts MATCH ? ORDER BY a.id"
    )
    return [row[0] for row in ask(root, sql, word)]


# -- the same, the changed, the gone ---------------------------------------------------------------


def test_two_crawls_of_an_unchanged_portal_add_no_version(tmp_path: Path) -> None:
    first = article(view_count=10)
    assert crawl(tmp_path, page(first, 0)) == Counts(captures=1, new=1)
    again = replace(first, view_count=999, category=("Tin tức",))
    assert crawl(tmp_path, page(again, 60)) == Counts(captures=1, unchanged=1)
    assert articles(tmp_path) == [(1, first.url, "current", 1, None)]
    assert ask(tmp_path, "SELECT view_count FROM version") == [(10,)]
    assert ask(tmp_path, "SELECT view_count, version_id FROM reading") == [(10, 1), (999, 1)]
    seen = ask(tmp_path, "SELECT first_seen, last_seen FROM articles")
    assert seen == [("2026-11-21T08:00:00.000000Z", "2026-11-21T08:01:00.000000Z")]


def test_an_edit_is_a_new_version_and_the_old_one_is_no_longer_found(tmp_path: Path) -> None:
    crawl(tmp_path, page(article(text=PARAGRAPH + " Dự kiến tháng mười."), 0))
    counts = crawl(tmp_path, page(article(text=PARAGRAPH + " Dời sang quý sau."), 60))
    assert counts == Counts(captures=1, changed=1)
    assert causes(tmp_path) == [(1, "first", 1), (2, "edit", 2)]
    assert current(tmp_path) == [PARAGRAPH + " Dời sang quý sau."]
    assert found(tmp_path, "kien") == []
    assert found(tmp_path, "sang") == found(tmp_path, "quy") == [1]


def test_an_edit_that_is_taken_back_is_an_edit(tmp_path: Path) -> None:
    one, two = article(), article(title="Tiêu đề khác")
    crawl(tmp_path, page(one, 0), page(two, 60), page(one, 120))
    assert causes(tmp_path) == [(1, "first", 1), (2, "edit", 2), (3, "edit", 3)]
    same_bytes = [
        (exchange(body=b, at=at), read_as(c))
        for b, at, c in ((b"one", 200, one), (b"two", 260, two), (b"one", 320, one))
    ]
    crawl(tmp_path, *same_bytes)
    assert [row[1] for row in causes(tmp_path)] == ["first", "edit", "edit", "edit", "edit"]


def test_everything_of_an_article_is_stored(tmp_path: Path) -> None:
    content = Article(
        url=HOME + "/tin/9",
        title="Nghị quyết số 35",
        summary="Tóm tắt",
        body_text="Đoạn một\nĐoạn hai",
        author="Lê An – Trung tâm VHTT",
        category=("Tin tức", "Nông nghiệp"),
        published_at="2021-01-14",
        published_raw="Thứ năm, 14/01/2021",
        updated_at="2021-01-15T08:00:00+07:00",
        updated_raw="15/01/2021 08:00",
        view_count=7,
        images=(Image(HOME + "/a.jpg", "Ảnh: kênh", "kenh.jpg"),),
        attachments=(Attachment(HOME + "/a.pdf", "Tải về", "application/pdf"),),
        language="vi",
    )
    reading = Reading(PageKind.ARTICLE, "fixture", "2.1", content, 0.75, ("date-from-url",))
    crawl(tmp_path, (exchange("/tin/9"), reading))
    with closing(open_for_reading(tmp_path)) as connection:
        row = dict(connection.execute("SELECT * FROM version").fetchone())
    assert row["content_hash"] == content.content_hash()
    assert json.loads(row["category"]) == ["Tin tức", "Nông nghiệp"]
    assert json.loads(row["images"]) == [
        {"url": HOME + "/a.jpg", "caption": "Ảnh: kênh", "alt": "kenh.jpg"}
    ]
    assert json.loads(row["attachments"])[0]["media_type"] == "application/pdf"
    assert (row["extractor"], row["extractor_version"], row["confidence"]) == (
        "fixture",
        "2.1",
        0.75,
    )
    assert json.loads(row["notes"]) == ["date-from-url"]
    for name in ("title", "summary", "body_text", "author", "published_at", "published_raw"):
        assert row[name] == getattr(content, name)
    assert (row["updated_at"], row["updated_raw"]) == (content.updated_at, content.updated_raw)
    assert found(tmp_path, "title:nghi AND body:nong") == []
    assert found(tmp_path, "title:quyet AND body:doan") == [1]


def test_an_article_is_gone_when_it_was_missed_twice_until_it_is_seen_again(tmp_path: Path) -> None:
    day = 86_400
    sql = "SELECT status, missing_since, gone_since FROM article"
    first_miss = "2026-11-21T08:01:00.000000Z"
    crawl(tmp_path, page(article(), 0))
    crawl(tmp_path, (exchange(body=b"x", status=404, at=60), None))
    assert ask(tmp_path, sql) == [("current", first_miss, None)]
    crawl(tmp_path, (exchange(body=b"y", status=410, at=90), None))  # too soon to confirm it
    assert ask(tmp_path, sql) == [("current", first_miss, None)]
    crawl(tmp_path, (exchange(body=b"z", at=day), not_an_article(PageKind.MISSING)))
    assert ask(tmp_path, sql) == [("gone", first_miss, first_miss)]
    crawl(tmp_path, page(article(), 30))  # an import of what was there before
    assert ask(tmp_path, sql) == [("gone", first_miss, first_miss)]
    crawl(tmp_path, page(article(), 2 * day))
    assert ask(tmp_path, sql) == [("current", None, None)]
    assert articles(tmp_path) == [(1, article().url, "current", 1, None)]


def test_what_says_nothing_about_an_article_leaves_it(tmp_path: Path) -> None:
    crawl(tmp_path, page(article(), 60))
    crawl(tmp_path, (failed(at=120), None))
    crawl(tmp_path, (exchange(body=b"x", status=500, at=120), None))
    crawl(tmp_path, (exchange(body=b"y", status=404, at=30), None))  # older than the last sight
    crawl(tmp_path, (exchange("/tin/other", b"y", status=404, at=120), None))
    assert articles(tmp_path)[0][2] == "current"


def test_a_withheld_article_stays_withheld(tmp_path: Path) -> None:
    crawl(tmp_path, page(article(), 0))
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        withhold(connection, 1, (), reason="tòa án", person="Lan", now="2026-11-21T09:00:00Z")
    crawl(tmp_path, page(article(title="Sửa lại"), 60))
    crawl(tmp_path, (exchange(body=b"x", status=404, at=90), None))
    assert articles(tmp_path) == []
    assert ask(tmp_path, "SELECT status FROM article") == [("withheld",)]
    assert len(causes(tmp_path)) == 2


def test_a_page_that_could_not_be_read_is_a_listed_failure(tmp_path: Path) -> None:
    counts = crawl(
        tmp_path,
        (exchange("/1", b"a"), not_an_article(PageKind.UNREADABLE)),
        (exchange("/2", b"b"), not_an_article(PageKind.LISTING)),
        (failed("/3"), None),
    )
    assert counts == Counts(captures=3, errors=1, failures=1)
    unreadable = ask(tmp_path, "SELECT capture_id FROM reading WHERE kind = 'unreadable'")
    assert unreadable == [(1,)]
    assert ask(tmp_path, "SELECT error, warc_file FROM captures WHERE id = 3") == [
        ("timeout: no connection", None)
    ]


# -- one article, several URLs ---------------------------------------------------------------------


def test_the_url_as_fetched_and_the_canonical_one_are_both_kept(tmp_path: Path) -> None:
    crawl(tmp_path, page(article("/tin/1"), 0, path="/tin/1?in=1"))
    assert articles(tmp_path) == [(1, HOME + "/tin/1", "current", 1, None)]
    urls = ask(tmp_path, "SELECT url, article_id FROM article_url ORDER BY url")
    assert urls == [(HOME + "/tin/1", 1), (HOME + "/tin/1?in=1", 1)]


def test_the_same_content_under_another_url_is_an_alias(tmp_path: Path) -> None:
    crawl(tmp_path, page(article("/a/1"), 0))
    counts = crawl(tmp_path, page(article("/b/1"), 60))
    assert counts == Counts(captures=1, unchanged=1)
    assert articles(tmp_path) == [(1, HOME + "/a/1", "current", 1, None)]
    crawl(tmp_path, page(article("/b/1", title="Sửa"), 120))
    assert articles(tmp_path) == [(1, HOME + "/a/1", "current", 2, None)]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "Xem tệp đính kèm", "published_at": None},
        {"text": "", "attachments": ()},
        {"title": ""},
    ],
)
def test_content_that_tells_nothing_makes_no_alias(tmp_path: Path, content: dict[str, Any]) -> None:
    fields = {"title": "Thông báo", **content}
    crawl(tmp_path, page(article("/a", **fields), 0), page(article("/b", **fields), 1))
    assert [row[0] for row in articles(tmp_path)] == [1, 2]


def test_the_same_content_on_another_site_is_no_alias(tmp_path: Path) -> None:
    crawl(tmp_path, page(article("/a"), 0))
    crawl(tmp_path, page(article("/b"), 60), site="other-site")
    assert articles(tmp_path) == [
        (1, HOME + "/a", "current", 1, None),
        (2, HOME + "/b", "current", 1, 1),
    ]


def test_two_urls_that_differ_for_good_do_not_push_each_other_aside(tmp_path: Path) -> None:
    crawl(tmp_path, page(article("/a"), 0), page(article("/b"), 1))
    printed = article("/a", author="Bản in")
    for at in (100, 200, 300):
        counts = crawl(
            tmp_path,
            page(article("/a"), at),
            page(printed, at + 1, path="/a?in=1"),
            page(article("/b", title="Bản khác"), at + 2, path="/b"),
        )
    assert counts == Counts(captures=3, unchanged=3)
    assert len(causes(tmp_path)) == 3


def test_a_url_that_shows_the_newest_article_moves_on(tmp_path: Path) -> None:
    crawl(tmp_path, page(article("/a", title="Cũ"), 0, path="/moi-nhat"))
    crawl(tmp_path, page(article("/b", title="Mới"), 60, path="/moi-nhat"))
    assert [row[0] for row in articles(tmp_path)] == [1, 2]
    crawl(tmp_path, page(article("/c", title="Rất cũ"), 30, path="/moi-nhat"))
    where = ask(tmp_path, "SELECT article_id FROM article_url WHERE url LIKE '%moi-nhat'")
    assert where == [(2,)]
    crawl(tmp_path, page(article("/d", title="Lạ"), 90, path="/a"))
    assert ask(tmp_path, "SELECT article_id FROM article_url WHERE url LIKE '%/a'") == [(1,)]


# -- the same text elsewhere -----------------------------------------------------------------------


def test_a_duplicate_points_to_the_one_published_first_however_crawled(tmp_path: Path) -> None:
    dates = ["2021-03-01", "2021-01-01", None, "2021-02-01T08:00:00+07:00"]
    expected = {HOME + "/1": None}
    for order in itertools.permutations(range(4)):
        root = tmp_path / "".join(map(str, order))
        for at, i in enumerate(order):
            crawl(root, page(article(f"/{i}", published_at=dates[i]), at), site=f"site-{i}")
        rows = ask(
            root,
            "SELECT a.url, o.url FROM articles a LEFT JOIN article o ON o.id = a.duplicate_of "
            "ORDER BY a.url",
        )
        assert dict(rows) == {HOME + f"/{i}": HOME + "/1" for i in (0, 2, 3)} | expected


def test_diacritics_case_and_spacing_make_no_difference_but_words_do(tmp_path: Path) -> None:
    bare = PARAGRAPH.upper().replace(" ", "\n", 5).replace("Ă", "A").replace("Ạ", "A")
    crawl(tmp_path, page(article("/a"), 0))
    crawl(tmp_path, page(article("/b", text=bare), 1), page(article("/c", text="x" * 300), 2))
    assert [row[4] for row in articles(tmp_path)] == [None, 1, None]


def test_a_short_text_is_no_duplicate(tmp_path: Path) -> None:
    short = "Xem tệp đính kèm." * 5
    crawl(tmp_path, page(article("/a", text=short, author="A"), 0))
    crawl(tmp_path, page(article("/b", text=short, author="B"), 1))
    assert [row[4] for row in articles(tmp_path)] == [None, None]


def test_duplicates_follow_an_edit(tmp_path: Path) -> None:
    one, two, three = (article(f"/{i}", author=str(i)) for i in (1, 2, 3))
    crawl(tmp_path, page(one, 0), page(two, 1), page(three, 2))
    assert [row[4] for row in articles(tmp_path)] == [None, 1, 1]
    crawl(tmp_path, page(replace(one, body_text="y" * 300), 60))
    assert [row[4] for row in articles(tmp_path)] == [None, None, 2]
    crawl(tmp_path, page(one, 120))
    assert [row[4] for row in articles(tmp_path)] == [None, 1, 1]


# -- the order of time -----------------------------------------------------------------------------


def test_an_older_capture_adds_history_but_is_not_current(tmp_path: Path) -> None:
    crawl(tmp_path, page(article(text=PARAGRAPH + " Nay."), 1000))
    counts = crawl(tmp_path, page(article(text=PARAGRAPH + " Xưa."), 0))
    assert counts == Counts(captures=1, unchanged=1)
    assert causes(tmp_path) == [(1, "first", 1), (2, "edit", 2)]
    assert current(tmp_path) == [PARAGRAPH + " Nay."]
    assert found(tmp_path, "xưa") == []
    seen = ask(tmp_path, "SELECT first_seen, last_seen FROM articles")
    assert seen == [("2026-11-21T08:00:00.000000Z", "2026-11-21T08:16:40.000000Z")]


def test_a_capture_between_two_sights_of_the_current_content_is_not_current(
    tmp_path: Path,
) -> None:
    crawl(tmp_path, page(article(), 0), page(article(), 1000))
    crawl(tmp_path, page(article(title="Trang chặn truy cập"), 500))
    assert ask(tmp_path, "SELECT title FROM articles") == [("Huyện họp bàn sửa kênh mương",)]


def test_the_current_version_is_the_latest_in_whatever_order_captures_come(
    tmp_path: Path,
) -> None:
    contents = [article(text=PARAGRAPH + f" Lần {i}.") for i in range(4)]
    for order in itertools.permutations(range(4)):
        root = tmp_path / "".join(map(str, order))
        for i in order:
            crawl(root, page(contents[i], i * 100))
        assert current(root) == [contents[3].body_text]
        assert len(causes(root)) == 4


def test_the_same_older_content_is_no_second_version(tmp_path: Path) -> None:
    crawl(tmp_path, page(article(), 1000), page(article(title="Xưa"), 0))
    crawl(tmp_path, page(article(title="Xưa"), 10), page(article(title="Xưa"), -10))
    assert len(causes(tmp_path)) == 2


# -- read again by another extractor ---------------------------------------------------------------


def test_a_page_read_again_is_another_extraction(tmp_path: Path) -> None:
    crawl(tmp_path, page(article(author=""), 0))
    better = article(author="Lê An")
    assert reread(tmp_path, (1, read_as(better, "2"))) == Counts(changed=1)
    assert causes(tmp_path) == [(1, "first", 1), (2, "extraction", 1)]
    assert ask(tmp_path, "SELECT author, capture_id FROM articles") == [("Lê An", 1)]
    assert ask(tmp_path, "SELECT version_id, extractor_version FROM reading") == [(2, "2")]
    assert reread(tmp_path, (1, read_as(better, "3"))) == Counts(unchanged=1)


def test_the_same_bytes_in_a_later_crawl_are_another_extraction_too(tmp_path: Path) -> None:
    crawl(tmp_path, (exchange(body=b"bytes"), read_as(article(author=""))))
    counts = crawl(
        tmp_path, (exchange(body=b"bytes", at=60), read_as(article(author="Lê An"), "2"))
    )
    assert counts == Counts(captures=1, revisits=1, changed=1)
    assert causes(tmp_path) == [(1, "first", 1), (2, "extraction", 2)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_whole_history_read_again_keeps_its_order(tmp_path: Path, order: Sequence[int]) -> None:
    """Captures 1 and 2 showed version 1, capture 3 an edit; all gain a byline now."""
    old = [article(), article(), article(title="Sửa")]
    crawl(tmp_path, *(page(c, i * 100) for i, c in enumerate(old)))
    new = [replace(c, author="Lê An") for c in old]
    reread(tmp_path, *((i + 1, read_as(new[i], "2")) for i in order))
    assert ask(tmp_path, "SELECT title, author FROM articles") == [("Sửa", "Lê An")]
    by_capture = ask(
        tmp_path,
        "SELECT v.title, v.author FROM reading r JOIN version v ON v.id = r.version_id "
        "ORDER BY r.capture_id",
    )
    assert by_capture == [(c.title, "Lê An") for c in new]
    assert [row[1] for row in causes(tmp_path)] == ["first", "edit", "extraction", "extraction"]


def test_noise_that_made_versions_is_gone_from_the_current_one(tmp_path: Path) -> None:
    noisy = [article(text=f"{PARAGRAPH} Lượt xem: {i}") for i in range(3)]
    crawl(tmp_path, *(page(c, i * 100) for i, c in enumerate(noisy)))
    reread(tmp_path, *((i + 1, read_as(article(), "2")) for i in range(3)))
    assert current(tmp_path) == [PARAGRAPH]
    assert len(causes(tmp_path)) == 4


def test_a_failure_that_can_be_read_now_becomes_an_article(tmp_path: Path) -> None:
    crawl(tmp_path, (exchange(), not_an_article(PageKind.UNREADABLE)))
    assert reread(tmp_path, (1, read_as(article()))) == Counts(new=1)
    assert causes(tmp_path) == [(1, "first", 1)]


def test_a_corrected_canonical_url_does_not_make_a_second_article(tmp_path: Path) -> None:
    crawl(tmp_path, page(article("/tin/1?page=2"), 0, path="/tin/1"))
    reread(tmp_path, (1, read_as(article("/tin/1", author="Lê An"), "2")))
    assert len(articles(tmp_path)) == 1
    assert len(causes(tmp_path)) == 2


def test_articles_once_mixed_under_one_url_are_separated(tmp_path: Path) -> None:
    mixed = [article("/", title=f"Tin {i}") for i in range(3)]
    crawl(tmp_path, *(page(c, i, path=f"/tin/{i}") for i, c in enumerate(mixed)))
    assert len(articles(tmp_path)) == 1
    apart = [replace(c, url=f"{HOME}/tin/{i}", author="A") for i, c in enumerate(mixed)]
    reread(tmp_path, *((i + 1, read_as(c, "2")) for i, c in enumerate(apart)))
    titles = dict(ask(tmp_path, "SELECT url, title FROM articles"))
    assert titles == {f"{HOME}/tin/{i}": f"Tin {i}" for i in range(3)}
    crawl(tmp_path, *(page(c, 100 + i) for i, c in enumerate(apart)))
    assert dict(ask(tmp_path, "SELECT url, title FROM articles")) == titles


def test_a_reading_of_an_unknown_capture_is_refused(tmp_path: Path) -> None:
    with (
        ArchiveWriter.open(tmp_path, "reextract") as writer,
        pytest.raises(LookupError, match="no capture 5"),
    ):
        writer.record_reading(5, read_as(article()))


# -- groups, runs, sites ---------------------------------------------------------------------------


def test_nothing_is_visible_before_its_group_is_written_and_all_of_it_after(
    tmp_path: Path,
) -> None:
    clock = Clock()
    options: dict[str, Any] = {"clock": clock, "group_size": 3, "group_seconds": 1000}
    with ArchiveWriter.open(tmp_path, "crawl", **options) as writer:
        for i in range(3):
            sent, _ = page(article(f"/{i}", title=str(i)), i)
            capture = writer.record_exchange(SITE, sent)
            writer.record_reading(capture, read_as(article(f"/{i}", title=str(i))))
        assert articles(tmp_path) == []
        writer.record_exchange(SITE, exchange("/4", b"4"))
        assert len(articles(tmp_path)) == 3
        assert len(ask(tmp_path, "SELECT * FROM captures")) == 3
        writer.flush_if_due()
        assert len(ask(tmp_path, "SELECT * FROM captures")) == 3
        clock.now += timedelta(seconds=1000)
        writer.flush_if_due()
        assert len(ask(tmp_path, "SELECT * FROM captures")) == 4
        assert writer.counts(SITE) == Counts(captures=4, new=3)


def test_readings_alone_fill_groups_too(tmp_path: Path) -> None:
    crawl(tmp_path, *(page(article(f"/{i}", title=str(i)), i) for i in range(10)))
    with ArchiveWriter.open(tmp_path, "reextract", group_size=4, group_seconds=1000) as writer:
        for i in range(10):
            content = article(f"/{i}", title=str(i), author="A")
            writer.record_reading(i + 1, read_as(content, "2"))
        assert writer.counts(SITE) == Counts(changed=8)


def test_a_reader_sees_whole_groups_while_a_writer_writes(tmp_path: Path) -> None:
    ArchiveWriter.open(tmp_path, "crawl").close()
    stop = threading.Event()
    seen: list[tuple[int, int]] = []

    def watch() -> None:
        with closing(open_for_reading(tmp_path)) as reader:
            while not stop.is_set():
                reader.execute("BEGIN")
                captures = reader.execute("SELECT count(*) FROM captures").fetchone()[0]
                known = reader.execute("SELECT count(*) FROM articles").fetchone()[0]
                reader.execute("COMMIT")
                seen.append((captures, known))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with ArchiveWriter.open(tmp_path, "crawl", group_size=5, group_seconds=1000) as writer:
            for i in range(60):
                sent, reading = page(article(f"/{i}", title=f"Tin {i}"), i)
                capture = writer.record_exchange(SITE, sent)
                assert reading is not None
                writer.record_reading(capture, reading)
    finally:
        stop.set()
        watcher.join()
    assert seen
    assert all(captures == known and captures % 5 == 0 for captures, known in seen)


def test_a_run_says_what_it_was(tmp_path: Path) -> None:
    for error, outcome in ((None, "done"), (KeyboardInterrupt, "interrupted"), (OSError, "failed")):
        try:
            with ArchiveWriter.open(tmp_path, "crawl", ["--full", "thọ-xuân"]) as writer:
                writer.record_exchange(SITE, exchange(f"/{outcome}", outcome.encode()))
                if error is not None:
                    raise error
        except (KeyboardInterrupt, OSError):
            pass
        row = ask(tmp_path, "SELECT command, arguments, outcome, pid, ended_at FROM runs")[-1]
        assert row[:4] == ("crawl", '["--full", "thọ-xuân"]', outcome, os.getpid())
        assert row[4] is not None
    assert len(ask(tmp_path, "SELECT * FROM captures")) == 3
    writer.close()  # twice is once


def test_facts_about_sites_and_their_runs_are_kept(tmp_path: Path) -> None:
    facts = SiteFacts(SITE, "Khe Sanh", "Quảng Trị", HOME, "active")
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        writer.record_site(facts)
        first = ask(tmp_path, "SELECT * FROM site")
        writer.record_site(facts)
        assert ask(tmp_path, "SELECT * FROM site") == first
        writer.record_site(replace(facts, state="frozen", since="2025-07-01"))
        assert ask(tmp_path, "SELECT state, since FROM site") == [("frozen", "2025-07-01")]
        writer.record_site_run(SiteRun(SITE, START))
        assert ask(tmp_path, "SELECT verdict FROM site_runs") == [(None,)]
        done = SiteRun(SITE, START, START, "ok", requests=9, coverage={"author": 0.5})
        writer.record_site_run(done)
    rows = ask(tmp_path, "SELECT run_id, verdict, requests, coverage FROM site_runs")
    assert rows == [(1, "ok", 9, '{"author": 0.5}')]


def test_a_transaction_of_others_comes_after_what_was_recorded(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl") as writer:
        for i in range(2):
            sent, reading = page(article(f"/{i}", title=str(i)), i)
            capture = writer.record_exchange(SITE, sent)
            assert reading is not None
            writer.record_reading(capture, reading)
        with writer.transaction() as connection:
            connection.execute("UPDATE article SET duplicate_of = 1 WHERE id = 2")
    assert ask(tmp_path, "SELECT id, duplicate_of FROM articles") == [(1, None), (2, 1)]


def test_validators_are_kept_for_the_next_conditional_request(tmp_path: Path) -> None:
    head = b'HTTP/1.1 200 OK\r\netag: "v1"\r\nLast-Modified: Thu, 14 Jan 2021 01:35:02 GMT\r\n\r\n'
    crawl(tmp_path, (exchange(head=head), None))
    assert ask(tmp_path, "SELECT etag, last_modified FROM capture") == [
        ('"v1"', "Thu, 14 Jan 2021 01:35:02 GMT")
    ]


def test_words_that_no_row_can_hold_do_not_cost_the_group(tmp_path: Path) -> None:
    odd = replace(failed("/1"), error="dns: \udcff\nnot found", via="a\x00b")
    crawl(tmp_path, (odd, None), (exchange("/2"), None))
    assert ask(tmp_path, "SELECT error, via FROM capture WHERE id = 1") == [
        ("dns: not found", "a b")
    ]
    with (
        ArchiveWriter.open(tmp_path, "crawl") as writer,
        pytest.raises(ValueError, match="surrogates"),
    ):
        writer.record_exchange(SITE, failed("/\udcff"))


def test_an_index_made_by_other_rules_is_made_anew(tmp_path: Path) -> None:
    crawl(tmp_path, page(article(), 0))
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        connection.execute("UPDATE meta SET value = 'older rules' WHERE key = 'index_text'")
        connection.execute("INSERT INTO version_fts(version_fts) VALUES ('delete-all')")
        connection.execute("INSERT INTO version_fts(rowid, title) VALUES (1, 'otherwise')")
    crawl(tmp_path)
    assert found(tmp_path, "otherwise") == []
    assert found(tmp_path, "muong") == [1]


def test_after_an_error_nothing_more_is_recorded_and_closing_is_safe(tmp_path: Path) -> None:
    writer = ArchiveWriter.open(tmp_path, "crawl")
    writer.record_exchange(SITE, exchange())
    writer.flush()
    shutdown = sqlite3.connect(tmp_path / "archive.db")
    with closing(shutdown):
        shutdown.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON capture "
            "BEGIN SELECT raise(ABORT, 'refused'); END"
        )
    writer.record_exchange(SITE, exchange("/2", b"2"))
    with pytest.raises(sqlite3.IntegrityError, match="refused"):
        writer.flush()
    with pytest.raises(ArchiveError, match="earlier error"):
        writer.record_exchange(SITE, exchange("/3", b"3"))
    writer.close()
    writer.close()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as again:
        again.execute("DROP TRIGGER refuse")
    assert ask(tmp_path, "SELECT outcome FROM runs") == [("failed",)]
    with ArchiveWriter.open(tmp_path, "crawl") as again:
        assert again.recovery.orphans == ()
        assert again.recovery.problems == ()
    report = verify(tmp_path, START)
    assert report.ok, report.problems
    assert report.captures == 1
