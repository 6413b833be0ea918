"""What was read from a file: its parts, and how the reading ended. Values only.

They cross a process boundary as lines of JSON, written by a process that handles hostile files: so
what comes back is checked here as any other input.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from archive.vietnamese import normalise, normalise_paragraphs

LONGEST_NAME = 300  # characters of a sheet's name or a reason
LONGEST_PART = 5_000_000  # characters


class PartKind(StrEnum):
    """What a part of a file is. TEXT is a whole document without pages, LISTING the names in a
    packed file."""

    PAGE = "page"
    SHEET = "sheet"
    SLIDE = "slide"
    TEXT = "text"
    LISTING = "listing"


class How(StrEnum):
    """Where the text of a part comes from. SCAN: a picture of a page, not recognised yet; GARBLED:
    a page whose letters are not those that it shows, so that it must be recognised as well."""

    TEXT = "text"
    OCR = "ocr"
    SCAN = "scan"
    GARBLED = "garbled"


UNRECOGNISED = (How.SCAN, How.GARBLED)


class State(StrEnum):
    """How the reading of a file ended.

    DONE: all its text is here. SCANNED: pages are pictures that were not recognised. PARTIAL: text
    of some parts, the reason says why not of all. EMPTY: whole, and without any text. ENCRYPTED: a
    password is asked for. FAILED: nothing could be read, the reason says why. UNSUPPORTED: no
    document that can be read here. TOO_BIG: beyond the limits before anything was read.
    """

    DONE = "done"
    SCANNED = "scanned"
    PARTIAL = "partial"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    TOO_BIG = "too-big"


@dataclass(frozen=True, slots=True)
class Part:
    """One page, sheet or slide. ``number`` counts from 1 within the file; ``name`` is a sheet's own.
    ``text`` is NFC, a paragraph or row a line. ``confidence`` is Tesseract's mean over the words,
    0–100, of recognised pages only."""

    kind: PartKind
    number: int
    text: str
    name: str = ""
    how: How = How.TEXT
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What a worker knows before it reads: ``file_type`` as archive.attachments.file_types names it,
    and ``engine``, the library and its version."""

    file_type: str
    engine: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How a reading ended. ``file_type`` and ``engine`` as in `Begun`; ``reason`` is one line, empty
    when all is well."""

    state: State
    file_type: str = ""
    engine: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileText:
    """All that was read from one file."""

    ending: Ending
    parts: tuple[Part, ...] = ()


class NotALine(ValueError):
    """Raised by `from_line` for what no worker of ours writes."""


def to_line(value: Begun | Part | Ending) -> bytes:
    """One line of JSON, ASCII."""
    fields = {"line": type(value).__name__, **asdict(value)}
    return json.dumps(fields).encode("ascii") + b"\n"


def from_line(line: bytes) -> Begun | Part | Ending:
    """The value of a line, its texts normalised and cut to their limits. Raises NotALine."""
    try:
        fields = json.loads(line)
        if fields["line"] == "Begun":
            return Begun(one_line(fields["file_type"]), one_line(fields["engine"]))
        if fields["line"] == "Ending":
            return Ending(
                State(fields["state"]),
                one_line(fields["file_type"]),
                one_line(fields["engine"]),
                one_line(fields["reason"]),
            )
        confidence = fields["confidence"]
        return Part(
            kind=PartKind(fields["kind"]),
            number=int(fields["number"]),
            text=normalise_paragraphs(_text(fields["text"])[:LONGEST_PART]),
            name=one_line(fields["name"]),
            how=How(fields["how"]),
            confidence=None if confidence is None else min(100.0, max(0.0, float(confidence))),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotALine(f"not a line of a reading: {line[:80]!r}") from error


def one_line(text: object) -> str:
    """A text of a hostile file as one short line. Raises TypeError for what is no text."""
    return normalise(_text(text)[: 2 * LONGEST_NAME])[:LONGEST_NAME]


def settled(ending: Ending, parts: tuple[Part, ...]) -> FileText:
    """The reading with the state that its parts justify: a file that was read to its end may still
    be without text, or wait for recognition; one that was not may still have text."""
    has_text = any(part.text for part in parts)
    waiting = sum(part.how in UNRECOGNISED for part in parts)
    state = ending.state
    if state is State.DONE:
        if waiting:
            state = State.SCANNED
        elif not has_text:
            state = State.EMPTY
    elif state in (State.FAILED, State.TOO_BIG) and (has_text or waiting):
        state = State.PARTIAL
    return FileText(replace(ending, state=state), parts)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {type(value).__name__}")
    return value
