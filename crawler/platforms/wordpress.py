"""WordPress: ``article#post-<id>`` with ``h1.entry-title``, ``.entry-content``, ``time.entry-date``.

Themes differ in everything but these names, which core's own themes set. ``time.published`` and
``time.updated`` stand side by side, the second hidden by the style sheet; the first is the date. Lists
repeat the same names, with the headline linked. Further pages are ``/page/2/``.
"""

from __future__ import annotations

from archive.schema import Reading
from crawler.extraction.assembly import Reader
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.templates import Template, read_by_template
from crawler.platforms.generic import read_by_evidence

name = "wordpress"
version = "2"

_READER = Reader(name, version)
_TEMPLATE = Template(
    titles=("entry-title", "wp-block-post-title", "post-title"),
    bodies=("entry-content", "wp-block-post-content", "post-content"),
    dates=("published", "entry-date", "posted-on", "wp-block-post-date", "post-date"),
    categories=("cat-links", "wp-block-post-terms"),
)
_HEADLINES = ("entry-title", "wp-block-post-title")


def recognise(page: Page) -> float:
    """By the folders that every page loads its styles from."""
    return 0.85 if page.mentions_early("/wp-content/", "wp-block-") else 0.0


def read_article(page: Page) -> Reading | None:
    """The article, by the names of the theme where they lead to one, else by evidence."""
    reading = read_by_template(page, page.blocks, _READER, _TEMPLATE)
    return reading or read_by_evidence(page, _READER)


def read_listing(page: Page) -> Listing:
    """The posts of an archive page."""
    return find_entries(page, headlines=_HEADLINES)
