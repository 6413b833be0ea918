"""Where the words of a withheld article are still shown: copies on other portals and under other
numbers, also those that came after it was withheld.

A withheld article has no signature and is in no pair, so its text is compared anew when asked.
"""

from __future__ import annotations

import json
import sqlite3

from archive.clusters import Alike
from archive.identity import SHORTEST_TELLING_BODY
from archive.near_duplicates import ALIKE
from archive.signatures import numbers, shingles, sign_text, similarity

_MOST_VERSIONS = 20  # of the withheld ones, the latest
_MOST_CANDIDATES = 1_000


def shown_copies(connection: sqlite3.Connection, article_id: int) -> tuple[Alike, ...]:
    """The other articles that are shown and say what a withheld version of this one says, or almost
    (archive.near_duplicates), most alike first; empty where nothing of the article is withheld."""
    found: dict[int, Alike] = {}
    for version in _withheld(connection, article_id):
        content = _shingles(version)
        for other in _candidates(connection, article_id, version):
            same = version["text_hash"] is not None and version["text_hash"] == other["text_hash"]
            alike = 1.0 if same else similarity(content, _shingles(other))
            known = found.get(other["id"])
            if alike >= ALIKE and (known is None or known.similarity < alike):
                found[other["id"]] = Alike(
                    id=other["id"],
                    site=other["site"],
                    portal=other["portal"] or other["site"],
                    title=other["title"],
                    url=other["url"],
                    published_at=other["published_at"],
                    similarity=round(alike, 4),
                    same_text=same,
                    same_numbers=numbers(version["title"]) == numbers(other["title"]),
                )
    return tuple(sorted(found.values(), key=lambda alike: (-alike.similarity, alike.id)))


def _withheld(connection: sqlite3.Connection, article_id: int) -> list[sqlite3.Row]:
    return _rows(
        connection,
        """
        SELECT v.text_hash, v.title, v.summary, v.body_text
        FROM article a JOIN version v ON v.article_id = a.id
        WHERE a.id = ? AND (a.status = 'withheld' OR v.id IN (SELECT id FROM withheld_version))
        ORDER BY v.id DESC LIMIT ?
        """,
        (article_id, _MOST_VERSIONS),
    )


def _candidates(
    connection: sqlite3.Connection, article_id: int, version: sqlite3.Row
) -> list[sqlite3.Row]:
    """Shown articles with the same words, that share a band of the signature, or that were not
    compared with anything yet."""
    bands = sign_text(_text(version)).bands if _tells(version) else ()
    return _rows(
        connection,
        """
        WITH candidate(id) AS (
            SELECT a.id FROM version v JOIN article a ON a.version_id = v.id
            WHERE v.text_hash = :text_hash
            UNION SELECT b.article_id FROM json_each(:bands) k
            JOIN signature_band b ON b.key = k.value
            UNION SELECT id FROM article WHERE id > (
                SELECT cast(value AS INTEGER) FROM meta WHERE key = 'signatures_through'))
        SELECT a.id, a.site, a.url, v.text_hash, v.title, v.summary, v.body_text, v.published_at,
               s.name AS portal
        FROM candidate c JOIN article a ON a.id = c.id JOIN version v ON v.id = a.version_id
        LEFT JOIN site s ON s.slug = a.site
        WHERE a.status <> 'withheld' AND a.id <> :article_id LIMIT :most
        """,
        {
            "text_hash": version["text_hash"],
            "bands": json.dumps(bands),
            "article_id": article_id,
            "most": _MOST_CANDIDATES,
        },
    )


def _shingles(version: sqlite3.Row) -> frozenset[str]:
    return shingles(_text(version)) if _tells(version) else frozenset()


def _text(version: sqlite3.Row) -> str:
    return f"{version['summary']}\n{version['body_text']}"


def _tells(version: sqlite3.Row) -> bool:
    return len(version["summary"]) + len(version["body_text"]) > SHORTEST_TELLING_BODY


def _rows(connection: sqlite3.Connection, sql: str, parameters: object) -> list[sqlite3.Row]:
    cursor = connection.execute(sql, parameters)  # type: ignore[arg-type]
    cursor.row_factory = sqlite3.Row
    return cursor.fetchall()
