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
    assert "Cùng nội dung: " in page


def test_facets_lead_to_as_many_as_they_say(server: Server) -> None:
    page = server.get("/search?q=huyen").text
    facets = re.findall(r'<li><a href="(/search[^"]+)">[^<]+</a> <span class="count">(\d+)<', page)
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
    assert server.get(f"/api/search?q={q}&site={q[:90]}&from={q[:90]}&page={q[:90]}").status == 200


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
    link = re.search(r'href="(/file/\d+)">Kế hoạch<', page)
    assert link is not None
    answer = server.get(link[1])
    assert answer.body == b"%PDF-1.4"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert (
        "filename*=UTF-8''k%E1%BA%BF%20ho%E1%BA%A1ch.pdf" in answer.headers["content-disposition"]
    )
    attack = server.get(f"/file/{ids.attack_capture}")
    assert attack.headers["content-disposition"].startswith("attachment")
    assert attack.headers["content-security-policy"].startswith("sandbox")


def test_differences_show_what_was_edited(server: Server, ids: Ids) -> None:
    for view in ("inline", "side"):
        page = server.get(f"/article/{ids.first}/differences?a=1&b=2&view={view}&lang=en").text
        assert re.search(r"<del>.*?25.*?</del>", page)
        assert re.search(r"<ins>.*?20.*?</ins>", page)


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


# --- replay ---------------------------------------------------------------------------------


def test_replay_shows_the_page_with_archived_parts(server: Server) -> None:
    frame = server.get(f"/web/20240305010000mp_/{FIRST.url}")
    assert frame.status == 200
    assert f'href="/web/20240305010000cs_/{HOME}/css/kieu.css"' in frame.text
    assert f'src="/web/20240305010000im_/{HOME}/anh/hop.png"' in frame.text
    assert f'href="/web/20240305010000/{HOME}/"' in frame.text
    assert "<script" not in frame.text
    style = server.get(f"/web/20240305010000cs_/{HOME}/css/kieu.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert f'url("/web/20240305010000im_/{HOME}/anh/hop.png")' in style.text
    assert server.get(f"/web/20240305010000im_/{HOME}/anh/hop.png").body == PICTURE


def test_what_is_replayed_is_locked_in(server: Server, ids: Ids) -> None:
    banner = server.get(f"/web/2024/{HOSTILE.url}")
    assert banner.status == 302
    banner = server.get(banner.headers["location"])
    assert 'sandbox="allow-top-navigation-by-user-activation"' in banner.text
    for kind in ("mp_", "id_"):
        frame = server.get(f"/web/20240306010000{kind}/{HOSTILE.url}")
        policy = frame.headers["content-security-policy"]
        assert policy.startswith("sandbox")
        assert "default-src 'none'" in policy
        assert "allow-scripts" not in policy
        assert "allow-same-origin" not in policy
    frame = server.get(f"/web/20240306010000mp_/{HOSTILE.url}")
    for piece in (
        "<script",
        "onerror",
        "onload",
        "javascript:",
        "<iframe",
        "<base",
        "http-equiv",
        "action=",
    ):
        assert piece not in frame.text
    assert "Chữ của trang xấu" in frame.text


def test_a_redirect_says_where_it_led(server: Server) -> None:
    page = server.get(f"/web/20240305010000/{HOME}/").text
    assert f'href="/web/20240305010000/{HOME}/trang-chu"' in page


def test_an_address_that_was_never_captured(server: Server) -> None:
    answer = server.get("/web/2024/http://ngoai.example/x?a=<b>")
    assert answer.status == 404
    assert "http://ngoai.example/x?a=%3Cb%3E" in answer.text


def test_the_raw_record_is_text_and_a_warc_file(server: Server, ids: Ids, tmp_path: Path) -> None:
    page = server.get(f"/record/{ids.attack_capture}").text
    assert "WARC-Target-URI" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    member = server.get(f"/record/{ids.page_capture}.warc.gz").body
    file = tmp_path / "one.warc.gz"
    file.write_bytes(member)
    listed = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "index", str(file)], capture_output=True, check=True
    )
    assert json.loads(listed.stdout)["warc-target-uri"] == FIRST.url


@pytest.mark.parametrize(
    "path",
    ["/web/99999999999999/http://thoxuan.example/", "/web/20241301/http://thoxuan.example/",
     "/web/2024xx_/http://thoxuan.example/", "/web/2024/file:///etc/passwd", "/web/2024/../../etc",
     "/web/2024id_/http://127.0.0.1:22/", "/static/../reader.css/../app.py", "/static/..%2fapp.py",
     "/static/%2e%2e/app.py", "/record/../archive.db", "/picture/99999999999999999999999",
     "/article/0", "/article/99999999999999999999999", "/article/1/versions/99", "/portals/x",
     "/portals/..%2f..%2fetc", "/web/2024/http://[", "/archive.db", "/article/1x", "//article/1"],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_a_404_page(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 404
    assert b"Traceback" not in answer.body
    assert b"root:" not in answer.body


def test_an_archived_address_cannot_add_a_header(server: Server) -> None:
    for path in (
        f"/timegate/{HOME}/%0d%0aSet-Cookie:a=b", f"/web/2024/{HOME}/%0d%0aSet-Cookie:a=b",
        f"/web/2024/{HOME}/?lang=%0d%0aX:y",
    ):  # fmt: skip
        answer = server.get(path)
        assert "set-cookie" not in answer.headers
        assert "x" not in answer.headers


def test_it_only_reads(server: Server) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert server.get("/article/1", method).status == 405
    assert server.get("/article/1", "HEAD").body == b""
    assert server.get("/article/1", host="a b<script>").status == 400


# --- Memento, feeds, API ----------------------------------------------------------------------


def test_memento(server: Server) -> None:
    gate = server.get(f"/timegate/{FIRST.url}", accept_datetime="Tue, 05 Mar 2024 11:00:00 GMT")
    assert gate.status == 302
    assert gate.headers["location"] == f"{server.address}/web/20240305010000/{FIRST.url}"
    assert gate.headers["vary"] == "accept-datetime"
    newest = server.get(f"/timegate/{FIRST.url}").headers["location"]
    assert newest == f"{server.address}/web/20240306010000/{FIRST.url}"
    for kind in ("", "mp_", "id_"):
        memento = server.get(f"/web/20240305010000{kind}/{FIRST.url}")
        assert memento.headers["memento-datetime"] == "Tue, 05 Mar 2024 01:00:00 GMT"
        assert f'<{FIRST.url}>; rel="original"' in memento.headers["link"]
        assert 'rel="last next memento"' in memento.headers["link"]
    timemap = server.get(f"/timemap/link/{FIRST.url}")
    assert timemap.headers["content-type"].startswith("application/link-format")
    assert timemap.text.count("memento") == 2
    assert server.get(f"/timegate/{FIRST.url}", accept_datetime="gestern").status == 400
    assert server.get(f"/timegate/{HOME}/x").status == 404


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
