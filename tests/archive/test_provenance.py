"""The chain from a version back to its bytes, and the check of those bytes."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from stored_articles import START, Seen, seen, store

from archive.articles import NoSuchArticle, load
from archive.database import open_for_reading, open_for_writing
from archive.provenance import Provenance, trace
from archive.warc_reader import OPEN_SUFFIX, warc_path

ARTICLE = seen(
    "1", "Họp “thôn”", "Nội dung.", author="Lê An", published_at="2021-01-14T08:35:02+07:00"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store(tmp_path, [seen("0", "Khác", "Bài khác."), replace(ARTICLE, packed=True)])
    return tmp_path


@pytest.fixture
def connection(root: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_for_reading(root)) as opened:
        yield opened


def chain_of(connection: sqlite3.Connection, root: Path, article_id: int = 2) -> Provenance:
    return trace(connection, root, load(connection, article_id))


def test_the_chain(connection: sqlite3.Connection, root: Path) -> None:
    chain = chain_of(connection, root)
    assert (chain.fetched_by.command, chain.fetched_by.arguments) == ("crawl", ("--full",))
    assert chain.fetched_by == chain.extracted_by
    assert (chain.capture.url, chain.capture.status) == (ARTICLE.article.url, 200)
    assert chain.capture.fetched_at == "2026-11-02T01:30:01.000000Z"
    assert chain.held_by == chain.capture
    assert chain.capture.place is not None
    assert chain.capture.place.file.startswith("warc/tho-xuan/")
    assert chain.capture.place.record_type == "response"
    assert (chain.version.extractor, chain.version.confidence) == ("test", 0.9)
    assert chain.check.passed
    assert chain.check.computed == chain.capture.payload_digest


def test_the_citation_is_one_line_with_all_one_needs(
    connection: sqlite3.Connection, root: Path
) -> None:
    chain = chain_of(connection, root)
    assert chain.capture.place is not None
    assert chain.citation == (
        "Lê An. “Họp “thôn””. Huyện Thọ Xuân, Thanh Hóa, 2021-01-14. "
        "https://thoxuan.example/1, captured 2026-11-02 "
        f"(WARC record {chain.capture.place.record_id}, {chain.capture.payload_digest}; "
        "huyen article 2, version 1)."
    )


def shell(command: str, directory: Path) -> bytes:
    return subprocess.run(
        ["sh", "-c", command], cwd=directory, check=True, capture_output=True, timeout=30
    ).stdout


@pytest.mark.skipif(
    not all(map(shutil.which, ("tail", "head", "gunzip", "sha256sum"))),
    reason="the standard tools are not here",
)
def test_a_stranger_gets_the_same_digest_with_standard_tools(
    connection: sqlite3.Connection, root: Path
) -> None:
    chain = chain_of(connection, root)
    record, digest, _ = chain.recipe(root)
    assert ARTICLE.article.url.encode() in shell(record, root)
    assert f"sha256:{shell(digest, root).split()[0].decode()}" == chain.capture.payload_digest


def test_a_stranger_gets_the_record_with_warcio(connection: sqlite3.Connection, root: Path) -> None:
    chain = chain_of(connection, root)
    assert chain.capture.place is not None
    warcio = shutil.which("warcio", path=str(Path(sys.executable).parent))
    if warcio is None:
        pytest.skip("no warcio command beside this Python")
    out = shell(chain.recipe(root)[2].replace("warcio", warcio, 1), root)
    assert chain.capture.place.record_id.encode() in out
    assert b"HTTP/1.1 200 OK" in out


def warc_of(chain: Provenance, root: Path) -> Path:
    assert chain.held_by.place is not None
    return warc_path(root, chain.held_by.place.file)


def test_a_file_still_being_written_is_read_too(connection: sqlite3.Connection, root: Path) -> None:
    path = warc_of(chain_of(connection, root), root)
    path.rename(path.with_name(path.name + OPEN_SUFFIX))
    chain = chain_of(connection, root)
    assert chain.check.passed
    assert OPEN_SUFFIX in chain.recipe(root)[0]


def test_a_changed_byte_fails_the_check(connection: sqlite3.Connection, root: Path) -> None:
    chain = chain_of(connection, root)
    place = chain.capture.place
    assert place is not None
    path = warc_of(chain, root)
    content = bytearray(path.read_bytes())
    content[place.offset + place.length // 2] ^= 0xFF
    path.write_bytes(content)
    check = chain_of(connection, root).check
    assert not check.passed
    assert "cannot be read" in check.problem


def test_another_payload_fails_the_check(connection: sqlite3.Connection, root: Path) -> None:
    chain = chain_of(connection, root, 1)
    place = chain.capture.place
    assert place is not None
    path = warc_of(chain, root)
    content = path.read_bytes()
    record = gzip.decompress(content[place.offset : place.offset + place.length])
    forged = record.replace("Bài khác".encode(), "Bài kháx".encode())
    assert forged != record
    # A forger who also corrects the length in the database is still found out.
    packed = gzip.compress(forged, mtime=0)
    with closing(open_for_writing(root)) as writing:
        writing.execute("UPDATE capture SET warc_length = ? WHERE id = 1", (len(packed),))
    path.write_bytes(content[: place.offset] + packed)
    check = chain_of(connection, root, 1).check
    assert "the payload has changed" in check.problem
    assert check.computed is not None
    assert check.computed != chain.capture.payload_digest


def test_another_record_in_the_place_fails_the_check(
    connection: sqlite3.Connection, root: Path
) -> None:
    with closing(open_for_writing(root)) as writing:
        writing.execute(
            "UPDATE capture SET (warc_offset, warc_length) = "
            "(SELECT warc_offset, warc_length FROM capture WHERE id = 1) WHERE id = 2"
        )
    assert "another record stands there" in chain_of(connection, root).check.problem


def test_a_missing_file_fails_the_check(connection: sqlite3.Connection, root: Path) -> None:
    warc_of(chain_of(connection, root), root).unlink()
    assert "cannot be read" in chain_of(connection, root).check.problem


def test_a_revisit_leads_to_the_record_with_the_bytes(tmp_path: Path) -> None:
    store(tmp_path, [ARTICLE])
    # The same bytes read otherwise a day later: a version tied to a revisit.
    other = replace(ARTICLE.article, summary="Nay có sapo.")
    payload_twin = Seen(other, url=ARTICLE.article.url)
    store(tmp_path, [payload_twin], START.replace(day=3))
    with closing(open_for_reading(tmp_path)) as connection:
        chain = chain_of(connection, tmp_path, 1)
    assert chain.version.number == 2
    assert chain.capture.place is not None
    assert chain.capture.place.record_type == "revisit"
    assert chain.held_by.id == 1
    assert chain.capture.payload_digest == chain.held_by.payload_digest
    assert chain.check.passed
    digest = hashlib.sha256(f"<h1>{other.title}</h1>{other.body_text}".encode()).hexdigest()
    assert chain.check.computed == f"sha256:{digest}"


def test_an_older_version_has_its_own_chain(tmp_path: Path) -> None:
    store(tmp_path, [ARTICLE])
    edited = Seen(replace(ARTICLE.article, body_text="Nội dung đã sửa."))
    store(tmp_path, [edited], START.replace(day=3))
    with closing(open_for_reading(tmp_path)) as connection:
        article = load(connection, 1)
        first = trace(connection, tmp_path, article, 1)
        assert (first.capture.id, first.fetched_by.id) == (1, 1)
        assert trace(connection, tmp_path, article).capture.id == 2
        with pytest.raises(NoSuchArticle, match="article 1 has no version 3; it has 1 to 2"):
            trace(connection, tmp_path, article, 3)
