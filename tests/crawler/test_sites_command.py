"""`huyen sites add` and `huyen sites check`, as a developer and an operator type them."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from running import REPOSITORY, command, environment, huyen, one, rows
from small_portal import HTML, SmallPortal, article_path, title, write_sites

from archive.digests import digest_of
from archive.lock import ArchiveLock
from archive.timestamps import utc_now
from crawler.replica import SITES_FILE, PortalServer, Response, build_portals, truth
from crawler.sites import DEFAULT_DELAY, load_sites
from crawler.survey.fixtures import load_fixture, problems

PORTALS = build_portals()
REPLICAS = load_sites(SITES_FILE)
BEFORE = '# Kept by hand.\n\n[vinh-loc]  # a comment\nname = "Huyện Vĩnh Lộc"\nprovince = "Thanh Hóa"\nhome = "http://vinhloc.example/"\n'
SAID = ("--name", "Huyện Đông Sơn", "--province", "Thanh Hóa")


@dataclass
class Desk:
    """A developer's folder: a sites file with one table, a folder for fixtures, an archive."""

    folder: Path
    server: PortalServer

    def __post_init__(self) -> None:
        self.fixtures.mkdir(parents=True)
        self.sites.write_text(BEFORE, encoding="utf-8")

    @property
    def sites(self) -> Path:
        return self.folder / "sites.toml"

    @property
    def fixtures(self) -> Path:
        return self.folder / "tests" / "fixtures"

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    def huyen(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return huyen(
            *arguments, archive=self.archive, sites=self.sites, proxy=self.server.proxy_url
        )

    def assert_untouched(self) -> None:
        assert self.sites.read_text(encoding="utf-8") == BEFORE
        assert list(self.fixtures.iterdir()) == []
        assert {path.name for path in self.folder.iterdir()} <= {"sites.toml", "tests", "archive"}
        if (self.archive / "archive.db").exists():
            assert one(self.archive, "SELECT count(*) FROM capture") == 0


# -- add: the replica portals from scratch ----------------------------------------------------


@dataclass(frozen=True)
class Added:
    desk: Desk
    documents: Mapping[str, dict[str, Any]]


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Added]:
    with PortalServer(build_portals()) as server:
        desk = Desk(tmp_path_factory.mktemp("desk"), server)
        documents = {}
        for host, portal in PORTALS.items():
            done = desk.huyen("sites", "add", f"http://{host}/", "--json")
            assert done.returncode == 0, done.stderr
            documents[portal.slug] = json.loads(done.stdout)
        yield Added(desk, documents)


def test_the_tables_are_those_that_a_person_would_write(added: Added) -> None:
    sites = load_sites(added.desk.sites)
    assert list(sites) == ["vinh-loc", *(portal.slug for portal in PORTALS.values())]
    for slug in added.documents:
        site, right = sites[slug], REPLICAS[slug]
        assert site.name == right.name.removesuffix(" (bản mô phỏng)")
        assert (site.province, site.home) == (right.province, right.home)
        assert site.platform == right.platform
        assert len(site.sections) >= 3
        assert set(site.sections) <= set(right.sections)
        assert site.pace.delay == DEFAULT_DELAY


def test_the_rest_of_the_file_stays_byte_for_byte(added: Added) -> None:
    text = added.desk.sites.read_text(encoding="utf-8")
    assert text.startswith(BEFORE)
    assert text.count("[vinh-loc]") == 1
    assert text.endswith("]\n")


def test_the_site_can_be_used_at_once(added: Added) -> None:
    listed = json.loads(added.desk.huyen("sites", "--json").stdout)
    assert [site["site"] for site in listed][1:] == list(added.documents)
    found = added.desk.huyen("search", "site:tho-xuan", "--json")
    assert found.returncode == 0


def test_everything_that_was_fetched_is_in_the_archive_and_little_was(added: Added) -> None:
    archive = added.desk.archive
    for host, portal in PORTALS.items():
        seen = [
            f"http://{request.host}{request.path}"
            for request in added.desk.server.requests
            if request.host == host
        ]
        captured = rows(archive, "SELECT url FROM captures WHERE site = ? ORDER BY id", portal.slug)
        assert [row["url"] for row in captured] == seen
        assert len(seen) <= 18
        assert seen[0].endswith("/robots.txt")
        assert added.documents[portal.slug]["requests"] == len(seen)
    assert one(archive, "SELECT count(*) FROM runs WHERE command = 'sites add'") == len(PORTALS)
    assert one(archive, "SELECT count(*) FROM site_runs") == 0  # it was no crawl
    verified = added.desk.huyen("verify")
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize("host", PORTALS)
def test_the_fixture_holds_the_bytes_of_the_archive(added: Added, host: str) -> None:
    slug = PORTALS[host].slug
    fixture = load_fixture(added.desk.fixtures / slug)
    assert [page.name for page in fixture.pages] == [
        "listing",
        "article-1",
        "article-2",
        "article-3",
    ]
    for stored in fixture.pages:
        capture = rows(
            added.desk.archive,
            "SELECT payload_digest, status, fetched_at FROM captures WHERE site = ? AND url = ?",
            slug,
            stored.url,
        )
        assert [tuple(row) for row in capture] == [(stored.payload_digest, 200, stored.fetched_at)]
        body = (fixture.folder / stored.file).read_bytes()
        assert digest_of(body) == stored.digest
        assert b"<html" in body.lower()  # content decoding undone


@pytest.mark.parametrize("host", PORTALS)
def test_the_expectations_are_what_was_published(added: Added, host: str) -> None:
    portal = PORTALS[host]
    published = {
        url: article for article in truth(portal) for url in (article.url, *article.aliases)
    }
    expected = load_fixture(added.desk.fixtures / portal.slug).expected
    for name in ("article-1", "article-2", "article-3"):
        said, article = expected[name], published[expected[name]["url"]]
        assert said["title"] == article.title
        assert said["published_at"] == article.published_at
        assert said["author"] == article.author
        assert [image["url"] for image in said["images"]] == [i.url for i in article.images]
    entries = expected["listing"]["entries"]
    assert len(entries) >= 8
    for entry in entries:
        assert entry["title"] == published[entry["url"]].title
        assert entry["date"] == published[entry["url"]].published_at[:10]


def test_what_is_not_certain_is_said(added: Added) -> None:
    for document in added.documents.values():
        doubts = {doubt["key"]: doubt["says"] for doubt in document["not_sure_of"]}
        # The replicas have been silent for years: no rhythm to expect, and a hint why.
        assert document["rhythm"] is None
        assert "nothing since" in doubts["rhythm"]
        assert "`life`" in doubts["rhythm"]
        assert {"name", "province", "platform", "sections"}.isdisjoint(doubts)
    assert "# Not sure of rhythm:" in added.desk.sites.read_text(encoding="utf-8")


def test_a_second_time_is_refused_before_anything_is_fetched(added: Added) -> None:
    before = added.desk.sites.read_bytes()
    asked = len(added.desk.server.requests)
    done = added.desk.huyen("sites", "add", "http://thoxuan.thanhhoa.example/web/..")
    assert done.returncode == 2
    assert "[tho-xuan] has this address already" in done.stderr
    same_name = added.desk.huyen("sites", "add", "http://thoxuan.nghean.example/")
    assert same_name.returncode == 2
    assert "[tho-xuan] is there already" in same_name.stderr
    assert "--slug" in same_name.stderr
    assert len(added.desk.server.requests) == asked
    assert added.desk.sites.read_bytes() == before


def test_the_generated_expectations_fail_until_a_person_has_reviewed_them(
    added: Added, tmp_path: Path
) -> None:
    tests = tmp_path / "tests" / "crawler"
    tests.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("test_fixtures.py"), tests)
    shutil.copytree(added.desk.fixtures / "vi-thuy", tmp_path / "tests" / "fixtures" / "vi-thuy")
    expected = tmp_path / "tests" / "fixtures" / "vi-thuy" / "expected.json"

    def run() -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
        return subprocess.run(
            line, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )

    done = run()
    assert done.returncode == 1, done.stdout
    assert "review, then commit" in done.stdout
    assert "1 failed" in done.stdout

    document = json.loads(expected.read_text(encoding="utf-8"))
    document["reviewed"] = True
    document["article-1"]["title"] = ""
    document["article-2"]["published_at"] = "2001-01-01"
    expected.write_text(json.dumps(document), encoding="utf-8")
    done = run()
    assert "review, then commit" not in done.stdout
    assert "article-1 @ title is empty" in done.stdout
    assert "[vi-thuy/article-2 @ published_at]" in done.stdout


# -- add: a layout that nobody has seen, and what a person says ---------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[Desk, SmallPortal]]:
    portal = SmallPortal()
    with PortalServer({"dong-son.example": portal}) as server:
        yield Desk(tmp_path, server), portal
        portal.gate.set()


def test_an_unknown_layout_is_read_by_what_it_prints(small: tuple[Desk, SmallPortal]) -> None:
    desk, portal = small
    portal.answers["/robots.txt"] = Response(
        200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /noi-bo/\n"
    )
    done = desk.huyen("sites", "add", "dong-son.example")
    assert done.returncode == 2
    assert "http://" in done.stderr
    done = desk.huyen("sites", "add", "http://dong-son.example", *SAID, "--slug", "dong-son-cu")
    assert done.returncode == 0, done.stderr
    site = load_sites(desk.sites)["dong-son-cu"]
    assert (site.name, site.province) == ("Huyện Đông Sơn", "Thanh Hóa")
    assert site.home == "http://dong-son.example/"
    assert site.sections == ("http://dong-son.example/tin-tuc/",)
    fixture = load_fixture(desk.fixtures / "dong-son-cu")
    titles = [said["title"] for name, said in fixture.expected.items() if name != "listing"]
    assert titles == [title(1), title(2), title(3)]
    assert "dong-son-cu: Huyện Đông Sơn, Thanh Hóa" in done.stdout
    assert "review expected.json, then commit" in done.stdout
    assert "not sure of rhythm: " in done.stderr
    assert [problem for problem in problems(fixture) if "review" not in problem] == []
    assert not [r.path for r in desk.server.requests if r.path.startswith("/noi-bo/")]


def test_the_pace_that_robots_txt_asks_for_is_kept_and_written_down(
    small: tuple[Desk, SmallPortal],
) -> None:
    desk, portal = small
    times: list[float] = []
    answer = portal.respond

    def respond(path: str, headers: Mapping[str, str]) -> Response:
        times.append(time.monotonic())
        return answer(path, headers)

    portal.respond = respond  # type: ignore[method-assign]
    portal.answers["/robots.txt"] = Response(
        200, {"Content-Type": "text/plain"}, b"User-agent: *\nCrawl-delay: 1.2\n"
    )
    only = f'<p><a href="{article_path(1)}">{title(1)}</a> <span>(01/03/2023)</span></p>'
    portal.answers["/"] = SmallPortal.page(only)
    done = desk.huyen("sites", "add", "http://dong-son.example/", *SAID, "--json")
    assert done.returncode == 0, done.stderr
    assert load_sites(desk.sites)["dong-son"].pace.delay == 1.2
    assert len(times) == 4  # robots.txt, home, the page that cannot exist, the article
    # The clock here starts when the request has arrived: allow for the way.
    assert min(b - a for a, b in pairwise(times[1:])) > 1.1


# -- add: refused ---------------------------------------------------------------------------


def _elsewhere(portal: SmallPortal, server: PortalServer) -> None:
    portal.answers["/"] = Response(302, {"Location": "http://xa-moi.example/"}, b"")
    server.portals["xa-moi.example"] = SmallPortal()


def _forbidden(portal: SmallPortal, server: PortalServer) -> None:
    portal.answers["/robots.txt"] = Response(
        200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n"
    )


def _closed_robots(portal: SmallPortal, server: PortalServer) -> None:
    portal.answers["/robots.txt"] = Response(503, HTML, b"")


def _inward(portal: SmallPortal, server: PortalServer) -> None:
    portal.answers["/"] = Response(302, {"Location": "http://169.254.169.254/"}, b"")


def _barren(portal: SmallPortal, server: PortalServer) -> None:
    portal.answers["/"] = SmallPortal.page("<p>Bảo trì hệ thống.</p>")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_elsewhere, "redirects to http://xa-moi.example/, another host"),
        (_forbidden, "robots.txt forbids it"),
        (_closed_robots, "robots.txt of dong-son.example cannot be had: status 503"),
        (_inward, "169.254.169.254 is no public address"),
        (_barren, "no article could be read"),
    ],
)
def test_an_address_that_is_no_portal_leaves_nothing_behind(
    small: tuple[Desk, SmallPortal],
    change: Callable[[SmallPortal, PortalServer], None],
    said: str,
) -> None:
    desk, portal = small
    change(portal, desk.server)
    done = desk.huyen("sites", "add", "http://dong-son.example/", *SAID)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == ""
    desk.assert_untouched()
    assert one(desk.archive, "SELECT outcome FROM runs") == "failed"


def test_a_host_that_does_not_answer(tmp_path: Path) -> None:
    with PortalServer({}) as closed:
        desk = Desk(tmp_path, closed)
    done = desk.huyen("sites", "add", "http://dong-son.example/", *SAID)
    assert done.returncode == 1
    assert "dong-son.example" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    desk.assert_untouched()


def test_a_name_that_cannot_be_told_is_asked_for(small: tuple[Desk, SmallPortal]) -> None:
    desk, _ = small
    done = desk.huyen("sites", "add", "http://dong-son.example/")
    assert done.returncode == 1
    assert "--name" in done.stderr
    assert [request.path for request in desk.server.requests] == ["/robots.txt", "/"]
    desk.assert_untouched()


def test_a_broken_sites_file_stays_as_it_is(small: tuple[Desk, SmallPortal]) -> None:
    desk, _ = small
    text = '[dong-son]\nname = "Huyện\n'
    desk.sites.write_text(text, encoding="utf-8")
    done = desk.huyen("sites", "add", "http://dong-son.example/", *SAID)
    assert done.returncode == 2
    assert str(desk.sites) in done.stderr
    assert desk.sites.read_text(encoding="utf-8") == text
    assert not desk.server.requests
    assert not desk.archive.exists()


def test_a_sites_file_that_cannot_take_a_table_is_refused_before_fetching(
    small: tuple[Desk, SmallPortal],
) -> None:
    desk, _ = small
    for sites in (desk.folder / "none.toml", Path("/dev/null")):
        done = huyen(
            *("sites", "add", "http://dong-son.example/", *SAID),
            archive=desk.archive,
            sites=sites,
            proxy=desk.server.proxy_url,
        )
        assert done.returncode == 2, done
        assert str(sites) in done.stderr
    if os.geteuid() != 0:  # the superuser may write anywhere
        desk.sites.chmod(0o400)
        assert "may not be written" in desk.huyen("sites", "add", "http://dong-son.example/").stderr
    assert not desk.server.requests
    assert not desk.archive.exists()


def test_a_sites_file_that_breaks_meanwhile_stays_as_it_is(small: tuple[Desk, SmallPortal]) -> None:
    """A person edits the file while the portal is being looked at."""
    desk, portal = small
    broken = BEFORE + "[half\n"
    answer = portal.respond

    def respond(path: str, headers: Mapping[str, str]) -> Response:
        desk.sites.write_text(broken, encoding="utf-8")
        return answer(path, headers)

    portal.respond = respond  # type: ignore[method-assign]
    done = desk.huyen("sites", "add", "http://dong-son.example/", *SAID)
    assert done.returncode == 2
    assert f"{desk.sites}: not valid TOML" in done.stderr
    assert desk.sites.read_text(encoding="utf-8") == broken
    assert list(desk.fixtures.iterdir()) == []
    assert {path.name for path in desk.folder.iterdir()} == {"sites.toml", "tests", "archive"}


def test_an_empty_sites_file_and_no_place_for_a_fixture_will_do(
    small: tuple[Desk, SmallPortal],
) -> None:
    desk, _ = small
    desk.sites.write_text("", encoding="utf-8")
    shutil.rmtree(desk.fixtures)
    done = huyen(
        *("sites", "add", "http://dong-son.example/", *SAID),
        cwd=desk.folder,
        env={"HUYEN_SITES": "sites.toml", "HUYEN_ARCHIVE": "archive"},
        proxy=desk.server.proxy_url,
    )
    assert done.returncode == 0, done.stderr
    assert list(load_sites(desk.sites)) == ["dong-son"]
    assert "name a folder for it with --fixtures" in done.stdout


def test_the_public_web_is_not_asked_without_a_contact(small: tuple[Desk, SmallPortal]) -> None:
    desk, _ = small
    for arguments in (("sites", "add", "https://dongson.thanhhoa.gov.vn/"), ("sites", "check")):
        desk.sites.write_text(BEFORE.replace(".example", ".gov.vn"), encoding="utf-8")
        done = huyen(*arguments, archive=desk.archive, sites=desk.sites)
        assert done.returncode == 2
        assert "HUYEN_CONTACT" in done.stderr
    assert not desk.archive.exists()


def test_another_run_on_the_archive_is_waited_for_by_nobody(
    small: tuple[Desk, SmallPortal],
) -> None:
    desk, _ = small
    desk.archive.mkdir()
    lock = ArchiveLock(desk.archive, "huyen crawl", utc_now())
    try:
        done = desk.huyen("sites", "add", "http://dong-son.example/", *SAID)
    finally:
        lock.release()
    assert done.returncode == 75
    assert not desk.server.requests
    assert desk.sites.read_text(encoding="utf-8") == BEFORE


def test_a_stopped_addition_writes_nothing(small: tuple[Desk, SmallPortal]) -> None:
    desk, portal = small
    portal.gate.clear()
    process = subprocess.Popen(
        command(
            *("sites", "add", "http://dong-son.example/", *SAID),
            archive=desk.archive,
            sites=desk.sites,
        ),
        env=environment(http_proxy=desk.server.proxy_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert portal.waiting.wait(timeout=60)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    portal.gate.set()
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert printed == ""
    assert "stopped; nothing was written" in errors
    desk.assert_untouched()
    assert one(desk.archive, "SELECT outcome FROM runs") == "interrupted"


# -- check ----------------------------------------------------------------------------------


@dataclass
class Watched:
    """A portal that was crawled when it was well."""

    portal: SmallPortal
    server: PortalServer
    archive: Path
    sites: Path

    def huyen(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return huyen(
            *arguments, archive=self.archive, sites=self.sites, proxy=self.server.proxy_url
        )

    def check(self, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """Exit status, and the findings of the one site by subject."""
        done = self.huyen("sites", "check", "--json", *arguments)
        assert done.stderr == ""
        (site,) = json.loads(done.stdout)["sites"]
        assert site["healthy"] == (done.returncode == 0)
        return done.returncode, {finding["subject"]: finding for finding in site["findings"]}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crawled")
    sites = write_sites(folder, "dong-son")
    with PortalServer({"dong-son.example": SmallPortal()}) as server:
        done = huyen("crawl", archive=folder / "archive", sites=sites, proxy=server.proxy_url)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def watched(crawled: Path, tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "watched"
    shutil.copytree(crawled, folder)
    portal = SmallPortal()
    with PortalServer({"dong-son.example": portal}) as server:
        yield Watched(portal, server, folder / "archive", folder / "sites.toml")


def rewrite(portal: SmallPortal, change: Callable[[str], str], *numbers: int) -> None:
    """Changes the markup of these articles, of all without numbers."""
    for number in numbers or range(1, 13):
        path = article_path(number)
        body = portal.answers[path].body
        assert isinstance(body, bytes)
        changed = change(body.decode()).encode()
        portal.answers[path] = dataclasses.replace(portal.answers[path], body=changed)


def test_a_portal_that_is_well(watched: Watched) -> None:
    before = rows(watched.archive, "SELECT * FROM version")
    done = watched.huyen("sites", "check")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("dong-son: healthy\n")
    assert "4 entries, the newest of 2023-03-04: http://dong-son.example/tin-tuc/" in done.stdout
    assert "title, published_at, body_text" in done.stdout
    assert "crawl        ok on " in done.stdout
    assert len(watched.server.requests) <= 6
    # It was no crawl: what was fetched is kept, nothing is concluded from it.
    assert one(watched.archive, "SELECT count(*) FROM site_runs") == 1
    run = (
        "SELECT count(*) FROM captures JOIN runs ON runs.id = run_id WHERE command = 'sites check'"
    )
    assert one(watched.archive, run) == len(watched.server.requests)
    assert [tuple(r) for r in rows(watched.archive, "SELECT * FROM version")] == [
        tuple(r) for r in before
    ]
    assert watched.huyen("verify").returncode == 0


def test_a_changed_layout_says_which_field_went_and_when_it_was_last_there(
    watched: Watched,
) -> None:
    seen = one(watched.archive, "SELECT max(last_seen) FROM articles")
    byline = '<p style="text-align:right">Lê Văn Nam, Trung tâm VHTT huyện</p>'
    rewrite(watched.portal, lambda text: text.replace(byline, ""))
    status, findings = watched.check()
    assert status == 3
    assert [subject for subject, finding in findings.items() if finding["ok"] is False] == [
        "author"
    ]
    assert findings["author"]["says"] == (
        "not on any of the 3 articles that were read; 100% of the articles had it when the site was "
        "last well"
    )
    assert findings["author"]["since"] == seen
    done = watched.huyen("sites", "check", "dong-son")
    assert done.returncode == 3
    assert "dong-son: unhealthy\n" in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("!")]
    assert line.startswith("! author ")
    assert f"last well {seen[:10]}" in line


def test_one_odd_article_is_no_alarm(watched: Watched) -> None:
    rewrite(watched.portal, lambda text: text.replace("Lê Văn Nam, Trung tâm VHTT huyện", ""), 1)
    status, findings = watched.check()
    assert status == 0, findings
    assert "author" in findings["fields"]["says"]


def test_articles_that_cannot_be_read_any_more(watched: Watched) -> None:
    rewrite(watched.portal, lambda text: "<html><body><div id='app'></div></body></html>")
    status, findings = watched.check()
    assert status == 3
    assert findings["listing"]["ok"]
    assert findings["article"]["ok"] is False
    assert article_path(1) in findings["article"]["says"]
    assert findings["article"]["since"]


def test_a_listing_that_is_empty(watched: Watched) -> None:
    watched.portal.answers["/tin-tuc/"] = SmallPortal.page("<h2>Tin tức</h2><p>Đang cập nhật.</p>")
    status, findings = watched.check()
    assert status == 3
    assert "/tin-tuc/" in findings["listing"]["says"]
    assert findings["listing"]["since"]


def test_dates_in_the_future_are_not_plausible(watched: Watched) -> None:
    rewrite(watched.portal, lambda text: text.replace("/03/2023", "/03/2027"))
    status, findings = watched.check()
    assert status == 3
    assert "lies in the future" in findings["published_at"]["says"]


def test_a_host_that_was_given_to_another_body(watched: Watched) -> None:
    watched.portal.answers["/"] = Response(302, {"Location": "http://xa-moi.example/"}, b"")
    watched.server.portals["xa-moi.example"] = SmallPortal()
    status, findings = watched.check()
    assert status == 3
    assert "redirects to http://xa-moi.example/" in findings["home"]["says"]
    home = "SELECT max(fetched_at) FROM captures WHERE url = ? AND run_id = 1"
    assert findings["home"]["since"] == one(watched.archive, home, "http://dong-son.example/")
    assert "listing" not in findings


def test_a_platform_that_is_not_the_one_in_the_file(watched: Watched) -> None:
    with watched.sites.open("a", encoding="utf-8") as file:
        file.write('platform = "tandan"\n')
    status, findings = watched.check()
    assert status == 3
    assert "sites.toml says tandan" in findings["platform"]["says"]


def test_many_sites_at_once_without_a_history(added: Added, tmp_path: Path) -> None:
    """The replicas against their fixtures, one of them with another layout; into a new archive."""

    class Bare:
        def __init__(self, host: str) -> None:
            self.portal = build_portals()[host]

        def respond(self, path: str, headers: Mapping[str, str]) -> Response:
            answer = self.portal.respond(path, headers)
            if isinstance(answer.body, bytes):
                body = answer.body.replace("Cập nhật vào ngày".encode(), b"Ng")
                return dataclasses.replace(answer, body=body)
            return answer

    portals: dict[str, Any] = dict(build_portals())
    portals["vithuy.haugiang.example"] = Bare("vithuy.haugiang.example")
    text = added.desk.sites.read_text(encoding="utf-8").removeprefix(BEFORE)
    sites = added.desk.folder / "checked.toml"
    sites.write_text(text.replace("\nname =", "\npace = { delay = 0.0 }\nname ="), encoding="utf-8")
    with PortalServer(portals) as server:
        done = huyen(
            *("sites", "check", "--json"),
            archive=tmp_path / "archive",
            sites=sites,
            proxy=server.proxy_url,
        )
    assert done.returncode == 3, done.stderr
    checks = {check["site"]: check for check in json.loads(done.stdout)["sites"]}
    assert {site: check["healthy"] for site, check in checks.items()} == {
        "tho-xuan": True,
        "hoang-hoa": True,
        "vi-thuy": False,
    }
    bad = {f["subject"]: f for f in checks["vi-thuy"]["findings"] if f["ok"] is False}
    assert {"platform", "published_at"} <= set(bad)
    assert bad["platform"]["since"] is None
    notes = {f["subject"]: f["says"] for f in checks["tho-xuan"]["findings"]}
    assert notes["crawl"] == "never"
    assert notes["fixture"] == "0 days old, not reviewed"


def test_the_transcripts_in_the_documentation_are_what_the_command_prints(tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / "adding-a-portal.md").read_text(encoding="utf-8")
    transcripts = re.findall(r"```console\n\$ huyen (.*?)\n(.*?)```", text, re.DOTALL)
    assert [typed.split()[1] for typed, _ in transcripts] == ["add", "check"]
    with PortalServer(build_portals()) as server:
        desk = Desk(tmp_path, server)
        desk.sites.write_text("", encoding="utf-8")
        for typed, printed in transcripts:
            done = huyen(
                *typed.split(),
                cwd=tmp_path,
                env={"HUYEN_SITES": "sites.toml", "HUYEN_ARCHIVE": "archive"},
                proxy=server.proxy_url,
            )
            assert done.returncode == 0, done.stderr
            assert done.stdout + done.stderr == printed
    (table,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    today = re.compile(r"on \d{4}-\d\d-\d\d\.$", re.MULTILINE)
    assert today.sub("", desk.sites.read_text(encoding="utf-8")) == today.sub("", table)


def test_an_unknown_site_is_refused(watched: Watched) -> None:
    done = watched.huyen("sites", "check", "dong-sơn")
    assert done.returncode == 2
    assert "did you mean dong-son" in done.stderr
    assert not watched.server.requests


def test_the_list_still_starts_without_scrapy() -> None:
    code = "import sys, crawler.commands.sites; sys.exit('scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
