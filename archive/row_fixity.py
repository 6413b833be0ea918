"""Do the rows of the database agree with each other, and each version with its content hash?"""

from __future__ import annotations

import sqlite3

from archive.articles import article_of
from archive.damage import Findings
from archive.database import DATABASE_NAME
from archive.schema import Article

_QUERIES = (
    (
        "dangling-revisit",
        "the revisit refers to a capture that does not hold its payload",
        """
        SELECT 'capture ' || c.id FROM capture c LEFT JOIN capture o ON o.id = c.refers_to
        WHERE c.record_type = 'revisit'
          AND (o.record_type IS NOT 'response' OR o.payload_digest IS NULL
               OR c.payload_digest IS NOT NULL AND c.payload_digest <> o.payload_digest)
        """,
    ),
    (
        "row-without-bytes",
        "the row points beyond the bytes known to be durable",
        """
        SELECT 'capture ' || c.id FROM capture c JOIN warc w ON w.id = c.warc_id
        WHERE c.warc_offset + c.warc_length > w.length
        """,
    ),
    (
        "article",
        "the article has no current version",
        """
        SELECT 'article ' || a.id FROM article a LEFT JOIN version v ON v.id = a.version_id
        WHERE v.article_id IS NOT a.id
        """,
    ),
)


def check_database(connection: sqlite3.Connection, findings: Findings) -> None:
    """The database file itself. Not inside a transaction."""
    # In a transaction of its own, which is given up: a damaged full-text index takes part in it from
    # here on, and would let whatever comes after fail.
    connection.execute("BEGIN")
    damage = [row[0] for row in connection.execute("PRAGMA quick_check")]
    connection.execute("ROLLBACK")
    if damage != ["ok"]:
        findings.add_some("database", [(DATABASE_NAME, text) for text in damage])


def check_rows(connection: sqlite3.Connection, findings: Findings) -> None:
    """References, and the rules that rows keep."""
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    findings.add_some(
        "foreign-key",
        [
            (f"{row[0]} {row[1]}", f"refers to a row of {row[2]} that does not exist")
            for row in broken
        ],
    )
    for kind, message, sql in _QUERIES:
        findings.add_some(kind, [(row[0], message) for row in connection.execute(sql)])


_OTHER_TEXT = """
    SELECT f.id FROM attachment_file f
    WHERE (f.parts, f.characters) IS NOT (
            SELECT count(*), coalesce(sum(length(text)), 0) FROM attachment_part WHERE file_id = f.id)
        -- else a page was recognised and the file is not finished
        AND NOT EXISTS (
            SELECT 1 FROM attachment_part WHERE file_id = f.id AND indexed = 0 AND text <> '')
"""


def check_contents(connection: sqlite3.Connection, findings: Findings) -> None:
    """Every version has the content that its hash was computed of, every attached file as much text
    as was read from it."""
    rows = connection.execute(
        "SELECT v.*, a.url FROM version v JOIN article a ON a.id = v.article_id"
    )
    changed = [f"version {row['id']}" for row in rows if not _has_its_hash(row)]
    message = "the content does not have its content hash"
    findings.add_some("content", [(version, message) for version in changed])
    message = "its text is not as long as when it was read"
    files = changed_texts(connection)
    findings.add_some("attachment", [(f"attachment_file {file}", message) for file in files])


def changed_texts(connection: sqlite3.Connection) -> list[int]:
    """The ids of attached files that do not have as much text as was read from them."""
    return [row[0] for row in connection.execute(f"{_OTHER_TEXT} ORDER BY f.id")]


def readable_content(version: sqlite3.Row) -> Article | None:
    """The content of a version with its article's ``url``, None where the row is damaged."""
    try:
        return article_of(version)
    except (ValueError, TypeError):  # lists that are no JSON, or not of ours
        return None


def _has_its_hash(version: sqlite3.Row) -> bool:
    content = readable_content(version)
    return content is not None and content.content_hash() == version["content_hash"]
