"""Text of PDF files, and of scanned pages, beside other readers of such files.

    python -m benchmarks.attachment_text [--peers PYTHON] [--pages N] [--scans N]

Writes a PDF of N pages of Vietnamese prose, and N pages of it as pictures; every reader is a process of
its own, start-up included, and its CPU time and peak memory are the kernel's. ``--peers`` names an
interpreter that has pypdf and pdfminer.six; those that are missing are left out, as are pdftotext and
pdftoppm (Debian: poppler-utils). *Lines right*: the share of printed lines that are in the output, letter
by letter; *words right*: of printed words.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from archive.attachments.tesseract import installed
from benchmarks.surroundings import print_surroundings, print_table
from crawler.replica.prose import topics

_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
_LINES, _WORDS = 38, 11
_WORKER = [sys.executable, "-I", "-m", "archive.attachments.worker"]
# A process begins with the peak of the one that starts it; this one is small.
_LAUNCHER = """
import json, os, subprocess, sys
p = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
_, status, used = os.wait4(p.pid, 0)
p.returncode = os.waitstatus_to_exitcode(status)
numbers = p.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
print(json.dumps(numbers), file=sys.stderr)
"""
_PYPDF = "import pypdf, sys\nfor p in pypdf.PdfReader(sys.argv[1]).pages: print(p.extract_text())"
_PDFMINER = "from pdfminer.high_level import extract_text as e\nimport sys\nprint(e(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Run:
    """What a reader gave, and what it took: CPU seconds with its children, peak bytes of one."""

    text: str
    seconds: float
    memory: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--scans", type=int, default=8)
    options = parser.parse_args()
    print_surroundings("pypdfium2")
    with tempfile.TemporaryDirectory() as folder:
        text, scan = Path(folder, "text.pdf"), Path(folder, "scan.pdf")
        printed = _written(options.pages)
        text.write_bytes(_text_pdf(printed))
        _compare_texts(text, printed, options.peers)
        printed = _written(options.scans)
        scan.write_bytes(_scanned_pdf(printed))
        _compare_scans(scan, printed)


def _compare_texts(path: Path, printed: list[list[str]], peers: str) -> None:
    readers: dict[str, list[str]] = {
        "huyen (PDFium)": [*_WORKER, "read", "", ""],
        "pypdf": [peers, "-c", _PYPDF, str(path)],
        "pdfminer.six": [peers, "-c", _PDFMINER, str(path)],
        "pdftotext": ["pdftotext", str(path), "-"],
    }
    lines = [line for page in printed for line in page]
    rows = []
    for name, command in readers.items():
        done = _run(command, path)
        if done is None:
            continue
        output = done.text if not name.startswith("huyen") else _worker_text(done.text)
        found = {" ".join(line.split()) for line in _nfc(output).splitlines()}
        right = sum(line in found for line in lines) / len(lines)
        rows.append(
            (
                name,
                f"{1000 * done.seconds / len(printed):.2f}",
                f"{done.memory / 1e6:.0f}",
                f"{right:.1%}",
            )
        )
    print_table((f"{len(printed)} pages of text", "CPU ms a page", "peak MB", "lines right"), rows)


def _compare_scans(path: Path, printed: list[list[str]]) -> None:
    program = installed()
    if program is None:
        print("Tesseract with Vietnamese is not installed: no scans.")
        return
    pages = range(1, len(printed) + 1)
    ours = ["recognise", "", program.language, program.path]
    draw = f"pdftoppm -r {{dpi}} -gray -f {{page}} -l {{page}} {path} | tesseract - - -l vie"
    readers: dict[str, Callable[[int], list[str]]] = {
        "huyen": lambda page: [*_WORKER, ours[0], str(page), *ours[2:]],
        "pdftoppm -r 300, tesseract": lambda page: _shell(draw.format(dpi=300, page=page)),
        "pdftoppm -r 200, tesseract": lambda page: _shell(draw.format(dpi=200, page=page)),
    }
    rows = []
    for name, command in readers.items():
        runs = [_run(command(page), path) for page in pages]
        done = [run for run in runs if run is not None]
        if len(done) < len(runs):
            continue
        output = "\n".join(_worker_text(run.text) if name == "huyen" else run.text for run in done)
        found = Counter(_nfc(output).split())
        wanted = Counter(" ".join(line for page in printed for line in page).split())
        right = (wanted & found).total() / wanted.total()
        rows.append(
            (
                name,
                f"{sum(run.seconds for run in done) / len(done):.2f}",
                f"{max(run.memory for run in done) / 1e6:.0f}",
                f"{right:.1%}",
            )
        )
    print_table((f"{len(printed)} scanned pages", "CPU s a page", "peak MB", "words right"), rows)


def _run(command: Sequence[str], path: Path) -> Run | None:
    """None where the reader is not installed."""
    if shutil.which(command[0]) is None:
        return None
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "PYTHONIOENCODING": "utf-8"}
    with path.open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-S", "-c", _LAUNCHER, *command],
            stdin=stdin,
            capture_output=True,
            env=environment,
            check=True,
        )
    status, seconds, memory = json.loads(done.stderr)
    return None if status else Run(done.stdout.decode("utf-8", "replace"), seconds, memory)


def _shell(line: str) -> list[str]:
    return ["/bin/sh", "-c", line]


def _worker_text(output: str) -> str:
    return "\n".join(json.loads(line).get("text", "") for line in output.splitlines())


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _written(pages: int) -> list[list[str]]:
    """Pages of lines, the same each time."""
    rng = random.Random(7)
    texts = [re.sub(r"\[|\{.*?\}|\|[^\]]*\]", "", text) for t in topics() for text in t.facts]
    words: list[str] = []
    while len(words) < pages * _LINES * _WORDS:
        words += rng.choice(texts).split()
    lines = [" ".join(words[at * _WORDS : (at + 1) * _WORDS]) for at in range(pages * _LINES)]
    return [lines[i : i + _LINES] for i in range(0, len(lines), _LINES)]


def _text_pdf(pages: list[list[str]]) -> bytes:
    pdfmetrics.registerFont(TTFont("Body", _FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    for lines in pages:
        canvas.setFont("Body", 10)
        for number, line in enumerate(lines):
            canvas.drawString(50, 790 - 19 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _scanned_pdf(pages: list[list[str]]) -> bytes:
    """As an office's copier does it: 200 dpi, grey, JPEG, a little noise."""
    rng = random.Random(8)
    pictures = []
    letters = ImageFont.truetype(_FONT, 29)
    for lines in pages:
        picture = Image.new("L", (1654, 2339), 248)
        pen = ImageDraw.Draw(picture)
        for number, line in enumerate(lines):
            pen.text((130, 120 + 55 * number), line, font=letters, fill=40)
        noise = Image.frombytes("L", picture.size, rng.randbytes(1654 * 2339))
        pictures.append(Image.blend(picture, noise, 0.12))
    out = io.BytesIO()
    pictures[0].save(
        out, "PDF", resolution=200, save_all=True, append_images=pictures[1:], quality=60
    )
    return out.getvalue()


if __name__ == "__main__":
    main()
