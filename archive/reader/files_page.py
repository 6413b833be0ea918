"""What is found in attached files: a little of it below the articles of a search, all of it on a page
of its own."""

from __future__ import annotations

import sqlite3
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from starlette.responses import Response

from archive.attachments.file_text import How, PartKind
from archive.attachments.search import FileHit, PartHit, search_attachments
from archive.database import first_row
from archive.reader.mementos import by_id, is_withheld
from archive.reader.rendering import page
from archive.reader.searching import MOST_PAGES, PAGE_SIZE, Asked, asked, find
from archive.reader.visit import NotFound, Visit
from archive.search import Results
from archive.snippets import Marked

_BESIDE_ARTICLES = 3
_MOST_OFFERING = 20  # articles that are named as offering a file
_MOST_PARTS = 300  # of one file, on one page


def files_page(visit: Visit) -> Response:
    """`/files?q=…`, with the filters of `/search`."""
    state = asked(visit)
    if not state.q:
        raise NotFound
    results, _ = find(visit.connection, state, 0)
    hits = search_attachments(
        visit.connection, results.query, limit=PAGE_SIZE + 1, offset=(state.page - 1) * PAGE_SIZE
    )
    values = {
        "asked": state,
        "files": hits[:PAGE_SIZE],
        "file_name": file_name,
        "more": len(hits) > PAGE_SIZE and state.page < MOST_PAGES,
        "to_articles": visit.link("/search", state.on_page(1).pairs()),
        "here": lambda other: visit.link("/files", other.pairs()),
    }
    return page(visit.request, "files.html", values)


def file_text_page(visit: Visit) -> Response:
    """`/file/ID/text`: what an archived file says, by page, sheet or slide, as far as it was read."""
    memento = by_id(visit.connection, visit.request.path_params["id"])
    if memento is None:
        raise NotFound("no_such_capture")
    file = first_row(
        visit.connection,
        "SELECT f.* FROM attachment_file f JOIN capture c ON c.payload_digest = f.payload_digest "
        "WHERE c.id = ?",
        memento.id,
    )
    if file is None:
        raise NotFound("not_read")
    parts = visit.connection.execute(
        "SELECT * FROM attachment_part WHERE file_id = ? ORDER BY number LIMIT ?",
        (file["id"], _MOST_PARTS + 1),
    ).fetchall()
    values = {
        "memento": memento,
        "offered_by": _offered_by(visit.connection, file["id"]),
        "name": PurePosixPath(unquote(urlsplit(memento.url).path)).name or memento.url,
        "file": file,
        "parts": [(row, _part_label(row, visit.language)) for row in parts[:_MOST_PARTS]],
        "cut": len(parts) > _MOST_PARTS,
        "withheld": is_withheld(visit.connection, memento),
    }
    return page(visit.request, "filetext.html", values)


def _offered_by(connection: sqlite3.Connection, file_id: int) -> list[sqlite3.Row]:
    """The articles that offer the file and may be shown, each once, those that still do first."""
    return connection.execute(
        """
        SELECT p.article_id, max(p.is_current) AS is_current, v.title, v.published_at,
               coalesce(s.name, a.site) AS portal
        FROM attachment_place p JOIN article a ON a.id = p.article_id
        JOIN version v ON v.id = a.version_id LEFT JOIN site s ON s.slug = a.site
        WHERE p.file_id = ? GROUP BY p.article_id ORDER BY is_current DESC, p.article_id LIMIT ?
        """,
        (file_id, _MOST_OFFERING),
    ).fetchall()


def _part_label(row: sqlite3.Row, language: str) -> str:
    part = PartHit(
        PartKind(row["kind"]), row["number"], row["name"], How(row["how"]), Marked("", ())
    )
    return part.label(language)


def files_beside(visit: Visit, state: Asked, results: Results) -> tuple[list[FileHit], bool]:
    """The best files for the first page of a search, and whether there are more."""
    if state.page > 1:
        return [], False
    hits = search_attachments(visit.connection, results.query, limit=_BESIDE_ARTICLES + 1)
    return list(hits[:_BESIDE_ARTICLES]), len(hits) > _BESIDE_ARTICLES


def file_name(hit: FileHit) -> str:
    """What a file is called: by the link that led to it, else by its address."""
    return hit.label or PurePosixPath(unquote(urlsplit(hit.url).path)).name or hit.url
