"""Which items of a page are the text of its article.

The text follows the title. From the title outwards, each enclosing part adds what comes after the
part before it: first the rest of the box with the title, then the boxes beside it, at last the
columns and the foot of the page. The gathering takes running text, pictures and documents, passes
over menus and widgets, and ends at the first heading of what does not belong ("Tin đã đưa").

Where nothing follows but menus, the result is empty. That is an answer: half of all real article
pages are a title, a date and a link to a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.vietnamese import fold
from crawler.extraction.anchors import Anchors
from crawler.extraction.attachments import is_document
from crawler.extraction.blocks import Blocks, Item, Kind, Part
from crawler.extraction.bylines import is_furniture_line, is_stop_line
from crawler.extraction.dates import find_dates
from crawler.extraction.marks import CHROME, Mark

# Headings of boxes that stand inside the text on modern portals: what follows their links is
# text again. All other stop lines end the article for good.
_PASSING_BOX = re.compile(
    r"(?:cac )?(?:tin|bai|bai viet) lien quan|xem them|doc them|tin nong|co the ban quan tam"
)
# Every branch begins with a letter, so that the search stops at few places of a line.
_IMPRINT = re.compile(
    r"®|©|copyright|ban quyen (?:thuoc|cua)|giay phep (?:so|thiet lap|xuat ban|hoat dong)"
    r"|gp(?:tt|-ttdt|ttdt)?\s?so|co quan chu quan|chiu trach nhiem (?:chinh|noi dung|ve noi dung|xuat ban)"
    + "".join(
        rf"|{first} (?:thong tin|tin) dien tu (?:huyen|thi xa|thanh pho|tinh|so|xa|phuong|quan)[\w\s-]{{0,40}}$"
        for first in ("cong", "trang")
    )
    + r"|ghi ro nguon|thiet ke (?:va|boi|website)|phat trien boi|powered by|don vi phat trien"
    r"|ban bien tap\s?:|truong ban bien tap|dia chi\s?:|tru so\s?:"
)
_TOOL_LABEL = re.compile(
    r"\W*(?:(?P<keywords>tu khoa|tags?)|danh gia(?: bai viet)?|chia se(?: bai viet| tin| len)?|binh chon|gui bai viet)\s?:"
)
_PUBLISHER = re.compile(
    r"\W*(?:co quan chu quan|giay phep (?:so|thiet lap)|chiu trach nhiem (?:chinh|noi dung|xuat ban)|copyright|©|ban quyen thuoc)"
)
_ENGLISH_STOP = re.compile(
    r"(?:other|related|latest|more|recent) (?:news|articles|posts|stories)\W*|(?:\d+ )?comments?\W*"
    r"|leave a (?:reply|comment)\W*",
    re.IGNORECASE,
)
_READ_MORE = re.compile(
    r"\W*(?:xem|doc|chi)\s(?:chi )?(?:tiet|tiep|them)(?: noi dung)?\W*|\W*(?:read )?more\W*|\W*chi tiet\W*"
)
_TEASER = 500  # characters; leads in lists are shorter
_HEADLINE = 40  # characters; names of sections are shorter
_MENU = 8  # lines of links after which what follows cannot be this article any more
_ENOUGH_PROSE = 150  # characters of a box that may continue a text outside its own box


@dataclass(slots=True)
class Region:
    """The items of a text, and how the gathering ended."""

    items: list[Item] = field(default_factory=list)
    prose: int = 0
    chars: int = 0
    files: int = 0
    entries: int = 0  # linked headlines passed over
    entries_amid: int = 0  # … before the last line of running text
    resumed: int = 0  # times that running text came again after such headlines
    teasers: int = 0  # links "read on" to other pages of the portal
    stopped: bool = False  # by a heading of what does not belong

    @property
    def alternates(self) -> bool:
        """Headline, lead, headline, lead: a list of news. One box of links amid a text is none."""
        return (
            self.entries_amid >= 2
            and self.resumed >= 2
            and self.prose < self.entries_amid * _TEASER
        )


def gather(blocks: Blocks, anchors: Anchors, start: int, inner: Part) -> Region:
    """The text that begins at item ``start`` and whose title lies in the part ``inner``."""
    return _Gathering(blocks, anchors, start).run(inner)


def gather_within(blocks: Blocks, anchors: Anchors, part: Part, start: int = 0) -> Region:
    """The text inside a part that a platform names, from item ``start`` on."""
    gathering = _Gathering(blocks, anchors, max(part.start, start))
    gathering.take(part, trusted=True)
    return gathering.region


class _Gathering:
    def __init__(self, blocks: Blocks, anchors: Anchors, start: int) -> None:
        self.blocks = blocks
        self.anchors = anchors
        self.start = start
        self.region = Region()
        self.menu = 0
        self.box: Part | None = None  # the part around the title whose rest is being gathered
        self.home: Part | None = None  # the one in which running text was found first

    def run(self, inner: Part) -> Region:
        taken_to = self.start
        current: Part | None = inner
        while current is not None and self._goes_on():
            if current.end > taken_to:
                settled = self.region.prose > 0 or self.region.chars > 200 or self.region.files > 0
                if settled and not self._continues(current, taken_to):
                    break
                self.box = current
                self._take_after(current, taken_to)
                taken_to = max(taken_to, current.end)
                if self.menu >= _MENU and not self._has_text():
                    break
            current = current.parent
        return self.region

    def _has_text(self) -> bool:
        return self.region.prose > 0 or self.region.chars > 80 or self.region.files > 0

    def _continues(self, part: Part, begin: int) -> bool:
        """Whether what ``part`` adds after item ``begin`` goes on with the text found so far."""
        end = part.end
        prose = self.blocks.prose_chars(begin, end)
        if prose == 0 and not self._is_tail(begin, end):
            return False
        chars = self.blocks.chars(begin, end)
        if self._is_tail(begin, end):
            return True
        if not self.region.prose and self.region.files:
            # A document was offered: only text that follows at once is this article's.
            return self.blocks.items[begin].is_prose and not self._is_imprint(begin)
        if prose < _ENOUGH_PROSE or self.blocks.link_chars(begin, end) * 3 > chars:
            return self._begins_with_prose(part, begin)
        if prose < self.region.prose and self.blocks.links(begin, end) > 1:
            return self._begins_with_prose(part, begin)  # a column of news with a welcome
        return prose * 2 >= self.region.prose or self._begins_with_prose(part, begin)

    def _begins_with_prose(self, part: Part, begin: int) -> bool:
        """The next line is running text that lies directly in the part: broken nesting has closed
        the box of the text too early."""
        if begin >= len(self.blocks.items):
            return False
        item = self.blocks.items[begin]
        if not item.is_prose or self._is_imprint(begin):
            return False
        return item.part is part or item.part.parent is part

    def _is_tail(self, begin: int, end: int) -> bool:
        """A few lines without links: a byline below the box of the text, a labelled date."""
        if end - begin > 3 or self.blocks.links(begin, end) or begin == end:
            return False
        return not any(map(self._is_imprint, range(begin, end)))

    def _is_imprint(self, index: int) -> bool:
        """A line such as portals print at their foot: licence, publisher, address."""
        return _IMPRINT.search(fold(self.blocks.items[index].text[:200])) is not None

    def _is_amid_text(self) -> bool:
        """Whether running text was found in the box that is being gathered: "Địa chỉ: …" is then
        a line of it, not the foot of the page."""
        return self.region.prose > 0 and self.home is self.box

    def _begins_foot(self, item: Item) -> bool:
        """Whether the foot of the page begins in the box of the text itself, as on pages without any
        boxes: the publisher or the licence, and no running text after it."""
        return (
            _PUBLISHER.match(fold(item.text)) is not None
            and self.box is not None
            and self.blocks.prose_chars(item.index + 1, max(self.box.end, item.index + 1)) < 200
        )

    def _take_after(self, part: Part, begin: int) -> None:
        """The children and own lines of ``part`` from item ``begin`` on."""
        for branch in self._branches(part, begin):
            if not self._goes_on():
                return
            if isinstance(branch, Item):
                self._take_item(branch)
            elif branch.start >= begin:
                self.take(branch)
            if self.menu >= _MENU and not self._has_text():
                return

    def _branches(self, part: Part, begin: int) -> list[Part | Item]:
        found: list[Part | Item] = []
        at = max(part.start, begin)
        for child in part.children:
            if child.end <= at and child.start != child.end:
                continue
            if child.start < at:  # the part that was taken already
                at = max(at, child.end)
                continue
            found.extend(self.blocks.items[at : child.start])
            if child.end > child.start:
                found.append(child)
            at = max(at, child.end)
        found.extend(self.blocks.items[at : part.end])
        return found

    def take(self, part: Part, *, trusted: bool = False) -> None:
        """The text inside a part; nothing of it where the part is a menu or a widget.

        Parts may be nested as deep as the parser goes, so this walks with a stack of its own.
        """
        branches: list[Iterator[Part | Item]] = [iter([part])]
        while branches and self._goes_on():
            branch = next(branches[-1], None)
            if branch is None:
                branches.pop()
            elif isinstance(branch, Item):
                self._take_item(branch)
            elif trusted or self._admits(branch):
                trusted = False
                branches.append(iter(self._branches(branch, self.start)))

    def _goes_on(self) -> bool:
        """Text that comes after headlines of other articles, and not before, is not this one's."""
        return not self.region.stopped and (self.region.entries < 2 or self._has_text())

    def _admits(self, part: Part) -> bool:
        begin, end = max(part.start, self.start), part.end
        if begin >= end:
            return False
        if self._is_foreign(part, begin, end):
            first = next((i for i in self.blocks.items[begin:end] if i.kind is Kind.TEXT), None)
            if first is not None and is_stop_line(first.text):
                self._meet_stop(first)
            return False
        return not self._is_list_of_links(part, begin, end)

    def _is_foreign(self, part: Part, begin: int, end: int) -> bool:
        """Named as something that is no part of an article. Names lie: a part with much running
        text and few links is taken in spite of a name, except other news and comments."""
        marks = part.marks & CHROME
        if not marks:
            return False
        if marks & (Mark.OTHER_NEWS | Mark.COMMENTS):
            if self._has_text() and self.blocks.prose_chars(begin, end) < 2 * self.region.prose:
                return True
            return self.blocks.prose_chars(begin, end) * 2 < self.blocks.chars(begin, end)
        prose = self.blocks.prose_chars(begin, end)
        if prose >= 400 and self.blocks.link_chars(begin, end) * 4 < self.blocks.chars(begin, end):
            return bool(marks & Mark.FOOTER) or (self._has_text() and bool(marks & Mark.SIDEBAR))
        return not self._holds_document(begin, end)

    def _holds_document(self, begin: int, end: int) -> bool:
        return any(
            item.kind is Kind.FILE or any(is_document(reference) for reference, _ in item.links)
            for item in self.blocks.items[begin:end]
        )

    def _is_list_of_links(self, part: Part, begin: int, end: int) -> bool:
        """A menu or a list of news: more links than text, and no documents among them."""
        links = self.blocks.links(begin, end)
        if links < 2 and not (links == 1 and end - begin <= 3):
            return False
        chars = self.blocks.chars(begin, end)
        if self.blocks.link_chars(begin, end) * 2 < chars and links < 3 + end - begin - links:
            return False
        if self.blocks.prose_chars(begin, end) * 3 > chars:
            return False
        if self._holds_document(begin, end):
            return False
        if links == 1 and not self.anchors.leads_elsewhere(self._only_link(begin, end), 12):
            return False
        if any(is_stop_line(i.text) for i in self.blocks.items[begin:end] if i.kind is Kind.TEXT):
            return False  # its heading decides, and what stands before the heading
        self._count_links(begin, end)
        return True

    def _only_link(self, begin: int, end: int) -> Item:
        return next(i for i in self.blocks.items[begin:end] if i.is_link)

    def _count_links(self, begin: int, end: int) -> None:
        for item in self.blocks.items[begin:end]:
            if item.is_link:
                self.menu += 1
                self.region.entries += self._is_entry(item)

    def _take_item(self, item: Item) -> None:
        if item.index < self.start or not self._goes_on():
            return
        region = self.region
        if item.kind is Kind.TEXT:
            documents = any(is_document(reference) for reference, _ in item.links)
            if item.links and not documents and self._is_reference(item):
                return
            if self._is_labelled_tool(item):
                region.stopped = region.prose > 0
                return
            if is_stop_line(item.text) or _ENGLISH_STOP.fullmatch(item.text):
                self._meet_stop(item)
                return
            if self._is_imprint(item.index) and (
                not self._is_amid_text() or self._begins_foot(item)
            ):
                region.stopped = True
                return
            region.files += documents
            if not is_furniture_line(item.text):
                region.chars += len(item.text) - item.link_chars
            if item.is_prose:
                if not region.prose:
                    self.home = self.box
                region.prose += len(item.text)
                region.resumed += region.entries > region.entries_amid
                region.entries_amid = region.entries
        elif item.kind is Kind.FILE:
            region.files += is_document(item.address)
        region.items.append(item)

    def _is_labelled_tool(self, item: Item) -> bool:
        """ "Từ khóa: thủy lợi, đông xuân", "Đánh giá: 1 2 3": a label, and links or nothing; keywords may
        be no links."""
        if len(item.text) > 300 or (label := _TOOL_LABEL.match(fold(item.text))) is None:
            return False
        if item.links or not any(map(str.isalpha, item.text[label.end() :])):
            return True
        return label["keywords"] is not None and not item.text.endswith((".", ";", ":"))

    def _is_reference(self, item: Item) -> bool:
        """Whether a line does nothing but lead to another page; such lines are counted."""
        elsewhere = self.anchors.leads_elsewhere(item)
        if not item.is_link:
            self.region.entries += elsewhere and self._is_entry(item)
            return False
        if _READ_MORE.fullmatch(fold(item.text)) and self.anchors.leads_elsewhere(item, 4):
            before = self.blocks.items[item.index - 1]
            if before.is_prose or before.index in self.anchors.dated:
                self.region.entries += 1
                self.region.teasers += self.anchors.is_own_host(item)
                return True
            return False
        if elsewhere:
            self.menu += 1
            self.region.entries += self._is_entry(item)
            return not item.is_prose and self._is_headline(item)
        if self._is_menu_entry(item) or self._is_row_of_links(item):
            self.menu += 1
            return True
        return False

    def _is_entry(self, item: Item) -> bool:
        """The headline of another article in a list, not the name of a section in a menu: it is
        long, or a date or a lead goes with it."""
        if not self.anchors.leads_elsewhere(item):
            return False
        if len(item.text) >= _HEADLINE:
            return True
        following = self.blocks.items[item.index + 1 : item.index + 3]
        return (
            any(near.index in self.anchors.dated or near.is_prose for near in following)
            or item.index in self.anchors.dated
            or bool(find_dates(item.text))
        )

    def _is_headline(self, item: Item) -> bool:
        """A link on a line of its own that is the headline of another article."""
        return len(item.links) == 1 and "http" not in item.text and "www." not in item.text

    def _is_row_of_links(self, item: Item) -> bool:
        """Links to other pages side by side: "← … | … →", "Trang chủ | Tin tức"."""
        rest = item.text
        for _, label in item.links:
            rest = rest.replace(label, "", 1)
        return (
            len(item.links) > 1
            and not any(map(str.isalnum, rest))
            and not any(self.anchors.is_here(reference) for reference, _ in item.links)
        )

    def _is_menu_entry(self, item: Item) -> bool:
        return item.link_chars == len(item.text) and len(item.text) < 40

    def _meet_stop(self, item: Item) -> None:
        following = item.index + 1
        items = self.blocks.items
        if _PASSING_BOX.fullmatch(fold(item.text).strip(" .:»>-")) and self.region.prose:
            # The links of the box, then text in the same part as the text before it.
            home = next((i.part for i in reversed(self.region.items) if i.is_prose), None)
            at = following
            while at < len(items) and (items[at].is_link or items[at].kind is Kind.PICTURE):
                at += 1
            if (
                home is not None
                and at < len(items)
                and items[at].is_prose
                and items[at].part.parent is home.parent
            ):
                self.start = at
                return
        self.region.stopped = True
