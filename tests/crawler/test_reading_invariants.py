"""What holds for every page that is read, whatever portal it comes from.

Every skin and family, hundreds of random layouts, every page of the replica portals, and the real
pages beside the repository where they are (skipped, saying so, where they are not).
"""

from __future__ import annotations

import re
import tarfile
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from layouts import article as layout
from layouts import listing as list_layout
from markup import FURNITURE, HOST, SKINS, address
from platform_pages import FAMILIES
from stories import STORIES

from archive.schema import Article, PageKind, Reading
from crawler.extraction.captions import is_image_name
from crawler.extraction.listings import Listing
from crawler.extraction.page import Page
from crawler.extraction.reading import read_listing, read_page
from crawler.replica import build_portals

SHARED = Path(__file__).parents[3] / "shared" / "portals"
PORTAL = SHARED / "krongno.daknong.gov.vn.tar.xz"
HTML = "text/html; charset=utf-8"
# Furniture of real portals and of the replicas, folded where case varies.
MENU_TEXT = re.compile(
    r"(?:trang chủ|đăng nhập|tin đã đưa|xem tiếp|quay lại|bản in|các ý kiến của bạn đọc|truy cập|liên kết web"
    r"|other news|số lượt (?:truy cập|người xem)[\s:\d]*|thủ tục hành chính|tiếp công dân|doanh nghiệp|\d{2,3}\s?%)",
    re.IGNORECASE,
)


def _skins() -> Iterator[tuple[str, Page]]:
    for skin, make in SKINS.items():
        for name, (story, _) in STORIES.items():
            yield (
                f"{name} [{skin}]",
                Page.from_http(address(story), 200, HTML, make(story).encode()),
            )
    for name, family in FAMILIES.items():
        yield name, Page.from_http(HOST + family.url, 200, HTML, family.article.encode())
        yield (
            f"{name} (list)",
            Page.from_http(HOST + family.list_url, 200, HTML, family.listing.encode()),
        )


def _layouts() -> Iterator[tuple[str, Page]]:
    for number in range(1000, 1150):
        for only_a_file in (False, True):
            body = layout(number, only_a_file=only_a_file).html.encode()
            yield f"layout {number}", Page.from_http(f"{HOST}/x?id={number}", 200, HTML, body)
        body = list_layout(number).encode()
        yield f"list {number}", Page.from_http(f"{HOST}/list?id={number}", 200, HTML, body)


def _replicas() -> Iterator[tuple[str, Page]]:
    for host, portal in build_portals().items():
        seen = set()
        queue = ["/"]
        while queue:
            path = queue.pop()
            if path in seen or len(seen) > 400:
                continue
            seen.add(path)
            answer = portal.respond(path, {})
            media_type = answer.headers.get("Content-Type", "")
            if (
                answer.status != 200
                or "html" not in media_type
                or not isinstance(answer.body, bytes)
            ):
                continue
            page = Page.from_http(f"http://{host}{path}", 200, media_type, answer.body)
            yield page.url, page
            for link in page.tree.iter("a"):
                target = urlsplit(link.get("href") or "")
                if target.netloc in ("", host) and target.path.startswith("/"):
                    queue.append(f"{target.path}?{target.query}" if target.query else target.path)


def _real() -> Iterator[tuple[str, Page]]:
    if PORTAL.is_file():
        with tarfile.open(PORTAL) as portal:
            for member in portal:
                if member.name.endswith("/index.html") and (file := portal.extractfile(member)):
                    path = member.name.partition("/")[2].removesuffix("index.html").rstrip("/")
                    url = f"http://krongno.daknong.gov.vn/{path}"
                    yield url, Page.from_http(url, 200, HTML, file.read())
    for path in sorted((SHARED / "pages").glob("*.html")):
        yield (
            path.name,
            Page.from_http(f"http://real.example.vn/{path.stem}", 200, HTML, path.read_bytes()),
        )


SOURCES = {"skins": _skins, "layouts": _layouts, "replicas": _replicas, "real": _real}


@cache
def _read(source: str) -> tuple[tuple[str, Reading, Listing], ...]:
    return tuple((name, read_page(page), read_listing(page)) for name, page in SOURCES[source]())


@pytest.fixture(params=SOURCES)
def read(request: pytest.FixtureRequest) -> tuple[tuple[str, Reading, Listing], ...]:
    if request.param == "real" and not SHARED.is_dir():
        pytest.skip(f"the real pages are not at {SHARED}")
    return _read(request.param)


Read = tuple[tuple[str, Reading, Listing], ...]


def _articles(read: Read) -> list[tuple[str, Article]]:
    found = [(name, reading.article) for name, reading, _ in read if reading.article is not None]
    assert len(found) >= 10
    return found


def _texts(article: Article) -> Iterator[str]:
    yield from (article.title, article.summary, article.author, article.published_raw)
    yield from article.body_text.split("\n")
    yield from article.category
    for image in article.images:
        yield from (image.caption, image.alt)
    for attachment in article.attachments:
        yield attachment.label


def test_text_is_nfc_and_tidy(read: Read) -> None:
    for name, article in _articles(read):
        for text in _texts(article):
            assert unicodedata.is_normalized("NFC", text), f"{name} @ NFC: {text!r}"
            lines = text.split("\n")  # two bylines are two lines
            assert [" ".join(line.split()) for line in lines] == lines, f"{name} @ space: {text!r}"
            assert not re.search("[\x00-\x09\x0b-\x1f\u200b-\u200f\ufeff\xad\ufffd]", text), (
                f"{name} @ controls"
            )


def test_no_title_is_empty(read: Read) -> None:
    for name, article in _articles(read):
        assert re.search(r"[^\W\d_]{2}", article.title), f"{name} @ title"


def test_dates_are_vietnamese_and_say_where_they_come_from(read: Read) -> None:
    for name, reading, _ in read:
        article = reading.article
        if article is None or article.published_at is None:
            continue
        moment = datetime.fromisoformat(article.published_at)
        assert 1990 <= moment.year <= 2030, f"{name} @ published_at"
        if "T" in article.published_at:
            assert moment.utcoffset() == timedelta(hours=7), f"{name} @ published_at"
            assert moment.time() != moment.time().min, f"{name} @ midnight"
        assert article.published_raw, f"{name} @ published_raw"


def test_no_menu_text_in_articles(read: Read) -> None:
    for name, article in _articles(read):
        lines = [article.summary, article.author, *article.body_text.split("\n")]
        assert not set(lines) & set(FURNITURE), f"{name} @ furniture"
        assert not [line for line in lines if MENU_TEXT.fullmatch(line)], f"{name} @ menu"


def test_no_caption_and_no_file_name_among_paragraphs(read: Read) -> None:
    for name, article in _articles(read):
        lines = set(article.body_text.split("\n"))
        captions = {image.caption for image in article.images} - {""}
        assert not lines & captions, f"{name} @ captions"
        assert not [line for line in lines if is_image_name(line)], f"{name} @ file names"


def test_no_text_is_said_twice(read: Read) -> None:
    for name, article in _articles(read):
        lines = article.body_text.split("\n")
        assert article.summary not in lines or not article.summary, f"{name} @ summary"
        assert lines[0] != article.title, f"{name} @ title in body"


def test_what_was_read_says_how_sure_it_is(read: Read) -> None:
    for name, reading, _ in read:
        assert 0 < reading.confidence <= 1, f"{name} @ confidence"
        assert int(reading.extractor_version) >= 1, f"{name} @ version"
        empty = reading.article is not None and not (
            reading.article.body_text or reading.article.summary
        )
        noted = {"body-is-attachment", "body-is-pictures", "no-body"} & set(reading.notes)
        assert bool(noted) == empty, f"{name} @ notes: {reading.notes}"


def test_entries_of_lists_lead_somewhere(read: Read) -> None:
    for name, _, listing in read:
        urls = [entry.url for entry in listing.entries]
        assert len(urls) == len(set(urls)), f"{name} @ entries"
        for entry in listing.entries:
            assert entry.url.startswith(("http://", "https://")), f"{name} @ entry"
            assert len(entry.title) >= 3, f"{name} @ entry title"
            assert entry.date is None or datetime.fromisoformat(entry.date), f"{name} @ entry date"
        assert listing.next_url is None or listing.next_url not in urls, f"{name} @ next"


def test_most_listings_of_real_and_replica_portals_have_entries(read: Read) -> None:
    listings = [(n, listing) for n, reading, listing in read if reading.kind is PageKind.LISTING]
    filled = [name for name, listing in listings if listing.entries]
    assert len(filled) >= 0.9 * len(listings), sorted({n for n, _ in listings} - set(filled))
