"""The section of an article, as printed above its title."""

from __future__ import annotations

import re

from archive.vietnamese import fold
from crawler.extraction.anchors import SITE_NAME, Anchors, Dates, Title
from crawler.extraction.blocks import Item, Kind, Part
from crawler.extraction.bylines import is_furniture_line
from crawler.extraction.marks import Mark
from crawler.slugs import words

_NO_CATEGORY = Mark.NAVIGATION | Mark.HEADER | Mark.TOOLS | Mark.SIDEBAR | Mark.OTHER_NEWS
_HOME = frozenset({"trang chu", "home", "trang nhat", "trang chinh", "homepage", "trang dau", ""})
_TRAIL = re.compile(r"\s*[»›>]+\s*|\s+/\s+|\s*→\s*|\s*::\s*")


def find_category(anchors: Anchors, title: Title, dates: Dates) -> tuple[str, ...]:
    """The section as printed above the title: a breadcrumb, or a line of its own."""
    items = anchors.blocks.items
    index = title.start - 1
    passed = 0
    while index >= 0 and passed < 8:
        item = items[index]
        if item.kind is Kind.TEXT and index not in dates.indexes:
            around = item.part.around
            named = bool(around & Mark.CATEGORY)  # <nav class="breadcrumb"> is no menu
            if index in anchors.dated or (not named and (item.is_prose or around & _NO_CATEGORY)):
                return ()
            trail = _breadcrumb(anchors, item, title)
            if trail is not None:
                return trail
            if not is_furniture_line(item.text):
                return _category_line(anchors, item, title)
        index -= 1
        passed += 1
    return ()


def _breadcrumb(anchors: Anchors, item: Item, title: Title) -> tuple[str, ...] | None:
    """The trail that ends at ``item``; None where it lies in no breadcrumb."""
    part: Part | None = item.part
    marked: Part | None = None
    while part is not None and part.end - part.start <= 8:
        if part.marks & Mark.CATEGORY:
            marked = part
        part = part.parent
    if marked is not None:
        texts = [
            piece
            for line in anchors.blocks.items[marked.start : marked.end]
            if line.kind is Kind.TEXT and line.index not in anchors.dated
            for piece in _pieces(line)
        ]
    else:
        texts = _pieces(item)
        if len(texts) < 2 or len(texts) > 6 or fold(texts[0]) not in _HOME:
            return None
    own = words(title.text)
    kept = [t for t in texts if fold(t) not in _HOME]
    if len(kept) > 1:
        kept = [t for t in kept if words(t) != own]
    return tuple(dict.fromkeys(kept)) if all(len(t) <= 90 for t in kept) else ()


def _category_line(anchors: Anchors, item: Item, title: Title) -> tuple[str, ...]:
    text = item.text.strip(" :»>-|")
    if not 3 <= len(text) <= 90 or (
        not item.marks & Mark.CATEGORY and (item.is_link and len(text) > 60)
    ):
        return ()
    if SITE_NAME.match(fold(text)) or text.endswith((".", "!", "?")):
        return ()
    common = anchors.blocks.common(item.part, title.part)
    begins_box = common.start >= item.index - 2
    if item.is_link and not begins_box:
        return ()  # the last entry of a menu
    beside = item.part.parent in (title.part.parent, title.part) or item.part is title.part
    if not (begins_box or beside) or (text.isupper() and not begins_box and len(text) > 60):
        return ()
    return (text,)


def _pieces(item: Item) -> list[str]:
    """The steps of a breadcrumb line: between separators, or link by link."""
    if len(item.links) > 1 and item.is_link and not _TRAIL.search(item.text):
        return [label for _, label in item.links]
    return [piece.strip(" -–|") for piece in _TRAIL.split(item.text) if piece.strip(" -–|")]
