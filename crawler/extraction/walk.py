"""The one walk over a page's tree that makes its `crawler.extraction.blocks.Blocks`."""

from __future__ import annotations

import re

from lxml import etree

from crawler.extraction.appearance import SKIPPED_TAGS, Appearance, appearance, plain_appearance
from crawler.extraction.blocks import Blocks, Item, Kind, Part, tidy
from crawler.extraction.legacy_fonts import Script
from crawler.extraction.marks import CHROME, Mark
from crawler.extraction.page_fonts import looks_legacy, restore

MAX_ELEMENTS = 120_000  # the largest real page seen has 9,000
MAX_ITEMS = 15_000  # … and 900
MAX_ITEM_CHARS = 40_000  # one line of text

_FILE_ELEMENTS = {"embed": "src", "iframe": "src", "object": "data"}
_LAZY = ("data-src", "data-original", "data-lazy-src")
# Of the names of inline elements those of menus and widgets are most, and nobody asks for them.
_TELLING = ~CHROME
_PUBLISHED = re.compile(r"datePublished|publish|entry-date|posted|created")
_PADDING = "\xa0" * 6  # a line that begins so is pushed to the right
# Inline elements with such a name are set apart by the style sheet, whatever stands beside them:
# <span class="date">11:05 25/03/2025</span><span class="view">84</span>.
_APART = Mark.DATE | Mark.AUTHOR | Mark.CATEGORY | Mark.OTHER_NEWS | Mark.COMMENTS | Mark.TOOLS


def read_blocks(root: etree._Element) -> Blocks:
    """The items of a page whose tree has the given root. Hidden elements are left out.

    Text that only a font made Vietnamese is put right in the tree first."""
    walk = _Walk(root)
    cut = walk.run()
    scripts: tuple[Script, ...] = ()
    if looks_legacy(item.text for item in walk.items) and (scripts := restore(root)):
        walk = _Walk(root)
        cut = walk.run()
    _settle(walk.parts, len(walk.items))
    heads, linked_data, base, times = _read_head(root)
    return Blocks(
        walk.items, walk.parts[0], walk.parts, heads, linked_data, cut, base, scripts, times
    )


class _Walk:
    """The state of one walk: the line being gathered, and the inline elements that are open."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
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
        # Of each: marks before it, bold and italic it added, its part.
        self.inline: list[tuple[int, int, int, Part | None]] = []

    def run(self) -> bool:
        """Walks the tree; whether the walk was cut short."""
        events = etree.iterwalk(self.root, events=("start", "end"))
        root, skipped, count = self.root, None, 0
        looks: list[Appearance] = []
        for event, element in events:
            if event == "start":
                count += 1
                if count > MAX_ELEMENTS or len(self.items) > MAX_ITEMS:
                    return True
                tag = element.tag
                if tag in SKIPPED_TAGS:
                    skipped = element
                    events.skip_subtree()
                    continue
                if pairs := element.items():
                    attributes = dict(pairs)
                    look = appearance(tag, attributes)
                    if look.hidden:
                        skipped = element
                        events.skip_subtree()
                        continue
                else:
                    attributes = {}
                    look = plain_appearance(tag)
                looks.append(look)
                if look.inline:
                    self._open_inline(element, tag, look, attributes)
                elif tag == "br":
                    self._flush()
                elif tag == "img":
                    self._picture(attributes)
                elif element is not root:
                    self._open_part(tag, look)
                    if tag in _FILE_ELEMENTS:
                        if reference := attributes.get(_FILE_ELEMENTS[tag]):
                            self._put(Kind.FILE, reference, tidy(attributes.get("title") or ""))
                        continue
                text = element.text
                if text and (self.chunks or not text.isspace() or "\xa0" in text):
                    self._add(text)
            else:
                if element is skipped:
                    skipped = None
                else:
                    tag = element.tag
                    if looks.pop().inline:
                        self._close_inline(tag)
                    elif tag != "br" and tag != "img" and element is not root:
                        if self.chunks:
                            self._flush()
                        part = self.part
                        part.end = len(self.items)
                        self.part = part.parent or part
                text = element.tail if element is not root else None
                if text and (self.chunks or not text.isspace() or "\xa0" in text):
                    self._add(text)
        self._flush()
        return False

    def _add(self, text: str) -> None:
        self.chunks.append(text)
        if text.isspace():
            return
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
            if text:
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

    def _open_part(self, tag: str, look: Appearance) -> None:
        if self.chunks:
            self._flush()
        parent = self.part
        part = Part(
            tag,
            parent,
            parent.depth + 1,
            look.marks,
            look.name,
            len(self.items),
            False,
            None,
            -1,
            look.side or parent.side,
            parent.bold if look.bold is None else look.bold,
            parent.italic if look.italic is None else look.italic,
        )
        parent.children.append(part)
        self.parts.append(part)
        self.part = part

    def _open_inline(
        self, element: etree._Element, tag: str, look: Appearance, attributes: dict[str, str]
    ) -> None:
        before = self.marks
        part = None
        if tag == "a":
            reference = attributes.get("href") or ""
            if self.linked and self.linked != reference and self.chunks:
                self.chunks.append(" ")  # entries of a trail or a menu: <a>…</a><a>…</a>
            self.anchors.append((reference, len(self.chunks)))
        if look.name or look.marks:
            marks = look.marks
            if marks & Mark.TITLE:
                self._flush()  # set as a line of its own by a style sheet
            elif marks & _APART and self.chunks:
                self.chunks.append(" ")
            self.marks |= marks
            if not marks or marks & _TELLING:
                parent = self.part
                part = Part(
                    tag, parent, parent.depth + 1, marks, look.name, len(self.items), True, element
                )
                self.parts.append(part)
        bold, italic = int(bool(look.bold)), int(bool(look.italic))
        self.bold += bold
        self.italic += italic
        self.inline.append((before, bold, italic, part))

    def _close_inline(self, tag: str) -> None:
        before, bold, italic, part = self.inline.pop()
        marks = part.marks if part is not None else self.marks & ~before
        self.marks = before
        self.bold -= bold
        self.italic -= italic
        if tag == "a" and self.anchors:
            reference, begun = self.anchors.pop()
            text = tidy("".join(self.chunks[begun:]))
            if text:
                self.links.append((reference, text))
                self.linked = reference
        if marks & Mark.TITLE and not before & Mark.TITLE:
            self._flush()
        elif marks & _APART and self.chunks:
            self.chunks.append(" ")
        if part is not None:
            part.end = len(self.items) + self.has_text

    def _picture(self, attributes: dict[str, str]) -> None:
        if _is_icon(attributes):
            return
        if self.has_text:
            self._flush()  # a picture amid a line ends it, as it does in print
        reference = attributes.get("src") or ""
        if not reference or reference.startswith("data:"):
            for lazy in _LAZY:
                reference = attributes.get(lazy) or reference
        self._put(Kind.PICTURE, reference, tidy(attributes.get("alt") or ""))


def _settle(parts: list[Part], count: int) -> None:
    """Closes what a cut left open. Names of what holds most of the page ("with-sidebar" on the
    body) say nothing about its parts."""
    for part in parts:
        if part.end < 0:
            part.end = count
        if part.marks & CHROME and (part.end - part.start) * 10 > count * 6:
            part.marks &= ~CHROME
        part.around = part.marks | (part.parent.around if part.parent is not None else 0)


def _is_icon(attributes: dict[str, str]) -> bool:
    for name in ("width", "height"):
        value = attributes.get(name, "").removesuffix("px").strip()
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
