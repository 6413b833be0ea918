"""Archives with a few articles, written through the one write path."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from archive.exchange import Exchange
from archive.ingest import ArchiveWriter, SiteFacts
from archive.schema import Article, PageKind, Reading

START = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
PORTALS = {
    "tho-xuan": ("Huyện Thọ Xuân", "Thanh Hóa"),
    "hoang-hoa": ("Huyện Hoằng Hóa", "Thanh Hóa"),
    "vi-thuy": ("Huyện Vị Thủy", "Hậu Giang"),
}


@dataclass(frozen=True)
class Seen:
    """An article as one run found it on a portal; ``packed``: sent with gzip."""

    article: Article
    site: str = "tho-xuan"
    packed: bool = False
    url: str = ""


def seen(
    path: str, title: str, body_text: str = "", site: str = "tho-xuan", **fields: object
) -> Seen:
    """An article at that path of a portal."""
    url = f"https://{site.replace('-', '')}.example/{path}"
    return Seen(Article(url=url, title=title, body_text=body_text, **fields), site)  # type: ignore[arg-type]


def store(root: Path, pages: Iterable[Seen], when: datetime = START) -> None:
    """One crawl that finds these pages, at one a second."""
    ticks = iter(range(1_000_000))
    with ArchiveWriter.open(
        root, "crawl", ["--full"], clock=lambda: when + timedelta(seconds=next(ticks))
    ) as writer:
        for slug, (name, province) in PORTALS.items():
            writer.record_site(
                SiteFacts(slug, name, province, f"https://{slug}.example/", "active")
            )
        for number, page in enumerate(pages):
            article = page.article
            payload = f"<h1>{escape(article.title)}</h1>{escape(article.body_text)}".encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            if page.packed:
                payload = gzip.compress(payload, mtime=0)
                head += b"Content-Encoding: gzip\r\n"
            capture = writer.record_exchange(
                page.site,
                Exchange(
                    url=page.url or article.url,
                    fetched_at=when + timedelta(seconds=number),
                    request=b"GET / HTTP/1.1\r\n\r\n",
                    response_head=head + b"\r\n",
                    payload=payload,
                    status=200,
                    media_type="text/html",
                ),
            )
            writer.record_reading(
                capture, Reading(PageKind.ARTICLE, "test", "1", article, confidence=0.9)
            )


def store_missing(root: Path, page: Seen, when: datetime) -> None:
    """One crawl to which the portal says that this page is not there."""
    with ArchiveWriter.open(root, "crawl", clock=lambda: when) as writer:
        writer.record_exchange(
            page.site,
            Exchange(
                url=page.url or page.article.url,
                fetched_at=when,
                request=b"GET / HTTP/1.1\r\n\r\n",
                response_head=b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n",
                payload=b"<h1>404</h1>",
                status=404,
                media_type="text/html",
            ),
        )
