"""From a record that others made to an exchange as this archive stores them."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urldefrag

from archive.digests import digest_matches
from archive.exchange import Exchange
from archive.foreign_warc import ForeignRecord
from archive.gzip_members import Damage
from archive.http_head import (
    field_values,
    is_whole_head,
    media_type_of,
    split_http,
    status_of,
)
from archive.timestamps import parse_utc

LONGEST_BLOCK = 64 << 20  # bytes that are taken over of one record, as in a live crawl

_REASONS = {"length", "time", "disconnect", "unspecified"}  # WARC 1.1, section 5.13
_CHUNK_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,8})[^\r\n]{0,1000}\r?\n")


def is_web_address(url: str) -> bool:
    """Whether a target URI is of an HTTP exchange: not ``dns:``, ``urn:pageinfo:``, ``metadata:``."""
    return url[:8].lower().startswith(("http://", "https://"))


def response_of(
    record: ForeignRecord, block: bytes, request: bytes = b"", via: str = ""
) -> Exchange:
    """The exchange of a `response` record, or what a `revisit` record says of one, whose payload
    is then empty.

    A chunked body is decoded, as in our own records. ``block`` may end at LONGEST_BLOCK; the
    exchange is then truncated. Raises Damage where the block is no HTTP answer, does not have the
    digest that the record gives for it, or the record has no date.
    """
    head, payload = split_http(block)
    status = status_of(head)
    if status is None:
        raise Damage(record.offset, f"no HTTP answer, but {block[:20]!r}")
    if not is_whole_head(head):  # some makers leave out the empty line where no body follows
        head += b"\r\n" if head.endswith(b"\n") else b"\r\n\r\n"
    truncated = record.header("WARC-Truncated").lower()
    if truncated and truncated not in _REASONS:
        truncated = "unspecified"
    if record.length > len(block):
        truncated = "length"
    elif record.type == "response":
        _check_digests(record, block, payload)
    if _is_chunked(head) and (decoded := unchunked(payload)) is not None:
        payload, whole = decoded
        truncated = truncated or ("" if whole else "disconnect")
    protocols = [value.lower() for value in record.values("WARC-Protocol")]
    tls = next((p.removeprefix("tls/") for p in protocols if p.startswith("tls/")), "")
    return Exchange(
        url=urldefrag(record.url).url,
        fetched_at=moment_of(record),
        method=request.split(b" ", 1)[0].decode("ascii", "replace") if request else "GET",
        request=request,
        response_head=head,
        payload=b"" if record.type == "revisit" else payload,
        status=status,
        media_type=media_type_of(head),
        ip_address=record.header("WARC-IP-Address"),
        protocol=next((p for p in protocols if p.startswith(("http/", "h2", "h3"))), ""),
        tls=f"TLSv{tls} {record.header('WARC-Cipher-Suite')}".strip() if tls else "",
        truncated=truncated,
        via=via,
    )


def moment_of(record: ForeignRecord) -> datetime:
    """When the exchange took place, aware. Raises Damage where the record does not say."""
    try:
        return parse_utc(record.header("WARC-Date"))
    except ValueError:
        date = record.header("WARC-Date")[:40]
        raise Damage(record.offset, f"no moment in WARC-Date: {date!r}") from None


def unchunked(body: bytes) -> tuple[bytes, bool] | None:
    """A chunked body decoded (RFC 9112, section 7.1), and whether it came to its end; None where
    the body is not chunked, because the maker of the record has decoded it already."""
    pieces: list[bytes] = []
    at = 0
    while match := _CHUNK_SIZE.match(body, at):
        size = int(match[1], 16)
        start = match.end()
        if size == 0:
            return b"".join(pieces), True
        pieces.append(body[start : start + size])
        at = start + size
        if at >= len(body):
            return b"".join(pieces), False
        line_end = 2 if body.startswith(b"\r\n", at) else 1 if body.startswith(b"\n", at) else 0
        if not line_end:
            return None
        at += line_end
    return (b"".join(pieces), False) if pieces and at >= len(body) else None


def _is_chunked(head: bytes) -> bool:
    return any("chunked" in value.lower() for value in field_values(head, "Transfer-Encoding"))


def _check_digests(record: ForeignRecord, block: bytes, payload: bytes) -> None:
    """Raises Damage where the record has neither the block digest nor the payload digest that it
    gives. One that is right is enough: makers differ in what the payload of a chunked answer is."""
    block_digest = record.header("WARC-Block-Digest")
    of_block = digest_matches(block_digest, block) if block_digest else None
    if of_block is not False:
        return
    payload_digest = record.header("WARC-Payload-Digest")
    bodies = [payload]
    if (decoded := unchunked(payload)) is not None:
        bodies.append(decoded[0])
    if payload_digest and any(digest_matches(payload_digest, body) for body in bodies):
        return
    raise Damage(record.offset, "the bytes do not have the digest that the record gives for them")
