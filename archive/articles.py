"""Reads stored articles back: the current version, older ones, and every URL they have had."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from archive.absences import Absence, absences_of
from archive.database import first_row
from archive.errors import HuyenError
from archive.schema import Article, Attachment, Image


class NoSuchArticle(HuyenError):
    """Raised here when an article or a version is not in the archive, or may not be shown."""


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version. ``cause`` is one of archive.versions.Cause; ``fetched_at`` and
    ``recorded_at`` are UTC, ISO 8601; ``content`` has the canonical URL."""

    id: int
    number: int
    cause: str
    capture_id: int
    fetched_at: str
    recorded_at: str
    extractor: str
    extractor_version: str
    confidence: float
    notes: tuple[str, ...]
    content: Article


@dataclass(frozen=True, slots=True)
class Address:
    """A URL under which the article was seen, first and last (UTC)."""

    url: str
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with all its versions that may be shown, oldest first. ``current`` is the number of
    the one that is shown and searched; ``withheld`` has the numbers of those that may not be seen.
    ``portal`` and ``province`` fall back to the slug and ``""``. ``missing_since`` is when a lasting
    absence began, confirmed or not; ``absences`` oldest first."""

    id: int
    site: str
    portal: str
    province: str
    url: str
    status: str
    first_seen: str
    last_seen: str
    duplicate_of: int | None
    duplicates: tuple[int, ...]
    addresses: tuple[Address, ...]
    versions: tuple[Version, ...]
    current: int
    withheld: tuple[int, ...] = ()
    missing_since: str | None = None
    absences: tuple[Absence, ...] = ()

    def version(self, number: int | None = None) -> Version:
        """The version of that number, the current one if None. Raises NoSuchArticle, also for one
        that is withheld."""
        wanted = self.current if number is None else number
        for version in self.versions:
            if version.number == wanted:
                return version
        if wanted in self.withheld:
            raise NoSuchArticle(
                f"version {wanted} of article {self.id} is withheld and cannot be shown"
            )
        last = max((*self.withheld, self.versions[-1].number))
        have = f"1 to {last}" if last > 1 else "1 only"
        raise NoSuchArticle(f"article {self.id} has no version {wanted}; it has {have}")


def load(connection: sqlite3.Connection, article_id: int) -> StoredArticle:
    """Raises NoSuchArticle for an unknown id, and for a withheld article, whose content stays
    unseen."""
    row = first_row(
        connection,
        "SELECT a.*, s.name, s.province, v.number FROM article a "
        "JOIN version v ON v.id = a.version_id LEFT JOIN site s ON s.slug = a.site WHERE a.id = ?",
        article_id,
    )
    if row is None:
        raise NoSuchArticle(f"there is no article {article_id} in this archive")
    if row["status"] == "withheld":
        raise NoSuchArticle(f"article {article_id} is withheld and cannot be shown")
    return StoredArticle(
        id=row["id"],
        site=row["site"],
        portal=row["name"] or row["site"],
        province=row["province"] or "",
        url=row["url"],
        status=row["status"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        duplicate_of=row["duplicate_of"],
        duplicates=tuple(
            r["id"]
            for r in _all(
                connection,
                "SELECT id FROM article WHERE duplicate_of = ? AND status <> 'withheld' "
                "ORDER BY id",
                article_id,
            )
        ),
        addresses=tuple(
            Address(r["url"], r["first_seen"], r["last_seen"])
            for r in _all(
                connection,
                "SELECT * FROM article_url WHERE article_id = ? ORDER BY first_seen, url",
                article_id,
            )
        ),
        versions=tuple(
            _version(r)
            for r in _all(
                connection,
                "SELECT v.*, a.url, c.fetched_at FROM version v JOIN article a ON a.id = v.article_id "
                "JOIN capture c ON c.id = v.capture_id WHERE v.article_id = ? "
                "AND v.id NOT IN (SELECT id FROM withheld_version) ORDER BY v.number",
                article_id,
            )
        ),
        current=row["number"],
        withheld=tuple(
            r["number"]
            for r in _all(
                connection,
                "SELECT number FROM version WHERE article_id = ? "
                "AND id IN (SELECT id FROM withheld_version) ORDER BY number",
                article_id,
            )
        ),
        missing_since=row["missing_since"],
        absences=absences_of(connection, article_id),
    )


def article_of(row: sqlite3.Row) -> Article:
    """The content in a row of `version` (or `articles`-like join) that also has the ``url``."""
    return Article(
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        body_text=row["body_text"],
        author=row["author"],
        category=tuple(json.loads(row["category"])),
        published_at=row["published_at"],
        published_raw=row["published_raw"],
        updated_at=row["updated_at"],
        updated_raw=row["updated_raw"],
        view_count=row["view_count"],
        images=tuple(Image(**image) for image in json.loads(row["images"])),
        attachments=tuple(Attachment(**a) for a in json.loads(row["attachments"])),
        language=row["language"],
    )


def _version(row: sqlite3.Row) -> Version:
    return Version(
        id=row["id"],
        number=row["number"],
        cause=row["cause"],
        capture_id=row["capture_id"],
        fetched_at=row["fetched_at"],
        recorded_at=row["recorded_at"],
        extractor=row["extractor"],
        extractor_version=row["extractor_version"],
        confidence=row["confidence"],
        notes=tuple(json.loads(row["notes"])),
        content=article_of(row),
    )


def _all(connection: sqlite3.Connection, sql: str, *parameters: object) -> list[sqlite3.Row]:
    cursor = connection.execute(sql, parameters)
    cursor.row_factory = sqlite3.Row
    return cursor.fetchall()
