"""What it costs to take in an article, beside a plain insert with full text.

    python -m benchmarks.search_ingest [ARTICLES]

The same made-up articles (benchmarks.search_articles), in groups of fifty, each group on the disk before the
next: into an archive through its one write path (WARC records, capture, versions, index with labels, pairs of
almost the same text), and with sqlite-utils into one table with an FTS5 index of title and body (unicode61,
diacritics removed) kept by triggers. CPU milliseconds an article, the best of three rounds in turns.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from sqlite_utils import Database

from archive.exchange import Exchange
from archive.ingest import ArchiveWriter
from archive.schema import PageKind, Reading
from benchmarks.search_articles import Made, made
from benchmarks.surroundings import print_surroundings, print_table

_GROUP = 50
_ROUNDS = 3
_START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    # A crawl has a few portals at a time, each with its WARC file.
    articles = [replace(made(number), site=f"portal-{number % 4}") for number in range(count)]
    ways: dict[str, Callable[[Path, Sequence[Made]], None]] = {
        "sqlite-utils, one table with FTS5": into_a_table,
        "huyen, everything": into_an_archive,
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as directory:
                begun = time.process_time()
                way(Path(directory), articles)
                best[name] = min(best[name], time.process_time() - begun)
    print_surroundings("sqlite-utils")
    least = min(best.values())
    rows = [
        [name, f"{count / taken:,.0f}", f"{1000 * taken / count:.2f}", f"{taken / least:.2f} ×"]
        for name, taken in best.items()
    ]
    print_table(["", "articles / CPU-s", "ms an article", "beside the first"], rows)


def into_a_table(directory: Path, articles: Sequence[Made]) -> None:
    """The plain way."""
    database = Database(directory / "plain.db")
    with closing(database.conn):
        database.enable_wal()
        table = database.table("article")
        table.create({"id": int, "site": str, "url": str, "title": str, "body": str}, pk="id")
        table.enable_fts(
            ["title", "body"], tokenize="unicode61 remove_diacritics 2", create_triggers=True
        )
        for first in range(0, len(articles), _GROUP):
            table.insert_all(
                {
                    "id": number,
                    "site": page.site,
                    "url": page.article.url,
                    "title": page.article.title,
                    "body": page.article.body_text,
                }
                for number, page in enumerate(articles[first : first + _GROUP], first)
            )


def into_an_archive(directory: Path, articles: Sequence[Made]) -> None:
    """Through the one write path."""
    with ArchiveWriter.open(directory, "crawl", group_size=_GROUP) as writer:
        for number, page in enumerate(articles):
            article = page.article
            payload = f"<h1>{escape(article.title)}</h1>{escape(article.body_text)}".encode()
            capture = writer.record_exchange(
                page.site,
                Exchange(
                    url=article.url,
                    fetched_at=_START + timedelta(seconds=number),
                    request=b"GET / HTTP/1.1\r\n\r\n",
                    response_head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
                    payload=payload,
                    status=200,
                    media_type="text/html",
                ),
            )
            writer.record_reading(capture, Reading(PageKind.ARTICLE, "benchmark", "1", article))


if __name__ == "__main__":
    main()
