"""The text of an HTML page, each character with its place in the page's source.

No parser of the standard library or of libxml2 tells where a text stood. This one mends nothing: it
cuts the source into tags and text, in time that grows with its length only, and never fails.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from unicodedata import combining

from archive.vietnamese import normalise

_NAME = re.compile(r"[A-Za-z][^\s/>]{0,100}")
_ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])([^\s=<>"'/]{1,100})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_QUOTE_OR_END = re.compile("[\"'>]")
_RAW = {
    name: re.compile(f"</{name}[\\s/>]", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title")
}
_VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr"),
}
_MOST_MARKS = 30  # on one letter
_DEEPEST = 200  # open elements among which the one that ends is looked for


@dataclass(slots=True)
class Element:
    """A start tag: ``name`` in lower case, ``attributes`` with their values resolved; ``start`` and
    ``end`` are places of the tag in the source. ``first`` and ``last`` tell which part of the page's
    text (`PageText.key`) is inside it."""

    name: str
    attributes: dict[str, str]
    start: int
    end: int
    parent: int | None
    first: int
    last: int = -1

    def label(self) -> str:
        """As a selector would name it: ``h1#ten.title``."""
        classes = self.attributes.get("class", "").split()
        identity = self.attributes.get("id", "").strip()
        return normalise(
            self.name + (f"#{identity}" if identity else "") + "".join(f".{c}" for c in classes[:2])
        )[:80]


@dataclass(slots=True)
class PageText:
    """``key`` is the text without any white space, otherwise in the form in which texts are stored
    (archive.vietnamese.normalise); for each of its characters ``starts`` and ``ends`` have the place
    in the source, ``owners`` the index of its element, -1 outside of any."""

    key: str = ""
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    owners: array[int] = field(default_factory=lambda: array("q"))
    elements: list[Element] = field(default_factory=list)


def page_text(source: str) -> PageText:
    """The text of a page, that of scripts and of its `title` included."""
    page = PageText()
    keys: list[str] = []
    open_: list[int] = []
    for kind, start, end in _tokens(source):
        if kind == "text":
            owner = open_[-1] if open_ else -1
            for key, first, last in _characters(source, start, end):
                keys.append(key)
                for _ in key:
                    page.starts.append(first)
                    page.ends.append(last)
                    page.owners.append(owner)
        elif kind == "start":
            element = _element(source, start, end, open_[-1] if open_ else None, len(page.starts))
            page.elements.append(element)
            if element.name in _VOID:
                element.last = element.first
            else:
                open_.append(len(page.elements) - 1)
        else:
            match = _NAME.match(source, start + 2)
            _close(page, open_, match[0].lower() if match else "")
    for index in open_:
        page.elements[index].last = len(page.starts)
    page.key = "".join(keys)
    return page


def key_of_text(text: str) -> str:
    """A text as `PageText.key` has it."""
    return "".join(normalise(text).split())


def _close(page: PageText, open_: list[int], name: str) -> None:
    for depth in range(len(open_) - 1, max(-1, len(open_) - 1 - _DEEPEST), -1):
        if page.elements[open_[depth]].name == name:
            for index in open_[depth:]:
                page.elements[index].last = len(page.starts)
            del open_[depth:]
            return


def _tokens(source: str) -> Iterator[tuple[str, int, int]]:
    """Texts, start tags and end tags with their places; comments and declarations are left out."""
    position, size = 0, len(source)
    missing: set[str] = set()  # quotation marks that do not come again
    while position < size:
        tag = source.find("<", position)
        if tag < 0:
            tag = size
        if tag > position:
            yield "text", position, tag
        if tag == size:
            return
        following = source[tag + 1 : tag + 2]
        if source.startswith("<!--", tag):
            end = source.find("-->", tag + 4)
            position = size if end < 0 else end + 3
        elif following in ("!", "?"):
            end = source.find(">", tag)
            position = size if end < 0 else end + 1
        elif following == "/" or following.isalpha():
            position = _tag_end(source, tag + 1, missing)
            yield ("end" if following == "/" else "start"), tag, position
            name = _NAME.match(source, tag + 1)
            raw = _RAW.get(name[0].lower()) if name and following != "/" else None
            if raw is not None:
                closing = raw.search(source, position)
                until = size if closing is None else closing.start()
                if until > position:
                    yield "text", position, until
                position = until
        else:
            yield "text", tag, tag + 1
            position = tag + 1


def _tag_end(source: str, position: int, missing: set[str]) -> int:
    """Where the tag ends that has begun; a ``>`` in a quoted value does not end it."""
    while match := _QUOTE_OR_END.search(source, position):
        quote = match[0]
        position = match.end()
        if quote == ">":
            return position
        if quote not in missing:
            closing = source.find(quote, position)
            if closing < 0:
                missing.add(quote)
            else:
                position = closing + 1
    return len(source)


def _element(source: str, start: int, end: int, parent: int | None, first: int) -> Element:
    name = _NAME.match(source, start + 1)
    at = start + 1 + (len(name[0]) if name else 0)
    attributes: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source, at, end):
        value = match[2] or match[3] or match[4] or ""
        attributes.setdefault(match[1].lower(), unescape(value))
    return Element(name[0].lower() if name else "", attributes, start, end, parent, first)


def _characters(source: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The characters of a text with their combining marks, as keys, and their places."""
    cluster, begun, ended = "", start, start
    for text, first, last in _resolved(source, start, end):
        if cluster and len(cluster) < _MOST_MARKS and combining(text[0]):
            cluster, ended = cluster + text, last
            continue
        if key := _key(cluster):
            yield key, begun, ended
        cluster, begun, ended = text, first, last
    if key := _key(cluster):
        yield key, begun, ended


@lru_cache(maxsize=4096)
def _key(cluster: str) -> str:
    return key_of_text(cluster)


def _resolved(source: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Each character, and each character reference as what it stands for."""
    position = start
    for match in _REFERENCE.finditer(source, start, end):
        resolved = unescape(match[0])
        if resolved == match[0]:
            continue
        for at in range(position, match.start()):
            yield source[at], at, at + 1
        yield resolved, match.start(), match.end()
        position = match.end()
    for at in range(position, end):
        yield source[at], at, at + 1
