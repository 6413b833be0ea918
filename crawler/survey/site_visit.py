"""A spider that asks for one page after another, as a walk (crawler.survey.site_survey) decides.

Everything that a crawl goes through applies: robots.txt, pace, retries, redirects, capture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import scrapy
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.errors import HuyenError
from crawler.extraction.page import Page
from crawler.sites import Site
from crawler.spider import PortalSpider
from crawler.spider_loader import spider_class
from crawler.survey.site_survey import Answer

#: Settings of a visit that differ from a crawl's, with the reason.
VISIT_SETTINGS = {
    # crawler.settings: 3; a person is waiting, and a portal that needs more is not well
    "RETRY_TIMES": 1,
    # crawler.settings: 64 MiB; no page is a tenth of this, and those of a survey are held in memory
    "DOWNLOAD_MAXSIZE": 8 * 1024 * 1024,
    # crawler.settings: every table of the sites file; that may hold none yet
    "SPIDER_LOADER_CLASS": "scrapy.spiderloader.DummySpiderLoader",
}


class VisitSpider(PortalSpider):
    """Runs ``walk`` and is done. ``refusal`` is the HuyenError that ended it, None if none did;
    ``finished`` whether it came to its end."""

    def __init__(self, walk: Callable[[VisitSpider], Awaitable[None]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.refusal: HuyenError | None = None
        self.finished = False
        self._walk = walk

    async def start(self) -> AsyncIterator[scrapy.Request]:
        try:
            await self._walk(self)
            self.finished = True
        except HuyenError as error:
            self.refusal = error
        nothing_to_schedule: tuple[scrapy.Request, ...] = ()
        for request in nothing_to_schedule:
            yield request

    async def fetch(self, url: str) -> Answer:
        """Asks for a page, redirects followed. Raises HuyenError only where it cannot be kept."""
        request = scrapy.Request(url, meta=self._manners(url))
        assert self.crawler.engine is not None
        (outcome,) = await asyncio.gather(
            self.crawler.engine.download_async(request), return_exceptions=True
        )
        if isinstance(outcome, Response):
            media_type = (outcome.headers.get("Content-Type") or b"").decode("latin-1")
            page = Page.from_http(outcome.url, outcome.status, media_type, outcome.body)
            return Answer(url, page, capture=outcome.meta.get("capture_id"))
        if isinstance(outcome, HuyenError) or not isinstance(outcome, Exception):
            raise outcome
        return Answer(url, error=_reason(outcome))


def visitor(site: Site) -> type[VisitSpider]:
    """The visiting spider of a site, which reads pages as the site's own spider does."""
    return type("SiteVisit", (VisitSpider, spider_class(site)), {})


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    if text == "Forbidden by robots.txt":
        return "robots.txt forbids it"
    if isinstance(error, IgnoreRequest) and text:
        return text
    return f"no answer ({text or type(error).__name__})"[:200]
