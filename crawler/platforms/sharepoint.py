"""SharePoint portals in other skins than Tân Dân and Lạc Việt: Quảng Ninh, Đồng Nai, ministries.

Addresses of articles: ``/donvi/<unit>/Trang/ChiTietTinTuc.aspx?nid=2906`` (Quảng Ninh),
``/Pages/newsdetail.aspx?NewsId=5086&CatId=104`` in either order (Đồng Nai, where a wrong CatId shows
an empty page or another article). Two skins of ministries name their parts: ``divArticleDescription3``
(title), ``…1`` (lead), ``…2`` (text), ``…_pnHide`` (date), and ``news-title``, ``news-des``,
``news-detail``. The number of the web part stands before each id, so ids are known by their end.
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.templates import Template
from crawler.platforms.generic import read_by_names

name = "sharepoint"
version = "2"

_READER = Reader(name, version)
_MARKUP = ("_spPageContextInfo", "__REQUESTDIGEST", "PlaceHolderMain")
_ARTICLE_ADDRESS = re.compile(
    r"/trang/chitiet\w+\.aspx\?(?:.*&)?\w*id=\d|/pages/newsdetail\.aspx\?(?:.*&)?newsid=\d",
    re.IGNORECASE,
)
_TEMPLATE = Template(
    titles=("*divArticleDescription3", "news-title"),
    bodies=(
        "*divArticleDescription2",
        "*divArticleDescription",
        "news-detail",
        "ms-rtestate-field",
    ),
    dates=("*_pnHide", "news-date"),
    summaries=("*divArticleDescription1", "news-des"),
)


def recognise(page: Page) -> float:
    """By what SharePoint writes into every page, or by the shape of an article's address."""
    if page.mentions_early(*_MARKUP):
        return 0.75
    return 0.6 if _ARTICLE_ADDRESS.search(page.url) else 0.0


def read_article(page: Page) -> Reading | None:
    """The article. A page at an article's address that shows neither an article nor a list is
    UNREADABLE."""
    return read_by_names(page, _READER, _ARTICLE_ADDRESS, _TEMPLATE)


def read_listing(page: Page) -> Listing:
    """The entries of a section; Đồng Nai shows the ten newest only."""
    return find_entries(page)
