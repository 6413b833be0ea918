"""What a page refers to: pages to follow, and the files it needs to be shown again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from archive.urls import canonical_url

if TYPE_CHECKING:
    from lxml.etree import _Element

_LINK_ATTRIBUTE = {"a": "href", "area": "href", "frame": "src", "iframe": "src"}
_REQUISITE_ATTRIBUTE = {
    "img": "src",
    "script": "src",
    "input": "src",
    "embed": "src",
    "source": "src",
}
_NOT_HTTP = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]{0,20}:", re.IGNORECASE)
_BROWSER_DROPS = str.maketrans("", "", "\t\r\n")  # WHATWG URL: removed wherever they stand
# Style sheets and icons belong to the page; a news feed leads to more of them.
_LOADED = re.compile(r"stylesheet|icon|(?:rss|atom)\+xml")
_REFRESH = re.compile(r"url\s*=\s*['\"]?\s*([^'\"\s>]{1,2000})", re.IGNORECASE)
_CSS_REFERENCE = re.compile(
    r"""url\(\s*['"]?([^'"()\s]{1,2000})['"]?\s*\) | @import\s{1,9}['"]([^'"]{1,2000})['"]""",
    re.VERBOSE,
)
# Pages rebuilt from the Wayback Machine still carry its rewritten addresses (krongno.daknong.gov.vn).
_WAYBACK = re.compile(r"https?://[^/]+/web/\d{4,14}(?:[a-z]{2}_)?/(https?):?/{1,2}([^/].*)")
# What no reader follows: log-in, web-part services, share and print dialogues, mail forms.
_NOT_A_PAGE = re.compile(
    r"/_(?:layouts|vti_bin|controltemplates|catalogs|forms)/|/authenticate\.aspx|/(?:log|sign)-?(?:in|out)\b"
    r"|/wp-(?:admin|login|json)|/xmlrpc\.php|facebook\.com/sharer|/print(?:view|able)?/|/savefile/"
    r"|[?&](?:print|tmpl=component|replytocom|action=login)\b",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:jpe?g|jfif|png|gif|bmp|webp|svg|ico|tiff?|css|js|mjs|map|woff2?|ttf|eot|otf"
    r"|pdf|docx?|xlsx?|pptx?|rtf|odt|ods|txt|csv|xml|json|zip|rar|7z|gz|tar"
    r"|mp3|mp4|m4a|wav|wma|wmv|avi|flv|mov|mpe?g|webm|swf|exe|msi|apk|iso)$",
    re.IGNORECASE,
)
_MAX_URL = 2000  # characters; no address that a person uses is longer
_MAX_DEPTH = 20  # path segments
_MOST_OF_A_SHEET = 2_000  # references of one style sheet
_MOST_LINKS = 20_000  # of one page; a site map of a large portal has some thousand


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute canonical addresses in document order, each once.

    ``pages``: what a reader can click. ``files``: documents and pictures that are linked to.
    ``requisites``: pictures, style sheets and scripts that the page itself loads.
    """

    pages: tuple[str, ...]
    files: tuple[str, ...]
    requisites: tuple[str, ...]


def find_links(root: _Element, url: str) -> Links:
    """All links of a parsed page whose address is ``url``. Never raises; what is not a usable
    http(s) address is left out."""
    base = url
    pages: dict[str, None] = {}
    files: dict[str, None] = {}
    requisites: dict[str, None] = {}
    for element in root.iter("base"):
        base = resolve(url, element.get("href") or "") or url
        break
    seen: set[str] = set()
    for raw, is_requisite in _references(root):
        if raw in seen:
            continue
        seen.add(raw)
        if len(seen) > _MOST_LINKS:
            break
        address = resolve(base, raw)
        if address is None:
            continue
        if is_requisite:
            requisites[address] = None
        elif _FILE.search(urlsplit(address).path):
            files[address] = None
        elif is_page_address(address):
            pages[address] = None
    return Links(tuple(pages), tuple(files), tuple(requisites))


def stylesheet_references(css: str, url: str) -> tuple[str, ...]:
    """Pictures, fonts and sheets that a style sheet at ``url`` loads."""
    named: dict[str, None] = {}
    for match in _CSS_REFERENCE.finditer(css):
        named[match.group(1) or match.group(2)] = None
        if len(named) >= _MOST_OF_A_SHEET:
            break
    resolved = dict.fromkeys(resolve(url, reference) for reference in named)
    return tuple(address for address in resolved if address is not None)


def resolve(base: str, reference: str) -> str | None:
    """The canonical absolute address of a reference as a browser would resolve it; None for
    ``javascript:``, ``mailto:``, ``#…``, other hosts' schemes and what is no address at all."""
    if len(reference) > _MAX_URL:
        return _resolved.__wrapped__(base, reference)
    if reference[:1] == "/" and reference[1:2] not in {"/", "\\"}:
        base = _origin(base)  # from whichever page: menus are the same on all
    return _resolved(base, reference)


@lru_cache(maxsize=1024)
def _origin(url: str) -> str:
    try:
        return urljoin(url, "/")
    except ValueError:
        return url


@lru_cache(maxsize=8192)
def _resolved(base: str, reference: str) -> str | None:
    reference = reference.translate(_BROWSER_DROPS).strip()
    if not reference or reference.startswith("#") or _NOT_HTTP.match(reference):
        return None
    if "\\" in reference:
        reference = reference.replace("\\", "/")
    try:
        address = canonical_url(urljoin(base, reference))
        wayback = _WAYBACK.fullmatch(address)
        if wayback:
            address = canonical_url(f"{wayback.group(1)}://{wayback.group(2)}")
    except ValueError:
        return None
    return address if len(address) <= _MAX_URL else None


@lru_cache(maxsize=8192)
def is_page_address(address: str) -> bool:
    """Whether an address may be a page worth asking for: no log-in or print dialogue, no path that
    feeds on itself (``/vi/en/vi/…``: 85 % of one mirrored portal were copies of 34 pages)."""
    if _NOT_A_PAGE.search(address):
        return False
    segments = [segment for segment in urlsplit(address).path.lower().split("/") if segment]
    return len(segments) <= _MAX_DEPTH and not _repeats(segments)


def _repeats(segments: list[str]) -> bool:
    """A segment for the third time, or two languages in one path, mean a relative link that was
    resolved against its own page."""
    if any(segments.count(segment) > 2 for segment in set(segments)):
        return True
    languages = [segment for segment in segments if segment in {"vi", "en", "vn"}]
    return len(languages) > 1


def _references(root: _Element) -> Iterator[tuple[str, bool]]:
    for element in root.iter("*"):  # elements only, no comments
        tag = element.tag
        if (attribute := _LINK_ATTRIBUTE.get(tag)) is not None:
            if value := element.get(attribute):
                yield value, False
        elif (attribute := _REQUISITE_ATTRIBUTE.get(tag)) is not None:
            if value := element.get(attribute):
                yield value, True
        elif tag == "link":
            if (value := element.get("href")) and _LOADED.search(_relation(element)):
                yield value, True
        elif tag == "meta" and (match := _refresh(element)):
            yield match.group(1), False
        if background := element.get("background"):
            yield background, True
        style = element.get("style")
        if style and "url(" in style:
            for match in _CSS_REFERENCE.finditer(style):
                yield match.group(1) or match.group(2), True


def _relation(element: _Element) -> str:
    return f"{element.get('rel') or ''} {element.get('type') or ''}".lower()


def _refresh(element: _Element) -> re.Match[str] | None:
    if (element.get("http-equiv") or "").lower() != "refresh":
        return None
    return _REFRESH.search(element.get("content") or "")
