"""A page as a flat list of items: lines of text, pictures and files, in reading order.

One walk over the tree (`crawler.extraction.walk`) makes the list. Everything that reads a page works on the list and on the
parts (elements) that the items lie in; a part knows its first and last item, so questions such as
"how much of this column is links" are answered from running sums, not by walking again.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from operator import attrgetter

from lxml import etree

from archive.legacy_fonts import Script
from archive.vietnamese import normalise
from crawler.extraction.appearance import SKIPPED_TAGS, Side
from crawler.extraction.marks import Mark

_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\u00d0\u0189\u115f\u1160\u2800\u3164\uffa0\ufff9-\uffff]"
)


_START = attrgetter("start")


class Kind(Enum):
    """What an item is."""

    TEXT = auto()
    PICTURE = auto()
    FILE = auto()  # embedded document


@dataclass(slots=True, eq=False)
class Part:
    """An element that groups items, or an inline element with a name.

    ``start`` and ``end`` are the indexes of its first item and of the one after its last.
    ``marks`` is what its own tag, class and id suggest. ``element`` is kept of inline elements,
    whose text is more or less than an item.
    """

    tag: str
    parent: Part | None = field(repr=False)
    depth: int
    marks: int
    name: str  # class and id, for platform rules
    start: int
    inline: bool
    element: etree._Element | None = field(default=None, repr=False)
    end: int = -1
    side: Side = Side.UNSAID
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
    holds reference and text of every link in the line. ``padded`` says that the line was pushed to
    the right with non-breaking spaces.
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
    padded: bool = False

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
    the raw JSON-LD scripts. ``scripts`` says what was found that only a font made Vietnamese;
    ``times`` are the ``datetime`` of ``<time>`` elements that are said to be the publication.
    """

    items: list[Item]
    root: Part
    parts: list[Part]
    heads: dict[str, str]
    linked_data: list[str]
    cut: bool
    base: str = ""
    scripts: tuple[Script, ...] = ()
    times: tuple[str, ...] = ()
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

    def parts_at(self, start: int, end: int) -> list[Part]:
        """Parts whose first item is one of ``start`` to ``end``, in document order."""
        low = bisect_left(self.parts, start, key=_START)
        return self.parts[low : bisect_left(self.parts, end, low, key=_START)]

    def text_of(self, part: Part) -> str:
        """All text of a part as one line; works for inline parts too."""
        if part.element is not None:
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
        if isinstance(node.tag, str) and node.tag not in SKIPPED_TAGS and node.text:
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


def elements_named(root: etree._Element, names: Collection[str]) -> Iterator[etree._Element]:
    """Elements with one of the names as a whole word of class or as id, in document order. A walk
    in Python: an XPath that looks for words costs five times as much."""
    wanted = set(names)
    for element in root.iter("*"):
        name = element.get("class")
        if (name and not wanted.isdisjoint(name.split())) or element.get("id") in wanted:
            yield element


def innermost_around(
    element: etree._Element, others: Iterable[etree._Element]
) -> etree._Element | None:
    """The innermost element that holds ``element`` and one of the others; None without others."""
    holders: set[etree._Element] = set()
    for other in others:
        for holder in other.iterancestors():
            if holder in holders:
                break  # and so are all above it
            holders.add(holder)
    return next((holder for holder in element.iterancestors() if holder in holders), None)


def tidy(text: str) -> str:
    """`archive.vietnamese.normalise`, skipping the work where nothing needs it."""
    text = " ".join(text.split())
    if text.isascii():
        return text if text.isprintable() else normalise(text)
    if _ODD.search(text) is None and unicodedata.is_normalized("NFC", text):
        return text
    return normalise(text)
