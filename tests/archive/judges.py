"""Programs of others that judge what we write.

Some are in the tests' own environment (warcio, FastWARC). The others have dependencies that do not
mix with ours, so each set lives in an environment of its own, locked in tests/judges/*.txt, made on
first use under ~/.cache/huyen-judges (HUYEN_JUDGES_CACHE) and kept. Where it cannot be made (no
network), tests are skipped and say so; with HUYEN_JUDGES=required, as in CI, they fail.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

LOCKS = Path(__file__).parents[1] / "judges"
_READY = "ready"
_PATIENCE = 60.0  # seconds for a server to answer for the first time


def tool(name: str) -> str:
    """A command of the tests' own environment: ``warcio``, ``fastwarc``."""
    return str(Path(sys.executable).parent / name)


def judge(environment: str, name: str) -> str:
    """A command of one of the judges' environments: ``formats`` (wacz, bagit.py, cdxj-indexer) or
    ``pywb`` (wayback)."""
    return str(_made(environment) / "bin" / name)


def system_tool(name: str) -> str:
    """A command that the operating system brings; the test is skipped, or fails, without it."""
    path = shutil.which(name)
    if path is None:
        _give_up(f"{name} is not installed")
    assert path is not None
    return path


def run(*line: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The finished process, its output as text."""
    return subprocess.run(
        [os.fspath(word) for word in line],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=300,
        check=False,
    )


def accept(*line: str | Path, cwd: Path | None = None) -> str:
    """Runs a judge that must be content, and returns what it printed."""
    done = run(*line, cwd=cwd)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Replay:
    """A replay server at work; ``get`` asks for a capture as it was stored."""

    port: int

    def get(self, timestamp: str, url: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body, as they came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", f"/all/{timestamp}id_/{url}", headers={"Host": "replay"})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read()
        finally:
            connection.close()


@contextmanager
def pywb(index: Path, archives: Path, folder: Path) -> Iterator[Replay]:
    """pywb serving this CDXJ index, the file names in it relative to ``archives``."""
    wayback = judge("pywb", "wayback")
    (folder / "config.yaml").write_text(
        f"collections:\n  all:\n    index_paths: {index}\n    archive_paths: {archives}/\n"
    )
    port = free_port()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [wayback, "-b", "127.0.0.1", "-p", str(port)], cwd=folder, stdout=log, stderr=log
        )
    try:
        _await_answer(server, port, folder / "log")
        yield Replay(port)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await_answer(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
            return
        time.sleep(0.05)
    pytest.fail(f"pywb does not answer:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    """A port of loopback that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _made(name: str) -> Path:
    lock_file = LOCKS / f"{name}.txt"
    cache = Path(os.environ.get("HUYEN_JUDGES_CACHE") or "~/.cache/huyen-judges").expanduser()
    digest = hashlib.sha256(lock_file.read_bytes()).hexdigest()[:12]
    python = "{}.{}".format(*sys.version_info)
    folder = cache / f"{name}-{python}-{digest}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder.name}.lock").open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)  # tests run in several processes
        if not (folder / _READY).exists():
            _make(folder, lock_file)
    return folder


def _make(folder: Path, lock_file: Path) -> None:
    for line in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [f"{folder}/bin/pip", "install", "--quiet", "--require-hashes", "-r", str(lock_file)],
    ):
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            _give_up(f"the environment {folder.name} cannot be made: {last}")
    (folder / _READY).touch()


def _give_up(reason: str) -> None:
    if os.environ.get("HUYEN_JUDGES") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def cdxj_of(warcs: Sequence[Path], root: Path) -> list[str]:
    """What cdxj-indexer makes of these files, sorted; file names relative to ``root``."""
    return accept(judge("formats", "cdxj-indexer"), "-s", "--dir-root", root, *warcs).splitlines()
