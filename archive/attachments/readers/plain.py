"""RTF through striprtf, plain text, and the names in a ZIP file."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from striprtf.striprtf import rtf_to_text

from archive.attachments.file_text import Part, PartKind
from archive.attachments.font_text import unicode_lines
from archive.attachments.packed import MOST_MEMBERS, opened
from archive.attachments.readers import Beyond

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def rtf_engine() -> str:
    return f"striprtf {version('striprtf')}"


def read_rtf(data: bytes) -> Iterator[Part]:
    text = rtf_to_text(  # type: ignore[no-untyped-call]
        data.decode("latin-1"), encoding="cp1252", errors="replace"
    )
    yield Part(PartKind.TEXT, 1, "\n".join(unicode_lines(text.splitlines())))


def read_text(data: bytes) -> Iterator[Part]:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    yield Part(PartKind.TEXT, 1, "\n".join(unicode_lines(text.splitlines())))


def list_members(data: bytes) -> Iterator[Part]:
    """The names in a ZIP file. Nothing is unpacked: what is in there is no attachment of its own."""
    with opened(data) as packed:
        names = [member.filename for member in packed.infolist() if not member.is_dir()]
    yield Part(PartKind.LISTING, 1, "\n".join(names[:MOST_MEMBERS]))
    if len(names) > MOST_MEMBERS:
        raise Beyond(f"{len(names):,} members, of which the first {MOST_MEMBERS:,} are listed")
