"""Where the title, the dates and the category of an article stand on its page.

No single sign is trusted: ``<title>`` is the site's name on the portals measured, ``og:`` data is
absent or copied, class names change with every redesign. What holds is the neighbourhood: a title
stands beside the date of its article, above its text, and the address is often made from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.vietnamese import fold
from crawler.extraction.attachments import is_document
from crawler.extraction.blocks import Item, Kind, Part, tidy
from crawler.extraction.bylines import (
    is_byline,
    is_furniture_line,
    is_source_credit,
)
from crawler.extraction.date_lines import Dated
from crawler.extraction.dates import PrintedDate, find_dates, label_role
from crawler.extraction.evidence import DATE_BEHIND, Evidence
from crawler.extraction.marks import CHROME, Mark
from crawler.extraction.page_head import document_titles
from crawler.slugs import words

#: The name of a portal, folded: never the title of an article, unless its address says so.
SITE_NAME = re.compile(
    r"(?:chao mung|cong|trang|website|kenh)\b.{0,24}?(?:thong tin|dien tu|tin tuc|giao tiep|tttt|ttdt)"
    r"|(?:uy ban nhan dan|ubnd)\s+(?:tinh|huyen|thi xa|thanh pho|quan|xa|phuong|thi tran)\s+[\w\s’'-]{2,24}$"
)
_BODY_NAME = re.compile(
    r"(?i:huyện|thị xã|thành phố|quận)((?:\s[^\W\d_]{1,8}){1,4})"
)  # "Huyện Mẫu"
_HEADING_WORTH = {"h1": 2.0, "h2": 1.6, "h3": 1.2, "h4": 0.8, "h5": 0.5, "h6": 0.3}
_ENOUGH = 2.5  # score below which a line is not taken for a title
_SURELY_ALIKE = 0.8
_TELLING_SLUG = 5  # words
_BEST_DATE_WORTH = 3.2  # what `Anchors._date_worth` adds at most
_SUBJECT = re.compile(
    r"\W*(?:trich yeu(?: noi dung)?|tieu de|chu de|ten (?:van ban|thu tuc|bai|du an)|ve viec|cau hoi)\W*"
)
_TRAIL_BEGINS = re.compile(r"(?i:trang (?:chủ|nhất|chính)|home)\s?[»›>/|→:-]")  # a breadcrumb
_LETTERS = re.compile(r"(?:[\W\d_]*+[^\W\d_]){3}")


@lru_cache(maxsize=4096)  # most lines of a page stand on all pages of its portal
def _told(line: str) -> tuple[list[str], bool]:
    """The words of a line, for comparison, and whether it is the name of a portal."""
    body = _BODY_NAME.fullmatch(line)
    return words(line), (
        SITE_NAME.match(fold(line)) is not None
        or (body is not None and all(word[0].isupper() for word in body[1].split()))
    )


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
    """The dates of an article, and the items in which they are printed. ``stated``: by an attribute
    of a ``<time>``, whatever is printed there."""

    published: PrintedDate | None = None
    updated: PrintedDate | None = None
    indexes: tuple[int, ...] = ()
    stated: bool = False


class Anchors(Evidence):
    """Title and dates, found by the evidence about a page."""

    def find_title(self) -> Title | None:
        """The line that is most likely the title of an article; None where nothing is likely."""
        best: Title | None = None
        for text, start, end, part in self._candidates():
            least = _ENOUGH if best is None else max(_ENOUGH, best.score + 1e-9)
            title = self._weigh(text, start, end, part, least)
            if title is not None and title.score >= least:
                best = title
        return best

    def title_in_head(self) -> Title | None:
        """The title that only the head of the page has, where the address was made from it: on the
        page it is a picture, or missing. It stands before the first running text outside of menus."""
        text = max(
            document_titles(self.blocks), key=lambda told: self.likeness_to_address(words(told))
        )
        alike = self.likeness_to_address(words(text))
        first = next(
            (
                i
                for i in self.blocks.items
                if i.is_prose and not i.part.around & CHROME and not i.links
            ),
            None,
        )
        if alike < _SURELY_ALIKE or len(self.slug) < _TELLING_SLUG or first is None:
            return None
        at = first.index
        while at and first.index - at < 3 and at - 1 in self.dated:
            at -= 1
        part = self.blocks.items[at].part
        return Title(text, at, at, part, _ENOUGH, alike, True, False)

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
            self.likeness_to_address(told),
            self.is_declared(told),
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
        for item in items:
            if item.kind is Kind.TEXT and item.index not in self.dated:
                text = item.text
                if text.endswith((")", "]")) and not item.links:
                    text = DATE_BEHIND.sub("", text)
                found.append((text, item.index, item.index + 1, item.part))
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
        if _LETTERS.match(text, 0, 80) is None or _TRAIL_BEGINS.match(text):
            return None
        own, heading = self._own_marks(first, part, start, end)
        around = part.around
        score = 0.0
        told, names_a_site = _told(text)
        alike = self.likeness_to_address(told)
        if alike < 0.5 and names_a_site:
            return None
        if alike > 0.5:
            # A slug of two words is as often that of the section ("dac-san").
            score += (1.0 + 3.0 * alike) * min(1.0, len(self.slug) / 5)
        declared = self.is_declared(told) or self._is_subject(first, size)
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
        if (
            before is not None
            and before.is_prose
            and before.part.parent is part.parent
            and not _TRAIL_BEGINS.match(before.text)
        ):
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

    def _is_subject(self, item: Item, size: int) -> bool:
        """Whether a row of two cells names the line as the subject of a document or a question."""
        before = self.blocks.items[item.index - 1] if item.index else None
        if before is None or not size >= 20 or len(before.text) > 30 or before.part is item.part:
            return False
        row = item.part.parent
        return (
            row is not None
            and row is before.part.parent
            and row.tag in ("tr", "dl", "div", "li", "p")
            and (row.tag == "dl" or row.end - row.start == 2)
            and _SUBJECT.fullmatch(fold(before.text)) is not None
        )

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
                if not self.belongs_to_link(index, part):
                    distance = index - end
                    worth = 3.2 if self.dated[index].labelled else 2.2
                    if self._same_row(index, part):
                        worth -= 1.0  # section and date in one bar above the title
                    if end - start == 1 and self._heads_a_title(start, index):
                        worth -= 1.5
                    best = max(best, worth - 0.7 * distance)
                break
            if self.ends_neighbourhood(index) and not (
                self._leads_to_date(index, end) and self.blocks.items[index].text.endswith(".")
            ):
                break
        if not best and self.has_date_behind(start):
            best = 2.0
        if not best and self._is_dated_below(end):
            best = 1.2
        for index in range(start - 1, max(start - 4, -1), -1):
            if index in self.dated:
                if self.stands_before(index, part) and not self.belongs_to_link(index, part):
                    worth = 2.2 if self.dated[index].labelled else 1.7
                    best = max(best, worth - 0.4 * (start - 1 - index))
                break
            if self.ends_neighbourhood(index):
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
            if self.is_marked(item.index) and self.dated[item.index].labelled:
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

    def find_dates(self, title: Title) -> Dates:
        """The dates printed beside the title: below it, or above it in the same box."""
        items = self.blocks.items
        if title.end == title.start + 1 and self.has_date_behind(title.start):
            return Dates(find_dates(items[title.start].text)[-1])
        found: list[Dated] = []
        # The line of the title itself: "Title (30/07/2019)" in one element is two items at most.
        for index in range(title.end, min(title.end + 12, len(items))):
            if index in self.dated:
                if self.belongs_to_link(index, title.part):
                    break
                if self.says_other(index):
                    continue
                if found and not self.dated[index].labelled:
                    break  # a cell of a table, a line of the text
                found.append(self.dated[index])
                if len(found) >= 3:
                    break
            elif self.ends_neighbourhood(index) and not self._leads_to_date(index, title.end):
                break
        after = list(found)
        for index in range(title.start - 1, max(title.start - 6, -1), -1):
            if index in self.dated:
                if self.stands_before(index, title.part) and not self.belongs_to_link(
                    index, title.part
                ):
                    found.append(self.dated[index])
                break
            if self.ends_neighbourhood(index):
                break
        return _choose(after, found) if found else self._stated_beside(title)

    def _stated_beside(self, title: Title) -> Dates:
        """The moment that a ``<time>`` beside the title states, where it prints "3 năm trước"."""
        for part in self.blocks.parts_at(max(title.start - 2, 0), title.end + 3):
            if part.tag == "time" and part.element is not None:
                stated = find_dates(tidy(part.element.get("datetime") or ""))
                beside = self.blocks.items[part.start : part.end]
                if stated and not any(item.is_prose or item.links for item in beside):
                    return Dates(stated[0], None, tuple(range(part.start, part.end)), stated=True)
        return Dates()

    def _leads_to_date(self, index: int, end: int) -> bool:
        """A lead paragraph may stand between a title, which ends at item ``end``, and its date: then
        a date line follows it that a label or a name marks as one."""
        return index <= end + 1 and self.is_marked(index + 1) and self.blocks.items[index].is_prose

    def date_below(self, title: Title, last: int) -> Dates:
        """A marked date line at the foot of the text, whose last item is ``last``."""
        found = self._dated_below(title, last)
        return _choose(found, found)

    def with_update_below(self, dates: Dates, title: Title, last: int) -> Dates:
        """The dates of an article, with the update that is printed at the foot of its text."""
        for dated in self._dated_below(title, last):
            printed = dated.dates[0]
            if dated.index not in dates.indexes and label_role(printed.label) == "updated":
                return replace(dates, updated=printed, indexes=(*dates.indexes, dated.index))
        return dates

    def _dated_below(self, title: Title, last: int) -> list[Dated]:
        end = min(last + 4, len(self.blocks.items))
        return [
            self.dated[index]
            for index in range(max(title.end, last - 5), end)
            if self.is_marked(index)
            and not self.belongs_to_link(index, title.part)
            and not any(map(self.leads_elsewhere, self.blocks.items[max(index - 2, 0) : index]))
        ]


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
