"""SharePoint 2010 with the web parts of Lạc Việt: the districts and departments of Đắk Nông.

Live form (dakglong, gianghia, 2013-2019) and the static rebuild of 2019 (krongno, with ``/slug``
addresses). Both print the post in ``#tableforprint``: ``p.Title``, lead ``b.lv_description_mode1``,
text ``div[class^=ExternalClass]``; section and date stand above it, the date in ``td.Time`` as
``07/06/2019``, ``thứ sáu, 28 06 2019 16:08`` or ``(25.04.2019 14:04)``. In the rebuild the lead is
a ``p.sapo``, and broken nesting puts the list "TIN ĐÃ ĐƯA" inside the element of the text.
"""

from __future__ import annotations

from archive.schema import PageKind, Reading
from crawler.extraction.anchors import Anchors, Dates
from crawler.extraction.assembly import Reader, assemble
from crawler.extraction.blocks import Blocks, Kind, Part, innermost_around
from crawler.extraction.dates import LAST_YEAR, date_line
from crawler.extraction.listings import Listing, find_entries
from crawler.extraction.page import Page
from crawler.extraction.page_kinds import is_section_stub
from crawler.extraction.region import gather
from crawler.extraction.walk import read_blocks

name = "lacviet"
version = "3"

_READER = Reader(name, version)
_VENDOR = ("LacVietBio", "lv_description_mode1", "ms-WPBody")


def recognise(page: Page) -> float:
    """Posts only: other pages of the family have nothing that generic reading would miss."""
    if page.mentions("tableforprint") and page.mentions(*_VENDOR):
        return 0.95
    return 0.0


def read_article(page: Page) -> Reading | None:
    """The post; UNREADABLE where its frame is there and the title is not."""
    element = next((e for e in page.tree.iter("table") if e.get("id") == "tableforprint"), None)
    if element is None:
        return None
    times = (cell for cell in page.tree.iter("td") if cell.get("class") == "Time")
    frame = innermost_around(element, times)
    blocks = page.blocks if frame is None else read_blocks(frame)
    post = next(blocks.named("tableforprint"), None)
    if post is None:  # hidden
        return None
    anchors = Anchors(page, blocks, LAST_YEAR)
    heading = next((p for p in blocks.named("Title") if _inside(p, post)), None)
    title = anchors.title_at(heading) if heading is not None else None
    if title is None:
        # A page of the live form whose post was deleted, or may not be seen, keeps the frame.
        return _READER.reading(PageKind.UNREADABLE, 0.8, "post-without-title")
    dates = _dates(blocks, post)
    summary = next(
        (p for p in blocks.named("lv_description_mode1") if blocks.text_of(p)),
        None,
    )
    region = gather(blocks, anchors, title.end, title.part)
    # The picture of the post may stand between the date and the frame (dakglong).
    first = max(dates.indexes, default=title.start)
    region.items[:0] = [i for i in blocks.items[first : title.start] if i.kind is Kind.PICTURE]
    category = _category(blocks, post)
    if is_section_stub(blocks, title, category, region):
        return _READER.reading(PageKind.OTHER, 0.8, "section-stub")
    return assemble(
        _READER,
        page,
        anchors,
        title,
        dates,
        region,
        category=category,
        summary_items=[i for i in blocks.items[summary.start : summary.end] if i.kind is Kind.TEXT]
        if summary is not None
        else None,
        confidence=0.97 if dates.published is not None else 0.8,
    )


def _inside(part: Part, post: Part) -> bool:
    """Broken nesting may close the table before its own title: the title then follows at once."""
    return post.start <= part.start <= post.end


def _heading_cells(blocks: Blocks, post: Part) -> tuple[Part | None, Part | None]:
    """The cells of section and date above the post."""
    time = None
    for part in blocks.named("Time"):
        if part.start <= post.start:
            time = part
    if time is None:
        return None, None
    folder = None
    if time.parent is not None:
        for sibling in time.parent.children:
            if sibling is time:
                break
            if sibling.end > sibling.start:
                folder = sibling
    return folder, time


def _dates(blocks: Blocks, post: Part) -> Dates:
    _, time = _heading_cells(blocks, post)
    if time is None:
        return Dates()
    printed = date_line(blocks.text_of(time), last_year=LAST_YEAR)
    return Dates(printed, None, tuple(range(time.start, time.end))) if printed else Dates()


def _category(blocks: Blocks, post: Part) -> tuple[str, ...]:
    folder, _ = _heading_cells(blocks, post)
    text = blocks.text_of(folder) if folder is not None else ""
    return (text,) if text else ()


def read_listing(page: Page) -> Listing:
    """The entries of a section: ``li a`` with the date in ``span.ShowDate``. Further pages are had
    by key (``AllPosts.aspx?CategoryId=9&PublishedDate=…``)."""
    return find_entries(page)
