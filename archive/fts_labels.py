"""FTS5 expressions over the labels of `version_fts`: filters, and the articles most likely to be meant.

The index gives what it finds in the order of row numbers and computes no rank without looking at every
match. Labels (archive.index_text) narrow a broad query to few articles before anything is looked at.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from archive.fts import Level, Nearness, all_of, any_of, excluded_expression, expression, runs
from archive.index_text import label
from archive.query import Query, Term, Word

# Years that archives have in plenty are asked for one by one: FTS5 puts what a beginning of a word
# stands for together before it looks at the first.
_CROWDED = range(1990, 2040)


def filters(query: Query) -> str:
    """Matches what the filters of the query let through, and perhaps more: days, and how the words of
    a byline or category stand, are seen to by the caller. Empty where there are no filters."""
    parts = [any_of([_label("site", site) for site in query.sites])] if query.sites else []
    if query.since or query.until:
        parts.append(any_of(_period(query.since, query.until)))
    parts += (_label("author", word.folded) for words in query.authors for word in words)
    parts += (_label("category", word.folded) for words in query.categories for word in words)
    if query.with_files:
        parts.append(_label("files"))
    return all_of(parts) if parts else ""


def month(published_at: str) -> str:
    """Matches the articles published in the month of this day."""
    return _label("month", published_at[:7])


UNDATED = f'{{labels}}:"{label("undated")}"'


def titled(query: Query, level: Level) -> str:
    """Matches articles with all the words of the query in the title."""
    return any_of(
        [
            all_of([_in_title(word, term, level) for term in terms for word in term.words])
            for terms in query.alternatives
        ]
    )


def focused(query: Query, level: Level) -> str:
    """Matches articles whose title or text comes back to each word of the query."""
    return any_of(
        [
            all_of(
                [
                    any_of([_in_title(word, term, level), _word("focus", word, term, level)])
                    for term in terms
                    for word in term.words
                ]
            )
            for terms in query.alternatives
        ]
    )


def named(query: Query) -> str:
    """Matches articles where the words stand together as a name, each with a capital; empty for a
    query that cannot be names only. (Nearly every article has each of Nguyễn, Văn and Thành.)"""
    parts = []
    for terms in query.alternatives:
        found = [run for run in runs(terms) if not any(t.within is not None for t in run)]
        words = [[w for term in run for w in term.words] for run in found]
        if not words or any(len(run) < 2 for run in words) or any(t.prefix for t in terms):
            return ""
        parts.append(
            all_of(
                [
                    _label("name", first.folded, second.folded)
                    for run in words
                    for first, second in pairwise(run)
                ]
            )
        )
    return any_of(parts) if parts else ""


def narrowed(query: Query, level: Level, tier: str = "", *, tells_all: bool = False) -> str:
    """Matches all that the query does, its filters included; of that only what the expression
    ``tier`` matches too. With ``tells_all`` what matches the tier has the words of the query: they are
    not asked for again. Empty where the index has nothing to look for."""
    parts = [part for part in (tier, filters(query)) if part]
    words = expression(query, level, Nearness.ANYWHERE)
    if words and not tells_all:
        return all_of([*parts, words])
    if parts and query.excluded:
        return f"({all_of(parts)}) NOT ({excluded_expression(query)})"
    return all_of(parts) if parts else ""


def _in_title(word: Word, term: Term, level: Level) -> str:
    return _word("title", word, term, level)


def _word(kind: str, word: Word, term: Term, level: Level) -> str:
    if term.endings and level is Level.FOLDED:
        return any_of([_label(kind, ending) for ending in term.endings])
    as_typed = level is not Level.FOLDED and word.marked
    star = " *" if term.prefix and word is term.words[-1] else ""
    return _label(kind, word.typed if as_typed else word.folded) + star


def _label(kind: str, *values: str) -> str:
    return f'{{labels}}:"{label(kind, *values)}"'


def _period(since: date | None, until: date | None) -> list[str]:
    """The labels of all years from the one to the other day, months where only some of a year."""
    first, last = since or date.min, until or date.max
    parts: list[str] = []
    years = [first.year, last.year]
    for year in dict.fromkeys(years):
        months = range(
            first.month if year == first.year else 1, (last.month if year == last.year else 12) + 1
        )
        if len(months) == 12:
            parts.append(_label("year", f"{year:04}"))
        else:
            parts += (_label("month", f"{year:04}-{m:02}") for m in months)
    return [*parts, *_years(first.year + 1, last.year - 1)]


def _years(first: int, last: int) -> list[str]:
    """All years between the two, with few labels: decades, centuries and millennia where whole."""
    parts, year = [], first
    while year <= last:
        for width in (1000, 100, 10):
            end = year + width
            crowded = year < _CROWDED.stop and end > _CROWDED.start
            if year % width == 0 and end - 1 <= last and not crowded:
                parts.append(_label("year", f"{year:04}"[: -len(str(width)) + 1]) + " *")
                year = end
                break
        else:
            parts.append(_label("year", f"{year:04}"))
            year += 1
    return parts
