"""What came into the archive, was edited by a portal, and disappeared from one: newest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from starlette.responses import Response

from archive.reader.rendering import page
from archive.reader.visit import Visit

_LISTED = 20  # of each kind, on the page of all
_PAGE = 100  # on the page of one kind
_LAST_PAGE = 100


def recent_articles(
    connection: sqlite3.Connection, most: int, site: str = "", skipped: int = 0
) -> list[sqlite3.Row]:
    """Rows of ``id, title, portal, moment`` (first seen, UTC)."""
    return connection.execute(
        f"""
        SELECT a.id, v.title, {_PORTAL}, a.first_seen AS moment
        FROM article a JOIN version v ON v.id = a.version_id
        LEFT JOIN site s ON s.slug = a.site
        WHERE a.status <> 'withheld' {_only(site)} ORDER BY a.id DESC LIMIT :most OFFSET :skipped
        """,
        {"site": site, "most": most, "skipped": skipped},
    ).fetchall()


def recent_edits(
    connection: sqlite3.Connection, most: int, site: str = "", skipped: int = 0
) -> list[sqlite3.Row]:
    """Rows as above, with the ``number`` of the version that the edit made; ``moment`` is when it was
    captured."""
    # Later versions are few: their index is read, not the texts.
    return connection.execute(
        f"""
        SELECT a.id, v.title, {_PORTAL}, v.number, c.fetched_at AS moment
        FROM version v JOIN article a ON a.id = v.article_id JOIN capture c ON c.id = v.capture_id
        LEFT JOIN site s ON s.slug = a.site
        WHERE v.id IN (SELECT id FROM version WHERE number > 1) AND v.cause = 'edit'
              AND v.id NOT IN (SELECT id FROM withheld_version)
              AND a.status <> 'withheld' {_only(site)}
        ORDER BY v.id DESC LIMIT :most OFFSET :skipped
        """,
        {"site": site, "most": most, "skipped": skipped},
    ).fetchall()


def recent_losses(
    connection: sqlite3.Connection, most: int, site: str = "", skipped: int = 0
) -> list[sqlite3.Row]:
    """Rows as above; ``moment`` is when the article was first missed. Confirmed ones only."""
    return connection.execute(
        f"""
        SELECT a.id, v.title, {_PORTAL}, a.gone_since AS moment
        FROM article a JOIN version v ON v.id = a.version_id LEFT JOIN site s ON s.slug = a.site
        WHERE a.status = 'gone' {_only(site)} ORDER BY a.gone_since DESC, a.id DESC
        LIMIT :most OFFSET :skipped
        """,
        {"site": site, "most": most, "skipped": skipped},
    ).fetchall()


_PORTAL = "coalesce(s.name, a.site) AS portal"


def _only(site: str) -> str:
    return "AND a.site = :site" if site else ""


_KINDS: dict[str, Callable[[sqlite3.Connection, int, str, int], list[sqlite3.Row]]] = {
    "edited": recent_edits,
    "gone": recent_losses,
    "new": recent_articles,
}


def changes_page(visit: Visit) -> Response:
    """`/changes`, of one portal with `?site=`, of one kind with `?kind=new`."""
    site, asked = visit.text("site"), visit.text("kind")
    kinds = [asked] if asked in _KINDS else list(_KINDS)
    size = _PAGE if len(kinds) == 1 else _LISTED
    number = visit.number("page", 1, 1, _LAST_PAGE) if len(kinds) == 1 else 1
    lists = []
    for kind in kinds:
        rows = _KINDS[kind](visit.connection, size + 1, site, (number - 1) * size)
        lists.append((kind, rows[:size], len(rows) > size))
    name = visit.connection.execute("SELECT name FROM site WHERE slug = ?", (site,)).fetchone()
    values = {
        "site": site,
        "name": name[0] if name else site,
        "lists": lists,
        "kind": kinds[0] if len(kinds) == 1 else "",
        "page_number": number,
        "last_page": _LAST_PAGE,
    }
    return page(visit.request, "changes.html", values)
