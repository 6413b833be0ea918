"""Pages that were written before any rule was changed for them, as a test of what the reading makes of
portals that nobody has seen: 18 of the 20 articles had the right title then, 17 the right date, 12 of 18
the exact text. What they showed has been mended since.

Each is a whole page with the furniture of its kind of portal, own writing throughout.
"""

from __future__ import annotations

from varied_pages import Varied

from archive.schema import PageKind

ROAD = (
    "Con đường liên xã Đồng Mới - Suối Cạn dài 4,2 km vừa được đưa vào sử dụng sau mười tháng thi công, giúp hơn 600 hộ dân"
    " không còn phải đi vòng qua bến đò.",
    "Tuyến đường có mặt bê tông rộng 5,5 m, hai bên trồng hoàng yến; tổng vốn đầu tư 18,6 tỷ đồng, trong đó nhân dân góp 2,1"
    " tỷ đồng và hiến gần 9.000 m2 đất.",
    "Ông Cao Văn Thử, thôn Suối Cạn, cho biết trước đây mỗi mùa mưa xe chở nông sản phải nằm lại đầu dốc cả ngày, nay thương"
    " lái vào tận vườn.",
    "Ủy ban nhân dân huyện giao hai xã lập tổ tự quản, phát quang và khơi rãnh mỗi tháng một lần.",
)
SCHOOL = (
    "Năm học mới, toàn huyện có 41 trường với 17.820 học sinh, tăng 640 em so với năm học trước, trong đó cấp tiểu học tăng"
    " nhiều nhất.",
    "Phòng Giáo dục và Đào tạo đã hoàn thành sửa chữa 63 phòng học, cấp bàn ghế cho chín điểm trường lẻ và bố trí đủ giáo viên"
    " đứng lớp.",
    "Tại xã vùng cao Pha Long, thầy cô đến từng bản đưa học trò tới lớp; bữa trưa bán trú được giữ ở mức 22.000 đồng một em.",
)
MARKET = (
    "Phiên chợ hàng Việt về xã diễn ra trong ba ngày với 48 gian hàng của 30 doanh nghiệp và hợp tác xã trong tỉnh.",
    "Ban tổ chức cho biết sức mua tăng khoảng 15 phần trăm so với phiên trước, nhiều nhất là nông cụ, phân bón và hàng may mặc.",
    "Người mua được hướng dẫn cách nhận biết tem truy xuất nguồn gốc ngay tại quầy.",
)
HISTORY = (
    "Huyện được thành lập theo Nghị định ngày 14 tháng 6 năm 1988 trên cơ sở tách bảy xã phía nam của huyện cũ, ban đầu có"
    " 31.000 người sinh sống trên diện tích 420 km2.",
    "Vùng đất này xưa là nơi dừng chân của những đoàn ngựa thồ đi từ miền ngược xuống bến sông; tên các làng còn giữ dấu vết"
    " của nghề muối và nghề rèn.",
    "Trong kháng chiến, nhân dân các dân tộc trong huyện đã đóng góp hàng nghìn tấn lương thực và hàng vạn ngày công.",
    "Ngày nay huyện có 14 xã, một thị trấn, kinh tế chủ yếu là chè, quế và chăn nuôi đại gia súc.",
)
MENU = (
    "Trang nhất",
    "Bộ máy",
    "Tin trong huyện",
    "Chỉ đạo điều hành",
    "Dịch vụ công",
    "Thư viện ảnh",
    "Góp ý",
)
OTHERS = (
    ("Kiểm tra công tác phòng cháy rừng tại xã Bản Phố", "04/03/2020"),
    ("Trao nhà đại đoàn kết cho hộ nghèo xã Lùng Thẩn", "27/02/2020"),
    ("Tập huấn nghiệp vụ cho cán bộ hòa giải cơ sở", "19/02/2020"),
    ("Hội nghị sơ kết vụ đông, triển khai vụ xuân", "11/02/2020"),
)
FOOT = (
    "Trang thông tin điện tử huyện Thử Nghiệm",
    "Chịu trách nhiệm chính: Ông Lò Văn Thử - Phó Chủ tịch UBND huyện",
    "Điện thoại: 0214.000.111 - Thư điện tử: bbt@thunghiem.example",
)


def _menu(tag: str = "li") -> str:
    return "".join(
        f'<{tag}><a href="/m/{n}.html">{name}</a></{tag}>' for n, name in enumerate(MENU)
    )


def _others(form: str = '<li><a href="{href}">{title}</a> ({date})</li>') -> str:
    return "".join(
        form.format(href=f"/o/{n}.html", title=t, date=d, at=n) for n, (t, d) in enumerate(OTHERS)
    )


def _ps(lines: tuple[str, ...], attributes: str = "") -> str:
    return "".join(f"<p{attributes}>{line}</p>" for line in lines)


def _html(
    body: str, head: str = "", title: str = "Trang thông tin điện tử huyện Thử Nghiệm"
) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>'


_FOOT = "<div>" + "<br/>".join(FOOT) + "</div>"
_TITLE = "Thông xe tuyến đường liên xã Đồng Mới - Suối Cạn"
_SLUG = "thong-xe-tuyen-duong-lien-xa-dong-moi-suoi-can"

# fmt: off
PAGES: dict[str, Varied] = {
    # SharePoint of Quảng Ninh: /donvi/<unit>/Trang/ChiTietTinTuc.aspx
    "donvi": Varied(
        "https://www.example.gov.vn/donvi/thunghiem/Trang/ChiTietTinTuc.aspx?nid=2906",
        _html(
            f"""<form id="aspnetForm"><div id="s4-bodyContainer"><div class="top-head"><img src="/donvi/thunghiem/PublishingImages/bn.jpg"/></div>
<div id="zz1_TopNav"><ul>{_menu()}</ul></div><div class="row"><div class="col-sm-3 left-menu"><ul>{_menu()}</ul></div><div class="col-sm-9">
<div class="ms-webpart-chrome-title"><h2>Tin tức - Sự kiện</h2></div><div class="ct-tin"><span class="tieude-ct">{_TITLE}</span>
<div><em>15/03/2022 14:20</em></div><div class="tomtat-ct"><strong>{ROAD[0]}</strong></div><div class="nd-ct">
<div style="text-align:center"><img src="/donvi/thunghiem/PublishingImages/2022/duong.jpg" alt=""/></div>
<div style="text-align:center"><em>Người dân thôn Suối Cạn trong ngày thông xe</em></div>{_ps(ROAD[1:], ' style="text-align:justify"')}
<p style="text-align:right"><strong>Lý Thị Thử</strong></p></div></div><div class="tin-lq"><span>Tin liên quan</span><ul>{_others()}</ul></div>
</div></div>{_FOOT}</div></form>"""
        ),
        _TITLE, "2022-03-15T14:20:00+07:00", ROAD, "Lý Thị Thử",
        captions=("Người dân thôn Suối Cạn trong ngày thông xe",), pictures=1,
    ),
    # VHV: .detail-content, a bar between date and clock, other news in div.item
    "vhv": Varied(
        f"https://thunghiem.example.gov.vn/tin-tuc/giao-thong/{_SLUG}.html",
        _html(
            f"""<div class="header"><div class="container"><a href="/" class="logo"><img src="/upload/logo.png"></a></div></div><div class="nav-main">
<ul>{_menu()}</ul></div><div class="container"><div class="breadcrumb"><a href="/">Trang nhất</a><a href="/tin-tuc">Tin tức</a><a href="/tin-tuc/giao-thong">Giao thông</a></div>
<div class="detail-page"><h1 class="title-detail">{_TITLE}</h1><div class="info"><span class="post-date">Thứ năm, 20/11/2025 | 14:24</span>
<span class="fz"><a href="#">A-</a><a href="#">A+</a></span></div><div class="brief">{ROAD[0]}</div><div class="detail-content expNoEdit">{_ps(ROAD[1:])}
<p style="text-align: right;"><em>Theo Báo Thử Nghiệm</em></p></div><div class="like-share"><a href="#">Chia sẻ</a></div></div>
<div class="module"><div class="heading"><a href="/tin-tuc">Tin tức khác</a></div>{_others('<div class="item"><a href="{href}"><img src="/t{at}.jpg"></a><div class="caption"><a href="{href}">{title}</a><p class="date">{date} 08:00</p></div></div>')}</div></div>{_FOOT}""",
        ),
        _TITLE, "2025-11-20T14:24:00+07:00", ROAD, "Theo Báo Thử Nghiệm",
    ),
    # The multi-tenant platform of Nghệ An: pictures on another host, in tables with their captions
    "multi-tenant": Varied(
        "https://thunghiem.example.vn/tin-noi-bat/nam-hoc-moi-o-vung-cao-huyen-thu-nghiem-950942?pageindex=0",
        _html(
            f"""<header><div class="banner"></div><nav class="navbar"><ul>{_menu()}</ul></nav></header><main><section class="news-detail-wrap"><div class="col-8">
<h1 class="detail-title">Năm học mới ở vùng cao huyện Thử Nghiệm</h1><div class="detail-meta"><time>09:12, 06/09/2024</time><span>Lượt xem: 1.077</span></div>
<h2 class="detail-sapo">{SCHOOL[0]}</h2><div class="detail-body"><table class="image" align="center"><tbody><tr><td><img src="https://datafiles.example.vn/nan/6/lop638612.jpg"></td></tr>
<tr><td>Học sinh điểm trường Pha Long đón năm học mới. Ảnh: Lù Thử</td></tr></tbody></table>{_ps(SCHOOL[1:])}<p class="author">Lù Thử</p></div></div>
<aside class="col-4"><h3>Tin mới</h3><ul>{_others()}</ul></aside></section></main><footer>{_FOOT}</footer>""",
            '<meta property="og:title" content="Năm học mới ở vùng cao huyện Thử Nghiệm">',
        ),
        "Năm học mới ở vùng cao huyện Thử Nghiệm", "2024-09-06T09:12:00+07:00", SCHOOL, "Lù Thử", view_count=1077, pictures=1,
        captions=("Học sinh điểm trường Pha Long đón năm học mới. Ảnh: Lù Thử",),
    ),
    # WebSphere WCM: tables, no names that say anything, state in the address
    "websphere": Varied(
        "http://old.thunghiem.example.gov.vn/wps/portal/!ut/p/c4/04_SB8K8xLLM9MSSzPy8xBz9CP0os3i/",
        _html(
            f"""<table width="1000" align="center" cellpadding="0"><tr><td colspan="3"><img src="/wps/wcm/bn.swf.jpg" width="1000"></td></tr><tr><td colspan="3"><table><tr>{_menu('td')}</tr></table></td></tr>
<tr><td width="180" valign="top"><div class="wpsPortletBody"><table>{''.join(f'<tr><td><a href="/wps/p/{n}">{m}</a></td></tr>' for n, m in enumerate(MENU))}</table></div></td>
<td valign="top"><div class="wpsPortletBody"><table width="100%"><tr><td><font class="wcmtitle" size="4" color="#990000"><b>Phiên chợ hàng Việt về xã Nậm Lúc</b></font></td></tr>
<tr><td><font size="1" color="gray">(Cập nhật: 12/03/2015 09:10)</font></td></tr><tr><td><b>{MARKET[0]}</b></td></tr><tr><td>{_ps(MARKET[1:])}</td></tr>
<tr><td align="right"><b>Hoàng Thử</b></td></tr></table><table><tr><td><b>Các tin đã đưa:</b></td></tr>{_others('<tr><td><a href="{href}">{title}</a> <font size="1">({date})</font></td></tr>')}</table></div></td>
<td width="180" valign="top"><div class="wpsPortletBody">Số lượt truy cập<br>1.204.882</div></td></tr><tr><td colspan="3" align="center">{_FOOT}</td></tr></table>"""
        ),
        "Phiên chợ hàng Việt về xã Nậm Lúc", "2015-03-12T09:10:00+07:00", MARKET, "Hoàng Thử",
    ),
    # MVC of Điện Biên: the text lies bare in a div, with <br>
    "mvc": Varied(
        "http://thunghiem.example.vn/vanhoa/Tintuc/View/phien-cho-hang-viet-ve-xa-nam-luc",
        _html(
            f"""<div class="wrapper"><div class="banner"><img src="/Content/img/banner.png"/></div><ul class="nav navbar-nav">{_menu()}</ul><div class="col-md-9">
<ol class="breadcrumb"><li><a href="/">Trang chủ</a></li><li class="active">Tin tức</li></ol><div class="panel"><h4 class="text-primary">Phiên chợ hàng Việt về xã Nậm Lúc</h4>
<p class="text-muted"><i class="fa fa-calendar"></i> 12/05/2019 <i class="fa fa-eye"></i> 315</p><div class="noidung">{MARKET[0]}<br /><br />{MARKET[1]}<br /><br />{MARKET[2]}<br /></div></div>
<div class="panel"><div class="panel-heading">Bài viết mới</div>{_others('<div class="media"><a class="media-left" href="{href}"><img src="/i{at}.jpg"></a><div class="media-body"><a href="{href}">{title}</a><br><small>{date}</small></div></div>')}</div></div>
<div class="col-md-3"><div class="panel-heading">Liên kết website</div><select><option>Cổng tỉnh</option></select></div></div>{_FOOT}"""
        ),
        "Phiên chợ hàng Việt về xã Nậm Lúc", "2019-05-12", MARKET, view_count=315,
    ),
    # Liferay 7 with a portlet of Đà Nẵng: chi-tiet-tin-tuc?d=…
    "liferay-portlet": Varied(
        "https://thunghiem.example.gov.vn/chi-tiet-tin-tuc?d=1045&c=7",
        _html(
            f"""<div id="wrapper"><header id="banner"><div id="heading"><a class="logo" href="/"><img src="/o/theme/logo.png"></a></div><nav id="navigation"><ul>{_menu()}</ul></nav></header>
<section id="content"><div class="portlet-boundary portlet-boundary_chitiettin_"><section class="portlet"><div class="portlet-content"><div class="chi-tiet"><h3 class="chi-tiet__tieu-de">{_TITLE}</h3>
<div class="chi-tiet__thong-tin"><div class="ngay">Ngày đăng: <span>12-05-2021 09:10</span></div><div class="xem">Lượt xem: <span>88</span></div></div>
<div class="chi-tiet__mo-ta"><p><strong>{ROAD[0]}</strong></p></div><div class="chi-tiet__noi-dung">{_ps(ROAD[1:])}</div>
<div class="file-dk"><p>Tệp đính kèm:</p><a href="/documents/20121/42772/bien-ban-nghiem-thu.pdf/0a1b2c?t=1620000000000">bien-ban-nghiem-thu.pdf</a></div></div>
<div class="tin-khac"><h4>Các tin khác</h4><ul>{_others()}</ul></div></div></section></div></section><footer id="footer">{_FOOT}</footer></div><script>Liferay.x=1</script>""",
            "<script>var themeDisplay=Liferay.ThemeDisplay</script>",
        ),
        _TITLE, "2021-05-12T09:10:00+07:00", ROAD, attachments=1, view_count=88,
    ),
    # Two files, number, signer: a document in a definition list
    "document-list": Varied(
        "https://thunghiem.example.gov.vn/van-ban/quyet-dinh-phe-duyet-ke-hoach-su-dung-dat-nam-2020-318.html",
        _html(
            f"""<div id="hd"><ul>{_menu()}</ul></div><div id="main"><div class="vb-chi-tiet"><h2>Quyết định phê duyệt kế hoạch sử dụng đất năm 2020</h2><dl>
<dt>Số ký hiệu</dt><dd>318/QĐ-UBND</dd><dt>Ngày ban hành</dt><dd>28/02/2020</dd><dt>Ngày có hiệu lực</dt><dd>01/03/2020</dd><dt>Người ký</dt><dd>Lò Văn Thử</dd>
<dt>Cơ quan ban hành</dt><dd>UBND huyện Thử Nghiệm</dd></dl><div class="tai-ve"><a href="/upload/vb/318-qd.pdf">318-qd.pdf</a> <a href="/upload/vb/phu-luc.xlsx">phu-luc.xlsx</a></div></div>
<div class="vb-khac"><h3>Văn bản khác</h3><ul>{_others()}</ul></div></div>{_FOOT}"""
        ),
        "Quyết định phê duyệt kế hoạch sử dụng đất năm 2020", None,
        (
            "Số ký hiệu: 318/QĐ-UBND",
            "Ngày ban hành: 28/02/2020",
            "Ngày có hiệu lực: 01/03/2020",
            "Người ký: Lò Văn Thử",
            "Cơ quan ban hành: UBND huyện Thử Nghiệm",
        ),
        attachments=2,
    ),
    # An album: pictures with captions below, one line of text
    "album": Varied(
        "https://thunghiem.example.gov.vn/thu-vien-anh/le-hoi-xuong-dong-nam-2019",
        _html(
            f"""<div class="top"><ul>{_menu()}</ul></div><div class="gallery-page"><h1>Lễ hội xuống đồng năm 2019</h1><p class="ngaydang">Ngày đăng: 18/02/2019</p>
<p>Sáng mùng Tám tháng Giêng, hàng nghìn người dân và du khách đã về cánh đồng Mường Thử dự lễ hội xuống đồng, mở đầu một năm làm ăn mới.</p><div class="grid">"""
            + "".join(
                f'<figure><a href="/anh/{n}-lon.jpg"><img src="/anh/{n}.jpg" alt=""></a><figcaption>{text}</figcaption></figure>'
                for n, text in enumerate(("Rước nước về đền", "Thi cày ruộng", "Ném còn", "Đêm xòe cuối hội"))
            )
            + f"""</div></div><div class="khac"><h3>Album khác</h3>{_others('<div><a href="{href}"><img src="/al{at}.jpg"></a><a href="{href}">{title}</a></div>')}</div>{_FOOT}"""
        ),
        "Lễ hội xuống đồng năm 2019", "2019-02-18",
        ("Sáng mùng Tám tháng Giêng, hàng nghìn người dân và du khách đã về cánh đồng Mường Thử dự lễ hội xuống đồng, mở đầu một năm làm ăn mới.",),
        captions=("Rước nước về đền", "Thi cày ruộng", "Ném còn", "Đêm xòe cuối hội"), pictures=4,
    ),
    # A video, with the other videos beside it
    "video": Varied(
        "https://thunghiem.example.gov.vn/video/thoi-su-tuan-so-12-thang-3-nam-2020-771.html",
        _html(
            f"""<div class="top"><ul>{_menu()}</ul></div><div class="video-left"><h1 class="vtitle">Thời sự tuần số 12 tháng 3 năm 2020</h1><div class="vdate">22/03/2020 19:45</div>
<iframe width="640" height="360" src="https://www.youtube.com/embed/xXxXxXx"></iframe><div class="vdesc">Bản tin thời sự của Đài Truyền thanh - Truyền hình huyện Thử Nghiệm, phát tối thứ bảy hằng tuần.</div></div>
<div class="video-right"><div class="head">Video khác</div>{_others('<div class="v"><a href="{href}"><img src="/v{at}.jpg"></a><h4><a href="{href}">{title}</a></h4><span>{date}</span></div>')}</div>{_FOOT}"""
        ),
        "Thời sự tuần số 12 tháng 3 năm 2020", "2020-03-22T19:45:00+07:00",
        ("Bản tin thời sự của Đài Truyền thanh - Truyền hình huyện Thử Nghiệm, phát tối thứ bảy hằng tuần.",),
    ),
    # A question of a citizen and its answer
    "question": Varied(
        "https://thunghiem.example.gov.vn/hoi-dap/thu-tuc-tach-thua-dat-o-nong-thon-45",
        _html(
            f"""<ul class="menu">{_menu()}</ul><div class="hoidap"><h2 class="cauhoi-tieude">Thủ tục tách thửa đất ở nông thôn</h2><div class="nguoihoi">Người hỏi: Vàng A Thử - Xã Bản Phố</div>
<div class="ngayhoi">Ngày gửi: 12/05/2020</div><div class="cauhoi"><b>Câu hỏi:</b> Gia đình tôi có thửa đất ở 600 m2, nay muốn tách cho con trai 200 m2 thì cần những giấy tờ gì và nộp ở đâu?</div>
<div class="traloi"><b>Trả lời:</b><p>Theo quy định hiện hành, diện tích tối thiểu được tách thửa đối với đất ở tại nông thôn là 80 m2, vì vậy thửa đất của gia đình ông đủ điều kiện.</p>
<p>Ông chuẩn bị đơn đề nghị tách thửa và bản gốc giấy chứng nhận, nộp tại Bộ phận Một cửa của huyện; thời gian giải quyết không quá 15 ngày.</p></div></div>
<div class="hoi-khac"><b>Câu hỏi khác</b><ul>{_others()}</ul></div>{_FOOT}"""
        ),
        "Thủ tục tách thửa đất ở nông thôn", "2020-05-12",
        (
            "Câu hỏi: Gia đình tôi có thửa đất ở 600 m2, nay muốn tách cho con trai 200 m2 thì cần những giấy tờ gì và nộp ở đâu?",
            "Trả lời:",
            "Theo quy định hiện hành, diện tích tối thiểu được tách thửa đối với đất ở tại nông thôn là 80 m2, vì vậy thửa đất của gia đình ông đủ điều kiện.",
            "Ông chuẩn bị đơn đề nghị tách thửa và bản gốc giấy chứng nhận, nộp tại Bộ phận Một cửa của huyện; thời gian giải quyết không quá 15 ngày.",
        ),
    ),
    # The work schedule of a week, as a table
    "schedule": Varied(
        "http://thunghiem.example.gov.vn/lich-cong-tac/lich-cong-tac-tuan-12-cua-lanh-dao-ubnd-huyen-1187.html",
        _html(
            f"""<ul>{_menu()}</ul><div class="detail"><h3>Lịch công tác tuần 12 của lãnh đạo UBND huyện</h3><div class="date">Thứ sáu, 15/03/2019 16:30</div><div class="content"><table border="1">
<tr><th>Thứ, ngày</th><th>Buổi</th><th>Nội dung</th><th>Thành phần</th></tr><tr><td rowspan="2">Hai 18/3</td><td>Sáng</td><td>Họp giao ban</td><td>Thường trực</td></tr>
<tr><td>Chiều</td><td>Tiếp công dân</td><td>Chủ tịch</td></tr><tr><td>Ba 19/3</td><td>Sáng</td><td>Kiểm tra đê điều</td><td>Phòng NN&amp;PTNT</td></tr></table></div></div>
<div class="khac">Các bài khác<ul>{_others()}</ul></div>{_FOOT}"""
        ),
        "Lịch công tác tuần 12 của lãnh đạo UBND huyện", "2019-03-15T16:30:00+07:00",
        (
            "Thứ, ngày | Buổi | Nội dung | Thành phần",
            "Hai 18/3 | Sáng | Họp giao ban | Thường trực",
            "Chiều | Tiếp công dân | Chủ tịch",
            "Ba 19/3 | Sáng | Kiểm tra đê điều | Phòng NN&PTNT",
        ),
    ),
    # FrontPage and Word, 2004: no names, capitals, the date at the foot
    "frontpage": Varied(
        "http://thunghiem.example.gov.vn/tin/tin0412.htm",
        f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><meta name="GENERATOR" content="Microsoft FrontPage 4.0">
<title>THÔNG XE TUYẾN ĐƯỜNG LIÊN XÃ ĐỒNG MỚI - SUỐI CẠN</title></head><body background="nen.gif"><p align="center"><font size="5" color="#FF0000"><b>THÔNG XE TUYẾN ĐƯỜNG LIÊN XÃ ĐỒNG MỚI - SUỐI CẠN</b></font></p>
{''.join(f'<p class="MsoNormal" style="text-align:justify;text-indent:.5in"><span lang="VI" style="font-size:13.0pt">{line}<o:p></o:p></span></p>' for line in ROAD)}
<p class="MsoNormal" align="right"><b><i>Giàng Thử</i></b></p><p align="center"><font size="1">Cập nhật ngày 12/3/2004</font></p><hr><p align="center"><a href="index.htm">Trang chủ</a> | <a href="tin.htm">Tin tức</a></p></body></html>""",
        "THÔNG XE TUYẾN ĐƯỜNG LIÊN XÃ ĐỒNG MỚI - SUỐI CẠN", "2004-03-12", ROAD, "Giàng Thử",
    ),
    # The print view of NukeViet
    "print-view": Varied(
        "http://thunghiem.example.gov.vn/vi/news/print/giao-thong/thong-xe-tuyen-duong-lien-xa-dong-moi-suoi-can-88.html",
        _html(
            f"""<div id="print"><div id="hd_print"><h2 class="pull-left">Trang thông tin điện tử huyện Thử Nghiệm</h2><p class="pull-right"><a title="x" href="http://thunghiem.example.gov.vn/">http://thunghiem.example.gov.vn</a></p></div>
<div class="clear"></div><hr><div id="content"><h1>{_TITLE}</h1><ul class="list-inline"><li>Thứ hai - 14/03/2022 10:05</li><li class="hidden-print txtrequired"><em class="fa fa-print">&nbsp;</em><a href="javascript:;" onclick="window.print()">In ra</a></li></ul>
<div class="clear"></div><div id="hometext">{ROAD[0]}</div><div id="bodytext" class="clearfix">{_ps(ROAD[1:])}</div><div id="author"><p><strong>Tác giả bài viết:</strong> Sùng Thử</p></div></div>
<div id="footer" class="clearfix"><div id="url"><strong>URL của bản tin này: </strong><a href="http://thunghiem.example.gov.vn/vi/news/giao-thong/{_SLUG}-88.html">http://thunghiem.example.gov.vn/vi/news/giao-thong/{_SLUG}-88.html</a></div><div class="clear"></div>
<div class="copyright">&copy; Trang thông tin điện tử huyện Thử Nghiệm</div></div></div>""",
            '<meta name="generator" content="NukeViet v4.5">',
        ),
        _TITLE, "2022-03-14T10:05:00+07:00", ROAD, "Sùng Thử",
    ),
    # A mobile page: next to nothing around the text
    "mobile": Varied(
        "http://m.thunghiem.example.gov.vn/?act=view&id=5512",
        _html(
            f"""<div data-role="page"><div data-role="header"><h1>Huyện Thử Nghiệm</h1></div><div data-role="content"><h3>Năm học mới ở vùng cao</h3><small>07:30 | 05/09/2017</small>
<p><b>{SCHOOL[0]}</b></p>{_ps(SCHOOL[1:])}<ul data-role="listview" data-inset="true"><li data-role="list-divider">Tin cùng mục</li>{_others('<li><a href="{href}">{title}</a></li>')}</ul></div>
<div data-role="footer"><h4>Bản dành cho máy tính</h4></div></div>"""
        ),
        "Năm học mới ở vùng cao", "2017-09-05T07:30:00+07:00", SCHOOL,
    ),
    # The English half
    "english": Varied(
        "https://thunghiem.example.gov.vn/en/news/new-inter-commune-road-opens-to-traffic",
        _html(
            """<nav><ul><li><a href="/en">Home</a></li><li><a href="/en/about">About us</a></li><li><a href="/en/news">News</a></li><li><a href="/en/contact">Contact</a></li></ul></nav><article>
<h2>New inter-commune road opens to traffic</h2><p class="posted">Published: 15/03/2022 08:00 | Views: 64</p><p>The 4.2 km road between Dong Moi and Suoi Can communes was opened to traffic on Monday after ten months of work, and more than 600 households no longer have to take the ferry.</p>
<p>The concrete surface is 5.5 metres wide. Of the total cost of 18.6 billion dong the villagers gave 2.1 billion, and land for the verges with it.</p></article><section><h3>Related news</h3><ul>
<li><a href="/en/1">District leaders visit the new school of Pha Long</a> (01/03/2022)</li><li><a href="/en/2">Spring market draws thousands of visitors</a> (12/02/2022)</li></ul></section><footer>Copyright of the People's Committee of Thu Nghiem District</footer>"""
        ),
        "New inter-commune road opens to traffic", "2022-03-15T08:00:00+07:00",
        (
            "The 4.2 km road between Dong Moi and Suoi Can communes was opened to traffic on Monday after ten months of work, and more than 600 households no longer have to take the ferry.",
            "The concrete surface is 5.5 metres wide. Of the total cost of 18.6 billion dong the villagers gave 2.1 billion, and land for the verges with it.",
        ),
        view_count=64, language="en",
    ),
    # The date only in an attribute: what is printed is how long ago it was
    "time-element": Varied(
        "https://thunghiem.example.gov.vn/bai-viet/phien-cho-hang-viet-ve-xa-nam-luc",
        _html(
            f"""<header><nav><ul>{_menu()}</ul></nav></header><main><article><h1>Phiên chợ hàng Việt về xã Nậm Lúc</h1><p><time datetime="2021-03-05T07:00:00+07:00">3 năm trước</time></p>{_ps(MARKET)}</article></main><footer>{_FOOT}</footer>"""
        ),
        "Phiên chợ hàng Việt về xã Nậm Lúc", "2021-03-05T07:00:00+07:00", MARKET,
    ),
    # Links to other news between lead and text
    "links-amid-text": Varied(
        f"https://thunghiem.example.gov.vn/giao-thong/{_SLUG}-20220314.htm",
        _html(
            f"""<div class="hdr"><ul>{_menu()}</ul></div><div class="content-left"><a class="cate" href="/giao-thong">Giao thông</a><h1 class="title-news">{_TITLE}</h1><span class="time-news">14/03/2022, 10:05 (GMT+7)</span>
<p class="sapo-news">{ROAD[0]}</p><ul class="list-tin-lq"><li><a href="/o/0.html">{OTHERS[0][0]}</a></li><li><a href="/o/1.html">{OTHERS[1][0]}</a></li></ul><div class="content-fck">{_ps(ROAD[1:])}
<p style="text-align:right"><strong>Bài, ảnh: Má A Thử</strong></p></div></div><div class="content-right"><div class="tit">Đọc nhiều</div><ol>{_others('<li><a href="{href}">{title}</a></li>')}</ol></div>{_FOOT}"""
        ),
        _TITLE, "2022-03-14T10:05:00+07:00", ROAD, "Bài, ảnh: Má A Thử",
    ),
    # Comments longer than the article
    "comments": Varied(
        "https://thunghiem.example.gov.vn/xa-hoi/phien-cho-hang-viet-ve-xa-nam-luc-991.aspx",
        _html(
            f"""<div class="hdr"><ul>{_menu()}</ul></div><div class="detail"><h1>Phiên chợ hàng Việt về xã Nậm Lúc</h1><div class="time">Cập nhật lúc 14h05 ngày 03/12/2018</div>{_ps(MARKET)}<p><b>Hờ Thị Thử</b></p></div>
<div class="bl"><h3>2 bình luận</h3><div class="c"><b>Nguyễn Văn Bình</b> <span>04/12/2018 08:00</span><p>Tôi thấy phiên chợ năm nay tổ chức rất chu đáo, hàng hóa nhiều, giá phải chăng, chỉ mong ban tổ chức bố trí thêm chỗ gửi xe và nước uống cho bà con ở xa đến từ sáng sớm.</p></div>
<div class="c"><b>Trần Thị Lan</b> <span>05/12/2018 09:30</span><p>Đề nghị năm sau mở phiên chợ vào cuối tuần để cán bộ, công nhân và học sinh cũng có thời gian đi mua sắm; các gian hàng nông cụ nên ở lại lâu hơn một ngày nữa vì bà con rất cần.</p></div></div>{_FOOT}"""
        ),
        "Phiên chợ hàng Việt về xã Nậm Lúc", "2018-12-03T14:05:00+07:00", MARKET, "Hờ Thị Thử",
    ),
    # Publication above the text, update below it
    "two-dates": Varied(
        f"https://thunghiem.example.gov.vn/node/{_SLUG}",
        _html(
            f"""<div id="menu"><ul>{_menu()}</ul></div><div id="main-content"><h1 id="page-title">{_TITLE}</h1><div class="submitted-info">Được đăng ngày: 14/03/2022 - 10:05</div><div class="field-body">{_ps(ROAD)}</div>
<div class="last-update">Cập nhật lần cuối: 16/03/2022 - 08:30</div></div><div id="sidebar-second"><h2>Tin mới nhất</h2><ul>{_others()}</ul></div>{_FOOT}"""
        ),
        _TITLE, "2022-03-14T10:05:00+07:00", ROAD, updated_at="2022-03-16T08:30:00+07:00",
    ),
    # No date at all; the text tells of dates
    "undated": Varied(
        "http://thunghiem.example.gov.vn/gioi-thieu/lich-su-hinh-thanh-huyen-thu-nghiem",
        _html(
            f"""<div class="clock">Thứ sáu, 17/04/2020</div><ul>{_menu()}</ul><div class="left"><ul>{_others()}</ul></div><div class="right"><div class="tit-cat">Giới thiệu</div><h2>Lịch sử hình thành huyện Thử Nghiệm</h2>{_ps(HISTORY)}</div>{_FOOT}"""
        ),
        "Lịch sử hình thành huyện Thử Nghiệm", None, HISTORY,
    ),
    # A section with two entries whose leads are as long as articles
    "two-teasers": Varied(
        "https://thunghiem.example.gov.vn/giao-thong",
        _html(
            f"""<div class="hdr"><ul>{_menu()}</ul></div><div class="list"><h1>Giao thông</h1><div class="it"><h2><a href="/giao-thong/a-1.html">{_TITLE}</a></h2><div class="d">14/03/2022</div><p>{' '.join(ROAD[:3])}</p></div>
<div class="it"><h2><a href="/giao-thong/b-2.html">Khởi công cầu treo bản Nà Thử</a></h2><div class="d">02/02/2022</div><p>{' '.join(HISTORY[:2])}</p></div></div>{_FOOT}"""
        ),
        kind=PageKind.LISTING,
    ),
    # The home page: a slider, three boxes of news, a welcome
    "home": Varied(
        "https://thunghiem.example.gov.vn/",
        _html(
            f"""<div class="hdr"><div>Thứ sáu, 17/04/2020</div><ul>{_menu()}</ul></div><div class="hot"><h2><a href="/a.html">{_TITLE}</a></h2><span>14/03/2020</span><p>{ROAD[0]}</p></div><div class="box"><h3>Tin trong huyện</h3><ul>{_others()}</ul></div>
<div class="box"><h3>Chỉ đạo điều hành</h3><ul>{_others('<li><a href="/cd{href}">{title}</a></li>')}</ul></div><div class="welcome"><h3>Giới thiệu</h3><p>{HISTORY[0]}</p><a href="/gt">Xem tiếp</a></div>{_FOOT}"""
        ),
        kind=PageKind.LISTING,
    ),
    # A form for letters to the chairman
    "form": Varied(
        "https://thunghiem.example.gov.vn/gop-y",
        _html(
            f"""<div class="hdr"><ul>{_menu()}</ul></div><h1>Góp ý</h1><p>Quý vị vui lòng điền đầy đủ thông tin vào mẫu dưới đây.</p><form><label>Họ và tên</label><input name="a"><label>Nội dung</label><textarea></textarea><button>Gửi</button></form>{_FOOT}"""
        ),
        kind=PageKind.OTHER,
    ),
}
# fmt: on
