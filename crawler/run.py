"""One run over many sites: Scrapy in this process, one archive writer under all of them."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.ingest import SiteRun
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

    Use once a process (crawler.spider_process). ``on_site`` is called as each site ends;
    ``settings`` overrides crawler.settings; ``quiet`` keeps failed requests out of the log.
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

    def run(self) -> RunOutcome:
        """Raises UsageError before anything is touched, ArchiveLocked or ArchiveError when the
        archive cannot be written; what was committed until then stays."""
        with recording(self._archive, self._sites, self._arguments) as (recorder, agent):
            settings = {"USER_AGENT": agent, **self._overrides}
            process = SpiderProcess(recorder, settings, quiet=self._quiet)
            stopped_by = process.run(
                _Crawl(site, recorder, self._max_pages, self._ended) for site in self._sites
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
class _Crawl:
    """One site's turn in the run."""

    site: Site
    recorder: RunRecorder
    max_pages: int
    told: Callable[[SiteOutcome], None]
    started: dt.datetime = field(init=False)

    def begin(self) -> tuple[type[Spider], dict[str, Any]]:
        self.started = dt.datetime.now(dt.UTC)
        started = SiteRun(site=self.site.slug, started_at=self.started)
        self.recorder.writer.record_site_run(started)
        return spider_class(self.site), {"max_pages": self.max_pages}

    def end(self, crawler: Crawler) -> None:
        assert isinstance(crawler.spider, PortalSpider)
        assert crawler.stats is not None
        reason = str(crawler.stats.get_value("finish_reason"))
        self.told(conclude(self.recorder, self.site, crawler.spider, self.started, reason))
