"""`huyen sites check` over many sites: polite visits, nothing concluded about their articles.

What is fetched is kept like any exchange. It is not read into articles: a page whose layout has
changed must not look like an edit by the portal.
"""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.page_reader import PageReader
from crawler.recording import RunRecorder, recording
from crawler.sites import Site
from crawler.spider_process import SpiderProcess
from crawler.survey.fixtures import Fixture
from crawler.survey.site_check import Finding, Look, expected_fields, judge, look_at
from crawler.survey.site_history import History, site_history
from crawler.survey.site_visit import VISIT_SETTINGS, VisitSpider, visitor

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from archive.recovery import RecoveryReport


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """What a check says of one site."""

    site: str
    findings: tuple[Finding, ...]

    @property
    def is_healthy(self) -> bool:
        return all(finding.ok is not False for finding in self.findings)


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """``stopped_by`` is the signal that ended the run early, None if it came to its end."""

    run_id: int
    checks: tuple[SiteCheck, ...]
    recovery: RecoveryReport
    stopped_by: signal.Signals | None


def check_sites(
    archive: Path,
    sites: Sequence[Site],
    fixtures: Mapping[str, Fixture],
    *,
    arguments: Sequence[str] = (),
    now: Callable[[], dt.datetime],
    on_site: Callable[[SiteCheck], None] = lambda check: None,
) -> CheckOutcome:
    """Visits the sites, several at a time; ``on_site`` is called as each is done. Raises as a crawl
    does: UsageError, ArchiveLocked, ArchiveError."""
    checks: list[SiteCheck] = []

    def done(check: SiteCheck) -> None:
        checks.append(check)
        on_site(check)

    with recording(archive, sites, arguments, command="sites check") as (recorder, agent):
        settings = {"USER_AGENT": agent, "LOG_LEVEL": "ERROR", **VISIT_SETTINGS}
        process = SpiderProcess(recorder, settings, quiet=True)
        stopped_by = process.run(
            _Check(site, fixtures.get(site.slug), recorder, now, done) for site in sites
        )
        if stopped_by is not None:
            recorder.outcome = "interrupted"
        return CheckOutcome(
            recorder.writer.run_id, tuple(checks), recorder.writer.recovery, stopped_by
        )


@dataclass
class _Check:
    """One site's turn in the run."""

    site: Site
    fixture: Fixture | None
    recorder: RunRecorder
    now: Callable[[], dt.datetime]
    done: Callable[[SiteCheck], None]
    look: Look = field(default_factory=Look)
    history: History = field(init=False)
    expected: frozenset[str] = field(init=False)

    def begin(self) -> tuple[type[Spider], dict[str, Any]]:
        site, writer = self.site, self.recorder.writer
        self.history = site_history(
            writer.connection, site.slug, site.home, site.platform, writer.run_id
        )
        self.expected = expected_fields(self.history, self.fixture)
        return visitor(site), {"walk": self.walk}

    async def walk(self, spider: VisitSpider) -> None:
        reader = PageReader(self.site.home, spider.read)
        await look_at(spider.fetch, self.site, reader, self.expected, self.look)

    def end(self, crawler: Crawler) -> None:
        self.recorder.writer.seal_site(self.site.slug)
        assert isinstance(crawler.spider, VisitSpider)
        if crawler.spider.finished:
            findings = judge(
                self.site, self.look, self.expected, self.history, self.fixture, self.now()
            )
            self.done(SiteCheck(self.site.slug, tuple(findings)))
