"""Keeping the full-text index true: one entry for the current version of each article.

The index is contentless: an entry can only be removed by giving it the very text it was made from.
That text is derived again from the version, which never changes; should the derivation change
(archive.index_text), the whole index is made anew, in steps, by the next command that writes.
"""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache

from archive.articles import article_of
from archive.database import transaction
from archive.index_text import HOLDING, IndexEntry, index_entry
from archive.schema import Article, Attachment, Image

COLUMNS = ", ".join(IndexEntry._fields)
INSERT_ENTRY = (
    f"INSERT INTO version_fts(rowid, {COLUMNS}) VALUES (?{', ?' * len(IndexEntry._fields)})"
)
_DELETE = (
    f"INSERT INTO version_fts(version_fts, rowid, {COLUMNS}) "
    f"VALUES ('delete', ?{', ?' * len(IndexEntry._fields)})"
)
CURRENT_VERSIONS = "SELECT v.*, a.url, a.site FROM article a JOIN version v ON v.id = a.version_id"

_AT_ONCE = 1_000  # articles indexed in one transaction

_PROBE = Article(
    url="",
    title="Uỷ ban HUYỆN Đắk Hà: Quý II",
    summary="Thuỷ lợi, hoà giải",
    body_text="Nghị quyết số 35-NQ/TW\nToàn huyện ĐẢM BẢO",
    author="Ðỗ Khoẻ",
    images=(Image("a", "Ảnh: ngã ba", "b"),),
    attachments=(Attachment("c", "Tờ trình.pdf"),),
)


def entry_of(version: sqlite3.Row) -> IndexEntry:
    """What the index holds of a version; the row also has the article's ``url`` and ``site``."""
    return index_entry(article_of(version), version["site"])


def add_entry(connection: sqlite3.Connection, version: sqlite3.Row) -> None:
    """Indexes a version; the row also has the article's ``url``. Does nothing while the index is being
    made anew and has not come to the article."""
    if not _is_ahead(connection, version):
        connection.execute(INSERT_ENTRY, (version["id"], *_entry(connection, version)))


def remove_entry(connection: sqlite3.Connection, version: sqlite3.Row) -> None:
    """Removes the entry that `add_entry` made of the version."""
    if not _is_ahead(connection, version):
        connection.execute(_DELETE, (version["id"], *_entry(connection, version)))


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Empties the index if it was made by another derivation than today's; then `catch_up` has to make
    it anew. Inside a transaction of the caller."""
    if is_current(connection):
        return
    connection.execute("INSERT INTO version_fts(version_fts) VALUES ('delete-all')")
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        [("index_text", _form()), ("index_through", "0")],
    )


def catch_up(connection: sqlite3.Connection, limit: int) -> bool:
    """Indexes the next ``limit`` articles that the index has not come to; says whether there may be
    more. Inside a transaction of the caller."""
    through = indexed_through(connection)
    if through is None:
        return False
    cursor = connection.execute(
        f"{CURRENT_VERSIONS} WHERE a.id > ? ORDER BY a.id LIMIT ?", (through, limit)
    )
    cursor.row_factory = sqlite3.Row
    last, count = through, 0
    for version in cursor:
        connection.execute(INSERT_ENTRY, (version["id"], *entry_of(version)))
        last, count = version["article_id"], count + 1
    if count < limit:
        connection.execute("DELETE FROM meta WHERE key = 'index_through'")
        return False
    connection.execute("UPDATE meta SET value = ? WHERE key = 'index_through'", (str(last),))
    return True


def complete(connection: sqlite3.Connection) -> None:
    """Makes the index whole before anything else is written, some articles in each transaction: what
    is stopped goes on where it was. Outside of a transaction."""
    while indexed_through(connection) is not None:
        with transaction(connection):
            catch_up(connection, _AT_ONCE)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the index was made by today's derivation, so that entries may be removed from it."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'index_text'").fetchone()
    return row is not None and row[0] == _form()


def indexed_through(connection: sqlite3.Connection) -> int | None:
    """While the index is being made: the number of the article it has come to. Otherwise None."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'index_through'").fetchone()
    return None if row is None else int(row[0])


def _entry(connection: sqlite3.Connection, version: sqlite3.Row) -> IndexEntry:
    (site,) = connection.execute(
        "SELECT site FROM article WHERE id = ?", (version["article_id"],)
    ).fetchone()
    return index_entry(article_of(version), site)


def _is_ahead(connection: sqlite3.Connection, version: sqlite3.Row) -> bool:
    through = indexed_through(connection)
    return through is not None and version["article_id"] > through


@cache
def _form() -> str:
    return hashlib.sha256(
        repr((*index_entry(_PROBE, "tho-xuan"), sorted(HOLDING))).encode()
    ).hexdigest()
