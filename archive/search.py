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
from itertools import islice
from typing import NamedTuple

from pyroaring import FrozenBitMap

from archive.articles import article_of
from archive.database import one_state
from archive.full_text import waiting
from archive.index_text import key, searchable_body
from archive.matches import Matches
from archive.query import Query, Term, parse
from archive.query_portals import narrowed_to_portals
from archive.ranking import Candidate, Ranked, ranked
from archive.snippets import Highlighter, Marked
from archive.strictness import Level, Nearness, levels, nearnesses
from archive.word_sets import years_of

DEEPEST = 10_000  # offset + limit
MOST_FOLDED = 3_000  # articles found, of which those with the same text are counted as one
_MOST_ALONE = 8  # words tried on their own when nothing was found
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
    """One page of hits. ``total`` counts articles, duplicates folded together; where ``approximate``
    each copy is counted (over 3,000 articles), or not each was looked at whether its byline or category
    has the words in their order, so that there may be fewer. ``typed`` is how many of them were found
    as typed (None when the query has no diacritics or no words, or when that is not known).
    ``notes``: what was left out of the query and why."""

    query: Query
    hits: tuple[Hit, ...]
    total: int
    approximate: bool
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
    the query's own filters let through. ``limit`` and ``offset`` are clamped to 0..10,000. Raises
    ArchiveError where the index is damaged.
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
    with one_state(connection):
        return _results(connection, query, limit, offset, sort, notes)


def _results(
    connection: sqlite3.Connection,
    query: Query,
    limit: int,
    offset: int,
    sort: Sort,
    notes: list[str],
) -> Results:
    matches = Matches(connection, query)
    (total, approximate), *as_typed = _count(connection, matches, *reversed(levels(query)[-2:]))
    # Where the one is exact, the other has to be.
    known = [count.total for count in as_typed if approximate or not count.approximate]
    typed = known[0] if known else None
    found: list[Ranked] = []
    if total and limit:
        order = (
            ranked(connection, query, matches)
            if sort is Sort.RELEVANCE
            else _by_date(connection, query, matches, sort)
        )
        found = list(islice(order, offset, offset + limit))
    could_stand_together = sort is Sort.RELEVANCE and len(nearnesses(query)) > 1
    if found and could_stand_together and all(f.nearness is Nearness.ANYWHERE for f in found):
        notes.append("the words do not stand together in any of these")
    if lacking := waiting(connection):
        them = "1 article is" if lacking == 1 else f"{lacking:,} articles are"
        notes.append(f"the index is behind: {them} not in it yet")
    copies = _copies(connection, found)
    if sort is Sort.RELEVANCE:
        found = [
            _first_printed(connection, matches, one) if one.candidate.group in copies else one
            for one in found
        ]
    highlighters = {level: Highlighter(query, level) for level in Level} if found else {}
    hits = tuple(
        _hit(connection, query, highlighters, one, copies.get(one.candidate.group, 1) - 1)
        for one in found
    )
    return Results(query, hits, total, approximate, typed, sort, offset, limit, tuple(notes))


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


def _first_printed(connection: sqlite3.Connection, matches: Matches, found: Ranked) -> Ranked:
    """In place of a copy the article that was published first, if the query lets it through, else the
    oldest copy that it does."""
    one = found.candidate
    rows = connection.execute(
        "SELECT id, version_id FROM article WHERE id = ?1 OR duplicate_of = ?1 "
        "ORDER BY duplicate_of IS NOT NULL, id",
        (one.group,),
    )
    let_through = matches.versions(one.level)
    for article_id, version_id in rows:
        if version_id in let_through:
            return replace(
                found, candidate=replace(one, article_id=article_id, version_id=version_id)
            )
    return found


def _by_date(
    connection: sqlite3.Connection, query: Query, matches: Matches, sort: Sort
) -> Iterator[Ranked]:
    """All that matches, each text once, in the order of their dates. A broad result is read month by
    month, so that its first page does not wait for the last."""
    seen: set[int] = set()
    for level in levels(query)[-2:]:
        versions = matches.versions(level)
        for part in _months(matches, versions, sort):
            for found in _dated(connection, part, sort, level):
                if found.group in seen:
                    continue
                if matches.is_exact(level) or matches.holds(found.version_id, level):
                    seen.add(found.group)
                    yield Ranked(found, Nearness.ANYWHERE, 0.0)


def _months(matches: Matches, versions: FrozenBitMap, sort: Sort) -> Iterator[FrozenBitMap]:
    """The versions by month in order, the undated last; all at once where they are few."""
    if len(versions) <= _MOST_SORTED:
        yield versions
        return
    years = years_of(matches.sets)
    months = [f"{month:02}" for month in range(1, 13)]
    if sort is Sort.NEWEST:
        years.reverse()
        months.reverse()
    for year in years:
        in_year = versions & matches.sets.having(key("year", year))
        if in_year:
            for month in months:
                yield in_year & matches.sets.having(key("month", f"{year}-{month}"))
    yield versions & matches.sets.having(key("undated"))


def _dated(
    connection: sqlite3.Connection, versions: FrozenBitMap, sort: Sort, level: Level
) -> Iterator[Candidate]:
    order = "v.published_at DESC, a.id DESC" if sort is Sort.NEWEST else "v.published_at, a.id"
    rows = connection.execute(
        "SELECT a.id, v.id, coalesce(a.duplicate_of, a.id) FROM json_each(?) "
        "CROSS JOIN version v INDEXED BY version_facets ON v.id = value "
        "CROSS JOIN article a ON a.version_id = v.id "
        f"ORDER BY v.published_at IS NULL, {order}",
        (json.dumps(list(versions)),),
    )
    for article_id, version_id, group in rows:
        yield Candidate(article_id, version_id, group, level)


def _count(connection: sqlite3.Connection, matches: Matches, *found: Level) -> list[_Count]:
    """How many texts match at each of the levels, the first being the widest."""
    widest = matches.versions(found[0])
    if len(widest) > MOST_FOLDED:
        return [_Count(len(matches.versions(level)), True) for level in found]
    rows = connection.execute(
        "SELECT a.version_id, coalesce(a.duplicate_of, a.id) FROM json_each(?) "
        "CROSS JOIN article a ON a.version_id = value",
        (json.dumps(list(widest)),),
    )
    groups: dict[int, int] = dict(map(tuple, rows))
    return [
        _Count(
            len({groups[version_id] for version_id in matches.versions(level)}),
            not matches.is_exact(level),
        )
        for level in found
    ]


class _Count(NamedTuple):
    """How many; ``approximate`` as in `Results`."""

    total: int
    approximate: bool


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
    approximate: bool


def suggestions(connection: sqlite3.Connection, query: Query) -> tuple[Suggestion, ...]:
    """For a query that found nothing: the single changes that help. (Other diacritics are no such
    change, `search` has tried them.)"""
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
            (count,) = _count(connection, Matches(connection, other), Level.FOLDED)
            if count.total:
                found.append(Suggestion(advice, count.total, count.approximate))
    return tuple(found)


def _alone(query: Query, term: Term) -> Query:
    return replace(query, alternatives=((term,),))
