"""Keeping pairs of almost the same text, on whatever portal, as articles come and change.

Each text is compared with those that share a band with it (archive.signatures); a pair at least 0.6
alike is kept. Pairs are told to the reader; nothing is ever removed or hidden for being alike.

New articles are compared some hundred at a time, in the order of their numbers, by `catch_up`; the row
`signatures_through` of `meta` says how far it has come, so that what a killed run left undone is done by
the next. The bands of one article stand all over their table: one at a time, each costs 32 pages of
the disk, a thousand in the order of the table touch each page once. A change of an article that was
compared is followed at once, by `refresh`, in the transaction that changes it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from archive.database import first_row
from archive.identity import SHORTEST_TELLING_BODY
from archive.signatures import (
    Signature,
    form,
    guess,
    numbers,
    shingles,
    sign_text,
    similarity,
)

ALIKE = 0.6
_WORTH_COMPARING = 0.45  # guessed: one in three thousand pairs that are alike seems less so
METHOD_TEXT = "text"  # the same words, title included: see archive.identity.text_hash
METHOD_SHINGLES = "shingles"  # the Jaccard index of sapo and body

# A form letter stands on hundreds of pages. A text is compared with the most alike of the oldest: so
# work stays bounded, and the copies still hang together through those.
_MOST_IN_A_BAND = 100
_MOST_COMPARED = 20

_NO_ARTICLE_AFTER = 2**63 - 1
_NO_SIGNATURE = Signature((), b"")


@dataclass(frozen=True, slots=True)
class _Signed:
    article_id: int
    version_id: int
    signature: Signature


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Forgets all pairs and signatures if they were made by another derivation than today's; then
    `catch_up` has to make them anew. Inside a transaction of the caller."""
    if is_current(connection):
        # Older programs kept no such row when they had compared all.
        connection.execute(
            "INSERT OR IGNORE INTO meta "
            "SELECT 'signatures_through', cast(coalesce(max(id), 0) AS TEXT) FROM article"
        )
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


def waiting(connection: sqlite3.Connection) -> int:
    """How many articles `catch_up` has not come to."""
    (count,) = connection.execute(
        "SELECT count(*) FROM article WHERE id > ?", (_compared_through(connection),)
    ).fetchone()
    return int(count)


def catch_up(connection: sqlite3.Connection, limit: int) -> bool:
    """Compares the next ``limit`` articles, after `bring_up_to_date`; says whether there may be more.
    Inside a transaction of the caller."""
    articles = connection.execute(
        """
        SELECT a.id, v.id, v.summary, v.body_text,
               a.status = 'withheld' OR EXISTS (SELECT 1 FROM signature s WHERE s.article_id = a.id)
        FROM article a JOIN version v ON v.id = a.version_id WHERE a.id > ? ORDER BY a.id LIMIT ?
        """,
        (_compared_through(connection), limit),
    )
    count, through, signed = 0, None, []
    for article_id, version_id, summary, body, is_settled in articles:
        count, through = count + 1, article_id
        if not is_settled:
            signed.append(_Signed(article_id, version_id, _signature(summary, body)))
    _add(connection, signed)
    if through is not None:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'signatures_through'", (str(through),)
        )
    return count == limit


def refresh(connection: sqlite3.Connection, article_id: int) -> None:
    """Makes the signature and the pairs of an article those of its shown version; of a withheld
    article, and of one too short to tell, there are none. Leaves to `catch_up` what that has not
    come to. Inside a transaction of the caller."""
    had_one = _forget(connection, article_id)
    if not had_one and article_id > _compared_through(connection):
        return
    version = _shown(connection, article_id)
    if version["status"] == "withheld":
        return
    signature = _signature(version["summary"], version["body_text"])
    _add(connection, [_Signed(article_id, version["id"], signature)])


def _compared_through(connection: sqlite3.Connection) -> int:
    """The number of the article that `catch_up` has come to; where nothing says so, it has nothing to do."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'signatures_through'").fetchone()
    return _NO_ARTICLE_AFTER if row is None else int(row[0])


def _forget(connection: sqlite3.Connection, article_id: int) -> bool:
    """Removes signature and pairs of an article; says whether it had a signature."""
    # A version never changes, so its bands can be derived again from its text.
    version = first_row(
        connection,
        "SELECT v.* FROM signature s JOIN version v ON v.id = s.version_id WHERE s.article_id = ?",
        article_id,
    )
    if version is None:
        return False
    connection.executemany(
        "DELETE FROM signature_band WHERE key = ? AND article_id = ?",
        [(key, article_id) for key in _signature(version["summary"], version["body_text"]).bands],
    )
    connection.execute("DELETE FROM signature WHERE article_id = ?", (article_id,))
    connection.execute("DELETE FROM near_duplicate WHERE article_id = ?", (article_id,))
    connection.execute("DELETE FROM near_duplicate WHERE other_id = ?", (article_id,))
    return True


def _add(connection: sqlite3.Connection, signed: Collection[_Signed]) -> None:
    """Compares these articles with those that have a signature and with each other, each with those
    before it; and stores their signatures."""
    bands = _in_bands(connection, {key for one in signed for key in one.signature.bands})
    digests: dict[int, bytes] = {}
    for one in signed:
        sharing = {other for key in one.signature.bands for other in bands.get(key, ())}
        candidates = _candidates(connection, one.signature, sharing, digests)
        if candidates:
            version = _shown(connection, one.article_id)
            content = _content(version)
            for other_id in candidates:
                _compare(connection, version, content, _shown(connection, other_id))
        digests[one.article_id] = one.signature.digest
        for key in one.signature.bands:
            members = bands.setdefault(key, [])
            if len(members) < _MOST_IN_A_BAND:
                members.append(one.article_id)
    connection.executemany(
        "INSERT INTO signature VALUES (?, ?, ?)",
        [(one.article_id, one.version_id, one.signature.digest) for one in signed],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO signature_band VALUES (?, ?)",
        sorted((key, one.article_id) for one in signed for key in one.signature.bands),
    )


def _in_bands(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, list[int]]:
    """The oldest articles in each of these bands."""
    rows = connection.execute(
        """
        SELECT b.key, b.article_id FROM json_each(?) k JOIN signature_band b ON b.key = k.value
        WHERE b.article_id <= coalesce(
            (SELECT m.article_id FROM signature_band m WHERE m.key = k.value
             ORDER BY m.article_id LIMIT 1 OFFSET ?), b.article_id)
        """,
        (json.dumps(sorted(keys)), _MOST_IN_A_BAND - 1),
    )
    found: dict[int, list[int]] = {}
    for key, article_id in rows:
        found.setdefault(key, []).append(article_id)
    return found


def _candidates(
    connection: sqlite3.Connection,
    signature: Signature,
    sharing: Iterable[int],
    digests: Mapping[int, bytes],
) -> list[int]:
    """Those of the articles that share a band which seem alike, most alike first. ``digests`` has those
    that are not stored yet."""
    guessed = []
    for article in sharing:
        digest = digests.get(article)
        if digest is None:
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
    summary, body = version["summary"], version["body_text"]
    return shingles(f"{summary}\n{body}") if _tells(summary, body) else frozenset()


def _signature(summary: str, body: str) -> Signature:
    """That of `_content`."""
    return sign_text(f"{summary}\n{body}") if _tells(summary, body) else _NO_SIGNATURE


def _tells(summary: str, body: str) -> bool:
    return len(summary) + len(body) > SHORTEST_TELLING_BODY


def _shown(connection: sqlite3.Connection, article_id: int) -> sqlite3.Row:
    row = first_row(
        connection,
        "SELECT v.id, v.article_id, v.text_hash, v.title, v.summary, v.body_text, a.status "
        "FROM article a JOIN version v ON v.id = a.version_id WHERE a.id = ?",
        article_id,
    )
    assert row is not None
    return row
