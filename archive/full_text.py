"""Keeping the full-text index true: one entry for the current version of each article.

The index is contentless: an entry can only be removed by giving it the very text it was made from.
That text is derived again from the version, which never changes; should the derivation change
(archive.index_text), the whole index is made anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache

from archive.articles import article_of
from archive.index_text import index_text
from archive.schema import Article, Attachment, Image

INSERT_ENTRY = (
    "INSERT INTO version_fts(rowid, title_exact, body_exact, title_folded, body_folded) "
    "VALUES (?, ?, ?, ?, ?)"
)
_DELETE = (
    "INSERT INTO version_fts"
    "(version_fts, rowid, title_exact, body_exact, title_folded, body_folded) "
    "VALUES ('delete', ?, ?, ?, ?, ?)"
)
CURRENT_VERSIONS = "SELECT v.*, a.url FROM article a JOIN version v ON v.id = a.version_id"

_PROBE = Article(
    url="",
    title="Uỷ ban HUYỆN Đắk Hà: Quý II",
    summary="Thuỷ lợi, hoà giải",
    body_text="Nghị quyết số 35-NQ/TW\nToàn huyện ĐẢM BẢO",
    author="Ðỗ Khoẻ",
    images=(Image("a", "Ảnh: ngã ba", "b"),),
    attachments=(Attachment("c", "Tờ trình.pdf"),),
)


def add_entry(connection: sqlite3.Connection, version: sqlite3.Row) -> None:
    """Indexes a version; the row also has the article's ``url``."""
    connection.execute(INSERT_ENTRY, (version["id"], *index_text(article_of(version))))


def remove_entry(connection: sqlite3.Connection, version: sqlite3.Row) -> None:
    """Removes the entry of a version that was indexed before."""
    connection.execute(_DELETE, (version["id"], *index_text(article_of(version))))


def bring_up_to_date(connection: sqlite3.Connection) -> bool:
    """Makes the index anew if it was made by another derivation than today's; says whether it
    did. Inside a transaction of the caller."""
    made_by = _made_by(connection)
    if made_by == _form():
        return False
    connection.execute("INSERT INTO version_fts(version_fts) VALUES ('delete-all')")
    cursor = connection.execute(CURRENT_VERSIONS)
    cursor.row_factory = sqlite3.Row
    for version in cursor:
        add_entry(connection, version)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('index_text', ?)", (_form(),))
    return made_by is not None


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the index was made by today's derivation, so that entries may be removed from it."""
    return _made_by(connection) == _form()


def _made_by(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'index_text'").fetchone()
    return None if row is None else str(row[0])


@cache
def _form() -> str:
    return hashlib.sha256(repr(tuple(index_text(_PROBE))).encode()).hexdigest()
