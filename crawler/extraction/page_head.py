"""What the head and the address of a page state. Weak evidence: on the portals measured ``<title>``
is the name of the site and ``og:`` data is absent or copied, and NukeViet states the time of the
last edit as ``datePublished``. So it only ever confirms what is printed, or stands in where nothing
is, with a note that says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

from crawler.extraction.blocks import Blocks, tidy
from crawler.extraction.dates import PrintedDate, find_dates

_DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "og:article:published_time",
    "dc.date.issued",
)
# Dates in addresses: "/portal/Pages/2021-1-14/…" (Tân Dân), "PublishedDate=2018-05-02 10:15:00"
# (Lạc Việt), where no "Z" says that the clock is another.
_DATED_ADDRESSES = (
    re.compile(r"/portal/pages/(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})/", re.IGNORECASE),
    re.compile(
        r"[?&]PublishedDate=(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[ +](?P<t>\d\d:\d\d:\d\d))?",
        re.IGNORECASE,
    ),
)


def stated_date(blocks: Blocks, url: str) -> tuple[PrintedDate | None, str]:
    """The date that head or address state, for a page that prints none, and a note that says
    where it came from. Weak: some systems state the time of the last edit."""
    for printed in _stated_dates(blocks):
        return printed, "date-from-metadata"
    address = unquote(url)
    for pattern in _DATED_ADDRESSES:
        if found := pattern.search(address):
            year, month, day = found["y"], int(found["m"]), int(found["d"])
            clock = found.groupdict().get("t")
            text = f"{year}-{month:02}-{day:02}" + (f"T{clock}" if clock else "")
            if dates := find_dates(text):
                return dates[0], "date-from-url"
    return None, ""


def _stated_dates(blocks: Blocks) -> Iterator[PrintedDate]:
    """Open Graph, JSON-LD, then ``<time datetime>`` in the parts that a name calls the date."""
    for name in _DATE_NAMES:
        yield from find_dates(blocks.heads.get(name, ""))[:1]
    for entry in _linked_data(blocks):
        stated = entry.get("datePublished")
        if isinstance(stated, str):
            yield from find_dates(tidy(stated))[:1]
    for stated in blocks.times:
        yield from find_dates(stated)[:1]


def confirms_date(blocks: Blocks, value: str) -> bool:
    """Whether metadata state the day of a printed date (``value``, ISO 8601)."""
    return any(stated.value[:10] == value[:10] for stated in _stated_dates(blocks))


_SUFFIX = re.compile(r"\s[|»·–—-]+\s|\s?[|»]\s?")


def document_titles(blocks: Blocks) -> list[str]:
    """What ``<title>`` may say of the article: the whole, and its pieces between bars and dashes, since
    the name of the portal stands before or behind."""
    whole = blocks.heads.get("title", "")
    return [whole, *(piece for piece in _SUFFIX.split(whole) if piece != whole)]


def declared_titles(blocks: Blocks) -> list[str]:
    """Titles that the head of the page declares: Open Graph and JSON-LD. Only ever used to
    confirm what is visible."""
    found = [blocks.heads[name] for name in ("og:title", "twitter:title") if name in blocks.heads]
    headlines = (entry.get("headline") for entry in _linked_data(blocks))
    found.extend(tidy(text) for text in headlines if isinstance(text, str))
    return found


def _linked_data(blocks: Blocks) -> Iterator[dict[str, object]]:
    for script in blocks.linked_data:
        try:
            data = json.loads(script)
        except (ValueError, RecursionError):
            continue
        for entry in data if isinstance(data, list) else [data]:
            if isinstance(entry, dict):
                yield entry
                graph = entry.get("@graph")
                yield from (
                    (e for e in graph if isinstance(e, dict)) if isinstance(graph, list) else ()
                )
