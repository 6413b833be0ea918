"""Archived pages over HTTP: shown with archived parts, locked in, and found by Memento."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from read_archive import FIRST, HOME, HOSTILE, PICTURE, Ids, Server, fill, serving


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
