"""Which words of the index begin with what was typed before a star.

FTS5 puts together every occurrence of every word that begins so before it gives the first, seconds for
``ng*`` in a large archive. Of the words themselves, each asked for by name, it reads no more than needed.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from archive.query import Query, Term

MOST = 250  # words; what begins more is rare numbers, and few of each


def spelt_out(connection: sqlite3.Connection, query: Query) -> Query:
    """The query with the words that each single word with a star can be."""
    alternatives = tuple(
        tuple(_spelt_out(connection, term) for term in terms) for terms in query.alternatives
    )
    return replace(query, alternatives=alternatives)


def _spelt_out(connection: sqlite3.Connection, term: Term) -> Term:
    if not term.prefix or len(term.words) > 1:
        return term
    return replace(term, endings=_beginning_with(connection, term.words[0].folded))


def _beginning_with(connection: sqlite3.Connection, beginning: str) -> tuple[str, ...]:
    """The folded words that begin so, the beginning itself included; none where they are too many."""
    _open_vocabulary(connection)
    found: list[str] = []
    at = beginning
    for _ in range(2 * MOST):
        row = connection.execute(
            "SELECT term FROM temp.search_vocabulary WHERE term >= ? LIMIT 1", (at,)
        ).fetchone()
        if row is None or not row[0].startswith(beginning):
            return tuple(found)
        word = row[0]
        if word.isascii():
            found.append(word)
            at = f"{word}\x00"
        else:
            # Words with diacritics come after those without: on to the next that has none so far.
            plain = next(place for place, letter in enumerate(word) if not letter.isascii())
            at = f"{word[: plain - 1]}{chr(ord(word[plain - 1]) + 1)}"
            if plain <= len(beginning):
                return tuple(found)
        if len(found) > MOST:
            return ()
    return ()


def _open_vocabulary(connection: sqlite3.Connection) -> None:
    """The words of the index, one row for each occurrence, which costs nothing until it is read: a view
    of it in this connection's own memory."""
    there = connection.execute(
        "SELECT 1 FROM temp.sqlite_schema WHERE name = 'search_vocabulary'"
    ).fetchone()
    if there:
        return
    (read_only,) = connection.execute("PRAGMA query_only").fetchone()
    connection.execute("PRAGMA query_only = OFF")
    connection.execute(
        "CREATE VIRTUAL TABLE temp.search_vocabulary "
        "USING fts5vocab('main', 'version_fts', 'instance')"
    )
    connection.execute(f"PRAGMA query_only = {read_only}")
