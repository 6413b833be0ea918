"""Addresses that were made from titles: both families of portals that are best known do it."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote

from archive.vietnamese import fold
from crawler.extraction.blocks import tidy

_WORD = re.compile(r"[^\W_]+")
_DULL_SEGMENT = re.compile(
    r"(?:index|default|home|trang-?chu|post|posts|detail|chi-?tiet\w*|view|page|news|newsdetail"
    r"|allposts|content|article|print|xem|tin|bai-viet)?(?:[-_]?\d+)?",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\.(?:aspx?|html?|htm|php|jsp|jspx|vnp|chn)$", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Folded words of a text, for comparison."""
    return _WORD.findall(fold(text))


def slug_words(path: str) -> list[str]:
    """The words of an address from which a title may have been made: the last telling segment,
    without extension and numbers that are ids."""
    for segment in reversed(path.split("/")):
        name = _EXTENSION.sub("", unquote(segment))
        if name and not _DULL_SEGMENT.fullmatch(name):
            found = words(tidy(name))
            while found and found[0].isdecimal() and len(found[0]) > 4:
                found.pop(0)
            while found and found[-1].isdecimal() and len(found[-1]) > 4:
                found.pop()
            return found
    return []


def likeness(one: list[str], two: list[str]) -> float:
    """How much two lists of words have in common, 0..1; a long beginning counts as the whole."""
    if not one or not two:
        return 0.0
    if sum(map(two.__contains__, one)) * 8 < min(len(one), len(two)):
        return 0.0  # no word or hardly one, as for most lines of a page
    common = sum((Counter(one) & Counter(two)).values())
    dice = 2 * common / (len(one) + len(two))
    shorter = min(len(one), len(two))
    if shorter >= 5 and one[: shorter - 1] == two[: shorter - 1]:
        return max(dice, 0.9)
    return dice
