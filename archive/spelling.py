"""What was probably meant by a word that the archive does not have: one letter more, less, other, or
two that changed places."""

from __future__ import annotations

import re
import sqlite3
from string import ascii_lowercase, digits

from archive.query import WORD
from archive.vietnamese import fold, normalise
from archive.word_sets import WordSets

_LONGEST = 20  # letters; a longer word has too many neighbours, and is rarely one word
_MOST_WORDS = 8
_FILTER = re.compile(r"\S+:\S*")


def respelt(connection: sqlite3.Connection, q: str) -> str | None:
    """The query with each unknown word replaced by its most frequent neighbour, without diacritics;
    None where there is nothing to replace. Filters stay."""
    out, changed, sets = [], False, WordSets(connection)
    for piece in re.split(r"(\s+)", normalise(q)):
        if _FILTER.fullmatch(piece):
            out.append(piece)
            continue
        words = WORD.findall(piece)
        for word in words[:_MOST_WORDS]:
            better = _better(sets, fold(word))
            if better:
                piece, changed = piece.replace(word, better, 1), True
        out.append(piece)
    return "".join(out) if changed else None


def _better(sets: WordSets, word: str) -> str | None:
    if not 2 <= len(word) <= _LONGEST or word.isdigit() or sets.having(word):
        return None
    frequencies = {other: len(sets.having(other)) for other in _neighbours(word)}
    best = max(frequencies, key=lambda other: (frequencies[other], other))
    return best if frequencies[best] else None


def _neighbours(word: str) -> set[str]:
    letters = ascii_lowercase + digits
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    near = {a + b[1:] for a, b in splits if b}
    near |= {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    near |= {a + c + b[1:] for a, b in splits if b for c in letters}
    near |= {a + c + b for a, b in splits for c in letters}
    return near - {word, ""}
