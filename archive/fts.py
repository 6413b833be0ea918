"""From a typed query to FTS5 expressions over `version_fts`.

Every word reaches FTS5 in double quotes and holds letters and digits only, so no input can be a
syntax error or an operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from archive.query import Query, Term, Word

TYPED_COLUMNS = "{title_exact body_exact}"
FOLDED_COLUMNS = "{title_folded body_folded}"
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


def expression(query: Query, level: Level, nearness: Nearness) -> str:
    """The FTS5 expression for the query, its exclusions and bylines included; empty when the
    query has no words to be found (exclusions then need `excluded_expression`)."""
    parts = [_alternative(terms, level, nearness) for terms in query.alternatives]
    found = any_of(parts)
    # Bylines are part of the indexed body: this narrows cheaply, the caller checks the byline.
    authors = [_phrase(Level.FOLDED, words, prefix=False) for words in query.authors]
    positive = all_of([found, *authors] if found else authors)
    if positive and query.excluded:
        return f"({positive}) NOT ({excluded_expression(query)})"
    return positive


def excluded_expression(query: Query) -> str:
    """Matches what the query excludes; empty when it excludes nothing."""
    return any_of([_term(term, Level.MARKED) for term in query.excluded])


def _alternative(terms: tuple[Term, ...], level: Level, nearness: Nearness) -> str:
    parts = []
    for run in runs(terms):
        if len(run) == 1 or nearness is Nearness.ANYWHERE:
            parts += [_term(term, level) for term in run]
        else:
            parts.append(_run(run, level, nearness))
    return all_of(parts)


def runs(terms: tuple[Term, ...]) -> list[list[Term]]:
    """Neighbouring words without quotes: in Vietnamese a word is mostly several of them."""
    found: list[list[Term]] = []
    for before, term in zip((None, *terms), terms, strict=False):
        if before is None or before.quoted or term.quoted or before.prefix:
            found.append([])
        found[-1].append(term)
    return found


def _run(run: list[Term], level: Level, nearness: Nearness) -> str:
    words = tuple(word for term in run for word in term.words)
    prefix = run[-1].prefix
    if nearness is Nearness.TOGETHER:
        title = "{title_exact}" if level is Level.TYPED else "{title_folded}"
        forms = [_phrase(level, words, prefix), _near(title, run, level)]
    else:
        forms = [_near(TYPED_COLUMNS if level is Level.TYPED else FOLDED_COLUMNS, run, level)]
    return all_of([any_of(forms), *_marks(words, prefix, level)])


def _term(term: Term, level: Level) -> str:
    if level is Level.MARKED and all(w.marked for w in term.words):
        level = Level.TYPED
    if term.within is None:
        found = _phrase(level, term.words, term.prefix)
    else:
        columns = TYPED_COLUMNS if level is Level.TYPED else FOLDED_COLUMNS
        found = _near(columns, [Term((word,)) for word in term.words], level, term.within)
    return all_of([found, *_marks(term.words, term.prefix, level)])


def _marks(words: tuple[Word, ...], prefix: bool, level: Level) -> list[str]:
    """FTS5 cannot look for a phrase across two columns. So for mixed words the folded phrase must
    be there, and each word typed with diacritics must be there as typed."""
    if level is not Level.MARKED:
        return []
    last = len(words) - 1
    return [
        f"{TYPED_COLUMNS}:{_quote(w.typed, prefix and i == last)}"
        for i, w in enumerate(words)
        if w.marked
    ]


def _phrase(level: Level, words: tuple[Word, ...], prefix: bool) -> str:
    if level is Level.TYPED:
        return f"{TYPED_COLUMNS}:{_quote(' '.join(w.typed for w in words), prefix)}"
    return f"{FOLDED_COLUMNS}:{_quote(' '.join(w.folded for w in words), prefix)}"


def _near(columns: str, run: Sequence[Term], level: Level, distance: int = NEAR_DISTANCE) -> str:
    typed = level is Level.TYPED
    phrases = (
        _quote(" ".join(w.typed if typed else w.folded for w in t.words), t.prefix) for t in run
    )
    return f"{columns}:NEAR({' '.join(phrases)}, {distance})"


def _quote(words: str, prefix: bool = False) -> str:
    return f'"{words}" *' if prefix else f'"{words}"'


def all_of(parts: list[str]) -> str:
    """What matches each of the expressions; one at least."""
    return parts[0] if len(parts) == 1 else " AND ".join(f"({p})" for p in parts)


def any_of(parts: list[str]) -> str:
    """What matches one of the expressions; one at least."""
    return parts[0] if len(parts) == 1 else " OR ".join(f"({p})" for p in parts)
