"""Where a version comes from, step by step, and whether its bytes are still what they were.

The chain: the run that fetched → the capture → the WARC record → the extractor → the version.
The record is read again when asked, and its payload digest compared with the one in the database.
"""

from __future__ import annotations

import json
import shlex
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from archive.articles import StoredArticle, Version
from archive.digests import digest_of
from archive.field_places import FieldPlace, field_places
from archive.http_head import field_values
from archive.imports import ImportedFrom, imported_from
from archive.warc_reader import (
    OPEN_SUFFIX,
    BodyTooLarge,
    DamagedRecord,
    NoStoredBytes,
    UndecodableBody,
    read_record,
    read_response,
    warc_path,
)

# The programs that undo a content encoding at a terminal.
_UNPACKERS = {"gzip": "gunzip", "x-gzip": "gunzip", "br": "brotli -dc", "zstd": "zstd -dc"}


@dataclass(frozen=True, slots=True)
class Run:
    """The execution of a command that wrote. Times UTC; ``ended_at`` None while it runs."""

    id: int
    command: str
    arguments: tuple[str, ...]
    software: str
    started_at: str
    ended_at: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is: file relative to the archive (final name), offset and length of its gzip
    member in bytes. ``record_type`` is response or revisit."""

    file: str
    offset: int
    length: int
    record_id: str
    record_type: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange. ``place`` is None for a fetch without bytes; ``payload_digest`` is
    ``sha256:<hex>``, ``payload_length`` in bytes; ``via`` the web archive it was taken from."""

    id: int
    url: str
    fetched_at: str
    status: int | None
    media_type: str
    payload_digest: str | None
    payload_length: int | None
    truncated: str
    via: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Check:
    """What reading the record again has shown. ``problem`` is empty when all agrees, else one
    sentence; ``computed`` is the digest of the payload as read, None if it could not be read."""

    problem: str
    computed: str | None

    @property
    def passed(self) -> bool:
        return not self.problem


@dataclass(frozen=True, slots=True)
class Provenance:
    """The chain of one version. ``held_by`` has the payload: the capture itself, or for a revisit
    the one that it refers to. ``extracted_by`` differs from ``fetched_by`` after a re-extraction.
    ``imported_from`` is the file of others that the capture was taken from, if any.
    """

    article: StoredArticle
    version: Version
    fetched_by: Run
    capture: Capture
    held_by: Capture
    extracted_by: Run
    check: Check
    imported_from: ImportedFrom | None = None

    @property
    def citation(self) -> str:
        """One line to cite the version with: who, what, when, where it was and where it is kept."""
        content = self.version.content
        place = ", ".join(filter(None, (self.article.portal, self.article.province)))
        published = (content.published_at or "undated")[: len("YYYY-MM-DD")]
        author = f"{content.author}. " if content.author else ""
        record = f"WARC record {self.capture.place.record_id}, " if self.capture.place else ""
        return (
            f"{author}“{content.title}”. {place}, {published}. {self.capture.url}, "
            f"captured {self.capture.fetched_at[: len('YYYY-MM-DD')]} "
            f"({record}{self.capture.payload_digest or 'no payload'}; "
            f"huyen article {self.article.id}, version {self.version.number})."
        )

    def recipe(self, root: Path) -> tuple[str, ...]:
        """Shell commands, to be run in the archive's directory ``root``, by which a stranger sees
        the record and computes its payload digest without this program; empty without bytes."""
        place, length = self.held_by.place, self.held_by.payload_length
        if place is None or length is None:
            return ()
        path = warc_path(root, place.file)
        name = place.file + (OPEN_SUFFIX if path.name.endswith(OPEN_SUFFIX) else "")
        file = shlex.quote(name)
        record = f"tail -c +{place.offset + 1} {file} | head -c {place.length} | gunzip"
        return (
            record,
            # A record ends with two line ends after its block, and the payload ends the block.
            f"{record} | tail -c {length + 4} | head -c {length} | sha256sum",
            f"warcio extract {file} {place.offset}",
        )

    def field_recipe(self, root: Path, found: FoundFields) -> str:
        """The command that prints the first field that was found as it stands in the page; empty where
        none was, or where no common program undoes the content encoding."""
        recipe = self.recipe(root)
        spans = [
            (place.start, place.end)
            for place in found.places
            if place.start is not None and place.end is not None
        ]
        if not recipe or not spans or found.unpacker is None:
            return ""
        payload = recipe[1].removesuffix(" | sha256sum")
        page = f"{payload} | {found.unpacker}" if found.unpacker else payload
        start, end = spans[0]
        return f"{page} | tail -c +{start + 1} | head -c {end - start}"


@dataclass(frozen=True, slots=True)
class FoundFields:
    """Where the fields of a version stand in its page, which is the payload after its content encoding
    is undone: by the program ``unpacker``, empty where there is nothing to undo, None where no common
    program does it."""

    places: tuple[FieldPlace, ...]
    unpacker: str | None


def trace(
    connection: sqlite3.Connection, root: Path, article: StoredArticle, number: int | None = None
) -> Provenance:
    """The chain of that version (default: the current one), its record read and checked now.

    Never raises for what is wrong with the bytes: that is the finding, see `Check`. Raises
    NoSuchArticle for an unknown version.
    """
    version = article.version(number)
    row = _row(connection, "SELECT * FROM version WHERE id = ?", version.id)
    capture, refers_to, fetched_by = _capture(connection, version.capture_id)
    held_by = capture if refers_to is None else _capture(connection, refers_to)[0]
    return Provenance(
        article=article,
        version=version,
        fetched_by=_run(connection, fetched_by),
        capture=capture,
        held_by=held_by,
        extracted_by=_run(connection, row["run_id"]),
        check=check(root, capture, held_by),
        imported_from=imported_from(root, capture.via),
    )


def found_fields(connection: sqlite3.Connection, root: Path, chain: Provenance) -> FoundFields:
    """Looks now for each field of the version in the page that it was read from. Without any place
    where the page cannot be read, of which `Check` says why, or is no HTML."""
    try:
        stored = read_response(connection, root, chain.capture.id)
        body = stored.body()
    except (NoStoredBytes, DamagedRecord, UndecodableBody, BodyTooLarge):
        return FoundFields((), None)
    codings = [value.strip().lower() for value in field_values(stored.head, "Content-Encoding")]
    unpacker: str | None = ""
    if body != stored.payload:
        unpacker = _UNPACKERS.get(codings[0]) if len(codings) == 1 else None
    content_type = " ".join(field_values(stored.head, "Content-Type"))
    places = field_places(body, content_type, stored.url, chain.version.content)
    return FoundFields(places, unpacker)


def check(root: Path, capture: Capture, held_by: Capture) -> Check:
    """Reads the record of the capture (for a revisit also the one it refers to) and compares type,
    record id, address and payload digest with the database. Reads nothing else."""
    if capture.place is None or held_by.place is None:
        return Check("there is no record: this fetch brought no bytes", None)
    computed = None
    for one in dict.fromkeys((capture, held_by)):
        assert one.place is not None
        path = warc_path(root, one.place.file)
        try:
            record = read_record(path, one.place.offset, one.place.length)
        except DamagedRecord as error:
            return Check(f"the record cannot be read: {error}", None)
        found = (record.type, record.record_id, record.header("WARC-Target-URI"))
        if found != (one.place.record_type, one.place.record_id, one.url):
            return Check(
                f"{one.place.file}, offset {one.place.offset}: another record stands there "
                f"({' '.join(found)})",
                None,
            )
        computed = digest_of(record.http[1])
    if computed != held_by.payload_digest:
        return Check(
            f"the payload has changed: the database has {held_by.payload_digest}", computed
        )
    if capture.payload_digest != held_by.payload_digest:
        return Check("the revisit and the record it refers to have different digests", computed)
    return Check("", computed)


def capture_of(connection: sqlite3.Connection, capture_id: int) -> tuple[Capture, Capture]:
    """The capture with this number, and the one that holds its payload: itself, or for a revisit the
    one that it refers to."""
    capture, refers_to, _ = _capture(connection, capture_id)
    return capture, capture if refers_to is None else _capture(connection, refers_to)[0]


def _capture(connection: sqlite3.Connection, capture_id: int) -> tuple[Capture, int | None, int]:
    """The capture, the one that it refers to, and its run."""
    row = _row(
        connection,
        "SELECT c.*, w.path FROM capture c LEFT JOIN warc w ON w.id = c.warc_id WHERE c.id = ?",
        capture_id,
    )
    place = None
    if row["path"] is not None:
        place = Place(
            file=row["path"],
            offset=row["warc_offset"],
            length=row["warc_length"],
            record_id=row["record_id"],
            record_type=row["record_type"],
        )
    capture = Capture(
        id=row["id"],
        url=row["url"],
        fetched_at=row["fetched_at"],
        status=row["status"],
        media_type=row["media_type"],
        payload_digest=row["payload_digest"],
        payload_length=row["payload_length"],
        truncated=row["truncated"],
        via=row["via"],
        place=place,
    )
    return capture, row["refers_to"], row["run_id"]


def _run(connection: sqlite3.Connection, run_id: int) -> Run:
    row = _row(connection, "SELECT * FROM run WHERE id = ?", run_id)
    return Run(
        id=row["id"],
        command=row["command"],
        arguments=tuple(map(str, json.loads(row["arguments"]))),
        software=row["software"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        outcome=row["outcome"],
    )


def _row(connection: sqlite3.Connection, sql: str, key: int) -> sqlite3.Row:
    cursor = connection.execute(sql, (key,))
    cursor.row_factory = sqlite3.Row
    row: sqlite3.Row = cursor.fetchone()
    return row
