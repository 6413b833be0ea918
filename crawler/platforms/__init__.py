"""The families of portals: one module each, pure functions of one page.

A module here has a name, a version (a whole number, raised whenever the same bytes may give
another result), `recognise` and `read_article`. It names what its markup or its printed text
offers and leaves the work to `crawler.anchors`, `crawler.region` and `crawler.assembly`. Old
layouts stay beside new ones, so that old captures can be read again.
"""

from __future__ import annotations

from typing import Protocol

from archive.schema import Reading
from crawler.page import Page
from crawler.platforms import (
    cap_nhat,
    generic,
    lacviet,
    liferay,
    nukeviet,
    tandan,
    thanhhoa_web,
)


class Platform(Protocol):
    """A family of portals."""

    name: str
    version: str

    def recognise(self, page: Page) -> float:
        """How sure (0..1) the platform is that the page is its own."""

    def read_article(self, page: Page) -> Reading | None:
        """What the page is; None where it has nothing that the platform knows."""


PLATFORMS: tuple[Platform, ...] = (
    tandan,
    lacviet,
    nukeviet,
    liferay,
    thanhhoa_web,
    cap_nhat,
    generic,
)
