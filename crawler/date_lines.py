"""The lines of a page that are dates: beside titles, in lists, in the clock of the header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.blocks import Blocks, Kind
from crawler.dates import PrintedDate, date_line, find_dates
from crawler.marks import Mark

_DATE_HINT = re.compile(r"\d[\d/.:\- ]{3,}\d|\d\s?(?i:tháng)")
_BARS = ("|", "•", "·", "–", "—", " -", "- ")


@dataclass(frozen=True, slots=True)
class Dated:
    """An item that is, or begins with, a date line."""

    index: int
    dates: tuple[PrintedDate, ...]

    @property
    def labelled(self) -> bool:
        """Whether a label says what the date is."""
        return bool(self.dates[0].label)


def find_dated(blocks: Blocks, last_year: int) -> dict[int, Dated]:
    """All date lines of the page, by item."""
    found = {}
    for item in blocks.items:
        if item.kind is not Kind.TEXT or len(item.text) > 240:
            continue
        if _DATE_HINT.search(item.text) is None:
            continue
        line = date_line(item.text, last_year=last_year)
        if line is not None:
            dates = tuple(find_dates(item.text, last_year=last_year))
            found[item.index] = Dated(item.index, dates)
            continue
        # "Đăng lúc: 31/01/2023 | Tác giả: …": more than a date, but begins with a labelled one.
        # "Gửi bởi admin vào T3, 09/11/2021": no label, but an element named for it (Drupal).
        if len(item.text) <= 160 and not item.is_link:
            dates = tuple(find_dates(item.text, last_year=last_year))
            labelled = tuple(d for d in dates if d.label)
            named = (item.marks | item.part.marks) & Mark.DATE and len(item.text) <= 100
            if labelled and labelled[0].start <= 40 and not item.is_prose:
                found[item.index] = Dated(item.index, labelled)
            elif len(dates) == 1 and (named or _beside_separator(item.text, dates[0])):
                found[item.index] = Dated(item.index, dates)
    return found


def _beside_separator(text: str, printed: PrintedDate) -> bool:
    """A date that a bar or a dash sets apart from a few words: "Tin tức | 09/11/2021"."""
    before, after = text[: printed.start].rstrip(), text[printed.end :].lstrip()
    if len(before) + len(after) > 50 or (before and after):
        return False
    return before.endswith(_BARS) if before else after.startswith(_BARS)
