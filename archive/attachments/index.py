"""The full-text index of files: one entry a file, whose text is that of its legible parts.

One entry for a file and not one for each page, so that all words of a query may stand on different
pages. As in archive.full_text an entry is removed by giving it the text that it was made from: the
parts keep whether they are in it. All functions work inside a transaction of the caller.
"""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache

from archive.index_text import typed_key
from archive.vietnamese import fold

_INSERT = (
    "INSERT INTO attachment_fts(rowid, title_exact, body_exact, title_folded, body_folded) "
    "VALUES (?, '', ?, '', ?)"
)
_DELETE = (
    "INSERT INTO attachment_fts"
    "(attachment_fts, rowid, title_exact, body_exact, title_folded, body_folded) "
    "VALUES ('delete', ?, '', ?, '', ?)"
)
# Tesseract reads noise in handwriting: with a confidence of at most 36 on the pages of Krông Nô,
# where the worst printed page has 49.
LEGIBLE = 42.0
LEGIBLE_PARTS = f"text <> '' AND (confidence IS NULL OR confidence >= {LEGIBLE})"

_FORM_KEY = "attachment_index_text"
_PROBE = "Uỷ ban HUYỆN Đắk Hà: Quý II; Nghị quyết số 35-NQ/TW, ĐẢM BẢO"


def index_file(connection: sqlite3.Connection, file_id: int) -> None:
    """Makes the entry of a file hold the text of all its parts, as they are now."""
    remove_file(connection, file_id)
    connection.execute("UPDATE attachment_part SET indexed = 1 WHERE file_id = ?", (file_id,))
    if text := _indexed_text(connection, file_id):
        connection.execute(_INSERT, (file_id, typed_key(text), fold(text)))


def remove_file(connection: sqlite3.Connection, file_id: int) -> None:
    """Removes the entry of a file; to be called before the text of an indexed part changes."""
    if text := _indexed_text(connection, file_id):
        connection.execute(_DELETE, (file_id, typed_key(text), fold(text)))
    connection.execute("UPDATE attachment_part SET indexed = 0 WHERE file_id = ?", (file_id,))


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Empties the index if it was made by another derivation than today's. Its files are then as those
    of a run that was killed (archive.attachments.storage.unfinished_files): one transaction for all
    would keep a crawl waiting for minutes."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_FORM_KEY,)).fetchone()
    if row is not None and row[0] == _form():
        return
    connection.execute("INSERT INTO attachment_fts(attachment_fts) VALUES ('delete-all')")
    connection.execute("UPDATE attachment_part SET indexed = 0")
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_FORM_KEY, _form()))


def _indexed_text(connection: sqlite3.Connection, file_id: int) -> str:
    rows = connection.execute(
        "SELECT text FROM attachment_part "
        f"WHERE file_id = ? AND indexed AND {LEGIBLE_PARTS} ORDER BY number",
        (file_id,),
    )
    return "\n".join(text for (text,) in rows)


@cache
def _form() -> str:
    return hashlib.sha256(f"{LEGIBLE}\n{typed_key(_PROBE)}\n{fold(_PROBE)}".encode()).hexdigest()
