"""Running a program that must not be trusted: bounded in time and output, and gone afterwards."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import IO

_CHUNK = 1 << 16
_UNTIL_STOPPED = 0.2  # seconds
_BETWEEN_LOOKS = 0.002  # seconds; its pipes are closed by then, so it is about to end
_MOST_COMPLAINTS = 1 << 14  # bytes of standard error that are kept: the last ones


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: its output, the end of what it wrote to standard error, its status (negative: the
    signal), and whether we ended it, for its time or for its output."""

    output: bytes
    complaints: bytes
    status: int
    out_of_time: bool = False
    too_much: bool = False


def run(
    arguments: Sequence[str],
    stdin: IO[bytes],
    *,
    seconds: float,
    most_output: int,
    environment: Mapping[str, str],
    stop: Event,
) -> Ended:
    """Runs the program with the rest of ``stdin`` as its input, in a session of its own, and ends it
    with all its children after ``seconds`` of wall time, after ``most_output`` bytes, or soon after
    ``stop`` is set. Whatever ends this call, an interrupt too, ends them."""
    deadline = time.monotonic() + seconds
    process = subprocess.Popen(
        list(arguments),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd="/",
        start_new_session=True,
    )
    out_of_time = too_much = False
    output, complaints = bytearray(), bytearray()
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ, output)
            selector.register(process.stderr, selectors.EVENT_READ, complaints)
            while selector.get_map() and not (out_of_time or too_much):
                left = 0.0 if stop.is_set() else deadline - time.monotonic()
                for key, _ in selector.select(max(0.0, min(left, _UNTIL_STOPPED))):
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    key.data.extend(chunk)
                del complaints[:-_MOST_COMPLAINTS]
                too_much = len(output) > most_output
                out_of_time = left <= 0
        while not (out_of_time or too_much) and not _has_ended(process):
            time.sleep(_BETWEEN_LOOKS)
            out_of_time = stop.is_set() or time.monotonic() > deadline
    finally:
        _end(process)
        process.stdout.close()
        process.stderr.close()
    return Ended(bytes(output), bytes(complaints), process.returncode, out_of_time, too_much)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended, without reaping it: its number stays its own until its session is ended."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole session: a child that outlives its parent is still of it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
