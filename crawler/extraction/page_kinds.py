"""What a page is when it is not an article."""

from __future__ import annotations

import re

from archive.schema import PageKind
from archive.vietnamese import fold
from crawler.extraction.anchors import Anchors, Title
from crawler.extraction.blocks import Blocks, Item, Kind
from crawler.extraction.dates import find_dates
from crawler.extraction.marks import CHROME, Mark
from crawler.extraction.page import Page
from crawler.extraction.region import Region

_NOT_FOUND = re.compile(
    r"\b404\b.{0,40}\b(?:not found|error|loi)|not found page|page (?:was )?not found|(?:error|loi)\s?:?\s?404"
    r"|khong (?:tim thay|ton tai) (?:trang|bai viet|noi dung|duong dan|du lieu|tin)"
    r"|(?:trang|bai viet|noi dung|duong dan|tin)(?: \w+){0,6} (?:khong ton tai|khong con ton tai|da bi xoa|khong tim thay|khong duoc tim thay)"
    r"|(?:the )?(?:page|resource|file)(?: \w+){0,6} (?:cannot be found|does not exist|could not be found|doesn't exist)"
)
_ENTRY = 4  # items of one entry of a list
_SHORT_PAGE = 400  # characters of text without menus


def says_not_found(blocks: Blocks) -> bool:
    """A page that says "not found", whatever its status: a short text, or a heading of its own."""
    document_title = fold(blocks.heads.get("title", ""))
    if _NOT_FOUND.search(document_title) or re.fullmatch(
        r"\W*(?:loi |error )?404\W*", document_title
    ):
        return True
    spoken = [
        item
        for item in blocks.items
        if item.kind is Kind.TEXT and not item.is_link and not item.part.around & CHROME
    ]
    if sum(len(item.text) for item in spoken) <= _SHORT_PAGE:
        return _NOT_FOUND.search(fold(" ".join(item.text for item in spoken))) is not None
    return any(
        _NOT_FOUND.search(fold(item.text))
        for item in spoken
        if len(item.text) <= 160 and (item.part.tag in ("h1", "h2", "h3") or item.part.bold)
    )


def kind_without_article(page: Page, anchors: Anchors) -> tuple[PageKind, tuple[str, ...]]:
    """LISTING where linked headlines stand in the middle of the page, with or without dates;
    else OTHER."""
    blocks = anchors.blocks
    if not any(item.kind is Kind.TEXT for item in blocks.items):
        return PageKind.OTHER, ("empty",)
    headlines = 0
    dated = 0
    leads = 0  # headlines with running text below
    for item in blocks.items:
        if item.kind is not Kind.TEXT or not item.links or not anchors.leads_elsewhere(item, 4):
            continue
        if item.part.around & (Mark.NAVIGATION | Mark.FOOTER):
            continue
        headlines += anchors.leads_elsewhere(item)
        following = blocks.items[item.index + 1 : item.index + 2]
        leads += anchors.leads_elsewhere(item) and any(other.is_prose for other in following)
        near = blocks.items[max(item.index - 1, 0) : item.index + 3]
        dated += any(_dates_entry(anchors, other, item) for other in near)
    if dated or headlines >= 5 or leads >= 2 or _has_document_columns(blocks.items):
        return PageKind.LISTING, ()
    return PageKind.OTHER, ()


def _dates_entry(anchors: Anchors, near: Item, entry: Item) -> bool:
    """Whether a line beside a link dates what it leads to. The clock of the page, a date with its
    weekday, stands above the first link of a menu."""
    dates = find_dates(near.text[:120]) if near.kind is Kind.TEXT else ()
    if not dates:
        return near.index in anchors.dated
    if near.index >= entry.index or dates[0].weekday_agrees is None:
        return True
    together = anchors.blocks.common(near.part, entry.part)
    return together.end - together.start <= _ENTRY


_COLUMNS = re.compile(
    r"(?:so(?: ky)? hieu(?: van ban)?|so/ky hieu|ky hieu|co quan ban hanh|hinh thuc(?: van ban)?|loai van ban"
    r"|linh vuc|trich yeu(?: noi dung)?|ngay ban hanh|ngay hieu luc|ngay co hieu luc|nguoi ky|tai ve"
    r"|file dinh kem|tep dinh kem|dinh kem|ten van ban|ten thu tuc|ma thu tuc|stt|tt|van ban)\W*"
)


def is_table_of_documents(blocks: Blocks, region: Region) -> bool:
    """A list of legal documents: a row of column headings, and no running text around it."""
    return region.prose <= 300 and _has_document_columns(region.items)


def _has_document_columns(items: list[Item]) -> bool:
    rows: dict[int, int] = {}
    for item in items:
        if item.kind is Kind.TEXT and len(item.text) <= 40 and _COLUMNS.fullmatch(fold(item.text)):
            part = item.part if item.part.tag in ("td", "th") else item.part.parent
            if part is not None and part.tag in ("td", "th") and part.parent is not None:
                rows[id(part.parent)] = rows.get(id(part.parent), 0) + 1
    return max(rows.values(), default=0) >= 3


def is_section_stub(
    blocks: Blocks, title: Title, category: tuple[str, ...], region: Region
) -> bool:
    """The empty page of a section: titled with the name of its section, and nothing to read."""
    if (
        region.prose
        or region.files
        or any(i.kind is not Kind.TEXT and i.address for i in region.items)
    ):
        return False
    if region.chars >= 80:
        return False
    name = title.text.lower()
    near = blocks.items[max(0, title.start - 3) : title.start] + blocks.items[title.end :][:3]
    return name in map(str.lower, category) or any(
        item.kind is Kind.TEXT and item.text.lower() == name for item in near
    )
