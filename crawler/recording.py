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
from archive.ingest import ArchiveWriter, SiteFacts
from archive.schema import Article, PageKind, Reading
from archive.site_runs import SiteRun
from archive.urls import host_of
from crawler.alarms import shared_values
from crawler.disk_space import Reserve
from crawler.fetching.closing import DETAIL
from crawler.past_crawls import (
    FIELDS,
    coverage_of_new,
    edited_since,
    home_failure,
    kind_of_failure,
    known_articles,
    past_crawls,
)
from crawler.reextraction import StoredPages
from crawler.silence import Silence, silence_of
from crawler.sites import Site, State, is_reserved_host
from crawler.verdicts import Seen, Verdict, judge, since_when

if TYPE_CHECKING:
    from archive.exchange import Exchange
    from crawler.spider import PortalSpider

_T = TypeVar("_T")
# Articles of a site that are kept in memory to be compared with one another.
_LOOKED_AT_TOGETHER = 400


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
        # Names that may lie in an office's own network (`allow_private`).
        self.private_hosts: frozenset[str] = frozenset()
        # What is to stay free on the disk; see crawler.fetching.limits.
        self.disk_reserve = Reserve()
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
        self._read_by: Counter[str] = Counter()

    def add(self, reading: Reading, article: Article) -> None:
        self.count += 1
        self._read_by[reading.extractor] += 1
        if len(self.first) < _LOOKED_AT_TOGETHER:
            self.first.append(reading)
        self._having.update(name for name in FIELDS if getattr(article, name))
        if article.published_at and article.published_at > (self.newest or ""):
            self.newest = article.published_at

    def coverage(self) -> dict[str, float]:
        if not self.count:
            return {}
        return {name: round(self._having[name] / self.count, 4) for name in FIELDS}

    @property
    def extractor(self) -> str:
        """The one that read most of them, empty without any."""
        return max(self._read_by, key=lambda name: self._read_by[name], default="")


@dataclass(frozen=True, slots=True)
class SiteOutcome:
    """What became of one site in a run. ``subject`` is what the verdict is about, for programs;
    ``whole``: every page was asked for, not only what was due. ``requests`` are answers and
    failures, ``pages`` answers that were read, ``articles`` those that were articles, ``missing``
    pages that the portal does not have although it links to them. ``since`` is when the first crawl
    of the unbroken row with this verdict began, None where this is the first."""

    site: str
    verdict: Verdict
    subject: str
    reason: str
    whole: bool
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
    since: dt.datetime | None = None


def conclude(
    recorder: RunRecorder,
    site: Site,
    spider: PortalSpider,
    started: dt.datetime,
    finish_reason: str,
) -> SiteOutcome:
    """Closes the site's WARC file, judges what its spider saw, and stores and returns the outcome.

    ``finish_reason`` is Scrapy's, see crawler.endings. Raises ArchiveError.
    """
    writer = recorder.writer
    writer.seal_site(site.slug)
    articles = recorder.articles.get(site.slug, _Articles())
    ended = dt.datetime.now(dt.UTC)
    silence = silence_of(writer.connection, site.slug, ended)
    seen = _seen(writer, site, spider, articles, started, finish_reason, silence)
    past = past_crawls(writer.connection, site.slug, writer.run_id)
    judgement = judge(seen, past, ended)
    tally, counts = spider.tally, writer.counts(site.slug)
    outcome = SiteOutcome(
        site=site.slug,
        verdict=judgement.verdict,
        subject=judgement.subject,
        reason=judgement.reason,
        whole=seen.whole,
        requests=seen.responses + seen.failed,
        pages=tally.pages,
        articles=articles.count,
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        unreadable=counts.failures,
        missing=tally.kinds.get(PageKind.MISSING, 0),
        failed=seen.failed,
        truncated=counts.truncated,
        seconds=(ended - started).total_seconds(),
        since=since_when(judgement.verdict, past),
    )
    writer.record_site_run(
        SiteRun(
            site=site.slug,
            started_at=started,
            ended_at=ended,
            verdict=outcome.verdict,
            reason=outcome.reason,
            requests=outcome.requests,
            pages=outcome.pages,
            articles=outcome.articles,
            new=outcome.new,
            changed=outcome.changed,
            unchanged=outcome.unchanged,
            failures=outcome.unreadable,
            newest=articles.newest,
            coverage=seen.coverage,
            whole=seen.whole,
            subject=outcome.subject,
            ending=finish_reason,
            failed=seen.failed,
            not_modified=seen.not_modified,
            home_kind=seen.home_kind,
            extractor=articles.extractor,
            rate=silence.rate if silence else None,
            silence_days=silence.limit if silence else None,
        )
    )
    return outcome


def _seen(
    writer: ArchiveWriter,
    site: Site,
    spider: PortalSpider,
    articles: _Articles,
    started: dt.datetime,
    finish_reason: str,
    silence: Silence | None,
) -> Seen:
    tally, counts, stats = spider.tally, writer.counts(site.slug), spider.crawler.stats
    assert stats is not None
    connection = writer.connection
    known = known_articles(connection, site.slug)
    # A first crawl finds everything unknown; what takes up an interrupted walk finds the rest.
    whole = (spider.full and not spider.frontier.resumed) or known <= counts.new
    failure = home_failure(connection, writer.run_id, site.slug, site.home)
    home_error = (failure or tally.home_error) if tally.home_error else ""
    return Seen(
        whole=whole,
        responses=tally.responses + (spider.admission.finding is not None),
        articles=articles.count,
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        edited=edited_since(connection, site.slug, started),
        unreadable=counts.failures,
        failed=len(tally.failed),
        refused=spider.admission.refused,
        broken=int(stats.get_value("spider_exceptions/count", 0)),
        not_modified=tally.not_modified,
        home_kind=spider.admission.home_kind,
        known=known,
        coverage=articles.coverage() if whole else coverage_of_new(connection, site.slug, started),
        extractor=articles.extractor,
        newest=articles.newest,
        alarms=_new_alarms(writer, site.slug, articles.first),
        home_error=home_error,
        home_failure=kind_of_failure(home_error),
        finding=spider.admission.finding,
        cut=tally.listings_cut,
        ending=finish_reason,
        ending_detail=str(stats.get_value(DETAIL, "")),
        cut_short=spider.frontier.cut_short,
        silence=silence if site.life.state is State.ACTIVE else None,
    )


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
    reserve = Reserve.from_environment()
    with ArchiveWriter.open(
        archive, command, arguments, operator=contact, user_agent=agent
    ) as writer:
        writer.read_again = StoredPages(archive, writer.connection, sites)
        recorder = RunRecorder(writer)
        recorder.disk_reserve = reserve
        named = (host for site in sites for host in site.all_hosts)
        recorder.local_hosts = frozenset(host for host in named if is_reserved_host(host))
        recorder.private_hosts = frozenset(
            host for site in sites if site.allow_private for host in site.all_hosts
        )
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
        bodies=site.bodies,
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
