"""Marks what a query matches in the text as printed, and cuts the best passage out of it.

The index is contentless and cannot do it. Both keys (`fold`, `typed_key`) keep the length of the
text, so a match found in a key is a span of the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from archive.index_text import typed_key
from archive.query import WORD, Query, Term
from archive.strictness import Level
from archive.vietnamese import syllables

WIDTH = 220  # characters of a passage, without the ellipses
LEAD = 60  # of them at most before the first match
LONGEST = 200_000  # characters looked at; a longer body is a hostile page or a whole book
ELLIPSIS = "…"


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """The text as matches are looked for in it, character for character (archive.vietnamese.syllables).
    Kept for a while: the same texts are ranked, marked and cut."""
    return syllables(text)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with the spans ``(start, end)`` that match, in order, not overlapping."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()

    def parts(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it matches. Joined they are the text."""
        at = 0
        for start, end in self.spans:
            if at < start:
                yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        if at < len(self.text):
            yield self.text[at:], False


@dataclass(frozen=True, slots=True)
class _Needle:
    """A term to be marked. ``number`` is its place in the query; ``pattern`` finds it in folded
    text; ``typed`` has, for each word that must be as typed, that form."""

    number: int
    pattern: re.Pattern[str]
    typed: tuple[str | None, ...]
    prefix: bool

    def is_in(self, lowered: str) -> bool:
        """Whether a text in lower case can have it: all words that must be without diacritics."""
        return all(w is None or not w.isascii() or w in lowered for w in self.typed)

    def agrees(self, text: str) -> bool:
        """Whether the text, which matches when folded, has the diacritics that were asked for."""
        if not any(self.typed):
            return True
        words = _typed_words(text)
        if self.prefix and self.typed[-1]:
            words = (*words[:-1], words[-1][: len(self.typed[-1])])
        return all(wanted in (None, found) for wanted, found in zip(self.typed, words, strict=True))


@lru_cache(maxsize=4096)
def _typed_words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(typed_key(text)))


class _Match(NamedTuple):
    start: int
    end: int
    needle: int


class Highlighter:
    """Finds the terms of one query, as strictly as the level under which a hit was found."""

    def __init__(self, query: Query, level: Level) -> None:
        alternatives = [
            [part for term in terms for part in _parts(term)] for terms in query.alternatives
        ]
        terms = [term for alternative in alternatives for term in alternative]
        self._needles = [_needle(number, term, level) for number, term in enumerate(terms)]
        numbers = iter(range(len(terms)))
        self._alternatives = [{next(numbers) for _ in terms} for terms in alternatives]

    def mark(self, text: str) -> Marked:
        """The whole text with all matches marked."""
        return Marked(text, _spans(text, self._find(text)))

    def passage(self, text: str) -> Marked:
        """The passage of about 160–220 characters where most of the query stands together, on one
        line, cut between words; the beginning of the text where nothing matches."""
        text = text[:LONGEST]
        matches = self._find(text)
        start, end = _window(text, _densest(matches))
        spans = [
            (s - start, e - start) for s, e in _spans(text, matches) if start <= s and e <= end
        ]
        cut = text[start:end].replace("\n", " ")
        before = ELLIPSIS if start > 0 else ""
        after = ELLIPSIS if end < len(text) else ""
        moved = tuple((s + len(before), e + len(before)) for s, e in spans)
        return Marked(before + cut + after, moved)

    def covers(self, *texts: str) -> bool:
        """Whether the texts together hold all terms of one alternative of the query (of none, if
        the query has no words)."""
        # Few texts have a word as it is written without marks; most are told by a look for it.
        lowered = "\n".join(texts).lower()
        if self._alternatives and not any(
            all(self._needles[number].is_in(lowered) for number in needed)
            for needed in self._alternatives
        ):
            return False
        found = {match.needle for text in texts for match in self._find(text)}
        return not self._alternatives or any(needed <= found for needed in self._alternatives)

    def _find(self, text: str) -> list[_Match]:
        folded = plain(text)
        return sorted(
            _Match(found.start(), found.end(), needle.number)
            for needle in self._needles
            for found in needle.pattern.finditer(folded)
            if needle.agrees(text[found.start() : found.end()])
        )


def _parts(term: Term) -> tuple[Term, ...]:
    """What is marked of a term: words that only have to be near each other are marked one by one."""
    return (term,) if term.within is None else tuple(Term((word,)) for word in term.words)


def _needle(number: int, term: Term, level: Level) -> _Needle:
    strict = {
        Level.TYPED: term.words,
        Level.MARKED: tuple(w for w in term.words if w.marked),
        Level.FOLDED: (),
    }[level]
    first, *others = (re.escape(word.folded) for word in term.words)
    # The literal comes first and the look at what is before it second: that is the fast order.
    start = rf"{first}(?<![^\W_]{first})"
    end = r"[^\W_]*" if term.prefix else r"(?![^\W_])"
    pattern = re.compile(r"[\W_]+".join((start, *others)) + end)
    typed = tuple(w.typed if w in strict else None for w in term.words)
    return _Needle(number, pattern, typed, term.prefix)


def _spans(text: str, matches: list[_Match]) -> tuple[tuple[int, int], ...]:
    """Neighbouring matches with nothing but a space between them become one."""
    spans: list[tuple[int, int]] = []
    for match in matches:
        if spans and text[spans[-1][1] : match.start] in ("", " "):
            spans[-1] = (spans[-1][0], max(spans[-1][1], match.end))
        elif not spans or match.start >= spans[-1][1]:
            spans.append((match.start, match.end))
    return tuple(spans)


def _densest(matches: list[_Match]) -> tuple[int, int]:
    """Start and end of the matches that together say most about the hit: different terms first,
    then terms in the order of the query, then many. (0, 0) where there are none."""
    best, best_score = (0, 0), 0.0
    for i, first in enumerate(matches):
        seen: set[int] = set()
        score = 0.0
        for j in range(i, len(matches)):
            match = matches[j]
            if match.end - first.start > WIDTH - LEAD and j > i:
                break
            score += 0.1 if match.needle in seen else 10.0
            seen.add(match.needle)
            before = matches[j - 1]
            if j > i and match.needle == before.needle + 1 and match.start - before.end <= 1:
                score += 5.0
            if score > best_score:
                best, best_score = (first.start, match.end), score
    return best


def _window(text: str, core: tuple[int, int]) -> tuple[int, int]:
    """The core with text around it: from the beginning of its sentence if that is near, else from
    a word; to the end of a word."""
    if len(text) <= WIDTH:
        return 0, len(text)
    start, end = core[0], min(core[1], core[0] + WIDTH)
    earliest = max(0, start - LEAD, end - WIDTH)
    if earliest == 0:
        start = 0
    else:
        sentence = max(text.rfind(mark, earliest, start) + len(mark) for mark in ("\n", ". "))
        space = text.find(" ", earliest, start)
        if sentence > earliest + 1:
            start = sentence
        elif space >= 0:
            start = space + 1
    latest = start + WIDTH
    if latest >= len(text):
        return start, len(text)
    space = max(text.rfind(" ", end, latest + 1), text.rfind("\n", end, latest + 1))
    return start, space if space > end else max(end, latest if space < 0 else end)
