"""Runs a command for as long as whoever started this lives, and ends it with him however he ends.

A process that is killed with SIGKILL can stop nobody. So a program that is to end with the reader runs
under this one: its standard input is a pipe that the reader holds open and never writes to. The system
closes the pipe with the reader, whatever becomes of him, on every Unix; then the command is ended.

    python -I kept_process.py SECONDS COMMAND [ARGUMENT …]

It is to be the leader of a process group of its own, which is ended as a whole: with SIGTERM, and after
SECONDS with SIGKILL. Exit status: the command's, 128 and more for a signal, as a shell has it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from types import FrameType


def main(arguments: list[str]) -> int:
    grace, command = float(arguments[0]), arguments[1:]
    # A signal to the group is for the command. A handler, since the command would inherit that
    # signals are ignored.
    signal.signal(signal.SIGTERM, _left_to_the_command)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_the_pipe, args=(process, grace), daemon=True).start()
    status = process.wait()
    return 128 - status if status < 0 else status


def _left_to_the_command(number: int, frame: FrameType | None) -> None:
    pass


def _end_with_the_pipe(process: subprocess.Popen[bytes], grace: float) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    for sign in (signal.SIGTERM, signal.SIGKILL):
        os.killpg(os.getpgrp(), sign)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
