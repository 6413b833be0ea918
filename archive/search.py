"""Full-text search over the current versions of all articles that are not withheld.

Hits that have every word as typed come first, then those with other diacritics. Within each,
words that stand together rank above words near each other above words anywhere: Vietnamese writes
one word as several syllables, so scattered syllables are mostly other words.
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

from archive.articles import article_of
from archive.fts import Level, Nearness, excluded_expression, expression, levels, nearnesses
from archive.index_text import searchable_body
from archive.query import Query, Term, Word, parse, slug_of, words_of
from archive.snippets import Highlighter, Marked

COUNT_CAP = 10_000  # beyond, "more than 10,000" says as much and costs less
DEEPEST = 10_000  # offset + limit
_MOST_ALONE = 8  # words tried on their own when nothing was found

# bm25 saturates: whatever its weight, one mention in the title of a long article loses to a few in
# a short body. So what the title alone earns is added; its weight makes one mention there count
# nearly as much as any number.
_SCORE = "-bm25(version_fts) - bm25(version_fts, 40.0, 0.0, 40.0, 0.0)"


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
    comparable within one tier of one result only, higher is better; 0.0 when sorted by date."""

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
    """One page of hits. ``total`` counts articles, duplicates folded together, and is a lower bound
    when ``capped``. ``typed`` is how many of them were found as typed (None when the query has no
    diacritics, or no words). ``notes``: what was left out of the query and why."""

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
    _register_functions(connection)
    total, capped = _count(connection, query, Level.FOLDED)
    typed = None
    if query.marked:
        typed = _count(connection, query, levels(query)[-2])[0] if total else 0
    found = list(_ranked(connection, query, sort, offset, limit)) if total else []
    could_stand_together = sort is Sort.RELEVANCE and len(nearnesses(query)) > 1
    if found and could_stand_together and all(f.nearness is Nearness.ANYWHERE for f in found):
        notes.append("the words do not stand together in any of these")
    duplicates = _duplicates(connection, found)
    hits = tuple(_hit(connection, query, f, duplicates.get(f.group, 1) - 1) for f in found)
    return Results(query, hits, total, capped, typed, sort, offset, limit, tuple(notes))


def matching(connection: sqlite3.Connection, query: Query, most: int = COUNT_CAP) -> list[int]:
    """The ids of all articles that a query (as in `Results`) matches, duplicates too, for counting
    by one thing or another. At most so many, in no order; beyond, any of them."""
    if not query.searchable:
        return []
    _register_functions(connection)
    source, parameters = _source(query, Level.FOLDED, Nearness.ANYWHERE, Sort.RELEVANCE)
    rows = connection.execute(f"SELECT a.id {source} LIMIT :most", {**parameters, "most": most})
    return [article_id for (article_id,) in rows]


@dataclass(frozen=True, slots=True)
class _Found:
    article_id: int
    group: int
    score: float
    level: Level
    nearness: Nearness


def _narrowed(
    connection: sqlite3.Connection,
    query: Query,
    sites: tuple[str, ...],
    since: date | None,
    until: date | None,
) -> tuple[Query, list[str]]:
    """The query with the caller's filters, and a note for each portal that is not there."""
    wanted = tuple(slug_of(site) for site in sites)
    if wanted and query.sites:
        # An impossible pair of filters must find nothing, not everything: keep an unknown slug.
        wanted = tuple(s for s in query.sites if s in wanted) or ("",)
    else:
        wanted = wanted or query.sites
    narrowed = replace(
        query,
        sites=wanted,
        since=max(filter(None, (query.since, since)), default=None),
        until=min(filter(None, (query.until, until)), default=None),
    )
    notes = []
    for site in wanted:
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


def _ranked(
    connection: sqlite3.Connection, query: Query, sort: Sort, offset: int, limit: int
) -> Iterator[_Found]:
    """The page of the ranking: tier after tier, each article and each duplicated text once."""
    seen: set[int] = set()
    last = offset + limit
    for level, nearness in _tiers(query, sort):
        if len(seen) >= last:
            return
        for found in _tier(connection, query, level, nearness, sort, seen, last):
            seen.add(found.group)
            if len(seen) > offset:
                yield found
            if len(seen) >= last:
                return


def _tiers(query: Query, sort: Sort) -> Iterator[tuple[Level, Nearness]]:
    if not query.alternatives:
        yield Level.FOLDED, Nearness.ANYWHERE
        return
    if sort is Sort.RELEVANCE:
        for level in levels(query):
            for nearness in nearnesses(query):
                yield level, nearness
        return
    for level in levels(query)[-2:]:
        yield level, Nearness.ANYWHERE


def _tier(
    connection: sqlite3.Connection,
    query: Query,
    level: Level,
    nearness: Nearness,
    sort: Sort,
    seen: set[int],
    last: int,
) -> Iterator[_Found]:
    """The hits of one tier that were not seen before. A tier repeats those of stricter tiers and
    duplicates, so it is asked for more, again and again, until it gives enough or ends."""
    source, parameters = _source(query, level, nearness, sort)
    score = _SCORE if sort is Sort.RELEVANCE else "0.0"
    order = {
        Sort.RELEVANCE: "score DESC, a.id",
        Sort.NEWEST: "v.published_at IS NULL, v.published_at DESC, a.id DESC",
        Sort.OLDEST: "v.published_at IS NULL, v.published_at, a.id",
    }[sort]
    sql = (
        f"SELECT a.id, coalesce(a.duplicate_of, a.id), {score} AS score "
        f"{source} ORDER BY {order} LIMIT :depth"
    )
    depth, read = 2 * last, 0
    known = set(seen)
    while True:
        rows = connection.execute(sql, {**parameters, "depth": depth}).fetchall()
        for article_id, group, value in rows[read:]:
            if group not in known:
                known.add(group)
                yield _Found(article_id, group, value, level, nearness)
        if len(rows) < depth:
            return
        read, depth = len(rows), depth * 4


def _count(connection: sqlite3.Connection, query: Query, level: Level) -> tuple[int, bool]:
    source, parameters = _source(query, level, Nearness.ANYWHERE, Sort.RELEVANCE)
    (total,) = connection.execute(
        "SELECT count(*) FROM "
        f"(SELECT DISTINCT coalesce(a.duplicate_of, a.id) {source} LIMIT :depth)",
        {**parameters, "depth": COUNT_CAP + 1},
    ).fetchone()
    return min(total, COUNT_CAP), total > COUNT_CAP


def _source(
    query: Query, level: Level, nearness: Nearness, sort: Sort
) -> tuple[str, dict[str, object]]:
    """FROM and WHERE for a query, and their parameters."""
    match = expression(query, level, nearness)
    where = ["a.status <> 'withheld'"]
    parameters: dict[str, object] = {}
    # CROSS JOIN fixes the order: the index of the full text first, the article's covering index
    # second, and the row that holds the text only where a filter needs it. "+" keeps SQLite from
    # that row where the index version_published has all that is asked for.
    texts = bool(query.authors or query.categories or query.with_files)
    dates = bool(query.since or query.until or sort is not Sort.RELEVANCE)
    tables = "article a"
    if match:
        tables = "version_fts CROSS JOIN article a ON a.version_id = version_fts.rowid"
        where.append("version_fts MATCH :match")
        parameters["match"] = match
    elif excluded := excluded_expression(query):
        where.append(
            "a.version_id NOT IN (SELECT rowid FROM version_fts WHERE version_fts MATCH :excluded)"
        )
        parameters["excluded"] = excluded
    if texts:
        tables += " CROSS JOIN version v ON v.id = a.version_id"
    elif dates:
        tables += " CROSS JOIN version v ON v.article_id = a.id AND +v.id = a.version_id"
    else:
        where.append("a.version_id IS NOT NULL")
    if query.with_files:
        where.append("v.attachments <> '[]'")
    if query.sites:
        names = [f"site{i}" for i in range(len(query.sites))]
        where.append(f"a.site IN ({', '.join(':' + n for n in names)})")
        parameters |= dict(zip(names, query.sites, strict=True))
    # Both forms of published_at, with and without time, sort after the bare day.
    if query.since:
        where.append("v.published_at >= :since")
        parameters["since"] = query.since.isoformat()
    if query.until:
        where.append("v.published_at < :until")
        parameters["until"] = f"{query.until.isoformat()}U"  # after every "…T…" of that day
    for column, phrases in (("author", query.authors), ("category", query.categories)):
        for i, words in enumerate(phrases):
            where.append(f"has_words(v.{column}, :{column}{i})")
            parameters[f"{column}{i}"] = " ".join(w.typed for w in words)
    return f"FROM {tables} WHERE {' AND '.join(where)}", parameters


def _register_functions(connection: sqlite3.Connection) -> None:
    connection.create_function("has_words", 2, _has_words, deterministic=True)


@lru_cache(maxsize=4096)
def _has_words(text: str, phrase: str) -> bool:
    """Whether the phrase stands in the text, word by word; a word typed with diacritics must have
    them. ``text`` may be a JSON list: its quotes and commas are no words."""
    words, wanted = words_of(text), words_of(phrase)
    return any(
        all(map(_same, wanted, words[i : i + len(wanted)]))
        for i in range(len(words) - len(wanted) + 1)
    )


def _same(wanted: Word, found: Word) -> bool:
    return wanted.typed == found.typed if wanted.marked else wanted.folded == found.folded


def _duplicates(connection: sqlite3.Connection, found: list[_Found]) -> dict[int, int]:
    """Group -> how many articles may be shown that hold its text."""
    groups = json.dumps([f.group for f in found])
    return dict(
        connection.execute(
            "SELECT g, count(*) FROM "
            "(SELECT id AS g FROM article WHERE id IN (SELECT value FROM json_each(:groups)) "
            "AND status <> 'withheld' UNION ALL "
            "SELECT duplicate_of FROM article WHERE duplicate_of IN "
            "(SELECT value FROM json_each(:groups)) AND status <> 'withheld') GROUP BY g",
            {"groups": groups},
        ).fetchall()
    )


def _hit(connection: sqlite3.Connection, query: Query, found: _Found, duplicates: int) -> Hit:
    cursor = connection.execute(
        "SELECT v.*, a.site, a.url, s.name AS portal "
        "FROM article a JOIN version v ON v.id = a.version_id LEFT JOIN site s ON s.slug = a.site "
        "WHERE a.id = ?",
        (found.article_id,),
    )
    cursor.row_factory = sqlite3.Row
    row = cursor.fetchone()
    article = article_of(row)
    body = searchable_body(article)
    highlighter = Highlighter(query, found.level)
    exact = found.level is not Level.FOLDED or (
        not query.marked and Highlighter(query, Level.TYPED).covers(article.title, body)
    )
    return Hit(
        id=found.article_id,
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
    _register_functions(connection)
    unfiltered = replace(
        query, sites=(), since=None, until=None, authors=(), categories=(), with_files=False
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
