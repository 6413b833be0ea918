"""In which order a search shows what it finds.

FTS5 can rank only after it has looked at every match, which takes seconds where a word is in most of a
million articles. So candidates are taken in tiers, the most promising first, the articles archived last
first within a tier, and no further than needed; every thirty of them are then put in order by a look at
their texts. What matches a hundred articles or fewer is in the best order as a whole.

Of each level (as typed, any diacritics) the tiers are: all words in the title; the words together as a
name; the words together; each word in the title or often in the text; the words near each other; all
others. To look for words that stand together takes time where they are in most articles and never
together, so for those two tiers only the articles archived last are looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

from archive.fts import NEAR_DISTANCE, Level, Nearness, expression, levels, nearnesses, runs
from archive.fts_labels import focused, named, narrowed, titled
from archive.index_text import HOLDING
from archive.query import Query, Term
from archive.search_tables import Tables
from archive.vietnamese import syllables

BLOCK = 30  # candidates put in order together,
WHOLE = 100  # but all where no more match
_LATEST_TOGETHER = 200_000  # articles looked at for words that stand together,
_LATEST_NEAR = 50_000  # or near each other
_MOST_TITLE_WORDS = 12  # a longer query is the beginning of a text, not a title
_MOST_NEAR_WORDS = (
    4  # more of them near each other are together, or have little to do with each other
)
_FEW = 8  # endings of a word with a star, beyond which it is not looked for in phrases
_BEGINNING = 2_500  # characters of a text that are weighed
_COMMON_LENGTH = 900.0  # syllables of an article


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that matches. ``group`` is one number for all that hold the same text; ``level`` and
    ``nearness`` how strictly it was found, the latter perhaps less than it could be."""

    article_id: int
    version_id: int
    group: int
    level: Level
    nearness: Nearness = Nearness.ANYWHERE


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate in its place. ``score`` compares within one level and nearness only."""

    candidate: Candidate
    nearness: Nearness
    score: float


def ranked(
    connection: sqlite3.Connection, query: Query, tables: Tables, total: int
) -> Iterator[Ranked]:
    """All that matches, each text once, best first. ``total``: how many articles that is, at least.
    The same query gives the same order, however much of it is read."""
    candidates = _candidates(connection, query, tables, total)
    for _, found in groupby(candidates, key=lambda candidate: candidate.level):
        while block := list(islice(found, WHOLE if total <= WHOLE else BLOCK)):
            yield from in_order(connection, query, block)


class _Tier(NamedTuple):
    """Which articles to try next: those that match ``expression`` (all, where it is empty), archived
    after the version ``oldest``. ``tells_all``: it implies the words of the query."""

    expression: str
    nearness: Nearness = Nearness.ANYWHERE
    oldest: int = 0
    tells_all: bool = False


def _candidates(
    connection: sqlite3.Connection, query: Query, tables: Tables, total: int
) -> Iterator[Candidate]:
    seen: set[int] = set()
    newest = connection.execute("SELECT coalesce(max(id), 0) FROM version_fts_docsize").fetchone()[
        0
    ]
    for level in levels(query):
        for tier in _tiers(query, level, newest) if total > WHOLE else (_Tier(""),):
            for candidate in _matches(connection, query, tables, level, tier):
                if candidate.group not in seen:
                    seen.add(candidate.group)
                    yield candidate


def _tiers(query: Query, level: Level, newest: int) -> Iterator[_Tier]:
    terms = [term for alternative in query.alternatives for term in alternative]
    words = sum(len(term.words) for term in terms)
    apart = len(nearnesses(query)) > 1 and not any(len(t.endings) > _FEW for t in terms)
    # Labels are of single words: they say nothing of phrases, nor of how unmarked words are typed.
    tells_all = level is not Level.TYPED or Level.MARKED not in levels(query)
    tells_all = tells_all and all(len(t.words) == 1 and not t.prefix for t in terms)
    together = expression(query, level, Nearness.TOGETHER)
    if words <= _MOST_TITLE_WORDS:
        yield _Tier(titled(query, level), tells_all=tells_all)
    if apart and (name := named(query)):
        yield _Tier(f"({name}) AND ({together})", Nearness.TOGETHER, tells_all=True)
    if apart:
        yield _Tier(together, Nearness.TOGETHER, newest - _LATEST_TOGETHER, True)
    if words <= _MOST_TITLE_WORDS:
        yield _Tier(focused(query, level), tells_all=tells_all)
    if apart and words <= _MOST_NEAR_WORDS:
        near = expression(query, level, Nearness.NEAR)
        yield _Tier(near, Nearness.NEAR, newest - _LATEST_NEAR, True)
    yield _Tier("")


def _matches(
    connection: sqlite3.Connection, query: Query, tables: Tables, level: Level, tier: _Tier
) -> Iterator[Candidate]:
    sql = (
        "SELECT a.id, version_fts.rowid, coalesce(a.duplicate_of, a.id) "
        f"FROM {tables.tables} WHERE version_fts MATCH :match AND version_fts.rowid > :oldest "
        f"AND {tables.where} ORDER BY version_fts.rowid DESC"
    )
    match = narrowed(query, level, tier.expression, tells_all=tier.tells_all)
    rows = connection.execute(sql, {**tables.parameters, "match": match, "oldest": tier.oldest})
    for article_id, version_id, group in rows:
        yield Candidate(article_id, version_id, group, level, tier.nearness)


def in_order(connection: sqlite3.Connection, query: Query, block: list[Candidate]) -> list[Ranked]:
    """The candidates, best first, by a look at the text of each."""
    scale = _Scale(query)
    found = []
    for candidate in block:
        nearness, score = scale.weigh(*_texts(connection, candidate.version_id))
        nearness = min(nearness, candidate.nearness, key=_ORDER.__getitem__)
        found.append(Ranked(candidate, nearness, round(score, 6)))
    return sorted(found, key=lambda r: (_ORDER[r.nearness], -r.score, r.candidate.article_id))


def _texts(connection: sqlite3.Connection, version_id: int) -> tuple[str, str]:
    """Title and the beginning of everything else."""
    row: tuple[str, str] = connection.execute(
        "SELECT title, substr(summary || char(10) || body_text, 1, ?) FROM version WHERE id = ?",
        (_BEGINNING, version_id),
    ).fetchone()
    return row


class _Scale:
    """Weighs texts against one query, by their folded words."""

    def __init__(self, query: Query) -> None:
        self._alternatives = [_wanted(terms) for terms in query.alternatives]

    def weigh(self, title: str, body: str) -> tuple[Nearness, float]:
        """How the words of the query stand to each other in the best case, and how much the article
        is about them."""
        title, body = _spaced(title), _spaced(body)
        weighed = [_weigh(wanted, title, body) for wanted in self._alternatives]
        return max(weighed, key=lambda found: (-_ORDER[found[0]], found[1]))


_ORDER = {nearness: place for place, nearness in enumerate(Nearness)}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one alternative of a query looks for in text that `_spaced` made: ``telling`` has the words
    that say what it is about, ``runs`` the neighbours among them, of which more
    than one could stand together."""

    telling: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]


def _wanted(terms: tuple[Term, ...]) -> _Wanted:
    groups = runs(terms)
    found = [phrase for run in groups for term in run for phrase in _phrases(term)]
    telling = [phrase for phrase in dict.fromkeys(found) if phrase.strip() not in HOLDING]
    return _Wanted(
        tuple(telling or found),
        tuple(
            tuple(phrase for term in run for phrase in _phrases(term))
            for run in groups
            if len(run) > 1
        ),
    )


def _phrases(term: Term) -> list[str]:
    """What to look for: ``" nong thon "``, without the last space for the beginning of a word."""
    if term.within is not None:
        return [f" {word.folded} " for word in term.words]
    words = " ".join(word.folded for word in term.words)
    return [f" {words}" if term.prefix else f" {words} "]


def _weigh(wanted: _Wanted, title: str, body: str) -> tuple[Nearness, float]:
    length = 1.2 * (0.3 + 0.7 * body.count(" ") / _COMMON_LENGTH)
    counts = [body.count(phrase) for phrase in wanted.telling]
    titled = sum(phrase in title for phrase in wanted.telling) / len(wanted.telling)
    # An article is about all the words as much as about the one that it mentions least.
    least = min(count / (count + length) for count in counts)
    score = least + 2.0 * titled
    score += 0.5 * titled * len(wanted.telling) / (title.count(" ") - 1 or 1)
    nearness = Nearness.TOGETHER
    for run in wanted.runs:
        together = "".join(phrase[:-1] for phrase in run[:-1]) + run[-1]
        if together in title:
            score += 1.0
        elif together in body:
            score += 0.2
        elif not _near(run, title):
            nearness = Nearness.NEAR if _near(run, body) else Nearness.ANYWHERE
            if nearness is Nearness.ANYWHERE:
                break
    return nearness, score


def _near(run: tuple[str, ...], text: str) -> bool:
    """Whether all of the run stand in the text with at most `NEAR_DISTANCE` words between the first
    and the last."""
    last: dict[str, int] = {}
    words = text.split()
    singles = {phrase.strip(): phrase for phrase in run if phrase.count(" ") == 2}
    if len(singles) < len(set(run)):
        return all(phrase in text for phrase in run) and len(words) <= NEAR_DISTANCE
    for place, word in enumerate(words):
        if word in singles:
            last[word] = place
            if len(last) == len(singles) and place - min(last.values()) <= NEAR_DISTANCE + 1:
                return True
    return False


def _spaced(text: str) -> str:
    """Folded words with one space or more between them and around."""
    return f" {' '.join(syllables(text).split())} "
