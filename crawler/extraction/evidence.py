"""What is known of a page before anything is decided: where its links lead, which lines are dates,
what its address and its head say."""

from __future__ import annotations

import re
from functools import cached_property
from urllib.parse import unquote, urlsplit

from archive.urls import url_key
from archive.vietnamese import fold
from crawler.extraction.blocks import Blocks, Item, Kind, Part, marks_between
from crawler.extraction.bylines import is_stop_line
from crawler.extraction.date_lines import find_dated
from crawler.extraction.dates import label_role
from crawler.extraction.marks import CHROME, Mark
from crawler.extraction.page import Page
from crawler.extraction.page_head import declared_titles
from crawler.links import resolve
from crawler.slugs import likeness, slug_words, words

_LONG_LINK = 20  # characters: shorter links are menu entries, tags, breadcrumbs
_NOWHERE = re.compile(r"(?:javascript|mailto|tel|data|about|void)\s*:", re.IGNORECASE)
#: "Ra quân làm thủy lợi (13/04/2018)": a title and its date in one line.
DATE_BEHIND = re.compile(r"\s?[(\[]\s?\d{1,2}(?P<s>[/.-])\d{1,2}(?P=s)\d{4}[^()\[\]]{0,12}[)\]]$")


class Evidence:
    """Evidence about one page, gathered once."""

    def __init__(self, page: Page, blocks: Blocks, last_year: int) -> None:
        self.page = page
        self.blocks = blocks
        self.dated = find_dated(blocks, last_year)
        self.slug = slug_words(page.address.path)
        self._slug = frozenset(self.slug)
        ending = unquote(page.address.path).rstrip("/").rpartition("/")[2].lower()
        self._ending = ending if ending.isascii() else ""
        self._here: dict[str, bool] = {}
        self._declared = [words(text) for text in declared_titles(blocks)]
        self._document = " ".join(words(blocks.heads.get("title", "")))

    @cached_property
    def key(self) -> str:
        """The address of the page as a key; as it stands where it has none."""
        try:
            return url_key(self.page.url)
        except ValueError:
            return self.page.url

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

    def has_date_behind(self, index: int) -> bool:
        item = self.blocks.items[index]
        return not item.links and DATE_BEHIND.search(item.text) is not None

    def ends_neighbourhood(self, index: int) -> bool:
        item = self.blocks.items[index]
        return item.is_prose or (
            item.kind is Kind.TEXT and (self.leads_elsewhere(item) or is_stop_line(item.text))
        )

    def stands_before(self, index: int, part: Part) -> bool:
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

    def belongs_to_link(self, index: int, part: Part) -> bool:
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

    def likeness_to_address(self, told: list[str]) -> float:
        """How much words are like the address; 0 where that is less than a half, which says nothing."""
        if len(self.slug) < 2:
            return 0.0
        shared = sum(map(self._slug.__contains__, told))
        if shared * 4 < len(told) + len(self.slug) and told[:1] != self.slug[:1]:
            return 0.0
        return likeness(told, self.slug)

    def is_declared(self, found: list[str]) -> bool:
        if len(found) < 3:
            return False
        if found in self._declared:
            return True
        joined = " ".join(found)
        return self._document.startswith(joined) or (len(found) >= 6 and joined in self._document)

    def is_marked(self, index: int) -> bool:
        dated = self.dated.get(index)
        if dated is None:
            return False
        item = self.blocks.items[index]
        return (
            dated.labelled or bool(dated.signed) or bool((item.marks | item.part.marks) & Mark.DATE)
        )
