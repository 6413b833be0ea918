"""The spider that all portals share: from the home page to every page that can be reached.

A spider collects: it asks for pages, has them read (crawler.extraction.reading) and says what to ask next.
Bytes are recorded below it (crawler.fetching.capture), rows are written by the archive's one write path.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self
from urllib.parse import urljoin

import scrapy
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.schema import Article, PageKind, Reading
from archive.urls import host_of
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page
from crawler.feeds import announced
from crawler.frontier import Frontier
from crawler.links import find_links, is_page_address, resolve, stylesheet_references
from crawler.page_reader import PageReader, fingerprint
from crawler.paging import guessed_next, postbacks
from crawler.sites import Site, is_public_host

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

_MAX_CSS = 2_000_000  # bytes of a style sheet that are searched for references
# Pages before the files they need: a run that is cut short has the record first.
_PRIORITY_HOME = 100
_PRIORITY_PAGE = 10
_PRIORITY_FILE = 0
_PRIORITY_REQUISITE = -10


class ReadingRecorder(Protocol):
    """Where readings go: crawler.run.RunRecorder."""

    def record_reading(self, site: str, capture_id: int, reading: Reading) -> None: ...


@dataclass
class Tally:
    """What one crawl of one site saw; becomes its row in site_runs."""

    responses: int = 0
    pages: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # address -> why, after all retries
    home_error: str = ""

    def count(self, kind: PageKind) -> None:
        self.pages += 1
        self.kinds[kind] = self.kinds.get(kind, 0) + 1


class PortalSpider(scrapy.Spider):
    """Walks a portal breadth first. Subclass it in crawler/spiders/<slug>.py, with the site's slug
    as ``name``, only where a portal has markup of its own; override ``read``."""

    name = "portal"
    site: ClassVar[Site]

    def __init__(self, max_pages: int | str = 0, **kwargs: Any) -> None:
        """``max_pages`` (0: no limit) ends the walk after so many pages, files not counted."""
        super().__init__(**kwargs)
        self.frontier = Frontier(limit=int(max_pages))
        self.tally = Tally()
        self.sitemaps: tuple[str, ...] = ()  # named in robots.txt, see crawler.fetching.robots
        self.recorder: ReadingRecorder | None = None
        self._reader = PageReader(self.site.home, self.read)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.recorder = crawler.settings.get("HUYEN_RECORDER")
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        pace = cls.site.pace
        # A spider of its own may ask more slowly than sites.toml says, never faster.
        own = float((cls.custom_settings or {}).get("DOWNLOAD_DELAY", 0))
        settings.set("DOWNLOAD_DELAY", max(own, pace.delay), priority="spider")
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", pace.connections, priority="spider")

    @staticmethod
    def read(page: Page) -> Reading:
        """What a page is and says: a pure function of the page, which re-extraction calls too."""
        return read_page(page)

    # -- asking -----------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[scrapy.Request]:
        # First, what this portal answers for a page that cannot exist: many answer 200.
        yield self._request(self._reader.impossible_address, self.parse_missing, _PRIORITY_HOME + 1)
        self.frontier.take(self.site.home)
        yield self._request(
            self.site.home, self.parse_home, _PRIORITY_HOME, errback=self.home_failed
        )
        for section in self.site.sections:
            if self.frontier.take(section):
                yield self._request(section, self.parse, _PRIORITY_HOME)
        sitemap = urljoin(self.site.home, "/sitemap.xml")
        for request in self._files([sitemap], _PRIORITY_PAGE, ""):
            yield request

    def _request(
        self, url: str, callback: Any, priority: int, *, via: str = "", errback: Any = None
    ) -> scrapy.Request:
        return scrapy.Request(
            url,
            callback=callback,
            errback=errback or self.failed,
            priority=priority,
            meta={"via": via, **self._manners(url)},
            headers={"Referer": via} if via else None,
        )

    def _manners(self, url: str) -> dict[str, Any]:
        """All hosts of a portal share one pace; a picture on somebody else's host is worth one
        request, not four."""
        own = host_of(url) in self.site.all_hosts
        return {"download_slot": self.name} if own else {"max_retry_times": 0}

    def _files(self, addresses: Iterable[str], priority: int, via: str) -> Iterator[scrapy.Request]:
        for address in addresses:
            if self.frontier.take(address):
                yield self._request(address, self.parse_file, priority, via=via)

    # -- answers ----------------------------------------------------------------------------

    def parse_missing(self, response: Response) -> Iterator[scrapy.Request]:
        """Remembers how this portal says "no such page" where it does not say it by status. As the
        first answer it also comes when robots.txt has been read, with the sitemaps named there."""
        self.tally.responses += 1
        if not response.meta.get("redirect_times"):
            self._reader.learn_missing(_page(response))
        named = (resolve(self.site.home, address) for address in self.sitemaps)
        sitemaps = self._own(tuple(address for address in named if address is not None))
        yield from self._files(sitemaps, _PRIORITY_PAGE, "")

    def parse_home(self, response: Response) -> Iterator[Any]:
        """As any page; and what is wrong with it is wrong with the portal."""
        if host_of(response.url) not in self.site.all_hosts:
            self.tally.home_error = f"redirects to {response.url}"
        elif response.status != 200:
            self.tally.home_error = f"answers with status {response.status}"
        yield from self.parse(response)

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        self.tally.responses += 1
        if response.status >= 500:
            self.tally.failed[response.url] = f"status {response.status}"
        # What a redirect to another host shows is that host's, not this portal's.
        if response.status != 200 or host_of(response.url) not in self.site.all_hosts:
            return
        page = _page(response)
        if not page.is_html:
            return
        reading = self._reader.read(page)
        self.tally.count(reading.kind)
        capture_id = response.meta.get("capture_id")
        if self.recorder is not None and capture_id is not None:
            self.recorder.record_reading(self.name, capture_id, reading)
        if (article := reading.article) is not None:
            yield {"site": self.name, **dataclasses.asdict(article), "capture_id": capture_id}
            yield from self._files(self._files_of(article), _PRIORITY_FILE, page.url)
        if reading.kind is not PageKind.MISSING:
            yield from self._follow(page, reading)

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

    def _follow(self, page: Page, reading: Reading) -> Iterator[scrapy.Request]:
        links = find_links(page.tree, page.url)
        pages = self._own(links.pages)
        self.frontier.fruits(page.url, pages, reading.kind is PageKind.ARTICLE)
        for address in pages:
            if self.frontier.take_page(address):
                yield self._request(address, self.parse, _PRIORITY_PAGE, via=page.url)
        if reading.kind is PageKind.LISTING:
            yield from self._further(page)
        yield from self._files(self._own(links.files), _PRIORITY_FILE, page.url)
        yield from self._files(self._own(links.requisites), _PRIORITY_REQUISITE, page.url)

    def _further(self, page: Page) -> Iterator[scrapy.Request]:
        """The next pages of a listing that no ordinary link leads to."""
        guess = guessed_next(page.tree, page.url, self.site.home)
        if guess is not None and self.frontier.take_page(guess):
            yield self._request(guess, self.parse, _PRIORITY_PAGE, via=page.url)
        for postback in postbacks(page.tree, page.url):
            # Each page number of a listing once; "next" and "…" as long as they lead to another page.
            step = f"{postback.url}#{postback.label}"
            if not postback.label.isdigit():
                step += f" of {fingerprint(page)}"
            if self.frontier.take_page(step):
                yield scrapy.FormRequest(
                    postback.url,
                    formdata=postback.fields,
                    callback=self.parse,
                    errback=self.failed,
                    priority=_PRIORITY_PAGE,
                    dont_filter=True,
                    meta={"via": page.url, **self._manners(postback.url)},
                    headers={"Referer": page.url},
                )

    def _own(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address for address in addresses if host_of(address) in self.site.all_hosts)

    def parse_file(self, response: Response) -> Iterator[scrapy.Request]:
        self.tally.responses += 1
        media_type = response.headers.get("Content-Type") or b""
        if response.status == 200 and media_type.startswith(b"text/css"):
            css = response.body[:_MAX_CSS].decode("utf-8", "replace")
            references = self._own(stylesheet_references(css, response.url))
            yield from self._files(references, _PRIORITY_REQUISITE, response.url)
        elif response.status == 200 and b"xml" in media_type:
            named = announced(response.body, response.url)
            if named is not None and host_of(response.url) in self.site.all_hosts:
                yield from self._files(self._own(named.sitemaps), _PRIORITY_PAGE, response.url)
                for address in self._own(named.pages):
                    if is_page_address(address) and self.frontier.take_page(address):
                        yield self._request(address, self.parse, _PRIORITY_PAGE, via=response.url)

    # -- failures ---------------------------------------------------------------------------

    def failed(self, failure: Failure) -> None:
        """After all retries. The exchange itself is a capture already."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, IgnoreRequest):
            return  # forbidden by robots.txt, or the run is over
        if host_of(request.url) in self.site.all_hosts:
            self.tally.failed[request.url] = _reason(failure)

    def home_failed(self, failure: Failure) -> None:
        self.failed(failure)
        refused = isinstance(failure.value, IgnoreRequest)
        self.tally.home_error = str(failure.value) if refused else _reason(failure)


def _page(response: Response) -> Page:
    media_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return Page.from_http(response.url, response.status, media_type, response.body)


def _reason(failure: Failure) -> str:
    error = failure.value
    return f"{type(error).__name__}: {error}".strip(": ")[:200]
