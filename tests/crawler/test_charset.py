"""The encoding of a page: the bytes decide, then the declarations."""

import codecs
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.charset import decode_html

SENTENCE = "Ủy ban nhân dân huyện họp bàn về nông thôn mới và chỉ đạo sản xuất vụ Đông."
PAGE = f"<html><head>{{}}</head><body><p>{SENTENCE}</p></body></html>"


def windows_1258(text: str) -> bytes:
    """As Windows writes it: the letter precomposed, its tone as a byte of its own."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = []
    for letter in text:
        decomposed = unicodedata.normalize("NFD", letter)
        bare = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in tones))
        parts.append((bare + "".join(c for c in decomposed if c in tones)).encode("cp1258"))
    return b"".join(parts)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/html",
        "text/html; charset=utf-8",
        "text/html; charset=windows-1252",
        "text/html; charset=windows-1258",
        "text/html; charset=utf-16",
        "text/html; charset=no-such-thing",
        "text/html; charset=unicode_escape",
        "",
    ],
)
@pytest.mark.parametrize("declared", ["", '<meta charset="iso-8859-1">', "<meta charset=utf-16>"])
def test_valid_utf_8_wins_over_any_declaration(content_type: str | None, declared: str) -> None:
    page = PAGE.format(declared)
    assert decode_html(page.encode(), content_type) == (page, "utf-8")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_utf_16_and_byte_order_marks(mark: bytes, encoding: str) -> None:
    page = PAGE.format("")
    body = mark + page.encode(encoding)
    assert decode_html(body, "text/html; charset=windows-1252") == (page, encoding)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/html; charset=windows-1258",
        "text/html; charset=utf-8",
        "text/html; charset=latin1",
    ],
)
def test_windows_1258_is_known_by_its_tone_marks_and_comes_out_composed(
    content_type: str | None,
) -> None:
    page = PAGE.format("")
    assert decode_html(windows_1258(page), content_type) == (page, "cp1258")


def test_the_header_outranks_the_meta_element() -> None:
    body = '<meta charset="windows-1251"><p>caf\xe9 \xfcber'.encode("latin-1")
    assert decode_html(body, "text/html; charset=iso-8859-1") == (body.decode("cp1252"), "cp1252")
    assert decode_html(body, None) == (body.decode("cp1251"), "cp1251")


def test_an_xml_declaration_counts() -> None:
    body = '<?xml version="1.0" encoding="iso-8859-2"?><p>żółć'.encode("iso-8859-2")
    assert decode_html(body, "application/xhtml+xml") == (body.decode("iso-8859-2"), "iso8859-2")


def test_latin_1_with_legacy_font_codes_is_kept_for_the_fonts() -> None:
    body = "<p>Céng hßa x· héi chñ nghÜa</p>".encode("latin-1")
    assert decode_html(body, None)[0] == "<p>Céng hßa x· héi chñ nghÜa</p>"


def test_utf_8_cut_off_in_a_letter() -> None:
    assert decode_html("<p>Huyện ủ".encode()[:-1], None) == ("<p>Huyện \ufffd", "utf-8")
    assert decode_html("<p>café".encode("latin-1"), None) == ("<p>café", "cp1252")


def test_bytes_of_windows_1252_pasted_into_utf_8_are_read() -> None:
    page = PAGE.format("").encode().replace(b"<p>", b"<p>\x93Xin ch\xc3\xa0o\x94 \x96\xa0")
    text, encoding = decode_html(page, "text/html; charset=windows-1252")
    assert encoding == "utf-8"
    assert "\u201cXin chào\u201d \u2013\xa0" + SENTENCE in text


def test_a_byte_that_no_encoding_explains_spoils_nothing_else() -> None:
    page = (
        PAGE.format("").encode().replace(b"<p>", b"<p>\xe1<b>").replace(b"</p>", b"</p>\n\x93a\x94")
    )
    text, encoding = decode_html(page, None)
    assert encoding == "utf-8"
    assert "\ufffd<b>" + SENTENCE in text
    assert "\u201ca\u201d" in text


def test_megabytes_of_foreign_bytes_cost_seconds() -> None:
    begun = time.process_time()
    decode_html(b"\x93 \xc3\xa1" * 4_000_000, "text/html; charset=utf-8")
    decode_html((b"\xc3\xa1" * 40 + b"\x93\n") * 200_000, "text/html; charset=utf-8")
    assert time.process_time() - begun < 10


def test_nul_characters_are_removed() -> None:
    assert decode_html(b"<p>a\x00b</p>" + b" " * 50, None) == ("<p>ab</p>" + " " * 50, "utf-8")


def test_an_empty_page() -> None:
    assert decode_html(b"", None) == ("", "utf-8")


labels = st.sampled_from(
    [
        *("utf-8", "utf-7", "utf-16", "idna", "punycode", "rot13", "base64", "hex", "undefined"),
        *("cp1252", "cp1258", "shift_jis", "gb2312", "big5", "euc-jp", "iso-2022-jp", "cp037"),
        *("mbcs", "\x00"),
    ]
)


@given(st.binary(), st.one_of(st.none(), st.text(), labels.map("text/html; charset={}".format)))
def test_never_raises(body: bytes, content_type: str | None) -> None:
    text, encoding = decode_html(body, content_type)
    assert "\0" not in text
    assert codecs.lookup(encoding)


@given(st.text(st.characters(exclude_characters="\0\ufeff", codec="utf-8"), min_size=3))
def test_every_text_in_utf_8_survives(text: str) -> None:
    assert decode_html(text.encode(), "text/html; charset=windows-1252") == (text, "utf-8")
