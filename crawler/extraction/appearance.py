"""What the tag and the attributes of one element say: its role, and how it is set in print.

Pages of one portal repeat the same few hundred combinations, so each is worked out once.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

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
_LONGEST = 400  # characters of an attribute that are looked at


def is_inline(tag: str) -> bool:
    """Whether an element stands in a line of text; names with a colon ("o:p") are Word's."""
    return tag in _INLINE or ":" in tag


class Side(IntEnum):
    """Where a line stands in its column."""

    UNSAID = 0
    LEFT = 1  # or justified
    CENTRE = 2
    RIGHT = 3


class Appearance(NamedTuple):
    """What an element is and how it looks. ``marks`` are of `crawler.extraction.marks`, ``name`` is class and
    id; ``bold`` and ``italic`` are None where neither tag nor style says."""

    inline: bool
    hidden: bool
    marks: int
    name: str
    side: Side
    bold: bool | None
    italic: bool | None


@lru_cache(maxsize=256)
def plain_appearance(tag: str) -> Appearance:
    """The appearance of an element without attributes."""
    return _appearance(tag, "", "", "", "", "", "")


def appearance(tag: str, attributes: dict[str, str]) -> Appearance:
    """The appearance of an element; ``attributes`` as in the markup, names in lower case."""
    get = attributes.get
    if "hidden" in attributes:
        return _HIDDEN
    return _appearance(
        tag,
        get("class", "")[:_LONGEST],
        get("id", "")[:_LONGEST],
        get("role", ""),
        get("itemprop", ""),
        get("style", "")[:_LONGEST],
        get("align", ""),
    )


_HIDDEN = Appearance(False, True, 0, "", Side.UNSAID, None, None)
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


@lru_cache(maxsize=8192)
def _appearance(
    tag: str, name: str, identifier: str, role: str, item_property: str, style: str, align: str
) -> Appearance:
    style = style.lower()
    if (
        (style and _HIDDEN_STYLE.search(style))
        or (name and not _HIDDEN_CLASSES.isdisjoint(name.split()))
        or identifier.startswith("wm-ipp")  # the Wayback Machine's toolbar
    ):
        return _HIDDEN
    side = _SIDES.get(align.lower(), Side.CENTRE if tag == "center" else Side.UNSAID)
    if name and (classed := _CLASS_SIDE.search(name.lower())):
        side = _SIDES[classed[1]]
    if aligned := _TEXT_ALIGN.search(style):
        side = _SIDES.get(aligned[1], side)
    weight = _WEIGHT.search(style)
    slant = _SLANT.search(style)
    return Appearance(
        is_inline(tag),
        False,
        marks_of_element(tag, name, identifier, role, item_property),
        f"{name} {identifier}" if identifier else name,
        side,
        weight[1] in ("bold", "600", "700", "800", "900") if weight else (tag in _BOLD or None),
        slant[1] != "normal" if slant else (tag in _ITALIC or None),
    )
