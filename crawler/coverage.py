"""Which fields articles had and have no more: the sign of a layout that no longer matches.

Pure: shares of articles that have a field, beside the shares of the crawls before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# A field is lost when fewer than this share of the usual share have it, and chance does not explain
# it: with odds of 1 in 100,000 if articles were independent.
_LOST_SHARE = 0.8
_LOST_ODDS = 1e-5
_SUREST = 0.99  # share that is believed of a field that every article had
_RECENT = 20  # articles that are looked at together where a crawl read few
_USUAL = 100  # articles before these that tell what is usual, and the fewest that do:
_USUAL_FEWEST = 15
NIGHTS = 4  # crawls that bring articles until a field counts as lost
READABLE = "readable"  # a field like the others: whether an article page could be read at all


@dataclass(frozen=True, slots=True)
class Sampled:
    """What one crawl saw of a site's articles: of ``pages`` article pages ``unreadable`` could not be
    read; of ``articles`` the share (0..1) that has each field is ``coverage``. A whole walk looks at
    all its articles, another at the new ones: which old ones are due again is no fair sample."""

    pages: int
    unreadable: int
    articles: int
    coverage: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lost:
    """A field that a smaller ``share`` of the articles has than the ``usual``, both 0..1."""

    field: str
    share: float
    usual: float


def lost_fields(latest: Sampled, before: Sequence[Sampled], nights: int = NIGHTS) -> list[Lost]:
    """The fields that articles had and have no more, the one that lost most first; pages that cannot
    be read at all before all others. ``before`` are comparable crawls, the latest first.

    A crawl may bring one article. So its articles are looked at alone, then together with those of
    the crawl before, and so on up to twenty; each time beside the hundred before. An office puts up
    ten notices at once, and none has a byline: articles of one night are no independent witnesses,
    so a field is lost only when each of the last ``nights`` crawls that brought articles missed it (1
    for a whole walk).
    """
    recent, found = _Pool(), dict[str, Lost]()
    recent.add(latest)
    witnesses = [crawl for crawl in (latest, *before) if crawl.articles][:nights]
    for count in range(len(before) + 1):
        if count:
            if min(recent.pages, recent.articles) >= _RECENT and recent.crawls >= nights:
                break
            recent.add(before[count - 1])
        usual = _Pool()
        for crawl in before[count:]:
            usual.add(crawl)
            if min(usual.pages, usual.articles) >= _USUAL:
                break
        for name in usual.having:
            if name in found or not _is_lost(name, recent, usual):
                continue
            least = _LOST_SHARE * usual.share(name)
            missed = [crawl.coverage.get(name, 0.0) < least for crawl in witnesses]
            if name == READABLE or (recent.crawls >= nights and all(missed)):
                found[name] = Lost(name, recent.share(name), usual.share(name))
    return sorted(
        found.values(), key=lambda lost: (lost.field != READABLE, lost.share - lost.usual)
    )


def odds_of_at_most(having: int, of: int, share: float) -> float:
    """The probability that at most ``having`` of ``of`` articles have what a ``share`` (0 < share
    < 1) of all articles have: the lower tail of the binomial distribution."""
    if having >= of:
        return 1.0
    yes, no = math.log(share), math.log1p(-share)
    whole = math.lgamma(of + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(whole - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * yes + (of - k) * no)
            for k in range(having + 1)
        ),
    )


@dataclass(slots=True)
class _Pool:
    """Articles of some crawls together, and how many have each field."""

    pages: int = 0
    articles: int = 0
    crawls: int = 0  # that brought articles
    having: dict[str, float] = field(default_factory=dict)

    def add(self, crawl: Sampled) -> None:
        self.pages += crawl.pages
        self.articles += crawl.articles
        self.crawls += crawl.articles > 0
        for name, share in crawl.coverage.items():
            self.having[name] = self.having.get(name, 0.0) + share * crawl.articles
        readable = crawl.pages - crawl.unreadable
        self.having[READABLE] = self.having.get(READABLE, 0.0) + readable

    def size(self, name: str) -> int:
        return self.pages if name == READABLE else self.articles

    def share(self, name: str) -> float:
        return self.having.get(name, 0.0) / self.size(name) if self.size(name) else 0.0


def _is_lost(name: str, recent: _Pool, usual: _Pool) -> bool:
    if usual.size(name) < _USUAL_FEWEST or not recent.size(name):
        return False
    share, before = recent.share(name), usual.share(name)
    if share >= _LOST_SHARE * before:
        return False
    having = round(share * recent.size(name))
    return odds_of_at_most(having, recent.size(name), min(before, _SUREST)) < _LOST_ODDS
