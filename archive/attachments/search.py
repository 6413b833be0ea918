"""Finding files by what they say: which page or sheet, and which articles offer them.

The query language, the levels of diacritics and the nearness of words are those of archive.search;
filters (portal, dates, byline, category) hold for an article that offers the file. A file that no
article has ever offered is found too, by filters of portal only. What is withheld is not found.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.attachments.expressions import expression
from archive.attachments.file_text import How, PartKind
from archive.attachments.index import LEGIBLE_PARTS
from archive.query import WORD, Query, Word, parse, words_of
from archive.query_portals import narrowed_to_portals
from archive.snippets import Highlighter, Marked
from archive.strictness import Level, Nearness, levels, nearnesses

_FEWEST = 50  # candidates asked for at once
_MOST_PARTS = 3  # of a file that are shown
_MOST_LOOKED_AT = 400  # parts of a file that are marked to find the best
_DEEPEST = 10_000

_LABELS = {
    "vi": {
        PartKind.PAGE: "trang {number}",
        PartKind.SHEET: "sheet {name}",
        PartKind.SLIDE: "trang chiếu {number}",
        PartKind.TEXT: "toàn văn",
        PartKind.LISTING: "danh sách tệp",
    },
    "en": {
        PartKind.PAGE: "page {number}",
        PartKind.SHEET: "sheet {name}",
        PartKind.SLIDE: "slide {number}",
        PartKind.TEXT: "whole text",
        PartKind.LISTING: "list of files",
    },
}


@dataclass(frozen=True, slots=True)
class PartHit:
    """A page, sheet or slide that matches; ``snippet`` as in archive.search. Where words stand on
    different pages each has some of them."""

    kind: PartKind
    number: int
    name: str
    how: How
    snippet: Marked

    def label(self, language: str = "vi") -> str:
        """``trang 3``, ``sheet Biểu 1``; or English with "en"."""
        name = self.name or str(self.number)
        return _LABELS[language][self.kind].format(number=self.number, name=name)


@dataclass(frozen=True, slots=True)
class Offering:
    """An article that offers the file. ``current``: in the version that is shown, and not only in an
    earlier one. ``label`` is the text of the link."""

    article_id: int
    site: str
    title: str
    published_at: str | None
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class FileHit:
    """One file found, best part first. ``capture_id`` is where its bytes are (`/file/ID` in the
    reader); ``articles`` may be empty. ``exact`` and ``score`` as in archive.search."""

    file_id: int
    capture_id: int
    payload_digest: str
    file_type: str
    site: str
    url: str
    label: str
    articles: tuple[Offering, ...]
    parts: tuple[PartHit, ...]
    exact: bool
    score: float


def search_attachments(
    connection: sqlite3.Connection,
    query: str | Query,
    *,
    sites: Sequence[str] = (),
    limit: int = 20,
    offset: int = 0,
) -> tuple[FileHit, ...]:
    """The files that match, best first; none for a query without words to be found. ``sites``
    (slugs) narrow what the query's own filters let through."""
    if isinstance(query, str):
        query = parse(query)
    query, _ = narrowed_to_portals(connection, query, sites)
    if not query.alternatives:
        return ()
    last = min(max(0, offset) + max(0, limit), _DEEPEST)
    hits: list[FileHit] = []
    for number, found in enumerate(_ranked(connection, query)):
        if number >= last:
            break
        if number >= offset:
            hits.append(_hit(connection, query, found))
    return tuple(hits)


@dataclass(frozen=True, slots=True)
class _Found:
    file_id: int
    score: float
    level: Level
    places: list[sqlite3.Row]


def _ranked(connection: sqlite3.Connection, query: Query) -> Iterator[_Found]:
    """The files that match and may be shown, tier after tier as archive.search has them."""
    # Bylines are asked of the article; they are no part of the file.
    words = replace(query, authors=(), categories=())
    seen: set[int] = set()
    for level in levels(words):
        for nearness in nearnesses(words):
            for file_id, score in _tier(connection, words, level, nearness):
                if file_id in seen:
                    continue
                seen.add(file_id)
                if places := _places(connection, file_id, query):
                    yield _Found(file_id, score, level, places)


def _tier(
    connection: sqlite3.Connection, query: Query, level: Level, nearness: Nearness
) -> Iterator[tuple[int, float]]:
    where, parameters = "attachment_fts MATCH ?", [expression(query, level, nearness)]
    if query.sites:
        # Most of what matches is another portal's: that is not to be looked at file by file.
        where += (
            " AND EXISTS (SELECT 1 FROM attachment_place p "
            f"WHERE p.file_id = attachment_fts.rowid AND p.site IN ({_places_for(query.sites)}))"
        )
        parameters += query.sites
    depth, read = _FEWEST, 0
    while True:
        rows = connection.execute(
            "SELECT rowid, -bm25(attachment_fts) AS score FROM attachment_fts "
            f"WHERE {where} ORDER BY score DESC, rowid LIMIT ?",
            (*parameters, depth),
        ).fetchall()
        yield from ((row[0], row[1]) for row in rows[read:])
        if len(rows) < depth:
            return
        read, depth = len(rows), depth * 4


def _places_for(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _places(connection: sqlite3.Connection, file_id: int, query: Query) -> list[sqlite3.Row]:
    """Where the file may be shown and the filters let it through: the shown version of an article
    first, each article once."""
    where = ["p.file_id = ?"]
    parameters: list[object] = [file_id]
    if query.sites:
        where.append(f"p.site IN ({_places_for(query.sites)})")
        parameters += query.sites
    cursor = connection.execute(
        f"""
        SELECT p.*, v.title, v.published_at, v.author, v.category
        FROM attachment_place p LEFT JOIN article a ON a.id = p.article_id
        LEFT JOIN version v ON v.id = a.version_id
        WHERE {" AND ".join(where)}
        ORDER BY p.article_id IS NULL, p.is_current DESC, p.article_id, p.version_id DESC
        """,
        parameters,
    )
    cursor.row_factory = sqlite3.Row
    once: dict[int | None, sqlite3.Row] = {}
    for row in cursor:
        if _lets_through(query, row):
            once.setdefault(row["article_id"], row)
    return list(once.values())


def _lets_through(query: Query, place: sqlite3.Row) -> bool:
    if place["article_id"] is None:
        return not (query.since or query.until or query.authors or query.categories)
    published = place["published_at"]
    if query.since and not (published and published[:10] >= query.since.isoformat()):
        return False
    if query.until and not (published and published[:10] <= query.until.isoformat()):
        return False
    categories = json.loads(place["category"])
    return all(_stands_in(phrase, place["author"]) for phrase in query.authors) and all(
        any(_stands_in(phrase, category) for category in categories) for phrase in query.categories
    )


def _stands_in(phrase: tuple[Word, ...], text: str) -> bool:
    words = words_of(text)
    return any(
        all(
            wanted.typed == word.typed if wanted.marked else wanted.folded == word.folded
            for wanted, word in zip(phrase, words[at:], strict=False)
        )
        for at in range(len(words) - len(phrase) + 1)
    )


def _hit(connection: sqlite3.Connection, query: Query, found: _Found) -> FileHit:
    cursor = connection.execute(
        "SELECT payload_digest, file_type FROM attachment_file WHERE id = ?", (found.file_id,)
    )
    digest, file_type = cursor.fetchone()
    highlighter = Highlighter(query, found.level)
    parts = _parts(connection, found.file_id, highlighter)
    first = found.places[0]
    strict = Highlighter(query, Level.TYPED)
    exact = found.level is not Level.FOLDED or (
        not query.marked and strict.covers(*(part.snippet.text for part in parts))
    )
    return FileHit(
        file_id=found.file_id,
        capture_id=first["capture_id"],
        payload_digest=digest,
        file_type=file_type,
        site=first["site"],
        url=first["url"],
        label=first["label"],
        articles=tuple(
            Offering(
                place["article_id"],
                place["site"],
                place["title"],
                place["published_at"],
                place["label"],
                bool(place["is_current"]),
            )
            for place in found.places
            if place["article_id"] is not None
        ),
        parts=parts,
        exact=exact,
        score=found.score,
    )


def _parts(
    connection: sqlite3.Connection, file_id: int, highlighter: Highlighter
) -> tuple[PartHit, ...]:
    """The parts whose passages have most of the query, in order of the file where they have as
    much; one part without a match where no single part has any."""
    cursor = connection.execute(
        "SELECT kind, number, name, how, text FROM attachment_part "
        f"WHERE file_id = ? AND {LEGIBLE_PARTS} ORDER BY number LIMIT ?",
        (file_id, _MOST_LOOKED_AT),
    )
    hits = [
        PartHit(PartKind(kind), number, name, How(how), highlighter.passage(text))
        for kind, number, name, how, text in cursor
    ]
    matching = [hit for hit in hits if hit.snippet.spans]
    matching.sort(key=lambda hit: -_togetherness(hit.snippet))
    return tuple(matching[:_MOST_PARTS] or hits[:1])


def _togetherness(snippet: Marked) -> int:
    """How much of the query the passage has in one piece: a span of four words says more than four
    of one word, which in Vietnamese are mostly parts of others."""
    return sum(len(WORD.findall(snippet.text[start:end])) ** 2 for start, end in snippet.spans)
