"""When to ask for an address again: pure functions of what it said and of when.

All numbers are here, and in the table of docs/crawling.md, which a test compares with these.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from archive.timestamps import parse_utc, utc_text
from archive.url_ledger import Address

# Days after which an article is asked for again, by its age in days at the last check: an article
# that is a day old is looked at the next day, one that is a month old the next month.
ARTICLE_STEPS = (1, 7, 30, 180, 365)
ARTICLE_CHANGED = 7  # days after an article was found edited
NEIGHBOUR_REACH = 10  # articles found before and after an edited one …
NEIGHBOUR_DAYS = 1  # … are asked for within so many days

LISTING = (
    1,
    30,
)  # first page of a listing: days at first, and at most; doubled while nothing is new
LISTING_STALE = (
    (365, 30),
    (180, 7),
)  # newest entry older than so many days: days at first
FURTHER_PAGE = (60, 180)  # further pages of a listing
OTHER_PAGE = (30, 180)  # pages that are neither: contact, map, organisation
REDIRECT = (180, 365)
DEAD_LINK = (30, 365)  # links that never led anywhere, and addresses that robots.txt forbids
MISSING_DAYS = 1  # a page that was there and is missing: until it is confirmed
GONE = (180, 365)  # … and afterwards: pages do come back
FAILED = (1, 30)  # no answer, or an error of the server
FILE_FAILED = (7, 180)  # a picture on a host that has gone is not worth more
FILE = (365, 365)  # files that can be asked for conditionally; others once

EARLY = 0.9  # share of the interval after which an address is due: a nightly run is never too early by minutes
CONFIRM_HOURS = 20.0  # between two observations that a page is missing
REVISITS_A_RUN = 200  # addresses that are due, a run
LISTINGS_A_RUN = 12  # first pages of listings that are looked at though not yet due, a run
QUIET_PAGES = 2  # pages of a listing in a row that bring nothing unknown, after which it is left
FROZEN_DAYS = 30  # between two looks at a portal that publishes nothing any more
FROZEN_SAMPLE = 10  # addresses of it that are due, a run …
FROZEN_LISTINGS = 2  # … and first pages of listings, which show that it is still what it was
MISSING_PAGE_DAYS = 7  # after which a portal is asked again for an address that cannot exist
RESUME_DAYS = 30  # a full walk that was interrupted longer ago is begun anew

STALE = "stale"  # a form that was posted; the listing that it came from has a fresh one

_SPREAD = 0.1  # share by which intervals of a month and more differ from address to address


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer said. ``kind`` as in `address`; ``fingerprint`` of what the page says, empty
    where that was not looked at (304, a file); ``dated`` ISO date of an article, or of the newest
    entry of a listing; ``brought``: addresses on a listing that were unknown; ``can_ask``: whether
    the answer came with a validator."""

    kind: str
    reader: str = ""
    fingerprint: str = ""
    dated: str = ""
    brought: int = 0
    can_ask: bool = False
    unmodified: bool = False


def checked(address: Address, seen: Seen, now: dt.datetime) -> Address:
    """The row after an answer: state, counters, and when to ask again."""
    at = utc_text(now)
    was_there = address.kind in {"article", "listing", "other", "file"}
    misses = address.misses
    if seen.kind != "missing":
        misses = 0
    elif was_there or misses:
        misses += 1
    changed = _has_changed(address, seen)
    gone = misses > 1 and _hours_since(address.changed_at, now) >= CONFIRM_HOURS
    state = "failed" if seen.kind == "failed" else "gone" if gone else "done"
    # What it was when it last answered is worth more than that it did not.
    says_nothing = seen.unmodified or seen.kind == "failed"
    kind = address.kind if says_nothing and address.kind else seen.kind
    row = replace(
        address,
        state=state,
        kind=kind,
        reader=seen.reader or address.reader,
        fingerprint=seen.fingerprint or address.fingerprint,
        dated=seen.dated or address.dated,
        form=STALE if address.form else "",
        via="",
        quiet=0,
        checked_at=at,
        changed_at=at if changed or misses == 1 or not address.checks else address.changed_at,
        checks=address.checks + 1,
        changes=address.changes + changed,
        misses=misses,
        tries=address.tries + 1 if state == "failed" else 0,
    )
    days = _interval(
        row, address, changed=changed, can_ask=seen.can_ask or seen.unmodified, now=now
    )
    due = None if days is None else utc_text(now + dt.timedelta(days=days * EARLY))
    return replace(row, interval_days=days, due_at=due)


def pulled_nearer(neighbour: Address, now: dt.datetime) -> Address | None:
    """The row of an article whose neighbour was found edited; None where it is due soon anyway, or
    was looked at within the week."""
    if _hours_since(neighbour.checked_at, now) < 24 * ARTICLE_CHANGED:
        return None
    due = utc_text(now + dt.timedelta(days=NEIGHBOUR_DAYS * EARLY))
    if neighbour.due_at is not None and neighbour.due_at <= due:
        return None
    return replace(neighbour, due_at=due)


def _has_changed(address: Address, seen: Seen) -> bool:
    """Whether the portal changed what it says; another extractor proves nothing."""
    if not address.checks or seen.unmodified:
        return False
    if seen.kind == "listing":
        return seen.brought > 0
    both = seen.fingerprint and address.fingerprint and seen.reader == address.reader
    return bool(both) and seen.fingerprint != address.fingerprint


def _interval(
    row: Address, before: Address, *, changed: bool, can_ask: bool, now: dt.datetime
) -> float | None:
    """Days until the next look; None: only in a full walk."""
    if row.form:
        return None
    if row.kind == "article" and row.state != "failed":
        return _article_interval(row, before, changed=changed, now=now)
    if row.kind == "file" and row.state != "failed":
        return _spread(FILE[0], row.url_key) if can_ask else None
    if row.kind == "missing" and row.state != "gone" and row.misses:
        return MISSING_DAYS
    first, most = _range(row, now)
    same = before.kind == row.kind and before.state == row.state and before.interval_days
    if changed or not same:
        return _spread(first, row.url_key)
    return _longer(before, most, now)


def _range(row: Address, now: dt.datetime) -> tuple[float, float]:
    if row.state == "gone":
        return GONE
    if row.state == "failed":
        return FILE_FAILED if row.role == "file" else FAILED
    if row.kind == "listing":
        if row.page_number is not None:
            return FURTHER_PAGE
        first, most = LISTING
        age = _age(row.dated, now)
        stale = next((days for over, days in LISTING_STALE if age is not None and age > over), 0)
        return max(first, stale), most
    return {
        "redirect": REDIRECT,
        "missing": DEAD_LINK,
        "forbidden": DEAD_LINK,
    }.get(row.kind, OTHER_PAGE)


def _article_interval(row: Address, before: Address, *, changed: bool, now: dt.datetime) -> float:
    age = _age(row.dated or row.discovered_at, now) or 0.0
    step = max((days for days in ARTICLE_STEPS if days <= age), default=ARTICLE_STEPS[0])
    if changed:
        return min(step, ARTICLE_CHANGED)
    longer = _longer(before, ARTICLE_STEPS[-1], now) if before.kind == "article" else 0.0
    return max(longer, _spread(step, row.url_key))


def _longer(before: Address, most: float, now: dt.datetime) -> float:
    """Twice the interval, if it has nearly passed: two full walks on one day prove no more than one."""
    days = before.interval_days or 0.0
    if _hours_since(before.checked_at, now) < 24 * days / 2:
        return min(days, most)
    return min(2 * days, _spread(most, before.url_key))


def _age(dated: str, now: dt.datetime) -> float | None:
    """Days since an ISO date or moment; None where there is none, 0 for the future."""
    if not dated:
        return None
    try:
        return max(0.0, (now - parse_utc(dated)) / dt.timedelta(days=1))
    except ValueError:
        return None


def _hours_since(moment: str | None, now: dt.datetime) -> float:
    return 0.0 if moment is None else (now - parse_utc(moment)) / dt.timedelta(hours=1)


def _spread(days: float, key: str) -> float:
    """Long intervals a little apart, so that what was found in one walk is not due on one day."""
    if days < 30:
        return float(days)
    place = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=2).digest()) / 0xFFFF
    return round(days * (1 - _SPREAD * place), 2)
