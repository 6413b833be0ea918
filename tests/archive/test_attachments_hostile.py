"""A hostile file costs its own text and nothing else: each is a listed ending with its reason."""

from __future__ import annotations

import io
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from threading import Event

import openpyxl
import pytest
from attachment_files import NOTICE, OLD_OFFICE, docx, saved, text_pdf, xlsx, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.attachments import bounded_process, packed
from archive.attachments.bounded_process import Ended, run
from archive.attachments.confinement import MEMORY
from archive.attachments.file_text import (
    LONGEST_NAME,
    Begun,
    Ending,
    How,
    NotALine,
    Part,
    PartKind,
    State,
    from_line,
    to_line,
)
from archive.attachments.file_types import FileType, detect
from archive.attachments.readers import Beyond, pdf
from archive.attachments.reading import _cause, _lines, read_file

_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha ha ha ha ha ha ha ha ha ha">'
    + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def many_pages(kids: int, count: int) -> bytes:
    """A PDF that says it has ``count`` pages, and lists one page ``kids`` times."""
    tree = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"3 0 R " * kids, count)
    return plain_pdf(tree, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")


def plain_pdf(*objects: bytes) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate((b"<</Type/Catalog/Pages 2 0 R>>", *objects), 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, table)
    return bytes(out)


def lying_zip(data: bytes, size: int) -> bytes:
    """The ZIP file, its directory saying of each member that it unpacks to ``size`` bytes."""
    changed = bytearray(data)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", changed, at + 24, size)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def test_a_file_without_a_byte_is_empty_whatever_it_is_called() -> None:
    ending = read_file(b"", "application/pdf", "quyet-dinh.pdf").ending
    assert (ending.state, ending.reason) == (State.EMPTY, "it has no bytes")


def test_a_damaged_member_that_tells_the_type_is_no_crash() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    data = bytearray(packed.getvalue())
    data[38] = 0xFF  # the first byte that is deflated
    assert detect(bytes(data)) is FileType.ZIP


def test_a_password_is_asked_for() -> None:
    assert read_file(text_pdf(NOTICE, password="secret")).ending.state is State.ENCRYPTED
    old = bytearray((OLD_OFFICE / "thong-bao.doc").read_bytes())
    flags = old.index(b"\xec\xa5") + 0x0A
    old[flags + 1] |= 0x01  # fEncrypted
    assert read_file(bytes(old)).ending.state is State.ENCRYPTED
    name, new = ("WordDocument".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le"))
    office = bytearray((OLD_OFFICE / "thong-bao.doc").read_bytes())
    entry = office.index(name)
    office[entry : entry + len(new)] = new
    struct.pack_into("<H", office, entry + 64, len(new) + 2)
    assert read_file(bytes(office)).ending.file_type == "encrypted-office"
    assert read_file(bytes(office)).ending.state is State.ENCRYPTED


@pytest.mark.parametrize("name", ["word__document_xml", "content_xml", "ppt__slides__slide1_xml"])
def test_an_entity_bomb_does_not_go_off(name: str) -> None:
    if name == "word__document_xml":
        with zipfile.ZipFile(io.BytesIO(docx(["x"]))) as honest:
            members = {n: honest.read(n) for n in honest.namelist()}
        root = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        members["word/document.xml"] = f"{_BOMB}{root}<w:t>&i;</w:t></w:document>".encode()
        data = zipped(**members)
    elif name == "content_xml":
        text = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        data = zipped(
            mimetype="application/vnd.oasis.opendocument.text",
            content_xml=f"{_BOMB}<text:p {text}>&i;</text:p>",
        )
    else:
        data = zipped(**{"[Content_Types]_xml": "<x/>", name: f"{_BOMB}<x>&i;</x>"})
    found = read_file(data)
    assert found.ending.state in (State.FAILED, State.EMPTY)
    assert sum(len(part.text) for part in found.parts) < 1000


@pytest.mark.parametrize("make", [lambda: docx(NOTICE), xlsx])
def test_a_file_that_would_unpack_to_gigabytes_is_not_unpacked(make: object) -> None:
    assert callable(make)
    ending = read_file(lying_zip(make(), 0x7FFFFFFF)).ending
    assert ending.state is State.TOO_BIG
    assert ending.reason.startswith("would unpack to ")


def test_a_member_gives_no_more_than_the_directory_says() -> None:
    small = lying_zip(zipped(a="x" * 5_000_000), 10)
    packed.check_size(small)
    with packed.opened(small) as file, pytest.raises(Exception, match="cannot be unpacked"):
        packed.member(file, "a")


def test_members_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_MEMBERS", 3)
    with pytest.raises(Beyond, match="in 4 members"):
        packed.check_size(zipped(a="", b="", c="", d=""))


def test_a_cell_at_the_far_corner_costs_its_own_file_only() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "đầu", "cuối"
    found = read_file(saved(book))
    assert (found.ending.state, found.ending.file_type) == (State.FAILED, "xlsx")
    assert found.ending.reason == "needs more memory than is allowed"


def test_a_pdf_of_a_million_pages_is_read_in_part() -> None:
    found = read_file(many_pages(pdf.MOST_PAGES + 500, pdf.MOST_PAGES + 500))
    assert found.ending.reason == "3,500 pages, of which the first 3,000 were read"
    assert found.ending.state is State.TOO_BIG  # not a word on any of them
    assert len(found.parts) == pdf.MOST_PAGES
    promised = read_file(many_pages(1, 1_000_000))
    assert promised.ending.state in (State.FAILED, State.PARTIAL, State.TOO_BIG)
    assert promised.ending.reason


def test_deeply_nested_objects_end_with_a_reason() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/X " + deep + b">>"
    ending = read_file(plain_pdf(tree, page)).ending
    assert ending.state in (State.FAILED, State.EMPTY)
    assert ending.reason or ending.state is State.EMPTY


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from((b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
)
def test_the_type_of_any_bytes_can_be_told(data: bytes, beginning: bytes) -> None:
    detect(beginning + data, "x/y", "z")


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(("pdf", "docx", "xlsx", "doc", "xls")),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=40),
    st.floats(0.3, 1),
)
def test_a_damaged_file_always_has_an_ending(
    kind: str, changes: list[tuple[float, int]], kept: float
) -> None:
    whole = {
        "pdf": lambda: text_pdf(NOTICE),
        "docx": lambda: docx(NOTICE),
        "xlsx": xlsx,
        "doc": (OLD_OFFICE / "thong-bao.doc").read_bytes,
        "xls": (OLD_OFFICE / "bieu.xls").read_bytes,
    }[kind]()
    damaged = bytearray(whole[: max(1, int(len(whole) * kept))])
    for place, value in changes:
        damaged[int(place * len(damaged))] = value
    ending = read_file(bytes(damaged), name=f"a.{kind}").ending
    assert ending.state in (State.DONE, State.EMPTY, State.SCANNED) or ending.reason


def _run(script: str, stop: Event | None = None, **bounds: float) -> Ended:
    with Path(os.devnull).open("rb") as nothing:
        return run(
            ["/bin/sh", "-c", script],
            nothing,
            seconds=bounds.get("seconds", 60),
            most_output=int(bounds.get("most_output", 1000)),
            environment={"PATH": os.environ["PATH"]},
            stop=stop or Event(),
        )


def ends(number: int) -> bool:
    """Whether this process is at its end, or comes to it."""
    try:
        process = os.pidfd_open(number)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 30)[0])
    finally:
        os.close(process)


def test_a_process_that_hangs_is_ended_with_its_children() -> None:
    ended = _run("sleep 600 & echo $!; exec sleep 600", seconds=0.3)
    assert ended.out_of_time
    assert ended.status == -signal.SIGKILL
    assert ends(int(ended.output)), "a child has outlived it"


def test_a_process_that_closes_its_output_and_hangs_is_ended() -> None:
    assert _run("exec >&- 2>&-; exec sleep 600", seconds=0.3).out_of_time


def test_a_process_is_ended_from_another_thread() -> None:
    stop = Event()
    stop.set()
    assert _run("exec sleep 600", stop).status == -signal.SIGKILL


def test_a_process_that_floods_is_ended() -> None:
    ended = _run("exec yes")
    assert ended.too_much
    assert len(ended.output) <= 1000 + bounded_process._CHUNK


def test_what_a_process_complains_of_is_kept_in_part() -> None:
    ended = _run("yes | head -c 100000 >&2; echo the last >&2; exit 7")
    assert ended.status == 7
    assert ended.complaints.endswith(b"the last\n")
    assert len(ended.complaints) <= 1 << 14


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (Ended(b"", b"", -9, out_of_time=True), "took more than 5 seconds"),
        (Ended(b"", b"", -9, too_much=True), "gives more text than is taken"),
        (Ended(b"", b"", -signal.SIGXCPU), "took more processor time than is allowed"),
        (Ended(b"", b"x\nMemoryError\n", 1), "needs more memory than is allowed"),
        (
            Ended(b"", b"memory allocation of 9 bytes failed\n", -signal.SIGABRT),
            "needs more memory than is allowed",
        ),
        (Ended(b"", b"", -signal.SIGSEGV), "the reader crashed (SIGSEGV)"),
        (Ended(b"", b"Traceback\nKeyError: 'x'\n", 1), "KeyError: 'x'"),
        (Ended(b"", b"", 3), "the reader ended with status 3"),
    ],
)
def test_each_way_to_end_badly_has_its_reason(ended: Ended, reason: str) -> None:
    assert _cause(ended, 5.0) == reason


def test_parts_that_were_read_before_a_crash_are_kept() -> None:
    one = Part(PartKind.PAGE, 1, "một")
    begun = Begun("pdf", "x 1")
    for rest in (to_line(one)[:-20], b"rubbish\n" + to_line(Ending(State.DONE))):
        assert _lines(to_line(begun) + to_line(one) + rest) == (begun, (one,), None)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), st.lists).map(repr).map(str.encode)
)
def test_a_line_of_a_worker_is_checked(line: bytes) -> None:
    with pytest.raises(NotALine):
        from_line(line)


def test_names_and_confidences_of_a_worker_are_cut_to_measure() -> None:
    wild = Part(PartKind.SHEET, 1, "a\u0000\n\n b", name="x" * 9999, how=How.OCR, confidence=1e9)
    tame = from_line(to_line(wild))
    assert tame == Part(PartKind.SHEET, 1, "a\nb", "x" * LONGEST_NAME, How.OCR, 100.0)


def _confined(code: str) -> subprocess.CompletedProcess[str]:
    script = f"from archive.attachments.confinement import confine\nconfine(2)\n{code}"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )


def test_a_confined_process_gets_no_more_memory() -> None:
    done = _confined(f"bytearray({MEMORY})")
    assert "MemoryError" in done.stderr


def test_a_confined_process_is_ended_for_its_processor_time() -> None:
    assert _confined("while True: pass").returncode == -signal.SIGXCPU


def test_a_confined_process_writes_no_file(tmp_path: Path) -> None:
    done = _confined(f"open({str(tmp_path / 'x')!r}, 'wb', 0).write(b'x')")
    assert "OSError" in done.stderr
    assert (tmp_path / "x").stat().st_size == 0


def test_a_confined_process_ends_with_the_one_that_started_it() -> None:
    child = (
        "from archive.attachments.confinement import confine; import time; confine(60); "
        "print('confined', flush=True); time.sleep(600)"
    )
    parent = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', sys.argv[1]], "
        "stdout=subprocess.PIPE, start_new_session=True); p.stdout.readline(); "
        "print(p.pid, flush=True); p.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", parent, child], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        process.kill()
    assert ends(number)


def test_a_confined_process_has_no_network() -> None:
    spaces = 0x40000000 if os.geteuid() == 0 else 0x50000000
    probe = f"import ctypes; raise SystemExit(ctypes.CDLL(None).unshare({spaces}) != 0)"
    if subprocess.run([sys.executable, "-c", probe], check=False).returncode:
        pytest.skip("this kernel does not let this process leave the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = _confined(
            f"import socket; socket.create_connection({server.getsockname()!r}, timeout=9)"
        )
    assert "OSError" in done.stderr
