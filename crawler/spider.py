"""The spider that all portals share: from the home page to every page that can be reached.

A spider collects: it asks for pages, has them read (crawler.extraction.reading) and says what to ask next.
Bytes are recorded below it (crawler.fetching.capture), rows are written by the archive's one write path.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self
from urllib.parse import urlencode, urljoin

import scrapy
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.schema import Article, PageKind, Reading
from archive.url_ledger import Address, UrlLedger
from archive.urls import host_of, key_of
from crawler.admission import Admission
from crawler.challenges import BARRIER
from crawler.current_readers import is_current
from crawler.extraction.listings import Listing
from crawler.extraction.page import Page
from crawler.extraction.reading import read_listing, read_page
from crawler.feeds import announced
from crawler.fetching.closing import Postponed
from crawler.frontier import (
    FILE,
    HOME,
    MISSING,
    PAGE,
    PRIORITY,
    REQUISITE_PRIORITY,
    SECTION_PRIORITY,
    Frontier,
)
from crawler.links import find_links, is_page_address, resolve, stylesheet_references
from crawler.listing_watch import ListingWatch
from crawler.page_reader import PageReader, fingerprint
from crawler.paging import announced_pages, guessed_next, page_number_in, postbacks
from crawler.revisits import Seen
from crawler.sites import Site, State, is_public_host
from crawler.tally import Tally

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from archive.ingest import ArchiveWriter

_MAX_CSS = 2_000_000  # bytes of a style sheet that are searched for references
_NOT_MODIFIED = 304
_FINGERPRINT = 16  # hexadecimal digits that tell two states of one page apart
_FEED_READER = "feeds 1"
_KINDS = {
    PageKind.ARTICLE: "article",
    PageKind.LISTING: "listing",
    PageKind.MISSING: "missing",
}


class Recorder(Protocol):
    """Where what a crawl finds is kept: crawler.recording.RunRecorder."""

    writer: ArchiveWriter

    def record_reading(self, site: str, capture_id: int, reading: Reading) -> None: ...


class PortalSpider(scrapy.Spider):
    """Walks a portal: what is asked for, and in which order, is the frontier's to say. Subclass it in crawler/spiders/<slug>.py, with the site's slug
    as ``name``, only where a portal has markup of its own; override ``read``."""

    name = "portal"
    site: ClassVar[Site]

    def __init__(self, max_pages: int | str = 0, full: bool | str = False, **kwargs: Any) -> None:
        """``max_pages`` (0: no limit) ends the walk after so many pages, files not counted;
        ``full`` (``true``, ``1``) walks everything again, also what is known."""
        super().__init__(**kwargs)
        self.tally = Tally()
        self._listings = ListingWatch(self.tally.listings_cut)
        ledger = UrlLedger.in_memory()
        self.frontier = Frontier(ledger, self.site, flush=ledger.commit)
        self.admission = Admission(self.site)
        self.sitemaps: tuple[str, ...] = ()  # named in robots.txt, see crawler.fetching.robots
        self.recorder: Recorder | None = None
        self._limit = int(max_pages) or self.site.max_pages or 0
        self._full = full if isinstance(full, bool) else full.lower() in {"1", "true", "yes"}
        self._home_key = key_of(self.site.home)
        self._reader = PageReader(self.site.home, self.read)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.recorder = crawler.settings.get("HUYEN_RECORDER")
        if spider.recorder is not None:
            spider.frontier = Frontier(
                spider.recorder.writer.ledger,
                spider.site,
                flush=spider.recorder.writer.flush,
                limit=spider._limit,
                depth_limit=crawler.settings.getint("DEPTH_LIMIT"),
            )
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        pace = cls.site.pace
        # A spider of its own may ask more slowly than sites.toml says, never faster.
        own = float((cls.custom_settings or {}).get("DOWNLOAD_DELAY", 0))
        settings.set("DOWNLOAD_DELAY", max(own, pace.delay), priority="spider")
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", pace.connections, priority="spider")
        if settings.get("HUYEN_RECORDER") is not None:
            settings.set("SCHEDULER", "crawler.scheduler.LedgerScheduler", priority="spider")

    @property
    def full(self) -> bool:
        """Whether this walk asks for everything, known or not; `Frontier.resumed` where an earlier
        run has asked for a part of it."""
        return self.frontier.full

    @staticmethod
    def read(page: Page) -> Reading:
        """What a page is and says: a pure function of the page, which re-extraction calls too."""
        return read_page(page)

    # -- asking -----------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[scrapy.Request]:
        self.frontier.begin(full=self._full)
        home = self.frontier.start_with(self.site.home, HOME, PRIORITY[HOME])
        starts = [home]
        if self.frontier.missing_page is None:
            # First, what this portal answers for a page that cannot exist: many answer 200.
            impossible = self._reader.impossible_address
            starts.append(self.frontier.start_with(impossible, MISSING, PRIORITY[MISSING]))
        else:
            self._reader.missing_page = self.frontier.missing_page
        if self.full or self.site.life.state is not State.FROZEN:
            starts += [
                self.frontier.start_with(section, PAGE, SECTION_PRIORITY)
                for section in self.site.sections
            ]
        sitemap = urljoin(self.site.home, "/sitemap.xml")
        starts.append(self.frontier.take(sitemap, FILE, None, priority=PRIORITY[PAGE]))
        for address in starts:
            if address is not None:
                yield self.request_for(address)

    def request_for(self, address: Address) -> scrapy.Request:
        """The request for one row of the ledger."""
        callback, errback = {
            PAGE: (self.parse, self.failed),
            FILE: (self.parse_file, self.failed),
            MISSING: (self.parse_missing, self.failed),
        }.get(address.role, (self.parse, self.failed))
        # Another page may have been the home page once.
        if address.url_key == self._home_key:
            callback, errback = self.parse_home, self.home_failed
        request = scrapy.Request(
            address.url,
            method="POST" if address.form else "GET",
            body=address.form,
            callback=callback,
            errback=errback,
            priority=address.priority,
            headers={"Referer": address.via} if address.via else None,
            meta={
                "addresses": (address,),
                "via": address.via,
                "depth": address.depth,
                **self._manners(address.url),
            },
        )
        if address.form:
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            request = request.replace(dont_filter=True)
        elif address.checks and self._may_be_unmodified(address):
            validators = self.frontier.validators(address, request.url)
            if validators is not None and validators.etag:
                request.headers["If-None-Match"] = validators.etag
            if validators is not None and validators.last_modified:
                request.headers["If-Modified-Since"] = validators.last_modified
        return request

    def _may_be_unmodified(self, address: Address) -> bool:
        """Whether "not modified" would be answer enough: not where today's extractor may read more
        from the page, nor in a full walk, which reads every page and goes where its links lead."""
        if address.kind == "file":
            return True
        if address.role != PAGE or self.full or not is_current(address.reader):
            return False
        return address.kind in {"article", "listing"}

    def _manners(self, url: str) -> dict[str, Any]:
        """All hosts of a portal share one pace; a picture on somebody else's host is worth one
        request, not four."""
        own = host_of(url) in self.site.all_hosts
        return {"download_slot": self.name} if own else {"max_retry_times": 0}

    def _files(
        self, addresses: Iterable[str], priority: int, found_on: Address | None
    ) -> Iterator[scrapy.Request]:
        for url in addresses:
            row = self.frontier.take(url, FILE, found_on, priority=priority)
            if row is not None:
                yield self.request_for(row)

    # -- answers ----------------------------------------------------------------------------

    def _here(self, response: Response) -> Address:
        """The row of the address that answered. A page that somebody else asked for (`scrapy
        parse`) gets one."""
        addresses = response.meta.get("addresses")
        if addresses is None:
            return self.frontier.row_of(response.url)
        return self.frontier.current(addresses[-1])

    def _checked(self, response: Response, here: Address, seen: Seen) -> None:
        """All that the answer led to has been taken: keeps what it said."""
        for passed in response.meta.get("addresses", ())[:-1]:
            if passed.id != here.id:
                self.frontier.checked(passed, Seen("redirect"))
        self.frontier.checked(here, seen)

    def parse_missing(self, response: Response) -> Iterator[scrapy.Request]:
        """Remembers how this portal says "no such page" where it does not say it by status."""
        self.tally.responses += 1
        if not response.meta.get("redirect_times"):
            self._reader.learn_missing(_page(response))
        self.frontier.learn_missing_page(self._reader.missing_page)
        self._checked(response, self._here(response), Seen("missing"))
        yield from ()

    def parse_home(self, response: Response) -> Iterator[Any]:
        """As any page; and what is wrong with it is wrong with the portal. Where it is not the
        portal's own page, nothing more is asked. robots.txt has been read by now, with the sitemaps
        that it names."""
        self.admission.check_home(_page(response), response)
        if response.status != 200:
            self.tally.home_error = f"answers with status {response.status}"
        self.frontier.open_up()
        named = (resolve(self.site.home, address) for address in self.sitemaps)
        sitemaps = self._own(tuple(address for address in named if address is not None))
        yield from self._files(sitemaps, PRIORITY[PAGE], None)
        yield from self.parse(response)

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        self.tally.responses += 1
        here = self._here(response)
        if response.status >= 500:
            self.tally.failed[response.url] = f"status {response.status}"
        if self.admission.finding is not None:
            self.frontier.leave(here)
            return  # it was on its way when the home page turned out to be another's
        if response.status == _NOT_MODIFIED:
            self.tally.not_modified += 1
            yield from self._unmodified(response, here)
            return
        if response.status != 200:
            self.admission.count_answer(_page(response), response)
        # What a redirect to another host shows is that host's, not this portal's.
        if response.status != 200 or host_of(response.url) not in self.site.all_hosts:
            self._checked(response, here, self._unread(response, here))
            return
        page = _page(response)
        if not page.is_html:
            self._checked(response, here, Seen("file", can_ask=_has_validator(response)))
            return
        reading = self._reader.read(page)
        self.tally.count(reading.kind)
        capture_id = response.meta.get("capture_id")
        if self.recorder is not None and capture_id is not None:
            self.recorder.record_reading(self.name, capture_id, reading)
        self.admission.count_reading(reading)
        seen = Seen(
            _KINDS.get(reading.kind, "other"), f"{reading.extractor} {reading.extractor_version}"
        )
        if reading.extractor == BARRIER:
            seen = Seen("failed")
        elif (article := reading.article) is not None:
            content, dated = article.content_hash(), article.published_at or ""
            seen = replace(seen, fingerprint=content[:_FINGERPRINT], dated=dated)
            yield {"site": self.name, **dataclasses.asdict(article), "capture_id": capture_id}
            yield from self._files(self._files_of(article), PRIORITY[FILE], here)
        elif reading.kind is PageKind.MISSING:
            self._listings.missing(here)
        elif reading.kind is not PageKind.LISTING:
            seen = replace(seen, fingerprint=fingerprint(page)[:_FINGERPRINT])
        known = replace(here, kind=seen.kind)
        if reading.kind is PageKind.LISTING:
            seen = yield from self._follow_listing(page, known, seen)
        elif reading.kind is not PageKind.MISSING:
            yield from self._follow(page, known)
        self._checked(response, here, seen)

    def _unread(self, response: Response, here: Address) -> Seen:
        """What an answer means that is not read."""
        if response.status in (404, 410):
            self._listings.missing(here)
            return Seen("missing")
        if host_of(response.url) not in self.site.all_hosts:
            return Seen("redirect")
        self._listings.failed(here, f"status {response.status}")
        return Seen("failed")

    def _unmodified(self, response: Response, here: Address) -> Iterator[scrapy.Request]:
        """A page that says what it said the last time. The listing that it belongs to may go on."""
        if here.kind == "listing" and not self.full:
            following = self.frontier.page_after(here)
            if following is not None and not following.form:
                row = self.frontier.further_page(here, following.url, here.quiet + 1)
                if row is not None:
                    yield self.request_for(row)
        self._checked(response, here, Seen(here.kind, unmodified=True))

    def _files_of(self, article: Article) -> tuple[str, ...]:
        """Pictures and documents belong to an article wherever they lie, also on another public
        host; a page must not name an internal one."""
        named = (*(i.url for i in article.images), *(a.url for a in article.attachments))
        addresses = (resolve(self.site.home, address) for address in named)
        return tuple(
            address
            for address in addresses
            if address is not None
            and (host_of(address) in self.site.all_hosts or is_public_host(host_of(address)))
        )

    def _follow(self, page: Page, here: Address) -> Generator[scrapy.Request, None, int]:
        """Asks for what a page links to; returns how many pages were unknown, further pages of
        listings not counted."""
        links = find_links(page.tree, page.url)
        taken = []
        brought = 0
        for url in self._own(links.pages):
            # Of known ground a listing shows the next page only (`_further`).
            numbered = not self.full and page_number_in(url) is not None
            if numbered and not self.frontier.knows(url):
                continue
            row = self.frontier.take(url, PAGE, here)
            if row is not None:
                taken.append(row)
                brought += not row.checks and row.page_number is None
                yield self.request_for(row)
        self.frontier.note_fruits(here, taken, is_article=here.kind == "article")
        yield from self._files(self._own(links.files), PRIORITY[FILE], here)
        yield from self._files(self._own(links.requisites), REQUISITE_PRIORITY, here)
        return brought

    def _follow_listing(
        self, page: Page, here: Address, seen: Seen
    ) -> Generator[scrapy.Request, None, Seen]:
        """Asks for what a listing links to, and for its next pages; returns what it said."""
        listing = Listing(()) if self._is_told_by_its_links(page) else read_listing(page)
        dated = max((entry.date or "" for entry in listing.entries), default="")
        if self.full:
            # First its next pages, which are no further from the home page than it is.
            yield from self._further(page, here, listing.next_url, quiet=0)
            brought = yield from self._follow(page, here)
            if here.page_number is None:
                self._listings.announces(here, announced_pages(page.tree))
            elif here.checks and not here.via:
                self._listings.unlinked(here, brought)
        else:
            brought = yield from self._follow(page, here)
            quiet = 0 if brought else here.quiet + 1
            yield from self._further(page, here, listing.next_url, quiet)
        return replace(seen, brought=brought, dated=dated)

    def _is_told_by_its_links(self, page: Page) -> bool:
        """Whether a further page of a listing, in a full walk, links to the next one by number: then
        nothing is gained by reading what it lists, which costs as much as reading an article."""
        number = page_number_in(page.url) if self.full else None
        if number is None:
            return False
        hrefs = (link.get("href") or "" for link in page.tree.iter("a"))
        return any(page_number_in(f"/{href}") == number + 1 for href in hrefs)

    def _further(
        self, page: Page, here: Address, next_url: str | None, quiet: int
    ) -> Iterator[scrapy.Request]:
        """The next pages of a listing, also those that no ordinary link leads to. ``quiet`` pages of
        it in a row, this one included, brought nothing unknown."""
        guess = guessed_next(page.tree, page.url, self.site.home)
        rows = [
            self.frontier.further_page(here, url, quiet)
            for url in self._own(tuple(url for url in dict.fromkeys((next_url, guess)) if url))
        ]
        following = (here.page_number or 1) + 1
        for postback in postbacks(page.tree, page.url):
            numbered = postback.label.isdigit()
            if not self.full and numbered and int(postback.label) != following:
                continue
            # Each page number of a listing once; "next" and "…" while they lead to another page.
            step = postback.label if numbered else f"{postback.label} of {fingerprint(page)}"
            rows.append(
                self.frontier.further_page(
                    here,
                    postback.url,
                    quiet,
                    number=int(postback.label) if numbered else None,
                    step=step,
                    form=urlencode(postback.fields),
                )
            )
        for row in rows:
            if row is not None:
                yield self.request_for(row)

    def _own(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address for address in addresses if host_of(address) in self.site.all_hosts)

    def parse_file(self, response: Response) -> Iterator[scrapy.Request]:
        self.tally.responses += 1
        here = self._here(response)
        if response.status == _NOT_MODIFIED:
            self.tally.not_modified += 1
            self._checked(response, here, Seen(here.kind, unmodified=True))
            return
        media_type = response.headers.get("Content-Type") or b""
        can_ask = _has_validator(response)
        seen = Seen("file", can_ask=can_ask)
        if response.status in (404, 410):
            seen = Seen("missing")
        elif response.status != 200:
            seen = Seen("failed")
        elif media_type.startswith(b"text/css"):
            css = response.body[:_MAX_CSS].decode("utf-8", "replace")
            references = self._own(stylesheet_references(css, response.url))
            yield from self._files(references, REQUISITE_PRIORITY, here)
        elif b"xml" in media_type:
            named = announced(response.body, response.url)
            if named is not None and host_of(response.url) in self.site.all_hosts:
                yield from self._files(self._own(named.sitemaps), PRIORITY[PAGE], here)
                brought = 0
                for url in self._own(named.pages):
                    row = self.frontier.take(url, PAGE, here) if is_page_address(url) else None
                    if row is not None:
                        brought += not row.checks
                        yield self.request_for(row)
                seen = Seen("listing", _FEED_READER, brought=brought)
        self._checked(response, here, seen)

    # -- failures ---------------------------------------------------------------------------

    def failed(self, failure: Failure) -> None:
        """After all retries. The exchange itself is a capture already."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        addresses = request.meta.get("addresses", ())
        own = host_of(request.url) in self.site.all_hosts
        refused = isinstance(failure.value, IgnoreRequest)
        if own and not refused:
            self.tally.failed[request.url] = _reason(failure)
        for address in addresses:
            if own and isinstance(failure.value, Postponed):
                self.frontier.leave(address)
            elif refused and not isinstance(failure.value, Postponed):
                self.frontier.checked(address, Seen("forbidden"))
            else:
                self._listings.failed(address, _reason(failure))
                self.frontier.checked(address, Seen("failed"))

    def home_failed(self, failure: Failure) -> None:
        self.failed(failure)
        if type(failure.value) is Postponed:
            return  # the run ended before the home page was asked for
        refused = isinstance(failure.value, IgnoreRequest)
        self.tally.home_error = str(failure.value) if refused else _reason(failure)

    def walked(self) -> None:
        """The walk has come to its own end; told by the scheduler, before the spider closes."""
        self._listings.conclude(self.frontier)
        self.frontier.end()


def _page(response: Response) -> Page:
    media_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return Page.from_http(response.url, response.status, media_type, response.body)


def _reason(failure: Failure) -> str:
    error = failure.value
    return f"{type(error).__name__}: {error}".strip(": ")[:200]


def _has_validator(response: Response) -> bool:
    return "ETag" in response.headers or "Last-Modified" in response.headers
