"""Article pages in the markups that Vietnamese portals use, written around a given story.

Every skin puts the same things around the article that real portals do: a banner, a slogan that
scrolls, a clock, menus, boxes of other news with dates of their own, a text-size widget, comments,
visitor counters and an imprint. All of it is furniture that a reading must leave out.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

HOST = "http://huyen.example.gov.vn"


@dataclass(frozen=True)
class Picture:
    """A picture of a story: the original file name, as portals keep it in ``alt``, and the
    caption line as printed below it (empty: none)."""

    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Story:
    """What an article says, as printed. ``parts`` are paragraphs and pictures below the lead."""

    slug: str
    title: str
    date_line: str
    lead: str
    parts: tuple[str | Picture, ...]
    byline: str = ""
    category: str = ""
    site: str = "Cổng thông tin điện tử huyện Mẫu"
    slogan: str = (
        "ĐẢNG BỘ, CHÍNH QUYỀN VÀ NHÂN DÂN HUYỆN MẪU QUYẾT TÂM HOÀN THÀNH NHIỆM VỤ NĂM 2021"
    )
    glued_to_byline: str = ""
    zoom: bool = True
    counter: str = "304389"
    attachments: tuple[tuple[str, str], ...] = field(default=())


MENU = (
    "Trang chủ", "Giới thiệu", "Tin tức - Sự kiện", "Văn bản chỉ đạo điều hành", "Thủ tục hành chính",
    "Công khai ngân sách", "Hỏi đáp", "Liên hệ",
)  # fmt: skip
OTHER_NEWS = (
    ("Huyện Mẫu ra quân làm thủy lợi mùa khô", "02/11/2021"),
    ("Hội Nông dân trao sinh kế cho hội viên nghèo", "28/10/2021"),
    ("Khai mạc giải bóng chuyền các xã, thị trấn", "21/10/2021"),
    ("Thông báo lịch tiếp công dân định kỳ", "15/10/2021"),
)
NOTICES = (
    ("Thông báo tuyển dụng viên chức sự nghiệp giáo dục", "05/11/2021"),
    ("Giấy mời họp trực tuyến phiên thường kỳ", "01/11/2021"),
    ("Quyết định công bố công khai dự toán", "30/10/2021"),
)
COMMENTS = (
    "Bài viết rất hay, mong huyện tiếp tục phát huy những kết quả đã đạt được trong thời gian vừa qua.",
    "Đề nghị Ban biên tập đưa thêm tin về các xã vùng sâu để bà con được biết và học tập làm theo.",
)
IMPRINT = (
    "Cơ quan chủ quản: Ủy ban nhân dân huyện Mẫu",
    "Giấy phép số: 16/GP-STTTT do Sở Thông tin và Truyền thông cấp ngày 03/11/2016",
    "Địa chỉ: số 1 đường Trung Tâm, thị trấn Mẫu. Điện thoại: 0237.000.000",
)
CLOCK = "Thứ Bảy, 20/11/2021"

# Every text of the furniture. None of it may appear in an article.
FURNITURE = (
    *MENU, *(t for t, _ in OTHER_NEWS), *(t for t, _ in NOTICES), *COMMENTS, *IMPRINT, CLOCK,
    "100%", "Các tin khác", "Thông báo mới", "Truy cập", "Hôm nay:", "Hôm qua:", "Tất cả:", "In bài viết",
    "Các ý kiến của bạn đọc", "Gửi ý kiến",
)  # fmt: skip


def address(story: Story) -> str:
    """Where the story lives on the portal of the examples."""
    return f"{HOST}/web/trang-chu/tin-tuc/{story.slug}.html"


def _text(text: str) -> str:
    return html.escape(text, quote=False)


def _picture_address(at: int) -> str:
    return f"/file/thumb/500/{637252394 + at}.jpg"


def picture_addresses(story: Story) -> list[str]:
    """Absolute addresses of the pictures of a story, in order."""
    count = sum(isinstance(part, Picture) for part in story.parts)
    return [HOST + _picture_address(at) for at in range(count)]


def _pieces(
    story: Story,
    paragraph: Callable[[str], str],
    image: Callable[[str, str], str],
    caption: Callable[[str], str],
) -> str:
    made = []
    at = 0
    for part in story.parts:
        if isinstance(part, Picture):
            made.append(image(_picture_address(at), html.escape(part.alt)))
            at += 1
            if part.caption:
                made.append(caption(_text(part.caption)))
        else:
            made.append(paragraph(_text(part)))
    for name, label in story.attachments:
        made.append(paragraph(f'<a href="/uploads/{name}">{_text(label)}</a>'))
    if story.byline:
        made.append(paragraph(_text(story.byline + story.glued_to_byline)))
    return "\n".join(made)


def _links(entries: tuple[tuple[str, str], ...], form: str) -> str:
    return "\n".join(
        form.format(address=f"/tin/{at}.html", title=_text(title), date=date)
        for at, (title, date) in enumerate(entries)
    )


def _menu(form: str) -> str:
    return "".join(form.format(f"/muc/{at}", _text(name)) for at, name in enumerate(MENU))


def sharepoint(story: Story) -> str:
    """SharePoint publishing with the class names of the Tân Dân portal."""
    lead = f'<p class="tandan-p-article-news-summary">{_text(story.lead)}</p>' if story.lead else ""
    body = _pieces(
        story,
        lambda t: f"<p>{t}</p>",
        lambda src, alt: f'<p><img src="{src}" alt="{alt}"></p>',
        lambda t: f"<p>{t}</p>",
    )
    return f"""<!DOCTYPE html><html lang="en-us"><head><meta charset="utf-8"><title>
{_text(story.site)}</title></head><body><form id="aspnetForm"><div class="tandan-div-banner"><a href="/">
<img src="/portal/Banner/banner_1.png" alt="{html.escape(story.site)}"></a><marquee>{_text(story.slogan)}</marquee></div>
<div class="tandan-div-nav"><ul class="tandan-ul-nav left">{_menu('<li><a class="parent" href="{}"><span>{}</span></a></li>')}</ul>
<div class="tandan-date-now">{CLOCK}</div></div>
<div class="row"><div class="col-md-8"><div class="tandan-div-article">
<div class="tandan-div-category">{_text(story.category)}</div>
<p class="tandan-p-article-news-title">{_text(story.title)}</p>
<div class="tandan-div-info"><span class="tandan-span-date-publish">{_text(story.date_line)}</span>
<span class="btn-zoom" data-zoom="out">A-</span> <span class="btn-zoom">100%</span> <span class="btn-zoom">A+</span></div>
{lead}<p class="tandan-p-article-main"><div id="ctl00_PlaceHolderMain_ctl03__ControlWrapper_RichHtmlField" class="ms-rtestate-field">
{body}</div></p><div class="td-share"><a href="#">Facebook</a> <a href="#">In bài viết</a></div>
<div class="tandan-div-article-other"><p class="tandan-p-article-other">Các tin khác</p><ul>
{_links(OTHER_NEWS, '<li><a href="{address}">{title}</a> <span class="ngay">({date})</span></li>')}</ul></div>
<div class="binh-luan"><h4>Các ý kiến của bạn đọc</h4>{"".join(f"<p>{_text(c)}</p>" for c in COMMENTS)}</div>
</div></div><div class="col-md-4"><div class="TD-box-news"><div class="TD-box-news-title"><a href="/thong-bao">Thông báo mới</a></div>
{_links(NOTICES, '<p class="tandan-p-module-news-title"><a href="{address}">{title}</a><span class="ngay">({date})</span></p>')}</div>
<div class="td-counter">Truy cập<br>Hôm nay: <b>1</b><br>Hôm qua: <b>0</b><br>Tất cả: <b>{story.counter}</b></div></div></div>
<div class="tandan-footer">{"".join(f"<p>{_text(t)}</p>" for t in IMPRINT)}</div></form></body></html>"""


def web(story: Story) -> str:
    """The "/web/" platform as it may look: headings, few and short class names."""
    lead = f'<div class="lead"><strong>{_text(story.lead)}</strong></div>' if story.lead else ""
    body = _pieces(
        story,
        lambda t: f'<p style="text-align:justify">{t}</p>',
        lambda src, alt: (
            f'<p style="text-align:center"><img alt="{alt}" src="{src}" width="500"></p>'
        ),
        lambda t: f'<p style="text-align:center"><em>{t}</em></p>',
    )
    category = f'<h2 class="cate"><a href="/web/trang-chu/tin-tuc">{_text(story.category)}</a></h2>'
    return f"""<html><head><meta charset="utf-8"><title>{_text(story.site)}</title></head><body>
<div id="top"><h1>{_text(story.site)}</h1><marquee>{_text(story.slogan)}</marquee><span id="clock">{CLOCK}</span> <label>date</label></div>
<div id="menu">{_menu('<a href="{}">{}</a> | ')}</div>
<div id="page"><div id="left"><div class="hop"><h3>Thông báo mới</h3>
{_links(NOTICES, '<div><a href="{address}">{title}</a><br><i>{date}</i></div>')}</div></div>
<div id="center">{category if story.category else ""}<div class="xem"><h3 class="ten">{_text(story.title)}</h3>
<div class="luc">{_text(story.date_line)}</div><div>100%</div>{lead}<div class="nd">{body}</div></div>
<div class="khac"><b>Các tin khác</b><ul>{_links(OTHER_NEWS, '<li><a href="{address}">{title}</a> ({date})</li>')}</ul></div>
<div><b>Các ý kiến của bạn đọc</b>{"".join(f"<div>{_text(c)}</div>" for c in COMMENTS)}</div></div>
<div id="right"><b>Truy cập</b><table><tr><td>Hôm nay:</td><td>1</td></tr><tr><td>Hôm qua:</td><td>0</td></tr>
<tr><td>Tất cả:</td><td>{story.counter}</td></tr></table></div></div>
<div id="foot">{"<br>".join(_text(t) for t in IMPRINT)}</div></body></html>"""


def nested_tables(story: Story) -> str:
    """Tables in tables, no class, no id, no heading: a portal of 2005."""
    lead = f"<tr><td>{_text(story.lead)}</td></tr>" if story.lead else ""
    body = _pieces(
        story,
        lambda t: f"<tr><td>{t}</td></tr>",
        lambda src, alt: f'<tr><td align="center"><img src="{src}" alt="{alt}"></td></tr>',
        lambda t: f'<tr><td align="center">{t}</td></tr>',
    )
    category = f"<tr><td><font color=red>{_text(story.category)}</font></td></tr>"
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>{_text(story.site)}</title></head><body><table width="1000" align="center">
<tr><td colspan="3"><img src="/banner.jpg"><br>{_text(story.site)}<marquee>{_text(story.slogan)}</marquee></td></tr>
<tr>{_menu('<td><a href="{}">{}</a></td>')}</tr>
<tr><td colspan="3">{CLOCK}</td></tr>
<tr><td width="200" valign="top"><table>{_menu('<tr><td><a href="{}">{}</a></td></tr>')}</table>
<table><tr><td>Thông báo mới</td></tr>{_links(NOTICES, '<tr><td><a href="{address}">{title}</a> <small>({date})</small></td></tr>')}</table></td>
<td valign="top"><table>{category if story.category else ""}<tr><td><b>{_text(story.title)}</b></td></tr>
<tr><td>{_text(story.date_line)}</td></tr><tr><td>100%</td></tr>{lead}{body}
<tr><td>Các tin khác</td></tr>{_links(OTHER_NEWS, '<tr><td><a href="{address}">{title}</a> ({date})</td></tr>')}
<tr><td>Các ý kiến của bạn đọc</td></tr>{"".join(f"<tr><td>{_text(c)}</td></tr>" for c in COMMENTS)}</table></td>
<td width="200" valign="top">Truy cập<br>Hôm nay:<br>1<br>Hôm qua:<br>0<br>Tất cả:<br>{story.counter}</td></tr>
<tr><td colspan="3" align="center">{"<br>".join(_text(t) for t in IMPRINT)}</td></tr></table></body></html>"""


def breaks(story: Story) -> str:
    """One element for everything, lines ended by ``<br>``; picture names printed as text, too."""
    lead = f"{_text(story.lead)}<br><br>" if story.lead else ""
    body = _pieces(
        story,
        lambda t: f"{t}<br><br>",
        lambda src, alt: f'<img src="{src}" alt="{alt}"><br>',
        lambda t: f"{t}<br><br>",
    )
    category = f"<h4>{_text(story.category)}</h4>" if story.category else ""
    return f"""<html><body><div class="header">{_text(story.site)} <span class="clock">{CLOCK}</span></div>
<div class="menu"><ul>{_menu('<li><a href="{}">{}</a></li>')}</ul></div><div class="khung">{category}
<h2>{_text(story.title)}</h2><p><i>{_text(story.date_line)}</i></p><p>100%</p><div>{lead}{body}</div>
<p>Các tin khác</p><ul>{_links(OTHER_NEWS, '<li><a href="{address}">{title}</a> - {date}</li>')}</ul></div>
<div class="phai"><p>Thông báo mới</p>{_links(NOTICES, '<p><a href="{address}">{title}</a> {date}</p>')}
<p>Truy cập</p><p>Hôm nay: 1</p><p>Hôm qua: 0</p><p>Tất cả: {story.counter}</p></div>
<div class="footer">{"<br>".join(_text(t) for t in IMPRINT)}</div></body></html>"""


def word_paste(story: Story) -> str:
    """Text pasted from Word: entities, decomposed letters, unclosed fonts, padding, empty lines."""

    def entities(text: str) -> str:
        decomposed = unicodedata.normalize("NFD", text)
        return "".join(c if c.isascii() else f"&#{ord(c)};" for c in decomposed)

    def paragraph(text: str) -> str:
        return (
            '<p class="MsoNormal" style="margin:6pt 0"><span style="font-size:14.0pt"><font face="Times New Roman">'
            f"&nbsp;&nbsp;&nbsp; \u200b{text}<o:p></o:p></span></p><p class=MsoNormal>&nbsp;</p>"
        )

    body = _pieces(
        story,
        paragraph,
        lambda src, alt: (
            f'<p class="MsoNormal" align="center"><img src="{src}" alt="{alt}"><img src="file:///C:/x/clip_1.gif"></p>'
        ),
        lambda t: f'<p class="MsoNormal" align="center"><i><span>{t}</span></i></p>',
    )
    lead = paragraph(f"<b>{_text(story.lead)}</b>") if story.lead else ""
    category = f'<div class="chuyenmuc">{entities(story.category)}</div>' if story.category else ""
    return f"""<html lang="en"><head><meta charset="utf-8"></head><body><div id="banner">{_text(story.site)}</div>
<div id="nav">{_menu('<a href="{}">{}</a> ')}</div><div id="main"><div id="tin">{category}<div class="tieude">{entities(_text(story.title))}</div>
<div class="ngaydang">{entities(_text(story.date_line))}</div>{lead}{body}</div>
<div class="tinkhac"><div>Các tin khác</div>{_links(OTHER_NEWS, '<div><a href="{address}">{title}</a> <span>({date})</span></div>')}</div></div>
<div id="cotphai"><div>Thông báo mới</div>{_links(NOTICES, '<div><a href="{address}">{title}</a><span>{date}</span></div>')}
<div>Truy cập</div><div>Hôm nay: 1</div><div>Tất cả: {story.counter}</div></div>
<div id="chantrang">{"".join(f"<div>{_text(t)}</div>" for t in IMPRINT)}</div></body></html>"""


def responsive(story: Story) -> str:
    """A page of the 2020s: landmarks, figures, lazy pictures, a related box amid the text."""
    made = []
    at = 0
    for part in story.parts:
        if isinstance(part, Picture):
            caption = f"<figcaption>{_text(part.caption)}</figcaption>" if part.caption else ""
            made.append(
                f'<figure><img class="lazy" src="data:image/gif;base64,R0lGOD" data-src="{_picture_address(at)}" alt="{html.escape(part.alt)}">{caption}</figure>'
            )
            at += 1
        else:
            made.append(f"<p>{_text(part)}</p>")
    for name, label in story.attachments:
        made.append(f'<p><a href="/uploads/{name}" download>{_text(label)}</a></p>')
    if story.byline:
        made.append(f'<p class="text-right"><strong>{_text(story.byline)}</strong></p>')
    lead = f'<div class="sapo">{_text(story.lead)}</div>' if story.lead else ""
    category = (
        f'<nav class="breadcrumb"><a href="/">Trang chủ</a> / <a href="/tin">{_text(story.category)}</a></nav>'
        if story.category
        else ""
    )
    return f"""<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{_text(story.title)} - {_text(story.site)}</title>
<meta property="og:title" content="{html.escape(story.title)}"></head><body class="page has-sidebar"><header><a href="/">{_text(story.site)}</a>
<time>{CLOCK}</time><nav><ul>{_menu('<li><a href="{}">{}</a></li>')}</ul></nav></header><main><article>{category}
<h1 class="detail-title">{_text(story.title)}</h1><div class="detail-meta"><span class="date">{_text(story.date_line)}</span><button>A+</button></div>
<div class="social-share"><a href="#">Facebook</a><a href="#">Zalo</a></div>{lead}<div class="detail-content">{"".join(made)}</div></article>
<section class="related-news"><h2>Các tin khác</h2>{_links(OTHER_NEWS, '<article class="item"><h3><a href="{address}">{title}</a></h3><time>{date}</time></article>')}</section>
<section class="comments"><h2>Các ý kiến của bạn đọc</h2>{"".join(f"<p>{_text(c)}</p>" for c in COMMENTS)}<button>Gửi ý kiến</button></section></main>
<aside class="sidebar"><h2>Thông báo mới</h2>{_links(NOTICES, '<div class="item"><a href="{address}">{title}</a><time>{date}</time></div>')}
<div class="counter">Truy cập <p>Hôm nay: 1</p><p>Tất cả: {story.counter}</p></div></aside>
<footer>{"".join(f"<p>{_text(t)}</p>" for t in IMPRINT)}</footer></body></html>"""


SKINS: dict[str, Callable[[Story], str]] = {
    "sharepoint": sharepoint,
    "web": web,
    "nested-tables": nested_tables,
    "breaks": breaks,
    "word-paste": word_paste,
    "responsive": responsive,
}


def listing(entries: tuple[tuple[str, str], ...], heading: str) -> str:
    """A section page: headlines with dates and leads, no article."""
    items = "".join(
        f'<div class="item"><a href="/tin/{at}.html"><img src="/file/thumb/200/{at}.jpg"></a><h3><a href="/tin/{at}.html">'
        f"{_text(title)}</a></h3><span>{date}</span><p>{_text(COMMENTS[at % 2])}</p></div>"
        for at, (title, date) in enumerate(entries)
    )
    return f"""<html><head><meta charset="utf-8"><title>{_text(heading)}</title></head><body><div>{CLOCK}</div>
<ul>{_menu('<li><a href="{}">{}</a></li>')}</ul><div><h1>{_text(heading)}</h1>{items}<div class="pager"><a href="?page=2">2</a></div></div>
<div>{"<br>".join(_text(t) for t in IMPRINT)}</div></body></html>"""
