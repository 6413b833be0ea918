"""What was probably meant by a word that the archive does not have: one letter more, less, other, or
two that changed places."""

from __future__ import annotations

import re
import sqlite3
from string import ascii_lowercase, digits

from archive.fts import FOLDED_COLUMNS
from archive.query import WORD
from archive.vietnamese import fold, normalise

_LONGEST = 20  # letters; a longer word has too many neighbours, and is rarely one word
_MOST_WORDS = 8
_FREQUENT = 50_000  # articles
_FILTER = re.compile(r"\S+:\S*")


def respelt(connection: sqlite3.Connection, q: str) -> str | None:
    """The query with each unknown word replaced by its most frequent neighbour, without diacritics;
    None where there is nothing to replace. Filters stay."""
    out, changed = [], False
    for piece in re.split(r"(\s+)", normalise(q)):
        if _FILTER.fullmatch(piece):
            out.append(piece)
            continue
        words = WORD.findall(piece)
        for word in words[:_MOST_WORDS]:
            better = _better(connection, fold(word))
            if better:
                piece, changed = piece.replace(word, better, 1), True
        out.append(piece)
    return "".join(out) if changed else None


def _better(connection: sqlite3.Connection, word: str) -> str | None:
    if not 2 <= len(word) <= _LONGEST or word.isdigit() or _frequency(connection, word):
        return None
    frequencies = {other: _frequency(connection, other) for other in _neighbours(word)}
    best = max(frequencies, key=lambda other: (frequencies[other], other))
    return best if frequencies[best] else None


def _frequency(connection: sqlite3.Connection, word: str) -> int:
    """In how many articles the word is, or `_FREQUENT` if in more: to count further takes long and tells
    nothing."""
    (count,) = connection.execute(
        "SELECT count(*) FROM "
        "(SELECT 1 FROM version_fts WHERE version_fts MATCH :word LIMIT :most)",
        {"word": f'{FOLDED_COLUMNS}:"{word}"', "most": _FREQUENT},
    ).fetchone()
    return int(count)


def _neighbours(word: str) -> set[str]:
    letters = ascii_lowercase + digits
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    near = {a + b[1:] for a, b in splits if b}
    near |= {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    near |= {a + c + b[1:] for a, b in splits if b for c in letters}
    near |= {a + c + b for a, b in splits for c in letters}
    return near - {word, ""}
