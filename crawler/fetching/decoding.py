"""Content encodings undone as for stored bytes, so that a live crawl and a later reading see the same.

Asked for is gzip alone, but servers send what they like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

from archive.schema import PageKind, Reading
from archive.warc_reader import BodyTooLarge, UndecodableBody, decoded_body

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_HTML = (b"text/html", b"application/xhtml+xml")


class UnusableAnswer(Exception):
    """Raised here for an answer that was captured but cannot be handed on: it unpacks to more than
    the limit (DOWNLOAD_MAXSIZE), or not at all."""


class ContentDecoding(HttpCompressionMiddleware):
    """Scrapy's middleware with the archive's decoders. A page that cannot be decoded is listed as
    unreadable."""

    def __init__(self, *, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self._crawler = crawler
        self._recorder = crawler.settings.get("HUYEN_RECORDER")

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        try:
            return super().process_response(request, response)
        except UnusableAnswer as error:
            self._list(request, response, str(error))
            raise

    def _handle_encoding(
        self, body: bytes, content_encoding: list[bytes], max_size: int
    ) -> tuple[bytes, list[bytes]]:
        lines = b"".join(b"Content-Encoding: %b\r\n" % value for value in content_encoding)
        try:
            return decoded_body(b"HTTP/1.1 200 OK\r\n%b\r\n" % lines, body, max_size), []
        except BodyTooLarge as error:
            raise UnusableAnswer(f"unpacks to {error}") from error
        except UndecodableBody as error:
            raise UnusableAnswer(f"cannot be unpacked: {error}") from error

    def _list(self, request: Request, response: Response, reason: str) -> None:
        recorder, spider = self._recorder, self._crawler.spider
        media_type = response.headers.get("Content-Type") or b""
        capture_id = request.meta.get("capture_id")
        if (
            recorder is None
            or spider is None
            or capture_id is None
            or not media_type.startswith(_HTML)
        ):
            return
        reading = Reading(PageKind.UNREADABLE, "decoding", "1", notes=(reason,))
        recorder.record_reading(spider.name, capture_id, reading)
