"""The search page, and any of its results as Atom, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import JSONResponse, Response

from archive.articles import article_of
from archive.exports.rows import harmless
from archive.facets import facets
from archive.reader.answers import with_etag
from archive.reader.changes import recent_articles, recent_edits
from archive.reader.files_page import file_name, files_beside
from archive.reader.phrases import note_in
from archive.reader.rendering import page
from archive.reader.searching import PAGE_SIZE, Asked, asked, find, loosened
from archive.reader.visit import Visit
from archive.search import Hit, Results, Sort, suggestions
from archive.spelling import respelt
from archive.terminal import printable

_MOST_ROWS = 1_000  # of a table; the whole archive is `huyen export`
_FEED_SIZE = 50
_ON_FRONT = 5
_MOST_OFFERED = 100  # portals in one list; of more, first the province is chosen
# What can be typed, and the phrase that says what it does.
SYNTAX = (
    ("nghị quyết 35", "syntax_words"),
    ('"thọ xuân"', "syntax_phrase"),
    ("nông*", "syntax_beginning"),
    ("tết -họp", "syntax_without"),
    ("dân vận OR dân ca", "syntax_either"),
    ('"hội nghị đảng"~6', "syntax_near"),
    ("tu:2021 den:2022-06", "syntax_period"),
    ('chuyen-muc:"Y tế"', "syntax_category"),
    ('tac-gia:"Lê An"', "syntax_author"),
    ('tinh:"Thanh Hóa" site:tho-xuan', "syntax_portal"),
)
# What people look for in such archives, typed as they type it.
_EXAMPLES = ("nghi quyet 35", '"nông thôn mới"', "lich tiep cong dan", "quy hoach tu:2020")
_BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the country
_COLUMNS = ("id", "title", "portal", "site", "province", "published_at", "author", "category",
            "url", "address", "first_seen", "last_seen", "status", "duplicates")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Way:
    """A suggestion: what to change, the search that does, how much it finds."""

    advice: str
    asked: Asked
    total: int
    approximate: bool


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the form offers to filter by: provinces, and portals as slug and name. Of many portals only
    those of the chosen province (``cut``). ``names``: of the portals that are filtered by."""

    provinces: list[str]
    portals: list[tuple[str, str]]
    cut: bool
    names: dict[str, str]


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
                ways.append(_Way(found.advice, other, found.total, found.approximate))
    files, more_files = files_beside(visit, state, results)
    choice = _choice(visit.connection, state)
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
        "files": files,
        "more_files": visit.link("/files", state.pairs()) if more_files else "",
        "file_name": file_name,
        "elsewhere": _elsewhere(visit.connection, results.hits),
        "choice": choice,
        "syntax": SYNTAX,
        "last_page": last_page,
        "by_author": lambda name: _by_author(state, name),
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
        "approximate": results.approximate,
        "typed": results.typed,
        "sort": results.sort.value,
        "page": state.page,
        "limit": limit,
        "notes": [*results.notes, *(f"not a date: {text}" for text in bad_dates)],
        "next": None,
        "hits": [_hit_document(visit, hit, rows[hit.id]) for hit in results.hits],
    }
    if results.hits and (last < results.total):
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


def _by_author(state: Asked, name: str) -> Asked:
    """The byline goes into the query, which has a filter for it."""
    words = name.replace('"', " ")
    return replace(state.on_page(1), q=f'{state.q} tac-gia:"{words}"'.strip())


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
    values = {
        "asked": state,
        "counts": counts,
        "examples": _EXAMPLES,
        "newest": recent_articles(visit.connection, _ON_FRONT),
        "edited": recent_edits(visit.connection, _ON_FRONT),
        "choice": _choice(visit.connection, state),
        "syntax": SYNTAX,
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
    return _Way("", other, found.total, found.approximate) if found.total else None


def _choice(connection: sqlite3.Connection, state: Asked) -> _Choice:
    rows = connection.execute("SELECT slug, name, province FROM site ORDER BY name").fetchall()
    few = len(rows) <= _MOST_OFFERED
    offered = [
        (row["slug"], row["name"])
        for row in rows
        if few or row["province"] == state.province or row["slug"] in state.sites
    ]
    provinces = sorted({row["province"] for row in rows} - {""})
    names = {row["slug"]: row["name"] for row in rows if row["slug"] in state.sites}
    return _Choice(provinces, offered, len(offered) < len(rows), names)


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
