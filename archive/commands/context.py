"""What every command gets from the options before its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CommandContext:
    """``archive`` is the archive's directory; ``sites`` the sites file, None for the default one."""

    archive: Path
    sites: Path | None = None
