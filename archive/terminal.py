"""Text for a person at a terminal: width, colour where wanted, and nothing that harms.

Colour only on a terminal, and never when NO_COLOR is set (https://no-color.org) or TERM is dumb.
"""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

import click

from archive.snippets import Marked

_NARROWEST, _WIDEST = 40, 100  # longer lines are hard to read, however wide the window

# Controls (a page could move the cursor, set the title or send answers to the shell), direction
# overrides (they make text lie about itself) and what no encoding can write.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """The text with each control and direction override shown as ``�``; tab and ``\\n`` stay."""
    return _HARMFUL.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class Terminal:
    """How to write for one output. ``width`` in columns, 40–100. All its methods make their text
    printable; what they return may hold colour codes only if ``colour``."""

    width: int = 80
    colour: bool = False

    @classmethod
    def of(cls, stream: TextIO) -> Terminal:
        """What the stream and the environment allow."""
        if not stream.isatty():
            return cls()
        columns = shutil.get_terminal_size((80, 24)).columns
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(max(_NARROWEST, min(columns, _WIDEST)), not plain)

    def strong(self, text: str) -> str:
        return self._style(text, bold=True)

    def quiet(self, text: str) -> str:
        return self._style(text, dim=True)

    def good(self, text: str) -> str:
        return self._style(text, fg="green")

    def bad(self, text: str) -> str:
        return self._style(text, fg="red", bold=True)

    def removed(self, text: str) -> str:
        """``[-text-]``, the marks kept with colour too, so that a copied diff stays readable."""
        return self._style(f"[-{text}-]", fg="red")

    def added(self, text: str) -> str:
        """``{+text+}``"""
        return self._style(f"{{+{text}+}}", fg="green")

    def marked(self, marked: Marked, strong: bool = False) -> str:
        """Matches in colour, or between ``«`` and ``»``."""
        return "".join(
            (self._style(part, bold=True, fg="yellow") if self.colour else f"«{printable(part)}»")
            if matches
            else (self.strong(part) if strong else printable(part))
            for part, matches in marked.parts()
        )

    def wrapped(self, text: str, indent: int = 0, first: str | None = None) -> str:
        """The text, one line or several, wrapped and indented; ``first`` replaces the indentation
        of the first line. Long addresses stay whole. Colour codes do not count."""
        lines: list[str] = []
        margin = " " * indent
        for paragraph in text.split("\n"):
            opening = margin if first is None or lines else first.ljust(indent)
            lines += _wrap(paragraph, self.width, opening, margin)
        return "\n".join(lines)

    def field(self, name: str, value: str, indent: int = 14) -> str:
        """``name      value``, the value wrapped beside its name."""
        return self.wrapped(printable(value), indent, printable(name))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        """Left-aligned columns under their headings, two spaces apart."""
        cells = [[printable(cell).replace("\n", " ") for cell in row] for row in rows]
        widths = [
            max(len(row[i]) for row in (list(headings), *cells)) for i in range(len(headings))
        ]

        def line(row: Sequence[str]) -> str:
            return "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()

        return "\n".join([self.strong(line(headings)), *map(line, cells)])

    def _style(
        self, text: str, *, fg: str | None = None, bold: bool | None = None, dim: bool | None = None
    ) -> str:
        text = printable(text)
        return click.style(text, fg=fg, bold=bold, dim=dim) if self.colour and text else text


_CODES = re.compile(r"\x1b\[[0-9;]*m")


def _wrap(paragraph: str, width: int, opening: str, margin: str) -> list[str]:
    if "\x1b" not in paragraph:
        wrapper = textwrap.TextWrapper(
            width,
            initial_indent=opening,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return wrapper.wrap(paragraph) or [opening.rstrip()]
    lines, line, used = [], opening, len(opening)
    for word in paragraph.split(" "):
        length = len(_CODES.sub("", word))
        if used + length > width and used > len(margin):
            lines.append(line.rstrip(" "))
            line, used = margin, len(margin)
        line += f"{word} "
        used += length + 1
    return [*lines, line.rstrip(" ")]


def day(text: str | None) -> str:
    """A stored time for people: ``2021-01-14T08:35:02+07:00`` → ``2021-01-14 08:35``; a bare date
    stays; UTC is said so: ``2026-11-21T20:06:03.123456Z`` → ``2026-11-21 20:06 UTC``."""
    if not text:
        return "no date"
    if len(text) <= len("YYYY-MM-DD"):
        return text
    moment = datetime.fromisoformat(text)
    return f"{moment:%Y-%m-%d %H:%M}" + (" UTC" if text.endswith("Z") else "")
