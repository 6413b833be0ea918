"""A portal of a dozen articles in plain markup, for tests of the crawl and not of the reading."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from crawler.replica.portal import Response

HTML = {"Content-Type": "text/html; charset=utf-8"}
ARTICLES = 12
_TOPICS = (
    "trồng rừng", "làm đường", "thu hoạch lúa", "tiêm phòng", "khai giảng", "hiến máu",
    "đóng bảo hiểm", "dọn vệ sinh", "nuôi cá lồng", "xây nhà văn hóa", "tập huấn", "trao học bổng",
)  # fmt: skip


def title(number: int) -> str:
    return f"Xã Số {number} phát động bà con {_TOPICS[number - 1]} năm 2023"


def article_path(number: int) -> str:
    return f"/tin-tuc/xa-so-{number}-phat-dong-ba-con-{number}.html"


def article_html(number: int, *, edited: bool = False) -> str:
    topic = _TOPICS[number - 1]
    body = "".join(
        f"<p>Trong đợt {week} của tháng {number}, cán bộ xã Số {number} cùng các thôn ra quân {topic}, "
        f"chia tổ theo từng ngõ và ghi sổ kết quả mỗi buổi để báo cáo huyện vào cuối tuần.</p>"
        for week in range(1, 6)
    )
    extra = f"<p>Tòa soạn đã sửa số liệu của thôn {number}.</p>" if edited else ""
    return f"""<!doctype html><html lang="vi"><head><title>Cổng thông tin điện tử</title></head><body>
<div class="menu"><a href="/">Trang chủ</a> <a href="/tin-tuc/">Tin tức</a></div>
<div class="main"><h1>{title(number)}</h1>
<div class="date">Đăng lúc: 08:{number + 10}:00 {number:02d}/03/2023 (GMT+7)</div>
<div class="content"><p><b>Sáng nay, xã Số {number} mở đợt {topic} cho toàn dân.</b></p>{body}{extra}
<p><img src="/anh/{number}.png" alt="anh-{number}.png"></p>
<p style="text-align:right">Lê Văn Nam, Trung tâm VHTT huyện</p></div></div></body></html>"""


def picture(number: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes([number]) * 400


class SmallPortal:
    """Answers from a table of paths; tests change the table as they like. ``gate`` (set) lets
    answers through; cleared, every page waits."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = threading.Event()
        self.answers: dict[str, Response] = {
            "/robots.txt": Response(
                200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /noi-bo/\n"
            ),
            "/": self.page(
                '<h2>Tin mới</h2><a href="/tin-tuc/">Tin tức</a> <a href="/noi-bo/so.html">Nội bộ</a>'
                ' <a href="/cu.html">Bài cũ</a> <a href="/hong.html">Hỏng</a> <a href="/mat.html">Mất</a>'
            ),
            "/cu.html": Response(301, {"Location": article_path(1)}, b""),
            "/hong.html": Response(500, HTML, b"<h1>Server Error</h1>"),
            "/noi-bo/so.html": self.page("<p>Không dành cho máy.</p>"),
        }
        for page in (1, 2, 3):
            numbers = range(4 * page - 3, 4 * page + 1)
            items = "".join(
                f'<li><a href="{article_path(n)}">{title(n)}</a> <span>({n:02d}/03/2023)</span></li>'
                for n in numbers
            )
            following = f'<a href="/tin-tuc/?page={page + 1}">Trang sau</a>' if page < 3 else ""
            address = "/tin-tuc/" if page == 1 else f"/tin-tuc/?page={page}"
            self.answers[address] = self.page(f"<h2>Tin tức</h2><ul>{items}</ul>{following}")
        for number in range(1, ARTICLES + 1):
            self.set_article(number)
            self.answers[f"/anh/{number}.png"] = Response(
                200, {"Content-Type": "image/png"}, picture(number)
            )

    @staticmethod
    def page(body: str) -> Response:
        return Response(200, HTML, f"<html><body>{body}</body></html>".encode())

    def set_article(self, number: int, *, edited: bool = False) -> None:
        text = article_html(number, edited=edited)
        self.answers[article_path(number)] = Response(200, HTML, text.encode())

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        if path != "/robots.txt":
            self.waiting.set()
            self.gate.wait(timeout=60)
        return self.answers.get(path) or Response(404, HTML, b"<h1>404</h1>")


def sites_toml(*slugs: str, delay: float = 0) -> str:
    """Tables of portals ``http://<slug>.example/``."""
    return "\n".join(
        f'[{slug}]\nname = "Huyện {slug}"\nprovince = "Tỉnh Thử"\nhome = "http://{slug}.example/"\n'
        f"pace = {{ delay = {delay} }}\n"
        for slug in slugs
    )


def write_sites(folder: Path, *slugs: str, delay: float = 0) -> Path:
    path = folder / "sites.toml"
    path.write_text(sites_toml(*slugs, delay=delay), encoding="utf-8")
    return path
