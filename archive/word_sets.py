"""The sets of articles that have a word: `search_key` and `search_set`.

A set holds the numbers of versions as a Roaring bitmap. It is kept in pieces of 65,536 numbers each, so
that a new article touches the last piece of its words only. Sets are put together, cut and counted
in microseconds however many articles there are; what FTS5 alone would have to walk through.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock

from pyroaring import BitMap, FrozenBitMap

from archive.errors import ArchiveError
from archive.index_text import key

INDEXED = key("indexed")  # what all versions in the index have

PIECE = 65_536  # numbers of versions in one row: what a Roaring bitmap keeps together as well
_PIECES = 1 << 20  # rows that a key can have: room for 68 thousand million versions
_LAST = "\U0010ffff"  # after every letter


class _Kept:
    """Sets that were read, kept from one search of a long-lived program to the next until the index
    changes: people use the same syllables again and again. Safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._of: tuple[str, int] = ("", 0)
        self._sets: OrderedDict[str, FrozenBitMap] = OrderedDict()
        self._size = 0

    def get(self, of: tuple[str, int], wanted: str) -> FrozenBitMap | None:
        with self._lock:
            if self._of != of or wanted not in self._sets:
                return None
            self._sets.move_to_end(wanted)
            return self._sets[wanted]

    def put(self, of: tuple[str, int], wanted: str, found: FrozenBitMap) -> None:
        with self._lock:
            if self._of != of:
                if self._of[0] == of[0] and self._of[1] > of[1]:
                    return  # of a search that began before the last change
                self._of, self._size = of, 0
                self._sets.clear()
            if wanted not in self._sets:
                self._sets[wanted] = found
                self._size += _size(found)
            while self._size > self._most:
                _, left = self._sets.popitem(last=False)
                self._size -= _size(left)


def _size(versions: FrozenBitMap) -> int:
    """Bytes in memory, roughly."""
    return 200 + len(versions) // 8 + 2 * min(len(versions), 4096)


_KEPT = _Kept(64_000_000)


class WordSets:
    """Reads the sets, each once. For one search: what others write meanwhile is not seen. Raises
    ArchiveError where a set is damaged."""

    def __init__(self, connection: sqlite3.Connection, *, kept: bool = False) -> None:
        """``kept``: sets that an earlier search of this process has read are used again. Not for one
        who changes them."""
        self._connection = connection
        self._read: dict[str, FrozenBitMap] = {}
        self._begun: dict[str, FrozenBitMap] = {}
        self._of: tuple[str, int] | None = None
        if kept:
            path = connection.execute("PRAGMA database_list").fetchone()[2]
            self._of = (path, _index_state(connection))

    def having(self, wanted: str) -> FrozenBitMap:
        """The versions that have this key."""
        found = self._read.get(wanted)
        if found is None and self._of is not None:
            found = _KEPT.get(self._of, wanted)
        if found is None:
            found = _joined(
                self._connection.execute(
                    "SELECT s.versions FROM search_key k JOIN search_set s "
                    f"ON s.id BETWEEN k.id * {_PIECES} AND k.id * {_PIECES} + {_PIECES - 1} "
                    "WHERE k.key = ?",
                    (wanted,),
                )
            )
            if self._of is not None:
                _KEPT.put(self._of, wanted, found)
        self._read[wanted] = found
        return found

    def beginning_with(self, beginning: str) -> FrozenBitMap:
        """The versions that have a key that begins so."""
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


def _joined(rows: Iterable[tuple[bytes]]) -> FrozenBitMap:
    return FrozenBitMap.union(FrozenBitMap(), *(_set_of(piece) for (piece,) in rows))


def _set_of(piece: bytes) -> FrozenBitMap:
    try:
        return FrozenBitMap.deserialize(piece)
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


def matching_pairs(connection: sqlite3.Connection, expression: str) -> FrozenBitMap:
    """The versions that match an expression for `version_pair`."""
    # Handed over in one piece: SQLite finds them in a tenth of the time it takes to fetch the rows.
    (found,) = connection.execute(
        "SELECT json_group_array(rowid) FROM version_pair WHERE version_pair MATCH ?", (expression,)
    ).fetchone()
    return FrozenBitMap(json.loads(found))


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
            (row_id, BitMap(numbers) | stored.get(row_id, FrozenBitMap()))
            for row_id, numbers in rows.items()
        ),
    )


def remove(connection: sqlite3.Connection, found: Mapping[str, list[int]]) -> None:
    """Takes versions, in the order of their numbers, out of the sets of these keys. Inside a
    transaction of the caller."""
    rows = _rows(found, _ids(connection, found))
    left = {
        row_id: BitMap(versions) - BitMap(rows[row_id])
        for row_id, versions in _stored(connection, rows).items()
    }
    _store(connection, ((row_id, versions) for row_id, versions in left.items() if versions))
    connection.executemany(
        "DELETE FROM search_set WHERE id = ?",
        ((row_id,) for row_id, versions in left.items() if not versions),
    )


def note_change(connection: sqlite3.Connection) -> None:
    """To be called where sets were changed: what searches have kept of them is not used any more. Inside
    a transaction of the caller."""
    connection.execute(
        "INSERT INTO meta VALUES ('index_state', '1') "
        "ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1"
    )


def _index_state(connection: sqlite3.Connection) -> int:
    """A number that is another after each change."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'index_state'").fetchone()
    return 0 if row is None else int(row[0])


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
        first, last = versions[0] // PIECE, versions[-1] // PIECE
        if first == last:
            rows[beginning + first] = versions
            continue
        for version_id in versions:
            rows.setdefault(beginning + version_id // PIECE, []).append(version_id)
    return rows


def _stored(connection: sqlite3.Connection, row_ids: Iterable[int]) -> dict[int, FrozenBitMap]:
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
