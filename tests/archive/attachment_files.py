"""Files as offices attach them, made here: text PDFs, scans, Word and Excel files, and hostile ones.

tests/archive/old_office/ holds what only an office program writes (DOC, XLS, RTF, ODT, ODS); their
text is `NOTICE`, `OLD_FONT` and `TABLE` below, written for these tests and saved with LibreOffice.
"""

from __future__ import annotations

import datetime
import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from docx.enum.text import WD_BREAK
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from stored_articles import START

from archive.exchange import Exchange
from archive.ingest import ArchiveWriter, SiteFacts
from archive.legacy_fonts import _VN3
from archive.schema import Article, PageKind, Reading

OLD_OFFICE = Path(__file__).parent / "old_office"
NOTICE = (
    "Thông báo số 12/TB-UBND về việc nạo vét kênh mương",
    "Các xã Đồng Lâm, Sông Trà đăng ký xong trước ngày 15/3/2021.",
)
OLD_FONT = (
    "cộng hòa xã hội chủ nghĩa việt nam",
    "ủy ban nhân dân huyện giao các phòng rà soát đường trường học, sửa mương tưới",
    "phường, xã nào được hỗ trợ thì báo cáo trước ngày 20 tháng 5",
)
TABLE = "STT | Hộ dân | Diện tích (m2) | Ngày\n1 | Lò Thị Mận | 1250 | 14/03/2021"

_FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
_A4 = (595.0, 842.0)  # points
_DPI = 150


def font() -> Path:
    """A font with Vietnamese letters; the test is skipped, or fails in CI, without it."""
    if not _FONT.exists():
        reason = f"{_FONT} is not there (Debian: fonts-dejavu-core)"
        if os.environ.get("HUYEN_JUDGES") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return _FONT


def text_pdf(*pages: Sequence[str], password: str | None = None) -> bytes:
    """A PDF as Word exports it: each page its lines, in an embedded font."""
    pdfmetrics.registerFont(TTFont("DejaVu", font()))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=_A4, encrypt=password)
    for lines in pages:
        canvas.setFont("DejaVu", 11)
        for number, line in enumerate(lines):
            canvas.drawString(60, 780 - 18 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def old_font_pdf(lines: Sequence[str]) -> bytes:
    """A PDF in a TCVN3 font: Latin-1 letters that only that font shows as Vietnamese."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=_A4)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(lines):
        canvas.drawString(60, 780 - 18 * number, in_tcvn3(line))
    canvas.save()
    return out.getvalue()


def in_tcvn3(text: str) -> str:
    codes = {letter: chr(code) for code, letter in _VN3.items()}
    return "".join(codes.get(letter, letter) for letter in text)


def scanned_pdf(*pages: Sequence[str]) -> bytes:
    """A PDF as a copier makes it: each page one picture."""
    pictures = [_drawn(lines) for lines in pages]
    out = io.BytesIO()
    pictures[0].save(
        out, "PDF", resolution=_DPI, save_all=True, append_images=pictures[1:], quality=60
    )
    return out.getvalue()


def copied_pdf(lines: Sequence[str], hidden: Sequence[str]) -> bytes:
    """A scan with text that the copier itself made of it, in another language, behind the picture."""
    out, picture = io.BytesIO(), io.BytesIO()
    _drawn(lines).save(picture, "PNG")
    canvas = Canvas(out, pagesize=_A4)
    for number, line in enumerate(hidden):
        canvas.drawString(60, 780 - 18 * number, line)
    canvas.drawImage(ImageReader(Image.open(picture)), 0, 0, *_A4)
    canvas.save()
    return out.getvalue()


def _drawn(lines: Sequence[str]) -> Image.Image:
    width, height = (int(side / 72 * _DPI) for side in _A4)
    picture = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(picture)
    letters = ImageFont.truetype(str(font()), 28)
    for number, line in enumerate(lines):
        pen.text((90, 120 + 52 * number), line, font=letters, fill=0)
    return picture


def docx(*pages: Sequence[str], table: Sequence[Sequence[str]] = ()) -> bytes:
    """A DOCX, its pages divided by breaks of the author's."""
    document = Document()
    for number, lines in enumerate(pages):
        if number:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        for line in lines:
            document.add_paragraph(line)
    if table:
        grid = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    """A workbook with the sheets "Biểu 1" (`TABLE`) and "Biểu 2", which is hidden."""
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Biểu 1"
    first.append(["STT", "Hộ dân", "Diện tích (m2)", "Ngày"])
    first.append([1, "Lò Thị Mận", 1250.0, datetime.date(2021, 3, 14)])
    second = book.create_sheet("Biểu 2")
    second["B3"], second["C3"] = "Tổng cộng đền bù", 48000000
    second.sheet_state = "hidden"
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**members: str | bytes) -> bytes:
    """A ZIP file; ``__`` in a name stands for a slash and ``_xml`` at its end for ``.xml``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


@dataclass(frozen=True)
class Served:
    """A file as a portal answers it. ``location`` makes it a redirect."""

    url: str
    body: bytes = b""
    media_type: str = "application/octet-stream"
    truncated: str = ""
    location: str = ""

    def exchange(self) -> Exchange:
        status = 302 if self.location else 200
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {self.media_type}\r\n"
        if self.location:
            head += f"Location: {self.location}\r\n"
        return Exchange(
            url=self.url,
            fetched_at=START,
            request=b"GET / HTTP/1.1\r\n\r\n",
            response_head=f"{head}\r\n".encode(),
            payload=self.body,
            status=status,
            media_type=self.media_type,
            truncated=self.truncated,
        )


def crawl(root: Path, articles: Sequence[Article], files: Sequence[Served] = ()) -> None:
    """One crawl of the portal `tho-xuan` that finds these articles and files."""
    with ArchiveWriter.open(root, "crawl", clock=lambda: START) as writer:
        facts = SiteFacts(
            "tho-xuan", "Huyện Thọ Xuân", "Thanh Hóa", "https://thoxuan.example/", "active"
        )
        writer.record_site(facts)
        for article in articles:
            page = Served(
                article.url, f"{article.title} {article.attachments}".encode(), "text/html"
            )
            capture = writer.record_exchange("tho-xuan", page.exchange())
            writer.record_reading(
                capture, Reading(PageKind.ARTICLE, "test", "1", article, confidence=0.9)
            )
        for file in files:
            writer.record_exchange("tho-xuan", file.exchange())
