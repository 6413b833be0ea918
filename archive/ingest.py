"""The one write path: whatever stores an exchange or an article goes through ArchiveWriter.

Bytes first. Exchanges and readings are collected in groups. A group is written so: WARC bytes
synced, then one transaction with the captures and what was read from them, then the files are told
that their bytes are known. A crash at any moment leaves at worst bytes that no row knows of, which
archive.recovery lists again; never a row without bytes.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Self

from archive import __version__, absences, full_text
from archive.bodies import Body, only_body, store_bodies
from archive.captures import (
    NOT_MODIFIED,
    CaptureRow,
    Place,
    capture_row,
    insert_capture,
    next_id,
    stored_payload,
    unmodified_payload,
)
from archive.counts import Counts
from archive.database import (
    DATABASE_NAME,
    first_row,
    open_for_writing,
    prepare_directory,
    sqlite_errors,
    transaction,
)
from archive.digests import digest_of
from archive.errors import ArchiveError
from archive.exchange import Exchange
from archive.lock import ArchiveLock
from archive.readings import ReadAgain, store_reading
from archive.recovery import RecoveryReport, recover
from archive.runs import begin_run, end_run
from archive.schema import Reading
from archive.site_runs import SiteRun, store_site_run
from archive.timestamps import utc_now, utc_text
from archive.unmodified import note_unmodified
from archive.upkeep import Upkeep
from archive.url_ledger import UrlLedger
from archive.warc_files import WarcFiles
from archive.warc_writer import (
    FileInfo,
    Profile,
    RecordGroup,
    Revisit,
    WarcFile,
    header_uri,
    serialise_exchange,
)

WARC_SIZE = 1_000_000_000  # bytes after which a new file is begun, the size others choose too


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What `sites.toml` says about a portal, for those who have the archive only. ``state`` is
    active, frozen, moved or gone; ``since`` an ISO date; without ``bodies`` the one of this name has
    always spoken there."""

    slug: str
    name: str
    province: str
    home: str
    state: str
    platform: str | None = None
    since: str | None = None
    reason: str | None = None
    successor: str | None = None
    bodies: tuple[Body, ...] = ()


_site_values = attrgetter(
    "slug", "name", "province", "home", "platform", "state", "since", "reason", "successor"
)  # in the order of the columns


@dataclass(frozen=True, slots=True)
class _PendingReading:
    site: str
    capture_id: int
    reading: Reading


class ArchiveWriter:
    """The archive opened for writing: holds the lock, has recovered what an earlier run left, has
    its row in `run`. A context manager; not for use from several threads.

    ``connection`` is for reading what is committed; ``recovery`` says what was found on opening;
    what is put into ``ledger`` is committed with the exchanges and readings recorded before it.
    After an ArchiveError nothing more can be written; `close` remains safe to call.
    """

    def __init__(
        self,
        root: Path,
        lock: ArchiveLock,
        connection: sqlite3.Connection,
        info: FileInfo,
        recovery: RecoveryReport,
        upkeep: Upkeep,
        *,
        clock: Callable[[], datetime],
        group_size: int,
        group_seconds: float,
        warc_size: int,
    ) -> None:
        self.root = root
        self.connection = connection
        self.recovery = recovery
        self.run_id = info.run_id
        # Set by those who can read a stored page with today's extractors: archive.readings.
        self.read_again: ReadAgain | None = None
        self._lock = lock
        self._clock = clock
        self._group_size = group_size
        self._group_age = timedelta(seconds=group_seconds)
        self._warc_size = warc_size
        self._files = WarcFiles(root, info, clock, next_id(connection, "warc"))
        self._pending: list[CaptureRow | _PendingReading] = []
        self._pending_since: datetime | None = None
        self._pending_payloads: dict[tuple[int, str], Revisit] = {}
        self._pending_sites: dict[int, str] = {}
        self._pending_exchanges = 0
        self._counts: dict[str, Counts] = defaultdict(Counts)
        self._next_capture = next_id(connection, "capture")
        self.ledger = UrlLedger(connection, root / DATABASE_NAME, self._note_pending)
        self._upkeep = upkeep
        self._failed = False
        self._failed_by = ""
        self._closed = False

    @classmethod
    def open(
        cls,
        root: Path,
        command: str,
        arguments: Sequence[str] = (),
        *,
        software: str = f"huyen {__version__}",
        operator: str = "",
        user_agent: str = "",
        robots: str = "obey",
        clock: Callable[[], datetime] = utc_now,
        group_size: int = 50,
        group_seconds: float = 2.0,
        warc_size: int = WARC_SIZE,
    ) -> Self:
        """Opens the archive in this directory for writing, creates it where there is none, recovers
        what a killed run left, and begins a run.

        ``command`` and ``arguments`` name the run; ``operator`` (with a contact), ``user_agent``
        and ``robots`` go into the `warcinfo` records. A group is written after ``group_size``
        exchanges or ``group_seconds``; a WARC file is followed by another after ``warc_size``
        bytes. Raises ArchiveLocked when another run holds the archive, ArchiveError when it cannot
        be opened.
        """
        connection = None
        prepare_directory(root)
        lock = ArchiveLock(root, f"huyen {command}", clock())
        try:
            connection = open_for_writing(root)
            with sqlite_errors(root / DATABASE_NAME):
                run_id = begin_run(connection, command, arguments, software, clock())
                recovery = recover(root, connection, run_id, clock())
                return cls(
                    root,
                    lock,
                    connection,
                    FileInfo(software, run_id, operator, user_agent, robots),
                    recovery,
                    Upkeep(connection, recovery.orphans),
                    clock=clock,
                    group_size=group_size,
                    group_seconds=group_seconds,
                    warc_size=warc_size,
                )
        except BaseException:
            if connection is not None:
                connection.close()
            lock.release()
            raise

    def record_exchange(self, site: str, exchange: Exchange) -> int:
        """Appends the exchange's records to the WARC file of the site and returns the id of its
        capture, whose row is committed with the group. An exchange without a response head has a
        row only.

        A payload that the archive holds already is not stored again: the record is a revisit.
        Raises ArchiveError when the disk refuses, ValueError for an exchange that cannot be stored
        (a head that does not end, a site that is no slug).
        """
        self._require_working()
        header_uri(exchange.url)  # an address that cannot be written down must not cost the group
        if self._pending_exchanges >= self._group_size or self._is_due():
            self.flush()
        capture_id = self._next_capture
        if not exchange.response_head:
            self._add_pending(capture_row(capture_id, self.run_id, site, exchange, None))
            self._next_capture += 1
            return capture_id
        file, group, place = self._prepare(site, exchange)
        row = capture_row(capture_id, self.run_id, site, exchange, place)
        # Everything that can go wrong is done but the writing itself, so that there is never a
        # record without its row in the group.
        self._append(file, group)
        self._add_pending(row)
        self._next_capture += 1
        if row.record_type == "response" and row.payload_length and not row.truncated:
            revisit = Revisit(
                Profile.IDENTICAL_PAYLOAD, row.id, place.record_id, row.url, row.fetched_at
            )
            self._pending_payloads.setdefault((place.warc_id, str(row.payload_digest)), revisit)
        return capture_id

    def record_reading(self, capture_id: int, reading: Reading) -> None:
        """What a capture, of this run or an earlier one, was read as. Stored with the group, in
        the order recorded; archive.readings has the rules. Raises LookupError for an unknown
        capture."""
        self._require_working()
        site = self._pending_sites.get(capture_id)
        if site is None:
            # A page of an earlier group is read again: readings alone fill the groups then.
            if len(self._pending) >= self._group_size or self._is_due():
                self.flush()
            site = self._stored_site(capture_id)
        self._add_pending(_PendingReading(site, capture_id, reading))

    def record_site(self, facts: SiteFacts) -> None:
        """Stores the facts about a portal where they differ from those stored."""
        values = _site_values(facts)
        with self.transaction() as connection:
            row = first_row(connection, "SELECT * FROM site WHERE slug = ?", facts.slug)
            if row is None or tuple(row)[:-1] != values:
                connection.execute(
                    f"INSERT OR REPLACE INTO site VALUES ({', '.join('?' * 10)})",
                    (*values, utc_text(self._clock())),
                )
            only = only_body(facts.name, facts.province, facts.home)
            store_bodies(connection, facts.slug, facts.bodies or (only,))

    def record_site_run(self, site_run: SiteRun) -> None:
        """Stores what this run did on one site, in place of what it said of it before."""
        with self.transaction() as connection:
            store_site_run(connection, self.run_id, site_run)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction for rows that no exchange or reading brings (near-duplicates, facts
        about sites), after everything recorded so far. Raises ArchiveError."""
        self.flush()
        with sqlite_errors(self.root / DATABASE_NAME), transaction(self.connection):
            yield self.connection

    def counts(self, site: str) -> Counts:
        """What this run has stored for the site, up to the last flush."""
        return self._counts[site]

    def flush(self) -> None:
        """Writes the group: when this returns, everything recorded is durable and visible to
        readers. Raises ArchiveError, after which nothing of the group is in the archive."""
        self._require_working()
        if not self._pending and not self.ledger.has_pending:
            return
        try:
            self._write_group()
        except BaseException as error:
            self._failed = True
            self._failed_by = f"{type(error).__name__}: {error}"
            raise

    def flush_if_due(self) -> None:
        """Flushes when the group is old enough; for a timer, so that a pause in the crawl does not
        hold back what is recorded."""
        if self._is_due():
            self.flush()

    def seal_site(self, site: str) -> None:
        """Flushes, brings the search index up to date, and closes the WARC file of a site that is
        done: renames it to its final name and records its length and SHA-256. A later exchange
        begins another file."""
        self.flush()
        with sqlite_errors(self.root / DATABASE_NAME):
            self._upkeep.index()
        self._seal(site)

    def close(self, outcome: str = "done") -> None:
        """Flushes, seals the files, ends the run with this outcome (done, interrupted, failed),
        and frees the lock. Safe to call twice, and after an error: what could not be written is
        then left to the recovery of the next run."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self._failed:
                self.flush()
                for site in self._files.sites():
                    self._seal(site)
                with sqlite_errors(self.root / DATABASE_NAME):
                    self._upkeep.finish()
        except BaseException:
            self._failed = True
            raise
        finally:
            self._end("failed" if self._failed and outcome == "done" else outcome)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self.close("done")
        else:
            self.close("interrupted" if issubclass(exc_type, KeyboardInterrupt) else "failed")

    # -- one exchange -------------------------------------------------------------------------

    def _prepare(self, site: str, exchange: Exchange) -> tuple[WarcFile, RecordGroup, Place]:
        """The records for the exchange, and the place in the file where they will stand."""
        digest = digest_of(exchange.payload)
        while True:
            warc_id, file = self._file(site)
            revisit = self._revisit(warc_id, exchange, digest)
            group = serialise_exchange(exchange, digest, file.warcinfo_id, revisit)
            if file.size + group.length <= self._warc_size or file.size == file.empty_size:
                break
            self.seal_site(site)
        place = Place(
            warc_id=warc_id,
            offset=file.size,
            length=len(group.members[0]),
            record_type=group.record_type,
            record_id=group.record_id,
            payload_digest=digest,
            refers_to=None if revisit is None else revisit.capture_id,
        )
        return file, group, place

    def _append(self, file: WarcFile, group: RecordGroup) -> None:
        try:
            file.append(group)
        except ArchiveError:
            self._abandon_group()
            raise

    def _revisit(self, warc_id: int, exchange: Exchange, digest: str) -> Revisit | None:
        with sqlite_errors(self.root / DATABASE_NAME):
            if exchange.status == NOT_MODIFIED and not exchange.payload:
                at = utc_text(exchange.fetched_at)
                return unmodified_payload(self.connection, exchange.url, at)
            if not exchange.payload or exchange.truncated:
                return None
            # Bytes of this group only in the same file: if it is torn, the later record goes first.
            pending = self._pending_payloads.get((warc_id, digest))
            return pending or stored_payload(self.connection, digest)

    def _file(self, site: str) -> tuple[int, WarcFile]:
        try:
            return self._files.of(site)
        except ArchiveError:
            self._abandon_group()
            raise

    def _stored_site(self, capture_id: int) -> str:
        with sqlite_errors(self.root / DATABASE_NAME):
            row = first_row(self.connection, "SELECT site FROM capture WHERE id = ?", capture_id)
        if row is None:
            raise LookupError(f"there is no capture {capture_id}")
        return str(row[0])

    # -- one group ----------------------------------------------------------------------------

    def _note_pending(self) -> None:
        if self._pending_since is None:
            self._pending_since = self._clock()

    def _add_pending(self, row: CaptureRow | _PendingReading) -> None:
        self._note_pending()
        self._pending.append(row)
        if isinstance(row, CaptureRow):
            self._pending_exchanges += 1
            self._pending_sites[row.id] = row.site

    def _is_due(self) -> bool:
        since = self._pending_since
        return since is not None and self._clock() - since >= self._group_age

    def _write_group(self) -> None:
        counts: dict[str, Counts] = defaultdict(Counts)
        try:
            self._files.sync()
            with sqlite_errors(self.root / DATABASE_NAME):
                self.connection.execute("BEGIN IMMEDIATE")
                self._insert_rows(counts)
        except BaseException:
            self._abandon_group()
            raise
        # From here on a failure may leave the transaction in the log, to appear after a crash. So
        # the bytes stay: either rows point to them, or the next run lists them again.
        with sqlite_errors(self.root / DATABASE_NAME):
            self.connection.execute("COMMIT")
        self._files.mark_durable()
        self._forget_pending()
        for site, added in counts.items():
            self._counts[site].add(added)
        with sqlite_errors(self.root / DATABASE_NAME):
            self._upkeep.follow(sum(added.new for added in counts.values()))

    def _insert_rows(self, counts: Mapping[str, Counts]) -> None:
        now = utc_text(self._clock())
        self._files.store_rows(self.connection)
        for row in self._pending:
            if isinstance(row, CaptureRow):
                self._insert_capture(row, counts[row.site])
            else:
                outcome = store_reading(
                    self.connection, self.run_id, now, row.capture_id, row.reading, self.read_again
                )
                counts[row.site].count(outcome)
        self.ledger.write()
        full_text.keep_edited_found(self.connection)

    def _insert_capture(self, row: CaptureRow, counts: Counts) -> None:
        insert_capture(self.connection, row)
        if absences.says_not_here(row.status) and not row.error:
            absences.note_missing(self.connection, row.site, row.url_key)
        elif row.status == NOT_MODIFIED:
            seen = note_unmodified(self.connection, row.site, row.url_key, row.fetched_at)
            counts.unchanged += seen
        counts.captures += 1
        counts.revisits += row.record_type == "revisit"
        counts.errors += bool(row.error)
        counts.truncated += bool(row.truncated)

    def _abandon_group(self) -> None:
        """Nothing of the group is kept: rows rolled back, files cut back to what rows know of."""
        self._failed = True
        if self.connection.in_transaction:
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
        self._files.cut_back()
        self._forget_pending()

    def _forget_pending(self) -> None:
        self._pending = []
        self._pending_since = None
        self._pending_payloads = {}
        self._pending_sites = {}
        self._pending_exchanges = 0
        self.ledger.forget()

    def _seal(self, site: str) -> None:
        with sqlite_errors(self.root / DATABASE_NAME):
            self._files.seal(site, self.connection)

    def _end(self, outcome: str) -> None:
        self._files.abandon()
        try:
            with sqlite_errors(self.root / DATABASE_NAME):
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                end_run(self.connection, self.run_id, outcome, self._clock())
                self.connection.execute("PRAGMA optimize")
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except ArchiveError:
            # After a first failure the full disk is known; the next run marks this one as killed.
            if not self._failed:
                raise
        finally:
            self.connection.close()
            self._lock.release()

    def _require_working(self) -> None:
        if self._failed:
            raise ArchiveError(
                f"{self.root}: an earlier error ended this run ({self._failed_by or 'see above'}); "
                "nothing more was recorded."
            )
