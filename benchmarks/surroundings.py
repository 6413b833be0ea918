"""On what, when and with what something was measured, and the table that comes of it."""

from __future__ import annotations

import datetime as dt
import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def print_surroundings(*packages: str) -> None:
    """One line: date, processor, load, Python and the versions of these packages."""
    versions = ", ".join(f"{name} {_version(name)}" for name in packages)
    print(
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC · {_processor()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f} · {platform.system()} · "
        f"Python {platform.python_version()}, {versions}",
        end="\n\n",
    )


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table in Markdown, to be pasted into docs/benchmarks.md."""
    for row in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(map(str, row)) + " |")
    print()


def require(name: str) -> str:
    """The path of a program; ends the benchmark with a line where it is missing."""
    path = shutil.which(name)
    if path is None:
        sys.exit(f"{name} is needed for this benchmark (Debian: apt-get install {name})")
    return path


def cpu_seconds() -> float:
    """User and system time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def first_line(*command: str) -> str:
    """The first line that a program prints about itself."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[0]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
