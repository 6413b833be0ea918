"""Reading records back: one at a known place, or all of a file, also of one still being written.

The walk over gzip members is ours, because warcio and others take a torn last member for the end
of the file. So is the parser: strict, one record a member, as our own files are (archive.foreign_warc
reads what others made), and several times as fast, which is what verifying an archive costs.
"""

from __future__ import annotations

import importlib
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from isal import igzip_lib, isal_zlib

from archive.errors import ArchiveError
from archive.http_head import field_values, split_http
from archive.timestamps import parse_utc

OPEN_SUFFIX = ".open"  # of a file that is being written
LONGEST_RECORD = 1 << 30  # bytes, unpacked; ours are far smaller, a gzip bomb is not
LONGEST_BODY = 64 << 20  # bytes, after content decoding

_MOST_CODINGS = 5  # one is usual, two is a mistake, a thousand an attack
_READ_SIZE = 1 << 16
_GZIP_ERROR: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]  # the stub is wrong
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 31  # zlib's window bits for "gzip header expected"
_VERSION = re.compile(rb"WARC/\d+\.\d+\r\n")


class DamagedRecord(ArchiveError):
    """Raised when there is no whole, well-formed record at a place in a WARC file."""

    def __init__(self, path: Path, offset: int, reason: str) -> None:
        super().__init__(f"{path}, offset {offset}: {reason}")
        self.path = path
        self.offset = offset
        self.reason = reason


class NoStoredBytes(LookupError):
    """Raised when a capture does not exist, or is a fetch that failed before any answer came."""


class BodyTooLarge(ValueError):
    """Raised when a body is longer than the limit after content decoding."""


class UndecodableBody(ValueError):
    """Raised when a body has a content encoding that is unknown, or not what it claims to be."""


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record. ``offset`` and ``length`` are those of its gzip member in the file, bytes;
    ``headers`` keep their order; ``block`` is the record's content block, bytes exact."""

    offset: int
    length: int
    headers: tuple[tuple[str, str], ...]
    block: bytes

    def header(self, name: str) -> str:
        """The first value of a WARC header, empty where there is none."""
        for key, value in self.headers:
            if key == name:
                return value
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def type(self) -> str:
        return self.header("WARC-Type")

    @property
    def record_id(self) -> str:
        return self.header("WARC-Record-ID")

    @property
    def http(self) -> tuple[bytes, bytes]:
        """Head and payload of an HTTP request, response or revisit."""
        return split_http(self.block)


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What a portal answered at one time, as stored: ``head`` and ``payload`` in bytes. For a
    revisit the head is its own and the payload that of the capture it refers to (``payload_of``);
    otherwise ``payload_of`` is ``capture_id`` itself. ``fetched_at`` is UTC."""

    capture_id: int
    payload_of: int
    url: str
    fetched_at: datetime
    status: int | None
    media_type: str
    truncated: str
    head: bytes
    payload: bytes

    def body(self, limit: int = LONGEST_BODY) -> bytes:
        """The payload after content decoding, see `decoded_body`."""
        return decoded_body(self.head, self.payload, limit)


def read_response(connection: sqlite3.Connection, root: Path, capture_id: int) -> StoredResponse:
    """The stored answer of a capture, revisits followed. Raises NoStoredBytes where there is
    nothing to read, DamagedRecord where there should be."""
    row = _capture(connection, capture_id)
    head, payload = _read_capture(root, row).http
    payload_of = capture_id
    if row["refers_to"] is not None:
        payload_of = row["refers_to"]
        _, payload = _read_capture(root, _capture(connection, payload_of)).http
    return StoredResponse(
        capture_id=capture_id,
        payload_of=payload_of,
        url=row["url"],
        fetched_at=parse_utc(row["fetched_at"]),
        status=row["status"],
        media_type=row["media_type"],
        truncated=row["truncated"],
        head=head,
        payload=payload,
    )


def warc_path(root: Path, relative: str) -> Path:
    """Where a WARC file of this archive is now: under its final name, or still being written.
    Returns the final path where there is neither."""
    final = root / relative
    if not final.exists():
        growing = final.with_name(final.name + OPEN_SUFFIX)
        # The order matters: a file is renamed from growing to final, never back.
        if growing.exists():
            return growing
    return final


def read_record(path: Path, offset: int, length: int) -> Record:
    """The record whose gzip member has this place in the file. Raises DamagedRecord unless exactly
    one whole member with one whole record is there."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            packed = file.read(length)
    except OSError as error:
        raise DamagedRecord(path, offset, f"cannot be read: {error.strerror}") from error
    if len(packed) < length:
        raise DamagedRecord(path, offset, f"{length - len(packed)} bytes are missing")
    unpacker = isal_zlib.decompressobj(_GZIP)
    try:
        data = unpacker.decompress(packed, LONGEST_RECORD)
    except _GZIP_ERROR as error:
        raise DamagedRecord(path, offset, f"damaged gzip member ({error})") from error
    if not unpacker.eof or unpacker.unused_data:
        raise DamagedRecord(path, offset, f"no gzip member of {length} bytes")
    return _parse(path, offset, length, data)


def iterate_records(
    path: Path,
    start: int = 0,
    end: int | None = None,
    told: Callable[[bytes], object] = lambda packed: None,
) -> Iterator[Record]:
    """All records from the gzip member at ``start`` up to ``end`` (bytes; default: the end of the
    file). Raises DamagedRecord at the first that is torn or malformed; what came before is good.

    ``told`` is given the bytes of the file as they are read, in order, none beyond ``end``.
    """
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(start)
            position = start

            def read() -> bytes:
                nonlocal position
                packed = file.read(_READ_SIZE if end is None else min(_READ_SIZE, end - position))
                position += len(packed)
                told(packed)
                return packed

            offset, rest = start, b""
            while end is None or offset < end:
                member = _next_member(read, path, offset, rest)
                if member is None:
                    return
                data, length, rest = member
                yield _parse(path, offset, length, data)
                offset += length
    except OSError as error:
        raise DamagedRecord(path, start, f"cannot be read: {error.strerror}") from error


def decoded_body(head: bytes, payload: bytes, limit: int = LONGEST_BODY) -> bytes:
    """The payload after the head's Content-Encoding is undone: gzip, deflate (with or without the
    zlib wrapper), br where the brotli package is installed, zstd where Python or backports.zstd has it.

    A body cut off in transfer gives what can be decoded of it. A body that is not gzip although
    the head says so is returned as it is, as browsers do. Raises BodyTooLarge when more than
    ``limit`` bytes would come out, UndecodableBody for another encoding or a body that is broken
    from the start.
    """
    codings = [
        coding.strip().lower()
        for value in field_values(head, "Content-Encoding")
        for coding in value.split(",")
    ]
    body = payload
    if len(codings) > _MOST_CODINGS:
        raise UndecodableBody(f"{len(codings)} content encodings")
    for coding in reversed(codings):
        if coding in ("", "identity", "none"):
            continue
        if coding not in _DECODERS:
            raise UndecodableBody(f"content encoding {coding!r}")
        if body:
            body = _DECODERS[coding](body, limit)
    if len(body) > limit:
        raise BodyTooLarge(f"more than {limit} bytes")
    return body


def _capture(connection: sqlite3.Connection, capture_id: int) -> sqlite3.Row:
    cursor = connection.execute(
        """
        SELECT c.*, w.path FROM capture c LEFT JOIN warc w ON w.id = c.warc_id WHERE c.id = ?
        """,
        (capture_id,),
    )
    cursor.row_factory = sqlite3.Row
    row: sqlite3.Row | None = cursor.fetchone()
    if row is None:
        raise NoStoredBytes(f"there is no capture {capture_id}")
    if row["path"] is None:
        raise NoStoredBytes(f"capture {capture_id} is a failed fetch ({row['error']})")
    return row


def _read_capture(root: Path, row: sqlite3.Row) -> Record:
    place = (row["warc_offset"], row["warc_length"])
    path = warc_path(root, row["path"])
    try:
        return read_record(path, *place)
    except DamagedRecord:
        now = warc_path(root, row["path"])
        if now == path:
            raise
        return read_record(now, *place)  # closed and renamed between looking and opening


def _next_member(
    read: Callable[[], bytes], path: Path, offset: int, packed: bytes
) -> tuple[bytes, int, bytes] | None:
    """Unpacked bytes and packed length of the member that begins with ``packed``, and what was
    read beyond it; None at the end of the file."""
    unpacker = isal_zlib.decompressobj(_GZIP)
    taken = size = 0
    pieces = []
    while not unpacker.eof:
        packed = packed or read()
        if not packed:
            if taken == 0:
                return None
            raise DamagedRecord(path, offset, f"torn gzip member of {taken} bytes")
        taken += len(packed)
        try:
            piece = unpacker.decompress(packed, LONGEST_RECORD - size + 1)
        except _GZIP_ERROR as error:
            raise DamagedRecord(path, offset, f"damaged gzip member ({error})") from error
        size += len(piece)
        if size > LONGEST_RECORD:
            raise DamagedRecord(path, offset, f"a record of more than {LONGEST_RECORD} bytes")
        pieces.append(piece)
        packed = b""
    rest = unpacker.unused_data
    return b"".join(pieces), taken - len(rest), rest


def _parse(path: Path, offset: int, length: int, data: bytes) -> Record:
    """The one record of a gzip member (WARC 1.1, section 4)."""
    version, end = _VERSION.match(data), data.find(b"\r\n\r\n")
    if version is None or end < 0:
        raise DamagedRecord(path, offset, "no WARC record")
    headers = tuple(_headers(data[version.end() : end].decode("utf-8", "replace")))
    record = Record(offset, length, headers, data[end + 4 : -4])
    declared = record.header("Content-Length")
    if declared != str(len(record.block)) or data[-4:] != b"\r\n\r\n":
        raise DamagedRecord(path, offset, "the record does not end where its Content-Length says")
    return record


def _headers(text: str) -> Iterator[tuple[str, str]]:
    name = value = ""
    for line in text.split("\r\n"):
        if line[:1] in (" ", "\t"):  # a folded value
            value = f"{value} {line.strip()}"
            continue
        if name:
            yield name, value
        name, _, value = line.partition(":")
        value = value.strip()
    if name:
        yield name, value


def _gunzip(body: bytes, limit: int) -> bytes:
    if not body.startswith(_GZIP_MAGIC[: len(body)]):
        return body
    out = b""
    while body.startswith(_GZIP_MAGIC):
        # There may be several members; what follows the last one is padding.
        try:
            piece, body = _inflate(body, _GZIP, limit - len(out))
        except UndecodableBody:
            if not out:
                raise
            break
        out += piece
    return out


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflate(body, zlib.MAX_WBITS, limit)[0]
    except UndecodableBody:
        return _inflate(body, -zlib.MAX_WBITS, limit)[0]


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    """What comes out, and what follows the compressed stream; what came out before a broken place
    is kept."""
    unpacker = zlib.decompressobj(window)
    out: list[bytes] = []
    size = 0
    for start in range(0, len(body), _READ_SIZE):
        packed = body[start : start + _READ_SIZE]
        before = unpacker.copy()
        try:
            piece = unpacker.decompress(packed, limit - size + 1)
        except zlib.error as error:
            # zlib gives nothing of the piece in which it meets the damage, so bytes one by one.
            out.append(_salvage(before, packed, limit - size + 1))
            if not size and not out[-1]:
                raise UndecodableBody(str(error)) from error
            break
        out.append(piece)
        size += len(piece)
        if size > limit:
            raise BodyTooLarge(f"more than {limit} bytes")
        if unpacker.eof:
            return b"".join(out), unpacker.unused_data + body[start + _READ_SIZE :]
    return b"".join(out), b""


def _salvage(unpacker: zlib._Decompress, packed: bytes, limit: int) -> bytes:
    out = bytearray()
    for place in range(len(packed)):
        try:
            out += unpacker.decompress(packed[place : place + 1], limit - len(out))
        except zlib.error:
            break
        if len(out) >= limit:
            raise BodyTooLarge(f"more than {limit - 1} bytes")
    return bytes(out)


class _BrotliDecoder(Protocol):
    def process(self, data: bytes, output_buffer_limit: int) -> bytes: ...
    def can_accept_more_data(self) -> bool: ...


def _brotli() -> Callable[[bytes, int], bytes] | None:
    """Only from brotli 1.2 on: before, one byte of input may unpack to any number of bytes."""
    try:
        module = importlib.import_module("brotli")
    except ImportError:
        return None
    new_decoder: Callable[[], _BrotliDecoder] = module.Decompressor
    if not hasattr(new_decoder, "can_accept_more_data"):
        return None

    def unbrotli(body: bytes, limit: int) -> bytes:
        decoder = new_decoder()
        out: list[bytes] = []
        size = 0
        rest = body
        try:
            while True:
                piece = decoder.process(rest, output_buffer_limit=limit - size + 1)
                rest = b""
                out.append(piece)
                size += len(piece)
                if size > limit:
                    raise BodyTooLarge(f"more than {limit} bytes")
                if decoder.can_accept_more_data() or not piece:
                    return b"".join(out)
        except module.error as error:
            if not size:
                raise UndecodableBody(f"not brotli ({error})") from error
            return b"".join(out)

    return unbrotli


def _zstd() -> Callable[[bytes, int], bytes] | None:
    """Of Python 3.14, or its backport."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        break
    else:
        return None

    def unzstd(body: bytes, limit: int) -> bytes:
        out: list[bytes] = []
        size = 0
        rest = body
        try:
            while rest:  # there may be several frames
                decoder = module.ZstdDecompressor()
                piece = decoder.decompress(rest, max_length=limit - size + 1)
                out.append(piece)
                size += len(piece)
                if size > limit:
                    raise BodyTooLarge(f"more than {limit} bytes")
                rest = decoder.unused_data
        except module.ZstdError as error:
            if not size:
                raise UndecodableBody(f"not zstd ({error})") from error
        return b"".join(out)

    return unzstd


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
}
if (_unbrotli := _brotli()) is not None:
    _DECODERS["br"] = _unbrotli
if (_unzstd := _zstd()) is not None:
    _DECODERS["zstd"] = _unzstd
