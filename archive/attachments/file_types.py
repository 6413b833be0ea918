"""What a file is: by its first bytes, else by what the server said, else by its name.

Portals answer `application/octet-stream` for anything, `application/msword` for a PDF, and their
error page with status 200 under the name of a lost file; the bytes do not lie.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from enum import StrEnum


class FileType(StrEnum):
    """How a file is read. The values are those of the column `file_type`."""

    PDF = "pdf"
    DOCX = "docx"
    DOC = "doc"
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    ODT = "odt"
    ODP = "odp"
    PPTX = "pptx"
    RTF = "rtf"
    TXT = "txt"
    ZIP = "zip"
    PPT = "ppt"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    HTML = "html"
    PICTURE = "picture"
    OLE = "ole"
    ENCRYPTED_OFFICE = "encrypted-office"
    UNKNOWN = "unknown"


_PDF_WITHIN = 1024  # bytes before "%PDF-" that readers put up with (ISO 32000-1, annex H.3.4.1)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_HTML = re.compile(
    rb"\s*(?:<!--.{0,500}?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta|div)",
    re.IGNORECASE | re.DOTALL,
)
_OLE_STREAMS = (
    ("EncryptedPackage", FileType.ENCRYPTED_OFFICE),
    ("WordDocument", FileType.DOC),
    ("Workbook", FileType.XLS),
    ("Book", FileType.XLS),
    ("PowerPoint Document", FileType.PPT),
)
_ZIP_MEMBERS = (
    ("word/", FileType.DOCX),
    ("xl/workbook.bin", FileType.XLSB),
    ("xl/", FileType.XLSX),
    ("ppt/", FileType.PPTX),
)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": FileType.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileType.ODS,
    b"application/vnd.oasis.opendocument.presentation": FileType.ODP,
}
_MEDIA_TYPES = {
    "application/pdf": FileType.PDF,
    "text/plain": FileType.TXT,
    "text/csv": FileType.TXT,
}
_NAMES = {".pdf": FileType.PDF, ".txt": FileType.TXT, ".csv": FileType.TXT}

# Captures that are read although no article names them: registers of documents are listings.
DOCUMENT_MEDIA_TYPES = (
    "application/pdf",
    "application/x-pdf",
    "application/msword",
    "application/rtf",
    "text/rtf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.ms-word.document.macroenabled.12",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
)


def detect(data: bytes, media_type: str = "", name: str = "") -> FileType:
    """The type of a file with these bytes, sent as ``media_type`` under ``name`` (a path will do).
    Looks into the directory of a ZIP or OLE file, so only for use under limits; never raises for
    a file that is damaged."""
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return FileType.PDF
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    if data.startswith(_OLE):
        return _compound(data)
    if data.startswith(b"{\\rtf"):
        return FileType.RTF
    if data.startswith(b"Rar!\x1a\x07"):
        return FileType.RAR
    if data.startswith(b"7z\xbc\xaf\x27\x1c"):
        return FileType.SEVEN_ZIP
    if data.startswith(_PICTURES):
        return FileType.PICTURE
    if _HTML.match(data[:4096].removeprefix(b"\xef\xbb\xbf")):
        return FileType.HTML
    essence = media_type.partition(";")[0].strip().lower()
    if essence in _MEDIA_TYPES:
        return _MEDIA_TYPES[essence]
    ending = re.search(r"\.[a-z0-9]{1,5}$", name.lower())
    return _NAMES.get(ending[0], FileType.UNKNOWN) if ending else FileType.UNKNOWN


def _packed(data: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.namelist()
            if "mimetype" in names and packed.getinfo("mimetype").file_size < 200:
                declared = packed.read("mimetype").strip()
                if declared in _OPEN_DOCUMENT:
                    return _OPEN_DOCUMENT[declared]
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ):
        return FileType.ZIP
    if "[Content_Types].xml" in names:
        for beginning, kind in _ZIP_MEMBERS:
            if any(name.startswith(beginning) for name in names):
                return kind
    return FileType.ZIP


def _compound(data: bytes) -> FileType:
    import olefile  # as long as all the rest to load, and most files are no such container

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            for stream, kind in _OLE_STREAMS:
                if compound.exists(stream):
                    return kind
    except (OSError, ValueError, IndexError):
        return FileType.OLE
    return FileType.OLE
