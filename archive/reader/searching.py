"""The state of a search as it stands in the address, and what it finds."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from archive.query import parse, parse_period, words_of
from archive.reader.visit import Visit
from archive.search import Results, Sort, search

PAGE_SIZE = 20
MOST_PAGES = 500  # deeper than anybody reads; filters lead further
_FILTERS = re.compile(r"(?:^|(?<=\s))(?!https?:)[^\W\d_]+(?:-[^\W\d_]+)?:(?:\"[^\"]*\"?|\S+)")
_EXCLUDED = re.compile(r"(?:^|(?<=\s))-(?:\"[^\"]*\"?|[^\s\"]\S*)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. ``since`` and ``until`` are as typed: a year, a month or a day."""

    q: str = ""
    sites: tuple[str, ...] = ()
    province: str = ""
    category: str = ""
    since: str = ""
    until: str = ""
    files: bool = False
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    @property
    def anything(self) -> bool:
        return bool(
            self.q or self.sites or self.province or self.category or self.since or self.until
            or self.files
        )  # fmt: skip

    @property
    def filtered(self) -> bool:
        return replace(self, q="").anything

    def pairs(self) -> list[tuple[str, str | int]]:
        """The parameters of its address; what is as usual is left out."""
        pairs: list[tuple[str, str | int]] = [("q", self.q)]
        pairs += [("site", site) for site in self.sites]
        pairs += [
            ("province", self.province),
            ("category", self.category),
            ("from", self.since),
            ("to", self.until),
            ("files", "1" if self.files else ""),
            ("sort", "" if self.sort is Sort.RELEVANCE else self.sort.value),
            ("page", "" if self.page == 1 else self.page),
        ]
        return [(name, value) for name, value in pairs if value != ""]

    def address(self, path: str = "/search") -> str:
        """Without the language: the address of the same result for a program."""
        return f"{path}?{urlencode(self.pairs())}"

    def without(self, name: str, value: str = "") -> Asked:
        """One filter less, from the first page."""
        asked = replace(self, page=1)
        match name:
            case "site":
                return replace(asked, sites=tuple(s for s in self.sites if s != value))
            case "province":
                return replace(asked, province="")
            case "category":
                return replace(asked, category="")
            case "files":
                return replace(asked, files=False)
            case _:
                return replace(asked, since="", until="")

    def filtered_by(self, name: str, value: str) -> Asked:
        """One filter more, from the first page."""
        asked = replace(self, page=1)
        match name:
            case "site":
                return replace(asked, sites=(value,))
            case "province":
                return replace(asked, province=value)
            case "category":
                return replace(asked, category=value)
            case "files":
                return replace(asked, files=True)
            case _:
                return replace(asked, since=value, until=value)

    def on_page(self, page: int) -> Asked:
        return replace(self, page=page)

    def sorted_by(self, sort: str) -> Asked:
        return replace(self, sort=Sort(sort), page=1)


def asked(visit: Visit) -> Asked:
    """What the address of the visit asks for; what makes no sense is as if it were not there."""
    sort = visit.text("sort")
    return Asked(
        q=visit.text("q")[:2000],
        sites=visit.texts("site")[:20],
        province=visit.text("province"),
        category=visit.text("category"),
        since=visit.text("from"),
        until=visit.text("to"),
        files=visit.text("files") == "1",
        sort=Sort(sort) if sort in list(Sort) else Sort.RELEVANCE,
        page=visit.number("page", 1, 1, MOST_PAGES),
    )


def find(
    connection: sqlite3.Connection, asked: Asked, limit: int = PAGE_SIZE, offset: int | None = None
) -> tuple[Results, tuple[str, ...]]:
    """What is found, and the dates of the address that are none."""
    query = parse(asked.q)
    if asked.category:
        query = replace(query, categories=(*query.categories, words_of(asked.category)))
    if asked.files:
        query = replace(query, with_files=True)
    since, until = parse_period(asked.since), parse_period(asked.until)
    bad = tuple(
        text
        for text, period in ((asked.since, since), (asked.until, until))
        if text and period is None
    )
    results = search(
        connection,
        query,
        sites=_sites(connection, asked),
        since=since.first if since else None,
        until=until.last if until else None,
        limit=limit,
        offset=(asked.page - 1) * limit if offset is None else offset,
        sort=asked.sort,
    )
    return results, bad


def _sites(connection: sqlite3.Connection, asked: Asked) -> tuple[str, ...]:
    if not asked.province:
        return asked.sites
    there = [
        slug
        for (slug,) in connection.execute(
            "SELECT slug FROM site WHERE province = ?", (asked.province,)
        )
    ]
    if asked.sites:
        there = [slug for slug in there if slug in asked.sites]
    return tuple(there) or ("",)  # an empty tuple would let everything through


def loosened(asked: Asked, advice: str) -> Asked | None:
    """The search that a suggestion of archive.search advises; None for an advice not known here."""
    if advice == "without the filters":
        return Asked(q=_tidy(_FILTERS.sub("", asked.q)), sort=asked.sort)
    if advice == "without the exclusions":
        return replace(asked, q=_tidy(_EXCLUDED.sub("", asked.q)), page=1)
    if advice == "without the quotation marks":
        return replace(asked, q=_tidy(re.sub('["“”„‟«»＂]', " ", asked.q)), page=1)
    if match := re.fullmatch("only “(.+)”", advice):
        words = match[1]
        return replace(asked, q=f'"{words}"' if " " in words else words, page=1)
    return None


def _tidy(text: str) -> str:
    return " ".join(text.split())
