"""The ``/web/`` platform of Thanh Hóa as Thọ Xuân used it.

The page changed twice: until 2021 the date has a time and pictures have neither caption nor alt;
from 2022 the time is gone and a ``100%`` widget stands below; from 2024 captions follow the
picture directly and the alt text is a camera's file name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from crawler.replica.markup.lettering import PADDING, decomposed, entities, links, plain, table
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

_SLOGANS = (
    "THỌ XUÂN CHUNG SỨC XÂY DỰNG HUYỆN NÔNG THÔN MỚI KIỂU MẪU, ĐÔ THỊ VĂN MINH",
    "NHIỆT LIỆT CHÀO MỪNG ĐẠI HỘI ĐẢNG BỘ CÁC CẤP, NHIỆM KỲ 2020 - 2025",
    "THỌ XUÂN QUYẾT TÂM TRỞ THÀNH THỊ XÃ, CỬA NGÕ HÀNG KHÔNG CỦA XỨ THANH",
)
_GONE = "/web/trang-chu/tin-tuc-su-kien/ket-qua-boc-tham-giai-bong-da-thieu-nien-2016.html"
_BROKEN = "/web/thong-ke/bieu-do-truy-cap.html"
_SEARCH = "/web/tim-kiem.html"
_CALENDAR = "/web/lich-cong-tac.html"
_WEEKS = 12


class ThoXuan(ReplicaPortal):
    slug = "tho-xuan"
    host = "thoxuan.thanhhoa.example"
    sections = (
        Section(
            "Chiến lược - Định Hướng - Quy hoạch",
            "/web/trang-chu/chien-luoc-dinh-huong-quy-hoach",
            frozenset({"dang"}),
        ),
        Section(
            "Tin tức - Sự kiện",
            "/web/trang-chu/tin-tuc-su-kien",
            frozenset({"doanthe", "thongcao", "hanhchinh"}),
        ),
        Section(
            "Kinh tế - Nông nghiệp", "/web/trang-chu/kinh-te-nong-nghiep", frozenset({"kinhte"})
        ),
        Section("Văn hóa - Xã hội", "/web/trang-chu/van-hoa-xa-hoi", frozenset({"xahoi"})),
        Section("Quốc phòng - An ninh", "/web/trang-chu/quoc-phong-an-ninh", frozenset({"anninh"})),
        Section("Thông báo", "/web/trang-chu/thong-bao", frozenset({"thongbao"})),
    )
    volatile = (
        re.compile(rb"<marquee.*?</marquee>", re.DOTALL),
        re.compile("Lượt truy cập: [0-9.]+".encode()),
    )
    robots = "User-agent: *\nDisallow: /web/tim-kiem\nDisallow: /quan-tri/\n"
    server_headers: ClassVar[Mapping[str, str]] = {
        "Server": "nginx",
        "X-Frame-Options": "SAMEORIGIN",
    }
    assets_of_pages: ClassVar[Mapping[str, str]] = {
        "/web/giao-dien/style.css": (
            "body{font:15px/1.5 Arial;margin:0;background:#eef}.wrap{width:1000px;margin:auto;"
            "background:#fff}.banner{background:#b11;color:#fd5;padding:18px}.menu{background:#036;"
            "margin:0;padding:8px}.menu li{display:inline;margin-right:16px}.menu a{color:#fff}"
            ".cols{display:flex}.left{width:700px;padding:12px}.right{width:250px;padding:12px;"
            "background:#f4f4f4}.content p{text-align:justify}.list li{margin-bottom:10px}"
        )
    }

    # ---- addresses

    def article_path(self, story: Story, section: Section, *, second: bool = False) -> str:
        return f"{section.path}/{'-'.join(slug_words(story.title))}.html"

    def moved_path(self, story: Story) -> str:
        return self.article_path(story, self.moved_section(story))

    def moved_section(self, story: Story) -> Section:
        return self.sections[1]

    def picture_path(self, story: Story, shot: Picture) -> str:
        return f"/file/thumb/500/{637_000_000 + shot.serial * 7919}.jpg"

    def pictures_beside(self, path: str, shot: Picture) -> Iterable[tuple[str, int]]:
        return [(path.replace("/500/", f"/{width}/"), width) for width in (200, 1000)]

    def picture_alt(self, story: Story, shot: Picture) -> str:
        if story.moment.year < 2022:
            return ""
        if story.moment.year < 2024:
            return f"{shot.serial % 23 + 1}.png"
        return f"{shot.serial % 29 + 1} ({shot.serial % 17 + 2}).jpg"

    def picture_caption(self, story: Story, shot: Picture) -> str:
        return shot.caption if story.moment.year >= 2022 else ""

    def file_path(self, story: Story, file: File) -> str:
        return f"/file/download/{638_000_000 + file.serial * 6133}.{file.kind}"

    def printed_date(self, story: Story) -> tuple[str, str]:
        if story.moment.year < 2022:
            return (
                f"{story.moment:%Y-%m-%dT%H:%M:%S}+07:00",
                f"Đăng lúc: {story.moment:%H:%M:%S %d/%m/%Y} (GMT+7)",
            )
        return f"{story.moment:%Y-%m-%d}", f"Đăng lúc: {story.moment:%d/%m/%Y} (GMT+7)"

    def dead_links(self) -> Mapping[str, int]:
        return {_GONE: 404, _BROKEN: 500}

    # ---- routes

    def routes(self) -> Mapping[str, Handler]:
        routes: dict[str, Handler] = {
            "/": self._home,
            "/web/trang-chu": self._home,
            "/web/trang-chu/": self.redirect("/web/trang-chu"),
            self._former(): self.redirect(self.renamed.paths[0]),
            _BROKEN: lambda visit: self.html("<h1>500 Internal Server Error</h1>", 500),
            _SEARCH: lambda visit: self._static(
                visit, "Tìm kiếm", "<p>Nhập từ khóa vào ô tìm kiếm.</p>"
            ),
            _CALENDAR: self._calendar,
            "/web/gioi-thieu.html": lambda visit: self._static(
                visit,
                "Giới thiệu chung",
                "<p>Thọ Xuân nằm ở tả ngạn và hữu ngạn sông Chu, phía tây thành phố Thanh Hóa, có "
                "Cảng hàng không Thọ Xuân, quê hương của vua Lê Hoàn và khởi nghĩa Lam Sơn.</p>"
                "<p>Huyện có 27 xã và 3 thị trấn, dân số trên 230.000 người, phần lớn sống bằng "
                "nông nghiệp và mía đường.</p>",
            ),
            "/web/lien-he.html": lambda visit: self._static(
                visit, "Liên hệ", "<p>Khu 5, thị trấn Thọ Xuân. Điện thoại: 0237.000.000.</p>"
            ),
            "/web/so-do-cong.html": lambda visit: self._static(
                visit, "Sơ đồ cổng", self._site_map()
            ),
        }
        for section in self.sections:
            routes[section.path] = self._listing(section)
            routes[f"{section.path}/"] = self.redirect(section.path)
        if self.epoch == 1:
            old, new = (urlsplit(url).path for url in self.changes.moved)
            routes[old] = self.redirect(new)
        return routes

    def _former(self) -> str:
        """The address that an article had before the platform changed."""
        return f"/tin-tuc/{self.renamed.story.number}.html"

    def _listing(self, section: Section) -> Handler:
        return lambda visit: self._listing_page(section, visit)

    def missing(self, visit: Visit) -> Response:
        return self._page(visit, "Lỗi 404", "<h1>404</h1><p>Trang không tồn tại.</p>", status=404)

    # ---- pages

    def _home(self, visit: Visit) -> Response:
        boxes = []
        for section in self.sections:
            items = "".join(
                f'<li><a href="{path}">{plain(item.story.title)}</a></li>'
                for item, path in self.listed(section)[:5]
            )
            boxes.append(
                f'<div class="box"><h3><a href="{section.path}">{section.name}</a></h3>'
                f"<ul>{items}</ul></div>"
            )
        top = next(item for item in self.publications if item.pinned)
        main = (
            f'<div class="hot"><h2><a href="{top.paths[0]}">{plain(top.story.title)}</a></h2>'
            f"<p>{plain(top.story.summary)}</p></div>{''.join(boxes)}"
        )
        return self._page(visit, "Trang chủ", main)

    def _listing_page(self, section: Section, visit: Visit) -> Response:
        items, page = self.listed(section), visit.page("page")
        lines = []
        for item, path in page_slice(items, page):
            story = item.story
            thumb = (
                self.picture_path(story, story.pictures[0]).replace("/500/", "/200/")
                if story.pictures
                else ""
            )
            shown = f'<a href="{path}"><img src="{thumb}" alt="" width="120"></a>' if thumb else ""
            mark = '<span class="pin">[Tin ghim]</span> ' if item.pinned else ""
            lines.append(
                f'<li>{shown}<h4>{mark}<a href="{path}">{plain(story.title)}</a></h4>'
                f"<span>({story.moment:%d/%m/%Y})</span><p>{plain(story.summary)}</p></li>"
            )
        pages = " ".join(
            f'<a href="{section.path}?page={number}">{number}</a>'
            for number in range(1, page_count(items) + 1)
        )
        found = f'<ul class="list">{"".join(lines)}</ul>' if lines else "<p>Chưa có dữ liệu.</p>"
        main = f'<h3>{section.name}</h3>{found}<div class="paging">Trang: {pages}</div>'
        return self._page(visit, section.name, main)

    def article_page(self, publication: Publication, section: Section, visit: Visit) -> Response:
        story = publication.story
        zoom = '<div class="zoom">100%</div>' if story.moment.year >= 2022 else ""
        others = "".join(
            f'<li><a href="{path}">{plain(item.story.title)}</a> '
            f"<span>({item.story.moment:%d/%m/%Y})</span></li>"
            for item, path in self.others(publication, section)
        )
        files = "".join(
            f'<li><a href="{self.file_path(story, file)}">{plain(file.name)}</a></li>'
            for file in story.files
        )
        attached = f'<div class="attach">Tệp đính kèm:<ul>{files}</ul></div>' if files else ""
        main = (
            f'<h3 class="cate">{section.name}</h3>\n<h1>{plain(story.title)}</h1>\n'
            f'<p class="time">{self.printed_date(story)[1]}</p>\n{zoom}\n'
            f'<div class="content">\n{self._body(story)}\n</div>\n{attached}\n'
            f'<div class="other"><h3>Các tin khác</h3><ul>{others}</ul></div>'
        )
        return self._page(visit, story.title, main, year=story.moment.year)

    def _body(self, story: Story) -> str:
        write = (plain, entities, decomposed)[(0, 1, 0, 2, 0, 1, 0)[story.number % 7]]
        old = story.moment.year < 2022
        lines = [f"<p><strong>{write(story.summary)}</strong></p>"] if story.summary else []
        for block in story.blocks:
            match block:
                case Paragraph(text):
                    lines.append(f"<p>{PADDING if old else ''}{write(text)}</p>")
                case Picture():
                    lines += self._shown(story, block, write(block.caption))
                case Table(rows):
                    lines.append(table(rows))
        if story.byline:
            lines.append(
                f'<p style="text-align:right">{PADDING * 4}<strong>{write(story.byline)}</strong></p>'
            )
        return "\n".join(lines)

    def _shown(self, story: Story, shot: Picture, caption: str) -> list[str]:
        image = (
            f'<p style="text-align:center"><img alt="{plain(self.picture_alt(story, shot))}" '
            f'src="{self.picture_path(story, shot)}" /></p>'
        )
        if story.moment.year < 2022:
            return [f"<p>{PADDING}</p>", image]
        if not shot.caption:
            return [image]
        if story.moment.year < 2024:
            return [
                "<p>&nbsp;</p>",
                image,
                f'<p style="text-align:center"><em>( {caption})</em></p>',
            ]
        return [image, f'<p style="text-align:center">({caption})</p>']

    def _static(self, visit: Visit, title: str, body: str) -> Response:
        return self._page(visit, title, f"<h3>{title}</h3>{body}")

    def _site_map(self) -> str:
        places = [(section.path, section.name) for section in self.sections]
        places += [(_BROKEN, "Biểu đồ truy cập"), (_SEARCH, "Tìm kiếm nâng cao")]
        return links(places)

    def _calendar(self, visit: Visit) -> Response:
        week = min(visit.page("tuan"), _WEEKS)
        near = [number for number in (week - 1, week + 1) if 1 <= number <= _WEEKS]
        near_links = " ".join(f'<a href="{_CALENDAR}?tuan={n}">Tuần {n}</a>' for n in near)
        return self._static(
            visit, f"Lịch công tác tuần {week}", f"<p>Thứ Hai: giao ban.</p><p>{near_links}</p>"
        )

    def _page(
        self, visit: Visit, title: str, main: str, *, status: int = 200, year: int = 2025
    ) -> Response:
        menu = "".join(f'<li><a href="{s.path}">{s.name}</a></li>' for s in self.sections)
        newest = "".join(
            f'<li><a href="{item.paths[0]}">{plain(item.story.title)}</a></li>'
            for item in self.latest(6)
        )
        visits = f"{2_184_377 + visit.number:,}".replace(",", ".")
        slogan = _SLOGANS[(year + visit.number) % len(_SLOGANS)]
        return self.html(
            f"""<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>{plain(title)}</title>
<link rel="stylesheet" href="/web/giao-dien/style.css"></head>
<body><div class="wrap">
<div class="banner">Cổng thông tin điện tử huyện Thọ Xuân - Thanh Hóa</div>
<marquee scrollamount="3">{slogan}</marquee>
<div class="today">date</div>
<ul class="menu"><li><a href="/web/trang-chu">Trang chủ</a></li><li><a href="/web/gioi-thieu.html">Giới thiệu</a></li>{menu}<li><a href="{_CALENDAR}">Lịch công tác</a></li></ul>
<div class="cols"><div class="left">
{main}
</div><div class="right">
<h3>Tin mới</h3><ul>{newest}</ul>
<h3>Đọc nhiều</h3><ul><li><a href="{self._former()}">{plain(self.renamed.story.title)}</a></li>
<li><a href="{_GONE}">Kết quả bốc thăm giải bóng đá thiếu niên năm 2016</a></li></ul>
<p><a href="{_SEARCH}">Tìm kiếm nâng cao</a></p>
<p>Lượt truy cập: {visits}</p>
</div></div>
<div class="footer"><a href="/web/lien-he.html">Liên hệ</a> | <a href="/web/so-do-cong.html">Sơ đồ cổng</a>
<p>Bản mô phỏng dùng để thử nghiệm, không phải cổng thông tin của huyện Thọ Xuân.</p></div>
</div></body></html>
""",
            status,
        )
