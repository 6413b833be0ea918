"""PDF through PDFium: text by page, which pages are pictures, and pages as pictures.

Of the 35 PDFs of krongno.daknong.gov.vn 34 are scans, so a page that needs to be recognised is told
apart here: nothing but a picture; a picture with text that a copier made of it in another language; or
letters whose codes are not what they show, as old printer drivers wrote them.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from archive.attachments.file_text import How, Part, PartKind
from archive.attachments.font_text import unicode_lines
from archive.attachments.readers import Beyond, Encrypted, Unreadable
from archive.vietnamese import has_diacritics, is_syllable, normalise_paragraphs

MOST_PAGES = 3_000
DPI = 300  # what Tesseract is trained for; letters of 13 points are then 25 pixels high
_MOST_PIXELS = 25_000_000  # of a picture: A3 in 300 dpi has 17 million
_LONG_ENOUGH = 20  # words from which on their spelling can be judged
_MOST_OBJECTS = 500  # of a page that are looked at
_COVERS = 0.5  # share of a page, for a picture to be the page
_WORD = re.compile(r"[^\W\d_]{2,}")
_MISNAMED = re.compile(r"[^\W\d_]*Ö[^\W\d_]*")
_TELLING_FONT = re.compile(r"(?:^|\+)(\.?vn[a-z]|vni[-_ ])", re.IGNORECASE)


def engine() -> str:
    return f"pypdfium2 {pdfium.PYPDFIUM_INFO} (PDFium {pdfium.PDFIUM_INFO.build})"


def read(data: bytes) -> Iterator[Part]:
    """The pages. A page that cannot be loaded is left out and told at the end."""
    document = _open(data)
    pages = len(document)
    broken: list[int] = []
    for number in range(1, min(pages, MOST_PAGES) + 1):
        try:
            page = document[number - 1]
            yield _part(page, number)
        except pdfium.PdfiumError:
            broken.append(number)
            continue
        page.close()
    if pages > MOST_PAGES:
        raise Beyond(f"{pages:,} pages, of which the first {MOST_PAGES:,} were read")
    if broken:
        named = ", ".join(map(str, broken[:10])) + (" …" if len(broken) > 10 else "")
        raise Unreadable(f"damaged pages: {named}")
    if not pages:
        raise Unreadable("a PDF without pages")


def picture(data: bytes, number: int) -> tuple[bytes, int]:
    """A page, stamps and signatures included, as a grey PGM picture, and its dots per inch: 300, or
    fewer for a page so large that the picture would not be."""
    document = _open(data)
    document.init_forms()  # the visible part of an electronic signature is a form field
    page = document[number - 1]
    width, height = page.get_size()
    inches = max(width, 1.0) * max(height, 1.0) / 72**2
    dpi = min(DPI, int((_MOST_PIXELS / inches) ** 0.5))
    if dpi < 1:
        raise Unreadable(f"page {number} is too large to be drawn")
    bitmap = page.render(scale=dpi / 72, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    pixels = b"".join(
        bytes(rows[at : at + bitmap.width])
        for at in range(0, bitmap.height * bitmap.stride, bitmap.stride)
    )
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + pixels, dpi


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (pdfium_raw.FPDF_ERR_PASSWORD, pdfium_raw.FPDF_ERR_SECURITY):
            raise Encrypted from error
        raise Unreadable(f"not a PDF that can be opened ({error})") from error


def _part(page: pdfium.PdfPage, number: int) -> Part:
    textpage = page.get_textpage()
    # PDFium writes U+FFFE for a hyphen at the end of a line, to be dropped; Vietnamese words are not
    # divided, so that hyphen is part of a number such as 35-NQ/TW.
    raw = textpage.get_text_bounded().replace("\ufffe", "-").replace("\x02", "-")
    textpage.close()
    lines = unicode_lines(raw.splitlines(), _font(page))
    text = _MISNAMED.sub(_right_letter, normalise_paragraphs("\n".join(lines)))
    drawn = _is_picture(page)
    if not _WORD.search(text):
        # Whatever shows and has no text: a scan, in one picture or in strips, or drawn letters.
        how = How.SCAN if drawn or _has_drawing(page) else How.TEXT
    else:
        how = How.GARBLED if _is_garbled(text, drawn) else How.TEXT
    return Part(PartKind.PAGE, number, text, how=how)


def _right_letter(found: re.Match[str]) -> str:
    """Word 2010 exports a capital Ú of Times New Roman as Ö, which no Vietnamese word has: a notice of
    xã Quảng Phú on krongno.daknong.gov.vn says "QUẢNG PHÖ"."""
    word = found[0].replace("Ö", "Ú")
    return word if is_syllable(word) else found[0]


def _is_garbled(text: str, is_picture: bool) -> bool:
    words = _WORD.findall(text)
    if len(words) < _LONG_ENOUGH:
        # A stamp with the date of receipt on a scanned page.
        return is_picture
    marked = [word for word in words if has_diacritics(word) or not word.isascii()]
    if len(marked) < len(words) / 10:
        return is_picture  # English, or what an English copier read in Vietnamese
    good = sum(map(is_syllable, marked))
    return good < len(marked) / 2


def _font(page: pdfium.PdfPage) -> str:
    """A font of the page whose name says TCVN3 or VNI."""
    for text in _objects(page, pdfium_raw.FPDF_PAGEOBJ_TEXT):
        font = pdfium_raw.FPDFTextObj_GetFont(text.raw)
        buffer = ctypes.create_string_buffer(128)
        if font and pdfium_raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer)):
            name = buffer.value.decode("utf-8", "replace")
            if found := _TELLING_FONT.search(name):
                telling = name[found.start(1) :]
                return telling if telling.lower().startswith(("vni", ".")) else f".{telling}"
    return ""


def _is_picture(page: pdfium.PdfPage) -> bool:
    width, height = page.get_size()
    covered = 0.0
    for image in _objects(page, pdfium_raw.FPDF_PAGEOBJ_IMAGE):
        left, bottom, right, top = image.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return bool(covered >= _COVERS * width * height)


def _has_drawing(page: pdfium.PdfPage) -> bool:
    kinds = (pdfium_raw.FPDF_PAGEOBJ_IMAGE, pdfium_raw.FPDF_PAGEOBJ_PATH)
    return any(True for kind in kinds for _ in _objects(page, kind))


def _objects(page: pdfium.PdfPage, kind: int) -> Iterator[pdfium.PdfObject]:
    for number, thing in enumerate(page.get_objects(max_depth=2)):
        if number >= _MOST_OBJECTS:
            return
        if thing.type == kind:
            yield thing
