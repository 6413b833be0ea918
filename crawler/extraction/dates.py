"""Dates and view counts as Vietnamese portals print them.

Day first, always; time of day in Vietnam (+07:00), always. The printed text is kept beside the
value. What is impossible or could be read in two ways is refused, never guessed. Every pattern
is bounded, so reading is linear in the length of the text, hostile or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal

FIRST_YEAR = 1990  # before it no portal existed
LAST_YEAR = 2099

# Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975, before FIRST_YEAR.
VIETNAM_TIME = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date found in a text.

    ``value`` is ISO 8601: ``2021-01-14T08:35:02+07:00``, or ``2021-08-10`` where the text has no
    time of day or only midnight (portals print 00:00:00 and 12:00:00 AM for "unknown").
    ``raw`` is the printed text with its label, white space collapsed; ``text[start:end]`` in the
    input. ``label`` is as printed, without colon (``Đăng lúc``), or empty: a date inside a
    sentence has no label. ``weekday_agrees`` is None where no weekday is printed; False is worth
    a note, not a refusal: a portal in Đắk Nông printed "thứ năm" before a Sunday.
    """

    value: str
    raw: str
    label: str
    start: int
    end: int
    weekday_agrees: bool | None


_MONTH_WORDS = {
    "mười hai": 12,
    "mười một": 11,
    "mười": 10,
    "một": 1,
    "hai": 2,
    "ba": 3,
    "tư": 4,
    "bốn": 4,
    "năm": 5,
    "sáu": 6,
    "bảy": 7,
    "bẩy": 7,
    "tám": 8,
    "chín": 9,
    # Not "giêng" and "chạp": these name months of the lunar calendar.
}
_ENGLISH_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_NAMED_MONTH = "|".join(word.replace(" ", r"\s") for word in _MONTH_WORDS)
_ENGLISH_MONTH = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?(?!\w)"
)
_WEEKDAY_WORDS = {
    "hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5, "bẩy": 5,
    "2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5,
}  # fmt: skip

_ENGLISH_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # of Drupal, untranslated

# The date itself. Both separators must be equal; a year of two digits is judged by its company.
_DATE = re.compile(
    r"""(?<!\d)(?:
        (?P<iso_y>\d{4})(?P<iso_sep>[-/])(?P<iso_m>\d\d)(?P=iso_sep)(?P<iso_d>\d\d)
      | (?P<d>\d{1,2})(?P<sep>\s?/\s?|\s-\s|[.-])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4}|\d\d)
      | (?P<spaced_d>\d\d)\s(?P<spaced_m>\d\d)\s(?P<spaced_y>\d{4})
      | (?P<word_d>\d{1,2})\s?(?:(?i:tháng)\s?|[Tt]h(?=\d))(?P<word_m>\d{1,2}(?!\d)|(?i:"""
    + _NAMED_MONTH
    + r""")(?!\w))\s?[,/-]?\s?(?:(?i:năm)\s?)?(?P<word_y>\d{4})
      | (?<!\w)(?:(?i:tháng)\s|[Tt]h(?=\d))(?P<first_m>\d{1,2}|(?i:"""
    + _NAMED_MONTH
    + r"""))\s(?P<first_d>\d{1,2}),\s?(?P<first_y>\d{4})
      | (?P<english_d>\d{1,2})(?:st|nd|rd|th)?[\s-](?P<english_m>"""
    + _ENGLISH_MONTH
    + r"""),?[\s-](?P<english_y>\d{4})
      | (?<!\w)(?P<american_m>"""
    + _ENGLISH_MONTH
    + r""")\s(?P<american_d>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<american_y>\d{4})
    )(?!\d)""",
    re.VERBOSE,
)

_CLOCK = r"""
    (?P<hour>[01]?\d|2[0-3])
    (?: \s?:\s?(?P<minute>[0-5]\d)(?:\s?:\s?(?P<second>[0-5]\d)(?:[.]\d{1,9})?)?(?![\d:])['’′`]?
      | \s?(?:[hHg]|(?i:giờ))\s?(?P<hminute>[0-5]\d)(?!\d)(?:['’′`]|\s?(?i:phút)(?!\w))?
      | \s?(?:[hH]|(?i:giờ))(?![\w]) )
    (?:\s?(?P<half>AM|PM|am|pm|SA|CH|sa|ch|sáng|trưa|chiều|tối)(?!\w))?
"""
_WEEKDAY = r"(?<!\w)(?<!lần\s)(?:(?i:thứ)\s?(?P<{0}>(?i:hai|ba|tư|năm|sáu|b[ảẩ]y)|[2-7])(?!\w)" \
    r"|T(?P<{0}_short>[2-7])(?!\w)|(?P<{0}_english>(?i:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satu?r?|sun)(?:day)?)(?!\w)" \
    r"|(?P<{0}_sunday>(?i:chủ\s?nhật)|CN)(?!\w))"  # fmt: skip

_PUBLISHED = (
    r"(?:(?:tin|bài|bài\sviết)\s)?(?:(?:được|đã)\s)?"
    r"(?:đăng(?:\s(?:tải|tin|bài))?|xuất\sbản|phát\shành|gửi|tạo|viết)"
    r"(?:\s(?:vào|ngày|lúc|hồi)){0,2}"
    r"|(?:ngày|giờ|thời\sgian|thời\sđiểm)\s(?:giờ\s)?"
    r"(?:đăng(?:\s(?:tải|tin|bài))?|xuất\sbản|phát\shành|gửi|tạo|viết|đưa\stin)"
    r"|publish(?:ed)?(?:\s(?:on|at|date))?|post(?:ed)?(?:\s(?:on|at|date))?|created(?:\son)?"
)
_UPDATED = (
    r"(?:(?:được|đã)\s)?(?:cập\snhật|sửa\sđổi|chỉnh\ssửa)"
    r"(?:\s(?:mới\snhất|gần\snhất|lần\scuối|sau\scùng|cuối)(?:\scùng)?)?"
    r"(?:\s(?:vào|ngày|lúc|hồi)){0,2}"
    r"|(?:ngày|giờ|lần|thời\sgian|thời\sđiểm)\s(?:cập\snhật|sửa\sđổi|chỉnh\ssửa)(?:\scuối)?(?:\scùng)?"
    r"|(?:last\s)?(?:updated?|modified)(?:\s(?:on|at))?"
)
# "Ngày" and "Date" alone are labels only before a colon. Labels of other things (ngày ban hành, ngày họp,
# thời gian, hạn cuối) are left out on purpose: they do not date the article.
_LABEL = rf"(?<!\w)(?i:{_UPDATED}|{_PUBLISHED}|(?:ngày|date)(?=\s?:))"
_GLUE = r"\s?[,|–—-]?\s?"

# It begins at a word, a number or a parenthesis; to try nowhere else saves most of the time.
_BEFORE = re.compile(
    rf"""(?=(?<!\w)[^\W\d_]|\d|\(|\Z)(?:(?P<label>{_LABEL})(?P<colon>\s?:)?\s?(?P<open>\()?{_GLUE})?
    (?P<rest>
      (?:{_WEEKDAY.format("weekday")}{_GLUE})?
      (?:(?<![\d:.,/-])(?:(?i:lúc)\s)?(?:{_CLOCK}){_GLUE})?
      (?:{_WEEKDAY.format("weekday2")}{_GLUE})?
      (?:(?<!\w)(?i:ngày)\s?)?(?P<open2>\(\s?)?
    )\Z""",
    re.VERBOSE,
)
_TIME_AFTER = re.compile(
    rf"(?:[T]|{_GLUE}(?:(?i:(?:vào\s)?lúc|hồi)\s?:?\s?)?\(?)(?:{_CLOCK})", re.VERBOSE
)
_ZONE_AFTER = re.compile(
    r"(?:Z(?!\w)|(?P<bare>[+-]\d\d:?\d\d(?!\d))"
    r"|\s?,?\s?\(?\s?(?:GMT|UTC)(?:\s?(?P<named>[+-]\s?\d{1,2}(?::?\d\d)?)(?!\d))?\s?\)?)"
)
_LUNAR = re.compile(r"\s?\(?\s?(?:(?i:âm\slịch)|ÂL(?!\w))")
_LONGEST_LINE = 240
_REACH = 96  # characters before a date in which its label, weekday and time may stand


def find_dates(text: str, *, last_year: int = LAST_YEAR) -> list[PrintedDate]:
    """All dates in the text, in order of appearance. The text is normalised (NFC).

    ``last_year`` is the last plausible year, normally the year of the capture plus one; years
    before FIRST_YEAR are refused as well. A year of two digits is read only beside a label, a
    weekday or a clock time; ``08 09 2019`` only beside a label or a weekday; ``4/6/2018 1:55 PM``,
    which may be American, only beside the weekday that proves the order.
    """
    if len(text) <= _LONGEST_LINE:
        return list(_dates_of_line(text, last_year))
    return list(_dates(text, last_year))


@lru_cache(maxsize=4096)
def _dates_of_line(text: str, last_year: int) -> tuple[PrintedDate, ...]:
    """The same lines come again and again: on one page, and on the pages of one portal."""
    return tuple(_dates(text, last_year))


def _dates(text: str, last_year: int) -> Iterator[PrintedDate]:
    reached = 0
    for found in _DATE.finditer(text):
        printed = _read(text, found, reached, last_year)
        if printed is not None:
            reached = printed.end
            yield printed


def _read(text: str, found: re.Match[str], reached: int, last_year: int) -> PrintedDate | None:
    if found.start() < reached or not _stands_alone(text, found):
        return None
    before = _BEFORE.search(text, max(reached, found.start() - _REACH), found.start())
    assert before is not None  # every part is optional
    label, start = _label(text, before)
    weekday = _weekday(before)
    clock = _clock(before)
    end = found.end()
    after = _TIME_AFTER.match(text, end) if before["hour"] is None else None
    if after:
        clock, end = _clock(after), after.end()
    zone = _ZONE_AFTER.match(text, end)
    if zone:
        end = zone.end()
    if _LUNAR.match(text, end):
        return None
    year = _part(found, "y")
    if len(year) == 2 and not (label or weekday is not None or clock):
        return None
    if found["spaced_y"] and not (label or weekday is not None):
        return None
    year_number = int(year) + (2000 if len(year) == 2 else 0)
    day = _calendar_day(found, year_number, last_year)
    english = before["weekday_english"] or before["weekday2_english"]
    if english and found["d"] and (day is None or day.weekday() != weekday):
        # "Fri, 11/19/2021": Drupal untranslated prints the month first, and the weekday proves it.
        american = _calendar_day(found, year_number, last_year, month_first=True)
        day = american if american is not None and american.weekday() == weekday else day
    if day is None:
        return None
    agrees = None if weekday is None else day.weekday() == weekday
    if _may_be_american(found, before["half"] or (after["half"] if after else None)) and not agrees:
        return None
    if text.count("(", start, end) > text.count(")", start, end) and text[end : end + 1] == ")":
        end += 1
    return PrintedDate(
        value=_value(day, clock, zone),
        raw=" ".join(text[start:end].split()),
        label=label,
        start=start,
        end=end,
        weekday_agrees=agrees,
    )


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Not a piece of a document number, a file name, a path or a longer row of numbers."""
    before = text[max(0, found.start() - 2) : found.start()]
    after = text[found.end() : found.end() + 2]
    if re.fullmatch(r"\w/|\d[.]", before) or re.match(r"/\w", after):
        return False
    sep = (found["sep"] or found["iso_sep"] or "").strip()
    if sep in ("-", "."):
        return not (re.fullmatch(r"\w[-._]", before) or re.match(r"[-._]\w", after))
    return True


def _may_be_american(found: re.Match[str], half: str | None) -> bool:
    """4/6/2018 1:55 PM: a server set to American English prints the month first, without zeros
    (list views of the Đắk Nông portals do). Vietnamese formats write 04/06, or SA and CH."""
    if half is None or half.lower() not in ("am", "pm") or not found["d"]:
        return False
    numbers = (found["d"], found["m"])
    return (
        any(len(number) == 1 for number in numbers)
        and all(int(number) <= 12 for number in numbers)
        and int(found["d"]) != int(found["m"])
    )


def _label(text: str, before: re.Match[str]) -> tuple[str, int]:
    """The label and where the printed date begins. Without a colon a label counts only at the
    beginning of a line or after a separator: "số liệu cập nhật ngày …" is a sentence."""
    start = before.start()
    label: str | None = before["label"]
    if label is not None:
        previous = text[max(0, start - 24) : start].rstrip(" ")[-1:]
        if before["colon"] or previous in ("", "\n", "|", "(", "[", "-", "–", "—", "•", "·"):
            return " ".join(label.split()), start
    start = before.start("rest")
    # A parenthesis before the whole is not part of it: "(25.04.2019 14:04)".
    if before["open2"] and start == before.start("open2"):
        start = before.end("open2")
    return "", start


def _weekday(before: re.Match[str]) -> int | None:
    for name in ("weekday", "weekday2"):
        if before[f"{name}_sunday"]:
            return 6
        if word := before[name] or before[f"{name}_short"]:
            return _WEEKDAY_WORDS[word.lower()]
        if english := before[f"{name}_english"]:
            return _ENGLISH_WEEKDAYS.index(english[:3].lower())
    return None


def _clock(found: re.Match[str]) -> time | None:
    if found["hour"] is None:
        return None
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half in ("am", "sa", "sáng"):
        if hour > 12:
            return None
        hour %= 12
    elif half in ("pm", "ch", "chiều", "tối"):
        if hour == 0:
            return None
        hour = hour % 12 + 12 if hour <= 12 else hour
    return time(hour, int(found["minute"] or found["hminute"] or 0), int(found["second"] or 0))


_FORMS = ("", "iso_", "spaced_", "word_", "first_", "english_", "american_")


def _part(found: re.Match[str], name: str) -> str:
    """Day (``d``), month (``m``) or year (``y``) in whatever form the date is written."""
    return next(text for form in _FORMS if (text := found[form + name]))


def _calendar_day(
    found: re.Match[str], year: int, last_year: int, *, month_first: bool = False
) -> date | None:
    month = " ".join(_part(found, "m").lower().split())
    day = _part(found, "d")
    if month_first:
        day, month = month, day
    if month.isdecimal():
        number = int(month)
    else:
        number = _MONTH_WORDS.get(month) or _ENGLISH_MONTHS.index(month[:3]) + 1
    if not FIRST_YEAR <= year <= last_year:
        return None
    try:
        return date(year, number, int(day))
    except ValueError:
        return None


def _value(day: date, clock: time | None, zone: re.Match[str] | None) -> str:
    if not clock or clock == time():
        return day.isoformat()
    moment = datetime.combine(day, clock, _zone(zone))
    return moment.astimezone(VIETNAM_TIME).isoformat()


def _zone(zone: re.Match[str] | None) -> timezone:
    if zone is None:
        return VIETNAM_TIME
    offset = zone["bare"] or zone["named"]
    if offset is None:
        return UTC
    digits = re.sub(r"\D", "", offset)
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    span = timedelta(hours=min(int(hours), 23), minutes=min(int(minutes), 59))
    return timezone(-span if offset.startswith("-") else span)


_NUMBER = r"(?P<{0}>\d{{1,3}}(?:[.,]\d{{3}}){{1,3}}|\d{{1,9}})(?![\d/:]|[.,]\d|\s?[kKmM](?!\w))"
_EDGE = r"(?:(?<![^\n|(\[\]•·–—-])|(?<=[|(\[\]•·–—-]\s))"
_VIEWS = re.compile(
    rf"""(?:
        (?<!\w)(?:(?:số\s)?(?:lượt|lần)\s(?:người\s)?(?:xem|đọc)|số\sngười\s(?:xem|đọc)
          |view\scount|views|hits|đã\s(?:xem|đọc))\s?:\s?{_NUMBER.format("after_colon")}
      | {_EDGE}(?:(?:số\s)?(?:lượt|lần)\s(?:người\s)?(?:xem|đọc)|view\scount|views)
          \s{_NUMBER.format("after_label")}
      | {_EDGE}(?:xem|đọc)\s?:\s?{_NUMBER.format("after_verb")}
      | {_EDGE}(?:đã\s)?(?:xem|đọc)\s{_NUMBER.format("times")}(?=\s(?:lần|lượt)(?!\w))
      | {_EDGE}{_NUMBER.format("before_label")}(?=\s(?:lượt|lần)\s(?:xem|đọc)(?!\w)|\sviews(?!\w))
    )(?:\s(?:lượt|lần)(?:\s(?:xem|đọc))?(?!\w)|\sviews(?!\w))?""",
    re.VERBOSE | re.IGNORECASE,
)
_SITE_WIDE = re.compile(
    r"truy\scập|hôm\squa|tuần\snày|tháng\snày|trực\stuyến|online|tổng", re.IGNORECASE
)


_COUNTED = re.compile(r"xem|đọc|views?|hits|số người")  # in lower case


def _views(text: str) -> Iterator[re.Match[str]]:
    if _COUNTED.search(text.lower()) is None:
        return
    for found in _VIEWS.finditer(text):
        if not _SITE_WIDE.search(text, max(0, found.start() - 80), found.start()):
            yield found


def view_count(text: str) -> int | None:
    """How often the page says that the article was read; None where it does not say.

    ``Số lần xem: 512``, ``Lượt xem: 1.205``, ``View count: 128``, ``Đã xem 12 lần``. The visitor
    counter of the whole site (``Truy cập … Tất cả: 281640``) is not one.
    """
    if _COUNTED.search(text.lower()) is None:
        return None
    if len(text) <= _LONGEST_LINE:
        # "09:23:15 27/10/2021 210 lượt xem": without the date the number stands alone.
        text = "|".join(_without(text, find_dates(text)))
    for found in _views(text):
        return int(re.sub(r"\D", "", next(number for number in found.groups() if number)))
    return None


_CREDIT = re.compile(
    r"(?<!\w)(?:người\s(?:đăng|xuất\sbản|gửi|viết|đưa\stin)|tác\sgiả|nguồn(?:\stin)?)\s?:[^|\n:]{0,60}"
    r"(?=\||\Z)",
    re.IGNORECASE,
)
_BARE_COUNT = re.compile(r"\s(\d{1,7})(?:\s\d{1,5})?\s?")  # views, and perhaps comments
_AROUND_A_DATE = re.compile(r"\d{2,3}\s?%|(?<!\w)A\s?[-+]?(?!\w)|[\s\[\](){}|,;:.•·/–—_-]")


def date_line(text: str, *, last_year: int = LAST_YEAR) -> PrintedDate | None:
    """The date of a text that is nothing but a date line, else None.

    Label, weekday, time zone, separators, view counter, text-size widget and a labelled author or
    source (``Tác giả: …``) may stand beside the date. Where several dates stand in the line each must have a label (``Ngày đăng: … | Cập
    nhật: …``); the first is returned. A sentence that mentions a date is not a date line.
    """
    if len(text) > _LONGEST_LINE:
        return None
    dates = find_dates(text, last_year=last_year)
    return dates[0] if says_only_dates(text, dates) else None


@lru_cache(maxsize=4096)
def is_date_line(text: str, last_year: int) -> bool:
    """Whether a text is a date line (see `date_line`)."""
    return says_only_dates(text, find_dates(text, last_year=last_year))


def _without(text: str, dates: list[PrintedDate]) -> Iterator[str]:
    at = 0
    for printed in dates:
        yield text[at : printed.start]
        at = printed.end
    yield text[at:]


def says_only_dates(text: str, dates: list[PrintedDate]) -> bool:
    """Whether a text is a date line (see `date_line`), given the dates found in it."""
    if not dates or (len(dates) > 1 and not all(printed.label for printed in dates)):
        return False
    rest = "|".join(_without(text, dates))
    for views in reversed(list(_views(rest))):
        rest = rest[: views.start()] + rest[views.end() :]
    rest = _AROUND_A_DATE.sub("", _CREDIT.sub("", rest))
    # "09/11/2021 08:15 349": a counter beside an icon, as NukeViet prints it.
    return not rest or (
        len(dates) == 1 and "T" in dates[0].value and bare_count(text, dates) is not None
    )


def bare_count(text: str, dates: list[PrintedDate]) -> int | None:
    """The number without a label that ends a line after its date and time; None where there is none."""
    found = _BARE_COUNT.fullmatch(text, dates[-1].end) if dates else None
    return int(found[1]) if found else None


@lru_cache(maxsize=256)
def label_role(label: str) -> Literal["published", "updated", ""]:
    """What a `PrintedDate.label` dates: the publication, an update, or unsaid."""
    if re.fullmatch(_UPDATED, label, re.IGNORECASE):
        return "updated"
    if re.fullmatch(_PUBLISHED, label, re.IGNORECASE):
        return "published"
    return ""
