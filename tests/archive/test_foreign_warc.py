"""WARC files as others write them: every form, every order, damaged, hostile."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from foreign_files import FORMS, PAGES, URL, members, page, plain, record
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.digests import digest_of
from archive.errors import HuyenError
from archive.foreign_exchange import response_of, unchunked
from archive.foreign_file import ForeignFile, NotForeignWarc, maker_of
from archive.foreign_warc import ForeignRecord, Part, read_at
from archive.foreign_warc import read_records as walk
from archive.gzip_members import Damage


def opened(tmp_path: Path, data: bytes, name: str = "x.warc.gz") -> ForeignFile:
    (tmp_path / name).write_bytes(data)
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return ForeignFile(tmp_path / name, scratch)


def records_of(file: ForeignFile) -> tuple[list[tuple[ForeignRecord, bytes]], list[Damage]]:
    damage: list[Damage] = []
    found = []
    for part in file.parts:
        for head in walk(part, damage.append):
            again, block = read_at(part, head.offset, head.skip, 1 << 20)
            assert again == head
            found.append((head, block))
    return found, damage


def numbers(file: ForeignFile) -> list[str]:
    return [head.url.removeprefix(f"{URL}/") for head, _ in records_of(file)[0]]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_records(tmp_path: Path, form: str) -> None:
    file = opened(tmp_path, FORMS[form](PAGES))
    found, damage = records_of(file)
    assert damage == []
    assert file.notes == []
    assert [record_bytes.split(b"\r\n\r\n", 1)[1] for _, record_bytes in found] == [
        b"<p>page %d</p>" % number for number in range(5)
    ]
    assert [head.url for head, _ in found] == [f"{URL}/{number}" for number in range(5)]


@settings(max_examples=60, deadline=None)
@given(
    bodies=st.lists(st.binary(max_size=3000), min_size=1, max_size=6),
    form=st.sampled_from(sorted(FORMS)),
)
def test_whatever_the_bytes_are(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes], form: str
) -> None:
    records = [page(number, body) for number, body in enumerate(bodies)]
    file = opened(tmp_path_factory.mktemp("any"), FORMS[form](records))
    found, damage = records_of(file)
    assert damage == []
    assert [response_of(head, block).payload for head, block in found] == bodies


def test_what_warcio_writes_is_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "another crawler"}))
    http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            f"{URL}/1", "response", payload=io.BytesIO(b"x"), length=1, http_headers=http
        )
    )
    file = opened(tmp_path, out.getvalue())
    (_, (head, block)), damage = records_of(file)
    assert damage == []
    exchange = response_of(head, block)
    assert (exchange.url, exchange.status, exchange.payload) == (f"{URL}/1", 200, b"x")
    assert maker_of(file.path)["software"] == "another crawler"


@pytest.mark.parametrize("form", ["a gzip member each", "no gzip"])
def test_a_damaged_record_is_reported_and_the_rest_is_read(tmp_path: Path, form: str) -> None:
    pack = FORMS[form]
    before, broken, after = pack(PAGES[:2]), bytearray(pack(PAGES[2:3])), pack(PAGES[3:])
    broken[2:60] = b"\xff" * 58
    file = opened(tmp_path, before + bytes(broken) + after)
    assert numbers(file) == ["0", "1", "3", "4"]
    (damage,) = records_of(file)[1]
    assert damage.offset == len(before)


@pytest.mark.parametrize("form", ["a gzip member each", "no gzip", "one gzip stream"])
def test_a_cut_tail_costs_only_the_last_record(tmp_path: Path, form: str) -> None:
    data = FORMS[form](PAGES)
    file = opened(tmp_path, data[:-12])
    # One stream has nothing after its cut; zlib gives what came before.
    assert numbers(file)[:4] == ["0", "1", "2", "3"]
    assert len(records_of(file)[1]) + len(file.notes) >= 1


def test_a_false_length_does_not_swallow_the_next_record(tmp_path: Path) -> None:
    liar = PAGES[1].replace(b"Content-Length: ", b"Content-Length: 1", 1)
    assert liar.index(b"Content-Length: 1") < liar.index(b"HTTP/")
    for data in (plain([PAGES[0], liar, *PAGES[2:]]), members([PAGES[0], liar, *PAGES[2:]])):
        file = opened(tmp_path, data)
        assert numbers(file) == ["0", "2", "3", "4"]
        assert len(records_of(file)[1]) == 1


def test_a_record_that_speaks_of_records_is_one(tmp_path: Path) -> None:
    body = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n" + gzip.compress(
        PAGES[0]
    )
    for form in FORMS:
        file = opened(tmp_path, FORMS[form]([page(1, body), page(2), page(3)]))
        assert numbers(file) == ["1", "2", "3"], form


def test_old_versions_brackets_folded_and_bare_lines_are_read(tmp_path: Path) -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\nx"
    old = record("response", f"<{URL}/1>", block, "X-Note: one", "  two", version="0.18")
    bare = record("response", f"{URL}/2", block, version="1.0").replace(b"\r\n", b"\n")
    bare = bare.replace(b"Content-Length: 20", b"Content-Length: 18")
    found, damage = records_of(opened(tmp_path, old + bare))
    assert damage == []
    assert [head.url for head, _ in found] == [f"{URL}/1", f"{URL}/2"]
    assert found[0][0].header("x-note") == "one two"


# -- hostile files --------------------------------------------------------------------------------


def test_names_in_a_package_are_never_paths(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("../../escaped.warc", plain(PAGES[:1]))
        packed.writestr("/abs/olute.warc", plain(PAGES[1:2]))
        packed.writestr("archive/ok.warc", plain(PAGES[2:3]))
    file = opened(tmp_path, out.getvalue(), "x.wacz")
    assert numbers(file) == ["0", "1", "2"]
    assert {path.parent for path in tmp_path.rglob("*.warc")} == {tmp_path / "scratch"}
    assert not (tmp_path.parent / "escaped.warc").exists()


@pytest.mark.parametrize("form", ["one gzip stream", "compressed in a WACZ"])
def test_a_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.foreign_file._FREE_EXPANSION", 1 << 20)
    bomb = [page(number, b"\0" * 8_000_000) for number in range(4)]
    with pytest.raises(NotForeignWarc, match="unpacks to more than"):
        opened(tmp_path, FORMS[form](bomb))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.warc")) < 8_000_000


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>not a WARC", b"PK\x03\x04 but no ZIP", b"\x7fELF" + b"x" * 100],
    ids=["empty", "html", "half a zip", "program"],
)
def test_what_is_no_warc_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(HuyenError) as refused:
        opened(tmp_path, data)
    assert "\n" not in str(refused.value)
    assert "x.warc.gz" in str(refused.value)


def test_a_zip_without_a_warc_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", "x")
    with pytest.raises(NotForeignWarc, match="without a WARC"):
        opened(tmp_path, out.getvalue())


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2000), st.sampled_from(sorted(FORMS)))
def test_damage_anywhere_never_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, form: str
) -> None:
    data = bytearray(FORMS[form](PAGES))
    at %= len(data)
    data[at : at + len(noise)] = noise
    try:
        file = opened(tmp_path_factory.mktemp("noise"), bytes(data))
    except NotForeignWarc:
        return
    for head, block in records_of(file)[0]:
        try:
            response_of(head, block)
        except Damage:
            continue


# -- from record to exchange ----------------------------------------------------------------------


def answer(block: bytes, *headers: str, kind: str = "response") -> tuple[ForeignRecord, bytes]:
    given = (f"WARC-Type: {kind}", f"WARC-Target-URI: {URL}/1", "WARC-Date: 2019-05-06T07:08:09Z")
    fields = [(name, value) for name, value in (h.split(": ", 1) for h in (*given, *headers))]
    part = Part("", Path("x.warc"), 0, 0, packed=False)
    return ForeignRecord(part, 0, 0, tuple(fields), len(block)), block


def test_a_chunked_body_is_decoded_as_in_our_own_records() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole = response_of(*answer(head + b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"))
    assert (whole.payload, whole.truncated) == (b"abcdefg", "")
    cut = response_of(*answer(head + b"3\r\nabc\r\n40\r\ndefg"))
    assert (cut.payload, cut.truncated) == (b"abcdefg", "disconnect")
    decoded_already = response_of(*answer(head + b"<p>abc</p>"))
    assert (decoded_already.payload, decoded_already.truncated) == (b"<p>abc</p>", "")


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5))
def test_chunking_is_undone(pieces: list[bytes]) -> None:
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    assert unchunked(chunked) == (b"".join(pieces), True)


def test_digests_are_held_against_the_bytes() -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\nabc"
    good, wrong = digest_of(block), digest_of(b"something else")
    assert response_of(*answer(block, f"WARC-Block-Digest: {good}")).payload == b"abc"
    with pytest.raises(Damage, match="do not have the digest"):
        response_of(*answer(block, f"WARC-Block-Digest: {wrong}"))
    # Half of the makers get one of the two wrong; one that is right is proof.
    one_right = (f"WARC-Block-Digest: {wrong}", f"WARC-Payload-Digest: {digest_of(b'abc')}")
    assert response_of(*answer(block, *one_right)).payload == b"abc"
    # wget's revisits have a wrong block digest, all of them.
    assert response_of(*answer(block, f"WARC-Block-Digest: {wrong}", kind="revisit")).status == 200


def test_what_the_record_says_of_the_connection_is_kept() -> None:
    exchange = response_of(
        *answer(
            b"HTTP/1.1 404 Not Found\r\nServer: x",
            "WARC-IP-Address: 127.0.0.1",
            "WARC-Protocol: h2",
            "WARC-Protocol: tls/1.3",
            "WARC-Cipher-Suite: TLS_AES_128_GCM_SHA256",
            "WARC-Truncated: odd",
        ),
        request=b"HEAD /1 HTTP/1.1\r\n\r\n",
        via="imports/x",
    )
    assert exchange.response_head.endswith(b"Server: x\r\n\r\n")
    assert (exchange.method, exchange.status, exchange.truncated) == ("HEAD", 404, "unspecified")
    assert (exchange.protocol, exchange.tls) == ("h2", "TLSv1.3 TLS_AES_128_GCM_SHA256")
    assert exchange.fetched_at.isoformat() == "2019-05-06T07:08:09+00:00"


@pytest.mark.parametrize("block", [b"", b"hello", b"<html>"])
def test_what_is_no_http_answer_is_damage(block: bytes) -> None:
    with pytest.raises(Damage, match="no HTTP answer"):
        response_of(*answer(block))
