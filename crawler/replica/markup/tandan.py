"""The Tân Dân portal on SharePoint, as Hoằng Hóa is taken to have used it.

Kept from real pages: ``<p class="tandan-p-article-main">`` opens before the body's ``div`` and is
therefore closed by every parser, empty; addresses ignore case; a page beyond the last one repeats
it; tokens and counters change at every fetch.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import ClassVar
from urllib.parse import quote

from crawler.replica.markup.lettering import entities, links, plain, table
from crawler.replica.portal import (
    Handler,
    Publication,
    ReplicaPortal,
    Response,
    Section,
    Visit,
    page_count,
    page_slice,
    slug_words,
)
from crawler.replica.stories import File, Paragraph, Picture, Story, Table

_HOME = "/portal/Pages/default.aspx"
_GONE = "/portal/Pages/2016-3-4/Le-hoi-trong-cay-dau-xuanq7c2m1.aspx"
_BROKEN = "/portal/Pages/thong-ke.aspx"
_CALENDAR = "/portal/Pages/lich-cong-tac.aspx"
_WEEKS = 12


def _token(*parts: object, length: int = 40) -> str:
    seed = "/".join(map(str, parts)).encode()
    return hashlib.sha256(seed).hexdigest()[:length]


class HoangHoa(ReplicaPortal):
    slug = "hoang-hoa"
    host = "hoanghoa.thanhhoa.example"
    ignores_case = True
    sections = (
        Section(
            "Tin tức - Sự kiện",
            "/portal/Pages/Tin-tuc-su-kien.aspx",
            frozenset({"dang", "doanthe", "thongcao"}),
        ),
        Section("Kinh tế", "/portal/Pages/Kinh-te.aspx", frozenset({"kinhte"})),
        Section("Văn hóa - Xã hội", "/portal/Pages/Van-hoa-xa-hoi.aspx", frozenset({"xahoi"})),
        Section(
            "Quốc phòng - An ninh", "/portal/Pages/Quoc-phong-an-ninh.aspx", frozenset({"anninh"})
        ),
        Section(
            "Cải cách hành chính",
            "/portal/Pages/Cai-cach-hanh-chinh.aspx",
            frozenset({"hanhchinh"}),
        ),
        Section(
            "Văn bản - Thông báo", "/portal/Pages/Van-ban-thong-bao.aspx", frozenset({"thongbao"})
        ),
    )
    volatile = (
        re.compile(rb'(id="__VIEWSTATE" value=)"[^"]*"'),
        re.compile(rb'(id="__EVENTVALIDATION" value=)"[^"]*"'),
        re.compile(rb'(id="__REQUESTDIGEST" value=)"[^"]*"'),
        re.compile(rb'(class="so-truy-cap">)[0-9]+'),
    )
    robots = f"User-agent: *\nCrawl-delay: 0\nDisallow: /_layouts/\nDisallow: {_CALENDAR}\n"
    server_headers: ClassVar[Mapping[str, str]] = {
        "Server": "Microsoft-IIS/8.5",
        "MicrosoftSharePointTeamServices": "15.0.0.4569",
        "X-Powered-By": "ASP.NET",
    }
    assets_of_pages: ClassVar[Mapping[str, str]] = {
        "/portal/_themes/thanhhoa/portal.css": (
            "body{font:14px/1.5 Tahoma;margin:0}.tandan-div-banner{background:#e67817;color:#fff;"
            "padding:20px;font-size:22px}.tandan-ul-nav{background:#c55;margin:0;padding:8px}"
            ".tandan-ul-nav li{display:inline;margin-right:14px}.tandan-ul-nav a{color:#fff}"
            ".main{display:flex;width:1000px;margin:auto}.td-left{width:720px}.td-right{width:240px;"
            "margin-left:20px}.tandan-p-article-news-summary{font-weight:bold}"
        )
    }

    # ---- addresses

    def article_path(self, story: Story, section: Section, *, second: bool = False) -> str:
        folder = "pages" if second else "Pages"  # the same page to SharePoint, another URL to us
        return f"/portal/{folder}/{self._day(story)}/{self._name(story, '')}.aspx"

    def moved_path(self, story: Story) -> str:
        return f"/portal/Pages/{self._day(story)}/{self._name(story, 'moved')}.aspx"

    def _day(self, story: Story) -> str:
        return f"{story.moment.year}-{story.moment.month}-{story.moment.day}"

    def _name(self, story: Story, salt: str) -> str:
        words = "-".join(slug_words(story.title)[:14]).capitalize()
        return words + _token(story.number, salt, length=5 + story.number % 3)

    def picture_path(self, story: Story, shot: Picture) -> str:
        if shot.serial % 2:
            return self._original(story, shot)
        return f"{self._folder(story)}/_w/{self._file_name(shot)}_JPG.jpg"

    def pictures_beside(self, path: str, shot: Picture) -> Iterable[tuple[str, int]]:
        if "/_w/" in path:
            original = path.replace("/_w/", "/").removesuffix("_JPG.jpg") + ".JPG"
            return [(original, 800), (path.replace("/_w/", "/_t/"), 200)]
        return []

    def _original(self, story: Story, shot: Picture) -> str:
        return f"{self._folder(story)}/{quote(self._file_name(shot))}.JPG"

    def _folder(self, story: Story) -> str:
        return f"/portal/Photos/{story.moment:%Y-%m}"

    def _file_name(self, shot: Picture) -> str:
        order = shot.serial % 10 + 1
        name = str(order) if shot.serial % 2 == 0 else f"1 ({order})"
        return _token(self.slug, shot.serial, length=16) + name

    def picture_alt(self, story: Story, shot: Picture) -> str:
        order = shot.serial % 10 + 1
        return f"Ảnh {order}. {shot.caption}.JPG" if shot.caption else f"Ảnh {order}.JPG"

    def file_path(self, story: Story, file: File) -> str:
        name = " ".join(slug_words(file.name.rsplit(".", 1)[0]))
        prefix = _token("tep", file.serial, length=16)
        return f"/portal/VanBan/{story.moment:%Y-%m}/{prefix}{quote(name)}.{file.kind}"

    def printed_date(self, story: Story) -> tuple[str, str]:
        return f"{story.moment:%Y-%m-%d}", f"Đăng lúc: 00:00:00 {story.moment:%d/%m/%Y} (GMT+7)"

    def dead_links(self) -> Mapping[str, int]:
        return {_GONE: 404, _BROKEN: 500}

    # ---- routes

    def routes(self) -> Mapping[str, Handler]:
        pages = {
            "Gioi-thieu": (
                "Giới thiệu",
                "<p>Hoằng Hóa là huyện đồng bằng ven biển, phía đông bắc thành phố Thanh Hóa, có "
                "12 km bờ biển với khu du lịch Hải Tiến và truyền thống hiếu học lâu đời.</p>",
            ),
            "Lien-he": ("Liên hệ", "<p>Thị trấn Bút Sơn. Điện thoại: 0237.000.001.</p>"),
            "sitemap": ("Sơ đồ cổng", self._site_map()),
        }
        routes: dict[str, Handler] = {
            "/": self.redirect(_HOME, 302),
            "/portal": self.redirect(_HOME),
            "/portal/": self.redirect(_HOME),
            _HOME: self._home,
            self._former(): self.redirect(self.renamed.paths[0]),
            _BROKEN: lambda visit: self.html("<h1>Server Error in '/' Application.</h1>", 500),
            _CALENDAR: self._calendar,
        }
        for name, (title, body) in pages.items():
            routes[f"/portal/Pages/{name}.aspx"] = self._static_page(title, body)
        for section in self.sections:
            routes[section.path] = self._listing(section)
        return routes

    def _former(self) -> str:
        """The address that an article had before the platform changed."""
        return f"/Pages/chitiet.aspx/{self.renamed.story.number}"

    def _static_page(self, title: str, body: str) -> Handler:
        return lambda visit: self._page(visit, title, f"<h2>{title}</h2>{body}")

    def _listing(self, section: Section) -> Handler:
        return lambda visit: self._listing_page(section, visit)

    def missing(self, visit: Visit) -> Response:
        return self._page(visit, "Lỗi", "<h2>404 KHÔNG TÌM THẤY</h2>", status=404)

    # ---- pages

    def _home(self, visit: Visit) -> Response:
        boxes = []
        for section in self.sections:
            (first, path), *rest = self.listed(section)[:5]
            others = "".join(
                f'<p class="tandan-p-module-news-second"><a href="{place}">'
                f"{plain(item.story.title)}</a> {self._span(item)}</p>"
                for item, place in rest
            )
            boxes.append(
                f'<div class="TD-box-news"><div class="TD-box-news-title"><a href="{section.path}">'
                f'{section.name}</a></div><div class="TD-box-news-main">'
                f'<p class="tandan-p-module-news-title"><a href="{path}">'
                f"{plain(first.story.title)}</a> {self._span(first)}</p>"
                f'<p class="tandan-p-module-news-summary">{plain(first.story.summary)}</p>'
                f"{others}</div></div>"
            )
        return self._page(visit, "Trang chủ", "".join(boxes))

    def _span(self, item: Publication) -> str:
        return f'<span class="ngay">({item.story.moment:%d/%m/%Y})</span>'

    def _listing_page(self, section: Section, visit: Visit) -> Response:
        items = self.listed(section)
        page = min(visit.page("PageIndex"), page_count(items))
        lines = "".join(
            f'<div class="tandan-div-module-news-top"><p class="tandan-p-module-news-title">'
            f'<a href="{path}">{plain(item.story.title)}</a> {self._span(item)}</p>'
            f'<p class="tandan-p-module-news-summary">{plain(item.story.summary)}</p></div>'
            for item, path in page_slice(items, page)
        )
        pages = " ".join(
            f'<a href="{section.path}?PageIndex={number}">{number}</a>'
            for number in range(1, page_count(items) + 1)
            if number != page
        )
        main = f'<h2>{section.name}</h2>{lines}<div class="tandan-div-page">{page} {pages}</div>'
        return self._page(visit, section.name, main)

    def article_page(self, publication: Publication, section: Section, visit: Visit) -> Response:
        story = publication.story
        others = "".join(
            f'<li><a href="{path}">{plain(item.story.title)}</a> {self._span(item)}</li>'
            for item, path in self.others(publication, section)
        )
        files = "".join(
            f'<p><a href="{self.file_path(story, file)}">{plain(file.name)}</a></p>'
            for file in story.files
        )
        summary = (
            f'<p class="tandan-p-article-news-summary">{plain(story.summary)}</p>'
            if story.summary
            else ""
        )
        main = f"""<div class="tandan-div-breadcrumb"><a href="{_HOME}">Trang chủ</a> » <a href="{section.path}">{section.name}</a></div>
<p class="tandan-p-article-news-title">{plain(story.title)}</p>
<div class="td-date"><span class="tandan-span-date-publish">{self.printed_date(story)[1]}</span>
<span class="btn-zoom" data-zoom="out">A-</span><span class="btn-zoom" data-zoom="in">A+</span></div>
{summary}
<p class="tandan-p-article-main">
<div id="ctl00_PlaceHolderMain_ctl03__ControlWrapper_RichHtmlField" class="ms-rtestate-field" aria-labelledby="ctl00_PlaceHolderMain_ctl03_label">
{self._body(story)}
{files}</div></p>
<div class="tandan-div-article-other"><p class="tandan-p-article-other">Tin khác</p><ul>{others}</ul></div>"""
        return self._page(visit, story.title, main)

    def _body(self, story: Story) -> str:
        write = entities if story.number % 3 == 1 else plain
        lines = []
        for block in story.blocks:
            match block:
                case Paragraph(text):
                    lines.append(f"<p>&#8203;{write(text)}</p>")
                case Picture():
                    lines.append(
                        f'<p style="text-align:center"><img src="{self.picture_path(story, block)}" '
                        f'alt="{plain(self.picture_alt(story, block))}"></p>'
                    )
                    if block.caption:
                        lines.append(f'<p style="text-align:center">{write(block.caption)}</p>')
                case Table(rows):
                    lines.append(table(rows, 'class="ms-rteTable-default" cellspacing="0"'))
        if story.byline:
            lines.append(f'<p style="text-align:right"><em>{write(story.byline)}</em></p>')
            lines += ["<p>&nbsp;</p>", "<p>&#8203;&nbsp;</p>"]
        return "\n".join(lines)

    def _site_map(self) -> str:
        places = [(section.path, section.name) for section in self.sections]
        places.append((_BROKEN, "Thống kê truy cập"))
        return links(places)

    def _calendar(self, visit: Visit) -> Response:
        week = min(visit.page("tuan"), _WEEKS)
        near = [number for number in (week - 1, week + 1) if 1 <= number <= _WEEKS]
        near_links = " ".join(f'<a href="{_CALENDAR}?tuan={n}">Tuần {n}</a>' for n in near)
        return self._page(visit, "Lịch công tác", f"<h2>Lịch công tác tuần {week}</h2>{near_links}")

    def _page(self, visit: Visit, title: str, main: str, *, status: int = 200) -> Response:
        seed = (visit.path, visit.number)
        state = base64.b64encode(b"".join(_token(*seed, n).encode() for n in range(40))).decode()
        check = base64.b64encode(_token("check", *seed).encode()).decode()
        digest = f"0x{_token('digest', *seed, length=64).upper()},28 Jun 2025 02:00:00 -0000"
        menu = "".join(
            f'<li><a class="parent" href="{s.path}"><span>{s.name}</span></a></li>'
            for s in self.sections
        )
        newest = "".join(
            f'<li><a href="{item.paths[0]}">{plain(item.story.title)}</a></li>'
            for item in self.latest(6)
        )
        pinned = next(item for item in self.publications if item.pinned)
        counters = "".join(
            f'<tr><td>{label}:</td><td class="so-truy-cap">{count + visit.number}</td></tr>'
            for label, count in (
                ("Hôm nay", 0),
                ("Hôm qua", 112),
                ("Tuần này", 644),
                ("Tháng này", 3310),
                ("Tất cả", 304_388),
            )
        )
        return self.html(
            f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" lang="vi-VN" dir="ltr"><head><meta name="GENERATOR" content="Microsoft SharePoint" /><meta http-equiv="Content-type" content="text/html; charset=utf-8" />
<title>{plain(title)} - CỔNG THÔNG TIN ĐIỆN TỬ HUYỆN HOẰNG HÓA</title>
<link rel="stylesheet" type="text/css" href="/portal/_themes/thanhhoa/portal.css" />
<script>var _spPageContextInfo = {{webServerRelativeUrl: "/portal/", siteAbsoluteUrl: ""}};</script></head>
<body><form method="post" action="" id="aspnetForm">
<input type="hidden" name="__REQUESTDIGEST" id="__REQUESTDIGEST" value="{digest}" />
<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{state}" />
<input type="hidden" name="__EVENTVALIDATION" id="__EVENTVALIDATION" value="{check}" />
<div class="tandan-div-banner">CỔNG THÔNG TIN ĐIỆN TỬ HUYỆN HOẰNG HÓA</div>
<div class="tandan-div-nav"><ul class="tandan-ul-nav left"><li><a class="parent" href="{_HOME}"><span>Trang chủ</span></a></li><li><a class="parent" href="/portal/pages/Gioi-thieu.aspx"><span>Giới thiệu</span></a></li>{menu}</ul></div>
<div class="main"><div class="td-left">
{main}
</div><div class="td-right">
<div class="TD-box-news-title">Tin tiêu điểm</div><p><a href="{pinned.paths[0]}">{plain(pinned.story.title)}</a></p>
<div class="TD-box-news-title">Tin mới</div><ul class="TD-ul-module-menu-left">{newest}</ul>
<div class="TD-box-news-title">Tin xem nhiều</div><ul><li><a href="{self._former()}">{plain(self.renamed.story.title)}</a></li>
<li><a href="{_GONE}">Lễ hội trồng cây đầu xuân</a></li></ul>
<p><a href="{_CALENDAR}">Lịch công tác</a></p>
<div class="TD-box-news-title">Truy cập</div><table>{counters}</table>
</div></div>
<div class="tandan-div-footer"><a href="/portal/Pages/Lien-he.aspx">Liên hệ</a> <a href="/portal/Pages/sitemap.aspx">Sơ đồ cổng</a>
<p>Bản mô phỏng dùng để thử nghiệm, không phải cổng thông tin của huyện Hoằng Hóa.</p></div>
</form></body></html>
""",
            status,
        )
