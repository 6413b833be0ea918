"""The head of an HTTP message as bytes: read without changing it, corrected only where its framing
no longer fits the stored payload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"\s*[A-Za-z]+(?:/[\d.]+)?\s+(\d{3})(?!\d)")
_ORIGINAL = b"X-Archive-Orig-"
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]+)[ \t]*\r?\n(?![ \t])")


@dataclass(frozen=True, slots=True)
class Field:
    """One header field. ``raw`` is its line with its folded continuation lines and line ends;
    ``name`` is lower case; ``value`` is unfolded, stripped, bytes read as Latin-1."""

    raw: bytes
    name: str
    value: str


def split_http(block: bytes) -> tuple[bytes, bytes]:
    """Head (to the first empty line, inclusive) and the rest. Without an empty line all is head."""
    end = _HEAD_END.search(block)
    return (block, b"") if end is None else (block[: end.end()], block[end.end() :])


def is_whole_head(head: bytes) -> bool:
    """Whether the bytes run to their first empty line, and no further."""
    end = _HEAD_END.search(head)
    return end is not None and end.end() == len(head)


def status_of(head: bytes) -> int | None:
    """The status code of a response head, None where its first line has none."""
    match = _STATUS_LINE.match(head)
    return int(match[1]) if match else None


def field_values(head: bytes, name: str) -> list[str]:
    """All values of a header field, in order; ``name`` in any case."""
    wanted = name.lower()
    mention = wanted.encode("latin-1")
    if mention not in head.lower():  # most questions are about what is not there
        return []
    mentioning = [_field(raw) for raw in _raw_fields(head) if mention in raw.lower()]
    return [field.value for field in mentioning if field.name == wanted]


def media_type_of(head: bytes) -> str:
    """The media type in lower case, without parameters; empty where none is given."""
    values = field_values(head, "Content-Type")
    return values[0].split(";")[0].strip().lower() if values else ""


def storable_head(head: bytes, payload_length: int, method: str = "GET") -> bytes:
    """The head as it is stored before a payload of so many bytes: exact, unless its framing would
    mislead a reader of the record.

    The payload is stored after transfer decoding, so Transfer-Encoding is renamed to
    ``X-Archive-Orig-Transfer-Encoding`` and a true Content-Length added: no verbatim form of a
    chunked answer has a payload digest on which warcio, FastWARC and jwarc agree. A Content-Length
    that promises another number of bytes (a player would wait for them) is renamed in the same way
    and a true one added. Content-Encoding stays. Answers that have no body by definition (to HEAD;
    1xx, 204, 304) keep their Content-Length, which speaks of another message (RFC 9110, 8.6).
    """
    if _is_framed(head.lower(), payload_length):  # as almost always
        return head
    status = status_of(head) or 0
    bodiless = method == "HEAD" or status in {204, 304} or 100 <= status < 200
    true = str(payload_length)
    fields = list(_fields(head))
    chunked = any(field.name == "transfer-encoding" for field in fields)
    lengths = [field for field in fields if field.name == "content-length"]
    false = [] if bodiless else [field for field in lengths if field.value != true]
    if not chunked and not false:
        return head
    start = head.index(b"\n") + 1
    line_end = b"\r\n" if head[:start].endswith(b"\r\n") else b"\n"
    missing = not bodiless and len(lengths) == len(false)
    out = [head[:start]]
    for field in fields:
        if field.name != "transfer-encoding" and field not in false:
            out.append(field.raw)
            continue
        out.append(_ORIGINAL + field.raw)
        if missing:
            out.append(b"Content-Length: " + true.encode() + line_end)
            missing = False
    out.append(head[start + sum(len(field.raw) for field in fields) :])
    return b"".join(out)


def _is_framed(head: bytes, payload_length: int) -> bool:
    """Whether a head (in lower case) has no framing at all, or one plain, true Content-Length."""
    mentions = head.count(b"content-length") + head.count(b"transfer-encoding")
    if mentions != 1:
        return mentions == 0
    length = _LENGTH.search(head)
    return length is not None and length[1] == b"%d" % payload_length


def _fields(head: bytes) -> Iterator[Field]:
    return map(_field, _raw_fields(head))


def _raw_fields(head: bytes) -> Iterator[bytes]:
    lines = re.split(rb"(?<=\n)", head)[1:]
    raw = b""
    for line in lines:
        if raw and line[:1] in (b" ", b"\t"):
            raw += line
            continue
        if raw:
            yield raw
        raw = line
        if not line.strip(b"\r\n"):
            return
    if raw:
        yield raw


def _field(raw: bytes) -> Field:
    name, _, value = raw.partition(b":")
    unfolded = b" ".join(line.strip() for line in value.split(b"\n"))
    return Field(raw, name.decode("latin-1").strip().lower(), unfolded.decode("latin-1").strip())
