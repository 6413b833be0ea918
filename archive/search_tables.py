"""Which tables a search reads beside the full-text index, and what of its filters they see to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from archive.fts import Level, excluded_expression
from archive.fts_labels import narrowed
from archive.query import Query, Word, words_of


@dataclass(frozen=True, slots=True)
class Tables:
    """FROM and WHERE of a query beside the full-text expression, and their parameters."""

    tables: str
    where: str
    parameters: dict[str, object]


def looks_at_rows(query: Query) -> bool:
    """Whether the index alone does not tell if an article passes the filters."""
    cut = (query.since and query.since.day > 1) or (
        query.until and query.until != date.max and (query.until + timedelta(days=1)).day > 1
    )
    return bool(query.authors or query.categories or cut)


def tables_of(query: Query, dated: bool = False) -> Tables:
    """Where to find what a query matches, and what the index does not see to: withheld articles, days,
    how the words of a byline or category stand. ``dated``: with the version as ``v``."""
    where = ["a.status <> 'withheld'"]
    parameters: dict[str, object] = {}
    # CROSS JOIN fixes the order: the index of the full text first, the article's covering index
    # second, and that of the version, which spares reading the row that holds the text.
    if narrowed(query, Level.FOLDED):
        tables = "version_fts CROSS JOIN article a ON a.version_id = version_fts.rowid"
    else:
        tables = "article a"
        if excluded := excluded_expression(query) if query.excluded else "":
            where.append(
                "a.version_id NOT IN "
                "(SELECT rowid FROM version_fts WHERE version_fts MATCH :excluded)"
            )
            parameters["excluded"] = excluded
    if dated or looks_at_rows(query):
        tables += " CROSS JOIN version v INDEXED BY version_facets ON v.id = a.version_id"
    else:
        where.append("a.version_id IS NOT NULL")
    if query.sites:
        names = [f"site{i}" for i in range(len(query.sites))]
        where.append(f"a.site IN ({', '.join(':' + n for n in names)})")
        parameters |= dict(zip(names, query.sites, strict=True))
    # Both forms of published_at, with and without time, sort after the bare day.
    if dated or looks_at_rows(query):
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
    return Tables(tables, " AND ".join(where), parameters)


def register_functions(connection: sqlite3.Connection) -> None:
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
