"""Any portal, known or not: reads by what is printed where, and uses names only as evidence.

Whether a page without a date of its own is an article: it is, where a heading that the address or
the head of the page confirms stands above running text. Portals keep their history of the district
and the duties of its offices on such pages, and nobody else does. A page without running text
needs a date of its own or a document: else it is a menu, a form or an empty section.
"""

from __future__ import annotations

import re

from archive.schema import PageKind, Reading
from archive.vietnamese import fold
from crawler.extraction.anchors import Anchors, Dates, Title
from crawler.extraction.assembly import Reader, assemble
from crawler.extraction.blocks import Blocks, Kind
from crawler.extraction.categories import find_category
from crawler.extraction.date_lines import Dated
from crawler.extraction.dates import LAST_YEAR, label_role
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.page_head import confirms_date
from crawler.extraction.page_kinds import (
    is_section_stub,
    is_table_of_documents,
    kind_without_article,
)
from crawler.extraction.region import Region, gather
from crawler.extraction.templates import Template, read_by_template

name = "generic"
version = "3"

_READER = Reader(name, version)
_UNDATED_PROSE = 400  # characters
_TEASER = 500  # characters; leads in lists are shorter
_SAME = 0.85  # likeness of title and address
_LONG_SLUG = 7  # words
_UNFINISHED = re.compile(r"dang (?:duoc )?(?:cap nhat|xay dung|hoan thien)")
_LIKELY = 3.5  # score of a title that stands without a text


def recognise(page: Page) -> float:
    """Every page, but after all others."""
    return 0.1


def read_article(page: Page) -> Reading:
    """The reading of any HTML page."""
    return read_by_evidence(page, _READER)


def read_listing(page: Page) -> Listing:
    """The listing on any page."""
    return find_entries(page)


def read_by_evidence(page: Page, reader: Reader, *, lead_is_summary: bool = False) -> Reading:
    """Reads a page by evidence alone, for a platform that is known by its printed text only.

    ``lead_is_summary``: see `crawler.extraction.composition.compose`.
    """
    anchors = Anchors(page, page.blocks, LAST_YEAR)
    title = anchors.find_title()
    title = title or anchors.title_in_head()
    if title is None:
        return _no_article(reader, page, anchors)
    dates = anchors.find_dates(title)
    region = gather(page.blocks, anchors, title.end, title.part)
    if dates.published is None and region.items:
        dates = anchors.date_below(title, region.items[-1].index)
    elif dates.updated is None and region.items:
        dates = anchors.with_update_below(dates, title, region.items[-1].index)
    if is_table_of_documents(page.blocks, region):
        return reader.reading(PageKind.LISTING, 0.7, "table-of-documents")
    if not _is_article(anchors, title, dates, region):
        return _no_article(reader, page, anchors)
    category = find_category(anchors, title, dates)
    if is_section_stub(page.blocks, title, category, region):
        return reader.reading(PageKind.OTHER, 0.6, "section-stub")
    return assemble(
        reader,
        page,
        anchors,
        title,
        dates,
        region,
        category=category,
        lead_is_summary=lead_is_summary,
        confidence=_confidence(page.blocks, title, dates, region),
    )


def read_by_names(
    page: Page,
    reader: Reader,
    article_address: re.Pattern[str],
    template: Template | None = None,
) -> Reading:
    """Reads a page by the names of its elements where it has those of ``template``, else by evidence.
    A page at the address of an article that shows neither an article nor a list is UNREADABLE."""
    reading = None
    if template is not None:
        reading = read_by_template(page, page.blocks, reader, template)
    if reading is None:
        reading = read_by_evidence(page, reader)
    if reading.kind is PageKind.OTHER and article_address.search(page.url):
        return reader.reading(PageKind.UNREADABLE, 0.7, "article-address")
    return reading


def _is_article(anchors: Anchors, title: Title, dates: Dates, region: Region) -> bool:
    # Headline, lead, "read on", headline, lead: a list of news.
    if region.teasers > 1 or (region.teasers == 1 and region.prose < _TEASER):
        return False
    if region.alternates:
        return False
    confirmed = title.likeness >= 0.5 or title.declared
    if dates.published is not None:
        if region.prose or region.files or region.chars >= 80:
            return True
        likely = confirmed or title.score >= _LIKELY
        if likely and (
            dates.published.label
            or region.stopped
            or any(item.kind is Kind.PICTURE and item.address for item in region.items)
        ):
            return True
        # Nothing but a heading and a bare date: the entry of a list looks like that, too.
        return (likely or title.heading) and (region.entries == 0 or region.chars >= 30)
    if region.entries_amid or not (confirmed or title.heading):
        return False
    if region.prose >= _UNDATED_PROSE or (confirmed and region.files > 0 and region.entries == 0):
        return True
    # A long address made from the title, and a line of text: no section is named so.
    return (
        title.likeness >= _SAME
        and len(anchors.slug) >= _LONG_SLUG
        and region.prose > 0
        and not any(_UNFINISHED.search(fold(item.text)) for item in region.items)
    )


def _no_article(reader: Reader, page: Page, anchors: Anchors) -> Reading:
    kind, notes = kind_without_article(page, anchors)
    if kind is not PageKind.LISTING and _claims_article(page):
        return reader.reading(PageKind.UNREADABLE, 0.5, "says-it-is-an-article")
    if 1 <= sum(_dates_an_article(anchors, dated) for dated in anchors.dated.values()) <= 2:
        return reader.reading(PageKind.UNREADABLE, 0.5, "date-without-article")
    return reader.reading(kind, 0.7, *notes)


def _claims_article(page: Page) -> bool:
    """The head of the page says that it is one article."""
    heads = page.blocks.heads
    return heads.get("og:type", "").lower() == "article" or any(
        '"NewsArticle"' in script for script in page.blocks.linked_data
    )


def _dates_an_article(anchors: Anchors, dated: Dated) -> bool:
    """Whether it says "Đăng lúc: …" and no headline of a list stands near it."""
    near = anchors.blocks.items[max(dated.index - 3, 0) : dated.index + 3]
    return any(label_role(printed.label) == "published" for printed in dated.dates) and not any(
        anchors.leads_elsewhere(item, 7) for item in near if item.kind is Kind.TEXT
    )


def _confidence(blocks: Blocks, title: Title, dates: Dates, region: Region) -> float:
    sure = 0.35
    if dates.published is not None:
        sure += 0.25 if dates.published.label else 0.15
        if confirms_date(blocks, dates.published.value):
            sure += 0.1
    if title.likeness >= 0.6:
        sure += 0.2
    elif title.declared or title.heading:
        sure += 0.12
    if region.prose >= 200:
        sure += 0.15
    elif region.files:
        sure += 0.1
    if region.stopped:
        sure += 0.04
    return min(sure, 0.99)
