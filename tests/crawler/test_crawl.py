"""The crawl: real command, real server, real archive."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import command, environment, huyen, one, rows, scrapy
from small_portal import ARTICLES, HTML, SmallPortal, article_path, title, write_sites

from archive.ingest import ArchiveWriter
from archive.lock import ArchiveLock
from archive.schema import Article, PageKind, Reading
from archive.timestamps import utc_now
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer


@dataclass
class Place:
    """A portal, the archive it is crawled into, and the command between them."""

    portal: SmallPortal
    server: PortalServer
    archive: Path
    sites: Path

    def crawl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return huyen(
            "crawl",
            *arguments,
            archive=self.archive,
            sites=self.sites,
            proxy=self.server.proxy_url,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command("crawl", *arguments, archive=self.archive, sites=self.sites),
            env=environment(http_proxy=self.server.proxy_url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def assert_sound(self) -> None:
        verified = huyen("verify", archive=self.archive)
        assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    portal = SmallPortal()
    sites = write_sites(tmp_path, "dong-son")
    with PortalServer({"dong-son.example": portal}) as server:
        yield Place(portal, server, tmp_path / "archive", sites)
        portal.gate.set()


def test_every_exchange_becomes_a_capture_and_every_article_a_version(place: Place) -> None:
    done = place.crawl("--report")
    assert done.returncode == 0, done.stderr
    assert re.search(rf"^dong-son +ok .* {ARTICLES} new, 0 changed$", done.stdout, re.MULTILINE)
    seen = sorted(f"http://{request.host}{request.path}" for request in place.server.requests)
    captured = sorted(row["url"] for row in rows(place.archive, "SELECT url FROM captures"))
    assert captured == seen
    statuses = dict(rows(place.archive, "SELECT status, count(*) FROM captures GROUP BY status"))
    assert statuses[301] == 1
    assert statuses[500] == 1
    assert statuses[404] >= 2  # the impossible page, and the link that leads nowhere
    stored = rows(place.archive, "SELECT * FROM articles ORDER BY url")
    assert {row["title"] for row in stored} == {title(n) for n in range(1, ARTICLES + 1)}
    for row in stored:
        capture = rows(place.archive, "SELECT * FROM captures WHERE id = ?", row["capture_id"])[0]
        assert capture["status"] == 200
        assert capture["url"] == row["url"]
        assert row["author"] == "Lê Văn Nam, Trung tâm VHTT huyện"
    pictures = "SELECT count(*) FROM captures WHERE media_type = 'image/png'"
    assert one(place.archive, pictures) == ARTICLES
    place.assert_sound()


def test_robots_txt_is_obeyed_also_by_requests_that_wait_for_it_together(place: Place) -> None:
    links = "".join(f'<a href="/noi-bo/{n}.html">{n}</a>' for n in range(20))
    place.portal.answers["/"] = SmallPortal.page(links)
    sections = json.dumps([f"/noi-bo/muc-{n}" for n in range(8)])
    place.sites.write_text(
        place.sites.read_text(encoding="utf-8") + f"sections = {sections}\n", encoding="utf-8"
    )
    place.crawl()
    assert place.server.requests[0].path == "/robots.txt"
    assert not [r.path for r in place.server.requests if r.path.startswith("/noi-bo/")]


@pytest.mark.parametrize("status", [500, 503])
def test_a_robots_txt_that_cannot_be_had_forbids_everything(place: Place, status: int) -> None:
    place.portal.answers["/robots.txt"] = Response(status, HTML, b"")
    done = place.crawl()
    assert done.returncode == 3
    assert "dong-son: unreachable" in done.stderr
    assert f"status {status}" in done.stderr
    assert {request.path for request in place.server.requests} == {"/robots.txt"}


def test_the_user_agent_names_the_archive_and_the_contact(place: Place) -> None:
    huyen(
        "crawl",
        archive=place.archive,
        sites=place.sites,
        proxy=place.server.proxy_url,
        env={"HUYEN_CONTACT": "luu-tru@thu-vien.example"},
    )
    agents = {request.headers.get("user-agent") for request in place.server.requests}
    assert len(agents) == 1
    (agent,) = agents
    assert agent is not None
    assert agent.startswith("huyen/")
    assert "luu-tru@thu-vien.example" in agent


def test_the_public_web_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    done = huyen("crawl", "krong-no", archive=tmp_path / "archive")
    assert done.returncode == 2
    assert "HUYEN_CONTACT" in done.stderr
    assert not (tmp_path / "archive").exists()


def test_an_unchanged_portal_adds_no_version_and_no_second_copy(place: Place) -> None:
    place.crawl()
    before = rows(place.archive, "SELECT * FROM version")
    done = place.crawl("--full", "--report")
    assert re.search(r"^dong-son +quiet .* nothing new$", done.stdout, re.MULTILINE)
    after = rows(place.archive, "SELECT * FROM version")
    assert [tuple(row) for row in after] == [tuple(row) for row in before]
    copies = (
        "SELECT count(*) - count(DISTINCT payload_digest) FROM capture "
        "WHERE record_type = 'response' AND payload_length > 0"
    )
    assert one(place.archive, copies) == 0
    place.assert_sound()


def test_an_edit_is_a_version_and_a_deleted_article_is_missing(place: Place) -> None:
    place.crawl()
    place.portal.set_article(3, edited=True)
    del place.portal.answers[article_path(5)]
    place.crawl("--full")
    changed = rows(place.archive, "SELECT title, cause, number FROM versions WHERE number > 1")
    assert [tuple(row) for row in changed] == [(title(3), "edit", 2)]
    missing = (
        "SELECT v.title, a.status FROM absences b JOIN article a ON a.id = b.article_id "
        "JOIN version v ON v.id = a.version_id WHERE b.until IS NULL"
    )
    # Gone when it is missed again, a day later: test_incremental.py.
    assert [tuple(row) for row in rows(place.archive, missing)] == [(title(5), "current")]


def test_another_extractor_and_an_edit_at_once_are_two_versions(place: Place) -> None:
    place.crawl()
    row = rows(
        place.archive,
        "SELECT r.capture_id, a.url FROM articles a JOIN reading r ON r.article_id = a.id "
        "WHERE a.title = ?",
        title(3),
    )[0]
    poorer = Article(row["url"], title(3), body_text="Một phần.", published_at="2023-03-03")
    with ArchiveWriter.open(place.archive, "reextract") as writer:
        reading = Reading(PageKind.ARTICLE, "of-former-times", "0", poorer)
        writer.record_reading(row["capture_id"], reading)
    place.portal.set_article(3, edited=True)
    place.crawl("--full")
    versions = rows(
        place.archive,
        "SELECT cause, body_text FROM versions WHERE url = ? ORDER BY number",
        row["url"],
    )
    assert [version["cause"] for version in versions] == ["first", "extraction", "edit"]
    added = versions[2]["body_text"].removeprefix(versions[0]["body_text"])
    assert added == "\nTòa soạn đã sửa số liệu của thôn 3."
    place.assert_sound()


def test_reextraction_gives_exactly_what_the_live_crawl_gave(place: Place) -> None:
    place.crawl()
    before = [tuple(row) for row in rows(place.archive, "SELECT * FROM version")]
    kinds = "SELECT capture_id, kind, article_id FROM reading ORDER BY capture_id"
    readings = [tuple(row) for row in rows(place.archive, kinds)]
    done = huyen("reextract", archive=place.archive, sites=place.sites)
    assert done.returncode == 0, done.stderr
    assert [tuple(row) for row in rows(place.archive, "SELECT * FROM version")] == before
    assert [tuple(row) for row in rows(place.archive, kinds)] == readings


def test_a_soft_404_is_learned_and_not_taken_for_an_article(place: Place) -> None:
    stub = place.portal.answers[article_path(1)].body.replace(title(1).encode(), b"Trang khac")

    def respond(path: str, headers: object) -> Response:
        return place.portal.answers.get(path) or Response(200, HTML, stub)

    place.portal.respond = respond  # type: ignore[method-assign]
    place.crawl()
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES
    missing = (
        "SELECT c.url FROM reading r JOIN captures c ON c.id = r.capture_id WHERE kind = 'missing'"
    )
    assert [row["url"] for row in rows(place.archive, missing)] == [
        "http://dong-son.example/mat.html"
    ]
    # The portal's home page has another address by now; what it answered then is still known.
    facts = place.sites.read_text(encoding="utf-8")
    home = re.search(r'home = "(.+?)"', facts)
    assert home is not None
    place.sites.write_text(
        facts.replace(home[0], f'home = "{home[1].rstrip("/")}/trang-chu"'), encoding="utf-8"
    )
    done = huyen("reextract", archive=place.archive, sites=place.sites)
    assert done.returncode == 0, done.stderr
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES


def test_pages_that_share_one_text_are_an_alarm_once(place: Place) -> None:
    menu = "".join(
        f"<p>Mục {n} của cổng thông tin, nơi đăng tải các văn bản chỉ đạo.</p>" for n in range(9)
    )
    items = ""
    for number in range(1, 21):
        path = f"/van-ban/cong-van-so-{number}-cua-huyen-{number}.html"
        page = (
            f"<html><body><h1>Công văn số {number} của huyện {number}</h1>"
            f"<div class='date'>Đăng lúc: {number:02d}/04/2023 (GMT+7)</div>"
            f"<div class='content'>{menu}</div></body></html>"
        )
        place.portal.answers[path] = Response(200, HTML, page.encode())
        items += f'<li><a href="{path}">Công văn số {number} của huyện {number}</a></li>'
    home = place.portal.answers["/"].body
    assert isinstance(home, bytes)
    place.portal.answers["/"] = SmallPortal.page(home.decode() + f"<ul>{items}</ul>")
    done = place.crawl()
    assert done.returncode == 3
    assert "dong-son: changed (20 of 32 articles share one body_text" in done.stderr
    assert place.crawl("--full").returncode == 0  # told once


def test_a_healthy_crawl_says_nothing_to_cron(place: Place) -> None:
    done = place.crawl()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_answers_that_are_cut_off_are_kept_and_told(place: Place) -> None:
    headers = {"Content-Type": "image/png", "Content-Length": "5000"}
    place.portal.answers["/anh/1.png"] = Response(200, headers, b"\x89PNG" * 100)
    done = place.crawl("--report")
    cut = rows(place.archive, "SELECT truncated, payload_length FROM capture WHERE truncated <> ''")
    assert cut
    assert {tuple(row) for row in cut} == {("disconnect", 400)}
    assert f"; {len(cut)} answers cut off" in done.stdout + done.stderr
    place.assert_sound()


def test_json_is_one_document(place: Place) -> None:
    done = place.crawl("--json")
    document = json.loads(done.stdout)
    assert document["sites"][0]["site"] == "dong-son"
    assert document["sites"][0]["new"] == ARTICLES


def test_max_pages_ends_the_walk(place: Place) -> None:
    done = place.crawl("--max-pages", "5", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["sites"][0]["verdict"] == "interrupted"
    assert 1 <= one(place.archive, "SELECT count(*) FROM articles") < ARTICLES


def test_a_portal_without_articles_is_an_alarm(place: Place) -> None:
    place.portal.answers["/"] = SmallPortal.page("<p>Bảo trì hệ thống.</p>")
    done = place.crawl()
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("dong-son: empty (no article on ")


def test_a_portal_that_does_not_answer_is_unreachable_and_the_failure_is_kept(place: Place) -> None:
    with PortalServer({}) as closed:
        port = closed.port
    done = huyen(
        "crawl", archive=place.archive, sites=place.sites, proxy=f"http://127.0.0.1:{port}"
    )
    assert done.returncode == 3
    assert "dong-son: unreachable" in done.stderr
    failed = rows(place.archive, "SELECT * FROM captures WHERE error <> ''")
    assert failed
    assert all(row["warc_file"] is None for row in failed)
    place.assert_sound()


def test_a_home_page_that_redirects_elsewhere_is_not_archived_as_the_portals(place: Place) -> None:
    place.portal.answers["/"] = Response(302, {"Location": "http://xa-moi.example/"}, b"")
    stranger = SmallPortal()
    place.server.portals["xa-moi.example"] = stranger
    done = place.crawl()
    assert done.returncode == 3
    assert "redirects to http://xa-moi.example/" in done.stderr
    assert one(place.archive, "SELECT count(*) FROM articles") == 0


# -- stopped, killed, doubled ---------------------------------------------------------------


@pytest.mark.parametrize(("signum", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_crawl_saves_its_state_and_the_next_completes_it(
    place: Place, signum: signal.Signals, status: int
) -> None:
    place.sites = write_sites(place.sites.parent, "dong-son", delay=0.15)
    process = place.start()
    while not any(request.path.endswith(".html") for request in place.server.requests):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signum)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    assert "stopped; what was fetched is saved" in errors
    assert one(place.archive, "SELECT outcome FROM runs") == "interrupted"
    assert one(place.archive, "SELECT count(*) FROM articles") < ARTICLES
    place.assert_sound()
    place.sites = write_sites(place.sites.parent, "dong-son")
    assert place.crawl().returncode == 0
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES
    place.assert_sound()


def test_a_killed_crawl_is_recovered_by_the_next(place: Place) -> None:
    place.sites = write_sites(place.sites.parent, "dong-son", delay=0.05)
    process = place.start()
    while len(place.server.requests) < 15:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.kill()
    process.communicate()
    place.assert_sound()
    place.sites = write_sites(place.sites.parent, "dong-son")
    assert place.crawl().returncode == 0
    assert one(place.archive, "SELECT outcome FROM runs ORDER BY id LIMIT 1") == "killed"
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES
    place.assert_sound()


def test_a_full_disk_ends_the_run_in_one_line_and_loses_nothing(place: Place) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))

    for number in range(1, ARTICLES + 1):  # what does not fit, whatever is done to it
        noise = random.Random(number).randbytes(150_000)
        place.portal.answers[f"/anh/{number}.png"] = Response(
            200, {"Content-Type": "image/png"}, noise
        )
    done = subprocess.run(
        command("crawl", archive=place.archive, sites=place.sites),
        env=environment(http_proxy=place.server.proxy_url),
        capture_output=True,
        text=True,
        preexec_fn=small_files,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "cannot be written" in done.stderr or "disk" in done.stderr
    place.assert_sound()
    assert place.crawl().returncode == 0
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES
    place.assert_sound()


def test_a_second_run_at_the_same_time_names_the_holder_and_does_nothing(place: Place) -> None:
    place.archive.mkdir()
    lock = ArchiveLock(place.archive, "huyen crawl", utc_now())
    try:
        done = place.crawl()
    finally:
        lock.release()
    assert done.returncode == 75
    assert str(os.getpid()) in done.stderr
    assert done.stderr.count("\n") == 1
    assert not place.server.requests


def test_readers_work_while_a_crawl_writes(place: Place) -> None:
    place.crawl()
    place.sites = write_sites(place.sites.parent, "dong-son", delay=0.1)
    process = place.start("--full")
    while len(place.server.requests) < 40:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    assert huyen("search", "xa so", archive=place.archive).returncode == 0
    place.assert_sound()
    assert process.poll() is None, "the crawl ended before it was read beside"
    process.terminate()
    process.communicate(timeout=60)


# -- pace -----------------------------------------------------------------------------------


def test_no_site_is_asked_faster_than_its_pace_however_many_run(tmp_path: Path) -> None:
    slugs = ("mot", "hai", "ba")
    times: dict[str, list[float]] = {slug: [] for slug in slugs}

    class Timed(SmallPortal):
        def __init__(self, slug: str) -> None:
            super().__init__()
            self.slug = slug

        def respond(self, path: str, headers: object) -> Response:
            times[self.slug].append(time.monotonic())
            return self.answers.get(path) or Response(404, HTML, b"")

    sites = write_sites(tmp_path, *slugs, delay=0.2)
    with PortalServer({f"{slug}.example": Timed(slug) for slug in slugs}) as server:
        done = huyen(
            "crawl", "--max-pages=6", archive=tmp_path / "a", sites=sites, proxy=server.proxy_url
        )
        assert done.returncode == 0, done.stderr
    for slug in slugs:
        assert len(times[slug]) > 6
        # The clock here starts when a request has arrived, so one gap may be shorter by the way's
        # delay of the one before; over five gaps that does not add up.
        for first, sixth in zip(times[slug], times[slug][5:], strict=False):
            assert sixth - first > 0.8, slug


def test_crawl_delay_is_obeyed(place: Place) -> None:
    place.portal.answers["/robots.txt"] = Response(
        200, {"Content-Type": "text/plain"}, b"User-agent: *\nCrawl-delay: 0.3\n"
    )
    began = time.monotonic()
    place.crawl("--max-pages=4")
    asked = len(place.server.requests)
    assert asked > 5
    assert time.monotonic() - began > 0.3 * (asked - 2)


# -- Scrapy's own commands ------------------------------------------------------------------


def test_scrapy_list_names_the_sites_of_the_project() -> None:
    done = scrapy("list")
    assert done.returncode == 0, done.stderr
    assert {"tho-xuan", "hoang-hoa", "vi-thuy", "krong-no"} <= set(done.stdout.split())


def test_scrapy_crawl_writes_into_the_archive_and_feeds_items(place: Place, tmp_path: Path) -> None:
    feed = tmp_path / "items.jsonl"
    done = scrapy(
        *("crawl", "dong-son", "-o", str(feed)),
        proxy=place.server.proxy_url,
        env={"HUYEN_ARCHIVE": str(place.archive), "HUYEN_SITES": str(place.sites)},
    )
    assert done.returncode == 0, done.stderr
    items = [json.loads(line) for line in feed.read_text(encoding="utf-8").splitlines()]
    assert {item["title"] for item in items} == {title(n) for n in range(1, ARTICLES + 1)}
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES
    assert one(place.archive, "SELECT verdict FROM site_runs") == "ok"
    place.assert_sound()


def test_scrapy_crawl_of_an_unknown_site_ends_with_one_clear_line(tmp_path: Path) -> None:
    done = scrapy("crawl", "krongno", env={"HUYEN_ARCHIVE": str(tmp_path / "a")})
    assert done.returncode == 2
    assert "did you mean krong-no" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_scrapy_parse_reads_a_page_and_stores_nothing(place: Place, tmp_path: Path) -> None:
    done = scrapy(
        *("parse", "--spider=dong-son", "--nolinks", "--callback=parse"),
        f"http://dong-son.example{article_path(2)}",
        proxy=place.server.proxy_url,
        env={"HUYEN_ARCHIVE": str(place.archive), "HUYEN_SITES": str(place.sites)},
    )
    assert title(2) in done.stdout
    assert not place.archive.exists()
