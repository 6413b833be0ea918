"""Vietnamese-looking texts whose likeness is known."""

from __future__ import annotations

import random

_ONSETS = [
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "h",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "qu",
    "r",
    "s",
    "t",
    "th",
    "tr",
    "v",
    "x",
]
_RIMES = [
    "a",
    "ai",
    "an",
    "anh",
    "ao",
    "âu",
    "em",
    "ên",
    "iêu",
    "inh",
    "oa",
    "oi",
    "ông",
    "ơi",
    "uân",
    "uyết",
    "ưng",
    "ươi",
]
_SYLLABLES = [onset + rime for onset in _ONSETS for rime in _RIMES]


def prose(seed: int, syllables: int = 240) -> str:
    """Always the same text for a seed; those of two seeds have next to nothing in common."""
    return " ".join(random.Random(seed).choices(_SYLLABLES, k=syllables))


def edited(text: str, every: int) -> str:
    """The text with each ``every``-th syllable replaced: each such edit costs three shingles."""
    words = text.split()
    words[every - 1 :: every] = ["sửa"] * len(words[every - 1 :: every])
    return " ".join(words)
