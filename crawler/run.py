"""One run over many sites: Scrapy in this process, one archive writer under all of them."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.site_runs import SiteRun
from crawler.recording import RunRecorder, SiteOutcome, conclude, recording
from crawler.sites import Site
from crawler.spider import PortalSpider
from crawler.spider_loader import spider_class
from crawler.spider_process import SpiderProcess

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from archive.recovery import RecoveryReport


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """``stopped_by`` is the signal that ended the run early, None if it came to its end."""

    run_id: int
    sites: tuple[SiteOutcome, ...]
    recovery: RecoveryReport
    stopped_by: signal.Signals | None


class CrawlRun:
    """Crawls sites into an archive, a few at a time, each at its own pace.

    Use once a process (crawler.spider_process). ``full`` walks everything; else known ground is
    left alone. After ``max_seconds`` all walks are ended (crawler.endings.Ending.TIME_LIMIT): what
    is in flight is finished. ``on_site`` is called as each site ends; ``settings`` overrides
    crawler.settings; ``quiet`` keeps failed requests out of the log.
    """

    def __init__(
        self,
        archive: Path,
        sites: Sequence[Site],
        *,
        arguments: Sequence[str] = (),
        max_pages: int = 0,
        full: bool = False,
        max_seconds: float | None = None,
        settings: dict[str, Any] | None = None,
        quiet: bool = False,
        on_site: Callable[[SiteOutcome], None] = lambda outcome: None,
    ) -> None:
        self._archive = archive
        self._sites = tuple(sites)
        self._arguments = arguments
        self._max_pages = max_pages
        self._full = full
        self._max_seconds = max_seconds
        self._overrides = settings or {}
        self._quiet = quiet
        self._on_site = on_site
        self._outcomes: list[SiteOutcome] = []

    def run(self) -> RunOutcome:
        """Raises UsageError before anything is touched, ArchiveLocked or ArchiveError when the
        archive cannot be written; what was committed until then stays."""
        with recording(self._archive, self._sites, self._arguments) as (recorder, agent):
            settings = {"USER_AGENT": agent, **self._overrides}
            process = SpiderProcess(
                recorder, settings, quiet=self._quiet, max_seconds=self._max_seconds
            )
            stopped_by = process.run(
                SiteCrawl(
                    site, recorder, self._ended, {"max_pages": self._max_pages, "full": self._full}
                )
                for site in self._sites
            )
            if stopped_by is not None:
                recorder.outcome = "interrupted"
            return RunOutcome(
                recorder.writer.run_id,
                tuple(self._outcomes),
                recorder.writer.recovery,
                stopped_by,
            )

    def _ended(self, outcome: SiteOutcome) -> None:
        self._outcomes.append(outcome)
        self._on_site(outcome)


@dataclass
class SiteCrawl:
    """One site's turn in a run: from its row in site_run to its verdict, which ``told`` is told.
    ``arguments`` are the spider's."""

    site: Site
    recorder: RunRecorder
    told: Callable[[SiteOutcome], None] = lambda outcome: None
    arguments: dict[str, Any] = field(default_factory=dict)
    started: dt.datetime = field(init=False)

    def begin(self) -> tuple[type[Spider], dict[str, Any]]:
        self.started = dt.datetime.now(dt.UTC)
        started = SiteRun(site=self.site.slug, started_at=self.started)
        self.recorder.writer.record_site_run(started)
        return spider_class(self.site), self.arguments

    def end(self, crawler: Crawler) -> None:
        assert isinstance(crawler.spider, PortalSpider)
        assert crawler.stats is not None
        reason = str(crawler.stats.get_value("finish_reason"))
        self.told(conclude(self.recorder, self.site, crawler.spider, self.started, reason))
