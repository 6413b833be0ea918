"""A program that runs beside the reader ends with it, however the reader ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from judges import free_port
from read_archive import fill, serving

from archive.reader import kept_process

PATIENCE = 30.0  # seconds


class Life:
    """Tells of a process that holds the other end of a named pipe: its first line, then its end."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        # Open for both, so that nobody waits for the other; the second end is closed when it spoke.
        self._own = os.open(path, os.O_RDWR)
        self._pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def says(self) -> bytes:
        readable, _, _ = select.select([self._pipe], [], [], PATIENCE)
        assert readable, "it says nothing"
        return os.read(self._pipe, 100)

    def ends(self) -> bool:
        os.close(self._own)
        readable, _, _ = select.select([self._pipe], [], [], PATIENCE)
        return bool(readable) and os.read(self._pipe, 100) == b""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_pywb_ends_with_the_reader_however_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: signal.Signals
) -> None:
    archive, folder = tmp_path / "archive", tmp_path / "bin"
    fill(archive)
    life = Life(tmp_path / "life")
    folder.mkdir()
    stand_in = folder / "wayback"
    stand_in.write_text(f"#!/bin/sh\nexec 3> {tmp_path / 'life'}\necho $@ >&3\nexec sleep 600\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    port = free_port()
    with serving(archive, "--pywb", "--pywb-port", str(port)) as server:
        assert life.says() == f"-b 127.0.0.1 -p {port}\n".encode()
        server.process.send_signal(sign)
        server.process.wait(PATIENCE)
        assert life.ends()


def kept(*command: str, grace: float = PATIENCE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", kept_process.__file__, str(grace), *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def test_what_does_not_listen_is_killed(tmp_path: Path) -> None:
    life = Life(tmp_path / "life")
    deaf = f"trap '' TERM; exec 3> {tmp_path / 'life'}; echo here >&3; exec sleep 600"
    process = kept("/bin/sh", "-c", deaf, grace=0.1)
    assert life.says() == b"here\n"
    assert process.stdin is not None
    process.stdin.close()
    assert life.ends()
    assert process.wait(PATIENCE) == -signal.SIGKILL


@pytest.mark.parametrize(("command", "status"), [("exit 3", 3), ("kill -9 $$", 128 + 9)])
def test_it_ends_as_the_command_does(command: str, status: int) -> None:
    with kept("/bin/sh", "-c", command) as process:
        assert process.wait(PATIENCE) == status
