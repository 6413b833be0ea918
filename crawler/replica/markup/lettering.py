"""Text as it stands in the HTML of portals: entities, decomposed letters, padding."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape
from html.entities import codepoint2name

PADDING = "&nbsp;" * 10  # how typists of these portals indent


def plain(text: str) -> str:
    """Escaped for element content and quoted attributes."""
    return escape(text)


def decomposed(text: str) -> str:
    """NFD, as text pasted from a Mac (seen on dakglong.daknong.gov.vn)."""
    return unicodedata.normalize("NFD", escape(text))


def entities(text: str) -> str:
    """Latin-1 letters and typographic signs as named entities, as old editors save them."""
    return "".join(
        f"&{codepoint2name[ord(letter)]};" if ord(letter) in codepoint2name else letter
        for letter in text
    )


def table(rows: Iterable[Iterable[str]], attributes: str = 'border="1"') -> str:
    """A table of plain cells, the headings not marked up as such (they never are)."""
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table {attributes}><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"


def links(places: Iterable[tuple[str, str]]) -> str:
    """A list of links from (address, label)."""
    items = (f'<li><a href="{path}">{escape(label)}</a></li>' for path, label in places)
    return f"<ul>{''.join(items)}</ul>"
