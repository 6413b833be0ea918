"""Articles that may be the one on a page whose address is new: by title and day, or because an old
address leads there. archive.identity decides which of them it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archive.absences import REDIRECTS
from archive.identity import recognition_key
from archive.urls import key_of

_FORM = "1"
_MOST_CANDIDATES = 20  # a form letter stands on hundreds of pages with one title and one day
_MOST_STEPS = 5  # redirects after one another


def add_key(
    connection: sqlite3.Connection,
    site: str,
    article_id: int,
    title: str,
    published_at: str | None,
) -> None:
    """Lets the article be found by this title and day. Inside a transaction of the caller."""
    key = recognition_key(title, published_at)
    if key is not None:
        connection.execute(
            "INSERT OR IGNORE INTO recognition VALUES (?, ?, ?)", (site, key, article_id)
        )


def of_same_title_and_day(
    connection: sqlite3.Connection, site: str, title: str, published_at: str | None
) -> list[int]:
    """Articles of the site with this title and day, in any version of theirs; oldest first."""
    key = recognition_key(title, published_at)
    if key is None:
        return []
    rows = connection.execute(
        "SELECT article_id FROM recognition WHERE site = ? AND key = ? ORDER BY article_id LIMIT ?",
        (site, key, _MOST_CANDIDATES),
    )
    return [article for (article,) in rows]


def led_from(connection: sqlite3.Connection, capture: sqlite3.Row) -> Iterator[str]:
    """The URL keys of the addresses that led to this capture by redirects, nearest first."""
    via, run_id, site = capture["via"], capture["run_id"], capture["site"]
    for _ in range(_MOST_STEPS):
        if not via:
            return
        key = key_of(via)
        row = connection.execute(
            f"""
            SELECT via FROM capture
            WHERE url_key = ? AND run_id = ? AND site = ? AND id < ?
              AND status IN ({", ".join(map(str, REDIRECTS))})
            ORDER BY id DESC LIMIT 1
            """,
            (key, run_id, site, capture["id"]),
        ).fetchone()
        if row is None:
            return
        yield key
        via = row[0]


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Makes the keys of an archive that was written before they were kept, or with another form of
    them. Inside a transaction of the caller."""
    known = connection.execute("SELECT value FROM meta WHERE key = 'recognition'").fetchone()
    if known is not None and known[0] == _FORM:
        return
    connection.execute("DELETE FROM recognition")
    versions = connection.execute(
        "SELECT a.site, a.id, v.title, v.published_at FROM version v JOIN article a ON a.id = v.article_id"
    )
    for site, article_id, title, published_at in versions:
        add_key(connection, site, article_id, title, published_at)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('recognition', ?)", (_FORM,))
