"""Verdicts of real crawls: the command, portals that break, the rows and the exit status.

Many portals are crawled in one run, each broken in a way of its own.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from running import huyen, one, rows
from small_portal import ARTICLES, HTML, SmallPortal, article_path, title, write_sites

from archive.remarks import in_language
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer

REJECTED = (
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. "
    "Please consult with your administrator.<br>Your support ID is: 71</body></html>"
)


def html(text: str, status: int = 200, **headers: str) -> Response:
    return Response(status, {**HTML, **headers}, text.encode())


@dataclass
class Place:
    """Portals by slug, the archive they are crawled into, and the command between them."""

    server: PortalServer
    folder: Path
    portals: dict[str, SmallPortal] = field(default_factory=dict)

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    def portal(self, slug: str) -> SmallPortal:
        portal = SmallPortal()
        self.server.portals[f"{slug}.example"] = self.portals[slug] = portal
        return portal

    def crawl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        sites = write_sites(self.folder, *self.portals)
        return huyen(
            "crawl", *arguments, archive=self.archive, sites=sites, proxy=self.server.proxy_url
        )

    def verdicts(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """What the crawl says of each site; the row and the exit status say the same."""
        done = self.crawl("--json", *arguments)
        sites = {site["site"]: site for site in json.loads(done.stdout)["sites"]}
        unhealthy = [site for site in sites.values() if not site["healthy"]]
        assert done.returncode == (3 if unhealthy else 0), done.stderr
        stored = rows(
            self.archive,
            "SELECT site, verdict, subject, reason FROM site_runs "
            "WHERE run_id = (SELECT max(run_id) FROM site_runs)",
        )
        for row in stored:
            said = sites[row["site"]]
            assert tuple(row)[1:] == (said["verdict"], said["subject"], said["reason"])
            # Whatever is concluded, the reader can say it in Vietnamese.
            pieces = in_language("vi", said["reason"])
            assert pieces[0].language == "vi", pieces
            if "dns" not in said["reason"] and "tls" not in said["reason"]:
                assert [piece.language for piece in pieces] == ["vi"], pieces
        return sites

    def articles(self, slug: str) -> list[tuple[object, ...]]:
        found = rows(self.archive, "SELECT * FROM articles WHERE site = ? ORDER BY id", slug)
        return [tuple(row) for row in found]

    def asked(self, slug: str) -> list[str]:
        return [seen.path for seen in self.server.requests if seen.host == f"{slug}.example"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with PortalServer({}) as server:
        yield Place(server, tmp_path)


def taken_over(portal: SmallPortal) -> None:
    """A commune's portal on the same host, with the same pages."""
    body = portal.answers["/"].body
    assert isinstance(body, bytes)
    named = "<head><title>Cổng thông tin điện tử xã Đông Sơn</title></head><body>"
    portal.answers["/"] = html(body.decode().replace("<body>", named))


def refusing_page_after_page(portal: SmallPortal) -> None:
    links = "".join(
        f'<li><a href="/tin-tuc/bai-so-{n}.html">Bài số {n}</a></li>' for n in range(60)
    )
    portal.answers["/tin-tuc/"] = SmallPortal.page(f"<h2>Tin</h2><ul>{links}</ul>")
    for number in range(150):
        portal.answers[f"/tin-tuc/bai-so-{number}.html"] = html("<h1>Forbidden</h1>", 403)


def test_what_answers_in_the_place_of_a_portal_is_named_and_not_archived_as_it(
    place: Place,
) -> None:
    homes = {
        "f5": html(REJECTED),
        "d1n": html('<script>document.cookie="D1N=1";location.reload(true)</script>'),
        "cloudflare": html("<h1>Sorry</h1>", 403, Server="cloudflare"),
        "login": html('<form><input type="password"></form>'),
        "hosting": html("<p>Hosting đã hết hạn sử dụng, đang bị tạm ngưng.</p>"),
        "expired": html("<p>Tên miền này đã hết hạn.</p>"),
        "welcome": html("<h1>Welcome to nginx!</h1>"),
        "broken": html("<h1>Error</h1>", 500),
        "missing": html("<h1>Not here</h1>", 404),
        "elsewhere": html("", 302, Location="http://xa-moi.example/"),
        "forwarded": html("<script>location.href='http://xa-moi.example/'</script>"),
    }
    for slug, answer in homes.items():
        place.portal(slug).answers["/"] = answer
    taken_over(place.portal("commune"))
    refusing_page_after_page(place.portal("nuisance"))
    place.server.portals["xa-moi.example"] = SmallPortal()
    sites = place.verdicts()
    found = {slug: (site["verdict"], site["subject"]) for slug, site in sites.items()}
    assert found == {
        "f5": ("blocked", "F5 BIG-IP"),
        "d1n": ("blocked", "cookie script (D1N)"),
        "cloudflare": ("blocked", "Cloudflare"),
        "login": ("blocked", "login form"),
        "hosting": ("blocked", "hosting suspended"),
        "expired": ("gone", "domain expired"),
        "welcome": ("unreachable", "page of welcome"),
        "broken": ("unreachable", "status 500"),
        "missing": ("unreachable", "status 404"),
        "elsewhere": ("moved", "xa-moi.example"),
        "forwarded": ("moved", "xa-moi.example"),
        "commune": ("moved", "Xã Đông Sơn"),
        "nuisance": ("blocked", "blocked"),
    }
    assert "the home page is that of Xã Đông Sơn, not Huyện commune" in sites["commune"]["reason"]
    for slug in found.keys() - {"nuisance"}:
        assert place.articles(slug) == [], slug
        assert not [path for path in place.asked(slug) if path.startswith("/tin-tuc/")], slug
    # Who refuses is not asked for all 150 pages; what stood there is kept: it is the proof.
    assert len([path for path in place.asked("nuisance") if "bai-so" in path]) < 100
    kept = "SELECT count(*) FROM captures WHERE url = ? AND status = 200"
    assert one(place.archive, kept, "http://commune.example/") == 1
    assert huyen("verify", archive=place.archive).returncode == 0


def grown(portal: SmallPortal) -> None:
    """Twenty more articles, so that there is something usual."""
    small = portal.answers[article_path(1)].body
    assert isinstance(small, bytes)
    items = ""
    for number in range(20, 40):
        path = f"/tin-tuc/xa-so-{number}-ra-quan-{number}.html"
        text = small.decode().replace(title(1), f"Xã Số {number} ra quân năm 2023")
        text = text.replace("xã Số 1", f"xã Số {number}").replace("01/03", f"{number - 15:02d}/04")
        portal.answers[path] = html(text)
        items += f'<li><a href="{path}">Xã Số {number} ra quân năm 2023</a></li>'
    home = portal.answers["/"].body
    assert isinstance(home, bytes)
    portal.answers["/"] = html(home.decode().replace("</body>", f"<ul>{items}</ul></body>"))


def undated(portal: SmallPortal) -> None:
    for path, answer in list(portal.answers.items()):
        if isinstance(answer.body, bytes) and b"GMT+7" in answer.body:
            before, after = answer.body.decode().split('<div class="date">')
            portal.answers[path] = html(before + after.split("</div>", 1)[1])


def shrunk(portal: SmallPortal) -> None:
    only = f'<ul><li><a href="{article_path(1)}">{title(1)}</a></li></ul>'
    portal.answers["/tin-tuc/"] = SmallPortal.page(only)
    for number in range(2, ARTICLES + 1):
        del portal.answers[article_path(number)]


def test_what_breaks_in_a_portal_that_was_well_is_told_and_takes_nothing_away(
    place: Place,
) -> None:
    slugs = ("well", "redesign", "commune", "f5", "poor", "cut")
    portals = {slug: place.portal(slug) for slug in slugs}
    grown(portals["redesign"])
    assert {site["verdict"] for site in place.verdicts().values()} == {"ok"}
    before = {slug: place.articles(slug) for slug in portals}
    undated(portals["redesign"])
    taken_over(portals["commune"])
    portals["commune"].set_article(3, edited=True)
    for number in range(1, ARTICLES + 1):
        portals["f5"].answers[article_path(number)] = html(REJECTED)
    shrunk(portals["poor"])
    portals["cut"].answers["/tin-tuc/?page=2"] = html("<h1>Server Error</h1>", 500)
    sites = place.verdicts("--full")
    found = {slug: (site["verdict"], site["subject"]) for slug, site in sites.items()}
    assert found == {
        "well": ("quiet", ""),
        "redesign": ("changed", "published_at"),
        "commune": ("moved", "Xã Đông Sơn"),
        "f5": ("blocked", "pages"),
        "poor": ("partial", "articles"),
        "cut": ("partial", "listing"),
    }
    assert "/tin-tuc/?page=2: page 2 of a listing: status 500" in sites["cut"]["reason"]
    lost = "published_at on 0% of the articles, usually 100%"
    assert sites["redesign"]["reason"] == lost
    assert f"a firewall refused {ARTICLES} of" in sites["f5"]["reason"]
    # The district's articles are as they were, and no firewall's page made one of them missing.
    huyen("reextract", archive=place.archive, sites=place.folder / "sites.toml")
    assert place.articles("commune") == before["commune"]
    assert place.articles("f5") == before["f5"]
    assert len(before["f5"]) == ARTICLES
    # The next run says since when it has been so; cron's mail holds the unhealthy ones only.
    began = one(place.archive, "SELECT max(started_at) FROM site_runs WHERE site = 'commune'")
    again = place.crawl()
    assert again.returncode == 3
    assert again.stdout == ""
    assert (
        f"commune: moved since {began[:10]} (the home page is that of Xã Đông Sơn" in again.stderr
    )
    assert "well" not in again.stderr


def test_an_interrupted_crawl_does_not_go_on_in_a_house_that_is_anothers(place: Place) -> None:
    portal = place.portal("dong-son")
    assert place.verdicts("--max-pages", "3")["dong-son"]["verdict"] == "interrupted"
    before = place.articles("dong-son")
    taken_over(portal)
    assert place.verdicts()["dong-son"]["verdict"] == "moved"
    assert place.articles("dong-son") == before
    table = place.crawl("--report")
    assert table.returncode == 3
    assert table.stdout.splitlines()[1].startswith("dong-son  moved")
    assert table.stderr == ""
