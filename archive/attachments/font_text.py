"""Text of a document that may be written in TCVN3 or VNI, paragraph by paragraph in Unicode."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.legacy_fonts import Script, convert
from archive.vietnamese import is_syllable

_HYPHENED = re.compile(r"[^\W\d_]*-[^\W\d_]+")
_FONT_OF = {Script.TCVN3: ".VnTime", Script.VNI: "VNI-Times"}


def unicode_lines(lines: Iterable[str], font: str = "") -> list[str]:
    """The lines in Unicode; ``font`` is one that the document is known to use. A line too short to
    tell is taken to be written as the lines around it: an office's whole document is in one script,
    and often a heading pasted into it in another."""
    found = [(line, *convert(line, font)) for line in lines]
    scripts = [script for _, _, script in found if script in _FONT_OF]
    if scripts:
        around = _FONT_OF[max(set(scripts), key=scripts.count)]
        found = [
            (line, text, script) if script in _FONT_OF else (line, *convert(line, around))
            for line, text, script in found
        ]
    return [
        _HYPHENED.sub(_horned, text) if script is Script.TCVN3 else text
        for _, text, script in found
    ]


def _horned(found: re.Match[str]) -> str:
    """TCVN3 keeps ư where Latin-1 has the soft hyphen, and a PDF gives that as a hyphen: ``đ-ờng``
    is ``đường`` where that makes a syllable, and ``NQ-TW`` stays."""
    word = found[0].replace("-", "ư")
    return word if is_syllable(word) else found[0]
