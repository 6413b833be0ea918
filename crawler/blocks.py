"""A page as a flat list of items: lines of text, pictures and files, in reading order.

One walk over the tree makes the list. Everything that reads a page works on the list and on the
parts (elements) that the items lie in; a part knows its first and last item, so questions such as
"how much of this column is links" are answered from running sums, not by walking again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from lxml import etree

from archive.vietnamese import normalise
from crawler.marks import CHROME, Mark, marks_of_element

MAX_ELEMENTS = 120_000  # the largest real page seen has 9,000
MAX_ITEMS = 15_000  # … and 900
MAX_ITEM_CHARS = 40_000  # one line of text

# fmt: off
_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "select", "option", "optgroup", "datalist",
    "textarea", "button", "input", "svg", "math", "canvas", "map", "audio", "video", "source", "track",
    "applet", "frameset", "noframes", "dialog", "title", "meta", "link",
    "xml", "ie:menuitem",  # data islands of Word, context menus of SharePoint
})
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "data",
})
# fmt: on
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
    parent: Part | None = field(repr=False)
    depth: int
    marks: int
    name: str  # class and id, for platform rules
    start: int
    inline: bool
    element: etree._Element
    end: int = -1
    centred: bool = False
    bold: bool = False
    italic: bool = False
    children: list[Part] = field(default_factory=list, repr=False)
    around: int = Mark.NONE  # its marks, and those of all that it lies in


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
    marks: int = Mark.NONE
    address: str = ""
    link_chars: int = 0
    bold_chars: int = 0
    italic_chars: int = 0
    links: tuple[tuple[str, str], ...] = ()

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


def marks_between(part: Part | None, outer: Part) -> int:
    """The marks of a part and of all that it lies in, up to but without ``outer``."""
    found: int = Mark.NONE
    while part is not None and part is not outer:
        found |= part.marks
        part = part.parent
    return found


def first_match(find: etree.XPath, element: etree._Element) -> etree._Element | None:
    """The first element that an XPath finds."""
    found = find(element)
    if isinstance(found, list):
        for node in found:
            if isinstance(node, etree._Element):
                return node
    return None


def smallest_around(
    element: etree._Element, find: etree.XPath, *, levels: int = 12
) -> etree._Element:
    """The innermost ancestor, at most so many levels up, in which ``find`` finds something;
    else the root."""
    current = element.getparent()
    for _ in range(levels):
        if current is None:
            break
        if first_match(find, current) is not None:
            return current
        current = current.getparent()
    return element.getroottree().getroot()


def tidy(text: str) -> str:
    """`archive.vietnamese.normalise`, skipping the work where nothing needs it."""
    text = " ".join(text.split())
    if text.isascii():
        return text if text.isprintable() else normalise(text)
    if _ODD.search(text) is None and unicodedata.is_normalized("NFC", text):
        return text
    return normalise(text)


class _Walk:
    """The state of one walk: the line being gathered, and the inline elements that are open."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.parts: list[Part] = []
        self.chunks: list[str] = []
        self.has_text = False
        self.line_marks: int = 0
        self.link_chars = 0
        self.bold_chars = 0
        self.italic_chars = 0
        self.links: list[tuple[str, str]] = []
        self.bold = 0
        self.italic = 0
        self.marks: int = 0  # of all inline elements that are open
        self.anchors: list[tuple[str, int]] = []  # reference, chunk at which it began
        # Of each open inline element: marks before it, bold and italic it added, its part.
        self.inline: list[tuple[int, int, int, Part | None]] = []

    def add(self, text: str) -> None:
        self.chunks.append(text)
        if text.isspace():
            return
        if self.anchors or self.bold or self.italic:
            size = len(" ".join(text.split()))
            if self.anchors:
                self.link_chars += size
            if self.bold:
                self.bold_chars += size
            if self.italic:
                self.italic_chars += size
        if self.has_text:
            self.line_marks &= self.marks
        else:
            self.has_text = True
            self.line_marks = self.marks

    def flush(self, part: Part) -> None:
        """Ends the line; what follows belongs to another."""
        if self.has_text:
            text = tidy("".join(self.chunks))[:MAX_ITEM_CHARS]
            if text:
                links = self.links
                if self.anchors:
                    open_links = [(r, tidy("".join(self.chunks[b:]))) for r, b in self.anchors]
                    links = [*links, *(link for link in open_links if link[1])]
                item = Item(
                    Kind.TEXT,
                    len(self.items),
                    part,
                    text,
                    self.line_marks,
                    "",
                    min(self.link_chars, len(text)),
                    self.bold_chars,
                    self.italic_chars,
                    tuple(links),
                )
                if len(links) == 1 and item.is_link:
                    item.address = links[0][0]
                self.items.append(item)
            self.has_text = False
            self.link_chars = self.bold_chars = self.italic_chars = 0
        self.chunks.clear()
        if self.links:
            self.links = []
        if self.anchors:
            self.anchors = [(reference, 0) for reference, _ in self.anchors]

    def put(self, kind: Kind, part: Part, reference: str, text: str) -> None:
        """A picture or an embedded file."""
        links = tuple((r, text) for r, _ in self.anchors)
        self.items.append(
            Item(kind, len(self.items), part, text, self.marks, reference, links=links)
        )

    def open_part(
        self, parent: Part, element: etree._Element, tag: str, attributes: dict[str, str]
    ) -> Part:
        marks, name = marks_of_element(tag, "", "", "", ""), ""
        centred, bold, italic = parent.centred, parent.bold, parent.italic
        if attributes:
            marks, name = _marks_and_name(tag, attributes)
            if align := attributes.get("align"):
                centred = align.lower() == "center"
            if style := attributes.get("style"):
                style = style.lower()
                if "text-align" in style:
                    centred = "center" in style
                if "font-weight" in style:
                    bold = "bold" in style
                if "font-style" in style:
                    italic = "italic" in style
        if tag == "center":
            centred = True
        part = Part(
            tag, parent, parent.depth + 1, marks, name, len(self.items), False, element,
            -1, centred, bold, italic,
        )  # fmt: skip
        parent.children.append(part)
        self.parts.append(part)
        return part

    def open_inline(
        self, parent: Part, element: etree._Element, tag: str, attributes: dict[str, str]
    ) -> None:
        bold, italic = int(tag in _BOLD), int(tag in _ITALIC)
        before = self.marks
        part = None
        if tag == "a":
            self.anchors.append((attributes.get("href") or "", len(self.chunks)))
        if attributes:
            style = attributes.get("style")
            if style and "font-" in style:
                style = style.lower()
                bold += "bold" in style
                italic += "italic" in style
            marks, name = _marks_and_name(tag, attributes)
            if name or marks:
                if marks & Mark.TITLE:
                    self.flush(parent)  # set as a line of its own by a style sheet
                self.marks |= marks
                part = Part(
                    tag, parent, parent.depth + 1, marks, name, len(self.items), True, element
                )
                self.parts.append(part)
        self.bold += bold
        self.italic += italic
        self.inline.append((before, bold, italic, part))

    def close_inline(self, parent: Part, tag: str) -> None:
        before, bold, italic, part = self.inline.pop()
        ends_title = part is not None and part.marks & Mark.TITLE and not before & Mark.TITLE
        self.marks = before
        self.bold -= bold
        self.italic -= italic
        if tag == "a" and self.anchors:
            reference, begun = self.anchors.pop()
            text = tidy("".join(self.chunks[begun:]))
            if text:
                self.links.append((reference, text))
        if ends_title:
            self.flush(parent)
        if part is not None:
            part.end = len(self.items) + self.has_text

    def picture(self, part: Part, attributes: dict[str, str]) -> None:
        if _is_icon(attributes):
            return
        if self.has_text:
            self.flush(part)  # a picture amid a line ends it, as it does in print
        reference = attributes.get("src") or ""
        if not reference or reference.startswith("data:"):
            for lazy in ("data-src", "data-original", "data-lazy-src"):
                reference = attributes.get(lazy) or reference
        self.put(Kind.PICTURE, part, reference, tidy(attributes.get("alt") or ""))


def _marks_and_name(tag: str, attributes: dict[str, str]) -> tuple[int, str]:
    get = attributes.get
    name, identifier = get("class") or "", get("id") or ""
    marks = marks_of_element(tag, name, identifier, get("role") or "", get("itemprop") or "")
    return marks, f"{name} {identifier}" if identifier else name


def read_blocks(root: etree._Element) -> Blocks:
    """The items of a page whose tree has the given root. Hidden elements are left out."""
    walk = _Walk()
    top = Part("html", None, 0, Mark.NONE, "", 0, False, root)
    walk.parts.append(top)
    parts: list[Part] = [top]  # block elements that are open
    part = top
    count = 0
    cut = False
    events = etree.iterwalk(root, events=("start", "end"))
    skipped: etree._Element | None = None
    for event, element in events:
        tag = element.tag
        if event == "start":
            count += 1
            if count > MAX_ELEMENTS or len(walk.items) > MAX_ITEMS:
                cut = True
                break
            attributes = dict(element.items())
            if tag in _SKIPPED or (attributes and _is_hidden(attributes)):
                skipped = element
                events.skip_subtree()
                continue
            if tag in _INLINE or ":" in tag:  # "o:p", "st1:place" of Word
                walk.open_inline(part, element, tag, attributes)
            elif tag == "br":
                walk.flush(part)
            elif tag == "img":
                walk.picture(part, attributes)
            elif element is not root:
                if walk.chunks:
                    walk.flush(part)
                part = walk.open_part(part, element, tag, attributes)
                parts.append(part)
                if tag in _FILE_ELEMENTS:
                    if reference := attributes.get(_FILE_ELEMENTS[tag]):
                        walk.put(Kind.FILE, part, reference, tidy(attributes.get("title") or ""))
                    continue
            if text := element.text:
                walk.add(text)
        else:
            if element is skipped:
                skipped = None
            elif tag in _INLINE or ":" in tag:
                walk.close_inline(part, tag)
            elif tag != "br" and tag != "img" and element is not root:
                if walk.chunks:
                    walk.flush(part)
                part.end = len(walk.items)
                parts.pop()
                part = parts[-1]
            if (tail := element.tail) and element is not root:
                walk.add(tail)
    walk.flush(part)
    _settle(walk.parts, len(walk.items))
    heads, linked_data, base = _read_head(root)
    return Blocks(walk.items, top, walk.parts, heads, linked_data, cut, base)


def _settle(parts: list[Part], count: int) -> None:
    """Closes what a cut left open. Names of what holds most of the page ("with-sidebar" on the
    body) say nothing about its parts."""
    for part in parts:
        if part.end < 0:
            part.end = count
        if part.marks & CHROME and (part.end - part.start) * 10 > count * 6:
            part.marks &= ~CHROME
        part.around = part.marks | (part.parent.around if part.parent is not None else 0)


def _is_hidden(attributes: dict[str, str]) -> bool:
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    name = attributes.get("class")
    if name and not _HIDDEN_CLASSES.isdisjoint(name.split()):
        return True
    if attributes.get("id", "").startswith("wm-ipp"):  # the Wayback Machine's toolbar
        return True
    return "hidden" in attributes


def _is_icon(attributes: dict[str, str]) -> bool:
    for name in ("width", "height"):
        value = attributes.get(name, "").removesuffix("px").strip()
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
