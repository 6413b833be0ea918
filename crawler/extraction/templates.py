"""Reading by the names that a platform's template gives to the parts of an article.

Names lead to the parts, evidence fills what they leave open: a date that stands elsewhere, files
beside the text, a text that broken markup has pushed out of its element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive.schema import Reading
from crawler.extraction.anchors import Anchors, Dates, Title
from crawler.extraction.assembly import Reader, assemble
from crawler.extraction.blocks import Blocks, Item, Kind, Part
from crawler.extraction.dates import LAST_YEAR, find_dates
from crawler.extraction.page import Page
from crawler.extraction.region import Region, gather, gather_within


@dataclass(frozen=True, slots=True)
class Template:
    """Names of elements: a class or an id, or with a leading ``*`` the end of an id, since SharePoint
    puts the number of a web part before it. The first that is there counts."""

    titles: tuple[str, ...]
    bodies: tuple[str, ...]
    dates: tuple[str, ...] = ()
    summaries: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    lead_is_summary: bool = False


def read_by_template(
    page: Page, blocks: Blocks, reader: Reader, template: Template
) -> Reading | None:
    """The article; None where the page shows no title of the template, several (a list), or nothing
    below it."""
    anchors = Anchors(page, blocks, LAST_YEAR)
    title = _title(anchors, template.titles)
    if title is None:
        return None
    dates = _dates(anchors, title, template.dates)
    region = _text(anchors, title, template.bodies)
    if dates.published is None and region.items:
        dates = anchors.date_below(title, region.items[-1].index)
    elif dates.updated is None and region.items:
        dates = anchors.with_update_below(dates, title, region.items[-1].index)
    if dates.published is None and not (region.prose or region.files):
        return None
    if region.alternates:
        return None
    return assemble(
        reader,
        page,
        anchors,
        title,
        dates,
        region,
        category=_category(blocks, template.categories),
        summary_items=_summary(blocks, title, template.summaries),
        lead_is_summary=template.lead_is_summary,
        confidence=0.97 if dates.published is not None else 0.8,
    )


def named(blocks: Blocks, names: tuple[str, ...]) -> Iterator[Part]:
    """Parts by the names of a template, in the order of the names, then of the page."""
    for name in names:
        if name.startswith("*"):
            yield from (
                part
                for part in blocks.parts
                if part.name and any(word.endswith(name[1:]) for word in part.name.split())
            )
        else:
            yield from blocks.named(name)


def _title(anchors: Anchors, names: tuple[str, ...]) -> Title | None:
    """The heading of the article; the same names head the entries of lists, there with a link."""
    blocks = anchors.blocks
    for name in names:
        plain = [
            part
            for part in named(blocks, (name,))
            if blocks.text_of(part)
            and not any(
                anchors.leads_elsewhere(item, 4)
                for item in blocks.items[part.start : max(part.end, part.start + 1)]
            )
        ]
        if len({blocks.text_of(part) for part in plain}) == 1:
            return anchors.title_at(plain[0])
    return None


def _dates(anchors: Anchors, title: Title, names: tuple[str, ...]) -> Dates:
    blocks = anchors.blocks
    for part in named(blocks, names):
        at = tuple(range(part.start, max(part.end, part.start + 1)))
        if any(anchors.says_other(index) for index in at if index in anchors.dated):
            continue
        printed = find_dates(blocks.text_of(part), last_year=LAST_YEAR)
        if printed:
            beside = anchors.find_dates(title)
            updated = beside.updated if beside.updated != printed[0] else None
            return Dates(printed[0], updated, tuple(sorted({*at, *beside.indexes})))
    return anchors.find_dates(title)


def _text(anchors: Anchors, title: Title, names: tuple[str, ...]) -> Region:
    blocks = anchors.blocks
    best: Part | None = None
    for part in named(blocks, names):
        larger = best is None or blocks.chars(part.start, part.end) > blocks.chars(
            best.start, best.end
        )
        if part.start >= title.end and part.end > part.start and larger:
            best = part
    around = gather(blocks, anchors, title.end, title.part)  # with the files beside the text
    if best is None:
        return around
    found = sum(len(item.text) for item in around.items if best.start <= item.index < best.end)
    if found * 2 >= blocks.chars(best.start, best.end):
        return around
    return gather_within(blocks, anchors, best)


def _summary(blocks: Blocks, title: Title, names: tuple[str, ...]) -> list[Item] | None:
    for part in named(blocks, names):
        lines = [i for i in blocks.items[part.start : part.end] if i.kind is Kind.TEXT]
        if lines and part.start >= title.end:
            return lines
    return None


def _category(blocks: Blocks, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The section that the template names: the labels of its links, or its text."""
    for part in named(blocks, names):
        labels = [
            label
            for item in blocks.items[part.start : max(part.end, part.start + 1)]
            for _, label in item.links
        ]
        text = blocks.text_of(part).strip(" :»|-")
        if labels or 2 < len(text) <= 90:
            return tuple(dict.fromkeys(labels)) or (text,)
    return None
