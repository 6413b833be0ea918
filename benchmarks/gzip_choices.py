"""What compressing records costs and saves: libraries and levels, one gzip member a record.

    python -m benchmarks.gzip_choices [--pages DIR]

Without --pages the pages are those of benchmarks.static_portal; a folder of real pages says more.
zlib-ng is compared where it is installed.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import tempfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from isal import isal_zlib

from benchmarks.static_portal import build
from benchmarks.surroundings import cpu_seconds, print_surroundings, print_table

_GZIP = 31
_ROUNDS = 3

Compress = Callable[[bytes], bytes]


def choices() -> dict[str, Compress]:
    """Names and one-shot functions; the first is what warcio does."""
    found: dict[str, Compress] = {f"zlib {level}": _object(zlib, level) for level in (9, 6, 1)}
    try:
        ng = importlib.import_module("zlib_ng.zlib_ng")
    except ImportError:
        pass
    else:
        found |= {f"zlib-ng {level}": _object(ng, level) for level in (9, 6, 2)}
    return found | {f"isal {level}": _isal(level) for level in (3, 2, 1)}


def _object(library: object, level: int) -> Compress:
    def compress(record: bytes) -> bytes:
        packer = library.compressobj(level, 8, _GZIP)  # type: ignore[attr-defined]
        return packer.compress(record) + packer.flush()  # type: ignore[no-any-return]

    return compress


def _isal(level: int) -> Compress:
    return lambda record: isal_zlib.compress(record, level, _GZIP)


def compare(records: Sequence[bytes]) -> None:
    """Prints the table; the time is the best of some rounds, sizes are exact."""
    total = sum(map(len, records))
    rows, smallest = [], 0.0
    for name, compress in choices().items():
        best = float("inf")
        for _ in range(_ROUNDS):
            before = cpu_seconds()
            packed = [compress(record) for record in records]
            best = min(best, cpu_seconds() - before)
        assert gzip.decompress(packed[0]) == records[0]
        size = sum(map(len, packed))
        smallest = smallest or size
        rows.append(
            (
                name,
                f"{total / best / 1e6:.0f}",
                f"{best / len(records) * 1e6:.0f}",
                f"{size / total:.4f}",
                f"{size / smallest:.3f} ×",
            )
        )
    print_table(["", "MB / CPU-s", "µs a record", "size", "beside zlib 9"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, metavar="DIR", help="HTML files, at any depth")
    arguments = parser.parse_args()
    print_surroundings("isal", "zlib-ng")
    with tempfile.TemporaryDirectory(prefix="huyen-benchmark-") as scratch:
        folder = arguments.pages
        if folder is None:
            folder = Path(scratch)
            build(folder, 300)
        pages = [path.read_bytes() for path in sorted(folder.rglob("*.html"))]
        mean = sum(map(len, pages)) / len(pages)
        print(f"{len(pages)} pages of {mean:,.0f} bytes", end="\n\n")
        compare(pages)


if __name__ == "__main__":
    main()
