"""How strictly a query is taken: its diacritics, and how its words stand to each other."""

from __future__ import annotations

from enum import Enum

from archive.query import Query, Term

NEAR_DISTANCE = 8  # words between; "nghị quyết số 35", "Nghị quyết hội nghị Trung ương 35"


class Level(Enum):
    """How much of the typed diacritics a match must have."""

    TYPED = "typed"  # every word as typed: "thanh niên" is not "thành niên"
    MARKED = "marked"  # words typed with diacritics as typed, the others with any: "nghị quyet"
    FOLDED = "folded"  # any diacritics


class Nearness(Enum):
    """How the words of an alternative that are not quoted must stand to each other."""

    TOGETHER = "together"  # as a phrase, or near each other in the title
    NEAR = "near"
    ANYWHERE = "anywhere"


def levels(query: Query) -> tuple[Level, ...]:
    """The levels that differ for this query, strictest first; each matches all that the one
    before it matches."""
    words = [w for terms in query.alternatives for t in terms for w in t.words]
    if not any(w.marked for w in words):
        return (Level.FOLDED,)
    if any(not w.marked and not w.typed.isdigit() for w in words):
        return (Level.TYPED, Level.MARKED, Level.FOLDED)
    return (Level.TYPED, Level.FOLDED)


def nearnesses(query: Query) -> tuple[Nearness, ...]:
    """The degrees that differ for this query, strictest first."""
    if any(len(run) > 1 for terms in query.alternatives for run in runs(terms)):
        return tuple(Nearness)
    return (Nearness.ANYWHERE,)


def runs(terms: tuple[Term, ...]) -> list[list[Term]]:
    """Neighbouring words without quotes: in Vietnamese a word is mostly several of them."""
    found: list[list[Term]] = []
    for before, term in zip((None, *terms), terms, strict=False):
        if before is None or before.quoted or term.quoted or before.prefix:
            found.append([])
        found[-1].append(term)
    return found
