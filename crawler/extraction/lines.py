"""The lines of a text, its pictures with their captions, and its files, told apart item by item."""

from __future__ import annotations

import itertools
import mimetypes
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from archive.schema import Attachment, Image
from archive.vietnamese import fold
from crawler.extraction.appearance import Side
from crawler.extraction.attachments import is_document
from crawler.extraction.blocks import Blocks, Item, Kind, Part
from crawler.extraction.bylines import cut_furniture, is_byline, is_furniture_line, is_stop_line
from crawler.extraction.captions import caption_text, is_caption, is_image_name, pair_caption
from crawler.extraction.marks import Mark
from crawler.links import resolve

# Decoration that every page of a portal carries.
_DECORATION = re.compile(
    r"(?:^|/)(?:spacer|blank|pixel|icon|ico[-_]|icons?/|bullet|arrow|btn|button|logo|banner|loading"
    r"|print|share|facebook|zalo|twitter|email|rss|star|rating|new|xemtiep|fgimg|trans|dot|line|no-?image|file[-_]?icon|application-)"
    r"[^/]*$|/(?:word|docx?|excel|xlsx?|pdf|zip|rar|attach\w*|download|dinh-?kem)\d?\.(?:gif|png|svg|ico)$|/_layouts/|/(?:icons?|smil(?:ey|ies)|emoticons?|imageads)/",
    re.IGNORECASE,
)
_SHARE = re.compile(r"sharer|/share\b|[?&]u(?:rl)?=http|twitter\.com/intent|sp\.zalo\.me|^mailto:")
_VIEWER = re.compile(r"(?:[?&](?:url|file|src)=)(https?[^&]+|/[^&]+)", re.IGNORECASE)
#: "Xem chi tiết tại đây" and its like, folded.
SEE_HERE = re.compile(
    r"\W*(?:xem(?: noi dung)? chi tiet|xem(?: toan van)?|tai ve|tai file|download|chi tiet)?"
    r"(?:\s?(?:noi dung|van ban|file|tap tin))?\s?(?:tai\s)?(?:day|file|tai day)\W*"
)
#: The heading of a list of files, folded.
FILE_LABEL = re.compile(
    r"\W*(?:(?:file|tap tin|tep|tai lieu|van ban) (?:dinh kem|kem theo)|dinh kem|tai ve|tai file|download)"
    r"(?:\s?\(\d+\))?\W*"
)
_SIZE = re.compile(r"\(?(?<![\d.,])\d[\d.,]{0,15}+\s?(?:bytes|[kmg]?b)\)?(?!\w)", re.IGNORECASE)
_FILE_CELL = re.compile(
    r"\W*|\(?\d[\d.,]*\s?(?:bytes|[kmg]?b)\)?|\d{1,4}\W?"
    r"|\W*(?:(?:ten )?(?:file|tap tin|tep|tep tin|tai lieu|attachment)|(?:file|tap tin|tep|tai lieu) dinh kem|dinh kem"
    r"|kich thuoc|dung luong|size|stt|tt|so lan tai|luot tai|tai ve|tai xuong|download|loai(?: file)?|ngay(?: tao| dang)?)\W*"
)
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
class Line:
    """A line of running text and the item that it comes from."""

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


def _is_leftover(base: str, items: list[Item], at: int) -> bool:
    """A picture that points to the editor's own disk, beside its copy on the portal: what a paste
    from Word leaves behind."""
    item = items[at]
    return (
        item.kind is Kind.PICTURE
        and any(
            other.kind is Kind.PICTURE and other.part is item.part
            for other in (*items[max(at - 1, 0) : at], *items[at + 1 : at + 2])
        )
        and resolve(base, item.address) is None
    )


def take_lines(made: Composition, blocks: Blocks, base: str, items: list[Item]) -> list[Line]:
    """Lines of text without captions and file names; pictures and files go to ``made``, their
    addresses resolved against ``base``."""
    items = [item for at, item in enumerate(items) if not _is_leftover(base, items, at)]
    passed = _lists_of_files(blocks, items)
    centred = _has_centred_captions(items)
    lines: list[Line] = []
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
        if _is_caption_of_lost_picture(item) or (centred and _is_centred_alone(items, at - 1)):
            continue
        text = cut_furniture(item.text)
        if text and not is_furniture_line(text):
            lines.append(Line(text, item))
        if text != item.text:
            break  # a heading of what follows was glued to the line
    return lines


def _is_list_of_files(item: Item) -> bool:
    """A line that is nothing but names of attached documents, perhaps after "File đính kèm:"."""
    documents = [is_document(reference) for reference, _ in item.links]
    if not any(documents) or not all(
        document or is_furniture_line(label)  # "Xem trước"
        for document, (_, label) in zip(documents, item.links, strict=True)
    ):
        return False
    rest = item.text
    for _, label in item.links:
        rest = rest.replace(label, "", 1)
    rest = _SIZE.sub("", rest)
    return not any(map(str.isalnum, rest)) or FILE_LABEL.fullmatch(fold(rest)) is not None


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


def _label(label: str, item: Item, lines: list[Line]) -> str:
    if not SEE_HERE.fullmatch(fold(label)):
        return label
    text = item.text
    return label if SEE_HERE.fullmatch(fold(text)) or len(text) > 200 else text


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
    if not caption and not is_emphasised(item):
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


def is_set_apart(item: Item) -> bool:
    """Whether a line is printed on the right: by its markup, or pushed there with spaces."""
    return item.padded or item.part.side is Side.RIGHT


def is_emphasised(item: Item) -> bool:
    """Whether all of a line is bold or italic."""
    size = len(item.text)
    return (
        item.bold_chars * 10 >= size * 9
        or item.italic_chars * 10 >= size * 9
        or item.part.bold
        or item.part.italic
    )


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


def _has_centred_captions(items: list[Item]) -> bool:
    return any(
        picture.kind is Kind.PICTURE
        and below.kind is Kind.TEXT
        and picture.part.side is below.part.side is Side.CENTRE
        for picture, below in itertools.pairwise(items)
    )


def _is_centred_alone(items: list[Item], at: int) -> bool:
    """A centred line between paragraphs that are not, in a text whose pictures have their captions
    centred: the picture above it is lost."""
    item = items[at]
    around = [*items[max(at - 1, 0) : at], *items[at + 1 : at + 2]]
    return (
        item.part.side is Side.CENTRE
        and 40 <= len(item.text) <= 200
        and not item.bold_chars
        and not item.links
        and len(around) == 2
        and all(other.is_prose and other.part.side is Side.LEFT for other in around)
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
        if address is not None and label and not SEE_HERE.fullmatch(fold(label)):
            made.attachments = [
                Attachment(a.url, a.label or label, a.media_type) if a.url == address else a
                for a in made.attachments
            ]
        return
    known.add(address)
    path = urlsplit(address).path.lower()
    # The address of a download may be that of the page: then the label has the file's name.
    media_type = (
        _MEDIA_TYPES.get(_suffix(path))
        or _MEDIA_TYPES.get(_suffix(label.lower()))
        or mimetypes.guess_type(path)[0]
        or ""
    )
    made.attachments.append(Attachment(address, label, media_type))


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""
