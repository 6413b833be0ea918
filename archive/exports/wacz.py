"""WACZ: a part of the archive in one file that ReplayWeb.page opens, also from a web server.

The format: WARC files stored uncompressed in a ZIP, a CDXJ index in compressed blocks with an index
of its own, lists of pages with their text, and a data package that gives the SHA-256 of every file
(WACZ 1.1.1, specs.webrecorder.net). The maintained library, py-wacz, is not used: it reads every
record again to index it and to guess pages, holds the pages in memory, and its text is that of a
general extractor. Here the index, the pages and their text come from the database, and WARC bytes
are only copied.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from archive import __version__
from archive.atomic_file import replacing
from archive.cdxj import PUBLIC, REPLAYABLE, prepare, sorted_lines
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.errors import ArchiveError, HuyenError
from archive.exports.selection import Selection
from archive.warc_reader import warc_path

WACZ_VERSION = "1.1.1"

_LINES_A_BLOCK = 1024  # of the index, as ArchiveWeb.page has them
_COPY_SIZE = 1 << 20
_PART = "-part.warc.gz"


@dataclass(frozen=True, slots=True)
class WaczSummary:
    """What is in the package: captures in its index, WARC files, and pages with and without an
    article."""

    captures: int
    warc_files: int
    articles: int
    other_pages: int


def export_wacz(root: Path, out: Path, selection: Selection, now: datetime) -> WaczSummary:
    """Writes a WACZ of the selected captures; it appears under its name when it is whole.

    Everything comes from one moment of the archive, also while a crawl writes: what rows point to
    is durable. A WARC file of which all is selected is copied as it is. Of others, the records of
    the selected captures are copied, member by member and unchanged, into a file called
    ``…-part.warc.gz``; so are the records, of whatever site and time, that hold the payload of a
    selected revisit. The captures of withheld articles stay out; the index has no line for what
    players cannot show (see archive.cdxj).

    ``now`` is aware. Raises ArchiveError when something cannot be read or written, HuyenError when
    nothing is selected.
    """
    with (
        closing(open_for_reading(root)) as connection,
        sqlite_errors(root / DATABASE_NAME),
        replacing(out) as file,
    ):
        prepare(connection)
        connection.execute("PRAGMA query_only = OFF")  # for temporary tables
        connection.execute("BEGIN")
        _select(connection, selection)
        # Copying takes long: a snapshot held until then would let the write-ahead log of a running
        # crawl grow. Rows of captures do not change, and the tables made here say which are meant.
        connection.execute("COMMIT")
        captures = connection.execute("SELECT count(*) FROM temp.selected").fetchone()[0]
        if not captures:
            what = selection.described() or "this archive"
            raise HuyenError(f"there is no capture to export ({what})")
        with zipfile.ZipFile(file, "w", allowZip64=True) as package:
            writer = _Package(package, now)
            files = _add_warcs(root, connection, writer)
            _add_index(connection, writer)
            articles = writer.add_lines("pages/pages.jsonl", _article_pages(connection))
            others = writer.add_lines("pages/extraPages.jsonl", _other_pages(connection))
            writer.finish(_description(connection, selection, now))
    return WaczSummary(captures, files, articles - 1, others - 1)


# -- what goes in ---------------------------------------------------------------------------------


def _select(connection: sqlite3.Connection, selection: Selection) -> None:
    """Tables of this connection: `selected` captures, and `packed`: every record that goes in, with
    the file and the offset that it gets there."""
    condition, values = selection.condition()
    connection.execute(
        f"CREATE TEMP TABLE selected AS SELECT c.id FROM main.capture c "
        f"WHERE {PUBLIC} AND {condition}",
        values,
    )
    connection.execute("CREATE UNIQUE INDEX temp.selected_id ON selected(id)")
    connection.execute(
        """
        CREATE TEMP TABLE packed (
            id INTEGER PRIMARY KEY, warc_id INTEGER, warc_offset INTEGER, name TEXT, offset INTEGER)
        """
    )
    connection.execute(
        """
        INSERT INTO temp.packed
        SELECT c.id, c.warc_id, c.warc_offset, NULL, NULL FROM main.capture c
        WHERE c.id IN (SELECT id FROM temp.selected
                       UNION SELECT o.refers_to FROM main.capture o
                             JOIN temp.selected s ON s.id = o.id WHERE o.refers_to IS NOT NULL)
        """
    )
    connection.execute("CREATE INDEX temp.packed_place ON packed(warc_id, warc_offset)")


def _add_warcs(root: Path, connection: sqlite3.Connection, package: _Package) -> int:
    """Adds all records and notes where they are; returns the number of files."""
    files = connection.execute(
        """
        SELECT w.*, (SELECT count(*) FROM main.capture c WHERE c.warc_id = w.id) AS captures,
               (SELECT count(*) FROM temp.packed p WHERE p.warc_id = w.id) AS packed
        FROM main.warc w WHERE w.id IN (SELECT warc_id FROM temp.packed) ORDER BY w.path
        """
    ).fetchall()
    for warc in files:
        name = Path(warc["path"]).name
        whole = warc["packed"] == warc["captures"] and warc["closed_at"] is not None
        if not whole:
            name = name.removesuffix(".warc.gz") + _PART
        ranges = [(0, int(warc["length"]))] if whole else list(_ranges(connection, warc))
        digest = package.add_ranges(f"archive/{name}", warc_path(root, warc["path"]), ranges)
        if whole and digest != warc["sha256"]:
            raise ArchiveError(
                f"{warc['path']} is not what it was when it was closed (its SHA-256 is {digest}); "
                "`huyen verify` says more. Nothing was exported."
            )
        _note_places(connection, warc["id"], name, ranges)
    return len(files)


def _ranges(connection: sqlite3.Connection, warc: sqlite3.Row) -> Iterator[tuple[int, int]]:
    """Start and end of the bytes to copy: the `warcinfo` record at the head, and the group of each
    capture, which runs to the next capture's. Neighbours are joined."""
    rows = connection.execute(
        """
        SELECT c.warc_offset AS start,
               lead(c.warc_offset, 1, ?) OVER (ORDER BY c.warc_offset) AS end,
               p.id IS NOT NULL AS wanted
        FROM main.capture c LEFT JOIN temp.packed p ON p.id = c.id WHERE c.warc_id = ?
        ORDER BY c.warc_offset
        """,
        (warc["length"], warc["id"]),
    )
    begin, end = 0, None
    for row in rows:
        if end is None:
            end = row["start"]
        if not row["wanted"]:
            continue
        if row["start"] != end:
            yield begin, end
            begin = row["start"]
        end = row["end"]
    if end is not None:
        yield begin, end


def _note_places(
    connection: sqlite3.Connection, warc_id: int, name: str, ranges: Iterable[tuple[int, int]]
) -> None:
    written = 0
    for start, end in ranges:
        connection.execute(
            "UPDATE temp.packed SET name = ?, offset = warc_offset - ? "
            "WHERE warc_id = ? AND warc_offset >= ? AND warc_offset < ?",
            (name, start - written, warc_id, start, end),
        )
        written += end - start


def _add_index(connection: sqlite3.Connection, package: _Package) -> None:
    """The index lists what was selected and the originals that revisits among it need: players look
    for those in the index."""
    lines = sorted_lines(
        connection,
        f"""
        SELECT cdxj_line(c.url, c.fetched_at, c.record_type, c.status, c.media_type,
                         c.payload_digest, c.warc_length, p.offset, p.name)
        FROM temp.packed p JOIN main.capture c ON c.id = p.id WHERE {REPLAYABLE}
        """,
    )
    blocks: list[str] = ['!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']
    with package.entry("indexes/index.cdx.gz", zipfile.ZIP_STORED) as file:
        offset = 0
        for block in _blocks(lines):
            packer = zlib.compressobj(wbits=31)
            packed = packer.compress("".join(f"{line}\n" for line in block).encode())
            packed += packer.flush()
            file.write(packed)
            digest = hashlib.sha256(packed).hexdigest()
            facts = {"offset": offset, "length": len(packed), "digest": f"sha256:{digest}"}
            key = " ".join(block[0].split(" ", 2)[:2])
            blocks.append(f"{key} {json.dumps(facts)}\n")
            offset += len(packed)
    with package.entry("indexes/index.idx", zipfile.ZIP_DEFLATED) as file:
        file.write("".join(blocks).encode())


def _blocks(lines: Iterator[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) == _LINES_A_BLOCK:
            yield block
            block = []
    if block:
        yield block


# -- pages ----------------------------------------------------------------------------------------


def _article_pages(connection: sqlite3.Connection) -> Iterator[dict[str, object]]:
    """Every version of an article that a selected capture shows, at its first such capture, with
    the text as the archive reads it."""
    yield {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}
    rows = connection.execute(
        """
        SELECT r.article_id, v.number, v.title, v.summary, v.body_text, c.url, c.media_type,
               c.status, min(c.fetched_at) AS fetched_at
        FROM temp.selected s JOIN main.capture c ON c.id = s.id
        JOIN main.reading r ON r.capture_id = c.id JOIN main.version v ON v.id = r.version_id
        GROUP BY v.id ORDER BY c.fetched_at, v.id
        """
    )
    for row in rows:
        text = "\n".join(filter(None, (row["summary"], row["body_text"])))
        yield {
            "id": f"article-{row['article_id']}-{row['number']}",
            "url": row["url"],
            "ts": row["fetched_at"],
            "title": row["title"],
            "text": text,
            "mime": row["media_type"],
            "status": row["status"],
        }


def _other_pages(connection: sqlite3.Connection) -> Iterator[dict[str, object]]:
    """Every other page that was read (listings, the home page), at its latest selected capture."""
    yield {"format": "json-pages-1.0", "id": "extra-pages", "title": "Other pages"}
    rows = connection.execute(
        """
        SELECT c.id, c.url, c.media_type, c.status, max(c.fetched_at) AS fetched_at
        FROM temp.selected s JOIN main.capture c ON c.id = s.id
        JOIN main.reading r ON r.capture_id = c.id
        WHERE r.version_id IS NULL AND r.kind <> 'missing'
        GROUP BY c.url ORDER BY c.url
        """
    )
    for row in rows:
        yield {
            "id": f"capture-{row['id']}",
            "url": row["url"],
            "ts": row["fetched_at"],
            "title": row["url"],
            "mime": row["media_type"],
            "status": row["status"],
        }


def _description(
    connection: sqlite3.Connection, selection: Selection, now: datetime
) -> dict[str, object]:
    """The data package, without its files."""
    sites = connection.execute(
        """
        SELECT s.slug, s.name, s.province, s.home FROM main.site s WHERE s.slug IN (
            SELECT c.site FROM temp.selected t JOIN main.capture c ON c.id = t.id) ORDER BY s.slug
        """
    ).fetchall()
    names = [f"{site['name']}, {site['province']} ({site['slug']})" for site in sites]
    period = connection.execute(
        "SELECT min(c.fetched_at), max(c.fetched_at) "
        "FROM temp.selected s JOIN main.capture c ON c.id = s.id"
    ).fetchone()
    described: dict[str, object] = {
        "profile": "data-package",
        "wacz_version": WACZ_VERSION,
        "title": "; ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""),
        "description": f"Web portals of Vietnamese districts, captured {period[0]} to {period[1]}."
        + (f" Selected: {selection.described()}." if selection.described() else ""),
        "created": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "modified": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "software": f"huyen {__version__}",
    }
    home = connection.execute(
        "SELECT c.url, c.fetched_at FROM temp.selected s JOIN main.capture c ON c.id = s.id "
        "WHERE c.status = 200 AND c.url IN (SELECT home FROM main.site) "
        "ORDER BY c.fetched_at DESC LIMIT 1"
    ).fetchone()
    if home is not None:
        described |= {"mainPageUrl": home["url"], "mainPageDate": home["fetched_at"]}
    return described


# -- the ZIP --------------------------------------------------------------------------------------


class _Package:
    """The ZIP being written; keeps the facts that its data package lists."""

    def __init__(self, package: zipfile.ZipFile, now: datetime) -> None:
        self._zip = package
        self._moment = now.timetuple()[:6]
        self._resources: list[dict[str, object]] = []

    @contextmanager
    def entry(self, path: str, compression: int) -> Iterator[_Hashed]:
        """A file to be put into the package, listed with its SHA-256, when the block ends. Until
        then it lies in the directory for temporary files, so that its size is known."""
        with tempfile.TemporaryFile() as staged:
            hashed = _Hashed(staged)
            yield hashed
            staged.seek(0)
            with self._begun(path, compression, hashed.size) as file:
                shutil.copyfileobj(staged, file, _COPY_SIZE)
        self._list(path, hashed)

    def _begun(self, path: str, compression: int, size: int) -> IO[bytes]:
        info = zipfile.ZipInfo(path, self._moment)
        info.compress_type = compression
        info.external_attr = 0o644 << 16
        # From the size follows whether the header is one of ZIP64, as it must be from 2 GB on. A
        # small file must not have one: ReplayWeb.page 2.4 takes it that the header before a file
        # has no extra field when its entry in the directory has none, and reads beside the file.
        info.file_size = size
        return self._zip.open(info, "w")

    def _list(self, path: str, written: _Hashed) -> None:
        self._resources.append(
            {
                "name": Path(path).name.lower(),
                "path": path,
                "hash": f"sha256:{written.hexdigest}",
                "bytes": written.size,
            }
        )

    def add_ranges(self, path: str, source: Path, ranges: Sequence[tuple[int, int]]) -> str:
        """Copies bytes of a WARC file; returns the SHA-256 (hex) of what was copied. Raises
        ArchiveError where they are not there."""
        size = sum(end - start for start, end in ranges)
        with self._begun(path, zipfile.ZIP_STORED, size) as entry, _reading(source) as file:
            out = _Hashed(entry)
            for start, end in ranges:
                file.seek(start)
                left = end - start
                while left:
                    data = file.read(min(left, _COPY_SIZE))
                    if not data:
                        raise ArchiveError(
                            f"{source}: {left} bytes are missing; `huyen verify` says more. "
                            "Nothing was exported."
                        )
                    out.write(data)
                    left -= len(data)
        self._list(path, out)
        return out.hexdigest

    def add_lines(self, path: str, documents: Iterable[dict[str, object]]) -> int:
        """A file of one JSON document a line; returns their number."""
        count = 0
        with self.entry(path, zipfile.ZIP_DEFLATED) as file:
            for document in documents:
                file.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")
                count += 1
        return count

    def finish(self, description: dict[str, object]) -> None:
        """Adds the data package, which lists everything else, and its digest."""
        document = description | {"resources": self._resources}
        data = json.dumps(document, ensure_ascii=False, indent=2).encode()
        digest = {
            "path": "datapackage.json",
            "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        }
        with self.entry("datapackage.json", zipfile.ZIP_DEFLATED) as file:
            file.write(data)
        with self.entry("datapackage-digest.json", zipfile.ZIP_DEFLATED) as file:
            file.write(json.dumps(digest, indent=2).encode())


class _Hashed:
    """A file that is written and hashed at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._sha256.update(data)
        self.size += len(data)

    @property
    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


@contextmanager
def _reading(path: Path) -> Iterator[IO[bytes]]:
    """A WARC file; one that is closed and renamed in this moment is found under its new name."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        final = path.with_name(path.name.removesuffix(".open"))
        try:
            file = final.open("rb")
        except OSError as error:
            raise ArchiveError(
                f"{final} cannot be read ({error.strerror}); `huyen verify` says more. "
                "Nothing was exported."
            ) from error
    with file:
        yield file
