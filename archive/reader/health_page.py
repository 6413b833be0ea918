"""`/health`: how the archive and its portals are, for the operator; the same facts as `huyen health`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from starlette.responses import Response

from archive.health import WEEKS, ArchiveHealth, SiteHealth, archive_health
from archive.reader.rendering import page
from archive.reader.visit import NotFound, Visit
from archive.timestamps import utc_now, utc_text
from archive.vietnamese import fold, normalise

_A_PAGE = 100  # portals
# What is lost for good if nobody looks comes first; a portal that is merely late comes last.
_WORST_FIRST = (
    "gone", "moved", "unreachable", "blocked", "changed", "empty", "partial", "silent",
)  # fmt: skip
_UNWELL, _WELL = "unwell", "well"


def health_page(visit: Visit) -> Response:
    """`/health`: portals with problems first, the worst on top, in full; the others in a line each.
    ``q`` and ``show`` narrow, ``page`` goes on; ``site`` tells of one portal at length."""
    now = utc_now()
    if slug := visit.text("site"):
        return _one_portal(visit, archive_health(visit.connection, now, {slug}))
    health = archive_health(visit.connection, now)
    portals = sorted(health.sites, key=_badness)
    words, show = visit.text("q"), visit.text("show")
    shown = [site for site in portals if _has(site, words) and _is(site, show)]
    pages = max(1, -(-len(shown) // _A_PAGE))
    number = visit.number("page", 1, 1, pages)
    here = shown[(number - 1) * _A_PAGE : number * _A_PAGE]
    verdicts = Counter(_verdict(site) for site in portals)
    wrong = Counter(_verdict(site) for site in portals if not site.is_healthy)
    values = {
        "health": health,
        "count": len(portals),
        "found": len(shown),
        "in_full": [site for site in here if not site.is_healthy],
        "in_short": [site for site in here if site.is_healthy],
        "unwell": sum(not site.is_healthy for site in portals),
        "verdicts": sorted(verdicts.items(), key=lambda entry: _rank(entry[0])),
        "wrong": sorted(wrong.items(), key=lambda entry: _rank(entry[0])),
        "q": words,
        "show": show,
        "page_number": number,
        "last_page": pages,
        "weeks": WEEKS,
        "stamp": _stamp,
        "spark": bars_path,
    }
    return page(visit.request, "health.html", values)


def _one_portal(visit: Visit, health: ArchiveHealth) -> Response:
    if not health.sites:
        raise NotFound("no_such_portal")
    site = health.sites[0]
    values = {
        "health": health,
        "site": site,
        "silent": site.days_silent(health.at),
        "weeks": WEEKS,
        "stamp": _stamp,
        "spark": bars_path,
    }
    return page(visit.request, "portal_health.html", values)


def bars_path(counts: Sequence[int]) -> str:
    """The bars as one SVG path, 5 by 24 units each, the highest count 23 high."""
    highest = max(counts, default=0) or 1
    heights = [1 + round(22 * count / highest) for count in counts]
    return "".join(f"M{5 * place} 24v-{high}h4v{high}z" for place, high in enumerate(heights))


def _badness(site: SiteHealth) -> tuple[bool, int, str, str]:
    rank = 0 if site.is_healthy else _rank(_verdict(site))
    return site.is_healthy, rank, site.name, site.site


def _rank(verdict: str) -> int:
    return _WORST_FIRST.index(verdict) if verdict in _WORST_FIRST else len(_WORST_FIRST)


def _verdict(site: SiteHealth) -> str:
    return (site.last.verdict if site.last else None) or "none"


def _has(site: SiteHealth, words: str) -> bool:
    """Whether each of the words stands in its name, its province or its address, diacritics or not."""
    told = fold(normalise(f"{site.name} {site.province} {site.site} {site.home}"))
    return all(word in told for word in fold(normalise(words)).split())


def _is(site: SiteHealth, show: str) -> bool:
    """Whether it is of the kind that is asked for: well, unwell, or with that last verdict."""
    if show in (_UNWELL, _WELL):
        return site.is_healthy == (show == _WELL)
    return not show or _verdict(site) == show


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
