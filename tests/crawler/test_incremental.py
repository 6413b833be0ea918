"""A daily run costs a handful of requests and misses nothing: real command, real server.

A story of many portals: all are crawled by the same runs, each tells one thing. Between the runs time
passes, which is to say that everything in the archive moves into the past.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from running import huyen, one, rows
from small_portal import ARTICLES, HTML, SmallPortal, article_path, sites_toml, title, write_sites

from archive.timestamps import parse_utc, utc_text
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer, Seen

_MOMENTS = {
    "capture": ("fetched_at",),
    "article": ("first_seen", "last_seen", "gone_since", "missing_since"),
    "article_url": ("first_seen", "last_seen"),
    "absence": ("since", "confirmed_at", "until"),
    "address": ("discovered_at", "checked_at", "changed_at", "due_at"),
    "walk": ("started_at", "ended_at", "last_full_at", "missing_asked_at"),
    "run": ("started_at", "ended_at"),
    "site_run": ("started_at", "ended_at"),
}


def let_pass(archive: Path, days: float) -> None:
    """As if everything in the archive had happened so many days earlier."""

    def earlier(moment: str | None) -> str | None:
        return None if moment is None else utc_text(parse_utc(moment) - dt.timedelta(days=days))

    with closing(sqlite3.connect(archive / "archive.db")) as database, database:
        database.create_function("earlier", 1, earlier)
        for table, columns in _MOMENTS.items():
            moved = ", ".join(f"{column} = earlier({column})" for column in columns)
            database.execute(f"UPDATE {table} SET {moved}")


def listing(portal: SmallPortal, page: int, *numbers: int) -> None:
    """Puts these articles on a page of the section; the pager stays."""
    items = "".join(
        f'<li><a href="{article_path(n)}">{title(n)}</a> <span>({n:02d}/03/2023)</span></li>'
        for n in numbers
    )
    following = f'<a href="/tin-tuc/?page={page + 1}">Trang sau</a>' if page < 3 else ""
    address = "/tin-tuc/" if page == 1 else f"/tin-tuc/?page={page}"
    portal.answers[address] = portal.page(f"<h2>Tin tức</h2><ul>{items}</ul>{following}")


class Soft(SmallPortal):
    """Answers 200 for what it does not have."""

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        stub = Response(
            200, HTML, "<h1>Nội dung đang cập nhật</h1><p>Liên hệ tòa soạn.</p>".encode()
        )
        return self.answers.get(path, stub)


class Validating(SmallPortal):
    """Sends validators and honours them."""

    since = format_datetime(dt.datetime(2024, 5, 1, tzinfo=dt.UTC), usegmt=True)

    def __init__(self, *, tags: bool) -> None:
        super().__init__()
        self.tags = tags

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        answer = super().respond(path, headers)
        if answer.status != 200 or path == "/robots.txt":
            return answer
        assert isinstance(answer.body, bytes)
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:12]}"'
        sent = {"ETag": tag} if self.tags else {"Last-Modified": self.since}
        asked = headers.get("if-none-match" if self.tags else "if-modified-since")
        if asked == (tag if self.tags else self.since):
            return Response(304, sent, b"")
        return Response(200, {**answer.headers, **sent}, answer.body)


class Run(NamedTuple):
    """One run of the story: its name and how many days after the one before."""

    name: str
    days: float
    arguments: tuple[str, ...] = ()


RUNS = (
    Run("first", 0),
    Run("again", 0),
    Run("next day", 1),
    Run("two months on", 65),
    Run("a year on", 335),
    Run("the day after", 1),
    Run("a week later", 8),
    Run("everything", 0, ("--full",)),
)


@dataclass
class Story:
    """What happened, by portal and run."""

    archive: Path
    portals: dict[str, SmallPortal]
    asked: dict[tuple[str, str], list[Seen]] = field(default_factory=dict)
    articles: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def paths(self, slug: str, run: str) -> list[str]:
        return [seen.path for seen in self.asked[slug, run] if seen.path != "/robots.txt"]

    def status(self, slug: str, run: str, number: int) -> str | None:
        return self.articles[slug, run].get(title(number))

    def note(self, run: str, requests: list[Seen]) -> None:
        for slug in self.portals:
            here = [seen for seen in requests if seen.host == f"{slug}.example"]
            self.asked[slug, run] = here
            found = rows(self.archive, "SELECT title, status FROM articles WHERE site = ?", slug)
            self.articles[slug, run] = {row["title"]: row["status"] for row in found}

    def changes_before(self, run: str) -> None:
        """What the portals do, each in a way of its own."""
        portals = self.portals
        match run:
            case "first":
                listing(portals["first-page"], 1, 2, 3, 4)
                del portals["first-page"].answers["/cu.html"]
                listing(portals["second-page"], 2, 5, 6, 8)
                listing(portals["third-page"], 3, 9, 10, 11)
            case "again":
                listing(portals["first-page"], 1, 1, 2, 3, 4)
                listing(portals["second-page"], 2, 5, 6, 7, 8)
                listing(portals["third-page"], 3, 9, 10, 11, 12)
                portals["edited"].set_article(3, edited=True)
                del portals["deleted"].answers[article_path(5)]
                del portals["soft"].answers[article_path(5)]
                del portals["returning"].answers[article_path(5)]
                portals["moved"].answers[MOVED_TO] = portals["moved"].answers[article_path(2)]
                portals["moved"].answers[article_path(2)] = Response(301, {"Location": MOVED_TO})
                portals["soft"].answers["/"] = SmallPortal.page(
                    '<a href="/tin-tuc/">Tin</a><a href="/bai-la.html">Bài lạ trên trang chủ</a>'
                )
            case "a year on":
                portals["tags"].set_article(6, edited=True)
                with closing(sqlite3.connect(self.archive / "archive.db")) as database, database:
                    database.execute(
                        "UPDATE address SET reader = 'generic 0' WHERE site = 'tags' AND url LIKE ?",
                        (f"%{article_path(7)}",),
                    )
            case "a week later":
                listing(portals["unlinked"], 1, 2, 3, 4)
                del portals["unlinked"].answers["/cu.html"]
            case "everything":
                portals["returning"].set_article(5)


# What failed is tried again.
ONLY_LOOKED_AT = ["/", "/tin-tuc/", "/hong.html", "/tin-tuc/?page=2"]
MOVED_TO = "/thong-tin/da-doi-cho-2.html"
FROZEN = 'life = { state = "frozen", since = 2025-07-01, reason = "giải thể" }\n'


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    plain = (
        *("unchanged", "first-page", "second-page", "third-page", "edited", "deleted"),
        *("returning", "moved", "unlinked", "frozen"),
    )
    portals: dict[str, SmallPortal] = {slug: SmallPortal() for slug in plain}
    portals |= {"soft": Soft(), "tags": Validating(tags=True), "dates": Validating(tags=False)}
    told = Story(folder / "archive", portals)
    sites = folder / "sites.toml"
    tables = [sites_toml(slug) + (FROZEN if slug == "frozen" else "") for slug in portals]
    sites.write_text("\n".join(tables), encoding="utf-8")
    with PortalServer({f"{slug}.example": portal for slug, portal in portals.items()}) as server:
        for run in RUNS:
            told.changes_before(run.name)
            if run.name != "first":
                let_pass(told.archive, run.days)
            before = len(server.requests)
            done = huyen(
                *("crawl", *run.arguments, *portals),
                archive=told.archive,
                sites=sites,
                proxy=server.proxy_url,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            told.note(run.name, server.requests[before:])
    return told


def test_an_unchanged_portal_costs_a_handful_of_requests(story: Story) -> None:
    assert len(story.paths("unchanged", "first")) > 2 * ARTICLES
    for run in ("again", "next day"):
        asked = story.paths("unchanged", run)
        assert asked[0] == "/"
        assert len(asked) <= 5
        assert not [path for path in asked if "xa-so" in path or path.endswith(".png")]
    assert len(story.articles["unchanged", "again"]) == ARTICLES


def test_a_full_walk_asks_for_everything_again(story: Story) -> None:
    first = set(story.paths("unchanged", "first"))
    assert first <= set(story.paths("unchanged", "everything"))


def test_a_new_article_on_the_first_page_of_a_section(story: Story) -> None:
    assert story.status("first-page", "first", 1) is None
    assert story.status("first-page", "again", 1) == "current"
    asked = story.paths("first-page", "again")
    assert article_path(1) in asked
    assert len(asked) <= 7
    assert story.paths("first-page", "next day") == ONLY_LOOKED_AT


def test_a_back_dated_article_on_the_second_page(story: Story) -> None:
    assert story.status("second-page", "first", 7) is None
    assert story.status("second-page", "again", 7) == "current"
    # It brought something: so the stretch begins anew.
    assert "/tin-tuc/?page=3" in story.paths("second-page", "again")


def test_known_ground_further_down_is_looked_at_every_two_months(story: Story) -> None:
    for run in ("again", "next day"):
        assert "/tin-tuc/?page=3" not in story.paths("third-page", run)
        assert story.status("third-page", run, 12) is None
    assert story.status("third-page", "two months on", 12) == "current"


def test_an_edited_article_is_seen_when_it_is_due(story: Story) -> None:
    for run in ("again", "next day", "two months on"):
        assert article_path(3) not in story.paths("edited", run)
    assert article_path(3) in story.paths("edited", "a year on")
    versions = rows(
        story.archive, "SELECT title, cause FROM versions WHERE number > 1 AND site = 'edited'"
    )
    assert [tuple(row) for row in versions] == [(title(3), "edit")]
    # It is looked at again within a week; the others were all looked at on that day.
    again = story.paths("edited", "a week later")
    assert [path for path in again if "xa-so" in path] == [article_path(3)]


@pytest.mark.parametrize("slug", ["deleted", "soft"])
def test_a_deleted_article_is_confirmed_before_it_is_gone(story: Story, slug: str) -> None:
    assert article_path(5) in story.paths(slug, "a year on")
    assert story.status(slug, "a year on", 5) == "current"
    assert article_path(5) in story.paths(slug, "the day after")
    assert story.status(slug, "the day after", 5) == "gone"
    state = "SELECT state FROM addresses WHERE site = ? AND url LIKE ?"
    assert article_path(5) not in story.paths(slug, "a week later")
    assert one(story.archive, state, slug, f"%{article_path(5)}") == "gone"


def test_an_article_that_comes_back_is_current_again(story: Story) -> None:
    assert story.status("returning", "a week later", 5) == "gone"
    assert story.status("returning", "everything", 5) == "current"


def test_an_article_that_moved_keeps_its_identity(story: Story) -> None:
    assert story.paths("moved", "a year on").count(MOVED_TO) == 1
    assert len(story.articles["moved", "a year on"]) == ARTICLES
    aliases = rows(
        story.archive,
        "SELECT u.url FROM article_url u JOIN articles a ON a.id = u.article_id "
        "WHERE a.site = 'moved' AND a.title = ?",
        title(2),
    )
    assert f"http://moved.example{MOVED_TO}" in {row["url"] for row in aliases}
    assert not {MOVED_TO, article_path(2)} & set(story.paths("moved", "a week later"))


def test_a_full_walk_asks_for_articles_that_nobody_links_to_any_more(story: Story) -> None:
    assert article_path(1) in story.paths("unlinked", "everything")
    assert story.status("unlinked", "everything", 1) == "current"


@pytest.mark.parametrize(
    ("slug", "name"), [("tags", "if-none-match"), ("dates", "if-modified-since")]
)
def test_conditional_requests_spare_the_body_and_prove_the_article(
    story: Story, slug: str, name: str
) -> None:
    asked = story.asked[slug, "a year on"]
    conditional = {request.path for request in asked if name in request.headers}
    others = set(range(1, 13)) - {7}
    assert {article_path(n) for n in others} <= conditional
    assert "/anh/3.png" in conditional
    assert "/" not in conditional  # its links are needed
    unmodified = rows(
        story.archive, "SELECT record_type FROM captures WHERE status = 304 AND site = ?", slug
    )
    assert len(unmodified) > 2 * ARTICLES
    assert {row["record_type"] for row in unmodified} == {"revisit"}
    last_seen = "SELECT min(last_seen) FROM articles WHERE site = ?"
    assert one(story.archive, last_seen, slug) > utc_text(
        dt.datetime.now(dt.UTC) - dt.timedelta(20)
    )
    changed = rows(story.archive, "SELECT title FROM versions WHERE site = ? AND number > 1", slug)
    assert [row["title"] for row in changed] == ([title(6)] if slug == "tags" else [])


def test_a_page_that_an_older_extractor_read_is_asked_for_whole(story: Story) -> None:
    asked = {seen.path: seen.headers for seen in story.asked["tags", "a year on"]}
    assert "if-none-match" not in asked[article_path(7)]
    assert "if-none-match" in asked[article_path(8)]


def test_a_frozen_portal_is_looked_at_by_its_home_page_and_a_sample(story: Story) -> None:
    assert story.paths("frozen", "next day") == ONLY_LOOKED_AT
    assert "/" in story.paths("frozen", "a year on")
    assert 5 < len(story.paths("frozen", "a year on")) <= 15


def test_a_page_that_cannot_exist_is_asked_for_once_a_week(story: Story) -> None:
    def asked(run: str) -> bool:
        return any("khong-ton-tai" in path for path in story.paths("soft", run))

    assert [asked(run.name) for run in RUNS[:4]] == [True, False, False, True]


def test_a_soft_404_is_recognised_by_what_was_learned_before(story: Story) -> None:
    assert "/bai-la.html" in story.paths("soft", "again")
    assert len(story.articles["soft", "again"]) == ARTICLES
    kind = "SELECT kind FROM addresses WHERE url LIKE '%/bai-la.html'"
    assert one(story.archive, kind) == "missing"


# -- listings that end too early ------------------------------------------------------------------


def test_listings_that_end_early_are_told(tmp_path: Path) -> None:
    failing, announcing, endless = SmallPortal(), SmallPortal(), SmallPortal()
    failing.answers["/tin-tuc/?page=2"] = Response(500, HTML, b"<h1>Loi</h1>")
    for portal, path, more in (
        (announcing, "/tin-tuc/", "<p>Trang <b>1</b>/12</p>"),
        # One page too far, as many pagers lead: no alarm.
        (endless, "/tin-tuc/?page=3", '<a href="/tin-tuc/?page=4">Trang sau</a><p>Trang 3/3</p>'),
    ):
        answer = portal.answers[path].body
        assert isinstance(answer, bytes)
        body = answer.replace(b"</body>", f"{more}</body>".encode())
        portal.answers[path] = Response(200, HTML, body)
    portals = {"hong.example": failing, "thieu.example": announcing, "du.example": endless}
    sites = write_sites(tmp_path, "hong", "thieu", "du")
    with PortalServer(portals) as server:
        done = huyen("crawl", archive=tmp_path / "a", sites=sites, proxy=server.proxy_url)
        assert "/tin-tuc/?page=4" in {seen.path for seen in server.requests}
    assert done.returncode == 3
    told = {row["site"]: row for row in rows(tmp_path / "a", "SELECT * FROM site_runs")}
    assert told["hong"]["verdict"] == told["thieu"]["verdict"] == "partial"
    assert "page 2 of a listing" in told["hong"]["reason"]
    assert "3 of 12 pages" in told["thieu"]["reason"]
    assert told["du"]["verdict"] == "ok"
