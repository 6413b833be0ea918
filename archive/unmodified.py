"""What "not modified" says of an article: it is still there, and says what it said."""

from __future__ import annotations

import sqlite3

from archive import absences


def note_unmodified(connection: sqlite3.Connection, site: str, url_key: str, at: str) -> bool:
    """A capture that is stored says 304 (RFC 9110, section 15.4.5) under this URL at this time (UTC
    text). Whether an article was seen so. Inside a transaction of the caller."""
    row = connection.execute(
        "UPDATE article_url SET last_seen = max(last_seen, ?) WHERE site = ? AND url_key = ? "
        "RETURNING article_id",
        (at, site, url_key),
    ).fetchone()
    if row is None:
        return False
    article_id = int(row[0])
    connection.execute(
        "UPDATE article SET last_seen = max(last_seen, ?) WHERE id = ?", (at, article_id)
    )
    absences.note_seen(connection, article_id)
    return True
