"""The Tân Dân portal on SharePoint (Thanh Hóa, Nam Định, Điện Biên, Ninh Thuận …).

Title ``.tandan-p-article-news-title``, lead ``p.tandan-p-article-news-summary``, date
``.tandan-span-date-publish`` ("Đăng ngày …"), text ``div.ms-rtestate-field`` or, on the skin of Nam
Định, ``#art-content``; a newer generation (dbndthanhhoa) has ``div.article-content``. The element
``p.tandan-p-article-main`` seems to hold the text but does not: a parser closes it before the
``div``. Its name is therefore not used (seen on quangxuong.thanhhoa.gov.vn).
"""

from __future__ import annotations

import re

from lxml import etree

from archive.schema import PageKind, Reading
from crawler.anchors import Anchors, Dates, Title
from crawler.assembly import Reader, assemble
from crawler.blocks import Blocks, Kind, Part, first_match, read_blocks, smallest_around
from crawler.dates import LAST_YEAR, find_dates
from crawler.page import Page
from crawler.platforms.generic import read_by_evidence
from crawler.region import Region, gather, gather_within

name = "tandan"
version = "1"

_READER = Reader(name, version)
_MARKUP = ("tandan-p-", "tandan-span-", "tandan-div-")
_ARTICLE_ADDRESS = re.compile(r"/portal/pages/\d{4}-\d{1,2}-\d{1,2}/[^/?#]+", re.IGNORECASE)
_TITLES = ("tandan-p-article-news-title", "tandan-title-view")
_SUMMARIES = ("tandan-p-article-news-summary", "summary-news")
_DATES = ("tandan-span-date-publish", "tandan-date-view")
_BODIES = ("ms-rtestate-field", "art-content", "tandan-content-view", "article-content")
_FIND_TITLE = etree.XPath(
    " | ".join(
        f"//*[contains(concat(' ', @class, ' '), ' {name} ')][not(.//a)]" for name in _TITLES
    )
)
_FIND_BODY = etree.XPath(
    " | ".join(
        f".//*[contains(concat(' ', @class, ' ', @id, ' '), ' {name} ')]" for name in _BODIES
    )
)


def recognise(page: Page) -> float:
    """By the vendor's class names, or by the shape of an article's address."""
    if any(name in page.text for name in _MARKUP):
        return 0.9
    return 0.6 if _ARTICLE_ADDRESS.search(page.url) else 0.0


def read_article(page: Page) -> Reading | None:
    """The article. Without the anchors of the template the page is read by evidence; an address
    of an article that gives none is UNREADABLE."""
    element = first_match(_FIND_TITLE, page.tree)
    if element is not None:
        blocks = read_blocks(smallest_around(element, _FIND_BODY))
    else:
        blocks = page.blocks
    anchors = Anchors(page, blocks, LAST_YEAR)
    title = _title(anchors, blocks)
    if title is None:
        reading = read_by_evidence(page, _READER)
        if reading.article is None and _ARTICLE_ADDRESS.search(page.url):
            return _READER.reading(PageKind.UNREADABLE, 0.8, "article-address")
        return reading
    dates = _dates(anchors, blocks, title)
    summary = next((p for p in blocks.named(*_SUMMARIES) if blocks.text_of(p)), None)
    region = _text(anchors, blocks, title)
    return assemble(
        _READER,
        page,
        anchors,
        title,
        dates,
        region,
        summary_items=[i for i in blocks.items[summary.start : summary.end] if i.kind is Kind.TEXT]
        if summary is not None
        else None,
        confidence=0.97 if dates.published is not None else 0.8,
    )


def _title(anchors: Anchors, blocks: Blocks) -> Title | None:
    """The heading of the article; the same class names headlines in lists, there with a link."""
    found = [p for p in blocks.named(*_TITLES) if blocks.text_of(p)]
    plain = [
        p
        for p in found
        if not any(
            anchors.leads_elsewhere(i, 4) for i in blocks.items[p.start : max(p.end, p.start + 1)]
        )
    ]
    return anchors.title_at(plain[0]) if len(plain) == 1 else None


def _dates(anchors: Anchors, blocks: Blocks, title: Title) -> Dates:
    for part in blocks.named(*_DATES):
        printed = find_dates(blocks.text_of(part), last_year=LAST_YEAR)
        if printed:
            at = tuple(range(part.start, max(part.end, part.start + 1)))
            return Dates(printed[0], None, at)
    return anchors.find_dates(title)


def _text(anchors: Anchors, blocks: Blocks, title: Title) -> Region:
    best: Part | None = None
    for part in blocks.named(*_BODIES):
        if part.start >= title.end and part.end > part.start:
            size = blocks.chars(part.start, part.end)
            if best is None or size > blocks.chars(best.start, best.end):
                best = part
    around = gather(blocks, anchors, title.end, title.part)  # with the files beside the text
    if best is None:
        return around
    found = sum(len(i.text) for i in around.items if best.start <= i.index < best.end)
    if found * 2 >= blocks.chars(best.start, best.end):
        return around
    return gather_within(blocks, anchors, best)
