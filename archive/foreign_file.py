"""A WARC or WACZ file that somebody brings, opened for reading at random.

Nothing is unpacked to a path that the file names: WARCs that lie uncompressed in a WACZ are read
where they are, the others are unpacked into a scratch directory under names of our own.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from archive.errors import HuyenError
from archive.foreign_warc import (
    Part,
    begins_record,
    has_few_records_a_member,
    read_at,
    read_records,
)
from archive.gzip_members import CHUNK, GZIP_START, Damage, Members, open_window

MOST_EXPANSION = 200  # times its size may a packed file unpack to; HTML comes to 20, a bomb to 1000

_FREE_EXPANSION = 64 << 20  # bytes that are never too many
_ZIP_START = b"PK\x03\x04"
_ZIP_LOCAL_HEADER = 30  # bytes before the name; the lengths of name and extra field end it
_ENCRYPTED = 1  # flag bit of a ZIP entry
_TOLD_OF_MAKER = 200  # characters of one value
_DAMAGED_ZIP = (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError)


class NotForeignWarc(HuyenError):
    """Raised here when a file given is no WARC and no WACZ, or cannot be read at all."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class ForeignFile:
    """The WARCs in a file: one, or for a WACZ all in its ``archive/`` or elsewhere. ``notes`` are
    sentences about what could not be read of the package."""

    def __init__(self, path: Path, scratch: Path) -> None:
        """``scratch`` is an existing directory for what must be unpacked before it can be read at
        random: a single gzip stream, a compressed ZIP entry. Raises NotForeignWarc."""
        self.path = path
        self.notes: list[str] = []
        self._scratch = scratch
        try:
            with path.open("rb") as file:
                start = file.read(64)
            self.parts = tuple(self._parts(start))
        except OSError as error:
            raise NotForeignWarc(f"{path}: cannot be read: {error.strerror}") from error

    def _parts(self, start: bytes) -> Iterator[Part]:
        if start.startswith(_ZIP_START):
            yield from self._packaged()
        elif start.startswith(GZIP_START) or begins_record(start):
            yield self._part("", self.path, 0, self.path.stat().st_size)
        else:
            raise NotForeignWarc(
                f"{self.path}: neither a WARC (plain or gzip) nor a WACZ; it begins with "
                f"{start[:8]!r}"
            )

    def _packaged(self) -> Iterator[Part]:
        try:
            with zipfile.ZipFile(self.path) as package:
                entries = [entry for entry in package.infolist() if _is_warc(entry)]
                if not entries:
                    raise NotForeignWarc(f"{self.path}: a ZIP file without a WARC in it")
                for entry in entries:
                    if entry.flag_bits & _ENCRYPTED:
                        self.notes.append(f"{entry.filename}: encrypted, cannot be read")
                    elif entry.compress_type == zipfile.ZIP_STORED:
                        start = _data_start(self.path, entry)
                        yield self._part(entry.filename, self.path, start, entry.file_size)
                    else:
                        with package.open(entry) as packed:
                            plain = self._unpack(packed, entry.compress_size)
                        yield self._part(entry.filename, plain, 0, plain.stat().st_size)
        except _DAMAGED_ZIP as error:
            raise NotForeignWarc(f"{self.path}: a damaged ZIP file ({error})") from error

    def _part(self, name: str, path: Path, start: int, size: int) -> Part:
        with path.open("rb") as file:
            packed = open_window(file, start, size).read(len(GZIP_START)) == GZIP_START
        part = Part(name, path, start, size, packed)
        if not packed or has_few_records_a_member(part):
            return part
        with path.open("rb") as file:
            plain = self._unpack(Members(open_window(file, start, size)), size)
        return Part(name, plain, 0, plain.stat().st_size, packed=False)

    def _unpack(self, packed: _Readable, size: int) -> Path:
        """Copies an unpacked stream to scratch; what comes before damage is kept. Raises
        NotForeignWarc for a bomb."""
        target = self._scratch / f"{sum(1 for _ in self._scratch.iterdir())}.warc"
        left = size * MOST_EXPANSION + _FREE_EXPANSION
        with target.open("wb") as out:
            while data := self._next(packed):
                left -= len(data)
                if left < 0:
                    raise NotForeignWarc(
                        f"{self.path}: unpacks to more than {MOST_EXPANSION} times its size; "
                        "this is no web archive"
                    )
                out.write(data)
        return target

    def _next(self, packed: _Readable) -> bytes:
        try:
            return packed.read(CHUNK)
        except Damage as damage:
            self.notes.append(f"could only be unpacked up to a damaged place ({damage})")
            return b""


def maker_of(path: Path) -> dict[str, str]:
    """What a file says about its maker: the fields of its first `warcinfo` record, and of a WACZ the
    software, title and date of its datapackage. Empty where it says nothing, or cannot be read.
    Reads little, and unpacks nothing."""
    facts: dict[str, str] = {}
    with suppress(OSError, Damage, UnicodeDecodeError):
        with path.open("rb") as file:
            start = file.read(len(_ZIP_START))
        if not start.startswith(_ZIP_START):
            packed = start.startswith(GZIP_START)
            return _warcinfo(Part("", path, 0, path.stat().st_size, packed))
        with suppress(*_DAMAGED_ZIP), zipfile.ZipFile(path) as package:
            stored = (
                entry
                for entry in package.infolist()
                if _is_warc(entry) and entry.compress_type == zipfile.ZIP_STORED
            )
            if first := next(stored, None):
                begin = _data_start(path, first)
                packed = first.filename.lower().endswith(".gz")
                facts |= _warcinfo(Part(first.filename, path, begin, first.file_size, packed))
            with suppress(KeyError, ValueError), package.open("datapackage.json") as described:
                document = json.loads(described.read(1 << 20))
                for name in ("software", "title", "created"):
                    if isinstance(document, dict) and isinstance(document.get(name), str):
                        facts[f"wacz {name}"] = document[name][:_TOLD_OF_MAKER]
    return facts


def _warcinfo(part: Part) -> dict[str, str]:
    first = next(read_records(part, lambda damage: None), None)
    if first is None or first.type != "warcinfo":
        return {}
    _, block = read_at(part, first.offset, first.skip, CHUNK)
    facts: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() and value.strip():
            facts.setdefault(name.strip()[:40], value.strip()[:_TOLD_OF_MAKER])
    return facts


def _is_warc(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith((".warc", ".warc.gz"))


def _data_start(path: Path, entry: zipfile.ZipInfo) -> int:
    """Where the bytes of a stored ZIP entry begin: after its local header, whose name and extra
    field may differ in length from those in the directory (APPNOTE.TXT 4.3.7)."""
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        header = file.read(_ZIP_LOCAL_HEADER)
    if len(header) < _ZIP_LOCAL_HEADER or not header.startswith(_ZIP_START):
        raise zipfile.BadZipFile(f"no local header for {entry.filename!r}")
    lengths = (int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little"))
    start = entry.header_offset + _ZIP_LOCAL_HEADER + sum(lengths)
    if start + entry.file_size > path.stat().st_size:
        raise zipfile.BadZipFile(f"{entry.filename!r} is cut off")
    return start
