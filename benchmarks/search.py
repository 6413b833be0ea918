"""How long a search takes, and what its shortcuts cost, in an archive made by benchmarks.search_archive.

    python -m benchmarks.search_archive DIRECTORY ARTICLES
    python -m benchmarks.search DIRECTORY [--cold] [--overlap]

Every query is new, made from the vocabulary of the articles, and asked once: the list of hits as the
command and the reader show it, twenty with their snippets. Milliseconds of CPU (other work on the machine
counts less so) and by the clock. --cold drops the file from the system's cache and opens the archive anew
before each query. --overlap compares the first ten hits with the order that a look at every match gives.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archive.database import DATABASE_NAME, open_for_reading
from archive.facets import facets
from archive.matches import Matches
from archive.query import parse
from archive.ranking import Candidate, in_order
from archive.search import Sort, search
from archive.strictness import levels
from archive.vietnamese import fold
from benchmarks.search_articles import (
    document_number,
    office_phrase,
    person,
    portals,
    topic_words,
    words,
)
from benchmarks.surroundings import print_surroundings, print_table

_EACH = 40  # queries of a kind
_OVERLAP_EACH = 8


def _rare(choice: random.Random) -> str:
    return choice.choice(words()[15_000:])


def _common(choice: random.Random) -> str:
    return choice.choice(
        ["va", "dan", "xã", "huyện", "các", "hội", "nghị", "thực", "được", "trong"]
    )


def _topic(choice: random.Random, count: int) -> str:
    own = topic_words(choice)
    return " ".join(choice.choice(own[:30]) for _ in range(count))


# Each kind with how often it is asked in the mix, of a hundred.
_KINDS: dict[str, tuple[int, Callable[[random.Random], str]]] = {
    "rare word": (8, _rare),
    "common word": (4, _common),
    "what offices write, with diacritics": (14, office_phrase),
    "the same without": (14, lambda choice: fold(office_phrase(choice))),
    "two words of a topic": (16, lambda choice: _topic(choice, 2)),
    "four words of a topic, without diacritics": (8, lambda choice: fold(_topic(choice, 4))),
    "person": (8, person),
    "person, without diacritics": (6, lambda choice: fold(person(choice))),
    "person, in quotation marks": (3, lambda choice: f'"{person(choice)}"'),
    "number of a document": (5, document_number),
    "phrase in quotation marks": (4, lambda choice: f'"{office_phrase(choice)}"'),
    "beginning of a word": (2, lambda choice: f"{fold(office_phrase(choice))[:4].strip()}*"),
    "one portal": (4, lambda c: f"{office_phrase(c)} site:{c.choice(portals()).slug}"),
    "one year": (4, lambda c: f"{office_phrase(c)} tu:{(y := c.randint(2010, 2024))} den:{y}"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--overlap", action="store_true")
    options = parser.parse_args()
    print_surroundings()
    _print_size(options.directory)
    if options.overlap:
        _print_overlap(options.directory)
    else:
        _print_latency(options.directory, options.cold)


def _print_latency(directory: Path, cold: bool) -> None:
    rows: list[list[object]] = []
    mix: list[tuple[float, float]] = []
    asked = {kind: make for kind, (_, make) in _KINDS.items()}
    for kind, make in asked.items():
        times = _times(directory, [make(random.Random(f"{kind}{n}")) for n in range(_EACH)], cold)
        rows.append([kind, *_summary(times)])
        share = _KINDS[kind][0]
        mix += (times * (share * 4 // _EACH + 1))[: share * 4]
    rows.append(["**the mix**", *_summary(mix)])
    queries = [office_phrase(random.Random(n)) for n in range(_EACH)]
    rows.append(["newest first", *_summary(_times(directory, queries, cold, Sort.NEWEST))])
    rows.append(["facets of a search", *_summary(_times(directory, queries, cold, count=True))])
    print_table(["", "CPU p50", "p95", "p99", "clock p50", "p95", "p99"], rows)


def _times(
    directory: Path,
    queries: list[str],
    cold: bool,
    sort: Sort = Sort.RELEVANCE,
    count: bool = False,
) -> list[tuple[float, float]]:
    """CPU and clock milliseconds of each query; with ``count`` of its facets alone."""
    found = []
    connection = open_for_reading(directory)
    if not cold:
        search(connection, "khởi động")
    for query in queries:
        if cold:
            connection.close()
            _forget(directory / DATABASE_NAME)
            connection = open_for_reading(directory)
        results = search(connection, query, limit=0) if count else None
        cpu, clock = time.process_time(), time.perf_counter()
        if results is None:
            search(connection, query, sort=sort)
        else:
            facets(connection, results.query)
        found.append((1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - clock)))
    connection.close()
    return found


def _forget(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def _summary(times: list[tuple[float, float]]) -> list[str]:
    out = []
    for which in (0, 1):
        taken = sorted(pair[which] for pair in times)
        out += [f"{taken[min(len(taken) - 1, int(len(taken) * p))]:.1f}" for p in (0.5, 0.95, 0.99)]
    return out


def _print_overlap(directory: Path) -> None:
    """Of the first ten, how many are also first when every match is looked at."""
    rows = []
    with closing(open_for_reading(directory)) as connection:
        for kind, (_, make) in _KINDS.items():
            shared, matches, worth = 0.0, 0, 0.0
            for n in range(_OVERLAP_EACH):
                query = make(random.Random(f"overlap{kind}{n}"))
                best, count = _best(connection, query)
                shown = {hit.id: hit.score for hit in search(connection, query, limit=10).hits}
                first = dict(list(best.items())[: len(shown)])
                shared += len(first.keys() & shown.keys()) / (len(shown) or 1)
                worth += sum(shown.values()) / (sum(first.values()) or 1)
                matches += count
            rows.append(
                [kind, f"{matches / _OVERLAP_EACH:,.0f}"]
                + [f"{value / _OVERLAP_EACH:.2f}" for value in (shared, worth)]
            )
    print_table(
        ["", "articles that match", "of the first ten the same", "their score beside the best"],
        rows,
    )


def _best(connection: sqlite3.Connection, text: str) -> tuple[dict[int, float], int]:
    """The first articles when all that match at the strictest level with any match are weighed."""
    query = search(connection, parse(text), limit=0).query
    matches = Matches(connection, query)
    for level in levels(query):
        versions = [
            version_id
            for version_id in matches.versions(level)
            if matches.is_exact(level) or matches.holds(version_id, level)
        ]
        rows = connection.execute(
            "SELECT a.id, a.version_id, coalesce(a.duplicate_of, a.id) FROM json_each(?) "
            "CROSS JOIN article a ON a.version_id = value ORDER BY a.duplicate_of IS NOT NULL, a.id",
            (json.dumps(versions),),
        )
        texts: dict[int, Candidate] = {}
        for article_id, version_id, group in rows:
            texts.setdefault(group, Candidate(article_id, version_id, group, level))
        if texts:
            order = in_order(connection, query, list(texts.values()))
            return {one.candidate.article_id: one.score for one in order[:10]}, len(versions)
    return {}, 0


def _print_size(directory: Path) -> None:
    with closing(open_for_reading(directory)) as connection:
        text, articles = connection.execute(
            "SELECT sum(length(CAST(title || summary || body_text || author AS BLOB))), count(*) "
            "FROM version WHERE id IN (SELECT id FROM version_fts_docsize)"
        ).fetchone()
        sizes = {
            "sets": "SELECT sum(length(versions)) + 10 * count(*) FROM search_set",
            "their keys": "SELECT 2 * sum(length(CAST(key AS BLOB)) + 6) FROM search_key",
            "pairs": "SELECT sum(length(block)) FROM version_pair_data",
            "places": "SELECT sum(length(block)) FROM version_fts_data",
        }
        parts = {name: connection.execute(sql).fetchone()[0] for name, sql in sizes.items()}
    index = sum(parts.values())
    told = ", ".join(f"{name} {size / 1e6:,.0f}" for name, size in parts.items())
    print(
        f"{articles:,} articles, {text / 1e6:,.0f} MB of text, index {index / 1e6:,.0f} MB "
        f"({index / text:.2f} of the text): {told}\n"
    )


if __name__ == "__main__":
    main()
