"""How many records are read, and how many verified, in a second of CPU time: warcio, FastWARC, and
the reader here, on the same WARC file.

    python -m benchmarks.reading [--exchanges N] [--pages DIR]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.exchange import Exchange
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.warc_reader import iterate_records
from benchmarks.static_portal import build
from benchmarks.surroundings import cpu_seconds, print_surroundings, print_table

_ROUNDS = 3


def fill(root: Path, pages: list[bytes], exchanges: int) -> Path:
    """An archive of so many exchanges, each with its own payload; returns its one WARC file."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with ArchiveWriter.open(root, "benchmark") as writer:
        for number in range(exchanges):
            payload = pages[number % len(pages)] + b"<!-- %d -->" % number
            path = f"/tin-{number}.html"
            writer.record_exchange(
                "do-luong",
                Exchange(
                    f"http://portal.example{path}",
                    start + timedelta(seconds=number),
                    request=f"GET {path} HTTP/1.1\r\nHost: portal.example\r\n\r\n".encode(),
                    response_head=(
                        "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\n"
                        f"Content-Length: {len(payload)}\r\n\r\n"
                    ).encode(),
                    payload=payload,
                    status=200,
                    media_type="text/html",
                    ip_address="192.0.2.1",
                    protocol="http/1.1",
                    via="http://portal.example/",
                ),
            )
    (path_of_file,) = (root / "warc").glob("*/*.warc.gz")
    return path_of_file


def warcio_reads(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(len(record.raw_stream.read()) >= 0 for record in WarcioIterator(stream))


def warcio_verifies(path: Path) -> int:
    count = 0
    with path.open("rb") as stream:
        for record in WarcioIterator(stream, check_digests=True):
            record.content_stream().read()
            assert record.digest_checker.passed is not False
            count += 1
    return count


def fastwarc_reads(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(
            len(record.reader.read()) >= 0 for record in FastIterator(stream, parse_http=False)
        )


def fastwarc_verifies(path: Path) -> int:
    """Block digests: for both digests FastWARC has to read the file twice."""
    count = 0
    with path.open("rb") as stream:
        for record in FastIterator(stream, parse_http=False):
            assert record.verify_block_digest()
            count += 1
    return count


def ours_reads(path: Path) -> int:
    return sum(len(record.block) >= 0 for record in iterate_records(path))


def ours_verifies(path: Path) -> int:
    """Everything that `huyen verify` does, SQLite included."""
    report = verify(path.parents[2], datetime.now(UTC))
    assert report.ok
    return report.records


TASKS: dict[str, Callable[[Path], int]] = {
    "warcio: read": warcio_reads,
    "FastWARC: read": fastwarc_reads,
    "huyen: read": ours_reads,
    "warcio: block and payload digests": warcio_verifies,
    "FastWARC: block digests": fastwarc_verifies,
    "`huyen verify`: digests, SHA-256 of the file, every row": ours_verifies,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=3000)
    parser.add_argument("--pages", type=Path, metavar="DIR", help="HTML files, at any depth")
    arguments = parser.parse_args()
    print_surroundings("warcio", "fastwarc", "isal")
    with tempfile.TemporaryDirectory(prefix="huyen-benchmark-") as scratch:
        folder = arguments.pages
        if folder is None:
            folder = Path(scratch) / "site"
            build(folder, 300)
        pages = [page.read_bytes() for page in sorted(folder.rglob("*.html"))]
        path = fill(Path(scratch) / "archive", pages, arguments.exchanges)
        mean = sum(map(len, pages)) / len(pages)
        print(
            f"{arguments.exchanges} exchanges (a response of {mean:,.0f} bytes, a request, a "
            f"metadata record); {path.stat().st_size / 1e6:.0f} MB",
            end="\n\n",
        )
        rows = []
        for name, task in TASKS.items():
            best, count = float("inf"), 0
            for _ in range(_ROUNDS):
                before = cpu_seconds()
                count = task(path)
                best = min(best, cpu_seconds() - before)
            rows.append((name, f"{count / best:,.0f}", f"{arguments.exchanges / best:,.0f}"))
        print_table(["", "records / CPU-s", "exchanges / CPU-s"], rows)


if __name__ == "__main__":
    main()
