"""From the items of a text to the fields of an article: paragraphs, tables, pictures, captions,
attachments, lead paragraph and byline."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Set
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from archive.schema import Attachment, Image
from archive.vietnamese import fold
from crawler.extraction.appearance import Side
from crawler.extraction.attachments import is_document
from crawler.extraction.blocks import Blocks, Item, Kind, Part
from crawler.extraction.bylines import (
    cut_furniture,
    is_byline,
    is_furniture_line,
    is_stop_line,
    take_byline,
)
from crawler.extraction.captions import caption_text, is_caption, is_image_name, pair_caption
from crawler.extraction.marks import Mark
from crawler.links import resolve

_PICTURE_NAME = re.compile(r"\.(?:jpe?g|jfif|png|gif|bmp|webp|tiff?|svg)$", re.IGNORECASE)
# Decoration that every page of a portal carries.
_DECORATION = re.compile(
    r"(?:^|/)(?:spacer|blank|pixel|icon|ico[-_]|icons?/|bullet|arrow|btn|button|logo|banner|loading"
    r"|print|share|facebook|zalo|twitter|email|rss|star|rating|new|xemtiep|fgimg|trans|dot|line|no-?image|file[-_]?icon|application-)"
    r"[^/]*$|/(?:word|docx?|excel|xlsx?|pdf|zip|rar|attach\w*|download|dinh-?kem)\d?\.(?:gif|png|svg|ico)$|/_layouts/|/(?:icons?|smil(?:ey|ies)|emoticons?|imageads)/",
    re.IGNORECASE,
)
_SHARE = re.compile(r"sharer|/share\b|[?&]u(?:rl)?=http|twitter\.com/intent|sp\.zalo\.me|^mailto:")
_VIEWER = re.compile(r"(?:[?&](?:url|file|src)=)(https?[^&]+|/[^&]+)", re.IGNORECASE)
_SEE_HERE = re.compile(
    r"\W*(?:xem(?: noi dung)? chi tiet|xem(?: toan van)?|tai ve|tai file|download|chi tiet)?"
    r"(?:\s?(?:noi dung|van ban|file|tap tin))?\s?(?:tai\s)?(?:day|file|tai day)\W*"
)
_FILE_LABEL = re.compile(
    r"\W*(?:(?:file|tap tin|tep|tai lieu|van ban) (?:dinh kem|kem theo)|dinh kem|tai ve|tai file|download)"
    r"(?:\s?\(\d+\))?\W*"
)
_SIZE = re.compile(r"\(?\d[\d.,]*\s?(?:bytes|[kmg]?b)\)?(?!\w)", re.IGNORECASE)
_FILE_CELL = re.compile(
    r"\W*|\(?\d[\d.,]*\s?(?:bytes|[kmg]?b)\)?|\d{1,4}\W?"
    r"|\W*(?:(?:ten )?(?:file|tap tin|tep|tep tin|tai lieu|attachment)|(?:file|tap tin|tep|tai lieu) dinh kem|dinh kem"
    r"|kich thuoc|dung luong|size|stt|tt|so lan tai|luot tai|tai ve|tai xuong|download|loai(?: file)?|ngay(?: tao| dang)?)\W*"
)
_AUTHOR_LABEL = re.compile(
    r"(?:tác giả(?: bài viết)?|người viết|bút danh|author)\s?:\s?(?P<name>\S.*)", re.IGNORECASE
)
_ACCOUNT = re.compile(r"(?:super\s?)?(?:admin|user)|quan tri")
_LONGEST_CAPTION = 300
_SOME_PICTURE = "picture.jpg"  # stands for the name of a picture without an alt
_MEDIA_TYPES = {  # not in every platform's table
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pdf": "application/pdf",
    ".rar": "application/vnd.rar",
    ".zip": "application/zip",
    ".7z": "application/x-7z-compressed",
    ".rtf": "application/rtf",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(slots=True)
class _Line:
    text: str
    item: Item


@dataclass(slots=True)
class Composition:
    """What the items of a text amount to."""

    paragraphs: list[str] = field(default_factory=list)
    summary: str = ""
    author: str = ""
    images: list[Image] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


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
    items = [item for at, item in enumerate(items) if not _is_leftover(base, items, at)]
    made = Composition()
    if summary_items:
        made.summary = " ".join(i.text for i in summary_items if i.kind is Kind.TEXT)
        taken = {i.index for i in summary_items if i.kind is Kind.TEXT}
        items = [i for i in items if i.index not in taken]
    lines = _lines(made, base, items, _lists_of_files(blocks, items))
    lines = _without_heading(lines, title)
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
    signed = {line.text for line in lines[-4:] if _is_set_apart(line.item)}
    made.paragraphs, made.author = take_byline(paragraphs, signed)
    if not made.author:
        made.author = _named_author(items, made.paragraphs)
    return made


def _is_leftover(base: str, items: list[Item], at: int) -> bool:
    """A picture that points to the editor's own disk, beside its copy on the portal: what a paste
    from Word leaves behind."""
    item = items[at]
    if item.kind is not Kind.PICTURE or resolve(base, item.address) is not None:
        return False
    return any(
        other.kind is Kind.PICTURE and other.part is item.part
        for other in (*items[max(at - 1, 0) : at], *items[at + 1 : at + 2])
    )


# -- pictures, files and lines of text ----------------------------------------------------------


def _lines(made: Composition, base: str, items: list[Item], passed: Set[int]) -> list[_Line]:
    """Lines of text without captions and file names; pictures and files go to ``made``. Of the
    items ``passed`` only the files are taken."""
    lines: list[_Line] = []
    seen: set[str] = set()
    known: set[str] = set()
    at = 0
    while at < len(items):
        item = items[at]
        at += 1
        if item.kind is Kind.FILE:
            _attach(made, known, base, item.address, item.text)
            continue
        if item.kind is Kind.PICTURE:
            at = _picture(made, seen, known, base, items, at, item)
            continue
        for reference, label in item.links:
            if is_document(reference):
                _attach(made, known, base, reference, _label(label, item, lines))
        if is_image_name(item.text):
            at = _named_picture(made, items, at, item)
            continue
        if item.index in passed or _is_list_of_files(item) or _is_row_of_tools(item):
            continue
        if _is_caption_of_lost_picture(item):
            continue
        text = cut_furniture(item.text)
        if text and not is_furniture_line(text):
            lines.append(_Line(text, item))
        if text != item.text:
            break  # a heading of what follows was glued to the line
    return lines


def _is_list_of_files(item: Item) -> bool:
    """A line that is nothing but names of attached documents, perhaps after "File đính kèm:"."""
    if not item.links or not all(is_document(reference) for reference, _ in item.links):
        return False
    rest = item.text
    for _, label in item.links:
        rest = rest.replace(label, "", 1)
    rest = _SIZE.sub("", rest)
    return not any(map(str.isalnum, rest)) or _FILE_LABEL.fullmatch(fold(rest)) is not None


def _lists_of_files(blocks: Blocks, items: list[Item]) -> set[int]:
    """The items of tables that do nothing but offer files: names, sizes, column headings."""
    passed: set[int] = set()
    seen: set[int] = set()
    for item in items:
        if not any(is_document(reference) for reference, _ in item.links):
            continue
        table: Part | None = item.part
        while table is not None and table.tag != "table":
            table = table.parent
        if table is None or id(table) in seen:
            continue
        seen.add(id(table))
        cells = [i for i in blocks.items[table.start : table.end] if i.kind is Kind.TEXT]
        if all(_is_list_of_files(cell) or _FILE_CELL.fullmatch(fold(cell.text)) for cell in cells):
            passed.update(cell.index for cell in cells)
    return passed


def _is_row_of_tools(item: Item) -> bool:
    """A line of nothing but "In bài", "Gửi email" and their like, or of links that lead nowhere."""
    if not item.is_link:
        return False
    rest = item.text
    for _, label in item.links:
        rest = rest.replace(label, "", 1)
    return not any(map(str.isalnum, rest)) and all(
        is_furniture_line(label) or reference.startswith(("#", "javascript:"))
        for reference, label in item.links
    )


def _label(label: str, item: Item, lines: list[_Line]) -> str:
    if not _SEE_HERE.fullmatch(fold(label)):
        return label
    text = item.text
    return label if _SEE_HERE.fullmatch(fold(text)) or len(text) > 200 else text


def _picture(
    made: Composition,
    seen: set[str],
    known: set[str],
    base: str,
    items: list[Item],
    at: int,
    item: Item,
) -> int:
    address = resolve(base, item.address)
    if address is None:
        # No source, or a file on the editor's own disk: nothing to show, but its caption stands.
        _, used = _caption(items, at, item, lost=True)
        return at + used
    path = urlsplit(address).path
    if is_document(path):  # a PDF as <img>
        _attach(made, known, base, item.address, item.text)
        return at
    if _DECORATION.search(path) or any(_SHARE.search(reference) for reference, _ in item.links):
        return at
    caption, used = _caption(items, at, item)
    if address not in seen:
        seen.add(address)
        made.images.append(Image(address, caption, item.text))
    elif caption:
        made.images = [
            Image(i.url, i.caption or caption, i.alt) if i.url == address else i
            for i in made.images
        ]
    return at + used


def _named_picture(made: Composition, items: list[Item], at: int, item: Item) -> int:
    """A file name printed as text stands for the picture beside it."""
    if made.images and not made.images[-1].caption:
        caption, used = _caption(items, at, item)
        last = made.images[-1]
        made.images[-1] = Image(last.url, caption, last.alt or item.text)
        return at + used
    _, used = _caption(items, at, item, lost=True)
    return at + used


def _caption(items: list[Item], at: int, picture: Item, *, lost: bool = False) -> tuple[str, int]:
    """The caption that follows a picture, and how many items it takes.

    Of a picture that is lost nothing is kept, so only what is nothing but a caption goes with it.
    """
    if at >= len(items) or items[at].kind is not Kind.TEXT:
        return "", 0
    item = items[at]
    text = item.text
    if len(text) > _LONGEST_CAPTION or item.links or is_byline(text) or is_stop_line(text):
        return "", 0
    if lost:
        return ("", 1) if is_caption(text) or _is_set_as_caption(picture, item) else ("", 0)
    caption = pair_caption(picture.text, text)
    if not caption and not _emphasised(item):
        caption = pair_caption(_SOME_PICTURE, text)
    if not caption and _is_set_as_caption(picture, item):
        caption = caption_text(text)
    if not caption:
        return "", 0
    used = 1
    # A caption that was broken into two paragraphs goes on in lower case.
    while (
        at + used < len(items)
        and items[at + used].kind is Kind.TEXT
        and items[at + used].text[:1].islower()
        and len(items[at + used].text) <= 160
        and text[-1:] not in ".!?)"
    ):
        text = items[at + used].text
        caption = f"{caption} {text}"
        used += 1
    return caption, used


def _is_set_apart(item: Item) -> bool:
    """Whether a line is printed on the right: by its markup, or pushed there with spaces."""
    return item.padded or item.part.side is Side.RIGHT


def _is_caption_of_lost_picture(item: Item) -> bool:
    """A short line in the lower row of a table of layout whose upper row is empty: there was the
    picture."""
    if len(item.text) > 160 or item.links or item.bold_chars or item.text[-1] in ":;":
        return False
    cell: Part | None = item.part
    while cell is not None and cell.tag != "td":
        cell = cell.parent if cell.end - cell.start == 1 else None
    row = cell.parent if cell is not None else None
    table = row.parent if row is not None else None
    if row is None or table is None or row.tag != "tr":
        return False
    rows = [part for part in table.children if part.tag == "tr"]
    return (
        table.end - table.start == 1
        and len(rows) == 2
        and rows[1] is row
        and all(len(each.children) == 1 for each in rows)
    )


def _is_set_as_caption(picture: Item, item: Item) -> bool:
    """Whether the markup sets a line as the caption of the picture before it."""
    if (item.marks | item.part.marks) & Mark.CAPTION or item.part.tag == "figcaption":
        return True
    frame = _frame(picture.part)
    if frame is not None and item.index < frame.end:
        return True
    if len(item.text) > 200 or item.text.endswith((":", ";")):
        return False
    italic = item.italic_chars * 10 >= len(item.text) * 9 or item.part.italic
    if italic and not item.bold_chars:
        return True
    # A centred line below a centred picture, in a text that is not centred itself.
    return (
        item.part.side is picture.part.side is Side.CENTRE
        and not item.bold_chars
        and len(item.text) < 160
    )


def _frame(part: Part) -> Part | None:
    """The table or figure that holds a picture and nothing but its caption."""
    current: Part | None = part
    while current is not None and current.end - current.start <= 3:
        if current.tag in ("table", "figure"):
            return current if current.end - current.start >= 2 else None
        current = current.parent
    return None


def _attach(made: Composition, known: set[str], base: str, reference: str, label: str) -> None:
    viewer = _VIEWER.search(reference)
    if viewer:
        reference = unquote(viewer.group(1))
    if not is_document(reference):
        return
    address = resolve(base, reference)
    if address is None or address in known:
        if address is not None and label and not _SEE_HERE.fullmatch(fold(label)):
            made.attachments = [
                Attachment(a.url, a.label or label, a.media_type) if a.url == address else a
                for a in made.attachments
            ]
        return
    known.add(address)
    path = urlsplit(address).path.lower()
    suffix = path[path.rfind(".") :] if "." in path else ""
    media_type = _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(path)[0] or ""
    made.attachments.append(Attachment(address, label, media_type))


# -- paragraphs ---------------------------------------------------------------------------------


def _without_heading(lines: list[_Line], title: str) -> list[_Line]:
    """The lines without a repetition of the title at their beginning."""
    folded = fold(title)
    for count in range(1, min(3, len(lines)) + 1):
        if fold(" ".join(line.text for line in lines[:count])) == folded:
            return lines[count:]
    return lines


def _take_summary(made: Composition, lines: list[_Line], lead_is_summary: bool) -> list[_Line]:
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
    if len(lines) > 1 and _emphasised(lines[0].item) and not _emphasised(lines[1].item):
        made.summary = lines[0].text
        return lines[1:]
    return lines


def _emphasised(item: Item) -> bool:
    """Whether all of a line is bold or italic."""
    size = len(item.text)
    return (
        item.bold_chars * 10 >= size * 9
        or item.italic_chars * 10 >= size * 9
        or item.part.bold
        or item.part.italic
    )


def _paragraphs(blocks: Blocks, lines: list[_Line]) -> list[str]:
    """Lines of text, the cells of a row of a table of data joined by " | "."""
    paragraphs: list[str] = []
    row_of: Part | None = None
    cell_of: Part | None = None
    tables: dict[int, bool] = {}
    for line in lines:
        row, cell = _row(blocks, line.item.part, tables)
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
        if not (len(text) < 60 and _SEE_HERE.fullmatch(fold(text)))
        and not (attached and len(text) < 60 and _FILE_LABEL.fullmatch(fold(text)))
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
            and paragraphs
            and paragraphs[-1] == item.text
        ):
            paragraphs.pop()
            return "" if _ACCOUNT.match(fold(item.text)) else item.text
    return ""
