"""Room for the archive: a run ends while there is still enough of it to end properly."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive.errors import UsageError

VARIABLE = "HUYEN_DISK_RESERVE"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,12})\s?([KMGT]?)(?:i?B)?", re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)\s?%")


@dataclass(frozen=True, slots=True)
class Reserve:
    """What is to stay free on the archive's file system: bytes, or a share (0..1) of the whole."""

    size: int = 1 << 30
    share: float = 0.0

    @classmethod
    def from_environment(cls) -> Self:
        """From the variable HUYEN_DISK_RESERVE: ``500M``, ``2 GiB``, ``2%``, ``0``; 1 GiB if it is not
        set. Raises UsageError."""
        text = os.environ.get(VARIABLE, "").strip()
        if not text:
            return cls()
        if match := _SHARE.fullmatch(text):
            return cls(0, float(match[1]) / 100)
        if match := _SIZE.fullmatch(text):
            return cls(int(match[1]) * _UNITS[match[2].upper()])
        raise UsageError(f"{VARIABLE}: {text!r} is neither a size (500M, 2 GiB) nor a share (2%)")

    def shortage(self, folder: Path) -> str | None:
        """What to tell where less is free than must stay free, None where there is room. Raises
        OSError if the folder is not there."""
        total, _, free = shutil.disk_usage(folder)
        kept = self.size + int(self.share * total)
        if free >= kept:
            return None
        return f"{free >> 20} MiB free where {folder} lies, {kept >> 20} MiB are to stay free"
