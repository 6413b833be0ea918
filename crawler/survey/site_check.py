"""Whether a portal still reads as it did: a few requests, and what matched.

The walk is given a way to fetch; `judge` is a pure function of what it saw, of the site's history
and of its fixture.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archive.schema import Article, PageKind
from archive.timestamps import parse_utc
from archive.urls import host_of, url_key
from crawler.extraction.listings import Entry
from crawler.home_page import look_at_home
from crawler.page_reader import PageReader
from crawler.sites import Site
from crawler.survey.fixtures import Fixture
from crawler.survey.signposts import headlines, sections
from crawler.survey.site_history import History
from crawler.survey.site_survey import Answer, Fetch, ReadPage, recognise

_LISTINGS_TRIED = 3
_ARTICLES_TRIED = 3
_FEWEST_ENTRIES = 3
# Share of a site's articles that had a field before its absence on all pages read is a finding:
# missing on three by chance then happens once in a thousand checks.
_USUAL = 0.9
_ALWAYS = frozenset({"title", "body_text", "published_at"})
_FIELDS = (
    "title",
    "published_at",
    "body_text",
    "summary",
    "author",
    "category",
    "images",
    "attachments",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``ok`` is None where there is nothing to compare with;
    ``since`` is the last time it was well (UTC text), for what is not."""

    subject: str
    ok: bool | None
    says: str
    since: str | None = None


@dataclass(slots=True)
class Look:
    """What a check of one site saw, in the order of asking."""

    home: Answer | None = None
    listing: ReadPage | None = None
    entries: tuple[Entry, ...] = ()
    listings_tried: list[str] = field(default_factory=list)
    articles: list[ReadPage] = field(default_factory=list)
    not_articles: list[tuple[str, str]] = field(default_factory=list)  # address, what it is


def expected_fields(history: History, fixture: Fixture | None) -> frozenset[str]:
    """Fields that an article of the site should have: what nearly all had when it was last well,
    else what all of its fixture have, else what any article needs."""
    if history.coverage:
        usual = {name for name, share in history.coverage.items() if share >= _USUAL}
        return frozenset(usual & set(_FIELDS)) | {"title"}
    if fixture is not None and fixture.always_present:
        return fixture.always_present & set(_FIELDS)
    return _ALWAYS


def missing_fields(article: Article, expected: frozenset[str]) -> set[str]:
    """The expected fields that an article lacks. One that is only a document has no text."""
    lacking = {name for name in expected if not getattr(article, name)}
    if article.attachments or article.images:
        lacking.discard("body_text")
    return lacking


async def look_at(
    fetch: Fetch, site: Site, reader: PageReader, expected: frozenset[str], look: Look
) -> None:
    """Fills ``look``: home page, one listing, one article; one or two more where the first lacks
    a field, so that an odd one is no alarm. At most 8 requests, robots.txt not counted."""
    look.home = await fetch(site.home)
    if _home_trouble(look.home, site):
        return
    assert look.home.page is not None
    home = look.home.page
    missing = await fetch(reader.impossible_address)
    if missing.page is not None and url_key(missing.page.url) == url_key(missing.url):
        reader.learn_missing(missing.page)
    for address in (site.sections or sections(home))[:_LISTINGS_TRIED]:
        look.listings_tried.append(address)
        answer = await fetch(address)
        if answer.page is None or not _is_well(answer, site):
            continue
        reading = reader.read(answer.page)
        entries = headlines(answer.page)
        if reading.kind is PageKind.LISTING and len(entries) >= _FEWEST_ENTRIES:
            look.listing = ReadPage(answer.page, answer.capture, reading)
            look.entries = entries
            break
    candidates = look.entries or headlines(home)
    gone = expected
    for entry in candidates[:_ARTICLES_TRIED]:
        answer = await fetch(entry.url)
        if answer.page is None or not _is_well(answer, site):
            look.not_articles.append((entry.url, _trouble(answer, site)))
            continue
        reading = reader.read(answer.page)
        if reading.article is None:
            look.not_articles.append((entry.url, reading.kind.value))
            continue
        look.articles.append(ReadPage(answer.page, answer.capture, reading))
        gone &= missing_fields(reading.article, expected)
        if not gone:
            break


def _is_well(answer: Answer, site: Site) -> bool:
    return not _trouble(answer, site)


def _trouble(answer: Answer, site: Site) -> str:
    page = answer.page
    if page is None:
        return answer.error
    if host_of(page.url) not in site.all_hosts:
        return f"redirects to {page.url}"
    if page.status != 200:
        return f"status {page.status}"
    return "" if page.is_html else f"no web page but {page.media_type or 'no media type'}"


def _home_trouble(answer: Answer, site: Site) -> str:
    """As `_trouble`; also what stands before the portal, or that it is another body's."""
    finding = None if answer.page is None else look_at_home(answer.page, site, {})
    return _trouble(answer, site) if finding is None else finding.reason


def judge(
    site: Site,
    look: Look,
    expected: frozenset[str],
    history: History,
    fixture: Fixture | None,
    now: dt.datetime,
) -> list[Finding]:
    """What matched and what did not. ``now`` is aware."""
    found = [_home(site, look, history)]
    if found[0].ok:
        found += [_listing(look, history), *_articles(site, look, expected, history, now)]
    found += [_history(history), _fixture(fixture, now)]
    return found


def _home(site: Site, look: Look, history: History) -> Finding:
    assert look.home is not None
    trouble = _home_trouble(look.home, site)
    if trouble:
        return Finding("home", False, f"{site.home}: {trouble}", history.home_at)
    return Finding("home", True, f"{site.home} answers")


def _listing(look: Look, history: History) -> Finding:
    if look.listing is None:
        tried = ", ".join(look.listings_tried) or "the home page, which names no section"
        return Finding("listing", False, f"no list of articles on {tried}", history.listing_at)
    newest = max((entry.date for entry in look.entries if entry.date), default=None)
    dated = f", the newest of {newest[:10]}" if newest else ", no dates beside them"
    return Finding("listing", True, f"{len(look.entries)} entries{dated}: {look.listing.page.url}")


def _articles(
    site: Site, look: Look, expected: frozenset[str], history: History, now: dt.datetime
) -> Iterator[Finding]:
    if not look.articles:
        was = "; ".join(f"{address} is {what}" for address, what in look.not_articles)
        yield Finding("article", False, was or "no link to one was found", history.article_at)
        return
    articles = [read.reading.article for read in look.articles if read.reading.article]
    yield Finding("article", True, look.articles[0].page.url)
    yield _platform(site, look.articles, history)
    for name in _FIELDS:
        if name in expected and all(name in missing_fields(each, expected) for each in articles):
            yield _gone(name, len(articles), history)
    present = [name for name in _FIELDS if any(getattr(each, name) for each in articles)]
    yield Finding("fields", True, ", ".join(present))
    tomorrow = (now + dt.timedelta(days=1)).date().isoformat()
    for article in articles:
        if article.published_at and article.published_at[:10] > tomorrow:
            says = f"{article.published_at} lies in the future: {article.url}"
            yield Finding("published_at", False, says)


def _gone(name: str, count: int, history: History) -> Finding:
    before = ""
    if name in history.coverage:
        before = (
            f"; {history.coverage[name]:.0%} of the articles had it when the site was last well"
        )
    pages = "the article that was" if count == 1 else f"any of the {count} articles that were"
    return Finding(name, False, f"not on {pages} read{before}", history.field_at.get(name))


def _platform(site: Site, articles: Sequence[ReadPage], history: History) -> Finding:
    found = recognise(articles).platform
    if site.platform is None:
        says = f"{found}, which sites.toml does not name" if found else "none that is known"
        return Finding("platform", None, says)
    if found == site.platform:
        return Finding("platform", True, f"{found}, as sites.toml says")
    says = f"{found or 'none that is known'}; sites.toml says {site.platform}"
    return Finding("platform", False, says, history.platform_at)


def _history(history: History) -> Finding:
    if history.crawled_at is None:
        return Finding("crawl", None, "never")
    well = "" if history.well_at else "; never well"
    if history.well_at and history.well_at != history.crawled_at:
        well = f"; last well {_day(history.well_at)}"
    return Finding("crawl", None, f"{history.verdict} on {_day(history.crawled_at)}{well}")


def _fixture(fixture: Fixture | None, now: dt.datetime) -> Finding:
    if fixture is None:
        return Finding("fixture", None, "none")
    days = (now - parse_utc(fixture.fetched_at)).days
    state = "" if fixture.reviewed else ", not reviewed"
    return Finding("fixture", None, f"{days} days old{state}")


def _day(moment: str) -> str:
    return moment[:10]
