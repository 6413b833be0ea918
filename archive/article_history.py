"""What happened to an article, in the order of time: seen, edited, printed anew, moved, gone, back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from archive.articles import StoredArticle


class Happening(StrEnum):
    """The kinds of events; those of a version are named like its cause (archive.versions)."""

    FIRST = "first"
    EDIT = "edit"
    REDESIGN = "redesign"
    EXTRACTION = "extraction"
    UNCLEAR = "unclear"
    ADDRESS = "address"  # seen under another URL for the first time
    MISSING = "missing"  # the portal said for the first time that it is not there
    GONE = "gone"  # it said so again: the absence is confirmed
    RETURN = "return"  # seen again after that
    LAST = "last"  # seen for the last time so far


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``at`` is the time of the capture that shows it, UTC text: the portal may have done
    it any time since the capture before. ``version`` is a number, ``url`` an address, where the event
    has one."""

    at: str
    what: Happening
    version: int | None = None
    url: str | None = None


def history(article: StoredArticle) -> tuple[Event, ...]:
    """Everything known of the article, oldest first. Withheld versions are left out. An article that
    was missed once and seen again was never away: that is left out too."""
    events = [*_versions(article), *_addresses(article)]
    for absence in article.absences:
        if absence.confirmed_at is None and absence.until is not None:
            continue
        events.append(Event(absence.since, Happening.MISSING))
        if absence.confirmed_at is not None:
            events.append(Event(absence.confirmed_at, Happening.GONE))
        if absence.until is not None:
            events.append(Event(absence.until, Happening.RETURN))
    events.append(Event(article.last_seen, Happening.LAST))
    return tuple(sorted(events, key=_order))


def _versions(article: StoredArticle) -> Iterator[Event]:
    """Versions are numbered as they were recorded. Where an older page was imported later, that one is
    the first, and what was recorded first came of a change."""
    captured = sorted(article.versions, key=lambda v: (v.fetched_at, v.number))
    causes = {version.number: version.cause for version in captured}
    for version in captured:
        if version.cause == Happening.FIRST:
            causes[version.number], causes[captured[0].number] = (
                causes[captured[0].number],
                version.cause,
            )
    for version in captured:
        what = Happening(causes[version.number])
        yield Event(version.fetched_at, what, version=version.number)


def _addresses(article: StoredArticle) -> Iterator[Event]:
    """A page and the address that it names as its own are seen together: no move."""
    first = min((address.first_seen for address in article.addresses), default="")
    for address in article.addresses:
        if address.first_seen > first:
            yield Event(address.first_seen, Happening.ADDRESS, url=address.url)


_BEFORE_VERSIONS = (Happening.RETURN, Happening.ADDRESS)


def _order(event: Event) -> tuple[str, bool, bool, int, str]:
    return (
        event.at,
        event.what is Happening.LAST,
        event.what not in _BEFORE_VERSIONS,
        event.version or 0,
        event.url or "",
    )
