"""A table-layout ASP.NET site without helpful classes, as Vị Thủy printed it.

Kept from the real text: ``[ Cập nhật vào ngày (…) ] - [ Số lần xem: … ]`` under the title and the
byline glued to "Các ý kiến của bạn đọc". Unknown addresses answer 200 with "Không tìm thấy trang";
a listing page that does not exist shows the first one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

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

_GONE = "/tin-tuc-huyen-vi-thuy/tuyen-truyen-bien-dao-nam-2015/"
_GONE_FILE = "/media/1002/huong-dan-cu.pdf"
_BROKEN = "/thong-ke/"
_CALENDAR = "/lich-cong-tac/"
_WEEKS = 12
_READERS = (
    ("Nguyễn Thị Tám", "Bài viết rất thiết thực, mong có thêm tin về xã tôi."),
    ("Út Lành", "Đề nghị nói rõ thời gian thực hiện để bà con nắm."),
)


class ViThuy(ReplicaPortal):
    slug = "vi-thuy"
    host = "vithuy.haugiang.example"
    sections = (
        Section(
            "Tin Tức huyện Vị Thủy",
            "/tin-tuc-huyen-vi-thuy/",
            frozenset({"dang", "kinhte", "doanthe", "thongcao"}),
        ),
        Section("Văn hóa - Giáo dục - Y tế", "/van-hoa-giao-duc-y-te/", frozenset({"xahoi"})),
        Section("Quốc phòng - An ninh", "/quoc-phong-an-ninh/", frozenset({"anninh"})),
        Section("Cải cách hành chính", "/cai-cach-hanh-chinh/", frozenset({"hanhchinh"})),
        Section("Thông báo - Văn bản", "/thong-bao-van-ban/", frozenset({"thongbao"})),
    )
    volatile = (re.compile("(Số lần xem: )[0-9]+".encode()),)
    robots = "User-agent: *\nDisallow: /umbraco/\nDisallow: /lich-cong-tac/\n"
    server_headers: ClassVar[Mapping[str, str]] = {
        "Server": "Microsoft-IIS/10.0",
        "X-AspNet-Version": "4.0.30319",
    }

    # ---- addresses

    def article_path(self, story: Story, section: Section, *, second: bool = False) -> str:
        return f"{section.path}{'-'.join(slug_words(story.title))}/"

    def moved_path(self, story: Story) -> str:
        section = next(s for s in self.sections if story.field in s.fields)
        return f"{self.article_path(story, section)[:-1]}-1/"

    def picture_path(self, story: Story, shot: Picture) -> str:
        ending = "png" if shot.serial % 5 == 0 else "jpg"
        return f"/media/{1100 + shot.serial}/{story.moment.day}{shot.serial % 10 + 1}a.{ending}"

    def picture_alt(self, story: Story, shot: Picture) -> str:
        ending = self.picture_path(story, shot).rsplit(".", 1)[-1]
        return f"{story.moment.day}.{shot.serial % 10 + 1}a.{ending}"

    def file_path(self, story: Story, file: File) -> str:
        name = "-".join(slug_words(file.name.rsplit(".", 1)[0]))
        return f"/media/{2100 + file.serial}/{name}.{file.kind}"

    def printed_date(self, story: Story) -> tuple[str, str]:
        return f"{story.moment:%Y-%m-%d}", f"Cập nhật vào ngày ({story.moment:%d/%m/%Y})"

    def view_count(self, story: Story) -> int:
        return 300 + story.number * 137 % 900

    def dead_links(self) -> Mapping[str, int]:
        return {_GONE: 200, _GONE_FILE: 404, _BROKEN: 500}

    # ---- routes

    def routes(self) -> Mapping[str, Handler]:
        pages = {
            "/gioi-thieu/": (
                "Giới thiệu",
                "<p>Vị Thủy là huyện thuần nông của tỉnh Hậu Giang, nằm giữa vùng trũng sông Hậu, "
                "nổi tiếng với cánh đồng lúa chất lượng cao và làng trầu trăm năm tuổi.</p>",
            ),
            "/lien-he/": ("Liên hệ", "<p>Thị trấn Nàng Mau. Điện thoại: 0293.000.002.</p>"),
            "/so-do-cong/": ("Sơ đồ cổng", self._site_map()),
        }
        routes: dict[str, Handler] = {
            "/": self._home,
            _BROKEN: lambda visit: self.html("<h1>Server Error</h1>Runtime Error", 500),
            _CALENDAR: self._calendar,
            self._former(): self.redirect(self.renamed.paths[0]),
        }
        for path, (title, body) in pages.items():
            routes[path] = self._static_page(title, body)
        for section in self.sections:
            routes[section.path] = self._listing(section)
        if self.epoch == 1:
            old, new = (urlsplit(url).path for url in self.changes.moved)
            routes[old] = self.redirect(new)
        for path in (*pages, *(section.path for section in self.sections)):
            routes[path.rstrip("/")] = self.redirect(path)
        for publication in self.publications:
            for path in publication.paths:
                routes[path.rstrip("/")] = self.redirect(path)
        return routes

    def _former(self) -> str:
        """The address that an article had before the platform changed."""
        return f"/chi-tiet-tin/{self.renamed.story.number}.aspx"

    def _static_page(self, title: str, body: str) -> Handler:
        return lambda visit: self._page(visit, title, f"<b>{title}</b>{body}")

    def _listing(self, section: Section) -> Handler:
        return lambda visit: self._listing_page(section, visit)

    def missing(self, visit: Visit) -> Response:
        if visit.path.startswith("/media/"):
            return self.html("<h2>404 - File or directory not found.</h2>", 404)
        body = (
            "<p><b>Không tìm thấy trang</b><br>Nội dung bạn yêu cầu không có hoặc đã bị gỡ bỏ.</p>"
        )
        return self._page(visit, "Không tìm thấy trang", body)

    # ---- pages

    def _home(self, visit: Visit) -> Response:
        boxes = []
        for section in self.sections:
            items = "".join(
                f'<tr><td>• <a href="{path}">{plain(item.story.title)}</a> '
                f"<font color=gray>({item.story.moment:%d/%m/%Y})</font></td></tr>"
                for item, path in self.listed(section)[:5]
            )
            boxes.append(
                f'<table width="100%"><tr><td bgcolor="#cfe8cf"><b><a href="{section.path}">'
                f"{section.name}</a></b></td></tr>{items}</table><br>"
            )
        return self._page(visit, "Trang chủ", "".join(boxes))

    def _listing_page(self, section: Section, visit: Visit) -> Response:
        items = self.listed(section)
        page = visit.page("page")
        if page > page_count(items):
            page = 1
        lines = []
        for item, path in page_slice(items, page):
            story = item.story
            shown = (
                f'<a href="{path}"><img src="{self.picture_path(story, story.pictures[0])}" '
                'width="110" border="0"></a>'
                if story.pictures
                else "&nbsp;"
            )
            lines.append(
                f'<tr><td width="120">{shown}</td><td><a href="{path}"><b>{plain(story.title)}</b>'
                f"</a><br><font color=gray>({story.moment:%d/%m/%Y})</font><br>"
                f"{plain(story.summary)}</td></tr>"
            )
        pages = " | ".join(
            f"<b>{number}</b>"
            if number == page
            else f'<a href="{section.path}?page={number}">{number}</a>'
            for number in range(1, page_count(items) + 1)
        )
        main = (
            f'<b>{section.name}</b><table cellpadding="4">{"".join(lines)}</table>'
            f'<p align="center">Trang: {pages}</p>'
        )
        return self._page(visit, section.name, main)

    def article_page(self, publication: Publication, section: Section, visit: Visit) -> Response:
        story = publication.story
        views = self.view_count(story) + visit.hits
        byline = f'<p align="right"><b>{plain(story.byline)}</b>' if story.byline else "<p>"
        readers = "".join(
            f"<tr><td><b>{name}</b> ({story.moment:%d/%m/%Y}): {text}</td></tr>"
            for name, text in _READERS[: story.number % 3]
        )
        others = "".join(
            f'<tr><td>- <a href="{path}">{plain(item.story.title)}</a> '
            f"({item.story.moment:%d/%m/%Y})</td></tr>"
            for item, path in self.others(publication, section)
        )
        main = f"""<table width="100%" cellpadding="3"><tr><td bgcolor="#cfe8cf"><b>{section.name}</b></td></tr>
<tr><td><font size="4" color="#003300"><b>{plain(story.title)}</b></font></td></tr>
<tr><td><font size="1">[ {self.printed_date(story)[1]} ] - [ Số lần xem: {views} ]</font></td></tr>
<tr><td>{self._body(story)}
{byline}<span style="color:#060">Các ý kiến của bạn đọc</span></td></tr>
<tr><td><table width="100%">{readers}<tr><td>Họ tên: <input name="ten"> Nội dung: <textarea name="ykien"></textarea> <input type="submit" value="Gửi ý kiến"></td></tr></table></td></tr>
<tr><td><b>Các tin khác</b></td></tr>{others}</table>"""
        return self._page(visit, story.title, main)

    def _body(self, story: Story) -> str:
        write = entities if story.number % 5 == 3 else plain
        lines = [f"<p><b>{write(story.summary)}</b></p>\n<p>&nbsp;</p>"] if story.summary else []
        for block in story.blocks:
            match block:
                case Paragraph(text):
                    lines.append(f'<p align="justify">{write(text)}</p>')
                case Picture():
                    lines.append(
                        f'<p align="center"><img src="{self.picture_path(story, block)}" '
                        f'alt="{self.picture_alt(story, block)}"></p>'
                    )
                    if block.caption:
                        lines.append(f'<p align="center"><i>{write(block.caption)}</i></p>')
                case Table(rows):
                    lines.append(table(rows))
        lines += [
            f'<p><a href="{self.file_path(story, file)}">{plain(file.name)}</a></p>'
            for file in story.files
        ]
        return "\n".join(lines)

    def _site_map(self) -> str:
        places = [(section.path, section.name) for section in self.sections]
        places += [(_BROKEN, "Thống kê"), ("/lien-he/", "Liên hệ")]
        return links(places)

    def _calendar(self, visit: Visit) -> Response:
        week = min(visit.page("tuan"), _WEEKS)
        near = [number for number in (week - 1, week + 1) if 1 <= number <= _WEEKS]
        near_links = " ".join(f'<a href="{_CALENDAR}?tuan={n}">Tuần {n}</a>' for n in near)
        return self._page(visit, "Lịch công tác", f"<b>Lịch công tác tuần {week}</b> {near_links}")

    def _page(self, visit: Visit, title: str, main: str) -> Response:
        menu = " | ".join(f'<a href="{s.path}">{s.name}</a>' for s in self.sections)
        newest = "".join(
            f'<tr><td>• <a href="{item.paths[0]}">{plain(item.story.title)}</a></td></tr>'
            for item in self.latest(6)
        )
        pinned = next(item for item in self.publications if item.pinned)
        return self.html(
            f"""<html><head><title>{plain(title)}</title><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>
<body topmargin="0" bgcolor="#ffffff"><center><table width="980" border="0" cellspacing="0" cellpadding="4">
<tr><td colspan="2" bgcolor="#0a7a2f"><font color="white" size="5">TRANG THÔNG TIN ĐIỆN TỬ HUYỆN VỊ THỦY - TỈNH HẬU GIANG</font></td></tr>
<tr><td colspan="2" bgcolor="#e8f5e8"><a href="/">Trang chủ</a> | <a href="/gioi-thieu">Giới thiệu</a> | {menu} | <a href="{_CALENDAR}">Lịch công tác</a></td></tr>
<tr><td width="220" valign="top"><table><tr><td><b>Tin nổi bật</b></td></tr><tr><td><a href="{pinned.paths[0]}">{plain(pinned.story.title)}</a></td></tr>
<tr><td><b>Tin mới</b></td></tr>{newest}
<tr><td><b>Xem nhiều</b></td></tr><tr><td><a href="{self._former()}">{plain(self.renamed.story.title)}</a></td></tr>
<tr><td><a href="{_GONE}">Tuyên truyền biển đảo năm 2015</a></td></tr><tr><td><a href="{_GONE_FILE}">Hướng dẫn cũ (PDF)</a></td></tr></table></td>
<td valign="top">{main}</td></tr>
<tr><td colspan="2" bgcolor="#e8f5e8" align="center"><a href="/lien-he/">Liên hệ</a> - <a href="/so-do-cong/">Sơ đồ cổng</a><br>Bản mô phỏng dùng để thử nghiệm, không phải trang thông tin của huyện Vị Thủy.</td></tr>
</table></center></body></html>
""",
            Set_Cookie=f"ASP.NET_SessionId=s{visit.number:08}; path=/; HttpOnly",
        )
