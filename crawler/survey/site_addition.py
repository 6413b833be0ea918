"""`huyen sites add`: from an address to a table of sites.toml, a fixture, and the pages behind them."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.errors import HuyenError, UsageError
from archive.exchange import Exchange
from archive.ingest import ArchiveWriter
from archive.timestamps import utc_text
from archive.urls import canonical_url, host_of
from archive.warc_reader import UndecodableBody, decoded_body, read_response
from crawler.page_reader import PageReader
from crawler.recording import RunRecorder, contact_for, site_facts, user_agent
from crawler.reextraction import page_of
from crawler.settings import ROBOTSTXT_USER_AGENT
from crawler.sites import DEFAULT_DELAY, Pace, Site, is_reserved_host
from crawler.spider_process import SpiderProcess
from crawler.survey.district_names import slug_of
from crawler.survey.fixtures import LISTING, PageToStore, write_fixture
from crawler.survey.provinces import compact
from crawler.survey.site_identity import Identity, identify
from crawler.survey.site_survey import (
    ReadPage,
    Recognised,
    Rhythm,
    Survey,
    crawl_delay,
    explore,
    open_home,
    recognise,
    rhythm,
)
from crawler.survey.site_visit import VISIT_SETTINGS, VisitSpider, visitor
from crawler.survey.sites_file import append_table, known_sites, require_new

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from archive.recovery import RecoveryReport

_ARTICLES_IN_FIXTURE = 3
_DOUBTFUL = 0.8  # confidence of a reading below which a person should look


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person said. ``fixtures`` is the folder for the fixture, None for no fixture;
    ``slug``, ``name`` and ``province`` are final where given."""

    url: str
    sites_file: Path
    fixtures: Path | None
    slug: str | None = None
    name: str | None = None
    province: str | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """A site that was added. ``entries`` counts those of each section; ``doubts`` are (key of
    sites.toml or part of the fixture, what a person should look at); ``requests`` exchanges."""

    site: Site
    entries: Mapping[str, int]
    recognised: Recognised
    rhythm: Rhythm | None
    articles: tuple[ReadPage, ...]
    doubts: tuple[tuple[str, str], ...]
    fixture: Path | None
    requests: int
    run_id: int
    recovery: RecoveryReport


class _HoldingRecorder(RunRecorder):
    """Keeps exchanges in memory until the site has a slug: a dozen, each of bounded size. What
    turns out to be no portal leaves nothing in the archive."""

    def __init__(self, writer: ArchiveWriter) -> None:
        super().__init__(writer)
        self.held: list[Exchange] = []

    def record_exchange(self, site: str, exchange: Exchange) -> int:
        self.held.append(exchange)
        return len(self.held) - 1


@dataclass
class _Expedition:
    """The one visit of the run."""

    wishes: Wishes
    known: Mapping[str, Site]
    provisional: Site
    spider: VisitSpider | None = None
    identity: Identity | None = None
    survey: Survey | None = None
    slug: str = ""

    def begin(self) -> tuple[type[Spider], dict[str, Any]]:
        return visitor(self.provisional), {"walk": self.walk}

    def end(self, crawler: Crawler) -> None:
        assert isinstance(crawler.spider, VisitSpider)
        self.spider = crawler.spider

    async def walk(self, spider: VisitSpider) -> None:
        wishes = self.wishes
        home, answer = await open_home(spider.fetch, self.provisional.home)
        assert answer.page is not None
        self.identity = identify(answer.page, home, name=wishes.name, province=wishes.province)
        self.slug = wishes.slug or self.identity.slug
        if not self.slug:
            raise HuyenError(f"{home}: no slug can be made of its name; give one with --slug")
        require_new(self.known, wishes.sites_file, home, self.slug)
        _require_no_fixture(wishes, self.slug)
        reader = PageReader(home, spider.read)
        own = [url for url in spider.sitemaps if host_of(url) in spider.site.all_hosts]
        self.survey = await explore(spider.fetch, home, answer, reader, own)


def add_site(
    archive: Path, wishes: Wishes, *, arguments: Sequence[str], today: dt.date
) -> Addition | signal.Signals:
    """Looks at a portal, records what was fetched, writes the fixture and the table, in this order.

    Returns the signal that stopped it instead, with nothing written. Raises UsageError before
    anything is fetched, HuyenError where the address cannot be added, ArchiveLocked or
    ArchiveError when the archive cannot be written.
    """
    provisional = _provisional(wishes)
    known = known_sites(wishes.sites_file)
    require_new(known, wishes.sites_file, provisional.home, wishes.slug or "")
    _require_other_name(known, wishes, provisional.home)
    _require_no_fixture(wishes, wishes.slug or "")
    contact = contact_for([provisional])
    agent = user_agent(contact)
    with ArchiveWriter.open(
        archive, "sites add", arguments, operator=contact, user_agent=agent
    ) as writer:
        recorder = _HoldingRecorder(writer)
        # A person named this host: it may be this machine. No page may lead there.
        recorder.local_hosts = frozenset(filter(is_reserved_host, provisional.all_hosts))
        expedition = _Expedition(wishes, known, provisional)
        settings = {"USER_AGENT": agent, "LOG_LEVEL": "ERROR", **VISIT_SETTINGS}
        stopped_by = SpiderProcess(recorder, settings, quiet=True).run([expedition])
        if stopped_by is not None:
            writer.close("interrupted")
            return stopped_by
        if recorder.failure is not None:
            raise recorder.failure
        assert expedition.spider is not None
        if expedition.spider.refusal is not None:
            raise expedition.spider.refusal
        assert expedition.survey is not None
        assert expedition.identity is not None
        _require_articles(expedition.survey)
        return _write(writer, recorder.held, expedition, today)


def _provisional(wishes: Wishes) -> Site:
    try:
        home = canonical_url(wishes.url)
    except ValueError:
        raise UsageError(
            f"{wishes.url!r} is not an address; write it with http:// or https://"
        ) from None
    if wishes.slug is not None and slug_of(wishes.slug) != wishes.slug:
        raise UsageError(
            f"--slug {wishes.slug!r}: a slug has lower-case letters, digits and single hyphens"
        )
    # Nobody's web site may be asked as fast as it answers.
    delay = 0.0 if is_reserved_host(host_of(home)) else DEFAULT_DELAY
    return Site("sites-add", wishes.name or home, wishes.province or "", home, pace=Pace(delay))


def _require_other_name(known: Mapping[str, Site], wishes: Wishes, home: str) -> None:
    """A host that spells an existing slug is a body of the same name: asked for before fetching."""
    label = compact(host_of(home).removeprefix("www.").partition(".")[0])
    for slug in known if wishes.slug is None and urlsplit(home).path == "/" else ():
        if compact(slug) == label:
            require_new(known, wishes.sites_file, home, slug)


def _require_no_fixture(wishes: Wishes, slug: str) -> None:
    if wishes.fixtures is not None and slug and (wishes.fixtures / slug).exists():
        raise UsageError(
            f"{wishes.fixtures / slug} is there already; move it away, or name another --slug or "
            "--fixtures"
        )


def _require_articles(survey: Survey) -> None:
    if not survey.articles:
        looked = len(survey.read_pages)
        raise HuyenError(
            f"{survey.home}: no article could be read on {looked} pages, "
            f"{len(survey.listings)} of them listings; nothing was written. A table written by "
            "hand and a spider of its own may serve: docs/adding-a-portal.md"
        )


def _write(
    writer: ArchiveWriter, held: Sequence[Exchange], expedition: _Expedition, today: dt.date
) -> Addition:
    survey, identity, wishes = expedition.survey, expedition.identity, expedition.wishes
    assert survey is not None
    assert identity is not None
    recognised = recognise(survey.articles)
    found_rhythm = rhythm(listing for listing in survey.listings if listing.proven)
    sections = tuple(
        listing.read.page.url
        for listing in survey.listings
        if listing.proven and listing.read is not survey.start
    )
    delay = _delay_asked_for(held)
    site = Site(
        slug=expedition.slug,
        name=identity.name,
        province=identity.province,
        home=survey.home,
        platform=recognised.platform,
        sections=tuple(canonical_url(section) for section in sections),
        rhythm=found_rhythm.a_week if found_rhythm and not found_rhythm.is_silent(today) else None,
        pace=Pace(max(delay, DEFAULT_DELAY)),
    )
    doubts = tuple(_doubts(survey, identity, recognised, found_rhythm, today))
    captures = _record(writer, held, site, survey.read_pages)
    folder = None
    if wishes.fixtures is not None:
        folder = wishes.fixtures / site.slug
        spider = expedition.spider
        assert spider is not None
        reader = PageReader(site.home, spider.read)
        pages = list(_fixture_pages(writer, captures, survey))
        write_fixture(folder, site.slug, site.home, pages, reader.read)
    try:
        remarks = [f"Proposed by `huyen sites add` on {today}."]
        remarks += [f"Not sure of {key}: {says}." for key, says in doubts]
        append_table(wishes.sites_file, site, remarks)
    except HuyenError:
        if folder is not None:
            shutil.rmtree(folder)
        raise
    return Addition(
        site=site,
        entries={
            listing.read.page.url: len(listing.entries)
            for listing in survey.listings
            if listing.proven
        },
        recognised=recognised,
        rhythm=found_rhythm,
        articles=tuple(survey.articles),
        doubts=doubts,
        fixture=folder,
        requests=len(held),
        run_id=writer.run_id,
        recovery=writer.recovery,
    )


def _delay_asked_for(held: Sequence[Exchange]) -> float:
    """Seconds between requests that robots.txt asks for, 0 if none."""
    longest = 0.0
    for exchange in held:
        if urlsplit(exchange.url).path == "/robots.txt" and exchange.status == 200:
            try:
                robots = decoded_body(exchange.response_head, exchange.payload)
            except UndecodableBody:
                continue
            longest = max(longest, crawl_delay(robots, ROBOTSTXT_USER_AGENT) or 0.0)
    return longest


def _record(
    writer: ArchiveWriter, held: Sequence[Exchange], site: Site, pages: Sequence[ReadPage]
) -> list[int]:
    """Everything that was fetched, and what it was read as; returns the captures by number held."""
    writer.record_site(site_facts(site))
    captures = [writer.record_exchange(site.slug, exchange) for exchange in held]
    for read in pages:
        if read.capture is not None:
            writer.record_reading(captures[read.capture], read.reading)
    writer.seal_site(site.slug)
    return captures


def _fixture_pages(
    writer: ArchiveWriter, captures: Sequence[int], survey: Survey
) -> Iterator[PageToStore]:
    """One listing and the articles, as the WARC records have them."""
    listing = next((each for each in survey.listings if each.proven), survey.listings[0])
    chosen = [(LISTING, listing.read)]
    chosen += [
        (f"article-{number}", read)
        for number, read in enumerate(survey.articles[:_ARTICLES_IN_FIXTURE], 1)
    ]
    for name, read in chosen:
        assert read.capture is not None
        capture_id = captures[read.capture]
        stored = read_response(writer.connection, writer.root, capture_id)
        digest = writer.connection.execute(
            "SELECT payload_digest FROM capture WHERE id = ?", (capture_id,)
        ).fetchone()[0]
        yield PageToStore(name, page_of(stored), utc_text(stored.fetched_at), digest)


def _doubts(
    survey: Survey,
    identity: Identity,
    recognised: Recognised,
    found_rhythm: Rhythm | None,
    today: dt.date,
) -> Iterator[tuple[str, str]]:
    yield from identity.doubts.items()
    if recognised.platform is None:
        yield "platform", "none that is known; its pages are read by what they print"
    elif recognised.on < recognised.of:
        yield (
            "platform",
            f"{recognised.platform} on {recognised.on} of {recognised.of} articles",
        )
    proven = [listing for listing in survey.listings if listing.proven]
    if not any(listing.read is not survey.start for listing in proven):
        yield "sections", "none led to an article; a crawl starts at the home page alone"
    if found_rhythm is None:
        yield "rhythm", "the listings print too few dates to tell"
    elif found_rhythm.is_silent(today):
        yield (
            "rhythm",
            f"{found_rhythm.a_week:g} articles a week until {found_rhythm.newest}, nothing since. "
            "If the portal is frozen, write its `life` down",
        )
    else:
        yield (
            "rhythm",
            f"counted on {len(proven)} sections, {found_rhythm.dates} dates; others may add to it",
        )
    if len(survey.articles) < _ARTICLES_IN_FIXTURE:
        yield "fixture", f"only {len(survey.articles)} articles could be read"
    for number, read in enumerate(survey.articles[:_ARTICLES_IN_FIXTURE], 1):
        article = read.reading.article
        assert article is not None
        flaws = list(read.reading.notes)
        if article.published_at is None:
            flaws.append("no date")
        if read.reading.confidence < _DOUBTFUL:
            flaws.append(f"read with confidence {read.reading.confidence:.2f}")
        if flaws:
            yield f"article-{number}", ", ".join(flaws)
    if survey.failed:
        yield "pages", f"{len(survey.failed)} requests failed, {survey.failed[0].url} first"
