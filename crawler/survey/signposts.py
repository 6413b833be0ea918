"""Where a page leads a reader: to sections, by the words of its menu, and to articles."""

from __future__ import annotations

import re

from archive.urls import host_of, url_key
from archive.vietnamese import fold
from crawler.extraction.blocks import Kind
from crawler.extraction.listings import Entry
from crawler.extraction.page import Page
from crawler.extraction.reading import read_listing
from crawler.links import find_links, resolve
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
_ENOUGH_DATED = 3  # entries that show that the list prints dates


def sections(page: Page) -> tuple[str, ...]:
    """Addresses on the same host that the page names as sections, those that promise news first."""
    ranked: dict[str, int] = {}
    pages = set(find_links(page.tree, page.url).pages)
    base = resolve(page.url, page.blocks.base) or page.url
    for item in page.blocks.items:
        for reference, text in item.links if item.kind is Kind.TEXT else ():
            address = resolve(base, reference)
            if address is None or address not in pages or not _is_elsewhere(address, page.url):
                continue
            name = fold(text)
            if not text or len(text) > _LONGEST_NAME or _is_headline(text) or _NO_NEWS.search(name):
                continue
            worth = 1 + (_NEWS.search(name) is not None)
            ranked[address] = max(worth, ranked.get(address, 0))
    return tuple(sorted(ranked, key=lambda address: -ranked[address]))


def headlines(page: Page) -> tuple[Entry, ...]:
    """The articles that the page lists. Where it dates its entries, only those: what has no date
    then stands beside the list."""
    entries = read_listing(page).entries
    dated = tuple(entry for entry in entries if entry.date)
    return dated if len(dated) >= _ENOUGH_DATED else entries


def _is_elsewhere(address: str, url: str) -> bool:
    return host_of(address) == host_of(url) and url_key(address) != url_key(url)


def _is_headline(text: str) -> bool:
    """A sentence; not the name of a section, which may have as many words."""
    spoken = words(text)
    named = sum(len(name.split()) for name in _NEWS.findall(" ".join(spoken)))
    return len(spoken) >= _FEWEST_WORDS and named * 2 < len(spoken)
