"""Pages put together at random from what portals are built of, around one story or one list.

`markup` shows whole portals; here every piece varies on its own: where the date stands and how it is
printed, what element holds the title, on which side the other news are, what ends the text. A page is
a function of its number, so that a failure can be looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TypeVar

from markup import COMMENTS, IMPRINT, MENU, NOTICES, OTHER_NEWS
from stories import STORIES

STORY = STORIES["irrigation"][0]
TITLE = STORY.title
LEAD = STORY.lead
TEXT = tuple(part for part in STORY.parts if isinstance(part, str))
_T = TypeVar("_T")
SECTION = "Nông nghiệp - Nông thôn"
WELCOME = (
    "Huyện Mẫu nằm ở phía tây của tỉnh, có 21 xã và một thị trấn, diện tích tự nhiên 312 km2, dân số trên 98.000"
    " người. Huyện có truyền thống cách mạng vẻ vang và nhiều danh lam thắng cảnh."
)


@dataclass(frozen=True)
class Built:
    """A page and what a reading must give."""

    html: str
    published_at: str
    lines: tuple[str, ...]
    category: tuple[str, ...]
    author: str
    view_count: int | None
    captions: tuple[str, ...]
    attachments: int


class _Pieces:
    """Pieces of one page; with or without class names throughout."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)
        self.named = self.one_of(True, False)
        self.entry = self.one_of(
            '<li><a href="{href}">{title}</a> <span>{date}</span></li>',
            '<div><a href="{href}">{title}</a><br><i>{date}</i></div>',
            '<p><a href="{href}">{title} <small>{date}</small></a></p>',
            '<tr><td><a href="{href}">{title}</a></td><td>{date}</td></tr>',
            '<div class="item"><img src="/t.jpg"><h4><a href="{href}">{title}</a></h4><time>{date}</time></div>',
        )

    def one_of(self, *choices: _T) -> _T:
        return self.random.choice(choices)

    def name(self, word: str) -> str:
        return f' class="{word}"' if self.named else ""

    def news(self, entries: tuple[tuple[str, str], ...]) -> str:
        form = self.one_of("({})", "{}", "{} 08:00")
        made = "".join(
            self.entry.format(href=f"/t{at}.html", title=title, date=form.format(date))
            for at, (title, date) in enumerate(entries)
        )
        if self.entry.startswith("<tr"):
            return f"<table>{made}</table>"
        return f"<ul>{made}</ul>" if self.entry.startswith("<li") else made

    def top(self) -> str:
        banner = self.one_of(
            '<img src="/banner.jpg">',
            "<h1>Cổng thông tin điện tử huyện Mẫu</h1>",
            '<div class="logo"><a href="/">Huyện Mẫu</a></div>',
            f"<marquee>{IMPRINT[0]}</marquee>",
        )
        clock = self.one_of(
            "",
            "<div>Thứ Bảy, 20/11/2021</div>",
            '<div class="date">Thứ Bảy, ngày 20/11/2021 10:22</div>',
            '<span id="clock">20/11/2021 08:00</span>',
        )
        links = [f'<a href="/m{at}">{title}</a>' for at, title in enumerate(MENU)]
        menu = self.one_of(
            "<ul>" + "".join(f"<li>{link}</li>" for link in links) + "</ul>",
            "<table><tr>" + "".join(f"<td>{link}</td>" for link in links) + "</tr></table>",
            " | ".join(links),
        )
        return f"<div>{banner}{clock}</div><div{self.name('menu')}>{menu}</div>"

    def side(self) -> str:
        news = self.news(NOTICES)
        return self.one_of(
            f"<div{self.name('box')}><b>Thông báo mới</b>{news}</div>",
            f"<h3>Tin nổi bật</h3>{news}",
            f"<div><h3>Giới thiệu</h3><p>{WELCOME}</p></div>{news}",
            f"{news}<div>Truy cập</div><div>Hôm nay: 5</div><div>Tất cả: 3021</div>",
        )

    def foot(self) -> str:
        return f"<div>{'<br>'.join(IMPRINT)}</div>"

    def page(self, middle: str, *, tables: bool) -> str:
        side = self.side()
        if tables:
            columns = self.one_of([side, middle], [middle, side], [side, middle, side])
            row = "".join(f"<td>{column}</td>" for column in columns)
            body = f"<table><tr><td>{self.top()}</td></tr><tr><td><table><tr>{row}</tr></table></td></tr></table>"
        else:
            box, left, right = (
                f"<div{self.name(word)}>{text}</div>"
                for word, text in (("main", middle), ("left", side), ("right", side))
            )
            body = self.top() + self.one_of(left + box, box + right, left + box + right, box)
        return f'<html><head><meta charset="utf-8"></head><body>{body}{self.foot()}</body></html>'


_DATES = (
    ("09/11/2021", "2021-11-09"),
    ("08:15 09/11/2021", "2021-11-09T08:15:00+07:00"),
    ("09-11-2021", "2021-11-09"),
    ("9 tháng 11 năm 2021", "2021-11-09"),
    ("08:15:30 09/11/2021 (GMT+7)", "2021-11-09T08:15:30+07:00"),
    ("00:00:00 09/11/2021 (GMT+7)", "2021-11-09"),
    ("Thứ ba, 09/11/2021 - 08:15", "2021-11-09T08:15:00+07:00"),
    ("T3, 09/11/2021 - 08:15", "2021-11-09T08:15:00+07:00"),
    ("Tue, 09/11/2021 - 08:15", "2021-11-09T08:15:00+07:00"),
    ("09/11/2021 | 8:15 AM", "2021-11-09T08:15:00+07:00"),
    ("09/11/2021 3:05 CH", "2021-11-09T15:05:00+07:00"),
    ("(09.11.2021 08:15)", "2021-11-09T08:15:00+07:00"),
    ("thứ ba, 09 11 2021 16:08", "2021-11-09T16:08:00+07:00"),
    ("16:08' 9/11/2021", "2021-11-09T16:08:00+07:00"),
    ("09 - 11 - 2021", "2021-11-09"),
    ("09 Tháng Mười Một 2021", "2021-11-09"),
)


def article(number: int, *, only_a_file: bool = False) -> Built:
    """An article page. ``only_a_file``: a title, a date and an attachment, no text."""
    make = _Pieces(number)
    label = make.one_of("Đăng lúc: ", "Ngày đăng: ", "Cập nhật: ", "")
    printed, value = make.one_of(*_DATES)
    views = make.one_of(" | Lượt xem: 1.284", " - Số lần xem: 1284", "")
    date = make.one_of(
        f"<div{make.name('date')}>{label}{printed}{views}</div>",
        f"<p><i>{label}{printed}{views}</i></p>",
        f"<br><span{make.name('time')}>{label}{printed}{views}</span><br>",
    )
    title = make.one_of(
        f"<h1>{TITLE}</h1>",
        f"<h2{make.name('title')}>{TITLE}</h2>",
        f"<div{make.name('tieude')}><b>{TITLE}</b></div>",
        f"<p><strong>{TITLE}</strong></p>",
        f'<h3><a href="">{TITLE}</a></h3>',
    )
    section = make.one_of(
        "",
        f"<div{make.name('category')}>{SECTION}</div>",
        f'<h2><a href="/c">{SECTION}</a></h2>',
        f'<div{make.name("breadcrumb")}><a href="/">Trang chủ</a> » <a href="/c">{SECTION}</a></div>',
    )
    tools = make.one_of(
        "",
        "<div>A- A A+</div>",
        '<div><a href="#">In bài</a> <a href="#">Gửi email</a></div>',
        "<p>100%</p>",
        '<div class="share"><a href="#">Facebook</a> <a href="#">Twitter</a></div>',
        "<div>Cỡ chữ: A A A | In trang</div>",
        '<div><span>Chia sẻ:</span> <a href="https://facebook.com/sharer?u=x"><img src="/fb.png"></a></div>',
    )
    lead = make.one_of(
        "", f"<p>{LEAD}</p>", f"<p><b>{LEAD}</b></p>", f"<div{make.name('sapo')}>{LEAD}</div>"
    )
    body = make.one_of(
        "".join(f"<p>{line}</p>" for line in TEXT),
        "<br><br>".join(TEXT) + "<br>",
        "".join(f"<div>{line}</div>" for line in TEXT),
        f"<div{make.name('content')}>"
        + "".join(f"<p>&nbsp; {line}</p>" for line in TEXT)
        + "</div>",
    )
    picture = make.one_of(
        "",
        '<p><img src="/a.jpg" alt="1.jpg"></p><p>(Quang cảnh buổi lễ)</p>',
        '<figure><img src="/a.jpg"><figcaption>Quang cảnh buổi lễ</figcaption></figure>',
    )
    byline = make.one_of(
        "", "Trần Văn Mẫu", "Trần Văn Mẫu - Trung tâm VHTT", "KHÁNH MẪU", "Theo Cổng TTĐT tỉnh Mẫu"
    )
    if only_a_file:
        lead = picture = byline = ""
        body = make.one_of(
            '<p>Xem chi tiết <a href="/img/1.pdf">tại đây</a></p>',
            '<div><a href="/f/cv 12.doc">Tải về</a></div>',
            '<embed src="/img/1.pdf">',
            '<p>File đính kèm: <a href="/img/1.pdf">1.pdf</a></p>',
        )
    signed = make.one_of(
        f'<p align="right"><b>{byline}</b></p>',
        f'<p style="text-align: right">{byline}</p>',
        f"<p>{'&nbsp;' * 30}{byline}</p>",
    )
    signed = signed if byline else ""
    place = make.one_of(
        "below",
        "below",
        "above",
        "foot" if label else "below",
        "lead" if label and lead else "below",
    )
    head = {
        "below": section + title + date + tools,
        "above": section + date + title,
        "foot": section + title + tools,
        "lead": section + title,
    }[place]
    heading = make.one_of(
        "Các tin khác", "TIN ĐÃ ĐƯA", "Tin liên quan", "Các tin cùng chuyên mục:", "Tin khác trong mục",
        "Các thông tin khác", "Những bài viết mới hơn",
    )  # fmt: skip
    tail = make.one_of(
        "",
        "<div>Đánh giá: <a href='#'>1</a> <a href='#'>2</a></div>",
        "<div>Từ khóa: <a href='/t/1'>thủy lợi</a>, <a href='/t/2'>đông xuân</a></div>",
        "<p><a href='javascript:history.back()'>Quay lại</a> <a href='javascript:print()'>In trang</a></p>",
    )
    others = make.one_of("", f"<p><b>{heading}</b></p>{make.news(OTHER_NEWS)}")
    comments = make.one_of("", f"<div><b>Ý kiến bạn đọc</b><p>{COMMENTS[0]}</p></div>")
    if place == "lead":
        lead += date
    date = date if place == "foot" else ""
    pieces = [head, lead, picture + body, signed, date, tail, others, comments]
    tables = make.one_of(True, False)
    if tables:
        rows = "".join(f"<tr><td>{piece}</td></tr>" for piece in pieces if piece)
        middle = f"<table>{rows}</table>"
    else:
        middle = make.one_of(
            "".join(pieces),
            f"<div>{head}</div><div>{''.join(pieces[1:6])}</div>{others}{comments}",
            f"<div><div>{head}</div>{lead}<div>{picture}{body}</div>{signed}{date}{tail}</div>{others}{comments}",
        )
    return Built(
        make.page(middle, tables=tables),
        value,
        (*((LEAD,) if lead else ()), *(() if only_a_file else TEXT)),
        (SECTION,) if section else (),
        byline,
        1284 if views else None,
        ("Quang cảnh buổi lễ",) if picture else (),
        1 if only_a_file else 0,
    )


def listing(number: int) -> str:
    """A section page of one to seven linked headlines, with or without dates and leads."""
    make = _Pieces(number)
    form = make.one_of(
        "({})", "{}", "Đăng lúc: {} 08:00", "Ngày đăng: {}", "{} | 08:15", "Thứ ba, {}"
    )
    has_lead, reads_on, has_picture = (make.one_of(True, False) for _ in range(3))
    shape = make.one_of(
        "<div>{picture}<h4>{link}</h4><span>{date}</span>{lead}{more}</div>",
        "<li>{picture}{link} <i>{date}</i>{lead}{more}</li>",
        "<tr><td>{picture}{link}<br>{date}{lead}{more}</td></tr>",
        '{picture}<h3 class="title">{link}</h3><p class="time">{date}</p>{lead}{more}',
    )
    entries = (*OTHER_NEWS, *NOTICES)[: make.one_of(1, 1, 2, 3, 5, 7)]
    items = "".join(
        shape.format(
            picture=f'<a href="/tin/{at}.html"><img src="/t{at}.jpg"></a>' if has_picture else "",
            link=f'<a href="/tin/{at}.html">{title}</a>',
            date=form.format(date),
            lead=f"<p>{(LEAD, *TEXT, WELCOME, *COMMENTS)[at]}</p>" if has_lead else "",
            more=f'<a href="/tin/{at}.html">Xem tiếp</a>' if reads_on else "",
        )
        for at, (title, date) in enumerate(entries)
    )
    if shape.startswith("<tr"):
        items = f"<table>{items}</table>"
    heading = make.one_of(
        f"<h1>{SECTION}</h1>", f'<h2 class="title">{SECTION}</h2>', f"<div>{SECTION}</div>"
    )
    pager = make.one_of("", '<div>Trang: <a href="?p=2">2</a> <a href="?p=3">3</a></div>')
    return make.page(heading + items + pager, tables=False)
