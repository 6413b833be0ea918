"""Full-text search over the current versions of all articles that are not withheld.

Hits that have every word as typed come first, then those with other diacritics. Within each,
words that stand together rank above words near each other above words anywhere: Vietnamese writes
one word as several syllables, so scattered syllables are mostly other words. How that is done where
there are a million articles: archive.ranking.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from archive.articles import article_of
from archive.fts import Level, Nearness, levels, nearnesses
from archive.fts_labels import UNDATED, month, narrowed
from archive.full_text import indexed_through
from archive.index_text import searchable_body
from archive.query import Query, Term, parse
from archive.query_portals import narrowed_to_portals
from archive.ranking import Candidate, Ranked, ranked
from archive.search_tables import looks_at_rows, register_functions, tables_of
from archive.snippets import Highlighter, Marked
from archive.word_beginnings import spelt_out

COUNT_CAP = 10_000  # beyond, "more than 10,000" says as much and costs less
DEEPEST = 10_000  # offset + limit
_MOST_ALONE = 8  # words tried on their own when nothing was found

_MOST_TYPED = 3_000  # articles found, of which those found as typed are counted
_MOST_SORTED = 3_000  # articles put in the order of their dates in one go


class Sort(StrEnum):
    """The order of hits. ``NEWEST`` and ``OLDEST`` go by publication, undated ones last; hits as
    typed still come before hits with other diacritics."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found. ``published_at`` as in the shared schema. ``exact``: found as typed,
    diacritics included. ``duplicates``: how many other articles hold the same text. ``score`` is
    comparable between neighbours of one result only, higher is better; 0.0 when sorted by date."""

    id: int
    site: str
    portal: str
    title: Marked
    url: str
    published_at: str | None
    author: str
    snippet: Marked
    exact: bool
    duplicates: int
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits. ``total`` counts articles, duplicates folded together; when ``capped`` there
    are more articles than that, each copy counted. ``typed`` is how many of them were found as typed
    (None when that was not counted: the query has no diacritics or no words, or finds over 3,000).
    ``notes``: what was left out of the query and why."""

    query: Query
    hits: tuple[Hit, ...]
    total: int
    capped: bool
    typed: int | None
    sort: Sort
    offset: int
    limit: int
    notes: tuple[str, ...]


def search(
    connection: sqlite3.Connection,
    query: str | Query,
    *,
    sites: tuple[str, ...] = (),
    since: date | None = None,
    until: date | None = None,
    limit: int = 20,
    offset: int = 0,
    sort: Sort = Sort.RELEVANCE,
) -> Results:
    """Searches the archive. Any text is a query; one without a letter or digit finds nothing, one
    with filters only lists what they let through, newest first.

    ``sites`` (slugs), ``since`` and ``until`` (inclusive days, local to the portals) narrow what
    the query's own filters let through. ``limit`` and ``offset`` are clamped to 0..10,000.
    """
    if isinstance(query, str):
        query = parse(query)
    limit = max(0, min(limit, DEEPEST))
    offset = max(0, min(offset, DEEPEST - limit))
    notes = list(query.notes)
    query, unknown = _narrowed(connection, query, sites, since, until)
    notes += unknown
    if not query.searchable:
        notes.append("the query has no letters or digits to search for")
        return Results(query, (), 0, False, None, sort, offset, limit, tuple(notes))
    if not query.alternatives and sort is Sort.RELEVANCE:
        sort = Sort.NEWEST
    query = spelt_out(connection, query)
    register_functions(connection)
    total, capped = _count(connection, query, Level.FOLDED)
    typed = None
    if query.marked and total <= _MOST_TYPED:
        typed = _count(connection, query, levels(query)[-2])[0] if total else 0
    found: list[Ranked] = []
    if total and sort is Sort.RELEVANCE:
        order = ranked(connection, query, tables_of(query), total)
        page = islice(order, offset, offset + limit)
        found = list(page)
    elif total:
        in_turn = _by_date(connection, query, sort, capped or total > _MOST_SORTED)
        found = list(islice(in_turn, offset, offset + limit))
    could_stand_together = sort is Sort.RELEVANCE and len(nearnesses(query)) > 1
    if found and could_stand_together and all(f.nearness is Nearness.ANYWHERE for f in found):
        notes.append("the words do not stand together in any of these")
    through = indexed_through(connection)
    if through is not None:
        notes.append(f"the index is being made anew: articles after {through} are not in it yet")
    copies = _copies(connection, found)
    if sort is Sort.RELEVANCE:
        found = [
            _first_printed(connection, query, one) if one.candidate.group in copies else one
            for one in found
        ]
    highlighters = {level: Highlighter(query, level) for level in Level} if found else {}
    hits = tuple(
        _hit(connection, query, highlighters, one, copies.get(one.candidate.group, 1) - 1)
        for one in found
    )
    return Results(query, hits, total, capped, typed, sort, offset, limit, tuple(notes))


class Match(NamedTuple):
    """One article that matches, for counting. ``group``: the same for all that hold one text;
    ``categories`` as printed."""

    article_id: int
    version_id: int
    group: int
    site: str
    published_at: str | None
    categories: tuple[str, ...]
    author: str


def matching(connection: sqlite3.Connection, query: Query, most: int = COUNT_CAP) -> list[Match]:
    """The articles that a query (as in `Results`) matches, duplicates too. At most so many, those
    archived last."""
    if not query.searchable:
        return []
    register_functions(connection)
    source = tables_of(query, dated=True)
    match = narrowed(query, Level.FOLDED)
    rows = connection.execute(
        "SELECT a.id, v.id, coalesce(a.duplicate_of, a.id), a.site, v.published_at, v.category, "
        f"v.author FROM {source.tables} WHERE {source.where} "
        f"{'AND version_fts MATCH :match ORDER BY version_fts.rowid DESC' if match else ''} "
        "LIMIT :most",
        {**source.parameters, "match": match, "most": most},
    )
    return [
        Match(
            article_id, version_id, group, site, published_at, tuple(json.loads(category)), author
        )
        for article_id, version_id, group, site, published_at, category, author in rows
    ]


@lru_cache(maxsize=4096)
def _list(category: str) -> tuple[str, ...]:
    return tuple(json.loads(category))


def with_files(connection: sqlite3.Connection, query: Query, found: list[Match]) -> set[int]:
    """The versions among those found by `matching` that have attachments."""
    if not found:
        return set()
    rows = connection.execute(
        "SELECT rowid FROM version_fts WHERE version_fts MATCH ? AND rowid BETWEEN ? AND ?",
        (
            narrowed(replace(query, with_files=True), Level.FOLDED),
            min(match.version_id for match in found),
            max(match.version_id for match in found),
        ),
    )
    there = {version_id for (version_id,) in rows}
    return {match.version_id for match in found if match.version_id in there}


def _narrowed(
    connection: sqlite3.Connection,
    query: Query,
    sites: tuple[str, ...],
    since: date | None,
    until: date | None,
) -> tuple[Query, list[str]]:
    """The query with the caller's filters, and a note for each portal or province that is not there."""
    query, notes = narrowed_to_portals(connection, query, sites)
    narrowed = replace(
        query,
        since=max(filter(None, (query.since, since)), default=None),
        until=min(filter(None, (query.until, until)), default=None),
    )
    for site in narrowed.sites:
        if site and not is_known_site(connection, site):
            near = get_close_matches(site, known_sites(connection), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            notes.append(f"there is no portal {site!r} in this archive{hint}")
    return narrowed, notes


def is_known_site(connection: sqlite3.Connection, slug: str) -> bool:
    """Whether the archive has anything of, or about, this portal."""
    return (
        connection.execute(
            "SELECT 1 FROM site WHERE slug = :s UNION ALL SELECT 1 FROM article WHERE site = :s",
            {"s": slug},
        ).fetchone()
        is not None
    )


def known_sites(connection: sqlite3.Connection) -> list[str]:
    """The slugs of all portals recorded in the archive."""
    return [slug for (slug,) in connection.execute("SELECT slug FROM site ORDER BY slug")]


def _first_printed(connection: sqlite3.Connection, query: Query, found: Ranked) -> Ranked:
    """In place of a copy the article that was published first, if the query lets it through, else the
    oldest copy that it does."""
    one = found.candidate
    source = tables_of(query)
    (others,) = connection.execute(
        "SELECT json_group_array(version_id) FROM article WHERE id = ?1 OR duplicate_of = ?1",
        (one.group,),
    ).fetchone()
    row = connection.execute(
        f"SELECT a.id, a.version_id FROM {source.tables} WHERE {source.where} "
        "AND version_fts MATCH :match AND version_fts.rowid IN (SELECT value FROM json_each(:all)) "
        "ORDER BY a.duplicate_of IS NOT NULL, a.id LIMIT 1",
        {**source.parameters, "match": narrowed(query, one.level), "all": others},
    ).fetchone()
    article_id, version_id = row
    return replace(found, candidate=replace(one, article_id=article_id, version_id=version_id))


def _by_date(
    connection: sqlite3.Connection, query: Query, sort: Sort, broad: bool
) -> Iterator[Ranked]:
    """All that matches, each text once, in the order of their dates. A broad result is read month by
    month, so that its first page does not wait for the last."""
    seen: set[int] = set()
    for level in levels(query)[-2:]:
        whole = narrowed(query, level)
        for part in _months(connection, sort) if broad and whole else ("",):
            for found in _dated(connection, query, sort, level, narrowed(query, level, part)):
                if found.group not in seen:
                    seen.add(found.group)
                    yield Ranked(found, Nearness.ANYWHERE, 0.0)


def _months(connection: sqlite3.Connection, sort: Sort) -> Iterator[str]:
    """Expressions for the months that the archive has articles of, in order, and for the undated."""
    extreme, beyond = ("max", "<") if sort is Sort.NEWEST else ("min", ">")
    edge = "~" if sort is Sort.NEWEST else ""
    while True:
        (day,) = connection.execute(
            f"SELECT {extreme}(published_at) FROM version WHERE published_at {beyond} ?", (edge,)
        ).fetchone()
        if day is None:
            break
        yield month(day)
        edge = day[:7] if sort is Sort.NEWEST else f"{day[:7]}~"
    yield UNDATED


def _dated(
    connection: sqlite3.Connection, query: Query, sort: Sort, level: Level, match: str
) -> Iterator[Candidate]:
    source = tables_of(query, dated=True)
    order = "v.published_at DESC, a.id DESC" if sort is Sort.NEWEST else "v.published_at, a.id"
    rows = connection.execute(
        f"SELECT a.id, v.id, coalesce(a.duplicate_of, a.id) FROM {source.tables} "
        f"WHERE {source.where} {'AND version_fts MATCH :match' if match else ''} "
        f"ORDER BY v.published_at IS NULL, {order}",
        {**source.parameters, "match": match},
    )
    for article_id, version_id, group in rows:
        yield Candidate(article_id, version_id, group, level)


def _count(connection: sqlite3.Connection, query: Query, level: Level) -> tuple[int, bool]:
    source, match = tables_of(query), narrowed(query, level)
    if match and not looks_at_rows(query):
        # The index alone, without the articles, is much faster; it has the withheld ones too.
        (withheld,) = connection.execute(
            "SELECT count(*) FROM article WHERE status = 'withheld'"
        ).fetchone()
        (entries,) = connection.execute(
            "SELECT count(*) FROM "
            "(SELECT 1 FROM version_fts WHERE version_fts MATCH :match LIMIT :depth)",
            {"match": match, "depth": COUNT_CAP + withheld + 1},
        ).fetchone()
        if entries > COUNT_CAP + withheld:
            return COUNT_CAP, True
    (total,) = connection.execute(
        "SELECT count(*) FROM "
        f"(SELECT DISTINCT coalesce(a.duplicate_of, a.id) FROM {source.tables} "
        f"WHERE {source.where} {'AND version_fts MATCH :match' if match else ''} LIMIT :depth)",
        {**source.parameters, "match": match, "depth": COUNT_CAP + 1},
    ).fetchone()
    return min(total, COUNT_CAP), total > COUNT_CAP


def _copies(connection: sqlite3.Connection, found: list[Ranked]) -> dict[int, int]:
    """Group -> how many articles may be shown that hold its text, where more than one."""
    groups = json.dumps([f.candidate.group for f in found])
    return dict(
        connection.execute(
            "SELECT g, count(*) FROM "
            "(SELECT id AS g FROM article WHERE id IN (SELECT value FROM json_each(:groups)) "
            "AND status <> 'withheld' UNION ALL "
            "SELECT duplicate_of FROM article WHERE duplicate_of IN "
            "(SELECT value FROM json_each(:groups)) AND status <> 'withheld') "
            "GROUP BY g HAVING count(*) > 1",
            {"groups": groups},
        ).fetchall()
    )


def _hit(
    connection: sqlite3.Connection,
    query: Query,
    highlighters: dict[Level, Highlighter],
    found: Ranked,
    duplicates: int,
) -> Hit:
    cursor = connection.execute(
        "SELECT v.*, a.site, a.url, s.name AS portal "
        "FROM article a JOIN version v ON v.id = a.version_id LEFT JOIN site s ON s.slug = a.site "
        "WHERE a.id = ?",
        (found.candidate.article_id,),
    )
    cursor.row_factory = sqlite3.Row
    row = cursor.fetchone()
    article = article_of(row)
    body = searchable_body(article)
    highlighter = highlighters[found.candidate.level]
    exact = found.candidate.level is not Level.FOLDED or (
        not query.marked and highlighters[Level.TYPED].covers(article.title, body)
    )
    return Hit(
        id=found.candidate.article_id,
        site=row["site"],
        portal=row["portal"] or row["site"],
        title=highlighter.mark(article.title),
        url=row["url"],
        published_at=article.published_at,
        author=article.author,
        snippet=highlighter.passage(body),
        exact=exact,
        duplicates=duplicates,
        score=found.score,
    )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A wider search that does find something: what to change, and how much that finds."""

    advice: str
    total: int
    capped: bool


def suggestions(connection: sqlite3.Connection, query: Query) -> tuple[Suggestion, ...]:
    """For a query that found nothing: the single changes that help. (Other diacritics are no such
    change, `search` has tried them.)"""
    register_functions(connection)
    unfiltered = replace(
        query,
        sites=(),
        since=None,
        until=None,
        authors=(),
        categories=(),
        provinces=(),
        bodies=(),
        with_files=False,
    )
    loose = tuple(
        tuple(Term((word,)) for term in terms for word in term.words)
        for terms in query.alternatives
    )
    wider = [
        ("without the filters", unfiltered),
        ("without the exclusions", replace(query, excluded=())),
        ("without the quotation marks", replace(query, alternatives=loose)),
    ]
    words = dict.fromkeys(t for terms in query.alternatives for t in terms)
    if len(words) > 1:
        wider += [
            (f"only “{' '.join(w.typed for w in term.words)}”", _alone(query, term))
            for term in list(words)[:_MOST_ALONE]
        ]
    found = []
    for advice, other in wider:
        if other != query and other.searchable:
            total, capped = _count(connection, other, Level.FOLDED)
            if total:
                found.append(Suggestion(advice, total, capped))
    return tuple(found)


def _alone(query: Query, term: Term) -> Query:
    return replace(query, alternatives=((term,),))
