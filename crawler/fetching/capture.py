"""Capture: every HTTP exchange of a crawl, byte for byte, before Scrapy sees its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urldefrag, urlsplit

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    StopDownload,
)
from scrapy.http import Response
from twisted.internet.error import ConnectionDone
from twisted.web._newclient import ParseError, _WrapperException

from archive.exchange import Exchange
from crawler.fetching.patience import Patience, Progress
from crawler.fetching.tls import PortalTls
from crawler.fetching.wire import (
    Tap,
    TappedClientFactory,
    TappedConnectionPool,
    Transcript,
    following,
)
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

_REASON_LENGTH = 200
# What Scrapy makes of Twisted's failures.
_WORDLESS = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)


class Recorder(Protocol):
    """Keeps exchanges. Anything that it raises reaches Scrapy in place of the response: what was
    not recorded was not fetched."""

    def record_exchange(self, site: str, exchange: Exchange) -> int:
        """Keep one exchange of a site (its slug) and return the id of the capture."""


class CertificateRefused(Exception):
    """Raised here for a host whose certificate cannot be trusted. Asking again would not help."""


class CapturingDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own handler for http and https, plus one ``Exchange`` for each exchange it makes.

    The recorder is the object in the setting ``HUYEN_RECORDER``; without one (``scrapy shell``)
    nothing is recorded. It is handed the exchange before Scrapy sees the response or the
    exception, and its answer is in ``request.meta["capture_id"]``, thus also in
    ``response.meta``, whatever the outcome was.

    A request that Twisted repeats because the server had closed the reused connection makes two
    exchanges; the id is that of the last. In everything else the handler does what its parent
    does, with these exceptions: lines of a response head may be as long as the head, up to 256 KiB,
    and a connection on which bytes followed a response is not used again (crawler.fetching.wire);
    certificates are judged as crawler.fetching.tls says, for a portal's spider; an answer that
    keeps us waiting is given up as crawler.fetching.patience says, with DownloadTimeoutError.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._recorder: Recorder | None = crawler.settings.get("HUYEN_RECORDER")
        if self._recorder is not None:
            pool = TappedConnectionPool(  # type: ignore[no-untyped-call]
                self._pool._reactor, persistent=self._pool.persistent
            )
            pool.maxPersistentPerHost = self._pool.maxPersistentPerHost
            pool._factory = TappedClientFactory
            self._pool = pool
        self._tls: PortalTls | None = None
        self._patience = Patience.from_settings(crawler.settings)
        spider = crawler.spider
        if isinstance(spider, PortalSpider):
            self._tls = PortalTls(spider.site.tls, spider.site.all_hosts)
            policy: Any = self._tls
            self._contextFactory = policy

    async def download_request(self, request: Request) -> Response:
        if self._recorder is None:
            return await super().download_request(request)
        asked_at = datetime.now(UTC)
        tap = Tap()
        following.set(tap)
        try:
            with self._waiting_for(tap):
                response = await super().download_request(request)
        except StopDownload as stop:
            # A signal handler had enough, and wants the errback to get what came so far.
            self._record(self._recorder, request, asked_at, tap, stop.response or stop)
            raise
        except Exception as failure:
            fault = self._certificate_fault(request, tap)
            outcome = failure if fault is None else CertificateRefused(fault)
            said = self._record(self._recorder, request, asked_at, tap, outcome)
            if fault is not None:
                raise CertificateRefused(f"{fault}; see `tls` in sites.toml") from failure
            if tap.refusal and tap.current is None:
                raise IgnoreRequest(f"refused: {tap.refusal}") from failure
            if said and isinstance(failure, _WORDLESS):
                failure.args = (said,)  # which is for people; theirs is a list of Python objects
            raise
        self._record(self._recorder, request, asked_at, tap, response)
        return response

    def _certificate_fault(self, request: Request, tap: Tap) -> str | None:
        if self._tls is None or tap.current is None or not tap.current.in_handshake:
            return None
        return self._tls.refused.pop(urlsplit(request.url).hostname or "", None)

    @contextmanager
    def _waiting_for(self, tap: Tap) -> Iterator[None]:
        """Ends the download in this task when patience is over."""
        task = asyncio.current_task()
        if task is None or not self._patience.head:
            yield
            return
        loop = asyncio.get_running_loop()
        began = monotonic()
        looking: asyncio.TimerHandle

        def look() -> None:
            nonlocal looking
            tap.given_up = self._patience.is_over(_progress(tap, began), monotonic()) or ""
            if tap.given_up:
                task.cancel()
            else:
                looking = loop.call_later(self._patience.interval, look)

        looking = loop.call_later(self._patience.interval, look)
        try:
            yield
        except asyncio.CancelledError:
            if not tap.given_up:
                raise
            task.uncancel()
            raise DownloadTimeoutError(tap.given_up) from None
        finally:
            looking.cancel()

    def _record(
        self,
        recorder: Recorder,
        request: Request,
        asked_at: datetime,
        tap: Tap,
        outcome: Response | Exception,
    ) -> str:
        """Hands the exchange on; what was wrong with it, empty if nothing was."""
        spider = self._crawler.spider
        assert spider is not None, "Scrapy downloads nothing without a spider"
        exchanges = [
            _exchange(
                request,
                transcript.sent_at,
                transcript,
                error="connect: reused connection closed before the response head; repeated",
            )
            for transcript in tap.repeated
        ]
        transcript = tap.current
        fetched_at = asked_at if transcript is None else transcript.sent_at
        if isinstance(outcome, Response):
            truncated, error = _flaws(outcome, transcript)
            payload = outcome.body  # the very object: no second copy
        else:
            truncated, error = _failure(request, outcome, tap)
            payload = b"" if transcript is None else transcript.close()
            maxsize = request.meta.get("download_maxsize", self._default_maxsize)
            if truncated == "length" and maxsize:
                payload = payload[:maxsize]
        exchanges.append(
            _exchange(request, fetched_at, transcript, payload, truncated=truncated, error=error)
        )
        for exchange in exchanges:
            request.meta["capture_id"] = recorder.record_exchange(spider.name, exchange)
        return error


def _progress(tap: Tap, began: float) -> Progress:
    transcript = tap.current
    if transcript is None:
        return Progress(began)
    return Progress(began, True, transcript.in_handshake, transcript.head_at, transcript.received)


def _exchange(
    request: Request,
    fetched_at: datetime,
    transcript: Transcript | None,
    payload: bytes = b"",
    *,
    truncated: str = "",
    error: str = "",
) -> Exchange:
    url = urldefrag(request.url).url
    via = _via(request)
    if transcript is None:
        return Exchange(url, fetched_at, request.method, error=error, via=via)
    transcript.close()
    return Exchange(
        url=url,
        fetched_at=fetched_at,
        method=request.method,
        request=transcript.request,
        response_head=transcript.head,
        payload=payload,
        status=transcript.status,
        media_type=transcript.media_type,
        # Behind a proxy the connection does not tell where the response came from.
        ip_address="" if request.meta.get("proxy") else transcript.peer,
        protocol=transcript.protocol,
        tls=transcript.tls,
        truncated=truncated,
        error=error,
        via=via,
    )


def _via(request: Request) -> str:
    """The URL that led here: of the redirect, else as the spider says, else the Referer."""
    redirected = request.meta.get("redirect_urls")
    if redirected:
        return str(redirected[-1])
    if via := request.meta.get("via"):
        return str(via)
    return (request.headers.get("Referer") or b"").decode("latin-1")


def _flaws(response: Response, transcript: Transcript | None) -> tuple[str, str]:
    """Why a delivered response is not whole (WARC-Truncated) and what was wrong with it."""
    if "download_stopped" in response.flags:
        return "unspecified", ""
    if transcript is None:
        return "", ""
    if "dataloss" in response.flags:
        return _cut_off(transcript)
    # A body that ends with the connection is whole only if the connection was closed properly
    # (RFC 9112, section 9.8): not reset, and over TLS not without close_notify.
    until_close = "partial" in response.flags
    if until_close and not isinstance(transcript.lost, ConnectionDone):
        return "disconnect", ""
    return "", ""


def _failure(request: Request, failure: Exception, tap: Tap) -> tuple[str, str]:
    """What an exception means for the exchange: its WARC-Truncated and its error."""
    timed_out = isinstance(failure, DownloadTimeoutError)
    transcript = tap.current
    if transcript is not None and transcript.head:
        if timed_out:
            return "time", f"timeout: {tap.given_up}" if tap.given_up else ""
        if isinstance(failure, DownloadCancelledError):
            return "length", ""
        return _cut_off(transcript)
    if tap.given_up:
        return "", f"timeout: {tap.given_up}"
    seconds = request.meta.get("download_timeout")
    within = f" within {seconds:g} s" if seconds else ""
    if transcript is None:
        if timed_out:
            return "", f"timeout: no connection{within}"
        if tap.refusal:
            return "", f"refused: {tap.refusal}"
        kind = "dns" if isinstance(failure, CannotResolveHostError) else "connect"
        return "", _reason(kind, failure)
    if transcript.in_handshake:
        if timed_out:
            return "", f"timeout: TLS handshake not done{within}"
        return "", _reason("tls", failure)
    if timed_out:
        return "", f"timeout: no response head{within}"
    if transcript.fault is not None or transcript.lost is None:
        return "", _reason("protocol", transcript.fault or failure)
    return "", _reason("connect", failure)


def _cut_off(transcript: Transcript) -> tuple[str, str]:
    if transcript.fault is not None:
        return "unspecified", _reason("protocol", transcript.fault)
    return "disconnect", ""


def _reason(kind: str, error: BaseException) -> str:
    cause = _root_cause(error)
    if isinstance(cause, SSL.Error) and cause.args and isinstance(cause.args[0], list):
        text = "; ".join(str(entry[-1]) for entry in cause.args[0])
    elif isinstance(cause, ParseError):
        text = f"{cause.args[0]}: {cause.data!r}" if cause.data else str(cause.args[0])
    elif isinstance(cause, KeyError):  # the only table that Twisted looks a response up in
        text = f"transfer coding {cause.args[0]!r} is not supported"
    else:
        text = str(cause) or type(cause).__name__
    return f"{kind}: {' '.join(text.split())}"[:_REASON_LENGTH]


def _root_cause(error: BaseException) -> BaseException:
    while True:
        if isinstance(error, _WrapperException) and error.reasons:
            error = error.reasons[0].value
        elif error.__cause__ is not None:
            error = error.__cause__
        else:
            return error
