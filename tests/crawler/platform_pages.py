"""An article and a list of news in the markup of every family of portals, own writing.

The names and their nesting are those of the open templates (NukeViet, WordPress, Joomla, Drupal) or
of pages that were seen (SharePoint, Liferay); menus, boxes of other news and the imprint stand
around them as they do on portals.
"""

from __future__ import annotations

from dataclasses import dataclass

from markup import FURNITURE, IMPRINT, MENU, NOTICES, OTHER_NEWS
from stories import STORIES

STORY = STORIES["irrigation"][0]
TITLE, LEAD = STORY.title, STORY.lead
TEXT = tuple(part for part in STORY.parts if isinstance(part, str))
SECTION = "Nông nghiệp"
_P = "".join(f"<p>{line}</p>" for line in TEXT)
_MENU = "".join(f'<li><a href="/muc/{n}">{name}</a></li>' for n, name in enumerate(MENU))
_SIDE = "".join(f'<li><a href="/tin/{n}">{t}</a> <span>({d})</span></li>' for n, (t, d) in enumerate(NOTICES))  # fmt: skip
_OTHERS = "".join(f'<li><a href="/khac/{n}">{t}</a> <em>({d})</em></li>' for n, (t, d) in enumerate(OTHER_NEWS))  # fmt: skip
_FOOT = f'<div class="footer">{"<br>".join(IMPRINT)}</div>'


@dataclass(frozen=True)
class Family:
    """An article page and what a reading must give; a list and what it must give."""

    extractor: str
    url: str
    article: str
    list_url: str
    listing: str
    entries: tuple[tuple[str, str, str | None], ...]  # path, headline, date
    next_path: str | None
    published_at: str | None = "2021-11-09T08:15:00+07:00"
    summary: str = ""
    lines: tuple[str, ...] = (LEAD, *TEXT)
    author: str = ""
    category: tuple[str, ...] = ()
    view_count: int | None = None
    attachments: tuple[str, ...] = ()
    title: str = TITLE


def _page(head: str, body: str, *, attributes: str = "") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Cổng thông tin điện tử huyện Mẫu</title>{head}</head>'
        f'<body {attributes}><div id="top"><a href="/"><img src="/logo.png"></a><ul class="menu">{_MENU}</ul></div>{body}{_FOOT}</body></html>'
    )


def _column(text: str) -> str:
    return f'<div class="row"><div class="col-md-9">{text}</div><div class="col-md-3"><h3>Thông báo mới</h3><ul>{_SIDE}</ul></div></div>'


def _entries(form: str, path: str, date: str = "{}") -> str:
    return "".join(
        form.format(href=path.format(n), title=t, date=date.format(d), lead=TEXT[n % len(TEXT)])
        for n, (t, d) in enumerate(OTHER_NEWS)
    )


def _found(path: str, time: str = "") -> tuple[tuple[str, str, str | None], ...]:
    return tuple(
        (path.format(n), title, "-".join(reversed(date.split("/"))) + time)
        for n, (title, date) in enumerate(OTHER_NEWS)
    )


HOST = "http://h.example.vn"
FAMILIES = {
    "tandan": Family(
        "tandan",
        "/portal/Pages/2021-11-9/Huyen-Mau-ra-quan-nao-vet-kenh-muong8p98kq.aspx",
        _page(
            "",
            _column(
                f'<div class="tandan-div-article-news"><p class="tandan-p-article-news-title">{TITLE}</p>'
                '<span class="tandan-span-date-publish">Đăng ngày 09 - 11 - 2021</span><div class="btn-zoom-group"><span>100%</span></div>'
                f'<p class="tandan-p-article-news-summary">{LEAD}</p><p class="tandan-p-article-main"><div class="ms-rtestate-field">{_P}'
                f'<p style="text-align:right"><strong>KHÁNH HIỀN</strong></p></div></p></div><div class="tandan-div-article-other">'
                f'<p class="tandan-p-article-other">Tin cùng chuyên mục</p><ul>{_OTHERS}</ul></div>'
            ),
        ),
        "/portal/Pages/Nong-nghiep.aspx",
        _page(
            "",
            '<div class="TD-box-news">'
            + _entries(
                '<p class="tandan-p-article-news-title"><a href="{href}">{title}</a></p><span class="ngay">({date})</span>',
                "/portal/Pages/2021-11-{}/tin.aspx",
            )
            + '<a href="javascript:page(2)">2</a></div>',
        ),
        _found("/portal/Pages/2021-11-{}/tin.aspx"),
        "/portal/Pages/Nong-nghiep.aspx?PageIndex=2",
        published_at="2021-11-09",
        summary=LEAD,
        lines=TEXT,
        author="KHÁNH HIỀN",
    ),
    "sharepoint-ministry": Family(
        "sharepoint",
        "/Pages/chitiettin.aspx?ItemID=77",
        _page(
            "<script>var _spPageContextInfo={};</script>",
            _column(
                f'<div id="ctl00_ctl30_g_a823d20f_divArticleDescription3"><h1>{TITLE}</h1></div>'
                '<div id="ctl00_ctl30_g_a823d20f_pnHide">09/11/2021 08:15</div>'
                f'<div id="ctl00_ctl30_g_a823d20f_divArticleDescription1">{LEAD}</div>'
                f'<div id="ctl00_ctl30_g_a823d20f_divArticleDescription2">{_P}</div>'
                f'<div id="ctl00_ctl30_g_a823d20f_pnNguontin">Trần Văn Mẫu</div><div class="tinkhac">Tin khác<ul>{_OTHERS}</ul></div>'
            ),
        ),
        "/Pages/danhsach.aspx",
        _page(
            "<script>var _spPageContextInfo={};</script>",
            '<div id="ctl00_g_77_ctl00_pnListNews">'
            + _entries("<div><h3><a href='{href}'>{title}</a></h3><span>{date}</span><p>{lead}</p></div>", "/Pages/ct.aspx?ItemID={}")
            + '</div><div><a href="?date=&EventID=0&Page=2">2</a></div>',
        ),
        _found("/Pages/ct.aspx?ItemID={}"),
        "/Pages/danhsach.aspx?date=&EventID=0&Page=2",
        summary=LEAD,
        lines=TEXT,
        author="Trần Văn Mẫu",
    ),
    "sharepoint-dong-nai": Family(
        "sharepoint",
        "/Pages/newsdetail.aspx?NewsId=5086&CatId=104",
        _page(
            "",
            f'<form><input type="hidden" name="__REQUESTDIGEST" value="0x0"><div class="nd">{_column(f"<div class=muc>{SECTION}</div><h2>{TITLE}</h2><div>Cập nhật: 09/11/2021 08:15</div><p><b>{LEAD}</b></p>{_P}<p>Các tin khác</p><ul>{_OTHERS}</ul>")}</div></form>',
        ),
        "/Pages/news.aspx?CatId=104",
        _page(
            "",
            '<input type="hidden" name="__REQUESTDIGEST"><table>'
            + _entries("<tr><td><a href='{href}'>{title}</a> ({date})</td></tr>", "/Pages/newsdetail.aspx?CatId=104&NewsId={}")
            + "</table>",
        ),
        _found("/Pages/newsdetail.aspx?CatId=104&NewsId={}"),
        None,
        summary=LEAD,
        lines=TEXT,
        category=(SECTION,),
    ),
    "nukeviet": Family(
        "nukeviet",
        "/vi/news/nong-nghiep/huyen-mau-ra-quan-17.html",
        _page(
            '<meta name="generator" content="NukeViet v4.5">',
            _column(
                f'<ul class="breadcrumb"><li><a href="/">Trang chủ</a></li><li><a href="/vi/news/nong-nghiep/">{SECTION}</a></li></ul>'
                f'<div class="news_column panel panel-default" itemtype="http://schema.org/NewsArticle"><h1 class="title" itemprop="headline">{TITLE}</h1>'
                '<span class="hidden d-none" itemprop="datePublished">2022-12-31T08:00:00+07:00</span><div class="newsdetailmetatop"><em class="fa fa-clock-o"></em> '
                f'<span class="h5">Thứ ba - 09/11/2021 08:15</span> <em class="fa fa-eye"></em> 349</div><div class="hometext" itemprop="description">{LEAD}</div>'
                f'<div id="news-bodyhtml" class="bodytext">{_P}</div><p class="h5 text-right"><strong>Tác giả: </strong>Trần Văn Mẫu</p>'
                f'<div class="news-download-file"><h3>File đính kèm</h3><div class="list-group"><div class="list-group-item"><a href="/vi/news/tin-17.html?download=1&id=1" download>ke-hoach.pdf</a></div></div></div></div>'
                f'<div class="panel-body"><em class="fa fa-tags"></em> <strong>Từ khóa:</strong> <a href="/tag/a">thủy lợi</a></div><p class="h3"><strong>Những tin cũ hơn</strong></p><ul class="related">{_OTHERS}</ul>'
            ),
        ),
        "/vi/news/nong-nghiep/page-2/",
        _page(
            "<script>var nv_base_siteurl='/';</script>",
            _column(
                _entries(
                    '<div class="news_column panel panel-default"><div class="panel-body"><h3><a href="{href}">{title}</a></h3><div class="text-muted"><em class="fa fa-clock-o">&nbsp;</em>{date} <em class="fa fa-eye">&nbsp;</em>12</div><div>{lead}</div></div></div>',
                    "/vi/news/nong-nghiep/tin-{}.html",
                    "{} 08:10:00",
                )
                + '<ul class="pagination"><li><a href="/vi/news/nong-nghiep/">1</a></li><li class="active"><a href="#">2</a></li><li><a href="/vi/news/nong-nghiep/page-3/">3</a></li></ul>'
            ),
        ),
        _found("/vi/news/nong-nghiep/tin-{}.html", "T08:10:00+07:00"),
        "/vi/news/nong-nghiep/page-3/",
        summary=LEAD,
        lines=TEXT,
        author="Trần Văn Mẫu",
        category=(SECTION,),
        view_count=349,
        attachments=("/vi/news/tin-17.html?download=1&id=1",),
    ),
    "nukeviet-laws": Family(
        "nukeviet",
        "/vi/laws/detail/Quyet-dinh-12-2021-QD-UBND-17/",
        _page(
            '<meta name="generator" content="NukeViet v4.5">',
            _column(
                f'<h1 class="lawh3">Quyết định về việc phê duyệt kế hoạch nạo vét kênh mương vụ Đông Xuân</h1><div class="panel panel-default"><table class="table">'
                '<tr class="hoatim"><td>Số ký hiệu</td><td>12/2021/QĐ-UBND</td></tr><tr class="hoatim"><td>Ngày ban hành</td><td>09/11/2021</td></tr>'
                '<tr class="hoatim"><td>Người ký</td><td>Trần Văn Mẫu</td></tr></table></div><h3>Tệp đính kèm</h3><ul><li><a href="?download=1&id=5">qd-12.pdf</a></li></ul>'
                f"<h3>Các văn bản khác</h3><ul>{_OTHERS}</ul>"
            ),
        ),
        "/vi/laws/cat/Quyet-dinh/",
        _page(
            '<meta name="generator" content="NukeViet v4.5">',
            _column(
                "<table><thead><tr><th>Số ký hiệu</th><th>Ngày ban hành</th><th>Trích yếu</th></tr></thead>"
                + _entries("<tr><td><a href='{href}'>1{href}</a></td><td>{date}</td><td><a href='{href}'>{title}</a></td></tr>".replace("1{href}", "12/QĐ"), "/vi/laws/detail/{}/")
                + "</table>"
            ),
        ),
        _found("/vi/laws/detail/{}/"),
        None,
        published_at=None,
        title="Quyết định về việc phê duyệt kế hoạch nạo vét kênh mương vụ Đông Xuân",
        lines=("Số ký hiệu | 12/2021/QĐ-UBND", "Ngày ban hành | 09/11/2021", "Người ký | Trần Văn Mẫu"),
        attachments=("/vi/laws/detail/Quyet-dinh-12-2021-QD-UBND-17/?download=1&id=5",),
    ),
    "liferay-6": Family(
        "liferay",
        "/nong-nghiep/-/view_content/4418032-huyen-mau-ra-quan.html",
        _page(
            "",
            f'<div class="portlet-boundary portlet-boundary_101_"><h2 class="asset-full-content-title">{TITLE}</h2><div class="assetPublishDate block_timer">Ngày đăng 09/11/2021 | 8:15 AM &nbsp;|&nbsp;View count: 349</div>'
            f'<div class="asset-content" id="_101_1"><div class="sapo-wrapper"><p class="sapo"><strong>{LEAD}</strong></p></div><div class="journal-content-article">{_P}<p class="view-content-author">admin</p></div></div>'
            f'<div class="related_asset"><div>Tin liên quan</div><ul>{_OTHERS}</ul></div></div>',
            attributes='class="yui3-skin-sam"',
        ),
        "/nong-nghiep",
        _page(
            "",
            '<div class="portlet-boundary portlet-boundary_101_">'
            + _entries(
                '<div class="asset-abstract"><h3 class="asset-title"><a href="{href}">{title}</a></h3><div class="assetPublishDate block_timer">{date} | 10:00 AM</div><div class="asset-summary">{lead}</div></div>',
                "/nong-nghiep/-/view_content/{}-tin.html",
            )
            + '<div class="lfr-pagination"><a href="/nong-nghiep?p_p_id=101&_101_cur=2">Tiếp theo</a></div></div>',
            attributes='class="yui3-skin-sam"',
        ),
        _found("/nong-nghiep/-/view_content/{}-tin.html", "T10:00:00+07:00"),
        "/nong-nghiep?p_p_id=101&_101_cur=2",
        summary=LEAD,
        lines=TEXT,
        view_count=349,
    ),
    "liferay-7": Family(
        "liferay",
        "/web/guest/-/asset_publisher/SUvaAKdUf4CG/content/huyen-mau-ra-quan-nao-vet-kenh-muong",
        _page(
            "<script>Liferay.Portal={};</script>",
            _column(
                f'<section class="portlet portlet-boundary portlet-boundary_com_liferay_asset_publisher_"><div class="asset-full-content"><h4 class="component-title"><span class="asset-title d-inline">{TITLE}</span></h4>'
                f'<div class="autofit-row metadata-author"><span class="metadata-entry metadata-publish-date">Ngày đăng: 09/11/2021 08:15</span><span class="float-right view-count">210 lượt xem</span></div>'
                f'<div class="asset-content"><div class="journal-content-article" data-analytics-asset-id="1"><p><strong>{LEAD}</strong></p>{_P}<p class="text-right"><b>THANH LOAN</b></p></div></div></div></section>'
                f"<div><h5>Tin cùng chuyên mục</h5><ul>{_OTHERS}</ul></div>"
            ),
        ),
        "/web/guest/nong-nghiep",
        _page(
            "<script>Liferay.Portal={};</script>",
            '<section class="portlet-boundary">'
            + _entries("<div class='asset-abstract'><h4><a class='asset-title' href='{href}'>{title}</a></h4><span class='metadata-publish-date'>{date}</span></div>", "/-/asset_publisher/SU/content/{}")
            + '<ul class="pagination"><li class="active"><span>1</span></li><li><a href="/web/guest/nong-nghiep?_cur=2">2</a></li></ul></section>',
        ),
        _found("/-/asset_publisher/SU/content/{}"),
        "/web/guest/nong-nghiep?_cur=2",
        summary=LEAD,
        lines=TEXT,
        author="THANH LOAN",
        view_count=210,
    ),
    "wordpress": Family(
        "wordpress",
        "/2021/11/huyen-mau-ra-quan/",
        _page(
            '<link rel="stylesheet" href="/wp-content/themes/x/style.css">',
            f'<main id="main"><article id="post-17" class="post-17 post type-post hentry category-nong-nghiep"><header class="entry-header"><h1 class="entry-title">{TITLE}</h1>'
            '<div class="entry-meta"><span class="posted-on">Đăng vào <a href="/2021/11/huyen-mau-ra-quan/" rel="bookmark"><time class="entry-date published" datetime="2021-11-09T08:15:00+07:00">09/11/2021</time><time class="updated" datetime="2022-01-01T10:00:00+07:00">01/01/2022</time></a></span>'
            f'<span class="byline"> bởi <span class="author vcard"><a href="/author/admin/">admin</a></span></span></div></header><div class="entry-content"><p>{LEAD}</p>{_P}</div>'
            f'<footer class="entry-footer"><span class="cat-links">Chuyên mục: <a href="/category/nong-nghiep/" rel="category tag">{SECTION}</a></span></footer></article>'
            '<nav class="post-navigation"><a href="/2021/11/truoc/" rel="prev">Bài trước của huyện Mẫu về thủy lợi</a></nav><div id="comments"><h2>Trả lời</h2><p>Email của bạn sẽ không được hiển thị công khai trên trang.</p></div></main>'
            f'<aside class="widget-area"><h2>Bài viết mới</h2><ul>{_SIDE}</ul></aside>',
        ),
        "/category/nong-nghiep/",
        _page(
            '<link rel="stylesheet" href="/wp-content/themes/x/style.css">',
            '<main><h1 class="page-title">Chuyên mục: Nông nghiệp</h1>'
            + _entries(
                '<article class="post hentry"><h2 class="entry-title"><a href="{href}" rel="bookmark">{title}</a></h2><span class="posted-on"><time class="entry-date published">{date}</time></span><div class="entry-summary"><p>{lead} <a class="more-link" href="{href}">Đọc tiếp</a></p></div></article>',
                "/2021/11/tin-{}/",
            )
            + f'<nav class="navigation pagination"><span class="page-numbers current">1</span> <a class="page-numbers" href="/category/nong-nghiep/page/2/">2</a> <a class="next page-numbers" href="/category/nong-nghiep/page/2/">Tiếp</a></nav></main><aside class="widget-area"><ul>{_SIDE}</ul></aside>',
        ),
        _found("/2021/11/tin-{}/"),
        "/category/nong-nghiep/page/2/",
        published_at="2021-11-09",
        category=(SECTION,),
    ),
    "joomla-3": Family(
        "joomla",
        "/index.php/tin-tuc/215-huyen-mau-ra-quan",
        _page(
            '<meta name="generator" content="Joomla! - Open Source Content Management">',
            _column(
                f'<div class="item-page" itemscope itemtype="https://schema.org/Article"><div class="page-header"><h2 itemprop="headline">{TITLE}</h2></div>'
                '<div class="icons"><ul class="dropdown-menu"><li><a href="/index.php/tin-tuc/215?tmpl=component&amp;print=1">In</a></li><li><a href="/component/mailto/">Email</a></li></ul></div>'
                '<dl class="article-info muted"><dt class="article-info-term">Chi tiết</dt><dd class="createdby" itemprop="author">Viết bởi <span itemprop="name">Trần Văn Mẫu</span></dd>'
                f'<dd class="category-name">Chuyên mục: <a href="/index.php/tin-tuc" itemprop="genre">{SECTION}</a></dd><dd class="published"><time datetime="2021-11-09T01:15:00+00:00" itemprop="datePublished">Được đăng: 09 Tháng 11 2021</time></dd>'
                f'<dd class="hits">Lượt xem: 345</dd></dl><div itemprop="articleBody"><p>{LEAD}</p>{_P}</div><ul class="pager pagenav"><li class="previous"><a href="/index.php/tin-tuc/214">Trang trước</a></li></ul></div>'
            ),
        ),
        "/index.php/tin-tuc?start=10",
        _page(
            '<meta name="generator" content="Joomla! - Open Source Content Management">',
            '<div class="blog">'
            + _entries(
                '<div class="item"><div class="page-header"><h2 itemprop="name"><a href="{href}">{title}</a></h2></div><dl class="article-info"><dd class="published"><time>Được đăng: {date}</time></dd></dl><p>{lead}</p></div>',
                "/index.php/tin-tuc/{}-tin",
            )
            + '<div class="pagination"><ul><li><a href="/index.php/tin-tuc?start=0">1</a></li><li class="active"><a>2</a></li><li><a href="/index.php/tin-tuc?start=20">3</a></li></ul></div></div>',
        ),
        _found("/index.php/tin-tuc/{}-tin"),
        "/index.php/tin-tuc?start=20",
        published_at="2021-11-09",
        author="Trần Văn Mẫu",
        category=(SECTION,),
        view_count=345,
    ),
    "joomla-5": Family(
        "joomla",
        "/tin-tuc/huyen-mau-ra-quan",
        _page(
            "",
            _column(
                f'<div class="com-content-article item-page"><div class="page-header"><h1>{TITLE}</h1></div><dl class="article-info text-muted"><dd class="create"><span class="icon-calendar"></span><time datetime="2021-11-09T01:15:00+00:00">Được tạo: 09 Tháng 11 2021</time></dd></dl>'
                f'<div class="com-content-article__body"><p>{LEAD}</p>{_P}<p>Trần Văn Mẫu, Trung tâm VHTT&amp;TT huyện</p></div></div>'
            ),
        ),
        "/tin-tuc",
        _page(
            "",
            '<div class="com-content-category-blog blog">'
            + _entries('<div class="com-content-category-blog__item blog-item"><h2><a href="{href}">{title}</a></h2><p>{lead}</p></div>', "/tin-tuc/tin-{}")
            + "</div>",
        ),
        tuple((f"/tin-tuc/tin-{n}", title, None) for n, (title, _) in enumerate(OTHER_NEWS)),
        None,
        published_at="2021-11-09",
        author="Trần Văn Mẫu, Trung tâm VHTT&TT huyện",
    ),
    "drupal-7": Family(
        "drupal",
        "/node/1187",
        _page(
            '<meta name="Generator" content="Drupal 7 (http://drupal.org)">',
            f'<div class="breadcrumb"><a href="/">Trang chủ</a> » <a href="/nong-nghiep">{SECTION}</a></div><div id="content"><h1 class="title" id="page-title">{TITLE}</h1><div id="node-1187" class="node node-article"><div class="meta submitted"><span>Gửi bởi <span class="username">quantri</span> vào T3, 09/11/2021 - 08:15</span></div>'
            f'<div class="content"><div class="field field-name-body"><div class="field-items"><p>{LEAD}</p>{_P}</div></div><div class="field field-name-field-file"><div class="field-label">Tệp đính kèm:&nbsp;</div><table><thead><tr><th>Đính kèm</th><th>Kích thước</th></tr></thead><tbody><tr><td><span class="file"><img class="file-icon" src="/modules/file/icons/application-pdf.png"> <a href="/sites/default/files/kh.pdf">kh.pdf</a></span></td><td>412.5 KB</td></tr></tbody></table></div></div>'
            '<ul class="links inline"><li class="statistics_counter"><span>1532 lượt đọc</span></li></ul></div></div>',
            attributes='class="html not-front node-type-article page-node-1187"',
        ),
        "/nong-nghiep?page=1",
        _page(
            '<meta name="Generator" content="Drupal 7 (http://drupal.org)">',
            '<div class="view-content">'
            + _entries('<div class="views-row"><div class="views-field-title"><span class="field-content"><a href="{href}">{title}</a></span></div><div class="views-field-created">{date}</div></div>', "/tin-{}")
            + '</div><ul class="pager"><li class="pager-previous"><a href="/nong-nghiep">‹ trước</a></li><li class="pager-item"><a href="/nong-nghiep">1</a></li><li class="pager-current">2</li><li class="pager-item"><a href="/nong-nghiep?page=2">3</a></li><li class="pager-next"><a href="/nong-nghiep?page=2">sau ›</a></li><li class="pager-last"><a href="/nong-nghiep?page=9">cuối »</a></li></ul>',
        ),
        _found("/tin-{}"),
        "/nong-nghiep?page=2",
        category=(SECTION,),
        view_count=1532,
        attachments=("/sites/default/files/kh.pdf",),
    ),
    "drupal-10": Family(
        "drupal",
        "/huyen-mau-ra-quan-nao-vet-kenh-muong-vu-dong-xuan",
        _page(
            '<script type="application/json" data-drupal-selector="drupal-settings-json">{}</script>',
            f'<main><h1 class="page-title"><span class="field field--name-title">{TITLE}</span></h1><article class="node node--type-article"><footer class="node__meta"><div class="node__submitted">Được gửi bởi admin vào 09/11/2021 - 08:15</div></footer>'
            f'<div class="node__content"><div class="field field--name-body"><p>{LEAD}</p>{_P}</div></div></article></main><aside><h2>Thông báo mới</h2><ul>{_SIDE}</ul></aside>',
            attributes='class="path-node page-node-type-article node--type-article"',
        ),
        "/nong-nghiep",
        _page(
            '<script type="application/json" data-drupal-selector="drupal-settings-json">{}</script>',
            '<div class="views-element-container">'
            + _entries('<div class="views-row"><h3><a href="{href}">{title}</a></h3><time>{date}</time></div>', "/node/{}")
            + '</div><nav class="pager"><ul><li class="is-active"><a href="?page=0">1</a></li><li><a href="?page=1">2</a></li><li><a href="?page=1" rel="next">Trang sau</a></li></ul></nav>',
        ),
        _found("/node/{}"),
        "/nong-nghiep?page=1",
    ),
    "dnn": Family(
        "dnn",
        "/Default.aspx?tabid=119&ItemID=77",
        _page(
            "",
            '<form id="Form"><input type="hidden" id="__dnnVariable">'
            + _column(
                f'<div id="dnn_ContentPane"><span id="dnn_ctr507_dnnTITLE_titleLabel" class="Head">{SECTION}</span><div id="dnn_ctr507_ModuleContent"><span class="news-title">{TITLE}</span><div class="news-time">Cập nhật: 09/11/2021 08:15</div><div class="news-sapo">{LEAD}</div><div class="news-body">{_P}</div></div></div><div>Tin khác<ul>{_OTHERS}</ul></div>'
            )
            + "</form>",
        ),
        "/Default.aspx?tabid=119",
        _page(
            "",
            '<form id="Form"><input type="hidden" id="__dnnVariable"><div id="dnn_ctr507_ModuleContent"><table>'
            + _entries("<tr><td><a class='news-title' href='{href}'>{title}</a><br><i>{date}</i><div>{lead}</div></td></tr>", "/Default.aspx?ItemID={}&tabid=119")
            + "<tr><td><a href=\"javascript:__doPostBack('p','2')\">2</a></td></tr></table></div></form>",
        ),
        _found("/Default.aspx?ItemID={}&tabid=119"),
        None,
        summary=LEAD,
        lines=TEXT,
        category=(SECTION,),
    ),
}  # fmt: skip
NO_TEXT_OF_AN_ARTICLE = FURNITURE
