"""The process that reads one hostile file, from standard input, and writes what it found as lines.

``python -m archive.attachments.worker read MEDIA_TYPE NAME`` reads all of it;
``… recognise PAGE LANGUAGE TESSERACT`` has one page of a PDF recognised. Started by
archive.attachments.reading only, which bounds its time and output. Nothing else of the archive is
opened here, and no other exception than the readers' own is caught: what ends this process is the
reason that is listed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from archive.attachments.confinement import confine
from archive.attachments.file_text import (
    Begun,
    Ending,
    How,
    Part,
    PartKind,
    State,
    one_line,
    to_line,
)
from archive.attachments.file_types import FileType, detect
from archive.attachments.readers import Beyond, Encrypted, Unreadable

READ_SECONDS = 60  # of processor time; a page of text takes 3 milliseconds
RECOGNISE_SECONDS = 120  # a page; an ordinary one takes 2
MOST_CHARACTERS = 5_000_000  # of a file: some 2,000 pages of print

_Reader = Callable[[], Iterator[Part]]


def main(arguments: list[str]) -> None:
    """Reads the file and writes its parts, then its ending."""
    match arguments:
        case ["read", media_type, name]:
            confine(READ_SECONDS)
            data = sys.stdin.buffer.read()
            _write(*_reader(data, detect(data, media_type, name)))
        case ["recognise", page, language, tesseract]:
            confine(RECOGNISE_SECONDS)
            _write(*_recogniser(sys.stdin.buffer.read(), int(page), language, tesseract))
        case _:
            sys.exit(f"unknown arguments: {arguments}")


def _write(file_type: FileType, engine: str, read: _Reader) -> None:
    out = sys.stdout.buffer
    out.write(to_line(Begun(file_type, engine)))
    out.flush()
    characters = 0
    state, reason = State.DONE, ""
    try:
        for part in read():
            characters += len(part.text)
            if characters > MOST_CHARACTERS:
                raise Beyond(
                    f"more than {MOST_CHARACTERS:,} characters; the text ends before "
                    f"{part.kind} {part.number}"
                )
            out.write(to_line(part))
            out.flush()  # what was read stays, however this process ends
    except Encrypted:
        state, reason = State.ENCRYPTED, "it asks for a password"
    except Unreadable as error:
        state, reason = State.FAILED, str(error)
    except Beyond as error:
        state, reason = State.TOO_BIG, str(error)
    except _NotForUs as error:
        state, reason = State.UNSUPPORTED, str(error)
    out.write(to_line(Ending(state, file_type, engine, one_line(reason))))
    out.flush()


class _NotForUs(Exception):
    """Raised by what stands for a reader where there is none."""


_REASONS = {
    FileType.OLE: "an OLE file that is damaged or of no known program",
    FileType.PPT: "the slides of a PowerPoint of before 2007",
    FileType.RAR: "a packed file (RAR)",
    FileType.SEVEN_ZIP: "a packed file (7z)",
    FileType.HTML: "a web page was answered in place of the file",
    FileType.PICTURE: "a picture",
    FileType.UNKNOWN: "of no known format",
}


def _reader(data: bytes, file_type: FileType) -> tuple[FileType, str, _Reader]:
    """How this type is read. Libraries are loaded here: one file needs one of them."""
    match file_type:
        case FileType.PDF:
            from archive.attachments.readers import pdf

            return file_type, pdf.engine(), lambda: pdf.read(data)
        case FileType.DOCX:
            from archive.attachments.readers import word

            return file_type, word.engine(), lambda: word.read(data)
        case FileType.DOC:
            from archive.attachments.readers import word_binary

            return file_type, word_binary.engine(), lambda: word_binary.read(data)
        case FileType.XLSX | FileType.XLSB | FileType.XLS | FileType.ODS:
            from archive.attachments.readers import spreadsheet

            return file_type, spreadsheet.engine(), lambda: spreadsheet.read(data, file_type)
        case FileType.ODT | FileType.ODP | FileType.PPTX:
            from archive.attachments.readers import open_document

            read = {
                FileType.ODT: open_document.read_text,
                FileType.ODP: open_document.read_slides,
                FileType.PPTX: open_document.read_pptx,
            }[file_type]
            return file_type, open_document.engine(), lambda: read(data)
        case FileType.RTF | FileType.TXT | FileType.ZIP:
            from archive.attachments.readers import plain

            if file_type is FileType.RTF:
                return file_type, plain.rtf_engine(), lambda: plain.read_rtf(data)
            if file_type is FileType.TXT:
                return file_type, "", lambda: plain.read_text(data)
            return file_type, "", lambda: plain.list_members(data)
        case FileType.ENCRYPTED_OFFICE:
            return file_type, "", _encrypted
    return file_type, "", lambda: _not_for_us(file_type)


def _encrypted() -> Iterator[Part]:
    raise Encrypted


def _not_for_us(file_type: FileType) -> Iterator[Part]:
    raise _NotForUs(_REASONS[file_type])


def _recogniser(
    data: bytes, page: int, language: str, tesseract: str
) -> tuple[FileType, str, _Reader]:
    from archive.attachments import tesseract as ocr
    from archive.attachments.readers import pdf

    def read() -> Iterator[Part]:
        picture, dpi = pdf.picture(data, page)
        text, confidence = ocr.recognise(tesseract, picture, dpi, language)
        yield Part(PartKind.PAGE, page, text, how=How.OCR, confidence=confidence)

    return FileType.PDF, "", read


if __name__ == "__main__":
    main(sys.argv[1:])
