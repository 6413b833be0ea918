"""Fifty portals at once: each keeps its own pace, and one that suffers holds nobody else up."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from running import huyen, rows
from small_portal import HTML, SmallPortal, article_html, article_path, title, write_sites

from crawler.replica.portal import Response
from crawler.replica.server import PortalServer

HEALTHY = [f"huyen-{number}" for number in range(48)]
DELAY = 0.2
ARTICLES = 3
REQUESTS = 4 + ARTICLES  # robots.txt, a page that cannot exist, the home page, the sitemap


class Timed(SmallPortal):
    """A home page and a few articles without pictures. Remembers when it was asked. Where ``until``
    is given, it answers for the last article only then."""

    def __init__(self, until: threading.Event | None = None) -> None:
        super().__init__()
        self.times: list[float] = []
        self.waited_in_vain = False
        self._until = until
        links = "".join(
            f'<a href="{article_path(number)}">{title(number)}</a>'
            for number in range(1, ARTICLES + 1)
        )
        self.answers = {"/": self.page(links)}
        for number in range(1, ARTICLES + 1):
            plain = article_html(number).replace("<img", "<i").encode()
            self.answers[article_path(number)] = Response(200, HTML, plain)

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        self.times.append(time.monotonic())
        if self._until is not None and path == article_path(ARTICLES):
            self.waited_in_vain = not self._until.wait(50)
        return super().respond(path, headers)


def _healthy_ended(archive: Path) -> bool:
    database = archive / "archive.db"
    if not database.exists():
        return False
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            sql = "SELECT count(*) FROM site_run WHERE ended_at IS NOT NULL AND site LIKE 'huyen-%'"
            return bool(connection.execute(sql).fetchone()[0] >= len(HEALTHY))
        except sqlite3.OperationalError:  # the tables are not there yet
            return False


def test_fifty_portals_at_once(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    sites = write_sites(tmp_path, "cham", "chet", *HEALTHY, delay=DELAY)
    others_ended, finished = threading.Event(), threading.Event()
    portals = {slug: Timed() for slug in HEALTHY}
    slow = Timed(others_ended)

    def watch() -> None:
        while not finished.wait(0.1):
            if _healthy_ended(archive):
                others_ended.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    # For a host that it does not know, here "chet.example", the proxy answers 502.
    named = {f"{slug}.example": portal for slug, portal in {**portals, "cham": slow}.items()}
    with PortalServer(named) as server:
        done = huyen(
            "crawl",
            archive=archive,
            sites=sites,
            proxy=server.proxy_url,
            timeout=240,
        )
        finished.set()
        watcher.join()
    assert done.returncode == 3, done.stderr
    assert not slow.waited_in_vain
    for slug, portal in portals.items():
        assert len(portal.times) >= REQUESTS, slug
        # The clock here starts when a request has arrived, so one gap may be shorter by the way's
        # delay of the one before; over five gaps that does not add up.
        for first, sixth in zip(portal.times, portal.times[5:], strict=False):
            assert sixth - first > 4 * DELAY, slug
    verdicts = {row["site"]: row["verdict"] for row in rows(archive, "SELECT * FROM site_runs")}
    assert verdicts.pop("chet") == "unreachable"
    assert set(verdicts) == {"cham", *HEALTHY}
    assert set(verdicts.values()) == {"ok"}
    counts = rows(archive, "SELECT site, count(*) AS n FROM articles GROUP BY site")
    assert {row["site"]: row["n"] for row in counts} == dict.fromkeys(verdicts, ARTICLES)
