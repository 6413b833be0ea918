"""The scheduler of a crawl into an archive: the ledger of addresses is its queue.

Requests for addresses are rows, so that a crawl that was killed goes on where the last committed
group ended, and memory does not grow with the portal. Only what is on its way, to be retried or
redirected, is in memory; its rows stay `todo` meanwhile.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler

from archive.errors import HuyenError
from archive.urls import canonical_url
from crawler.endings import Ending
from crawler.frontier import HOME
from crawler.revisits import Seen
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

# Requests that wait to be retried before they are preferred to new ones, so that a portal that
# fails all the time does not fill the memory.
_MOST_WAITING = 100
# Validators of one address say nothing of another.
_CONDITIONAL = ("If-None-Match", "If-Modified-Since")


class LedgerScheduler(BaseScheduler):
    """For spiders of crawler.spider with a recorder. What the spider yields is in the ledger
    already; what comes back from the downloader goes on from here."""

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder
        self._waiting: list[tuple[int, int, Request]] = []
        self._numbers = count()
        self._spider: PortalSpider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        scheduler = cls(crawler.settings["HUYEN_RECORDER"])
        crawler.signals.connect(scheduler.broken, signals.spider_error)
        return scheduler

    def open(self, spider: Spider) -> None:
        assert isinstance(spider, PortalSpider)
        self._spider = spider

    def close(self, reason: str) -> None:
        if reason == Ending.FINISHED and self._recorder.failure is None:
            try:
                self._spider.walked()
            except HuyenError as error:
                self._recorder.fail(error)

    def has_pending_requests(self) -> bool:
        return bool(self._waiting) or self._spider.frontier.has_more

    def enqueue_request(self, request: Request) -> bool:
        addresses = request.meta.get("addresses")
        if addresses is not None and not request.meta.get("is_asked"):
            return True  # its row is in the ledger
        hops = request.meta.get("redirect_times", 0)
        if addresses is not None and hops > request.meta.get("hops", 0):
            request.meta["hops"] = hops
            return self._redirected(request)
        self._wait(request)
        return True

    def _redirected(self, request: Request) -> bool:
        frontier = self._spider.frontier
        addresses = request.meta["addresses"]
        try:
            url = canonical_url(request.url)
        except ValueError:
            url = request.url
        if addresses[0].role != HOME and frontier.was_asked(url):
            for address in addresses:
                frontier.checked(address, Seen("redirect"))
            return False
        for name in _CONDITIONAL:
            request.headers.pop(name, None)
        arrived = frontier.arrived_at(url, addresses[0])
        request.meta["addresses"] = (*addresses, arrived)
        self._wait(request)
        return True

    def _wait(self, request: Request) -> None:
        heapq.heappush(self._waiting, (-request.priority, next(self._numbers), request))

    def next_request(self) -> Request | None:
        try:
            return self._next_request()
        except HuyenError as error:
            self._recorder.fail(error)
            return None

    def _next_request(self) -> Request | None:
        frontier = self._spider.frontier
        if self._waiting:
            best = frontier.best_priority
            urgent = best is None or -self._waiting[0][0] >= best
            if urgent or len(self._waiting) > _MOST_WAITING:
                return heapq.heappop(self._waiting)[2]
        address = frontier.next()
        if address is None:
            return heapq.heappop(self._waiting)[2] if self._waiting else None
        request = self._spider.request_for(address)
        request.meta["is_asked"] = True
        return request

    def broken(self, failure: Failure, response: Any, spider: Spider) -> None:
        """A defect of this program in reading an answer: the address counts as failed, so that it
        is not asked again at once and for ever."""
        if isinstance(failure.value, HuyenError):
            self._recorder.fail(failure.value)
            return
        for address in getattr(response, "meta", {}).get("addresses", ()):
            self._spider.frontier.checked(address, Seen("failed"))
