"""Drupal 7 to 10: ``article.node`` or ``.node``, title ``#page-title`` or ``.page-title``, ``.field-name-body``.

The line "Gửi bởi <account> vào T4, 19/08/2020 - 08:08" (``.submitted``, ``.node__submitted``) names an
account and the time. Files are a table or list in a field of their own. ``/node/<id>`` and an alias
made from the title are the same page. Further pages are ``?page=N``, counted from 0.
"""

from __future__ import annotations

import re

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.templates import Template
from crawler.platforms.generic import read_by_names

name = "drupal"
version = "2"

_READER = Reader(name, version)
_ARTICLE_ADDRESS = re.compile(r"/node/\d+/?(?:$|[?#])")
_NODE = re.compile(rb"node-type-|node--type-|page-node-\d|\bid=\"node-\d")
_TEMPLATE = Template(
    titles=("page-title", "page-header", "node__title", "node-title"),
    bodies=("field-name-body", "field--name-body", "node__content", "content"),
    dates=("submitted", "node__submitted", "node__meta", "field-name-post-date"),
)


def recognise(page: Page) -> float:
    """By the name that it states, or by the folder of its files and scripts."""
    if page.mentions_early("rupal") and page.mentions(
        "Drupal.settings", "drupal-settings-json", "drupal.org"
    ):
        return 0.85
    return 0.8 if page.mentions_early("/sites/default/files/", "/sites/all/") else 0.0


def read_article(page: Page) -> Reading | None:
    """The node: only a page that says it shows one is read by names; views are lists."""
    named = _NODE.search(page.body)
    return read_by_names(page, _READER, _ARTICLE_ADDRESS, _TEMPLATE if named else None)


def read_listing(page: Page) -> Listing:
    """The rows of a view."""
    return find_entries(page)
