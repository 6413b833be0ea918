"""How often a portal publishes, from that how often to look, and when its silence is no accident.

For an archive the loss is the time until an article is captured. With so many looks a day for all
portals together it is least when each is looked at in proportion to the square root of its rate: a
busy one more often than a quiet one, but not as much more often as it is busier.
"""

from __future__ import annotations

import datetime as dt
import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.timestamps import parse_utc
from crawler.holidays import is_holiday
from crawler.revisits import EARLY, FROZEN_DAYS
from crawler.sites import Site, State

HALF_LIFE = 60.0  # days after which what a portal did counts for half
PRIOR_ARTICLES = 1.0  # a portal that nobody has watched: one article …
PRIOR_DAYS = 2.0  # … in two days
SHORTEST = 1 / 24  # days between two looks, whatever the rate
LONGEST = 7.0
UNLIKELY = 0.001  # probability of a silence by accident from which on it is told
POLLS_A_DAY = 1.0  # looks a day and portal, where nothing else is said

_MEAN_LIFE = HALF_LIFE / math.log(2)
_VIETNAM = dt.timezone(dt.timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Publishing:
    """What is known of when a portal published. ``moments`` are aware, ``watched_since`` is the
    first moment from which on an article would be known."""

    moments: tuple[dt.datetime, ...]
    watched_since: dt.datetime | None


def rate(publishing: Publishing, now: dt.datetime) -> float:
    """Articles a day: (1 + articles) / (2 days + days watched), both weighted with a half-life of 60
    days, so that a portal that fell silent a year ago is quiet (Gamma prior, exponential forgetting).
    """
    articles = sum(
        math.exp(-_days(moment, now) / _MEAN_LIFE) for moment in publishing.moments if moment <= now
    )
    watched = 0.0
    if publishing.watched_since is not None:
        span = max(0.0, _days(publishing.watched_since, now))
        watched = _MEAN_LIFE * (1 - math.exp(-span / _MEAN_LIFE))
    return (PRIOR_ARTICLES + articles) / (PRIOR_DAYS + watched)


def intervals(rates: Mapping[str, float], polls_a_day: float) -> dict[str, float]:
    """Days between two looks at each portal: the square-root law, for ``polls_a_day`` looks at all of
    them together; between an hour and a week. Raises ValueError where that is not above 0."""
    if not polls_a_day > 0:
        raise ValueError("looks a day must be more than 0")
    roots = {name: math.sqrt(value) for name, value in rates.items()}
    total = sum(roots.values())
    return {
        name: min(max(total / (polls_a_day * root), SHORTEST), LONGEST)
        for name, root in roots.items()
    }


def silence_days(rate: float) -> float:
    """After how many days without anything new the silence of a portal with this rate (articles a
    day, above 0) is no accident any more: exp(-rate * days) < 0.001. Holidays do not count
    (`working_days`)."""
    return -math.log(UNLIKELY) / rate


def working_days(since: dt.datetime, until: dt.datetime) -> float:
    """Days from one moment to another, without Tết and the public holidays of Vietnam. Week-ends
    count: the rate has them in it. Times are aware."""
    days = max(0.0, _days(since, until))
    first = since.astimezone(_VIETNAM).date()
    last = until.astimezone(_VIETNAM).date()
    quiet = sum(
        is_holiday(first + dt.timedelta(days=n)) for n in range(1, max(0, (last - first).days) + 1)
    )
    return max(0.0, days - quiet)


def _days(since: dt.datetime, until: dt.datetime) -> float:
    return (until - since) / dt.timedelta(days=1)


# -- from the archive ---------------------------------------------------------------------------


def publishing_of(connection: sqlite3.Connection, site: str, now: dt.datetime) -> Publishing:
    """When a portal published, from the articles of the archive: by the date that it prints, else by
    when the article was first seen. What lies ten half-lives back weighs nothing and is left out."""
    horizon = (now - dt.timedelta(days=10 * HALF_LIFE)).date().isoformat()
    rows = connection.execute(
        """
        SELECT coalesce(v.published_at, a.first_seen)
        FROM article a JOIN version v ON v.id = a.version_id
        WHERE a.site = ? AND coalesce(v.published_at, a.first_seen) >= ?
        """,
        (site, horizon),
    )
    moments = tuple(moment for (text,) in rows if (moment := _moment(text)) is not None)
    (oldest,) = connection.execute(
        """
        SELECT min(coalesce(v.published_at, a.first_seen))
        FROM article a JOIN version v ON v.id = a.version_id WHERE a.site = ?
        """,
        (site,),
    ).fetchone()
    return Publishing(moments, _moment(oldest))


def rate_of(connection: sqlite3.Connection, site: str, now: dt.datetime) -> float:
    """`rate` of a portal, from the archive."""
    return rate(publishing_of(connection, site, now), now)


def due_sites(
    connection: sqlite3.Connection,
    sites: Sequence[Site],
    now: dt.datetime,
    polls_a_day: float | None = None,
) -> list[Site]:
    """The portals whose time has come, the longest overdue first.

    ``polls_a_day`` looks are shared among the active ones by the square-root law; None: as many as
    there are portals. A frozen one is due once a month, one that was never crawled at once, one
    whose last walk was interrupted after an hour; moved and gone ones never.
    """
    active = [site for site in sites if site.life.state is State.ACTIVE]
    rates = {site.slug: rate_of(connection, site.slug, now) for site in active}
    days = intervals(rates, polls_a_day or POLLS_A_DAY * len(active)) if active else {}
    overdue: list[tuple[float, Site]] = []
    for site in sites:
        if site.life.state in {State.MOVED, State.GONE}:
            continue
        interval = days.get(site.slug, float(FROZEN_DAYS))
        began, ended = _last_walk(connection, site.slug)
        if began is None:
            overdue.append((math.inf, site))
            continue
        waited = _days(began, now)
        if not ended:
            interval = SHORTEST  # a portal that cannot be had is no reason to ask all the time
        if waited >= interval * EARLY:
            overdue.append((waited / interval, site))
    return [site for _, site in sorted(overdue, key=lambda entry: (-entry[0], entry[1].slug))]


def _last_walk(connection: sqlite3.Connection, site: str) -> tuple[dt.datetime | None, bool]:
    """When the last walk was gone on with, None where there was none; and whether it came to its
    end."""
    row = connection.execute(
        "SELECT max(w.started_at, coalesce(max(r.started_at), '')), w.ended_at IS NOT NULL "
        "FROM walk w LEFT JOIN site_run r ON r.site = w.site WHERE w.site = ? GROUP BY w.site",
        (site,),
    ).fetchone()
    return (None, False) if row is None else (parse_utc(row[0]), bool(row[1]))


def _moment(text: str | None) -> dt.datetime | None:
    """The moment of a stored time or date; a date is noon in Vietnam."""
    if not text:
        return None
    try:
        if "T" not in text:
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(12), tzinfo=_VIETNAM)
        return parse_utc(text)
    except ValueError:
        return None
