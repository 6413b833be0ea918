"""From the items of a text to the fields of an article: paragraphs, tables, lead paragraph and byline;
pictures and files are taken out by `crawler.extraction.lines`."""

from __future__ import annotations

import re

from archive.vietnamese import fold
from crawler.extraction.blocks import Blocks, Item, Kind, Part
from crawler.extraction.bylines import is_byline, take_byline
from crawler.extraction.lines import (
    FILE_LABEL,
    SEE_HERE,
    Composition,
    Line,
    is_emphasised,
    is_set_apart,
    take_lines,
)
from crawler.extraction.marks import Mark
from crawler.links import resolve

_AUTHOR_LABEL = re.compile(
    r"(?:tác giả(?: bài viết)?|người viết|bút danh|author)\s?:\s?(?P<name>\S.*)", re.IGNORECASE
)
_ACCOUNT = re.compile(r"(?:super\s?)?(?:admin|user)|quan tri")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LONGEST_HEADING = 80
_WORDS_OF_AUTHOR = 16


def compose(
    blocks: Blocks,
    url: str,
    items: list[Item],
    *,
    title: str,
    summary_items: list[Item] | None = None,
    lead_is_summary: bool = False,
) -> Composition:
    """The fields of a text.

    ``summary_items`` are the items of the lead paragraph where the platform's markup names it.
    Otherwise the first paragraph is the summary if an element of its own says so by name, or if
    it alone is set in bold or italic; with ``lead_is_summary`` it is in any case (platforms that
    print the lead first and mark it by nothing but its place). A summary is not repeated in the
    paragraphs.
    """
    base = (resolve(url, blocks.base) if blocks.base else None) or url
    made = Composition()
    if summary_items:
        made.summary = " ".join(i.text for i in summary_items if i.kind is Kind.TEXT)
        taken = {i.index for i in summary_items if i.kind is Kind.TEXT}
        items = [i for i in items if i.index not in taken]
    lines = take_lines(made, blocks, base, items)
    lines = _without_headings_of_nothing(_without_heading(lines, title))
    if not made.summary:
        lines = _take_summary(made, lines, lead_is_summary)
    paragraphs = _paragraphs(blocks, lines)
    if made.summary and paragraphs and fold(paragraphs[0]) == fold(made.summary):
        paragraphs.pop(0)
    paragraphs = _without_notices(paragraphs, bool(made.attachments))
    made.author = _labelled_author(paragraphs)
    if made.author:
        made.paragraphs = paragraphs
        return made
    signed = {line.text for line in lines[-4:] if is_set_apart(line.item)}
    made.paragraphs, made.author = take_byline(paragraphs, signed)
    if not made.author:
        made.author = _named_author(items, made.paragraphs)
    return made


def _without_heading(lines: list[Line], title: str) -> list[Line]:
    """The lines without a repetition of the title at their beginning."""
    folded = fold(title)
    for count in range(1, min(3, len(lines)) + 1):
        if fold(" ".join(line.text for line in lines[:count])) == folded:
            return lines[count:]
    return lines


def _without_headings_of_nothing(lines: list[Line]) -> list[Line]:
    """The lines without headings at their end: they head what was left out, or is not there."""
    count = len(lines)
    while count > 1:
        line = lines[count - 1]
        if (
            line.item.part.tag not in _HEADINGS
            or len(line.text) > _LONGEST_HEADING
            or is_byline(line.text)
            or is_set_apart(line.item)
        ):
            break
        count -= 1
    return lines[:count]


def _take_summary(made: Composition, lines: list[Line], lead_is_summary: bool) -> list[Line]:
    if not lines:
        return lines
    first = lines[0].item
    marked = bool(first.marks & Mark.SAPO)
    holder: Part | None = first.part
    while not marked and holder is not None and holder.end - holder.start <= 6:
        if holder.marks & Mark.SAPO:
            marked = True
            break
        holder = holder.parent
    if marked:
        # All lines of the element that is named so.
        end = holder.end if holder is not None and holder.marks & Mark.SAPO else first.index + 1
        count = sum(1 for line in lines if line.item.index < end)
        if sum(len(line.text) for line in lines[:count]) <= 2500:
            made.summary = " ".join(line.text for line in lines[:count])
            return lines[count:]
        return lines
    if len(lines[0].text) < 40 or len(lines[0].text) > 1800:
        return lines
    if lead_is_summary and len(lines) > 1:
        made.summary = lines[0].text
        return lines[1:]
    if len(lines) > 1 and is_emphasised(lines[0].item) and not is_emphasised(lines[1].item):
        made.summary = lines[0].text
        return lines[1:]
    return lines


def _paragraphs(blocks: Blocks, lines: list[Line]) -> list[str]:
    """Lines of text, the cells of a row of a table of data joined by " | "."""
    paragraphs: list[str] = []
    row_of: Part | None = None
    cell_of: Part | None = None
    term: Part | None = None  # of a list of terms and what is said of them
    tables: dict[int, bool] = {}
    for line in lines:
        row, cell = _row(blocks, line.item.part, tables)
        part = line.item.part
        if part.tag == "dd" and term is not None and part.parent is term.parent:
            paragraphs[-1] = f"{paragraphs[-1].rstrip(' :')}: {line.text}"
            term = None
            continue
        term = part if part.tag == "dt" else None
        if row is not None and row is row_of:
            paragraphs[-1] += (" " if cell is cell_of else " | ") + line.text
        else:
            paragraphs.append(line.text)
        row_of, cell_of = row, cell
    return paragraphs


def _row(blocks: Blocks, part: Part, tables: dict[int, bool]) -> tuple[Part | None, Part | None]:
    cell = row = None
    current: Part | None = part
    while current is not None:
        if current.tag in ("td", "th"):
            cell = cell or current
        elif current.tag == "tr":
            row = row or current
        elif current.tag == "table":
            if id(current) not in tables:
                tables[id(current)] = _holds_data(blocks, current)
            return (row, cell) if row and cell and tables[id(current)] else (None, None)
        current = current.parent
    return None, None


def _holds_data(blocks: Blocks, table: Part) -> bool:
    """A table of data, not of layout: rows of several short cells, no table inside."""
    rows = [
        r for c in table.children for r in ([c] if c.tag == "tr" else c.children) if r.tag == "tr"
    ]
    wide = 0
    for row in rows:
        cells = [c for c in row.children if c.tag in ("td", "th") and c.end > c.start]
        for cell in cells:
            if blocks.chars(cell.start, cell.end) > 600 or cell.end - cell.start > 8:
                return False
            if any(child.tag == "table" for child in cell.children):
                return False
        if len(cells) > 1 and all(
            any(i.kind is Kind.TEXT for i in blocks.items[c.start : c.end]) for c in cells
        ):
            wide += 1
            if len(cells) > 2:
                wide += 1
    return wide >= 2


def _without_notices(paragraphs: list[str], attached: bool) -> list[str]:
    """Without "Xem chi tiết tại đây" and headings of lists of files."""
    return [
        text
        for text in paragraphs
        if not (len(text) < 60 and SEE_HERE.fullmatch(fold(text)))
        and not (attached and len(text) < 60 and FILE_LABEL.fullmatch(fold(text)))
    ]


def _labelled_author(paragraphs: list[str]) -> str:
    """The author whom a label at the end of the text names; the line is taken out."""
    for at in range(len(paragraphs) - 1, max(len(paragraphs) - 4, -1), -1):
        labelled = _AUTHOR_LABEL.match(paragraphs[at])
        if labelled and len(paragraphs[at]) <= 110:
            del paragraphs[at]
            return labelled["name"]
    return ""


def _named_author(items: list[Item], paragraphs: list[str]) -> str:
    """A byline that an element of its own names, where the last line of the text is none. The
    account that published ("admin") is nobody's byline."""
    for item in items[-4:]:
        if (
            item.kind is Kind.TEXT
            and (item.marks | item.part.around) & Mark.AUTHOR
            and len(item.text) <= 110
            and (item.text.count(" ") < _WORDS_OF_AUTHOR or is_byline(item.text))
            and paragraphs
            and paragraphs[-1] == item.text
        ):
            paragraphs.pop()
            return "" if _ACCOUNT.match(fold(item.text)) else item.text
    return ""
