"""Ending the walk over one portal early, for a reason that the verdict will name."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler

    from crawler.endings import Ending

_log = logging.getLogger(__name__)
_closing: set[asyncio.Task[None]] = set()

DETAIL = "huyen/ending_detail"
"""The statistic that says in a few words what lies behind Scrapy's ``finish_reason``."""


class Postponed(IgnoreRequest):
    """Raised for a request that was not made because the walk, or all dealings with its host, have
    ended for this run. The address is as unknown as before."""


def close(crawler: Crawler, ending: Ending, detail: str, *, finish_waiting: bool = False) -> None:
    """Closes the spider: what is on the wire is finished, what waits for its turn is postponed, or
    finished too."""
    engine, stats = crawler.engine, crawler.stats
    assert engine is not None
    assert stats is not None
    if stats.get_value(DETAIL) is not None:
        return  # the first reason counts
    stats.set_value(DETAIL, detail)
    _log.info("%s: closing (%s): %s", crawler.spider and crawler.spider.name, ending, detail)
    if not finish_waiting:
        for slot in engine.downloader.slots.values():
            postpone(slot, detail)
    task = asyncio.get_running_loop().create_task(engine.close_spider_async(reason=str(ending)))
    _closing.add(task)
    task.add_done_callback(_closing.discard)


def postpone(slot: Slot, reason: str) -> None:
    """Takes back the requests that wait in a slot of the downloader for their turn."""
    while slot.queue:
        _, waiting = slot.queue.popleft()
        waiting.errback(Failure(Postponed(reason)))  # type: ignore[no-untyped-call]
