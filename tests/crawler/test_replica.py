"""The replica portals print what is promised, and the server carries it unchanged."""

from __future__ import annotations

import datetime as dt
import gzip
import http.client
import io
import re
import struct
import subprocess
import sys
import threading
import unicodedata
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from itertools import combinations
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from lxml import etree
from lxml import html as lxml_html

from archive.errors import HuyenError
from archive.vietnamese import fold, normalise
from crawler.replica import (
    SITES_FILE,
    PortalServer,
    ReplicaPortal,
    Response,
    build_portals,
    shared_releases,
    truth,
)
from crawler.replica.attachments import document
from crawler.replica.pictures import picture
from crawler.sites import load_sites

HOSTS = ("thoxuan.thanhhoa.example", "hoanghoa.thanhhoa.example", "vithuy.haugiang.example")
each_host = pytest.mark.parametrize("host", HOSTS)


def get(portal: ReplicaPortal, url: str, **headers: str) -> Response:
    parts = urlsplit(url)
    return portal.respond(
        f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
        {name.replace("_", "-"): value for name, value in headers.items()},
    )


def body_of(response: Response) -> bytes:
    assert isinstance(response.body, bytes)
    return response.body


def page_text(response: Response) -> str:
    """The text of a page as a person sees it, on one line, NFC."""
    tree = lxml_html.document_fromstring(body_of(response).decode())
    return normalise(str(tree.text_content()))


def links_of(url: str, response: Response) -> set[str]:
    tree = lxml_html.document_fromstring(body_of(response).decode())
    found = [*tree.xpath("//@href"), *tree.xpath("//img/@src")]
    return {urldefrag(urljoin(url, str(link)))[0] for link in found}


def walk(portal: ReplicaPortal) -> dict[str, Response]:
    """Every address that links lead to from the home page, with its answer."""
    answers: dict[str, Response] = {}
    waiting = [portal.home]
    while waiting:
        url = waiting.pop()
        if url in answers or urlsplit(url).hostname != portal.host:
            continue
        answer = answers[url] = get(portal, url)
        if answer.status in (301, 302):
            waiting.append(urljoin(url, answer.headers["Location"]))
        elif answer.status == 200 and answer.headers["Content-Type"].startswith("text/html"):
            waiting += links_of(url, answer)
    return answers


@pytest.fixture(scope="module")
def portals() -> Mapping[str, ReplicaPortal]:
    return build_portals()


@pytest.fixture(scope="module")
def walked() -> dict[str, dict[str, Response]]:
    return {host: walk(portal) for host, portal in build_portals().items()}


# ---- what is published


@each_host
def test_a_portal_has_articles_enough_of_realistic_length(
    portals: Mapping[str, ReplicaPortal], host: str
) -> None:
    articles = truth(portals[host])
    lengths = [len(article.text) for article in articles]
    assert 45 <= len(articles) <= 60
    assert sum(2000 <= length <= 6000 for length in lengths) >= 30
    assert sum(0 < length < 1000 for length in lengths) >= 5
    assert max(lengths) > 4000
    assert sum(not article.paragraphs and bool(article.attachments) for article in articles) >= 3
    assert sum("-" in article.author or "–" in article.author for article in articles) >= 2
    assert sum(bool(article.table) for article in articles) == 1
    assert sum(len(article.aliases) == 1 for article in articles) == 1


@each_host
def test_titles_dates_and_addresses_are_distinct(
    portals: Mapping[str, ReplicaPortal], host: str
) -> None:
    articles = truth(portals[host])
    days = [dt.date.fromisoformat(article.published_at[:10]) for article in articles]
    assert len({article.title for article in articles}) == len(articles)
    assert len({article.url.lower() for article in articles}) == len(articles)
    assert len(set(days)) == len(days)
    assert days == sorted(days, reverse=True)
    assert dt.date(2015, 1, 1) <= min(days) < dt.date(2017, 1, 1)
    assert dt.date(2025, 1, 1) <= max(days) < dt.date(2025, 7, 1)


@each_host
def test_truth_is_clean_text(portals: Mapping[str, ReplicaPortal], host: str) -> None:
    for article in truth(portals[host]):
        texts = [article.title, article.summary, article.author, *article.paragraphs]
        texts += [image.caption for image in article.images]
        for text in texts:
            assert unicodedata.is_normalized("NFC", text)
            assert text == normalise(text)
            assert not re.search(r"[\[\]{}|]|\bxã xã\b", text), text


def test_no_article_resembles_another_by_accident(portals: Mapping[str, ReplicaPortal]) -> None:
    shared = {frozenset(pair[:2]): pair[2] for pair in shared_releases(portals)}
    shingles = {
        article.url: set(zip(words, words[1:], words[2:], strict=False))
        for portal in portals.values()
        for article in truth(portal)
        if len(words := re.findall(r"\w+", fold(article.text))) > 40
    }
    assert len(shared) == 4
    assert list(shared.values()).count(True) == 1
    for (first, one), (second, other) in combinations(shingles.items(), 2):
        alike = len(one & other) / len(one | other)
        verbatim = shared.get(frozenset((first, second)))
        if verbatim is None:
            assert alike < 0.45, (first, second)
        elif verbatim:
            assert alike == 1
        else:
            assert 0.75 < alike < 1


# ---- what is printed


@each_host
def test_the_page_prints_what_was_published(
    portals: Mapping[str, ReplicaPortal], host: str
) -> None:
    for article in truth(portals[host]):
        for url in (article.url, *article.aliases):
            answer = get(portals[host], url)
            text, links = page_text(answer), links_of(url, answer)
            for part in (article.title, article.published_raw, article.summary, article.author):
                assert part in text
            for paragraph in article.paragraphs:
                assert paragraph in text
            for cell in (cell for row in article.table for cell in row):
                assert cell in text
            for image in article.images:
                assert image.caption in text
                assert image.url in links
            for attachment in article.attachments:
                assert attachment.label in text
                assert attachment.url in links
        assert any(name in page_text(get(portals[host], article.url)) for name in article.category)


def test_tho_xuan_printed_three_forms_over_the_years(
    portals: Mapping[str, ReplicaPortal],
) -> None:
    portal = portals[HOSTS[0]]
    seen = set()
    for article in truth(portal):
        year = int(article.published_at[:4])
        markup = body_of(get(portal, article.url)).decode()
        assert ("100%" in markup) == (year >= 2022)
        assert ("T" in article.published_at) == (year < 2022)
        if year < 2022:
            assert re.fullmatch(
                r"Đăng lúc: \d\d:\d\d:\d\d \d\d/\d\d/\d{4} \(GMT\+7\)", article.published_raw
            )
            assert not any(image.alt or image.caption for image in article.images)
        alts = {re.sub(r"\d+", "9", image.alt) for image in article.images}
        seen |= {(year < 2022, year >= 2024, alt) for alt in alts}
    assert seen == {(True, False, ""), (False, False, "9.png"), (False, True, "9 (9).jpg")}


def test_tho_xuan_prints_decomposed_letters_and_entities(
    portals: Mapping[str, ReplicaPortal],
) -> None:
    pages = [body_of(get(portals[HOSTS[0]], a.url)).decode() for a in truth(portals[HOSTS[0]])]
    assert sum(len(re.findall("[\u0300-\u036f]", page)) > 200 for page in pages) >= 3
    assert sum(page.count("&ocirc;") > 10 for page in pages) >= 5
    assert all('<div class="today">date</div>' in page for page in pages)
    assert sum("&nbsp;" * 10 in page for page in pages) >= 20


def test_hoang_hoa_keeps_the_empty_paragraph_before_the_body(
    portals: Mapping[str, ReplicaPortal],
) -> None:
    portal = portals[HOSTS[1]]
    for article in truth(portal):
        tree = lxml_html.document_fromstring(body_of(get(portal, article.url)).decode())
        assert [p.text_content().strip() for p in tree.cssselect("p.tandan-p-article-main")] == [""]
        assert len(tree.cssselect("div.ms-rtestate-field")) == 1
        lower = get(portal, article.url.replace("/portal/Pages/", "/PORTAL/pages/"))
        assert article.title in page_text(lower)


def test_vi_thuy_glues_the_byline_and_counts_views(portals: Mapping[str, ReplicaPortal]) -> None:
    portal = build_portals()[HOSTS[2]]
    for article in truth(portal):
        for visit in (1, 2):
            text = page_text(get(portal, article.url))
            assert f"[ {article.published_raw} ] - [ Số lần xem: " in text
            assert f"Số lần xem: {(article.view_count or 0) + visit} ]" in text
        if article.author:
            assert f"{article.author}Các ý kiến của bạn đọc" in text


# ---- determinism


@each_host
def test_two_builds_answer_the_same_bytes(
    walked: dict[str, dict[str, Response]], host: str
) -> None:
    assert walk(build_portals()[host]) == walked[host]


@each_host
def test_only_the_declared_counters_change_between_fetches(host: str) -> None:
    portal = build_portals()[host]
    changed = 0
    for article in truth(portal):
        first, second = (body_of(get(portal, article.url)) for _ in range(2))
        changed += first != second
        for pattern in portal.volatile:
            assert pattern.search(first), pattern
            first, second = pattern.sub(b"", first), pattern.sub(b"", second)
        assert first == second
    assert changed == len(truth(portal))


# ---- links


@each_host
def test_every_article_can_be_reached_from_home(
    portals: Mapping[str, ReplicaPortal], walked: dict[str, dict[str, Response]], host: str
) -> None:
    for article in truth(portals[host]):
        assert walked[host][article.url].status == 200
        for alias in article.aliases:
            assert alias in walked[host]


@each_host
def test_links_resolve_except_the_declared_dead_ones(
    portals: Mapping[str, ReplicaPortal], walked: dict[str, dict[str, Response]], host: str
) -> None:
    broken = {url: a.status for url, a in walked[host].items() if a.status not in (200, 301, 302)}
    dead = portals[host].dead
    assert broken == {url: status for url, status in dead.items() if status != 200}
    assert set(dead) <= set(walked[host])
    assert {404, 500} <= set(broken.values())
    assert any(answer.status == 301 for answer in walked[host].values())


@each_host
def test_sections_page_by_ten_and_link_every_page(
    portals: Mapping[str, ReplicaPortal], walked: dict[str, dict[str, Response]], host: str
) -> None:
    portal = portals[host]
    parameter = "PageIndex" if host == HOSTS[1] else "page"
    articles = {url for article in truth(portal) for url in (article.url, *article.aliases)}
    sizes = []
    for section in portal.sections:
        listed = portal.listed(section)
        pages = -(-len(listed) // 10)
        for page in range(1, pages + 1):
            url = portal.absolute(f"{section.path}?{parameter}={page}")
            tree = lxml_html.document_fromstring(body_of(get(portal, url)).decode())
            side = tree.xpath("//div[@class='right' or @class='td-right'] | //td[@width='220']")
            for part in side:
                part.getparent().remove(part)
            found = {urljoin(url, str(href)) for href in tree.xpath("//a/@href")} & articles
            expected = [portal.absolute(path) for _, path in listed[page * 10 - 10 : page * 10]]
            assert found == set(expected)
            assert url in walked[host] or pages == 1
        sizes.append(pages)
    assert 5 <= len(sizes) <= 7
    assert max(sizes) >= 2


def test_vi_thuy_answers_unknown_addresses_softly(portals: Mapping[str, ReplicaPortal]) -> None:
    answer = get(portals[HOSTS[2]], "/khong-co-trang-nay/")
    assert (answer.status, "Không tìm thấy trang" in page_text(answer)) == (200, True)
    assert get(portals[HOSTS[2]], "/media/1/mat.jpg").status == 404
    for host in HOSTS[:2]:
        assert get(portals[host], "/khong-co-trang-nay").status == 404


@each_host
def test_robots_forbids_something_that_is_linked(
    portals: Mapping[str, ReplicaPortal], walked: dict[str, dict[str, Response]], host: str
) -> None:
    answer = get(portals[host], "/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain"
    forbidden = re.findall(r"^Disallow: (\S+)$", body_of(answer).decode(), re.MULTILINE)
    assert any(urlsplit(url).path.startswith(tuple(forbidden)) for url in walked[host])
    for article in truth(portals[host]):
        assert not urlsplit(article.url).path.startswith(tuple(forbidden))


@each_host
def test_the_sites_file_describes_the_portals(
    portals: Mapping[str, ReplicaPortal], host: str
) -> None:
    site = load_sites(SITES_FILE)[portals[host].slug]
    assert site.home == portals[host].home
    assert [urljoin(site.home, section) for section in site.sections] == [
        portals[host].absolute(section.path) for section in portals[host].sections
    ]
    assert (site.pace.delay, site.is_public) == (0, False)


# ---- the later visit


@each_host
def test_epoch_one_differs_by_exactly_the_declared_changes(host: str) -> None:
    before, after = build_portals(0)[host], build_portals(1)[host]
    old = {article.url: article for article in truth(before)}
    new = {article.url: article for article in truth(after)}
    changes = after.changes
    assert changes == before.changes
    assert len(changes.new) == 2
    assert set(new) - set(old) == {*changes.new, changes.moved[1]}
    assert set(old) - set(new) == {changes.deleted, changes.moved[0]}
    different = {url for url in set(old) & set(new) if old[url] != new[url]}
    assert different == {changes.edited}
    assert new[changes.edited].paragraphs[:-1] == old[changes.edited].paragraphs
    assert new[changes.moved[1]].text == old[changes.moved[0]].text
    assert set(walk(after)) >= set(new)
    gone = get(after, changes.deleted)
    assert gone.status == 404 or "Không tìm thấy trang" in page_text(gone)
    moved = get(after, changes.moved[0])
    target = urljoin(changes.moved[0], moved.headers.get("Location", ""))
    assert (moved.status, target) in [(404, changes.moved[0]), (301, changes.moved[1])]
    assert after.renamed.story == before.renamed.story


def test_an_unknown_epoch_is_refused() -> None:
    with pytest.raises(ValueError, match="epoch is 0 or 1"):
        build_portals(2)


# ---- pictures and attachments


@each_host
def test_assets_are_valid_and_answer_conditional_requests(
    portals: Mapping[str, ReplicaPortal], walked: dict[str, dict[str, Response]], host: str
) -> None:
    starts = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "application/pdf": b"%PDF-"}
    expected = {
        asset.url
        for article in truth(portals[host])
        for asset in (*article.images, *article.attachments)
    }
    assert expected <= set(walked[host])
    for url in expected:
        answer = walked[host][url]
        assert body_of(answer).startswith(starts.get(answer.headers["Content-Type"], b"PK"))
        tag, stamp = answer.headers["ETag"], answer.headers["Last-Modified"]
        for headers, status in (
            ({"if_none_match": tag}, 304),
            ({"if_modified_since": stamp}, 304),
            ({"if_none_match": '"another"', "if_modified_since": stamp}, 200),
            ({"if_modified_since": "Thu, 01 Jan 2015 00:00:00 GMT"}, 200),
        ):
            again = get(portals[host], url, **headers)
            assert again.status == status
            assert again.headers["ETag"] == tag
            assert again.body == (b"" if status == 304 else answer.body)


def test_a_png_decodes_to_its_size() -> None:
    data = picture("tho-xuan/1", 200, "png")
    chunks, place = {}, 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        name, content = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (check,) = struct.unpack_from(">I", data, place + 8 + length)
        assert check == zlib.crc32(name + content)
        chunks[name] = content
        place += 12 + length
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    assert (width, height) == (200, 128)
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (1 + 3 * width)


def test_a_jpeg_holds_one_flat_block_for_each_square() -> None:
    data = picture("tho-xuan/1", 200, "jpg")
    assert (data[:4], data[-2:]) == (b"\xff\xd8\xff\xe0", b"\xff\xd9")
    height, width = struct.unpack_from(">HH", data, data.index(b"\xff\xc0") + 5)
    assert (width, height) == (200, 128)
    start = data.index(b"\xff\xda") + 14
    bits = "".join(f"{byte:08b}" for byte in data[start:-2].replace(b"\xff\0", b"\xff"))
    place, levels, values = 0, [0, 0, 0], []
    for block in range(3 * (width // 8) * (height // 8)):
        size = int(bits[place : place + 4], 2)
        raw = bits[place + 4 : place + 4 + size]
        if size:
            value = int(raw, 2)
            levels[block % 3] += value if raw[0] == "1" else value - (1 << size) + 1
        assert bits[place + 4 + size] == "0"  # end of block
        values.append(levels[block % 3])
        place += 5 + size
    assert set(bits[place:]) <= {"1"}
    assert len(bits) - place < 8
    assert all(-128 <= value <= 127 for value in values)


def test_a_pdf_has_true_offsets_and_gives_its_vietnamese_text_back() -> None:
    lines = ("Nghị quyết 35-NQ/TW: ưu tiên “đường đồng”", "Giá 2 % – 1.250.000 đ/m²; ‰")
    data = document("pdf", lines)
    table = int(data.split(b"startxref\n")[1].split(b"\n")[0])
    entries = re.findall(rb"(\d{10}) 00000 n ", data[table:])
    for number, offset in enumerate(entries, start=1):
        assert data[int(offset) :].startswith(b"%d 0 obj" % number)
    pairs = re.findall(rb"<(..)> <(....)>\n", data)
    letters = {code: bytes.fromhex(point.decode()).decode("utf-16-be") for code, point in pairs}
    shown = [re.findall(rb"..", line) for line in re.findall(rb"<([0-9A-F]*)> Tj", data)]
    text = ["".join(letters[code] for code in line) for line in shown]
    assert [line for line in text if line] == list(lines)
    for stream in re.finditer(rb"/Length (\d+) >>\nstream\n", data):
        assert data[stream.end() + int(stream[1]) :].startswith(b"\nendstream")


def test_a_docx_is_a_package_with_the_text() -> None:
    data = document("docx", ("Biểu số liệu <A & B>", "Kế hoạch"))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        parts = {name: etree.fromstring(package.read(name)) for name in package.namelist()}
    assert set(parts) == {"[Content_Types].xml", "_rels/.rels", "word/document.xml"}
    paragraphs = ["".join(map(str, p.itertext())) for p in parts["word/document.xml"][0]]
    assert paragraphs == ["Biểu số liệu <A & B>", "Kế hoạch"]


# ---- the server


class Odd:
    """A portal that misbehaves as its path says."""

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        match path.partition("?")[0]:
            case "/chunks":
                return Response(200, {"Content-Type": "text/html"}, iter((b"one ", b"two")))
            case "/short":
                return Response(200, {"Content-Length": "100"}, b"only this")
            case "/silent":
                raise ConnectionAbortedError
            case "/many":
                return Response(429, {"Retry-After": "3"}, b"slow down")
        return Response(200, {"Content-Type": "text/html; charset=utf-8"}, path.encode() * 200)


@pytest.fixture
def server() -> Iterator[PortalServer]:
    with PortalServer({**build_portals(), "odd.example": Odd()}) as running:
        yield running


def ask(server: PortalServer, host: str, path: str, **headers: str) -> tuple[int, bytes, object]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def test_origin_and_proxy_serve_the_same_portal(server: PortalServer) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": server.proxy_url}))
    url = "http://odd.example/tin?so=1"
    with opener.open(url, timeout=10) as answer:
        through_proxy = answer.read()
    assert through_proxy == ask(server, "odd.example", "/tin?so=1")[1] == b"/tin?so=1" * 200
    assert ask(server, f"odd.example.localhost:{server.port}", "/a")[1] == b"/a" * 200
    assert [(r.host, r.method, r.path) for r in server.requests] == [
        ("odd.example", "GET", "/tin?so=1"),
        ("odd.example", "GET", "/tin?so=1"),
        ("odd.example", "GET", "/a"),
    ]
    host, _, _, headers = server.requests[0]
    assert headers["host"] == host


def test_a_host_that_is_not_served_is_a_bad_gateway(server: PortalServer) -> None:
    assert ask(server, "www.gov.example", "/")[0] == 502
    status, body, _ = ask(server, f"127.0.0.1:{server.port}", "/")
    assert status == 200
    assert f"http://{HOSTS[0]}.localhost:{server.port}/".encode() in body


def test_text_is_compressed_on_request_and_pictures_are_not(server: PortalServer) -> None:
    article = next(a for a in truth(build_portals()[HOSTS[0]]) if a.images)
    path = urlsplit(article.url).path
    _, packed, headers = ask(server, HOSTS[0], path, **{"Accept-Encoding": "gzip"})
    assert isinstance(headers, http.client.HTTPMessage)
    assert headers["Content-Encoding"] == "gzip"
    assert headers["ETag"] is None
    assert normalise(article.title) in gzip.decompress(packed).decode()
    _, bare, headers = ask(server, HOSTS[0], path)
    assert isinstance(headers, http.client.HTTPMessage)
    assert headers["Content-Encoding"] is None
    assert bare.startswith(b"<!DOCTYPE html>")
    shot = urlsplit(article.images[0].url).path
    status, _, headers = ask(server, HOSTS[0], shot, **{"Accept-Encoding": "gzip"})
    assert isinstance(headers, http.client.HTTPMessage)
    assert (status, headers["Content-Encoding"]) == (200, None)
    tag = {"If-None-Match": headers["ETag"]}
    assert ask(server, HOSTS[0], shot, **tag)[:2] == (304, b"")


def test_one_connection_carries_many_requests(server: PortalServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.connect()
    local = connection.sock.getsockname()
    for method, path in (("GET", "/a"), ("HEAD", "/b"), ("GET", "/chunks"), ("GET", "/many")):
        connection.request(method, path, headers={"Host": "odd.example"})
        answer = connection.getresponse()
        body = answer.read()
        assert connection.sock.getsockname() == local
    assert (answer.status, answer.headers["Retry-After"], body) == (429, "3", b"slow down")
    connection.close()


def test_a_portal_may_misbehave(server: PortalServer) -> None:
    assert ask(server, "odd.example", "/chunks")[1] == b"one two"
    with pytest.raises(http.client.IncompleteRead):
        ask(server, "odd.example", "/short")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(server, "odd.example", "/silent")


def test_it_answers_many_clients_at_once(server: PortalServer) -> None:
    statuses: list[int] = []
    clients = [
        threading.Thread(target=lambda: statuses.append(ask(server, HOSTS[2], "/")[0]))
        for _ in range(12)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert statuses == [200] * 12
    assert len(server.requests) == 12


def test_closing_ends_idle_connections() -> None:
    with PortalServer({"odd.example": Odd()}) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/", headers={"Host": "odd.example"})
        connection.getresponse().read()
    assert connection.sock.recv(1) == b""  # the server hung up
    connection.close()
    with pytest.raises(OSError, match="refused"):
        connection.connect()


def test_a_port_in_use_is_said_plainly(server: PortalServer) -> None:
    with pytest.raises(HuyenError, match=f"port {server.port} .* --port"):
        PortalServer({}, port=server.port)
    with pytest.raises(HuyenError, match="between 0 and 65535"):
        PortalServer({}, port=70000)


def test_help_explains_how_to_reach_the_portals() -> None:
    command = [sys.executable, "-m", "crawler.replica", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert "http_proxy=" in shown
    assert "Host: thoxuan.thanhhoa.example" in shown
