"""robots.txt and Crawl-delay, obeyed as RFC 9309 says.

Scrapy's own middleware (2.19) lets every request but the first two of a host pass while robots.txt
is on its way, reads an unreachable robots.txt as "all allowed", and knows no Crawl-delay.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler

from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from urllib.parse import ParseResult

from scrapy.utils.httpobj import urlparse_cached

_log = logging.getLogger(__name__)
_MOST_ROBOTS = 500 * 1024  # bytes that a crawler must read at least (RFC 9309, section 2.5)


class RobotsUnreachable(IgnoreRequest):
    """Raised here for every request to a host whose robots.txt cannot be had: then nothing may be
    asked (RFC 9309, section 2.3.1.4)."""


class ObedientRobotsMiddleware(RobotsTxtMiddleware):
    """Asks each host for its robots.txt once; all requests wait for the same answer. A longer
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
        asked = Request(
            f"{url.scheme}://{url.netloc}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={"dont_obey_robotstxt": True, "download_slot": request.meta.get("download_slot")},
        )
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(asked)
        except Exception as error:  # noqa: BLE001 - whatever kept the answer away, there is none
            self._unreachable[url.netloc] = f"{type(error).__name__}: {error}"[:200]
            return None
        if response.status >= 500:
            self._unreachable[url.netloc] = f"status {response.status}"
            return None
        if response.status >= 400:
            return None  # there is none: all is allowed (section 2.3.1.3)
        parser = build_from_crawler(self._parserimpl, self.crawler, response.body)
        self._obey_delay(parser, request)
        if isinstance(self.crawler.spider, PortalSpider):
            self.crawler.spider.sitemaps += _sitemaps(response.body)
        return parser

    def _obey_delay(self, parser: RobotParser, request: Request) -> None:
        delay = parser.crawl_delay(self._robotstxt_useragent or self._default_useragent)
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        key, slot = downloader._get_slot(request)
        if delay is not None and delay > slot.delay:
            _log.info("robots.txt asks for %s s between requests to %s", delay, key)
            slot.delay = delay
            # The slot of an idle host is forgotten and made anew; not so what was asked of us.
            downloader.per_slot_settings[key] = {"delay": delay, "concurrency": slot.concurrency}


def _sitemaps(robots: bytes) -> tuple[str, ...]:
    """The values of the Sitemap lines (sitemaps.org), as written."""
    lines = robots[:_MOST_ROBOTS].decode("utf-8", "replace").splitlines()
    named = (
        line.partition(":")[2].strip() for line in lines if line.lower().startswith("sitemap:")
    )
    return tuple(named)
