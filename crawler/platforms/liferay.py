"""Liferay 6 and 7 (Hà Nội, Bắc Ninh, Đà Nẵng, districts of Hồ Chí Minh City …).

Articles ``/<page>/-/view_content/<id>-<slug>.html``, ``/-/asset_publisher/<id>/content/<slug>`` or
``/-/details/<group>/<slug>-<id>``: title ``.asset-full-content-title``, ``.assetPublishDate`` with a
clock of twelve hours (``12:00 AM`` means unknown), lead ``p.sapo``, text ``.journal-content-article``,
``p.view-content-author`` (often the account, "admin"), other news in ``.related_asset``. In version 7
portlets of many vendors print news, with names of their own, so the page is read by evidence there. An
address that does not exist shows the list of its section. Lists are ``.asset-abstract``; only
``_101_cur`` of the long query tells their pages apart.
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.platforms.generic import read_by_names

name = "liferay"
version = "3"

_READER = Reader(name, version)
_MARKUP = ("portlet-boundary", "Liferay.", "journal-content-article", "asset-full-content")
_ARTICLE_ADDRESS = re.compile(r"/-/(?:view_content|asset_publisher/\w+/content|details)/")


def recognise(page: Page) -> float:
    """By two of the names that the system writes into its pages."""
    if not page.mentions_early(*_MARKUP[:2]):
        return 0.0
    return 0.85 if sum(page.mentions(word) for word in _MARKUP) >= 2 else 0.0


def read_article(page: Page) -> Reading | None:
    """The article. A page at an article's address that shows neither an article nor a list is
    UNREADABLE."""
    return read_by_names(page, _READER, _ARTICLE_ADDRESS)


def read_listing(page: Page) -> Listing:
    """The entries of a section."""
    return find_entries(page, headlines=("asset-title",))
