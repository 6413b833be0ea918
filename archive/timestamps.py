"""Moments as the archive stores them: UTC, microseconds, sortable as text."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The clock that commands pass in; tests pass another."""
    return datetime.now(UTC)


def utc_text(moment: datetime) -> str:
    """``YYYY-MM-DDTHH:MM:SS.ffffffZ``, in UTC: a valid WARC-Date (WARC 1.1, section 5.4), always
    27 characters, so that text order is time order. Raises ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone")
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def parse_utc(text: str) -> datetime:
    """The aware moment of a stored time or of any WARC-Date (fractions and Z). Raises ValueError
    for anything else; a text without zone is taken as UTC, as WARC-Date always is."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
