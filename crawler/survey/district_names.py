"""What a portal's body is called, by what its pages print and its address spells.

The banner says "CỔNG THÔNG TIN ĐIỆN TỬ HUYỆN THỌ XUÂN CHUNG SỨC XÂY DỰNG …" and does not tell where
the name ends; the host ``thoxuan.thanhhoa.gov.vn`` does. A name that no address confirms is a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.urls import host_of
from archive.vietnamese import fold, normalise
from crawler.survey.provinces import NAMES, compact

_UNITS = ("huyện", "thị xã", "thành phố", "quận", "thị trấn", "phường", "đặc khu", "xã")
_UNIT = re.compile(rf"\b({'|'.join(_UNITS)})\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_MOST_WORDS = 4
_USUAL_WORDS = 2  # of a name in a line of capitals, which does not show its end
# "huyenthoxuan", "tpthanhhoa", "ubnd.quan1": what hosts put before the name.
_BEFORE_NAME = re.compile(r"^(?:ubnd)?(?:huyen|thixa|thanhpho|quan|tp|tx|h|q|x)?(?=.)")


@dataclass(frozen=True, slots=True)
class BodyName:
    """A body's name as sites.toml writes it, "Huyện Thọ Xuân", in two parts. ``confirmed``: the
    address of the portal spells it too."""

    unit: str
    name: str
    confirmed: bool

    @property
    def full(self) -> str:
        return f"{self.unit} {self.name}"


def slug_of(text: str) -> str:
    """Folded words joined by hyphens; empty where there are none."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(normalise(text))))


def bare_name(full: str) -> str:
    """The name without its unit, unless it is a number: ``"Huyện Thọ Xuân"`` → ``"Thọ Xuân"``,
    ``"Quận 1"``."""
    found = _UNIT.match(full)
    rest = full[found.end() :] if found else full
    return full if rest[:1].isdigit() else rest


def body_name(lines: Iterable[str], url: str) -> BodyName | None:
    """The name of the body whose portal is at ``url`` and prints these lines, best first."""
    spelled = _spelled(url)
    guesses: Counter[tuple[str, str]] = Counter()
    for weight, line in enumerate(reversed([normalise(line) for line in lines]), 1):
        for found in _UNIT.finditer(line):
            unit = found[1].capitalize()
            words = _following(line[found.end() :])
            for count in range(min(len(words), _MOST_WORDS), 0, -1):
                if compact("".join(words[:count])) in spelled:
                    return BodyName(unit, _written(words[:count]), confirmed=True)
            if guess := _guess(words, found[1].isupper()):
                guesses[unit, guess] += weight
    provinces = {fold(name) for name in NAMES}
    for (unit, name), _ in guesses.most_common():
        if unit != "Thành phố" or fold(name) not in provinces:
            return BodyName(unit, name, confirmed=False)
    return None


def _spelled(url: str) -> set[str]:
    """The names that an address may spell: its first host label, the segments of its path."""
    label = host_of(url).removeprefix("www.").partition(".")[0]
    names = {compact(part) for part in (label, *urlsplit(url).path.split("/")) if part}
    return names | {_BEFORE_NAME.sub("", name) for name in names}


def _following(text: str) -> list[str]:
    """The words up to the next punctuation."""
    words: list[str] = []
    reached = 0
    for found in _WORD.finditer(text):
        if text[reached : found.start()].strip() or len(words) == _MOST_WORDS:
            break
        words.append(found[0])
        reached = found.end()
    return words


def _guess(words: list[str], capitals: bool) -> str:
    """The name where nothing confirms it: the capitalised words, or of a line of capitals as many
    as names usually have."""
    if words and words[0].isdigit():
        return words[0]
    named: list[str] = []
    for word in words:
        if not word[0].isupper() or (word.isupper() and len(word) > 1) != capitals:
            break
        named.append(word)
    if capitals and len(named) == _MOST_WORDS:
        named = named[:_USUAL_WORDS]
    return _written(named)


def _written(words: list[str]) -> str:
    return " ".join(word.capitalize() if word.isupper() else word for word in words)
