"""XLSX, XLSB, XLS and ODS through calamine: each sheet under its name, hidden ones included, a row a
line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib.metadata import version

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from archive.attachments.file_text import Part, PartKind
from archive.attachments.file_types import FileType
from archive.attachments.font_text import unicode_lines
from archive.attachments.packed import check_size
from archive.attachments.readers import Beyond, Encrypted, Unreadable

MOST_SHEETS = 1_000
_BETWEEN = " | "

_Cell = int | float | str | bool | time | date | datetime | timedelta


def engine() -> str:
    return f"python-calamine {version('python-calamine')}"


def read(data: bytes, file_type: FileType) -> Iterator[Part]:
    if file_type is not FileType.XLS:
        check_size(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as error:
        raise Encrypted from error
    except CalamineError as error:
        raise Unreadable(f"not a workbook that can be opened ({error})") from error
    damaged = []
    for number, about in enumerate(book.sheets_metadata[:MOST_SHEETS], 1):
        if about.typ is not SheetTypeEnum.WorkSheet:
            continue
        try:
            rows = book.get_sheet_by_index(number - 1).iter_rows()
            lines = [line for row in rows if (line := _line(row))]
        except CalamineError as error:
            damaged.append(f"{about.name} ({error})")
            continue
        yield Part(PartKind.SHEET, number, "\n".join(unicode_lines(lines)), about.name)
    if len(book.sheets_metadata) > MOST_SHEETS:
        raise Beyond(f"{len(book.sheets_metadata):,} sheets, of which {MOST_SHEETS:,} were read")
    if damaged:
        raise Unreadable(f"damaged sheets: {', '.join(damaged)}")


def _line(row: list[_Cell]) -> str:
    cells = (_printed(cell) for cell in row)
    return _BETWEEN.join(cell for cell in cells if cell)


def _printed(cell: _Cell) -> str:
    """A cell as a Vietnamese reader would type it: 14/01/2021, 1500000."""
    match cell:
        case bool():
            return ""
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if (cell.hour, cell.minute, cell.second) != (0, 0, 0):
            return f"{cell:%H:%M %d/%m/%Y}"
        case date():  # a datetime too
            return f"{cell:%d/%m/%Y}"
        case time():
            return f"{cell:%H:%M}"
        case str():
            return " ".join(cell.split())
    return str(cell)
