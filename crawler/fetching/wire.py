"""The tap on Twisted's HTTP/1.1 client: what crossed the wire, byte for byte.

Scrapy builds on private classes of Twisted and adds private classes of its own; so does this
module, and nothing else in the project does. What it leans on:

* an agent asks its connection pool for a connection in the context of the request that it is
  made for, and calls nothing but ``request`` on what it gets;
* a request writes itself to the transport that it is given (``writeTo``);
* a response is parsed line by line until the blank line, then by a decoder that hands on the
  transfer-decoded body through ``dataCallback``.

tests/crawler/test_capture.py compares all of it with the bytes that a socket saw, and with what
the untouched handler hands to a spider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from io import BytesIO
from time import monotonic
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IHandshakeListener,
    IPushProducer,
    ISSLTransport,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import HTTP11ClientProtocol, ParseError, Request
from twisted.web.client import HTTPConnectionPool, _RetryingHTTP11ClientProtocol
from twisted.web.iweb import IResponse
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.fetching.tls import session_name

HEAD_LIMIT = 256 * 1024
"""Bytes of a response head. Chromium stops there too; Twisted has no limit on the whole head,
which a hostile server could use to fill the memory, and one of 16,384 bytes on a single line,
which loses pages with a long ``Set-Cookie`` or ``Content-Security-Policy``."""

_MOST_INFORMATIONAL = 20  # 1xx answers before the final one; Twisted would read them for ever
# A chunk of one byte costs as much time as one of 64 kB, so many small ones are an attack.
_MANY_PIECES = 100_000
_SMALLEST_PIECE = 16  # bytes, on average, of so many


class Transcript:
    """What one connection carried for one request, while it is being carried.

    ``sent_at`` is aware, UTC: when the request was written, or when the TLS handshake that it
    waited for was done. ``head`` stays empty until the blank line of the final response has come
    (informational responses are not kept); ``status``, ``media_type`` and ``protocol`` are set
    with it, ``head_at`` (monotonic) too. ``received`` counts the bytes of the body. ``peer`` is the
    address that the connection leads to, be it the server or a proxy.
    ``fault`` is why the response could not be parsed, ``lost`` why the connection ended before
    the response did.
    """

    def __init__(self) -> None:
        self.sent_at = datetime.now(UTC)
        self.head = b""
        self.head_at: float | None = None
        self.received = 0
        self.status: int | None = None
        self.media_type = ""
        self.protocol = ""
        self.peer = ""
        self.tls = ""
        self.fault: Exception | None = None
        self.lost: BaseException | None = None
        self._secure = False
        self._written = bytearray()
        self._payload: BytesIO | None = BytesIO()
        self._pieces = 0

    @property
    def request(self) -> bytes:
        """The bytes sent: none while a TLS handshake still holds them back."""
        return b"" if self._secure and not self.tls else bytes(self._written)

    @property
    def in_handshake(self) -> bool:
        return self._secure and not self.tls

    def connected(self, peer: str, *, secure: bool, tls: str) -> None:
        self.peer = peer
        self._secure = secure
        self.tls = tls

    def secured(self, tls: str) -> None:
        self.tls = tls
        self.sent_at = datetime.now(UTC)

    def written(self, data: bytes) -> None:
        self._written += data

    def body_received(self, data: bytes) -> None:
        self.received += len(data)
        self._pieces += 1
        if self._pieces > _MANY_PIECES and self.received < _SMALLEST_PIECE * self._pieces:
            raise ParseError(f"a body in {self._pieces} pieces", b"")  # type: ignore[no-untyped-call]
        if self._payload is not None:
            self._payload.write(data)

    def close(self) -> bytes:
        """Stop recording and give up the transfer-decoded body received so far."""
        if self._payload is None:
            return b""
        payload = self._payload.getvalue()
        self._payload = None
        return payload


class Tap:
    """Follows one request of Scrapy's through Twisted.

    ``current`` is the transcript of the connection in use, ``None`` as long as there is none.
    ``repeated`` are those of reused connections that the server closed without an answer: Twisted
    then sends the request once more, on a new connection, without telling Scrapy. ``refusal`` is why
    an address that the name resolved to was not used (crawler.fetching.addresses), ``given_up`` why
    the answer is not waited for any longer (crawler.fetching.patience).
    """

    def __init__(self) -> None:
        self.current: Transcript | None = None
        self.repeated: list[Transcript] = []
        self.refusal = ""
        self.given_up = ""

    def begin(self) -> Transcript:
        self.current = Transcript()
        return self.current

    def repeat(self) -> None:
        if self.current is not None:
            self.repeated.append(self.current)
            self.current = None


following: ContextVar[Tap] = ContextVar("following")
"""The tap of the request that is being downloaded in this context. Scrapy runs every download in
a task of its own, so that setting it there touches no other request."""


class TappedConnectionPool(HTTPConnectionPool):
    """A pool whose connections know for which request of Scrapy's they are used."""

    def getConnection(self, key: Any, endpoint: IStreamClientEndpoint) -> Deferred[Any]:
        tap = following.get()
        found: Deferred[Any] = super().getConnection(key, endpoint)
        return found.addCallback(lambda connection: _TappedConnection(connection, tap))


class TappedClientFactory(_LenientHTTP11ClientFactory):
    """Builds the protocols that record into the transcript of the request they carry."""

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:
        return _TappedClientProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _TappedConnection:
    """What the agent gets instead of a protocol: ties the request it sends to the tap."""

    def __init__(
        self, connection: HTTP11ClientProtocol | _RetryingHTTP11ClientProtocol, tap: Tap
    ) -> None:
        self._connection = connection
        self._tap = tap
        if isinstance(connection, _RetryingHTTP11ClientProtocol):
            connect = connection._newConnection

            def connect_again() -> Deferred[HTTP11ClientProtocol]:
                tap.repeat()
                anew: Deferred[HTTP11ClientProtocol] = connect()
                return anew

            connection._newConnection = connect_again

    def request(self, request: Request) -> Deferred[IResponse]:
        tapped = _TappedRequest._construct(  # type: ignore[no-untyped-call]
            request.method,
            request.uri,
            request.headers,
            request.bodyProducer,
            request.persistent,
            request._parsedURI,
        )
        tapped.tap = self._tap
        response: Deferred[IResponse] = self._connection.request(tapped)
        return response


class _TappedRequest(Request):
    tap: Tap

    def writeTo(self, transport: Any) -> Deferred[None]:
        recording = _RecordingTransport(transport, self.tap.begin())
        written: Deferred[None] = super().writeTo(recording)  # type: ignore[no-untyped-call]
        return written


class _RecordingTransport:
    """The part of a transport that a request writes itself to."""

    def __init__(self, transport: Any, transcript: Transcript) -> None:
        self._transport = transport
        self._transcript = transcript

    def write(self, data: bytes) -> None:
        self._transcript.written(data)
        self._transport.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        self.write(b"".join(data))

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        self._transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        self._transport.unregisterProducer()


@implementer(IHandshakeListener)
class _TappedClientProtocol(_LenientHTTP11ClientProtocol):
    _tls = ""

    def request(self, request: Request) -> Deferred[IResponse]:
        response = super().request(request)
        if isinstance(request, _TappedRequest) and request.tap.current is not None:
            transport: Any = self.transport
            transcript = request.tap.current
            secure = ISSLTransport.providedBy(transport)
            transcript.connected(transport.getPeer().host, secure=secure, tls=self._tls)
            parser: Any = self._parser
            parser.__class__ = _TappedParser  # as the parent class does, for the same reason
            parser.record(transcript)
        return response

    def handshakeCompleted(self) -> None:
        transport: Any = self.transport
        self._tls = session_name(transport.getHandle())
        if isinstance(self._parser, _TappedParser):
            self._parser.transcript.secured(self._tls)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if isinstance(self._parser, _TappedParser):
            self._parser.transcript.lost = reason.value
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _finishResponse(self, rest: bytes) -> None:
        # Bytes beyond the end of a response (a body after 204, a length that is too small): more
        # of them may follow and would be taken for the next response. Do not reuse the connection.
        if rest and self._currentRequest is not None:
            self._currentRequest.persistent = False
        super()._finishResponse(rest)


class _TappedParser(_LenientHTTPClientParser):
    MAX_LENGTH = HEAD_LIMIT

    transcript: Transcript
    _head: bytearray
    _informational: int

    def record(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._head = bytearray()
        self._informational = 0

    def dataReceived(self, data: bytes) -> None:
        try:
            super().dataReceived(data)  # type: ignore[no-untyped-call]
        except Exception as fault:
            self.transcript.fault = fault
            raise

    def lineReceived(self, line: bytes) -> None:
        # The delimiter is LF alone: a CR is still part of the line, so this is what came.
        self._head += line
        self._head += b"\n"
        if len(self._head) > HEAD_LIMIT:
            raise _head_too_large()
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        raise _head_too_large()

    def allHeadersReceived(self) -> None:
        head = bytes(self._head)
        self._head.clear()
        response = self.response
        if not 100 <= response.code < 200:
            transcript = self.transcript
            transcript.head = head
            transcript.head_at = monotonic()
            transcript.status = response.code
            name, major, minor = response.version
            transcript.protocol = f"{name.decode('latin-1').lower()}/{major}.{minor}"
            types = self.headers.getRawHeaders(b"content-type")
            if types:
                media_type = types[-1].partition(b";")[0].strip().lower()
                transcript.media_type = media_type.decode("ascii", "backslashreplace")
        else:
            self._informational += 1
            if self._informational > _MOST_INFORMATIONAL:
                raise ParseError("too many informational responses", b"")  # type: ignore[no-untyped-call]
        super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def switchToBodyMode(self, decoder: Any) -> None:
        deliver: Callable[[bytes], None] = decoder.dataCallback
        keep = self.transcript.body_received

        def keep_and_deliver(data: bytes) -> None:
            keep(data)
            deliver(data)

        decoder.dataCallback = keep_and_deliver
        super().switchToBodyMode(decoder)  # type: ignore[no-untyped-call]


def _head_too_large() -> ParseError:
    return ParseError(f"response head larger than {HEAD_LIMIT} bytes", b"")  # type: ignore[no-untyped-call]
