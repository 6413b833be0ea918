"""A window of a file, and the gzip members in it, as files to read.

Python's gzip module takes a torn member for an error of the whole file, and does not tell where a
member ends; so the walk over members is ours.
"""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO

CHUNK = 1 << 16
GZIP_START = b"\x1f\x8b\x08"

_GZIP_WINDOW = 31  # zlib's window bits for "gzip header expected"


class Damage(Exception):
    """Raised where bytes are not what they should be; ``offset`` is in bytes of the window."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"offset {offset}: {reason}")
        self.offset = offset
        self.reason = reason


def open_window(file: BinaryIO, start: int, size: int) -> io.BufferedReader[Window]:
    """The ``size`` bytes of the file from ``start`` on, as a file of their own."""
    return io.BufferedReader(Window(file, start, size), CHUNK)


def unpacked_start(packed: bytes) -> bytes:
    """The first bytes that come out of what begins as a gzip member, empty if nothing does."""
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(packed, 64)
    except zlib.error:
        return b""


class Window(io.RawIOBase):
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


class Member(io.RawIOBase):
    """One gzip member, unpacked as it is read. ``consumed`` counts its packed bytes once it was read
    to its end. Reading raises Damage."""

    def __init__(self, packed: io.BufferedReader[Window]) -> None:
        self._packed = packed
        self._start = packed.tell()
        self._unpacker = zlib.decompressobj(_GZIP_WINDOW)
        self._rest = b""
        self.consumed = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = b""
        while not piece and not self._unpacker.eof:
            packed = self._rest or self._packed.read(CHUNK)
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


class Members:
    """All gzip members of a file as one stream of bytes."""

    def __init__(self, packed: io.BufferedReader[Window]) -> None:
        self._packed = packed
        self._offset = 0
        self._member: Member | None = None

    def read(self, size: int = -1, /) -> bytes:
        while True:
            if self._member is None:
                self._packed.seek(self._offset)
                if self._packed.peek(1)[:1] in (b"", b"\0"):  # the end, or padding
                    return b""
                self._member = Member(self._packed)
            data = self._member.read(size)
            if data:
                return data
            self._offset += self._member.consumed
            self._member = None
