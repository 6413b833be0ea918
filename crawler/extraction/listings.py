"""What a listing lists: linked headlines with the dates printed beside them, and its next page.

A section of a portal shows its entries in one column, in the same markup, entry after entry; the
boxes beside it (most read, notices, other sections) do too. So linked headlines are grouped by the
markup that they stand in, and the group that weighs most names the column. What an entry prints
besides its headline stands in the part of the page that holds this headline and no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archive.urls import host_of, url_key
from archive.vietnamese import fold, normalise
from crawler.extraction.anchors import Anchors
from crawler.extraction.attachments import is_document
from crawler.extraction.blocks import Blocks, Item, Kind, Part
from crawler.extraction.bylines import is_furniture_line, is_stop_line
from crawler.extraction.dates import LAST_YEAR, PrintedDate, find_dates
from crawler.extraction.marks import Mark
from crawler.extraction.page import Page
from crawler.links import is_page_address, resolve
from crawler.paging import guessed_next

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADLINE = 24  # characters; names of sections are shorter
_LONG_HEADLINE = 45  # … and entries of menus
_LONGEST_HEADLINE = 250
_LONGEST = 400
_CHROME = Mark.HEADER | Mark.FOOTER | Mark.NAVIGATION | Mark.COMMENTS | Mark.TOOLS
_BESIDE = Mark.SIDEBAR | Mark.OTHER_NEWS
_READ_ON = re.compile(
    r"\W*(?:(?:xem|doc)(?: (?:chi tiet|tiep|them|toan bo|noi dung))?|chi tiet|read more|more|tai ve|download|\d+ (?:binh luan|comments?))\W*"
)
_DATE_AT_END = re.compile(r"[\s\-–|(\[]*$")
_NEXT_WORDS = re.compile(
    r"(?:(?:xem )?(?:trang )?(?:sau|tiep|tiep theo|ke tiep|cu hon)(?: trang)?|(?:go to )?next(?: page)?|older(?: posts)?"
    r"|xem them)(?: ?[›>»]+)?|[›>]|»|>>"
)
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the canonical address of the article, its headline, and the date printed beside it
    (as `crawler.extraction.dates.PrintedDate.value`), None where none is."""

    url: str
    title: str
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries in the order of the page, each address once; and the address of the next page,
    None on the last one and where only a form leads there (see `crawler.paging.postbacks`)."""

    entries: tuple[Entry, ...]
    next_url: str | None = None


def find_entries(
    page: Page, *, headlines: tuple[str, ...] = (), next_parameter: str = ""
) -> Listing:
    """The listing on a page, empty where it shows none.

    ``headlines`` are names (class or id) of the elements that hold the headlines, where a platform
    has such; ``next_parameter`` is the query parameter that numbers its pages from 1, for a pager
    that leads there by script alone.
    """
    blocks = page.blocks
    anchors = Anchors(page, blocks, LAST_YEAR)
    candidates = _candidates(anchors)
    named = {
        index for part in blocks.named(*headlines) for index in range(part.start, max(part.end, part.start + 1))
    } if headlines else set()  # fmt: skip
    chosen = [c for c in candidates if c.item.index in named] or _column(blocks, candidates)
    entries = _entries(anchors, chosen)
    return Listing(entries, _next_url(page, next_parameter) if entries else None)


@dataclass(frozen=True, slots=True)
class _Candidate:
    item: Item
    url: str
    label: str
    dated: bool


def _candidates(anchors: Anchors) -> list[_Candidate]:
    """Lines whose link may be a headline, without menus and what belongs to no list."""
    found: list[_Candidate] = []
    for item in anchors.blocks.items:
        if item.kind is not Kind.TEXT or not item.links:
            continue
        reference, label = max(item.links, key=lambda link: len(link[1]))
        if not 4 <= len(label) <= _LONGEST or anchors.is_here(reference) or is_document(reference):
            continue
        if len(label) * 2 < len(item.text) and not item.text.startswith(label):
            continue  # a link in running text
        if item.index in anchors.dated and sum(map(str.isalpha, _without_dates(label))) < 4:
            continue  # the date of an entry that is a link as a whole
        folded = fold(label)
        if _READ_ON.fullmatch(folded) or is_furniture_line(label) or is_stop_line(label):
            continue
        url = resolve(anchors.page.url, reference)
        if url is None or not is_page_address(url) or host_of(url) != host_of(anchors.page.url):
            continue
        dated = (
            item.index in anchors.dated
            or bool(find_dates(item.text))
            or _is_dated_below(anchors, item.index)
            or _is_in_dated_row(anchors, item)
        )
        least = _LONG_HEADLINE if item.part.around & _CHROME else _HEADLINE
        if (
            len(label) >= least
            or dated
            or (item.part.tag in _HEADING_TAGS and not item.part.around & _CHROME)
        ):
            found.append(_Candidate(item, url, label, dated))
    return found


def _is_dated_below(anchors: Anchors, index: int) -> bool:
    """Whether a date follows before the next link."""
    for item in anchors.blocks.items[index + 1 : index + 4]:
        if item.index in anchors.dated:
            return True
        if item.links and anchors.leads_elsewhere(item, 4):
            return False
    return False


def _is_in_dated_row(anchors: Anchors, item: Item) -> bool:
    """Whether the row of a table has a cell with a date, as lists of documents have."""
    row: Part | None = item.part
    while row is not None and row.tag != "tr":
        row = row.parent
    return (
        row is not None
        and row.end - row.start <= 10
        and any(index in anchors.dated for index in range(row.start, row.end))
    )


def _without_dates(text: str) -> str:
    for date in reversed(find_dates(text, last_year=LAST_YEAR)):
        text = text[: date.start] + text[date.end :]
    return text


def _column(blocks: Blocks, candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates of the main column."""
    groups: dict[tuple[str, ...], list[_Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(_markup(candidate.item.part), []).append(candidate)
    if not groups:
        return []
    main = max(groups.values(), key=lambda group: _weight(blocks, group))
    if len(main) == 1 and not main[0].dated:
        return []
    column = main[0].item.part
    for candidate in main[1:]:
        column = blocks.common(column, candidate.item.part)
    column = _with_first_entry(blocks, column, candidates)
    return [c for c in candidates if column.start <= c.item.index < column.end]


def _markup(part: Part) -> tuple[str, ...]:
    """The tags and names around a line, five levels up: alike for entries of one list."""
    path: list[str] = []
    current: Part | None = part
    while current is not None and len(path) < 5:
        name = re.sub(r"\d+|\b(?:odd|even|first|last|active|alt)\b", "", current.name)
        path.append(f"{current.tag}.{' '.join(name.split())}")
        current = current.parent
    return tuple(path)


def _weight(blocks: Blocks, group: list[_Candidate]) -> float:
    """How much a list looks like what the page is there for: long headlines, dates, leads."""
    weight = 0.0
    for candidate in group:
        item = candidate.item
        following = blocks.items[item.index + 1 : item.index + 4]
        worth = min(len(candidate.label), 120) / 60
        worth += 1.0 if candidate.dated else 0.0
        worth += 1.5 if any(other.is_prose for other in following) else 0.0
        worth += 0.5 if item.part.tag in _HEADING_TAGS else 0.0
        # Names lie: the whole column of krongno.daknong.gov.vn lies in what is called a toolbar.
        if item.part.around & (_BESIDE | _CHROME) and not candidate.dated:
            worth *= 0.3
        elif item.part.around & _BESIDE:
            worth *= 0.6
        weight += worth
    return weight


def _with_first_entry(blocks: Blocks, column: Part, candidates: list[_Candidate]) -> Part:
    """The column, with an entry that stands above its list in a markup of its own: the newest, with
    a large picture. Boxes beside the list have a heading, and bring more than one or two entries."""
    parent = column.parent
    for _ in range(3):
        if parent is None:
            return column
        added = [
            c
            for c in candidates
            if parent.start <= c.item.index < parent.end
            and not column.start <= c.item.index < column.end
        ]
        if len(added) > 2 or any(c.item.index >= column.end for c in added):
            return column
        if added:
            between = blocks.items[added[0].item.index : column.start]
            if any(
                is_stop_line(i.text) or (i.part.tag in _HEADING_TAGS and not i.links)
                for i in between
            ):
                return column
            return parent
        parent = parent.parent
    return column


def _entries(anchors: Anchors, chosen: list[_Candidate]) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    own = {c.item.index: c for c in chosen}
    before = _dates_stand_before(anchors, chosen)
    for at, candidate in enumerate(chosen):
        printed = _date_beside(anchors, candidate, own, chosen, at, before=before)
        title, inner = _headline(candidate)
        date = inner or printed
        entry = Entry(candidate.url, title, date.value if date is not None else None)
        try:
            key = url_key(candidate.url)
        except ValueError:
            continue
        known = found.get(key)
        if known is None:
            found[key] = entry
        else:
            # Number and subject of a document are two links to one page.
            better = len(known.title) < _HEADLINE <= len(entry.title) <= _LONGEST_HEADLINE
            found[key] = Entry(
                known.url, entry.title if better else known.title, known.date or entry.date
            )
    return tuple(found.values())


def _headline(candidate: _Candidate) -> tuple[str, PrintedDate | None]:
    """The headline without a date that is part of the link: "Ra quân làm thủy lợi (12/05/2021)"."""
    label = candidate.label
    dates = find_dates(label, last_year=LAST_YEAR)
    if dates and not re.search(r"\w", label[dates[-1].end :]):
        bare = _DATE_AT_END.sub("", label[: dates[-1].start])
        opened = label[: dates[-1].start].rstrip()[-1:] in "(-–|["
        if len(bare) >= 4 and (opened or dates[-1].label):
            return bare, dates[-1]
    if (
        dates
        and not label[: dates[0].start].strip(" ([")
        and re.search(r"\w", label[dates[0].end :])
    ):
        return label[dates[0].end :].lstrip(" )]:-–|"), dates[0]
    rest = find_dates(candidate.item.text, last_year=LAST_YEAR)
    outside = [date for date in rest if date.raw not in label]
    return label, outside[0] if outside else None


def _entry_part(part: Part, item: Item, own: dict[int, _Candidate]) -> Part:
    """The largest part that holds this headline and none of another article."""
    current = part
    while current.parent is not None:
        outer = current.parent
        if any(
            index in own and own[index].url != own[item.index].url
            for index in range(outer.start, outer.end)
        ):
            break
        current = outer
    return current


def _date_beside(
    anchors: Anchors,
    candidate: _Candidate,
    own: dict[int, _Candidate],
    chosen: list[_Candidate],
    at: int,
    *,
    before: bool,
) -> PrintedDate | None:
    item = candidate.item
    part = _entry_part(item.part, item, own)
    if len(chosen) > 1 and part.end - part.start > 1:
        inside = [i for i in range(part.start, part.end) if i in anchors.dated and i != item.index]
        return (
            anchors.dated[min(inside, key=lambda i: abs(i - item.index))].dates[0]
            if inside
            else None
        )
    # A flat list: headline, date, lead, headline, … or date, headline, …
    items = anchors.blocks.items
    if before:
        low = chosen[at - 1].item.index + 1 if at else max(item.index - 3, 0)
        near = range(item.index - 1, low - 1, -1)
    else:
        high = (
            chosen[at + 1].item.index if at + 1 < len(chosen) else min(item.index + 4, len(items))
        )
        near = range(item.index + 1, min(high, item.index + 6))
    index = next((i for i in near if i in anchors.dated), None)
    return anchors.dated[index].dates[0] if index is not None else None


def _dates_stand_before(anchors: Anchors, chosen: list[_Candidate]) -> bool:
    """Whether in a flat list the date stands above its headline: above the first, below the last."""
    if not chosen:
        return False
    first, last = chosen[0].item.index, chosen[-1].item.index
    above = any(i in anchors.dated for i in range(max(first - 2, 0), first))
    below = any(i in anchors.dated for i in range(last + 1, last + 4))
    return above and not below


# -- the next page ------------------------------------------------------------------------------


def _next_url(page: Page, parameter: str) -> str | None:
    home = f"{page.address.scheme}://{page.address.netloc}/"
    try:
        here, start = url_key(page.url), url_key(home)
    except ValueError:
        return None
    if (guess := guessed_next(page.tree, page.url, home)) is not None:
        return guess
    for target in _next_links(page.tree, page.url):
        if url_key(target) not in {here, start} and is_page_address(target):
            return target
    if parameter and _has_further_number(page.tree, page.url):
        return _numbered(page.url, parameter)
    return None


def _next_links(root: _Element, url: str) -> Iterator[str]:
    """Addresses that links to a next page have, the surest first."""
    by_relation: list[str] = []
    by_word: list[str] = []
    numbers: dict[int, str] = {}
    for link in root.iter("a", "link"):
        target = resolve(url, link.get("href") or "")
        if target is None or host_of(target) != host_of(url):
            continue
        if "next" in (link.get("rel") or "").lower().split():
            by_relation.append(target)
        if link.tag != "a" or not _alike(target, url):
            continue
        label = fold(normalise("".join(str(piece) for piece in link.itertext()))).strip(" .[]")
        if label.isdecimal() and len(label) <= 5:
            numbers.setdefault(int(label), target)
        elif label and _NEXT_WORDS.fullmatch(label):
            by_word.append(target)
    yield from by_relation
    following = _this_page(numbers, url) + 1
    if following in numbers:
        yield numbers[following]
    yield from by_word


def _this_page(numbers: dict[int, str], url: str) -> int:
    """The number of this page: the one that its pager does not link to, or links to itself."""
    here = url_key(url)
    for number, target in numbers.items():
        if url_key(target) == here:
            return number
    missing = 1
    while missing in numbers:
        missing += 1
    if missing < max(numbers, default=0):
        return missing
    return max(missing, _page_number(url))


_PAGE_IN_PATH = re.compile(r"/(?:page|trang)[-/](\d{1,5})/?$")
_PAGE_PARAMETERS = re.compile(
    r"(?:page|pageindex|p|trang|paged|\w*_cur|curpage|pagenumber)", re.IGNORECASE
)


def _page_number(url: str) -> int:
    """Which page of a listing an address says that it is, 1 where it does not say."""
    parts = urlsplit(url)
    if found := _PAGE_IN_PATH.search(parts.path):
        return int(found[1])
    for key, value in parse_qsl(parts.query):
        if _PAGE_PARAMETERS.fullmatch(key) and value.isdecimal() and len(value) <= 5:
            return int(value)
    return 1


def _alike(target: str, url: str) -> bool:
    """Whether a link leads to a page of the same listing: same path but for a page number."""
    one, two = urlsplit(target), urlsplit(url)
    bare = [_PAGE_IN_PATH.sub("", part.path.lower()).rstrip("/") for part in (one, two)]
    return bare[0] == bare[1]


def _numbered(url: str, parameter: str) -> str:
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query) if k.lower() != parameter.lower()]
    query = urlencode([*kept, (parameter, str(_page_number(url) + 1))])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _has_further_number(root: _Element, url: str) -> bool:
    """Whether a pager, by whatever script, offers the number of the next page."""
    wanted = str(_page_number(url) + 1)
    return any(
        "".join(str(piece) for piece in link.itertext()).strip() == wanted
        for link in root.iter("a")
    )
