"""An archive as the reader meets it: two portals, pictures, a style sheet, an edited article, the same
text twice, a page that attacks, and one that is withheld; and `huyen serve` as a process before it."""

from __future__ import annotations

import asyncio
import base64
import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

from archive.database import open_for_writing, transaction
from archive.exchange import Exchange
from archive.ingest import ArchiveWriter, SiteFacts
from archive.schema import Article, Attachment, Image, PageKind, Reading
from archive.site_runs import SiteRun
from archive.withholding import withhold

DAY = datetime(2024, 3, 5, 1, 0, tzinfo=UTC)
HOME = "http://thoxuan.example"
OTHER = "http://vithuy.example"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
BODY = (
    "Sáng 5/3, Ủy ban nhân dân huyện tổ chức hội nghị triển khai Nghị quyết 35 về nông thôn mới.\n"
    "Đồng chí Chủ tịch nhấn mạnh việc nạo vét kênh mương trước vụ đông xuân và làm đường giao thông.\n"
    "Hội nghị giao các xã báo cáo kết quả trước ngày 25 hằng tháng để huyện tổng hợp."
)
FIRST = Article(
    url=f"{HOME}/tin/nghi-quyet-35.html",
    title="Huyện triển khai Nghị quyết 35",
    summary="Hội nghị bàn về nông thôn mới.",
    body_text=BODY,
    author="Lê Thị An",
    category=("Tin tức", "Nông nghiệp"),
    published_at="2024-03-05T08:30:00+07:00",
    published_raw="Đăng lúc: 08:30 05/03/2024",
    view_count=1205,
    images=(
        Image(f"{HOME}/anh/hop.png", "Toàn cảnh hội nghị", "IMG_1.png"),
        Image(f"{HOME}/anh/khong-luu.png", "Ảnh không có trong kho"),
    ),
    attachments=(
        Attachment(f"{HOME}/tep/kế hoạch.pdf", "Kế hoạch", "application/pdf"),
        Attachment("javascript:alert(document.domain)", "tệp xấu"),
    ),
)
EDITED = Article(
    **{
        **{name: getattr(FIRST, name) for name in FIRST.__dataclass_fields__},
        "body_text": BODY.replace("ngày 25", "ngày 20"),
    }
)
COPY = Article(
    url=f"{OTHER}/tin/dang-lai.html",
    title="Huyện triển khai Nghị quyết 35",
    summary="Hội nghị bàn về nông thôn mới.",
    body_text=BODY.replace("ngày 25", "ngày 20"),
    published_at="2024-03-06",
)
HOSTILE = Article(
    url=f"{HOME}/tin/xau.html",
    title="<script>document.title='pwned'</script> \"x\" onerror=alert(1)",
    summary="</p><img src=x onerror=\"document.title='pwned'\">",
    body_text="</article></script><svg onload=alert(1)>\n{{ 7*7 }} javascript:alert(1)",
    author='"><script>alert(1)</script>',
    category=("=cmd|' /C calc'!A0", "</a><b>"),
    published_at="2023-07-01",
    images=(Image("javascript:alert(1)", "<i>ảnh</i>"), Image("http://[", "hỏng")),
    language='vi"><script>alert(1)</script>',
)
SECRET = Article(
    url=f"{HOME}/tin/mat.html", title="Bài bị gỡ", body_text="Số điện thoại bí mật 0912."
)
SECRET_PAGE = "<h1>Bài bị gỡ</h1> 0912".encode()
XSS = "\"'><svg/onload=\"document.title='pwned'\"><script>document.title='pwned'</script>"
ATTACK = """<!doctype html><html><head><title>sạch</title><base href="/goc/">
<meta http-equiv="refresh" content="0;url=https://evil.example/">
<script>document.title='pwned';new Image().src='/health?pwned'</script></head>
<body onload="document.title='pwned'" background="nen.png">
<img src=x onerror="document.title='pwned'"><svg onload="document.title='pwned'"></svg>
<a href="javascript:document.title='pwned'">bấm</a>
<iframe src="https://evil.example/"></iframe><form action="https://evil.example/"><input name=a></form>
<p>Chữ của trang xấu</p></body></html>"""


@dataclass(frozen=True)
class Ids:
    """What the tests ask for by number."""

    first: int
    copy: int
    hostile: int
    secret: int
    secret_capture: int
    attack_capture: int
    picture_capture: int
    page_capture: int


def fill(root: Path) -> Ids:
    """Writes the archive through the one write path."""
    page = (
        f"<html><head><meta charset=utf-8><link rel=stylesheet href='/css/kieu.css'></head>"
        f"<body><h1>{FIRST.title}</h1><img src='../anh/hop.png'><a href='/'>Trang chủ</a>"
        "<script>document.body.textContent='pwned'</script></body></html>"
    )
    with ArchiveWriter.open(root, "crawl", [], clock=lambda: DAY + timedelta(days=2)) as writer:
        for slug, name, province, home, state in (
            ("tho-xuan", "Huyện Thọ Xuân", "Thanh Hóa", HOME, "frozen"),
            ("vi-thuy", "Huyện Vị Thủy", "Hậu Giang", OTHER, "active"),
        ):
            writer.record_site(SiteFacts(slug, name, province, f"{home}/", state))
        writer.record_site(
            SiteFacts(
                "xau", XSS, XSS, "javascript:document.title='pwned'", "gone", XSS, XSS, XSS, XSS
            )
        )
        writer.record_site_run(
            SiteRun(
                "xau", DAY, DAY, verdict=XSS, reason=XSS, articles=9, coverage={XSS: 0.5},
                subject=XSS,
            )
        )  # fmt: skip

        def put(
            url: str, body: bytes, at: datetime = DAY, media_type: str = "text/html; charset=utf-8",
            status: int = 200, more: str = "", site: str = "tho-xuan",
        ) -> int:  # fmt: skip
            head = f"HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\n{more}\r\n".encode()
            return writer.record_exchange(
                site,
                Exchange(
                    url=url, fetched_at=at, request=b"GET / HTTP/1.1\r\n\r\n", response_head=head,
                    payload=body, status=status, media_type=media_type.partition(";")[0],
                ),
            )  # fmt: skip

        def read(capture: int, article: Article) -> None:
            writer.record_reading(capture, Reading(PageKind.ARTICLE, "test", "1", article))

        put(f"{HOME}/", b"", status=301, more="Location: /trang-chu\r\n")
        put(f"{HOME}/trang-chu", "<h1>Trang chủ</h1>".encode())
        put(f"{HOME}/css/kieu.css", b"body{background:url(../anh/hop.png)}", media_type="text/css")
        picture = put(f"{HOME}/anh/hop.png", PICTURE, media_type="image/png")
        put(f"{HOME}/tep/k%E1%BA%BF%20ho%E1%BA%A1ch.pdf", b"%PDF-1.4", media_type="application/pdf")
        page_capture = put(FIRST.url, page.encode())
        read(page_capture, FIRST)
        read(put(FIRST.url, (page + "<!-- 2 -->").encode(), DAY + timedelta(days=1)), EDITED)
        read(
            put(COPY.url, "<h1>Đăng lại</h1>".encode(), DAY + timedelta(days=1), site="vi-thuy"),
            COPY,
        )
        attack = put(HOSTILE.url, ATTACK.encode(), DAY + timedelta(days=1))
        read(attack, HOSTILE)
        secret = put(SECRET.url, SECRET_PAGE)
        read(secret, SECRET)
    with closing(open_for_writing(root)) as connection:
        numbers = dict(connection.execute("SELECT url, id FROM article").fetchall())
        facts = {
            "reason": f"đơn {XSS}", "person": f"thủ thư {XSS}", "now": "2024-03-08T00:00:00.000000Z"
        }  # fmt: skip
        with transaction(connection):
            withhold(connection, numbers[SECRET.url], [], **facts)
    return Ids(
        first=numbers[FIRST.url], copy=numbers[COPY.url], hostile=numbers[HOSTILE.url],
        secret=numbers[SECRET.url], secret_capture=secret, attack_capture=attack,
        picture_capture=picture, page_capture=page_capture,
    )  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """An answer of the reader; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Server:
    """`huyen serve` as a process of its own."""

    process: subprocess.Popen[str]
    address: str

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Sends the path as it is; ``if_none_match`` stands for If-None-Match."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=names)
            answer = connection.getresponse()
            return Answer(
                answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
            )
        finally:
            connection.close()


@contextmanager
def serving(root: Path, *options: str) -> Iterator[Server]:
    """Starts the command on a free port; stops it with Ctrl-C."""
    command = [sys.executable, "-m", "crawler.command", "--archive", str(root), "serve"]
    process = subprocess.Popen(
        [*command, "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    try:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r" at (https?://\S+?)/?\s", line):
                break
        else:
            raise AssertionError("".join(lines))
        yield Server(process, found[1])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(20)
        process.stderr.close()


Headers = list[tuple[bytes, bytes]]
Request = tuple[str, str, Headers]
"""Path, address of the caller, headers."""


def answers(app: ASGIApp, *requests: Request) -> list[tuple[int, str]]:
    """Status and body of each request, without a server; the application is started and stopped."""

    async def one(address: str, peer: str, headers: Headers) -> tuple[int, str]:
        path, _, query = address.partition("?")
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": headers,
            "client": (peer, 4711), "server": None,
        }  # fmt: skip
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, asyncio.Queue[Message]().get, send)
        return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode()

    async def whole() -> list[tuple[int, str]]:
        told, said = asyncio.Queue[Message](), asyncio.Queue[Message]()
        life = asyncio.create_task(app({"type": "lifespan", "state": {}}, told.get, said.put))  # type: ignore[arg-type]
        await told.put({"type": "lifespan.startup"})
        await said.get()
        found = [await one(*request) for request in requests]
        await told.put({"type": "lifespan.shutdown"})
        await life
        return found

    return asyncio.run(whole())
