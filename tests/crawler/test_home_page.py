"""Whose page answers at the home address: the portal's own, or another body's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.bodies import Body
from crawler.endings import Ending
from crawler.extraction.page import Page
from crawler.home_page import ending_of, look_at_home, other_body
from crawler.sites import Site
from crawler.verdicts import Verdict

SITE = Site("hoang-hoa", "Huyện Hoằng Hóa", "Thanh Hóa", "https://hoanghoa.thanhhoa.gov.vn/")
MENU = "".join(f'<li><a href="/muc-{n}">Tin xã Hoằng Thịnh {n}</a></li>' for n in range(30))
NEWS = "<p>Xã Hoằng Lộc và phường Quảng Tiến ký kết chương trình phối hợp.</p>" * 20


def page(
    title: str = "", banner: str = "", footer: str = "", *, head: str = "", url: str = SITE.home
) -> Page:
    markup = (
        f"<html><head><title>{title}</title>{head}</head><body><div>{banner}</div><ul>{MENU}</ul>"
        f"<div>{NEWS}</div><div>{footer}</div></body></html>"
    )
    return Page.from_http(url, 200, "text/html; charset=utf-8", markup.encode())


@pytest.mark.parametrize(
    ("title", "banner", "footer", "named"),
    [
        ("Cổng thông tin điện tử xã Hoằng Hóa", "", "", "Xã Hoằng Hóa"),
        ("Trang chủ - Cổng Thông tin điện tử Xã Hoằng Hoá", "", "", "Xã Hoằng Hoá"),
        ("CỔNG THÔNG TIN ĐIỆN TỬ XÃ HOẰNG HÓA", "", "", "Xã Hoằng Hóa"),
        ("Xã Hoằng Hóa | Trang chủ", "", "", "Xã Hoằng Hóa"),
        ("Trang TTĐT phường Hạc Thành, tỉnh Thanh Hóa", "", "", "Phường Hạc Thành"),
        ("Cong thong tin dien tu phuong Hac Thanh", "", "", "Phuong Hac Thanh"),
        ("Cổng thông tin điện tử huyện Như Xuân", "", "", "Huyện Như Xuân"),
        ("Cổng thông tin điện tử đặc khu Vân Đồn", "", "", "Đặc khu Vân Đồn"),
        ("Cổng TTĐT Đảng ủy - HĐND - UBND xã Hoằng Hóa", "", "", "Xã Hoằng Hóa"),
        ("Trang chủ", "<h1>TRANG THÔNG TIN ĐIỆN TỬ XÃ HOẰNG HÓA</h1>", "", "Xã Hoằng Hóa"),
        ("Trang chủ", "", "<p>Bản quyền thuộc về UBND xã Hoằng Hóa.</p>", "Xã Hoằng Hóa"),
        ("", "<p>Ủy ban nhân dân phường Liên Chiểu</p>", "<p>UBND phường Liên Chiểu</p>",
         "Phường Liên Chiểu"),
        # The commune has forgotten a corner of the district's page.
        ("Cổng thông tin điện tử xã Hoằng Hóa", "", "<p>UBND huyện Hoằng Hóa</p>", "Xã Hoằng Hóa"),
    ],
)  # fmt: skip
def test_another_body_on_the_districts_host_is_named(
    title: str, banner: str, footer: str, named: str
) -> None:
    finding = look_at_home(page(title, banner, footer), SITE, {})
    assert finding is not None
    assert (finding.verdict, finding.subject) == (Verdict.MOVED, named)
    assert finding.reason == f"the home page is that of {named}, not Huyện Hoằng Hóa"
    assert ending_of(finding) is Ending.MOVED


@pytest.mark.parametrize(
    ("title", "banner", "footer"),
    [
        ("Cổng thông tin điện tử huyện Hoằng Hóa", "", ""),
        ("Cổng thông tin điện tử huyện Hoằng Hoá - tỉnh Thanh Hoá", "", ""),
        ("CỔNG THÔNG TIN ĐIỆN TỬ HUYỆN HOẰNG HÓA CHUNG SỨC XÂY DỰNG NÔNG THÔN MỚI", "", ""),
        ("Cổng thông tin điện tử huyện HoằngHóa", "", ""),  # as Đắk Glong's title did
        ("Huyện Hoằng Hóa", "", ""),
        ("Thị xã Hoằng Hóa - Trang chủ", "", ""),  # a district that became a town is the same body
        ("Trang chủ", "", ""),
        ("", "", ""),
        ("Cổng thông tin điện tử tỉnh Thanh Hóa", "", ""),
        ("Xã Hoằng Lộc đón bằng công nhận nông thôn mới kiểu mẫu - Trang chủ", "", ""),
        ("Trang chủ", "<p>UBND tỉnh Thanh Hóa</p><p>UBND huyện Hoằng Hóa</p>", ""),
        # A notice of the move, on the district's own page.
        ("Cổng thông tin điện tử huyện Hoằng Hóa",
         "<p>Từ 01/7/2025 xin xem Trang thông tin điện tử xã Hoằng Hóa.</p>", ""),
        # What only looks like a unit, or is the Party's committee of the same district.
        ("Trang thông tin điện tử Huyện ủy Hoằng Hóa", "", ""),
        ("CỔNG THÔNG TIN ĐIỆN TỬ HUYỆN ỦY - HĐND - UBND HUYỆN HOẰNG HÓA", "", ""),
        ("Trang thông tin xã hội", "<p>Trang thông tin quân sự địa phương</p>", ""),
        ("Cổng thông tin phương tiện giao thông", "<b>TRANG THÔNG TIN XÃ HỘI</b>", ""),
        ("Trang tin Huyện đoàn", "<p>Website huyện đội</p>", ""),
        # News of a commune, in a line that is no link.
        ("Trang chủ", "<marquee>UBND xã Hoằng Lộc tổ chức ngày hội đại đoàn kết</marquee>", ""),
        ("Trang chủ", "<b>UBND XÃ HOẰNG LỘC TỔ CHỨC NGÀY HỘI ĐẠI ĐOÀN KẾT</b>", ""),
        # The pages of its communes, as every district lists them.
        ("Trang chủ", "", "<p>Trang thông tin điện tử xã Hoằng Lộc</p><p>UBND xã Hoằng Trung</p>"),
        ("Trang chủ", "", '<a href="http://x.vn">Trang thông tin điện tử xã Hoằng Lộc</a>'),
        ("Trang chủ", "<select><option>Trang thông tin điện tử xã Hoằng Lộc</option></select>", ""),
    ],
)  # fmt: skip
def test_the_districts_own_page_is_its_own(title: str, banner: str, footer: str) -> None:
    assert look_at_home(page(title, banner, footer), SITE, {}) is None


def test_the_name_in_the_sites_file_may_say_more_than_the_page() -> None:
    wordy = Site("x", "Huyện Hoằng Hóa tỉnh Thanh Hóa", "Thanh Hóa", SITE.home)
    replica = Site("x", "Huyện Hoằng Hóa (bản mô phỏng)", "Thanh Hóa", SITE.home)
    unnamed = Site("x", "Hoằng Hóa", "Thanh Hóa", SITE.home)
    own = page("Cổng thông tin điện tử huyện Hoằng Hóa")
    for site in (wordy, replica, unnamed):
        assert look_at_home(own, site, {}) is None
    taken = page("Cổng thông tin điện tử xã Hoằng Hóa")
    for site in (wordy, replica):
        assert look_at_home(taken, site, {}) is not None


def test_a_long_hostile_title_costs_nothing() -> None:
    assert look_at_home(page("ubnd " * 200_000), SITE, {}) is None
    assert look_at_home(page(banner="<p>" + "trang tin - ubnd " * 100_000), SITE, {}) is None


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:site_name" content="Cổng thông tin điện tử xã Hoằng Hóa">',
        '<meta name="description" content="Trang thông tin điện tử của UBND xã Hoằng Hóa">',
    ],
)
def test_the_head_of_the_page_speaks_too(head: str) -> None:
    other = other_body(page("Trang chủ", head=head), SITE)
    assert other is not None
    assert other.text == "Xã Hoằng Hóa"


def test_a_body_that_sites_toml_lists_may_speak_there() -> None:
    commune = Body("Xã Hoằng Hóa", "xã", "Thanh Hóa", since="2025-07-01")
    district = Body(SITE.name, "huyện", "Thanh Hóa", until="2025-07-01")
    followed = replace(SITE, bodies=(district, commune))
    for site, named in ((SITE, True), (replace(SITE, bodies=(district,)), True), (followed, False)):
        for home in (
            page("Cổng thông tin điện tử xã Hoằng Hóa"),
            page("Trang chủ", "", "<p>Bản quyền thuộc về UBND xã Hoằng Hóa.</p>"),
        ):
            assert (other_body(home, site) is not None) is named
    assert other_body(page("Cổng thông tin điện tử xã Hoằng Lộc"), followed) is not None


def test_a_communes_portal_may_name_its_district() -> None:
    commune = Site("cam-tu", "Xã Cẩm Tú", "Thanh Hóa", "https://camtu.thanhhoa.gov.vn/")
    for title in ("UBND huyện Cẩm Thủy - UBND xã Cẩm Tú", "Cổng thông tin điện tử huyện Cẩm Thủy"):
        assert look_at_home(page(title, url=commune.home), commune, {}) is None
    other = other_body(page("Cổng thông tin điện tử xã Cẩm Thủy", url=commune.home), commune)
    assert other is not None


def test_a_redirect_to_another_host_is_a_move_and_says_whose_it_is() -> None:
    moved = page("Cổng thông tin điện tử xã Hoằng Hóa", url="https://xahoanghoa.thanhhoa.gov.vn/")
    finding = look_at_home(moved, SITE, {})
    assert finding is not None
    assert finding.verdict is Verdict.MOVED
    assert finding.subject == "xahoanghoa.thanhhoa.gov.vn"
    assert finding.reason == (
        "redirects to https://xahoanghoa.thanhhoa.gov.vn/, the page of Xã Hoằng Hóa"
    )
    within = page("Trang chủ", url="https://www.hoanghoa.thanhhoa.gov.vn/web/trang-chu")
    assert look_at_home(within, SITE, {}) is None


@pytest.mark.parametrize(
    "markup",
    [
        '<meta http-equiv="Refresh" content="0; URL=https://moi.thanhhoa.gov.vn/">',
        "<script>window.location.href = 'https://moi.thanhhoa.gov.vn/';</script>",
        '<script>location.replace("https://moi.thanhhoa.gov.vn/")</script>',
    ],
)
def test_a_page_that_only_sends_elsewhere_is_a_move(markup: str) -> None:
    answer = Page.from_http(SITE.home, 200, "text/html", f"<html>{markup}</html>".encode())
    finding = look_at_home(answer, SITE, {})
    assert finding is not None
    assert (finding.verdict, finding.subject) == (Verdict.MOVED, "moi.thanhhoa.gov.vn")


def test_a_forwarding_within_the_portal_is_none() -> None:
    answer = Page.from_http(
        SITE.home, 200, "text/html", b'<meta http-equiv="refresh" content="0;url=/web/trang-chu">'
    )
    assert look_at_home(answer, SITE, {}) is None


@pytest.mark.parametrize(
    ("text", "verdict", "subject"),
    [
        ("The requested URL was rejected. Your support ID is: 1", Verdict.BLOCKED, "F5 BIG-IP"),
        ("Tên miền này đã hết hạn", Verdict.GONE, "domain expired"),
        ("Hosting đã hết hạn, đang bị tạm ngưng", Verdict.BLOCKED, "hosting suspended"),
        ("Welcome to nginx!", Verdict.UNREACHABLE, "page of welcome"),
        ('<form><input type="password"></form>', Verdict.BLOCKED, "login form"),
    ],
)
def test_a_barrier_is_named_in_the_verdict(text: str, verdict: Verdict, subject: str) -> None:
    answer = Page.from_http(
        SITE.home, 200, "text/html; charset=utf-8", f"<html><body>{text}</body></html>".encode()
    )
    finding = look_at_home(answer, SITE, {})
    assert finding is not None
    assert (finding.verdict, finding.subject) == (verdict, subject)
    assert subject in finding.reason
    assert ending_of(finding) is Ending.BLOCKED


def test_a_parking_page_at_the_end_of_a_redirect_is_gone_and_a_login_there_is_blocked() -> None:
    for text, verdict in (
        ("This domain is for sale", Verdict.GONE),
        ('<form><input type="password"></form>', Verdict.BLOCKED),
    ):
        markup = f"<html><body>{text}</body></html>".encode()
        finding = look_at_home(Page.from_http("https://x.vn/", 200, "text/html", markup), SITE, {})
        assert finding is not None
        assert finding.verdict is verdict
