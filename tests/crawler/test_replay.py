"""pywb serves the archive, and every page is what the portal's server had sent."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import judges
import pytest
from read_archive import FIRST, SECRET, fill, serving
from running import huyen, rows
from small_portal import ARTICLES, SmallPortal, article_path, write_sites

from archive.database import open_beside_a_run, transaction
from archive.withholding import withhold
from crawler.replica.server import PortalServer

pytestmark = [pytest.mark.pywb, pytest.mark.xdist_group("pywb")]

HOST = "dong-son.example"


def test_every_capture_is_replayed_byte_for_byte(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    sites = write_sites(tmp_path, "dong-son")
    portal = SmallPortal()
    sent: list[dict[str, bytes]] = []
    with PortalServer({HOST: portal}) as server:
        for edited in (False, True):
            portal.set_article(3, edited=edited)
            sent.append({path: bytes(answer.body) for path, answer in portal.answers.items()})  # type: ignore[arg-type]
            done = huyen("crawl", "--full", archive=archive, sites=sites, proxy=server.proxy_url)
            assert done.returncode == 0, done.stderr
    index = archive / "index.cdxj"
    exported = huyen("export", "cdxj", index, archive=archive)
    assert exported.returncode == 0, exported.stderr
    captures = rows(
        archive,
        "SELECT c.url, c.fetched_at, c.status, c.run_id, c.record_type, c.payload_digest, "
        "dense_rank() OVER (ORDER BY c.run_id) - 1 AS crawl FROM captures c "
        "WHERE c.record_type IS NOT NULL AND c.status <> 304 ORDER BY c.id",
    )
    assert sum(row["record_type"] == "revisit" for row in captures) > ARTICLES
    folder = tmp_path / "pywb"
    folder.mkdir()
    compared = set()
    with judges.pywb(index, archive, folder) as replay:
        for row in captures:
            path = row["url"].removeprefix(f"http://{HOST}")
            stamp = "".join(filter(str.isdigit, row["fetched_at"]))[:14]
            status, headers, body = replay.get(stamp, row["url"])
            assert status == row["status"], row["url"]
            if headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            assert body == sent[row["crawl"]].get(path, b"<h1>404</h1>"), row["url"]
            compared.add((row["crawl"], path))
    assert {
        (crawl, article_path(n)) for crawl in (0, 1) for n in range(1, ARTICLES + 1)
    } <= compared


def test_serve_brings_pywb_along_and_takes_it_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive"
    ids = fill(archive)
    before = sorted(archive.rglob("*"))
    bin_directory = Path(judges.judge("pywb", "wayback")).parent
    monkeypatch.setenv("PATH", f"{bin_directory}{os.pathsep}{os.environ['PATH']}")
    port = judges.free_port()
    replay = judges.Replay(port)

    def status(url: str) -> int:
        try:
            return replay.get("20240305010000", url)[0]
        except OSError:  # not there yet, or not there any more
            return 0

    with serving(archive, "--pywb", "--pywb-port", str(port)) as server:
        wait_until(lambda: status(FIRST.url) == 200)
        assert FIRST.title.encode() in replay.get("20240305010000", FIRST.url)[2]
        assert status(SECRET.url) == 404
        page = server.get(f"/web/20240305010000/{FIRST.url}").text
        assert f'href="http://127.0.0.1:{port}/all/20240305010000/{FIRST.url}"' in page
        with closing(open_beside_a_run(archive)) as connection, transaction(connection):
            now = "2024-03-09T00:00:00.000000Z"
            withhold(connection, ids.first, [], reason="đơn", person="thủ thư", now=now)
        wait_until(lambda: status(FIRST.url) == 404)
    assert status(FIRST.url) == 0
    assert [path for path in sorted(archive.rglob("*")) if path not in before] == []
    assert (tmp_path / "archive.pywb" / "config.yaml").is_file()


def wait_until(happened: Callable[[], bool]) -> None:
    """Fails after a minute."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)
