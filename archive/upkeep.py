"""What is derived from captures and articles, kept true while they come.

Some of it costs much less for many articles at once than for one: the search index and the pairs of almost
the same text. It is behind by so many articles at most, and by none when a run has ended; what a killed
run left undone is done by the next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from archive import absences, bodies, full_text, near_duplicates, recognition
from archive.database import transaction

_INDEXED_TOGETHER = 256  # articles; the more, the less each costs, and the later they are found
_COMPARED_TOGETHER = 1_000
# An archive with many more to compare, since its signatures are of another form, goes on with that in the
# next run.
_COMPARED_AT_THE_END = 5_000


class Upkeep:
    """For the one who holds the lock; all methods outside of a transaction."""

    def __init__(self, connection: sqlite3.Connection, listed: Sequence[int]) -> None:
        """Brings up to date what an older program, a killed run or an import left behind. ``listed``
        are captures that recovery has listed again."""
        self._connection = connection
        with transaction(connection):
            full_text.bring_up_to_date(connection)
            near_duplicates.bring_up_to_date(connection)
            recognition.bring_up_to_date(connection)
            absences.bring_up_to_date(connection, listed)
            bodies.bring_up_to_date(connection)
        full_text.complete(connection)
        self._uncompared = near_duplicates.waiting(connection)

    def follow(self, new: int) -> None:
        """To be called after each group, with the number of its new articles: does what has become
        worth doing."""
        self._uncompared += new
        if self._uncompared >= _COMPARED_TOGETHER:
            self._compare()
        if full_text.waiting(self._connection) >= _INDEXED_TOGETHER:
            self.index()

    def index(self) -> None:
        """Everything that is committed can be found when this returns."""
        full_text.complete(self._connection)

    def finish(self) -> None:
        """At the end of a run."""
        self.index()
        while 0 < self._uncompared <= _COMPARED_AT_THE_END:
            self._compare()

    def _compare(self) -> None:
        with transaction(self._connection):
            more = near_duplicates.catch_up(self._connection, _COMPARED_TOGETHER)
        self._uncompared = max(self._uncompared - _COMPARED_TOGETHER, 0) if more else 0
