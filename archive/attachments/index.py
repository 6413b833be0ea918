"""The full-text index of files: one entry a file, whose text is that of its legible parts.

One entry for a file and not one for each page, so that all words of a query may stand on different
pages. As in archive.full_text an entry is removed by giving it the text that it was made from: the
parts keep whether they are in it. All functions work inside a transaction of the caller.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from functools import cache

from archive.empty_index import empty_index
from archive.index_text import typed_key
from archive.vietnamese import fold

COLUMNS = "title_exact, body_exact, title_folded, body_folded"
INSERT_ENTRY = f"INSERT INTO attachment_fts(rowid, {COLUMNS}) VALUES (?, '', ?, '', ?)"
_DELETE = f"INSERT INTO attachment_fts(attachment_fts, rowid, {COLUMNS}) VALUES ('delete', ?, '', ?, '', ?)"
# Tesseract reads noise in handwriting: with a confidence of at most 36 on the pages of Krông Nô,
# where the worst printed page has 49.
LEGIBLE = 42.0
LEGIBLE_PARTS = f"text <> '' AND (confidence IS NULL OR confidence >= {LEGIBLE})"
INDEXED_FILES = f"SELECT file_id FROM attachment_part WHERE indexed AND {LEGIBLE_PARTS}"

_FORM_KEY = "attachment_index_text"
_PROBE = "Uỷ ban HUYỆN Đắk Hà: Quý II; Nghị quyết số 35-NQ/TW, ĐẢM BẢO"


def index_file(connection: sqlite3.Connection, file_id: int) -> None:
    """Makes the entry of a file hold the text of all its parts, as they are now."""
    remove_file(connection, file_id)
    connection.execute("UPDATE attachment_part SET indexed = 1 WHERE file_id = ?", (file_id,))
    if text := _indexed_text(connection, file_id):
        connection.execute(INSERT_ENTRY, (file_id, typed_key(text), fold(text)))


def remove_file(connection: sqlite3.Connection, file_id: int) -> None:
    """Removes the entry of a file; to be called before the text of an indexed part changes."""
    if text := _indexed_text(connection, file_id):
        connection.execute(_DELETE, (file_id, typed_key(text), fold(text)))
    connection.execute("UPDATE attachment_part SET indexed = 0 WHERE file_id = ?", (file_id,))


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Empties the index if it was made by another derivation than today's. Its files are then as those
    of a run that was killed (archive.attachments.storage.unfinished_files): one transaction for all
    would keep a crawl waiting for minutes."""
    if not is_current(connection):
        empty(connection)


def empty(connection: sqlite3.Connection) -> None:
    """Removes all entries, whatever the state of the index; `index_file` makes them again."""
    empty_index(connection, "attachment_fts")
    connection.execute("UPDATE attachment_part SET indexed = 0")
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_FORM_KEY, _form()))


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the index was made by today's derivation."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_FORM_KEY,)).fetchone()
    return row is not None and row[0] == _form()


def entries(connection: sqlite3.Connection) -> Iterator[tuple[int, str, str]]:
    """What the index should hold: file, its text as typed and folded; for `INSERT_ENTRY`."""
    for (file_id,) in connection.execute(f"{INDEXED_FILES} GROUP BY file_id ORDER BY file_id"):
        text = _indexed_text(connection, file_id)
        yield file_id, typed_key(text), fold(text)


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
