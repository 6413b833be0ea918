"""Scrapy in this process: many sites, a few at a time, ended early by a signal or a full disk."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.project import get_project_settings

from archive.errors import HuyenError
from crawler.endings import Ending
from crawler.fetching.closing import close

if TYPE_CHECKING:
    from scrapy import Spider

    from crawler.recording import RunRecorder

_SITES_AT_ONCE = 16
_FLUSH_SECONDS = 2.0
_LOOKING_AGAIN_SECONDS = 1.0
# Failed requests are rows and part of the verdict; the log tells them to who asks for a log.
_TELLING_OF_FAILURES = (
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.robotstxt",
)


class Visit(Protocol):
    """One spider's turn. Both methods may raise HuyenError, which ends the run."""

    def begin(self) -> tuple[type[Spider], dict[str, Any]]:
        """The spider and its arguments, asked for when its turn comes."""

    def end(self, crawler: Crawler) -> None:
        """Told when the spider has closed, unless the run has failed before."""


class SpiderProcess:
    """Runs the spiders of one command, ``_SITES_AT_ONCE`` at a time, each at its own pace.

    Use once a process: Twisted's reactor cannot be started again. ``settings`` overrides
    crawler.settings; ``quiet`` keeps failed requests out of the log. After ``max_seconds`` the
    spiders that run are closed with Ending.TIME_LIMIT and no other is begun.
    """

    def __init__(
        self,
        recorder: RunRecorder,
        settings: Mapping[str, Any],
        *,
        quiet: bool = False,
        max_seconds: float | None = None,
    ) -> None:
        os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "crawler.settings")
        project = get_project_settings()
        project.setdict({"HUYEN_RECORDER": recorder, **settings}, priority="cmdline")
        self._process = AsyncCrawlerProcess(project)  # which configures the logs
        if quiet:
            for name in _TELLING_OF_FAILURES:
                logging.getLogger(name).setLevel(logging.CRITICAL)
        self._recorder = recorder
        self._max_seconds = max_seconds
        self._waiting: deque[Visit] = deque()
        self._stopped_by: signal.Signals | None = None
        self._stopping: asyncio.Task[None] | None = None

    def run(self, visits: Iterable[Visit]) -> signal.Signals | None:
        """Returns when all spiders have closed: the signal that ended the run early, or None. A
        failure of the recorder ends it early too, and stays in the recorder."""
        # What is loaded by now stays for good: the collector need not look at it again and again,
        # which costs a tenth to a fifth of a crawl (docs/benchmarks.md).
        gc.collect()
        gc.freeze()
        self._waiting.extend(visits)
        loop = asyncio.get_event_loop()
        recorder = self._recorder

        def stop() -> None:
            self._waiting.clear()
            self._stopping = loop.create_task(self._process.stop())

        def stop_on(signum: signal.Signals) -> None:
            if self._stopped_by is None:
                self._stopped_by = signum
                stop()
            else:  # asked twice: do not wait for what is in flight
                self._process._stop_reactor()

        async def flush_while_running() -> None:
            while recorder.failure is None:
                await asyncio.sleep(_FLUSH_SECONDS)
                recorder.flush()

        def time_is_up() -> None:
            self._waiting.clear()
            for crawler in self._process.crawlers:
                if crawler.engine is not None and crawler.engine.spider is not None:
                    close(crawler, Ending.TIME_LIMIT, "the time was up")
            if self._process.crawlers:  # one may be just opening
                loop.call_later(_LOOKING_AGAIN_SECONDS, time_is_up)

        recorder.on_failure = stop
        if self._max_seconds is not None:
            loop.call_later(self._max_seconds, time_is_up)
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, stop_on, signum)
        flushing = loop.create_task(flush_while_running())
        for _ in range(min(_SITES_AT_ONCE, len(self._waiting))):
            self._begin_next()
        try:
            self._process.start(install_signal_handlers=False)
        finally:
            flushing.cancel()
        return self._stopped_by

    def _begin_next(self) -> None:
        if not self._waiting:
            return
        visit = self._waiting.popleft()
        spider, arguments = visit.begin()
        crawler = Crawler(spider, self._process.settings)
        task = self._process.crawl(crawler, **arguments)

        def ended(task: asyncio.Task[None]) -> None:
            try:
                # Another site takes the place before this one is accounted for, so that the
                # process never finds itself without work while sites wait.
                self._begin_next()
                failed = self._recorder.failure is not None
                if not failed and not task.cancelled() and task.exception() is None:
                    visit.end(crawler)
            except HuyenError as error:
                self._recorder.fail(error)

        task.add_done_callback(ended)
