"""Reading WARC files and WACZ packages that others made.

Ours are tidy (archive.warc_reader); these are whatever there is: one gzip member a record, one gzip
stream for all, no gzip; WARC/0.17 to 1.1; records in any order, damaged, cut off; a WARC inside a
ZIP. Nothing is unpacked to a path that the file names, and no record is held in memory whole before
it is asked for.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from archive.errors import HuyenError

LONGEST_HEAD = 256 * 1024  # bytes of WARC headers of one record; real ones have some hundred
MOST_EXPANSION = 200  # times its size may a packed file unpack to; HTML comes to 20, a bomb to 1000
_FREE_EXPANSION = 64 << 20  # bytes that are never too many
_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31  # zlib's window bits for "gzip header expected"
_BEGINNING = re.compile(rb"WARC/[01]\.\d+\r?\n")
_WARC_NAME = re.compile(r"(?i).+\.warc(?:\.gz)?$")
_ZIP_LOCAL_HEADER = 30  # bytes before the name, and the two lengths at its end
_ENCRYPTED = 1  # flag bit of a ZIP entry


class NotForeignWarc(HuyenError):
    """Raised when a file given is no WARC and no WACZ, or cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One WARC: a file, or a window of a file. ``name`` is empty for a WARC file itself, and the
    entry's name for one inside a WACZ. The bytes are those of ``path`` from ``start``, ``size`` of
    them; ``packed``: gzip, one member a record."""

    name: str
    path: Path
    start: int
    size: int
    packed: bool


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """The head of one record and where it is: ``offset`` in its part, in bytes of the gzip member or
    of the record; ``length`` of its content block, unpacked. ``headers`` in their order, folded
    lines joined."""

    part: Part
    offset: int
    headers: tuple[tuple[str, str], ...]
    length: int

    def header(self, name: str) -> str:
        """The first value of a WARC header, empty where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def all(self, name: str) -> list[str]:
        """Every value of a WARC header that may be repeated."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    @property
    def type(self) -> str:
        return self.header("WARC-Type").lower()

    @property
    def url(self) -> str:
        """WARC-Target-URI, without the angle brackets that wget and Heritrix once wrote."""
        return self.header("WARC-Target-URI").removeprefix("<").removesuffix(">")

    def block(self, limit: int) -> bytes:
        """The content block, read again from the file; its first ``limit`` bytes if it is longer.
        Raises Damage when the file has changed or is damaged there."""
        with self.part.path.open("rb") as file:
            stream = _stream(file, self.part, self.offset)
            _read_head(stream)
            wanted = min(self.length, limit)
            block = _read(stream, wanted)
        if len(block) < wanted:
            raise Damage(self.offset, "the record is cut off")
        return block


class Damage(Exception):
    """Raised here at a place where there is no whole record; ``offset`` is in bytes of the part."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"offset {offset}: {reason}")
        self.offset = offset
        self.reason = reason


class ForeignFile:
    """A WARC or WACZ file, opened. ``notes`` are facts about the package worth telling (an index
    entry that was passed over, a package that is not what its datapackage says)."""

    def __init__(self, path: Path, scratch: Path) -> None:
        """``scratch`` is a directory for what must be unpacked to be read at random: one gzip
        stream, a compressed ZIP entry. Raises NotForeignWarc."""
        self.path = path
        self.notes: list[str] = []
        self._scratch = scratch
        try:
            with path.open("rb") as file:
                start = file.read(_CHUNK)
            self.parts = tuple(self._parts(start))
        except OSError as error:
            raise NotForeignWarc(f"{path}: cannot be read: {error.strerror}") from error

    @property
    def is_package(self) -> bool:
        """Whether it is a WACZ."""
        return any(part.name for part in self.parts)

    def records(self, part: Part, report: Callable[[Damage], None]) -> Iterator[ForeignRecord]:
        """Every whole record of a part, in the order of the file. Damaged places are reported and
        passed over: reading goes on at the next thing that begins as a record does."""
        walk = _packed_records if part.packed else _plain_records
        yield from walk(part, report)

    def _parts(self, start: bytes) -> Iterator[Part]:
        if start.startswith(b"PK\x03\x04"):
            yield from self._packaged()
        elif start.startswith(_GZIP) or _BEGINNING.match(start):
            yield self._part("", self.path, 0, self.path.stat().st_size)
        else:
            raise NotForeignWarc(
                f"{self.path}: neither a WARC (plain or gzip) nor a WACZ; its first bytes are "
                f"{start[:8]!r}"
            )

    def _packaged(self) -> Iterator[Part]:
        try:
            with zipfile.ZipFile(self.path) as package:
                entries = [e for e in package.infolist() if _WARC_NAME.match(e.filename)]
                for entry in entries:
                    if entry.flag_bits & _ENCRYPTED:
                        self.notes.append(f"{entry.filename} is encrypted and cannot be read")
                    elif entry.compress_type == zipfile.ZIP_STORED:
                        start = _data_start(self.path, entry)
                        yield self._part(entry.filename, self.path, start, entry.file_size)
                    else:
                        with package.open(entry) as packed:
                            plain = self._unpack(packed, entry.compress_size)
                        yield self._part(entry.filename, plain, 0, plain.stat().st_size)
                if not entries:
                    raise NotForeignWarc(f"{self.path}: a ZIP file without a WARC in it")
        except (zipfile.BadZipFile, NotImplementedError, zlib.error) as error:
            raise NotForeignWarc(f"{self.path}: a damaged ZIP file ({error})") from error

    def _part(self, name: str, path: Path, start: int, size: int) -> Part:
        with path.open("rb") as file:
            file.seek(start)
            packed = file.read(len(_GZIP)) == _GZIP and size > 0
        part = Part(name, path, start, size, packed)
        if not packed or _has_a_member_per_record(part):
            return part
        with path.open("rb") as file:
            window = io.BufferedReader(_Window(file, start, size))
            plain = self._unpack(_Members(window), size)
        return Part(name, plain, 0, plain.stat().st_size, packed=False)

    def _unpack(self, packed: _Readable, size: int) -> Path:
        """Copies an unpacked stream to scratch; what comes before damage is kept. Raises
        NotForeignWarc for a bomb."""
        target = self._scratch / f"{len(list(self._scratch.iterdir()))}.warc"
        left = size * MOST_EXPANSION + _FREE_EXPANSION
        with target.open("wb") as out:
            while True:
                try:
                    data = packed.read(_CHUNK)
                except Damage as damage:
                    self.notes.append(f"unpacking ends early: {damage.reason}")
                    return target
                if not data:
                    return target
                left -= len(data)
                if left < 0:
                    raise NotForeignWarc(
                        f"{self.path}: unpacks to more than {MOST_EXPANSION} times its size"
                    )
                out.write(data)


def maker_of(path: Path) -> dict[str, str]:
    """What the file says about its maker: the fields of its first `warcinfo` record, and of a WACZ
    the ``software``, ``title`` and ``created`` of its datapackage. Empty where it says nothing, or
    cannot be read. Reads the beginning only."""
    facts: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start != b"PK\x03\x04":
            _add_warcinfo(facts, Part("", path, 0, path.stat().st_size, start[:3] == _GZIP))
            return facts
        with zipfile.ZipFile(path) as package:
            for entry in package.infolist():
                stored = entry.compress_type == zipfile.ZIP_STORED
                if _WARC_NAME.match(entry.filename) and stored and not facts:
                    begin = _data_start(path, entry)
                    packed = entry.filename.lower().endswith(".gz")
                    _add_warcinfo(facts, Part("", path, begin, entry.file_size, packed))
            with package.open("datapackage.json") as file_in_zip:
                document = json.loads(file_in_zip.read(_CHUNK))
            for name in ("software", "title", "created"):
                if isinstance(document.get(name), str):
                    facts[f"wacz {name}"] = document[name][:200]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, NotImplementedError):
        pass  # says nothing that can be read
    return facts


def _add_warcinfo(facts: dict[str, str], part: Part) -> None:
    try:
        with part.path.open("rb") as file:
            stream = _stream(file, part, 0)
            headers, _ = _read_head(stream)
            fields = dict(reversed([(name.lower(), value) for name, value in headers]))
            if fields.get("warc-type", "").lower() == "warcinfo":
                block = _read(stream, min(int(fields.get("content-length", 0)), _CHUNK))
                for line in block.decode("utf-8", "replace").splitlines():
                    name, colon, value = line.partition(":")
                    if colon and name.strip() and value.strip():
                        facts.setdefault(name.strip()[:60], value.strip()[:200])
    except (Damage, ValueError):
        return


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Window(io.RawIOBase):
    """Some bytes of a file, as a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Member(io.RawIOBase):
    """One gzip member, unpacked as it is read. ``consumed`` counts its packed bytes once it is at
    its end, ``at_end``. Reading raises Damage."""

    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = packed
        self._start = packed.tell()
        self._unpacker = zlib.decompressobj(_GZIP_WINDOW)
        self._rest = b""
        self.consumed = 0

    def readable(self) -> bool:
        return True

    @property
    def at_end(self) -> bool:
        return self._unpacker.eof

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = b""
        while not piece and not self._unpacker.eof:
            packed = self._rest or self._packed.read(_CHUNK)
            if not packed:
                raise Damage(self._start, "a gzip member is cut off")
            try:
                piece = self._unpacker.decompress(packed, len(buffer))
            except zlib.error as error:
                raise Damage(self._start, f"a damaged gzip member ({error})") from error
            self._rest = self._unpacker.unconsumed_tail
        if self._unpacker.eof:
            unused = len(self._unpacker.unused_data)
            self.consumed = self._packed.tell() - self._start - unused
        buffer[: len(piece)] = piece
        return len(piece)


class _Members:
    """All gzip members of a file as one stream of bytes."""

    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = packed
        self._offset = 0
        self._member: _Member | None = None

    def read(self, size: int = -1, /) -> bytes:
        while True:
            if self._member is None:
                self._packed.seek(self._offset)
                if self._packed.peek(1)[:1] in (b"", b"\0"):  # the end, or padding
                    return b""
                self._member = _Member(self._packed)
            data = self._member.read(size)
            if data:
                return data
            self._offset += self._member.consumed
            self._member = None


def _stream(file: BinaryIO, part: Part, offset: int) -> IO[bytes]:
    """The unpacked bytes of a part from one of its records on."""
    window = io.BufferedReader(_Window(file, part.start, part.size), _CHUNK)
    window.seek(offset)
    return io.BufferedReader(_Member(window), _CHUNK) if part.packed else window


def _read(stream: IO[bytes], size: int) -> bytes:
    pieces = []
    while size > 0 and (piece := stream.read(min(size, 1 << 20))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _read_head(stream: IO[bytes]) -> tuple[tuple[tuple[str, str], ...], int]:
    """The WARC headers, the stream then stands at the block; and their length in bytes. Raises
    Damage (offset 0: the caller knows better) where there is no head."""
    first = stream.readline(64)
    if not _BEGINNING.fullmatch(first):
        raise Damage(0, f"no WARC record begins here, but {first[:20]!r}")
    size = len(first)
    headers: list[tuple[str, str]] = []
    while True:
        line = stream.readline(LONGEST_HEAD)
        size += len(line)
        if size > LONGEST_HEAD or not line.endswith(b"\n"):
            raise Damage(0, "the WARC headers do not end")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            return tuple(headers), size
        if text[0] in " \t" and headers:
            name, value = headers.pop()
            headers.append((name, f"{value} {text.strip()}".strip()))
        else:
            name, _, value = text.partition(":")
            headers.append((name.strip(), value.strip()))


def _whole_head(stream: IO[bytes], part: Part, offset: int) -> tuple[ForeignRecord, int]:
    try:
        headers, size = _read_head(stream)
    except Damage as damage:
        raise Damage(offset, damage.reason) from damage
    record = ForeignRecord(part, offset, headers, 0)
    length = record.header("Content-Length")
    if not re.fullmatch(r"[0-9]{1,15}", length) or not record.type:
        raise Damage(offset, "a record without type or Content-Length")
    return ForeignRecord(part, offset, headers, int(length)), size


def _skip(stream: IO[bytes], size: int) -> int:
    """Reads on; returns how many bytes of ``size`` there were."""
    done = 0
    while done < size and (piece := stream.read(min(size - done, _CHUNK))):
        done += len(piece)
    return done


def _packed_records(part: Part, report: Callable[[Damage], None]) -> Iterator[ForeignRecord]:
    with part.path.open("rb") as file:
        window = io.BufferedReader(_Window(file, part.start, part.size), _CHUNK)
        offset: int | None = 0
        while offset is not None and offset < part.size:
            window.seek(offset)
            member = _Member(window)
            stream = io.BufferedReader(member, _CHUNK)
            try:
                record, _ = _whole_head(stream, part, offset)
                if _skip(stream, record.length) < record.length:
                    raise Damage(offset, "the record is shorter than its Content-Length")
                if stream.read(_CHUNK).strip(b"\r\n\0"):
                    raise Damage(offset, "the record is longer than its Content-Length")
                _skip(stream, part.size * MOST_EXPANSION)
            except Damage as damage:
                report(Damage(offset, damage.reason))
                offset = _next_member(window, offset + 1)
                continue
            yield record
            offset += member.consumed
            window.seek(offset)
            if offset < part.size and not window.peek(3)[:3].strip(b"\0"):
                return  # padding to a block of a tape


def _has_a_member_per_record(part: Part) -> bool:
    """Whether the first two records stand in gzip members of their own. A file in which one member
    holds many can only be read from its beginning."""
    with part.path.open("rb") as file:
        window = io.BufferedReader(_Window(file, part.start, part.size), _CHUNK)
        for _ in range(2):
            start = window.tell()
            member = _Member(window)
            stream = io.BufferedReader(member, _CHUNK)
            try:
                record, _ = _whole_head(stream, part, 0)
                if _skip(stream, record.length) < record.length:
                    return False
                if _BEGINNING.match(stream.read(_CHUNK).lstrip(b"\r\n")):
                    return False
                if not member.at_end:
                    _skip(stream, _CHUNK)
            except Damage:
                return True  # the walk will report it
            window.seek(start + member.consumed)
            if not window.peek(1):
                return True
    return True


def _next_member(window: io.BufferedReader, start: int) -> int | None:
    """The next place where a gzip member begins that unpacks to the beginning of a record."""
    for offset in _places(window, start, re.compile(re.escape(_GZIP))):
        window.seek(offset)
        try:
            beginning = zlib.decompressobj(_GZIP_WINDOW).decompress(window.read(512), 64)
        except zlib.error:
            continue
        if _BEGINNING.match(beginning):
            return offset
    return None


def _plain_records(part: Part, report: Callable[[Damage], None]) -> Iterator[ForeignRecord]:
    with part.path.open("rb") as file:
        window = io.BufferedReader(_Window(file, part.start, part.size), _CHUNK)
        offset: int | None = 0
        while offset is not None and offset < part.size:
            window.seek(offset)
            try:
                record, head = _whole_head(window, part, offset)
                end = offset + head + record.length
                if end > part.size:
                    raise Damage(offset, "the record is cut off")
                following = _after(window, end)
                if following is None:
                    raise Damage(offset, "the record does not end where its Content-Length says")
            except Damage as damage:
                report(Damage(offset, damage.reason))
                offset = next(_places(window, offset + 1, _BEGINNING), None)
                continue
            yield record
            offset = following


def _after(window: io.BufferedReader, end: int) -> int | None:
    """Where the next record begins after one that ends here, the size of the file at its end; None
    where something else stands."""
    window.seek(end)
    tail = window.read(64)
    rest = tail.lstrip(b"\r\n")
    if not rest.strip(b"\0"):
        return end + (len(tail) or 1) if len(tail) < 64 or not rest else end + 64
    return end + len(tail) - len(rest) if rest.startswith(b"WARC/") else None


def _places(window: io.BufferedReader, start: int, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """Where the pattern (of at most 16 bytes) occurs from ``start`` on."""
    overlap = 16
    offset, kept = start, b""
    while True:
        window.seek(offset)
        data = window.read(_CHUNK)
        if not data:
            return
        searched = kept + data
        base = offset - len(kept)
        for match in pattern.finditer(searched):
            if match.end() > len(kept):
                yield base + match.start()
        kept = searched[-overlap:]
        offset += len(data)


def _data_start(path: Path, entry: zipfile.ZipInfo) -> int:
    """Where the bytes of a stored ZIP entry begin: after its local header, whose name and extra
    field may differ in length from those in the directory (APPNOTE 4.3.7)."""
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        header = file.read(_ZIP_LOCAL_HEADER)
    if len(header) < _ZIP_LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"no local header for {entry.filename!r}")
    name = int.from_bytes(header[26:28], "little")
    extra = int.from_bytes(header[28:30], "little")
    start = entry.header_offset + _ZIP_LOCAL_HEADER + name + extra
    if start + entry.file_size > os.path.getsize(path):
        raise zipfile.BadZipFile(f"{entry.filename!r} is cut off")
    return start
