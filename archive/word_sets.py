"""The sets of articles that have a word: `search_key` and `search_set`.

A set holds the numbers of versions as a Roaring bitmap. It is kept in pieces of 16,384 numbers each, so
that a new article touches the last piece of its words only. Sets are put together, cut and counted
in microseconds however many articles there are; what FTS5 alone would have to walk through.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from pyroaring import BitMap

from archive.errors import ArchiveError
from archive.index_text import key

INDEXED = key("indexed")  # what all versions in the index have

_PIECE = 16_384  # numbers of versions in one row
_PIECES = 1 << 20  # rows that a key can have: room for 17 thousand million versions
_LAST = "\U0010ffff"  # after every letter


class WordSets:
    """Reads the sets, each once. For one search: what others write meanwhile is not seen. Raises
    ArchiveError where a set is damaged."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._read: dict[str, BitMap] = {}
        self._begun: dict[str, BitMap] = {}

    def having(self, wanted: str) -> BitMap:
        """The versions that have this key. Not to be changed."""
        found = self._read.get(wanted)
        if found is None:
            found = self._read[wanted] = _joined(
                self._connection.execute(
                    "SELECT s.versions FROM search_key k JOIN search_set s "
                    f"ON s.id BETWEEN k.id * {_PIECES} AND k.id * {_PIECES} + {_PIECES - 1} "
                    "WHERE k.key = ?",
                    (wanted,),
                )
            )
        return found

    def beginning_with(self, beginning: str) -> BitMap:
        """The versions that have a key that begins so. Not to be changed."""
        found = self._begun.get(beginning)
        if found is None:
            # A typed form with marks adds nothing to the folded one that stands beside it.
            folded_only = "AND length(k.key) = length(CAST(k.key AS BLOB))"
            found = self._begun[beginning] = _joined(
                self._connection.execute(
                    "SELECT s.versions FROM search_key k JOIN search_set s "
                    f"ON s.id BETWEEN k.id * {_PIECES} AND k.id * {_PIECES} + {_PIECES - 1} "
                    f"WHERE k.key >= ? AND k.key < ? {folded_only if beginning.isascii() else ''}",
                    (beginning, beginning + _LAST),
                )
            )
        return found

    def keys_beginning_with(self, beginning: str) -> Iterator[str]:
        """The keys that begin so, in the order of their characters."""
        rows = self._connection.execute(
            "SELECT key FROM search_key WHERE key >= ? AND key < ? ORDER BY key",
            (beginning, beginning + _LAST),
        )
        return (found for (found,) in rows)


def _joined(rows: Iterable[tuple[bytes]]) -> BitMap:
    return BitMap.union(BitMap(), *(_set_of(piece) for (piece,) in rows))


def _set_of(piece: bytes) -> BitMap:
    try:
        return BitMap.deserialize(piece)
    except ValueError as error:
        raise ArchiveError(
            "the search index is damaged (search_set); `huyen verify --repair` makes it anew"
        ) from error


def years_of(sets: WordSets) -> list[str]:
    """The years that articles are dated, in order."""
    beginning = key("year", "")
    return [found.removeprefix(beginning) for found in sets.keys_beginning_with(beginning)]


def pair_key(pair: str) -> str:
    """The key of the set of two folded words (``nongǀthon``), kept where many articles have them."""
    return key("pair", pair)


def frequent_pairs(connection: sqlite3.Connection) -> Iterator[str]:
    """The pairs of words that have a set, as in `version_pair`."""
    beginning = pair_key("")
    keys = WordSets(connection).keys_beginning_with(beginning)
    return (found.removeprefix(beginning) for found in keys)


def matching_pairs(connection: sqlite3.Connection, expression: str) -> BitMap:
    """The versions that match an expression for `version_pair`."""
    # Handed over in one piece: SQLite finds them in a tenth of the time it takes to fetch the rows.
    (found,) = connection.execute(
        "SELECT json_group_array(rowid) FROM version_pair WHERE version_pair MATCH ?", (expression,)
    ).fetchone()
    return BitMap(json.loads(found))


def add(connection: sqlite3.Connection, found: Mapping[str, list[int]]) -> None:
    """Adds versions, in the order of their numbers, to the sets of these keys. Inside a transaction
    of the caller."""
    known = _ids(connection, found)
    new = [one for one in found if one not in known]
    connection.executemany("INSERT INTO search_key(key) VALUES (?)", ((one,) for one in new))
    rows = _rows(found, known | _ids(connection, new))
    stored = _stored(connection, rows)
    _store(
        connection,
        (
            (row_id, BitMap(numbers) | stored[row_id] if row_id in stored else BitMap(numbers))
            for row_id, numbers in rows.items()
        ),
    )


def remove(connection: sqlite3.Connection, found: Mapping[str, list[int]]) -> None:
    """Takes versions, in the order of their numbers, out of the sets of these keys. Inside a
    transaction of the caller."""
    rows = _rows(found, _ids(connection, found))
    left = {
        row_id: versions - BitMap(rows[row_id])
        for row_id, versions in _stored(connection, rows).items()
    }
    _store(connection, ((row_id, versions) for row_id, versions in left.items() if versions))
    connection.executemany(
        "DELETE FROM search_set WHERE id = ?",
        ((row_id,) for row_id, versions in left.items() if not versions),
    )


def empty(connection: sqlite3.Connection) -> None:
    """Forgets all sets. Inside a transaction of the caller."""
    connection.execute("DELETE FROM search_set")
    connection.execute("DELETE FROM search_key")


def _ids(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, int]:
    rows = connection.execute(
        "SELECT k.key, k.id FROM json_each(?) j CROSS JOIN search_key k ON k.key = j.value",
        (json.dumps(list(keys)),),
    )
    return dict(rows.fetchall())


def _rows(found: Mapping[str, list[int]], ids: Mapping[str, int]) -> dict[int, list[int]]:
    """The rows of `search_set` that these versions belong to; keys without a number are left out."""
    rows: dict[int, list[int]] = {}
    for one, versions in found.items():
        if one not in ids:
            continue
        beginning = ids[one] * _PIECES
        first, last = versions[0] // _PIECE, versions[-1] // _PIECE
        if first == last:
            rows[beginning + first] = versions
            continue
        for version_id in versions:
            rows.setdefault(beginning + version_id // _PIECE, []).append(version_id)
    return rows


def _stored(connection: sqlite3.Connection, row_ids: Iterable[int]) -> dict[int, BitMap]:
    rows = connection.execute(
        "SELECT s.id, s.versions FROM json_each(?) j CROSS JOIN search_set s ON s.id = j.value",
        (json.dumps(list(row_ids)),),
    )
    return {row_id: _set_of(versions) for row_id, versions in rows}


def _store(connection: sqlite3.Connection, rows: Iterable[tuple[int, BitMap]]) -> None:
    def packed() -> Iterator[tuple[int, bytes]]:
        for row_id, versions in rows:
            versions.run_optimize()
            yield row_id, versions.serialize()

    connection.executemany(
        "INSERT INTO search_set VALUES (?1, ?2) ON CONFLICT DO UPDATE SET versions = ?2", packed()
    )
