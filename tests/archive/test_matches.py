"""That the index finds exactly what a look at every article would."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_articles import START, Seen, seen, store

import archive.full_text
import archive.matches
from archive.database import open_for_reading, open_for_writing, transaction
from archive.errors import ArchiveError
from archive.fixity import verify
from archive.index_text import key
from archive.matches import Matches
from archive.query import Query, Term, Word, parse, words_of
from archive.search import Sort, search
from archive.strictness import Level, levels
from archive.word_sets import WordSets, frequent_pairs

WORDS = [
    "nông",
    "nong",
    "Nông",
    "thôn",
    "thon",
    "mới",
    "xã",
    "họp",
    "hộp",
    "hop",
    "Nguyễn",
    "Văn",
    "An",
    "ăn",
    "35",
    "nq-tw",
    "nô",
    "nôn",
]
SITES = ("tho-xuan", "hoang-hoa", "vi-thuy")
DAYS = (None, "2019-12-31", "2020-01-01", "2021-06-15", "2021-06-30T23:59:59+07:00", "2022-02")
QUERY_WORDS = [*WORDS, "no*", "nô*", "th*", '"nông thôn"', '"nong thon moi"', '"xã họp"*']
QUERY_WORDS += ['"thôn xã"~2', '"nguyen an"~0', "-họp", "-hop", '-"nong thon"', "-th*", "OR", "|"]
FILTERS = ["site:tho-xuan", "site:vi-thuy", "tu:2020", "den:2021-06-20", "tu:2021-06-16"]
FILTERS += ["tac-gia:an", 'tac-gia:"Nguyễn An"', 'tac-gia:"an nguyen"', 'chuyen-muc:"họp xã"']


def corpus() -> list[Seen]:
    chance = random.Random(7)

    def some(least: int, most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(least, most)))

    pages = []
    for number in range(60):
        day = chance.choice(DAYS[:-1])
        author = chance.choice(["", "An Nguyễn", "Nguyễn An", "Nguyễn Ân - Đài TT"])
        category = chance.choice([(), ("Họp xã",), ("Xã hộp", "Thôn"), ("Hộp", "Xã")])
        text = f"{some(2, 9)}, {some(2, 9)}.\n{some(1, 5)}"
        site = chance.choice(SITES)
        pages.append(
            seen(
                str(number),
                some(1, 4),
                text,
                site=site,
                published_at=day,
                author=author,
                category=category,
            )
        )
    return pages


class Plain:
    """One article as a list of words, and what a query means, said as simply as can be."""

    def __init__(self, page: Seen) -> None:
        article, self.site = page.article, page.site
        body = f"{article.body_text}\n{article.author}"
        self.columns = [words_of(article.title), words_of(body)]
        self.author, self.day = words_of(article.author), article.published_at
        self.categories = words_of(" ".join(article.category))

    def matches(self, query: Query, level: Level) -> bool:
        if query.sites and self.site not in query.sites:
            return False
        if query.since and (self.day is None or self.day[:10] < query.since.isoformat()):
            return False
        if query.until and (self.day is None or self.day[:10] > query.until.isoformat()):
            return False
        if not all(self.phrase(self.author, words, Level.MARKED, False) for words in query.authors):
            return False
        if not all(
            self.phrase(self.categories, words, Level.MARKED, False) for words in query.categories
        ):
            return False
        if any(self.has(term, Level.MARKED) for term in query.excluded):
            return False
        return not query.alternatives or any(
            all(self.has(term, level) for term in terms) for terms in query.alternatives
        )

    def has(self, term: Term, level: Level) -> bool:
        if term.within is None:
            return any(self.phrase(c, term.words, level, term.prefix) for c in self.columns)
        return any(self.near(column, term, level) for column in self.columns)

    def phrase(
        self, column: tuple[Word, ...], words: tuple[Word, ...], level: Level, prefix: bool
    ) -> bool:
        last = len(words) - 1
        return any(
            all(
                self.same(word, column[at + i], level, prefix and i == last)
                for i, word in enumerate(words)
            )
            for at in range(len(column) - last)
        )

    def near(self, column: tuple[Word, ...], term: Term, level: Level) -> bool:
        assert term.within is not None
        for begin in range(len(column)):
            span = column[begin : begin + term.within + 2]
            if all(any(self.same(w, there, level, False) for there in span) for w in term.words):
                return True
        return False

    def same(self, wanted: Word, there: Word, level: Level, prefix: bool) -> bool:
        typed = level is Level.TYPED or (level is Level.MARKED and wanted.marked)
        want, have = (wanted.typed, there.typed) if typed else (wanted.folded, there.folded)
        return have.startswith(want) if prefix else have == want


PAGES = corpus()


@pytest.fixture(scope="module", params=["few pairs have sets", "all pairs have sets"])
def connection(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sqlite3.Connection]:
    root = tmp_path_factory.mktemp("matches")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "all pairs have sets":
            patch.setattr(archive.full_text, "_LARGE", 0)
            patch.setattr(archive.full_text, "_FREQUENT", 0.0)
            patch.setattr(archive.full_text, "_SAMPLED", 1)
        store(root, PAGES[:30])
        store(root, PAGES[30:], START.replace(hour=20))
    with closing(open_for_reading(root)) as opened:
        pairs = len(list(frequent_pairs(opened)))
        assert (pairs > 50) is (request.param == "all pairs have sets")
        yield opened
    report = verify(root, START.replace(day=4))
    assert report.ok, report.problems


@pytest.mark.parametrize("looked_at", [0, 5, 1000])
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from([*QUERY_WORDS, *QUERY_WORDS, *FILTERS]), min_size=1, max_size=4))
def test_the_index_finds_what_a_look_at_every_article_finds(
    connection: sqlite3.Connection, looked_at: int, pieces: list[str]
) -> None:
    query = parse(" ".join(pieces))
    numbers = {
        url.rsplit("/", 1)[1]: version_id
        for url, version_id in connection.execute("SELECT url, version_id FROM article")
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive.matches, "_LOOKED_AT", looked_at)
        patch.setattr(archive.matches, "_MOST_ROWS", looked_at)
        matches = Matches(connection, query)
        for level in levels(query) if query.searchable else ():
            found = {
                version_id
                for version_id in matches.versions(level)
                if matches.is_exact(level) or matches.holds(version_id, level)
            }
            wanted = {
                numbers[page.article.url.rsplit("/", 1)[1]]
                for page in PAGES
                if Plain(page).matches(query, level)
            }
            assert found == wanted, level
        for sort in Sort:
            results = search(connection, query, limit=1000, sort=sort)
            assert len({hit.id for hit in results.hits}) == len(results.hits)
            if query.searchable:
                folded = {n for n in numbers.values() if n in matches.versions(Level.FOLDED)}
                assert len(results.hits) <= len(folded)


def test_an_edited_article_is_found_without_a_break(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Bản đầu", "chữ cũ"), seen("2", "Khác", "chữ khác")])
    with closing(open_for_writing(tmp_path)) as writing, transaction(writing):
        writing.execute(
            "INSERT INTO version(article_id, number, cause, content_hash, capture_id, run_id, "
            "extractor, extractor_version, confidence, recorded_at, title, body_text) "
            "SELECT article_id, 2, 'edit', 'x', capture_id, run_id, extractor, extractor_version, "
            "1.0, recorded_at, 'Bản sau', 'chữ mới' FROM version WHERE id = 1"
        )
        (new,) = writing.execute("SELECT max(id) FROM version").fetchone()
        writing.execute("UPDATE article SET version_id = ? WHERE id = 1", (new,))
        archive.full_text.changed(writing, 1)
        archive.full_text.changed(writing, new)
        archive.full_text.keep_edited_found(writing)
    with closing(open_for_reading(tmp_path)) as connection:
        assert [hit.title.text for hit in search(connection, "chữ").hits] == ["Bản sau", "Khác"]
        assert search(connection, "cũ").total == 0
        assert not WordSets(connection).having("cũ")
        assert search(connection, "chữ").notes == ()


def test_what_waits_for_the_index_is_not_found_and_that_is_said(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một", "chữ"), seen("2", "Hai", "chữ")])
    with closing(open_for_writing(tmp_path)) as writing:
        archive.full_text.changed(writing, 2)
    with closing(open_for_reading(tmp_path)) as connection:
        results = search(connection, "chu")
        assert results.total == 1
        assert results.notes == ("the index is behind: 1 article is not in it yet",)


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("DELETE FROM search_set WHERE id = (SELECT max(id) FROM search_set)", "the set of its"),
        ("DELETE FROM search_key WHERE key = 'chu'", "'chu'"),
        ("UPDATE search_set SET versions = x'00'", "damaged"),
        ("INSERT INTO version_pair(rowid, pairs) VALUES (1, 'aǀb')", "'aǀb'"),
        ("DELETE FROM search_set; DELETE FROM search_key", "the set of its"),
    ],
)
def test_a_wrong_set_is_found_and_made_anew(tmp_path: Path, damage: str, what: str) -> None:
    from archive.repair import repair

    store(tmp_path, [seen("1", "Một", "chữ"), seen("2", "Hai", "chữ")])
    with closing(open_for_writing(tmp_path)) as writing:
        writing.executescript(damage)
    report = verify(tmp_path, START)
    assert any(what in f"{p.where} {p.message}" for p in report.problems), report.problems
    repaired = repair(tmp_path, START)
    assert repaired.index_made_anew
    assert repaired.after.ok, repaired.after.problems
    with closing(open_for_reading(tmp_path)) as connection:
        assert search(connection, "chu").total == 2


def test_a_damaged_set_is_one_clear_error(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một", "chữ")])
    with closing(open_for_writing(tmp_path)) as writing:
        writing.execute("UPDATE search_set SET versions = x'0102'")
    with (
        closing(open_for_reading(tmp_path)) as connection,
        pytest.raises(ArchiveError, match="verify --repair"),
    ):
        search(connection, "chu")


def test_sets_over_many_pieces(tmp_path: Path) -> None:
    from archive import word_sets

    numbers = [1, 65_535, 65_536, 140_000, 999_999]
    with closing(open_for_writing(tmp_path)) as writing, transaction(writing):
        word_sets.add(writing, {"nghị": numbers, key("title", "nghị"): [140_000]})
        word_sets.add(writing, {"nghị": [2], "nghi": [1, 2, 140_000, 999_999]})
        assert list(WordSets(writing).having("nghị")) == sorted([*numbers, 2])
        word_sets.remove(writing, {"nghị": [65_535, 65_536]})
        assert list(WordSets(writing).having("nghị")) == [1, 2, 140_000, 999_999]
        assert list(WordSets(writing).beginning_with("ngh")) == [1, 2, 140_000, 999_999]
        assert list(WordSets(writing).beginning_with("nghị")) == [1, 2, 140_000, 999_999]
        assert list(WordSets(writing).keys_beginning_with(key("title", ""))) == [":title nghị"]
        assert not WordSets(writing).having("ngh")
