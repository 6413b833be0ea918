"""What a first look at a portal concludes: names, provinces, headlines, sections, rhythm."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from small_portal import SmallPortal, article_path, title

from archive.errors import HuyenError
from archive.schema import PageKind, Reading
from crawler.extraction.listings import Entry
from crawler.extraction.page import Page
from crawler.survey.district_names import bare_name, body_name, slug_of
from crawler.survey.provinces import NAMES, province_of_host, provinces_in
from crawler.survey.signposts import headlines, sections
from crawler.survey.site_identity import identify
from crawler.survey.site_survey import (
    Answer,
    Listing,
    ReadPage,
    crawl_delay,
    open_home,
    relative,
    rhythm,
)


def page(body: str, url: str = "http://dong-son.example/", head: str = "") -> Page:
    markup = f"<html><head>{head}</head><body>{body}</body></html>"
    return Page.from_http(url, 200, "text/html; charset=utf-8", markup.encode())


# -- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "url", "name", "confirmed"),
    [
        # Where the name ends, only the address tells.
        (
            "CỔNG THÔNG TIN ĐIỆN TỬ HUYỆN THỌ XUÂN CHUNG SỨC XÂY DỰNG NÔNG THÔN MỚI",
            "https://thoxuan.thanhhoa.gov.vn/",
            "Huyện Thọ Xuân",
            True,
        ),
        (
            "Trang thông tin điện tử thành phố Thanh Hóa",
            "https://tpthanhhoa.thanhhoa.gov.vn/",
            "Thành phố Thanh Hóa",
            True,
        ),
        (
            "UBND Quận Ba Đình - Thành phố Hà Nội",
            "https://badinh.hanoi.gov.vn/",
            "Quận Ba Đình",
            True,
        ),
        (
            "Ủy ban nhân dân quận 1, thành phố Hồ Chí Minh",
            "https://quan1.hochiminhcity.gov.vn/",
            "Quận 1",
            True,
        ),
        (
            "Cổng thông tin điện tử huyện Cư M'gar - tỉnh Đắk Lắk",
            "https://cumgar.daklak.gov.vn/",
            "Huyện Cư M'gar",
            True,
        ),
        (
            "HUYỆN CÔ TÔ TỈNH QUẢNG NINH",
            "https://www.quangninh.gov.vn/donvi/huyencoto",
            "Huyện Cô Tô",
            True,
        ),
        (
            "Cổng thông tin điện tử thị xã Long Mỹ là nơi công bố",
            "http://portal.example/",
            "Thị xã Long Mỹ",
            False,
        ),
        ("CỔNG THÔNG TIN HUYỆN ĐÔNG SƠN", "http://portal.example/", "Huyện Đông Sơn", False),
        (
            "Tin từ thành phố Hà Nội và huyện Đông Sơn",
            "http://portal.example/",
            "Huyện Đông Sơn",
            False,
        ),
    ],
)
def test_the_name_of_a_body(line: str, url: str, name: str, confirmed: bool) -> None:
    found = body_name([line], url)
    assert found is not None
    assert (found.full, found.confirmed) == (name, confirmed)


def test_a_page_that_names_nobody() -> None:
    assert body_name(["Cổng thông tin điện tử", "Tin tức"], "http://x.example/") is None


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Huyện Thọ Xuân", "tho-xuan"),
        ("Thị xã Đồng Xoài", "dong-xoai"),
        ("Quận 1", "quan-1"),
        ("Huyện Ea H'leo", "ea-h-leo"),
    ],
)
def test_slugs_are_folded_names(name: str, slug: str) -> None:
    assert slug_of(bare_name(name)) == slug


def test_the_63_provinces_by_host() -> None:
    assert len(set(NAMES)) == 63
    assert province_of_host("thoxuan.thanhhoa.gov.vn") == "Thanh Hóa"
    assert province_of_host("xuyenmoc.baria-vungtau.gov.vn") == "Bà Rịa - Vũng Tàu"
    assert province_of_host("caobang.caobang.gov.vn") == "Cao Bằng"
    assert province_of_host("binhtan.hochiminhcity.gov.vn") == "Hồ Chí Minh"
    assert province_of_host("dong-son.example") is None


def test_provinces_are_found_where_they_are_called_so() -> None:
    text = "UBND tỉnh Thanh Hoá, tỉnh Bà Rịa – Vũng Tàu; TP. Cần Thơ; xã Hòa Bình"
    assert provinces_in(text) == ["Thanh Hóa", "Bà Rịa - Vũng Tàu", "Cần Thơ"]


def test_what_a_person_says_is_final_and_no_doubt() -> None:
    home = page("<h1>Cổng thông tin huyện Vĩnh Lộc, tỉnh Thanh Hóa</h1>")
    said = identify(home, home.url, name="Huyện Đông Sơn", province="Nghệ An")
    assert (said.name, said.province, said.slug) == ("Huyện Đông Sơn", "Nghệ An", "dong-son")
    assert said.doubts == {}


def test_a_guess_is_a_doubt() -> None:
    home = page("<h1>Cổng thông tin huyện Vĩnh Lộc, tỉnh Thanh Hóa</h1>")
    guessed = identify(home, home.url, name=None, province=None)
    assert (guessed.name, guessed.province) == ("Huyện Vĩnh Lộc", "Thanh Hóa")
    assert set(guessed.doubts) == {"name", "province"}
    other = identify(home, "http://vinhloc.nghean.gov.vn/", name=None, province=None)
    assert other.province == "Nghệ An"
    assert "Thanh Hóa" in other.doubts["province"]
    assert "name" not in other.doubts


@pytest.mark.parametrize(
    ("body", "option"),
    [("<h1>Tin tức</h1>", "--name"), ("<h1>Huyện Vĩnh Lộc</h1>", "--province")],
)
def test_what_cannot_be_told_is_asked_for(body: str, option: str) -> None:
    with pytest.raises(HuyenError, match=option):
        identify(page(body), "http://x.example/", name=None, province=None)


# -- where a page leads -----------------------------------------------------------------------


def test_headlines_are_told_from_the_names_of_sections() -> None:
    listing = page(
        '<ul class="menu"><li><a href="/a">Chiến lược - Định Hướng - Quy hoạch</a></li>'
        '<li><a href="/gioi-thieu">Giới thiệu về huyện Đông Sơn của chúng ta</a></li></ul>'
        '<div><a href="/1">Đông Sơn ra quân làm thủy lợi mùa khô</a> <span>(03/05/2023)</span></div>'
        '<div><a href="/2">Họp giao ban</a><p>02/05/2023</p></div>'
        '<div><a href="/3">Khai mạc hội trại tòng quân từ 1/7/2019 (01.05.2023 10:30)</a></div>'
        '<div><a href="/4">Đảng bộ xã Đông Khê đại hội lần thứ mười</a><p>30/04/2023</p></div>'
        '<p><a href="/9">Bài này đứng bên cạnh và không có ngày đăng</a></p>'
    )
    assert headlines(listing) == (
        Entry("http://dong-son.example/1", "Đông Sơn ra quân làm thủy lợi mùa khô", "2023-05-03"),
        Entry("http://dong-son.example/2", "Họp giao ban", "2023-05-02"),
        Entry(
            "http://dong-son.example/3",
            "Khai mạc hội trại tòng quân từ 1/7/2019",
            "2023-05-01T10:30:00+07:00",
        ),
        Entry(
            "http://dong-son.example/4", "Đảng bộ xã Đông Khê đại hội lần thứ mười", "2023-04-30"
        ),
    )


def test_a_list_without_dates_has_headlines_too_and_stays_on_its_host() -> None:
    listing = page(
        '<p><a href="/1">Đông Sơn ra quân làm thủy lợi mùa khô</a></p>'
        '<p><a href="/2">Xã Đông Khê đón bằng công nhận nông thôn mới</a></p>'
        '<p><a href="http://khac.example/3">Bộ trưởng trả lời chất vấn trước Quốc hội</a></p>'
        '<p><a href="/4.pdf">Danh sách thí sinh trúng tuyển kỳ thi năm nay</a></p>'
    )
    assert [headline.url[-1] for headline in headlines(listing)] == ["1", "2"]


def test_sections_that_promise_news_come_first() -> None:
    home = page(
        '<a href="/lien-he">Liên hệ</a> <a href="/x">Du xuân</a> <a href="/tin">Tin tức - Sự kiện</a>'
        ' <a href="/dang-nhap">Đăng nhập</a> <a href="/kinh-te">Kinh tế</a>'
        ' <a href="/1">Đông Sơn ra quân làm thủy lợi mùa khô</a>'
    )
    assert [address.rpartition("/")[2] for address in sections(home)] == ["tin", "kinh-te", "x"]


# -- the home page ----------------------------------------------------------------------------


def opened(asked: str, answer: Answer) -> str:
    async def fetch(url: str) -> Answer:
        assert url == asked
        return answer

    return asyncio.run(open_home(fetch, asked))[0]


@pytest.mark.parametrize(
    ("asked", "reached", "home"),
    [
        ("http://a.example/", "http://a.example/portal/default.aspx", "http://a.example/"),
        ("http://a.example/", "https://www.a.example/vi/", "https://www.a.example/"),
        ("http://a.example/donvi/x", "http://a.example/donvi/x/", "http://a.example/donvi/x/"),
    ],
)
def test_the_home_that_is_written_down(asked: str, reached: str, home: str) -> None:
    assert opened(asked, Answer(asked, page("x", reached))) == home


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer("http://a.example/", error="robots.txt forbids it"), "robots.txt forbids it"),
        (
            Answer("http://a.example/", page("x", "http://b.example/")),
            "redirects to http://b.example/, another host",
        ),
        (
            Answer("x", Page.from_http("http://a.example/", 500, "text/html", b"<p>Server Error")),
            "answers with status 500",
        ),
        (
            Answer("x", Page.from_http("http://a.example/", 200, "image/png", b"\x89PNG")),
            "is no web page but image/png",
        ),
        (
            Answer("x", page("<title>Request Rejected</title>", "http://a.example/")),
            "is not the portal but a firewall: F5 BIG-IP",
        ),
    ],
)
def test_what_is_no_home_page(answer: Answer, said: str) -> None:
    with pytest.raises(HuyenError, match=f"http://a.example/.*{said}.*nothing was written"):
        opened("http://a.example/", answer)


def test_sections_are_written_from_the_root_of_the_home() -> None:
    assert relative("http://a.example/tin?x=1", "http://a.example/") == "/tin?x=1"
    assert relative("http://a.example/tin", "http://a.example/vi/") == "http://a.example/tin"


# -- rhythm and pace --------------------------------------------------------------------------


def listing(*dates: str | None) -> Listing:
    entries = tuple(Entry(f"http://a.example/{d}-{n}", "x", d) for n, d in enumerate(dates))
    read = ReadPage(page("x"), None, Reading(PageKind.LISTING, "generic", "1"))
    return Listing(read, entries, proven=True)


def test_the_rhythm_is_that_of_the_newer_half_of_each_section() -> None:
    daily = [f"2026-11-{day:02}" for day in range(1, 11)]
    found = rhythm([listing(*reversed(daily)), listing("2015-02-08", *daily[::2])])
    assert found is not None
    # 7 a week, and one in two days; the pinned article of 2015 makes no difference.
    assert found.a_week == pytest.approx(10.5)
    assert (found.dates, found.newest) == (16, dt.date(2026, 11, 10))
    assert not found.is_silent(dt.date(2026, 11, 21))
    assert found.is_silent(dt.date(2027, 4, 1))


def test_without_dates_there_is_no_rhythm() -> None:
    assert rhythm([listing(None, None, None), listing("2026-11-01", "2026-11-02")]) is None
    assert rhythm([listing("2026-11-01", "2026-11-01", "2026-11-01")]) is None


def test_the_delay_that_robots_txt_asks_for() -> None:
    robots = b"User-agent: other\nCrawl-delay: 9\n\nUser-agent: *\nCrawl-delay: 2.5\n"
    assert crawl_delay(robots, "huyen") == 2.5
    assert crawl_delay(b"User-agent: *\nDisallow: /x\n", "huyen") is None
    assert crawl_delay(b"\xff\xfe<html>", "huyen") is None


def test_the_small_portal_lists_what_it_publishes() -> None:
    portal = SmallPortal()
    body = portal.answers["/tin-tuc/"].body
    assert isinstance(body, bytes)
    found = headlines(
        Page.from_http("http://dong-son.example/tin-tuc/", 200, "text/html; charset=utf-8", body)
    )
    assert found == tuple(
        Entry(f"http://dong-son.example{article_path(n)}", title(n), f"2023-03-{n:02}")
        for n in range(1, 5)
    )
