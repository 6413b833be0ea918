"""The reading of an article page, put together from its title, its dates and its text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.schema import Article, PageKind, Reading
from archive.vietnamese import fold, has_diacritics
from crawler.extraction.anchors import Anchors, Dates, Title
from crawler.extraction.attachments import is_document
from crawler.extraction.blocks import Blocks, Item, Kind
from crawler.extraction.bylines import is_byline, is_signature
from crawler.extraction.categories import find_category
from crawler.extraction.composition import compose
from crawler.extraction.date_lines import VIEWS_NAME
from crawler.extraction.dates import bare_count, find_dates, view_count
from crawler.extraction.marks import Mark
from crawler.extraction.page import Page
from crawler.extraction.page_head import stated_date
from crawler.extraction.region import Region


@dataclass(frozen=True, slots=True)
class Reader:
    """The code that decided: name and version of an extractor."""

    name: str
    version: str

    def reading(self, kind: PageKind, confidence: float, *notes: str) -> Reading:
        """A reading without an article."""
        return Reading(kind, self.name, self.version, None, confidence, notes)


def assemble(
    reader: Reader,
    page: Page,
    anchors: Anchors,
    title: Title,
    dates: Dates,
    region: Region,
    *,
    category: tuple[str, ...] | None = None,
    summary_items: list[Item] | None = None,
    lead_is_summary: bool = False,
    confidence: float,
) -> Reading:
    """An ARTICLE reading. Paragraphs, pictures, attachments and byline come from the region; the
    lines between title and date that are no running text are furniture."""
    blocks = anchors.blocks
    views, counter = _views(blocks, title, region, dates)
    apart = {*dates.indexes, counter}
    head = _end_of_head(blocks, title, dates)
    items = [
        item
        for item in region.items
        if item.index not in apart
        and not (item.index - 1 in dates.indexes and _ONLY_A_CLOCK.fullmatch(item.text))
        and not (
            item.index < head
            and item.kind is Kind.TEXT
            and not item.is_prose
            and not any(is_document(reference) for reference, _ in item.links)
        )
    ]
    made = compose(
        blocks,
        page.url,
        items,
        title=title.text,
        summary_items=summary_items,
        lead_is_summary=lead_is_summary,
    )
    body = "\n".join(made.paragraphs)
    notes = []
    if not body and not made.summary:
        notes.append("body-is-attachment" if made.attachments else "no-body")
        if made.images and not made.attachments:
            notes[-1] = "body-is-pictures"
    published, updated = dates.published, dates.updated
    if published is None:
        published, source = stated_date(blocks, page.url)
        notes.append(source or "undated")
    elif dates.stated:
        notes.append("date-from-metadata")
    elif published.weekday_agrees is False:
        notes.append("weekday-disagrees")
    notes.extend(f"legacy-font-{script.value}" for script in blocks.scripts)
    if page.is_cut or blocks.cut:
        notes.append("markup-cut")
    if category is None:
        category = find_category(anchors, title, dates)
    author = (
        made.author
        or _author_in_head(blocks, title, items, dates)
        or next((anchors.dated[i].signed for i in dates.indexes if i in anchors.dated), "")
    )
    article = Article(
        url=page.url,
        title=title.text,
        summary=made.summary,
        body_text=body,
        author=author,
        category=category,
        published_at=published.value if published else None,
        published_raw=published.raw if published else "",
        updated_at=updated.value if updated else None,
        updated_raw=updated.raw if updated else "",
        view_count=views,
        images=tuple(made.images),
        attachments=tuple(made.attachments),
        language=language_of(f"{title.text} {made.summary} {body}"),
    )
    return Reading(
        PageKind.ARTICLE, reader.name, reader.version, article, round(confidence, 2), tuple(notes)
    )


def _end_of_head(blocks: Blocks, title: Title, dates: Dates) -> int:
    """The item of the last date that stands between title and text; a lead may stand before it."""
    end = title.end
    for index in dates.indexes:
        between = blocks.items[title.end : index]
        if index > end and sum(item.is_prose for item in between) <= 1 and len(between) <= 12:
            end = index
    return end


_WRITTEN_BY = re.compile(
    r"(?:(?:được\s)?(?:viết|đăng|gửi)\sbởi|tác\sgiả(?:\sbài\sviết)?|người\sviết|bút\sdanh|written\sby|by|author)"
    r"\s?:?\s|(?:nguồn|theo)\s?:\s?(?=tác\sgiả)",
    re.IGNORECASE,
)
_AUTHOR_IN_LINE = re.compile(
    r"(?:tác\sgiả|người\sviết|bút\sdanh)\s?:\s?(?P<name>[^|•·:]{2,60}?)\s?(?:[|•·]|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{3}){1,2}(?!\d)|\d{1,7}(?![\d./:-])")
_ONLY_A_CLOCK = re.compile(
    r"(?:lúc\s)?\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s?(?:AM|PM|SA|CH|sáng|trưa|chiều|tối))?",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"(?:super\s?)?(?:admin|user)|quan tri")


def _author_in_head(blocks: Blocks, title: Title, items: list[Item], dates: Dates) -> str:
    """The author whom an element between title and text names, for a text that is not signed. An
    account ("admin") is nobody's byline."""
    end = items[0].index if items else max((title.end, *dates.indexes)) + 3
    for part in blocks.parts_at(title.end, end):
        if part.marks & Mark.AUTHOR and part.end <= end + 1:
            name = _WRITTEN_BY.sub("", blocks.text_of(part), count=1)
            if _is_author(name):
                return name
    for item in blocks.items[title.end : end]:
        labelled = _AUTHOR_IN_LINE.search(item.text) if len(item.text) <= 160 else None
        if labelled and _is_author(labelled["name"]):
            return labelled["name"]
    return ""


def _is_author(name: str) -> bool:
    return (is_byline(name) or is_signature(name)) and not _ACCOUNT.match(fold(name))


def _views(blocks: Blocks, title: Title, region: Region, dates: Dates) -> tuple[int | None, int]:
    """The counter beside the title or at the foot of the text, and the item that is nothing but its
    number, -1 where none is."""
    last = region.items[-1].index if region.items else title.end
    first = max(0, min((title.start, *dates.indexes)) - 3)
    beside = max((title.end, *dates.indexes)) + 5
    for begin, end in ((first, beside), (last, last + 8)):
        for item in blocks.items[begin : min(end, len(blocks.items))]:
            if item.kind is Kind.TEXT and len(item.text) <= 240:
                count = view_count(item.text)
                if count is not None:
                    return count, -1
                following = blocks.items[item.index + 1 : item.index + 2]
                if following and following[0].text.isdecimal() and len(item.text) <= 30:
                    # Label and number in two cells.
                    count = view_count(f"{item.text.rstrip(' :')}: {following[0].text}")
                    if count is not None:
                        return count, following[0].index
    for part in blocks.parts_at(first, beside):
        if part.inline and VIEWS_NAME.search(part.name):
            # <em class="fa fa-eye"></em> 349, in the line of the date.
            if part.start in dates.indexes:
                text = blocks.items[part.start].text
                if (count := bare_count(text, find_dates(text))) is not None:
                    return count, -1
                if part.element is not None and (
                    number := _NUMBER.match((part.element.tail or "").lstrip())
                ):
                    return int(number[0].replace(".", "")), -1
            # <span class="view"><i class="icon"></i> 84</span>
            text = blocks.text_of(part)
            if text.isdecimal() and len(text) < 9:
                return int(text), -1
    return None, -1


_VIETNAMESE_WORD = re.compile(r"\b(?:và|của|các|được|trong|huyện|không|những|cho|với)\b")
_ENGLISH_WORD = re.compile(r"\b(?:the|and|of|to|in|for|with|is|on|by)\b")


def language_of(text: str) -> str:
    """``vi`` or ``en``, from the words of the text; ``lang`` attributes are wrong on SharePoint."""
    sample = text[:4000].lower()
    english = len(_ENGLISH_WORD.findall(sample))
    if english >= 3 and not has_diacritics(sample):
        return "en"
    return "en" if english > 5 and english > 4 * len(_VIETNAMESE_WORD.findall(sample)) else "vi"
