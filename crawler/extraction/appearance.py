"""What the tag and the attributes of one element say: its role, and how it is set in print.

Pages of one portal repeat the same few hundred combinations: `crawler.extraction.walk` keeps what was
worked out, by `TELLING_ATTRIBUTES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from crawler.extraction.marks import marks_of_element

# fmt: off
#: Elements without text of the page.
SKIPPED_TAGS = frozenset({
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
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)")
_HIDDEN_CLASSES = frozenset({"hidden", "hide", "d-none", "sr-only", "visually-hidden", "s4-die"})
#: The attributes on which an appearance depends, and how many characters of each are looked at.
TELLING_ATTRIBUTES = frozenset({"class", "id", "role", "itemprop", "style", "align", "hidden"})
LONGEST_ATTRIBUTE = 400


def is_inline(tag: str) -> bool:
    """Whether an element stands in a line of text; names with a colon ("o:p") are Word's."""
    return tag in _INLINE or ":" in tag


class Side(IntEnum):
    """Where a line stands in its column."""

    UNSAID = 0
    LEFT = 1  # or justified
    CENTRE = 2
    RIGHT = 3


class Role:
    """What an element does to the lines of a page: plain numbers, since every element is asked."""

    HIDDEN: Final = 0
    PLAIN: Final = 1  # in a line, and of no consequence
    SPAN: Final = 2  # in a line, with a name or a type face
    LINK: Final = 3
    NAMED_LINK: Final = 4
    BREAK: Final = 5
    PICTURE: Final = 6
    BLOCK: Final = 7
    FILE: Final = 8  # a block that embeds another document


class Appearance(NamedTuple):
    """What an element is and how it looks. ``marks`` are of `crawler.extraction.marks`, ``name`` is class and
    id; ``bold`` and ``italic`` are None where neither tag nor style says."""

    role: int
    marks: int
    name: str
    side: Side
    bold: bool | None
    italic: bool | None


def appearance(tag: str, attributes: Iterable[tuple[str, str]]) -> Appearance:
    """The appearance of an element; names of attributes in lower case."""
    said = {name: value[:LONGEST_ATTRIBUTE] for name, value in attributes}
    if tag in SKIPPED_TAGS or "hidden" in said:
        return _HIDDEN
    get = said.get
    return _appearance(
        tag,
        get("class", ""),
        get("id", ""),
        get("role", ""),
        get("itemprop", ""),
        get("style", "").lower(),
        get("align", "").lower(),
    )


_HIDDEN = Appearance(Role.HIDDEN, 0, "", Side.UNSAID, None, None)
_ROLES = {
    "br": Role.BREAK,
    "img": Role.PICTURE,
    "embed": Role.FILE,
    "iframe": Role.FILE,
    "object": Role.FILE,
}
_SIDES = {
    "left": Side.LEFT,
    "justify": Side.LEFT,
    "start": Side.LEFT,
    "center": Side.CENTRE,
    "middle": Side.CENTRE,
    "right": Side.RIGHT,
    "end": Side.RIGHT,
}
_TEXT_ALIGN = re.compile(r"text-align\s*:\s*([a-z]+)")
_CLASS_SIDE = re.compile(r"(?:^|\s)(?:text|rte|has-text-align)-?(left|justify|center|right|end)\b")
_WEIGHT = re.compile(r"font-weight\s*:\s*(bold|[6-9]00|normal|[1-5]00)")
_SLANT = re.compile(r"font-style\s*:\s*(italic|oblique|normal)")


def _appearance(
    tag: str, name: str, identifier: str, role: str, item_property: str, style: str, align: str
) -> Appearance:
    if (
        (style and _HIDDEN_STYLE.search(style))
        or (name and not _HIDDEN_CLASSES.isdisjoint(name.split()))
        or identifier.startswith("wm-ipp")  # the Wayback Machine's toolbar
    ):
        return _HIDDEN
    side = _SIDES.get(align, Side.CENTRE if tag == "center" else Side.UNSAID)
    if name and (classed := _CLASS_SIDE.search(name.lower())):
        side = _SIDES[classed[1]]
    if aligned := _TEXT_ALIGN.search(style):
        side = _SIDES.get(aligned[1], side)
    weight = _WEIGHT.search(style)
    slant = _SLANT.search(style)
    bold = weight[1] in ("bold", "600", "700", "800", "900") if weight else (tag in _BOLD or None)
    italic = slant[1] != "normal" if slant else (tag in _ITALIC or None)
    marks = marks_of_element(tag, name, identifier, role, item_property)
    name = f"{name} {identifier}" if identifier else name
    return Appearance(
        _role(tag, bool(name or marks or bold or italic)), marks, name, side, bold, italic
    )


def _role(tag: str, tells: bool) -> int:
    if not is_inline(tag):
        return _ROLES.get(tag, Role.BLOCK)
    if tag == "a":
        return Role.NAMED_LINK if tells else Role.LINK
    return Role.SPAN if tells else Role.PLAIN
