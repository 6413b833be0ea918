"""The reader over HTTP, as a process of its own: what it shows, what it refuses, what it promises to
other programs."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from read_archive import DAY, FIRST, HOME, HOSTILE, PICTURE, Ids, Server, fill, serving

from archive.exchange import Exchange
from archive.ingest import ArchiveWriter
from archive.schema import Article, PageKind, Reading

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def ids(root: Path) -> Ids:
    return fill(root)


@pytest.fixture(scope="module")
def server(root: Path, ids: Ids) -> Iterator[Server]:
    with serving(root) as server:
        yield server


PAGES = (
    "/", "/search?q=nghi+quyet", "/search?q=khongco", "/article/1", "/article/1/versions",
    "/article/1/versions/1", "/article/1/differences", "/article/1/differences?view=side",
    "/article/1/provenance", "/article/1/cite", "/article/3", "/article/3/cite", "/portals",
    "/portals/tho-xuan", "/changes", "/changes?site=vi-thuy", "/health", "/api",
    f"/web/20240305010000/{FIRST.url}", f"/web/*/{FIRST.url}", "/record/6",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages_and_loads_nothing_from_elsewhere(
    server: Server, path: str
) -> None:
    english = (
        path.replace("0/http", "0en_/http").replace("*/http", "*en_/http")
        if path.startswith("/web/")
        else path + ("&" if "?" in path else "?") + "lang=en"
    )
    for address, language in ((path, "vi"), (english, "en")):
        answer = server.get(address)
        assert answer.status == 200
        assert f'<html lang="{language}"' in answer.text
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
        loaded = re.findall(
            r"""<(?:img|link|script|iframe)[^>]*(?:src|href)="([^"]*)""", answer.text
        )
        outside = [
            url
            for url in loaded
            if not url.startswith(("/", server.address, "http://purl.org/dc/"))
        ]
        assert not outside
        assert not re.search(
            r"<[^>]* style=|<style|<script(?! type=\"application/ld\+json\")", answer.text
        )


def test_a_search_without_diacritics_finds_and_marks_the_original_spelling(server: Server) -> None:
    page = server.get("/search?q=nghi+quyet+35").text
    assert "Huyện triển khai <mark>Nghị quyết 35</mark>" in page
    assert "1 bài" in page  # both printed the same text: folded
    assert '1 cổng thông tin khác cũng đăng:</a> <span lang="vi">Huyện' in page


def test_facets_lead_to_as_many_as_they_say(server: Server) -> None:
    page = server.get("/search?q=huyen").text
    facets = re.findall(
        r'<li><a href="(/search[^"]+)"[^>]*>[^<]+</a> <span class="count">(\d+)<', page
    )
    assert len(facets) >= 4
    for address, count in facets:
        document = json.loads(
            server.get(address.replace("&amp;", "&").replace("/search", "/api/search")).text
        )
        assert document["total"] == int(count), address


def test_a_bar_of_the_histogram_narrows_to_its_period(server: Server) -> None:
    page = server.get("/search?q=site:tho-xuan").text
    assert "from=2023-07&amp;to=2023-07" in page
    found = json.loads(server.get("/api/search?q=site:tho-xuan&from=2023-07&to=2023-07").text)
    assert [hit["id"] for hit in found["hits"]] == [3]


def test_nothing_found_helps(server: Server, ids: Ids) -> None:
    misspelt = server.get("/search?q=nghj+quyet").text
    assert 'href="/search?q=nghi+quyet"' in misspelt
    filtered = server.get("/search?q=nghi+quyet&from=1999&to=1999").text
    assert "bỏ các điều kiện lọc" in filtered
    assert 'href="/search?q=nghi+quyet"' in filtered


@pytest.mark.parametrize(
    "text",
    ['"', "'", "a AND", "NEAR(a b", "* ^ :", "title_exact:x", "a\x00b", "'; DROP TABLE article--",
     "(" * 500, "{a}:b", "\ud800", "-", "a" * 5000, "site:", "tu:9999999"],
)  # fmt: skip
def test_no_query_is_a_syntax_error(server: Server, text: str) -> None:
    q = quote(text.encode("utf-8", "surrogatepass"))
    assert server.get(f"/search?q={q}").status == 200
    assert server.get(f"/search.json?q={q}&site={q[:90]}&from={q[:90]}&page={q[:90]}").status == 200
    assert server.get(f"/api/search?q={q[:2000]}").status == 200


def test_what_a_portal_prints_stays_text(server: Server, ids: Ids) -> None:
    for path in (
        f"/article/{ids.hostile}",
        "/search?q=site:tho-xuan",
        f"/article/{ids.hostile}/cite",
    ):
        page = server.get(path).text
        for piece in ("<script>", "<svg onload", "<img src=x", "</a><b>", "<i>ảnh"):
            assert piece not in page, path
        assert 'href="javascript:' not in page
        assert "49" not in re.sub(r"\d{3,}", "", page.partition("{{ 7*7 }}")[0][-50:])
    assert "&lt;script&gt;document.title" in server.get(f"/article/{ids.hostile}").text
    files = server.get(f"/article/{ids.first}").text
    assert 'href="javascript:' not in files


def test_the_head_of_an_article_tells_programs_what_it_is(server: Server, ids: Ids) -> None:
    page = server.get(f"/article/{ids.first}").text
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    item = json.loads(data[1])
    assert item["@type"] == "NewsArticle"
    assert item["datePublished"] == FIRST.published_at
    assert '<meta name="DC.title" content="Huyện triển khai Nghị quyết 35">' in page
    assert f'<link rel="canonical" href="{server.address}/article/{ids.first}">' in page
    hostile = server.get(f"/article/{ids.hostile}").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', hostile, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["headline"] == HOSTILE.title


def test_pictures_come_from_the_archive_only(server: Server, ids: Ids) -> None:
    page = server.get(f"/article/{ids.first}").text
    assert f'<img src="/picture/{ids.picture_capture}" alt="Toàn cảnh hội nghị"' in page
    assert page.count("<img") == 1
    assert "Ảnh chưa được lưu trong kho" in page
    picture = server.get(f"/picture/{ids.picture_capture}")
    assert (picture.body, picture.headers["content-type"]) == (PICTURE, "image/png")
    assert server.get(f"/picture/{ids.page_capture}").status == 404  # a page is no picture


def test_a_document_is_saved_and_never_shown(server: Server, ids: Ids) -> None:
    page = server.get(f"/article/{ids.first}").text
    link = re.search(r'href="(/file/\d+)" lang="vi">Kế hoạch<', page)
    assert link is not None
    answer = server.get(link[1])
    assert answer.body == b"%PDF-1.4"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert (
        "filename*=UTF-8''k%E1%BA%BF%20ho%E1%BA%A1ch.pdf" in answer.headers["content-disposition"]
    )
    assert (
        "kế hoạch.pdf · bản lưu" in page
    )  # its own name, for the link may say no more than "here"
    attack = server.get(f"/file/{ids.attack_capture}")
    assert attack.headers["content-disposition"].startswith("attachment")
    assert attack.headers["content-security-policy"].startswith("sandbox")


def test_differences_show_what_was_edited(server: Server, ids: Ids) -> None:
    for view in ("inline", "side"):
        page = server.get(f"/article/{ids.first}/differences?a=1&b=2&view={view}&lang=en").text
        assert re.search(r"<del>.*?25.*?</del>", page)
        assert re.search(r"<ins>.*?20.*?</ins>", page)


def test_the_history_of_an_article_is_told_in_the_order_of_time(server: Server, ids: Ids) -> None:
    for language, words in (
        ("vi", ("thấy lần đầu", "cổng thông tin đã sửa nội dung", "thấy lần gần nhất")),
        ("en", ("first seen", "the portal edited it", "last seen")),
    ):
        page = server.get(f"/article/{ids.first}/versions?lang={language}").text
        history = re.search(r'<ol class="history">.*?</ol>', page, re.DOTALL)
        assert history is not None
        told = re.findall(r'<li class="at-(\w+)"><time datetime="([^"]+)">', history[0])
        assert [what for what, _ in told] == ["first", "edit", "last"]
        assert [at for _, at in told] == sorted(at for _, at in told)
        places = [history[0].index(word) for word in words]
        assert places == sorted(places)
        assert f"/article/{ids.first}/differences?a=1&amp;b=2" in history[0]


def test_the_bytes_are_checked_while_you_wait(tmp_path: Path) -> None:
    ids = fill(tmp_path)
    with serving(tmp_path) as server:
        assert "byte trong kho đúng là byte đã lưu" in server.get("/article/1/provenance").text
        for warc in tmp_path.glob("warc/*/*.gz*"):
            damaged = bytearray(warc.read_bytes())
            for place in range(40, len(damaged), 97):
                damaged[place] ^= 0xFF
            warc.write_bytes(damaged)
        answer = server.get("/article/1/provenance")
        assert answer.status == 200
        assert "KIỂM TRA KHÔNG ĐẠT" in answer.text
        assert server.get("/article/1").status == 200  # what is in the database can still be read
        assert server.get(f"/record/{ids.page_capture}").status == 404
        assert server.get(f"/picture/{ids.picture_capture}").status == 404


def test_each_field_is_found_in_the_captured_page(server: Server, ids: Ids) -> None:
    """The page has the title as its heading and the picture's address; the text it has not."""
    page = server.get(f"/article/{ids.first}/provenance?lang=en").text
    table = page.partition("Where in the page each field stands")[2].partition("</table>")[0]
    rows = {
        re.sub(r"<[^>]+>", "", row.partition("</th>")[0]): row
        for row in table.partition("<tbody>")[2].split("<tr>")[1:]
    }
    bytes_of_title = re.search(r">([\d,]+) – ([\d,]+)<", rows["Title"])
    assert bytes_of_title is not None
    start, end = (int(number.replace(",", "")) for number in bytes_of_title.groups())
    body = server.get(f"/web/20240306010000id_/{FIRST.url}").body
    assert body[start:end].decode() == FIRST.title
    assert "0 of 3 paragraphs" in rows["Text"]
    assert "Picture 1" in rows
    assert "put together by the extractor" in rows["Byline"]


def test_citations(server: Server, ids: Ids) -> None:
    bibtex = server.get(f"/article/{ids.first}/cite.bib")
    assert bibtex.text.startswith("@online{")
    assert "title = {{Huyện triển khai Nghị quyết 35}}" in bibtex.text
    hostile = server.get(f"/article/{ids.hostile}/cite.bib").text
    assert hostile.count("{") == hostile.count("}")
    ris = server.get(f"/article/{ids.first}/cite.ris").text.split("\r\n")
    assert ris[0] == "TY  - ELEC"
    assert "AU  - Lê Thị An" in ris
    (item,) = json.loads(server.get(f"/article/{ids.first}/cite.json").text)
    assert item["issued"] == {"date-parts": [[2024, 3, 5]]}
    assert server.get(f"/article/{ids.first}/cite.exe").status == 404


def test_a_footnote_is_in_the_language_of_the_page(server: Server, ids: Ids) -> None:
    address = f"{server.address}/article/{ids.first}"
    page = server.get(f"/article/{ids.first}/cite").text
    assert (
        "Lê Thị An. “Huyện triển khai Nghị quyết 35”. Huyện Thọ Xuân, Thanh Hóa, 05/03/2024. "
        f"{FIRST.url} (lưu ngày 06/03/2024; bản lưu: {address})."
    ) in page
    assert "\ufffd" not in page
    assert f"note = {{Archived copy: \\url{{{address}}}}}" in page
    english = server.get(f"/article/{ids.first}/cite?lang=en").text
    assert "2024-03-05. http://" in english
    # An address of this computer is no address for a footnote, and the page says so.
    assert "works on this computer only" in english


def test_the_same_text_elsewhere_and_who_was_first(server: Server, ids: Ids) -> None:
    page = server.get(f"/article/{ids.copy}").text
    assert f'<a href="/article/{ids.first}" lang="vi">Huyện triển khai Nghị quyết 35</a>' in page
    assert "Cùng nội dung ở nơi khác" in page


def test_how_a_page_was_come_upon(tmp_path: Path) -> None:
    """A crawl follows links; a backfill takes pages from another archive."""
    for number, (command, says) in enumerate(
        (("crawl", "tìm thấy qua http://thoxuan.example/x"), ("backfill", "lấy từ http://web."))
    ):
        root = tmp_path / command
        via = f"{HOME}/x" if command == "crawl" else "http://web.example/2024/"
        with ArchiveWriter.open(root, command, []) as writer:
            url = f"{HOME}/{number}.html"
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
            exchange = Exchange(
                url, DAY, response_head=head, payload=b"<h1>Tin</h1>", status=200, via=via,
                media_type="text/html",
            )  # fmt: skip
            capture = writer.record_exchange("tho-xuan", exchange)
            reading = Reading(PageKind.ARTICLE, "test", "1", Article(url, "Tin"))
            writer.record_reading(capture, reading)
        with serving(root) as server:
            assert says in server.get("/article/1/provenance").text


def test_what_is_new_and_edited_can_be_followed_back(server: Server, ids: Ids) -> None:
    page = server.get("/changes?kind=edited").text
    assert f'href="/article/{ids.first}/differences?b=2"' in page
    assert "Mới vào kho" not in page.partition("<main")[2]
    assert f"/article/{ids.copy}" not in server.get("/changes?site=tho-xuan&kind=new").text
    assert server.get("/changes?kind=new&page=99").status == 200


def test_portals_count_what_may_be_shown(server: Server) -> None:
    rows = re.findall(r"<tr>.*?</tr>", server.get("/portals").text, re.DOTALL)
    thoxuan = next(row for row in rows if 'href="/portals/tho-xuan"' in row)
    assert 'data-label="Số bài">2<' in thoxuan  # the third is withheld


def test_the_state_of_the_crawls_begins_with_what_is_wrong(server: Server) -> None:
    page = server.get("/health").text
    assert "Có việc cần xem" in page
    first, _, rest = page.partition('href="/health?site=tho-xuan"')
    assert 'href="/health?site=xau"' in first  # its verdict is no healthy one
    assert rest


def test_withheld_is_nowhere(server: Server, ids: Ids) -> None:
    for path in (
        f"/article/{ids.secret}", f"/article/{ids.secret}/provenance", f"/api/articles/{ids.secret}",
        f"/record/{ids.secret_capture}", f"/record/{ids.secret_capture}.warc.gz",
        f"/file/{ids.secret_capture}", f"/web/2024/{HOME}/tin/mat.html",
        f"/web/20240305010000id_/{HOME}/tin/mat.html", f"/timegate/{HOME}/tin/mat.html",
        f"/timemap/link/{HOME}/tin/mat.html",
    ):  # fmt: skip
        answer = server.get(path)
        assert answer.status == 404, path
        assert b"0912" not in answer.body
    for path in ("/search?q=bi+mat", "/changes", "/portals/tho-xuan", "/api/search?q=0912"):
        assert "Bài bị gỡ" not in server.get(path).text
    assert json.loads(server.get(f"/api/captures?url={HOME}/tin/mat.html").text)["captures"] == []


# --- feeds, API -------------------------------------------------------------------------------


def test_any_result_as_table_feed_and_json(server: Server, ids: Ids) -> None:
    text = server.get("/search.csv?q=site:tho-xuan").text
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {int(row["id"]) for row in rows} == {ids.first, ids.hostile}
    for row in rows:
        assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())
    feed = ElementTree.fromstring(server.get("/search.atom?q=nghi+quyet").body)
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == FIRST.title
    hostile = ElementTree.fromstring(server.get("/search.atom?q=site:tho-xuan").body)
    assert HOSTILE.title in {t.text for t in hostile.iter(f"{ATOM}title")}
    page = json.loads(server.get("/search.json?q=nghi+quyet").text)
    assert page["hits"][0]["title"] == FIRST.title


def test_the_api_is_paged_and_has_entity_tags(server: Server, ids: Ids) -> None:
    first = server.get("/api/search?q=site:tho-xuan&limit=1")
    document = json.loads(first.text)
    assert document["total"] == 2
    following = json.loads(server.get(document["next"].removeprefix(server.address)).text)
    assert following["next"] is None
    assert {document["hits"][0]["id"], following["hits"][0]["id"]} == {ids.first, ids.hostile}
    again = server.get("/api/search?q=site:tho-xuan&limit=1", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    article = json.loads(server.get(f"/api/articles/{ids.first}").text)
    assert article["published_raw"] == FIRST.published_raw
    assert [v["cause"] for v in article["versions"]] == ["first", "edit"]
    captures = json.loads(server.get(f"/api/captures?url={FIRST.url}").text)["captures"]
    assert [c["fetched_at"][:10] for c in captures] == ["2024-03-05", "2024-03-06"]
    for path in ("/api/articles/99", "/api/captures", "/api/nothing"):
        answer = server.get(path)
        assert answer.status in (400, 404)
        assert "error" in json.loads(answer.text)


def test_programs_that_follow_every_link_are_told_where_not_to(server: Server) -> None:
    text = server.get("/robots.txt").text
    assert "User-agent: *" in text
    assert "Disallow: /web/" in text
    assert "Disallow: /article" not in text


def test_the_api_is_as_it_is_described(server: Server) -> None:
    description = json.loads(server.get("/api/openapi.json").text)
    schemas = description["components"]["schemas"]
    for path, example in (
        ("/api/search", "/api/search?q=nghi"),
        ("/api/articles/{id}", "/api/articles/1"),
        ("/api/captures", f"/api/captures?url={FIRST.url}"),
    ):
        content = description["paths"][path]["get"]["responses"]["200"]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert set(schemas[name]["required"]) <= set(json.loads(server.get(example).text))


# --- life ---------------------------------------------------------------------------------------


def test_it_reads_while_a_crawl_writes(tmp_path: Path) -> None:
    fill(tmp_path)
    stop = threading.Event()
    with serving(tmp_path) as server:

        def ask() -> list[int]:
            statuses: list[int] = []
            while not stop.is_set():
                paths = ("/search?q=huyen", "/article/1", f"/web/20240305010000/{FIRST.url}")
                statuses += [server.get(path).status for path in paths]
            return statuses

        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(ask) for _ in range(4)]
            try:
                when = DAY + timedelta(days=3)
                with ArchiveWriter.open(tmp_path, "crawl", [], clock=lambda: when) as writer:
                    for number in range(150):
                        url = f"{HOME}/tin/them-{number}.html"
                        capture = writer.record_exchange(
                            "tho-xuan",
                            Exchange(
                                url, when, response_head=b"HTTP/1.1 200 OK\r\n\r\n",
                                payload=url.encode(), status=200, media_type="text/html",
                            ),
                        )  # fmt: skip
                        article = Article(
                            url, f"Huyện thêm bài {number}", body_text=f"Bài {number}"
                        )
                        writer.record_reading(
                            capture, Reading(PageKind.ARTICLE, "test", "1", article)
                        )
            finally:
                stop.set()
            statuses = [status for one in asked for status in one.result()]
        assert set(statuses) == {200}
        assert json.loads(server.get("/api/search?q=%22them+bai%22").text)["total"] == 150


def test_ctrl_c_ends_it_cleanly(root: Path, ids: Ids) -> None:
    with serving(root) as server:
        assert server.get("/").status == 200
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 130
        assert server.process.stderr is not None
        assert "Traceback" not in server.process.stderr.read()


def huyen(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler.command", "--archive", str(root), "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_a_port_in_use_and_no_archive_are_one_line(root: Path, ids: Ids, tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = huyen(root, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = huyen(tmp_path / "none")
    assert done.returncode == 1
    assert "There is no archive" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert huyen(root, "--base-url", "javascript:x").returncode == 2


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_behind_a_proxy_links_have_its_address(root: Path, ids: Ids) -> None:
    port = free_port()
    options = ("--base-url", "https://luutru.example/", "--port", str(port))
    with serving(root, *options) as server:
        assert server.address == "https://luutru.example"
        near = replace(server, address=f"http://127.0.0.1:{port}")
        page = near.get(f"/article/{ids.first}", x_forwarded_host="evil.example").text
        assert f'rel="canonical" href="https://luutru.example/article/{ids.first}"' in page
        assert "evil.example" not in page
        gate = near.get(f"/timegate/{FIRST.url}")
        assert gate.headers["location"].startswith("https://luutru.example/web/")
