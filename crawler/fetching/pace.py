"""The pace of one portal: never faster than agreed, slower while it suffers.

Scrapy's AutoThrottle (2.19) slows down as latency rises, but not when requests fail, knows no
Retry-After, and returns below a Crawl-delay as if none had been asked for. Scrapy's RetryMiddleware
asks again; when, is decided here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, signals
from scrapy.exceptions import (
    DownloadCancelledError,
    IgnoreRequest,
    ResponseDataLossError,
    StopDownload,
)

from crawler.endings import Ending
from crawler.fetching.closing import Postponed, close, postpone
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_TOO_MANY_REQUESTS = 429
_UNAVAILABLE = 503
_OVERLOADED = frozenset({_TOO_MANY_REQUESTS, _UNAVAILABLE})
# Answers that say that the server, not the page, is in trouble; the same that are asked again.
_TROUBLE = frozenset({408, _TOO_MANY_REQUESTS, 502, _UNAVAILABLE, 504, 522, 524})
# A server that took two seconds for a page gets two seconds before the next.
_REST = 2.0
_RISE, _RECOVERY = 0.5, 0.25
_FIRST_BACK_OFF = 1.0  # seconds
_LONGEST_DELAY = 60.0  # seconds between two requests, unless robots.txt asks for more
# Without any delay the downloader of Scrapy 2.19 sends all requests that wait, because it counts a
# connection only when its task has begun: the number of connections would be no limit.
_SHORTEST_DELAY = 0.001
# A pace of 0 is for copies on this machine (docs/sites.md): they need no second to recover.
_UNPACED = 0.01  # times as long
_LONGEST_CRAWL_DELAY = 300.0  # seconds; at more than that a portal is not visited, but besieged
# Failures in a row, and of how many addresses, after which a portal is left alone for this run; one
# page that cannot be had, asked for four times, is no sign of that.
_TIRED = (12, 5)
_TIRED_ABROAD = (3, 3)  # the same for hosts that only a picture or document lies on
# Something came; that it was too much, not whole or not wanted says nothing of the server's health.
_NO_TROUBLE = (DownloadCancelledError, IgnoreRequest, ResponseDataLossError, StopDownload)


@dataclass(slots=True)
class Delay:
    """Seconds between the beginnings of two requests to one host. ``floor`` is what was agreed;
    ``failures`` counts those in a row, ``failing`` holds their addresses."""

    floor: float
    now: float
    failures: int = 0
    failing: set[str] = field(default_factory=set)

    @property
    def _is_unpaced(self) -> bool:
        return self.floor <= _SHORTEST_DELAY

    def answered(self, latency: float) -> None:
        """A good answer, whose head came after so many seconds. Half of the way to a longer delay, a
        quarter of the way back to a shorter one: one slow page is no slow server."""
        self.failures = 0
        self.failing.clear()
        wanted = self.floor
        if not self._is_unpaced:
            wanted = max(self.floor, min(_REST * latency, _LONGEST_DELAY))
        share = _RISE if wanted > self.now else _RECOVERY
        self.now += share * (wanted - self.now)
        if abs(wanted - self.now) < _SHORTEST_DELAY:
            self.now = wanted

    def failed(self, address: str) -> None:
        """No answer, or one that says that the server is in trouble."""
        self.failures += 1
        self.failing.add(address)
        scale = _UNPACED if self._is_unpaced else 1.0
        wanted = max(2 * self.now, scale * _FIRST_BACK_OFF)
        self.now = max(self.floor, min(wanted, scale * _LONGEST_DELAY))


def retry_after(value: str, now: dt.datetime) -> float | None:
    """Seconds to wait that a Retry-After field asks for (RFC 9110, section 10.2.3): a number or a
    date. None where it is neither. ``now`` is aware."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return max(0.0, (date - now).total_seconds())


class AdaptivePace:
    """Downloader middleware: sets the delay of each downloader slot from what the host answers.

    A portal that asks for a longer pause than HUYEN_LONGEST_WAIT seconds, or that fails a dozen
    times in a row, is closed for this run; of another host only the requests to it are given up.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._longest_wait = crawler.settings.getfloat("HUYEN_LONGEST_WAIT")
        self._floor = max(crawler.settings.getfloat("DOWNLOAD_DELAY"), _SHORTEST_DELAY)
        self._delays: dict[str, Delay] = {}
        self._given_up: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pace = cls(crawler)
        crawler.signals.connect(pace.opened, signals.spider_opened)
        # Not process_response: here the slot has not yet begun its next request.
        crawler.signals.connect(pace.downloaded, signals.response_downloaded)
        return pace

    def opened(self) -> None:
        assert self._crawler.engine is not None
        downloader = self._crawler.engine.downloader
        downloader._delay = max(downloader._delay, _SHORTEST_DELAY)

    def process_request(self, request: Request) -> None:
        assert self._crawler.engine is not None
        key = self._crawler.engine.downloader.get_slot_key(request)
        if key in self._given_up:
            raise Postponed(self._given_up[key])

    def downloaded(self, response: Response, request: Request) -> None:
        key, slot, delay = self._state(request)
        if response.status not in _TROUBLE:
            delay.answered(float(request.meta.get("download_latency") or 0.0))
            slot.delay = delay.now
            return
        delay.failed(request.url)
        slot.delay = delay.now
        if response.status in _OVERLOADED:
            asked = (response.headers.get("Retry-After") or b"").decode("latin-1")
            wait = retry_after(asked, dt.datetime.now(dt.UTC))
            if wait is not None and wait > self._longest_wait:
                said = f"status {response.status}, Retry-After {asked[:40]}"
                self._give_up(key, slot, Ending.TOLD_TO_WAIT, said)
                return
            if wait is not None:
                # The slot counts its delay from here.
                slot.lastseen = max(slot.lastseen, monotonic() + wait - slot.delay)
        self._tired(key, slot, delay, f"status {response.status}")

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, _NO_TROUBLE) or "download_slot" not in request.meta:
            return
        key, slot, delay = self._state(request)
        delay.failed(request.url)
        slot.delay = delay.now
        self._tired(key, slot, delay, type(exception).__name__)

    def obey_crawl_delay(self, request: Request, seconds: float) -> None:
        """What robots.txt asks for becomes the floor of the host's slot, if it is longer."""
        key, slot, delay = self._state(request)
        if seconds > _LONGEST_CRAWL_DELAY:
            said = f"robots.txt asks for {seconds:.0f} s between requests"
            self._give_up(key, slot, Ending.TOLD_TO_WAIT, said)
        elif seconds > delay.floor:
            delay.floor = seconds
            slot.delay = delay.now = max(seconds, delay.now)
            assert self._crawler.engine is not None
            # The slot of an idle host is forgotten and made anew; not so what was asked of us.
            self._crawler.engine.downloader.per_slot_settings[key] = {
                "delay": seconds,
                "concurrency": slot.concurrency,
            }

    def _state(self, request: Request) -> tuple[str, Slot, Delay]:
        assert self._crawler.engine is not None
        key, slot = self._crawler.engine.downloader._get_slot(request)
        if key not in self._delays:
            self._delays[key] = Delay(floor=self._floor, now=max(self._floor, slot.delay))
        return key, slot, self._delays[key]

    def _tired(self, key: str, slot: Slot, delay: Delay, last: str) -> None:
        failures, addresses = _TIRED if self._is_own(key) else _TIRED_ABROAD
        if delay.failures >= failures and len(delay.failing) >= addresses:
            overloaded = last in {f"status {status}" for status in _OVERLOADED}
            ending = Ending.TOLD_TO_WAIT if overloaded else Ending.UNANSWERED
            self._give_up(key, slot, ending, f"{delay.failures} failures in a row, last {last}")

    def _give_up(self, key: str, slot: Slot, ending: Ending, reason: str) -> None:
        if self._is_own(key):
            close(self._crawler, ending, reason)
        else:
            self._given_up[key] = f"{key}: {reason}"
            postpone(slot, self._given_up[key])

    def _is_own(self, key: str) -> bool:
        spider = self._crawler.spider
        return not isinstance(spider, PortalSpider) or key == spider.name
