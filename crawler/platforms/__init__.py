"""The families of portals: one module each, pure functions of one page.

A module here has a name, a version (a whole number, raised whenever the same bytes may give
another result), `recognise`, `read_article` and `read_listing`. It names what its markup or its printed text
offers and leaves the work to `crawler.extraction.anchors`, `crawler.extraction.region` and `crawler.extraction.assembly`. Old
layouts stay beside new ones, so that old captures can be read again.
"""

from __future__ import annotations

from typing import Protocol

from archive.schema import Reading
from crawler.extraction.listings import Listing
from crawler.extraction.page import Page
from crawler.platforms import (
    cap_nhat,
    dnn,
    drupal,
    generic,
    joomla,
    lacviet,
    liferay,
    nukeviet,
    sharepoint,
    tandan,
    thanhhoa_web,
    wordpress,
)


class Platform(Protocol):
    """A family of portals."""

    name: str
    version: str

    def recognise(self, page: Page) -> float:
        """How sure (0..1) the platform is that the page is its own."""

    def read_article(self, page: Page) -> Reading | None:
        """What the page is; None where it has nothing that the platform knows."""

    def read_listing(self, page: Page) -> Listing:
        """What the page lists, and where it goes on; empty where it lists nothing."""


PLATFORMS: tuple[Platform, ...] = (
    tandan,
    lacviet,
    nukeviet,
    liferay,
    wordpress,
    joomla,
    drupal,
    dnn,
    thanhhoa_web,
    cap_nhat,
    sharepoint,
    generic,
)
