"""Five real articles, as their portals printed them, set into every markup of `markup.SKINS`.

The texts lie beside the repository, not in it; without them these tests are skipped. What is
expected is taken from the printed text itself, line by line, by the rules below: never from the
reader that is under test. A failure reads ``tho-xuan-2021-01-14 [nested-tables] @ published_at``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from markup import FURNITURE, SKINS, Picture, Story, address, picture_addresses

from archive.schema import Article, PageKind
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"the sample texts are not at {SAMPLES}"
)


@dataclass(frozen=True)
class Rule:
    """Where things stand in one sample. Line numbers count from 1, blank lines included.

    ``captions`` are the lines that are captions of the picture before them.
    """

    title: int
    category: int | None
    date: int
    iso: str
    last: int  # the line of the byline
    captions: tuple[int, ...]
    glued: str = ""
    views: int | None = None


RULES = {
    "tho-xuan-2021-01-14": Rule(7, 5, 9, "2021-01-14T08:35:02+07:00", 29, ()),
    "tho-xuan-2023-01-31": Rule(7, 5, 9, "2023-01-31", 43, (16, 29)),
    "tho-xuan-2024-04-03": Rule(7, 5, 9, "2024-04-03", 40, (15, 18, 21, 24, 29, 32, 35, 38)),
    "hoang-hoa-2021-08-10": Rule(1, None, 3, "2021-08-10", 18, (9, 11, 15)),
    "vi-thuy-2021-01-22": Rule(
        2, 1, 4, "2021-01-22", 21, (12,), glued="Các ý kiến của bạn đọc", views=679
    ),
}
_FILE_NAME = re.compile(r"\.(?:png|jpg)$", re.IGNORECASE)


def _tidy(line: str) -> str:
    return " ".join(unicodedata.normalize("NFC", line).replace("\u200b", "").split())


@dataclass(frozen=True)
class Sample:
    """The story of a sample and what must be read from it."""

    story: Story
    rule: Rule
    title: str
    category: tuple[str, ...]
    summary: str
    body: list[str]
    author: str
    pictures: list[tuple[str, str]]  # alt, caption


@cache
def _sample(name: str) -> Sample:
    rule = RULES[name]
    lines = (SAMPLES / f"{name}.txt").read_text("utf-8").split("\n")

    def line(number: int) -> str:
        return lines[number - 1]

    below = [n for n in range(rule.date + 1, rule.last) if _tidy(line(n)) not in ("", "100%")]
    lead, rest = below[0], below[1:]
    parts: list[str | Picture] = []
    body: list[str] = []
    pictures: list[tuple[str, str]] = []
    for n in rest:
        text = _tidy(line(n))
        if _FILE_NAME.search(text):
            caption = next((c for c in rule.captions if _follows(lines, n, c)), None)
            printed = _tidy(line(caption)) if caption else ""
            parts.append(Picture(text, printed))
            pictures.append((text, re.sub(r"^\(\s*|\)$", "", printed)))
        elif n not in rule.captions:
            parts.append(line(n))
            body.append(text)
    byline = _tidy(line(rule.last)).removesuffix(rule.glued)
    category = _tidy(line(rule.category)) if rule.category else ""
    story = Story(
        slug="tin-" + name,
        title=line(rule.title),
        date_line=line(rule.date),
        lead=line(lead),
        parts=tuple(parts),
        byline=byline,
        category=category,
        glued_to_byline=rule.glued,
    )
    return Sample(
        story,
        rule,
        _tidy(line(rule.title)),
        (category,) if category else (),
        _tidy(line(lead)),
        body,
        byline,
        pictures,
    )


def _follows(lines: list[str], picture: int, caption: int) -> bool:
    """Nothing but blank lines stands between the picture's line and the caption's."""
    return caption > picture and not any(_tidy(text) for text in lines[picture : caption - 1])


@cache
def _read(name: str, skin: str) -> Article:
    story = _sample(name).story
    body = SKINS[skin](story).encode()
    reading = read_page(Page.from_http(address(story), 200, "text/html; charset=utf-8", body))
    assert reading.kind is PageKind.ARTICLE, (
        f"{name} [{skin}] @ kind: {reading.kind} {reading.notes}"
    )
    assert reading.article is not None
    return reading.article


@pytest.fixture(params=[f"{name} [{skin}]" for name in RULES for skin in SKINS])
def case(request: pytest.FixtureRequest) -> tuple[str, Article, Sample]:
    name, skin = request.param.rstrip("]").split(" [")
    return request.param, _read(name, skin), _sample(name)


Case = tuple[str, Article, Sample]


def test_title(case: Case) -> None:
    name, article, sample = case
    assert article.title == sample.title, f"{name} @ title"


def test_published_at(case: Case) -> None:
    name, article, sample = case
    assert article.published_at == sample.rule.iso, f"{name} @ published_at"


def test_category(case: Case) -> None:
    name, article, sample = case
    assert article.category == sample.category, f"{name} @ category"


def test_summary(case: Case) -> None:
    name, article, sample = case
    assert article.summary == sample.summary, f"{name} @ summary"


def test_author(case: Case) -> None:
    name, article, sample = case
    assert article.author == sample.author, f"{name} @ author"


def test_body(case: Case) -> None:
    name, article, sample = case
    assert article.body_text.split("\n") == sample.body, f"{name} @ body"


def test_images(case: Case) -> None:
    name, article, sample = case
    assert [i.url for i in article.images] == picture_addresses(sample.story), f"{name} @ images"
    assert [i.alt for i in article.images] == [alt for alt, _ in sample.pictures], f"{name} @ alt"


def test_captions(case: Case) -> None:
    name, article, sample = case
    captions = [caption for _, caption in sample.pictures]
    assert [i.caption for i in article.images] == captions, f"{name} @ captions"


def test_view_count(case: Case) -> None:
    name, article, sample = case
    assert article.view_count == sample.rule.views, f"{name} @ view_count"


def test_no_furniture(case: Case) -> None:
    name, article, _ = case
    lines = {article.summary, article.author, *article.body_text.split("\n")}
    assert lines.isdisjoint(FURNITURE), f"{name} @ furniture"
    assert "304389" not in article.body_text, f"{name} @ furniture"
