"""The search page, and any of its results as Atom, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import JSONResponse, Response

from archive.articles import article_of
from archive.exports.rows import harmless
from archive.reader.answers import with_etag
from archive.reader.facets import facets
from archive.reader.phrases import note_in
from archive.reader.rendering import page
from archive.reader.searching import PAGE_SIZE, Asked, asked, find, loosened
from archive.reader.spelling import respelt
from archive.reader.visit import Visit
from archive.search import Hit, Results, Sort, suggestions
from archive.terminal import printable

_MOST_ROWS = 1_000  # of a table; the whole archive is `huyen export`
_FEED_SIZE = 50
_BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the country
_COLUMNS = ("id", "title", "portal", "site", "province", "published_at", "author", "category",
            "url", "address", "first_seen", "last_seen", "status", "duplicates")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Way:
    """A suggestion: what to change, the search that does, how much it finds."""

    advice: str
    asked: Asked
    total: int
    capped: bool


def search_page(visit: Visit) -> Response:
    """`/search`, and `/` with nothing asked."""
    state = asked(visit)
    if not state.anything:
        return _front(visit, state)
    results, bad_dates = find(visit.connection, state)
    ways: list[_Way] = []
    if not results.total:
        for found in suggestions(visit.connection, results.query):
            other = loosened(state, found.advice)
            if other is not None and other.anything:
                ways.append(_Way(found.advice, other, found.total, found.capped))
    last_page = -(-min(results.total, PAGE_SIZE * 500) // PAGE_SIZE)
    values = {
        "asked": state,
        "results": results,
        "bad_dates": bad_dates,
        "notes": [note_in(visit.language, note) for note in results.notes],
        "ways": ways,
        "advice_in": lambda text: note_in(visit.language, text),
        "respelt": _respelt(visit.connection, state, results),
        "facets": facets(visit.connection, results.query) if results.total else None,
        "elsewhere": _elsewhere(visit.connection, results.hits),
        "portals": _portals(visit.connection),
        "last_page": last_page,
        "here": lambda other: visit.link("/search", other.pairs()),
        "Sort": Sort,
    }
    return page(visit.request, "search.html", values)


def atom(visit: Visit) -> Response:
    """`/search.atom`: the newest of what is found (RFC 4287)."""
    state = asked(visit)
    if state.sort is Sort.RELEVANCE:
        state = state.sorted_by("newest")
    results, _ = find(visit.connection, state, _FEED_SIZE, 0)
    rows = _rows(visit.connection, results.hits)
    updated = max((row["first_seen"] for row in rows.values()), default="1970-01-01T00:00:00Z")
    own, html = visit.base + state.address("/search.atom"), visit.base + state.address()
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_xml('Huyện: ' + (state.q or '*'))}</title>",
        f"<id>{_xml(own)}</id>",
        f'<link rel="self" href={_attribute(own)}/>',
        f'<link rel="alternate" type="text/html" href={_attribute(html)}/>',
        f"<updated>{_xml(updated)}</updated>",
    ]
    for hit in results.hits:
        row, address = rows[hit.id], f"{visit.base}/article/{hit.id}"
        lines += [
            "<entry>",
            f"<title>{_xml(hit.title.text)}</title>",
            f"<id>{_xml(address)}</id>",
            f"<link href={_attribute(address)}/>",
            f"<updated>{_xml(row['recorded_at'])}</updated>",
            f"<author><name>{_xml(hit.author or hit.portal)}</name></author>",
            f"<summary>{_xml(row['summary'] or hit.snippet.text)}</summary>",
        ]
        if hit.published_at and len(hit.published_at) > len("YYYY-MM-DD"):
            lines.append(f"<published>{_xml(hit.published_at)}</published>")
        lines.append("</entry>")
    body = "\n".join((*lines, "</feed>", ""))
    return with_etag(visit.request, Response(body, media_type="application/atom+xml"))


def table(visit: Visit) -> Response:
    """`/search.csv`: the first thousand of what is found, safe to open in a spreadsheet."""
    results, _ = find(visit.connection, asked(visit), _MOST_ROWS, 0)
    rows = _rows(visit.connection, results.hits)
    out = io.StringIO(newline="")
    out.write(_BOM)
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for hit in results.hits:
        values = {
            **dict(rows[hit.id]),
            "portal": hit.portal,
            "address": f"{visit.base}/article/{hit.id}",
            "duplicates": hit.duplicates,
        }
        writer.writerow([harmless(values[name]) for name in _COLUMNS])
    headers = {"Content-Disposition": 'attachment; filename="huyen-search.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def search_document(visit: Visit) -> Response:
    """`/api/search` and `/search.json`: what is found, as JSON, paged."""
    state = asked(visit)
    limit = visit.number("limit", PAGE_SIZE, 1, 100)
    results, bad_dates = find(visit.connection, state, limit)
    rows = _rows(visit.connection, results.hits)
    last = results.offset + len(results.hits)
    document: dict[str, Any] = {
        "query": printable(state.q),
        "total": results.total,
        "capped": results.capped,
        "typed": results.typed,
        "sort": results.sort.value,
        "page": state.page,
        "limit": limit,
        "notes": [*results.notes, *(f"not a date: {text}" for text in bad_dates)],
        "next": None,
        "hits": [_hit_document(visit, hit, rows[hit.id]) for hit in results.hits],
    }
    if results.hits and (results.capped or last < results.total):
        following = state.on_page(state.page + 1).address("/api/search")
        document["next"] = f"{visit.base}{following}&limit={limit}"
    return with_etag(visit.request, JSONResponse(document))


def _hit_document(visit: Visit, hit: Hit, row: sqlite3.Row) -> dict[str, Any]:
    article = article_of(row)
    return asdict(hit) | {
        "title": hit.title.text,
        "title_spans": hit.title.spans,
        "snippet": hit.snippet.text,
        "snippet_spans": hit.snippet.spans,
        "category": article.category,
        "attachments": len(article.attachments),
        "address": f"{visit.base}/article/{hit.id}",
        "api": f"{visit.base}/api/articles/{hit.id}",
    }


def _front(visit: Visit, state: Asked) -> Response:
    # Captures are numbered without gaps and never removed: the last number is how many there are.
    counts = visit.connection.execute(
        """
        SELECT (SELECT count(*) FROM article WHERE status <> 'withheld') AS articles,
               (SELECT count(*) FROM site) AS portals,
               (SELECT coalesce(max(id), 0) FROM capture) AS captures,
               (SELECT max(ended_at) FROM run) AS latest
        """
    ).fetchone()
    newest = visit.connection.execute(
        "SELECT a.id, v.title, v.published_at, coalesce(s.name, a.site) AS portal "
        "FROM article a JOIN version v ON v.id = a.version_id LEFT JOIN site s ON s.slug = a.site "
        "WHERE a.status <> 'withheld' ORDER BY a.id DESC LIMIT 5"
    ).fetchall()
    values = {
        "asked": state,
        "counts": counts,
        "newest": newest,
        "portals": _portals(visit.connection),
    }
    return page(visit.request, "front.html", values)


def _respelt(connection: sqlite3.Connection, state: Asked, results: Results) -> _Way | None:
    """What was probably meant, where nothing was found."""
    if results.total or not state.q:
        return None
    q = respelt(connection, state.q)
    if q is None:
        return None
    other = Asked(q=q, sort=state.sort)
    found, _ = find(connection, other, 0)
    return _Way("", other, found.total, found.capped) if found.total else None


def _portals(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    return connection.execute("SELECT slug, name FROM site ORDER BY name").fetchall()


def _elsewhere(connection: sqlite3.Connection, hits: Sequence[Hit]) -> dict[int, list[str]]:
    """For each hit the other portals that printed the same text."""
    groups = json.dumps([hit.id for hit in hits if hit.duplicates])
    out: dict[int, list[str]] = {}
    for hit_id, portal in connection.execute(
        """
        SELECT DISTINCT h.value, coalesce(s.name, b.site)
        FROM json_each(?) h JOIN article a ON a.id = h.value
        JOIN article b ON b.id <> a.id AND b.site <> a.site AND b.status <> 'withheld'
             AND (b.id = a.duplicate_of OR b.duplicate_of = coalesce(a.duplicate_of, a.id))
        LEFT JOIN site s ON s.slug = b.site ORDER BY 2
        """,
        (groups,),
    ):
        out.setdefault(hit_id, []).append(portal)
    return out


def _rows(connection: sqlite3.Connection, hits: Sequence[Hit]) -> dict[int, sqlite3.Row]:
    ids = json.dumps([hit.id for hit in hits])
    rows = connection.execute(
        """
        SELECT a.id, a.site, a.url, a.first_seen, a.last_seen, a.status, s.province, v.recorded_at,
               v.title, v.summary, v.body_text, v.author, v.category, v.published_at,
               v.published_raw, v.updated_at, v.updated_raw, v.view_count, v.images, v.attachments,
               v.language
        FROM json_each(?) h JOIN article a ON a.id = h.value JOIN version v ON v.id = a.version_id
        LEFT JOIN site s ON s.slug = a.site
        """,
        (ids,),
    )
    return {row["id"]: row for row in rows}


def _xml(text: str) -> str:
    return escape(printable(text))


def _attribute(text: str) -> str:
    return quoteattr(printable(text))
