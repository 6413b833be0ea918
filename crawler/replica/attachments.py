"""Attachments made by code: small valid PDF and DOCX files with Vietnamese text."""

from __future__ import annotations

import io
import textwrap
import unicodedata
import zipfile
from functools import lru_cache
from xml.sax.saxutils import escape

_WIDTH = 84  # letters in a line of 11-point Helvetica on A4
_LINES = 46  # lines on a page


@lru_cache(maxsize=64)
def document(kind: str, lines: tuple[str, ...]) -> bytes:
    """The paragraphs as a file; ``kind`` is ``pdf`` or ``docx``. The same text, the same bytes."""
    return _pdf(lines) if kind == "pdf" else _docx(lines)


def _pdf(paragraphs: tuple[str, ...]) -> bytes:
    """PDF 1.4 with the built-in Helvetica, which lacks most Vietnamese letters: each letter is
    drawn as the nearest one it has, and a ToUnicode map (ISO 32000-1, 9.10.3) gives the real one
    to whoever copies, searches or extracts the text."""
    lines = [line for text in paragraphs for line in (*textwrap.wrap(text, _WIDTH), "")]
    letters = sorted(set("".join(lines)) - {" "})
    codes = {" ": 32, **{letter: 33 + place for place, letter in enumerate(letters)}}
    pages = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)]
    kids = " ".join(f"{6 + 2 * place} 0 R" for place in range(len(pages)))
    names = " ".join(f"/{_glyph(letter)}" for letter in letters)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding 4 0 R /ToUnicode 5 0 R >>",
        f"<< /Type /Encoding /Differences [33 {names}] >>",
        _stream(_to_unicode(codes)),
    ]
    for place, page in enumerate(pages):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R"
            f" >> >> /Contents {7 + 2 * place} 0 R >>"
        )
        shown = "\n".join(
            f"<{''.join(f'{codes[letter]:02X}' for letter in line)}> Tj T*" for line in page
        )
        objects.append(_stream(f"BT /F1 11 Tf 15 TL 60 780 Td\n{shown}\nET"))
    output = io.BytesIO(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    output.seek(0, io.SEEK_END)
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(output.tell())
        output.write(f"{number} 0 obj\n{content}\nendobj\n".encode("ascii"))
    table = output.tell()
    entries = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    output.write(
        f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{entries}"
        f"trailer\n<< /Size {len(offsets) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    )
    return output.getvalue()


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


_MARKS = {"\u0300": "grave", "\u0301": "acute", "\u0302": "circumflex", "\u0303": "tilde"}
_SIGNS = {
    "đ": "d", "Đ": "D", "–": "endash", "“": "quotedblleft", "”": "quotedblright", "²": "twosuperior",
    "‰": "perthousand",
}  # fmt: skip


def _glyph(letter: str) -> str:
    """The name of the Helvetica glyph nearest to the letter."""
    if letter in _SIGNS:
        return _SIGNS[letter]
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if base.isalpha():
        mark = next((_MARKS[m] for m in marks if m in _MARKS), "")
        drawn = unicodedata.normalize("NFC", base + next((m for m in marks if m in _MARKS), ""))
        return base + mark if ord(drawn) < 0x100 else base
    return _PUNCTUATION.get(letter, "period")


_PUNCTUATION = dict(
    zip(
        "0123456789.,:;-/()%?!+=&'\"_#",
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "period",
            "comma",
            "colon",
            "semicolon",
            "hyphen",
            "slash",
            "parenleft",
            "parenright",
            "percent",
            "question",
            "exclam",
            "plus",
            "equal",
            "ampersand",
            "quotesingle",
            "quotedbl",
            "underscore",
            "numbersign",
        ],
        strict=True,
    )
)


def _to_unicode(codes: dict[str, int]) -> str:
    pairs = [f"<{code:02X}> <{letter.encode('utf-16-be').hex()}>" for letter, code in codes.items()]
    groups = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    mapped = "\n".join(
        f"{len(group)} beginbfchar\n" + "\n".join(group) + "\nendbfchar" for group in groups
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Vietnamese def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"{mapped}\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )


_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def _docx(paragraphs: tuple[str, ...]) -> bytes:
    """The least that ECMA-376 asks of a word processing package."""
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for text in paragraphs
    )
    main = (
        '<?xml version="1.0" encoding="UTF-8"?><w:document '
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in (
            ("[Content_Types].xml", _CONTENT_TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", main),
        ):
            package.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return output.getvalue()
