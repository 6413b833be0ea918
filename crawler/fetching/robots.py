"""robots.txt and Crawl-delay, obeyed as RFC 9309 says.

What a host answered is good for a day, over all runs (crawler.fetching.stored_robots); when it
cannot be had, what was answered in the last month is.

Scrapy's own middleware (2.19) lets every request but the first two of a host pass while robots.txt
is on its way, reads an unreachable robots.txt as "all allowed", and knows no Crawl-delay.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from crawler.fetching.closing import Postponed
from crawler.fetching.pace import AdaptivePace
from crawler.fetching.stored_robots import Robots, stored_robots
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from urllib.parse import ParseResult

_MOST_ROBOTS = 500 * 1024  # bytes that a crawler must read at least (RFC 9309, section 2.5)
_FRESH = dt.timedelta(hours=24)  # section 2.4
_FALLBACK = dt.timedelta(days=30)  # section 2.3.1.4: so long a copy may serve when it cannot be had
_TOO_MANY_REQUESTS = 429


class RobotsUnreachable(Postponed):
    """Raised here for every request to a host whose robots.txt cannot be had: then nothing may be
    asked (RFC 9309, section 2.3.1.4)."""


class ObedientRobotsMiddleware(RobotsTxtMiddleware):
    """Asks each host for its robots.txt once a day; all requests wait for the same answer. A longer
    Crawl-delay than the configured pace takes its place."""

    def __init__(self, crawler: object) -> None:
        super().__init__(crawler)  # type: ignore[arg-type]
        self._asked: dict[str, asyncio.Task[RobotParser | None]] = {}
        self._unreachable: dict[str, str] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        url = urlparse_cached(request)
        if url.netloc not in self._asked:
            self._asked[url.netloc] = asyncio.ensure_future(self._ask(url, request))
        parser = await asyncio.shield(self._asked[url.netloc])
        if (reason := self._unreachable.get(url.netloc)) is not None:
            raise RobotsUnreachable(f"robots.txt of {url.netloc} cannot be had: {reason}")
        return parser

    async def _ask(self, url: ParseResult, request: Request) -> RobotParser | None:
        address = f"{url.scheme}://{url.netloc}/robots.txt"
        robots = self._stored(address, _FRESH)
        if robots is None:
            robots = await self._fetched(address, request)
        if robots is None and (robots := self._stored(address, _FALLBACK)) is not None:
            del self._unreachable[url.netloc]
        if robots is None or robots.status >= 400:
            return None  # 4xx: there is none, and all is allowed (section 2.3.1.3)
        parser = build_from_crawler(self._parserimpl, self.crawler, robots.body[:_MOST_ROBOTS])
        self._obey_delay(parser, request)
        if isinstance(self.crawler.spider, PortalSpider):
            self.crawler.spider.sitemaps += _sitemaps(robots.body)
        return parser

    def _stored(self, address: str, age: dt.timedelta) -> Robots | None:
        recorder = self.crawler.settings.get("HUYEN_RECORDER")
        if recorder is None:
            return None
        since = dt.datetime.now(dt.UTC) - age
        return stored_robots(recorder.writer.connection, recorder.writer.root, address, since)

    async def _fetched(self, address: str, request: Request) -> Robots | None:
        """What the host answers now; None, and the reason noted, where that says nothing."""
        netloc = urlparse_cached(request).netloc
        asked = Request(
            address,
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={"dont_obey_robotstxt": True, "download_slot": request.meta.get("download_slot")},
        )
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(asked)
        except Postponed:
            raise  # the walk has ended: that says nothing of the host
        except Exception as error:  # noqa: BLE001 - whatever kept the answer away, there is none
            self._unreachable[netloc] = f"{type(error).__name__}: {error}"[:200]
            return None
        if response.status >= 500 or response.status == _TOO_MANY_REQUESTS:
            self._unreachable[netloc] = f"status {response.status}"
            return None
        return Robots(response.status, response.body)

    def _obey_delay(self, parser: RobotParser, request: Request) -> None:
        delay = parser.crawl_delay(self._robotstxt_useragent or self._default_useragent)
        if delay is not None:
            pace = self.crawler.get_downloader_middleware(AdaptivePace)
            assert pace is not None, "the settings have it"
            pace.obey_crawl_delay(request, delay)


def _sitemaps(robots: bytes) -> tuple[str, ...]:
    """The values of the Sitemap lines (sitemaps.org), as written."""
    lines = robots[:_MOST_ROBOTS].decode("utf-8", "replace").splitlines()
    named = (
        line.partition(":")[2].strip() for line in lines if line.lower().startswith("sitemap:")
    )
    return tuple(named)
