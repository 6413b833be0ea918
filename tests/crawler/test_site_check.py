"""What a check concludes: pure functions of what was fetched, of history and of the fixture."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
from small_portal import SmallPortal, article_path

from archive.schema import Article, Attachment
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page
from crawler.page_reader import PageReader
from crawler.sites import Site
from crawler.survey.fixtures import Fixture, StoredPage
from crawler.survey.site_check import Finding, Look, expected_fields, judge, look_at, missing_fields
from crawler.survey.site_history import History
from crawler.survey.site_survey import Answer

HOME = "http://dong-son.example/"
SITE = Site("dong-son", "Huyện Đông Sơn", "Thanh Hóa", HOME)
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
NEVER = History({}, None, None, None, None, None, None, None, {})
WELL = History(
    coverage={"title": 1.0, "body_text": 1.0, "published_at": 0.98, "author": 0.95, "images": 0.5},
    well_at="2026-11-20T01:00:00.000000Z",
    verdict="partial",
    crawled_at="2026-11-21T01:00:00.000000Z",
    home_at="2026-11-20T01:00:01.000000Z",
    listing_at="2026-11-20T01:00:02.000000Z",
    article_at="2026-11-20T01:00:03.000000Z",
    platform_at=None,
    field_at={"author": "2026-11-20T01:00:04.000000Z"},
)


def fixture(**fields: object) -> Fixture:
    stored = StoredPage("article-1", "a", HOME, 200, "", "2026-11-01T00:00:00.000000Z", "", "")
    said = {"title": "x", "body_text": ["x"], **fields}
    return Fixture(Path("x"), "dong-son", HOME, (stored,), {"article-1": said}, reviewed=True)


def check(
    answers: Mapping[str, Answer], site: Site = SITE, history: History = NEVER
) -> dict[str, Finding]:
    portal = SmallPortal()
    asked: list[str] = []

    async def fetch(url: str) -> Answer:
        asked.append(url)
        if url in answers:
            return answers[url]
        response = portal.respond(url.removeprefix(HOME[:-1]), {})
        assert isinstance(response.body, bytes)
        return Answer(url, Page.from_http(url, response.status, "text/html", response.body))

    look = Look()
    expected = expected_fields(history, None)
    reader = PageReader(site.home, read_page)
    asyncio.run(look_at(fetch, site, reader, expected, look))
    assert len(asked) <= 8
    return {found.subject: found for found in judge(site, look, expected, history, None, NOW)}


_COMMUNE = '<meta charset="utf-8"><title>Cổng thông tin điện tử xã Mới</title>'


def test_a_portal_without_a_history_is_judged_by_what_any_article_has() -> None:
    findings = check({})
    assert {subject: finding.ok for subject, finding in findings.items()} == {
        "home": True,
        "listing": True,
        "article": True,
        "platform": None,
        "fields": True,
        "crawl": None,
        "fixture": None,
    }


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(HOME, error="no answer (timeout)"), "no answer (timeout)"),
        (Answer(HOME, Page.from_http(HOME, 503, "text/html", b"<p>x")), "status 503"),
        (Answer(HOME, Page.from_http(HOME, 200, "application/pdf", b"%PDF-1.4")), "no web page"),
        (
            Answer(HOME, Page.from_http("http://xa.example/", 200, "text/html", b"<p>x")),
            "redirects to http://xa.example/",
        ),
        (
            Answer(
                HOME, Page.from_http(HOME, 200, "text/html", b"<title>Request Rejected</title>")
            ),
            "the firewall refuses: F5 BIG-IP",
        ),
        (
            Answer(HOME, Page.from_http(HOME, 200, "text/html", _COMMUNE.encode())),
            "the home page is that of Xã Mới",
        ),
    ],
)
def test_a_home_page_that_is_none(answer: Answer, says: str) -> None:
    findings = check({HOME: answer}, history=WELL)
    assert findings["home"].ok is False
    assert says in findings["home"].says
    assert findings["home"].since == WELL.home_at
    assert set(findings) == {"home", "crawl", "fixture"}
    assert findings["crawl"].says == "partial on 2026-11-21; last well 2026-11-20"


def test_articles_that_are_gone_are_named_with_what_is_there() -> None:
    gone = {
        f"{HOME[:-1]}{article_path(n)}": Answer("x", Page.from_http(HOME, 404, "text/html", b"x"))
        for n in range(1, 4)
    }
    finding = check(gone, history=WELL)["article"]
    assert finding.ok is False
    assert finding.says.count("is status 404") == 3
    assert finding.since == WELL.article_at


def test_the_soft_404_of_a_portal_is_no_article() -> None:
    stub = SmallPortal().answers[article_path(1)].body
    assert isinstance(stub, bytes)
    missing = PageReader(HOME, read_page).impossible_address
    same = {
        url: Answer(url, Page.from_http(url, 200, "text/html", stub))
        for url in (missing, *(f"{HOME[:-1]}{article_path(n)}" for n in range(1, 4)))
    }
    finding = check(same)["article"]
    assert finding.ok is False
    assert "is missing" in finding.says


def test_sections_of_the_file_go_before_those_of_the_home_page() -> None:
    site = Site("dong-son", "x", "y", HOME, sections=(f"{HOME}khong-con", f"{HOME}tin-tuc/?page=2"))
    finding = check({}, site)["listing"]
    assert finding.ok
    assert finding.says.endswith(f"{HOME}tin-tuc/?page=2")


def test_what_an_article_should_have() -> None:
    assert expected_fields(WELL, fixture(summary="x")) == {
        "title",
        "body_text",
        "published_at",
        "author",
    }
    assert expected_fields(NEVER, fixture(summary="x", author="")) == {
        "title",
        "body_text",
        "summary",
    }
    assert expected_fields(NEVER, None) == {"title", "body_text", "published_at"}


def test_an_article_that_is_only_a_document_lacks_no_text() -> None:
    expected = frozenset({"title", "body_text", "author"})
    document = Article(url=HOME, title="x", attachments=(Attachment(f"{HOME}a.pdf"),))
    assert missing_fields(document, expected) == {"author"}
    assert missing_fields(Article(url=HOME, title="x"), expected) == {"body_text", "author"}
