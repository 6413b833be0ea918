"""Every exchange of a crawl is captured byte for byte, and Scrapy does not notice."""

from __future__ import annotations

import gzip
import os
import pickle
import re
import shutil
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from capture_crawl import Job, Outcome, Result
from wire_server import End, Listener, Script, Seen, WireServer, self_signed

from archive.exchange import Exchange
from crawler.fetching.tls import iana_cipher_name
from crawler.fetching.wire import HEAD_LIMIT

REPOSITORY = Path(__file__).parents[2]
TAPPED = "crawler.fetching.capture.CapturingDownloadHandler"
STOCK = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
MODES = ("plain", "tls", "proxied", "tunnelled")

OK = b"HTTP/1.1 200 OK\r\n"
PAGE = "<html><title>Nghị quyết số 35</title><p>Ủy ban nhân dân huyện.</p></html>".encode()
ZIPPED = gzip.compress(PAGE, mtime=0)
PICTURE = bytes(range(256)) * 1024
MAXSIZE = 100_000
IMPATIENT = {"download_timeout": 3.0}


@dataclass(frozen=True)
class Case:
    """What the server says (``script``), and what must be in the exchange because of it.

    ``error`` is the beginning of the error. ``like_stock`` is False where Scrapy's own handler
    differs: it loses a page with a long line in its head, and takes a head of any size.
    """

    name: str
    script: Script
    head: bytes = b""
    payload: bytes = b""
    truncated: str = ""
    error: str = ""
    status: int | None = 200
    media_type: str = "text/html"
    protocol: str = "http/1.1"
    method: str = "GET"
    body: bytes = b""
    meta: dict[str, Any] = field(default_factory=dict)
    like_stock: bool = True


def whole(name: str, head: bytes, payload: bytes = PAGE, **expected: Any) -> Case:
    """The payload follows the head as it is, and the connection stays open."""
    return Case(name, (head + payload,), head, payload, **expected)


def framed(name: str, head: bytes, body: bytes, payload: bytes = PAGE, **expected: Any) -> Case:
    """The payload is not what follows the head on the wire."""
    return Case(name, (head, body), head, payload, **expected)


def headless(name: str, *script: bytes | End, error: str, **expected: Any) -> Case:
    return Case(name, script, status=None, media_type="", protocol="", error=error, **expected)


def head(*lines: bytes, status: bytes = OK, length: int | None = len(PAGE)) -> bytes:
    lines = (b"Content-Type: text/html; charset=utf-8", *lines)
    if length is not None:
        lines += (b"Content-Length: %d" % length,)
    return status + b"\r\n".join(lines) + b"\r\n\r\n"


def chunked(*chunks: bytes, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    lines = [b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks]
    return b"".join(lines) + b"0\r\n" + trailer + b"\r\n"


LENGTH_UNKNOWN = head(b"Connection: close", length=None)
CHUNKED = head(b"Transfer-Encoding: chunked", length=None)
ODD_HEAD = (
    OK + b"date: Mon, 02 Nov 2026 00:00:00 GMT\r\nX-POWERED-BY: ASP.NET\r\n"
    b"sEt-cOOkie: a=1; path=/\r\ncontent-TYPE:Text/HTML ;charset=UTF-8\r\n"
    b"Set-Cookie: b=2; path=/\r\nX-Empty:\r\nX-Spaces:   two  inside \t \r\n"
    b"X-Latin: H\xe0 N\xf4i\r\nX-Utf8: \xe1\xbb\xa6y ban\r\nset-cookie: a=3\r\n"
    b"Content-Length: %d\r\n\r\n" % len(PAGE)
)
LF_HEAD = head().replace(b"\r\n", b"\n")
FOLDED_HEAD = head(b"X-Folded: first\r\n  second\r\n\tthird")
BROKEN_LINE_HEAD = head(b"this line has no colon", b"Server: IIS")
OLD_HEAD = head(status=b"HTTP/1.0 200 OK\r\n", length=None)
OLD_KEPT_HEAD = head(b"Connection: keep-alive", status=b"HTTP/1.0 200 OK\r\n")
EMPTY_HEAD = head(length=0)
NO_CONTENT_HEAD = b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"
NOT_MODIFIED_HEAD = head(b'ETag: "1"', status=b"HTTP/1.1 304 Not Modified\r\n", length=999)
REASON_HEAD = head(status="HTTP/1.1 200 Được rồi\r\n".encode())
LONG_HEAD = head(b"Set-Cookie: s=" + b"x" * 15_000)
LONGER_HEAD = head(b"Set-Cookie: s=" + b"x" * 120_000)
MANY_HEAD = head(*(b"X-%d: %d" % (n, n) for n in range(500)))
TOO_LARGE_HEAD = head(*[b"X-Filler: " + b"x" * 1000] * (HEAD_LIMIT // 1000))
CUT_HEAD = head(length=5000)
LARGE_HEAD = head(length=2 * MAXSIZE)
UNKNOWN_CODING_HEAD = head(b"Transfer-Encoding: gzip, chunked", length=None)
CONFLICT_HEAD = head(b"Content-Length: 7")
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
ZIPPED_HEAD = head(b"Content-Encoding: gzip", length=len(ZIPPED))
ZIPPED_CHUNKED_HEAD = head(b"Content-Encoding: gzip", b"Transfer-Encoding: chunked", length=None)
PICTURE_HEAD = OK + b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(PICTURE)
MISSING_HEAD = head(status=b"HTTP/1.1 404 Not Found\r\n")
BUSY_HEAD = head(b"Retry-After: 9", status=b"HTTP/1.1 503 Service Unavailable\r\n")
MOVED_HEAD = head(b"Location: /elsewhere", status=b"HTTP/1.1 302 Found\r\n")

CASES = [
    # The slow ones first: they wait for their timeout side by side.
    headless("silence", End.STALL, error="timeout: no response head within 3 s", meta=IMPATIENT),
    headless("half-head", OK, End.STALL, error="timeout: no response head", meta=IMPATIENT),
    Case("slow", (CUT_HEAD + PAGE, End.STALL), CUT_HEAD, PAGE, "time", meta=IMPATIENT),
    Case(
        "slow-chunks",
        (CHUNKED + b"5\r\nabcde\r\n5\r\nfg", End.STALL),
        CHUNKED,
        b"abcdefg",
        "time",
        meta=IMPATIENT,
    ),
    whole("page", head()),
    whole("odd-head", ODD_HEAD, media_type="text/html"),
    Case("dribble", [bytes([byte]) for byte in head() + PAGE], head(), PAGE),
    whole("lf-only", LF_HEAD),
    whole("folded", FOLDED_HEAD),
    whole("no-colon", BROKEN_LINE_HEAD),
    whole("reason", REASON_HEAD),
    whole("no-reason", head(status=b"HTTP/1.1 200\r\n")),
    whole("no-type", OK + b"Content-Length: %d\r\n\r\n" % len(PAGE), media_type=""),
    whole("length-twice", head(b"Content-Length: %d" % len(PAGE))),
    whole("long-head", LONG_HEAD),
    whole("longer-head", LONGER_HEAD, like_stock=False),
    whole("many-headers", MANY_HEAD),
    whole("gzip", ZIPPED_HEAD, ZIPPED),
    whole("picture", PICTURE_HEAD, PICTURE, media_type="image/jpeg"),
    whole("missing", MISSING_HEAD, status=404),
    whole("busy", BUSY_HEAD, status=503),
    whole("moved", MOVED_HEAD, status=302),
    whole("empty", EMPTY_HEAD, b""),
    whole("no-content", NO_CONTENT_HEAD, b"", status=204, media_type=""),
    whole("not-modified", NOT_MODIFIED_HEAD, b"", status=304),
    whole("head", head(), b"", method="HEAD"),
    whole("post", head(), method="POST", body=b"__VIEWSTATE=%2FwEP&page=2"),
    whole("large-post", head(), method="POST", body=PICTURE * 2),
    whole("empty-post", head(), method="POST"),
    whole("put", head(), method="PUT", body=b"\x00\r\n\r\n\xff"),
    whole("http-1.0-kept", OLD_KEPT_HEAD, protocol="http/1.0"),
    Case("http-1.0", (OLD_HEAD + PAGE, End.CLOSE), OLD_HEAD, PAGE, protocol="http/1.0"),
    Case("until-close", (LENGTH_UNKNOWN, PICTURE, End.CLOSE), LENGTH_UNKNOWN, PICTURE),
    framed("chunked", CHUNKED, chunked(PAGE[:7], PAGE[7:])),
    framed("small-chunks", CHUNKED, chunked(*(bytes([byte]) for byte in PAGE))),
    framed("large-chunk", CHUNKED, chunked(PICTURE), PICTURE),
    framed("empty-chunked", CHUNKED, chunked(), b""),
    framed("chunk-extension", CHUNKED, chunked(PAGE, extension=b';name="a b";x')),
    framed("trailer", CHUNKED, chunked(PAGE, trailer=b"X-Sum: 1\r\nX-More: 2\r\n")),
    framed("gzip-chunked", ZIPPED_CHUNKED_HEAD, chunked(ZIPPED[:9], ZIPPED[9:]), ZIPPED),
    Case("continue", (b"HTTP/1.1 100 Continue\r\n\r\n" + head() + PAGE,), head(), PAGE),
    Case("early-hints", (HINTS, HINTS, head(), PAGE), head(), PAGE),
    Case("surplus", (head() + PAGE + OK + b"\r\nleftover",), head(), PAGE),
    Case("surplus-204", (NO_CONTENT_HEAD + PAGE,), NO_CONTENT_HEAD, status=204, media_type=""),
    Case("surplus-head", (head() + PAGE,), head(), method="HEAD"),
    # Cut off, too large, unreadable: what came is kept.
    Case("cut", (CUT_HEAD + PAGE, End.CUT), CUT_HEAD, PAGE, "disconnect"),
    Case(
        "cut-tolerated",
        (CUT_HEAD + PAGE, End.CUT),
        CUT_HEAD,
        PAGE,
        "disconnect",
        meta={"download_fail_on_dataloss": False},
    ),
    Case("cut-chunk", (CHUNKED + b"ff\r\n" + PAGE, End.CUT), CHUNKED, PAGE, "disconnect"),
    Case("cut-at-head", (CUT_HEAD, End.CUT), CUT_HEAD, b"", "disconnect"),
    Case("reset", (LENGTH_UNKNOWN + PAGE, End.RESET), LENGTH_UNKNOWN, PAGE, "disconnect"),
    Case(
        "bad-chunk",
        (CHUNKED + b"5\r\nabcde\r\nxyz\r\n",),
        CHUNKED,
        b"abcde",
        "unspecified",
        error="protocol: Chunk-size must be an integer",
    ),
    Case(
        "bad-chunk-tolerated",
        (CHUNKED + b"5\r\nabcde\r\nxyz\r\n",),
        CHUNKED,
        b"abcde",
        "unspecified",
        error="protocol: Chunk-size must be an integer",
        meta={"download_fail_on_dataloss": False},
    ),
    Case(
        "unknown-coding",
        (UNKNOWN_CODING_HEAD + chunked(ZIPPED),),
        UNKNOWN_CODING_HEAD,
        truncated="unspecified",
        error="protocol: transfer coding b'gzip, chunked' is not supported",
    ),
    Case(
        "length-conflict",
        (CONFLICT_HEAD + PAGE,),
        CONFLICT_HEAD,
        truncated="unspecified",
        error="protocol: Invalid response: conflicting Content-Length",
    ),
    Case("large", (LARGE_HEAD, End.STALL), LARGE_HEAD, b"", "length"),
    Case("large-chunked", (CHUNKED, chunked(PICTURE)), CHUNKED, PICTURE[:MAXSIZE], "length"),
    Case(
        "large-until-close",
        (LENGTH_UNKNOWN, PICTURE, End.CLOSE),
        LENGTH_UNKNOWN,
        PICTURE[:MAXSIZE],
        "length",
    ),
    headless("closed", End.CUT, error="connect: Connection"),
    headless("closed-in-head", OK + b"Server: x\r\n", End.CUT, error="connect: Connection"),
    headless("reset-at-once", End.RESET, error="connect: Connection to the other side was lost"),
    headless("not-http", b"220 ftp.test ready\r\n", error="protocol: non-integer status"),
    headless("not-http-either", b"\x00\x01\x02\r\n", error="protocol: wrong number of parts"),
    headless("odd-version", b"ICY 200 OK\r\n\r\n", error="protocol: not enough values"),
    headless(
        "head-too-large",
        TOO_LARGE_HEAD + PAGE,
        error="protocol: response head larger than 262144 bytes",
        like_stock=False,
    ),
    headless(
        "line-too-long",
        OK + b"X: " + b"x" * HEAD_LIMIT,
        End.STALL,
        error="protocol: response head larger than 262144 bytes",
    ),
]
# A signal handler of an extension may stop a download. What Scrapy got by then is the exchange.
CASES += [
    Case(
        f"stop-at-{moment}-{'failing' if fails else 'kept'}",
        (LENGTH_UNKNOWN, PAGE, End.STALL),
        LENGTH_UNKNOWN,
        b"" if moment == "head" else PAGE,
        "unspecified",
        meta={"stop": moment, "stop_fails": fails},
    )
    for moment in ("head", "body")
    for fails in (True, False)
]
BY_NAME = {case.name: case for case in CASES}
UNLIMITED = {"picture", "large-chunk", "until-close"}


@dataclass
class Crawl:
    result: Result
    seen: dict[str, list[Seen]]
    urls: dict[str, str]
    began: datetime
    ended: datetime

    def exchange(self, name: str) -> Exchange:
        [found] = self.exchanges(name)
        return found

    def exchanges(self, name: str) -> list[Exchange]:
        return [e for _, e in self.result.exchanges if e.url == self.urls[name]]

    def outcome(self, name: str, method: str = "GET") -> Outcome:
        return self.result.outcomes[method, self.urls[name]]


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def tls(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture(scope="module")
def old_tls(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    return context


def run(
    directory: Path,
    requests: list[dict[str, Any]],
    *,
    handler: str | None = TAPPED,
    record: bool = True,
    **settings: Any,
) -> Result:
    """Crawl in a child process."""
    settings = {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler} if handler else {},
        "DEFAULT_REQUEST_HEADERS": {"Accept-Encoding": "gzip"},
        "DOWNLOAD_TIMEOUT": 30,
        "HTTPERROR_ALLOW_ALL": True,
        "REMOTE_CONTROL_ENABLED": False,
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "DNS_TIMEOUT": 5,
    } | settings
    job, result = directory / "job", directory / "result"
    job.write_bytes(pickle.dumps(Job(requests, settings, record)))
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    child = subprocess.run(
        [sys.executable, Path(__file__).with_name("capture_crawl.py"), job, result],
        env=environment | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert child.stderr == ""
    loaded = pickle.loads(result.read_bytes())
    assert isinstance(loaded, Result)
    return loaded


def crawl_cases(directory: Path, tls: ssl.SSLContext, handler: str) -> Crawl:
    """Every case in every mode, up to 64 at once."""
    scripts = {f"/{mode}/{case.name}": [case.script] for mode in MODES for case in CASES}
    began = datetime.now(UTC)
    with (
        WireServer(scripts, tunnel=tls) as plain_server,
        WireServer(scripts, tls=tls) as tls_server,
    ):
        plain, secure = f"127.0.0.1:{plain_server.port}", f"127.0.0.1:{tls_server.port}"
        origins = {
            "plain": f"http://{plain}",
            "tls": f"https://{secure}",
            "proxied": "http://127.0.0.1:8081",
            "tunnelled": "https://127.0.0.1:8443",
        }
        urls, requests = {}, []
        for case in CASES:
            for mode in MODES:
                url = f"{origins[mode]}/{mode}/{case.name}"
                meta = dict(case.meta)
                if mode in ("proxied", "tunnelled"):
                    meta["proxy"] = f"http://{plain}"
                if case.name in UNLIMITED:
                    meta["download_maxsize"] = 0
                urls[f"{mode}/{case.name}"] = url
                requests.append(
                    {"url": url, "method": case.method, "body": case.body, "meta": meta}
                )
        result = run(
            directory,
            requests,
            handler=handler,
            CONCURRENT_REQUESTS=64,
            CONCURRENT_REQUESTS_PER_DOMAIN=64,
            DOWNLOAD_MAXSIZE=MAXSIZE,
        )
    seen = plain_server.seen | tls_server.seen
    return Crawl(result, seen, urls, began, datetime.now(UTC))


@pytest.fixture(scope="module")
def tapped(tmp_path_factory: pytest.TempPathFactory, tls: ssl.SSLContext) -> Crawl:
    return crawl_cases(tmp_path_factory.mktemp("tapped"), tls, TAPPED)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory, tls: ssl.SSLContext) -> Crawl:
    return crawl_cases(tmp_path_factory.mktemp("stock"), tls, STOCK)


every_case = pytest.mark.parametrize("name", [f"{m}/{c.name}" for c in CASES for m in MODES])


def case_of(name: str) -> tuple[str, Case]:
    mode, _, case_name = name.partition("/")
    return mode, BY_NAME[case_name]


@every_case
def test_exchange_is_what_crossed_the_wire(tapped: Crawl, name: str) -> None:
    _, case = case_of(name)
    exchange = tapped.exchange(name)
    [seen] = tapped.seen[f"/{name}"]
    assert exchange.request == seen.request
    assert exchange.response_head == case.head
    assert exchange.payload == case.payload
    assert (exchange.truncated, exchange.error[: len(case.error) or None]) == (
        case.truncated,
        case.error,
    )
    assert (exchange.method, exchange.status) == (case.method, case.status)
    assert exchange.media_type == case.media_type
    assert exchange.protocol == case.protocol


@every_case
def test_exchange_tells_peer_tls_and_time(tapped: Crawl, name: str) -> None:
    mode, _ = case_of(name)
    exchange = tapped.exchange(name)
    assert exchange.ip_address == ("127.0.0.1" if mode in ("plain", "tls") else "")
    secure = mode in ("tls", "tunnelled")
    assert re.fullmatch(r"tls/1\.3 TLS_\w+" if secure else "", exchange.tls)
    assert tapped.began < exchange.fetched_at < tapped.ended
    assert exchange.fetched_at.utcoffset() is not None


@pytest.mark.parametrize("name", [f"{m}/{c.name}" for c in CASES if c.like_stock for m in MODES])
def test_spider_gets_what_the_stock_handler_gives(tapped: Crawl, stock: Crawl, name: str) -> None:
    _, case = case_of(name)
    assert tapped.outcome(name, case.method).answer == stock.outcome(name, case.method).answer
    url, stock_url = tapped.urls[name], stock.urls[name]
    assert tapped.result.heads.get(url) == stock.result.heads.get(stock_url)
    if case.truncated != "length":  # then it depends on the sizes of the last reads
        assert tapped.result.bodies.get(url) == stock.result.bodies.get(stock_url)


@pytest.mark.parametrize("mode", MODES)
def test_head_has_one_limit_for_lines_and_total(tapped: Crawl, stock: Crawl, mode: str) -> None:
    lost = {"raised": ["DownloadFailedError", "ResponseFailed"]}
    assert tapped.outcome(f"{mode}/longer-head").answer["body"] == PAGE
    assert stock.outcome(f"{mode}/longer-head").answer == lost
    assert tapped.outcome(f"{mode}/head-too-large").answer == lost
    assert stock.outcome(f"{mode}/head-too-large").answer["body"] == PAGE


@every_case
def test_capture_id_reaches_the_spider(tapped: Crawl, name: str) -> None:
    _, case = case_of(name)
    outcome = tapped.outcome(name, case.method)
    assert outcome.capture_id is not None
    site, exchange = tapped.result.exchanges[outcome.capture_id - 1]
    assert site == "thu-nghiem"
    assert exchange.url == tapped.urls[name]


def test_one_exchange_per_request(tapped: Crawl) -> None:
    assert len(tapped.result.exchanges) == len(tapped.urls) == len(CASES) * len(MODES)


def test_requests_offer_gzip_only(tapped: Crawl) -> None:
    for _, exchange in tapped.result.exchanges:
        assert exchange.request.count(b"\r\nAccept-Encoding: gzip\r\n") == 1


def test_proxied_request_is_in_absolute_form(tapped: Crawl) -> None:
    request = tapped.exchange("proxied/page").request
    assert request.startswith(b"GET http://127.0.0.1:8081/proxied/page HTTP/1.1\r\n")
    assert tapped.exchange("tunnelled/page").request.startswith(b"GET /tunnelled/page HTTP/1.1\r\n")


def test_payload_is_no_second_copy_of_the_body(tapped: Crawl) -> None:
    assert tapped.outcome("plain/picture").shared
    assert tapped.outcome("tls/large-chunk").shared
    assert not tapped.outcome("plain/gzip").shared  # decompressed by then


def test_fragment_is_not_part_of_the_url(tmp_path: Path) -> None:
    with WireServer({"/a?b=%20": [(head() + PAGE,)]}) as server:
        url = f"http://127.0.0.1:{server.port}/a?b=%20"
        result = run(tmp_path, [{"url": f"{url}#muc-2"}])
    assert [exchange.url for _, exchange in result.exchanges] == [url]


# Nothing sent, nothing received.


@pytest.fixture(scope="module")
def unreachable(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    def alien(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)

    def mute(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    refusal = (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",)
    with ExitStack() as stack:
        nobody = stack.enter_context(socket.socket())
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        closed = nobody.getsockname()[1]
        ports = {f.__name__: stack.enter_context(Listener(f)).port for f in (alien, hang_up, mute)}
        proxy = stack.enter_context(WireServer({"CONNECT 127.0.0.1:8443": [refusal]}))
        urls = {
            "dns": "http://khong-co.invalid/",
            "closed": f"http://127.0.0.1:{closed}/",
            "closed-tls": f"https://127.0.0.1:{closed}/",
            "alien": f"https://127.0.0.1:{ports['alien']}/",
            "hang-up": f"https://127.0.0.1:{ports['hang_up']}/",
            "mute": f"https://127.0.0.1:{ports['mute']}/",
            "no-tunnel": "https://127.0.0.1:8443/",
            "no-proxy": "http://127.0.0.1:8080/",
        }
        metas = {
            "mute": IMPATIENT,
            "no-tunnel": {"proxy": f"http://127.0.0.1:{proxy.port}"},
            "no-proxy": {"proxy": f"http://127.0.0.1:{closed}"},
        }
        began = datetime.now(UTC)
        result = run(
            tmp_path_factory.mktemp("unreachable"),
            [{"url": url, "meta": metas.get(name, {})} for name, url in urls.items()],
        )
    return Crawl(result, {}, urls, began, datetime.now(UTC))


@pytest.mark.parametrize(
    ("name", "error", "raised"),
    [
        ("dns", "dns: DNS lookup failed", "CannotResolveHostError"),
        ("closed", "connect: Connection was refused", "DownloadConnectionRefusedError"),
        ("closed-tls", "connect: Connection was refused", "DownloadConnectionRefusedError"),
        ("alien", "tls: wrong version number", "DownloadFailedError"),
        ("hang-up", "tls: Connection", "DownloadFailedError"),
        ("mute", "timeout: TLS handshake not done within 3 s", "DownloadTimeoutError"),
        ("no-tunnel", "connect: Could not open CONNECT tunnel", "TunnelError"),
        ("no-proxy", "connect: Connection was refused", "DownloadConnectionRefusedError"),
    ],
)
def test_failed_fetch_is_an_exchange_without_bytes(
    unreachable: Crawl, name: str, error: str, raised: str
) -> None:
    exchange = unreachable.exchange(name)
    assert exchange.error.startswith(error)
    assert "\n" not in exchange.error
    assert (exchange.request, exchange.response_head, exchange.payload) == (b"", b"", b"")
    assert exchange.status is None
    assert unreachable.began < exchange.fetched_at < unreachable.ended
    outcome = unreachable.outcome(name)
    assert outcome.answer["raised"][0] == raised
    assert outcome.capture_id is not None


# One connection, many exchanges.

SEQUENCE: list[tuple[str, str, list[Script]]] = [
    ("first", "GET", [(head() + PAGE,)]),
    ("second", "GET", [(CHUNKED + chunked(PAGE),)]),
    ("surplus", "GET", [(head() + PAGE + OK + b"\r\nleftover",)]),
    ("after-surplus", "GET", [(head() + PAGE,)]),
    ("no-content", "GET", [(NO_CONTENT_HEAD + PAGE,)]),
    ("after-no-content", "GET", [(head() + PAGE,)]),
    ("head", "HEAD", [(head() + PAGE,)]),
    ("after-head", "GET", [(head() + PAGE,)]),
    ("stale", "GET", [(End.CUT,), (head() + PAGE,)]),
    ("after-stale", "GET", [(head() + PAGE,)]),
    ("stale-post", "POST", [(End.CUT,)]),
    ("last", "GET", [(head() + PAGE,)]),
]


@pytest.fixture(scope="module", params=["plain", "tls"])
def sequence(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tls: ssl.SSLContext,
) -> Crawl:
    secure = request.param == "tls"
    scripts = {f"/{name}": script for name, _, script in SEQUENCE}
    began = datetime.now(UTC)
    with WireServer(scripts, tls=tls if secure else None) as server:
        origin = f"http{'s' if secure else ''}://127.0.0.1:{server.port}"
        urls = {name: f"{origin}/{name}" for name, _, _ in SEQUENCE}
        result = run(
            tmp_path_factory.mktemp("sequence"),
            [{"url": urls[name], "method": method} for name, method, _ in SEQUENCE],
            CONCURRENT_REQUESTS=1,
        )
    return Crawl(result, server.seen, urls, began, datetime.now(UTC))


@pytest.mark.parametrize("name", [name for name, _, _ in SEQUENCE if "stale-" not in name])
def test_reused_connection_leaks_nothing(sequence: Crawl, name: str) -> None:
    exchange = sequence.exchanges(name)[-1]
    assert exchange.request == sequence.seen[f"/{name}"][-1].request
    if name in ("no-content", "head"):
        assert exchange.payload == b""
    else:
        assert exchange.payload == PAGE
        assert exchange.response_head == (CHUNKED if name == "second" else head())


def test_connection_is_reused_unless_bytes_were_left_over(sequence: Crawl) -> None:
    connection = {path[1:]: seen[-1].connection for path, seen in sequence.seen.items()}
    assert connection["first"] == connection["second"] == connection["surplus"]
    assert len({connection[name] for name in ("surplus", "after-surplus")}) == 2
    assert connection["after-surplus"] == connection["no-content"]
    assert len({connection[name] for name in ("no-content", "after-no-content")}) == 2
    assert connection["after-no-content"] == connection["head"]
    assert len({connection[name] for name in ("head", "after-head")}) == 2
    assert connection["stale"] == connection["after-stale"]


def test_request_repeated_by_twisted_is_two_exchanges(sequence: Crawl) -> None:
    lost, answered = sequence.exchanges("stale")
    first, second = sequence.seen["/stale"]
    assert (lost.request, answered.request) == (first.request, second.request)
    assert lost.error.startswith("connect: reused connection closed")
    assert (lost.response_head, lost.payload, lost.status) == (b"", b"", None)
    assert (answered.status, answered.error) == (200, "")
    capture_id = sequence.outcome("stale").capture_id
    assert capture_id is not None
    assert sequence.result.exchanges[capture_id - 1][1] is answered
    assert lost.fetched_at < answered.fetched_at


def test_post_on_a_stale_connection_is_not_repeated(sequence: Crawl) -> None:
    [seen] = sequence.seen["/stale-post"]
    exchange = sequence.exchange("stale-post")
    assert exchange.request == seen.request
    assert exchange.error.startswith("connect: Connection")


def test_tls_is_named_on_every_exchange_of_a_connection(sequence: Crawl) -> None:
    secure = sequence.urls["first"].startswith("https")
    for _, exchange in sequence.result.exchanges:
        assert exchange.tls.startswith("tls/1.3 TLS_") == secure


# The rest of Scrapy.


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """A crawl with robots.txt, redirects, retries and compression as usual."""
    robots = b"User-agent: *\nDisallow: /cam\n"
    scripts: dict[str, list[Script]] = {
        "/robots.txt": [(head(length=len(robots)) + robots,)],
        "/moved": [(MOVED_HEAD + PAGE,)],
        "/elsewhere": [(ZIPPED_HEAD + ZIPPED,)],
        "/flaky": [(BUSY_HEAD + PAGE,), (CUT_HEAD + PAGE, End.CUT), (head() + PAGE,)],
        "/cam": [(head() + PAGE,)],
        "/listed": [(head() + PAGE,)],
        "/referred": [(head() + PAGE,)],
        "/disk-full": [(head() + PAGE,)],
    }
    names = ("moved", "flaky", "cam", "listed", "referred", "disk-full")
    began = datetime.now(UTC)
    with WireServer(scripts) as server:
        origin = f"http://127.0.0.1:{server.port}"
        urls = {path[1:]: f"{origin}{path}" for path in scripts}
        extras: dict[str, dict[str, Any]] = {
            "moved": {"meta": {"via": f"{origin}/chuyen-muc"}},  # kept by the redirected request
            "listed": {"meta": {"via": f"{origin}/chuyen-muc"}},
            "referred": {"headers": {"Referer": f"{origin}/trang-chu"}},
        }
        result = run(
            tmp_path_factory.mktemp("portal"),
            [{"url": urls[name], **extras.get(name, {})} for name in names],
            # Scrapy 2.19 lets requests through that wait for robots.txt side by side.
            CONCURRENT_REQUESTS=1,
            ROBOTSTXT_OBEY=True,
            RETRY_ENABLED=True,
            REDIRECT_ENABLED=True,
            USER_AGENT="huyen (+https://example.org/)",
        )
    return Crawl(result, server.seen, urls, began, datetime.now(UTC))


def test_robots_redirects_and_retries_are_captured(portal: Crawl) -> None:
    assert {path: len(seen) for path, seen in portal.seen.items()} == {
        "/robots.txt": 1,
        "/moved": 1,
        "/elsewhere": 1,
        "/flaky": 3,
        "/listed": 1,
        "/referred": 1,
        "/disk-full": 1,
    }
    for path, seen in portal.seen.items():
        if path == "/disk-full":
            continue
        exchanges = portal.exchanges(path[1:])
        assert [e.request for e in exchanges] == [s.request for s in seen]
        assert all(b"\r\nAccept-Encoding: gzip\r\n" in e.request for e in exchanges)
    flaky = portal.exchanges("flaky")
    assert [(e.status, e.truncated) for e in flaky] == [(503, ""), (200, "disconnect"), (200, "")]
    assert portal.result.stats["retry/count"] == 2


def test_spider_reads_the_page_that_is_captured_compressed(portal: Crawl) -> None:
    assert portal.exchange("elsewhere").payload == ZIPPED
    outcome = portal.outcome("elsewhere")
    assert outcome.answer["body"] == PAGE
    assert outcome.answer["class"] == "HtmlResponse"
    capture_id = outcome.capture_id
    assert capture_id is not None
    assert portal.result.exchanges[capture_id - 1][1].url == portal.urls["elsewhere"]


def test_what_was_not_recorded_was_not_fetched(portal: Crawl) -> None:
    outcome = portal.outcome("disk-full")
    assert outcome.answer == {"raised": ["ArchiveError"]}
    assert outcome.capture_id is None


def test_via_is_the_page_that_led_here(portal: Crawl) -> None:
    origin = portal.urls["listed"].removesuffix("/listed")
    assert portal.exchange("moved").via == f"{origin}/chuyen-muc"
    assert portal.exchange("elsewhere").via == portal.urls["moved"]
    assert portal.exchange("listed").via == f"{origin}/chuyen-muc"
    assert portal.exchange("referred").via == f"{origin}/trang-chu"
    assert portal.exchange("robots.txt").via == ""


def test_without_a_recorder_the_handler_only_downloads(tmp_path: Path) -> None:
    with WireServer({"/page": [(head() + PAGE,)]}) as server:
        url = f"http://127.0.0.1:{server.port}/page"
        result = run(tmp_path, [{"url": url}], record=False)
    outcome = result.outcomes["GET", url]
    assert outcome.answer["body"] == PAGE
    assert outcome.capture_id is None
    assert result.exchanges == []


def test_tls_1_2_is_named_as_the_registry_names_it(tmp_path: Path, old_tls: ssl.SSLContext) -> None:
    with WireServer({"/page": [(head() + PAGE,)]}, tls=old_tls) as server:
        result = run(tmp_path, [{"url": f"https://127.0.0.1:{server.port}/page"}])
    [(_, exchange)] = result.exchanges
    assert exchange.tls == "tls/1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
    assert exchange.payload == PAGE


@pytest.mark.parametrize(
    ("openssl_name", "registered_name"),
    [
        ("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        ("DHE-RSA-AES256-CCM8", "TLS_DHE_RSA_WITH_AES_256_CCM_8"),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
        ("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        ("CAMELLIA128-SHA256", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256"),
        ("PSK-AES128-CBC-SHA", "PSK-AES128-CBC-SHA"),
    ],
)
def test_cipher_names(openssl_name: str, registered_name: str) -> None:
    assert iana_cipher_name(openssl_name) == registered_name


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command knows both names")
def test_cipher_names_agree_with_openssl() -> None:
    listed = subprocess.run(
        ["openssl", "ciphers", "-stdname", "ALL:@SECLEVEL=0"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = [line.split()[:3] for line in listed.stdout.splitlines()]
    renamed = [(iana, ours) for iana, _, o in names if (ours := iana_cipher_name(o)) != o]
    assert renamed
    assert [iana for iana, _ in renamed] == [ours for _, ours in renamed]
