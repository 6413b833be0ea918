"""Where a page leads a reader: to sections, by the words of its menu, and to articles, by headlines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.urls import host_of, url_key
from archive.vietnamese import fold
from crawler.blocks import Item, Kind
from crawler.dates import find_dates
from crawler.links import find_links, resolve
from crawler.marks import Mark
from crawler.page import Page
from crawler.slugs import words

_NEWS = re.compile(
    r"\b(?:tin|tin tuc|su kien|thoi su|hoat dong|kinh te|van hoa|xa hoi|quoc phong|an ninh|chinh tri"
    r"|nong nghiep|nong thon|giao duc|y te|cai cach|hanh chinh|thong bao|chi dao|dieu hanh|phap luat"
    r"|xay dung dang|doan the|khoa hoc|du lich|moi truong|chuyen muc|chien luoc|quy hoach)\b"
)
_NO_NEWS = re.compile(
    r"\b(?:trang chu|gioi thieu|lien he|so do|lich|dang nhap|dang ky|tim kiem|thu dien tu|email|mail"
    r"|hoi dap|gop y|rss|english|tieng anh|dich vu cong|thu tuc|video|anh|album|thu vien|ban do|danh ba"
    r"|dien thoai|van ban|truoc|sau|tiep|xem them|chi tiet)\b"
)
_FEWEST_WORDS = 6  # of a headline; names of sections are shorter, or say nothing but _NEWS
_LONGEST_NAME = 60  # characters of a section's name
_ENOUGH_DATED = 3  # headlines that show that the list prints dates
_NEAR = 3  # items below a headline in which its date stands


@dataclass(frozen=True, slots=True)
class Headline:
    """The link to an article in a list. ``date`` is ISO 8601 as crawler.dates gives it, None where
    none is printed beside the headline."""

    url: str
    text: str
    date: str | None


def sections(page: Page) -> tuple[str, ...]:
    """Addresses that the page names as sections, those that promise news first."""
    ranked: dict[str, int] = {}
    for _, address, text in _links(page):
        name = fold(text)
        promising = _NEWS.search(name) is not None
        if _is_headline(text) or len(text) > _LONGEST_NAME or _NO_NEWS.search(name):
            continue
        ranked[address] = max(1 + promising, ranked.get(address, 0))
    return tuple(sorted(ranked, key=lambda address: -ranked[address]))


def headlines(page: Page) -> tuple[Headline, ...]:
    """The articles that the page lists, in its order, each once: only those with dates beside them
    where some have one; no menus, no news of other sections where the page tells them apart."""
    found: dict[str, Headline] = {}
    for item, address, text in _links(page):
        apart = Mark.NAVIGATION | Mark.FOOTER | Mark.SIDEBAR | Mark.OTHER_NEWS
        if _is_headline(text) and address not in found and not item.part.around & apart:
            found[address] = Headline(address, text, _date_beside(page.blocks.items, item.index))
    dated = [headline for headline in found.values() if headline.date]
    return tuple(dated if len(dated) >= _ENOUGH_DATED else found.values())


def _links(page: Page) -> Iterator[tuple[Item, str, str]]:
    """Line, address and text of every link to another page of the same host."""
    own = host_of(page.url)
    here = url_key(page.url)
    pages = set(find_links(page.tree, page.url).pages)
    base = resolve(page.url, page.blocks.base) or page.url
    for item in page.blocks.items:
        for reference, text in item.links if item.kind is Kind.TEXT else ():
            address = resolve(base, reference)
            if address in pages and host_of(address) == own and url_key(address) != here and text:
                yield item, address, text


def _is_headline(text: str) -> bool:
    spoken = words(text)
    named = sum(len(name.split()) for name in _NEWS.findall(" ".join(spoken)))
    return len(spoken) >= _FEWEST_WORDS and named * 2 < len(spoken)


def _date_beside(items: list[Item], index: int) -> str | None:
    """In the line of the headline, in those below it up to the next, or right above."""
    near = [items[index]]
    for item in items[index + 1 : index + 1 + _NEAR]:
        if any(_is_headline(text) for _, text in item.links):
            break
        near.append(item)
    near += [item for item in items[max(index - 1, 0) : index] if not item.links]
    for item in near:
        dates = find_dates(item.text[:240])
        if dates:
            return dates[0].value
    return None
