"""The WARC files that a run is writing, one for each site, and their rows in `warc`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from archive.database import transaction
from archive.errors import ArchiveError
from archive.timestamps import utc_text
from archive.warc_writer import FileInfo, WarcFile


class WarcFiles:
    """A file is created for the first exchange of its site. Its row comes with the first group that is
    committed; so the order is `sync`, `store_rows` in the transaction of the group, its commit,
    `mark_durable`. Raises ArchiveError when the disk refuses."""

    def __init__(
        self, root: Path, info: FileInfo, clock: Callable[[], datetime], next_id: int
    ) -> None:
        """``next_id`` is the first number that no row in `warc` has; there is one writer."""
        self._root = root
        self._info = info
        self._clock = clock
        self._next_id = next_id
        self._open: dict[str, tuple[int, WarcFile]] = {}
        self._unlisted: set[int] = set()  # files without a row yet

    def of(self, site: str) -> tuple[int, WarcFile]:
        """The number and the file of a site, which is created where there is none."""
        found = self._open.get(site)
        if found is None:
            file = WarcFile(self._root, site, self._info, self._clock())
            found = self._open[site] = self._next_id, file
            self._unlisted.add(self._next_id)
            self._next_id += 1
        return found

    def sites(self) -> tuple[str, ...]:
        """Those that have a file."""
        return tuple(self._open)

    def sync(self) -> None:
        """What was appended to any file is on the disk when this returns."""
        for _, file in self._grown():
            file.sync()

    def store_rows(self, connection: sqlite3.Connection) -> None:
        """Notes the files that have grown, and to what length, in the transaction of the caller."""
        for warc_id, file in self._grown():
            if warc_id in self._unlisted:
                connection.execute(
                    "INSERT INTO warc(id, path, site, run_id, created_at, length) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (warc_id, file.path, file.site, self._info.run_id, file.created_at, file.size),
                )
            else:
                connection.execute("UPDATE warc SET length = ? WHERE id = ?", (file.size, warc_id))

    def mark_durable(self) -> None:
        """To be called when the rows of the group are committed."""
        for warc_id, file in self._grown():
            file.mark_durable()
            self._unlisted.discard(warc_id)

    def cut_back(self) -> None:
        """Removes from all files what no committed row knows of; after that they may only be
        abandoned."""
        for _, file in self._open.values():
            # A disk that does not even let us cut: the next run's recovery finds the tail.
            with suppress(ArchiveError):
                file.cut_back()

    def seal(self, site: str, connection: sqlite3.Connection) -> None:
        """Gives the file of a site, if it has one, its final name, and records length and SHA-256. A
        later exchange begins another file."""
        if site not in self._open:
            return
        warc_id, file = self._open[site]
        if warc_id in self._unlisted:  # its first exchange was refused
            file.discard()
            del self._open[site]
            self._unlisted.discard(warc_id)
            return
        length, sha256 = file.seal()
        del self._open[site]
        with transaction(connection):
            connection.execute(
                "UPDATE warc SET closed_at = ?, length = ?, sha256 = ? WHERE id = ?",
                (utc_text(self._clock()), length, sha256, warc_id),
            )

    def abandon(self) -> None:
        """Closes all files as they are. archive.recovery seals them when the archive is next opened."""
        for _, file in self._open.values():
            file.abandon()

    def _grown(self) -> list[tuple[int, WarcFile]]:
        return [(number, file) for number, file in self._open.values() if file.size > file.durable]
