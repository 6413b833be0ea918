"""The query language: what a person types, as a typed value. Parsing never fails.

=====================  ==========================================================================
``nghị quyết 35``      all the words; neighbours rank first
``"thọ xuân"``         the words next to each other
``nông*``              words that begin so (also ``"nông thôn"*``)
``"nông mới"~5``       the words in any order, at most five others between them
``-họp`` ``-"hội ý"``  without the word, without the phrase
``a b OR c d``         both of a and b, or both of c and d (also ``|``)
``site:tho-xuan``      only this portal; several are alternatives
``tu:2021``            published from (also ``từ:``, ``from:``): year, month or day
``den:2022-06``        published until, inclusive (also ``đến:``, ``to:``)
``tac-gia:"Lê An"``    the words in the byline (also ``author:``)
``chuyen-muc:"Y tế"``  the words in the category (also ``category:``)
``tinh:"Thanh Hóa"``   only portals of this province (also ``province:``)
``co-quan:"Huyện Hoằng Hóa"``  only what this body published while it spoke there (also ``body:``)
=====================  ==========================================================================

Words typed without diacritics match with any; a word with diacritics prefers its own.
Exclusions and filters hold for the whole query, whichever side of an OR they stand on.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date

from archive.index_text import typed_key
from archive.vietnamese import fold, normalise

MAX_CHARACTERS = 2_000
MAX_WORDS = 64
MOST_WITHIN = 1_000  # words between; what is farther apart has nothing to do with each other
SHORTEST_PREFIX = 2  # a single letter stands for a tenth of all words

# As FTS5's unicode61 sees words: letters and digits; "_" separates.
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Word:
    """One syllable or number of the query: ``typed`` keeps the diacritics, ``folded`` does not."""

    typed: str
    folded: str

    @property
    def marked(self) -> bool:
        """Whether it was typed with diacritics, so that its exact form means something."""
        return self.typed != self.folded


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand next to each other: a phrase in quotes, or one word (``35-NQ/TW`` is
    three). With ``prefix`` the last word is only the beginning of one. With ``within`` the words may
    stand in any order, with at most so many others between them."""

    words: tuple[Word, ...]
    quoted: bool = False
    prefix: bool = False
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a date such as ``2021``, ``2021-06`` or ``14/1/2021`` stands for, inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``alternatives`` are joined by OR, the terms within one by AND. ``sites`` are
    slugs; ``provinces`` are folded names, ``bodies`` slugs. ``with_files`` (set by a program, there are no words for it): only what has attachments.
    ``notes`` tell in one line each what was left out or read otherwise than it looks."""

    alternatives: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    sites: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    authors: tuple[tuple[Word, ...], ...] = ()
    categories: tuple[tuple[Word, ...], ...] = ()
    provinces: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    with_files: bool = False
    notes: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """Whether any word to be found was typed with diacritics."""
        return any(w.marked for terms in self.alternatives for t in terms for w in t.words)

    @property
    def searchable(self) -> bool:
        """Whether there is anything to look for, be it only a filter."""
        return bool(
            self.alternatives
            or self.excluded
            or self.sites
            or self.since
            or self.until
            or self.authors
            or self.categories
            or self.provinces
            or self.bodies
            or self.with_files
        )


_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})|(?P<m2>\d{1,2})[/.-](?P<y2>\d{4})")
_DAY = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})(?P<s>[/.-])(?P<m2>\d{1,2})(?P=s)(?P<y2>\d{4})"
)


def parse_period(text: str) -> Period | None:
    """``YYYY``, ``YYYY-MM``, ``M/YYYY``, ``YYYY-MM-DD`` or ``D/M/YYYY`` (``.`` and ``-`` as well as
    ``/``; the day always comes before the month). None for anything else, or no such day."""
    text = text.strip()
    if not text.isascii():
        return None
    try:
        if match := _DAY.fullmatch(text):
            year = int(match["y"] or match["y2"])
            day = date(year, int(match["m"] or match["m2"]), int(match["d"] or match["d2"]))
            return Period(day, day)
        if match := _MONTH.fullmatch(text):
            year, month = int(match["y"] or match["y2"]), int(match["m"] or match["m2"])
            first = date(year, month, 1)
            return Period(first, first.replace(day=calendar.monthrange(year, month)[1]))
        if match := _YEAR.fullmatch(text):
            year = int(match[1])
            return Period(date(year, 1, 1), date(year, 12, 31))
    except ValueError:  # 31/2/2021, month 13, year 0
        return None
    return None


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text as the index sees them. Any text; NFC is seen to."""
    text = normalise(text)
    return tuple(Word(typed_key(w), fold(w)) for w in WORD.findall(text))


def slug_of(text: str) -> str:
    """``"Thọ Xuân"`` → ``"tho-xuan"``: how a portal is called in sites.toml."""
    return "-".join(WORD.findall(fold(normalise(text))))


def parse(text: str) -> Query:
    """Reads any text as a query, see the module's table. Never raises.

    Of a very long text the first 2,000 characters and 64 words are used, and a note says so.
    """
    parser = _Parser()
    if len(text) > MAX_CHARACTERS:
        parser.notes.append(f"only the first {MAX_CHARACTERS:,} characters were used")
    parser.read(normalise(text[:MAX_CHARACTERS]).translate(_QUOTES))
    return parser.query()


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_ITEM = re.compile(
    r"""
    (?P<minus>-(?=[^\s-]))?
    (?P<body>
        (?P<key>[^\W\d_]+(?:-[^\W\d_]+)?):(?P<value>"[^"]*"?|[^\s"]+)
      | "(?P<phrase>[^"]*)(?:"(?:(?P<star>\*)|~(?P<within>\d+))?|$)
      | (?P<word>[^\s"]+)
    )
    """,
    re.VERBOSE,
)
_FIELDS = {
    "site": "site",
    "tu": "from",
    "from": "from",
    "den": "to",
    "to": "to",
    "tac-gia": "author",
    "author": "author",
    "chuyen-muc": "category",
    "category": "category",
    "tinh": "province",
    "province": "province",
    "co-quan": "body",
    "body": "body",
}


@dataclass(slots=True)
class _Parser:
    alternatives: list[list[Term]] = field(default_factory=lambda: [[]])
    excluded: list[Term] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    since: date | None = None
    until: date | None = None
    authors: list[tuple[Word, ...]] = field(default_factory=list)
    categories: list[tuple[Word, ...]] = field(default_factory=list)
    provinces: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words_left: int = MAX_WORDS

    def read(self, text: str) -> None:
        for item in _ITEM.finditer(text):
            key = _FIELDS.get(fold(item["key"] or ""))
            if key and self._filter(key, item):
                continue
            if item["word"] in ("OR", "|") and not item["minus"]:
                self.alternatives.append([])
                continue
            self._term(item)
        if self.words_left < 0:
            self.notes.append(f"only the first {MAX_WORDS} words were used")

    def _filter(self, key: str, item: re.Match[str]) -> bool:
        """Whether the item was used up as a filter; otherwise its words are searched for."""
        value = item["value"].strip('" ')
        if item["minus"]:
            self.notes.append(f"{item[0]}: a filter cannot be excluded; left out")
            return True
        if key in ("from", "to"):
            period = parse_period(value)
            if period is None:
                self.notes.append(f"{item[0]}: not a date; searched for as words")
                return False
            if key == "from":
                self.since = max(filter(None, (self.since, period.first)))
            else:
                self.until = min(filter(None, (self.until, period.last)))
            return True
        if not words_of(value):
            return False
        if key == "site":
            self.sites.append(slug_of(value))
        elif key == "province":
            self.provinces.append(" ".join(w.folded for w in words_of(value)))
        elif key == "body":
            self.bodies.append(slug_of(value))
        elif key == "author":
            self.authors.append(words_of(value)[:MAX_WORDS])
        else:
            self.categories.append(words_of(value)[:MAX_WORDS])
        return True

    def _term(self, item: re.Match[str]) -> None:
        phrase = item["phrase"]
        text = item["body"] if phrase is None else phrase
        words = words_of(text)
        if not words or self.words_left < 0:
            return
        self.words_left -= len(words)
        if self.words_left < 0:
            words = words[: self.words_left]
        if not words:
            return
        prefix = item["star"] is not None or text.rstrip().endswith("*")
        if prefix and len(words[-1].folded) < SHORTEST_PREFIX:
            self.notes.append(
                f"{words[-1].typed}*: give at least {SHORTEST_PREFIX} letters before *"
            )
            prefix = False
        within = None
        if item["within"] and len(words) > 1:
            within = min(int(item["within"]), MOST_WITHIN)
        term = Term(words, quoted=phrase is not None, prefix=prefix, within=within)
        (self.excluded if item["minus"] else self.alternatives[-1]).append(term)

    def query(self) -> Query:
        return Query(
            alternatives=tuple(tuple(terms) for terms in self.alternatives if terms),
            excluded=tuple(self.excluded),
            sites=tuple(dict.fromkeys(self.sites)),
            since=self.since,
            until=self.until,
            authors=tuple(self.authors),
            categories=tuple(self.categories),
            provinces=tuple(dict.fromkeys(self.provinces)),
            bodies=tuple(dict.fromkeys(self.bodies)),
            notes=tuple(self.notes),
        )
