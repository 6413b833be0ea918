"""The lines of a page that are dates: beside titles, in lists, in the clock of the header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from crawler.extraction.blocks import Blocks, Kind
from crawler.extraction.bylines import is_byline
from crawler.extraction.dates import (
    PrintedDate,
    find_dates,
    is_date_line,
    says_only_dates,
)
from crawler.extraction.marks import Mark

_DATE_HINT = re.compile(
    r"\d[\d/.:\- ]{3,}\d|\d\s?(?i:tháng)|\d\s?[Tt]h\d|\d(?:st|nd|rd|th)?[,\s-]\s?(?:\d{4}(?!\d)"
    r"|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)
# "Đăng bởi Ban biên tập ngày 13/04/2018": who and when, and nothing else.
_BY_WHOM = re.compile(
    r"(?:(?:được\s)?(?:đăng|viết|gửi|tạo|cập\snhật)\s)?bởi\s|(?:posted\s|written\s|published\s)?by\s"
    r"|người\s(?:đăng|viết|gửi|tạo|nhập)\s?:",
    re.IGNORECASE,
)
#: Names of elements that count views.
VIEWS_NAME = re.compile(
    r"(?:^|[\s_-])(?:views?|hits?|luot-?xem|viewcount|eye)(?:$|[\s_-])", re.IGNORECASE
)
_CLOCK_NAME = re.compile(r"(?:^|[\s_-])(?:clock|calendar)(?:$|[\s_-])")
_BARS = ("|", "•", "·", "–", "—", " -", "- ")


@dataclass(frozen=True, slots=True)
class Dated:
    """An item that is, or begins with, a date line."""

    index: int
    dates: tuple[PrintedDate, ...]
    signed: str = ""  # who is named beside the date: "(Ban biên tập - 13/04/2018)"

    @property
    def labelled(self) -> bool:
        """Whether a label says what the date is."""
        return bool(self.dates[0].label)


def find_dated(blocks: Blocks, last_year: int) -> dict[int, Dated]:
    """All date lines of the page, by item."""
    found = {}
    named = _named_dates(blocks)
    icons = cache(lambda: _beside_icons(blocks))
    for item in blocks.items:
        text = item.text
        if item.kind is not Kind.TEXT or len(text) > 240 or _DATE_HINT.search(text) is None:
            continue
        dates = find_dates(item.text, last_year=last_year)
        if not dates:
            continue
        if is_date_line(item.text, last_year) or (
            len(dates) == 1
            and len(item.text) <= 100
            and not item.text[: dates[0].start].strip()
            and item.index in icons()
        ):
            found[item.index] = Dated(item.index, tuple(dates))
            continue
        # <span class="date">11:05 25/03/2025</span><span class="view">84</span>
        inner = named.get(item.index)
        if (
            inner is not None
            and (dates := find_dates(inner, last_year=last_year))
            and says_only_dates(inner, dates)
        ):
            found[item.index] = Dated(item.index, tuple(dates))
            continue
        # "Đăng lúc: 31/01/2023 | Tác giả: …": more than a date, but begins with a labelled one.
        # "Gửi bởi admin vào T3, 09/11/2021": no label, but an element named for it (Drupal).
        if len(item.text) <= 160 and not item.is_link:
            labelled = tuple(d for d in dates if d.label)
            is_named = (item.marks | item.part.marks) & Mark.DATE and len(item.text) <= 100
            if labelled and labelled[0].start <= 40 and not item.is_prose:
                found[item.index] = Dated(item.index, labelled)
            elif len(dates) == 1 and (
                is_named or _beside_separator(item.text, dates[0]) or _says_by_whom(item.text)
            ):
                found[item.index] = Dated(item.index, tuple(dates))
            elif (
                len(dates) == 1
                and len(item.text) <= 80
                and (who := _signature(item.text, dates[0]))
            ):
                found[item.index] = Dated(item.index, tuple(dates), who)
    return found


def _beside_icons(blocks: Blocks) -> set[int]:
    """The items in which a clock, a calendar or an eye stands: "13/04/2018 Ban biên tập 99"."""
    return {
        part.start
        for part in blocks.parts
        if part.inline and (VIEWS_NAME.search(part.name) or _CLOCK_NAME.search(part.name))
    }


def _named_dates(blocks: Blocks) -> dict[int, str]:
    """The text of inline elements that a name calls dates, by the item in which they stand."""
    found: dict[int, str] = {}
    for part in blocks.parts:
        if part.inline and part.marks & Mark.DATE and part.start not in found:
            text = blocks.text_of(part)
            if len(text) <= 80:
                found[part.start] = text
    return found


def _beside_separator(text: str, printed: PrintedDate) -> bool:
    """A date that a bar or a dash sets apart from a few words: "Tin tức | 09/11/2021"."""
    before, after = text[: printed.start].rstrip(), text[printed.end :].lstrip()
    if len(before) + len(after) > 50 or (before and after):
        return False
    return before.endswith(_BARS) if before else after.startswith(_BARS)


def _signature(text: str, printed: PrintedDate) -> str:
    """The byline before a date that ends the line, empty where it is none."""
    before, after = text[: printed.start], text[printed.end :]
    who = before.strip(" ([-–—|,")
    return who if not after.strip(" )]|.") and who != before and is_byline(who) else ""


def _says_by_whom(text: str) -> bool:
    return len(text) <= 100 and _BY_WHOM.match(text) is not None
