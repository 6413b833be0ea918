"""Pages that share what they should not are told; what portals really share is not."""

from __future__ import annotations

import pytest

from archive.schema import Article, Attachment, PageKind, Reading
from crawler.alarms import Alarm, shared_values

MENU = "Trang chủ Giới thiệu Tin tức Văn bản Thủ tục hành chính Lịch công tác Liên hệ " * 4


def _reading(number: int, **fields: object) -> Reading:
    article = {
        "url": f"http://h.example.vn/{number}",
        "title": f"Bài viết thứ {number} của huyện Mẫu",
        "body_text": f"Đoạn văn của bài thứ {number}. " * 20,
        "published_at": f"2021-11-{1 + number % 28:02}T08:{number % 60:02}:00+07:00",
        **fields,
    }
    return Reading(PageKind.ARTICLE, "generic", "1", Article(**article))  # type: ignore[arg-type]


def _site(shared: int, of: int = 40, **fields: object) -> list[Reading]:
    return [_reading(n, **(fields if n < shared else {})) for n in range(of)]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("body_text", MENU, MENU[:80]),
        ("title", "Cổng thông tin điện tử huyện Mẫu", "Cổng thông tin điện tử huyện Mẫu"),
        ("published_at", "2022-01-05T08:15:00+07:00", "2022-01-05T08:15:00+07:00"),
    ],
)
def test_what_too_many_pages_share_is_told(field: str, value: str, told: str) -> None:
    alarms = shared_values(_site(12, **{field: value}))
    assert alarms == (Alarm(field, told, 12, 40),)
    assert str(alarms[0]) == f"12 of 40 articles share one {field}: {told}"


def test_a_site_that_is_read_rightly_is_silent() -> None:
    assert shared_values(_site(0)) == ()


@pytest.mark.parametrize("field", ["body_text", "title", "published_at"])
def test_a_fifth_is_no_alarm(field: str) -> None:
    value = {"body_text": MENU, "title": "Thông báo", "published_at": "2022-01-05T08:15:00+07:00"}
    assert shared_values(_site(8, **{field: value[field]})) == ()


def test_re_publication_with_one_bare_date_is_real() -> None:
    assert shared_values(_site(39, published_at="2019-07-30")) == ()


def test_pages_that_only_say_see_here_are_real() -> None:
    assert shared_values(_site(30, body_text="Xem chi tiết tại đây")) == ()


def test_one_article_under_many_addresses_is_one() -> None:
    same = {
        "title": "Huyện Mẫu ra quân",
        "body_text": MENU,
        "published_at": "2021-11-09T08:15:00+07:00",
    }
    assert shared_values(_site(30, **same)) == ()


def test_notices_of_one_title_with_files_of_their_own_count_as_many() -> None:
    readings = [
        _reading(n, title="Thông báo", body_text="", attachments=(Attachment(f"http://h/{n}.pdf"),))
        for n in range(20)
    ]
    assert [alarm.field for alarm in shared_values(readings)] == ["title"]


def test_a_handful_of_articles_proves_nothing() -> None:
    assert shared_values(_site(14, of=14, body_text=MENU)) == ()


def test_an_alarm_is_told_once() -> None:
    readings = _site(20, published_at="2022-01-05T08:15:00+07:00")
    known = {(alarm.field, alarm.value) for alarm in shared_values(readings)}
    assert known
    assert shared_values(readings, known) == ()


def test_pages_without_an_article_do_not_count() -> None:
    listing = Reading(PageKind.LISTING, "generic", "1")
    assert shared_values([*_site(12, body_text=MENU), *[listing] * 100])[0].articles == 40
