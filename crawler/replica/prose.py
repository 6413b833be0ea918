"""The bank of texts: loading it, and writing a sentence from a template.

A template holds choices ``[a|b]`` (they may nest), facts ``{xa1}`` and numbers ``{12-40}``.
``{02-09}`` keeps the leading zero, ``{1200-4800#}`` is a document number without grouping,
``{~90-180}`` a fresh number each time.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]+)\}")
_RANGE = re.compile(r"(~?)(\d+)-(\d+)(#?)")
_SENTENCE = re.compile(r"([.?!]”? )([^\W\d_])")


class Writer:
    """Writes templates for one article. The same wide range gives the same number throughout, so
    that title, sapo and body agree; the same seed gives the same text."""

    def __init__(self, facts: Mapping[str, str], rng: random.Random) -> None:
        self.facts = dict(facts)
        self.rng = rng
        self._numbers: dict[str, str] = {}

    def write(self, template: str) -> str:
        """The template as a text that begins with a capital letter."""
        text = template
        while match := _CHOICE.search(text):
            chosen = self.rng.choice(match[1].split("|"))
            text = text[: match.start()] + chosen + text[match.end() :]
        text = _SLOT.sub(lambda slot: self._fill(slot[1]), text)
        text = text.replace("tác xã xã ", "tác xã ")  # a cooperative named after its commune
        text = _SENTENCE.sub(lambda start: start[1] + start[2].upper(), text)
        return _capitalised(text)

    def phrase(self, template: str) -> str:
        """As `write`, for the middle of a sentence: the first letter stays as it is."""
        return self.write("\N{WORD JOINER}" + template)[1:]

    def _fill(self, slot: str) -> str:
        if match := _RANGE.fullmatch(slot):
            return self._number(slot, match)
        if slot in self.facts:
            return self.facts[slot]
        return _capitalised(self.facts[slot[0].lower() + slot[1:]])

    def _number(self, slot: str, match: re.Match[str]) -> str:
        fresh, low, high, plain = match[1], match[2], int(match[3]), match[4]
        if slot not in self._numbers or fresh or high - int(low) <= 8:
            number = self.rng.randint(int(low), high)
            if low.startswith("0"):
                self._numbers[slot] = f"{number:02}"
            else:
                self._numbers[slot] = str(number) if plain else f"{number:,}".replace(",", ".")
        return self._numbers[slot]


def _capitalised(text: str) -> str:
    for place, letter in enumerate(text):
        if letter == "\N{WORD JOINER}":
            break
        if letter.isalnum():
            return text[:place] + letter.upper() + text[place + 1 :]
    return text


@dataclass(frozen=True, slots=True)
class Topic:
    """What many articles are about. ``years`` and ``months`` say when it can happen."""

    key: str
    field: str
    gathering: str
    titles: tuple[str, ...]
    leads: tuple[str, ...]
    facts: tuple[str, ...]
    tasks: tuple[str, ...]
    captions: tuple[str, ...]
    years: tuple[int, int]
    months: tuple[int, ...] = tuple(range(1, 13))
    days: tuple[int, ...] = tuple(range(1, 29))


@dataclass(frozen=True, slots=True)
class Notice:
    """A short piece. ``attachments`` are (file name, kind); without paragraphs it is nothing else.
    ``table`` stands after ``table_after`` paragraphs, its first row is the heading."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    attachments: tuple[tuple[str, str], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    table_after: int = 0
    sites: tuple[str, ...] = ("tho-xuan", "hoang-hoa", "vi-thuy")
    months: tuple[int, ...] = tuple(range(1, 13))


@dataclass(frozen=True, slots=True)
class Release:
    """A text that two portals print, the second one with ``edits`` (from, to) if there are any."""

    key: str
    sites: tuple[str, str]
    dates: tuple[dt.date, dt.date]
    source: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    edits: tuple[tuple[str, str], ...] = ()

    def text_for(self, site: str) -> tuple[str, ...]:
        """The paragraphs as that site prints them. Raises ValueError if an edit finds nothing."""
        text = "\n".join(self.paragraphs)
        for old, new in self.edits if site == self.sites[1] else ():
            if old not in text:
                raise ValueError(f"thong_cao.toml: {self.key}: nothing to edit: {old!r}")
            text = text.replace(old, new)
        return tuple(text.split("\n"))


@dataclass(frozen=True, slots=True)
class District:
    """The facts of one district that its texts are filled with."""

    slug: str
    facts: Mapping[str, str]
    unit: str
    communes: tuple[str, ...]
    roads: tuple[str, ...]
    markets: tuple[str, ...]
    schools: tuple[str, ...]
    crops: tuple[str, ...]
    strains: tuple[str, ...]
    festivals: tuple[str, ...]
    relics: tuple[str, ...]
    seasons: tuple[str, str]
    second_season: tuple[int, ...]  # its months
    reporters: tuple[str, ...]
    byline: str
    leaders: tuple[tuple[int, tuple[str, ...]], ...]

    def leaders_in(self, year: int) -> tuple[str, ...]:
        return next(names for until, names in self.leaders if year <= until)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


@cache
def _load(name: str) -> Mapping[str, Any]:
    document = files(__package__).joinpath("texts", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(document)


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic of the bank, in a fixed order."""
    return tuple(
        Topic(**{key: _frozen(value) for key, value in table.items()})
        for name in ("dang", "kinh_te", "xa_hoi", "an_ninh")
        for table in _load(name)["topic"]
    )


@cache
def notices() -> tuple[Notice, ...]:
    return tuple(
        Notice(**{key: _frozen(value) for key, value in table.items()})
        for table in _load("thong_bao")["notice"]
    )


@cache
def releases() -> tuple[Release, ...]:
    """The texts shared between two portals."""
    return tuple(
        Release(**{**{key: _frozen(value) for key, value in table.items()}, "dates": dates})
        for table in _load("thong_cao")["release"]
        if (dates := (_day(table["dates"][0]), _day(table["dates"][1])))
    )


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@cache
def shared_sentences(kind: str) -> tuple[str, ...]:
    """Templates that fit any topic: attendance, shortcomings, discussion, conclusion, tasks, closing."""
    return tuple(_load("chung")[kind])


@cache
def district(slug: str) -> District:
    """The district of that slug. Raises KeyError for an unknown one."""
    table = dict(_load("huyen")[slug])
    facts = {key: table.pop(key) for key in ("huyen", "tinh", "thon", "sao", "thientai", "song")}
    leaders = tuple((era["until"], tuple(era["names"])) for era in table.pop("leaders"))
    rest = {key: _frozen(value) for key, value in table.items()}
    return District(slug=slug, facts=facts, leaders=leaders, **rest)
