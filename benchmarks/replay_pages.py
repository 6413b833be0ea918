"""Writes archived pages into an archive that has none, for measuring replay.

    python -m benchmarks.replay_pages DIRECTORY PAGES

The pages are those of benchmarks.news_portal (65 kB, 15 pictures), written as a crawl writes them: a WARC
record each, gzip, payload digest, index row. They are captures only; no article is read from them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.exchange import Exchange
from archive.ingest import ArchiveWriter, SiteFacts
from benchmarks.news_portal import build

SITE = "tin-tuc"
HOME = "http://tin-tuc.example"
_START = datetime(2026, 6, 1, tzinfo=UTC)
_TYPES = {".html": "text/html; charset=utf-8", ".gif": "image/gif"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("pages", type=int)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ArchiveWriter.open(options.directory, "crawl") as writer,
    ):
        build(Path(folder), options.pages)
        writer.record_site(SiteFacts(SITE, "Tin tức", "Thử", f"{HOME}/", "active"))
        for exchange in exchanges(Path(folder)):
            writer.record_exchange(SITE, exchange)


def exchanges(folder: Path) -> Iterator[Exchange]:
    """The files as a server sends them, a second apart."""
    for second, path in enumerate(sorted(folder.iterdir())):
        body, media_type = path.read_bytes(), _TYPES[path.suffix]
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield Exchange(
            url=f"{HOME}/{path.name}",
            fetched_at=_START + timedelta(seconds=second),
            request=f"GET /{path.name} HTTP/1.1\r\nHost: tin-tuc.example\r\n\r\n".encode(),
            response_head=head.encode(),
            payload=body,
            status=200,
            media_type=media_type.partition(";")[0],
        )


if __name__ == "__main__":
    main()
