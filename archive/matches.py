"""What a query matches, as sets of versions.

Words, and what is known of an article beside them, are looked up in the sets of archive.word_sets; that
words follow each other in `version_pair`. What stands how otherwise (a phrase of three words or more,
words within a distance) is asked of `version_fts` where it cannot be seen in a few articles. What the
index does not know (a phrase with its diacritics, the words of a byline in their order) is looked at in
few articles here, in many when they are shown (`Matches.holds`).
"""

from __future__ import annotations

import json
import sqlite3
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import islice, pairwise

from pyroaring import FrozenBitMap

from archive import full_text
from archive.articles import article_of
from archive.index_text import BAR, key, searchable_body, typed_key, typed_word
from archive.query import WORD, Query, Term, Word, words_of
from archive.snippets import Highlighter
from archive.strictness import Level, runs
from archive.vietnamese import fold
from archive.word_sets import INDEXED, WordSets, matching_pairs, pair_key, years_of

# Articles read to see whether they match, since FTS5 has to go through all that have the rarest of the
# words: a two-hundredth of those can be read in the same time.
_LOOKED_AT = 100
_LOOKED_AT_OF = 200
_MOST_ROWS = 3_000  # articles of which byline and category are compared
_FEW_KEYS = 8  # words that begin so; more are not looked for next to others


class Matches:
    """What one query matches. For one search: what others write meanwhile is not seen."""

    def __init__(self, connection: sqlite3.Connection, query: Query) -> None:
        self._connection = connection
        self._query = query
        self.sets = WordSets(connection, kept=True)
        self._at: dict[Level, _Found] = {}
        self._wanted: dict[Level, list[tuple[tuple[Term, ...], Highlighter]]] = {}

    def versions(self, level: Level) -> FrozenBitMap:
        """The versions that match at this level; also some others where not `is_exact`."""
        return self._found(level).versions

    def is_exact(self, level: Level) -> bool:
        """Whether `versions` has been checked, and `holds` need not be asked."""
        return self._found(level).exact

    def holds(self, version_id: int, level: Level) -> bool:
        """Whether this version, one of `versions`, does match: by a look at the article."""
        cursor = self._connection.execute(f"{full_text.VERSIONS} WHERE v.id = ?", (version_id,))
        cursor.row_factory = sqlite3.Row
        article = article_of(cursor.fetchone())
        names = [(article.author, words) for words in self._query.authors]
        categories = json.dumps(article.category, ensure_ascii=False)
        names += [(categories, words) for words in self._query.categories]
        if not all(has_words(text, words) for text, words in names):
            return False
        texts = (article.title, searchable_body(article))
        return any(
            all(any(_stand_near(text, term, level) for text in texts) for term in _near(terms))
            and highlighter.covers(*texts)
            for terms, highlighter in self._wanted_at(level)
        )

    def _wanted_at(self, level: Level) -> list[tuple[tuple[Term, ...], Highlighter]]:
        """Each alternative with what finds its terms in a text."""
        if level not in self._wanted:
            self._wanted[level] = [
                (terms, Highlighter(Query(alternatives=(terms,)), level))
                for terms in self._query.alternatives or ((),)
            ]
        return self._wanted[level]

    def titled(self, level: Level) -> FrozenBitMap:
        """The versions with all words in the title, filters apart."""
        return self._labelled(level, ("title",))

    def focused(self, level: Level) -> FrozenBitMap:
        """The versions whose title or text comes back to each word, filters apart."""
        return self._labelled(level, ("title", "focus"))

    def mostly_titled(self, level: Level) -> list[FrozenBitMap]:
        """The versions with all words but one in the title, all but two, … but half, filters apart."""
        found: list[FrozenBitMap] = []
        for terms in self._query.alternatives:
            words = [(word, term) for term in terms for word in term.words]
            # so_many[n]: the versions with more than n of the words looked at so far
            so_many = [FrozenBitMap() for _ in words]
            for number, (word, term) in enumerate(words):
                having = self._of_kind("title", word, term, level)
                for n in range(number, 0, -1):
                    so_many[n] |= so_many[n - 1] & having
                so_many[0] |= having
            for missing, versions in enumerate(reversed(so_many[len(words) // 2 : -1])):
                if missing == len(found):
                    found.append(FrozenBitMap())
                found[missing] |= versions
        return found

    def named(self) -> FrozenBitMap:
        """The versions in which the words stand as a name, each with a capital, filters apart; none for
        a query that cannot be names only. (Nearly every article has each of Nguyễn, Văn and Thành.)"""
        found = FrozenBitMap()
        for terms in self._query.alternatives:
            groups = [[word for term in run for word in term.words] for run in runs(terms)]
            if any(len(words) < 2 for words in groups) or any(
                term.prefix or term.within is not None for term in terms
            ):
                return FrozenBitMap()
            pairs = [pair for words in groups for pair in pairwise(words)]
            found |= _in_all([self.sets.having(key("name", a.folded, b.folded)) for a, b in pairs])
        return found

    def together(self) -> FrozenBitMap:
        """The versions in which the words stand together, each after the one before it somewhere, filters
        apart; none where that is too much to look for, or says nothing."""
        found = FrozenBitMap()
        for terms in self._query.alternatives:
            groups = [_of_run(run) for run in runs(terms) if run[0].within is None]
            pairs = [Term(words, prefix=prefix) for words, prefix in groups if len(words) > 1]
            if not pairs or any(t.prefix and not self._few(t.words[-1].folded) for t in pairs):
                return FrozenBitMap()
            found |= _in_all([self._following(term) for term in pairs])
        return found

    def _few(self, beginning: str) -> bool:
        return len(list(islice(self.sets.keys_beginning_with(beginning), _FEW_KEYS + 1))) <= (
            _FEW_KEYS
        )

    def _labelled(self, level: Level, kinds: tuple[str, ...]) -> FrozenBitMap:
        found = FrozenBitMap()
        for terms in self._query.alternatives:
            found |= _in_all(
                [
                    FrozenBitMap.union(
                        FrozenBitMap(), *(self._of_kind(kind, word, term, level) for kind in kinds)
                    )
                    for term in terms
                    for word in term.words
                ]
            )
        return found

    def _of_kind(self, kind: str, word: Word, term: Term, level: Level) -> FrozenBitMap:
        as_typed = level is not Level.FOLDED and word.marked
        wanted = key(kind, word.typed if as_typed else word.folded)
        if term.prefix and word is term.words[-1]:
            return self.sets.beginning_with(wanted)
        return self.sets.having(wanted)

    def _found(self, level: Level) -> _Found:
        if level not in self._at:
            self._at[level] = self._find(level)
        return self._at[level]

    def _find(self, level: Level) -> _Found:
        base = self._let_through if level is Level.FOLDED else self.versions(Level.FOLDED)
        found = FrozenBitMap() if self._query.alternatives else base
        for terms in self._query.alternatives:
            words = [self._having(w, t, level) for t in terms for w in t.words]
            some = _in_all([base, *words])
            for term in terms:
                if some and len(term.words) > 1 and term.within is None:
                    some &= self._following(term)
            found |= some
        exact = all(_tells(term, level) for terms in self._query.alternatives for term in terms)
        few = _LOOKED_AT
        if not exact and level is Level.FOLDED:
            few = min(few, self._rarest() // _LOOKED_AT_OF)
            if len(found) > few:
                found, exact = found & self._standing(), True
        if level is Level.FOLDED and _names_stand_in_order(self._query):
            exact = exact and len(found) <= _MOST_ROWS
            if exact:
                found = self._with_names(found)
        elif level is not Level.FOLDED:
            exact = exact and self.is_exact(Level.FOLDED)
        if not exact and len(found) <= few:
            found, exact = FrozenBitMap(v for v in found if self.holds(v, level)), True
        return _Found(found, exact)

    def _having(self, word: Word, term: Term, level: Level) -> FrozenBitMap:
        as_typed = _is_as_typed(word, level)
        if term.prefix and word is term.words[-1]:
            return self.sets.beginning_with(word.typed if as_typed and word.marked else word.folded)
        return self.sets.having(typed_word(word.typed) if as_typed else word.folded)

    def _rarest(self) -> int:
        """How many versions have the rarest word of the query, folded."""
        words = [(w, t) for terms in self._query.alternatives for t in terms for w in t.words]
        return min(len(self._having(word, term, Level.FOLDED)) for word, term in words)

    def _standing(self) -> FrozenBitMap:
        """The versions in which the words stand as asked for, filters apart."""
        found = FrozenBitMap()
        for terms in self._query.alternatives:
            (some,) = self._connection.execute(
                "SELECT json_group_array(rowid) FROM version_fts WHERE version_fts MATCH ?",
                (" AND ".join(map(_standing, terms)),),
            ).fetchone()
            found |= FrozenBitMap(json.loads(some))
        return found

    def _following(self, term: Term) -> FrozenBitMap:
        """The versions in which each word of the term follows the one before it, somewhere."""
        found, rare = [], []
        last = len(term.words) - 2
        for i, (a, b) in enumerate(pairwise(term.words)):
            pair = BAR.join((a.folded, b.folded))
            prefix = term.prefix and i == last
            if not prefix and (often := self.sets.having(pair_key(pair))):
                found.append(often)
            else:
                rare.append(f'"{pair}"' + (" *" if prefix else ""))
        if rare:
            found.append(matching_pairs(self._connection, " AND ".join(rare)))
        return _in_all(found)

    @cached_property
    def _let_through(self) -> FrozenBitMap:
        """What the filters and exclusions let through."""
        sets, query = self.sets, self._query
        withheld = self._connection.execute(
            "SELECT version_id FROM article WHERE status = 'withheld' ORDER BY id"
        )
        found = sets.having(INDEXED) - full_text.queued(self._connection)
        found -= FrozenBitMap([version_id for (version_id,) in withheld if version_id is not None])
        if query.sites:
            found &= FrozenBitMap.union(
                FrozenBitMap(), *(sets.having(key("site", site)) for site in query.sites)
            )
        for kind, phrases in (("author", query.authors), ("category", query.categories)):
            for words in phrases:
                found &= _in_all([sets.having(key(kind, word.folded)) for word in words])
        if query.with_files:
            found &= sets.having(key("files"))
        if query.since or query.until:
            found &= self._published(query.since or date.min, query.until or date.max)
        for term in query.excluded:
            found -= self._excluded(term)
        return found

    def _excluded(self, term: Term) -> FrozenBitMap:
        alone = Matches(self._connection, Query(alternatives=((term,),)))
        alone.sets = self.sets
        versions = alone.versions(Level.MARKED)
        if alone.is_exact(Level.MARKED):
            return versions
        return FrozenBitMap(v for v in versions if alone.holds(v, Level.MARKED))

    def _published(self, first: date, last: date) -> FrozenBitMap:
        """The versions published from the one to the other day."""
        found = FrozenBitMap()
        for year in years_of(self.sets):
            if first.year < int(year) < last.year:
                found |= self.sets.having(key("year", year))
        for edge in {first.year, last.year}:
            for month in range(1, 13):
                begin, end = date(edge, month, 1), date(edge, month, monthrange(edge, month)[1])
                if last < begin or end < first:
                    continue
                if first <= begin and end <= last:
                    found |= self.sets.having(key("month", begin.isoformat()[:7]))
                else:
                    found |= self._days(max(first, begin), min(last, end))
        return found

    def _days(self, first: date, last: date) -> FrozenBitMap:
        # Both forms of published_at, with and without time, sort after the bare day and before "U".
        rows = self._connection.execute(
            "SELECT id FROM version WHERE published_at >= ? AND published_at < ?",
            (first.isoformat(), f"{last.isoformat()}U"),
        )
        return FrozenBitMap([version_id for (version_id,) in rows])

    def _with_names(self, found: FrozenBitMap) -> FrozenBitMap:
        """Those of the versions in whose bylines and categories the words stand in their order."""
        rows = self._connection.execute(
            "SELECT v.id, v.author, v.category FROM json_each(?) CROSS JOIN version v "
            "INDEXED BY version_facets ON v.id = value",
            (json.dumps(list(found)),),
        )
        return FrozenBitMap(
            [
                version_id
                for version_id, author, category in rows
                if all(has_words(author, words) for words in self._query.authors)
                and all(has_words(category, words) for words in self._query.categories)
            ]
        )


@dataclass(frozen=True, slots=True)
class _Found:
    versions: FrozenBitMap
    exact: bool


def _in_all(sets: list[FrozenBitMap]) -> FrozenBitMap:
    """What is in each; nothing for no sets."""
    if not sets:
        return FrozenBitMap()
    return FrozenBitMap.intersection(*sorted(sets, key=len))


def _is_as_typed(word: Word, level: Level) -> bool:
    """Whether the word must have its own diacritics, or lack of them."""
    return level is Level.TYPED or (level is Level.MARKED and word.marked)


def _tells(term: Term, level: Level) -> bool:
    """Whether the index alone says if an article has it."""
    if term.within is not None:
        return False
    if len(term.words) == 1:
        return level is Level.FOLDED or not term.prefix
    return len(term.words) == 2 and level is Level.FOLDED


def _standing(term: Term) -> str:
    """The expression for `version_fts`."""
    if term.within is not None:
        words = " ".join(f'"{word.folded}"' for word in term.words)
        return f"NEAR({words}, {term.within})"
    return f'"{" ".join(word.folded for word in term.words)}"' + (" *" if term.prefix else "")


def _of_run(run: list[Term]) -> tuple[tuple[Word, ...], bool]:
    return tuple(word for term in run for word in term.words), run[-1].prefix


def _names_stand_in_order(query: Query) -> bool:
    """Whether the sets do not tell all of the bylines and categories asked for."""
    return any(
        len(words) > 1 or any(word.marked for word in words)
        for words in (*query.authors, *query.categories)
    )


@lru_cache(maxsize=4096)
def has_words(text: str, wanted: tuple[Word, ...]) -> bool:
    """Whether the words stand in the text, one after the other; a word typed with diacritics must
    have them. ``text`` may be a JSON list: its quotes and commas are no words."""
    words = words_of(text)
    return any(
        all(map(_same, wanted, words[i : i + len(wanted)]))
        for i in range(len(words) - len(wanted) + 1)
    )


def _same(wanted: Word, found: Word) -> bool:
    return wanted.typed == found.typed if wanted.marked else wanted.folded == found.folded


def _near(terms: tuple[Term, ...]) -> list[Term]:
    return [term for term in terms if term.within is not None]


def _stand_near(text: str, term: Term, level: Level) -> bool:
    """Whether all words of the term stand in the text, with at most so many others between the first
    and the last of them."""
    typed, folded = WORD.findall(typed_key(text)), WORD.findall(fold(text))
    wanted = []
    for word in term.words:
        as_typed = _is_as_typed(word, level)
        wanted.append((typed, word.typed) if as_typed else (folded, word.folded))
    last: dict[int, int] = {}
    assert term.within is not None
    for place in range(len(folded)):
        for i, (words, word_there) in enumerate(wanted):
            if words[place] == word_there:
                last[i] = place
                if len(last) == len(wanted) and place - min(last.values()) <= term.within + 1:
                    return True
    return False
