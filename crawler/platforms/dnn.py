"""DotNetNuke (DNN): ``/Default.aspx?tabid=119``, ``/tabid/119/…/Default.aspx``, or plain paths.

The shell is known, ``__dnnVariable`` and ids ``dnn_ctr<module>_…``; the news module differs from vendor
to vendor. So the page is read by what is printed. The title of a module (``…_titleLabel``) is the name
of a section. Further pages are had by posting the form (Telerik's ``.rgPageNext``).
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.platforms.generic import read_by_names

name = "dnn"
version = "2"

_READER = Reader(name, version)
_ARTICLE_ADDRESS = re.compile(
    r"[?&/](?:articleid|newsid|itemid|postid)[=/]\d|/articletype/articleview/", re.IGNORECASE
)


def recognise(page: Page) -> float:
    """By the hidden field and the ids of its shell."""
    return 0.85 if page.mentions_early("dnn") and page.mentions("__dnnVariable", "dnn_ctr") else 0.0


def read_article(page: Page) -> Reading | None:
    """The article. A page at an article's address that shows neither an article nor a list is
    UNREADABLE."""
    return read_by_names(page, _READER, _ARTICLE_ADDRESS)


def read_listing(page: Page) -> Listing:
    """The entries of a section."""
    return find_entries(page)
