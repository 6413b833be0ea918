"""Where in the captured page each field of a version stands.

Found by looking for the field's text in the page, not by asking the extractor: so it holds for every
version, whoever read it, and proves that the words come from these bytes. A field that the extractor
put together from several places, or computed, is found in none, which is said and is no damage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from archive.page_charset import charset_of
from archive.page_text import Element, PageText, key_of_text, page_text
from archive.schema import Article
from archive.urls import key_of

LONGEST_PAGE = 4_000_000  # bytes
_MOST_PLACES = 1_000  # of one text that are compared
_TEXT_ATTRIBUTES = ("content", "alt", "title", "value", "datetime")
_BESIDE_THE_POINT = {"title", "script", "style", "meta"}


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field, or one of several values of it (``image 2``), and where it stands: bytes ``start`` to
    ``end`` (exclusive) of the page after content decoding, inside ``element``. ``places`` counts how
    often its text stands in the page: where that is several times, this is the one nearest to the body.
    ``paragraphs`` of a body: how many of how many were found, in ``runs`` uninterrupted pieces.
    Not found: ``start`` is None."""

    field: str
    start: int | None = None
    end: int | None = None
    element: str = ""
    places: int = 0
    paragraphs: tuple[int, int] | None = None
    runs: int = 0

    @property
    def found(self) -> bool:
        """Whether all of it stands in the page."""
        whole = self.paragraphs is None or self.paragraphs[0] == self.paragraphs[1]
        return self.start is not None and whole


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    element: Element | None
    places: int


def field_places(
    body: bytes, content_type: str, url: str, article: Article
) -> tuple[FieldPlace, ...]:
    """The fields of the article that are not empty, in the order of the schema, and where they stand
    in this page. ``body`` is after content decoding, ``url`` where it was captured. Empty for a page
    longer than LONGEST_PAGE."""
    if len(body) > LONGEST_PAGE:
        return ()
    source, in_bytes = _decoded(body, charset_of(content_type, body))
    page = page_text(source)
    body_place, anchor = _body(page, article.body_text)
    places = []
    for name, text, files in _fields(article):
        if name == "body_text":
            places.append(body_place)
            continue
        span = _file(page, text, url) if files else _text(page, text, anchor)
        if span is None:
            places.append(FieldPlace(name))
            continue
        label = span.element.label() if span.element else ""
        places.append(FieldPlace(name, span.start, span.end, label, span.places))
    return tuple(
        FieldPlace(
            place.field,
            None if place.start is None else in_bytes(place.start),
            None if place.end is None else in_bytes(place.end),
            *(place.element, place.places, place.paragraphs, place.runs),
        )
        for place in places
    )


def _fields(article: Article) -> Iterator[tuple[str, str, bool]]:
    """Name, text, and whether it is an address."""
    values = [
        ("title", article.title, False),
        ("summary", article.summary, False),
        ("body_text", article.body_text, False),
        ("author", article.author, False),
        *(("category", text, False) for text in article.category),
        ("published_raw", article.published_raw, False),
        ("updated_raw", article.updated_raw, False),
    ]
    for number, image in enumerate(article.images, 1):
        values.append((f"image {number}", image.url, True))
        values.append((f"image {number} caption", image.caption, False))
    for number, file in enumerate(article.attachments, 1):
        values.append((f"attachment {number}", file.url, True))
        values.append((f"attachment {number} label", file.label, False))
    return (value for value in values if value[1])


def _decoded(body: bytes, charset: str) -> tuple[str, Callable[[int], int]]:
    """The page as text, and from places in it to bytes. Bytes that are no text keep their place."""
    errors = "surrogateescape"
    try:
        source = body.decode("utf-8")
        charset = "utf-8"
    except UnicodeDecodeError:
        if len(bytes(256).decode(charset, "replace")) == 256 and charset.lower() != "utf-8":
            source = body.decode(charset, "replace")
            if len(source) == len(body):  # an encoding of one byte a letter
                return source, lambda place: place
        if charset.lower().startswith("utf-16"):
            errors = "replace"
        else:
            charset = "utf-8"
        source = body.decode(charset, errors)
    if source.isascii():
        return source, lambda place: place
    return source, lambda place: len(source[:place].encode(charset, errors))


def _body(page: PageText, text: str) -> tuple[FieldPlace, int | None]:
    """The body, and where it begins in the page's key: what else is told stands near it."""
    # The cells of a row are stored with a bar between them, which the page does not have.
    lines = [line for line in text.split("\n") if line]
    literal = [key_of_text(line) for line in lines]
    cells = [key_of_text(line.replace(" | ", " ")) for line in lines]
    paragraphs = list(zip(literal, cells, strict=True))
    runs: list[tuple[int, int]] = []
    for whole in dict.fromkeys(("".join(literal), "".join(cells))):
        if whole and (at := _best(page, whole, None)) is not None:
            runs, found = [(at[0], at[0] + len(whole))], len(paragraphs)
            break
    else:
        runs, found = _runs(page, paragraphs)
    if not runs:
        return FieldPlace("body_text", paragraphs=(0, len(paragraphs))), None
    first, last = runs[0][0], max(end for _, end in runs)
    element = _around(page, first, last)
    place = FieldPlace(
        "body_text",
        page.starts[first],
        page.ends[last - 1],
        element.label() if element else "",
        places=1,
        paragraphs=(found, len(paragraphs)),
        runs=len(runs),
    )
    return place, first


def _runs(page: PageText, paragraphs: list[tuple[str, str]]) -> tuple[list[tuple[int, int]], int]:
    """The paragraphs, each in either of two forms, one after another, as uninterrupted runs of the
    page's key; and how many were found."""
    runs: list[tuple[int, int]] = []
    position = found = 0
    for forms in paragraphs:
        places = [(at, key) for key in forms if key and (at := page.key.find(key, position)) >= 0]
        if not places:
            continue
        at, key = min(places)
        found += 1
        if runs and at == runs[-1][1]:
            runs[-1] = (runs[-1][0], at + len(key))
        else:
            runs.append((at, at + len(key)))
        position = at + len(key)
    return runs, found


def _text(page: PageText, text: str, anchor: int | None) -> _Span | None:
    key = key_of_text(text)
    if not key:
        return None
    best = _best(page, key, anchor)
    if best is not None:
        at, places = best
        return _Span(
            page.starts[at],
            page.ends[at + len(key) - 1],
            _around(page, at, at + len(key)),
            places,
        )
    holders = [
        element
        for element in page.elements
        if any(key in key_of_text(element.attributes.get(name, "")) for name in _TEXT_ATTRIBUTES)
    ]
    if not holders:
        return None
    return _Span(holders[0].start, holders[0].end, holders[0], len(holders))


def _best(page: PageText, key: str, anchor: int | None) -> tuple[int, int] | None:
    """The best of the places where the text stands, and how many there are: not in the head or in a
    script if possible; being all that an element says; nearest to the body."""
    found: list[int] = []
    at = page.key.find(key)
    while at >= 0 and len(found) < _MOST_PLACES:
        found.append(at)
        at = page.key.find(key, at + len(key))
    if not found:
        return None

    def order(at: int) -> tuple[bool, bool, int]:
        owner = page.owners[at]
        name = page.elements[owner].name if owner >= 0 else ""
        distance = 0 if anchor is None else abs(at - anchor)
        return name in _BESIDE_THE_POINT, not _is_whole(page, at, at + len(key)), distance

    return min(found, key=order), len(found)


def _is_whole(page: PageText, first: int, last: int) -> bool:
    element = _around(page, first, last)
    return element is not None and (element.first, element.last) == (first, last)


def _around(page: PageText, first: int, last: int) -> Element | None:
    """The innermost element that holds this part of the text."""
    index = page.owners[first]
    while index is not None and index >= 0:
        element = page.elements[index]
        if element.last >= last:
            return element
        index = -1 if element.parent is None else element.parent
    return None


def _file(page: PageText, wanted: str, url: str) -> _Span | None:
    """The first tag that names this address, and how many do."""
    base = next(
        (
            e.attributes["href"]
            for e in page.elements
            if e.name == "base" and "href" in e.attributes
        ),
        "",
    )
    key = key_of(wanted)
    holders = [
        element
        for element in page.elements
        if any(_leads_to(value, (url, base), key) for value in element.attributes.values())
    ]
    if not holders:
        return None
    return _Span(holders[0].start, holders[0].end, holders[0], len(holders))


def _leads_to(value: str, bases: tuple[str, str], key: str) -> bool:
    if "/" not in value and "." not in value:
        return False
    try:
        address = urljoin(urljoin(*bases), value.strip())
    except ValueError:  # "http://[" is no address, yet somebody printed it
        return False
    return key_of(address) == key
