"""What changes on a page by itself is no edit: counters, tokens, clocks, widgets, other news."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from archive.identity import Likeness, compare
from archive.schema import Article
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page
from crawler.replica.markup.cap_nhat import ViThuy
from crawler.replica.markup.tandan import HoangHoa
from crawler.replica.markup.thanhhoa_web import ThoXuan
from crawler.replica.portal import Publication, ReplicaPortal, Response, Section

KINDS: tuple[type[ReplicaPortal], ...] = (ThoXuan, HoangHoa, ViThuy)

_CLOCK = '<div class="clock">Thứ Bảy, 21/11/2026 | 10:05:33</div>'
_BELOW = (
    '<div class="weather">Thanh Hóa: 24°C, có mây</div><div class="giavang">Vàng SJC: 81,2</div>'
    '<div class="counter">Đang truy cập: 37<br>Hôm nay: 1.204<br>Tất cả: 304389</div>'
    '<input type="hidden" name="__VIEWSTATE" value="dDwtMTM3NjQyOTM="></body>'
)


def articles(portal: ReplicaPortal, *, hits: int) -> Iterator[tuple[bytes, Article]]:
    """What each page of the portal says after so many visits to it."""
    for publication in portal.publications:
        path = publication.paths[0]
        for _ in range(hits):
            answer = portal.respond(path, {})
        assert isinstance(answer.body, bytes)
        page = Page.from_http(
            portal.absolute(path), 200, answer.headers["Content-Type"], answer.body
        )
        reading = read_page(page)
        assert reading.article is not None
        yield answer.body, reading.article


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_is_looked_at_again_says_the_same(kind: type[ReplicaPortal]) -> None:
    class Shuffled(kind):  # type: ignore[misc, valid-type]
        """Lists other news in another order each time, and fewer of them."""

        def others(
            self, publication: Publication, section: Section
        ) -> list[tuple[Publication, str]]:
            listed: list[tuple[Publication, str]] = super().others(publication, section)
            return random.Random(publication.story.number).sample(listed, k=len(listed) // 2)

        def latest(self, count: int) -> tuple[Publication, ...]:
            return tuple(reversed(super().latest(count + 3)))[:count]

        def html(self, text: str, status: int = 200, **headers: str) -> Response:
            above = re.sub(r"<body[^>]*>", lambda m: m[0] + _CLOCK, text, count=1)
            answer: Response = super().html(above.replace("</body>", _BELOW), status, **headers)
            return answer

    pairs = zip(articles(kind(), hits=1), articles(Shuffled(), hits=3), strict=True)
    for (page, article), (other_page, again) in pairs:
        assert page != other_page
        assert compare(article, again) is Likeness.SAME, article.url
