"""Liferay, versions 6 and 7 (Hà Nội, Bắc Ninh, Đà Nẵng, districts of Hồ Chí Minh City …).

Articles ``/<page>/-/view_content/<id>-<slug>.html``, ``/-/asset_publisher/<id>/content/<slug>`` or
``/-/details/<group>/<slug>-<id>``: title ``.asset-full-content-title``, ``.assetPublishDate`` with a
clock of twelve hours (``12:00 AM`` means unknown), lead ``p.sapo``, text ``.journal-content-article``,
``p.view-content-author`` (often the account, "admin"), other news in ``.related_asset``. These names say
what the shared reading needs. An address that does not exist shows the list of its section.
"""

from __future__ import annotations

import re

from archive.schema import PageKind, Reading
from crawler.assembly import Reader
from crawler.page import Page
from crawler.platforms.generic import read_by_evidence

name = "liferay"
version = "1"

_READER = Reader(name, version)
_MARKUP = ("portlet-boundary", "Liferay.", "journal-content-article", "asset-full-content")
_ARTICLE_ADDRESS = re.compile(r"/-/(?:view_content|asset_publisher/\w+/content|details)/")


def recognise(page: Page) -> float:
    """By two of the names that the system writes into its pages."""
    found = sum(word in page.text for word in _MARKUP)
    return 0.85 if found >= 2 else 0.0


def read_article(page: Page) -> Reading | None:
    """The article. A page at an article's address that shows neither an article nor a list is
    UNREADABLE."""
    reading = read_by_evidence(page, _READER)
    if reading.kind is PageKind.OTHER and _ARTICLE_ADDRESS.search(page.url):
        return _READER.reading(PageKind.UNREADABLE, 0.7, "article-address")
    return reading
