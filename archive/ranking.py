"""In which order a search shows what it finds.

To weigh every article that matches would take seconds where a word is in most of a million. So
candidates are taken in tiers, the most promising first, the articles archived last first within a tier,
and no further than needed; every thirty of them are then put in order by a look at their texts. What
matches a hundred articles or fewer is in the best order as a whole.

Of each level (as typed, any diacritics) the tiers are: all words in the title; the words as a name; the
words together; each word in the title or often in the text; most words in the title; all others.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pyroaring import FrozenBitMap

from archive.index_text import HOLDING
from archive.matches import Matches
from archive.query import Query, Term
from archive.strictness import NEAR_DISTANCE, Level, Nearness, levels, nearnesses, runs
from archive.vietnamese import syllables

BLOCK = 30  # candidates put in order together,
WHOLE = 100  # but all where no more match
_MOST_TITLE_WORDS = 12  # a longer query is the beginning of a text, not a title
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


def ranked(connection: sqlite3.Connection, query: Query, matches: Matches) -> Iterator[Ranked]:
    """All that matches, each text once, best first. The same query gives the same order, however much
    of it is read."""
    seen: set[int] = set()
    done = FrozenBitMap()
    few = len(matches.versions(Level.FOLDED)) <= WHOLE
    for level in levels(query):
        todo = matches.versions(level) - done
        candidates = _candidates(connection, query, matches, level, todo, few)
        found = (one for one in candidates if one.group not in seen)
        while block := list(islice(found, WHOLE if few else BLOCK)):
            if not matches.is_exact(level):
                block = [one for one in block if matches.holds(one.version_id, level)]
            done |= FrozenBitMap([one.version_id for one in block])
            order = in_order(connection, query, _one_of_each(block))
            seen.update(one.candidate.group for one in order)
            yield from order


def _one_of_each(block: list[Candidate]) -> list[Candidate]:
    groups: dict[int, Candidate] = {}
    for candidate in block:
        groups.setdefault(candidate.group, candidate)
    return list(groups.values())


def _candidates(
    connection: sqlite3.Connection,
    query: Query,
    matches: Matches,
    level: Level,
    todo: FrozenBitMap,
    few: bool,
) -> Iterator[Candidate]:
    """What matches at this level, tier by tier, the article archived last first."""
    for versions, nearness in () if few else _tiers(query, matches, level):
        tier = todo & versions
        todo = todo - tier
        yield from _in_turn(connection, tier, level, nearness)
    yield from _in_turn(connection, todo, level, Nearness.ANYWHERE)


def _tiers(query: Query, matches: Matches, level: Level) -> Iterator[tuple[FrozenBitMap, Nearness]]:
    """What to try before all others, the most promising first, and how near the words are there."""
    words = sum(len(term.words) for terms in query.alternatives for term in terms)
    if words <= _MOST_TITLE_WORDS:
        yield matches.titled(level), Nearness.ANYWHERE
    if len(nearnesses(query)) > 1:
        yield matches.named(), Nearness.TOGETHER
        yield matches.together(), Nearness.TOGETHER
    if words <= _MOST_TITLE_WORDS:
        yield matches.focused(level), Nearness.ANYWHERE
        for versions in matches.mostly_titled(level):
            yield versions, Nearness.ANYWHERE


def _in_turn(
    connection: sqlite3.Connection,
    versions: FrozenBitMap,
    level: Level,
    nearness: Nearness,
) -> Iterator[Candidate]:
    """The articles of these versions, the one archived last first."""
    numbers: array[int] = versions.to_array()
    for end in range(len(numbers), 0, -BLOCK):
        some = list(reversed(numbers[max(0, end - BLOCK) : end]))
        rows = connection.execute(
            "SELECT a.id, a.version_id, coalesce(a.duplicate_of, a.id) FROM json_each(?) j "
            "CROSS JOIN article a ON a.version_id = j.value ORDER BY j.key",
            (json.dumps(some),),
        )
        for article_id, version_id, group in rows:
            yield Candidate(article_id, version_id, group, level, nearness)


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
