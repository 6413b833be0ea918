"""Pages from before Unicode: TCVN3, VNI and windows-1258, from the bytes to the article."""

from __future__ import annotations

import unicodedata

import pytest
from markup import address
from stories import STORIES
from test_charset import windows_1258

from archive.legacy_fonts import from_tcvn3
from archive.schema import Reading
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page

STORY = STORIES["irrigation"][0]
TEXT = [part for part in STORY.parts if isinstance(part, str)]
_CODES = {from_tcvn3(chr(code)): chr(code) for code in range(0xA1, 0xFF)}
_TONES = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_HATS = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_BOWS = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_WHOLE = {"đ": "ñ", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}


def tcvn3(text: str) -> str:
    """As typed in .VnTime: capitals with a mark do not exist in it and are typed small."""
    return "".join(
        _CODES.get(letter, _CODES.get(letter.lower(), letter)) if ord(letter) > 0x7F else letter
        for letter in unicodedata.normalize("NFC", text)
    )


def vni(text: str) -> str:
    """As typed in VNI-Times: a letter, then its mark."""
    return "".join(map(_vni_letter, unicodedata.normalize("NFC", text)))


def _vni_letter(letter: str) -> str:
    small = letter.lower()
    if small in _VNI_WHOLE:
        made = _VNI_WHOLE[small]
    else:
        base, *marks = unicodedata.normalize("NFD", small)
        tone = "".join(mark for mark in marks if mark in _TONES)
        if "\u0302" in marks:
            made = base + _HATS[tone]
        elif "\u0306" in marks:
            made = base + _BOWS[tone]
        else:
            stem = {"o": "ô", "u": "ö"}[base] if "\u031b" in marks else base
            made = stem + (_TONES[tone] if tone else "")
    return made.upper() if letter != small else made


def _read(body: str, encoding: str = "utf-8", content_type: str = "text/html") -> Reading:
    page = f"<html><head></head><body>{body}</body></html>".encode(encoding)
    return read_page(Page.from_http(address(STORY), 200, content_type, page))


def _article(lines: list[str], form: str) -> str:
    return f"<h1>{STORY.title}</h1><p>Đăng lúc: 09/11/2021</p>" + "".join(map(form.format, lines))


FONTS = {
    "element": '<p><font face=".VnTime" size="3">{}</font></p>',
    "style": "<p style=\"font-family:'.VnTime';font-size:14pt\">{}</p>",
    "inherited": '<div style="font-family: .VnTime, serif"><p><b>{}</b></p></div>',
    "style sheet": '<style>p.MsoNormal, li.MsoNormal {{margin:0; font-family:".VnTime";}}</style><p class=MsoNormal>{}</p>',
}


@pytest.mark.parametrize("form", FONTS)
def test_tcvn3_below_a_title_in_unicode(form: str) -> None:
    reading = _read(_article([tcvn3(line) for line in TEXT], FONTS[form]))
    assert reading.article is not None
    assert reading.article.body_text.split("\n") == TEXT
    assert reading.article.title == STORY.title
    assert "legacy-font-tcvn3" in reading.notes


def test_vni_in_a_named_font() -> None:
    reading = _read(
        _article([vni(line) for line in TEXT], '<p><font face="VNI-Times">{}</font></p>')
    )
    assert reading.article is not None
    assert reading.article.body_text.split("\n") == TEXT
    assert "legacy-font-vni" in reading.notes


def test_words_in_bold_are_converted_with_the_text_around_them() -> None:
    lines = [f"<b>{tcvn3(line[:9])}</b>{tcvn3(line[9:])}" for line in TEXT]
    reading = _read(_article(lines, '<p style="font-family:.VnTime">{}</p>'))
    assert reading.article is not None
    assert reading.article.body_text.split("\n") == TEXT


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_a_page_that_is_tcvn3_throughout_and_names_no_font(encoding: str) -> None:
    body = f"<h1>{tcvn3(STORY.title)}</h1><p>{tcvn3('Đăng lúc')}: 08:15 09/11/2021</p>"
    body += "".join(f"<p>{tcvn3(line)}</p>" for line in TEXT)
    reading = _read(body, encoding)
    assert reading.article is not None
    assert (reading.article.title, reading.article.published_raw) == (
        STORY.title,
        "Đăng lúc: 08:15 09/11/2021",
    )
    assert reading.article.body_text.split("\n") == TEXT


@pytest.mark.parametrize("font", [".VnTime", "VNI-Times"])
def test_unicode_in_a_font_left_over_from_the_template_is_left_alone(font: str) -> None:
    reading = _read(_article(TEXT, f'<p style="font-family:{font}">{{}}</p>'))
    assert reading.article is not None
    assert reading.article.body_text.split("\n") == TEXT
    assert not any(note.startswith("legacy-font") for note in reading.notes)


def test_what_may_be_either_is_kept_and_flagged() -> None:
    doubtful = "R\u00abt nhi\u00d2u \u00b5\u00b6\u00b7 \u00f2\u00f5\u00d3 x\u00a9\u00b8y \u00b5\u00a9\u00b6 d\u00f9ng l\u00a9u d\u00b5i c\u00b8c n\u00ad\u00edc"
    reading = _read(_article([*TEXT, doubtful], '<p style="font-family:.VnTime">{}</p>'))
    assert reading.article is not None
    assert "legacy-font-doubtful" in reading.notes
    assert "\u00b5\u00b6\u00b7" in reading.article.body_text


def test_french_is_no_legacy_text() -> None:
    line = "Le comité a présenté à l'assemblée générale un rapport très détaillé sur la forêt tropicale."
    reading = _read(_article([line, line.replace("Le", "Ce")], "<p>{}</p>"))
    assert reading.article is not None
    assert reading.article.body_text.startswith(line)


@pytest.mark.parametrize("declared", ["windows-1258", "windows-1252", "utf-8", ""])
def test_windows_1258_from_the_bytes_to_the_article(declared: str) -> None:
    markup = _article(TEXT, "<p>{}</p>")
    body = windows_1258(f"<html><body>{markup}</body></html>")
    content_type = f"text/html; charset={declared}" if declared else "text/html"
    article = read_page(Page.from_http(address(STORY), 200, content_type, body)).article
    assert article is not None
    assert (article.title, article.published_at) == (STORY.title, "2021-11-09")
    assert article.body_text.split("\n") == TEXT
    assert unicodedata.is_normalized("NFC", article.body_text)
