"""Next pages without an ordinary link."""

import pytest
from lxml import html

from crawler.paging import guessed_next, postbacks

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
