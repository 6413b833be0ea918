"""Runs the command as a person does: its own entry point, in a process of its own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent
# What the surroundings of the tests must not decide.
_UNSET = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "HUYEN_CONTACT")


def environment(**values: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in _UNSET and not k.startswith("HUYEN_")}
    return kept | values


def command(
    *arguments: str | Path, archive: Path | None = None, sites: Path | None = None
) -> list[str]:
    options: list[str | Path] = []
    if archive is not None:
        options += ["--archive", archive]
    if sites is not None:
        options += ["--sites", sites]
    return [str(_BIN / "huyen"), *map(str, options), *map(str, arguments)]


def huyen(
    *arguments: str | Path,
    archive: Path | None = None,
    sites: Path | None = None,
    proxy: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """The finished process, its output as text. ``proxy`` is the address of a forward proxy."""
    return run(command(*arguments, archive=archive, sites=sites), proxy, env, cwd, timeout)


def scrapy(
    *arguments: str,
    proxy: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path = REPOSITORY,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    return run([str(_BIN / "scrapy"), *arguments], proxy, env, cwd, timeout)


def run(
    line: Sequence[str],
    proxy: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    variables = environment(**(env or {}), **({"http_proxy": proxy} if proxy else {}))
    return subprocess.run(
        line,
        env=variables,
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def rows(archive: Path, sql: str, *parameters: Any) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(f"file:{archive / 'archive.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql, parameters).fetchall()


def one(archive: Path, sql: str, *parameters: Any) -> Any:
    return rows(archive, sql, *parameters)[0][0]
