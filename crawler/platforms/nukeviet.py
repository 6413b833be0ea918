"""NukeViet, common with departments and schools (binhphuoc.gov.vn, sxd.dongnai.gov.vn …).

Articles ``/<lang>/<module>/<section>/<alias>-<id>.html`` in ``.news_column`` with schema.org marks:
``h1[itemprop=headline]``, lead ``.hometext``, text ``#news-bodyhtml``, below it author and source. The
hidden ``datePublished`` holds the time of the last edit, so only the printed date counts. The marks
are all that the shared reading needs.
"""

from __future__ import annotations

import re

from archive.schema import PageKind, Reading
from crawler.assembly import Reader
from crawler.page import Page
from crawler.platforms.generic import read_by_evidence

name = "nukeviet"
version = "1"

_READER = Reader(name, version)
_TEXT = "news-bodyhtml"
_VENDOR = ("NukeViet", "nv_is_user", "nv_base_siteurl", "nv_module_name")
_ARTICLE_ADDRESS = re.compile(r"/[a-z0-9-]+-\d+\.html(?:$|[?#])", re.IGNORECASE)


def recognise(page: Page) -> float:
    """By the element of the text, or by what the system writes into every page."""
    if _TEXT in page.text:
        return 0.9
    return 0.7 if any(word in page.text for word in _VENDOR) else 0.0


def read_article(page: Page) -> Reading | None:
    """The article. A page at an article's address that shows neither an article nor a list is
    UNREADABLE."""
    reading = read_by_evidence(page, _READER)
    if reading.kind is PageKind.OTHER and _ARTICLE_ADDRESS.search(page.url):
        return _READER.reading(PageKind.UNREADABLE, 0.7, "article-address")
    return reading
