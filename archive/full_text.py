"""Keeping the search index true: one entry for the current version of each article.

The index is `version_fts` (where words stand), `version_pair` (which follow each other) and the sets of
archive.word_sets (who has them). What becomes of a version is put into `search_queue` with the change itself, and carried out for many at once,
which costs a fraction of doing it one by one: a search lags behind a crawl by some hundred articles
at most, and what a killed run left is done by the next command that writes.

The tables are contentless: an entry can only be removed by giving it the very text it was made from.
That text is derived again from the version, which never changes; should the derivation change
(archive.index_text), the whole index is made anew.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections import Counter, defaultdict
from functools import cache

from pyroaring import FrozenBitMap

from archive import word_sets
from archive.articles import article_of
from archive.database import transaction
from archive.empty_index import empty_index
from archive.index_text import HOLDING, index_entry, keys
from archive.schema import Article, Attachment, Image

_log = logging.getLogger(__name__)

COLUMNS = "body, title"
INSERT_ENTRY = f"INSERT INTO version_fts(rowid, {COLUMNS}) VALUES (?, ?, ?)"
INSERT_PAIRS = "INSERT INTO version_pair(rowid, pairs) VALUES (?, ?)"
_DELETE_ENTRY = f"INSERT INTO version_fts(version_fts, rowid, {COLUMNS}) VALUES ('delete', ?, ?, ?)"
_DELETE_PAIRS = "INSERT INTO version_pair(version_pair, rowid, pairs) VALUES ('delete', ?, ?)"
VERSIONS = (
    "SELECT v.*, a.url, a.site, a.version_id AS current "
    "FROM version v JOIN article a ON a.id = v.article_id"
)
CURRENT_VERSIONS = f"{VERSIONS} WHERE a.version_id = v.id"

AT_ONCE = 2_000  # versions in one transaction

_LONG = 30_000  # versions; who waits for that many wants to know what for
_SECONDS = 0.002  # each, of a processor of 2026

_FREQUENT = 0.05  # of all articles; pairs of words that are in more have sets of their own
_SAMPLED = 16  # every so many articles are looked at for such pairs
_LARGE = 20_000  # articles; in fewer, no pair is worth it

_PROBE = Article(
    url="",
    title="Uỷ ban HUYỆN Đắk Hà: Quý II",
    summary="Thuỷ lợi, hoà giải",
    body_text="Nghị quyết số 35-NQ/TW\nToàn huyện ĐẢM BẢO, bảo đảm, đảm bảo",
    author="Ðỗ Khoẻ",
    category=("Tin tức",),
    published_at="2021-01-14",
    images=(Image("a", "Ảnh: ngã ba", "b"),),
    attachments=(Attachment("c", "Tờ trình.pdf"),),
)


def changed(connection: sqlite3.Connection, version_id: int) -> None:
    """Notes that a version has become or ceased to be the shown one. Inside a transaction of the
    caller."""
    connection.execute("INSERT OR IGNORE INTO search_queue VALUES (?)", (version_id,))


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Empties the index if it was made by another derivation than today's; then `catch_up` has to make
    it anew. Inside a transaction of the caller."""
    if not is_current(connection):
        make_anew(connection)


def make_anew(connection: sqlite3.Connection) -> None:
    """Empties the index and puts every current version into the queue. Inside a transaction of the
    caller."""
    for table in ("version_fts", "version_pair"):
        empty_index(connection, table)
    word_sets.empty(connection)
    connection.execute("DELETE FROM search_queue")
    connection.execute(
        "INSERT INTO search_queue SELECT version_id FROM article WHERE version_id IS NOT NULL"
    )
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('index_text', ?)", (_form(),))
    word_sets.note_change(connection)


def catch_up(connection: sqlite3.Connection, limit: int = AT_ONCE) -> bool:
    """Carries out the next ``limit`` of what is in the queue; says whether there may be more. Inside
    a transaction of the caller."""
    queued = [
        version_id
        for (version_id,) in connection.execute(
            "SELECT version_id FROM search_queue ORDER BY version_id LIMIT ?", (limit,)
        )
    ]
    if not queued:
        return False
    indexed = word_sets.WordSets(connection).having(word_sets.INDEXED)
    added: defaultdict[str, list[int]] = defaultdict(list)
    removed: defaultdict[str, list[int]] = defaultdict(list)
    often: Counter[str] = Counter()
    sampled = 0
    frequent = set(word_sets.frequent_pairs(connection))
    for version_id in queued:
        cursor = connection.execute(f"{VERSIONS} WHERE v.id = ?", (version_id,))
        cursor.row_factory = sqlite3.Row
        row = cursor.fetchone()
        assert row is not None  # versions are never deleted
        is_current, is_indexed = row["current"] == version_id, version_id in indexed
        if is_current == is_indexed:
            continue
        article = article_of(row)
        entry = index_entry(article)
        pairs = entry.pairs()
        insert_entry, insert_pairs = (
            (INSERT_ENTRY, INSERT_PAIRS) if is_current else (_DELETE_ENTRY, _DELETE_PAIRS)
        )
        connection.execute(insert_entry, (version_id, *entry.folded))
        connection.execute(insert_pairs, (version_id, " ".join(pairs)))
        sets = added if is_current else removed
        sets[word_sets.INDEXED].append(version_id)
        for key in keys(article, row["site"], entry):
            sets[key].append(version_id)
        for pair in pairs & frequent:
            sets[word_sets.pair_key(pair)].append(version_id)
        if version_id % _SAMPLED == 0:
            sampled += 1
            often.update(pairs - frequent)
    word_sets.add(connection, added)
    word_sets.remove(connection, removed)
    least = _FREQUENT * sampled
    _keep_sets_of(connection, [pair for pair, count in often.items() if count > least])
    connection.execute("DELETE FROM search_queue WHERE version_id <= ?", (queued[-1],))
    word_sets.note_change(connection)
    return len(queued) == limit


def _keep_sets_of(connection: sqlite3.Connection, pairs: list[str]) -> None:
    """Begins sets of those pairs of words that are in many articles: to read hundreds of thousands of
    numbers out of `version_pair` takes longer."""
    indexed = len(word_sets.WordSets(connection).having(word_sets.INDEXED))
    if indexed < _LARGE:
        return
    for pair in pairs:
        (count,) = connection.execute(
            "SELECT count(*) FROM version_pair WHERE version_pair MATCH ?", (f'"{pair}"',)
        ).fetchone()
        if count > _FREQUENT * indexed:
            versions = word_sets.matching_pairs(connection, f'"{pair}"')
            word_sets.add(connection, {word_sets.pair_key(pair): list(versions)})


def complete(connection: sqlite3.Connection) -> None:
    """Carries out all that is in the queue, some in each transaction: what is stopped goes on where
    it was. Outside of a transaction."""
    lacking = waiting(connection)
    if lacking > _LONG:
        minutes = round(lacking * _SECONDS / 60)
        _log.warning("making the search index of %d articles, about %d minutes", lacking, minutes)
    more = lacking > 0
    while more:
        with transaction(connection):
            more = catch_up(connection)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the index was made by today's derivation, so that entries may be removed from it."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'index_text'").fetchone()
    return row is not None and row[0] == _form()


def keep_edited_found(connection: sqlite3.Connection) -> None:
    """Carries out what is in the queue if an article would be found no more until then, since the index
    has an earlier version of it. Inside a transaction of the caller."""
    edited = connection.execute(
        "SELECT 1 FROM search_queue q JOIN version_fts_docsize d ON d.id = q.version_id LIMIT 1"
    ).fetchone()
    while edited and catch_up(connection):
        pass


def waiting(connection: sqlite3.Connection) -> int:
    """How many versions are in the queue."""
    (count,) = connection.execute("SELECT count(*) FROM search_queue").fetchone()
    return int(count)


def queued(connection: sqlite3.Connection) -> FrozenBitMap:
    """The versions in the queue: those that are not found yet, and those that must not be any more."""
    return FrozenBitMap(
        [number for (number,) in connection.execute("SELECT version_id FROM search_queue")]
    )


@cache
def _form() -> str:
    entry = index_entry(_PROBE)
    form = (
        *entry.folded,
        entry.typed_body_words,
        sorted(entry.pairs()),
        sorted(keys(_PROBE, "tho-xuan", entry)),
        sorted(HOLDING),
        word_sets.PIECE,
    )
    return hashlib.sha256(repr(form).encode()).hexdigest()
