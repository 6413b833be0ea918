"""NukeViet, common with departments and schools (binhphuoc.gov.vn, sxd.dongnai.gov.vn …).

News: ``/<lang>/<module>/<section>/<alias>-<id>.html`` in ``.news_column`` with schema.org marks:
``h1[itemprop=headline]``, lead ``.hometext``, text ``#news-bodyhtml``, below it author and source. The
hidden ``datePublished`` holds the time of the last edit, so only the printed date counts. The marks
are all that the shared reading needs.

Documents (module ``laws``): ``/<lang>/laws/detail/<alias>/``, title ``h1.lawh3``, a table of label and
value (``tr.hoatim``: number, date of issue, kind, signer …), files as ``?download=1&id=N``. A document is
an article whose text is that table; the date of issue is no date of the page, which prints none.

Lists link headlines in ``h2`` or ``h3``; further pages are ``/page-2/``.
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.templates import Template
from crawler.platforms.generic import read_by_names

name = "nukeviet"
version = "3"

_READER = Reader(name, version)
_TEXT = "news-bodyhtml"
_LAW = "lawh3"
_VENDOR = ("NukeViet", "nv_base_siteurl")
_ARTICLE_ADDRESS = re.compile(
    r"/[a-z0-9-]+-\d+\.html(?:$|[?#])|/laws/detail/[^/?#]+", re.IGNORECASE
)
_DOCUMENT = Template(titles=(_LAW,), bodies=("panel-body",))


def recognise(page: Page) -> float:
    """By the element of the text, or by what the system writes into every page."""
    if page.mentions(_TEXT, _LAW):
        return 0.9
    return 0.7 if page.mentions_early(*_VENDOR) else 0.0


def read_article(page: Page) -> Reading | None:
    """The article or document. A page at the address of one that shows neither it nor a list is
    UNREADABLE."""
    named = page.mentions(_LAW)
    return read_by_names(page, _READER, _ARTICLE_ADDRESS, _DOCUMENT if named else None)


def read_listing(page: Page) -> Listing:
    """The entries of a section, or of a list of documents."""
    return find_entries(page)
