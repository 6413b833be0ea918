"""One article in one layout, and one thing at a time that portals put around or into it: widgets,
breadcrumbs, captions, comments, tables, files."""

from __future__ import annotations

from varied_pages import (
    HOST,
    LEAD,
    LINES,
    MENU_ENTRIES,
    NEWS,
    SLUG,
    TEXT,
    TITLE,
    Varied,
    news,
    page,
    paragraphs,
    with_side_column,
)

from archive.schema import PageKind

PAGES: dict[str, Varied] = {}


def _add(
    name: str,
    middle: str,
    *,
    title: str = TITLE,
    date: str | None = "2018-04-13",
    lines: tuple[str, ...] | None = LINES,
    slug: str = "",
    head: str = "",
    author: str = "",
    captions: tuple[str, ...] = (),
    pictures: int = 0,
    attachments: int = 0,
    view_count: int | None = None,
    kind: PageKind = PageKind.ARTICLE,
) -> None:
    PAGES[name] = Varied(
        f"{HOST}/{slug}.html" if slug else f"{HOST}/xem?id={100 + len(PAGES)}",
        page(middle, head),
        title,
        date,
        lines,
        author,
        captions,
        attachments,
        pictures,
        view_count=view_count,
        kind=kind,
    )


_HEAD = f"<h1>{TITLE}</h1><p>13/04/2018</p>"
_BODY = paragraphs(LINES)
_add(
    "crumb-with-title",
    with_side_column(
        f'<div class="bc"><a href="/">Trang chủ</a> › <a href="/t">Tin hoạt động</a> › {TITLE}</div><div class="tt">{TITLE}</div><div>13/04/2018</div>{_BODY}'
    ),
)
_add(
    "crumb-list",
    with_side_column(
        f'<ol><li><a href="/">Trang chủ</a></li><li><a href="/t">Tin hoạt động</a></li><li>{TITLE}</li></ol><div class="tt"><b>{TITLE}</b></div><div>13/04/2018</div>{_BODY}'
    ),
)
_add(
    "slider-above",
    f'<div class="slide"><h3><a href="/tin/1.html">{NEWS[0][0]}</a></h3><span>08/04/2018</span><p>{TEXT[2]} {TEXT[1]}</p></div>'
    + with_side_column(f"<h2>{TITLE}</h2><p>13/04/2018</p>{_BODY}"),
)
_add(
    "slider-above-slug",
    f'<div class="slide"><h3><a href="/tin/1.html">{NEWS[0][0]}</a></h3><span>08/04/2018</span><p>{TEXT[2]} {TEXT[1]}</p></div>'
    + with_side_column(f"<h2>{TITLE}</h2>{_BODY}"),
    slug=SLUG,
    date=None,
)
_add(
    "toc",
    with_side_column(
        f'{_HEAD}<p>{LEAD}</p><div id="toc"><p>Mục lục</p><ul><li><a href="#1">Quy mô</a></li><li><a href="#2">Bảo hành</a></li></ul></div><h2 id="1">Quy mô</h2><p>{TEXT[0]}</p><h2 id="2">Bảo hành</h2><p>{TEXT[1]}</p>'
    ),
    lines=(LEAD, "Quy mô", TEXT[0], "Bảo hành", TEXT[1]),
)
_add("pre", with_side_column(f"{_HEAD}<pre>" + "\n\n".join(LINES) + "</pre>"))
_add(
    "nbsp-paragraphs",
    with_side_column(
        _HEAD
        + "".join(f"<div><span><span>{line}</span></span></div><div>&nbsp;</div>" for line in LINES)
    ),
)
_add(
    "li-paragraphs",
    with_side_column(_HEAD + "<ul>" + "".join(f"<li>{line}</li>" for line in LINES) + "</ul>"),
)
_add(
    "wp-caption",
    with_side_column(
        f'{_HEAD}<p>{LEAD}</p><div class="wp-caption"><img src="/u/a.jpg"><p class="wp-caption-text">Hồ Nà Hin nhìn từ đập</p></div>{paragraphs(TEXT)}'
    ),
    captions=("Hồ Nà Hin nhìn từ đập",),
    pictures=1,
)
_add(
    "caption-in-same-p",
    with_side_column(
        f'{_HEAD}<p>{LEAD}</p><p style="text-align:center"><img src="/u/a.jpg"><br><em>Hồ Nà Hin nhìn từ đập</em></p>{paragraphs(TEXT)}'
    ),
    captions=("Hồ Nà Hin nhìn từ đập",),
    pictures=1,
)
_add(
    "caption-table",
    with_side_column(
        f'{_HEAD}<p>{LEAD}</p><table align="center"><tr><td><img src="/u/a.jpg"></td></tr><tr><td>Hồ Nà Hin nhìn từ đập</td></tr></table>{paragraphs(TEXT)}'
    ),
    captions=("Hồ Nà Hin nhìn từ đập",),
    pictures=1,
)
_add(
    "two-pictures-one-caption",
    with_side_column(
        f'{_HEAD}<p>{LEAD}</p><p><img src="/u/a.jpg"><img src="/u/b.jpg"></p><p style="text-align:center"><i>Hồ Nà Hin nhìn từ đập</i></p>{paragraphs(TEXT)}'
    ),
    captions=("Hồ Nà Hin nhìn từ đập",),
    pictures=2,
)
_add(
    "audio-widget",
    with_side_column(
        f'{_HEAD}<div class="audio"><p>Nghe nội dung bài viết</p><audio controls><source src="/a.mp3">Trình duyệt của bạn không hỗ trợ audio</audio></div>{_BODY}'
    ),
)
_add(
    "a11y-row",
    with_side_column(
        f'{_HEAD}<div><span>Màu chữ</span> <span>Cỡ chữ</span> <a href="#">A+</a> <a href="#">A-</a> <span>Tương phản</span> <a href="#">Đọc bài viết</a></div>{_BODY}'
    ),
)
_add(
    "rating",
    with_side_column(
        f'{_HEAD}{_BODY}<div class="rate"><p>Tổng số điểm của bài viết là: 5 trong 1 đánh giá</p><p>Xếp hạng: 5 - 1 phiếu bầu</p><p>Click để đánh giá bài viết</p></div>'
    ),
)
_add("stars", with_side_column(f"{_HEAD}{_BODY}<p>Đánh giá: 0/5 (0 lượt)</p>"))
_add(
    "prev-next",
    with_side_column(
        f'{_HEAD}{_BODY}<div><a href="/tin/1.html">← {NEWS[0][0]}</a> | <a href="/tin/2.html">{NEWS[1][0]} →</a></div>'
    ),
)
_add(
    "prev-next-labels",
    with_side_column(
        f'{_HEAD}{_BODY}<table><tr><td>Bài trước: <a href="/tin/1.html">{NEWS[0][0]}</a></td><td>Bài sau: <a href="/tin/2.html">{NEWS[1][0]}</a></td></tr></table>'
    ),
)
_add(
    "share-text",
    with_side_column(
        f"{_HEAD}<div>Chia sẻ: Facebook | Zalo | Twitter</div>{_BODY}<div>Chia sẻ bài viết này</div>"
    ),
)
_add(
    "source-line",
    with_side_column(f'{_HEAD}{_BODY}<p align="right">Nguồn: Báo Thử điện tử</p>'),
    author="Nguồn: Báo Thử điện tử",
)
_add(
    "tags-plain",
    with_side_column(f"{_HEAD}{_BODY}<p>Từ khóa: thủy lợi, hồ chứa, nông thôn mới</p>"),
)
_add(
    "facebook-comments",
    with_side_column(f'{_HEAD}{_BODY}<div class="fb-comments">Bình luận bằng Facebook</div>'),
)
_add(
    "comment-form",
    with_side_column(
        f"{_HEAD}{_BODY}<h3>Gửi bình luận của bạn</h3><form><p>Họ tên (*)</p><input><p>Email (*)</p><input><p>Nội dung (*)</p><textarea></textarea><p>Mã xác nhận</p></form>"
    ),
)
_add(
    "author-box",
    with_side_column(
        f'{_HEAD}{_BODY}<div class="author-box"><h4>Về tác giả</h4><p>Ban biên tập Cổng thông tin điện tử huyện Thử chịu trách nhiệm thu thập và đăng tải tin tức hằng ngày.</p></div>'
    ),
)
_add(
    "box-below",
    f'<div class="main">{_HEAD}{_BODY}</div><div class="below"><h3>Thông báo</h3><div><a href="/tb/1"><b>{NEWS[4][0]}</b></a><p>{TEXT[1]} {TEXT[2]}</p></div><div><a href="/tb/2"><b>{NEWS[3][0]}</b></a><p>{TEXT[0]}</p></div></div>',
)
_add(
    "box-below-same-parent",
    f'<div class="main">{_HEAD}{_BODY}<h3>Thông báo mới</h3><p><a href="/tb/1">{NEWS[4][0]}</a></p><p>{TEXT[1]} Đề nghị các hộ dân lưu ý.</p></div>',
)
_add(
    "welcome-left",
    f"<table><tr><td><h3>Lời chào mừng</h3><p>{TEXT[1]} Chào mừng quý vị đến với trang tin của huyện.</p></td><td><h2>{TITLE}</h2><i>13/04/2018</i>{_BODY}</td></tr></table>",
)
_add(
    "dated-title",
    with_side_column(
        '<h1>Lịch tiếp công dân ngày 15/4/2018 của Chủ tịch UBND huyện</h1><p>Ngày đăng: 13/04/2018</p><p><a href="/f/lich.pdf">Tải về</a></p>'
    ),
    title="Lịch tiếp công dân ngày 15/4/2018 của Chủ tịch UBND huyện",
    lines=(),
    attachments=1,
)
_add(
    "short-title",
    with_side_column(f"<h1>Thông báo</h1><p>Ngày đăng: 13/04/2018</p>{_BODY}"),
    title="Thông báo",
)
_add(
    "short-title-file",
    with_side_column(
        '<h1>Giấy mời</h1><p>Ngày đăng: 13/04/2018</p><p><a href="/f/gm.pdf">Giấy mời họp.pdf</a></p>'
    ),
    title="Giấy mời",
    lines=(),
    attachments=1,
)
_add("one-sentence", with_side_column(f"{_HEAD}<p>{TEXT[1]}</p>"), lines=(TEXT[1],))
_add(
    "title-with-stop",
    with_side_column(f"<h2>{TITLE}.</h2><p>13/04/2018</p>{_BODY}"),
    title=TITLE + ".",
)
_add(
    "title-in-quotes",
    with_side_column(
        f"<h2>“Nước về bản” - chuyện ở Mường Thử | Phóng sự</h2><p>13/04/2018</p>{_BODY}"
    ),
    title="“Nước về bản” - chuyện ở Mường Thử | Phóng sự",
)
_add(
    "signed-date",
    with_side_column(
        f'<h2>{TITLE}</h2>{_BODY}<p align="right"><i>(Ban biên tập - 13/04/2018)</i></p>'
    ),
    slug=SLUG,
    date="2018-04-13",
    author="Ban biên tập",
)
_add("lead-in-heading", with_side_column(f"{_HEAD}<h3>{LEAD}</h3>{paragraphs(TEXT)}"))
_add(
    "repeated-title",
    with_side_column(f'{_HEAD}<p align="center"><b>{TITLE.upper()}</b></p>{_BODY}'),
)
_add(
    "cookie-notice",
    '<div class="cookie"><p>Trang web này sử dụng cookie để nâng cao trải nghiệm của quý vị, bằng việc tiếp tục truy cập quý vị đồng ý với chính sách của chúng tôi.</p><button>Đồng ý</button></div>'
    + with_side_column(_HEAD + _BODY),
)
_add(
    "article-no-h",
    with_side_column(
        f'<div class="detail"><p class="t1">{TITLE}</p><p class="t2">13/04/2018 | 09:30</p>{_BODY}</div>'
    ),
    date="2018-04-13T09:30:00+07:00",
)
_add(
    "date-in-title-row",
    with_side_column(
        f'<table><tr><td><b>{TITLE}</b></td><td align="right">13/04/2018</td></tr></table>{_BODY}'
    ),
)
_add(
    "date-after-title-inline", with_side_column(f"<p><b>{TITLE}</b> <i>(13/04/2018)</i></p>{_BODY}")
)
_add(
    "views-line",
    with_side_column(
        f"<h3>{TITLE}</h3><div><span>13/04/2018 09:30:11</span><span>Đã xem: 1.204</span></div>{_BODY}"
    ),
    date="2018-04-13T09:30:11+07:00",
    view_count=1204,
)
_add(
    "print-email-links",
    with_side_column(
        f'{_HEAD}<p><a href="/print?id=1"><img src="/i/print.gif"> In</a> <a href="mailto:?s=1"><img src="/i/mail.gif"> Email</a></p>{_BODY}'
    ),
)
_add(
    "font-jumble",
    with_side_column(
        f"{_HEAD}"
        + "".join(
            f'<p><font face="Times New Roman"><font size="3"><span>{line[:30]}</span></font></font><font size="3">{line[30:]}</font></p>'
            for line in LINES
        )
    ),
)
_add("nested-div", with_side_column(_HEAD + "<div>" * 30 + _BODY + "</div>" * 30))
_add(
    "embedded-pdf",
    with_side_column(
        f'{_HEAD}<iframe src="https://docs.google.com/viewer?url=http://thu.example.gov.vn/f/bb.pdf&embedded=true"></iframe>'
    ),
    lines=(),
    attachments=1,
)
_add(
    "object-pdf",
    with_side_column(
        f'{_HEAD}<object data="/f/bb.pdf" type="application/pdf"><p>Trình duyệt không hỗ trợ xem PDF. <a href="/f/bb.pdf">Tải về</a></p></object>'
    ),
    lines=None,
    attachments=1,
)
_add(
    "data-table",
    with_side_column(
        f'{_HEAD}<p>{LEAD}</p><table border="1"><tr><th>Bản</th><th>Số hộ</th><th>Diện tích</th></tr><tr><td>Nà Hin</td><td>90</td><td>25 ha</td></tr><tr><td>Pá Lau</td><td>80</td><td>20 ha</td></tr></table><p>{TEXT[1]}</p>'
    ),
    lines=(LEAD, "Bản | Số hộ | Diện tích", "Nà Hin | 90 | 25 ha", "Pá Lau | 80 | 20 ha", TEXT[1]),
)
_add(
    "itemprop",
    with_side_column(
        f'<div itemscope itemtype="http://schema.org/Article"><h2 itemprop="name">{TITLE}</h2><meta itemprop="datePublished" content="2018-04-13T09:30:00+07:00"><div itemprop="articleBody">{_BODY}</div></div>'
    ),
    date="2018-04-13T09:30:00+07:00",
    slug=SLUG,
)
_add(
    "jsonld",
    with_side_column(f"<h2>{TITLE}</h2>{_BODY}"),
    date="2018-04-13T09:30:00+07:00",
    slug=SLUG,
    head='<script type="application/ld+json">{"@type":"NewsArticle","headline":"'
    + TITLE
    + '","datePublished":"2018-04-13T09:30:00+07:00"}</script>',
)
_add(
    "list-section-with-intro",
    f"<h1>Tin hoạt động</h1><p>{TEXT[1]} Chuyên mục đăng tin hằng ngày.</p><ul>{news()}</ul>",
    kind=PageKind.LISTING,
)
_add(
    "poll",
    '<h2>Thăm dò ý kiến</h2><p>Bạn đánh giá thế nào về chất lượng dịch vụ công của huyện?</p><form><input type="radio">Tốt<br><input type="radio">Khá</form>',
    kind=PageKind.OTHER,
)
_add(
    "login",
    "<h2>Đăng nhập</h2><form><label>Tên đăng nhập</label><input><label>Mật khẩu</label><input></form>",
    kind=PageKind.OTHER,
)
_add("sitemap", f"<h2>Sơ đồ site</h2><ul>{MENU_ENTRIES * 4}</ul>", kind=PageKind.OTHER)
_add(
    "picture-of-a-caption-lost",
    with_side_column(
        f'{_HEAD}<div style="text-align:justify">{LEAD}</div><div style="text-align:center"><img src="/u/a.jpg"></div>'
        '<div style="text-align:center">Bà con bốn bản chờ đón dòng nước đầu tiên từ đập tràn</div>'
        f'<div style="text-align:justify">{TEXT[0]}</div><div style="text-align:center">Cán bộ kỹ thuật kiểm tra van xả trước giờ mở nước</div>'
        f'<div style="text-align:justify">{TEXT[1]}</div><div style="text-align:justify">{TEXT[2]}</div>'
    ),
    captions=("Bà con bốn bản chờ đón dòng nước đầu tiên từ đập tràn",),
    pictures=1,
)

# fmt: off
_add("legal-basis",with_side_column(f'{_HEAD}<p>Căn cứ Luật Tổ chức chính quyền địa phương ngày 19/6/2015;</p><p>Căn cứ Nghị định số 08/2014/NĐ-CP ngày 27/01/2014 của Chính phủ;</p>{_BODY}<p>Nơi nhận:</p><p>- Như trên;</p><p>- Lưu VT.</p>'),lines=None)
_add("recruit-table",with_side_column(f'{_HEAD}<table border=1><tr><td>TT</td><td>Vị trí</td><td>Số lượng</td></tr><tr><td>1</td><td>Kế toán</td><td>2</td></tr><tr><td>2</td><td>Văn thư</td><td>1</td></tr></table>'),lines=("TT | Vị trí | Số lượng","1 | Kế toán | 2","2 | Văn thư | 1"))
_add("files-only-list",with_side_column(f'{_HEAD}<ul><li><a href="/f/1.pdf">Quyết định số 1.pdf</a></li><li><a href="/f/2.docx">Phụ lục kèm theo.docx</a></li><li><a href="/f/3.xlsx">Biểu tổng hợp.xlsx</a></li></ul>'),lines=(),attachments=3)
_add("image-only",with_side_column(f'{_HEAD}<p><img src="/u/vb1.jpg"></p><p><img src="/u/vb2.jpg"></p>'),lines=(),pictures=2)
_add("h2-title-h1-site",f'<h1><a href="/">UBND huyện Thử</a></h1><h2>{TITLE}</h2><p>13/04/2018</p>{_BODY}')
_add("title-after-lead-image",with_side_column(f'<img src="/u/a.jpg"><h2>{TITLE}</h2><p>13/04/2018</p>{_BODY}'))
_add("date-above-title",with_side_column(f'<p><i>Thứ sáu, 13/04/2018 09:30</i></p><h2>{TITLE}</h2>{_BODY}'),date="2018-04-13T09:30:00+07:00")
_add("date-with-icon",with_side_column(f'<h2>{TITLE}</h2><p><i class="fa fa-clock-o"></i> 13/04/2018 <i class="fa fa-user"></i> Ban biên tập <i class="fa fa-eye"></i> 99 lượt xem</p>{_BODY}'),view_count=99)
_add("ten-paragraph-cards",with_side_column(f'{_HEAD}'+"".join(f'<section><div class="row"><div class="col"><p>{line}</p></div></div></section>' for line in LINES)))
_add("accordion",with_side_column(f'{_HEAD}<p>{LEAD}</p>'+"".join(f'<div class="panel"><div class="panel-heading"><a href="#c{n}">Phần {n}</a></div><div class="panel-body"><p>{line}</p></div></div>' for n,line in enumerate(TEXT,1))),lines=None)
_add("tables-nested",f'<table><tr><td><table><tr><td><table><tr><td><b>{TITLE}</b></td></tr><tr><td><i>13/04/2018</i></td></tr><tr><td>{_BODY}</td></tr></table></td></tr></table></td><td><table>{news("<tr><td><a href={href}>{title}</a></td></tr>")}</table></td></tr></table>')
_add("hot-links-top",f'<div class="tin-nong">{news("<a href={href}>{title}</a> | ")}</div>'+with_side_column(_HEAD+_BODY))
_add("unclosed-p",with_side_column(f'<h1>{TITLE}<p>13/04/2018<p>'+"<p>".join(LINES)))
_add("script-in-body",with_side_column(f'{_HEAD}<script>document.write("x")</script>{_BODY}<script>var a=1;</script>'))
_add("blink",with_side_column(f'{_HEAD}<marquee>Chào mừng kỷ niệm ngày thành lập huyện</marquee>{_BODY}'))
_add("english-labels",with_side_column(f'<h2>{TITLE}</h2><p>Created Date: 13/04/2018 | Hits: 55</p>{_BODY}'),view_count=55)
_add("updated-only-label",with_side_column(f'<h2>{TITLE}</h2><p>Ngày cập nhật: 13/04/2018</p>{_BODY}'))
_add("sapo-italic-source",with_side_column(f'{_HEAD}<p><i>(Trang tin huyện) - {LEAD}</i></p>{paragraphs(TEXT)}'),lines=("(Trang tin huyện) - "+LEAD,*TEXT))
_add("related-amid",with_side_column(f'{_HEAD}<p>{LEAD}</p><p>{TEXT[0]}</p><p><a href="/tin/0.html">&gt;&gt; {NEWS[0][0]}</a></p><p>{TEXT[1]}</p><p>{TEXT[2]}</p>'))
_add("see-more-amid",with_side_column(f'{_HEAD}<p>{LEAD}</p><p>{TEXT[0]}</p><p>Xem thêm: <a href="/tin/0.html">{NEWS[0][0]}</a></p><p>{TEXT[1]}</p><p>{TEXT[2]}</p>'))
_add("two-bylines",with_side_column(f'{_HEAD}{_BODY}<p align="right"><b>Tin: Lò Thị Thử</b></p><p align="right"><b>Ảnh: Cầm Văn Mẫu</b></p>'),author="Tin: Lò Thị Thử\nẢnh: Cầm Văn Mẫu")
_add("signed-decree",with_side_column(f'{_HEAD}{_BODY}<p align="right"><b>TM. ỦY BAN NHÂN DÂN</b></p><p align="right"><b>CHỦ TỊCH</b></p><p align="right"><i>(Đã ký)</i></p><p align="right"><b>Quàng Văn Thử</b></p>'),lines=None)
_add("end-mark",with_side_column(f'{_HEAD}{_BODY}<p>./.</p>'),lines=None)
# fmt: on
