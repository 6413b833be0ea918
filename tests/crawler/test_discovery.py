"""Everything a portal offers is found, however it is linked, and traps end by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from running import huyen, one, rows
from small_portal import ARTICLES, HTML, SmallPortal, article_path, title, write_sites

from crawler.replica.portal import Response
from crawler.replica.server import PortalServer

Crawl = Callable[[SmallPortal], Path]
HOST = "http://dong-son.example"


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Crawl]:
    def run(portal: SmallPortal) -> Path:
        archive = tmp_path / "archive"
        sites = write_sites(tmp_path, "dong-son")
        with PortalServer({"dong-son.example": portal}) as server:
            done = huyen("crawl", archive=archive, sites=sites, proxy=server.proxy_url, timeout=120)
        assert done.returncode == 0, done.stderr
        return archive

    return run


def titles(archive: Path) -> set[str]:
    return {row["title"] for row in rows(archive, "SELECT title FROM articles")}


def all_titles() -> set[str]:
    return {title(number) for number in range(1, ARTICLES + 1)}


def alone(portal: SmallPortal, home: str) -> SmallPortal:
    """Only what the home page leads to, no listing."""
    for path in [
        path for path in portal.answers if path.startswith("/tin-tuc/") and "xa-so" not in path
    ]:
        del portal.answers[path]
    portal.answers["/"] = portal.page(home)
    return portal


def links(*numbers: int) -> str:
    return "".join(
        f'<li><a href="{article_path(n)}">{title(n)}</a> <span>({n:02d}/03/2023)</span></li>'
        for n in numbers
    )


def test_articles_that_only_a_sitemap_names(crawl: Crawl) -> None:
    portal = alone(SmallPortal(), "<p>Trang chủ</p>")
    robots = b"User-agent: *\nDisallow:\nSitemap: http://dong-son.example/ban-do.xml\n"
    portal.answers["/robots.txt"] = Response(200, {"Content-Type": "text/plain"}, robots)
    locations = "".join(f"<url><loc>{HOST}{article_path(n)}</loc></url>" for n in range(1, 13))
    portal.answers["/ban-do.xml"] = Response(
        200,
        {"Content-Type": "text/xml"},
        f"<sitemapindex><sitemap><loc>{HOST}/1.xml</loc></sitemap></sitemapindex>".encode(),
    )
    portal.answers["/1.xml"] = Response(
        200, {"Content-Type": "application/xml"}, f"<urlset>{locations}</urlset>".encode()
    )
    assert titles(crawl(portal)) == all_titles()


def test_articles_that_only_a_feed_names(crawl: Crawl) -> None:
    portal = alone(SmallPortal(), '<p>Trang chủ</p><a href="/rss.xml">RSS</a>')
    items = "".join(f"<item><link>{HOST}{article_path(n)}</link></item>" for n in range(1, 13))
    portal.answers["/rss.xml"] = Response(
        200,
        {"Content-Type": "application/rss+xml"},
        f"<rss><channel>{items}</channel></rss>".encode(),
    )
    assert titles(crawl(portal)) == all_titles()


def test_pages_behind_a_pager_that_leads_home(crawl: Crawl) -> None:
    portal = alone(SmallPortal(), '<a href="/tin-tuc">Tin tức</a>')
    pager = '<ul class="pagination"><li><a href="/">Trang sau</a></li></ul>'
    portal.answers["/tin-tuc"] = portal.page(f"<h2>Tin tức</h2><ul>{links(1, 2, 3, 4)}</ul>{pager}")
    for page in (2, 3):
        numbers = range(4 * page - 3, 4 * page + 1)
        portal.answers[f"/tin-tuc/page/{page}"] = portal.page(
            f"<h2>Tin tức</h2><ul>{links(*numbers)}</ul>{pager}"
        )
    assert titles(crawl(portal)) == all_titles()


class FormPortal(SmallPortal):
    """A listing whose pages are had by posting the form back; the state is the page number."""

    def __init__(self, steps: str) -> None:
        super().__init__()
        alone(self, '<a href="/TinTuc.aspx">Tin tức</a>')
        self.steps = steps
        self.posted: list[int] = []
        self.answers["/TinTuc.aspx"] = self.listing(1)

    def listing(self, page: int) -> Response:
        def button(target: str, argument: str, label: str) -> str:
            return f"<a href=\"javascript:__doPostBack('{target}','{argument}')\">{label}</a> "

        if self.steps == "numbers":
            pager = "".join(button("grid", f"Page${n}", str(n)) for n in (1, 2, 3) if n != page)
        else:
            pager = button("sau", "", "Trang sau")  # also on the last page, as many do
        return self.page(
            f'<form method="post" action="TinTuc.aspx"><input type="hidden" name="__VIEWSTATE" '
            f'value="trang-{page}"><h2>Tin tức</h2><ul>{links(*range(4 * page - 3, 4 * page + 1))}</ul>'
            f"{pager}</form>"
        )

    def post(self, path: str, form: bytes) -> Response:
        fields = {name: values[0] for name, values in parse_qs(form.decode()).items()}
        current = int(fields["__VIEWSTATE"].removeprefix("trang-"))
        argument = fields.get("__EVENTARGUMENT", "")
        page = int(argument.removeprefix("Page$")) if argument else min(current + 1, 3)
        self.posted.append(page)
        return self.listing(page)


@pytest.mark.parametrize("steps", ["numbers", "next"])
def test_pages_behind_an_aspnet_form(crawl: Crawl, steps: str) -> None:
    portal = FormPortal(steps)
    archive = crawl(portal)
    assert titles(archive) == all_titles()
    assert len(portal.posted) < 8, "the pager was posted again and again"
    assert one(archive, "SELECT count(*) FROM capture WHERE method = 'POST'") == len(portal.posted)


def test_one_article_under_many_addresses_is_one_with_aliases(crawl: Crawl) -> None:
    portal = SmallPortal()
    page = portal.answers[article_path(1)]
    portal.answers["/thong-bao/bai-mot"] = page
    portal.answers["/"] = portal.page(
        '<a href="/tin-tuc/">Tin</a><a href="/thong-bao/bai-mot">1</a>'
        f'<a href="{article_path(1)}?utm_source=zalo">1</a><a href="{article_path(1)}#cuoi">1</a>'
        f'<a href="http://DONG-SON.example:80{article_path(1)}">1</a>'
    )
    archive = crawl(portal)
    assert one(archive, "SELECT count(*) FROM articles WHERE title = ?", title(1)) == 1
    aliases = rows(
        archive,
        "SELECT u.url FROM article_url u JOIN articles a ON a.id = u.article_id WHERE a.title = ?",
        title(1),
    )
    assert {urlsplit(row["url"]).path for row in aliases} == {article_path(1), "/thong-bao/bai-mot"}


@pytest.mark.parametrize("trap", ["calendar", "languages", "session", "deeper", "endless"])
def test_traps_end_by_themselves(crawl: Crawl, trap: str) -> None:
    portal = SmallPortal()
    portal.answers["/"] = portal.page('<a href="/tin-tuc/">Tin</a><a href="/bay/1">Bẫy</a>')
    asked: list[str] = []

    def respond(path: str, headers: object) -> Response:
        if path in portal.answers:
            return portal.answers[path]
        if "/bay" not in path:
            return Response(404, HTML, b"")
        asked.append(path)
        step = len(asked)
        further = {
            "calendar": f'<a href="/bay/lich?ngay={step}">sau</a><a href="/bay/lich?ngay=-{step}">trước</a>',
            "languages": '<a href="vi/en/x">vi</a><a href="en/vi/x">en</a>',
            "session": f'<a href="/bay/1?phien={step:032x}">tin</a>',
            "deeper": '<a href="them/">thêm</a>',
            "endless": f'<a href="/bay/1?page={step + 1}">Trang sau</a>',
        }[trap]
        return portal.page(f"<h2>Bẫy</h2><p>Trang {step}</p>{further}")

    portal.respond = respond  # type: ignore[method-assign]
    archive = crawl(portal)
    assert titles(archive) == all_titles()
    assert len(asked) < 150
