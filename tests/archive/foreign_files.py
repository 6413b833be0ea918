"""WARC records and files as other programs write them, made by hand."""

from __future__ import annotations

import gzip
import hashlib
import io
import uuid
import zipfile
from collections.abc import Callable

URL = "http://khesanh.example.gov.vn"


def record(
    kind: str,
    url: str,
    block: bytes,
    *headers: str,
    date: str = "2019-05-06T07:08:09Z",
    version: str = "1.1",
) -> bytes:
    """A record with its line ends. The id is made of block, URL and date unless a header gives it."""
    digest = hashlib.sha256(f"{kind} {url} {date}".encode() + block).hexdigest()
    identity = f"<urn:uuid:{uuid.UUID(digest[:32])}>"
    lines = [
        f"WARC/{version}",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        f"WARC-Date: {date}",
        *(
            []
            if any(h.startswith("WARC-Record-ID") for h in headers)
            else [f"WARC-Record-ID: {identity}"]
        ),
        *headers,
        f"Content-Length: {len(block)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + block + b"\r\n\r\n"


def page(number: int, body: bytes | None = None) -> bytes:
    body = b"<p>page %d</p>" % number if body is None else body
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
    return record("response", f"{URL}/{number}", head + body)


# Five small pages, and every way to put records into a file.
PAGES = [page(number) for number in range(5)]


def members(records: list[bytes]) -> bytes:
    return b"".join(gzip.compress(one) for one in records)


def stream(records: list[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


def plain(records: list[bytes]) -> bytes:
    return b"".join(records)


def in_few_members(records: list[bytes]) -> bytes:
    """Two members a record each, then all the rest in one."""
    return members(records[:2]) + stream(records[2:])


def cut_anywhere(records: list[bytes]) -> bytes:
    """Members that know nothing of records, as a file packed in blocks has."""
    data = plain(records)
    return b"".join(gzip.compress(data[at : at + 700]) for at in range(0, len(data), 700))


def package(
    compression: int, inner: Callable[[list[bytes]], bytes]
) -> Callable[[list[bytes]], bytes]:
    def make(records: list[bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as packed:
            packed.writestr("datapackage.json", '{"software": "Browsertrix 1.9", "title": "Tin"}')
            packed.writestr("archive/data.warc.gz", inner(records[:3]))
            packed.writestr("archive/more.warc", plain(records[3:]))
        return out.getvalue()

    return make


FORMS: dict[str, Callable[[list[bytes]], bytes]] = {
    "a gzip member each": members,
    "one gzip stream": stream,
    "no gzip": plain,
    "a few members": in_few_members,
    "blocks": cut_anywhere,
    "members and padding": lambda records: members(records) + b"\0" * 1024,
    "plain and padding": lambda records: plain(records) + b"\0" * 1024,
    "stored in a WACZ": package(zipfile.ZIP_STORED, members),
    "a stream in a WACZ": package(zipfile.ZIP_STORED, stream),
    "compressed in a WACZ": package(zipfile.ZIP_DEFLATED, members),
}
