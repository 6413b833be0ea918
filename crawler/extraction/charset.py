"""From the bytes of a page to its text, whatever the page says about its encoding.

Declarations of district portals are hints, not facts: text in UTF-8 is served as windows-1252 and
the other way round. What the bytes themselves prove comes first.
"""

from __future__ import annotations

import re
import unicodedata

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

# Codecs that a page may name. Python knows more (idna, punycode, unicode_escape …), which are no
# encodings of pages; UTF-16 is believed only on the evidence of its bytes.
_OF_PAGES = re.compile(
    r"cp125\d|cp874|cp9\d\d|iso8859-\d{1,2}|koi8-[ru]|mac-roman|gb18030|big5hkscs|euc_jp|iso2022_jp"
)


def decode_html(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The text of a page and the Python name of the encoding that it was read in.

    ``body`` is the page after content decoding, ``content_type`` the header's value if there was
    one. Evidence, strongest first: byte order mark; the NUL pattern of UTF-16; bytes that are
    valid UTF-8, or nearly; tone marks that only windows-1258 explains; header, ``<meta>`` and XML
    declaration (w3lib's reading of them); windows-1252. Bytes of windows-1252 in a page in UTF-8
    are read as such. Never raises: what cannot be decoded becomes U+FFFD. NUL characters are removed, windows-1258 is composed to NFC.
    """
    encoding, mark = read_bom(body)
    if encoding is None or mark is None:
        if (wide := _utf_16(body)) is None:
            try:
                return body.decode("utf-8").replace("\0", ""), "utf-8"
            except UnicodeDecodeError as error:
                encoding = _encoding(body, content_type, error)
        else:
            encoding = wide
        mark = b""
    text = _decoded(body[len(mark) :], encoding).replace("\0", "")
    # windows-1258 writes tones as combining characters.
    return (unicodedata.normalize("NFC", text) if encoding == "cp1258" else text), encoding


# A line of a page is mended if it has foreign bytes; a page that has more of them is none in UTF-8.
_MOST_MENDED = 500_000  # bytes


def _decoded(body: bytes, encoding: str) -> str:
    """Text pasted in from Word brings the quotation marks and dashes of windows-1252 as single
    bytes into pages in UTF-8."""
    if encoding not in ("utf-8", "utf8"):
        return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        from bs4.dammit import UnicodeDammit  # takes 60 ms to import, and few pages are damaged so

    mended = 0
    lines = body.split(b"\n")
    for at, line in enumerate(lines):
        if mended < _MOST_MENDED and not _is_valid(line):
            mended += len(line)
            if len(line) <= _MOST_MENDED:
                lines[at] = UnicodeDammit.detwingle(line)
    return b"\n".join(lines).decode("utf-8", "replace")


def _is_valid(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _encoding(body: bytes, content_type: str | None, error: UnicodeDecodeError) -> str:
    """The encoding of bytes that are not all UTF-8, as ``error`` says."""
    if _is_nearly_utf_8(body, cut_off=error.reason == "unexpected end of data"):
        return "utf-8"
    if _is_windows_1258(body):
        return "cp1258"
    for declared in (http_content_type_encoding(content_type), html_body_declared_encoding(body)):
        if declared and _OF_PAGES.fullmatch(declared):
            return declared
    return "cp1252"


def _utf_16(body: bytes) -> str | None:
    # Markup and spaces are ASCII: in UTF-16 every second byte of them is NUL, in any other
    # encoding hardly a byte of a page.
    head = body[:2048]
    half = len(head) // 2
    if half < 2:
        return None
    if head[1::2].count(0) > half * 0.4 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.4 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None


def _is_nearly_utf_8(body: bytes, *, cut_off: bool) -> bool:
    # A page cut off in a letter, or with a foreign byte pasted in, is still UTF-8: text in other
    # encodings almost never forms its sequences.
    text = body.decode("utf-8", "replace")
    letters = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    return letters >= (1 if cut_off else 2 * text.count("\ufffd"))


_VOWELS_1258 = rb"[AEIOUYaeiouy\xc2\xc3\xca\xd4\xd5\xdd\xe2\xe3\xea\xf4\xf5\xfd]"
_TONE_1258 = re.compile(rb"[\xcc\xd2\xde\xec\xf2]")
_TONED_1258 = re.compile(_VOWELS_1258 + rb"[\xcc\xd2\xde\xec\xf2]")


def _is_windows_1258(body: bytes) -> bool:
    # Grave, hook, tilde, acute and dot below follow their vowel as bytes of their own. In the
    # other encodings these bytes are letters that rarely follow a vowel (Ì Ò Þ ì ò).
    tones = len(_TONE_1258.findall(body))
    return tones >= 2 and len(_TONED_1258.findall(body)) >= tones * 0.95
