"""The shared article schema and what a page turned out to be.

Everything here is a value: parsed once at the edge, trusted afterwards. Text is NFC, white space
is collapsed, paragraphs are separated by a single ``\\n``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an article, in reading order. ``url`` is absolute; ``alt`` as in the markup
    (often the original file name), ``caption`` as printed beside the picture."""

    url: str
    caption: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file offered by an article. ``url`` is absolute, ``media_type`` guessed from the name
    (``application/pdf`` …) or empty."""

    url: str
    label: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """What a portal printed about one article, in the shared schema.

    ``published_at`` and ``updated_at`` are ISO 8601: ``YYYY-MM-DDTHH:MM:SS+07:00``, or
    ``YYYY-MM-DD`` where the portal prints no time (or only 00:00:00). ``*_raw`` is the text that
    they came from. ``view_count`` is an observation, never part of the content.
    """

    url: str
    title: str
    summary: str = ""
    body_text: str = ""
    author: str = ""
    category: tuple[str, ...] = ()
    published_at: str | None = None
    published_raw: str = ""
    updated_at: str | None = None
    updated_raw: str = ""
    view_count: int | None = None
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    language: str = "vi"

    def content_hash(self) -> str:
        """SHA-256 (hex) of what the portal says, without URL, category and counters.

        Two readings with the same hash are the same content: a changed counter, token, category
        or widget on the page is not an edit.
        """
        content = [
            self.title,
            self.summary,
            self.body_text,
            self.author,
            self.published_at,
            self.updated_at,
            [[i.url, i.caption] for i in self.images],
            [[a.url, a.label] for a in self.attachments],
        ]
        canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class PageKind(StrEnum):
    """What a captured page is."""

    ARTICLE = "article"
    LISTING = "listing"  # home, section, menu, search result: leads to articles
    OTHER = "other"  # readable, but neither: contact form, map, empty layout
    MISSING = "missing"  # soft 404: "not found" answered with status 200
    ASSET = "asset"  # picture, document, style sheet
    UNREADABLE = "unreadable"  # should be an article but could not be read: a listed failure


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of reading one captured page: a pure function of its bytes and URL.

    ``article`` is set when ``kind`` is ARTICLE, and only then. ``extractor`` and
    ``extractor_version`` name the code that decided; ``confidence`` (0..1) how sure it is;
    ``notes`` what a person should know (``"date-from-url"``, ``"body-is-attachment"`` …).
    """

    kind: PageKind
    extractor: str
    extractor_version: str
    article: Article | None = None
    confidence: float = 1.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is PageKind.ARTICLE) != (self.article is not None):
            raise ValueError("a reading has an article exactly when its kind is ARTICLE")
