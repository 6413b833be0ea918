"""Small print of real portals: signatures, counters without a label, lists of files, lost pictures."""

from __future__ import annotations

import pytest
from markup import HOST, address
from stories import STORIES

from archive.schema import Article, PageKind, Reading
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page

STORY = STORIES["irrigation"][0]
TITLE, LEAD = STORY.title, STORY.lead
TEXT = [part for part in STORY.parts if isinstance(part, str)]
BODY = "".join(f"<p>{text}</p>" for text in TEXT)
HEAD = f"<h1>{TITLE}</h1><p>Đăng lúc: 09/11/2021</p>"


def _read(body: str, url: str = f"{HOST}/chitiet.aspx?id=77") -> Reading:
    page = f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'
    return read_page(Page.from_http(url, 200, "text/html", page.encode()))


def _article(body: str, url: str = f"{HOST}/chitiet.aspx?id=77") -> Article:
    reading = _read(body, url)
    assert reading.article is not None, reading
    return reading.article


# -- authors ------------------------------------------------------------------------------------

SIGNATURES = {
    "capitals, aligned": ('<p style="text-align: right"><b>{}</b></p>', "KHÁNH MẪU"),
    "capitals, by class": ('<p class="text-right">{}</p>', "THANH MẪU"),
    "capitals, padded": ("<p>" + "&nbsp;" * 40 + "{}</p>", "KHÁNH MẪU"),
    "a pen name": ('<p align="right">{}</p>', "Minh"),
    "a credit": ('<p align="right"><i>{}</i></p>', "Theo daknong online"),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_name_set_to_the_right_below_the_text_signs_it(name: str) -> None:
    form, author = SIGNATURES[name]
    made = _article(HEAD + BODY + form.format(author))
    assert (made.author, made.body_text.split("\n")) == (author, TEXT)


@pytest.mark.parametrize(
    "line", ["KẾT LUẬN", "PHÓ CHỦ TỊCH", "Kế hoạch", "NƠI NHẬN", "TM. UBND HUYỆN"]
)
def test_other_lines_on_the_right_are_no_signatures(line: str) -> None:
    made = _article(f'{HEAD}{BODY}<p align="right"><b>{line}</b></p>')
    assert (made.author, made.body_text.split("\n")[-1]) == ("", line)


def test_capitals_on_the_left_are_a_heading() -> None:
    made = _article(f"{HEAD}{BODY}<p>KHÁNH MẪU</p>")
    assert (made.author, made.body_text.split("\n")[-1]) == ("", "KHÁNH MẪU")


@pytest.mark.parametrize(
    ("named", "author"),
    [
        ('<dd class="createdby">Viết bởi <span>Trần Văn Mẫu</span></dd>', "Trần Văn Mẫu"),
        ('<span class="author">Tác giả: Trần Văn Mẫu</span>', "Trần Văn Mẫu"),
        ("<p>Đăng lúc: 09/11/2021 | Tác giả: Trần Văn Mẫu</p>", "Trần Văn Mẫu"),
        ('<span class="author">bởi admin</span>', ""),
        ('<span class="byline">Super User</span>', ""),
    ],
)
def test_an_author_named_above_the_text(named: str, author: str) -> None:
    made = _article(f"<h1>{TITLE}</h1><div>{named}</div><p>Đăng lúc: 09/11/2021</p>{BODY}")
    assert (made.author, made.body_text.split("\n")) == (author, TEXT)


def test_who_signs_the_text_outweighs_who_is_named_above() -> None:
    made = _article(f'<h1>{TITLE}</h1><p class="author">Tác giả: Lê Mẫu</p><p>Đăng lúc: 09/11/2021</p>{BODY}<p>{STORY.byline}</p>')  # fmt: skip
    assert made.author == STORY.byline


# -- dates and counters -------------------------------------------------------------------------

LINES = {
    "glued by a template": '<div><span class="date">11:05 09/11/2021</span><span class="view"><i></i>84</span></div>',
    "before the views": '<div>Thứ 3, 09.11.2021 | 11:05:00 <span class="pull-right">84 lượt xem</span></div>',
    "beside an icon": '<div>09/11/2021 11:05 <em class="fa fa-eye"></em> 84</div>',
    "in two cells": "<table><tr><td>Đăng lúc: 11:05 09/11/2021</td><td>Lượt xem: 84</td></tr></table>",
}


@pytest.mark.parametrize("name", LINES)
def test_a_date_and_a_counter_in_one_line(name: str) -> None:
    made = _article(f"<h1>{TITLE}</h1>{LINES[name]}{BODY}")
    assert (made.published_at, made.view_count) == ("2021-11-09T11:05:00+07:00", 84)
    assert made.body_text.split("\n") == TEXT


def test_a_lead_between_title_and_date() -> None:
    made = _article(f"<div><b>{TITLE}</b></div><h2>{LEAD}</h2><p>Đăng lúc: 09/11/2021</p>{BODY}")
    assert (made.title, made.published_at) == (TITLE, "2021-11-09")


def test_the_breadcrumb_of_bare_links() -> None:
    made = _article(
        f'<div class="crumb"><a href="/">Trang chủ</a><a href="/c">Tin nổi bật</a></div>{HEAD}{BODY}'
    )
    assert made.category == ("Tin nổi bật",)


# -- kinds --------------------------------------------------------------------------------------


def test_one_undated_line_below_a_title_that_made_the_address() -> None:
    slug = "huyen-mau-ra-quan-nao-vet-kenh-muong-vu-dong-xuan"
    box = f'<div><div class="x-title">{TITLE}</div><div><p>{TEXT[0]}</p></div></div>'
    made = _article(box + "<div>VĂN BẢN MỚI</div>", f"{HOST}/{slug}")
    assert (made.published_at, made.body_text) == (None, TEXT[0])


def test_a_section_that_is_being_written_is_no_article() -> None:
    line = "Nội dung của chuyên mục này đang được cập nhật, mời quý vị và các bạn quay lại sau."
    assert _read(f"<h1>{TITLE}</h1><p>{line}</p>", address(STORY)).kind is not PageKind.ARTICLE


# -- lists of files -----------------------------------------------------------------------------

FILES = {
    "table": "<table><thead><tr><th>Đính kèm</th><th>Kích thước</th></tr></thead><tr><td><a href='/f/kh.pdf'>kh.pdf</a></td><td>412.5 KB</td></tr></table>",
    "numbered": "<table><tr><td>STT</td><td>Tên file</td><td>Tải về</td></tr><tr><td>1</td><td>Kế hoạch</td><td><a href='/f/kh.pdf'>kh.pdf</a></td></tr></table>",
    "size": "<p>File đính kèm: <a href='/f/kh.pdf'>kh.pdf</a> (88 KB)</p>",
    "icon": "<p><a href='/f/kh.pdf'><img src='/images/word.gif'> Tải về</a></p>",
}


@pytest.mark.parametrize("name", ["table", "size", "icon"])
def test_a_list_of_files_is_no_text(name: str) -> None:
    made = _article(HEAD + BODY + FILES[name])
    assert [a.url for a in made.attachments] == [f"{HOST}/f/kh.pdf"]
    assert (made.body_text.split("\n"), made.images) == (TEXT, ())


def test_a_table_that_says_more_than_files_is_kept() -> None:
    made = _article(HEAD + BODY + FILES["numbered"])
    assert "1 | Kế hoạch" in made.body_text.split("\n")[-1]


# -- pictures -----------------------------------------------------------------------------------

LOST = {
    "centred": '<p style="text-align:center"><img src=""></p><p style="text-align:center">Toàn cảnh buổi lễ</p>',
    "in parentheses": '<p><img src="file:///C:/a.jpg"></p><p>(Toàn cảnh buổi lễ)</p>',
    "layout table": "<table><tr><td>&nbsp;</td></tr><tr><td>Toàn cảnh buổi lễ</td></tr></table>",
}


@pytest.mark.parametrize("name", LOST)
def test_the_caption_of_a_lost_picture_is_no_text(name: str) -> None:
    made = _article(f"{HEAD}<p>{TEXT[0]}</p>{LOST[name]}<p>{TEXT[1]}</p>")
    assert made.body_text.split("\n") == TEXT[:2]


def test_a_caption_that_is_a_sentence() -> None:
    caption = "Đồng chí Trần Văn Mẫu phát biểu tại hội nghị."
    made = _article(
        f'{HEAD}<p>{TEXT[0]}</p><p><img src="/a.jpg"></p><p>{caption}</p><p>{TEXT[1]}</p>'
    )
    assert [i.caption for i in made.images] == [caption]
    assert made.body_text.split("\n") == TEXT[:2]


@pytest.mark.parametrize(
    "line",
    [
        "Ông Mẫu cho biết, năm nay được mùa; giá lúa cũng cao hơn năm trước.",
        "Lãnh đạo huyện đánh giá cao kết quả đạt được của các xã.",
    ],
)
def test_a_sentence_that_shows_nothing_is_no_caption(line: str) -> None:
    made = _article(f'{HEAD}<p>{TEXT[0]}</p><p><img src="/a.jpg"></p><p>{line}</p><p>{TEXT[1]}</p>')
    assert line in made.body_text.split("\n")


def test_a_share_button_is_no_picture_with_a_caption() -> None:
    share = '<div>Chia sẻ: <a href="https://facebook.com/sharer?u=x"><img src="/fb.png"></a></div>'
    made = _article(
        f"<h1>{TITLE}</h1><p>Đăng lúc: 09/11/2021</p>{share}<p><em>{LEAD}</em></p>{BODY}"
    )
    assert (made.images, made.summary) == ((), LEAD)


# -- what follows -------------------------------------------------------------------------------

TAILS = {
    "tags": "<div>Từ khóa: <a href='/t/1'>thủy lợi</a>, <a href='/t/2'>đông xuân</a></div>",
    "rating": "<div>Đánh giá: <a href='#'>1</a> <a href='#'>2</a> <a href='#'>3</a></div>",
    "empty counter": '<div>Số lượt người xem : <b></b> <a class="print" href="javascript:p()">Bản in</a></div>',
    "widgets": "<div><a href='javascript:history.back()'>Quay lại</a> <a href='javascript:print()'>In trang</a></div>",
    "others": "<p>Các thông tin khác</p><p>Huyện Mẫu khai giảng năm học mới tại các xã, thị trấn trong toàn huyện.</p>",
    "publisher": "<p>Cơ quan chủ quản: Ủy ban nhân dân huyện Mẫu</p>",
}


@pytest.mark.parametrize("name", TAILS)
def test_what_follows_the_text_is_left_out(name: str) -> None:
    made = _article(HEAD + BODY + TAILS[name])
    assert made.body_text.split("\n") == TEXT


# -- metadata -----------------------------------------------------------------------------------


def test_metadata_that_agree_make_surer_and_change_nothing() -> None:
    graph = '{"@graph":[{"@type":"NewsArticle","headline":"%s","datePublished":"2021-11-09T01:15:00Z"}]}'
    stated = f'<script type="application/ld+json">{graph % TITLE}</script>'
    plain, confirmed = _read(HEAD + BODY), _read(stated + HEAD + BODY)
    assert confirmed.article == plain.article
    assert confirmed.confidence > plain.confidence


def test_a_machine_readable_time_stands_in_for_a_relative_one() -> None:
    reading = _read(
        f'<h1>{TITLE}</h1><time class="published" datetime="2021-11-09T01:15:30Z">3 ngày trước</time>{BODY}{BODY}',
        address(STORY),
    )
    assert reading.article is not None
    assert reading.article.published_at == "2021-11-09T08:15:30+07:00"
    assert "date-from-metadata" in reading.notes
