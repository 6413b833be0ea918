"""Sentences that the archive keeps about itself, in both languages.

What a run concluded stands in the database as an English sentence, so that it can be read there with
no program at all. The sentences are in archive.remark_texts, once for each language: `say` writes the
English one, and `in_language` recognises it and says the same in Vietnamese. So what was stored before
is translated too. What is not recognised (the words of a TLS library, of an older version of this
program) stays as it stands and is known to be English.

A place in braces is a number (``n``), a day (``day``), the name of a field (``field``) or of a verdict
(``verdict``), a ``name`` that is no sentence, an address (``url``), another of these sentences
(``known``), or any sentence (``say``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from archive.remark_texts import FIELDS, SENTENCES, VERDICTS

_PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
_PATTERNS = {
    "n": r"\d[\d.,]*",
    "day": r"\d{4}-\d\d-\d\d",
    "field": r"[a-z_]+",
    "verdict": r"[a-z]+",
    "url": r"\S+?",
    "name": r".+",
    "known": r".+",
    "say": r".+",
}
_BETWEEN = "; "
_WORDS = {"field": FIELDS, "verdict": VERDICTS}


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of a sentence, and the language it is in: ``en`` inside of a Vietnamese sentence where
    it was written by another program."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence that was recognised: its code, and what stands in its places, as text."""

    code: str
    places: tuple[tuple[str, str], ...]


def say(code: str, /, **places: object) -> str:
    """The English sentence of that code. Raises KeyError for no such code, or a place left empty."""
    return _PLACE.sub(lambda place: str(places[place[1]]), SENTENCES[code][0])


def together(*sentences: str) -> str:
    """Several sentences as one text, which `in_language` takes apart again."""
    return _BETWEEN.join(sentences)


def codes() -> tuple[str, ...]:
    return tuple(SENTENCES)


def recognise(text: str) -> Remark | None:
    """Which sentence that is, None where it is none of these."""
    for code in SENTENCES:
        pattern, kinds = _compiled(code)
        found = pattern.fullmatch(text)
        if found is None:
            continue
        places = found.groupdict()
        if all(_fits(kind, places[name]) for name, kind in kinds.items()):
            return Remark(code, tuple(places.items()))
    return None


def in_language(language: str, text: str) -> tuple[Said, ...]:
    """A sentence of this archive in that language, ``vi`` or ``en``; several, joined by `together`,
    piece by piece."""
    if language == "en" or not text:
        return (Said(text, "en"),) if text else ()
    return tuple(_merged(_pieces(text)))


def _pieces(text: str) -> Iterator[Said]:
    for place, sentence in enumerate(_sentences(text)):
        if place:
            yield Said(_BETWEEN, "vi")
        remark = recognise(sentence)
        if remark is None:
            yield Said(sentence, "en")
        else:
            yield from _vietnamese(remark)


def _vietnamese(remark: Remark) -> Iterator[Said]:
    template = SENTENCES[remark.code][1]
    kinds, places = _compiled(remark.code)[1], dict(remark.places)
    end = 0
    for place in _PLACE.finditer(template):
        yield Said(template[end : place.start()], "vi")
        yield from _place(kinds[place[1]], places[place[1]])
        end = place.end()
    yield Said(template[end:], "vi")


def _place(kind: str, text: str) -> Iterator[Said]:
    if kind in ("say", "known"):
        yield from _pieces(text)
    elif kind == "name" and (remark := recognise(text)) is not None:
        yield from _vietnamese(remark)
    elif kind == "day":
        year, month, day = text.split("-")
        yield Said(f"{day}/{month}/{year}", "vi")
    elif kind == "n":
        yield Said(text.translate(_DECIMALS), "vi")
    else:
        yield Said(_WORDS.get(kind, {}).get(text, text), "vi")


_DECIMALS = str.maketrans(",.", ".,")  # 1,200.5 is written 1.200,5


def _sentences(text: str) -> list[str]:
    """The sentences that were put together. A semicolon of a sentence's own, or of a title that it
    quotes, is none between two: what comes after it is no sentence by itself."""
    joined: list[str] = []
    for piece in text.split(_BETWEEN):
        if joined and recognise(piece) is None:
            joined[-1] += _BETWEEN + piece
        else:
            joined.append(piece)
    return joined


def _fits(kind: str, text: str) -> bool:
    if kind == "known":
        return recognise(text) is not None
    words = _WORDS.get(kind)
    return words is None or text in words


def _merged(pieces: Iterator[Said]) -> Iterator[Said]:
    """Neighbours of one language as one piece."""
    held: Said | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if held is not None and held.language == piece.language:
            held = Said(held.text + piece.text, held.language)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


@cache
def _compiled(code: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """The English sentence as a pattern, and the kinds of its places."""
    template = SENTENCES[code][0]
    kinds = {place[1]: place[2] or "name" for place in _PLACE.finditer(template)}
    pattern, end = "", 0
    for place in _PLACE.finditer(template):
        pattern += re.escape(template[end : place.start()])
        pattern += f"(?P<{place[1]}>{_PATTERNS[kinds[place[1]]]})"
        end = place.end()
    return re.compile(pattern + re.escape(template[end:])), kinds
