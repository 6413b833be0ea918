"""A small local web server for portals: origin by Host header and forward proxy at once.

Loopback only. With ``http_proxy`` set to `PortalServer.proxy_url`, ``http://<portal host>/`` works
in any client; without a proxy, ``http://<portal host>.localhost:<port>/`` does in a browser.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import socketserver
import sys
import threading
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from archive.errors import HuyenError
from crawler.replica.portal import Portal, Poster, Response

_LOOPBACK = "127.0.0.1"
_COMPRESSIBLE = ("text/", "application/json", "application/xml")
_FRAMING = {"content-length", "transfer-encoding", "content-encoding"}


_NO_POST = Response(405, {"Allow": "GET, HEAD"})


class Seen(NamedTuple):
    """A request that arrived. ``path`` has its query; header names are in lower case."""

    host: str
    method: str
    path: str
    headers: Mapping[str, str]


class PortalServer:
    """Serves portals by host name, from threads, while the ``with`` block lasts.

    ``port`` 0 takes any free one. Raises HuyenError if the port cannot be had.
    """

    def __init__(self, portals: Mapping[str, Portal], *, port: int = 0) -> None:
        self.portals = {host.lower(): portal for host, portal in portals.items()}
        self._lock = threading.Lock()
        self._requests: list[Seen] = []
        self._connections: set[socket.socket] = set()
        try:
            self._server = _Server((_LOOPBACK, port), self)
        except OSError as error:
            raise HuyenError(
                f"port {port} on {_LOOPBACK} cannot be used ({error.strerror}); choose another one "
                "with --port, or 0 for any free port"
            ) from error
        except OverflowError:
            raise HuyenError(f"port {port} is not between 0 and 65535") from None
        self.port: int = self._server.server_address[1]
        self.url = f"http://{_LOOPBACK}:{self.port}"
        self.proxy_url = self.url
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="replica"
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            open_connections = list(self._connections)
        for connection in open_connections:  # ends keep-alive waits, so that threads can be joined
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    @property
    def requests(self) -> list[Seen]:
        """What arrived so far, in order: a copy that no longer changes."""
        with self._lock:
            return list(self._requests)

    def _note(self, seen: Seen) -> None:
        with self._lock:
            self._requests.append(seen)

    def _opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def _closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 64
    daemon_threads = False  # joined in server_close

    def __init__(self, address: tuple[str, int], owner: PortalServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are no news; anything else is a bug in a portal and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.owner._opened(self.connection)

    def finish(self) -> None:
        self.server.owner._closed(self.connection)
        with contextlib.suppress(ConnectionError):
            super().finish()

    def do_GET(self) -> None:
        host, path = self._target()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.owner._note(Seen(host, self.command, path, headers))
        portal = self.server.owner.portals.get(host)
        if portal is None:
            self._send(self._unknown(host))
            return
        try:
            if self.command == "POST":
                form = self.rfile.read(int(headers.get("content-length") or 0))
                self._send(portal.post(path, form) if isinstance(portal, Poster) else _NO_POST)
            else:
                self._send(portal.respond(path, headers))
        except ConnectionAbortedError:
            self.close_connection = True

    do_HEAD = do_POST = do_GET

    def _target(self) -> tuple[str, str]:
        """(host, path with query) from the absolute form or the Host header (RFC 9112, 3.2)."""
        parts = urlsplit(self.path)
        host = parts.hostname if parts.scheme else urlsplit(f"//{self.headers['host']}").hostname
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        return (host or "").lower().removesuffix(".localhost"), path

    def _unknown(self, host: str) -> Response:
        links = "".join(
            f'<li><a href="http://{name}.localhost:{self.server.owner.port}/">{name}</a></li>'
            for name in self.server.owner.portals
        )
        body = f"<!DOCTYPE html><meta charset='utf-8'><title>huyen</title><ul>{links}</ul>".encode()
        status = 200 if host in (_LOOPBACK, "localhost", "") else 502
        return Response(status, {"Content-Type": "text/html; charset=utf-8"}, body)

    def _send(self, response: Response) -> None:
        headers = dict(response.headers)
        framed = bool(_FRAMING & {name.lower() for name in headers})
        body = response.body
        if isinstance(body, bytes) and not framed:
            body = self._encoded(headers, body)
            if response.status not in (204, 304):
                headers["Content-Length"] = str(len(body))
        elif not framed:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Connection"] = "close"
            self.close_connection = True
        reason = HTTPStatus(response.status).phrase if response.status in _STATUSES else ""
        head = f"HTTP/1.1 {response.status} {reason}\r\nDate: {formatdate(usegmt=True)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        start = head.encode("latin-1")
        if self.command == "HEAD" or response.status in (204, 304):
            self.wfile.write(start)
        elif isinstance(body, bytes):
            self.wfile.write(start + body)
        else:
            self.wfile.write(start)
            for piece in body:
                self.wfile.write(piece if framed else b"%x\r\n%b\r\n" % (len(piece), piece))
            if not framed:
                self.wfile.write(b"0\r\n\r\n")

    def _encoded(self, headers: dict[str, str], body: bytes) -> bytes:
        media_type = next((v for n, v in headers.items() if n.lower() == "content-type"), "")
        if not media_type.startswith(_COMPRESSIBLE) or not body:
            return body
        headers["Vary"] = "Accept-Encoding"
        if "gzip" not in self.headers.get("accept-encoding", ""):
            return body
        headers["Content-Encoding"] = "gzip"
        return gzip.compress(body, mtime=0)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Silent: `PortalServer.requests` is the log."""


_STATUSES = {status.value for status in HTTPStatus}
