"""Articles with almost the same text: which they are, how alike, and which was published first."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.near_duplicates import METHOD_TEXT

_MOST = 1000  # articles of a cluster that are looked at


@dataclass(frozen=True, slots=True)
class Alike:
    """An article that is almost the same as another. ``similarity`` is 0.6 to 1 (of the sets of three
    folded syllables in a row), 1 with ``same_text`` when all words are the same, title included.
    ``same_numbers`` is false when the titles have other numbers: then it may be another document of
    the same form, such as next month's."""

    id: int
    site: str
    portal: str
    title: str
    url: str
    published_at: str | None
    similarity: float
    same_text: bool
    same_numbers: bool


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a cluster. ``first_seen`` is UTC."""

    id: int
    site: str
    portal: str
    url: str
    published_at: str | None
    first_seen: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is known of the likes of one article. ``alike``: its direct neighbours, most alike first.
    ``articles``: the ids of all that hang together with it through pairs with the same numbers in
    their titles, itself included; ``earliest`` is the one of these that was published first (before
    those without a date), None where the article stands alone."""

    alike: tuple[Alike, ...] = ()
    articles: tuple[int, ...] = ()
    earliest: Member | None = None


def cluster_of(connection: sqlite3.Connection, article_id: int) -> Cluster:
    """The likes of an article; empty for a withheld or unknown one. Withheld articles are in no
    cluster. Of a cluster of more than a thousand a thousand are looked at."""
    rows = _all(
        connection,
        """
        SELECT a.id, a.site, a.url, v.title, v.published_at, s.name AS portal,
               n.similarity, n.method, n.same_numbers
        FROM (SELECT other_id AS id, similarity, method, same_numbers
              FROM near_duplicate WHERE article_id = :id
              UNION ALL SELECT article_id, similarity, method, same_numbers
              FROM near_duplicate WHERE other_id = :id) n
        JOIN article a ON a.id = n.id JOIN version v ON v.id = a.version_id
        LEFT JOIN site s ON s.slug = a.site
        ORDER BY n.similarity DESC, v.published_at IS NULL, v.published_at, a.id
        """,
        {"id": article_id},
    )
    alike = tuple(
        Alike(
            id=row["id"],
            site=row["site"],
            portal=row["portal"] or row["site"],
            title=row["title"],
            url=row["url"],
            published_at=row["published_at"],
            similarity=row["similarity"],
            same_text=row["method"] == METHOD_TEXT,
            same_numbers=bool(row["same_numbers"]),
        )
        for row in rows
    )
    members = _members(connection, article_id) if any(a.same_numbers for a in alike) else []
    return Cluster(
        alike=alike,
        articles=tuple(sorted(member.id for member in members)),
        earliest=members[0] if members else None,
    )


def _members(connection: sqlite3.Connection, article_id: int) -> list[Member]:
    """All of the cluster, the one published first at the head."""
    rows = _all(
        connection,
        """
        WITH RECURSIVE member(id) AS (
            VALUES (:id)
            UNION SELECT n.other_id FROM member m JOIN near_duplicate n
                  ON n.article_id = m.id AND n.same_numbers
            UNION SELECT n.article_id FROM member m JOIN near_duplicate n
                  ON n.other_id = m.id AND n.same_numbers
            LIMIT :most)
        SELECT a.id, a.site, a.url, a.first_seen, v.published_at, s.name AS portal
        FROM member m JOIN article a ON a.id = m.id JOIN version v ON v.id = a.version_id
        LEFT JOIN site s ON s.slug = a.site
        ORDER BY v.published_at IS NULL, v.published_at, a.first_seen, a.id
        """,
        {"id": article_id, "most": _MOST},
    )
    return [
        Member(
            id=row["id"],
            site=row["site"],
            portal=row["portal"] or row["site"],
            url=row["url"],
            published_at=row["published_at"],
            first_seen=row["first_seen"],
        )
        for row in rows
    ]


def _all(
    connection: sqlite3.Connection, sql: str, parameters: dict[str, object]
) -> list[sqlite3.Row]:
    cursor = connection.execute(sql, parameters)
    cursor.row_factory = sqlite3.Row
    return cursor.fetchall()
