"""The records of WARC files that others made.

Ours are tidy (archive.warc_reader); these are whatever there is: gzip members or none, WARC/0.17 to
1.1, records in any order, damaged, cut off. No record is held in memory whole before its block is
asked for.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO

from archive.gzip_members import (
    CHUNK,
    GZIP_START,
    Damage,
    Member,
    Window,
    open_window,
    unpacked_start,
)

LONGEST_HEAD = 256 * 1024  # bytes of WARC headers of one record; real ones have some hundred

_BEGINNING = re.compile(rb"WARC/[01]\.\d+\r?\n")
_LENGTH = re.compile(r"[0-9]{1,15}")
_OVERLAP = _LONGEST_BEGINNING = 16  # bytes; longer than what is searched for
_LOOKED_AT = 3  # members, to tell how a file was packed
_MOST_IN_A_BYTE = 1100  # bytes that one byte of gzip can unpack to


@dataclass(frozen=True, slots=True)
class Part:
    """One WARC: a file, or a window of a file. ``name`` is empty for a WARC file itself, and the
    entry's name for one inside a WACZ. The bytes are those of ``path`` from ``start``, ``size`` of
    them; ``packed``: gzip members, each with one record or a few."""

    name: str
    path: Path
    start: int
    size: int
    packed: bool


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """The head of one record and where it is: ``offset`` in its part, in bytes, of the gzip member
    or of the record; ``skip`` unpacked bytes come before it in its member. ``length`` of its content
    block, unpacked. ``headers`` in their order, folded lines joined."""

    part: Part
    offset: int
    skip: int
    headers: tuple[tuple[str, str], ...]
    length: int

    def header(self, name: str) -> str:
        """The first value of a WARC header, empty where there is none."""
        return next(iter(self.values(name)), "")

    def values(self, name: str) -> list[str]:
        """Every value of a WARC header that may be repeated."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    @property
    def type(self) -> str:
        return self.header("WARC-Type").lower()

    @property
    def url(self) -> str:
        """WARC-Target-URI, without the angle brackets that wget writes."""
        return self.header("WARC-Target-URI").removeprefix("<").removesuffix(">")


def begins_record(data: bytes) -> bool:
    """Whether a WARC record could begin with these bytes."""
    return _BEGINNING.match(data) is not None


def read_records(part: Part, report: Callable[[Damage], None]) -> Iterator[ForeignRecord]:
    """Every whole record of a part, in the order of the file. Damaged places are reported and
    passed over: reading goes on at the next thing that begins as a record does. Raises OSError."""
    with part.path.open("rb") as file:
        window = open_window(file, part.start, part.size)
        yield from (_packed_records if part.packed else _plain_records)(window, part, report)


def read_at(part: Part, offset: int, skip: int, limit: int) -> tuple[ForeignRecord, bytes]:
    """The record at a place that `read_records` gave, with the first ``limit`` bytes of its block.
    Raises Damage when the file has changed or is damaged there, OSError."""
    with part.path.open("rb") as file:
        stream = _stream(file, part, offset)
        _pass_over(stream, skip)
        record, _ = _head(stream, part, offset, skip)
        wanted = min(record.length, limit)
        block = _read(stream, wanted)
    if len(block) < wanted:
        raise Damage(offset, "the record is cut off")
    return record, block


def has_few_records_a_member(part: Part) -> bool:
    """Whether the first gzip members hold a record each, as far as they are whole. What was packed
    in any other way is one long stream, which can only be read from its beginning."""
    with part.path.open("rb") as file:
        window = open_window(file, part.start, part.size)
        found = islice(_packed_records(window, part, lambda damage: None), _LOOKED_AT)
        if any(record.skip for record in found):
            return False
        offset = 0
        with suppress(Damage):  # which the reading will report
            for _ in range(_LOOKED_AT):
                window.seek(offset)
                if window.peek(3)[:3] != GZIP_START:
                    break
                member = Member(window)
                stream = io.BufferedReader(member, CHUNK)
                if not begins_record(stream.read(_LONGEST_BEGINNING)):
                    return False
                _pass_over(stream, part.size * _MOST_IN_A_BYTE)
                offset += member.consumed
    return True


def _stream(file: BinaryIO, part: Part, offset: int) -> IO[bytes]:
    """The unpacked bytes of a part from one of its members or records on."""
    window = open_window(file, part.start, part.size)
    window.seek(offset)
    return io.BufferedReader(Member(window), CHUNK) if part.packed else window


def _read(stream: IO[bytes], size: int) -> bytes:
    pieces = []
    while size > 0 and (piece := stream.read(min(size, 1 << 20))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _pass_over(stream: IO[bytes], size: int) -> int:
    """Reads on; returns how many bytes of ``size`` there were."""
    done = 0
    while done < size and (piece := stream.read(min(size - done, CHUNK))):
        done += len(piece)
    return done


def _head(stream: IO[bytes], part: Part, offset: int, skip: int) -> tuple[ForeignRecord, int]:
    """The head of the record that begins here, the stream then stands at its block; and the length
    of the head in bytes. Raises Damage."""
    first = stream.readline(64)
    if not _BEGINNING.fullmatch(first):
        raise Damage(offset, f"no WARC record begins here, but {first[:20]!r}")
    size = len(first)
    headers: list[tuple[str, str]] = []
    while True:
        line = stream.readline(LONGEST_HEAD)
        size += len(line)
        if size > LONGEST_HEAD or not line.endswith(b"\n"):
            raise Damage(offset, "the WARC headers do not end")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            break
        if text[0] in " \t" and headers:
            name, value = headers.pop()
            headers.append((name, f"{value} {text.strip()}".strip()))
        else:
            name, _, value = text.partition(":")
            headers.append((name.strip(), value.strip()))
    record = ForeignRecord(part, offset, skip, tuple(headers), 0)
    length = record.header("Content-Length")
    if not _LENGTH.fullmatch(length) or not record.type:
        raise Damage(offset, "a record without type or Content-Length")
    return replace(record, length=int(length)), size


def _packed_records(
    window: io.BufferedReader[Window], part: Part, report: Callable[[Damage], None]
) -> Iterator[ForeignRecord]:
    offset: int | None = 0
    while offset is not None and offset < part.size:
        window.seek(offset)
        if not window.peek(3)[:3].strip(b"\0"):
            return  # padding, as files that were on tape have
        member = Member(window)
        stream = io.BufferedReader(member, CHUNK)
        skip = 0
        try:
            while True:
                record, head = _head(stream, part, offset, skip)
                if _pass_over(stream, record.length) < record.length:
                    raise Damage(offset, "the record is shorter than its Content-Length")
                ends = _line_ends(stream)
                if stream.peek(1) and not stream.peek(5).startswith(b"WARC/"):
                    raise Damage(offset, "the record is longer than its Content-Length")
                yield record
                skip += head + record.length + ends
                if not stream.peek(1):
                    break
        except Damage as damage:
            report(Damage(offset, damage.reason))
            offset = _next_member(window, offset + 1)
        else:
            offset += member.consumed


def _line_ends(stream: io.BufferedReader[Member]) -> int:
    """Passes over line ends and padding; returns how many bytes there were."""
    done = 0
    while (ahead := stream.peek(CHUNK)) and (ends := len(ahead) - len(ahead.lstrip(b"\r\n\0"))):
        done += len(stream.read(ends))
    return done


def _next_member(window: io.BufferedReader[Window], start: int) -> int | None:
    """The next place where a gzip member begins that unpacks to the beginning of a record."""
    for offset in _places(window, start, re.compile(re.escape(GZIP_START))):
        window.seek(offset)
        if begins_record(unpacked_start(window.read(512))):
            return offset
    return None


def _plain_records(
    window: io.BufferedReader[Window], part: Part, report: Callable[[Damage], None]
) -> Iterator[ForeignRecord]:
    offset: int | None = 0
    while offset is not None and offset < part.size:
        window.seek(offset)
        try:
            record, head = _head(window, part, offset, 0)
            end = offset + head + record.length
            if end > part.size:
                raise Damage(offset, "the record is cut off")
            following = _after(window, end, part.size)
            if following is None:
                raise Damage(offset, "the record does not end where its Content-Length says")
        except Damage as damage:
            report(damage)
            offset = next(_places(window, offset + 1, _BEGINNING), None)
        else:
            yield record
            offset = following


def _after(window: io.BufferedReader[Window], end: int, size: int) -> int | None:
    """Where the next record begins after one that ends here, or ``size`` after the last one; None
    where something else stands."""
    window.seek(end)
    tail = window.read(64)
    rest = tail.lstrip(b"\r\n")
    if not rest.strip(b"\0"):
        return size
    ends = len(tail) - len(rest)
    # Two line ends close a record, also where damage follows; some makers leave them out.
    whole = rest.startswith(b"WARC/") or tail.startswith((b"\r\n\r\n", b"\n\n"))
    return end + ends if whole else None


def _places(
    window: io.BufferedReader[Window], start: int, pattern: re.Pattern[bytes]
) -> Iterator[int]:
    """Where the pattern occurs from ``start`` on."""
    offset, kept = start, b""
    while True:
        window.seek(offset)
        data = window.read(CHUNK)
        if not data:
            return
        searched = kept + data
        for match in pattern.finditer(searched):
            if match.end() > len(kept):
                yield offset - len(kept) + match.start()
        kept = searched[-_OVERLAP:]
        offset += len(data)
