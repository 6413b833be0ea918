"""One run over many sites: Scrapy in this process, one archive writer under all of them."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.project import get_project_settings

from archive.errors import HuyenError
from archive.ingest import SiteRun
from crawler.recording import RunRecorder, SiteOutcome, conclude, recording
from crawler.sites import Site
from crawler.spider import PortalSpider
from crawler.spider_loader import spider_class

if TYPE_CHECKING:
    from archive.recovery import RecoveryReport

_SITES_AT_ONCE = 16
_FLUSH_SECONDS = 2.0
# Failed requests are rows and part of the verdict; the log tells them to who asks for a log.
_TELLING_OF_FAILURES = (
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.robotstxt",
)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """``stopped_by`` is the signal that ended the run early, None if it came to its end."""

    run_id: int
    sites: tuple[SiteOutcome, ...]
    recovery: RecoveryReport
    stopped_by: signal.Signals | None


class CrawlRun:
    """Crawls sites into an archive, ``_SITES_AT_ONCE`` at a time, each at its own pace.

    Use once a process: Twisted's reactor cannot be started again. ``on_site`` is called as each
    site ends; ``settings`` overrides crawler.settings; ``quiet`` keeps failed requests out of the log.
    """

    def __init__(
        self,
        archive: Path,
        sites: Sequence[Site],
        *,
        arguments: Sequence[str] = (),
        max_pages: int = 0,
        settings: dict[str, Any] | None = None,
        quiet: bool = False,
        on_site: Callable[[SiteOutcome], None] = lambda outcome: None,
    ) -> None:
        self._archive = archive
        self._sites = tuple(sites)
        self._arguments = arguments
        self._max_pages = max_pages
        self._overrides = settings or {}
        self._quiet = quiet
        self._on_site = on_site
        self._outcomes: list[SiteOutcome] = []
        self._waiting = deque(self._sites)
        self._stopped_by: signal.Signals | None = None
        self._stopping: asyncio.Task[None] | None = None

    def run(self) -> RunOutcome:
        """Raises UsageError before anything is touched, ArchiveLocked or ArchiveError when the
        archive cannot be written; what was committed until then stays."""
        with recording(self._archive, self._sites, self._arguments) as (recorder, agent):
            os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "crawler.settings")
            settings = get_project_settings()
            own = {"USER_AGENT": agent, "HUYEN_RECORDER": recorder, **self._overrides}
            settings.setdict(own, priority="cmdline")
            process = AsyncCrawlerProcess(settings)  # which configures the logs
            if self._quiet:
                for name in _TELLING_OF_FAILURES:
                    logging.getLogger(name).setLevel(logging.CRITICAL)
            self._crawl(process, recorder)
            if self._stopped_by is not None:
                recorder.outcome = "interrupted"
            return RunOutcome(
                recorder.writer.run_id,
                tuple(self._outcomes),
                recorder.writer.recovery,
                self._stopped_by,
            )

    def _crawl(self, process: AsyncCrawlerProcess, recorder: RunRecorder) -> None:
        loop = asyncio.get_event_loop()

        def stop() -> None:
            self._waiting.clear()
            self._stopping = loop.create_task(process.stop())

        def stop_on(signum: signal.Signals) -> None:
            if self._stopped_by is None:
                self._stopped_by = signum
                stop()
            else:  # asked twice: do not wait for what is in flight
                process._stop_reactor()

        async def flush_while_running() -> None:
            while recorder.failure is None:
                await asyncio.sleep(_FLUSH_SECONDS)
                recorder.flush()

        recorder.on_failure = stop
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, stop_on, signum)
        flushing = loop.create_task(flush_while_running())
        for _ in range(min(_SITES_AT_ONCE, len(self._waiting))):
            self._begin_next(process, recorder)
        try:
            process.start(install_signal_handlers=False)
        finally:
            flushing.cancel()

    def _begin_next(self, process: AsyncCrawlerProcess, recorder: RunRecorder) -> None:
        if not self._waiting:
            return
        site = self._waiting.popleft()
        started = dt.datetime.now(dt.UTC)
        recorder.writer.record_site_run(SiteRun(site=site.slug, started_at=started))
        crawler = Crawler(spider_class(site), process.settings)
        task = process.crawl(crawler, max_pages=self._max_pages)

        def ended(task: asyncio.Task[None]) -> None:
            try:
                # Another site takes the place before this one is accounted for, so that the
                # process never finds itself without work while sites wait.
                self._begin_next(process, recorder)
                if recorder.failure is None and not task.cancelled() and task.exception() is None:
                    self._conclude(site, crawler, started, recorder)
            except HuyenError as error:
                recorder.fail(error)

        task.add_done_callback(ended)

    def _conclude(
        self, site: Site, crawler: Crawler, started: dt.datetime, recorder: RunRecorder
    ) -> None:
        assert isinstance(crawler.spider, PortalSpider)
        assert crawler.stats is not None
        reason = str(crawler.stats.get_value("finish_reason"))
        outcome = conclude(recorder, site, crawler.spider, started, reason)
        self._outcomes.append(outcome)
        self._on_site(outcome)
