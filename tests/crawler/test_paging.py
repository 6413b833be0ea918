"""Next pages without an ordinary link."""

import pytest
from lxml import html

from crawler.paging import announced_pages, guessed_next, page_number_in, postbacks

HOME = "http://a.gov.vn/"


@pytest.mark.parametrize(
    ("url", "link", "guess"),
    [
        ("http://a.gov.vn/tin-tuc", '<a href="/">Trang sau</a>', "http://a.gov.vn/tin-tuc/page/2"),
        ("http://a.gov.vn/tin-tuc/", '<a href="">»</a>', None),
        (
            "http://a.gov.vn/tin-tuc/",
            '<a href="/tin-tuc">Tiếp theo »</a>',
            "http://a.gov.vn/tin-tuc/page/2",
        ),
        ("http://a.gov.vn/tin/page/7", '<a href="/">Trang sau</a>', "http://a.gov.vn/tin/page/8"),
        ("http://a.gov.vn/tin-tuc", '<a href="/tin-tuc?page=2">Trang sau</a>', None),
        ("http://a.gov.vn/tin-tuc", '<a href="/">Trang chủ</a>', None),
        ("http://a.gov.vn/tin.aspx", '<a href="/">Trang sau</a>', None),
        ("http://a.gov.vn/tin?x=1", '<a href="/">Trang sau</a>', None),
        ("http://a.gov.vn/", '<a href="/">Trang sau</a>', None),
        ("http://a.gov.vn/tin-tuc", '<a href="/">Ngày sau</a>', None),
    ],
)
def test_a_pager_that_lies_is_answered_with_a_guess(url: str, link: str, guess: str | None) -> None:
    assert guessed_next(html.document_fromstring(f"<p>{link}</p>"), url, HOME) == guess


FORM = """<form method="post" action="./Tin.aspx?cat=3" id="aspnetForm">
<input type="hidden" name="__VIEWSTATE" value="dDwt/+="><input type="hidden" name="__EVENTTARGET">
<input type="text" name="ctl00$tim" value=""><input type="submit" name="ctl00$nut" value="Tìm">
<a href="javascript:__doPostBack('ctl00$dang','')">Đăng nhập</a>
<a href="javascript:__doPostBack('ctl00$grid','Page$2')">2</a>
<a href="#" onclick="javascript:__doPostBack('ctl00$grid','Page$11')">...</a>
<a href='javascript:WebForm_DoPostBackWithOptions(new WebForm_PostBackOptions("ctl00$sau", "", true))'>Trang sau</a>
<a href="/binh-thuong">3</a></form><a href="javascript:__doPostBack('ngoai','')">4</a>"""


def test_the_links_of_an_aspnet_pager_are_forms_to_post() -> None:
    found = list(postbacks(html.document_fromstring(FORM), "http://a.gov.vn/tin/Tin.aspx"))
    assert [(step.label, dict(step.fields)["__EVENTTARGET"]) for step in found] == [
        ("2", "ctl00$grid"),
        ("...", "ctl00$grid"),
        ("trang sau", "ctl00$sau"),
    ]
    first = dict(found[0].fields)
    assert found[0].url == "http://a.gov.vn/tin/Tin.aspx?cat=3"
    assert first["__VIEWSTATE"] == "dDwt/+="
    assert first["__EVENTARGUMENT"] == "Page$2"
    assert first["ctl00$tim"] == ""
    assert "ctl00$nut" not in first


def test_a_form_with_more_pages_and_fields_than_any_pager_has_is_read_in_part() -> None:
    fields = "".join(f'<input type="hidden" name="o{n}" value="x">' for n in range(5000))
    links = "".join(f"<a href=\"javascript:__doPostBack('p','{n}')\">{n}</a>" for n in range(5000))
    form = f'<form action="/x">{fields}{links}</form>'
    found = list(postbacks(html.document_fromstring(form), "http://a.gov.vn/"))
    assert len(found) <= 100
    assert all(len(step.fields) <= 1002 for step in found)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("http://a.gov.vn/tin?page=7", 7),
        ("http://a.gov.vn/tin?muc=3&PageIndex=2", 2),
        ("http://a.gov.vn/web/guest/tin?p_p_id=101&_101_INSTANCE_x_cur=4", 4),
        ("http://a.gov.vn/vi/news/tin-tuc/page-12/", 12),
        ("http://a.gov.vn/tin/trang-3.html", 3),
        ("http://a.gov.vn/tin?start=20", 20),
        ("http://a.gov.vn/tin?page=1", None),
        ("http://a.gov.vn/tin?page=0", None),
        ("http://a.gov.vn/tin?homepage=x", None),
        ("http://a.gov.vn/trang-chu/bai-12.html", None),
        ("http://a.gov.vn/tin/bai-so-5.html?id=9", None),
    ],
)
def test_the_number_of_a_further_page_is_read_from_its_address(
    address: str, number: int | None
) -> None:
    assert page_number_in(address) == number


@pytest.mark.parametrize(
    ("markup", "pages"),
    [
        ("<p>Trang 1/12</p>", 12),
        ("<p>Trang <b>1</b> / <b>12</b></p>", 12),
        ("<li>Trang sau</li><li>Trang 2 trên tổng số 7</li>", 7),
        ("<span>Page 3 of 40</span>", 40),
        ("<p>Trang 5/3</p>", None),
        ("<p>Ngày 1/12, trang trí khánh tiết</p>", None),
        ("<p>Trang 1</p><p>12</p>", None),
    ],
)
def test_how_many_pages_a_listing_says_that_it_has(markup: str, pages: int | None) -> None:
    assert announced_pages(html.fromstring(f"<div>{markup}</div>")) == pages
