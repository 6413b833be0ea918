"""The child process of test_capture.py: one real crawl, because a reactor starts only once.

Usage: python capture_crawl.py JOB RESULT. Both are pickles; the job is a ``Job``, the result a
``Result``.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers, Response
from twisted.python.failure import Failure

from archive.errors import ArchiveError
from archive.exchange import Exchange


@dataclass(frozen=True)
class Job:
    """Requests (keyword arguments of scrapy.Request) in the order of their priority."""

    requests: list[dict[str, Any]]
    settings: dict[str, Any]
    record: bool


@dataclass
class Outcome:
    """What a spider got. ``answer`` is what must not depend on who downloads; ``shared`` whether
    the recorded payload is the body's own object."""

    answer: dict[str, Any]
    capture_id: int | None
    shared: bool = False


@dataclass
class Result:
    exchanges: list[tuple[str, Exchange]] = field(default_factory=list)
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)


class ListRecorder:
    """Ids are 1, 2, … in the order of recording. Its disk is full for one page."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def record_exchange(self, site: str, exchange: Exchange) -> int:
        if exchange.url.endswith("/disk-full"):
            raise ArchiveError("no space left")
        self._result.exchanges.append((site, exchange))
        return len(self._result.exchanges)


class CaptureSpider(Spider):
    name = "thu-nghiem"
    job: Job
    result: Result

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> CaptureSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.head_received, signals.headers_received)
        crawler.signals.connect(spider.body_received, signals.bytes_received)
        return spider

    def head_received(self, headers: Headers, body_length: int, request: Request) -> None:
        self.result.heads[request.url] = self.result.heads.get(request.url, 0) + 1
        self._stop_if_told(request, "head")

    def body_received(self, data: bytes, request: Request) -> None:
        self.result.bodies[request.url] = self.result.bodies.get(request.url, 0) + len(data)
        self._stop_if_told(request, "body")

    def _stop_if_told(self, request: Request, moment: str) -> None:
        if request.meta.get("stop") == moment:
            raise StopDownload(fail=request.meta["stop_fails"])

    async def start(self) -> AsyncIterator[Request]:
        for number, arguments in enumerate(self.job.requests):
            yield Request(
                **arguments,
                priority=-number,
                dont_filter=True,
                callback=self.answered,
                errback=self.failed,
            )

    def answered(self, response: Response) -> None:
        request = response.request
        assert request is not None
        self._note(request, response, {})

    def failed(self, failure: Failure) -> None:
        causes = []
        error = failure.value
        while error is not None:
            causes.append(type(error).__name__)
            error = error.__cause__
        request: Request = failure.request  # type: ignore[attr-defined]
        self._note(request, getattr(failure.value, "response", None), {"raised": causes})

    def _note(self, request: Request, response: Response | None, answer: dict[str, Any]) -> None:
        capture_id = request.meta.get("capture_id")
        shared = False
        if response is not None:
            answer |= {
                "class": type(response).__name__,
                "url": response.url.partition("127.0.0.1")[2].partition("/")[2],
                "status": response.status,
                "headers": list(response.headers.items()),
                "body": response.body,
                "flags": response.flags,
                "ip": str(response.ip_address),
                "protocol": response.protocol,
                "certificate": response.certificate is not None,
                "latency": "download_latency" in request.meta,
            }
            if capture_id is not None:
                shared = self.result.exchanges[capture_id - 1][1].payload is response.body
        self.result.outcomes[request.method, request.url] = Outcome(answer, capture_id, shared)


def main(job_file: Path, result_file: Path) -> None:
    job: Job = pickle.loads(job_file.read_bytes())
    result = Result()
    process = AsyncCrawlerProcess({"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False})
    crawler = Crawler(
        type("CaptureSpider", (CaptureSpider,), {"job": job, "result": result}),
        process.settings,
    )
    crawler.settings.setdict(job.settings)
    if job.record:
        crawler.settings.set("HUYEN_RECORDER", ListRecorder(result))
    process.crawl(crawler)
    process.start()
    result.stats = crawler.stats.get_stats() if crawler.stats else {}
    result_file.write_bytes(pickle.dumps(result))


if __name__ == "__main__":
    # The pickles name this module as its importers do, not as __main__.
    import capture_crawl

    capture_crawl.main(Path(sys.argv[1]), Path(sys.argv[2]))
