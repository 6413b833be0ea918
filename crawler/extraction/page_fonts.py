"""Text of a page that only a font made Vietnamese (TCVN3, VNI), put right in its tree.

An office's own template is in Unicode, and what it pasted from old documents is not; so the unit
is the text in one font, and where no font is named the text of one block. Which font applies says
the markup: ``<font face=".VnTime">``, ``style="font-family:.VnTime"``, or a rule of the page's own
style sheet for a tag or a class (``p.MsoNormal``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from archive.legacy_fonts import Script, convert
from crawler.extraction.appearance import SKIPPED_TAGS, is_inline

_UNICODE_ONLY = re.compile("[ĂăĐđĨĩŨũƠơƯư\u0300-\u0323\u1ea0-\u1ef9]")
_HIGH = re.compile("[\u00a1-\u00ff]")
_LEGACY = re.compile(r"\.vn[a-z]|vni[-_ ]", re.IGNORECASE)
_FAMILY = re.compile(r"font(?:-family)?\s*:\s*([^;}]{0,200})", re.IGNORECASE)
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_SELECTOR = re.compile(r"(?P<tag>[a-z][a-z0-9]*)?(?:\.(?P<name>[\w-]+))?", re.IGNORECASE)
_BETWEEN = "\x1f"  # separates pieces of text; no code of either script
_TELLING = 24  # characters of a line


def looks_legacy(lines: Iterator[str]) -> bool:
    """Whether a page may hold such text: a line with several letters beyond ASCII and none that
    only Unicode has. Hardly a line of true Vietnamese is like that, so this costs next to nothing
    on an ordinary page."""
    return any(
        len(line) >= _TELLING and len(_HIGH.findall(line)) >= 3 and not _UNICODE_ONLY.search(line)
        for line in lines
    )


@dataclass(slots=True)
class _Piece:
    """A text of the tree, and where it is kept: as ``text`` or as ``tail`` of an element."""

    element: etree._Element
    is_tail: bool
    text: str

    def replace(self, text: str) -> None:
        if self.is_tail:
            self.element.tail = text
        else:
            self.element.text = text


def restore(root: etree._Element) -> tuple[Script, ...]:
    """Converts such text in a tree, in place, and says what was found: TCVN3, VNI, or DOUBTFUL for
    text that was left as it is. A second call changes nothing."""
    found: dict[Script, None] = {}
    short: list[list[_Piece]] = []
    for font, pieces in list(_groups(root)):
        script = _convert(pieces, font)
        if script in _FONT_OF:
            found[script] = None
        elif not font:
            short.append(pieces)
        elif script is Script.DOUBTFUL:
            found[script] = None
    # A line too short to tell is written as the text around it.
    around = next((_FONT_OF[script] for script in found if script in _FONT_OF), "")
    for pieces in short:
        if _convert(pieces, around) is Script.DOUBTFUL:
            found[Script.DOUBTFUL] = None
    return tuple(found)


_FONT_OF = {Script.TCVN3: ".VnTime", Script.VNI: "VNI-Times"}


def _convert(pieces: list[_Piece], font: str) -> Script:
    after, script = convert(_BETWEEN.join(piece.text for piece in pieces), font)
    if script in _FONT_OF:
        for piece, text in zip(pieces, after.split(_BETWEEN), strict=True):
            if text != piece.text:
                piece.replace(text)
    return script


def _groups(root: etree._Element) -> Iterator[tuple[str, list[_Piece]]]:
    """The texts of a tree: all in one telling font together, the others block by block."""
    rules = _font_rules(root)
    by_font: dict[str, list[_Piece]] = {}
    block: list[_Piece] = []
    fonts: list[str] = []
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        tag = element.tag
        if event == "start":
            fonts.append(_font_of(element, tag, rules) or (fonts[-1] if fonts else ""))
            if tag in SKIPPED_TAGS and tag not in ("head", "title"):
                events.skip_subtree()
                continue
            piece, font = _Piece(element, False, element.text or ""), fonts[-1]
        else:
            fonts.pop()
            piece, font = _Piece(element, True, element.tail or ""), fonts[-1] if fonts else ""
        if not is_inline(tag) and block:
            yield "", block
            block = []
        # A letter that only Unicode has: the font is a leftover of the template.
        if piece.text.strip() and not _UNICODE_ONLY.search(piece.text):
            if font:
                by_font.setdefault(font, []).append(piece)
            elif _HIGH.search(piece.text):
                block.append(piece)
    if block:
        yield "", block
    yield from by_font.items()


def _font_of(element: etree._Element, tag: str, rules: dict[str, str]) -> str:
    """The font that an element sets, if it is one of these scripts; "other" for any other font."""
    family = element.get("face") or ""
    if (style := element.get("style")) and (named := _FAMILY.search(style)):
        family = named[1]
    if not family and rules:
        names = (f".{name}" for name in (element.get("class") or "").split())
        family = next((rules[key] for key in (*names, tag) if key in rules), "")
    if not family:
        return ""
    return family if _LEGACY.search(family) else _OTHER


_OTHER = "sans-serif"


def _font_rules(root: etree._Element) -> dict[str, str]:
    """Legacy fonts that style sheets in the page set, by tag (``p``) or class (``.MsoNormal``)."""
    rules: dict[str, str] = {}
    for sheet in root.iter("style"):
        css = (sheet.text or "")[:200_000]
        if not _LEGACY.search(css):
            continue
        for rule in _RULE.finditer(css):
            family = _FAMILY.search(rule[2])
            if family is None or not _LEGACY.search(family[1]):
                continue
            for selector in rule[1].split(","):
                last = _SELECTOR.fullmatch((selector.split() or [""])[-1])
                if last is not None and (last["name"] or last["tag"]):
                    key = f".{last['name']}" if last["name"] else last["tag"].lower()
                    rules.setdefault(key, family[1])
    return rules
