"""A portal of plain files, as large as a real one, and the fastest server at hand for it.

Its texts are those of the replica portals, shuffled; its pages have the size, the menus and the
lists of "other news" that make up most of a real portal's page.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path

from crawler.replica import PrintedArticle, build_portals, truth

PAGE_SIZE = 41_000  # bytes, the mean of a live portal's page in 2026
LISTED = 50  # article links on a listing


def build(folder: Path, pages: int, size: int = PAGE_SIZE, edition: int = 0) -> None:
    """Writes ``pages`` article pages of about ``size`` bytes, listings of them, and a home page.
    The same arguments give the same bytes; another ``edition`` other counters on every page."""
    chance = random.Random(20250701)
    printed = [article for portal in build_portals().values() for article in truth(portal)]
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(pages):
        body = _article(printed, number, size, chance)
        counter = f'<p class="visits">{(number * 7919 + edition * 104729) % 1_000_000}</p>'
        (folder / f"tin-{number}.html").write_bytes(_page(f"Tin {number}", body + counter))
    listings = range(0, pages, LISTED)
    for first in listings:
        links = "".join(
            f'<li><a href="/tin-{number}.html">{escape(printed[number % len(printed)].title)}</a></li>'
            for number in range(first, min(first + LISTED, pages))
        )
        (folder / f"muc-{first}.html").write_bytes(_page(f"Mục {first}", f"<ul>{links}</ul>"))
    links = "".join(f'<li><a href="/muc-{first}.html">Mục {first}</a></li>' for first in listings)
    (folder / "index.html").write_bytes(_page("Cổng thông tin điện tử", f"<ul>{links}</ul>"))


def _article(printed: list[PrintedArticle], number: int, size: int, chance: random.Random) -> str:
    own = printed[number % len(printed)]
    parts = [
        f"<h1>{escape(own.title)} ({number})</h1><p class='sapo'>{escape(own.summary)}</p>",
        *(f"<p style='text-align:justify'>{escape(text)}</p>" for text in own.paragraphs),
        "<h3>Tin khác</h3>",
    ]
    length = sum(len(part.encode()) for part in parts)
    while length < size - 6000:  # what the menus of _page take
        other = chance.randrange(len(printed))
        text = chance.choice(printed[other].paragraphs or (printed[other].title,))
        part = (
            f'<div class="news-item row"><div class="col-md-4"><img src="/anh/{chance.randrange(9999)}.jpg" '
            f'alt="" class="img-responsive thumbnail"></div><div class="col-md-8"><a class="title" '
            f'href="#tin-{other}">{escape(printed[other].title)}</a><p>{escape(text)}</p></div></div>\n'
        )
        parts.append(part)
        length += len(part.encode())
    return "".join(parts)


_MENU = "".join(
    f'<li class="nav-item menu-{i}"><a class="nav-link" href="#muc-{i}">Chuyên mục số {i}</a></li>\n'
    for i in range(60)
)


def _page(title: str, body: str) -> bytes:
    return (
        f"<!DOCTYPE html>\n<html lang='vi'><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><nav><ul>{_MENU}</ul></nav><main>{body}</main></body></html>\n"
    ).encode()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """The address of the folder's home page and the name of the server: nginx where it is
    installed, else one written here; in a process of its own."""
    port = _free_port()
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    with tempfile.TemporaryDirectory(prefix="huyen-server-") as own:
        if nginx:
            configuration = Path(own) / "nginx.conf"
            configuration.write_text(_NGINX.format(own=own, port=port, folder=folder.resolve()))
            command = [nginx, "-p", own, "-e", f"{own}/error.log", "-c", str(configuration)]
        else:
            command = [sys.executable, "-m", __spec__.name, str(folder), str(port)]
        server = subprocess.Popen(command)
        try:
            _await_port(port)
            yield f"http://127.0.0.1:{port}/", "nginx" if nginx else "asyncio"
        finally:
            server.terminate()
            server.wait(timeout=30)


_NGINX = (
    ("user root;\n" if os.geteuid() == 0 else "")
    + """
daemon off;
worker_processes 1;
pid {own}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {own}; proxy_temp_path {own}; fastcgi_temp_path {own};
    uwsgi_temp_path {own}; scgi_temp_path {own};
    types {{ text/html html; }}
    keepalive_requests 1000000;
    sendfile on;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    sys.exit("the local web server does not start")


async def _answer(folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].decode().lstrip("/") or "index.html"
            path = folder / Path(name).name
            status = b"200 OK" if path.is_file() else b"404 Not Found"
            body = path.read_bytes() if path.is_file() else b""
            writer.write(
                b"HTTP/1.1 %b\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
                % (status, len(body))
            )
            writer.write(body)
            await writer.drain()
    writer.close()


async def _serve(folder: Path, port: int) -> None:
    server = await asyncio.start_server(lambda r, w: _answer(folder, r, w), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
