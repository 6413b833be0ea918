"""A page as a flat list of items: lines of text, pictures and files, in reading order.

One walk over the tree makes the list. Everything that reads a page works on the list and on the
parts (elements) that the items lie in; a part knows its first and last item, so questions such as
"how much of this column is links" are answered from running sums, not by walking again.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from lxml import etree

from archive.vietnamese import normalise
from crawler.marks import CHROME, Mark, marks_of_element

MAX_ELEMENTS = 250_000  # the largest real page has 9,000
MAX_ITEM_CHARS = 40_000  # one line of text

_SKIPPED = frozenset(
    "script style noscript template head select option optgroup datalist textarea button svg math"
    " canvas map audio video source track applet frameset noframes dialog title meta link".split()
)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr o:p q rp rt ruby"
    " s samp small span strike strong sub sup time tt u var wbr data st1:place st1:city".split()
)
_BOLD = frozenset({"b", "strong"})
_ITALIC = frozenset({"i", "em", "cite"})
_FILE_ELEMENTS = {"embed": "src", "iframe": "src", "object": "data"}
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset({"hidden", "hide", "d-none", "sr-only", "visually-hidden", "s4-die"})
_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\u00d0\u0189\u115f\u1160\u2800\u3164\uffa0\ufff9-\uffff]"
)
_LETTER = re.compile(r"[^\W\d_]")


class Kind(Enum):
    """What an item is."""

    TEXT = auto()
    PICTURE = auto()
    FILE = auto()  # embedded document


@dataclass(slots=True, eq=False)
class Part:
    """An element that groups items, or an inline element with a name.

    ``start`` and ``end`` are the indexes of its first item and of the one after its last.
    ``marks`` is what its own tag, class and id suggest.
    """

    tag: str
    parent: Part | None
    depth: int
    marks: Mark
    name: str  # class and id, for platform rules
    start: int
    inline: bool
    element: etree._Element
    end: int = -1
    centred: bool = False
    bold: bool = False
    italic: bool = False
    children: list[Part] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Item:
    """One line of text, one picture or one embedded file.

    ``part`` is the innermost block element. ``address`` is the reference as written: of the
    picture, of the file, or of the one link that makes up (nearly) all of the text.
    ``link_chars``, ``bold_chars`` and ``italic_chars`` count characters of the text; ``links``
    holds reference and text of every link in the line.
    """

    kind: Kind
    index: int
    part: Part
    text: str
    marks: Mark = Mark.NONE
    address: str = ""
    link_chars: int = 0
    bold_chars: int = 0
    italic_chars: int = 0
    links: tuple[tuple[str, str], ...] = ()
    after_break: bool = False

    @property
    def is_link(self) -> bool:
        """Whether the line is nothing but links."""
        return self.link_chars > 0 and self.link_chars * 10 >= len(self.text) * 7

    @property
    def is_prose(self) -> bool:
        """Whether the line reads like running text."""
        return (
            self.kind is Kind.TEXT
            and len(self.text) >= 60
            and self.link_chars * 3 < len(self.text)
            and self.text.count(" ") * 12 >= len(self.text)
        )


@dataclass(slots=True)
class Blocks:
    """The items and parts of a page, with the statements of its head.

    ``heads`` maps ``title``, ``og:title``, ``description`` … to their text; ``linked_data`` are
    the raw JSON-LD scripts.
    """

    items: list[Item]
    root: Part
    parts: list[Part]
    heads: dict[str, str]
    linked_data: list[str]
    cut: bool
    base: str = ""
    _chars: list[int] = field(default_factory=list)
    _link_chars: list[int] = field(default_factory=list)
    _prose_chars: list[int] = field(default_factory=list)
    _links: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        chars = link_chars = prose = links = 0
        self._chars, self._link_chars, self._prose_chars, self._links = [0], [0], [0], [0]
        for item in self.items:
            if item.kind is Kind.TEXT:
                chars += len(item.text)
                link_chars += item.link_chars
                if item.is_link:
                    links += 1
                elif item.is_prose:
                    prose += len(item.text)
            self._chars.append(chars)
            self._link_chars.append(link_chars)
            self._prose_chars.append(prose)
            self._links.append(links)

    def chars(self, start: int, end: int) -> int:
        """Characters of text in items ``start`` to ``end``."""
        return self._chars[end] - self._chars[start]

    def link_chars(self, start: int, end: int) -> int:
        """Characters of linked text."""
        return self._link_chars[end] - self._link_chars[start]

    def prose_chars(self, start: int, end: int) -> int:
        """Characters in lines that read like running text."""
        return self._prose_chars[end] - self._prose_chars[start]

    def links(self, start: int, end: int) -> int:
        """Lines that are nothing but links."""
        return self._links[end] - self._links[start]

    def named(self, *names: str) -> Iterator[Part]:
        """Parts with one of the names as a whole word of class or id, in document order."""
        wanted = set(names)
        for part in self.parts:
            if part.name and not wanted.isdisjoint(part.name.split()):
                yield part

    def text_of(self, part: Part) -> str:
        """All text of a part as one line; works for inline parts too."""
        if part.inline:
            return normalise("".join(_visible_text(part.element)))
        return " ".join(i.text for i in self.items[part.start : part.end] if i.kind is Kind.TEXT)

    def common(self, one: Part, two: Part) -> Part:
        """The innermost part that holds both."""
        while one is not two:
            if one.depth >= two.depth:
                if one.parent is None:
                    return one
                one = one.parent
            else:
                if two.parent is None:
                    return two
                two = two.parent
        return one


def _visible_text(element: etree._Element) -> Iterator[str]:
    for node in element.iter():
        if isinstance(node.tag, str) and node.tag not in _SKIPPED and node.text:
            yield node.text
        if node.tag == "br":
            yield " "
        if node is not element and node.tail:
            yield node.tail


def marks_around(part: Part | None, until: Part | None = None) -> Mark:
    """The marks of a part and of all that it lies in, up to but without ``until``."""
    found = Mark.NONE
    while part is not None and part is not until:
        found |= part.marks
        part = part.parent
    return found


def tidy(text: str) -> str:
    """`archive.vietnamese.normalise`, skipping the work where nothing needs it."""
    text = " ".join(text.split())
    if text.isascii():
        return text if text.isprintable() else normalise(text)
    if _ODD.search(text) is None and unicodedata.is_normalized("NFC", text):
        return text
    return normalise(text)


class _Walk:
    """The state of one walk: what is open, and the line being gathered."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.parts: list[Part] = []
        self.chunks: list[str] = []
        self.line_marks: Mark | None = None
        self.link_chars = 0
        self.bold_chars = 0
        self.italic_chars = 0
        self.links: list[tuple[str, str]] = []
        self.after_break = False
        # Inline context
        self.bold = 0
        self.italic = 0
        self.inline_marks: list[Mark] = []
        self.anchors: list[tuple[str, int]] = []  # reference, chunk index at which it began

    def add(self, text: str) -> None:
        self.chunks.append(text)
        if text.isspace():
            return
        size = len(" ".join(text.split()))
        if self.anchors:
            self.link_chars += size
        if self.bold:
            self.bold_chars += size
        if self.italic:
            self.italic_chars += size
        marks = Mark.NONE
        for mark in self.inline_marks:
            marks |= mark
        self.line_marks = marks if self.line_marks is None else self.line_marks & marks

    def close_anchor(self) -> None:
        if self.anchors:
            reference, begun = self.anchors.pop()
            text = tidy("".join(self.chunks[begun:]))
            if text:
                self.links.append((reference, text))

    def flush(self, part: Part, *, broken: bool = False) -> None:
        """Ends the line; what follows belongs to another."""
        if self.line_marks is not None:
            text = tidy("".join(self.chunks))[:MAX_ITEM_CHARS]
            if text:
                open_links = [
                    (reference, tidy("".join(self.chunks[begun:])))
                    for reference, begun in self.anchors
                ]
                links = [*self.links, *(link for link in open_links if link[1])]
                item = Item(
                    Kind.TEXT,
                    len(self.items),
                    part,
                    text,
                    marks=self.line_marks,
                    link_chars=min(self.link_chars, len(text)),
                    bold_chars=self.bold_chars,
                    italic_chars=self.italic_chars,
                    links=tuple(links),
                    after_break=self.after_break,
                )
                if len(links) == 1 and item.is_link:
                    item.address = links[0][0]
                self.items.append(item)
                self.after_break = False
        if self.chunks:
            self.chunks = []
            self.anchors = [(reference, 0) for reference, _ in self.anchors]
            self.links = []
            self.line_marks = None
            self.link_chars = self.bold_chars = self.italic_chars = 0
        self.after_break = broken and bool(self.items)

    def put(self, kind: Kind, part: Part, reference: str, text: str) -> None:
        marks = Mark.NONE
        for mark in self.inline_marks:
            marks |= mark
        links = tuple((r, text) for r, _ in self.anchors)
        item = Item(kind, len(self.items), part, text, marks, reference, links=links)
        self.items.append(item)


def read_blocks(root: etree._Element) -> Blocks:
    """The items of a page whose tree has the given root. Hidden elements are left out."""
    walk = _Walk()
    top = Part("html", None, 0, Mark.NONE, "", 0, False, root)
    walk.parts.append(top)
    open_parts: list[Part] = [top]  # block elements only
    open_inline: list[Part | None] = []
    count = 0
    cut = False
    heads, linked_data, base = _read_head(root)
    events = etree.iterwalk(root, events=("start", "end"))
    skipped: etree._Element | None = None
    for event, element in events:
        tag = element.tag
        if not isinstance(tag, str):
            if event == "end" and element.tail:
                walk.add(element.tail)
            continue
        part = open_parts[-1]
        if event == "start":
            count += 1
            if count > MAX_ELEMENTS:
                cut = True
                break
            attributes = element.attrib
            if tag in _SKIPPED or (attributes and _is_hidden(attributes)):
                skipped = element
                events.skip_subtree()
                continue
            if tag == "br":
                walk.flush(part, broken=True)
            elif tag == "img":
                _put_picture(walk, part, element)
            elif tag in _INLINE:
                open_inline.append(_open_inline(walk, part, element, tag))
            else:
                walk.flush(part)
                opened = _open_part(walk, part, element, tag)
                open_parts.append(opened)
                if tag in _FILE_ELEMENTS:
                    reference = element.get(_FILE_ELEMENTS[tag]) or ""
                    if reference:
                        walk.put(Kind.FILE, opened, reference, element.get("title") or "")
            if element.text and tag not in _FILE_ELEMENTS:
                walk.add(element.text)
        else:
            if element is skipped:
                skipped = None
            elif tag in _INLINE:
                _close_inline(walk, element, tag, open_inline.pop())
            elif tag not in ("br", "img"):
                walk.flush(part)
                part.end = len(walk.items)
                if element is not root:
                    open_parts.pop()
                    part = open_parts[-1]
            if element.tail and element is not root:
                walk.add(element.tail)
    walk.flush(open_parts[-1])
    for part in walk.parts:
        if part.end < 0:
            part.end = len(walk.items)
    return Blocks(walk.items, top, walk.parts, heads, linked_data, cut, base)


def _is_hidden(attributes: etree._Attrib) -> bool:
    if "hidden" in attributes or attributes.get("type") == "hidden":
        return True
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    name = attributes.get("class")
    return bool(name) and not _HIDDEN_CLASSES.isdisjoint(name.split())


def _named(attributes: etree._Attrib) -> str:
    name = attributes.get("class") or ""
    if identifier := attributes.get("id"):
        name = f"{name} {identifier}"
    return name


def _open_part(walk: _Walk, parent: Part, element: etree._Element, tag: str) -> Part:
    attributes = element.attrib
    marks = marks_of_element(tag, attributes) if attributes else marks_of_element(tag, {})
    part = Part(
        tag, parent, parent.depth + 1, marks, _named(attributes), len(walk.items), False, element
    )
    part.centred, part.bold, part.italic = parent.centred, parent.bold, parent.italic
    if attributes:
        align = attributes.get("align")
        style = attributes.get("style")
        if align:
            part.centred = align.lower() == "center"
        if style:
            style = style.lower()
            if "text-align" in style:
                part.centred = "center" in style
            if "font-weight" in style:
                part.bold = "bold" in style
            if "font-style" in style:
                part.italic = "italic" in style
    if tag == "center":
        part.centred = True
    parent.children.append(part)
    walk.parts.append(part)
    return part


def _open_inline(walk: _Walk, parent: Part, element: etree._Element, tag: str) -> Part | None:
    if tag in _BOLD:
        walk.bold += 1
    elif tag in _ITALIC:
        walk.italic += 1
    elif tag == "a":
        walk.anchors.append((element.get("href") or "", len(walk.chunks)))
    attributes = element.attrib
    if not attributes:
        walk.inline_marks.append(Mark.NONE)
        return None
    style = attributes.get("style")
    if style and "font-" in style:
        style = style.lower()
        # Counted as the tags are; undone in _close_inline from the same style.
        walk.bold += "bold" in style
        walk.italic += "italic" in style
    marks = marks_of_element(tag, attributes)
    walk.inline_marks.append(marks)
    name = _named(attributes)
    if not name and marks is Mark.NONE:
        return None
    part = Part(tag, parent, parent.depth + 1, marks, name, len(walk.items), True, element)
    walk.parts.append(part)
    return part


def _close_inline(walk: _Walk, element: etree._Element, tag: str, part: Part | None) -> None:
    if tag in _BOLD:
        walk.bold -= 1
    elif tag in _ITALIC:
        walk.italic -= 1
    elif tag == "a":
        walk.close_anchor()
    style = element.get("style")
    if style and "font-" in style:
        style = style.lower()
        walk.bold -= "bold" in style
        walk.italic -= "italic" in style
    walk.inline_marks.pop()
    if part is not None:
        part.end = len(walk.items) + (1 if walk.line_marks is not None else 0)


def _put_picture(walk: _Walk, part: Part, element: etree._Element) -> None:
    reference = element.get("src") or ""
    for lazy in ("data-src", "data-original", "data-lazy-src"):
        if not reference or reference.startswith("data:"):
            reference = element.get(lazy) or reference
    if walk.line_marks is not None:
        # The picture stands in the middle of a line: the line ends here, as it does in print,
        # unless it is an icon.
        if _is_icon(element):
            return
        walk.flush(part)
    elif _is_icon(element):
        return
    walk.put(Kind.PICTURE, part, reference, tidy(element.get("alt") or ""))


def _is_icon(element: etree._Element) -> bool:
    for name in ("width", "height"):
        value = (element.get(name) or "").removesuffix("px").strip()
        if value.isdecimal() and int(value) <= 32:
            return True
    return False


def _read_head(root: etree._Element) -> tuple[dict[str, str], list[str], str]:
    heads: dict[str, str] = {}
    linked_data: list[str] = []
    base = ""
    for element in root.iter("title", "meta", "script", "base"):
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
        elif element.get("type") == "application/ld+json" and element.text:
            linked_data.append(element.text)
    return heads, linked_data, base
