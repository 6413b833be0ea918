"""What a page is, and what is read from pages of every kind. All pages here are own writing."""

from __future__ import annotations

import pytest
from markup import IMPRINT, MENU, NOTICES, OTHER_NEWS, SKINS, address, listing
from stories import STORIES

from archive.schema import Article, PageKind, Reading
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page

STORY = STORIES["irrigation"][0]
TITLE = STORY.title
LEAD = STORY.lead
TEXT = [part for part in STORY.parts if isinstance(part, str)]
BODY = "".join(f"<p>{text}</p>" for text in TEXT)
MENU_HTML = (
    "<ul>" + "".join(f'<li><a href="/m{n}">{t}</a></li>' for n, t in enumerate(MENU)) + "</ul>"
)
OTHERS = (
    "<ul>"
    + "".join(
        f'<li><a href="/t{n}.html">{t}</a> <span>({d})</span></li>'
        for n, (t, d) in enumerate(OTHER_NEWS)
    )
    + "</ul>"
)
SIDE = "".join(
    f'<div><a href="/n{n}.html">{t}</a><br>{d}</div>' for n, (t, d) in enumerate(NOTICES)
)
FOOT = "<div>" + "<br>".join(IMPRINT) + "</div>"
URL = "http://huyen.example.gov.vn/chitiet.aspx?id=77"


def read(main: str, url: str = URL, head: str = "") -> Reading:
    """Reads a page whose middle is given, with menu, side column and imprint around it."""
    html = (
        f'<html><head><meta charset="utf-8">{head}</head><body><div>{MENU_HTML}</div><div>{main}</div>'
        f"<div><b>Thông báo mới</b>{SIDE}</div>{FOOT}</body></html>"
    )
    return read_page(Page.from_http(url, 200, "text/html; charset=utf-8", html.encode()))


def article(main: str, url: str = URL, head: str = "") -> Article:
    reading = read(main, url, head)
    assert reading.kind is PageKind.ARTICLE, (reading.kind, reading.notes)
    assert reading.article is not None
    return reading.article


# -- kinds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "media_type", "body", "kind"),
    [
        (200, "image/jpeg", b"\xff\xd8\xff\xe0", PageKind.ASSET),
        (200, "application/pdf", b"%PDF-1.4", PageKind.ASSET),
        (200, "text/html", b"%PDF-1.4 sent as html", PageKind.ASSET),
        (200, "text/css", b"body{color:red}", PageKind.ASSET),
        (200, "application/octet-stream", b"PK\x03\x04docx", PageKind.ASSET),
        (200, "text/html", b"", PageKind.OTHER),
        (200, "text/html", b" \r\n ", PageKind.OTHER),
        (200, "text/html", b"<h1>EasyPortal</h1><h3>Empty layout</h3>", PageKind.OTHER),
        (404, "text/html", b"<h1>Not here</h1>", PageKind.MISSING),
        (410, "text/html", b"<h1>Gone</h1>", PageKind.MISSING),
        (503, "text/html", b"<h1>Busy</h1>", PageKind.OTHER),
        (200, "text/html", b"<h1>Portal</h1><h3>404 Not Found Page</h3>", PageKind.MISSING),
    ],
)
def test_kind_of_pages_that_are_no_articles(
    status: int, media_type: str, body: bytes, kind: PageKind
) -> None:
    reading = read_page(Page.from_http("http://huyen.example.vn/x", status, media_type, body))
    assert (reading.kind, reading.article) == (kind, None)


def test_a_page_without_a_content_type_is_recognised_by_its_content() -> None:
    page = Page.from_http(address(STORY), 200, "", SKINS["web"](STORY).encode())
    assert read_page(page).kind is PageKind.ARTICLE


SOFT_404 = {
    "heading": "<h2>Không tìm thấy trang bạn yêu cầu</h2><p>Hãy kiểm tra lại địa chỉ.</p>",
    "sentence": "<p>Bài viết này không tồn tại hoặc đã bị xóa khỏi hệ thống.</p>",
    "english": "<h1>Error 404</h1><p>The page you requested could not be found.</p>",
}


@pytest.mark.parametrize("name", SOFT_404)
def test_not_found_that_is_answered_with_200(name: str) -> None:
    assert read(SOFT_404[name]).kind is PageKind.MISSING


def test_an_article_about_something_missing_is_an_article() -> None:
    made = article(
        f"<h1>Không tìm thấy tin báo bão ở cửa biển</h1><p>Đăng lúc: 02/10/2021</p><p>{LEAD}</p>{BODY}"
    )
    assert made.title == "Không tìm thấy tin báo bão ở cửa biển"


LISTINGS = {
    "teasers": listing(OTHER_NEWS, "Kinh tế - Nông nghiệp"),
    "one entry": f'<h2>Lịch tiếp công dân</h2><div><a href="/tin/9">{TITLE}</a><div>09/11/2021</div><p>{LEAD}</p></div>',
    "one entry, date in the link": f'<h2>Lịch tiếp công dân</h2><div><a href="/tin/9">{TITLE} <span>(09.11.2021 16:44)</span></a></div>',
    "short entry": '<h2>Ẩm thực</h2><div><a href="/tin/9">ẩm thực <span>(09.11.2021 16:44)</span></a></div>',
    "plain headlines, read more": "<h2>Nông nghiệp</h2>"
    + "".join(
        f'<div><h3>{t}</h3><span>{d}</span><p>{LEAD}</p><a href="/t{n}">Xem chi tiết</a></div>'
        for n, (t, d) in enumerate(OTHER_NEWS)
    ),
    "links and dates": f"<h1>Tin tức</h1>{OTHERS}",
    "table of documents": (
        "<h3>Văn bản pháp luật</h3><div>18/07/2019</div><table><tr><td>Số hiệu</td><td>Cơ quan ban hành</td>"
        '<td>Trích yếu</td><td>Tải về</td></tr><tr><td>01/QĐ</td><td>UBND</td><td>Về việc</td><td><a href="/a.pdf">Tải</a>'
        '</td></tr><tr><td>02/QĐ</td><td>UBND</td><td>Về việc</td><td><a href="/b.pdf">Tải</a></td></tr></table>'
    ),
    "home": f'<div><h2><a href="/tin/1">{TITLE}</a></h2><span>09/11/2021</span><p>{LEAD}</p></div>{OTHERS}'
    f"<div><h3>Giới thiệu</h3><p>{TEXT[0]}</p></div>",
}


@pytest.mark.parametrize("name", LISTINGS)
def test_lists_of_news_are_listings(name: str) -> None:
    url = "http://huyen.example.gov.vn/" + ("" if name == "home" else "nong-nghiep")
    reading = read(LISTINGS[name], url)
    assert reading.kind is PageKind.LISTING, (reading.kind, reading.article)


NO_ARTICLES = {
    "contact form": "<h1>Liên hệ</h1><p>Ủy ban nhân dân huyện Mẫu</p><p>Điện thoại: 0237.000.000</p><form><input></form>",
    "empty section": "<h2>Nông nghiệp</h2><p>Nội dung đang được cập nhật</p>",
    "section stub": "<div>Lễ hội</div><div>06/04/2019</div><h3>Lễ hội</h3>",
    "menu only": "",
}


@pytest.mark.parametrize("name", NO_ARTICLES)
def test_menus_forms_and_empty_sections_are_no_articles(name: str) -> None:
    assert read(NO_ARTICLES[name], "http://huyen.example.gov.vn/le-hoi").article is None


def test_an_undated_page_of_prose_under_its_own_heading_is_kept() -> None:
    reading = read(
        f"<h1>Lịch sử hình thành</h1>{BODY}{BODY}", "http://h.example.vn/lich-su-hinh-thanh"
    )
    assert reading.article is not None
    assert reading.article.published_at is None
    assert "undated" in reading.notes


def test_a_page_that_says_it_is_an_article_and_cannot_be_read_is_a_failure() -> None:
    page = Page.from_http(
        URL,
        200,
        "text/html",
        b'<meta property="og:type" content="article"><div id="app"></div>loading',
    )
    assert read_page(page).kind is PageKind.UNREADABLE


def test_a_publication_date_without_a_title_is_a_failure() -> None:
    body = "<body><div>Đăng lúc: 08:15 09/11/2021 (GMT+7)</div><img src=/x.jpg></body>".encode()
    assert read_page(Page.from_http(URL, 200, "text/html", body)).kind is PageKind.UNREADABLE


# -- dates --------------------------------------------------------------------------------------


def test_the_clock_of_the_page_is_no_date_of_an_article() -> None:
    made = article(
        f"<div>Thứ Bảy, 20/11/2021 10:25:33</div><h1>{TITLE}</h1><p>{LEAD}</p>{BODY}",
        address(STORY),
    )
    assert made.published_at is None


def test_a_date_inside_the_text_is_no_date_of_the_article() -> None:
    made = article(f"<h1>{TITLE}</h1><p>{LEAD}</p><p>Ngày 05/06/2021.</p>{BODY}", address(STORY))
    assert made.published_at is None


def test_the_date_of_a_legal_document_is_no_date_of_the_page() -> None:
    made = article(
        f"<div>Văn bản</div><div>30/07/2019</div><h3>{TITLE}</h3><table><tr><td>Số hiệu</td><td>TH6</td></tr>"
        "<tr><td>Ngày ban hành</td><td>24/5/2018</td></tr><tr><td>Ngày hiệu lực</td><td>23/4/2020</td></tr></table>"
    )
    assert made.published_at == "2019-07-30"
    assert "Ngày ban hành | 24/5/2018" in made.body_text.split("\n")


def test_publication_and_update_are_told_apart() -> None:
    made = article(
        f"<h2>{TITLE}</h2><div>Ngày đăng: 09/11/2021 08:15 | Cập nhật: 10/11/2021 09:00 | Lượt xem: 1.205</div>{BODY}"
    )
    assert made.published_at == "2021-11-09T08:15:00+07:00"
    assert made.updated_at == "2021-11-10T09:00:00+07:00"
    assert made.view_count == 1205


def test_a_date_printed_below_the_text() -> None:
    made = article(f"<h2>{TITLE}</h2><p>{LEAD}</p>{BODY}<p align=right>Ngày đăng: 09/11/2021</p>")
    assert (made.title, made.published_at) == (TITLE, "2021-11-09")


def test_a_date_above_the_title() -> None:
    made = article(
        f"<table><tr><td>Tin nổi bật</td><td>30/07/2019</td></tr></table><h3>{TITLE}</h3>{BODY}"
    )
    assert (made.published_at, made.category) == ("2019-07-30", ("Tin nổi bật",))


def test_a_date_that_only_the_address_states() -> None:
    reading = read(
        f"<h1>{TITLE}</h1>{BODY}{BODY}",
        "http://h.example.vn/portal/Pages/2021-1-14/Huyen-Mau-ra-quan-nao-vet.aspx",
    )
    assert reading.article is not None
    assert (reading.article.published_at, reading.notes) == ("2021-01-14", ("date-from-url",))


def test_a_date_that_only_the_head_states() -> None:
    head = '<meta property="article:published_time" content="2021-11-09T01:15:30Z">'
    reading = read(f"<h1>{TITLE}</h1>{BODY}{BODY}", address(STORY), head)
    assert reading.article is not None
    assert reading.article.published_at == "2021-11-09T08:15:30+07:00"
    assert reading.notes == ("date-from-metadata",)


def test_a_printed_date_outweighs_a_stated_one() -> None:
    head = '<meta property="article:published_time" content="2022-12-31T01:15:30Z">'
    made = article(f"<h1>{TITLE}</h1><p>Đăng lúc: 09/11/2021</p>{BODY}", URL, head)
    assert made.published_at == "2021-11-09"


def test_a_label_in_a_cell_of_its_own() -> None:
    made = article(
        f"<table><tr><td colspan=2><b>{TITLE}</b></td></tr><tr><td>Ngày đăng:</td><td>09/11/2021</td></tr></table>{BODY}"
    )
    assert (made.title, made.published_at) == (TITLE, "2021-11-09")
    assert made.body_text.split("\n") == TEXT


# -- the text -----------------------------------------------------------------------------------


def test_no_text_is_made_up_where_there_is_only_an_attachment() -> None:
    reading = read(
        f'<h3>{TITLE}</h3><p>Đăng lúc: 09/11/2021</p><p>Xem chi tiết <a href="/img/12 TB.pdf">Tại đây</a></p>'
    )
    assert reading.article is not None
    assert (reading.article.summary, reading.article.body_text) == ("", "")
    assert [(a.url, a.media_type) for a in reading.article.attachments] == [
        ("http://huyen.example.gov.vn/img/12%20TB.pdf", "application/pdf")
    ]
    assert reading.notes == ("body-is-attachment",)


ATTACHMENTS = {
    "embed": '<embed src="/tb.pdf">',
    "object": '<object data="/tb.pdf" type="application/pdf">khung</object>',
    "iframe": '<iframe src="/tb.pdf"></iframe>',
    "viewer": '<iframe src="https://docs.google.com/viewer?url=http%3A%2F%2Fhuyen.example.gov.vn%2Ftb.pdf&embedded=true"></iframe>',
    "picture": '<p><img src="/tb.pdf"></p>',
    "link": '<p>File đính kèm: <a href="/tb.pdf">tb.pdf</a></p>',
    "query": '<p><a href="/tb.pdf?ver=2021-06-12">Tải về</a></p>',
}


@pytest.mark.parametrize("name", ATTACHMENTS)
def test_documents_are_attachments_however_they_are_offered(name: str) -> None:
    made = article(f"<h3>{TITLE}</h3><p>Đăng lúc: 09/11/2021</p>{ATTACHMENTS[name]}")
    assert [a.url.partition("?")[0] for a in made.attachments] == [
        "http://huyen.example.gov.vn/tb.pdf"
    ]
    assert made.images == ()
    assert made.body_text == ""


def test_liferay_documents_are_known_by_their_name() -> None:
    made = article(
        f"<h3>{TITLE}</h3><p>Đăng lúc: 09/11/2021</p>{BODY}<p><img src='/documents/1/2/anh.JPG/aa-bb?t=1'></p>"
        "<p><a href='/documents/1/2/KH 12.docx/cc-dd'>Kế hoạch 12</a></p>"
    )
    assert [a.label for a in made.attachments] == ["Kế hoạch 12"]
    assert len(made.images) == 1


def test_tables_of_data_are_lines_and_tables_of_layout_are_not() -> None:
    made = article(
        f"<h2>{TITLE}</h2><p>Đăng lúc: 01/11/2021</p><table><tr><td><p>{TEXT[0]}</p><p>{TEXT[1]}</p></td></tr></table>"
        "<table><tr><th>Ngày</th><th>Người tiếp</th></tr><tr><td>05/11/2021</td><td>Nguyễn A</td></tr></table>"
    )
    assert made.body_text.split("\n") == [*TEXT[:2], "Ngày | Người tiếp", "05/11/2021 | Nguyễn A"]


def test_lists_are_lines() -> None:
    made = article(
        f"<h2>{TITLE}</h2><p>Đăng lúc: 01/11/2021</p><p>{TEXT[0]}</p><ul><li>Một</li><li>Hai</li></ul>"
    )
    assert made.body_text.split("\n")[-2:] == ["Một", "Hai"]


def test_a_box_of_related_news_amid_the_text_is_passed_over() -> None:
    made = article(
        f'<h1>{TITLE}</h1><p>09/11/2021 08:15</p><div><p>{TEXT[0]}</p><p>Tin liên quan</p><p><a href="/t1">{OTHER_NEWS[0][0]}</a></p>'
        f"<p>{TEXT[1]}</p><p>{TEXT[2]}</p></div>"
    )
    assert made.body_text.split("\n") == TEXT[:3]


def test_a_menu_between_title_and_text_does_not_hide_the_text() -> None:
    rows = "".join(f'<tr><td><a href="/m{n}">{t}</a></td></tr>' for n, t in enumerate(MENU * 2))
    made = article(
        f"<table><tr><td colspan=2>{TITLE}</td></tr><tr><td colspan=2>Ngày đăng: 09/11/2021</td></tr>"
        f"<tr><td><table>{rows}</table></td><td>{BODY}</td></tr></table>"
    )
    assert made.body_text.split("\n") == TEXT


def test_the_side_column_is_not_taken_for_a_missing_text() -> None:
    main = (
        f"<table><tr><td><table><tr><td><b>{TITLE}</b></td></tr><tr><td>Đăng lúc: 09/11/2021</td></tr></table></td>"
        f"<td>{SIDE}<p>Huyện Mẫu nằm ở phía tây của tỉnh, có 21 xã và một thị trấn, diện tích tự nhiên 312 km2.</p></td></tr></table>"
    )
    made = article(main, address(STORY))
    assert made.body_text == ""


def test_a_title_set_on_two_lines_is_one_title() -> None:
    made = article(
        f"<h1>Huyện Mẫu ra quân<br>nạo vét kênh mương</h1><p>Đăng lúc: 09/11/2021</p>{BODY}"
    )
    assert made.title == "Huyện Mẫu ra quân nạo vét kênh mương"


def test_the_name_of_the_site_is_never_the_title() -> None:
    made = article(
        f"<h1>Cổng thông tin điện tử huyện Mẫu</h1><div>{TITLE}</div><p>Đăng lúc: 09/11/2021</p>{BODY}",
        head="<title>Cổng thông tin điện tử huyện Mẫu</title>",
    )
    assert made.title == TITLE


def test_declared_titles_that_the_page_does_not_show_are_not_believed() -> None:
    made = article(
        f"<h2>{TITLE}</h2><p>Đăng lúc: 09/11/2021</p>{BODY}",
        head='<meta property="og:title" content="Trang chủ huyện Mẫu"><title>Trang chủ</title>',
    )
    assert made.title == TITLE


LEADS = {
    "named": f'<div class="sapo">{LEAD}</div>',
    "bold": f"<p><b>{LEAD}</b></p>",
    "italic": f"<p><em>{LEAD}</em></p>",
    "style": f'<p style="font-weight:bold">{LEAD}</p>',
    "itemprop": f'<div itemprop="description">{LEAD}</div>',
}


@pytest.mark.parametrize("name", LEADS)
def test_a_lead_that_is_set_apart_is_the_summary(name: str) -> None:
    made = article(f"<h1>{TITLE}</h1><p>Ngày đăng: 09/11/2021</p>{LEADS[name]}{BODY}")
    assert (made.summary, made.body_text.split("\n")) == (LEAD, TEXT)


def test_a_first_paragraph_like_all_others_is_no_summary() -> None:
    made = article(f"<h1>{TITLE}</h1><p>Ngày đăng: 09/11/2021</p><p>{LEAD}</p>{BODY}")
    assert (made.summary, made.body_text.split("\n")) == ("", [LEAD, *TEXT])


# -- pictures -----------------------------------------------------------------------------------


def test_icons_banners_and_lost_pictures_are_no_pictures_of_the_article() -> None:
    made = article(
        f'<h1>{TITLE}</h1><p>Ngày đăng: 09/11/2021</p><p><img src="/img/print.gif"><img src="/x.png" width="16"><img src="">'
        f'<img src="file:///C:/a.jpg"></p><p>{LEAD}</p><p><img src="img/anh%201.jpg" alt="12.png"></p>{BODY}',
        "http://huyen.example.gov.vn/tin/bai-viet",
    )
    assert [(i.url, i.alt) for i in made.images] == [
        ("http://huyen.example.gov.vn/tin/img/anh%201.jpg", "12.png")
    ]


CAPTIONS = {
    "parentheses": '<p><img src="/a.jpg"></p><p>( Toàn cảnh buổi lễ)</p>',
    "figure": '<figure><img src="/a.jpg"><figcaption>Toàn cảnh buổi lễ</figcaption></figure>',
    "table": '<table><tr><td><img src="/a.jpg"></td></tr><tr><td>Toàn cảnh buổi lễ</td></tr></table>',
    "class": '<p><img src="/a.jpg"></p><p class="caption">Toàn cảnh buổi lễ</p>',
    "centred": '<p align="center"><img src="/a.jpg"></p><p align="center">Toàn cảnh buổi lễ</p>',
    "italic": '<p><img src="/a.jpg"></p><p><i>Toàn cảnh buổi lễ.</i></p>',
    "alt": '<p><img src="/a.jpg" alt="Ảnh 1. Toàn cảnh buổi lễ.JPG"></p><p>Toàn cảnh buổi lễ</p>',
    "plain": '<p><img src="/a.jpg" alt=""></p><p>Toàn cảnh buổi lễ</p>',
    "file name as text": '<p><img src="/a.jpg"></p><p>22 (3).jpg</p><p>(Toàn cảnh buổi lễ)</p>',
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_go_with_their_pictures(name: str) -> None:
    made = article(
        f"<h1>{TITLE}</h1><p>Ngày đăng: 09/11/2021</p><p>{TEXT[0]}</p>{CAPTIONS[name]}<p>{TEXT[1]}</p>"
    )
    assert [i.caption.rstrip(".") for i in made.images] == ["Toàn cảnh buổi lễ"]
    assert made.body_text.split("\n") == TEXT[:2]


def test_a_paragraph_below_a_picture_is_no_caption() -> None:
    made = article(
        f'<h1>{TITLE}</h1><p>Ngày đăng: 09/11/2021</p><p>{TEXT[0]}</p><p><img src="/a.jpg"></p><p>{TEXT[1]}</p><p>{TEXT[2]}</p>'
    )
    assert made.images[0].caption == ""
    assert made.body_text.split("\n") == TEXT[:3]


# -- invariants ---------------------------------------------------------------------------------


def test_language_comes_from_the_words() -> None:
    english = "With the aim to guide the citizens of the district in the filing of forms, a video clip is offered."
    made = article(
        f"<h1>A video clip for citizens of the district</h1><p>Posted on 20/06/2018</p><p>{english}</p>"
    )
    assert made.language == "en"
    assert (
        article(
            f"<h1>{TITLE}</h1><p>Posted on 20/06/2018</p>{BODY}", head='<html lang="en-us">'
        ).language
        == "vi"
    )


def test_wayback_addresses_and_toolbar_are_tolerated() -> None:
    toolbar = '<div id="wm-ipp-base"><a href="https://web.archive.org/">12 captures</a> 30 Mar 2018 - 01/11/2019</div>'
    made = article(
        f"{toolbar}<h1>{TITLE}</h1><p>Ngày đăng: 09/11/2021</p>{BODY}"
        '<p><img src="https://web.archive.org/web/20180330081814im_/http://huyen.example.gov.vn/a.jpg"></p>'
    )
    assert (made.title, made.published_at) == (TITLE, "2021-11-09")
    assert [i.url for i in made.images] == ["http://huyen.example.gov.vn/a.jpg"]


def test_confidence_falls_with_the_evidence() -> None:
    full = read(f"<h1>{TITLE}</h1><p>Đăng lúc: 09/11/2021</p><p>{LEAD}</p>{BODY}", address(STORY))
    undated = read(f"<h1>{TITLE}</h1><p>{LEAD}</p>{BODY}", address(STORY))
    assert 0 < undated.confidence < full.confidence < 1
