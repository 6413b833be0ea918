"""`huyen show`: an article read, compared, traced and handed over."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stored_articles import START, Seen, seen, store, store_missing

from archive.commands.context import CommandContext
from archive.commands.show import show
from archive.database import open_for_writing
from archive.errors import HuyenError, UsageError
from archive.schema import Attachment, Image

FIRST = seen(
    "1",
    "Huyện Hoằng Hoá họp",
    "Sáng 14/1, huyện họp.\nĐoạn hai vẫn thế.\nĐoạn ba vẫn thế.\nĐoạn bốn vẫn thế.",
    summary="Tóm tắt cuộc họp.",
    author="Lê An - Đài TT",
    category=("Tin tức", "Chính trị"),
    published_at="2021-01-14T08:35:02+07:00",
    published_raw="Đăng lúc: 08:35:02 14/01/2021 (GMT+7)",
    view_count=1205,
    images=(Image("https://thoxuan.example/a.jpg", "Toàn cảnh", "IMG_1.JPG"),),
    attachments=(Attachment("https://thoxuan.example/b.pdf", "Kế hoạch", "application/pdf"),),
)
EDITED = Seen(
    replace(
        FIRST.article,
        title="Huyện Hoằng Hóa họp",
        body_text=FIRST.article.body_text.replace("Sáng 14/1", "Chiều 15/1"),
    ),
    url="https://thoxuan.example/mot",
)
HOSTILE = seen(
    "3",
    "<script>alert(1)</script> & 'x' \"y\"",
    "</p><img src=x onerror=alert(1)>",
    language='vi"><script>',
    images=(Image("javascript:alert(1)", "<b>ảnh</b>"), Image("http://[", "hỏng")),
    attachments=(Attachment('https://a.example/"><script>', "tệp"),),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    store(root, [FIRST, seen("2", "Bài ngắn", site="vi-thuy"), HOSTILE, seen("4", "Giữ lại")])
    store(root, [EDITED], START.replace(day=3))
    with closing(open_for_writing(root)) as connection:
        connection.execute("UPDATE article SET status = 'withheld' WHERE id = 4")
    return root


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(show, arguments, obj=CommandContext(root))


def output(root: Path, *arguments: str) -> str:
    result = run(root, *arguments)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def test_an_article_to_read(root: Path) -> None:
    assert output(root, "1") == (
        "Huyện Hoằng Hóa họp\n"
        "\n"
        "Portal        Huyện Thọ Xuân, Thanh Hóa (tho-xuan)\n"
        "Published     2021-01-14 08:35 (printed: Đăng lúc: 08:35:02 14/01/2021 (GMT+7))\n"
        "Byline        Lê An - Đài TT\n"
        "Category      Tin tức, Chính trị\n"
        "\n"
        "Tóm tắt cuộc họp.\n"
        "\n"
        "Chiều 15/1, huyện họp.\n"
        "\n"
        "Đoạn hai vẫn thế.\n"
        "\n"
        "Đoạn ba vẫn thế.\n"
        "\n"
        "Đoạn bốn vẫn thế.\n"
        "\n"
        "Pictures\n"
        " 1. Toàn cảnh\n"
        "    https://thoxuan.example/a.jpg\n"
        "\n"
        "Attachments\n"
        " 1. Kế hoạch (application/pdf)\n"
        "    https://thoxuan.example/b.pdf\n"
        "\n"
        "In the archive\n"
        "Article       1, current\n"
        "Version       2 of 2, captured 2026-11-03 01:30 UTC (--versions, --diff 1 2)\n"
        "Address       https://thoxuan.example/1\n"
        "              https://thoxuan.example/mot (last seen 2026-11-03 01:30 UTC)\n"
        "Seen          2026-11-02 01:30 UTC to 2026-11-03 01:30 UTC\n"
        "Views         1,205 when first read\n"
    )


def test_an_article_without_body(root: Path) -> None:
    text = output(root, "2")
    assert "(no body text)" in text
    assert "Published     no date" in text


def test_an_article_as_json(root: Path) -> None:
    document = json.loads(output(root, "1", "--json"))
    assert (document["id"], document["site"], document["status"]) == (1, "tho-xuan", "current")
    assert (document["number"], document["versions"]) == (2, 2)
    assert document["title"] == "Huyện Hoằng Hóa họp"
    assert document["published_raw"] == FIRST.article.published_raw
    assert document["images"] == [
        {"url": "https://thoxuan.example/a.jpg", "caption": "Toàn cảnh", "alt": "IMG_1.JPG"}
    ]
    assert {a["url"] for a in document["urls"]} == {
        "https://thoxuan.example/1",
        "https://thoxuan.example/mot",
    }


def test_versions(root: Path) -> None:
    lines = output(root, "1", "--versions").splitlines()
    assert lines[0].split() == ["No.", "Captured", "Why", "Extractor", "Title"]
    assert re.split(r"  +", lines[1].strip()) == [
        "1",
        "2026-11-02 01:30 UTC",
        "first seen",
        "test 1",
        "Huyện Hoằng Hoá họp",
    ]
    assert re.split(r"  +", lines[2])[:4] == [
        "*",
        "2",
        "2026-11-03 01:30 UTC",
        "edited by the portal",
    ]
    assert lines[3:] == [
        "",
        "History",
        "2026-11-02 01:30 UTC  first seen (version 1)",
        "2026-11-03 01:30 UTC  under another address: https://thoxuan.example/mot",
        "2026-11-03 01:30 UTC  edited by the portal (version 2)",
        "2026-11-03 01:30 UTC  last seen",
    ]
    document = json.loads(output(root, "1", "--versions", "--json"))
    assert [(v["number"], v["cause"], v["current"]) for v in document["versions"]] == [
        (1, "first", False),
        (2, "edit", True),
    ]
    assert [(e["what"], e["version"]) for e in document["events"]] == [
        ("first", 1),
        ("address", None),
        ("edit", 2),
        ("last", None),
    ]


def test_a_history_with_absences(tmp_path: Path) -> None:
    for day, status in ((2, 200), (5, 404), (7, 404), (9, 200), (12, 404), (13, 200), (20, 404)):
        when = START.replace(day=day)
        if status == 200:
            store(tmp_path, [FIRST], when)
        else:
            store_missing(tmp_path, FIRST, when)
    assert output(tmp_path, "1", "--versions").splitlines()[4:] == [
        "2026-11-02 01:30 UTC  first seen (version 1)",
        "2026-11-05 01:30 UTC  not there when asked",
        "2026-11-07 01:30 UTC  gone: not there either when asked again",
        "2026-11-09 01:30 UTC  there again",
        "2026-11-13 01:30 UTC  last seen",
        "2026-11-20 01:30 UTC  not there when asked",
    ]
    text = output(tmp_path, "1")
    assert "Article       1, current, but not there when asked on 2026-11-20 01:30 UTC" in text
    store_missing(tmp_path, FIRST, START.replace(day=22))
    assert "Article       1, gone since 2026-11-20 01:30 UTC" in output(tmp_path, "1")


def test_an_older_page_that_is_imported_later_is_the_first(tmp_path: Path) -> None:
    store(tmp_path, [EDITED], START.replace(day=3))
    store(tmp_path, [FIRST], START)
    assert output(tmp_path, "1", "--versions").splitlines()[5:8] == [
        "2026-11-02 01:30 UTC  first seen (version 2)",
        "2026-11-03 01:30 UTC  under another address: https://thoxuan.example/mot",
        "2026-11-03 01:30 UTC  edited by the portal (version 1)",
    ]


def test_a_diff_reads_without_colour(root: Path) -> None:
    assert output(root, "1", "--diff", "1", "2") == (
        "version 1, captured 2026-11-02 01:30 UTC → version 2, captured 2026-11-03 01:30 UTC\n"
        "\n"
        "title (only where the tone mark stands)\n"
        "  Huyện Hoằng [-Hoá-]{+Hóa+} họp\n"
        "\n"
        "body_text\n"
        "  [-Sáng 14/1-]{+Chiều 15/1+}, huyện họp.\n"
        "  Đoạn hai vẫn thế.\n"
        "  …\n"
    )
    assert "No difference" in output(root, "1", "--diff", "2", "2")


def test_a_diff_as_json(root: Path) -> None:
    document = json.loads(output(root, "1", "--diff", "2", "1", "--json"))
    assert (document["from"], document["to"]) == (2, 1)
    title, body = document["differences"]
    assert (title["field"], title["spelling"], body["field"]) == ("title", True, "body_text")
    assert title["pieces"][1:3] == [
        {"change": "removed", "text": "Hóa"},
        {"change": "added", "text": "Hoá"},
    ]


def test_provenance(root: Path) -> None:
    text = output(root, "1", "--provenance")
    facts = " ".join(text.split())
    assert "Run           2: huyen crawl --full (huyen " in text
    assert "Capture       5, 2026-11-03 01:30 UTC, 200" in text
    assert "              https://thoxuan.example/mot" in text
    assert re.search(
        r"WARC record warc/tho-xuan/\S+\.warc\.gz, offset \d+, \d+ bytes packed", facts
    )
    assert re.search(r"Payload \d+ bytes, sha256:[0-9a-f]{64}", facts)
    assert "Extractor     test 1, confidence 0.90" in text
    assert "Version       2 of 2 of article 1" in text
    assert "Checked just now: the stored bytes are the captured bytes." in text
    assert f"  cd {root}" in text
    assert "| gunzip | tail -c" in text
    assert "warcio extract warc/tho-xuan/" in text
    assert re.search(
        r"^  Lê An - Đài TT\. “Huyện Hoằng Hóa họp”\. .*version 2\)\.$", text, re.MULTILINE
    )


def test_provenance_as_json(root: Path) -> None:
    document = json.loads(output(root, "1", "--provenance", "--json"))
    assert document["check"]["passed"] is True
    assert document["check"]["computed"] == document["capture"]["payload_digest"]
    assert document["capture"]["place"]["record_type"] == "response"
    assert len(document["recipe"]) == 3


def test_a_failed_check_is_said_and_is_exit_status_1(tmp_path: Path) -> None:
    store(tmp_path, [FIRST])
    (warc,) = tmp_path.glob("warc/*/*.warc.gz")
    content = bytearray(warc.read_bytes())
    content[-40:] = bytes(40)
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    warc.write_bytes(content)
    arguments = ["--archive", str(tmp_path), "show", "1", "--provenance"]
    done = subprocess.run(
        [sys.executable, "-m", "crawler.command", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "CHECK FAILED: the record cannot be read" in done.stdout
    assert "Cite it" in done.stdout
    assert done.stderr.startswith("huyen: article 1: the record cannot be read")
    assert done.stderr.count("\n") == 1


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.changes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.changing = tag in {"del", "ins"}

    def handle_endtag(self, tag: str) -> None:
        self.changing = False

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.tags and self.tags[-1][0] in {"del", "ins"} and self.changing:
            self.changes.append((self.tags[-1][0], data))


def test_a_diff_as_a_page(root: Path) -> None:
    page = Page(output(root, "1", "--diff", "1", "2", "--html"))
    assert page.changes == [
        ("del", "Hoá"),
        ("ins", "Hóa"),
        ("del", "Sáng 14/1"),
        ("ins", "Chiều 15/1"),
    ]
    assert "title (only where the tone mark stands)" in page.words
    assert "Đoạn hai vẫn thế." in page.words
    assert page.tags[0] == ("html", {"lang": "vi"})
    assert "No difference" in output(root, "1", "--diff", "2", "2", "--html")


def test_an_earlier_version_can_be_read_and_traced(root: Path) -> None:
    assert output(root, "1", "--version", "1").startswith("Huyện Hoằng Hoá họp\n")
    assert "Version       1 of 2" in output(root, "1", "--version", "1")
    assert "Sáng 14/1" in output(root, "1", "--version", "1", "--html")
    first, second = (
        json.loads(output(root, "1", "--version", number, "--provenance", "--json"))
        for number in ("1", "2")
    )
    assert (first["version"], second["version"]) == (1, 2)
    assert first["capture"]["id"] != second["capture"]["id"]
    assert first["check"]["passed"]
    assert "version 1)" in first["citation"]
    entities = json.loads(output(root, "1", "--version", "1", "--prov"))["entity"]
    assert "huyen:article/1/version/1" in entities


def test_provenance_tells_where_in_the_page_each_field_stands(root: Path) -> None:
    document = json.loads(output(root, "1", "--version", "1", "--provenance", "--json"))
    found = {field["field"]: field["found"] for field in document["fields"]}
    # The stored page prints title and body; the other fields are not of its bytes.
    assert found["title"]
    assert found["body_text"]
    assert not found["author"]
    text = output(root, "1", "--version", "1", "--provenance")
    assert re.search(r"\ntitle +4-\d+ +h1 *\n", text), text
    assert "4 of 4 paragraphs" in text
    assert document["field_recipe"] in text
    printed = subprocess.run(
        ["sh", "-c", document["field_recipe"]], cwd=root, check=True, capture_output=True
    ).stdout
    assert printed.decode() == "Huyện Hoằng Hoá họp"


@pytest.mark.parametrize("other", [["--versions"], ["--diff", "1", "2"]])
def test_a_version_is_named_once(root: Path, other: list[str]) -> None:
    result = run(root, "1", "--version", "1", *other)
    assert isinstance(result.exception, UsageError)


def test_a_page_that_stands_alone(root: Path) -> None:
    page = Page(output(root, "1", "--html"))
    for text in (
        "Huyện Hoằng Hóa họp",
        "Tóm tắt cuộc họp.",
        "Chiều 15/1, huyện họp.",
        "Lê An - Đài TT",
        "Toàn cảnh",
        "Kế hoạch",
        "2021-01-14 08:35",
    ):
        assert text in page.words
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == [
        "https://thoxuan.example/a.jpg",
        "https://thoxuan.example/b.pdf",
        "https://thoxuan.example/1",
    ]
    assert page.tags[0] == ("html", {"lang": "vi"})


def test_a_hostile_article_cannot_act_in_the_page(root: Path) -> None:
    page = Page(output(root, "3", "--html"))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "iframe", "link", "object", "embed", "form", "b", "base"}
    for _, attributes in page.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "src"}
        assert not (attributes.get("href") or "https:").startswith("javascript")
    assert "<script>alert(1)</script> & 'x' \"y\"" in page.words
    assert "javascript:alert(1)" in page.words
    policy = [a for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy[0]["content"] == "default-src 'none'; style-src 'unsafe-inline'"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["99"], "there is no article 99 in this archive"),
        (["9223372036854775807"], "there is no article 9223372036854775807"),
        (["4"], "article 4 is withheld"),
        (["1", "--diff", "1", "7"], "article 1 has no version 7; it has 1 to 2"),
        (["2", "--diff", "1", "0"], "article 2 has no version 0; it has 1 only"),
    ],
)
def test_what_is_not_there_is_one_clear_line(
    root: Path, arguments: list[str], message: str
) -> None:
    result = run(root, *arguments)
    assert isinstance(result.exception, HuyenError)
    assert result.exception.exit_status == 1
    assert str(result.exception).startswith(message)
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["1", "--html", "--versions"],
        ["1", "--html", "--json"],
        ["1", "--diff", "1", "2", "--html", "--json"],
    ],
)
def test_views_exclude_each_other(root: Path, arguments: list[str]) -> None:
    assert isinstance(run(root, *arguments).exception, UsageError)


@pytest.mark.parametrize(
    "arguments", [[], ["x"], ["0"], ["9223372036854775808"], ["1", "--diff", "1"]]
)
def test_wrong_arguments_are_wrong_usage(root: Path, arguments: list[str]) -> None:
    assert run(root, *arguments).exit_code == 2
