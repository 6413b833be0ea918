"""Where a walk over one portal ends although there is more: so many requests a day, so many pages,
so much of the disk."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider

from archive.timestamps import utc_text
from crawler.endings import Ending
from crawler.fetching.closing import DETAIL, Postponed, close
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    import sqlite3

    from scrapy.crawler import Crawler

_DAY = dt.timedelta(days=1)


def requests_since(connection: sqlite3.Connection, site: str, since: dt.datetime) -> int:
    """How many requests were made for a site after this time (aware). Not those that were refused
    before anything was sent, nor what was taken over from other archives."""
    row = connection.execute(
        "SELECT count(*) FROM capture c JOIN run r ON r.id = c.run_id WHERE c.site = ? "
        "AND c.fetched_at > ? AND c.error NOT LIKE 'refused:%' "
        "AND r.command NOT IN ('import', 'backfill')",
        (site, utc_text(since)),
    ).fetchone()
    return int(row[0])


class Limits:
    """Downloader middleware, the last before the downloader: counts what is really asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._recorder: Any = crawler.settings.get("HUYEN_RECORDER")
        self._left: int | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        limits = cls(crawler)
        crawler.signals.connect(limits.idle, signals.spider_idle)
        return limits

    def process_request(self, request: Request) -> None:
        spider = self._crawler.spider
        assert self._crawler.stats is not None
        if (ended := self._crawler.stats.get_value(DETAIL)) is not None:
            raise Postponed(ended)  # it waited for robots.txt while the walk was ended
        if self._recorder is None or not isinstance(spider, PortalSpider):
            return
        shortage = self._recorder.disk_reserve.shortage(self._recorder.writer.root)
        if shortage is not None:
            close(self._crawler, Ending.DISK_SPACE, shortage)
            raise Postponed(shortage)
        if self._left is None:
            since = dt.datetime.now(dt.UTC) - _DAY
            done = requests_since(self._recorder.writer.connection, spider.name, since)
            self._left = spider.site.requests_a_day - done
        if self._left <= 0:
            detail = f"{spider.site.requests_a_day} requests in 24 hours"
            # Those that wait have been counted.
            close(self._crawler, Ending.DAILY_LIMIT, detail, finish_waiting=True)
            raise Postponed(detail)
        self._left -= 1

    def idle(self, spider: object) -> None:
        """All that may be asked was asked: is that all there is?"""
        if isinstance(spider, PortalSpider) and spider.frontier.cut_short:
            assert self._crawler.stats is not None
            self._crawler.stats.set_value(DETAIL, "as many pages as were asked for")
            raise CloseSpider(str(Ending.PAGE_LIMIT))
