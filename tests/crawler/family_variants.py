"""Articles in the markup of families of portals, in the variants that their versions and themes
bring: newer generations, other places for dates and counters, files, months in words."""

from __future__ import annotations

from varied_pages import HOST, LEAD, LINES, NEWS, SLUG, TEXT, TITLE, Varied, news, page, paragraphs

PAGES: dict[str, Varied] = {}
_ALL = paragraphs(LINES)
_TEXT = paragraphs(TEXT)


def _add(
    name: str,
    path: str,
    html: str,
    *,
    published_at: str = "2018-04-13",
    author: str = "",
    attachments: int = 0,
    view_count: int | None = None,
) -> None:
    PAGES[name] = Varied(
        HOST + path,
        html,
        TITLE,
        published_at,
        LINES,
        author,
        attachments=attachments,
        view_count=view_count,
    )


# fmt: off
_add("tandan-new","/portal/pages/2018-04-13/"+SLUG+"-9912.aspx",page(f'<div class="tandan-div-nav"><ul><li><a href="/portal">Trang chủ</a></li></ul></div><div class="detail"><h1>{TITLE}</h1><div class="time">13 Tháng Tư 2018 - 10:11:12</div><div class="article-content">{_ALL}</div><div class="tandan-div-article-other"><ul>{news()}</ul></div></div>'),published_at="2018-04-13T10:11:12+07:00")
_add("tandan-namdinh","/portal/Pages/2018-4-13/"+SLUG+"cgc20c.aspx",page(f'<div class="tandan-div-nav">x</div><h2 class="tandan-p-article-news-title">{TITLE}</h2><span class="tandan-span-date-publish">Đăng ngày 13/04/2018</span><div class="tandan-div-x"></div><div id="art-content">{_ALL}<p style="text-align:right"><b>Lò Thử</b></p></div><div class="tandan-div-article-other"><p class="tandan-p-article-other">Tin khác</p><ul>{news()}</ul></div>'),author="Lò Thử")
_add("tandan-br","/portal/Pages/2018-4-13/"+SLUG+"cgc20c.aspx",page(f'<div class="tandan-div-nav">x</div><p class="tandan-p-article-news-title">{TITLE}</p><span class="tandan-span-date-publish">Đăng ngày 13/04/2018</span><p class="tandan-p-article-news-summary">{LEAD}</p><p class="tandan-p-article-main"><div class="ms-rtestate-field">{"<br/><br/>".join(TEXT)}<br><a href="/portal/f/a.pdf">Biên bản.pdf</a></div></p>'),attachments=1)
_add("nukeviet-egov","/vi/news/thuy-loi/"+SLUG+"-12.html",page(f'<div class="news_column panel panel-default" itemtype="http://schema.org/NewsArticle"><div class="panel-body"><h1 class="title margin-bottom-lg" itemprop="headline">{TITLE}</h1><div class="newsdetailmetatop"><em class="fa fa-clock-o">&nbsp;</em>Thứ sáu - 13/04/2018 14:05 <em class="fa fa-eye">&nbsp;</em>84 <em class="fa fa-comments">&nbsp;</em>0</div><div class="clearfix"><div class="hometext m-bottom" itemprop="description">{LEAD}</div></div><div id="news-bodyhtml" class="bodytext margin-bottom-lg">{_TEXT}</div></div></div><div class="news_column panel panel-default"><div class="panel-body"><div class="h5"><em class="fa fa-tags">&nbsp;</em><strong>Tags: </strong><a title="x" href="/tag"><em>thủy lợi</em></a></div></div></div><ul class="related list-items">{news()}</ul>',"<meta name=generator content='NukeViet v4.5'>"),published_at="2018-04-13T14:05:00+07:00",view_count=84)
_add("nukeviet-files","/vi/news/thuy-loi/"+SLUG+"-12.html",page(f'<div class="news_column"><h1 class="title" itemprop="headline">{TITLE}</h1><span class="h5">Thứ sáu - 13/04/2018 14:05</span><div id="news-bodyhtml" class="bodytext">{_ALL}</div><div class="panel panel-default"><div class="panel-heading"><em class="fa fa-download"></em> <strong>File đính kèm</strong></div><div class="list-group news-download-file"><div class="list-group-item"><span class="badge"><a href="/vi/news/x-12.html?pdf=1&amp;id=0">Xem trước</a></span><a href="/vi/news/x-12.html?download=1&amp;id=0" title="bb.pdf" download>File: <strong>bb.pdf</strong></a></div></div></div></div>',"<meta name=generator content='NukeViet v4.5'>"),published_at="2018-04-13T14:05:00+07:00",attachments=1)
_add("joomla3","/tin-tuc/12-"+SLUG,page(f'<div class="item-page" itemscope><div class="page-header"><h2 itemprop="headline">{TITLE}</h2></div><dl class="article-info muted"><dt class="article-info-term">Chi tiết</dt><dd class="createdby">Viết bởi <span itemprop="name">Super User</span></dd><dd class="category-name">Chuyên mục: <a href="/tin-tuc">Tin tức</a></dd><dd class="published"><span class="icon-calendar"></span><time datetime="2018-04-13T14:05:00+07:00" itemprop="datePublished">Được đăng: 13 Tháng 4 2018</time></dd><dd class="hits">Lượt xem: 234</dd></dl><div itemprop="articleBody">{_ALL}</div><ul class="pager pagenav"><li class="previous"><a href="/tin/1">Trước</a></li><li class="next"><a href="/tin/2">Tiếp</a></li></ul></div>',"<meta name=generator content='Joomla! - Open Source'>"),view_count=234)
_add("wp-classic","/"+SLUG+"/",page(f'<article id="post-12" class="post-12"><header class="entry-header"><h1 class="entry-title">{TITLE}</h1><div class="entry-meta"><span class="posted-on">Posted on <a href="/{SLUG}/"><time class="entry-date published" datetime="2018-04-13T14:05:00+07:00">13/04/2018</time><time class="updated" datetime="2018-04-20T14:05:00+07:00">20/04/2018</time></a></span><span class="byline"> by <a href="/author/admin">admin</a></span></div></header><div class="entry-content">{_ALL}</div><footer class="entry-footer"><span class="cat-links">Posted in <a href="/c">Thủy lợi</a></span></footer></article><nav class="post-navigation"><a href="/1">Bài trước {NEWS[0][0]}</a></nav><section class="related"><h3>Bài viết liên quan</h3><ul>{news()}</ul></section>',"<link href=/wp-content/t.css>"))
_add("wp-elementor","/"+SLUG+"/",page(f'<div class="elementor-widget-theme-post-title"><h1 class="elementor-heading-title">{TITLE}</h1></div><div class="elementor-widget-post-info"><ul><li><span class="elementor-icon-list-text elementor-post-info__item--type-author">admin</span></li><li><span class="elementor-icon-list-text elementor-post-info__item--type-date">13 Tháng Tư, 2018</span></li><li><span class="elementor-icon-list-text">2:05 chiều</span></li></ul></div><div class="elementor-widget-theme-post-content"><div class="elementor-widget-container">{_ALL}</div></div>',"<link href=/wp-content/t.css>"))
_add("drupal-american","/node/77",page(f'<h1 class="page-title">{TITLE}</h1><article class="node node--type-article"><footer class="node__meta"><div class="node__submitted">Submitted by <span>admin</span> on Fri, 04/13/2018 - 14:05</div></footer><div class="node__content"><div class="field--name-body">{_ALL}</div></div></article>','<script data-drupal-selector="drupal-settings-json">{}</script><meta name="Generator" content="Drupal 9 (https://www.drupal.org)">'),published_at="2018-04-13T14:05:00+07:00")
_add("drupal-american-small","/node/78",page(f'<h1 class="page-title">{TITLE}</h1><article class="node node--type-article"><footer class="node__meta"><div class="node__submitted">Submitted by <span>admin</span> on Thu, 04/05/2018 - 14:05</div></footer><div class="node__content"><div class="field--name-body">{_ALL}</div></div></article>','<script data-drupal-selector="drupal-settings-json">{}</script><meta name="Generator" content="Drupal 9 (https://www.drupal.org)">'),published_at="2018-04-05T14:05:00+07:00")
_add("dnn-vendor","/tin-tuc/ArticleId/88/"+SLUG,page(f'<form id="Form"><div id="dnn_ContentPane"><div class="DnnModule"><span id="dnn_ctr507_dnnTITLE_titleLabel" class="Head">Tin hoạt động</span><div id="dnn_ctr507_ModuleContent"><span class="news-title">{TITLE}</span><br><span class="news-date">13/04/2018</span><div>{_ALL}</div><div>Tin khác:</div><ul>{news()}</ul></div></div></div><input type=hidden name="__dnnVariable"></form>','<script src="/js/dnn.js"></script>'))
_add("liferay7","/web/guest/tin/-/asset_publisher/aBc/content/"+SLUG,page(f'<div class="portlet-boundary portlet-boundary_com_liferay_asset_publisher"><div class="portlet-content"><h2 class="portlet-title-text">Tin hoạt động</h2><div class="asset-full-content"><div class="h4 header-title">{TITLE}</div><div class="metadata-author"><div class="asset-user-info"><span class="user-info">Quản trị</span></div><div class="asset-publication-date"><span class="date-info">13/04/2018</span></div></div><div class="asset-content"><div class="journal-content-article">{_ALL}</div></div><div class="taglib-social-bookmarks"><ul><li><a href="#">Twitter</a></li></ul></div><div class="content-metadata-asset-addon-entries"></div></div></div></div><script>Liferay.a=1;</script>',"<script>var x=Liferay.b</script>"))
_add("sharepoint-vp","/Pages/tin.aspx?ItemID=5",page(f'<form><input type="hidden" name="__REQUESTDIGEST"><div id="ctl00_PlaceHolderMain"><div class="title-news">{TITLE}</div><div class="date-news">Thứ Sáu, 13/04/2018, 09:30 [GMT+7]</div><div class="short-content">{LEAD}</div><div class="ms-rtestate-field">{_TEXT}</div><div class="author">Lò Thử</div></div></form>'),published_at="2018-04-13T09:30:00+07:00",author="Lò Thử")
_add("web-thanhhoa-2023","/web/trang-chu/tin-tuc/"+SLUG+".html",page(f'<div>date</div><div><a href="/web/trang-chu/tin-tuc">Tin tức</a></div><h1>{TITLE}</h1><div>Đăng lúc: 13/04/2018 (GMT+7)</div><div>100%</div><p>{LEAD}</p>{_TEXT}<p style="text-align:right">Lê Thử- Xuân Mẫu, Trung tâm VHTT TT&amp;DL huyện</p>'),author="Lê Thử- Xuân Mẫu, Trung tâm VHTT TT&DL huyện")
# fmt: on
