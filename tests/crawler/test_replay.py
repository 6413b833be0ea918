"""pywb serves the archive, and every page is what the portal's server had sent."""

from __future__ import annotations

import gzip
from pathlib import Path

import judges
import pytest
from running import huyen, rows
from small_portal import ARTICLES, SmallPortal, article_path, write_sites

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
            done = huyen("crawl", archive=archive, sites=sites, proxy=server.proxy_url)
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
