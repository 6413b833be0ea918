"""What one crawl of one site saw."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.schema import PageKind


@dataclass
class Tally:
    """What one crawl of one site saw; becomes its row in site_runs."""

    responses: int = 0
    pages: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # address -> why, after all retries
    home_error: str = ""
    not_modified: int = 0  # answers 304: pages that need not be read again
    listings_cut: dict[str, str] = field(default_factory=dict)  # address -> why it ended early

    def count(self, kind: PageKind) -> None:
        self.pages += 1
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
