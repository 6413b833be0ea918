"""Which extractors are today's: a page that another one has read may give more than it gave then."""

from __future__ import annotations

from crawler.extraction import reading
from crawler.platforms import PLATFORMS

_CURRENT = frozenset(
    {f"{platform.name} {platform.version}" for platform in PLATFORMS}
    | {f"{reading.name} {reading.version}"}
)


def is_current(reader: str) -> bool:
    """Whether ``reader`` (name and version, as `address` keeps it) would read a page today."""
    return reader in _CURRENT
