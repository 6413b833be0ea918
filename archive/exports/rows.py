"""Articles as rows for other programs: JSON Lines, and CSV that is safe to open."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from archive.atomic_file import replacing
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.exports.selection import Selection

# The columns of the view, and where the text comes from; the lists are JSON in the database.
COLUMNS = (
    "id", "site", "url", "title", "summary", "body_text", "author", "category", "published_at",
    "updated_at", "images", "attachments", "language", "first_seen", "last_seen", "status",
    "versions", "duplicate_of", "content_hash", "capture_id", "capture_url", "fetched_at",
    "payload_digest", "warc_file", "warc_offset", "warc_length", "extractor", "extractor_version",
)  # fmt: skip

_LISTS = ("category", "images", "attachments")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the country


def export_jsonl(root: Path, out: Path, selection: Selection) -> int:
    """`write_jsonl` to the file ``out``, which appears when it is whole."""
    with replacing(out) as file:
        return write_jsonl(root, file, selection)


def write_jsonl(root: Path, file: IO[bytes], selection: Selection) -> int:
    """One JSON object a line for each current article of the selection, in the order of their ids;
    lists are lists. Returns their number. Raises ArchiveError."""
    count = 0
    for row in _articles(root, selection):
        lists = {name: json.loads(row[name]) for name in _LISTS}
        file.write(json.dumps(row | lists, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count


def export_csv(root: Path, out: Path, selection: Selection) -> int:
    """`write_csv` to the file ``out``, which appears when it is whole."""
    with replacing(out) as file:
        return write_csv(root, file, selection)


def write_csv(root: Path, file: IO[bytes], selection: Selection) -> int:
    """The same as CSV (RFC 4180, UTF-8 with a byte order mark); lists are JSON in their cell. A text
    that a spreadsheet would take for a formula has an apostrophe before it: what a portal prints
    must not run on the reader's computer. Returns the number of articles. Raises ArchiveError."""
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    text.write(_BOM)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    count = 0
    for row in _articles(root, selection):
        writer.writerow([harmless(row[name]) for name in COLUMNS])
        count += 1
    text.detach()
    return count


def harmless(value: Any) -> Any:
    """The value as a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _articles(root: Path, selection: Selection) -> Iterator[dict[str, Any]]:
    condition, values = selection.condition()
    with closing(open_for_reading(root)) as connection, sqlite_errors(root / DATABASE_NAME):
        connection.row_factory = sqlite3.Row
        for row in connection.execute(
            f"""
            SELECT a.id, a.site, a.url, a.title, a.summary, a.body_text, a.author, a.category,
                   a.published_at, v.updated_at, v.images, v.attachments, v.language, a.first_seen,
                   a.last_seen, a.status, a.versions, a.duplicate_of, v.content_hash, a.capture_id,
                   c.url AS capture_url, c.fetched_at, c.payload_digest, w.path AS warc_file,
                   c.warc_offset, c.warc_length, v.extractor, v.extractor_version
            FROM articles a JOIN article b ON b.id = a.id JOIN version v ON v.id = b.version_id
            JOIN capture c ON c.id = v.capture_id LEFT JOIN warc w ON w.id = c.warc_id
            WHERE {condition} ORDER BY a.id
            """,
            values,
        ):
            yield dict(row)
