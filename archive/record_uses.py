"""From a WARC record, a digest or an address to what the archive says because of it: provenance read
backwards."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from archive.errors import UsageError
from archive.provenance import Capture, capture_of
from archive.urls import key_of

MOST_CAPTURES = 1_000  # of one digest or address that are told
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_PLACE = re.compile(r"(.+\.warc\.gz)(?:\.open)?:(\d{1,18})")
_BY_ID, _BY_RECORD, _BY_DIGEST, _BY_PLACE, _BY_ADDRESS = (
    "id = ?",
    "lower(record_id) = ?",
    "payload_digest = ?",
    "warc_id = (SELECT id FROM warc WHERE path = ?) AND warc_offset = ?",
    "url_key = ?",
)


@dataclass(frozen=True, slots=True)
class VersionRead:
    """A version that shows what the record says. ``made``: it was first read from this very capture,
    and not only seen again in it."""

    article_id: int
    version: int
    title: str
    made: bool


@dataclass(frozen=True, slots=True)
class RecordUse:
    """A capture, the one that holds its payload (itself, or for a revisit the one it refers to), what
    it was read as (a archive.schema.PageKind; empty: by no extractor) and by whom, and the versions
    that come from it, unless they are withheld. ``file_articles``: articles that offer it as a file."""

    site: str
    capture: Capture
    held_by: Capture
    read_as: str
    extractor: str
    withheld: bool
    versions: tuple[VersionRead, ...]
    file_articles: tuple[int, ...]


def uses_of(connection: sqlite3.Connection, reference: str) -> tuple[RecordUse, ...]:
    """What the archive has of a WARC-Record-ID (``urn:uuid:…``), a payload digest (``sha256:…``), a place
    (``warc/x/y.warc.gz:OFFSET``), an address (``https://…``) or the number of a capture; oldest capture
    first, at most MOST_CAPTURES, none where it is not in the archive. Raises UsageError for what is
    none of these."""
    where, parameters = _asked(reference.strip())
    rows = connection.execute(
        f"SELECT id, site FROM capture WHERE {where} ORDER BY fetched_at, id LIMIT ?",
        (*parameters, MOST_CAPTURES),
    ).fetchall()
    return tuple(_use(connection, capture_id, site) for capture_id, site in rows)


def _asked(reference: str) -> tuple[str, tuple[object, ...]]:
    if reference.isascii() and reference.isdecimal() and len(reference) <= 18:
        return _BY_ID, (int(reference),)
    bare = reference.strip("<>").removeprefix("urn:uuid:")
    if _UUID.fullmatch(bare):
        return _BY_RECORD, (f"<urn:uuid:{bare.lower()}>",)
    if digest := _DIGEST.fullmatch(reference):
        return _BY_DIGEST, (f"sha256:{digest[1].lower()}",)
    if place := _PLACE.fullmatch(reference):
        return _BY_PLACE, (place[1].removeprefix("./"), int(place[2]))
    if reference.startswith(("http://", "https://")):
        return _BY_ADDRESS, (key_of(reference),)
    raise UsageError(
        f"{reference}: not a WARC-Record-ID (urn:uuid:…), a payload digest (sha256:…), a place "
        "(FILE.warc.gz:OFFSET), an address or the number of a capture"
    )


def _use(connection: sqlite3.Connection, capture_id: int, site: str) -> RecordUse:
    capture, held_by = capture_of(connection, capture_id)
    reading = connection.execute(
        "SELECT kind, extractor || ' ' || extractor_version, article_id, version_id "
        "FROM reading WHERE capture_id = ?",
        (capture_id,),
    ).fetchone()
    kind, extractor, article_id, version_id = reading or ("", "", None, None)
    versions = connection.execute(
        "SELECT article_id, number, title, capture_id = ?1 FROM versions "
        "WHERE article_id = ?2 AND (capture_id = ?1 OR id = ?3) ORDER BY number",
        (capture_id, article_id, version_id),
    )
    files = connection.execute(
        "SELECT DISTINCT article_id FROM attachments "
        "WHERE article_id IS NOT NULL AND payload_digest = ? ORDER BY article_id",
        (capture.payload_digest,),
    )
    withheld = connection.execute("SELECT 1 FROM withheld_capture WHERE id = ?", (capture_id,))
    return RecordUse(
        site=site,
        capture=capture,
        held_by=held_by,
        read_as=kind,
        extractor=extractor,
        withheld=withheld.fetchone() is not None,
        versions=tuple(VersionRead(a, n, title, bool(made)) for a, n, title, made in versions),
        file_articles=tuple(article for (article,) in files),
    )
