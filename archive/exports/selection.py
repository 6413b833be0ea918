"""What part of an archive goes into an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Selection:
    """Captures of these sites (all if empty) fetched from ``since`` to ``until``, both days
    inclusive, in UTC as the captures' times are."""

    sites: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def condition(self, capture: str = "c") -> tuple[str, list[str]]:
        """An SQL condition on a row of `capture` under that alias, and its parameters."""
        parts, values = ["1"], list(self.sites)
        if self.sites:
            parts.append(f"{capture}.site IN ({', '.join('?' * len(self.sites))})")
        if self.since is not None:
            parts.append(f"{capture}.fetched_at >= ?")
            values.append(self.since.isoformat())
        if self.until is not None:
            parts.append(f"{capture}.fetched_at < ?")
            values.append((self.until + timedelta(days=1)).isoformat())
        return " AND ".join(parts), values

    def described(self) -> str:
        """For a person: ``tho-xuan, captured 2021-01-01 to 2021-12-31``; empty for everything."""
        period = ""
        if self.since or self.until:
            period = f"captured {self.since or 'from the beginning'} to {self.until or 'the end'}"
        return ", ".join(filter(None, (*self.sites, period)))
