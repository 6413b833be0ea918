"""A crawl that is killed, or ends early, goes on where it was: nothing is lost, nothing done twice."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from running import command, environment, huyen, one, rows
from small_portal import ARTICLES, SmallPortal, write_sites

from crawler.replica.portal import Response
from crawler.replica.server import PortalServer

HOST = "dong-son.example"


class Deadly(SmallPortal):
    """Kills the process that asks, at the ``moment``-th request, before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = 0
        self.victim: subprocess.Popen[bytes] | None = None

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        self.moment -= 1
        if self.moment == 0 and self.victim is not None:
            self.victim.kill()
        return super().respond(path, headers)


def contents(archive: Path) -> tuple[list[tuple[object, ...]], ...]:
    """What is in the archive, whenever and in whatever order it came there."""
    return tuple(
        [tuple(row) for row in rows(archive, sql)]
        for sql in (
            "SELECT DISTINCT url, status FROM captures ORDER BY url, status",
            "SELECT url, title, published_at, status, versions FROM articles ORDER BY url",
            "SELECT url, number, cause, content_hash FROM versions ORDER BY url, number",
            "SELECT url, state, kind FROM addresses ORDER BY url",
        )
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[object, ...]], ...]:
    folder = tmp_path_factory.mktemp("undisturbed")
    sites = write_sites(folder, "dong-son")
    with PortalServer({HOST: SmallPortal()}) as server:
        done = huyen("crawl", archive=folder / "archive", sites=sites, proxy=server.proxy_url)
        assert done.returncode == 0, done.stderr
    return contents(folder / "archive")


@pytest.mark.parametrize("moments", [(3, 6, 9), (13, 8), (30,)])
def test_a_crawl_that_was_killed_gives_the_same_archive(
    tmp_path: Path, moments: tuple[int, ...], undisturbed: tuple[list[tuple[object, ...]], ...]
) -> None:
    archive, portal = tmp_path / "archive", Deadly()
    sites = write_sites(tmp_path, "dong-son")
    with PortalServer({HOST: portal}) as server:
        for moment in moments:
            portal.moment = moment
            with subprocess.Popen(
                command("crawl", archive=archive, sites=sites),
                env=environment(http_proxy=server.proxy_url),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as portal.victim:
                assert portal.victim.wait(timeout=120) == -9
        done = huyen("crawl", archive=archive, sites=sites, proxy=server.proxy_url)
        assert done.returncode == 0, done.stderr
        assert contents(archive) == undisturbed
        # What a killed run asked for is lost at the most, and the home page is asked for each time.
        assert len(server.requests) <= 36 + sum(moments) + len(moments)
    assert huyen("verify", archive=archive).returncode == 0


def test_a_crawl_in_slices_comes_to_its_end(
    tmp_path: Path, undisturbed: tuple[list[tuple[object, ...]], ...]
) -> None:
    archive = tmp_path / "archive"
    sites = write_sites(tmp_path, "dong-son")
    with PortalServer({HOST: SmallPortal()}) as server:
        for pages in (8, 8, 8):
            done = huyen(
                *("crawl", f"--max-pages={pages}"),
                archive=archive,
                sites=sites,
                proxy=server.proxy_url,
            )
            assert done.returncode == 0, done.stderr
        assert contents(archive) == undisturbed
        asked = [seen.path for seen in server.requests if "xa-so" in seen.path]
    assert len(asked) == len(set(asked)) == ARTICLES
    ended = "SELECT ended_at IS NOT NULL FROM walk"
    assert one(archive, ended) == 1
