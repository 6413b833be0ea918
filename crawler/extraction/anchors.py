"""Where the title, the dates and the category of an article stand on its page.

No single sign is trusted: ``<title>`` is the site's name on the portals measured, ``og:`` data is
absent or copied, class names change with every redesign. What holds is the neighbourhood: a title
stands beside the date of its article, above its text, and the address is often made from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from archive.urls import url_key
from archive.vietnamese import fold
from crawler.extraction.attachments import is_document
from crawler.extraction.blocks import Blocks, Item, Kind, Part, marks_between
from crawler.extraction.bylines import is_byline, is_furniture_line, is_source_credit
from crawler.extraction.date_lines import Dated, find_dated
from crawler.extraction.dates import PrintedDate, label_role
from crawler.extraction.marks import CHROME, Mark
from crawler.extraction.page import Page
from crawler.extraction.page_head import declared_titles
from crawler.links import resolve
from crawler.slugs import likeness, slug_words, words

_LONG_LINK = 20  # characters: shorter links are menu entries, tags, breadcrumbs
#: The name of a portal, folded: never the title of an article, unless its address says so.
SITE_NAME = re.compile(
    r"(?:chao mung|cong|trang|website|kenh)\b.{0,24}?(?:thong tin|dien tu|tin tuc|giao tiep|tttt|ttdt)"
    r"|(?:uy ban nhan dan|ubnd)\s+(?:tinh|huyen|thi xa|thanh pho|quan|xa|phuong|thi tran)\s+[\w\s’'-]{2,24}$"
)
_NOWHERE = re.compile(r"(?:javascript|mailto|tel|data|about|void)\s*:", re.IGNORECASE)
_HEADING_WORTH = {"h1": 2.0, "h2": 1.6, "h3": 1.2, "h4": 0.8, "h5": 0.5, "h6": 0.3}
_ENOUGH = 2.5  # score below which a line is not taken for a title
_BEST_DATE_WORTH = 3.2  # what `Anchors._date_worth` adds at most


@dataclass(frozen=True, slots=True)
class Title:
    """The title of an article: its text and the items ``start`` to ``end`` that print it.

    ``likeness`` (0..1) compares it with the last segment of the address. ``declared`` says that
    the page's head names it too.
    """

    text: str
    start: int
    end: int
    part: Part
    score: float
    likeness: float
    declared: bool
    heading: bool


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of an article, and the items in which they are printed."""

    published: PrintedDate | None = None
    updated: PrintedDate | None = None
    indexes: tuple[int, ...] = ()


class Anchors:
    """Evidence about one page, gathered once."""

    def __init__(self, page: Page, blocks: Blocks, last_year: int) -> None:
        self.page = page
        self.blocks = blocks
        self.dated = find_dated(blocks, last_year)
        self.slug = slug_words(page.address.path)
        try:
            self.key = url_key(page.url)
        except ValueError:
            self.key = page.url
        ending = unquote(page.address.path).rstrip("/").rpartition("/")[2].lower()
        self._ending = ending if ending.isascii() else ""
        self._here: dict[str, bool] = {}
        self._declared = [words(text) for text in declared_titles(blocks)]
        self._document = " ".join(words(blocks.heads.get("title", "")))

    # -- links ------------------------------------------------------------------------------

    def leads_elsewhere(self, item: Item, least: int = _LONG_LINK) -> bool:
        """Whether the line is (mostly) a link of some length to another page."""
        size = len(item.text)
        for reference, text in item.links:
            if len(text) >= least and len(text) * 2 >= size and not self.is_here(reference):
                return True
        return False

    def is_own_host(self, item: Item) -> bool:
        """Whether the links of a line lead to this portal."""
        host = self.page.address.netloc
        addresses = [resolve(self.page.url, reference) for reference, _ in item.links]
        return all(address is None or urlsplit(address).netloc == host for address in addresses)

    def is_here(self, reference: str) -> bool:
        """Whether a reference leads to this very page, or nowhere."""
        known = self._here.get(reference)
        if known is None:
            known = self._here[reference] = self._leads_here(reference)
        return known

    def _leads_here(self, reference: str) -> bool:
        if not reference or reference.startswith("#"):
            return True
        # An address that does not end alike is not worth being made canonical.
        if self._ending and "%" not in reference and self._ending not in reference.lower():
            return _NOWHERE.match(reference) is not None
        address = resolve(self.page.url, reference)
        if address is None:
            return True
        try:
            return url_key(address) == self.key
        except ValueError:
            return False

    # -- title ------------------------------------------------------------------------------

    def find_title(self) -> Title | None:
        """The line that is most likely the title of an article; None where nothing is likely."""
        best: Title | None = None
        for text, start, end, part in self._candidates():
            least = _ENOUGH if best is None else max(_ENOUGH, best.score + 1e-9)
            title = self._weigh(text, start, end, part, least)
            if title is not None and title.score >= least:
                best = title
        return best

    def title_at(self, part: Part) -> Title | None:
        """The title that a platform's markup names; None where the part is empty."""
        text = self.blocks.text_of(part)
        if not text:
            return None
        told = words(text)
        return Title(
            text,
            part.start,
            max(part.end, part.start + 1),
            part.parent if part.inline and part.parent else part,
            10.0,
            self._likeness(told),
            self._is_declared(told),
            True,
        )

    def _candidates(self) -> list[tuple[str, int, int, Part]]:
        items = self.blocks.items
        found = []
        for part in self.blocks.parts:
            size = part.end - part.start
            if (
                1 < size <= 4
                and not part.inline
                and (part.tag in _HEADING_WORTH or part.marks & Mark.TITLE)
            ):
                lines = items[part.start : part.end]
                # A heading that is broken over several lines.
                if all(
                    i.kind is Kind.TEXT and not i.is_prose and i.index not in self.dated
                    for i in lines
                ):
                    found.append((" ".join(i.text for i in lines), part.start, part.end, part))
        found.extend(
            (item.text, item.index, item.index + 1, item.part)
            for item in items
            if item.kind is Kind.TEXT and item.index not in self.dated
        )
        return found

    def _weigh(self, text: str, start: int, end: int, part: Part, least: float) -> Title | None:
        """The line as a title; None where its score cannot reach ``least``."""
        size = len(text)
        first = self.blocks.items[start]
        if not 4 <= size <= 400 or (
            first.links
            and (self.leads_elsewhere(first, 4) or any(is_document(r) for r, _ in first.links))
        ):
            return None
        if sum(map(str.isalpha, text[:80])) < 3:
            return None
        own, heading = self._own_marks(first, part, start, end)
        around = part.around
        score = 0.0
        told = words(text)
        alike = self._likeness(told)
        if alike < 0.5 and SITE_NAME.match(fold(text)):
            return None
        if alike > 0.5:
            # A slug of two words is as often that of the section ("dac-san").
            score += (1.0 + 3.0 * alike) * min(1.0, len(self.slug) / 5)
        declared = self._is_declared(told)
        if declared:
            score += 2.0
        score += heading
        if around & Mark.CATEGORY:
            score -= 1.5
        elif own & Mark.TITLE:
            score += 1.2
        if (Mark.SAPO | Mark.AUTHOR | Mark.CAPTION | Mark.DATE) & own:
            score -= 1.0
        if around & CHROME:
            score -= 3.0
        if size >= 25:
            score += 1.0
        elif size < 12:
            score -= 0.7
        before = self.blocks.items[start - 1] if start else None
        if before is not None and before.is_prose and before.part.parent is part.parent:
            score -= 2.0  # a line that goes on with a text
        if first.is_prose and size > 100 and text.endswith("."):
            score -= heading  # a lead that is set as a heading
        if first.is_prose and text.endswith((".", ";", ":")):
            score -= 2.0 if size > 160 else 1.5 if size > 100 else 0.7
        elif size > 260:
            score -= 1.0
        if text.endswith(":"):
            score -= 1.0
        if first.bold_chars * 10 >= len(first.text) * 9 or part.bold:
            score += 0.3
        if self.blocks.prose_chars(end, min(end + 12, len(self.blocks.items))) > 0:
            score += 0.5
        if score + _BEST_DATE_WORTH < least:
            return None
        score += self._date_worth(start, end, part)
        if score < least or is_furniture_line(text):
            return None
        if is_byline(text) or is_source_credit(text):
            score -= 3.0
        return Title(text, start, end, part, score, alike, declared, heading > 0)

    def _own_marks(self, first: Item, part: Part, start: int, end: int) -> tuple[int, float]:
        """The marks of the elements that hold this line and nothing else."""
        marks = first.marks
        heading = 0.0
        current: Part | None = part
        while current is not None and current.start == start and current.end <= end:
            marks |= current.marks
            heading = max(heading, _HEADING_WORTH.get(current.tag, 0.0))
            current = current.parent
        if not heading and part.tag in _HEADING_WORTH:  # heading and date in one element
            heading = _HEADING_WORTH[part.tag] / 2
        return marks, heading

    def _date_worth(self, start: int, end: int, part: Part) -> float:
        """What a date line beside the candidate adds."""
        best = 0.0
        for index in range(end, min(end + 6, len(self.blocks.items))):
            if index in self.dated:
                if self.says_other(index):
                    continue
                if not self._belongs_to_link(index, part):
                    distance = index - end
                    worth = 3.2 if self.dated[index].labelled else 2.2
                    if self._same_row(index, part):
                        worth -= 1.0  # section and date in one bar above the title
                    if end - start == 1 and self._heads_a_title(start, index):
                        worth -= 1.5
                    best = max(best, worth - 0.7 * distance)
                break
            if self._ends_neighbourhood(index) and not (
                self._leads_to_date(index, end) and self.blocks.items[index].text.endswith(".")
            ):
                break
        if not best and self._is_dated_below(end):
            best = 1.2
        for index in range(start - 1, max(start - 4, -1), -1):
            if index in self.dated:
                if self._stands_before(index, part) and not self._belongs_to_link(index, part):
                    worth = 2.2 if self.dated[index].labelled else 1.7
                    best = max(best, worth - 0.4 * (start - 1 - index))
                break
            if self._ends_neighbourhood(index):
                break
        return best

    def _is_dated_below(self, end: int) -> bool:
        """Whether running text begins at item ``end`` and ends with a date line of its own."""
        items = self.blocks.items
        while end < len(items) and (
            items[end].kind is not Kind.TEXT
            or is_furniture_line(items[end].text)
            or (items[end - 1].kind is Kind.PICTURE and len(items[end].text) < 200)  # its caption
        ):
            end += 1
        if end >= len(items) or not items[end].is_prose:
            return False
        for item in items[end : end + 60]:
            if self._is_marked(item.index) and self.dated[item.index].labelled:
                return True
            if item.is_link or self.leads_elsewhere(item):
                return False
        return False

    def _heads_a_title(self, start: int, date: int) -> bool:
        """Whether a short line and a date stand above what looks more like the title."""
        items = self.blocks.items
        line = items[start].text
        after = date + 1
        while after < min(date + 4, len(items)) and is_furniture_line(items[after].text):
            after += 1
        following = items[after] if after < len(items) else None
        if following is None or following.kind is not Kind.TEXT or len(line) >= 30:
            return False
        text = following.text
        return (
            len(line) < len(text) <= 260
            and not text.endswith((".", ":", ";"))
            and not following.links
            and (
                following.part.tag in _HEADING_WORTH
                or following.bold_chars * 10 >= len(text) * 9
                or bool((following.marks | following.part.marks) & Mark.TITLE)
            )
        )

    def _same_row(self, index: int, part: Part) -> bool:
        """Whether a date stands in the cell beside the candidate, not below it."""
        cell = self.blocks.items[index].part
        return cell.tag == "td" and part.tag == "td" and cell.parent is part.parent is not None

    def _ends_neighbourhood(self, index: int) -> bool:
        item = self.blocks.items[index]
        return item.is_prose or (item.kind is Kind.TEXT and self.leads_elsewhere(item))

    def _stands_before(self, index: int, part: Part) -> bool:
        """A date above the title is the article's only if both begin a part of the page together;
        the clock in a page's header shares nothing with the title but the page."""
        dated = self.blocks.items[index]
        common = self.blocks.common(dated.part, part)
        if not self.dated[index].labelled:
            printed = self.dated[index].dates[0]
            most = 8
            if printed.weekday_agrees is not None:
                # "Thứ Bảy, 20/11/2021", or with seconds, above a heading is a clock; articles
                # that print the weekday print hour and minute.
                if not printed.value.endswith(":00+07:00"):
                    return False
                most = 6
            if (common.end - common.start) * 10 > most * len(self.blocks.items):
                return False
        return common.start >= index - 3 and not marks_between(
            self.blocks.items[index].part, common
        ) & (CHROME & ~Mark.TOOLS)

    def _belongs_to_link(self, index: int, part: Part) -> bool:
        """Whether the date is that of a linked headline: of an entry in a list of news."""
        items = self.blocks.items
        dated = items[index]
        if self.leads_elsewhere(dated, 12):
            return True
        with_title = self.blocks.common(dated.part, part)
        for near in (index + 1, index - 1):
            if not 0 <= near < len(items):
                continue
            item = items[near]
            if item.kind is Kind.TEXT and self.leads_elsewhere(item):
                together = self.blocks.common(dated.part, item.part)
                if together.depth > with_title.depth:
                    return True
                # A headline, its date, its lead, one after the other in the box of a list.
                beside = item.part is dated.part or item.part.parent in (
                    dated.part,
                    dated.part.parent,
                )
                if near < index and beside and self.leads_elsewhere(item, 30):
                    return True
        return False

    def says_other(self, index: int) -> bool:
        """Whether the cell or line before a date says that it dates something else: the table of
        a legal document has "Ngày ban hành | 24/5/2018"."""
        if self.dated[index].labelled or index == 0:
            return False
        item, before = self.blocks.items[index], self.blocks.items[index - 1]
        if before.kind is not Kind.TEXT or len(before.text) > 40 or before.links:
            return False
        label = before.text.rstrip(" :")
        if label_role(label) or label.lower() == "ngày":
            return False
        return before.text.endswith(":") or (
            item.part is not before.part
            and item.part.parent is before.part.parent
            and item.part.tag in ("td", "th", "dd", "span")
            and re.search(r"\b(?:ngay|thoi gian|hieu luc|han|nam sinh)\b", fold(label)) is not None
        )

    def _likeness(self, told: list[str]) -> float:
        return likeness(told, self.slug) if len(self.slug) >= 2 else 0.0

    def _is_declared(self, found: list[str]) -> bool:
        if len(found) < 3:
            return False
        if found in self._declared:
            return True
        joined = " ".join(found)
        return self._document.startswith(joined) or (len(found) >= 6 and joined in self._document)

    # -- dates ------------------------------------------------------------------------------

    def find_dates(self, title: Title) -> Dates:
        """The dates printed beside the title: below it, or above it in the same box."""
        found: list[Dated] = []
        items = self.blocks.items
        # The line of the title itself: "Title (30/07/2019)" in one element is two items at most.
        for index in range(title.end, min(title.end + 12, len(items))):
            if index in self.dated:
                if self._belongs_to_link(index, title.part):
                    break
                if self.says_other(index):
                    continue
                if found and not self.dated[index].labelled:
                    break  # a cell of a table, a line of the text
                found.append(self.dated[index])
                if len(found) >= 3:
                    break
            elif self._ends_neighbourhood(index) and not self._leads_to_date(index, title.end):
                break
        after = list(found)
        for index in range(title.start - 1, max(title.start - 6, -1), -1):
            if index in self.dated:
                if self._stands_before(index, title.part) and not self._belongs_to_link(
                    index, title.part
                ):
                    found.append(self.dated[index])
                break
            if self._ends_neighbourhood(index):
                break
        return _choose(after, found)

    def _leads_to_date(self, index: int, end: int) -> bool:
        """A lead paragraph may stand between a title, which ends at item ``end``, and its date: then
        a date line follows it that a label or a name marks as one."""
        return index <= end + 1 and self._is_marked(index + 1) and self.blocks.items[index].is_prose

    def _is_marked(self, index: int) -> bool:
        dated = self.dated.get(index)
        if dated is None:
            return False
        item = self.blocks.items[index]
        return dated.labelled or bool((item.marks | item.part.marks) & Mark.DATE)

    def date_below(self, title: Title, last: int) -> Dates:
        """A marked date line at the foot of the text, whose last item is ``last``."""
        end = min(last + 4, len(self.blocks.items))
        found = [
            self.dated[index]
            for index in range(max(title.end, last - 5), end)
            if self._is_marked(index)
            and not self._belongs_to_link(index, title.part)
            and not any(map(self.leads_elsewhere, self.blocks.items[max(index - 2, 0) : index]))
        ]
        return _choose(found, found)


def _choose(after: list[Dated], found: list[Dated]) -> Dates:
    """Publication and update among the date lines beside a title. A label decides; without one
    the nearest line below the title is the publication, then the line above."""
    pool = [(printed, dated.index) for dated in found for printed in dated.dates]
    if not pool:
        return Dates()
    published = next((p for p in pool if label_role(p[0].label) == "published"), None)
    updated = next((p for p in pool if label_role(p[0].label) == "updated"), None)
    if published is None:
        plain = [p for p in pool if not label_role(p[0].label)]
        near = [p for p in plain if any(p[1] == dated.index for dated in after)]
        published = next(iter(near or plain), None)
    if published is None:
        published, updated = updated, None
    indexes = tuple(sorted({dated.index for dated in found}))
    return Dates(published[0] if published else None, updated[0] if updated else None, indexes)
