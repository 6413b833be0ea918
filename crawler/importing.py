"""Import: WARC and WACZ files that others made become captures and articles.

The files are kept as they came (archive.imports); their exchanges are written again as records of
our own, so that everything that reads this archive reads them too, and what it holds already is
not stored twice. Articles are then read from those records by the functions of the live crawl.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from archive.captures import NOT_MODIFIED
from archive.digests import digest_matches, digest_of
from archive.errors import HuyenError, UsageError
from archive.exchange import Exchange
from archive.foreign_exchange import LONGEST_BLOCK, response_of
from archive.foreign_file import ForeignFile
from archive.foreign_index import ForeignIndex, Located
from archive.foreign_warc import ForeignRecord, Part, read_at, read_records
from archive.gzip_members import Damage
from archive.http_head import status_of
from archive.imports import keep, sha256_of, via_of
from archive.ingest import ArchiveWriter
from archive.recovery import RecoveryReport
from archive.timestamps import utc_text
from archive.urls import key_of
from archive.warc_reader import DamagedRecord, NoStoredBytes, read_response
from archive.warc_writer import header_uri
from crawler.extraction.attribution import Attribution
from crawler.recording import site_facts
from crawler.reextraction import ReextractionOutcome, read_stored_pages
from crawler.sites import Site

_HOSTS_NAMED = 5  # in a message; the rest is counted
_UNWRITTEN = 1000  # addresses remembered before they are written in any case

_Identity = tuple[object, ...]


class UnknownPortal(UsageError):
    """Raised here, before anything is written, for a file none of whose hosts is in sites.toml."""


@dataclass(slots=True)
class FileOutcome:
    """What became of one file. ``exchanges`` are the answers in it; of these ``added`` are new
    captures, ``known`` were in the archive, ``left_out`` belong to no portal of sites.toml (by
    host), ``unresolved`` are revisits of records that are nowhere to be found. ``damaged`` says
    where and what could not be read; ``other`` counts records that are no HTTP exchange, by type.
    ``notes`` are about the file as a whole."""

    name: str
    sha256: str
    kept: str = ""
    exchanges: int = 0
    added: int = 0
    known: int = 0
    cut: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    unresolved: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    other: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether everything in the file that could be taken over was."""
        return not self.damaged and not self.unresolved and not self.notes


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of an import: file by file, and what was read on the pages of each site.
    ``recovery`` is what was put right before."""

    run_id: int
    recovery: RecoveryReport
    files: tuple[FileOutcome, ...]
    sites: tuple[ReextractionOutcome, ...]


def import_files(
    archive: Path,
    sites: Mapping[str, Site],
    paths: Sequence[Path],
    *,
    belongs_to: Site | None = None,
    arguments: Sequence[str] = (),
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> ImportOutcome:
    """Imports these files. The site of a capture is recognised by its host.

    ``belongs_to`` takes what no site in ``sites`` claims. Without it, such captures go with the
    portal of their file when the file has but one (they are what its pages embed) and are left out
    otherwise; a file without any known portal is refused before anything is written.

    What is in the archive already (site, URL, time, method, status and payload) is not added again.
    A single gzip stream is unpacked into the directory for temporary files first. ``progress`` is
    told what is done, how much of it, and of how much. Raises UnknownPortal, NotForeignWarc,
    ArchiveLocked, ArchiveError.
    """
    with tempfile.TemporaryDirectory(prefix="huyen-") as scratch, closing(ForeignIndex()) as index:
        sources = [_Source.open(number, path, Path(scratch)) for number, path in enumerate(paths)]
        for source in sources:
            source.list_records(index)
        claims = _Claims(sites, belongs_to, index, sources)
        with ArchiveWriter.open(
            archive,
            "import",
            arguments,
            operator=os.environ.get("HUYEN_CONTACT", "").strip(),
            robots="",  # which rules the makers of these files kept is in their own warcinfo
        ) as writer:
            taking = _Taking(archive, writer, index, sources, claims)
            taking.run(progress)
            read = tuple(
                read_stored_pages(
                    writer,
                    archive,
                    site,
                    progress,
                    unread_only=True,
                    further_hosts=claims.taken_hosts if site is belongs_to else (),
                )
                for site in taking.sites
            )
            outcomes = tuple(source.outcome for source in sources)
            return ImportOutcome(writer.run_id, writer.recovery, outcomes, read)


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of the import."""

    number: int
    path: Path
    file: ForeignFile
    outcome: FileOutcome

    @classmethod
    def open(cls, number: int, path: Path, scratch: Path) -> _Source:
        folder = scratch / str(number)
        folder.mkdir()
        file = ForeignFile(path, folder)
        return cls(number, path, file, FileOutcome(path.name, sha256_of(path), notes=file.notes))

    def list_records(self, index: ForeignIndex) -> None:
        for number, part in enumerate(self.file.parts):
            for record in read_records(part, partial(self.report, part)):
                try:
                    if not index.add(self.number, number, record):
                        self.outcome.other[record.type] = self.outcome.other.get(record.type, 0) + 1
                except Damage as damage:
                    self.report(part, damage)
        if not index.hosts(self.number) and not self.outcome.damaged:
            raise HuyenError(f"{self.path}: holds no HTTP exchange, so there is nothing to import")

    def report(self, part: Part, damage: Damage) -> None:
        inside = f"{part.name}, " if part.name else ""
        self.outcome.damaged.append(f"{inside}{damage}")

    def part(self, located: Located) -> Part:
        return self.file.parts[located.part]


class _Claims:
    """Who gets which capture."""

    def __init__(
        self,
        sites: Mapping[str, Site],
        belongs_to: Site | None,
        index: ForeignIndex,
        sources: Sequence[_Source],
    ) -> None:
        """Raises UnknownPortal."""
        self._attribution = Attribution(sites.values())
        self._belongs_to = belongs_to
        self._of_file: dict[int, Site | None] = {}
        self.taken_hosts: set[str] = set()
        for source in sources:
            hosts = index.hosts(source.number)
            found = {
                site.slug: site
                for host, (_, first, last) in hosts.items()
                for date in (first, last)
                if (site := self._attribution.site_of(f"http://{host}/", date))
            }
            if hosts and not found and belongs_to is None:
                raise UnknownPortal(_unknown(source.path, hosts))
            self._of_file[source.number] = next(iter(found.values())) if len(found) == 1 else None

    def site_of(self, answer: Located) -> Site | None:
        site = self._attribution.site_of(answer.url, answer.date)
        if site is None and self._belongs_to is not None:
            self.taken_hosts.add(answer.host)
            return self._belongs_to
        return site or self._of_file[answer.file]


def _unknown(path: Path, hosts: Mapping[str, tuple[int, str, str]]) -> str:
    named = ", ".join(f"{host} ({hosts[host][0]})" for host in list(hosts)[:_HOSTS_NAMED])
    more = f" and {len(hosts) - _HOSTS_NAMED} more" if len(hosts) > _HOSTS_NAMED else ""
    return (
        f"{path}: no portal in the sites file had these hosts at that time: {named}{more}; say with "
        "--site SLUG which one they belong to, or add the portal to the sites file"
    )


class _Unresolved(Exception):
    """Raised and caught here for a revisit of a record that is nowhere to be found."""


class _Taking:
    """Takes the exchanges over, oldest first."""

    def __init__(
        self,
        archive: Path,
        writer: ArchiveWriter,
        index: ForeignIndex,
        sources: Sequence[_Source],
        claims: _Claims,
    ) -> None:
        self._archive = archive
        self._writer = writer
        self._index = index
        self._sources = sources
        self._claims = claims
        self._involved: dict[str, Site] = {}
        self._date = ""  # the one that is at hand, and of it, by identity:
        self._stored: dict[_Identity, int] = {}  # how many captures there are
        self._met: Counter[tuple[int, _Identity]] = Counter()  # how many each file has
        self._unwritten: set[str] = set()  # addresses whose bodies may not be committed yet

    @property
    def sites(self) -> tuple[Site, ...]:
        """The sites that the files have something of."""
        return tuple(self._involved.values())

    def run(self, progress: Callable[[str, int, int], None]) -> None:
        for source in self._sources:
            source.outcome.kept = keep(self._archive, source.path, source.outcome.sha256)
        total = self._index.count()
        for done, answer in enumerate(self._index.answers(), 1):
            self._take(answer)
            progress("exchanges", done, total)
        self._writer.flush()

    def _take(self, answer: Located) -> None:
        source = self._sources[answer.file]
        outcome = source.outcome
        outcome.exchanges += 1
        site = self._claims.site_of(answer)
        if site is None:
            outcome.left_out[answer.host] = outcome.left_out.get(answer.host, 0) + 1
            return
        if site.slug not in self._involved:
            self._involved[site.slug] = site
            self._writer.record_site(site_facts(site))
        try:
            exchange = self._exchange(answer)
        except Damage as damage:
            source.report(source.part(answer), damage)
        except _Unresolved:
            outcome.unresolved.append(
                f"{answer.url} of {answer.date[:19]}Z repeats {answer.refers_url or 'a record'} "
                f"of {answer.refers_date[:19] or 'an unknown time'}"
            )
        else:
            if self._is_known(answer, site, exchange):
                outcome.known += 1
                return
            self._record(site, exchange)
            outcome.added += 1
            outcome.cut += exchange.truncated == "length"

    def _record(self, site: Site, exchange: Exchange) -> None:
        is_304 = exchange.status == NOT_MODIFIED
        if len(self._unwritten) >= _UNWRITTEN or (is_304 and exchange.url in self._unwritten):
            self._writer.flush()  # a 304 refers to what is committed
            self._unwritten.clear()
        self._writer.record_exchange(site.slug, exchange)
        if not is_304:
            self._unwritten.add(exchange.url)

    def _exchange(self, answer: Located) -> Exchange:
        """Raises Damage and _Unresolved."""
        source = self._sources[answer.file]
        part = source.part(answer)
        record, block = self._read(answer)
        request = self._index.request_of(answer)
        sent = b"" if request is None else self._read(request)[1]
        name = answer.record_id or f"offset={answer.offset}"
        via = via_of(source.outcome.kept, part.name, name)
        if record.type == "response":
            return response_of(record, block, sent, via)
        if status_of(block) == NOT_MODIFIED:
            return response_of(record, block, sent, via)
        payload, truncated, head = self._original(answer)
        # Some makers leave out the head of a revisit; then it was that of the original, or the
        # record would be none of its kind.
        exchange = response_of(record, block if status_of(block) else head, sent, via)
        return replace(exchange, payload=payload, truncated=truncated)

    def _read(self, located: Located) -> tuple[ForeignRecord, bytes]:
        part = self._sources[located.file].part(located)
        return read_at(part, located.offset, located.skip, LONGEST_BLOCK)

    def _original(self, revisit: Located) -> tuple[bytes, str, bytes]:
        """Payload, truncation and head of what a revisit repeats: in the files given, else in the
        archive. Raises _Unresolved."""
        found = self._index.original_of(revisit)
        if found is not None:
            try:
                original = response_of(*self._read(found))
            except Damage as damage:
                raise _Unresolved from damage
            return original.payload, original.truncated, original.response_head
        for capture_id in self._stored_originals(revisit):
            try:
                stored = read_response(self._writer.connection, self._archive, capture_id)
            except (DamagedRecord, NoStoredBytes):
                continue
            if not revisit.digest or digest_matches(revisit.digest, stored.payload) is not False:
                return stored.payload, stored.truncated, stored.head
        raise _Unresolved

    def _stored_originals(self, revisit: Located) -> Iterator[int]:
        second = revisit.refers_date[: len("YYYY-MM-DDTHH:MM:SS")]
        for row in self._writer.connection.execute(
            "SELECT id FROM capture WHERE record_type IS NOT NULL AND status IS NOT ? AND ("
            " payload_digest = ? OR url_key = ? AND url = ? AND fetched_at BETWEEN ? AND ?) "
            "ORDER BY id LIMIT 5",
            (
                NOT_MODIFIED,
                revisit.digest.lower(),
                key_of(revisit.refers_url),
                header_uri(revisit.refers_url),
                f"{second}.",
                f"{second}~",
            ),
        ).fetchall():
            yield int(row[0])

    def _is_known(self, answer: Located, site: Site, exchange: Exchange) -> bool:
        """Whether the archive, or this import, has the very exchange. A file may have several that
        agree in everything, as dates go to the second: then as many are stored, and no more."""
        empty = exchange.status == NOT_MODIFIED and not exchange.payload
        identity = (
            site.slug,
            key_of(exchange.url),
            utc_text(exchange.fetched_at),
            header_uri(exchange.url),
            exchange.method,
            exchange.status,
            None if empty else digest_of(exchange.payload),
        )
        if answer.date != self._date:  # they come in the order of time
            self._date = answer.date
            self._stored.clear()
            self._met.clear()
        if identity not in self._stored:
            self._stored[identity] = self._writer.connection.execute(
                "SELECT count(*) FROM capture WHERE site = ? AND url_key = ? AND fetched_at = ? "
                "AND url = ? AND method = ? AND status IS ? AND payload_digest IS ?",
                identity,
            ).fetchone()[0]
        self._met[answer.file, identity] += 1
        if self._met[answer.file, identity] <= self._stored[identity]:
            return True
        self._stored[identity] += 1
        return False
