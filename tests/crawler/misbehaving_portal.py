"""A healthy small portal among whose pages are others that do everything that a server must not do.

It speaks in raw bytes (wire_server.Listener), since no HTTP library would let it.
"""

from __future__ import annotations

import gzip
import itertools
import socket
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

import brotli
from small_portal import SmallPortal
from wire_server import Listener

try:
    from compression import zstd  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    from backports import zstd

Fault = Callable[[socket.socket], None]

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
_PAGE = b"<html><body><h1>Trang h\xe1\xbb\x8fng</h1><p>" + b"ch\xe1\xbb\xaf " * 50
BOMB_SIZE = 40_000_000  # bytes, unpacked


def _closing(answer: bytes) -> Fault:
    """Says this and closes; with Connection: close, so that nobody reuses what is gone."""

    def fault(connection: socket.socket) -> None:
        head, blank, body = answer.partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\nConnection: close" + blank + body)

    return fault


def _raw(answer: bytes) -> Fault:
    return lambda connection: connection.sendall(answer)


def _stream(head: bytes, pieces: Iterator[bytes], pause: float = 0.0) -> Fault:
    """Goes on until the client goes away."""

    def fault(connection: socket.socket) -> None:
        connection.sendall(head)
        for piece in pieces:
            connection.sendall(piece)
            if pause:
                time.sleep(pause)

    return fault


def _silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _reset(connection: socket.socket, said: bytes = b"") -> None:
    connection.sendall(said)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _packed(coding: str, body: bytes) -> Fault:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\n"
    return _closing(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def _typed(media_type: str, body: bytes) -> Fault:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return _closing(head.encode() + body)


def _redirect(location: bytes) -> Fault:
    return _closing(
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    )


def _zeros() -> bytes:
    return b"\0" * BOMB_SIZE


def _laughing_sitemap() -> bytes:
    entities = b"".join(
        b'<!ENTITY %c "%s">' % (98 + number, b"&%c;" % (97 + number) * 10) for number in range(12)
    )
    return (
        b'<?xml version="1.0"?><!DOCTYPE u [<!ENTITY a "aaaaaaaaaa">'
        b'<!ENTITY f SYSTEM "file:///etc/passwd">' + entities + b"]><urlset>"
        b"<url><loc>/&m;</loc></url><url><loc>/&f;</loc></url></urlset>"
    )


def faults() -> dict[str, Fault]:
    """By path: what the portal does when asked for it."""
    return {
        "/khong-het.html": _stream(_OK + b"\r\n", itertools.repeat(b"<p>" + b"a" * 65536)),
        "/nho-giot.html": _stream(_OK + b"\r\n", itertools.repeat(b"a"), pause=0.05),
        "/nho-giot-dau.html": _stream(b"HTTP/1.1 200 OK\r\n", itertools.repeat(b"X: 1\r\n"), 0.05),
        "/cam.html": _silent,
        "/bom-gzip.html": _packed("gzip", gzip.compress(_zeros())),
        "/bom-hai-lop.html": _packed("gzip, gzip", gzip.compress(gzip.compress(_zeros()))),
        "/bom-deflate.html": _packed("deflate", zlib.compress(_zeros())),
        "/bom-br.html": _packed("br", brotli.compress(_zeros())),
        "/bom-zstd.html": _packed("zstd", zstd.compress(_zeros())),
        "/nghin-lop.html": _packed(", ".join(["gzip"] * 1000), gzip.compress(_PAGE)),
        "/khong-phai-gzip.html": _packed("gzip", b"\x1f\x8b\x08" + b"hong" * 100),
        "/vong.html": _redirect(b"/vong.html"),
        "/url-dai.html": _redirect(b"/" + b"a" * 100_000),
        "/file.html": _redirect(b"file:///etc/passwd"),
        "/noi-bo.html": _redirect(b"http://169.254.169.254/latest/meta-data/"),
        "/dau-to.html": _raw(_OK + b"X-To: " + b"a" * 400_000 + b"\r\n\r\n"),
        "/dau-vo-tan.html": _stream(_OK, (b"X-%d: a\r\n" % n for n in itertools.count())),
        "/tiep-tuc.html": _stream(b"", itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
        "/hua-nhieu.html": _closing(_OK + b"Content-Length: 5000\r\n\r\n" + _PAGE),
        "/hua-qua-nhieu.html": _raw(_OK + b"Content-Length: %d\r\n\r\n" % 10**18 + _PAGE),
        "/hua-it.html": _closing(_OK + b"Content-Length: 5\r\n\r\n" + _PAGE),
        "/chunk-rac.html": _raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nrac\r\n"),
        "/chunk-li-ti.html": _stream(
            _OK + b"Transfer-Encoding: chunked\r\n\r\n", itertools.repeat(b"1\r\na\r\n" * 10_000)
        ),
        "/dut.html": lambda connection: _reset(
            connection, _OK + b"Content-Length: 9000\r\n\r\n" + _PAGE
        ),
        "/dut-ngay.html": _reset,
        "/ssh.html": _raw(b"SSH-2.0-OpenSSH_4.3\r\n"),
        "/http-0-9.html": _raw(b"<html>xin chao</html>"),
        "/nul.html": _closing(_OK + b"X-\0\xff: \x00\xfe\r\nContent-Length: 2\r\n\r\nok"),
        "/sau.html": _closing(_OK + b"\r\n" + b"<div><font>" * 100_000 + b"day"),
        "/toi.css": _typed("text/css", b"url(" * 100_000 + b"@import '" * 50_000),
        "/sitemap.xml": _typed("application/xml", _laughing_sitemap()),
        "/rss.xml": _typed("application/rss+xml", b"<rss>" + b"<item>" * 100_000),
    }


class MisbehavingPortal(Listener):
    """`SmallPortal` with a link to each of `faults` on its home page. ``asked`` counts requests by
    path; ``connections`` all connections."""

    def __init__(self) -> None:
        super().__init__(self._converse)
        self.portal = SmallPortal()
        self.faults = faults()
        self.asked: Counter[str] = Counter()
        home = self.portal.answers["/"].body
        assert isinstance(home, bytes)
        links = "".join(f'<a href="{path}">hỏng</a>' for path in self.faults)
        sheet = '<link rel="stylesheet" href="/toi.css">'
        self.portal.answers["/"] = SmallPortal.page(home.decode() + sheet + links)

    def _converse(self, connection: socket.socket) -> None:
        received = b""
        while True:
            while b"\r\n\r\n" not in received:
                more = connection.recv(65536)
                if not more:
                    return
                received += more
            request, _, received = received.partition(b"\r\n\r\n")
            path = request.split(b" ", 2)[1].decode("latin-1")
            with self._lock:
                self.asked[path] += 1
            if path in self.faults:
                self.faults[path](connection)
                return
            answer = self.portal.respond(path, {})
            assert isinstance(answer.body, bytes)
            fields = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
            head = (
                f"HTTP/1.1 {answer.status} X\r\n{fields}Content-Length: {len(answer.body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + answer.body)
