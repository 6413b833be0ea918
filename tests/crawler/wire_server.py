"""A server on loopback that speaks in raw bytes and remembers the bytes it was sent.

It knows no HTTP beyond finding the end of a request, so that it can say anything, however wrong,
and its record of a request does not depend on any HTTP library.
"""

from __future__ import annotations

import datetime
import re
import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ORIGIN = re.compile(rb"^https?://[^/]+")


class End(Enum):
    """How a connection ends; a script without an end leaves it open for the next request."""

    CLOSE = auto()  # properly, over TLS with close_notify
    CUT = auto()  # FIN only: over TLS indistinguishable from an attack
    RESET = auto()  # RST
    STALL = auto()  # says no more until the client goes away


Script = Sequence[bytes | End]


@dataclass(frozen=True)
class Seen:
    """One request as it came in, and the number of the connection that it came on."""

    connection: int
    request: bytes


class Listener:
    """Accepts connections on a free port of 127.0.0.1 and serves each in a thread."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closing = False

    def __enter__(self) -> Self:
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends every connection and waits for the threads: afterwards the record is complete."""
        with self._lock:
            self._closing = True
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes accept()
        self._acceptor.join()
        self._socket.close()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with self._lock:
                if self._closing:
                    connection.close()
                    return
                self._open.add(connection)
            thread = threading.Thread(target=self._handle, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _handle(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve(connection)
        except OSError:
            return  # the client went away, as many cases want
        finally:
            with self._lock:
                self._open.discard(connection)
                connection.close()


class WireServer(Listener):
    """Says what the script of the requested path says: the n-th time, the n-th script.

    ``tls``: None for plain HTTP. A plain server is a forward proxy too: it answers requests in
    absolute form itself, and after ``CONNECT`` it is the TLS server that was asked for (unless
    there is a script for ``CONNECT host:port``).
    """

    def __init__(
        self,
        scripts: Mapping[str, Sequence[Script]],
        *,
        tls: ssl.SSLContext | None = None,
        tunnel: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(self._converse)
        self._scripts = scripts
        self._tls = tls
        self._tunnel = tunnel
        self._connections = 0
        self.seen: defaultdict[str, list[Seen]] = defaultdict(list)

    def _converse(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections += 1
            number = self._connections
        if self._tls is not None:
            self._converse_tls(connection, self._tls, number)
        else:
            self._answer_all(connection, number)

    def _converse_tls(self, plain: socket.socket, tls: ssl.SSLContext, number: int) -> None:
        descriptor = plain.dup()  # wrap_socket() takes the socket over; Listener keeps its own
        with tls.wrap_socket(descriptor, server_side=True) as connection:
            self._answer_all(connection, number)

    def _answer_all(self, connection: socket.socket, number: int) -> None:
        received = b""
        while (following := self._next_request(connection, received)) is not None:
            request, received = following
            method, target = request.split(b" ", 2)[:2]
            if method == b"CONNECT":
                name = f"CONNECT {target.decode()}"
            else:
                name = ORIGIN.sub(b"", target).decode()
            with self._lock:
                turn = len(self.seen[name])
                self.seen[name].append(Seen(number, request))
            if method == b"CONNECT" and name not in self._scripts:
                assert self._tunnel is not None
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._converse_tls(connection, self._tunnel, number)
                return
            scripts = self._scripts[name]
            if self._perform(connection, scripts[min(turn, len(scripts) - 1)]):
                return

    @staticmethod
    def _next_request(connection: socket.socket, received: bytes) -> tuple[bytes, bytes] | None:
        while True:
            head, blank_line, _ = received.partition(b"\r\n\r\n")
            if blank_line:
                length = CONTENT_LENGTH.search(head)
                size = len(head) + 4 + (int(length[1]) if length else 0)
                if len(received) >= size:
                    return received[:size], received[size:]
            more = connection.recv(65536)
            if not more:
                return None
            received += more

    def _perform(self, connection: socket.socket, script: Script) -> bool:
        """Whether the connection has come to its end."""
        for step in script:
            if isinstance(step, bytes):
                connection.sendall(step)
                continue
            if step is End.CLOSE and isinstance(connection, ssl.SSLSocket):
                connection.unwrap()
            elif step is End.RESET:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            elif step is End.STALL:
                while connection.recv(65536):
                    pass
            return True
        return False


def self_signed(directory: Path) -> Path:
    """A PEM file with a key and a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = directory / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return pem
