"""Which version of an article is shown and searched, and all that follows from it: the entry in the
search index, the articles with the same text, and those with almost the same."""

from __future__ import annotations

import sqlite3

from archive.full_text import changed
from archive.near_duplicates import refresh


def make_current(connection: sqlite3.Connection, article_id: int, version_id: int) -> None:
    """Makes this version the shown one. Inside a transaction of the caller."""
    old = _current(connection, article_id)
    if old is not None:
        changed(connection, old["id"])
    connection.execute("UPDATE article SET version_id = ? WHERE id = ?", (version_id, article_id))
    new = _current(connection, article_id)
    assert new is not None
    changed(connection, version_id)
    if old is not None and old["text_hash"] != new["text_hash"]:
        connection.execute("UPDATE article SET duplicate_of = NULL WHERE id = ?", (article_id,))
        link_duplicates(connection, old["text_hash"])
    link_duplicates(connection, new["text_hash"])
    refresh(connection, article_id)


def link_duplicates(connection: sqlite3.Connection, text_hash: str | None) -> None:
    """All articles with this text point to the one published first (the lowest id decides between
    equals), whichever was crawled first. A withheld one is pointed to only by its like."""
    if text_hash is None:
        return
    rows = connection.execute(
        """
        SELECT a.id FROM version v JOIN article a ON a.version_id = v.id WHERE v.text_hash = ?
        ORDER BY a.status = 'withheld', v.published_at IS NULL, v.published_at, a.id
        """,
        (text_hash,),
    ).fetchall()
    for place, row in enumerate(rows):
        connection.execute(
            "UPDATE article SET duplicate_of = ?1 WHERE id = ?2 AND duplicate_of IS NOT ?1",
            (rows[0][0] if place else None, row[0]),
        )


def _current(connection: sqlite3.Connection, article_id: int) -> sqlite3.Row | None:
    cursor = connection.execute(
        "SELECT v.*, a.url FROM article a JOIN version v ON v.id = a.version_id WHERE a.id = ?",
        (article_id,),
    )
    cursor.row_factory = sqlite3.Row
    row: sqlite3.Row | None = cursor.fetchone()
    return row
