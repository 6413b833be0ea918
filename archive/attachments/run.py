"""A run of `huyen attachments`: collects the files, reads them, has scanned pages recognised.

Text first, recognition after: a thousand files are read while a hundred pages are recognised.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from threading import Event
from urllib.parse import unquote, urlsplit

from archive import __version__
from archive.attachments import index, sources, storage
from archive.attachments.file_text import Ending, FileText, State, one_line
from archive.attachments.reading import Recognised, read_file, recognise_page
from archive.attachments.side_by_side import side_by_side
from archive.attachments.storage import Unread, WaitingPage
from archive.attachments.tesseract import Tesseract
from archive.database import (
    DATABASE_NAME,
    open_beside_a_run,
    open_for_writing,
    require_archive,
    sqlite_errors,
    transaction,
)
from archive.errors import ArchiveLocked, UsageError
from archive.lock import ArchiveLock
from archive.search import is_known_site, known_sites
from archive.timestamps import utc_text
from archive.warc_reader import (
    LONGEST_BODY,
    BodyTooLarge,
    DamagedRecord,
    NoStoredBytes,
    StoredResponse,
    UndecodableBody,
    read_response,
)

LOCK_NAME = "attachments.lock"  # a second run would only do the same work again
Progress = Callable[[str, int, int], object]
"""Told what is done ("Reading", "Recognising"), how many, of how many."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a run did with one file."""

    site: str
    url: str
    file_type: str
    state: State
    reason: str


@dataclass(slots=True)
class Report:
    """What a run did. ``recognised`` and ``failed_pages`` count pages; ``unread`` files and
    ``waiting`` pages are left for the next run (the limit, or no Tesseract)."""

    files: list[ReadFile] = field(default_factory=list)
    recognised: int = 0
    failed_pages: int = 0
    unread: int = 0
    waiting: int = 0

    @property
    def states(self) -> dict[State, int]:
        """How many files of this run ended so, commonest first."""
        return dict(Counter(file.state for file in self.files).most_common())


def read_attachments(
    root: Path,
    *,
    sites: Sequence[str] = (),
    tesseract: Tesseract | None = None,
    limit: int | None = None,
    retry: bool = False,
    jobs: int = 1,
    clock: Callable[[], datetime],
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Reads what was not read yet, oldest capture first, also beside a run that is writing.

    ``sites`` (slugs) and ``limit`` (files, for reading and for recognition each) narrow it; without
    ``tesseract`` scanned pages wait; ``jobs`` files or pages are read at once. Whatever ends this call, what was read is stored. Raises
    ArchiveError for an archive that cannot be opened or written, ArchiveLocked when another such run
    is at work, or when the program that is writing has another schema; UsageError for a portal that
    is not in the archive.
    """
    require_archive(root)
    # It works beside a crawl, so it leaves the lock of those who write alone.
    with ArchiveLock(root, "huyen attachments", clock(), name=LOCK_NAME):
        _update_schema(root, clock())
        with (
            closing(open_beside_a_run(root)) as connection,
            sqlite_errors(root / DATABASE_NAME),
        ):
            _check_sites(connection, sites)
            run_id = _begin(connection, sites, clock())
            run = _Run(connection, root, run_id, jobs, clock, progress)
            outcome = "interrupted"
            try:
                run.prepare()
                run.read(storage.unread(connection, sites, retry), limit)
                run.recognise(storage.waiting_pages(connection, sites, retry), limit, tesseract)
                outcome = "done"
            finally:
                _end(connection, run_id, outcome, clock())
            return run.report


@dataclass(slots=True)
class _Run:
    connection: sqlite3.Connection
    root: Path
    run_id: int
    jobs: int
    clock: Callable[[], datetime]
    progress: Progress
    report: Report = field(default_factory=Report)
    stop: Event = field(default_factory=Event)

    def prepare(self) -> None:
        with transaction(self.connection):
            index.bring_up_to_date(self.connection)
        for file_id in storage.unfinished_files(self.connection):
            storage.finish_file(self.connection, file_id)
        sources.collect(self.connection, self.root)

    def read(self, files: list[Unread], limit: int | None) -> None:
        wanted = files[:limit]
        self.report.unread = len(files) - len(wanted)
        readings = map(self._reading, wanted)
        with closing(side_by_side(readings, self.jobs, self.stop)) as results:
            for number, (file, found) in enumerate(results, 1):
                now = utc_text(self.clock())
                storage.store_file(self.connection, file, found, self.run_id, now)
                ending = found.ending
                self.report.files.append(
                    ReadFile(file.site, file.url, ending.file_type, ending.state, ending.reason)
                )
                self.progress("Reading", number, len(wanted))

    def recognise(
        self, pages: list[WaitingPage], limit: int | None, tesseract: Tesseract | None
    ) -> None:
        by_file = [list(of_file) for _, of_file in groupby(pages, lambda page: page.file_id)]
        wanted = by_file[:limit] if tesseract else []
        total = sum(map(len, wanted))
        self.report.waiting = len(pages) - total
        if tesseract is None:
            return
        left = Counter(page.file_id for pages in wanted for page in pages)
        recognitions = self._recognitions(wanted, tesseract)
        with closing(side_by_side(recognitions, self.jobs, self.stop)) as results:
            for done, (page, found) in enumerate(results, 1):
                storage.store_page(self.connection, page, found, tesseract)
                if found.part is None:
                    self.report.failed_pages += 1
                else:
                    self.report.recognised += 1
                left[page.file_id] -= 1
                if not left[page.file_id]:
                    storage.finish_file(self.connection, page.file_id)
                self.progress("Recognising", done, total)

    def _reading(self, file: Unread) -> Callable[[], tuple[Unread, FileText]]:
        """The work of reading a file, its bytes fetched: for another thread."""
        body = self._body(file.capture_id)
        if isinstance(body, Ending):
            return lambda: (file, FileText(body))
        data, stored = body

        def read() -> tuple[Unread, FileText]:
            name = unquote(urlsplit(file.url).path)
            found = read_file(data, stored.media_type, name, stop=self.stop)
            return file, _cut_off(found, stored.truncated) if stored.truncated else found

        return read

    def _recognitions(
        self, files: list[list[WaitingPage]], tesseract: Tesseract
    ) -> Iterator[Callable[[], tuple[WaitingPage, Recognised]]]:
        """The work of recognising each page, its file's bytes fetched once: for other threads."""
        for pages in files:
            body = self._body(pages[0].capture_id)
            for page in pages:
                yield partial(self._recognise, body, page, tesseract)

    def _recognise(
        self, body: tuple[bytes, StoredResponse] | Ending, page: WaitingPage, tesseract: Tesseract
    ) -> tuple[WaitingPage, Recognised]:
        if isinstance(body, Ending):  # it was read before; `huyen verify` tells of damage
            return page, Recognised(None, body.reason)
        return page, recognise_page(body[0], page.number, tesseract, stop=self.stop)

    def _body(self, capture_id: int) -> tuple[bytes, StoredResponse] | Ending:
        """The file as it was sent, and what was stored about it; or why there is none."""
        try:
            stored = read_response(self.connection, self.root, capture_id)
            return stored.body(LONGEST_BODY), stored
        except BodyTooLarge as error:
            return Ending(State.TOO_BIG, reason=one_line(str(error)))
        except (NoStoredBytes, DamagedRecord, UndecodableBody) as error:
            return Ending(State.FAILED, reason=one_line(f"its bytes cannot be had: {error}"))


def _cut_off(found: FileText, how: str) -> FileText:
    """The reading of a capture that is not whole (WARC-Truncated), which its state says."""
    ending = found.ending
    reason = f"the capture was cut off ({how})" + (f"; {ending.reason}" if ending.reason else "")
    state = State.PARTIAL if found.parts else State.FAILED
    return FileText(Ending(state, ending.file_type, ending.engine, one_line(reason)), found.parts)


def _update_schema(root: Path, now: datetime) -> None:
    """Brings the schema up to date, unless a run holds the archive: its program has done so, or is
    another version, which `open_beside_a_run` then tells."""
    try:
        with ArchiveLock(root, "huyen attachments", now):
            open_for_writing(root).close()
    except ArchiveLocked:
        return


def _check_sites(connection: sqlite3.Connection, sites: Sequence[str]) -> None:
    for site in sites:
        if not is_known_site(connection, site):
            known = ", ".join(known_sites(connection)) or "none yet"
            raise UsageError(f"there is no portal {site} in this archive; it has: {known}")


def _begin(connection: sqlite3.Connection, sites: Sequence[str], now: datetime) -> int:
    """The run is ended from its beginning: a crawl that starts beside it takes an open run for one
    that was killed. Until it is done it counts as interrupted."""
    with transaction(connection):
        cursor = connection.execute(
            "INSERT INTO run(command, arguments, software, started_at, ended_at, outcome, pid, host) "
            "VALUES ('attachments', ?, ?, ?, ?, 'interrupted', ?, ?)",
            (
                json.dumps(list(sites), ensure_ascii=False),
                f"huyen {__version__}",
                utc_text(now),
                utc_text(now),
                os.getpid(),
                socket.gethostname(),
            ),
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _end(connection: sqlite3.Connection, run_id: int, outcome: str, now: datetime) -> None:
    with transaction(connection):
        connection.execute(
            "UPDATE run SET ended_at = ?, outcome = ? WHERE id = ?",
            (utc_text(now), outcome, run_id),
        )
