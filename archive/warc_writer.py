"""Writing WARC/1.1: the records of one exchange, and the file they are appended to.

Records are serialised by warcio from parts built here, because warcio's own builder rewrites header
blocks that are not tidy; so the digests are ours to give. Compression is our own: warcio's gzip level
costs more than the rest of the work (docs/benchmarks.md).
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from isal import isal_zlib
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.database import sync_directory
from archive.digests import digest_of
from archive.errors import ArchiveError
from archive.exchange import Exchange
from archive.http_head import is_whole_head, split_http, storable_head
from archive.timestamps import utc_text
from archive.warc_reader import OPEN_SUFFIX

WARC_FOLDER = "warc"
SUFFIX = ".warc.gz"

_VERSION = "WARC/1.1"
_COMPRESSION_LEVEL = 3  # igzip's highest; docs/benchmarks.md compares levels and libraries
_GZIP = 31  # zlib's window bits for "gzip header and trailer"
_RESPONSE = "application/http; msgtype=response"
_REQUEST = "application/http; msgtype=request"
_FIELDS = "application/warc-fields"
_OF_THE_WIRE = {"WARC-Protocol", "WARC-Cipher-Suite"}  # and metadata never crossed it
# Without it (macOS) the whole inode is synced.
_sync_data: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)
_PLAIN = re.compile(r"[!-~]*")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Version, cipher suite, and what else is to be said of the connection.
_TLS = re.compile(r"tls\s*/?\s*v?([\d.]+)(?:[\s,;]+(\S+)(?:\s+(\S.*))?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What the `warcinfo` record at the head of each file says about its origin."""

    software: str
    run_id: int
    operator: str = ""
    user_agent: str = ""
    robots: str = "obey"


class Profile(StrEnum):
    """Why a revisit record has no payload of its own (WARC 1.1, section 6.7)."""

    IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class Revisit:
    """The earlier capture that holds the payload: its id, record, target URI and WARC-Date. Players
    look for it by URI and date; WARC-Refers-To alone is ignored."""

    profile: Profile
    capture_id: int
    record_id: str
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """The records of one exchange, ready to append: gzip members, the first of which is the
    response or revisit. They must stand in one file, one after the other."""

    record_id: str
    record_type: str
    members: tuple[bytes, ...]

    @property
    def length(self) -> int:
        return sum(map(len, self.members))


def serialise_exchange(
    exchange: Exchange, payload_digest: str, warcinfo_id: str, revisit: Revisit | None = None
) -> RecordGroup:
    """The records of an exchange that got an answer: `response` (or `revisit`), `request` where
    one was sent, and `metadata` where there is something that has no other place.

    Head and payload are stored byte for byte (framing apart, see http_head.storable_head). Raises
    ValueError when the exchange has no whole response head.
    """
    if not is_whole_head(exchange.response_head):
        raise ValueError("the response head must run to its first empty line, inclusive")
    head = storable_head(exchange.response_head, len(exchange.payload), exchange.method)
    record_id = _new_record_id()
    facts = _group_facts(exchange, warcinfo_id)
    extra: list[tuple[str, str]] = []
    if revisit is None or revisit.profile is Profile.IDENTICAL_PAYLOAD:
        extra.append(("WARC-Payload-Digest", payload_digest))
    if revisit is not None:
        extra += [
            ("WARC-Profile", revisit.profile.value),
            ("WARC-Refers-To", revisit.record_id),
            ("WARC-Refers-To-Target-URI", header_uri(revisit.url)),
            ("WARC-Refers-To-Date", revisit.date),
        ]
    if revisit is not None and revisit.profile is Profile.IDENTICAL_PAYLOAD:
        extra.append(("WARC-Truncated", "length"))  # so 6.7.2 calls a payload left out
    elif exchange.truncated:
        extra.append(("WARC-Truncated", exchange.truncated))
    kind = "response" if revisit is None else "revisit"
    payload = exchange.payload if revisit is None else b""
    members = [_member(kind, record_id, [*facts, *extra], _RESPONSE, head, payload)]
    concurrent = ("WARC-Concurrent-To", record_id)
    if exchange.request:
        request_head, form = split_http(exchange.request)
        headers = [*facts, concurrent]
        if form:  # else there is no payload to have a digest (section 5.9)
            headers.append(("WARC-Payload-Digest", digest_of(form)))
        members.append(_member("request", _new_record_id(), headers, _REQUEST, request_head, form))
    if notes := _metadata(exchange):
        target = [fact for fact in facts if fact[0] not in _OF_THE_WIRE]
        block = _warc_fields(notes)
        members.append(
            _member("metadata", _new_record_id(), [*target, concurrent], _FIELDS, b"", block)
        )
    return RecordGroup(record_id, kind, tuple(members))


def header_uri(url: str) -> str:
    """The URL as a WARC header may hold it: control characters, spaces and everything beyond ASCII
    percent-encoded as UTF-8 (RFC 3986); otherwise unchanged."""
    if _PLAIN.fullmatch(url):
        return url
    return quote(url, safe="!\"#$%&'()*+,/:;<=>?@[\\]^_`{|}~-.")


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns what the file system refuses into ArchiveError."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be written: {error.strerror}. What was recorded before is safe. "
            "Free some space or check the disk, then run the command again."
        ) from error


def one_line(text: str) -> str:
    """The text without line ends and other characters that do not print."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def compress_member(record: bytes) -> bytes:
    """One gzip member (RFC 1952) without name or time, so that equal records are equal bytes."""
    return isal_zlib.compress(record, _COMPRESSION_LEVEL, _GZIP)


class WarcFile:
    """One WARC file while it is written: created for us alone, named ``….open`` until sealed.

    ``size`` counts what was appended, ``durable`` what is synced and known to the database. After
    an error the caller cuts the file back to ``durable`` or leaves it to archive.recovery. All
    methods raise ArchiveError when the disk refuses.
    """

    def __init__(self, root: Path, site: str, info: FileInfo, now: datetime) -> None:
        """Creates the file with its `warcinfo` record and makes its name durable. ``now`` is
        aware. Raises ValueError for a site that is no slug."""
        if not _SLUG.fullmatch(site):
            raise ValueError(f"not a slug: {site!r}")
        self.site = site
        self.created_at = utc_text(now)
        self.durable = 0
        self.size = 0
        self._sha256 = hashlib.sha256()
        folder = root / WARC_FOLDER / site
        with disk_errors(folder):
            _make_folders(root, folder)
            fd, final = _create(folder, site, now)
        self._fd: int | None = fd
        self.path = final.relative_to(root).as_posix()
        self._final = final
        self._growing = final.with_name(final.name + OPEN_SUFFIX)
        try:
            with disk_errors(self._growing):
                sync_directory(folder)
            self.warcinfo_id = _new_record_id()
            self._write(_warcinfo(self.warcinfo_id, final.name, info, self.created_at))
        except BaseException:
            self.abandon()
            raise
        self.empty_size = self.size

    def append(self, group: RecordGroup) -> int:
        """Appends the records and returns the offset of the first. On an error nothing of the
        group stays in the file."""
        start = self.size
        before = self._sha256.copy()
        try:
            self._write(b"".join(group.members))
        except BaseException:
            self._cut(start, before)
            raise
        return start

    def sync(self) -> None:
        """Everything appended is on the disk when this returns."""
        with disk_errors(self._growing):
            _sync_data(self._open_fd())

    def mark_durable(self) -> None:
        """To be called when the rows that point into the synced bytes are committed."""
        self.durable = self.size

    def cut_back(self) -> None:
        """Removes everything that no committed row knows of; after that the file may only be
        abandoned."""
        if self.size > self.durable:
            self._cut(self.durable, hashlib.sha256())

    def seal(self) -> tuple[int, str]:
        """Syncs, closes and renames the file to its final name; returns length and SHA-256 (hex).
        The caller records both."""
        with disk_errors(self._growing):
            os.fsync(self._open_fd())
            self.abandon()
            self._growing.rename(self._final)
            sync_directory(self._final.parent)
        return self.size, self._sha256.hexdigest()

    def discard(self) -> None:
        """Removes a file to which no exchange was ever appended."""
        self.abandon()
        with disk_errors(self._growing):
            self._growing.unlink()
            sync_directory(self._growing.parent)

    def abandon(self) -> None:
        """Closes the file as it is. archive.recovery seals it when the archive is next opened."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open_fd(self) -> int:
        if self._fd is None:
            raise ValueError(f"{self._final.name} is closed")
        return self._fd

    def _write(self, data: bytes) -> None:
        with disk_errors(self._growing):
            fd = self._open_fd()
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
        self._sha256.update(data)
        self.size += len(data)

    def _cut(self, size: int, digest: hashlib._Hash) -> None:
        with disk_errors(self._growing):
            fd = self._open_fd()
            os.ftruncate(fd, size)
            os.lseek(fd, size, os.SEEK_SET)
            os.fsync(fd)
        self.size = size
        self._sha256 = digest


def _group_facts(exchange: Exchange, warcinfo_id: str) -> list[tuple[str, str]]:
    facts = [
        ("WARC-Target-URI", header_uri(exchange.url)),
        ("WARC-Date", utc_text(exchange.fetched_at)),
        ("WARC-Warcinfo-ID", warcinfo_id),
    ]
    if _is_ip_address(exchange.ip_address):
        facts.append(("WARC-IP-Address", exchange.ip_address))
    # WARC-Protocol and WARC-Cipher-Suite: IIPC's extension of 2022, in use by several crawlers.
    if exchange.protocol:
        facts.append(("WARC-Protocol", one_line(exchange.protocol).lower()))
    if tls := _TLS.match(one_line(exchange.tls)):
        facts.append(("WARC-Protocol", f"tls/{tls[1]}"))
        if tls[2]:
            facts.append(("WARC-Cipher-Suite", tls[2]))
    return facts


def _metadata(exchange: Exchange) -> list[tuple[str, str]]:
    notes = [("via", header_uri(exchange.via)), ("error", one_line(exchange.error))]
    tls = one_line(exchange.tls)
    plain = _TLS.match(tls)
    notes.append(("tls", tls if plain is None else plain[3] or ""))
    return [(name, value) for name, value in notes if value]


def _warcinfo(record_id: str, filename: str, info: FileInfo, date: str) -> bytes:
    fields = [
        ("software", info.software),
        ("format", "WARC File Format 1.1"),
        (
            "conformsTo",
            "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        ),
        ("isPartOf", f"run {info.run_id}"),
        ("operator", info.operator),
        ("http-header-user-agent", info.user_agent),
        ("robots", info.robots),
    ]
    block = _warc_fields([(name, one_line(value)) for name, value in fields if value])
    headers = [("WARC-Date", date), ("WARC-Filename", filename)]
    return _member("warcinfo", record_id, headers, _FIELDS, b"", block)


def _member(
    kind: str,
    record_id: str,
    headers: Sequence[tuple[str, str]],
    content_type: str,
    head: bytes,
    payload: bytes,
) -> bytes:
    fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        *headers,
        ("WARC-Block-Digest", digest_of(head, payload)),
    ]
    record = ArcWarcRecord(
        "warc",
        kind,
        StatusAndHeaders("", fields, protocol=_VERSION),
        BytesIO(payload),
        _ExactHead(head) if head else None,
        content_type,
        len(head) + len(payload),
        payload_length=len(payload),
    )
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version=_VERSION)
    # Else warcio adds SHA-1 payload digests to records that have no payload in HTTP's sense.
    writer.ensure_digest = _digests_are_given
    writer.write_record(record)
    return compress_member(out.getvalue())


def _digests_are_given(record: object, block: bool = True, payload: bool = True) -> None:
    return None


class _ExactHead(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """A head that warcio writes as it is given."""

    def __init__(self, head: bytes) -> None:
        super().__init__("exact", [])
        self._head = head

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self._head


def _warc_fields(fields: Sequence[tuple[str, str]]) -> bytes:
    return "".join([f"{name}: {value}\r\n" for name, value in fields]).encode()


@lru_cache(maxsize=256)
def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _new_record_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _make_folders(root: Path, folder: Path) -> None:
    """Each new folder is made durable in its parent before anything is put into it."""
    for directory in (folder.parent, folder):
        if not directory.exists():
            directory.mkdir()
            sync_directory(root if directory == folder.parent else folder.parent)


def _create(folder: Path, site: str, now: datetime) -> tuple[int, Path]:
    stamp = re.sub(r"\D", "", utc_text(now))[:14]
    serial = 1
    while True:
        final = folder / f"{site}-{stamp}-{serial:05}{SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        if not final.exists():
            try:
                fd = os.open(final.with_name(final.name + OPEN_SUFFIX), flags, 0o644)
            except FileExistsError:
                pass
            else:
                return fd, final
        serial += 1
