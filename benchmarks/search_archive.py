"""Makes an archive of any number of made-up articles, for measuring search.

    python -m benchmarks.search_archive DIRECTORY ARTICLES [--without-pairs]

The rows are written to the tables in bulk, by SQL, since writing a million pages and their WARC records is
measured elsewhere; hashes, the full-text index and the pairs of almost the same text are made by the archive's
own functions. There are no WARC files: the captures have no bytes. A build that was stopped goes on where it
was when it is started again.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from archive import full_text, near_duplicates
from archive.database import open_for_writing, transaction
from archive.identity import text_hash
from archive.timestamps import utc_text
from archive.urls import key_of
from benchmarks.search_articles import Made, made, portals
from benchmarks.surroundings import cpu_seconds

_START = datetime(2026, 1, 1, tzinfo=UTC)
_AT_ONCE = 5_000  # articles in a transaction
_CACHE_KIB = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("articles", type=int)
    parser.add_argument("--without-pairs", action="store_true", help="no near-duplicates")
    options = parser.parse_args()
    with closing(open_for_writing(options.directory)) as connection:
        # A build that the machine interrupts is begun again, so nothing has to be durable.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        write_rows(connection, options.articles)
        with transaction(connection):
            full_text.bring_up_to_date(connection)
            near_duplicates.bring_up_to_date(connection)
        _in_steps(connection, "indexed", full_text.catch_up)
        if not options.without_pairs:
            _in_steps(connection, "compared", near_duplicates.catch_up)
        connection.execute("PRAGMA optimize")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _in_steps(
    connection: sqlite3.Connection, done: str, step: Callable[[sqlite3.Connection, int], bool]
) -> None:
    begun, count, more = cpu_seconds(), 0, True
    while more:
        with transaction(connection):
            more = step(connection, _AT_ONCE)
        count += _AT_ONCE
        _say(f"{count:,} {done}, {cpu_seconds() - begun:.1f} CPU-s")


def write_rows(connection: sqlite3.Connection, articles: int) -> None:
    """Articles up to that number, each with a version, a capture and a reading."""
    (have,) = connection.execute("SELECT count(*) FROM article").fetchone()
    if not have:
        with transaction(connection):
            connection.execute(
                "INSERT INTO run(command, software, started_at, ended_at, outcome) "
                "VALUES ('crawl', 'benchmark', ?, ?, 'done')",
                (utc_text(_START), utc_text(_START)),
            )
            connection.executemany(
                "INSERT INTO site(slug, name, province, home, state, recorded_at) "
                "VALUES (?, ?, ?, ?, 'active', ?)",
                [
                    (p.slug, p.name, p.province, f"https://{p.slug}.example/", utc_text(_START))
                    for p in portals()
                ],
            )
    firsts: dict[str, int] = dict(
        connection.execute(
            "SELECT v.text_hash, min(a.id) FROM version v JOIN article a ON a.version_id = v.id "
            "WHERE v.text_hash IS NOT NULL AND a.duplicate_of IS NULL GROUP BY 1"
        ).fetchall()
    )
    numbers = iter(range(have, articles))
    while some := list(islice(numbers, _AT_ONCE)):
        with transaction(connection):
            for number in some:
                _write(connection, number + 1, made(number), firsts)
        _say(f"{some[-1] + 1:,} articles")


def _write(connection: sqlite3.Connection, row_id: int, page: Made, firsts: dict[str, int]) -> None:
    """One article; its rows all have the same id."""
    article, at = page.article, utc_text(_START + timedelta(seconds=row_id))
    key, words = key_of(article.url), text_hash(page.article.title, page.article.body_text)
    first = firsts.setdefault(words, row_id) if words else row_id
    connection.execute(
        "INSERT INTO capture(id, run_id, site, url, url_key, fetched_at, status, media_type) "
        "VALUES (?, 1, ?, ?, ?, ?, 200, 'text/html')",
        (row_id, page.site, article.url, key, at),
    )
    connection.execute(
        "INSERT INTO article(id, site, url, url_key, first_seen, last_seen, duplicate_of) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (row_id, page.site, article.url, key, at, at, None if first == row_id else first),
    )
    connection.execute(
        "INSERT INTO article_url VALUES (?, ?, ?, ?, ?, ?)",
        (page.site, key, article.url, row_id, at, at),
    )
    connection.execute(
        "INSERT INTO version(id, article_id, number, cause, content_hash, text_hash, capture_id, "
        "run_id, extractor, extractor_version, confidence, recorded_at, title, summary, body_text, "
        "author, category, published_at, attachments) "
        "VALUES (?1, ?1, 1, 'first', ?, ?, ?1, 1, 'benchmark', '1', 1.0, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row_id,
            article.content_hash(),
            words,
            at,
            article.title,
            article.summary,
            article.body_text,
            article.author,
            json.dumps(article.category, ensure_ascii=False),
            article.published_at,
            json.dumps([asdict(a) for a in article.attachments], ensure_ascii=False),
        ),
    )
    connection.execute("UPDATE article SET version_id = ?1 WHERE id = ?1", (row_id,))
    full_text.changed(connection, row_id)
    connection.execute(
        "INSERT INTO reading(capture_id, kind, article_id, version_id, extractor, "
        "extractor_version, confidence) VALUES (?1, 'article', ?1, ?1, 'benchmark', '1', 1.0)",
        (row_id,),
    )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
