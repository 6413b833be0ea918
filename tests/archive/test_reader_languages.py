"""Every page of the reader is in the language of its address: no sentence of the other one stands in it
without being marked as such."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from read_archive import DAY, FIRST, Server, fill, serving

from archive.ingest import ArchiveWriter, SiteFacts
from archive.remarks import codes, recognise
from archive.site_runs import SiteRun
from crawler.challenges import _WORDS, BarrierKind
from crawler.endings import Ending
from crawler.home_page import _VERDICTS
from crawler.verdicts import _FAULTS, _LIMITS, Seen, Verdict, judge

# Words that hardly a sentence does without, and that the other language does not have.
FREQUENT = {
    "en": "the of and is are was were has have been with from this that which not nothing never for "
    "found articles pages page said could when where what more than before any",
    "vi": "của và các không được là có từ này những đã đến bài trang lần chưa một với để cho khi ở còn "
    "cũng như trong hoặc thấy lưu địa chỉ",
}
VOID = frozenset({"meta", "link", "img", "input", "br", "hr", "path"})
ATTRIBUTES = frozenset({"aria-label", "title", "alt", "placeholder", "data-label"})


class Told(HTMLParser):
    """The pieces of text of a page, each with the language that it is marked as."""

    def __init__(self) -> None:
        super().__init__()
        self.languages: list[tuple[str, str]] = [("", "")]
        self.pieces: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        language = given.get("lang")
        language = self.languages[-1][1] if language is None else language
        self.pieces += [
            (language, value) for name, value in attributes if name in ATTRIBUTES and value
        ]
        if tag not in VOID:
            self.languages.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while self.languages[-1][0] not in (tag, ""):
            self.languages.pop()
        if self.languages[-1][0] == tag:
            self.languages.pop()

    def handle_data(self, data: str) -> None:
        if self.languages[-1][0] not in ("script", "style", "code", "pre"):
            self.pieces.append((self.languages[-1][1], data))


def strays(page: str) -> list[str]:
    """The pieces that are marked as one language and have frequent words of the other."""
    told = Told()
    told.feed(page)
    found = []
    for language, piece in told.pieces:
        other = {"vi": "en", "en": "vi"}.get(language)
        words = set(
            re.findall(
                r"[^\W\d_]+", re.sub(r"--[a-z-]+|https?://\S+|(?<!\S)/\S+", "", piece).casefold()
            )
        )
        if other and words & set(FREQUENT[other].split()):
            found.append(f"{language}: {' '.join(piece.split())[:200]}")
    return found


def test_a_stray_sentence_is_seen() -> None:
    page = (
        "<html lang=vi><p>Không có gì. <span lang=en>The end of it.</span><a title='{}'>x</a></p>"
    )
    assert strays(page.format("bài")) == []
    assert strays(page.format("the page")) == ["vi: the page"]
    assert strays("<html lang=en><p>Không có gì") == ["en: Không có gì"]


WALKED = Seen(whole=True, responses=50, articles=40, new=3, changed=0, known=40)
JUDGED = (
    WALKED,
    replace(WALKED, new=0),
    replace(WALKED, articles=0, new=0),
    replace(WALKED, home_error="timeout: no connection within 15 s", home_failure="timeout"),
    replace(WALKED, home_error="tls: certificate verify failed", home_failure="tls"),
    replace(WALKED, refused=20),
    replace(WALKED, unreadable=30),
    replace(WALKED, edited=30, unchanged=4),
    replace(WALKED, alarms=("12 of 40 articles share one title: Cổng thông tin",)),
    replace(WALKED, broken=4),
    replace(WALKED, cut={"http://h.example/tin": "page 4 of a listing is missing"}),
    replace(WALKED, failed=30),
    replace(WALKED, cut_short=True),
    *(replace(WALKED, ending=ending, ending_detail="status 503") for ending in Ending),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a portal for each conclusion that a crawl can come to."""
    root = tmp_path_factory.mktemp("archive")
    fill(root)
    now = DAY + timedelta(days=3)
    with ArchiveWriter.open(root, "crawl", [], clock=lambda: now) as writer:
        for number, seen in enumerate(JUDGED):
            slug = f"portal-{number}"
            judged = judge(seen, [], now)
            facts = SiteFacts(slug, "Huyện Thử", "Tỉnh Thử", f"http://{slug}.example/", "active")
            writer.record_site(facts)
            writer.record_site_run(
                SiteRun(slug, now, now, judged.verdict, judged.reason, subject=judged.subject)
            )
    with serving(root) as server:
        yield server


def walk(server: Server, language: str, starts: list[str], most: int) -> Iterator[tuple[str, str]]:
    """Address and text of the pages in that language that links lead to from there, each once, ``most``
    at most."""
    asked: set[str] = set()
    waiting = list(starts)
    while waiting and len(asked) < most:
        address = waiting.pop(0)
        if address in asked:
            continue
        asked.add(address)
        answer = server.get(address)
        assert answer.status in (200, 302, 404), address
        # The pages of the portals are in whatever language they are.
        ours = f'<!DOCTYPE html>\n<html lang="{language}"'.encode() in answer.body
        if ours and "sandbox" not in str(answer.headers):
            yield address, answer.text
            waiting += map(html.unescape, re.findall(r'href="(/[^"#]*)', answer.text))


STARTS = (
    "/", "/search?q=huyen", "/search?q=khongco+gi", "/search?q=huyen&from=1999&to=1999",
    "/search?q=tu:32/1/2021", "/files?q=ke+hoach", "/article/1/differences", "/health?show=unwell",
    "/health?site=portal-4", "/nowhere", "/article/999", f"/web/*/{FIRST.url}", "/api",
    f"/web/2024/{FIRST.url}x",
)  # fmt: skip


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_sentence_of_the_other_language_stands_in_a_page(server: Server, language: str) -> None:
    starts = [
        a
        if language == "vi"
        else a.replace("/web/*/", "/web/*en_/").replace("/web/2024/", "/web/2024en_/")
        if a.startswith("/web/")
        else f"{a}{'&' if '?' in a else '?'}lang=en"
        for a in STARTS
    ]
    found: dict[str, list[str]] = {}
    kinds = set()
    for address, page in walk(server, language, starts, 300):
        kinds.add(re.sub(r"\d+", "N", address.partition("?")[0]))
        if wrong := strays(page):
            found[address] = wrong
    assert {
        "/",
        "/health",
        "/article/N/provenance",
        "/article/N/cite",
        "/portals/tho-xuan",
    } <= kinds
    assert found == {}


def test_every_conclusion_has_a_sentence() -> None:
    assert set(_VERDICTS) == set(BarrierKind)
    assert {kind.value for kind in BarrierKind} | {str(e) for e in (*_FAULTS, *_LIMITS)} <= set(
        codes()
    )
    assert {judge(seen, [], DAY).verdict for seen in JUDGED} >= {
        Verdict.OK, Verdict.QUIET, Verdict.EMPTY, Verdict.UNREACHABLE, Verdict.BLOCKED, Verdict.CHANGED,
        Verdict.PARTIAL, Verdict.INTERRUPTED,
    }  # fmt: skip
    for _, name, _ in _WORDS:
        assert recognise(name), name  # a sign that is no name of a product
