"""Whose page answers at a portal's home: its own, a barrier before it, or another body's.

The districts were abolished on 1 July 2025, and their hosts went on: a commune of the same name may
speak there now (lienchieu.danang.gov.vn is a ward's). What it publishes is not the district's, and
must never be archived as the district's. So the home page is asked first, and if it is not the
portal's own, nothing else is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from archive.remarks import say
from archive.urls import host_of
from archive.vietnamese import fold, normalise, unify_tone_placement
from crawler.challenges import BarrierKind, recognise_home, texts_of, visible_text
from crawler.endings import Ending
from crawler.extraction.page import Page
from crawler.sites import Site
from crawler.verdicts import Judgement, Verdict

# Folded names of units, by level: a district's portal names its province too, a commune's both.
_LEVELS = {
    "tinh": 1,
    "huyen": 2,
    "thi xa": 2,
    "thanh pho": 2,
    "quan": 2,
    "xa": 3,
    "phuong": 3,
    "thi tran": 3,
    "dac khu": 3,
}
_WRITTEN_UNITS = frozenset(
    map(unify_tone_placement, (
        "tỉnh", "huyện", "thị xã", "thành phố", "quận", "xã", "phường", "thị trấn", "đặc khu",
    ))
)  # fmt: skip
_UNIT = "huyen|thi xa|thanh pho|quan|thi tran|phuong|dac khu|xa|tinh"
_NAME = r"[^\W_]+(?:['’ ][^\W_]+){0,3}"
# Words that make something else of a unit: xã hội (society), xã luận, huyện đội, huyện đoàn, quận ủy.
_NO_NAMES = frozenset({"hoi", "luan", "doi", "doan", "uy", "lo", "vien", "giao"})
# "Cổng thông tin điện tử", "Trang TTĐT", "Website", "UBND": after these a body names itself.
_SELF = re.compile(
    r"\b(?:(?P<of_site>cong (?:thong tin|tt|giao tiep)|trang (?:thong tin|tin|tt|chu)|ttdt|website)"
    r"|ubnd|uy ban nhan dan|dang uy)"
    r"(?:[\s\-–—,.:|&/()+]|\b(?:dien tu|dt|tong hop|chinh thuc|cua|va|ubnd|uy ban nhan dan|hdnd"
    r"|hoi dong nhan dan|dang uy|ubmttq|uy ban mttq|mttq|viet nam|vn)\b)*"
    rf"\b(?P<unit>{_UNIT})\.? (?:uy )?(?P<name>{_NAME})"
)
_SEGMENT = re.compile(rf"(?P<unit>{_UNIT}) (?P<name>{_NAME})")
_BETWEEN_SEGMENTS = re.compile(r"\s*[|»:–—]\s*|\s+-\s+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SHORTEST_NAME = 4  # letters
_LONGEST_LINE = 300  # characters that are looked at
_LONGEST_BEFORE = 60  # characters: "Bản quyền thuộc về", "Cơ quan chủ quản:"
_LINES = 12  # at the top and at the bottom of a page, where portals name themselves
_SPEAKING_HEADS = ("og:site_name", "og:title", "application-name", "description", "keywords")
_REFRESH = re.compile(r"url\s*=\s*[\"']?\s*([^\"'>\s]+)", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"(?:window|document|top|self)?\.?location(?:\.href)?\s*(?:=|\.replace\(|\.assign\()\s*[\"']([^\"']{4,500})[\"']"
)
_LONGEST_FORWARDING = 400  # characters on a page that only sends elsewhere

# What others are called stands in links and choices: the pages of the communes, of the province.
_NOT_OF_ITSELF = frozenset({"a", "head", "script", "style", "select", "template"})


@dataclass(frozen=True, slots=True)
class NamedBody:
    """A body as a page names it: ``Xã Hoằng Hóa``; folded ``unit`` and ``name``, ``text`` as
    printed."""

    unit: str
    name: str
    text: str


# archive.remarks has a sentence for each.
_VERDICTS = {
    BarrierKind.CHALLENGE: Verdict.BLOCKED,
    BarrierKind.FIREWALL: Verdict.BLOCKED,
    BarrierKind.LOGIN: Verdict.BLOCKED,
    BarrierKind.SUSPENDED: Verdict.BLOCKED,
    BarrierKind.EXPIRED: Verdict.GONE,
    BarrierKind.BARE_SERVER: Verdict.UNREACHABLE,
}


def look_at_home(page: Page, site: Site, headers: Mapping[str, str]) -> Judgement | None:
    """What is wrong with the answer for a site's home page, None where it is the portal's own.

    ``page.url`` is where redirects have led to; ``headers`` those of the response, names in lower
    case.
    """
    barrier = recognise_home(page, headers)
    if barrier is not None:
        reason = say(barrier.kind, name=barrier.name)
        return Judgement(_VERDICTS[barrier.kind], barrier.name, reason)
    forwarded = _forwarded(page)
    address = forwarded or page.url
    if host_of(address) not in site.all_hosts:
        named = None if forwarded else other_body(page, site)
        says = say("redirects", address=address)
        if named:
            says = say("redirects-to-body", address=address, body=named.text)
        return Judgement(Verdict.MOVED, host_of(address), says)
    if page.status != 200 or not page.is_html:
        return None
    other = other_body(page, site)
    if other is not None:
        reason = say("other-body", body=other.text, site=site.name)
        return Judgement(Verdict.MOVED, other.text, reason)
    return None


def ending_of(finding: Judgement) -> Ending:
    """What the spider is closed with."""
    return Ending.MOVED if finding.verdict is Verdict.MOVED else Ending.BLOCKED


def other_body(page: Page, site: Site) -> NamedBody | None:
    """The body that a home page says it belongs to, where that is none of the site's; None where the
    page names one of those, or nobody."""
    in_head = list(_named_in_head(page))
    own, others = _divide(in_head, site.name)
    if own or any(_divide(in_head, body.name)[0] for body in site.bodies):
        return None
    if others:
        return others[0]
    in_text = list(_named_in_text(page))
    if any(_divide(in_text, body.name)[0] for body in site.bodies):
        return None
    own, others = _divide(in_text, site.name)
    # A district's page lists the pages of its communes; who speaks of himself names one.
    if own or len({(body.unit, body.name) for body in others}) != 1:
        return None
    return others[0]


def _divide(bodies: list[NamedBody], name: str) -> tuple[list[NamedBody], list[NamedBody]]:
    """Those that are the body of this name, and those that are another one."""
    found = _SEGMENT.match(fold(normalise(name)))
    if found is None:
        return bodies, []
    level, bare = _LEVELS[found["unit"]], _letters(found["name"])
    own, others = [], []
    for body in bodies:
        if _LEVELS[body.unit] < level:
            continue  # the body that is above: "UBND tỉnh Thanh Hóa"
        named = _letters(body.name)
        # One may say more than the other: "Huyện Thọ Xuân, tỉnh Thanh Hóa".
        same = named.startswith(bare) or (len(named) >= _SHORTEST_NAME and bare.startswith(named))
        if _LEVELS[body.unit] == level and same:
            own.append(body)
        else:
            others.append(body)
    return own, others


def _letters(name: str) -> str:
    """A folded name without spaces: dakglong.daknong.gov.vn writes "ĐắkGlong" in its title."""
    return "".join(filter(str.isalnum, name))


def _named_in_head(page: Page) -> Iterator[NamedBody]:
    title = normalise(page.tree.findtext(".//title") or "")
    said = (
        normalise(meta.get("content") or "")
        for meta in page.tree.iter("meta")
        if (meta.get("property") or meta.get("name") or "").lower() in _SPEAKING_HEADS
    )
    for line in (title, *said):
        yield from _named(line)
    for segment in _BETWEEN_SEGMENTS.split(title):
        if (found := _SEGMENT.fullmatch(fold(segment))) is not None:
            body, _ = _body(segment, found)
            if body is not None:
                yield body


def _named_in_text(page: Page) -> Iterator[NamedBody]:
    pieces = texts_of(page.tree, _NOT_OF_ITSELF)
    lines = [line for piece in pieces if (line := normalise(piece))]
    middle = max(_LINES, len(lines) - _LINES)
    for line in [*lines[:_LINES], *lines[middle:]]:
        yield from _named(line)


def _named(line: str) -> Iterator[NamedBody]:
    line = line[:_LONGEST_LINE]
    for found in _SELF.finditer(fold(line)):
        body, end = _body(line, found)
        # "UBND xã Hoằng Lộc tổ chức …" is news of a commune; who speaks of himself stops there.
        rest = line[end:].strip()
        news = rest and rest[0].isalnum() and not found["of_site"]
        if body is not None and not news and found.start() <= _LONGEST_BEFORE:
            yield body


def _body(line: str, found: re.Match[str]) -> tuple[NamedBody | None, int]:
    """The body whose unit and name stand there, and where the name ends; folding keeps the length,
    so places agree. A name is what is capitalised, up to the punctuation; in a line of capitals, and
    in one without any, it is as long as names are. None where the folded words only look like a
    unit: "thông tin quân sự", "thông tin xã hội"."""
    words = list(_WORD.finditer(line, found.start("name"), found.end("name")))
    capitalised = [word for word in words if word[0][0].isupper() or word[0][0].isdigit()]
    if capitalised and not (words[0][0].isupper() and len(words[0][0]) > 1):
        count = next((i for i, word in enumerate(words) if word not in capitalised), len(words))
        words = words[: max(1, count)]
    printed = [word[0].capitalize() if word[0].isupper() else word[0] for word in words]
    unit = line[found.start("unit") : found.end("unit")]
    name = " ".join(fold(word[0]) for word in words)
    end = words[-1].end()
    written = unify_tone_placement(unit.casefold()) in _WRITTEN_UNITS or line.isascii()
    lower = words[0][0][0].islower() and not line.islower()
    if not written or lower or name.split()[0] in _NO_NAMES:
        return None, end
    return NamedBody(found["unit"], name, f"{unit.capitalize()} {' '.join(printed)}"), end


def _forwarded(page: Page) -> str | None:
    """Where a page that is nothing but a forwarding sends its visitors."""
    if page.status != 200 or not page.is_html or len(visible_text(page)) > _LONGEST_FORWARDING:
        return None
    for meta in page.tree.iter("meta"):
        says = meta.get("content") or ""
        refreshes = (meta.get("http-equiv") or "").lower() == "refresh"
        if refreshes and (found := _REFRESH.search(says)) is not None:
            return _absolute(page.url, found[1])
    for script in page.tree.iter("script"):
        if (found := _SCRIPTED.search(script.text or "")) is not None:
            return _absolute(page.url, found[1])
    return None


def _absolute(base: str, reference: str) -> str | None:
    try:
        address = urljoin(base, reference)
    except ValueError:
        return None
    return address if address.startswith(("http://", "https://")) else None
