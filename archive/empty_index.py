"""Emptying a full-text index, also one that SQLite can no longer open."""

from __future__ import annotations

import sqlite3

_SHADOW_TABLES = ("data", "idx", "docsize", "config")  # https://sqlite.org/fts5.html, section 9


def empty_index(connection: sqlite3.Connection, table: str) -> None:
    """Leaves the contentless FTS5 table ``table`` as it was when it was created, whatever its state.
    Inside a transaction of the caller. Raises sqlite3.DatabaseError where even the tables behind it
    cannot be written."""
    try:
        connection.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
    except sqlite3.DatabaseError:  # without its structure record it has no constructor
        _replace_shadow_tables(connection, table)


def _replace_shadow_tables(connection: sqlite3.Connection, table: str) -> None:
    (sql,) = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE name = ? AND type = 'table'", (table,)
    ).fetchone()
    fresh = f"fresh_{table}"
    connection.execute(sql.replace(table, f"temp.{fresh}", 1))
    for name in _SHADOW_TABLES:
        if name == "docsize" and "columnsize=0" in sql:
            continue
        connection.execute(f"DELETE FROM main.{table}_{name}")
        connection.execute(f"INSERT INTO main.{table}_{name} SELECT * FROM temp.{fresh}_{name}")
    connection.execute(f"DROP TABLE temp.{fresh}")
