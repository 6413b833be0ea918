"""DOCX through python-docx: paragraphs, tables and text boxes in their order, notes at the end.

A DOCX has no pages; Word leaves a mark where it last broke one, and by these the text is divided.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.metadata import version
from zipfile import BadZipFile

from docx.exceptions import PythonDocxError
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.package import Package
from lxml import etree

from archive.attachments.file_text import Part, PartKind
from archive.attachments.font_text import unicode_lines
from archive.attachments.packed import check_size
from archive.attachments.readers import Unreadable

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEGACY_FONTS = (".vn", "vni-", "vni ")
_NOTES = (RT.FOOTNOTES, RT.ENDNOTES, RT.COMMENTS)


def engine() -> str:
    return f"python-docx {version('python-docx')}"


def read(data: bytes) -> Iterator[Part]:
    check_size(data)
    try:
        # The package, not docx.Document: that refuses documents with macros and templates.
        main = Package.open(io.BytesIO(data)).main_document_part
        root = main._element if hasattr(main, "_element") else etree.fromstring(main.blob)
        notes = [
            etree.fromstring(rel.target_part.blob)
            for rel in main.rels.values()
            if rel.reltype in _NOTES and not rel.is_external
        ]
    except (PythonDocxError, KeyError, ValueError, BadZipFile, etree.XMLSyntaxError) as error:
        raise Unreadable(f"not a DOCX that can be opened ({error})") from error
    font = _font(root)
    pages = _pages(root)
    pages[-1] += [line for note in notes for page in _pages(note) for line in page]
    texts = ["\n".join(unicode_lines(lines, font)) for lines in pages]
    if len(texts) == 1:
        yield Part(PartKind.TEXT, 1, texts[0])
        return
    for number, text in enumerate(texts, 1):
        yield Part(PartKind.PAGE, number, text)


def _pages(root: etree._Element) -> list[list[str]]:
    """The paragraphs, divided where Word last broke a page. A cell of a table ends a paragraph."""
    pages: list[list[str]] = [[]]
    line: list[str] = []
    broken = False  # a break of the author's is followed by the mark of where Word broke the page
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if tag == _FALLBACK:  # the same text box again, for programs of before 2010
            events.skip_subtree()
            continue
        name = tag.removeprefix(_W).removeprefix(_W_STRICT)
        if event == "end":
            if name == "p":
                pages[-1].append("".join(line))
                line = []
            continue
        if name == "t":
            line.append(element.text or "")
            broken = broken and not (element.text or "").strip()
        elif name in ("tab", "br", "cr"):
            if _is_page_break(element):
                pages[-1].append("".join(line))
                line = []
                pages.append([])
                broken = True
            else:
                line.append("\n" if name != "tab" else " ")
        elif name == "noBreakHyphen":
            line.append("-")
        elif name == "softHyphen":
            line.append("\xad")  # ư in TCVN3; elsewhere it is dropped with what prints nothing
        elif name == "lastRenderedPageBreak" and not broken:
            pages[-1].append("".join(line))
            line = []
            pages.append([])
    pages[-1].append("".join(line))
    return pages


def _is_page_break(element: etree._Element) -> bool:
    return "page" in (element.get(f"{_W}type"), element.get(f"{_W_STRICT}type"))


def _font(root: etree._Element) -> str:
    """A font of the document whose name says TCVN3 or VNI."""
    for fonts in root.iter(f"{_W}rFonts"):
        for name in fonts.attrib.values():
            if str(name).lower().startswith(_LEGACY_FONTS):
                return str(name)
    return ""
