"""ODT, ODP and PPTX: XML in a ZIP file, read with lxml, entities and network off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version

from lxml import etree

from archive.attachments.file_text import Part, PartKind
from archive.attachments.font_text import unicode_lines
from archive.attachments.packed import check_size, member, opened
from archive.attachments.readers import Unreadable

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DRAW_PAGE = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}page"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")


def engine() -> str:
    return f"lxml {version('lxml')}"


def read_text(data: bytes) -> Iterator[Part]:
    """ODT: one part."""
    yield Part(PartKind.TEXT, 1, _joined(_content(data)))


def read_slides(data: bytes) -> Iterator[Part]:
    """ODP: a part a slide."""
    for number, slide in enumerate(_content(data).iter(_DRAW_PAGE), 1):
        yield Part(PartKind.SLIDE, number, _joined(slide))


def read_pptx(data: bytes) -> Iterator[Part]:
    """PPTX: a part a slide, in the order of their numbers."""
    check_size(data)
    with opened(data) as packed:
        numbers = sorted(int(found[1]) for n in packed.namelist() if (found := _SLIDE.fullmatch(n)))
        for number in numbers:
            root = _parsed(member(packed, f"ppt/slides/slide{number}.xml"))
            paragraphs = (
                "".join(text.text or "" for text in paragraph.iter(f"{_A}t"))
                for paragraph in root.iter(f"{_A}p")
            )
            yield Part(PartKind.SLIDE, number, "\n".join(unicode_lines(paragraphs)))


def _content(data: bytes) -> etree._Element:
    check_size(data)
    with opened(data) as packed:
        return _parsed(member(packed, "content.xml"))


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"damaged XML ({error})") from error


def _joined(root: etree._Element) -> str:
    paragraphs = ("".join(_pieces(element)) for element in root.iter(f"{_TEXT}p", f"{_TEXT}h"))
    return "\n".join(unicode_lines(paragraphs))


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    """The text of a paragraph, without that of paragraphs in it (a note, a text box)."""
    yield paragraph.text or ""
    for child in paragraph:
        if child.tag in (f"{_TEXT}tab", f"{_TEXT}s", f"{_TEXT}line-break"):
            yield " "
        elif child.tag not in (f"{_TEXT}p", f"{_TEXT}h") and isinstance(child.tag, str):
            yield from _pieces(child)
        yield child.tail or ""
