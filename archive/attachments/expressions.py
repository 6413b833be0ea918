"""From a typed query to FTS5 expressions over `attachment_fts`.

Every word reaches FTS5 in double quotes and holds letters and digits only, so no input can be a
syntax error or an operator.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.query import Query, Term, Word
from archive.strictness import NEAR_DISTANCE, Level, Nearness, runs

_TYPED_COLUMNS = "{title_exact body_exact}"
_FOLDED_COLUMNS = "{title_folded body_folded}"


def expression(query: Query, level: Level, nearness: Nearness) -> str:
    """The FTS5 expression for the words of the query and its exclusions; empty when it has no words to
    be found."""
    found = _any_of([_alternative(terms, level, nearness) for terms in query.alternatives])
    if found and query.excluded:
        excluded = _any_of([_term(term, Level.MARKED) for term in query.excluded])
        return f"({found}) NOT ({excluded})"
    return found


def _alternative(terms: tuple[Term, ...], level: Level, nearness: Nearness) -> str:
    parts = []
    for run in runs(terms):
        if len(run) == 1 or nearness is Nearness.ANYWHERE:
            parts += [_term(term, level) for term in run]
        else:
            parts.append(_run(run, level, nearness))
    return _all_of(parts)


def _run(run: list[Term], level: Level, nearness: Nearness) -> str:
    words = tuple(word for term in run for word in term.words)
    prefix = run[-1].prefix
    if nearness is Nearness.TOGETHER:
        title = "{title_exact}" if level is Level.TYPED else "{title_folded}"
        forms = [_phrase(level, words, prefix), _near(title, run, level)]
    else:
        forms = [_near(_TYPED_COLUMNS if level is Level.TYPED else _FOLDED_COLUMNS, run, level)]
    return _all_of([_any_of(forms), *_marks(words, prefix, level)])


def _term(term: Term, level: Level) -> str:
    if level is Level.MARKED and all(w.marked for w in term.words):
        level = Level.TYPED
    if term.within is None:
        found = _phrase(level, term.words, term.prefix)
    else:
        columns = _TYPED_COLUMNS if level is Level.TYPED else _FOLDED_COLUMNS
        found = _near(columns, [Term((word,)) for word in term.words], level, term.within)
    return _all_of([found, *_marks(term.words, term.prefix, level)])


def _marks(words: tuple[Word, ...], prefix: bool, level: Level) -> list[str]:
    """FTS5 cannot look for a phrase across two columns. So for mixed words the folded phrase must
    be there, and each word typed with diacritics must be there as typed."""
    if level is not Level.MARKED:
        return []
    last = len(words) - 1
    return [
        f"{_TYPED_COLUMNS}:{_quote(w.typed, prefix and i == last)}"
        for i, w in enumerate(words)
        if w.marked
    ]


def _phrase(level: Level, words: tuple[Word, ...], prefix: bool) -> str:
    if level is Level.TYPED:
        return f"{_TYPED_COLUMNS}:{_quote(' '.join(w.typed for w in words), prefix)}"
    return f"{_FOLDED_COLUMNS}:{_quote(' '.join(w.folded for w in words), prefix)}"


def _near(columns: str, run: Sequence[Term], level: Level, distance: int = NEAR_DISTANCE) -> str:
    typed = level is Level.TYPED
    phrases = (
        _quote(" ".join(w.typed if typed else w.folded for w in t.words), t.prefix) for t in run
    )
    return f"{columns}:NEAR({' '.join(phrases)}, {distance})"


def _quote(words: str, prefix: bool = False) -> str:
    return f'"{words}" *' if prefix else f'"{words}"'


def _all_of(parts: list[str]) -> str:
    """What matches each of the expressions; one at least."""
    return parts[0] if len(parts) == 1 else " AND ".join(f"({p})" for p in parts)


def _any_of(parts: list[str]) -> str:
    """What matches one of the expressions; one at least."""
    return parts[0] if len(parts) == 1 else " OR ".join(f"({p})" for p in parts)
