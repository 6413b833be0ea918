"""A stored head is the received one, unless its framing would mislead a reader of the record."""

from __future__ import annotations

import pytest

from archive.http_head import (
    field_values,
    is_whole_head,
    media_type_of,
    split_http,
    status_of,
    storable_head,
)

EXACT = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 200\r\ncontent-length:5\r\n\r\n",
    b"HTTP/1.0 200 OK\nServer: old\n\n",
    b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nSET-COOKIE: c=3\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Folded: one\r\n  two\r\n\tthree\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 200 \xc4\x90\xe1\xba\xa1t\r\nX-Latin: caf\xe9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nno colon at all\r\n: no name\r\nX-Space : 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
]


@pytest.mark.parametrize("head", EXACT)
def test_a_true_head_is_stored_byte_for_byte(head: bytes) -> None:
    assert storable_head(head, 5) == head


def test_a_chunked_answer_gets_a_true_length_and_keeps_its_framing_as_a_note() -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nServer: x\r\ntransfer-Encoding: chunked\r\n"
        b"Content-Encoding: gzip\r\n\r\n"
    )
    assert storable_head(head, 1234) == (
        b"HTTP/1.1 200 OK\r\nServer: x\r\nX-Archive-Orig-transfer-Encoding: chunked\r\n"
        b"Content-Length: 1234\r\nContent-Encoding: gzip\r\n\r\n"
    )


def test_folded_framing_is_masked_with_its_continuation() -> None:
    head = b"HTTP/1.1 200 OK\nTransfer-Encoding:\n chunked\nX: y\n\n"
    assert storable_head(head, 3) == (
        b"HTTP/1.1 200 OK\nX-Archive-Orig-Transfer-Encoding:\n chunked\nContent-Length: 3\nX: y\n\n"
    )


@pytest.mark.parametrize("promised", [b"10", b"4", b"5, 5", b"viele", b"", b"+5"])
def test_a_false_length_is_masked_and_a_true_one_added(promised: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\nX: y\r\n\r\n" % promised
    assert storable_head(head, 5) == (
        b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Content-Length: %s\r\nContent-Length: 5\r\nX: y\r\n\r\n"
        % promised
    )


def test_of_two_lengths_the_true_one_stays() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 5\r\n\r\n"
    assert storable_head(head, 5) == (
        b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Content-Length: 9\r\nContent-Length: 5\r\n\r\n"
    )


def test_a_length_beside_chunks_is_masked_unless_true() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert field_values(storable_head(head, 5), "content-length") == ["5"]
    assert field_values(storable_head(head, 9), "content-length") == ["9"]
    assert field_values(storable_head(head, 9), "transfer-encoding") == []


@pytest.mark.parametrize(
    ("head", "method"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", "HEAD"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 999\r\n\r\n", "GET"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 999\r\n\r\n", "GET"),
    ],
)
def test_the_length_of_a_body_that_is_not_sent_is_true(head: bytes, method: str) -> None:
    assert storable_head(head, 0, method) == head


def test_reading_a_head() -> None:
    head = b"HTTP/1.1 404 Kh\xf4ng\r\nContent-Type: Text/HTML; charset=utf-8\r\nX: a\r\n  b\r\n\r\n"
    assert status_of(head) == 404
    assert media_type_of(head) == "text/html"
    assert field_values(head, "x") == ["a b"]
    assert status_of(b"<html>\r\n\r\n") is None
    assert media_type_of(b"HTTP/1.1 200\r\n\r\n") == ""


def test_a_head_ends_at_its_first_empty_line() -> None:
    assert split_http(b"A\r\nB: c\r\n\r\nbody\r\n\r\nmore") == (
        b"A\r\nB: c\r\n\r\n",
        b"body\r\n\r\nmore",
    )
    assert split_http(b"A\n\r\nx") == (b"A\n\r\n", b"x")
    assert split_http(b"no end") == (b"no end", b"")
    assert is_whole_head(b"A\r\n\r\n")
    assert not is_whole_head(b"A\r\n")
    assert not is_whole_head(b"A\r\n\r\nB")
