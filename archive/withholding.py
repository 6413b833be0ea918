"""Withholding: an article, or some of its versions, is not shown any more, and nothing is lost.

For takedowns, personal data and court orders. What is withheld is gone from search, from every view,
from the reader and from what is exported in part, with its pictures and attachments; it stays in the
WARC files, in the tables behind the views and in the audit trail (`withholding`), and can be restored.

All functions work inside a transaction of the caller. Versions that say what a withheld one says, or
were read from the same bytes, are withheld with it, also those that come later.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.current_version import link_duplicates, make_current
from archive.database import first_row
from archive.errors import HuyenError
from archive.near_duplicates import refresh
from archive.urls import key_of

_MOST_STEPS = 5  # redirects after one another


class NothingToDo(HuyenError):
    """Raised here when what is to be withheld is not there or is withheld already, or when what is to
    be restored is not withheld."""


@dataclass(frozen=True, slots=True)
class Withholding:
    """One row of the audit trail. ``version`` is None for the whole article; times are UTC;
    ``restored_at`` is None while it is in force."""

    id: int
    article_id: int
    version: int | None
    site: str
    url: str
    reason: str
    withheld_by: str
    withheld_at: str
    restored_at: str | None
    restored_by: str | None
    restore_reason: str | None


def withhold(
    connection: sqlite3.Connection,
    article_id: int,
    numbers: Sequence[int],
    *,
    reason: str,
    person: str,
    now: str,
) -> tuple[int, ...]:
    """Withholds the article, or only the versions with these ``numbers``; returns the numbers of all
    versions that went. ``now`` is UTC text. Raises NothingToDo."""
    _require_article(connection, article_id)
    facts = (reason, person, now)
    if not numbers:
        if _whole(connection, article_id) is not None:
            raise NothingToDo(f"article {article_id} is withheld already")
        _record(connection, article_id, None, None, False, facts)
        settle(connection, article_id)
        return ()
    shown = connection.execute("SELECT version_id FROM article WHERE id = ?", (article_id,))
    (shown_id,) = shown.fetchone()
    gone = []
    for version_id in [_version_id(connection, article_id, number) for number in numbers]:
        if is_withheld(connection, version_id):
            continue
        first = _record(connection, article_id, version_id, None, version_id == shown_id, facts)
        gone.append(version_id)
        for like in _like(connection, version_id):
            _record(connection, article_id, like, first, like == shown_id, facts)
            gone.append(like)
    if not gone:
        named = ", ".join(map(str, numbers))
        raise NothingToDo(f"article {article_id}: withheld already: version {named}")
    settle(connection, article_id)
    return _numbers(connection, gone)


def restore(
    connection: sqlite3.Connection,
    article_id: int,
    numbers: Sequence[int],
    *,
    reason: str,
    person: str,
    now: str,
) -> tuple[int, ...]:
    """Shows the article again, or the versions with these ``numbers`` and those withheld with them;
    returns the numbers of the versions that are back. Raises NothingToDo."""
    _require_article(connection, article_id)
    facts = (now, person, reason)
    if not numbers:
        whole = _whole(connection, article_id)
        if whole is None:
            versions = _withheld_numbers(connection, article_id)
            hint = (
                f"; some of its versions are: {', '.join(map(str, versions))}" if versions else ""
            )
            raise NothingToDo(f"article {article_id} is not withheld{hint}")
        _end(connection, whole, facts)
        settle(connection, article_id)
        return ()
    back: list[int] = []
    was_shown = False
    for number in numbers:
        version_id = _version_id(connection, article_id, number)
        for row in _together(connection, version_id):
            _end(connection, row["id"], facts)
            back.append(row["version_id"])
            was_shown |= bool(row["was_shown"])
    if not back:
        named = ", ".join(map(str, numbers))
        raise NothingToDo(f"article {article_id}: not withheld: version {named}")
    newest = _latest_read(connection, article_id)
    if was_shown and newest is not None and newest in back:
        make_current(connection, article_id, newest)
    settle(connection, article_id)
    return _numbers(connection, back)


def settle(connection: sqlite3.Connection, article_id: int) -> None:
    """Makes status, shown version, duplicates and near-duplicates of an article follow what of it is
    withheld."""
    row = connection.execute(
        "SELECT version_id, status, gone_since FROM article WHERE id = ?", (article_id,)
    ).fetchone()
    version_id, before, gone_since = row
    hidden = is_withheld(connection, version_id)
    shown = _latest_read(connection, article_id) if hidden else version_id
    if shown is None or _whole(connection, article_id) is not None:
        status = "withheld"
    else:
        status = "current" if gone_since is None else "gone"
    connection.execute("UPDATE article SET status = ? WHERE id = ?", (status, article_id))
    if shown is not None and hidden:
        make_current(connection, article_id, shown)
    elif status != before:
        refresh(connection, article_id)
        link_duplicates(connection, _text_hash(connection, version_id))
    list_files(connection, article_id)


def list_files(connection: sqlite3.Connection, article_id: int) -> None:
    """Lists the pictures and attachments that no version of the article may show: a list of names is
    oftener in the attachment than on the page, also where its address redirects to another. Files
    that a shown version has as well stay."""
    connection.execute("DELETE FROM withheld_file WHERE article_id = ?", (article_id,))
    rows = connection.execute(
        """
        SELECT a.site, v.images, v.attachments,
               a.status = 'withheld' OR v.id IN (SELECT id FROM withheld_version)
        FROM article a JOIN version v ON v.article_id = a.id WHERE a.id = ?
        """,
        (article_id,),
    ).fetchall()
    hidden, shown = (
        {
            (key_of(file["url"]), site)
            for site, images, attachments, is_hidden in rows
            if is_hidden == wanted
            for file in (*json.loads(images), *json.loads(attachments))
        }
        for wanted in (True, False)
    )
    listed = hidden - shown
    for _ in range(_MOST_STEPS):
        listed |= _redirected(connection, listed) - shown
    connection.executemany(
        "INSERT INTO withheld_file VALUES (?, ?, ?)",
        [(key, site, article_id) for key, site in listed],
    )


def _redirected(
    connection: sqlite3.Connection, files: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """The files (URL key, site) to which captured redirects of these have led. Pages are no files: a
    portal sends everybody who asks for a lost file to its home page."""
    return {
        (row[0], site)
        for key, site in files
        for (url,) in connection.execute(
            "SELECT DISTINCT url FROM capture WHERE url_key = ? AND site = ? "
            "AND status BETWEEN 300 AND 399",
            (key, site),
        ).fetchall()
        for row in connection.execute(
            "SELECT DISTINCT url_key FROM capture WHERE site = ? AND via = ? "
            "AND media_type NOT LIKE '%html%'",
            (site, url),
        )
    }


def consider(
    connection: sqlite3.Connection, version_id: int, now: str, earlier: Sequence[int]
) -> None:
    """What must be done about a version that was just added, where something of its article is
    withheld: it is withheld too if it says what a withheld version says, was read from the same
    bytes, or comes in place of one in ``earlier`` (ids) that is withheld."""
    row = connection.execute(
        "SELECT w.article_id FROM withholding w JOIN version v ON v.article_id = w.article_id "
        "WHERE v.id = ? AND w.restored_at IS NULL",
        (version_id,),
    ).fetchone()
    if row is None:  # so it is for nearly every article
        return
    likes = [*_like(connection, version_id, withheld=True), *earlier]
    because = next(filter(None, (_in_force(connection, like) for like in likes)), None)
    if because is not None:
        _record(
            connection,
            row[0],
            version_id,
            because["because_of"] or because["id"],
            False,
            (because["reason"], because["withheld_by"], now),
        )
    list_files(connection, row[0])


def note_not_shown(connection: sqlite3.Connection, version_id: int) -> None:
    """Notes that this withheld version would be the shown one today, for when it is restored."""
    connection.execute(
        "UPDATE withholding SET was_shown = 1 WHERE version_id = ? AND restored_at IS NULL",
        (version_id,),
    )


def latest_hidden(connection: sqlite3.Connection, article_id: int) -> int | None:
    """The version that would be the shown one today, were it not withheld."""
    row = connection.execute(
        "SELECT version_id FROM withholding WHERE article_id = ? AND version_id IS NOT NULL "
        "AND was_shown AND restored_at IS NULL ORDER BY id DESC LIMIT 1",
        (article_id,),
    ).fetchone()
    return None if row is None else int(row[0])


def withheld_versions(connection: sqlite3.Connection, article_id: int) -> list[int]:
    """The versions of the article that are withheld one by one."""
    rows = connection.execute(
        "SELECT version_id FROM withholding WHERE article_id = ? AND version_id IS NOT NULL "
        "AND restored_at IS NULL ORDER BY version_id",
        (article_id,),
    )
    return [version for (version,) in rows]


def is_withheld(connection: sqlite3.Connection, version_id: int) -> bool:
    """Whether this version is withheld by itself, whatever the article is."""
    return _in_force(connection, version_id) is not None


def audit_trail(connection: sqlite3.Connection) -> Iterator[Withholding]:
    """Everything that was ever withheld, oldest first."""
    cursor = connection.execute("SELECT * FROM withholdings ORDER BY id")
    cursor.row_factory = sqlite3.Row
    return (Withholding(**dict(row)) for row in cursor)


def _like(connection: sqlite3.Connection, version_id: int, *, withheld: bool = False) -> list[int]:
    """The other versions of its article with the same content or read from the same bytes, and those
    like these; either all that are withheld, or all that are not."""
    found: list[int] = []
    todo = [version_id]
    while todo:
        one = todo.pop()
        rows = connection.execute(
            """
            SELECT o.id FROM version v JOIN capture c ON c.id = v.capture_id
            JOIN version o ON o.article_id = v.article_id JOIN capture d ON d.id = o.capture_id
            WHERE v.id = ? AND o.id <> ?
              AND (o.content_hash = v.content_hash OR d.payload_digest = c.payload_digest)
              AND (o.id IN (SELECT id FROM withheld_version)) = ?
            """,
            (one, version_id, withheld),
        )
        for (other,) in rows.fetchall():
            if other not in found:
                found.append(other)
                todo.append(other)
    return sorted(found)


def _latest_read(connection: sqlite3.Connection, article_id: int) -> int | None:
    """The version that the latest capture shows, of those that may be shown."""
    row = connection.execute(
        """
        SELECT v.id FROM version v
        LEFT JOIN reading r ON r.version_id = v.id LEFT JOIN capture c ON c.id = r.capture_id
        WHERE v.article_id = ? AND v.id NOT IN (SELECT id FROM withheld_version)
        ORDER BY c.fetched_at DESC, c.id DESC, v.number DESC LIMIT 1
        """,
        (article_id,),
    ).fetchone()
    return None if row is None else int(row[0])


def _together(connection: sqlite3.Connection, version_id: int) -> list[sqlite3.Row]:
    """The rows in force of everything that was withheld for the same decision as this version."""
    own = _in_force(connection, version_id)
    if own is None:
        return []
    cursor = connection.execute(
        "SELECT * FROM withholding WHERE restored_at IS NULL AND ? IN (id, because_of)",
        (own["because_of"] or own["id"],),
    )
    cursor.row_factory = sqlite3.Row
    return cursor.fetchall()


def _record(
    connection: sqlite3.Connection,
    article_id: int,
    version_id: int | None,
    because_of: int | None,
    was_shown: bool,
    facts: tuple[str, str, str],
) -> int:
    cursor = connection.execute(
        "INSERT INTO withholding"
        "(article_id, version_id, because_of, was_shown, reason, withheld_by, withheld_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (article_id, version_id, because_of, was_shown, *facts),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _end(connection: sqlite3.Connection, withholding_id: int, facts: tuple[str, str, str]) -> None:
    connection.execute(
        "UPDATE withholding SET restored_at = ?, restored_by = ?, restore_reason = ? WHERE id = ?",
        (*facts, withholding_id),
    )


def _whole(connection: sqlite3.Connection, article_id: int) -> int | None:
    row = connection.execute(
        "SELECT id FROM withholding "
        "WHERE article_id = ? AND version_id IS NULL AND restored_at IS NULL",
        (article_id,),
    ).fetchone()
    return None if row is None else int(row[0])


def _in_force(connection: sqlite3.Connection, version_id: int) -> sqlite3.Row | None:
    return first_row(
        connection,
        "SELECT * FROM withholding WHERE version_id = ? AND restored_at IS NULL",
        version_id,
    )


def _require_article(connection: sqlite3.Connection, article_id: int) -> None:
    if first_row(connection, "SELECT 1 FROM article WHERE id = ?", article_id) is None:
        raise NothingToDo(f"there is no article {article_id} in this archive")


def _version_id(connection: sqlite3.Connection, article_id: int, number: int) -> int:
    row = connection.execute(
        "SELECT id FROM version WHERE article_id = ? AND number = ?", (article_id, number)
    ).fetchone()
    if row is None:
        raise NothingToDo(f"article {article_id} has no version {number}")
    return int(row[0])


def _numbers(connection: sqlite3.Connection, version_ids: Sequence[int]) -> tuple[int, ...]:
    places = ", ".join("?" * len(version_ids))
    rows = connection.execute(
        f"SELECT number FROM version WHERE id IN ({places}) ORDER BY number", tuple(version_ids)
    )
    return tuple(number for (number,) in rows)


def _withheld_numbers(connection: sqlite3.Connection, article_id: int) -> tuple[int, ...]:
    rows = connection.execute(
        "SELECT number FROM version WHERE article_id = ? "
        "AND id IN (SELECT id FROM withheld_version) ORDER BY number",
        (article_id,),
    )
    return tuple(number for (number,) in rows)


def _text_hash(connection: sqlite3.Connection, version_id: int) -> str | None:
    row = connection.execute("SELECT text_hash FROM version WHERE id = ?", (version_id,)).fetchone()
    text_hash: str | None = row[0]
    return text_hash
