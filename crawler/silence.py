"""Whether a portal has been silent for longer than its own rhythm explains."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from crawler.rhythm import Publishing, publishing_of, rate, silence_days, working_days

# Days for which a silence is told. Who has not asked after a portal by then knows that it is silent;
# and one that had stopped long before it was first crawled is no news.
TOLD_FOR = 60.0
# Days that any office may be silent: many publish on working days only, and are away together.
SHORTEST = 7.0


@dataclass(frozen=True, slots=True)
class Silence:
    """``rate`` is new articles a day as it was when the portal last published, ``days`` how long that
    is ago without holidays, ``limit`` after how many such days chance explains it no more."""

    rate: float
    days: float
    limit: float

    @property
    def is_news(self) -> bool:
        """Whether it is to be told."""
        return self.limit < self.days <= self.limit + TOLD_FOR


def silence_of(connection: sqlite3.Connection, site: str, now: datetime) -> Silence | None:
    """How long the site has been silent, from the articles in the archive; None where none of the
    last 600 days is known. ``now`` is aware."""
    return silence(publishing_of(connection, site, now), now)


def silence(publishing: Publishing, now: datetime) -> Silence | None:
    """How long a portal has been silent that published so. The rate is that before the silence: one
    that forgets while it waits would never be surprised."""
    newest = max((moment for moment in publishing.moments if moment <= now), default=None)
    if newest is None:
        return None
    before = rate(publishing, newest)
    return Silence(before, working_days(newest, now), max(SHORTEST, silence_days(before)))
