"""What is withheld, for those with a password: the list, and what stands above an article of it."""

from __future__ import annotations

import sqlite3

from starlette.responses import Response

from archive.reader.rendering import page
from archive.reader.visit import NotFound, SignIn, Visit

_LISTED = 500


def withheld_page(visit: Visit) -> Response:
    """`/withheld`: what is in force, the newest first. Raises SignIn."""
    if not visit.has_staff:
        raise NotFound
    if not visit.caller.staff:
        raise SignIn
    rows = visit.connection.execute(
        """
        SELECT w.*, v.title, coalesce(s.name, w.site) AS portal
        FROM withholdings w JOIN article a ON a.id = w.article_id
        JOIN version v ON v.id = a.version_id LEFT JOIN site s ON s.slug = w.site
        WHERE w.restored_at IS NULL ORDER BY w.id DESC LIMIT ?
        """,
        (_LISTED + 1,),
    ).fetchall()
    values = {"rows": rows[:_LISTED], "cut": len(rows) > _LISTED}
    return page(visit.request, "withheld.html", values)


def withheld_here(visit: Visit, article_id: int, number: int) -> list[sqlite3.Row]:
    """The decisions by which this version, or its whole article, is shown to staff only; none for
    others, who do not get to see it."""
    if not visit.caller.staff:
        return []
    return visit.connection.execute(
        "SELECT * FROM withholdings WHERE article_id = ? AND restored_at IS NULL "
        "AND (version IS NULL OR version = ?) ORDER BY id",
        (article_id, number),
    ).fetchall()
