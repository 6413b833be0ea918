"""Do the full-text indexes hold what the texts say?

Each is made again beside the archive and the two are compared, term by term: a contentless index
cannot be compared with its text in any other way.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from archive.articles import article_of
from archive.attachments import index as attachments
from archive.damage import Findings
from archive.errors import ArchiveError
from archive.full_text import (
    CURRENT_VERSIONS,
    INSERT_ENTRY,
    INSERT_PAIRS,
    is_current,
    waiting,
)
from archive.index_text import IndexEntry, index_entry, keys
from archive.row_fixity import readable_content
from archive.word_sets import INDEXED, WordSets, frequent_pairs, pair_key

ARTICLES = "full-text"  # kinds of problems
ATTACHMENTS = "attachment-text"

_QUERIES = (
    (
        ARTICLES,
        "the index has no entry for the current version",
        """
        SELECT 'version ' || version_id FROM article
        WHERE version_id NOT IN (SELECT id FROM version_fts_docsize)
          AND version_id NOT IN (SELECT version_id FROM search_queue)
        """,
    ),
    (
        ARTICLES,
        "the index has an entry for a version that is not current",
        """
        SELECT 'version ' || id FROM version_fts_docsize
        WHERE id NOT IN (SELECT version_id FROM article WHERE version_id IS NOT NULL)
          AND id NOT IN (SELECT version_id FROM search_queue)
        """,
    ),
    (
        ATTACHMENTS,
        "the index has no entry for the file",
        f"""
        SELECT 'attachment_file ' || id FROM attachment_file
        WHERE id IN ({attachments.INDEXED_FILES})
          AND id NOT IN (SELECT id FROM attachment_fts_docsize)
        """,
    ),
    (
        ATTACHMENTS,
        "the index has an entry for a file without text in it",
        f"""
        SELECT 'attachment_file ' || id FROM attachment_fts_docsize
        WHERE id NOT IN ({attachments.INDEXED_FILES})
        """,
    ),
)


def check_entries(connection: sqlite3.Connection, findings: Findings) -> None:
    """Each text has its entry, and each entry its text."""
    for kind, message, sql in _QUERIES:
        findings.add_some(kind, [(row[0], message) for row in connection.execute(sql)])


def check_indexes(connection: sqlite3.Connection, findings: Findings) -> None:
    """Makes the indexes again beside the archive and compares them with those in it. One that is
    behind, or that the next run makes anew, is left alone."""
    if is_current(connection) and not waiting(connection):
        sets: defaultdict[str, BitMap] = defaultdict(BitMap)
        _compare(
            *(connection, findings, ARTICLES, "version_fts"),
            *(INSERT_ENTRY, _articles(connection, sets)),
        )
        pairs = ((row["id"], " ".join(entry.pairs())) for row, entry in _entries(connection))
        _compare(connection, findings, ARTICLES, "version_pair", INSERT_PAIRS, pairs)
        _compare_sets(connection, findings, sets)
    if attachments.is_current(connection):
        _compare(
            *(connection, findings, ATTACHMENTS, "attachment_fts"),
            *(attachments.INSERT_ENTRY, attachments.entries(connection)),
        )


def _articles(
    connection: sqlite3.Connection, sets: defaultdict[str, BitMap]
) -> Iterator[tuple[object, ...]]:
    """The rows of `version_fts`; fills ``sets`` on the way."""
    frequent = set(frequent_pairs(connection))
    for row, entry in _entries(connection):
        sets[INDEXED].add(row["id"])
        for pair in entry.pairs() & frequent:
            sets[pair_key(pair)].add(row["id"])
        for key in keys(article_of(row), row["site"], entry):
            sets[key].add(row["id"])
        yield (row["id"], *entry.folded)


def _entries(connection: sqlite3.Connection) -> Iterator[tuple[sqlite3.Row, IndexEntry]]:
    cursor = connection.execute(CURRENT_VERSIONS)
    cursor.row_factory = sqlite3.Row
    for row in cursor:
        content = readable_content(row)
        if content is not None:
            yield row, index_entry(content)


def _compare_sets(
    connection: sqlite3.Connection, findings: Findings, wanted: defaultdict[str, BitMap]
) -> None:
    there = WordSets(connection)
    stored = [key for (key,) in connection.execute("SELECT key FROM search_key ORDER BY key")]
    try:
        problems = [
            (repr(key), "the set of its articles is wrong")
            for key in sorted({*stored, *wanted})
            if there.having(key) != wanted.get(key, BitMap())
        ]
    except ArchiveError as error:
        findings.add(ARTICLES, "search_set", str(error))
    else:
        findings.add_some(ARTICLES, problems)


def _compare(
    connection: sqlite3.Connection,
    findings: Findings,
    kind: str,
    table: str,
    insert: str,
    entries: Iterable[tuple[object, ...]],
) -> None:
    expected = f"expected_{table}"
    (sql,) = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE name = ? AND type = 'table'", (table,)
    ).fetchone()
    connection.execute(sql.replace(table, f"temp.{expected}", 1))
    connection.executemany(insert.replace(table, f"temp.{expected}", 1), entries)
    have, want = f"have_{table}", f"want_{table}"
    connection.execute(f"CREATE VIRTUAL TABLE temp.{have} USING fts5vocab(main, {table}, col)")
    connection.execute(f"CREATE VIRTUAL TABLE temp.{want} USING fts5vocab(temp, {expected}, col)")
    try:
        for first, second, verb in ((have, want, "has"), (want, have, "lacks")):
            terms = connection.execute(
                f"SELECT term, col FROM (SELECT * FROM temp.{first} "
                f"EXCEPT SELECT * FROM temp.{second})"
            ).fetchall()
            findings.add_some(
                kind,
                [(f"{row[0]!r} in {row[1]}", f"the index {verb} occurrences") for row in terms],
            )
    except sqlite3.DatabaseError as error:
        findings.add(kind, table, f"cannot be read: {error}")
        # A damaged index takes part in the transaction by now and would let what comes next fail.
        connection.execute("ROLLBACK")
        connection.execute("BEGIN")
