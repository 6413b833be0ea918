"""A first look at a portal that nobody has described: a dozen requests, and what they tell.

The walk is a coroutine that is given a way to fetch; what it concludes are pure functions of the
answers. crawler.survey.site_visit fetches with Scrapy, politely.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from urllib.parse import urljoin, urlsplit, urlunsplit

from protego import Protego

from archive.errors import HuyenError
from archive.schema import PageKind, Reading
from archive.urls import canonical_url, host_of, url_key
from crawler.challenges import recognise_home
from crawler.extraction.listings import Entry
from crawler.extraction.page import Page
from crawler.feeds import announced
from crawler.links import find_links
from crawler.page_reader import PageReader
from crawler.platforms import PLATFORMS, generic
from crawler.survey.signposts import headlines, sections

_LISTINGS, _LISTINGS_TRIED = 4, 6
_ARTICLES, _ARTICLES_TRIED = 3, 6
_FEWEST_ENTRIES = 3
_SURE = 0.5  # crawler.extraction.reading asks the same of a platform
_SILENT_DAYS = 120  # without news a portal is frozen, or its listing is not what it seems


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking for ``url``: the page at the end of all redirects, or the ``error``.
    ``capture`` numbers the exchange that brought the page, None where there is none."""

    url: str
    page: Page | None = None
    error: str = ""
    capture: int | None = None


Fetch = Callable[[str], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page of the survey, and what it was read as."""

    page: Page
    capture: int | None
    reading: Reading


@dataclass(frozen=True, slots=True)
class Listing:
    """A page that lists articles; ``proven`` when one of its entries was read as an article."""

    read: ReadPage
    entries: tuple[Entry, ...]
    proven: bool = False


@dataclass(slots=True)
class Survey:
    """What a walk found, in the order of asking. ``home`` is the address to be written down;
    ``tried`` are further pages that were neither."""

    home: str
    start: ReadPage
    listings: list[Listing] = field(default_factory=list)
    articles: list[ReadPage] = field(default_factory=list)
    tried: list[ReadPage] = field(default_factory=list)
    failed: list[Answer] = field(default_factory=list)
    sitemap_pages: int | None = None

    @property
    def read_pages(self) -> list[ReadPage]:
        listed = [listing.read for listing in self.listings]
        unique = {id(read): read for read in (self.start, *listed, *self.articles, *self.tried)}
        return list(unique.values())


async def open_home(fetch: Fetch, url: str) -> tuple[str, Answer]:
    """The address to write down as the portal's home, and its page. Raises HuyenError for what
    cannot be added: no answer, an error, no web page, a redirect to another host."""
    answer = await fetch(url)
    if answer.page is None:
        raise HuyenError(f"{url}: {answer.error}; nothing was written")
    page = answer.page
    if _bare(host_of(page.url)) != _bare(host_of(url)):
        raise HuyenError(
            f"{url} redirects to {page.url}, another host; nothing was written. If that is the same "
            "body's portal, add that address"
        )
    barrier = recognise_home(page, {})
    if barrier is not None:
        raise HuyenError(f"{url} is not the portal but a {barrier}; nothing was written")
    if page.status != 200:
        raise HuyenError(f"{url} answers with status {page.status}; nothing was written")
    if not page.is_html:
        kind = page.media_type or "no media type"
        raise HuyenError(f"{url} is no web page but {kind}; nothing was written")
    return _home_address(url, page.url), answer


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _home_address(asked: str, reached: str) -> str:
    """Host and scheme that were reached; the start page that "/" leads to may be another one
    tomorrow, so "/" stays."""
    parts = urlsplit(reached)
    path = "/" if urlsplit(asked).path in ("", "/") else parts.path
    return canonical_url(urlunsplit((parts.scheme, parts.netloc, path, "", "")))


async def explore(
    fetch: Fetch, home: str, answer: Answer, reader: PageReader, sitemaps: Sequence[str] = ()
) -> Survey:
    """From the home page to listings and articles: at most 16 requests. ``reader`` learns how the
    portal answers for a page that it does not have; ``sitemaps`` are those that robots.txt names.
    """
    missing = await fetch(reader.impossible_address)
    if missing.page is not None and url_key(missing.page.url) == url_key(missing.url):
        reader.learn_missing(missing.page)
    assert answer.page is not None
    start = ReadPage(answer.page, answer.capture, reader.read(answer.page))
    survey = Survey(home, start)
    asked = {url_key(home), url_key(answer.page.url)}
    own = _bare(host_of(home))

    async def visit(address: str) -> ReadPage | None:
        asked.add(url_key(address))
        got = await fetch(address)
        if got.page is None or _bare(host_of(got.page.url)) != own or got.page.status != 200:
            survey.failed.append(got)
            return None
        return ReadPage(got.page, got.capture, reader.read(got.page))

    candidates = [url for url in sections(answer.page) if url_key(url) not in asked]
    for address in candidates[:_LISTINGS_TRIED]:
        if len(survey.listings) == _LISTINGS:
            break
        read = await visit(address)
        if read is None:
            continue
        entries = headlines(read.page)
        if read.reading.kind is PageKind.LISTING and len(entries) >= _FEWEST_ENTRIES:
            survey.listings.append(Listing(read, entries))
        else:
            survey.tried.append(read)
    survey.listings = _own_entries(survey.listings)
    if not survey.listings and (entries := headlines(answer.page)):
        survey.listings.append(Listing(start, entries))
    await _read_articles(survey, visit, asked)
    for address in sitemaps[:1]:
        got = await fetch(address)
        if got.page is not None and (named := announced(got.page.body, got.page.url)):
            survey.sitemap_pages = len(named.pages)
    return survey


async def _read_articles(
    survey: Survey, visit: Callable[[str], Awaitable[ReadPage | None]], asked: set[str]
) -> None:
    """One article of each listing, then a second of each, until there are enough."""
    proven: set[int] = set()
    tries = 0
    columns = [
        [(at, entry) for entry in listing.entries] for at, listing in enumerate(survey.listings)
    ]
    for choice in (pick for row in zip_longest(*columns) for pick in row):
        if len(survey.articles) >= _ARTICLES and proven >= set(range(len(columns))):
            break
        if tries >= _ARTICLES_TRIED:
            break
        if choice is None:
            continue
        at, entry = choice
        if url_key(entry.url) in asked or (len(survey.articles) >= _ARTICLES and at in proven):
            continue
        tries += 1
        read = await visit(entry.url)
        if read is None:
            continue
        if read.reading.kind is PageKind.ARTICLE:
            survey.articles.append(read)
            proven.add(at)
        else:
            survey.tried.append(read)
    survey.listings = [
        Listing(listing.read, listing.entries, at in proven)
        for at, listing in enumerate(survey.listings)
    ]


def _own_entries(listings: list[Listing]) -> list[Listing]:
    """Without undated news that every one of them shows: those stand beside the lists, not in
    them."""
    if len(listings) < 2:
        return listings
    linked = [set(find_links(each.read.page.tree, each.read.page.url).pages) for each in listings]
    beside = set.intersection(*linked)
    own = [
        Listing(each.read, tuple(e for e in each.entries if e.date or e.url not in beside))
        for each in listings
    ]
    return [listing for listing in own if listing.entries]


@dataclass(frozen=True, slots=True)
class Recognised:
    """The platform of a portal, None for none that is known; ``on`` of ``of`` articles."""

    platform: str | None
    on: int
    of: int


def recognise(articles: Iterable[ReadPage]) -> Recognised:
    """The platform that most articles show."""
    votes: Counter[str] = Counter()
    count = 0
    for read in articles:
        count += 1
        sureness, name = max(
            (platform.recognise(read.page), platform.name)
            for platform in PLATFORMS
            if platform is not generic
        )
        if sureness >= _SURE:
            votes[name] += 1
    if not votes:
        return Recognised(None, 0, count)
    name, on = votes.most_common(1)[0]
    return Recognised(name, on, count)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Articles a week by the dates that listings print: ``dates`` of them, the newest ``newest``."""

    a_week: float
    dates: int
    newest: dt.date

    def is_silent(self, today: dt.date) -> bool:
        return (today - self.newest).days > _SILENT_DAYS


def rhythm(listings: Iterable[Listing]) -> Rhythm | None:
    """What the listings print, each being a section with its own newest articles; None where too
    few dates are printed."""
    a_week = 0.0
    seen: set[str] = set()
    newest: list[dt.date] = []
    for listing in listings:
        days = []
        for entry in listing.entries:
            if entry.date and entry.url not in seen:
                seen.add(entry.url)
                days.append(dt.date.fromisoformat(entry.date[:10]))
        days.sort()
        # A pinned article may be years old: the gaps of the newer half tell the pace.
        recent = days[len(days) // 2 :] if len(days) > 5 else days
        if recent and recent[0] == recent[-1]:
            recent = days
        if len(recent) >= _FEWEST_ENTRIES and recent[0] < recent[-1]:
            a_week += (len(recent) - 1) * 7 / (recent[-1] - recent[0]).days
            newest.append(days[-1])
    return Rhythm(round(a_week, 1), len(seen), max(newest)) if newest else None


def crawl_delay(robots: bytes, agent: str) -> float | None:
    """The seconds between requests that a robots.txt asks of ``agent``, if it does."""
    delay = Protego.parse(robots.decode("utf-8", "replace")).crawl_delay(agent)
    return None if delay is None else float(delay)


def relative(address: str, home: str) -> str:
    """A section as sites.toml writes it: from the root of ``home`` where that is possible."""
    parts = urlsplit(address)
    if urlsplit(home).path == "/" and urljoin(address, "/") == urljoin(home, "/"):
        return urlunsplit(("", "", parts.path, parts.query, ""))
    return address
