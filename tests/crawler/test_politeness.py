"""No portal is asked more than it agreed to, or than it can bear."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import REPOSITORY, huyen, one, rows
from small_portal import ARTICLES, HTML, SmallPortal, article_path

from archive.errors import UsageError
from crawler import settings
from crawler.disk_space import VARIABLE, Reserve
from crawler.fetching.addresses import LONGEST_URL
from crawler.fetching.pace import Delay, retry_after
from crawler.fetching.patience import Patience, Progress
from crawler.fetching.wire import HEAD_LIMIT
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer
from crawler.sites import DEFAULT_DELAY, DEFAULT_REQUESTS_A_DAY

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
TEXT = {"Content-Type": "text/plain"}


# -- the rules, without a network -----------------------------------------------------------


@given(
    floor=st.floats(0.2, 300),
    happened=st.lists(st.none() | st.floats(0, 100), max_size=60),
)
def test_the_delay_never_falls_below_what_was_agreed(
    floor: float, happened: list[float | None]
) -> None:
    delay = Delay(floor, floor)
    for latency in happened:
        before = delay.now
        if latency is None:
            delay.failed("http://a.gov.vn/")
            assert delay.now >= before
        else:
            delay.answered(latency)
        assert floor <= delay.now <= max(floor, 60.0)


def test_failures_double_the_delay_and_good_answers_take_it_back_slowly() -> None:
    delay = Delay(1.0, 1.0)
    seen = []
    for number in range(7):
        delay.failed(f"/{number}")
        seen.append(delay.now)
    assert seen == [2, 4, 8, 16, 32, 60, 60]
    assert (delay.failures, len(delay.failing)) == (7, 7)
    answers = 0
    while delay.now > 1.0:
        delay.answered(0.1)
        answers += 1
        assert answers < 100
    assert answers > 10
    assert (delay.failures, len(delay.failing)) == (0, 0)


def test_a_slow_server_gets_as_long_a_rest_as_it_worked() -> None:
    delay = Delay(1.0, 1.0)
    delay.answered(4.0)
    assert delay.now == 4.5  # one slow page is no slow server
    for _ in range(20):
        delay.answered(4.0)
    assert delay.now == 8.0
    delay.answered(0.2)
    assert 1.0 < delay.now < 8.0


def test_a_copy_on_this_machine_without_a_pace_is_not_slowed_down_by_its_latency() -> None:
    delay = Delay(0.0, 0.0)
    delay.answered(3.0)
    assert delay.now == 0.0
    delay.failed("/")
    assert 0.0 < delay.now < 1.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 08:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0.0),
        ("Sunday, 22-Nov-26 08:01:30 GMT", 90.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_an_absurd_retry_after_is_a_long_one() -> None:
    assert (retry_after("9" * 5000, NOW) or 0) > 1e9


@given(st.text(max_size=40))
def test_no_retry_after_is_an_error(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or wait >= 0


PATIENCE = Patience(head=60, grace=30, slowest=512)


@pytest.mark.parametrize(
    ("progress", "now", "reason"),
    [
        (Progress(0), 59, None),
        (Progress(0), 60, "no connection within 60 s"),
        (Progress(0, True, True), 60, "TLS handshake not done within 60 s"),
        (Progress(0, True), 61, "no response head within 60 s"),
        (Progress(0, True, False, 50, 0), 79, None),
        (Progress(0, True, False, 50, 100), 80, "100 bytes in 30 s"),
        (Progress(0, True, False, 50, 512 * 30), 80, None),
        (Progress(0, True, False, 0, 50_000_000), 800, None),
    ],
)
def test_when_patience_is_over(progress: Progress, now: float, reason: str | None) -> None:
    assert PATIENCE.is_over(progress, now) == reason


@pytest.mark.parametrize(
    ("text", "reserve"),
    [
        ("", Reserve(1 << 30)),
        ("500M", Reserve(500 << 20)),
        ("2 GiB", Reserve(2 << 30)),
        ("1000", Reserve(1000)),
        ("0", Reserve(0)),
        ("2%", Reserve(0, 0.02)),
        ("0.5 %", Reserve(0, 0.005)),
    ],
)
def test_the_disk_reserve_is_a_size_or_a_share(
    monkeypatch: pytest.MonkeyPatch, text: str, reserve: Reserve
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    assert Reserve.from_environment() == reserve


@pytest.mark.parametrize("text", ["much", "-1", "101%", "5 PB", "1e9"])
def test_what_is_no_disk_reserve_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(UsageError, match=VARIABLE):
        Reserve.from_environment()


# -- a crawl --------------------------------------------------------------------------------


class Portal(SmallPortal):
    """Remembers when it was asked; ``says`` goes before the table of answers."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[float, str]] = []

    def says(self, path: str) -> Response | None:
        """What to answer instead, None for nothing special."""
        return None

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        self.asked.append((time.monotonic(), path))
        return self.says(path) or super().respond(path, headers)

    @property
    def paths(self) -> list[str]:
        return [path for _, path in self.asked]


class Place:
    """One portal ``http://dong-son.example/`` and its archive."""

    def __init__(self, folder: Path) -> None:
        self.archive = folder / "archive"
        self.sites = folder / "sites.toml"
        self.write()

    def write(self, keys: str = "") -> None:
        self.sites.write_text(
            '[dong-son]\nname = "Huyện Đông Sơn"\nprovince = "Tỉnh Thử"\n'
            f'home = "http://dong-son.example/"\n{keys}\npace = {{ delay = 0 }}\n',
            encoding="utf-8",
        )

    def crawl(self, server: PortalServer, *options: str, **env: str) -> CompletedProcess[str]:
        done = huyen(
            *("crawl", *options),
            archive=self.archive,
            sites=self.sites,
            proxy=server.proxy_url,
            env=env,
            timeout=120,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def reason(self) -> str:
        return str(one(self.archive, "SELECT reason FROM site_runs ORDER BY id DESC LIMIT 1"))

    def verdict(self) -> str:
        return str(one(self.archive, "SELECT verdict FROM site_runs ORDER BY id DESC LIMIT 1"))

    def age_captures(self, by: dt.timedelta) -> None:
        """As if all had been fetched so much earlier."""
        with closing(sqlite3.connect(self.archive / "archive.db")) as connection, connection:
            connection.execute(
                "UPDATE capture SET fetched_at = strftime('%Y-%m-%dT%H:%M:%f000Z', fetched_at, ?)",
                (f"-{int(by.total_seconds())} seconds",),
            )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def served(portal: Portal) -> PortalServer:
    return PortalServer({"dong-son.example": portal})


def test_a_retry_after_is_waited_for_and_then_asked_again(place: Place) -> None:
    class Busy(Portal):
        def says(self, path: str) -> Response | None:
            first = path == article_path(2) and self.paths.count(path) == 1
            return Response(503, HTML | {"Retry-After": "1"}, b"busy") if first else None

    portal = Busy()
    with served(portal) as server:
        place.crawl(server)
    turn = portal.paths.index(article_path(2))
    assert portal.asked[turn + 1][0] - portal.asked[turn][0] >= 1.0
    assert portal.paths.count(article_path(2)) == 2
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES


@pytest.mark.parametrize("asked", ["3600", "Fri, 31 Dec 2060 23:59:59 GMT"])
def test_a_portal_that_wants_to_be_left_alone_for_long_is(place: Place, asked: str) -> None:
    class Closed(Portal):
        def says(self, path: str) -> Response | None:
            closed = path == "/tin-tuc/" or "/tin-tuc/" in self.paths
            return Response(429, HTML | {"Retry-After": asked}, b"") if closed else None

    portal = Closed()
    with served(portal) as server:
        place.crawl(server)
        assert portal.paths[-1] == "/tin-tuc/"
        assert portal.paths.count("/tin-tuc/") == 1
    assert place.verdict() == "partial"
    assert "asked to be left alone for a while (status 429, Retry-After" in place.reason()


def test_a_portal_that_goes_on_saying_429_is_left_alone(place: Place) -> None:
    class Tired(Portal):
        def says(self, path: str) -> Response | None:
            return Response(429, HTML, b"") if path.startswith("/tin-tuc/xa-so-") else None

    portal = Tired()
    with served(portal) as server:
        place.crawl(server)
    refused = [path for path in portal.paths if path.startswith("/tin-tuc/xa-so-")]
    # Twelve addresses, each worth four requests, would be 48; listings are in between.
    assert 12 <= len(refused) <= 32
    assert one(place.archive, "SELECT count(*) FROM captures WHERE status = 429") == len(refused)
    assert place.verdict() == "partial"
    assert "failures in a row, last status 429" in place.reason()


def test_one_page_that_cannot_be_had_ends_nothing(place: Place) -> None:
    class Hole(Portal):
        def says(self, path: str) -> Response | None:
            return Response(503, HTML, b"") if path == article_path(7) else None

    portal = Hole()
    with served(portal) as server:
        place.crawl(server)
    assert portal.paths.count(article_path(7)) == 4
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES - 1


def test_a_dead_host_of_pictures_is_asked_three_times_in_all(place: Place) -> None:
    portal = Portal()
    for number in range(1, ARTICLES + 1):
        answer = portal.answers[article_path(number)]
        assert isinstance(answer.body, bytes)
        body = answer.body.replace(b"/anh/", b"http://anh.da-mat.vn/anh/")
        portal.answers[article_path(number)] = Response(200, answer.headers, body)
    with served(portal) as server:
        place.crawl(server)
        asked = [seen.path for seen in server.requests if seen.host == "anh.da-mat.vn"]
    assert asked.count("/robots.txt") <= 4
    assert len([path for path in asked if path != "/robots.txt"]) <= 3
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES


def test_an_absurd_crawl_delay_ends_the_visit_instead_of_lasting_for_days(place: Place) -> None:
    portal = Portal()
    portal.answers["/robots.txt"] = Response(200, TEXT, b"User-agent: *\nCrawl-delay: 86400\n")
    with served(portal) as server:
        place.crawl(server)
    assert portal.paths == ["/robots.txt"]


def test_a_portal_sees_one_connection_at_a_time_even_where_it_has_no_pace(place: Place) -> None:
    class Counting(Portal):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()
            self.at_once = self.most = 0

        def says(self, path: str) -> Response | None:
            with self.lock:
                self.at_once += 1
                self.most = max(self.most, self.at_once)
            time.sleep(0.02)  # long enough for another request to come in, if there is one
            with self.lock:
                self.at_once -= 1
            return None

    portal = Counting()
    with served(portal) as server:
        place.crawl(server)
    assert portal.most == 1
    assert one(place.archive, "SELECT count(*) FROM articles") == ARTICLES


def test_the_documentation_has_the_numbers_that_are_in_force() -> None:
    text = (REPOSITORY / "docs" / "politeness-and-safety.md").read_text(encoding="utf-8")
    for row in (
        f"connecting and TLS included | {settings.HUYEN_HEAD_TIMEOUT:g} |",
        f"after the first {settings.HUYEN_SLOW_GRACE:g} s | {settings.HUYEN_SLOWEST_RATE:g} |",
        f"seconds in all | {settings.DOWNLOAD_TIMEOUT} |",
        f"bytes of the body | {settings.DOWNLOAD_MAXSIZE >> 20} MiB |",
        f"redirects | {settings.REDIRECT_MAX_TIMES} |",
        f"to the deepest page | {settings.DEPTH_LIMIT} |",
        f"bytes of the response head | {HEAD_LIMIT >> 10} KiB |",
        f"of more than {settings.HUYEN_LONGEST_WAIT:g} s | the walk ends",
        f"attempts for what failed | {settings.RETRY_TIMES + 1} |",
        f"over all runs | {DEFAULT_REQUESTS_A_DAY:,} |",
        f"all its hosts together | {DEFAULT_DELAY:g} s |",
        f"addresses of more than {LONGEST_URL:,} characters",
    ):
        assert row in " ".join(text.split()), row


# -- limits ---------------------------------------------------------------------------------


def test_no_more_requests_in_a_day_than_sites_toml_says(place: Place) -> None:
    place.write("requests_a_day = 10")
    portal = Portal()
    with served(portal) as server:
        place.crawl(server)
        assert len(portal.asked) == 10
        assert place.verdict() == "interrupted"
        assert "limit of requests a day" in place.reason()
        place.crawl(server)
        assert len(portal.asked) == 10
        place.age_captures(dt.timedelta(hours=25))
        place.crawl(server, "--full")
        assert len(portal.asked) == 20


def test_a_portal_in_a_network_of_pages_ends_at_its_limit(place: Place) -> None:
    place.write("max_pages = 5")
    portal = Portal()
    links = "".join(f'<a href="/la-{"ab"[n % 2] * n}.html">x</a>' for n in range(1, 200))
    portal.answers["/"] = SmallPortal.page(links)
    with served(portal) as server:
        place.crawl(server)
    assert len([path for path in portal.paths if path.startswith("/la-")]) == 5
    assert place.verdict() == "interrupted"
    assert "limit of pages" in place.reason()


def test_nothing_is_fetched_onto_a_disk_that_is_almost_full(place: Place) -> None:
    portal = Portal()
    with served(portal) as server:
        assert place.crawl(server, HUYEN_DISK_RESERVE="9000T").returncode == 3
        assert portal.asked == []
        assert place.verdict() == "partial"
        assert "too little disk space" in place.reason()
        assert "are to stay free" in place.reason()
        done = place.crawl(server, HUYEN_DISK_RESERVE="a lot")
        assert done.returncode == 2
        assert "HUYEN_DISK_RESERVE" in done.stderr
        place.crawl(server, HUYEN_DISK_RESERVE="0")
        assert portal.asked != []


# -- robots.txt -----------------------------------------------------------------------------


@pytest.fixture
def visited(place: Place) -> Iterator[tuple[Place, Portal, PortalServer]]:
    """A portal that was crawled once, and asked for nothing since."""
    portal = Portal()
    with served(portal) as server:
        place.crawl(server, "--max-pages=3")
        assert portal.paths[0] == "/robots.txt"
        portal.asked.clear()
        yield place, portal, server


def test_robots_txt_is_asked_for_once_a_day_and_obeyed_all_the_time(
    visited: tuple[Place, Portal, PortalServer],
) -> None:
    place, portal, server = visited
    place.crawl(server, "--full")
    assert "/" in portal.paths
    assert "/robots.txt" not in portal.paths
    assert "/noi-bo/so.html" not in portal.paths
    place.age_captures(dt.timedelta(hours=25))
    place.crawl(server)
    assert portal.paths.count("/robots.txt") == 1


def test_robots_txt_that_cannot_be_had_is_what_it_was_in_the_last_month(
    visited: tuple[Place, Portal, PortalServer],
) -> None:
    place, portal, server = visited
    portal.answers["/robots.txt"] = Response(503, TEXT, b"")
    place.age_captures(dt.timedelta(days=2))
    place.crawl(server, "--full")
    assert "/robots.txt" in portal.paths
    assert "/" in portal.paths
    assert "/noi-bo/so.html" not in portal.paths
    portal.asked.clear()
    place.age_captures(dt.timedelta(days=30))
    place.crawl(server, "--full")
    assert set(portal.paths) == {"/robots.txt"}


def test_a_robots_txt_behind_a_redirect_is_remembered_too(place: Place) -> None:
    portal = Portal()
    portal.answers["/may/robots.txt"] = portal.answers["/robots.txt"]
    portal.answers["/robots.txt"] = Response(301, {"Location": "/may/robots.txt"}, b"")
    with served(portal) as server:
        place.crawl(server, "--max-pages=3")
        portal.asked.clear()
        place.crawl(server, "--full")
    assert not [path for path in portal.paths if path.endswith("robots.txt")]
    assert "/noi-bo/so.html" not in portal.paths


def test_a_robots_txt_that_is_not_there_is_remembered_as_that(place: Place) -> None:
    portal = Portal()
    del portal.answers["/robots.txt"]
    with served(portal) as server:
        place.crawl(server, "--max-pages=3")
        place.crawl(server, "--full")
    assert portal.paths.count("/robots.txt") == 1
    assert "/noi-bo/so.html" in portal.paths


def test_what_was_refused_by_robots_txt_costs_no_request(place: Place) -> None:
    place.write("requests_a_day = 1000")
    portal = Portal()
    with served(portal) as server:
        place.crawl(server)
    made = rows(place.archive, "SELECT url FROM captures WHERE error NOT LIKE 'refused:%'")
    assert len(made) == len(portal.asked)
