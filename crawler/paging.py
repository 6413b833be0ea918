"""The next page of a listing where no ordinary link leads to it.

Two cases were met: pagers whose "next" leads to the home page although ``/page/2`` exists
(krongno.daknong.gov.vn), and ASP.NET pagers that post a form back to the same address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from archive.urls import url_key
from archive.vietnamese import fold, normalise
from crawler.links import resolve

if TYPE_CHECKING:
    from lxml.etree import _Element

_NEXT = re.compile(
    r"(?:xem )?(?:trang )?(?:sau|tiep|tiep theo|ke tiep|ke|cu hon)(?: trang)?(?: theo)?"
    r"|next(?: page)?|[»›>]+|(?:trang )?(?:sau|tiep|tiep theo|next) ?[»›>]+"
)
# Names under which addresses carry the number of a page of a listing.
_NUMBERED = re.compile(
    r"[?&](?:[a-z_0-9]*(?:page|trang|pagenumber|pageindex|pageno)|p|pg|paged|[a-z_0-9]*_cur|start|offset)=(\d{1,6})(?:&|$)"
    r"|/(?:page|trang)[-/_](\d{1,5})(?:[/.?]|$)",
    re.IGNORECASE,
)
# "Trang 1/12", "Trang 1 trên 12", "Page 1 of 12", without diacritics.
_OF_HOW_MANY = re.compile(
    r"\b(?:trang|page)(?: so)?:? (\d{1,5}) ?(?:/|tren(?: tong so)?|of) ?(\d{1,5})\b"
)
_PATH_PAGE = re.compile(r"/page/(\d{1,5})/?$")
_POSTBACK = re.compile(
    r"""__doPostBack\(\s*'([^']{1,300})'\s*,\s*'([^']{0,300})'\s*\)
      | WebForm_PostBackOptions\(\s*"([^"]{1,300})"\s*,\s*"([^"]{0,300})" """,
    re.VERBOSE,
)
_PAGE_NUMBER = re.compile(r"\d{1,5}")
_MORE = re.compile(r"\.{3}|…")
# Each postback carries all fields of its form, a state of half a megabyte among them.
_MOST_POSTBACKS = 60
_MOST_FIELDS = 1000


@dataclass(frozen=True, slots=True)
class Postback:
    """A page that is had by posting ``fields`` to ``url``. ``label`` is what the link says."""

    url: str
    label: str
    fields: tuple[tuple[str, str], ...]


def guessed_next(root: _Element, url: str, home: str) -> str | None:
    """The address that the next page of this listing should have, where its "next" link leads to
    the home page or to itself. None where the pager is honest, or there is none."""
    here, start = url_key(url), url_key(home)
    if here == start:
        return None
    for link in root.iter("a"):
        if not _NEXT.fullmatch(_label(link)):
            continue
        target = resolve(url, link.get("href") or "")
        if target is None or url_key(target) not in {here, start}:
            return None
        return _following(url)
    return None


def _following(url: str) -> str | None:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if numbered := _PATH_PAGE.search(path):
        path = f"{path[: numbered.start()]}/page/{int(numbered.group(1)) + 1}"
    elif parts.query or "." in path.rsplit("/", 1)[-1]:
        return None
    else:
        path = f"{path}/page/2"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def page_number_in(address: str) -> int | None:
    """The number in an address that is that of a further page of a listing, from 2; None where it has
    none, or is that of a first page."""
    found = _NUMBERED.search(address)
    if found is None:
        return None
    number = int(found.group(1) or found.group(2))
    return number if number > 1 else None


def announced_pages(root: _Element) -> int | None:
    """How many pages a listing says that it has ("Trang 1/12"), None where it does not say."""
    text = " ".join(str(piece) for piece in root.itertext())
    found = _OF_HOW_MANY.search(" ".join(fold(normalise(text)).split()))
    if found is None:
        return None
    current, total = int(found.group(1)), int(found.group(2))
    return total if 1 <= current <= total else None


def postbacks(root: _Element, url: str) -> Iterator[Postback]:
    """The further pages of a listing that an ASP.NET pager offers, in the order of its links: page
    numbers, "…", and "next". Other buttons of the form (search, log-in) are none of them. Of a page
    that offers more than any pager does, the first."""
    return islice(_postbacks(root, url), _MOST_POSTBACKS)


def _postbacks(root: _Element, url: str) -> Iterator[Postback]:
    for link in root.iter("a"):
        label = _label(link)
        if not (_PAGE_NUMBER.fullmatch(label) or _MORE.fullmatch(label) or _NEXT.fullmatch(label)):
            continue
        script = f"{link.get('href') or ''} {link.get('onclick') or ''}"
        if (call := _POSTBACK.search(script)) is None:
            continue
        form = next(link.iterancestors("form"), None)
        if form is None:
            continue
        target, argument = call.group(1) or call.group(3), call.group(2) or call.group(4) or ""
        fields = {
            field.get("name") or "": field.get("value") or ""
            for field in islice(form.iter("input"), _MOST_FIELDS)
            if (field.get("type") or "text").lower() in {"hidden", "text"} and field.get("name")
        }
        fields["__EVENTTARGET"] = target
        fields["__EVENTARGUMENT"] = argument
        action = resolve(url, form.get("action") or url) or url
        yield Postback(action, label, tuple(fields.items()))


def _label(link: _Element) -> str:
    return fold(normalise("".join(str(piece) for piece in link.itertext())))
