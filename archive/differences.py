"""What changed between two versions, word by word.

A word is a whole syllable with its diacritics: "hoà" → "hòa" is one word replaced by another, and
is told apart as a mere change of spelling. Paragraphs are compared first, words within those that
changed, so that a long article costs little.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from archive.schema import Article
from archive.vietnamese import unify_tone_placement

# Insertions and deletions looked for. Beyond them the text was written anew, and a comparison
# would take its time to say nothing: it is shown as replaced.
_MOST_EDITS = 1_500

# A word; what is one thing although it has signs in it: an address, a number, a date, the number of a
# document (45.500.000, 98,5, 14/01/2021, 35-NQ/TW, 0237.3829.111); white space; any other sign.
_TOKEN = re.compile(
    r"https?://\S*[^\s.,;:)]|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"
    r"|\d[^\W_]*(?:[.,:]\d[^\W_]*|[-/][^\W_]+)*"
    r"|[^\W_]+|\s+|\.{2,}|.",
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"(\n)")


class Change(StrEnum):
    """What happened to a piece of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and what happened to it. The kept and removed ones joined are the old text,
    the kept and added ones the new text."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field of the article schema that differs. ``spelling``: only the placement of tone marks
    (hoà, hòa) does."""

    field: str
    pieces: tuple[Piece, ...]
    spelling: bool


def article_differences(old: Article, new: Article) -> tuple[FieldDifference, ...]:
    """The fields that differ, in the order of the schema. Counters are no content and left out."""
    return tuple(
        FieldDifference(
            name,
            differences(before, after),
            unify_tone_placement(before) == unify_tone_placement(after),
        )
        for (name, before), (_, after) in zip(_fields(old), _fields(new), strict=True)
        if before != after
    )


def _fields(article: Article) -> Iterator[tuple[str, str]]:
    for name in ("url", "title", "summary", "body_text", "author"):
        yield name, getattr(article, name)
    yield "category", "\n".join(article.category)
    for name in ("published_at", "published_raw", "updated_at", "updated_raw"):
        yield name, getattr(article, name) or ""
    yield "images", "\n".join(f"{i.url} {i.caption}".strip() for i in article.images)
    yield "attachments", "\n".join(f"{a.url} {a.label}".strip() for a in article.attachments)


def differences(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces that lead from one text to the other; neighbours always differ in ``change``,
    what was removed comes before what was added in its place."""
    pieces: list[Piece] = []
    paragraphs = _blocks(_PARAGRAPH.split(old), _PARAGRAPH.split(new))
    for kept, before, after in _readable(paragraphs, str.isspace):
        if kept:
            pieces.append(Piece(Change.KEPT, "".join(before)))
        else:
            pieces += _word_pieces("".join(before), "".join(after))
    return _merged(pieces)


def _word_pieces(old: str, new: str) -> Iterator[Piece]:
    words = _blocks(_TOKEN.findall(old), _TOKEN.findall(new))
    for kept, left, right in _readable(words, _joins_words):
        before, after = "".join(left), "".join(right)
        if kept:
            yield Piece(Change.KEPT, before)
            continue
        space = before[len(before.rstrip()) :]
        if space != after[len(after.rstrip()) :]:
            space = ""
        yield Piece(Change.REMOVED, before.removesuffix(space))
        yield Piece(Change.ADDED, after.removesuffix(space))
        yield Piece(Change.KEPT, space)


def _blocks(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """The sequences cut into blocks: kept (both sides equal) or changed, in order."""
    a = b = 0
    for x, y, length in common_runs(old, new):
        if a < x or b < y:
            yield False, old[a:x], new[b:y]
        if length:
            yield True, old[x : x + length], new[y : y + length]
        a, b = x + length, y + length


def common_runs(
    old: Sequence[str], new: Sequence[str], most: int = _MOST_EDITS
) -> list[tuple[int, int, int]]:
    """Runs common to both, as (place in old, place in new, length), the last of length 0 at the
    ends. The shortest edit script of E. W. Myers (Algorithmica 1, 1986): its cost grows with what
    changed, not with the length of the article. Beyond ``most`` insertions and deletions nothing after
    the common beginning counts as common."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    n, m = len(old) - head, len(new) - head
    most = min(n + m, most)
    reach = array(
        "q", bytes(8 * (2 * most + 3))
    )  # furthest x on the diagonal k = x - y, at k + zero
    zero = most + 1
    history = []
    for edits in range(most + 1):
        history.append(reach[zero - edits - 1 : zero + edits + 2])
        for k in range(-edits, edits + 1, 2):
            before = reach[zero + k - 1], reach[zero + k + 1]
            x = before[1] if _goes_down(k, edits, *before) else before[0] + 1
            y = x - k
            while x < n and y < m and old[head + x] == new[head + y]:
                x, y = x + 1, y + 1
            reach[zero + k] = x
            if x >= n and y >= m:
                return [(0, 0, head), *_runs_back(history, n, m, head)]
    return [(0, 0, head), (len(old), len(new), 0)]


def _goes_down(k: int, edits: int, left: int, right: int) -> bool:
    """Whether the furthest path to diagonal k ends with an insertion (from k + 1), not a deletion
    (from k - 1), given how far those two reach."""
    return k == -edits or (k != edits and left < right)


def _runs_back(
    history: Sequence[Sequence[int]], x: int, y: int, head: int
) -> list[tuple[int, int, int]]:
    """Follows the edit script from its end to its beginning."""
    runs = [(head + x, head + y, 0)]
    for edits in range(len(history) - 1, 0, -1):
        k = x - y
        left, right = history[edits][k + edits], history[edits][k + edits + 2]
        if _goes_down(k, edits, left, right):
            before = right, right - (k + 1)
            start = before[0], before[1] + 1
        else:
            before = left, left - (k - 1)
            start = before[0] + 1, before[1]
        if x > start[0]:
            runs.append((head + start[0], head + start[1], x - start[0]))
        x, y = before
    # Before the first edit the paths run along the diagonal 0: nothing, as the common beginning
    # is cut off already.
    return runs[::-1]


def _readable(
    blocks: Iterator[tuple[bool, Sequence[str], Sequence[str]]], joins: Callable[[str], bool]
) -> Iterator[tuple[bool, list[str], list[str]]]:
    """Takes what stayed between two changes, and only joins them, as changed with them: one replaced
    phrase reads better than its words in alternation, and a paragraph cut in two is compared whole."""
    found = list(blocks)
    for i, (kept, left, right) in enumerate(found):
        inside = 0 < i < len(found) - 1
        if kept and inside and all(map(joins, left)):
            found[i] = (False, left, right)
    for kept, group in groupby(found, key=lambda block: block[0]):
        members = list(group)
        yield kept, [t for m in members for t in m[1]], [t for m in members for t in m[2]]


def _joins_words(token: str) -> bool:
    return not token[0].isalnum() and "\n" not in token


def _merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Joins runs of changes, removed before added, and drops empty pieces."""
    out: list[Piece] = []
    whole = (piece for piece in pieces if piece.text)
    for kept, group in groupby(whole, key=lambda piece: piece.change is Change.KEPT):
        members = list(group)
        for change in (Change.KEPT,) if kept else (Change.REMOVED, Change.ADDED):
            text = "".join(m.text for m in members if m.change is change)
            if text:
                out.append(Piece(change, text))
    return tuple(out)
