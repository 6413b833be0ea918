"""Durations as people write them: ``90s``, ``45m``, ``2h``, ``1h30m``, ``3d``."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[dhms])+")
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([dhms])")
_LONGEST = timedelta(days=3650)


def parse_duration(text: str) -> timedelta:
    """The duration; raises ValueError where the text is none, or is zero or more than ten years."""
    written = text.strip().lower().replace(" ", "")
    if not _DURATION.fullmatch(written):
        raise ValueError(f"{text!r} is no duration; write 90s, 45m, 2h, 1h30m or 3d")
    parts = {_UNITS[unit]: float(number) for number, unit in _PART.findall(written)}
    if len(parts) != len(_PART.findall(written)):
        raise ValueError(f"{text!r} names a unit twice")
    try:
        duration = timedelta(**parts)
    except OverflowError:
        duration = timedelta.max
    if not timedelta() < duration <= _LONGEST:
        raise ValueError(f"{text!r} is too short or too long")
    return duration


def duration(text: str) -> timedelta:
    """The type of an option whose value is a duration."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
