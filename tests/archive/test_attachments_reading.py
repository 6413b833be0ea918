"""What is read from each kind of file, by page or sheet, whatever the server calls it."""

from __future__ import annotations

import io
import zipfile

import pytest
from attachment_files import (
    NOTICE,
    OLD_FONT,
    OLD_OFFICE,
    TABLE,
    copied_pdf,
    docx,
    old_font_pdf,
    scanned_pdf,
    text_pdf,
    xlsx,
    zipped,
)
from judges import system_tool

from archive.attachments.file_text import FileText, How, PartKind, State
from archive.attachments.file_types import FileType, detect
from archive.attachments.reading import read_file, recognise_page
from archive.attachments.tesseract import Tesseract, installed

_ODT = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>{}</office:body>
</office:document-content>"""
_SLIDE = (
    '<p:sld xmlns:p="urn:p" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    "<a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>"
)


def tesseract() -> Tesseract:
    system_tool("tesseract")
    found = installed()
    if found is None:
        pytest.skip("Tesseract is here without Vietnamese")
    return found


def texts(found: FileText) -> list[str]:
    return [part.text for part in found.parts]


def test_a_pdf_is_read_page_by_page() -> None:
    found = read_file(text_pdf(NOTICE, ["Trang hai: Phụ lục số 35-NQ/TW"]))
    assert (found.ending.state, found.ending.file_type) == (State.DONE, "pdf")
    assert texts(found) == ["\n".join(NOTICE), "Trang hai: Phụ lục số 35-NQ/TW"]
    assert [(p.kind, p.number, p.how) for p in found.parts] == [
        (PartKind.PAGE, 1, How.TEXT),
        (PartKind.PAGE, 2, How.TEXT),
    ]
    assert found.ending.engine.startswith("pypdfium2 ")


def test_a_pdf_in_an_old_font_is_read_as_vietnamese() -> None:
    assert texts(read_file(old_font_pdf(OLD_FONT))) == ["\n".join(OLD_FONT)]


def test_a_scanned_page_is_told_apart_from_a_page_of_text_and_from_an_empty_one() -> None:
    scan = read_file(scanned_pdf(NOTICE, NOTICE))
    assert scan.ending.state is State.SCANNED
    assert [(p.how, p.text) for p in scan.parts] == [(How.SCAN, "")] * 2
    assert read_file(text_pdf([])).ending.state is State.EMPTY


def test_what_a_copier_read_in_another_language_is_not_taken_for_the_text() -> None:
    misread = ["THONG BAO so 12 ve viec nao vet kenh muong dong xuan cac xa dang ky"] * 4
    found = read_file(copied_pdf(NOTICE, misread))
    assert found.ending.state is State.SCANNED
    assert [p.how for p in found.parts] == [How.GARBLED]


def test_letters_that_are_not_what_they_show_are_garbled() -> None:
    wrong = ["CӜNG HOÀ XÃ HӜI CHӪ NGHƬA VIӊT NAM Ĉӝc lұp Tӵ do Hҥnh phúc"] * 4
    found = read_file(text_pdf(wrong))
    assert (found.ending.state, found.parts[0].how) == (State.SCANNED, How.GARBLED)


def test_a_capital_that_word_misnames_is_put_right() -> None:
    (text,) = texts(read_file(text_pdf(["XÃ QUẢNG PHÖ TRÖC; KÖLN"])))
    assert text == "XÃ QUẢNG PHÚ TRÚC; KÖLN"


def test_an_english_page_is_text() -> None:
    english = ["Report of the district office on the repair of the irrigation canals in spring"] * 4
    assert read_file(text_pdf(english)).ending.state is State.DONE


def test_tesseract_reads_a_scanned_page() -> None:
    program = tesseract()
    found = recognise_page(scanned_pdf(["Trang đầu"], NOTICE), 2, program)
    assert found.part is not None, found.reason
    assert found.part.how is How.OCR
    assert "nạo vét kênh mương" in found.part.text
    assert "15/3/2021" in found.part.text
    assert found.part.confidence is not None
    assert found.part.confidence > 60
    assert program.engine.startswith("tesseract ")


def test_a_page_that_cannot_be_recognised_says_why() -> None:
    program = tesseract()
    assert "not a PDF" in recognise_page(b"%PDF-1.4 nothing", 1, program).reason
    unknown = Tesseract(program.path, program.engine, "nonesuch")
    assert "tesseract: " in recognise_page(scanned_pdf(NOTICE), 1, unknown).reason


def test_a_docx_is_one_text_with_its_tables() -> None:
    found = read_file(docx(NOTICE, table=[["Xã", "Số hộ"], ["Đồng Lâm", "248"]]))
    assert texts(found) == ["\n".join((*NOTICE, "Xã", "Số hộ", "Đồng Lâm", "248"))]
    assert (found.parts[0].kind, found.ending.file_type) == (PartKind.TEXT, "docx")


def test_a_docx_is_divided_where_its_pages_break() -> None:
    found = read_file(docx(NOTICE, ["Phụ lục"]))
    assert [(p.kind, p.number, p.text) for p in found.parts] == [
        (PartKind.PAGE, 1, "\n".join(NOTICE)),
        (PartKind.PAGE, 2, "Phụ lục"),
    ]


def test_a_docx_has_its_text_boxes_once() -> None:
    box = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility'
        '/2006"><mc:Choice Requires="wps"><w:t>HỎA TỐC</w:t></mc:Choice><mc:Fallback><w:t>HỎA TỐC'
        "</w:t></mc:Fallback></mc:AlternateContent></w:r>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx(["Công văn"]))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                content = content.replace(b"</w:p>", box.encode() + b"</w:p>", 1)
            new.writestr(name, content)
    assert texts(read_file(out.getvalue())) == ["Công vănHỎA TỐC"]


@pytest.mark.parametrize("name", ["thong-bao.doc", "thong-bao.rtf", "thong-bao.odt"])
def test_documents_of_office_programs_say_the_same(name: str) -> None:
    found = read_file((OLD_OFFICE / name).read_bytes())
    assert (found.ending.state, found.ending.file_type) == (State.DONE, name[-3:])
    lines = found.parts[0].text.split("\n")
    assert tuple(lines[:2]) == NOTICE
    # The result of a field, and not its code.
    assert lines[-1] == "Xem thêm tại kế hoạch thủy lợi"
    assert "248" in found.parts[0].text


def test_a_doc_in_an_old_font_is_read_as_vietnamese() -> None:
    assert texts(read_file((OLD_OFFICE / "vntime.doc").read_bytes())) == ["\n".join(OLD_FONT)]


@pytest.mark.parametrize("name", ["xlsx", "bieu.xls", "bieu.ods"])
def test_a_workbook_is_read_sheet_by_sheet_hidden_ones_too(name: str) -> None:
    found = read_file(xlsx() if name == "xlsx" else (OLD_OFFICE / name).read_bytes())
    assert [(p.kind, p.number, p.name) for p in found.parts] == [
        (PartKind.SHEET, 1, "Biểu 1"),
        (PartKind.SHEET, 2, "Biểu 2"),
    ]
    assert found.parts[0].text.startswith(TABLE)
    assert found.parts[1].text == "Tổng cộng đền bù | 48000000"


def test_slides_are_read_one_by_one() -> None:
    pptx = zipped(
        **{"[Content_Types]_xml": "<x/>"},
        **{f"ppt__slides__slide{n}_xml": _SLIDE.format(f"Bài {n}") for n in (10, 2, 1)},
    )
    assert texts(read_file(pptx)) == ["Bài 1", "Bài 2", "Bài 10"]
    slide = "<draw:page><text:p>Bài <text:span>một</text:span><text:tab/>tiếp</text:p></draw:page>"
    odp = zipped(
        mimetype="application/vnd.oasis.opendocument.presentation",
        content_xml=_ODT.format(slide * 2),
    )
    assert [(p.kind, p.text) for p in read_file(odp).parts] == [
        (PartKind.SLIDE, "Bài một tiếp")
    ] * 2


def test_of_a_packed_file_the_names_are_listed() -> None:
    found = read_file(zipped(**{"Biểu mẫu__Đơn đăng ký.doc": b"x", "Kế hoạch.pdf": b"y"}))
    assert (found.ending.state, found.ending.file_type) == (State.DONE, "zip")
    assert (found.parts[0].kind, found.parts[0].text) == (
        PartKind.LISTING,
        "Biểu mẫu/Đơn đăng ký.doc\nKế hoạch.pdf",
    )


@pytest.mark.parametrize(
    ("data", "media_type", "name", "expected"),
    [
        (b"\n\n%PDF-1.4 ...", "application/msword", "a.doc", FileType.PDF),
        (b"{\\rtf1 ...", "application/msword", "a.doc", FileType.RTF),
        (b"<!DOCTYPE html><p>", "application/pdf", "a.pdf", FileType.HTML),
        (b"\xef\xbb\xbf\n<!-- x --><html>", "application/pdf", "a.pdf", FileType.HTML),
        (b"Rar!\x1a\x07\x00", "", "a.rar", FileType.RAR),
        (b"\xff\xd8\xff\xe0", "application/pdf", "a.pdf", FileType.PICTURE),
        (b"nothing", "application/pdf; charset=x", "a", FileType.PDF),
        (b"nothing", "application/octet-stream", "/a/B.PDF", FileType.PDF),
        (b"nothing", "", "a.xyz", FileType.UNKNOWN),
        (b"PK\x03\x04 torn", "", "a.docx", FileType.ZIP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 torn", "", "a.doc", FileType.OLE),
        (b"", "", "", FileType.UNKNOWN),
    ],
)
def test_the_bytes_decide_then_the_server_then_the_name(
    data: bytes, media_type: str, name: str, expected: FileType
) -> None:
    assert detect(data, media_type, name) is expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><h1>EasyWeb</h1></html>", "a web page was answered in place of the file"),
        (b"Rar!\x1a\x07\x00", "a packed file (RAR)"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x00\x01", "of no known format"),
        (
            (OLD_OFFICE / "thong-bao.doc").read_bytes()[:700],
            "an OLE file that is damaged or of no known program",
        ),
    ],
)
def test_what_cannot_be_read_here_says_what_it_is(data: bytes, reason: str) -> None:
    ending = read_file(data).ending
    assert (ending.state, ending.reason) == (State.UNSUPPORTED, reason)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_plain_text_is_read(encoding: str) -> None:
    found = read_file("Kế hoạch\n\n  tiêm phòng".encode(encoding), "text/plain", "a.txt")
    assert texts(found) == ["Kế hoạch\ntiêm phòng"]
