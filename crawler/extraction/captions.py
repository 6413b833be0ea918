"""Captions, as district portals print them: in the text, beside the file name of the picture.

The markup has no element for them. The picture's ``alt`` is its original file name ("31 (2).jpg",
"Ảnh 1. Quang cảnh buổi lễ.JPG"); the line after it is the caption, often in parentheses. A caption
is kept in its wording; one outer pair of parentheses, whole or half lost, is not part of it.
"""

from __future__ import annotations

import re

from archive.vietnamese import unify_tone_placement
from crawler.extraction.bylines import (
    is_byline,
    is_furniture_line,
    is_source_credit,
    is_stop_line,
    tidied,
)
from crawler.extraction.dates import date_line

_EXTENSION = re.compile(r"\.(?:jpe?g|jfif|png|gif|bmp|tiff?|webp|heic|avif)\Z", re.IGNORECASE)
_NUMBERED = re.compile(r"\A(?:ảnh|hình)\s?(?:số\s)?\d{0,3}\s?[.:-]?\s?", re.IGNORECASE)
_PICTURE_LABEL = re.compile(
    r"\A(?:(?:trong\s)?ảnh\s?\d{0,3}\s?:|(?:ảnh|hình)\s(?:số\s)?\d{1,3}\s?[.:-]?\s|ảnh\s(?:minh\sh[oọ][aạ]|tư\sliệu))",
    re.IGNORECASE,
)
# In parentheses, on a line of its own, and no caption: notes to a document.
_NOTE = re.compile(
    r"\(?\s?(?:(?:ban\shành\s|đính\s)?kèm|theo\s|nguồn|xem\s|chi\stiết|còn\snữa|trích\s|mẫu\s|đơn\svị\stính|đvt"
    r"|gồm\s|bao\sgồm|số\sliệu|tài\sliệu|tải\s)",
    re.IGNORECASE,
)
_LONGEST = 400
_LONGEST_PADDED = 2000


def is_image_name(text: str) -> bool:
    """Whether the text is the file name of a picture (``31 (2).jpg``), a sentence with an
    extension included (``Ảnh 1. Quang cảnh buổi lễ.JPG``)."""
    name = tidied(text) if len(text) <= _LONGEST_PADDED else ""
    return 4 < len(name) <= _LONGEST and _EXTENSION.search(name) is not None


def is_caption(text: str) -> bool:
    """Whether a line beside a picture shows by its form that it is the caption.

    In parentheses, with half of them lost (``ồng chí Bí thư phát biểu)`` on
    thoxuan.thanhhoa.gov.vn), or labelled (``Ảnh 1: …``). To be asked next to a picture only.
    """
    line = tidied(text).rstrip(". ") if len(text) <= _LONGEST_PADDED else ""
    if not 4 < len(line) <= _LONGEST or is_image_name(text) or _NOTE.match(line):
        return False
    if date_line(line):
        return False
    if _PICTURE_LABEL.match(line):
        return True
    opening, closing = _outer(line)
    return (opening or closing) and len(line.strip("() ")) > 2


def _outer(line: str) -> tuple[bool, bool]:
    """Whether the first character opens, and the last closes, what encloses the whole line."""
    unmatched: list[int] = []
    opened_by_last = -2
    for at, character in enumerate(line):
        if character == "(":
            unmatched.append(at)
        elif character == ")":
            opener = unmatched.pop() if unmatched else -1
            if at == len(line) - 1:
                opened_by_last = opener
    opening = line.startswith("(") and (opened_by_last == 0 or 0 in unmatched)
    closing = opened_by_last == 0 or (opened_by_last == -1 and line[-2:-1] not in ":;")
    return opening, closing


def caption_text(text: str) -> str:
    """The caption without padding and without its outer parentheses, whole or half lost."""
    line = tidied(text)
    bare = line.rstrip(". ")
    opening, closing = _outer(bare)
    if not (opening or closing):
        return line
    return bare[1 if opening else 0 : -1 if closing else None].strip()


def _said(text: str) -> str:
    wording = _NUMBERED.sub("", _EXTENSION.sub("", tidied(text)))
    return re.sub(r"\W+", " ", unify_tone_placement(wording.lower())).strip()


_SHORT = 160


def pair_caption(image_alt: str, following_text: str) -> str:
    """The caption of a picture, given its ``alt`` and the line that follows; empty if that line is
    not its caption.

    It is when it says so by its form (`is_caption`), when it repeats the ``alt`` without number
    and extension, or when the ``alt`` is a bare file name and the line is short and no sentence:
    ``1a.jpg`` / ``Trao quà cho các hộ nghèo``, as on vithuy.haugiang.gov.vn.
    """
    if len(following_text) > _LONGEST_PADDED:
        return ""
    if is_caption(following_text):
        return caption_text(following_text)
    line = tidied(following_text)
    if not line or is_image_name(line) or len(line) > _LONGEST:
        return ""
    said = _said(image_alt)
    if len(said) > 8 and said == _said(line):
        return line
    return line if is_image_name(image_alt) and _reads_like_a_caption(line) else ""


_WHAT_IS_SHOWN = re.compile(
    r"(?:toàn|quang|khung)\scảnh|hình\sảnh|(?:(?:các\s)?(?:đồng\schí|đ/c|đại\sbiểu|cán\sbộ|hội\sviên|đoàn\sviên)|ông\s|bà\s"
    r"|lãnh\sđạo|đại\sdiện|đoàn\s(?:công\stác|kiểm\stra|giám\ssát)|(?:ban\s)?thường\strực).*\s"
    r"(?:phát\sbiểu|trao|tặng|chủ\strì|kiểm\stra|thăm|tham\s(?:quan|gia|dự)|chụp|chúc\smừng|báo\scáo|kết\sluận"
    r"|khai\smạc|trình\sbày|thảo\sluận|cắt\sbăng|dâng|nhận|ký|biểu\squyết|bỏ\sphiếu)\b",
    re.IGNORECASE,
)


def _is_shown(line: str) -> bool:
    """One short sentence that says what a picture shows, with a full stop."""
    return (
        len(line) <= 110
        and line.endswith(".")
        and re.search(r"[.;:]\s", line) is None
        and _WHAT_IS_SHOWN.match(line) is not None
    )


def _reads_like_a_caption(line: str) -> bool:
    return (
        len(line) <= _SHORT
        and 4 <= len(line.split()) <= 32
        and line[0].isupper()
        and (line[-1].isalnum() or _is_shown(line))
        and not line.isupper()
        and not re.match(r"(?:[IVX]{1,5}|[a-zđA-Z]|\d{1,2})\s?[.)/:-]", line)
        and not is_byline(line)
        and not is_source_credit(line)
        and not is_stop_line(line)
        and not is_furniture_line(line)
    )
