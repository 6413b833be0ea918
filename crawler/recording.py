"""What a run records: the archive writer under Scrapy's components, and each site's outcome."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.request import getproxies

from scrapy.exceptions import IgnoreRequest

from archive import __version__
from archive.errors import HuyenError, UsageError
from archive.ingest import ArchiveWriter, SiteFacts, SiteRun
from archive.schema import Article, PageKind, Reading
from archive.urls import host_of
from crawler.alarms import shared_values
from crawler.sites import Site, is_reserved_host
from crawler.verdicts import Seen, Verdict, judge

if TYPE_CHECKING:
    from archive.exchange import Exchange
    from crawler.spider import PortalSpider

_T = TypeVar("_T")
# Articles of a site that are kept in memory to be compared with one another.
_LOOKED_AT_TOGETHER = 400
# Fields whose share among the articles of a run is kept, to notice when a layout changes.
_COVERED = ("summary", "body_text", "author", "category", "published_at", "images", "attachments")


class RunRecorder:
    """The archive writer as Scrapy's components see it: the object in setting HUYEN_RECORDER.

    A writer that can no longer write (disk full) ends the run: the first such error is kept in
    ``failure`` and ``on_failure`` is called once. Scrapy copies its settings deeply; the recorder
    in them stays one object.
    """

    def __init__(self, writer: ArchiveWriter) -> None:
        self.writer = writer
        self.failure: HuyenError | None = None
        self.on_failure: Callable[[], None] = lambda: None
        self.outcome = "done"
        # Names that sites.toml itself puts on this machine; see crawler.fetching.addresses.
        self.local_hosts: frozenset[str] = frozenset()
        self.articles: dict[str, _Articles] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def record_exchange(self, site: str, exchange: Exchange) -> int:
        """As ArchiveWriter does; raises IgnoreRequest once nothing can be written any more: what
        is not recorded was not fetched."""
        capture_id = self._guarded(lambda: self.writer.record_exchange(site, exchange))
        if capture_id is None:
            raise IgnoreRequest("the archive can no longer be written")
        return capture_id

    def record_reading(self, site: str, capture_id: int, reading: Reading) -> None:
        self._guarded(lambda: self.writer.record_reading(capture_id, reading))
        if reading.article is not None:
            self.articles.setdefault(site, _Articles()).add(reading, reading.article)

    def flush(self) -> None:
        self._guarded(self.writer.flush_if_due)

    def _guarded(self, action: Callable[[], _T]) -> _T | None:
        if self.failure is None:
            try:
                return action()
            except HuyenError as error:
                self.fail(error)
        return None

    def fail(self, error: HuyenError) -> None:
        """Ends the run because of this error; the first one counts."""
        if self.failure is None:
            self.failure = error
            self.on_failure()


class _Articles:
    """What the articles of one site had, for the run's report."""

    def __init__(self) -> None:
        self.count = 0
        self.newest: str | None = None
        self.first: list[Reading] = []
        self._having: Counter[str] = Counter()

    def add(self, reading: Reading, article: Article) -> None:
        self.count += 1
        if len(self.first) < _LOOKED_AT_TOGETHER:
            self.first.append(reading)
        self._having.update(name for name in _COVERED if getattr(article, name))
        if article.published_at and article.published_at > (self.newest or ""):
            self.newest = article.published_at

    def coverage(self) -> dict[str, float]:
        return {name: round(self._having[name] / self.count, 4) for name in _COVERED}


@dataclass(frozen=True, slots=True)
class SiteOutcome:
    """What became of one site in a run. ``requests`` are answers and failures, ``pages`` answers
    that were read, ``articles`` those that were articles, ``missing`` pages that the portal does
    not have although it links to them."""

    site: str
    verdict: Verdict
    reason: str
    requests: int
    pages: int
    articles: int
    new: int
    changed: int
    unchanged: int
    unreadable: int
    missing: int
    failed: int
    truncated: int
    seconds: float


def conclude(
    recorder: RunRecorder,
    site: Site,
    spider: PortalSpider,
    started: dt.datetime,
    finish_reason: str,
) -> SiteOutcome:
    """Closes the site's WARC file, judges what its spider saw, and stores and returns the outcome.

    ``finish_reason`` is Scrapy's: ``finished`` when the walk came to its own end. Raises
    ArchiveError.
    """
    writer = recorder.writer
    writer.seal_site(site.slug)
    tally, counts = spider.tally, writer.counts(site.slug)
    articles = recorder.articles.get(site.slug, _Articles())
    seen = Seen(
        responses=tally.responses,
        articles=articles.count,
        new=counts.new,
        changed=counts.changed,
        unreadable=counts.failures,
        failed=len(tally.failed),
        home_error=tally.home_error,
        complete=finish_reason == "finished" and not spider.frontier.cut_short,
        alarms=_new_alarms(writer, site.slug, articles.first),
    )
    verdict, reason = judge(seen, _articles_before(writer, site.slug))
    ended = dt.datetime.now(dt.UTC)
    outcome = SiteOutcome(
        site=site.slug,
        verdict=verdict,
        reason=reason,
        requests=tally.responses + len(tally.failed),
        pages=tally.pages,
        articles=articles.count,
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        unreadable=counts.failures,
        missing=tally.kinds.get(PageKind.MISSING, 0),
        failed=len(tally.failed),
        truncated=counts.truncated,
        seconds=(ended - started).total_seconds(),
    )
    writer.record_site_run(
        SiteRun(
            site=site.slug,
            started_at=started,
            ended_at=ended,
            verdict=verdict,
            reason=reason,
            requests=outcome.requests,
            pages=outcome.pages,
            articles=outcome.articles,
            new=outcome.new,
            changed=outcome.changed,
            unchanged=outcome.unchanged,
            failures=outcome.unreadable,
            newest=articles.newest,
            coverage=articles.coverage() if articles.count else {},
        )
    )
    return outcome


@contextmanager
def recording(
    archive: Path, sites: Sequence[Site], arguments: Sequence[str], *, command: str = "crawl"
) -> Iterator[tuple[RunRecorder, str]]:
    """Opens the archive for one run over these sites; gives the recorder and the user agent.

    When the block ends the run is closed with the recorder's ``outcome``. Raises UsageError before
    anything is touched, ArchiveLocked or ArchiveError when the archive cannot be written, and what
    stopped the recorder meanwhile.
    """
    contact = contact_for(sites)
    agent = user_agent(contact)
    with ArchiveWriter.open(
        archive, command, arguments, operator=contact, user_agent=agent
    ) as writer:
        recorder = RunRecorder(writer)
        named = (host for site in sites for host in site.all_hosts)
        recorder.local_hosts = frozenset(host for host in named if is_reserved_host(host))
        for site in sites:
            writer.record_site(site_facts(site))
        yield recorder, agent
        if recorder.failure is not None:
            raise recorder.failure
        writer.close(recorder.outcome)


def user_agent(contact: str) -> str:
    """Names the archive and a contact, so that an office can see who asks and whom to write to."""
    return f"huyen/{__version__} (web archive of Vietnamese district portals; {contact})"


def contact_for(sites: Sequence[Site]) -> str:
    """The contact to name in the user agent, from the environment variable HUYEN_CONTACT.

    Raises UsageError if it is not set although a site on the public web would be asked directly.
    Behind a proxy on this machine (a local copy of a portal) no office is met.
    """
    contact = os.environ.get("HUYEN_CONTACT", "").strip()
    if contact and not contact.isprintable():
        raise UsageError("HUYEN_CONTACT: must be one line of printable text")
    proxies = getproxies()
    for site in sites:
        proxy = proxies.get(site.home.split(":", 1)[0])
        if site.is_public and not contact and not (proxy and is_reserved_host(host_of(proxy))):
            raise UsageError(
                f"set HUYEN_CONTACT to an e-mail or web address before crawling {site.home}: "
                "the office must be able to see who asks"
            )
    return contact or "no contact given: not for the public web"


def site_facts(site: Site) -> SiteFacts:
    """What the archive keeps of a table of sites.toml."""
    life = site.life
    return SiteFacts(
        slug=site.slug,
        name=site.name,
        province=site.province,
        home=site.home,
        platform=site.platform,
        state=life.state,
        since=life.since.isoformat() if life.since else None,
        reason=life.reason or None,
        successor=life.successor or None,
    )


def _new_alarms(writer: ArchiveWriter, site: str, readings: Sequence[Reading]) -> tuple[str, ...]:
    """What too many articles share; an alarm that an earlier run has told is not told again."""
    told = writer.connection.execute(
        "SELECT group_concat(reason, char(10)) FROM site_run WHERE site = ? AND verdict = 'changed'",
        (site,),
    ).fetchone()[0]
    alarms = shared_values(readings)
    return tuple(
        str(alarm) for alarm in alarms if f"one {alarm.field}: {alarm.value}" not in (told or "")
    )


def _articles_before(writer: ArchiveWriter, site: str) -> int:
    row = writer.connection.execute(
        "SELECT articles FROM site_run WHERE site = ? AND verdict IN ('ok', 'quiet') "
        "ORDER BY id DESC LIMIT 1",
        (site,),
    ).fetchone()
    return int(row[0]) if row else 0
