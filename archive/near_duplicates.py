"""Keeping pairs of almost the same text, on whatever portal, as articles come and change.

Called where the shown version of an article changes, in the transaction that changes it. Each text is
compared with those that share a band with it (archive.signatures); a pair at least 0.6 alike is kept.
Pairs are told to the reader; nothing is ever removed or hidden for being alike.

An archive without signatures, of an older program or after a change in how they are made, gets them
little by little: `catch_up` beside each group of a crawl, from where the last one stopped.
"""

from __future__ import annotations

import sqlite3

from archive.database import first_row
from archive.identity import SHORTEST_TELLING_BODY
from archive.signatures import Signature, form, guess, numbers, shingles, sign, similarity

ALIKE = 0.6
_WORTH_COMPARING = 0.45  # guessed: one in three thousand pairs that are alike seems less so
METHOD_TEXT = "text"  # the same words, title included: see archive.identity.text_hash
METHOD_SHINGLES = "shingles"  # the Jaccard index of sapo and body

# A form letter stands on hundreds of pages. A text is compared with the most alike of the oldest: so
# work stays bounded, and the copies still hang together through those.
_MOST_IN_A_BAND = 100
_MOST_COMPARED = 20


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Forgets all pairs and signatures if they were made by another derivation than today's; then
    `catch_up` has to make them anew. Inside a transaction of the caller."""
    if is_current(connection):
        return
    for table in ("near_duplicate", "signature_band", "signature"):
        connection.execute(f"DELETE FROM {table}")
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        [("signatures", form()), ("signatures_through", "0")],
    )


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether signatures in the archive are of today's form."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'signatures'").fetchone()
    return row is not None and row[0] == form()


def catch_up(connection: sqlite3.Connection, limit: int) -> bool:
    """Signs the next ``limit`` articles that have no signature; says whether there may be more.
    Inside a transaction of the caller."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'signatures_through'").fetchone()
    if row is None:
        return False
    articles = [
        article
        for (article,) in connection.execute(
            """
            SELECT a.id FROM article a
            WHERE a.id > ? AND NOT EXISTS (SELECT 1 FROM signature s WHERE s.article_id = a.id)
            ORDER BY a.id LIMIT ?
            """,
            (int(row[0]), limit),
        )
    ]
    for article in articles:
        refresh(connection, article)
    if len(articles) < limit:
        connection.execute("DELETE FROM meta WHERE key = 'signatures_through'")
        return False
    connection.execute(
        "UPDATE meta SET value = ? WHERE key = 'signatures_through'", (str(articles[-1]),)
    )
    return True


def refresh(connection: sqlite3.Connection, article_id: int) -> None:
    """Makes the signature and the pairs of an article those of its shown version; of a withheld
    article, and of one too short to tell, there are none."""
    _forget(connection, article_id)
    version = _shown(connection, article_id)
    if version["status"] == "withheld":
        return
    content = _content(version)
    signature = sign(content)
    for other_id in _candidates(connection, signature):
        _compare(connection, version, content, _shown(connection, other_id))
    connection.execute(
        "INSERT INTO signature VALUES (?, ?, ?)", (article_id, version["id"], signature.digest)
    )
    connection.executemany(
        "INSERT OR IGNORE INTO signature_band VALUES (?, ?)",
        [(key, article_id) for key in signature.bands],
    )


def _forget(connection: sqlite3.Connection, article_id: int) -> None:
    # A version never changes, so its bands can be derived again from its text.
    version = first_row(
        connection,
        "SELECT v.* FROM signature s JOIN version v ON v.id = s.version_id WHERE s.article_id = ?",
        article_id,
    )
    if version is None:
        return
    connection.executemany(
        "DELETE FROM signature_band WHERE key = ? AND article_id = ?",
        [(key, article_id) for key in sign(_content(version)).bands],
    )
    connection.execute("DELETE FROM signature WHERE article_id = ?", (article_id,))
    connection.execute("DELETE FROM near_duplicate WHERE article_id = ?", (article_id,))
    connection.execute("DELETE FROM near_duplicate WHERE other_id = ?", (article_id,))


def _candidates(connection: sqlite3.Connection, signature: Signature) -> list[int]:
    """The articles that share a band and seem alike, most alike first."""
    sharing: set[int] = set()
    for key in signature.bands:
        sharing.update(
            article
            for (article,) in connection.execute(
                "SELECT article_id FROM signature_band WHERE key = ? ORDER BY article_id LIMIT ?",
                (key, _MOST_IN_A_BAND),
            )
        )
    guessed = []
    for article in sharing:
        (digest,) = connection.execute(
            "SELECT digest FROM signature WHERE article_id = ?", (article,)
        ).fetchone()
        likeness = guess(signature.digest, digest)
        if likeness >= _WORTH_COMPARING:
            guessed.append((-likeness, article))
    return [article for _, article in sorted(guessed)[:_MOST_COMPARED]]


def _compare(
    connection: sqlite3.Connection,
    version: sqlite3.Row,
    content: frozenset[str],
    other: sqlite3.Row,
) -> None:
    if version["text_hash"] is not None and version["text_hash"] == other["text_hash"]:
        alike, method = 1.0, METHOD_TEXT
    else:
        alike, method = similarity(content, _content(other)), METHOD_SHINGLES
    if alike < ALIKE:
        return
    first, second = sorted((version["article_id"], other["article_id"]))
    same_numbers = numbers(version["title"]) == numbers(other["title"])
    connection.execute(
        "INSERT INTO near_duplicate VALUES (?, ?, ?, ?, ?)",
        (first, second, round(alike, 4), method, same_numbers),
    )


def _content(version: sqlite3.Row) -> frozenset[str]:
    """What is compared: sapo and body. (Some portals print the sapo apart, others in the body; and a
    headline is what an editor changes first.)"""
    if len(version["summary"]) + len(version["body_text"]) <= SHORTEST_TELLING_BODY:
        return frozenset()
    return shingles(f"{version['summary']}\n{version['body_text']}")


def _shown(connection: sqlite3.Connection, article_id: int) -> sqlite3.Row:
    row = first_row(
        connection,
        "SELECT v.id, v.article_id, v.text_hash, v.title, v.summary, v.body_text, a.status "
        "FROM article a JOIN version v ON v.id = a.version_id WHERE a.id = ?",
        article_id,
    )
    assert row is not None
    return row
