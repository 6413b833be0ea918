"""Reading one file in a worker: what it holds, or why that cannot be told. Never raises for a file."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from threading import Event

from archive.attachments.bounded_process import Ended, run
from archive.attachments.file_text import (
    LONGEST_NAME,
    Begun,
    Ending,
    FileText,
    How,
    NotALine,
    Part,
    State,
    from_line,
    one_line,
    settled,
)
from archive.attachments.tesseract import Tesseract

READ_SECONDS = 120.0  # wall time for a file; its processor time is bounded in the worker
RECOGNISE_SECONDS = 240.0  # for one page
_MOST_OUTPUT = 64 << 20  # bytes of lines; JSON writes a Vietnamese letter in six

_WORKER = (sys.executable, "-I", "-B", "-m", "archive.attachments.worker")
_KEPT = ("PATH", "TESSDATA_PREFIX")


def read_file(
    body: bytes, media_type: str = "", name: str = "", *, stop: Event | None = None
) -> FileText:
    """The text of a file by page or sheet. ``media_type`` and ``name`` are what the server said;
    they matter only where the bytes do not tell. ``stop`` ends the reading from another thread; its
    result is then worth nothing."""
    if not body:
        return FileText(Ending(State.EMPTY, reason="it has no bytes"))
    # Of a long path the end tells; no locale of ours hinders a letter beyond ASCII.
    told = (said[-LONGEST_NAME:].encode("ascii", "replace") for said in (media_type, name))
    ended = _run(body, ("read", *(one_line(said.decode()) for said in told)), READ_SECONDS, stop)
    begun, parts, ending = _lines(ended.output)
    if ending is None:
        reason = _cause(ended, READ_SECONDS)
        ending = Ending(State.FAILED, begun.file_type, begun.engine, reason)
    return settled(ending, parts)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A page after recognition: its ``part``, or the ``reason`` why there is none."""

    part: Part | None
    reason: str = ""


def recognise_page(
    body: bytes, page: int, tesseract: Tesseract, *, stop: Event | None = None
) -> Recognised:
    """The text of one page of a PDF, counted from 1, as Tesseract reads it; ``stop`` as in
    `read_file`."""
    ended = _run(
        body, ("recognise", str(page), tesseract.language, tesseract.path), RECOGNISE_SECONDS, stop
    )
    _, parts, ending = _lines(ended.output)
    part = next((part for part in parts if part.how is How.OCR and part.number == page), None)
    if part is not None:
        return Recognised(part)
    if ending is not None:
        return Recognised(None, ending.reason)
    return Recognised(None, _cause(ended, RECOGNISE_SECONDS))


def _run(body: bytes, arguments: tuple[str, ...], seconds: float, stop: Event | None) -> Ended:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}  # one page, one processor
    with tempfile.TemporaryFile() as stdin:  # without a name: nothing is left of it, however we end
        stdin.write(body)
        stdin.seek(0)
        return run(
            (*_WORKER, *arguments),
            stdin,
            seconds=seconds,
            most_output=_MOST_OUTPUT,
            environment=environment,
            stop=stop or Event(),
        )


def _lines(output: bytes) -> tuple[Begun, tuple[Part, ...], Ending | None]:
    """What is in a worker's output, up to the first line that is none of ours."""
    begun = Begun("", "")
    parts: list[Part] = []
    *lines, _ = output.split(b"\n")  # a torn last line is no line
    for line in lines:
        try:
            value = from_line(line)
        except NotALine:
            break
        match value:
            case Begun():
                begun = value
            case Part():
                parts.append(value)
            case Ending():
                return begun, tuple(parts), value
    return begun, tuple(parts), None


def _cause(ended: Ended, seconds: float) -> str:
    """Why a worker ended without saying how."""
    if ended.out_of_time:
        return f"took more than {seconds:.0f} seconds"
    if ended.too_much:
        return "gives more text than is taken"
    complaints = ended.complaints.decode("utf-8", "replace").strip().splitlines()
    last = one_line(complaints[-1]) if complaints else ""
    if ended.status == -signal.SIGXCPU:
        return "took more processor time than is allowed"
    if "MemoryError" in last or "memory allocation" in " ".join(complaints):
        return "needs more memory than is allowed"
    if ended.status < 0:
        return f"the reader crashed ({signal.Signals(-ended.status).name})"
    return last or f"the reader ended with status {ended.status}"
