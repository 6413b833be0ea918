"""What is written is what was received, every judge accepts it, and it can be read back."""

from __future__ import annotations

import base64
import gzip
import hashlib
import subprocess
import sys
import zlib
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from captured_pages import HOME, SITE, START, Clock, exchange, failed, warc_files
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.database import open_for_reading
from archive.digests import digest_matches, digest_of
from archive.exchange import Exchange
from archive.http_head import split_http, storable_head
from archive.ingest import ArchiveWriter
from archive.warc_reader import (
    BodyTooLarge,
    DamagedRecord,
    NoStoredBytes,
    UndecodableBody,
    decoded_body,
    iterate_records,
    read_record,
    read_response,
)
from archive.warc_writer import serialise_exchange

HOSTILE_HEADS = [
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncOnTeNt-TyPe:text/html\r\nX-EMPTY:\r\nx-empty: \r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\n\tthree\r\nServer: a\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Latin: caf\xe9\r\nX-Utf8: \xc4\x91\xc3\xa2y\r\n\r\n",
    b"HTTP/1.1 200\r\nServer: no reason\r\n\r\n",
    b"HTTP/1.0 200 \r\nServer: blank reason\r\n\r\n",
    b"HTTP/1.1 200 OK\nBare: line feeds\n\n",
    b"HTTP/1.1 200 OK\r\nMixed: yes\nEnds: no\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nno colon here\r\nServer: a\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Space : before colon\r\n\r\n",
    b'HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename="B\xc3\xa1o c\xc3\xa1o.pdf"\r\n\r\n',
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 404 Kh\xc3\xb4ng th\xe1\xba\xa5y\r\nServer: a\r\n\r\n",
    b"HTTP/1.1 500 " + b"x" * 9000 + b"\r\nServer: " + b"y" * 9000 + b"\r\n\r\n",
]


def record(root: Path, *exchanges: Exchange, site: str = SITE, **options: int) -> list[int]:
    with ArchiveWriter.open(root, "crawl", clock=Clock(), **options) as writer:
        return [writer.record_exchange(site, e) for e in exchanges]


def judge(path: Path) -> None:
    """warcio check, FastWARC and gzip -t; each alone passes files that another refuses."""
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "fail" not in checked.stdout
    assert "no digest" not in checked.stdout
    with path.open("rb") as stream:
        for warc_record in ArchiveIterator(stream, parse_http=False):
            assert warc_record.verify_block_digest(), warc_record.record_id
    with path.open("rb") as stream:
        for warc_record in ArchiveIterator(stream, parse_http=True):
            # FastWARC does not find the end of a head with bare line feeds; warcio does.
            crlf = warc_record.http_headers and "Bare" not in warc_record.http_headers
            if warc_record.record_type == WarcRecordType.response and crlf:
                assert warc_record.verify_payload_digest(), warc_record.record_id
    assert subprocess.run(["gzip", "-t", str(path)], check=False).returncode == 0


@pytest.mark.parametrize("head", HOSTILE_HEADS)
def test_hostile_heads_come_back_byte_for_byte(tmp_path: Path, head: bytes) -> None:
    body = b"\x00\x01\r\n\r\n<p>\xff</p>"
    (capture,) = record(tmp_path, exchange(body=body, head=head))
    with closing(open_for_reading(tmp_path)) as connection:
        stored = read_response(connection, tmp_path, capture)
    assert stored.head == head
    assert stored.payload == body
    (path,) = warc_files(tmp_path)
    judge(path)
    with path.open("rb") as stream:
        blocks = [r.reader.read() for r in ArchiveIterator(stream, parse_http=False)]
    assert blocks[1:] == [head + body, exchange().request]


_header_text = st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b""))
_names = st.sampled_from([b"X-A", b"x-a", b"Content-Type", b"ETag", b"SERVER", b"Vary"])


@given(
    fields=st.lists(st.tuples(_names, _header_text), max_size=6),
    line_end=st.sampled_from([b"\r\n", b"\n"]),
    body=st.binary(max_size=300),
)
@settings(max_examples=150, deadline=None)
def test_any_exchange_survives_the_round_trip(
    fields: list[tuple[bytes, bytes]], line_end: bytes, body: bytes
) -> None:
    head = line_end.join(
        [b"HTTP/1.1 200 OK", *(name + b": " + value for name, value in fields), b"", b""]
    )
    sent = Exchange(HOME + "/", START, "POST", b"POST / HTTP/1.1\r\n\r\n" + body, head, body)
    group = serialise_exchange(sent, digest_of(body), "<urn:uuid:0>")
    data = gzip.decompress(b"".join(group.members))
    assert head + body in data
    assert split_http(head + body) == (head, body)
    assert storable_head(head, len(body)) == head


def test_the_file_says_who_made_it_and_each_record_where_it_belongs(tmp_path: Path) -> None:
    first = Exchange(
        HOME + "/a?b=c d|é",
        START + timedelta(microseconds=123456),
        request=b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
        response_head=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        payload=b"cut off",
        status=200,
        ip_address="2001:db8::1",
        protocol="http/1.1",
        tls="tls/1.3 TLS_AES_256_GCM_SHA384",
        truncated="disconnect",
        error="",
        via=HOME + "/",
    )
    with ArchiveWriter.open(
        tmp_path,
        "crawl",
        operator="Lưu trữ huyện <archive@example.org>",
        user_agent="huyen/0.1",
        clock=Clock(),
    ) as writer:
        writer.record_exchange(SITE, first)
    (path,) = warc_files(tmp_path)
    judge(path)
    warcinfo, response, request, metadata = iterate_records(path)
    assert path.name == warcinfo.header("WARC-Filename") == "khe-sanh-20261121080000-00001.warc.gz"
    fields = dict(line.split(": ", 1) for line in warcinfo.block.decode().splitlines())
    assert fields["operator"] == "Lưu trữ huyện <archive@example.org>"
    assert fields["http-header-user-agent"] == "huyen/0.1"
    assert fields["robots"] == "obey"
    assert fields["format"] == "WARC File Format 1.1"
    assert fields["isPartOf"] == "run 1"
    assert fields["software"].startswith("huyen ")
    for each in (response, request, metadata):
        assert each.header("WARC-Target-URI") == HOME + "/a?b=c%20d|%C3%A9"
        assert each.header("WARC-Date") == "2026-11-21T08:00:00.123456Z"
        assert each.header("WARC-Warcinfo-ID") == warcinfo.record_id
    assert response.header("WARC-IP-Address") == "2001:db8::1"
    assert response.header("WARC-Truncated") == "disconnect"
    protocols = [v for k, v in response.headers if k == "WARC-Protocol"]
    assert protocols == ["http/1.1", "tls/1.3"]
    assert response.header("WARC-Cipher-Suite") == "TLS_AES_256_GCM_SHA384"
    assert b"X-Archive-Orig-Content-Length: 100\r\nContent-Length: 7\r\n" in response.block
    assert request.header("WARC-Concurrent-To") == response.record_id
    assert metadata.header("WARC-Concurrent-To") == response.record_id
    assert metadata.block == f"via: {HOME}/\r\n".encode()
    wire = {"WARC-Protocol", "WARC-Cipher-Suite"}
    assert wire <= {name for name, _ in request.headers}
    assert not wire & {name for name, _ in metadata.headers}
    for each in (warcinfo, response, request, metadata):
        names = [name for name, _ in each.headers if name != "WARC-Protocol"]
        assert len(names) == len(set(names)), "only WARC-Protocol may be repeated"


def test_a_url_cannot_add_headers(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        writer.record_exchange(SITE, exchange("/x\r\nWARC-Type: warcinfo"))
    (path,) = warc_files(tmp_path)
    assert [r.type for r in iterate_records(path)] == ["warcinfo", "response", "request"]


def test_there_is_no_metadata_record_without_something_to_say(tmp_path: Path) -> None:
    record(tmp_path, exchange())
    (path,) = warc_files(tmp_path)
    assert [r.type for r in iterate_records(path)] == ["warcinfo", "response", "request"]


def test_each_record_is_one_gzip_member_that_warcio_finds_at_our_place(tmp_path: Path) -> None:
    record(tmp_path, *(exchange(f"/tin/{i}", b"%d" % i * 5000) for i in range(20)))
    (path,) = warc_files(tmp_path)
    ours = [(r.offset, r.length, r.record_id) for r in iterate_records(path)]
    with path.open("rb") as stream:
        walk = WarcioIterator(stream)
        theirs = [
            (
                walk.get_record_offset(),
                walk.get_record_length(),
                each.rec_headers.get_header("WARC-Record-ID"),
            )
            for each in walk
        ]
    assert ours == theirs
    for offset, length, record_id in ours:
        assert read_record(path, offset, length).record_id == record_id


# -- revisits -------------------------------------------------------------------------------------


def rows(root: Path) -> list[tuple[object, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [
            tuple(row)
            for row in connection.execute(
                "SELECT id, record_type, refers_to, payload_digest IS NULL FROM capture ORDER BY id"
            )
        ]


def ask_truncated(root: Path) -> list[str]:
    with closing(open_for_reading(root)) as connection:
        return [row[0] for row in connection.execute("SELECT truncated FROM capture ORDER BY id")]


def test_bytes_seen_before_are_not_stored_again(tmp_path: Path) -> None:
    page = b"<p>the same bytes</p>" * 50
    record(tmp_path, exchange("/a", page), exchange("/b", page, at=1))
    record(tmp_path, exchange("/a", page, at=2), exchange("/c", b"other", at=3), site="other-site")
    assert rows(tmp_path) == [
        (1, "response", None, 0),
        (2, "revisit", 1, 0),
        (3, "revisit", 1, 0),
        (4, "response", None, 0),
    ]
    for path in warc_files(tmp_path):
        judge(path)
    (path,) = (p for p in warc_files(tmp_path) if "other-site" in p.name)
    revisit = next(r for r in iterate_records(path) if r.type == "revisit")
    original = next(r for r in iterate_records(warc_files(tmp_path)[0]) if r.type == "response")
    assert revisit.header("WARC-Profile").endswith("/1.1/revisit/identical-payload-digest")
    assert revisit.header("WARC-Refers-To") == original.record_id
    assert revisit.header("WARC-Refers-To-Target-URI") == HOME + "/a"
    assert revisit.header("WARC-Refers-To-Date") == original.header("WARC-Date")
    assert revisit.header("WARC-Payload-Digest") == digest_of(page)
    assert revisit.header("WARC-Truncated") == "length"  # of the block; the capture is whole
    assert ask_truncated(tmp_path) == [""] * 4
    assert revisit.http == (exchange("/a", page).response_head, b"")
    with closing(open_for_reading(tmp_path)) as connection:
        stored = read_response(connection, tmp_path, 3)
    assert (stored.payload, stored.payload_of, stored.head) == (page, 1, revisit.block)


def test_a_304_refers_to_what_the_url_answered_last(tmp_path: Path) -> None:
    head = b"HTTP/1.1 304 Not Modified\r\nETag: v2\r\n\r\n"
    record(tmp_path, exchange("/a", b"first"), exchange("/b", b"second", at=1))
    record(tmp_path, exchange("/a", b"second", at=2))
    (capture,) = record(tmp_path, exchange("/a", b"", at=3, head=head, status=304))
    assert rows(tmp_path)[2:] == [(3, "revisit", 2, 0), (4, "revisit", 2, 1)]
    revisit = next(r for r in iterate_records(warc_files(tmp_path)[-1]) if r.type == "revisit")
    assert revisit.header("WARC-Profile").endswith("/1.1/revisit/server-not-modified")
    assert revisit.header("WARC-Refers-To-Target-URI") == HOME + "/b"
    assert revisit.header("WARC-Payload-Digest") == ""
    assert revisit.header("WARC-Truncated") == ""
    with closing(open_for_reading(tmp_path)) as connection:
        assert read_response(connection, tmp_path, capture).payload == b"second"


def test_a_304_for_something_unknown_is_kept_as_it_came(tmp_path: Path) -> None:
    head = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    record(tmp_path, exchange("/a", b"", head=head, status=304))
    assert rows(tmp_path) == [(1, "response", None, 1)]


def test_no_revisit_without_bytes_or_of_cut_bytes(tmp_path: Path) -> None:
    record(
        tmp_path,
        exchange("/empty", b""),
        exchange("/empty", b"", at=1),
        exchange("/cut", b"half a pa", at=2, truncated="disconnect"),
        exchange("/whole", b"half a pa", at=3),
        exchange("/cut", b"half a pa", at=4, truncated="length"),
        failed("/none"),
    )
    assert [row[1] for row in rows(tmp_path)] == ["response"] * 5 + [None]


def test_a_payload_pending_in_another_file_is_not_referred_to(tmp_path: Path) -> None:
    page = b"robots" * 100
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        writer.record_exchange("a", exchange("/1", page))
        writer.record_exchange("b", exchange("/2", page))
        writer.record_exchange("b", exchange("/3", page))
        writer.flush()
        writer.record_exchange("c", exchange("/4", page))
    assert rows(tmp_path) == [
        (1, "response", None, 0),
        (2, "response", None, 0),
        (3, "revisit", 2, 0),
        (4, "revisit", 1, 0),
    ]


# -- files ----------------------------------------------------------------------------------------


def test_a_full_file_is_followed_by_another_and_no_group_is_split(tmp_path: Path) -> None:
    bodies = [bytes([i]) * 10 + zlib.compress(bytes(range(256)) * i) for i in range(1, 30)]
    sent = [exchange(f"/{i}", b, at=i, via=HOME) for i, b in enumerate(bodies)]
    record(tmp_path, *sent, warc_size=4000)
    paths = warc_files(tmp_path)
    assert len(paths) > 5
    for path in paths:
        types = [r.type for r in iterate_records(path)]
        assert types[0] == "warcinfo"
        assert types[1:] == ["response", "request", "metadata"] * (len(types[1:]) // 3)
        assert path.stat().st_size <= 4000
        judge(path)
    with closing(open_for_reading(tmp_path)) as connection:
        closed = connection.execute("SELECT * FROM warc ORDER BY path").fetchall()
        stored = [read_response(connection, tmp_path, i + 1).payload for i in range(len(bodies))]
    assert stored == bodies
    assert [row["length"] for row in closed] == [path.stat().st_size for path in paths]
    assert [row["sha256"] for row in closed] == [
        digest_of(path.read_bytes()).removeprefix("sha256:") for path in paths
    ]


def test_an_exchange_larger_than_a_file_gets_one_of_its_own(tmp_path: Path) -> None:
    large = bytes(range(256)) * 40
    record(tmp_path, exchange("/1"), exchange("/2", large), exchange("/3", b"c"), warc_size=1000)
    assert [len(list(iterate_records(p))) for p in warc_files(tmp_path)] == [3, 3, 3]


def test_a_site_that_is_done_has_its_file_sealed_and_may_go_on_in_another(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        writer.record_exchange(SITE, exchange())
        writer.seal_site(SITE)
        assert [p.suffix for p in warc_files(tmp_path)] == [".gz"]
        writer.record_exchange(SITE, exchange("/2", b"two"))
        assert [p.suffix for p in warc_files(tmp_path)] == [".gz", ".open"]
        writer.seal_site("never-seen")
    assert [p.suffix for p in warc_files(tmp_path)] == [".gz", ".gz"]


@pytest.mark.parametrize("site", ["../x", "", "a/b", "Hoa", ".", "a b"])
def test_a_site_that_is_no_slug_is_refused(tmp_path: Path, site: str) -> None:
    with ArchiveWriter.open(tmp_path, "crawl") as writer:
        with pytest.raises(ValueError, match="slug"):
            writer.record_exchange(site, exchange())
        writer.record_exchange(SITE, exchange())
    assert rows(tmp_path) == [(1, "response", None, 0)]


def test_a_file_whose_only_exchange_was_refused_does_not_stay(tmp_path: Path) -> None:
    with (
        ArchiveWriter.open(tmp_path, "crawl") as writer,
        pytest.raises(ValueError, match="empty line"),
    ):
        writer.record_exchange(SITE, exchange(head=b"HTTP/1.1 200 OK\r\n"))
    assert warc_files(tmp_path) == []


def test_a_head_that_does_not_end_is_refused_and_costs_nothing_else(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl") as writer:
        writer.record_exchange(SITE, exchange("/1", b"one"))
        with pytest.raises(ValueError, match="empty line"):
            writer.record_exchange(SITE, exchange("/2", head=b"HTTP/1.1 200 OK\r\n"))
        writer.record_exchange(SITE, exchange("/3", b"three"))
    with closing(open_for_reading(tmp_path)) as connection:
        assert read_response(connection, tmp_path, 2).payload == b"three"


# -- reading --------------------------------------------------------------------------------------


def test_reading_where_nothing_is(tmp_path: Path) -> None:
    record(tmp_path, failed(), exchange())
    with closing(open_for_reading(tmp_path)) as connection:
        with pytest.raises(NoStoredBytes, match="failed fetch"):
            read_response(connection, tmp_path, 1)
        with pytest.raises(NoStoredBytes, match="no capture 9"):
            read_response(connection, tmp_path, 9)
        (path,) = warc_files(tmp_path)
        response = list(iterate_records(path))[1]
        for offset, length in ((response.offset + 1, response.length), (response.offset, 50)):
            with pytest.raises(DamagedRecord):
                read_record(path, offset, length)
        with pytest.raises(DamagedRecord):
            read_record(path, response.offset, response.length + 5)
        path.unlink()
        with pytest.raises(DamagedRecord, match="cannot be read"):
            read_response(connection, tmp_path, 2)


def test_a_file_still_being_written_can_be_read(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", clock=Clock()) as writer:
        capture = writer.record_exchange(SITE, exchange(body=b"fresh"))
        writer.flush()
        with closing(open_for_reading(tmp_path)) as connection:
            assert read_response(connection, tmp_path, capture).payload == b"fresh"
        (path,) = warc_files(tmp_path)
        assert path.suffix == ".open"
        assert len(list(iterate_records(path))) == 3


def _head(encoding: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n\r\n".encode()


PAGE = ("<p>Ủy ban nhân dân huyện</p>" * 4000).encode()
RAW_DEFLATE = zlib.compressobj(wbits=-15)
RAW = RAW_DEFLATE.compress(PAGE) + RAW_DEFLATE.flush()


@pytest.mark.parametrize(
    ("encoding", "payload"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("GZIP", gzip.compress(PAGE[:5000]) + gzip.compress(PAGE[5000:])),
        ("x-gzip", gzip.compress(PAGE) + b"\x00\x00padding"),
        ("gzip", gzip.compress(PAGE) + b"\x1f\x8bpadding"),
        ("gzip", gzip.compress(PAGE)[:-8] + b"badcrc!!"),
        ("gzip", gzip.compress(PAGE)[:-3]),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", RAW),
        ("gzip, gzip", gzip.compress(gzip.compress(PAGE))),
        ("identity", PAGE),
        ("", PAGE),
        ("gzip", PAGE),  # a server that says so and does not
    ],
)
def test_content_encodings_are_undone(encoding: str, payload: bytes) -> None:
    assert decoded_body(_head(encoding), payload) == PAGE


def test_brotli_is_undone_where_it_is_installed() -> None:
    brotli = pytest.importorskip("brotli")
    assert decoded_body(_head("br"), brotli.compress(PAGE)) == PAGE
    with pytest.raises(BodyTooLarge):
        decoded_body(_head("br"), brotli.compress(bytes(50_000_000)), limit=1_000_000)
    with pytest.raises(UndecodableBody):
        decoded_body(_head("br"), b"<html>no brotli")


@pytest.mark.parametrize("cut", [120, 200, 300])
def test_a_body_cut_off_in_transfer_gives_what_there_is(cut: int) -> None:
    part = decoded_body(_head("gzip"), gzip.compress(PAGE)[:cut])
    assert PAGE.startswith(part)
    assert part


def test_damage_inside_a_body_gives_what_comes_before() -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 4000 + PAGE * 3, mtime=0))
    packed[len(packed) // 2 :] = b"\xff" * (len(packed) - len(packed) // 2)
    assert decoded_body(_head("gzip"), bytes(packed)).startswith(bytes(range(256)))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_does_not_go_off(encoding: str) -> None:
    bomb = (gzip.compress if encoding == "gzip" else zlib.compress)(bytes(80_000_000))
    with pytest.raises(BodyTooLarge):
        decoded_body(_head(encoding), bomb, limit=1_000_000)
    assert len(decoded_body(_head(encoding), bomb, limit=80_000_000)) == 80_000_000


def test_a_limit_counts_all_members_and_plain_bodies() -> None:
    with pytest.raises(BodyTooLarge):
        decoded_body(_head("gzip"), gzip.compress(b"a" * 60) + gzip.compress(b"a" * 60), limit=100)
    with pytest.raises(BodyTooLarge):
        decoded_body(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 101, limit=100)


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(UndecodableBody, match="zstd"):
        decoded_body(_head("zstd"), b"x")


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha-256", "SHA512"])
def test_digests_of_others_are_understood(algorithm: str) -> None:
    raw = hashlib.new(algorithm.lower().replace("-", ""), b"data").digest()
    for value in (raw.hex(), base64.b32encode(raw).decode(), base64.b64encode(raw).decode()):
        assert digest_matches(f"{algorithm}:{value}", b"data") is True
        assert digest_matches(f"{algorithm}:{value}", b"Data") is False
    assert digest_matches(f"{algorithm}:nonsense", b"data") is None
    assert digest_matches("crc32:00000000", b"data") is None
    assert digest_matches("nothing", b"data") is None
