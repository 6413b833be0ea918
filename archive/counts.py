"""What a run has stored for one site, counted."""

from __future__ import annotations

from dataclasses import dataclass

from archive.readings import Outcome


@dataclass(slots=True)
class Counts:
    """Of committed groups only."""

    captures: int = 0
    revisits: int = 0  # captures whose payload was in the archive already
    errors: int = 0  # captures with an error
    truncated: int = 0  # captures whose payload is not whole
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failures: int = 0  # pages that should be articles but could not be read

    def count(self, outcome: Outcome) -> None:
        """One reading more."""
        match outcome:
            case Outcome.NEW:
                self.new += 1
            case Outcome.CHANGED:
                self.changed += 1
            case Outcome.UNCHANGED:
                self.unchanged += 1
            case Outcome.UNREADABLE:
                self.failures += 1
            case Outcome.OTHER:
                pass

    def add(self, other: Counts) -> None:
        """All of another."""
        for name in Counts.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
