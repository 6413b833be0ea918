"""Joomla 3 to 5: ``.item-page`` with ``.page-header`` and ``[itemprop=articleBody]``.

Addresses ``/<menu>/<id>-<alias>`` or ``index.php?option=com_content&view=article&id=…``. Author, section,
dates and hits stand in ``dl.article-info`` (``.createdby``, ``.category-name``, ``.published``, ``.create``,
``.modified``, ``.hits``), often below the title, sometimes below the text. Further pages are
``?start=N``, counted in entries.
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.templates import Template
from crawler.platforms.generic import read_by_names

name = "joomla"
version = "2"

_READER = Reader(name, version)
_ARTICLE_ADDRESS = re.compile(r"[?&]view=article(?:&|$)", re.IGNORECASE)
_TEMPLATE = Template(
    titles=("page-header", "contentheading"),  # the second: Joomla 1.5
    bodies=("com-content-article__body", "articleBody", "item-page", "contentpaneopen"),
    dates=("published", "create", "createdate"),
    categories=("category-name",),
)


def recognise(page: Page) -> float:
    """By the name that it states, or the folders and names of its content component."""
    if page.mentions_early("Joomla!", "/media/jui/"):
        return 0.85
    return 0.8 if page.mentions_early("option=com_content", "com-content-") else 0.0


def read_article(page: Page) -> Reading | None:
    """The article: only a page with ``.item-page`` is one by its names."""
    named = page.mentions("item-page", "contentpaneopen")
    return read_by_names(page, _READER, _ARTICLE_ADDRESS, _TEMPLATE if named else None)


def read_listing(page: Page) -> Listing:
    """The entries of a category, as a blog or as a table."""
    return find_entries(page)
