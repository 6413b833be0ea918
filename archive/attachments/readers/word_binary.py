"""DOC, the binary format of Word 97 to 2003, from its piece table ([MS-DOC], section 2.4.1).

olefile opens the container. The text of a document, of its notes, headers and text boxes is one run
of characters, kept in pieces of UTF-16 or of Windows-1252; which bytes are text says the table.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from importlib.metadata import version

import olefile

from archive.attachments.file_text import Part, PartKind
from archive.attachments.font_text import unicode_lines
from archive.attachments.readers import Encrypted, Unreadable

_WORD_97 = 0x00C1
_IDENTIFIER, _FLAGS = 0x0000, 0x000A
_FLAG_ENCRYPTED, _FLAG_TABLE = 0x0100, 0x0200
_CLX_PLACE = 0x01A2  # fcClx and lcbClx in FibRgFcLcb97
_COMPRESSED = 0x40000000
_BREAKS = str.maketrans(
    {"\r": "\n", "\x0b": "\n", "\x07": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": "\xad"}
)
_FIELD_CODE = re.compile("\x13[^\x13\x14\x15]*\x14([^\x13\x14\x15]*)\x15|\x13[^\x13\x14\x15]*\x15")
_DEEPEST_FIELDS = 8


def engine() -> str:
    return f"olefile {version('olefile')}"


def read(data: bytes) -> Iterator[Part]:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            main = compound.openstream("WordDocument").read()
            identifier, version_of = struct.unpack_from("<HH", main, _IDENTIFIER)
            (flags,) = struct.unpack_from("<H", main, _FLAGS)
            if identifier != 0xA5EC or version_of < _WORD_97:
                raise Unreadable(f"written by a Word of before 1997 (format {version_of})")
            if flags & _FLAG_ENCRYPTED:
                raise Encrypted
            table = compound.openstream("1Table" if flags & _FLAG_TABLE else "0Table").read()
        text = "".join(_pieces(main, table))
    except (OSError, struct.error, IndexError) as error:
        raise Unreadable(f"a damaged DOC ({error})") from error
    lines = _without_codes(text).translate(_BREAKS).split("\n")
    yield Part(PartKind.TEXT, 1, "\n".join(unicode_lines(lines)))


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    """The text of each piece. Raises struct.error or Unreadable for a table that is not one."""
    place, length = struct.unpack_from("<II", main, _CLX_PLACE)
    clx = table[place : place + length]
    at = 0
    while clx[at : at + 1] == b"\x01":  # formatting, skipped
        (size,) = struct.unpack_from("<H", clx, at + 1)
        at += 3 + size
    if clx[at : at + 1] != b"\x02":
        raise Unreadable("a DOC without its piece table")
    (size,) = struct.unpack_from("<I", clx, at + 1)
    plc = clx[at + 5 : at + 5 + size]
    count = (len(plc) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc)
    total = 0
    for number in range(count):
        (where,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)
        characters = ends[number + 1] - ends[number]
        total += max(0, characters)
        if characters < 0 or total > len(main):  # no piece is read twice in an honest file
            raise Unreadable("a DOC whose piece table contradicts itself")
        if where & _COMPRESSED:
            start = (where & ~_COMPRESSED) // 2
            yield main[start : start + characters].decode("cp1252", "replace")
        else:
            yield main[where : where + 2 * characters].decode("utf-16-le", "replace")


def _without_codes(text: str) -> str:
    """Fields as they are printed: ``HYPERLINK …`` is a code, what follows it is its result."""
    for _ in range(_DEEPEST_FIELDS):
        text, changed = _FIELD_CODE.subn(lambda field: field[1] or "", text)
        if not changed:
            break
    return text
