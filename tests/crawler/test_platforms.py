"""The families of portals on real pages, and on their own template's traps.

Real pages lie beside the repository, not in it; tests that read them are skipped without them.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import pytest
from markup import SKINS, address
from stories import STORIES

from archive.schema import Article, PageKind, Reading
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page
from crawler.platforms import PLATFORMS, cap_nhat, generic, lacviet, tandan, thanhhoa_web

PAGES = Path(__file__).parents[3] / "shared" / "portals" / "pages"

STORY = STORIES["irrigation"][0]
TEXT = [part for part in STORY.parts if isinstance(part, str)]
BODY = "".join(f"<p>{text}</p>" for text in TEXT)


def test_platforms_have_names_and_whole_numbers_for_versions() -> None:
    names = [platform.name for platform in PLATFORMS]
    assert names == [
        "tandan",
        "lacviet",
        "nukeviet",
        "liferay",
        "wordpress",
        "joomla",
        "drupal",
        "dnn",
        "thanhhoa-web",
        "cap-nhat",
        "sharepoint",
        "generic",
    ]
    assert all(int(platform.version) >= 1 for platform in PLATFORMS)


@pytest.mark.parametrize(
    ("skin", "story", "extractor"),
    [
        ("sharepoint", "irrigation", "tandan"),
        ("web", "irrigation", "thanhhoa-web"),
        ("nested-tables", "irrigation", "thanhhoa-web"),
        ("nested-tables", "open-hour", "cap-nhat"),
        ("word-paste", "open-hour", "cap-nhat"),
    ],
)
def test_the_reading_names_the_platform_that_read(skin: str, story: str, extractor: str) -> None:
    told = STORIES[story][0]
    reading = read_page(Page.from_http(address(told), 200, "text/html", SKINS[skin](told).encode()))
    assert (reading.extractor, reading.kind) == (extractor, PageKind.ARTICLE)


# -- Lạc Việt -----------------------------------------------------------------------------------


def _post(title: str, time: str, lead: str, text: str, folder: str = "tin nổi bật") -> str:
    """A post of the family, with the broken nesting that puts the list inside the text."""
    return f"""<html lang="en-us"><body><form><div class="menu"><a href="/a">TRANG CHỦ</a></div>
<div class="time">20/11/2021</div><div class="postMain"><table><tr><s id="zone"><table><tr><td><div class="ms-WPBody noindex">
<table><tr class="ms-news-header"><td class="FolderTitle">{folder}</td><td class="Time">{time}</td></tr></table>
<div id="part1"><table id="tableforprint"><tbody><tr><td><p class="Title">{title}</p></td></tr>
<tr><td><b class="lv_description_mode1">{lead}</b></td></tr><tr><td><div class="ExternalClassD44D">{text}
<tr><td><div id="part2"><table class="tbtinkhac"><tr><td class="OtherTitle"><p class="OtherTitle">TIN ĐÃ ĐƯA</p></td></tr></table>
<table><tr><td class="Other"><ul><li><a href="/khac">Tin khác của huyện Mẫu trong tháng</a><span class="ShowDate">(11/06/2019)</span></li></ul></td></tr></table>
<div class="css_Xemtiep"><a href="#"><img alt="Xem tiếp" src="/xemtiep.gif"></a></div></div></td></tr></div></td></tr></tbody></table></div>
<span class="css_readCounter">Số lượt người xem: 10</span></div></td></tr></table></s></tr></table></div></form></body></html>"""


def _lacviet(markup: str, url: str = "http://h.daknong.example/p.aspx?ItemID=5") -> Reading:
    return read_page(Page.from_http(url, 200, "text/html; charset=utf-8", markup.encode()))


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("07/06/2019", "2019-06-07"),
        ("thứ sáu, 28 06 2019 16:08", "2019-06-28T16:08:00+07:00"),
        ("(25.04.2019 14:04)", "2019-04-25T14:04:00+07:00"),
    ],
)
def test_lacviet_post(printed: str, value: str) -> None:
    reading = _lacviet(_post(STORY.title, printed, STORY.lead, BODY))
    assert reading.extractor == "lacviet"
    article = reading.article
    assert article is not None
    assert (article.title, article.published_at) == (STORY.title, value)
    assert (article.summary, article.body_text.split("\n")) == (STORY.lead, TEXT)
    assert (article.category, article.view_count) == (("tin nổi bật",), 10)


def test_lacviet_post_that_is_a_document_only() -> None:
    article = _lacviet(
        _post(STORY.title, "07/06/2019", "", '<p>Xem chi tiết <a href="/img/1.pdf">Tại đây</a></p>')
    ).article
    assert article is not None
    assert (article.body_text, len(article.attachments)) == ("", 1)


def test_lacviet_section_stub_is_no_article() -> None:
    markup = _post(
        "lễ hội", "06/04/2019", "", '<p>Xem chi tiết <a href="/">Tại đây</a></p>', "lễ hội"
    )
    assert _lacviet(markup).kind is PageKind.OTHER


def test_lacviet_frame_without_title_is_a_failure() -> None:
    assert _lacviet(_post("", "06/04/2019", "", "")).kind is PageKind.UNREADABLE


# -- Tân Dân ------------------------------------------------------------------------------------


def test_tandan_article_address_without_an_article_is_a_failure() -> None:
    url = "http://h.thanhhoa.example/portal/Pages/2021-1-14/Ban-chi-dao-35-hop8p98kq.aspx"
    page = Page.from_http(
        url, 200, "text/html", b'<div class="tandan-div-nav"><a href="/">Trang</a></div>'
    )
    assert read_page(page).kind is PageKind.UNREADABLE


def test_tandan_headlines_in_a_list_are_no_title() -> None:
    items = "".join(
        f'<p class="tandan-p-article-news-title"><a href="/portal/{n}.aspx">Huyện Mẫu ra quân đợt {n} năm nay</a>'
        f'<span class="ngay">(0{n}/11/2021)</span></p>'
        for n in range(1, 6)
    )
    page = Page.from_http(
        "http://h.example/portal/Pages/Tin.aspx", 200, "text/html", items.encode()
    )
    assert read_page(page).kind is PageKind.LISTING


# -- NukeViet and Liferay ------------------------------------------------------------------------


NUKEVIET = f"""<html><head><title>{STORY.title}</title><meta property="og:type" content="article"></head><body>
<nav><ul><li><a href="/">Trang chủ</a></li></ul></nav><ul class="breadcrumbs"><li><a href="/">Trang chủ</a></li><li>
<a href="/news">Tin tức</a></li></ul><div class="news_column panel panel-default" itemtype="http://schema.org/NewsArticle">
<h1 class="title margin-bottom-lg" itemprop="headline">{STORY.title}</h1>
<span class="hidden hide d-none" itemprop="datePublished">2022-12-31T08:00:00+07:00</span>
<span class="h5">Thứ ba - 09/11/2021 08:15</span><div class="hometext m-bottom" itemprop="description">{STORY.lead}</div>
<div id="news-bodyhtml" class="bodytext margin-bottom-lg">{BODY}</div>
<p class="h5 text-right"><strong>Tác giả bài viết: </strong>Trần Văn Mẫu</p></div>
<div class="panel-body"><em class="fa fa-tags"></em><strong>Tags: </strong><a href="/tag/a">thủy lợi</a></div>
<p>Tổng số điểm của bài viết là: 0 trong 0 đánh giá</p><div class="other-news"><p class="h3"><strong>Những tin mới hơn</strong></p>
<ul class="related"><li><a href="/news/b-2.html">Huyện Mẫu khai giảng năm học mới</a> <em>(05/09/2021)</em></li></ul></div></body></html>"""

LIFERAY = f"""<html class="aui ltr"><body><h1 class="site-title"><a href="/">UBND huyện Mẫu</a></h1>
<div class="portlet-boundary portlet-boundary_101_"><h2 class="asset-full-content-title">{STORY.title}</h2>
<div class="assetPublishDate block_timer">Ngày đăng 09/11/2021 | 4:12 PM &nbsp;|&nbsp;View count: 349</div>
<div class="asset-full-content show-asset-title"><div class="asset-content" id="_101_1"><div class="sapo-wrapper"><p class="sapo">
<strong>{STORY.lead}</strong></p></div><div class="journal-content-article">{BODY}<p class="view-content-author"><em>admin admin</em></p>
</div></div></div><div class="related_asset"><div class="related_asset_title">Other News</div><ul><li><a href="/-/view_content/1-b">Huyện Mẫu
khai giảng năm học mới</a></li></ul></div></div></body></html>"""


def _stranger(markup: str, url: str) -> Reading:
    return read_page(Page.from_http(url, 200, "text/html; charset=utf-8", markup.encode()))


def test_nukeviet_article_has_the_printed_date_not_the_hidden_one() -> None:
    reading = _stranger(NUKEVIET, "http://h.example.vn/vi/news/kinh-te/tin-17.html")
    assert (reading.extractor, reading.kind) == ("nukeviet", PageKind.ARTICLE)
    article = reading.article
    assert article is not None
    assert (article.title, article.published_at) == (STORY.title, "2021-11-09T08:15:00+07:00")
    assert (article.summary, article.author, article.category) == (
        STORY.lead,
        "Trần Văn Mẫu",
        ("Tin tức",),
    )
    assert article.body_text.split("\n") == TEXT


def test_liferay_article_has_a_clock_of_twelve_hours_and_no_account_for_author() -> None:
    reading = _stranger(LIFERAY, "http://h.example.vn/tin/-/view_content/17-tin.html")
    assert (reading.extractor, reading.kind) == ("liferay", PageKind.ARTICLE)
    article = reading.article
    assert article is not None
    assert (article.title, article.published_at) == (STORY.title, "2021-11-09T16:12:00+07:00")
    assert (article.summary, article.author, article.view_count) == (STORY.lead, "", 349)
    assert article.body_text.split("\n") == TEXT


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        ('<div id="news-bodyhtml"></div>', "http://h.example.vn/vi/news/kinh-te/tin-17.html"),
        (
            '<div class="portlet-boundary journal-content-article"></div>',
            "http://h.vn/a/-/view_content/1-b.html",
        ),
    ],
)
def test_an_article_address_with_an_empty_template_is_a_failure(markup: str, url: str) -> None:
    assert _stranger(f"<body>{markup}<p>x</p></body>", url).kind is PageKind.UNREADABLE


# -- real pages ---------------------------------------------------------------------------------

needs_pages = pytest.mark.skipif(not PAGES.is_dir(), reason=f"the real pages are not at {PAGES}")


@cache
def _real(name: str, url: str) -> Reading:
    return read_page(
        Page.from_http(url, 200, "text/html; charset=utf-8", (PAGES / name).read_bytes())
    )


REAL_ARTICLES = {
    "sp2010_dakglong-daknong_detail.html": (
        "http://dakglong.daknong.gov.vn/TinTuc/Lists/Posts/Post.aspx?CategoryId=1&ItemID=220",
        "Nhiều hoạt động kỷ niệm 60 năm Ngày mở đường Hồ Chí Minh",
        "2019-04-25T14:04:00+07:00",
        "Tại buổi Họp báo, Đại tá Vũ Phúc Hậu",
        "vi",
    ),
    "liferay62_sotttt-hanoi_detail_chien-luoc-quy-hoach84a0.html": (
        "http://sotttt.hanoi.gov.vn/chien-luoc-quy-hoach/-/view_content/708168-huong-dan.html",
        "Hướng dẫn xây dựng Kế hoạch ứng dụng CNTT trong hoạt động của cơ quan nhà nước thành phố Hà Nội năm 2012",
        "2012-12-21",
        "Hướng dẫn xây dựng Kế hoạch ứng dụng CNTT",
        "vi",
    ),
    "liferay62_sotttt-hanoi_detail_en_2625972.html": (
        "http://sotttt.hanoi.gov.vn/en/news/-/view_content/2625972",
        "Hanoi Department of Information and Communications (HDIC) creates a video clip for to guide citizen and "
        "organizationto do online filing for Public Online Services level 3, level 4.",
        "2018-06-20T16:12:00+07:00",
        "Accordingly, the content of video clip 1",
        "en",
    ),
}


@pytest.fixture(params=REAL_ARTICLES)
def real(request: pytest.FixtureRequest) -> tuple[str, Article, tuple[str, ...]]:
    if not PAGES.is_dir():
        pytest.skip(f"the real pages are not at {PAGES}")
    url, *expected = REAL_ARTICLES[request.param]
    article = _real(request.param, url).article
    assert article is not None, request.param
    return request.param, article, tuple(expected)


Real = tuple[str, Article, tuple[str, ...]]


def test_real_title(real: Real) -> None:
    name, article, expected = real
    assert article.title == expected[0], f"{name} @ title"


def test_real_published_at(real: Real) -> None:
    name, article, expected = real
    assert article.published_at == expected[1], f"{name} @ published_at"


def test_real_body(real: Real) -> None:
    name, article, expected = real
    assert article.body_text.startswith(expected[2]), f"{name} @ body"
    assert "TIN ĐÃ ĐƯA" not in article.body_text, f"{name} @ body"
    assert "Other News" not in article.body_text, f"{name} @ body"


def test_real_language(real: Real) -> None:
    name, article, expected = real
    assert article.language == expected[3], f"{name} @ language"


def test_real_text_is_nfc(real: Real) -> None:
    name, article, _ = real
    for text in (article.title, article.summary, article.body_text, article.author):
        assert text == unicodedata.normalize("NFC", text), f"{name} @ NFC"


@needs_pages
@pytest.mark.parametrize(
    "name",
    [
        "liferay62_sotttt-hanoi_home_index.html",
        "liferay62_sotttt-hanoi_listing_cong-nghe-thong-tin.html",
        "liferay62_sotttt-hanoi_listing_page_cong-nghe-thong-tin01ad.html",
        "sp2010_dakglong-daknong_home.html",
        "sp2010_gianghia-daknong_home.html",
    ],
)
def test_real_listings(name: str) -> None:
    slug = "cong-nghe-thong-tin" if "listing" in name else ""
    assert _real(name, f"http://portal.example.gov.vn/{slug}").kind is PageKind.LISTING


@needs_pages
def test_the_views_of_a_real_page_are_read() -> None:
    name = "liferay62_sotttt-hanoi_detail_en_2625972.html"
    article = _real(name, REAL_ARTICLES[name][0]).article
    assert article is not None
    assert article.view_count == 349


def test_recognition_is_sure_of_its_own_and_silent_on_others() -> None:
    own = {
        tandan: SKINS["sharepoint"](STORY),
        lacviet: _post(STORY.title, "07/06/2019", STORY.lead, BODY),
        thanhhoa_web: SKINS["web"](STORY),
        cap_nhat: SKINS["web"](STORIES["open-hour"][0]),
    }
    stranger = Page.from_http(
        "http://x.vn/a", 200, "text/html", f"<h1>{STORY.title}</h1>{BODY}".encode()
    )
    for platform, markup in own.items():
        page = Page.from_http("http://x.vn/a", 200, "text/html", markup.encode())
        assert platform.recognise(page) > 0.5, platform.name
        assert platform.recognise(stranger) == 0.0, platform.name
    assert 0 < generic.recognise(stranger) < 0.5
