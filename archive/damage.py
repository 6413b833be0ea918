"""What a check of the archive finds: problems, facts worth knowing, and how much was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.database import DATABASE_NAME

_SHOWN = 20  # rows of one kind of database problem; the rest is counted


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``kind`` is a word for programs, ``where`` a file with offset or a
    row, ``message`` says what was found."""

    kind: str
    where: str
    message: str


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was looked at and what was found. ``notes`` are facts worth knowing that are no damage."""

    files: int = 0
    records: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, kind: str, where: str, message: str) -> None:
        """Lists one problem."""
        self.problems.append(Problem(kind, where, message))

    def add_some(self, kind: str, found: Iterable[tuple[str, str]]) -> None:
        """Lists the first of many problems of one kind (where, message) and counts the rest."""
        found = list(found)
        for where, message in found[:_SHOWN]:
            self.add(kind, where, message)
        if len(found) > _SHOWN:
            self.add(kind, DATABASE_NAME, f"and {len(found) - _SHOWN} more of this kind")
