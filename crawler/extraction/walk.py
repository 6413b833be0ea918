"""The one walk over a page's tree that makes its `crawler.extraction.blocks.Blocks`."""

from __future__ import annotations

import re

from lxml import etree

from archive.legacy_fonts import Script
from crawler.extraction.appearance import (
    LONGEST_ATTRIBUTE,
    TELLING_ATTRIBUTES,
    Appearance,
    Role,
    appearance,
)
from crawler.extraction.blocks import Blocks, Item, Kind, Part, tidy
from crawler.extraction.marks import CHROME, Mark
from crawler.extraction.page_fonts import looks_legacy, restore

MAX_ELEMENTS = 120_000  # the largest real page seen has 9,000
MAX_ITEMS = 15_000  # … and 900
MAX_ITEM_CHARS = 40_000  # one line of text

_FILE_REFERENCES = {"embed": "src", "iframe": "src", "object": "data"}
_LAZY = ("data-src", "data-original", "data-lazy-src")
# Of the names of inline elements those of menus and widgets are most, and nobody asks for them.
_TELLING = ~CHROME
# Appearances by tag and telling attributes, for this page and the next ones of its portal.
_KNOWN: dict[str, Appearance] = {}
_MOST_KNOWN = 8192
_LONGEST_KEY = 1000  # characters
_PUBLISHED = re.compile(r"datePublished|publish|entry-date|posted|created")
_LINE_END = re.compile(r"\n")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
_PADDING = "\xa0" * 6  # a line that begins so is pushed to the right
# Inline elements with such a name are set apart by the style sheet, whatever stands beside them:
# <span class="date">11:05 25/03/2025</span><span class="view">84</span>.
_APART = Mark.DATE | Mark.AUTHOR | Mark.CATEGORY | Mark.OTHER_NEWS | Mark.COMMENTS | Mark.TOOLS


def read_blocks(root: etree._Element) -> Blocks:
    """The items of a page whose tree has the given root. Hidden elements are left out.

    Text that only a font made Vietnamese is put right in the tree first."""
    walk = _Walk()
    cut = walk.run(root)
    scripts: tuple[Script, ...] = ()
    if looks_legacy(item.text for item in walk.items) and (scripts := restore(root)):
        walk = _Walk()
        cut = walk.run(root)
    _settle(walk.parts, len(walk.items))
    heads, linked_data, base, times = _read_head(root)
    return Blocks(
        walk.items, walk.parts[0], walk.parts, heads, linked_data, cut, base, scripts, times
    )


class _Walk:
    """The state of one walk: the line being gathered, and the inline elements that are open."""

    __slots__ = (
        "anchors", "bold", "bold_chars", "chunks", "has_text", "inline", "italic", "italic_chars", "items",
        "line_marks", "link_chars", "linked", "links", "marks", "part", "parts",
    )  # fmt: skip

    def __init__(self) -> None:
        self.items: list[Item] = []
        top = Part("html", None, 0, Mark.NONE, "", 0, False)
        self.parts: list[Part] = [top]
        self.part = top  # the block element that is open
        # The line.
        self.chunks: list[str] = []
        self.has_text = False
        self.line_marks: int = 0
        self.link_chars = 0
        self.bold_chars = 0
        self.italic_chars = 0
        self.links: list[tuple[str, str]] = []
        # The inline elements.
        self.bold = 0
        self.italic = 0
        self.marks: int = 0  # of all that are open
        self.anchors: list[tuple[str, int]] = []  # reference, chunk at which it began
        self.linked = ""  # reference of the link that was closed last, with nothing after it
        # Of each that tells something: marks before it, bold and italic it added, its part.
        self.inline: list[tuple[int, int, int, Part | None]] = []

    def run(self, root: etree._Element) -> bool:
        """Walks the tree; whether the walk was cut short.

        Written for speed: a page has a thousand elements, and half of the time of a reading is spent
        here. What an element is depends on few of its attributes, and the same come again and again.
        """
        events = etree.iterwalk(root, events=("start", "end"))
        skip = events.skip_subtree
        items, parts, chunks = self.items, self.parts, self.chunks
        if len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN
        open_roles: list[int] = []
        count = 0
        for event, element in events:
            if event == "start":
                count += 1
                if count > MAX_ELEMENTS or len(items) > MAX_ITEMS:
                    return True
                tag = element.tag
                key = tag
                for name, value in element.items():
                    if name in TELLING_ATTRIBUTES:
                        key = f"{key}\0{name}={value[:LONGEST_ATTRIBUTE]}"
                look = known.get(key)
                if look is None:
                    look = appearance(tag, element.items())
                    if len(key) < _LONGEST_KEY:
                        known[key] = look
                role = look.role
                if role == Role.BLOCK or role == Role.FILE:
                    if not open_roles:  # the root itself
                        role = Role.PLAIN
                    else:
                        if chunks:
                            self._flush()
                        parent = self.part
                        _, marks, name, side, bold, italic = look
                        part = Part(
                            tag,
                            parent,
                            parent.depth + 1,
                            marks,
                            name,
                            len(items),
                            False,
                            None,
                            -1,
                            side or parent.side,
                            parent.bold if bold is None else bold,
                            parent.italic if italic is None else italic,
                        )
                        parent.children.append(part)
                        parts.append(part)
                        self.part = part
                        if role == Role.FILE:
                            open_roles.append(Role.BLOCK)
                            self._file(element, tag)
                            continue
                elif role == Role.HIDDEN:
                    open_roles.append(role)
                    skip()
                    continue
                elif role == Role.BREAK:
                    self._flush()
                elif role == Role.PICTURE:
                    self._picture(element)
                elif role != Role.PLAIN:
                    if role != Role.SPAN:
                        self._open_link(element.get("href") or "")
                    if role != Role.LINK:
                        self._open_inline(element, tag, look)
                open_roles.append(role)
                text = element.text
            else:
                role = open_roles.pop()
                if not open_roles:
                    break
                if role == Role.BLOCK:
                    if chunks:
                        self._flush()
                    part = self.part
                    part.end = len(items)
                    self.part = part.parent or part
                elif role == Role.LINK:
                    self._close_link()
                elif role == Role.SPAN or role == Role.NAMED_LINK:
                    self._close_inline(is_link=role == Role.NAMED_LINK)
                text = element.tail
            if text:
                if not text.isspace():
                    self._add(text)
                elif chunks or "\xa0" in text:
                    chunks.append(text)
        self._flush()
        return False

    def _add(self, text: str) -> None:
        self.chunks.append(text)
        self.linked = ""
        if self.anchors or self.bold or self.italic:
            size = len(" ".join(text.split()))
            if self.anchors:
                self.link_chars += size
            if self.bold > 0:
                self.bold_chars += size
            if self.italic > 0:
                self.italic_chars += size
        if self.has_text:
            self.line_marks &= self.marks
        else:
            self.has_text = True
            self.line_marks = self.marks

    def _flush(self) -> None:
        """Ends the line; what follows belongs to another."""
        if self.has_text:
            raw = "".join(self.chunks)
            text = tidy(raw)[:MAX_ITEM_CHARS]
            if self.part.tag == "pre" and "\n" in raw.strip():
                self._put_lines(raw)
            elif text:
                links = self.links
                if self.anchors:
                    open_links = [(r, tidy("".join(self.chunks[b:]))) for r, b in self.anchors]
                    links = [*links, *(link for link in open_links if link[1])]
                item = Item(
                    Kind.TEXT,
                    len(self.items),
                    self.part,
                    text,
                    self.line_marks,
                    "",
                    min(self.link_chars, len(text)),
                    self.bold_chars,
                    self.italic_chars,
                    tuple(links),
                    _PADDING in raw[:60],
                )
                if len(links) == 1 and item.is_link:
                    item.address = links[0][0]
                self.items.append(item)
            self.has_text = False
            self.link_chars = self.bold_chars = self.italic_chars = 0
        self.chunks.clear()
        self.linked = ""
        if self.links:
            self.links = []
        if self.anchors:
            self.anchors = [(reference, 0) for reference, _ in self.anchors]

    def _put(self, kind: Kind, reference: str, text: str) -> None:
        """A picture or an embedded file."""
        links = tuple((r, text) for r, _ in self.anchors)
        self.items.append(
            Item(kind, len(self.items), self.part, text, self.marks, reference, links=links)
        )

    def _put_lines(self, raw: str) -> None:
        """The paragraphs of preformatted text: between empty lines, else line by line."""
        raw = raw.strip()
        between = _EMPTY_LINE if _EMPTY_LINE.search(raw) else _LINE_END
        for text in filter(None, map(tidy, between.split(raw, MAX_ITEMS))):
            item = Item(
                Kind.TEXT, len(self.items), self.part, text[:MAX_ITEM_CHARS], self.line_marks
            )
            self.items.append(item)

    def _file(self, element: etree._Element, tag: str) -> None:
        if reference := element.get(_FILE_REFERENCES[tag]):
            self._put(Kind.FILE, reference, tidy(element.get("title") or ""))

    def _open_link(self, reference: str) -> None:
        if self.linked and self.linked != reference and self.chunks:
            self.chunks.append(" ")  # entries of a trail or a menu: <a>…</a><a>…</a>
        self.anchors.append((reference, len(self.chunks)))

    def _close_link(self) -> None:
        reference, begun = self.anchors.pop()
        if begun < len(self.chunks) and (text := tidy("".join(self.chunks[begun:]))):
            self.links.append((reference, text))
            self.linked = reference

    def _open_inline(self, element: etree._Element, tag: str, look: Appearance) -> None:
        before = self.marks
        part = None
        _, marks, name, _, bold, italic = look
        if name or marks:
            if marks & Mark.TITLE:
                self._flush()  # set as a line of its own by a style sheet
            elif marks & _APART and self.chunks:
                self.chunks.append(" ")
            self.marks |= marks
            if not marks or marks & _TELLING:
                parent = self.part
                part = Part(
                    tag, parent, parent.depth + 1, marks, name, len(self.items), True, element
                )
                self.parts.append(part)
        self.bold += bool(bold)
        self.italic += bool(italic)
        self.inline.append((before, bool(bold), bool(italic), part))

    def _close_inline(self, *, is_link: bool) -> None:
        before, bold, italic, part = self.inline.pop()
        marks = part.marks if part is not None else self.marks & ~before
        self.marks = before
        self.bold -= bold
        self.italic -= italic
        if is_link:
            self._close_link()
        if marks & Mark.TITLE and not before & Mark.TITLE:
            self._flush()
        elif marks & _APART and self.chunks:
            self.chunks.append(" ")
        if part is not None:
            part.end = len(self.items) + self.has_text

    def _picture(self, element: etree._Element) -> None:
        if _is_icon(element):
            return
        if self.has_text:
            self._flush()  # a picture amid a line ends it, as it does in print
        reference = element.get("src") or ""
        if not reference or reference.startswith("data:"):
            for lazy in _LAZY:
                reference = element.get(lazy) or reference
        self._put(Kind.PICTURE, reference, tidy(element.get("alt") or ""))


def _settle(parts: list[Part], count: int) -> None:
    """Closes what a cut left open. Names of what holds most of the page ("with-sidebar" on the
    body) say nothing about its parts."""
    for part in parts:
        if part.end < 0:
            part.end = count
        if part.marks & CHROME and (part.end - part.start) * 10 > count * 6:
            part.marks &= ~CHROME
        part.around = part.marks | (part.parent.around if part.parent is not None else 0)


def _is_icon(element: etree._Element) -> bool:
    for name in ("width", "height"):
        value = (element.get(name) or "").removesuffix("px").strip()
        if value.isdecimal() and int(value) <= 32:
            return True
    return False


def _read_head(
    root: etree._Element,
) -> tuple[dict[str, str], list[str], str, tuple[str, ...]]:
    times: list[str] = []
    heads: dict[str, str] = {}
    linked_data: list[str] = []
    base = ""
    for element in root.iter("title", "meta", "script", "base", "time"):
        tag = element.tag
        if tag == "title":
            if "title" not in heads and element.text:
                heads["title"] = tidy(element.text)
        elif tag == "meta":
            name = element.get("property") or element.get("name") or element.get("itemprop")
            if name and (content := element.get("content")):
                heads.setdefault(name.strip().lower(), tidy(content))
        elif tag == "base":
            base = base or element.get("href") or ""
        elif tag == "time":
            said = f"{element.get('itemprop') or ''} {element.get('class') or ''}"
            published = element.get("pubdate") is not None or _PUBLISHED.search(said)
            if published and (moment := element.get("datetime")):
                times.append(tidy(moment))
        elif element.get("type") == "application/ld+json" and element.text:
            linked_data.append(element.text)
    return heads, linked_data, base, tuple(times)
