"""What a run concludes about a site: a pure function of what was seen and of the site's history.

A number means something only beside the site's own earlier numbers: forty articles are many for one
office and a catastrophe for another. So counts are compared with the site's counts, and the share
of articles that have a field with the share that had it; of whole walks with whole walks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from archive.remarks import say, together
from crawler.coverage import NIGHTS, READABLE, Sampled, lost_fields
from crawler.endings import Ending
from crawler.silence import Silence

# Requests that may fail after all retries before a run counts as half-done: a share, and a number,
# since an incremental run makes few.
_FAILED_SHARE = 0.05
_FAILED_FEWEST = 5
# Pages of a run that a firewall may stand before until the site counts as blocked.
_REFUSED_SHARE = 0.2
_REFUSED_FEWEST = 5
# Share of article pages that may be unreadable before the layout counts as changed, in a site
# without history.
_UNREADABLE_SHARE = 0.2
_UNREADABLE_FEWEST = 3
# Known articles that may read otherwise than before until it is the layout that has changed: offices
# do edit, but not half of what they have written.
_EDITED_SHARE = 0.5
_EDITED_FEWEST = 10
# Articles that must be read by the generic extractor until a platform counts as lost, and those before
# that tell which platform it was.
_PLATFORM_FEWEST = 20
_PLATFORM_USUAL = 100
# A whole walk that finds fewer than this share of what whole walks usually find is not complete.
_SHRUNK_SHARE = 0.5
# A whole walk whose newest article is so much older than that of earlier ones has lost its front
# page: a portal restored from a backup, a listing that no longer grows.
_NEWEST_LOST = timedelta(days=30)
# A host name that does not exist so often and for so long is no failure of ours.
_GONE_RUNS = 3
_GONE_AFTER = timedelta(days=7)
_SHOWN = 3  # listings that are named


class Verdict(StrEnum):
    """How a site is. Those that are not healthy make `huyen crawl` end with status 3."""

    OK = "ok"
    QUIET = "quiet"  # answered, nothing new
    INTERRUPTED = "interrupted"  # stopped by a signal or a limit; nothing is concluded
    SILENT = "silent"  # answered, but nothing new for longer than its rhythm explains
    EMPTY = "empty"  # answered, but no article was found where there should be some
    CHANGED = "changed"  # the layout no longer matches: pages or fields that are not read any more
    PARTIAL = "partial"  # a part of it is missing: a listing, many pages, many requests
    BLOCKED = "blocked"  # a challenge, login or firewall stands before it
    UNREACHABLE = "unreachable"  # the home page could not be had
    GONE = "gone"  # the host does not exist any more, or shows a page for sale
    MOVED = "moved"  # the home page is another host's or another body's

    @property
    def is_healthy(self) -> bool:
        return self in {Verdict.OK, Verdict.QUIET, Verdict.INTERRUPTED}


@dataclass(frozen=True, slots=True)
class Judgement:
    """``subject`` is what the verdict is about, for programs: a field, a product, a host, a kind of
    failure; ``reason`` says it in a few words, those of archive.remarks, which has them in Vietnamese
    too."""

    verdict: Verdict
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What one crawl of one site saw.

    ``whole``: every page was asked for, not only what was due. ``responses`` counts answers,
    ``not_modified`` those of them that said "not modified", ``refused`` those of a firewall;
    ``failed`` requests without an answer after all retries, ``broken`` pages whose reading failed
    by a fault of ours. ``articles``: article pages read, ``unreadable`` pages that look like
    articles and could not be read; ``home_kind`` what the home page was read as. ``known``: articles
    of the site in the archive. ``unchanged`` and ``edited`` are known articles that were read again
    and said the same, or something else by the portal's doing. ``coverage`` is the share (0..1) that
    has a field of all articles of a whole walk, of the new ones of another crawl;
    ``extractor`` the one that read most, ``newest`` the latest published_at. ``alarms``: what
    crawler.alarms says of the articles together.

    ``home_error`` is why the home page could not be had, ``home_failure`` of what kind that is (dns,
    tls, timeout, robots, status 500 …); ``finding`` what stood there in its place. ``cut`` are
    listings that ended early and why. ``ending`` is why the spider closed, ``cut_short`` whether
    a limit of pages kept it from asking.

    ``silence`` is how long nothing new has come, None where that is not known, or expected.
    """

    whole: bool
    responses: int
    articles: int
    new: int
    changed: int
    unchanged: int = 0
    edited: int = 0
    unreadable: int = 0
    failed: int = 0
    refused: int = 0
    broken: int = 0
    not_modified: int = 0
    home_kind: str = ""
    known: int = 0
    coverage: Mapping[str, float] = field(default_factory=dict)
    extractor: str = ""
    newest: str | None = None
    alarms: tuple[str, ...] = ()
    home_error: str = ""
    home_failure: str = ""
    finding: Judgement | None = None
    cut: Mapping[str, str] = field(default_factory=dict)
    ending: str = Ending.FINISHED
    ending_detail: str = ""
    cut_short: bool = False
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class PastCrawl:
    """One earlier crawl of the site that came to a verdict; fields as in `Seen`. ``started_at`` is
    aware."""

    started_at: datetime
    verdict: str
    subject: str
    whole: bool
    articles: int
    unreadable: int
    coverage: Mapping[str, float]
    extractor: str
    newest: str | None
    new: int = 0
    not_modified: int = 0
    home_kind: str = ""


def judge(seen: Seen, past: Sequence[PastCrawl], now: datetime) -> Judgement:
    """The verdict. ``past`` are the site's earlier crawls, the latest first; ``now`` is aware."""
    for conclude in (_without_portal, _cut_off, _without_articles, _changed, _partial, _silent):
        if (judgement := conclude(seen, past, now)) is not None:
            return judgement
    if seen.new or seen.changed:
        return Judgement(Verdict.OK, "", say("counts", new=seen.new, changed=seen.changed))
    return Judgement(Verdict.QUIET, "", say("quiet"))


def since_when(verdict: Verdict, past: Sequence[PastCrawl]) -> datetime | None:
    """When the first of the crawls began that came to this verdict one after the other; None where
    the latest did not. Interrupted ones say nothing."""
    since = None
    for crawl in past:
        if crawl.verdict == verdict:
            since = crawl.started_at
        elif crawl.verdict != Verdict.INTERRUPTED:
            break
    return since


def _without_portal(seen: Seen, past: Sequence[PastCrawl], now: datetime) -> Judgement | None:
    if seen.finding is not None:
        return seen.finding
    if seen.home_error:
        reason = say("home-failed", why=seen.home_error)
        if seen.home_failure == "dns" and (since := _nameless_since(past)) is not None:
            days = (now - since).days
            if now - since >= _GONE_AFTER:
                return Judgement(Verdict.GONE, "dns", say("nameless", days=days))
        return Judgement(Verdict.UNREACHABLE, seen.home_failure, reason)
    much = _is_much(seen.refused, seen.responses, _REFUSED_SHARE, _REFUSED_FEWEST)
    if much and seen.ending != Ending.BLOCKED:
        refused = say("refused", refused=seen.refused, pages=seen.responses)
        return Judgement(Verdict.BLOCKED, "pages", refused)
    return None


def _nameless_since(past: Sequence[PastCrawl]) -> datetime | None:
    """Since when every crawl found that the host name does not exist; None for fewer than three of
    them, this one included."""
    since, runs = None, 1
    for crawl in past:
        if crawl.verdict == Verdict.INTERRUPTED:
            continue
        if crawl.subject != "dns":
            break
        since, runs = crawl.started_at, runs + 1
    return since if runs >= _GONE_RUNS else None


# Endings by a limit of ours, and those that something is wrong at; archive.remarks has a sentence for
# each.
_LIMITS = (Ending.TIME_LIMIT, Ending.PAGE_LIMIT, Ending.DAILY_LIMIT)
_FAULTS = (Ending.DISK_SPACE, Ending.TOLD_TO_WAIT, Ending.UNANSWERED, Ending.BLOCKED)


def _cut_off(seen: Seen, past: Sequence[PastCrawl], now: datetime) -> Judgement | None:
    after = say("stopped", articles=seen.articles)
    if seen.ending == Ending.FINISHED:
        if seen.cut_short:
            why = say("stopped-why", articles=seen.articles, why=say("max-pages"))
            return Judgement(Verdict.INTERRUPTED, "max-pages", why)
        return None
    for ending in _FAULTS:
        if seen.ending == ending:
            verdict = Verdict.BLOCKED if ending is Ending.BLOCKED else Verdict.PARTIAL
            what = say(ending)
            if seen.ending_detail:
                what = say("more-exactly", what=what, why=seen.ending_detail)
            return Judgement(verdict, ending.value, together(what, after))
    limit = next((say(ending) for ending in _LIMITS if seen.ending == ending), "")
    stopped = say("stopped-why", articles=seen.articles, why=limit) if limit else after
    return Judgement(Verdict.INTERRUPTED, seen.ending, stopped)


def _without_articles(seen: Seen, past: Sequence[PastCrawl], now: datetime) -> Judgement | None:
    if seen.articles or seen.unreadable or (seen.not_modified and seen.known):
        return None
    before = _usual_count(past)
    if seen.whole or not seen.known:
        says = say("empty", answers=seen.responses)
        if before:
            says = say("empty-unusual", answers=seen.responses, usual=before)
        return Judgement(Verdict.EMPTY, "", says)
    if seen.home_kind != _LISTING and _usual_home(past) == _LISTING:
        return Judgement(Verdict.EMPTY, "home", say("home-leads-nowhere", known=seen.known))
    return None


def _changed(seen: Seen, past: Sequence[PastCrawl], now: datetime) -> Judgement | None:
    before = [_sampled(crawl) for crawl in _comparable(seen, past)]
    lost = lost_fields(_sampled(seen), before, 1 if seen.whole else NIGHTS)
    if lost:
        says = together(
            *(
                say(
                    "field-lost",
                    field=each.field,
                    share=f"{100 * each.share:.0f}",
                    usual=f"{100 * each.usual:.0f}",
                )
                for each in lost
                if each.field != READABLE
            )
        )
        if lost[0].field == READABLE:
            says = say("unreadable", pages=seen.unreadable)
        return Judgement(Verdict.CHANGED, lost[0].field, says)
    if not past and _is_much(
        seen.unreadable, seen.articles + seen.unreadable, _UNREADABLE_SHARE, _UNREADABLE_FEWEST
    ):
        return Judgement(Verdict.CHANGED, READABLE, say("unreadable", pages=seen.unreadable))
    platform = _usual_extractor(past)
    lost_platform = seen.extractor == _GENERIC and platform not in {"", _GENERIC}
    if lost_platform and seen.articles >= _PLATFORM_FEWEST:
        return Judgement(Verdict.CHANGED, "platform", say("platform-lost", platform=platform))
    if _is_much(seen.edited, seen.edited + seen.unchanged, _EDITED_SHARE, _EDITED_FEWEST):
        says = say("many-edits", edited=seen.edited, known=seen.edited + seen.unchanged)
        return Judgement(Verdict.CHANGED, "edits", says)
    if seen.alarms:
        return Judgement(Verdict.CHANGED, "shared", together(*seen.alarms))
    return None


def _partial(seen: Seen, past: Sequence[PastCrawl], now: datetime) -> Judgement | None:
    if seen.broken:
        return Judgement(Verdict.PARTIAL, "defect", say("our-fault", pages=seen.broken))
    if seen.cut:
        named = [
            say("of-address", address=address, why=why)
            for address, why in list(seen.cut.items())[:_SHOWN]
        ]
        if len(seen.cut) > _SHOWN:
            named.append(say("more-listings", n=len(seen.cut) - _SHOWN))
        return Judgement(Verdict.PARTIAL, "listing", say("listing", where=together(*named)))
    if seen.whole:
        usual, reached = _usual_count(past), seen.articles + seen.not_modified
        if usual and reached < _SHRUNK_SHARE * usual:
            shrunk = say("shrunk", articles=reached, usual=usual)
            return Judgement(Verdict.PARTIAL, "articles", shrunk)
        before = _newest_before(past)
        if seen.newest and before and _day(before) - _day(seen.newest) > _NEWEST_LOST:
            front = say("newest-lost", newest=seen.newest[:10], before=before[:10])
            return Judgement(Verdict.PARTIAL, "newest", front)
    if _is_much(seen.failed, seen.responses + seen.failed, _FAILED_SHARE, _FAILED_FEWEST):
        failed = say("requests-failed", failed=seen.failed, requests=seen.responses + seen.failed)
        return Judgement(Verdict.PARTIAL, "requests", failed)
    return None


def _silent(seen: Seen, past: Sequence[PastCrawl], now: datetime) -> Judgement | None:
    silence = seen.silence
    if seen.new or silence is None or not silence.is_news:
        return None
    says = say(
        "silent",
        days=f"{silence.days:.0f}",
        weekly=f"{7 * silence.rate:.1f}",
        limit=f"{silence.limit:.0f}",
    )
    return Judgement(Verdict.SILENT, "", says)


# -- what is usual ------------------------------------------------------------------------------

# Crawls that read the portal, whatever was found to be wrong with it. What a changed layout gives
# for months becomes the usual, so that an alarm that nobody can help ends by itself.
_READ = frozenset({"ok", "quiet", "silent", "changed", "partial"})
_WELL = frozenset({"ok", "quiet", "silent"})
_LISTING = "listing"  # archive.schema.PageKind
_GENERIC = "generic"  # the extractor of pages whose platform is not known


def _comparable(seen: Seen, past: Sequence[PastCrawl]) -> list[PastCrawl]:
    """The earlier crawls whose articles may be compared with these: a whole walk sees the old ones
    too, and nobody signed in 2015."""
    return [crawl for crawl in past if crawl.verdict in _READ and (crawl.whole or not seen.whole)]


def _sampled(crawl: Seen | PastCrawl) -> Sampled:
    return Sampled(
        crawl.articles + crawl.unreadable,
        crawl.unreadable,
        crawl.articles if crawl.whole else crawl.new,
        crawl.coverage,
    )


def _usual_count(past: Sequence[PastCrawl]) -> int:
    """Articles that a whole walk finds, 0 where there was none. Of the last five, so that a
    portal that has shrunk for good is not mourned for ever."""
    counts = [
        crawl.articles + crawl.not_modified
        for crawl in past
        if crawl.whole and crawl.verdict in _READ
    ][:5]
    return int(median(counts)) if counts else 0


def _usual_home(past: Sequence[PastCrawl]) -> str:
    """What the home page was read as when the portal was last well; empty where that is not known."""
    return next(
        (crawl.home_kind for crawl in past if crawl.home_kind and crawl.verdict in _WELL), ""
    )


def _newest_before(past: Sequence[PastCrawl]) -> str | None:
    whole = [crawl for crawl in past if crawl.whole and crawl.verdict in _READ][:5]
    return max((crawl.newest for crawl in whole if crawl.newest), default=None, key=_day)


def _usual_extractor(past: Sequence[PastCrawl]) -> str:
    """The one that read most articles of the last hundred; empty where that is not known."""
    read: dict[str, int] = {}
    for crawl in past:
        if crawl.extractor and crawl.verdict in _READ:
            read[crawl.extractor] = read.get(crawl.extractor, 0) + crawl.articles
        if sum(read.values()) >= _PLATFORM_USUAL:
            break
    return max(read, key=lambda name: read[name], default="")


def _is_much(part: int, of: int, share: float, fewest: int) -> bool:
    return part >= fewest and part > share * of


def _day(published: str) -> datetime:
    return datetime.fromisoformat(published[:10])
