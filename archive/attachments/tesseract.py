"""Tesseract, the program: whether it is here with Vietnamese, and the text of one picture."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from archive.attachments.readers import Unreadable

LANGUAGE = "vie"
_ASKED_SECONDS = 20

# Columns of its TSV output.
_LEVEL, _BLOCK, _PARAGRAPH, _LINE, _CONFIDENCE, _WORD = 0, 2, 3, 4, 10, 11
_LEVEL_WORD = "5"


@dataclass(frozen=True, slots=True)
class Tesseract:
    """An installed Tesseract that has the Vietnamese data. ``engine`` is its name and version."""

    path: str
    engine: str
    language: str = LANGUAGE


def installed() -> Tesseract | None:
    """The Tesseract on the PATH, or None where there is none or it has no Vietnamese."""
    path = shutil.which("tesseract")
    if path is None:
        return None
    languages = _asked(path, "--list-langs").split()
    if LANGUAGE not in languages:
        return None
    number = re.search(r"\d[\w.]*", _asked(path, "--version"))
    return Tesseract(path, f"tesseract {number[0] if number else '?'}")


def recognise(path: str, picture: bytes, dpi: int, language: str) -> tuple[str, float | None]:
    """The text in a PGM picture, line by line, and the mean confidence of its words (0–100; None
    where there are none). To be called under limits. Raises Unreadable with what Tesseract says."""
    done = subprocess.run(
        [path, "stdin", "stdout", "-l", language, "--dpi", str(dpi), "tsv"],
        input=picture,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unreadable(f"tesseract: {said[-1] if said else f'status {done.returncode}'}")
    lines: dict[tuple[str, ...], list[str]] = {}
    confidences = []
    for row in done.stdout.decode("utf-8", "replace").splitlines()[1:]:
        columns = row.split("\t")
        if len(columns) <= _WORD or columns[_LEVEL] != _LEVEL_WORD or not columns[_WORD].strip():
            continue
        place = (columns[_BLOCK], columns[_PARAGRAPH], columns[_LINE])
        lines.setdefault(place, []).append(columns[_WORD])
        confidences.append(float(columns[_CONFIDENCE]))
    mean = sum(confidences) / len(confidences) if confidences else None
    return "\n".join(" ".join(words) for words in lines.values()), mean


def _asked(path: str, option: str) -> str:
    try:
        done = subprocess.run(
            [path, option],
            capture_output=True,
            check=False,
            timeout=_ASKED_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr).decode("utf-8", "replace")
