"""One fetched page: bytes as received, text and tree as needed.

The tree comes from lxml's HTML parser, which repairs what browsers repair; `crawler.extraction.damage` and
`crawler.extraction.charset` mend what it does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import SplitResult, urlsplit

from lxml import etree

from crawler.extraction.blocks import Blocks
from crawler.extraction.charset import decode_html
from crawler.extraction.damage import parse
from crawler.extraction.walk import read_blocks

# A real article page has 50-200 KB, the largest home page seen 660 KB. What lies beyond is not
# read, so that a hostile page costs seconds, not minutes.
MAX_MARKUP_CHARS = 3_000_000

_EARLY = 40_000  # bytes; the heads of real pages have 2,000 to 25,000

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
# Types that servers send when they do not know better: then the content decides.
_VAGUE_TYPES = frozenset({"", "text/plain", "application/octet-stream", "text/xml", "unknown"})
_MARKUP_START = re.compile(
    rb"\s*+(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*>\s*+)?(?:<!--.*?-->\s*+)*+"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|table|div|h[1-6]|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_BINARY_START = re.compile(
    rb"%PDF-|PK\x03\x04|\xd0\xcf\x11\xe0|\x89PNG|\xff\xd8\xff|GIF8[79]a|Rar!|RIFF|\x1f\x8b|BM..\x00\x00",
    re.DOTALL,
)


@dataclass(frozen=True)
class Page:
    """A page as it was captured.

    ``url`` is absolute, ``content_type`` the header's value or empty, ``body`` the payload after
    content decoding. ``text`` and ``tree`` are worked out on first use; neither raises, whatever
    the bytes are.
    """

    url: str
    status: int
    content_type: str
    body: bytes

    @classmethod
    def from_http(cls, url: str, status: int, content_type: str, body: bytes) -> Self:
        """The page of one HTTP answer; see the class for the meaning of the fields."""
        return cls(url, status, content_type, body)

    @cached_property
    def address(self) -> SplitResult:
        """The parts of ``url``; all empty where it is no address."""
        try:
            return urlsplit(self.url)
        except ValueError:
            return urlsplit("")

    @property
    def media_type(self) -> str:
        """The media type alone, lower case: ``text/html`` for ``Text/HTML; charset=utf-8``."""
        return self.content_type.partition(";")[0].strip().lower()

    @cached_property
    def is_html(self) -> bool:
        """Whether the payload is a web page, by its type and, where that is vague, its content."""
        start = self.body[:2048]
        if _BINARY_START.match(start):
            return False
        if self.media_type in _HTML_TYPES:
            return True
        return self.media_type in _VAGUE_TYPES and _MARKUP_START.match(start) is not None

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        return decode_html(self.body, self.content_type)

    @property
    def text(self) -> str:
        """The markup as text, NUL characters removed."""
        return self._decoded[0]

    @property
    def encoding(self) -> str:
        """The encoding that ``text`` was decoded from."""
        return self._decoded[1]

    def mentions(self, *words: str) -> bool:
        """Whether one of the words stands anywhere in the markup. ASCII words only; a look at the
        bytes, since a page is searched for the marks of a dozen platforms."""
        if self.encoding.startswith("utf-16"):
            return any(word in self.text for word in words)
        return any(word.encode() in self.body for word in words)

    def mentions_early(self, *words: str) -> bool:
        """`mentions` for what a system writes into the head of its pages and the beginning of the
        body: scripts, style sheets, the names of its shell."""
        if self.encoding.startswith("utf-16"):
            return any(word in self.text for word in words)
        return any(self.body.find(word.encode(), 0, _EARLY) >= 0 for word in words)

    @property
    def is_cut(self) -> bool:
        """Whether the markup is so long that its end is not read."""
        return len(self.text) > MAX_MARKUP_CHARS

    @cached_property
    def tree(self) -> etree._Element:
        """The root element, an empty ``<html>`` where there is no markup."""
        return parse(self.text[:MAX_MARKUP_CHARS])

    @cached_property
    def blocks(self) -> Blocks:
        """The page as a flat list of items; see `crawler.extraction.blocks`."""
        return read_blocks(self.tree)
