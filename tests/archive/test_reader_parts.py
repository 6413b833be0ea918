"""The parts of the reader that are functions of their arguments, and its deadline."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_archive import answers, fill
from starlette.types import ASGIApp, Message
from stored_articles import seen, store

from archive.database import open_for_reading, open_for_writing, transaction
from archive.differences import Change, Piece
from archive.facets import facets
from archive.ingest import ArchiveWriter, SiteFacts
from archive.page_charset import charset_of
from archive.query import parse
from archive.reader import phrases
from archive.reader.addresses import archived_url
from archive.reader.app import safe_app
from archive.reader.connections import DeadlinePassed, Readers
from archive.reader.folding import folded
from archive.reader.health_page import bars_path
from archive.reader.mementos import nearest, stamp_to_moment
from archive.reader.rendering import decimal, moment, size
from archive.reader.rewriting import rewritten_page, rewritten_style
from archive.reader.search_page import SYNTAX
from archive.reader.searching import Asked, loosened
from archive.search import search
from archive.spelling import respelt
from archive.versions import Cause
from crawler.verdicts import Verdict

TEMPLATES = Path(phrases.__file__).parent / "templates"


def mirror(url: str, kind: str) -> str:
    return f"/w/{kind}{url}"


def page(markup: str, url: str = "http://a.example/x/y.html") -> str:
    return rewritten_page(markup, url, mirror).decode()


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="../z?a=1#b">', 'href="/w/http://a.example/z?a=1#b"'),
        ('<a href="#dau">', 'href="#dau"'),
        ('<base href="//b.example/c/"><a href="d">', 'href="/w/http://b.example/c/d"'),
        ('<img src="a b.jpg" srcset="big.jpg 2x">', 'src="/w/im_http://a.example/x/a%20b.jpg"'),
        ('<td background="/n.gif">', 'background="/w/im_http://a.example/n.gif"'),
        ('<p style="background:url(&quot;/n.gif&quot;)">', "/w/im_http://a.example/n.gif"),
        ("<style>@import '/k.css'; b{}</style>", '@import "/w/cs_http://a.example/k.css"'),
        ('<link rel="Stylesheet" href="k.css">', 'href="/w/cs_http://a.example/x/k.css"'),
        ('<img src="data:image/gif;base64,R0lGODlh">', 'src="data:image/gif;base64,R0lGODlh"'),
        ("<noscript><p>không có script</p></noscript>", "không có script"),
    ],
)
def test_what_a_page_shows_is_led_to_the_archive(markup: str, expected: str) -> None:
    body = markup if "<td" not in markup else f"<table><tr>{markup}x</td></tr></table>"
    assert expected in page(f"<body>{body}<p>còn lại")


@pytest.mark.parametrize(
    "markup",
    ["<script>x</script>", "<SCRIPT SRC=http://b.example/x.js></SCRIPT>", "<img onerror=x src=y>",
     '<a href="java\tscript:x">a</a>', '<a href=" JAVASCRIPT:x">a</a>', "<iframe src=x></iframe>",
     "<object data=x></object>", "<embed src=x>", "<meta http-equiv=refresh content='0;url=x'>",
     "<svg><script>x</script></svg>", "<svg><a xlink:href='javascript:x'>a</a></svg>",
     "<form action='javascript:x'>", "<frameset onload=x><frame src=javascript:x></frameset>"],
)  # fmt: skip
def test_nothing_that_runs_is_left(markup: str) -> None:
    out = page(f"<body>{markup}<p>còn lại</p>").lower()
    for piece in ("<script", "onerror", "onload", "javascript:", "<iframe", "<object", "<embed",
                  "http-equiv", "<frame "):  # fmt: skip
        assert piece not in out


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_a_page(text: str) -> None:
    rewritten_page(text, "http://a.example/", mirror)
    rewritten_style(text, "http://a.example/", mirror)


@given(st.binary(max_size=100), st.text(max_size=40))
def test_any_bytes_have_a_charset(body: bytes, content_type: str) -> None:
    body.decode(charset_of(content_type, body), "replace")


def test_the_charset_is_the_pages_own() -> None:
    assert charset_of("text/html; charset=windows-1258", b"") == "windows-1258"
    assert charset_of("text/html", b'<meta charset="utf-16">') == "utf-16"
    assert charset_of("text/html; charset=hex", b"<meta charset=nonsense>") == "utf-8"
    assert charset_of("text/html; charset=latin-1", b"\xef\xbb\xbfx") == "utf-8"


@given(st.text(max_size=80))
def test_an_archived_address_is_plain_ascii_or_none(text: str) -> None:
    url = archived_url(text)
    assert url is None or re.fullmatch(r"https?://[\x21-\x7e]+", url)
    assert url is None or not set(url) & set("<>\"'\\ ") - {"'"}


def test_stamps() -> None:
    assert stamp_to_moment("2024") == datetime(2024, 1, 1, tzinfo=UTC)
    assert stamp_to_moment("20240229235959") == datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    for bad in ("", "24", "20240230", "٢٠٢٤", "202402290000000"):
        with pytest.raises(ValueError, match=r"."):
            stamp_to_moment(bad)


def test_of_one_second_the_page_and_not_the_redirect(tmp_path: Path) -> None:
    fill(tmp_path)
    with closing(open_for_reading(tmp_path)) as connection:
        found = nearest(
            connection, "http://thoxuan.example/trang-chu", datetime(2020, 1, 1, tzinfo=UTC)
        )
        assert found is not None
        assert found.status == 200


def test_every_phrase_that_is_used_exists_and_every_one_that_exists_is_used() -> None:
    used = set()
    text = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    code = "".join(
        path.read_text(encoding="utf-8") for path in TEMPLATES.parent.glob("*.py")
        if not path.name.endswith("phrases.py")
    )  # fmt: skip
    literal = set(re.findall(r'\bt\("(\w+)"[,)]', text))
    prefixes = (*re.findall(r'\bt\("(\w+_)" ~', text), "status_")
    for name in literal:
        assert phrases.has_phrase(name), name
        used.add(name)
    used |= set(re.findall(r'"(\w+)"', code)) | set(re.findall(r'"(\w+)"', text))
    for name in phrases.all_names():
        assert name in used or name.startswith(prefixes), f"{name} is not used"


def test_every_cause_and_every_verdict_has_words() -> None:
    for cause in Cause:
        assert phrases.has_phrase(f"cause_{cause}")
    for verdict in Verdict:
        assert phrases.has_phrase(f"verdict_{verdict}")


def test_both_languages_say_the_same_things() -> None:
    for name in phrases.all_names():
        fields = [
            set(re.findall(r"{(\w+)}", phrases.phrase(language, name))) for language in ("vi", "en")
        ]
        assert fields[0] == fields[1], name


def test_remarks_of_the_search_are_said_in_vietnamese(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một bài", "Về nông thôn")])
    with closing(open_for_reading(tmp_path)) as connection:
        for text in (
            "site:tho-xuam x",
            "tinh:nowhere x",
            "tu:32/1/2021",
            "-site:a b",
            "n* x",
            "!",
            "a " * 100,
            "b" * 3000,
        ):
            for note in search(connection, text).notes:
                assert phrases.note_in("vi", note) != note, note


@pytest.mark.parametrize(("example", "about"), SYNTAX)
def test_what_can_be_typed_is_understood(example: str, about: str) -> None:
    query = parse(example)
    assert query.notes == ()
    assert query.searchable
    # A filter that were not understood would be words.
    assert bool(query.alternatives) is (":" not in example)
    assert phrases.phrase("en", about)


def test_times_for_people() -> None:
    assert moment("2021-01-14T08:35:02+07:00", "vi") == "14/01/2021 08:35"
    assert moment("2021-01-14", "en") == "2021-01-14"
    assert moment("2026-11-21T20:06:03.123456Z", "vi") == "21/11/2026 20:06 UTC"
    assert moment(None, "en") == "no date"


def test_counts_by_facet_fold_the_same_text(tmp_path: Path) -> None:
    long = "Ủy ban nhân dân huyện họp bàn việc nạo vét kênh mương nội đồng trước vụ đông xuân. " * 4
    store(
        tmp_path,
        [
            seen("1", "Họp", long, published_at="2021-01-02", category=("A", "B")),
            seen("1", "Họp", long, site="vi-thuy", published_at="2021-01-03", category=("A",)),
            seen("2", "Họp nữa", "Bài khác", published_at="2023-05-06"),
            seen("3", "Họp không ngày", "Bài khác nữa"),
        ],
    )
    with closing(open_for_reading(tmp_path)) as connection:
        results = search(connection, "hop")
        counted = facets(connection, results.query)
        assert results.total == 3
        assert {v.value: v.count for v in counted.sites} == {"tho-xuan": 3, "vi-thuy": 1}
        assert {v.value: v.count for v in counted.categories} == {"A": 1, "B": 1}
        assert [(b.period, b.count) for b in counted.bars] == [
            ("2021", 1),
            ("2022", 0),
            ("2023", 1),
        ]
        assert (counted.undated, counted.partial) == (1, False)


def test_of_many_portals_those_of_the_chosen_province_are_offered(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", []) as writer:
        for number in range(101):
            province = "Thanh Hóa" if number < 3 else "Hậu Giang"
            writer.record_site(SiteFacts(f"s{number}", f"Huyện {number}", province, "x", "active"))
    local = "127.0.0.1", [(b"host", b"localhost")]
    (_, front), (_, chosen) = answers(
        safe_app(tmp_path), ("/", *local), ("/search?province=Thanh+H%C3%B3a", *local)
    )
    assert front.count('<option value="s') == 0
    assert "chọn tỉnh" in front
    assert re.findall(r'<option value="(s\d+)"', chosen) == ["s0", "s1", "s2"]


@given(st.lists(st.tuples(st.sampled_from(Change), st.text("ab \n", max_size=30)), max_size=6))
def test_folding_loses_nothing(given: list[tuple[Change, str]]) -> None:
    pieces = [Piece(change, text) for change, text in given]
    for change in Change:
        assert "".join(p.text for p in pieces if p.change is change) == "".join(
            p.text for p in folded(pieces) if p.change is change
        )


def test_what_is_far_from_a_change_is_folded_away() -> None:
    text = "".join(f"Đoạn {n}\n" for n in range(20))
    parts = folded([Piece(Change.KEPT, text), Piece(Change.ADDED, "mới"), Piece(Change.KEPT, text)])
    assert [part.paragraphs for part in parts] == [18, 0, 0, 0, 18]
    assert parts[1].text == "Đoạn 18\nĐoạn 19\n"
    assert parts[3].text == "Đoạn 0\nĐoạn 1\n"
    short = Piece(Change.KEPT, "một\nhai\n")
    assert [part.text for part in folded([short])] == [short.text]


def test_an_absence_is_told_and_whether_it_is_confirmed(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một bài", "Lời"), seen("2", "Hai bài", "Lời khác")])
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        # Since, confirmed, until: back again, and missed a second time.
        for since, confirmed, until in (("03", "04", "06"), ("08", None, None)):
            connection.execute(
                "INSERT INTO absence VALUES (1, ?, 1, ?, ?, ?, ?)",
                (
                    f"2026-11-{since}T00:00:00.000000Z",
                    confirmed and f"2026-11-{confirmed}T00:00:00.000000Z",
                    confirmed and 1,
                    until and f"2026-11-{until}T00:00:00.000000Z",
                    until and 1,
                ),
            )
    local = "127.0.0.1", [(b"host", b"localhost")]
    (_, page), (_, versions), (_, other) = answers(
        safe_app(tmp_path), ("/article/1", *local), ("/article/1/versions?lang=en", *local),
        ("/article/2", *local),
    )  # fmt: skip
    assert "Không thấy bài này trên cổng thông tin từ 08/11/2026 00:00 UTC" in page
    told = re.findall(r'<li class="at-(\w+)"><time[^>]*>([\d-]+)', versions)
    assert told[-4:] == [
        ("missing", "2026-11-03"), ("gone", "2026-11-04"), ("return", "2026-11-06"),
        ("missing", "2026-11-08"),
    ]  # fmt: skip
    assert versions.count("not confirmed") == 1
    assert versions.index("2026-11-08") < versions.index("not confirmed")
    assert "Không thấy bài này" not in other


def test_bars_of_a_trend() -> None:
    assert bars_path([0, 11, 22]) == "M0 24v-1h4v1zM5 24v-12h4v12zM10 24v-23h4v23z"
    assert bars_path([0]) == "M0 24v-1h4v1z"
    assert bars_path([]) == ""


def test_what_a_suggestion_changes() -> None:
    asked = Asked(q='nông thôn site:tho-xuan -họp "x y"', since="2021")
    assert loosened(asked, "without the filters") == Asked(q='nông thôn -họp "x y"')
    without = loosened(asked, "without the exclusions")
    assert without is not None
    assert without.q == 'nông thôn site:tho-xuan "x y"'
    only = loosened(asked, "only “x y”")
    assert only is not None
    assert parse(only.q).alternatives[0][0].quoted
    assert loosened(asked, "something new") is None


def test_a_misspelt_word_is_respelt_and_filters_stay(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một", "nông thôn mới"), seen("2", "Hai", "nông dân")])

    def ask(connection: sqlite3.Connection) -> str | None:
        return respelt(connection, "nogn thonn site:tho-xuan")

    assert run(tmp_path, ask) == "nong thon site:tho-xuan"
    assert run(tmp_path, lambda connection: respelt(connection, "nông thôn")) is None


def test_a_request_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một")])
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(DeadlinePassed):
        run(tmp_path, lambda connection: connection.execute(endless).fetchone(), 0.05)


def test_too_long_and_no_archive_are_pages_not_tracebacks(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một")])
    for app, words in (
        (safe_app(tmp_path, deadline=-1), "Tìm quá lâu"),
        (safe_app(tmp_path / "gone"), "Chưa mở được kho"),
    ):
        status, headers, body = asyncio.run(ask(app, "/search?q=mot"))
        assert status == 503
        assert words in body
        assert int(headers["retry-after"]) > 0
        assert headers["content-security-policy"].startswith("default-src 'none'")
        status, _, body = asyncio.run(ask(app, "/api/search?q=mot"))
        assert (status, set(json.loads(body))) == (503, {"error"})


async def ask(app: ASGIApp, address: str) -> tuple[int, dict[str, str], str]:
    """One request, without a server."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"localhost")], "client": None, "server": None,
    }  # fmt: skip
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], headers, body.decode()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một")])

    def write(connection: sqlite3.Connection) -> object:
        with pytest.raises(sqlite3.OperationalError, match=r"readonly|attempt to write"):
            connection.execute("DELETE FROM article")
        return connection.execute("SELECT count(*) FROM article").fetchone()[0]

    assert run(tmp_path, write) == 1


def run(root: Path, work: object, deadline: float = 10.0) -> object:
    readers = Readers(root, deadline)
    try:
        return asyncio.run(readers.run(work))  # type: ignore[arg-type]
    finally:
        readers.close()


def test_sizes_and_shares_are_written_as_in_the_language() -> None:
    for number, vietnamese, english in (
        (0, "0 B", "0 B"), (999, "999 B", "999 B"), (1_000, "1,0 kB", "1.0 kB"),
        (99_949, "99,9 kB", "99.9 kB"), (999_499, "999 kB", "999 kB"), (999_500, "1,0 MB", "1.0 MB"),
        (2_011_468, "2,0 MB", "2.0 MB"), (5 * 10**15, "5000 TB", "5000 TB"),
    ):  # fmt: skip
        assert (size(number, "vi"), size(number, "en")) == (vietnamese, english)
    assert (decimal(0.974, "vi", 2), decimal(1.25, "en")) == ("0,97", "1.2")


def test_a_year_without_articles_is_seen_and_a_wrong_date_makes_no_thousand_of_them(
    tmp_path: Path,
) -> None:
    store(
        tmp_path,
        [
            seen(f"{n}", f"Bài {n}", published_at=day)
            for n, day in enumerate(("2015-03-01", "2018-07-02", "0201-01-01"))
        ],
    )
    local = "127.0.0.1", [(b"host", b"localhost")]
    ((_, page),) = answers(safe_app(tmp_path), ("/portals/tho-xuan", *local))
    rows = re.findall(r'<tr><th scope="row">(\d{4})</th>.*?>(\d+)(?:</a>)?</td></tr>', page)
    assert rows == [("2018", "1"), ("2017", "0"), ("2016", "0"), ("2015", "1"), ("0201", "1")]
