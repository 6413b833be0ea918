"""Pages of every kind that portals publish, own writing: documents, albums, questions, schedules,
print views, frames, pages without a date or with several.

What `markup`, `layouts` and `platform_pages` vary is how one story is printed; here the content itself
is of other kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.schema import PageKind

HOST = "http://thu.example.gov.vn"


@dataclass(frozen=True)
class Varied:
    """A page and what stands on it. ``lines`` are lead and text, None where only the rest is asked;
    ``published_at`` is None where nothing dates the page."""

    url: str
    html: str
    title: str = ""
    published_at: str | None = None
    lines: tuple[str, ...] | None = ()
    author: str = ""
    captions: tuple[str, ...] = ()
    attachments: int = 0
    pictures: int = 0
    updated_at: str | None = None
    view_count: int | None = None
    language: str = "vi"
    kind: PageKind = PageKind.ARTICLE


TITLE = "Xã Mường Thử nghiệm thu hồ chứa nước Nà Hin"
SLUG = "xa-muong-thu-nghiem-thu-ho-chua-nuoc-na-hin"
LEAD = (
    "Sáng 12/4, Ủy ban nhân dân xã Mường Thử cùng đơn vị thi công đã nghiệm thu hồ chứa nước Nà Hin, công trình được bà con"
    " bốn bản chờ đợi suốt ba năm."
)
TEXT = (
    "Hồ có dung tích 240.000 m3, đủ tưới cho 85 ha lúa hai vụ và cấp nước sinh hoạt cho 310 hộ dân ở các bản Nà Hin, Pá Lau,"
    " Huổi Cọ và Nậm Ty.",
    "Đại diện đơn vị thi công cam kết bảo hành công trình trong 24 tháng, cử người trực vận hành trong mùa lũ đầu tiên.",
    "Bà con đề nghị sớm kéo đường điện tới nhà trực và làm hàng rào quanh lòng hồ để bảo đảm an toàn cho trẻ em.",
)
LINES = (LEAD, *TEXT)
MENU = (
    "Trang chủ",
    "Giới thiệu chung",
    "Tin hoạt động",
    "Văn bản pháp quy",
    "Lịch làm việc",
    "Thư điện tử",
    "Sơ đồ site",
)
NEWS = (
    ("Tập huấn kỹ thuật chăm sóc cây mắc ca cho nông dân", "08/04/2018"),
    ("Phát động tháng hành động vì trẻ em trên toàn huyện", "03/04/2018"),
    ("Bàn giao công trình nước sạch cho điểm trường Pá Lau", "28/03/2018"),
    ("Kết quả bốc thăm giải bóng đá thiếu niên hè", "20/03/2018"),
    ("Thông báo tạm dừng cấp điện để sửa chữa lưới điện", "16/03/2018"),
)
MENU_ENTRIES = "".join(f'<li><a href="/muc-{n}">{name}</a></li>' for n, name in enumerate(MENU))
_FOOT = '<div id="chan"><p>Bản quyền thuộc Ủy ban nhân dân huyện Thử</p><p>Địa chỉ: Khối 4, thị trấn Thử</p></div>'


def news(form: str = '<li><a href="{href}">{title}</a> <i>({date})</i></li>') -> str:
    return "".join(
        form.format(href=f"/tin/{n}.html", title=t, date=d, n=n) for n, (t, d) in enumerate(NEWS)
    )


def paragraphs(lines: tuple[str, ...]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def page(middle: str, head: str = "", *, title: str = "Cổng thông tin điện tử huyện Thử") -> str:
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title>{head}</head><body><div id="dau"><a href="/"><img src="/logo.gif"></a>'
        f"<div>Hôm nay: Thứ Hai, 21/05/2018</div><ul>{MENU_ENTRIES}</ul></div>{middle}{_FOOT}</body></html>"
    )


def with_side_column(middle: str) -> str:
    return f'<table width="100%"><tr><td width="70%">{middle}</td><td><b>Tin xem nhiều</b><ul>{news()}</ul></td></tr></table>'


_DOCUMENT_ROWS = (
    ("Số ký hiệu", "27/KH-UBND"), ("Ngày ban hành", "05/03/2018"), ("Ngày có hiệu lực", "10/03/2018"), ("Loại văn bản", "Kế hoạch"),
    ("Cơ quan ban hành", "UBND huyện Thử"), ("Người ký", "Quàng Văn Thử"), ("Lĩnh vực", "Thủy lợi"),
)  # fmt: skip
_SUBJECT = "Kế hoạch phòng, chống thiên tai và tìm kiếm cứu nạn năm 2018 trên địa bàn huyện"

# fmt: off
PAGES: dict[str, Varied] = {
    # -- documents: the subject is a row of the table, the heading names the kind of page
    "document-subject-in-table": Varied(
        f"{HOST}/vanban/Pages/chitiet.aspx?ItemID=318",
        page(
            '<div class="vb"><h3>Chi tiết văn bản</h3><table class="vbct"><tr><td>Trích yếu</td><td>' + _SUBJECT + "</td></tr>"
            + "".join(f"<tr><td>{k}</td><td>{v}</td></tr>" for k, v in _DOCUMENT_ROWS)
            + '<tr><td>Tệp đính kèm</td><td><a href="/vanban/27-KH.pdf">27-KH.pdf</a></td></tr></table></div>'
            f"<div><h3>Văn bản cùng lĩnh vực</h3><ul>{news()}</ul></div>"
        ),
        _SUBJECT, None, None, attachments=1,
    ),
    "document-heading-subject": Varied(
        f"{HOST}/van-ban/ke-hoach-phong-chong-thien-tai-va-tim-kiem-cuu-nan-nam-2018-tren-dia-ban-huyen",
        page(
            f'<h1>{_SUBJECT}</h1><div class="thuoc-tinh">' + "".join(f"<p><b>{k}:</b> {v}</p>" for k, v in _DOCUMENT_ROWS)
            + '</div><p>File đính kèm: <a href="/vb/27.pdf">27_KH_UBND.pdf</a> (312 KB)</p>'
        ),
        _SUBJECT, None, None, attachments=1,
    ),
    "document-with-posting-date": Varied(
        f"{HOST}/thong-bao/{SLUG}",
        page(
            with_side_column(
                f'<h2>{TITLE}</h2><p><em>Ngày đăng: 13/04/2018</em></p><table><tr><td>Số hiệu</td><td>15/BB-UBND</td></tr><tr><td>Ngày ban hành</td>'
                '<td>12/04/2018</td></tr></table><p><a href="/f/bb15.doc">Tải biên bản nghiệm thu</a></p>'
            )
        ),
        TITLE, "2018-04-13", None, attachments=1,
    ),
    # -- dates
    "english-month": Varied(
        f"{HOST}/{SLUG}/", page(with_side_column(f'<h1>{TITLE}</h1><div class="byline">Posted on April 13, 2018 by admin</div>{paragraphs(LINES)}')), TITLE, "2018-04-13", LINES,
    ),
    "month-before-day": Varied(
        f"{HOST}/{SLUG}/", page(with_side_column(f"<h1>{TITLE}</h1><div>Tháng Tư 13, 2018</div>{paragraphs(LINES)}")), TITLE, "2018-04-13", LINES,
    ),
    "year-first": Varied(
        f"{HOST}/xem?id=9", page(with_side_column(f"<h1>{TITLE}</h1><div>2018/04/13 09:30</div>{paragraphs(LINES)}")), TITLE, "2018-04-13T09:30:00+07:00", LINES,
    ),
    "posted-by": Varied(
        f"{HOST}/xem?id=10", page(with_side_column(f"<h2>{TITLE}</h2><div>Đăng bởi Ban biên tập ngày 13/04/2018</div>{paragraphs(LINES)}")), TITLE, "2018-04-13", LINES,
    ),
    "three-pieces": Varied(
        f"{HOST}/xem?id=11",
        page(with_side_column(f"<h2>{TITLE}</h2><ul class='meta'><li>Tin hoạt động</li><li>13/04/2018</li><li>Lượt xem: 77</li></ul>{paragraphs(LINES)}")),
        TITLE, "2018-04-13", LINES, view_count=77,
    ),
    "label-and-date-in-cells": Varied(
        f"{HOST}/xem?id=12",
        page(with_side_column(f"<h2>{TITLE}</h2><table><tr><td>Ngày đăng:</td><td>13/04/2018</td><td>Lượt xem:</td><td>77</td></tr></table>{paragraphs(LINES)}")),
        TITLE, "2018-04-13", LINES, view_count=77,
    ),
    "published-and-updated": Varied(
        f"{HOST}/xem?id=13",
        page(with_side_column(f"<h2>{TITLE}</h2><div>Ngày đăng: 13/04/2018 - Ngày cập nhật: 15/04/2018 08:00</div>{paragraphs(LINES)}")),
        TITLE, "2018-04-13", LINES, updated_at="2018-04-15T08:00:00+07:00",
    ),
    "updated-first": Varied(
        f"{HOST}/xem?id=14",
        page(with_side_column(f"<h2>{TITLE}</h2><div>Cập nhật lần cuối: 15/04/2018 08:00</div><div>Đăng ngày: 13/04/2018 07:00</div>{paragraphs(LINES)}")),
        TITLE, "2018-04-13T07:00:00+07:00", LINES, updated_at="2018-04-15T08:00:00+07:00",
    ),
    "meta-only": Varied(
        f"{HOST}/{SLUG}.html",
        page(with_side_column(f"<h1>{TITLE}</h1>{paragraphs(LINES)}"), '<meta property="article:published_time" content="2018-04-13T09:30:00+07:00">'),
        TITLE, "2018-04-13T09:30:00+07:00", LINES,
    ),
    "time-only": Varied(
        f"{HOST}/{SLUG}.html",
        page(with_side_column(f'<h1>{TITLE}</h1><time datetime="2018-04-13T09:30:00+07:00"></time>{paragraphs(LINES)}')),
        TITLE, "2018-04-13T09:30:00+07:00", LINES,
    ),
    "dates-in-the-text-only": Varied(
        f"{HOST}/{SLUG}.html",
        page(with_side_column(f"<h1>{TITLE}</h1>{paragraphs(LINES)}<p>Công trình khởi công ngày 02/09/2017, hoàn thành ngày 30/03/2018.</p>")),
        TITLE, None, (*LINES, "Công trình khởi công ngày 02/09/2017, hoàn thành ngày 30/03/2018."),
    ),
    "no-date-line-and-a-long-list": Varied(
        f"{HOST}/{SLUG}.html",
        page(with_side_column(f"<h1>{TITLE}</h1>{paragraphs(LINES)}<h4>Bài viết liên quan</h4><ul>{news() * 6}</ul>")), TITLE, None, LINES,
    ),
    "short-other-news": Varied(
        f"{HOST}/xem?id=15",
        page(with_side_column(f'<table><tr><td>Tin hoạt động</td><td>13/04/2018</td></tr></table><h3>{TITLE}</h3><p><a href="/a/bb.pdf">Xem chi tiết</a></p><p>TIN ĐÃ ĐƯA</p><ul><li><a href="/g">hồ chứa</a> (06/03/2018)</li></ul>')),
        TITLE, "2018-04-13", (), attachments=1,
    ),
    # -- bodies
    "bare-text": Varied(
        f"{HOST}/xem?id=20", page(with_side_column(f'<h1>{TITLE}</h1><div>13/04/2018</div><div id="nd">{"<br><br>".join(LINES)}</div>')), TITLE, "2018-04-13", LINES,
    ),
    "bare-text-in-a-cell": Varied(
        f"{HOST}/xem?id=21",
        page(f'<table><tr><td>{MENU_ENTRIES}</td><td><b>{TITLE}</b><br><i>13/04/2018</i><br>{"<br>".join(LINES)}<br><br><b>Tin khác</b><br>{news("<a href={href}>{title}</a> ({date})<br>")}</td></tr></table>'),
        TITLE, "2018-04-13", LINES,
    ),
    "one-cell-a-paragraph": Varied(
        f"{HOST}/xem?id=22",
        page(with_side_column(f"<table><tr><td><b>{TITLE}</b></td></tr><tr><td>(13/04/2018)</td></tr>" + "".join(f"<tr><td>{line}</td></tr>" for line in LINES) + "</table>")),
        TITLE, "2018-04-13", LINES,
    ),
    "word-html": Varied(
        f"{HOST}/tin/tin180413.htm",
        f"""<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=Generator content="Microsoft Word 11">
<title>{TITLE}</title><!--[if gte mso 9]><xml><o:DocumentProperties><o:Author>VT</o:Author></o:DocumentProperties></xml><![endif]--><style>p.MsoNormal{{margin:0in}}</style></head><body lang=EN-US><div class=Section1>
<p class=MsoNormal align=center style='text-align:center'><b><span style='font-size:16.0pt'>{TITLE.upper()}<o:p></o:p></span></b></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>
{''.join(f"<p class=MsoNormal style='text-align:justify'><span lang=VI style='font-size:14.0pt'>{line}<o:p></o:p></span></p>" for line in LINES)}
<p class=MsoNormal align=right style='text-align:right'><b><i>Lò Thị Thử<o:p></o:p></i></b></p></div></body></html>""",
        TITLE.upper(), None, LINES, "Lò Thị Thử",
    ),
    "capitals": Varied(
        f"{HOST}/xem?id=23", page(with_side_column(f'<p align="center"><font color="red"><b>{TITLE.upper()}</b></font></p><p align="center"><i>(13/04/2018 10:00)</i></p>{paragraphs(LINES)}')),
        TITLE.upper(), "2018-04-13T10:00:00+07:00", LINES,
    ),
    "decorative-headings": Varied(
        f"{HOST}/xem?id=24",
        page(f'<h1 class="sitename">HUYỆN THỬ</h1><h2 class="slogan">Đoàn kết - Đổi mới - Phát triển</h2><div class="c1"><h2>TIN HOẠT ĐỘNG</h2><h3>{TITLE}</h3><span>13/04/2018</span>{paragraphs(LINES)}<h2>LIÊN KẾT</h2><h2>THỐNG KÊ TRUY CẬP</h2><p>Tổng số: 120.331</p></div>'),
        TITLE, "2018-04-13", LINES,
    ),
    "subheadings": Varied(
        f"{HOST}/xem?id=25",
        page(with_side_column(f"<h1>{TITLE}</h1><p>13/04/2018</p><p>{LEAD}</p><h2>Quy mô công trình</h2><p>{TEXT[0]}</p><h2>Bảo hành và vận hành</h2><p>{TEXT[1]}</p><h2>Kiến nghị của bà con</h2><p>{TEXT[2]}</p>")),
        TITLE, "2018-04-13", (LEAD, "Quy mô công trình", TEXT[0], "Bảo hành và vận hành", TEXT[1], "Kiến nghị của bà con", TEXT[2]),
    ),
    "title-in-head-only": Varied(
        f"{HOST}/{SLUG}.html",
        page(with_side_column(f'<div class="ngay">13/04/2018</div><div class="noidung">{paragraphs(LINES)}</div>'), title=f"{TITLE} | Cổng thông tin điện tử huyện Thử"),
        TITLE, "2018-04-13", LINES,
    ),
    "list-of-points": Varied(
        f"{HOST}/xem?id=26",
        page(with_side_column(f"<h1>{TITLE}</h1><p>13/04/2018</p><p>{LEAD}</p><ul><li>Dung tích: 240.000 m3</li><li>Diện tích tưới: 85 ha</li><li>Số hộ hưởng lợi: 310</li></ul><p>{TEXT[1]}</p>")),
        TITLE, "2018-04-13", (LEAD, "Dung tích: 240.000 m3", "Diện tích tưới: 85 ha", "Số hộ hưởng lợi: 310", TEXT[1]),
    ),
    "links-in-the-text": Varied(
        f"{HOST}/xem?id=27",
        page(with_side_column(f'<h1>{TITLE}</h1><p>13/04/2018</p><p>{LEAD}</p><p>Trước đó, <a href="/tin/khoi-cong">công trình đã được khởi công</a> vào mùa khô năm ngoái với sự góp công của hàng trăm hộ dân trong bốn bản.</p><p>{TEXT[1]}</p>')),
        TITLE, "2018-04-13",
        (LEAD, "Trước đó, công trình đã được khởi công vào mùa khô năm ngoái với sự góp công của hàng trăm hộ dân trong bốn bản.", TEXT[1]),
    ),
    "quotation": Varied(
        f"{HOST}/xem?id=28",
        page(with_side_column(f"<h1>{TITLE}</h1><p>13/04/2018</p><p>{LEAD}</p><blockquote>“Có nước rồi, bà con yên tâm làm hai vụ lúa, không phải bỏ đi làm thuê nữa”, ông Lò Văn Thử, bản Nà Hin nói.</blockquote><p>{TEXT[1]}</p>")),
        TITLE, "2018-04-13", (LEAD, "“Có nước rồi, bà con yên tâm làm hai vụ lúa, không phải bỏ đi làm thuê nữa”, ông Lò Văn Thử, bản Nà Hin nói.", TEXT[1]),
    ),
    "files-above-the-text": Varied(
        f"{HOST}/xem?id=29",
        page(with_side_column(f'<h1>{TITLE}</h1><p>13/04/2018</p><p>Tài liệu đính kèm: <a href="/f/1.pdf">Biên bản.pdf</a>; <a href="/f/2.pdf">Bản vẽ.pdf</a></p>{paragraphs(LINES)}')),
        TITLE, "2018-04-13", LINES, attachments=2,
    ),
    # -- other kinds of content
    "album-without-text": Varied(
        f"{HOST}/thu-vien-anh/{SLUG}",
        page(
            f"<h2>{TITLE}</h2><p>Cập nhật: 13/04/2018</p>"
            + "".join(f'<div class="anh"><img src="/anh/{n}.jpg" alt="{n}.jpg"><p><i>{c}</i></p></div>' for n, c in enumerate(("Lòng hồ nhìn từ đập tràn", "Bà con bản Pá Lau dự lễ")))
            + f"<h3>Album khác</h3>{news('<div><a href={href}><img src=/al/{n}.jpg></a><br><a href={href}>{title}</a></div>')}"
        ),
        TITLE, "2018-04-13", (), captions=("Lòng hồ nhìn từ đập tràn", "Bà con bản Pá Lau dự lễ"), pictures=2,
    ),
    "video-and-description": Varied(
        f"{HOST}/video/{SLUG}-55.html",
        page(f'<div class="player"><video src="/v/55.mp4"></video></div><h1>{TITLE}</h1><div class="ngay">13/04/2018</div><p>{LEAD}</p><div class="playlist"><h3>Video mới nhất</h3><ul>{news()}</ul></div>'),
        TITLE, "2018-04-13", (LEAD,),
    ),
    "question-in-a-table": Varied(
        f"{HOST}/hoidap/chitiet.aspx?id=31",
        page(with_side_column(
            "<table><tr><td><b>Tiêu đề:</b></td><td>Hỏi về mức đóng thủy lợi phí</td></tr><tr><td><b>Người gửi:</b></td><td>Lường Văn Thử</td></tr><tr><td><b>Ngày gửi:</b></td><td>10/04/2018</td></tr></table>"
            f"<p>Gia đình tôi có 3.000 m2 ruộng ở bản Huổi Cọ, xin hỏi khi dùng nước hồ Nà Hin thì phải đóng phí thế nào và nộp cho ai?</p><p><b>Trả lời:</b></p><p>{TEXT[0]} Theo quy định hiện hành, hộ trồng lúa được hỗ trợ toàn bộ phí dịch vụ thủy lợi.</p>"
        )),
        "Hỏi về mức đóng thủy lợi phí", "2018-04-10", None,
    ),
    "print-view": Varied(
        f"{HOST}/print.aspx?id=30",
        f'<html><head><title>{TITLE}</title></head><body onload="window.print()"><p>Cổng thông tin điện tử huyện Thử - http://thu.example.gov.vn</p><hr><h3>{TITLE}</h3><i>13/04/2018 09:30</i>{paragraphs(LINES)}<hr><p>Nguồn: http://thu.example.gov.vn/{SLUG}.html</p></body></html>',
        TITLE, "2018-04-13T09:30:00+07:00", LINES, author="Nguồn: http://thu.example.gov.vn/" + SLUG + ".html",
    ),
    "english": Varied(
        f"{HOST}/en/news/muong-thu-commune-accepts-the-na-hin-reservoir",
        '<html lang="vi"><body><ul><li><a href="/en">Home</a></li><li><a href="/en/contact">Contact</a></li></ul><h1>Muong Thu commune accepts the Na Hin reservoir</h1><p class="date">Friday, 13 April 2018</p><p>The reservoir holds 240,000 cubic metres of water and will irrigate 85 hectares of rice in two seasons of the year.</p><p>Households of the four villages asked for a fence around the water and for a power line to the watch house.</p></body></html>',
        "Muong Thu commune accepts the Na Hin reservoir", "2018-04-13",
        ("The reservoir holds 240,000 cubic metres of water and will irrigate 85 hectares of rice in two seasons of the year.", "Households of the four villages asked for a fence around the water and for a power line to the watch house."),
        language="en",
    ),
    # -- no articles
    "frames": Varied(
        f"{HOST}/index.htm",
        '<html><head><title>Huyện Thử</title></head><frameset rows="100,*"><frame src="tren.htm"><frame src="tin.htm"><noframes><body>Trình duyệt không hỗ trợ khung.</body></noframes></frameset></html>',
        kind=PageKind.OTHER,
    ),
    "one-entry": Varied(
        f"{HOST}/tin-hoat-dong", page(with_side_column(f'<h1>Tin hoạt động</h1><div class="bai"><h2><a href="/tin/a.html">{TITLE}</a></h2><span>13/04/2018</span><p>{" ".join(LINES)}</p><a href="/tin/a.html">Xem chi tiết</a></div>')),
        kind=PageKind.LISTING,
    ),
    "three-long-teasers": Varied(
        f"{HOST}/chuyen-muc.aspx?id=4",
        page("".join(f'<div class="bai"><a href="/tin/{n}.html"><b>{t}</b></a><br><i>{d}</i><br>{" ".join(LINES[: n + 2])}</div>' for n, (t, d) in enumerate(NEWS[:3]))),
        kind=PageKind.LISTING,
    ),
    "teasers-without-dates": Varied(
        f"{HOST}/chuyen-muc.aspx?id=5",
        page("<h2>Tin hoạt động</h2>" + "".join(f'<div class="bai"><h3><a href="/tin/{n}.html">{t}</a></h3><p>{LINES[n]}</p></div>' for n, (t, _) in enumerate(NEWS[:4]))),
        kind=PageKind.LISTING,
    ),
    "documents": Varied(
        f"{HOST}/van-ban",
        page("<h2>Văn bản chỉ đạo điều hành</h2><table><tr><th>STT</th><th>Số ký hiệu</th><th>Ngày ban hành</th><th>Trích yếu</th></tr>" + "".join(f'<tr><td>{n}</td><td><a href="/vb/{n}">{n}/UBND</a></td><td>{d}</td><td><a href="/vb/{n}">{t}</a></td></tr>' for n, (t, d) in enumerate(NEWS)) + "</table>"),
        kind=PageKind.LISTING,
    ),
    "albums": Varied(
        f"{HOST}/thu-vien-anh", page("<h2>Thư viện ảnh</h2>" + news('<div><a href="{href}"><img src="/al/{n}.jpg"></a><p><a href="{href}">{title}</a></p><p>{date}</p></div>')), kind=PageKind.LISTING,
    ),
    "questions": Varied(
        f"{HOST}/hoi-dap", page("<h2>Hỏi đáp</h2>" + news('<div><p><b>Hỏi:</b> <a href="{href}">{title}?</a></p><p>Người hỏi: Lò Văn Thử - {date}</p></div>')), kind=PageKind.LISTING,
    ),
    "search": Varied(
        f"{HOST}/tim-kiem?q=ho+chua", page('<h2>Kết quả tìm kiếm</h2><p>Không tìm thấy kết quả nào phù hợp với từ khóa "hồ chứa".</p>'), kind=PageKind.OTHER,
    ),
    "contacts": Varied(
        f"{HOST}/lien-he", page("<h2>Liên hệ</h2><table>" + "".join(f"<tr><td>Ông Thử {n}</td><td>Trưởng phòng</td><td>0215.{n}00.111</td></tr>" for n in range(6)) + "</table>"), kind=PageKind.OTHER,
    ),
}
# fmt: on
