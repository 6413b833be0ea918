"""A hostile page cannot lead the crawler into a private network."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import huyen, one, rows
from small_portal import ARTICLES, SmallPortal, article_path

from crawler.fetching.addresses import is_public_address
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "[::1]", "::", "fe80::1%eth0",
        "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2002:7f00:1::", "2002:a00:1::", "2001:db8::1", "", "a.gov.vn", "1.2.3", "999.1.1.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "103.7.36.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public_address(address)


def test_redirects_pictures_and_links_to_private_addresses_are_refused(tmp_path: Path) -> None:
    inner = SmallPortal()  # what stands for a service in the network around us
    with PortalServer({"localhost": inner, "127.0.0.1": inner}) as secret:
        portal = SmallPortal()
        with PortalServer({"127.0.0.1": portal}) as server:
            port = secret.port
            targets = [
                f"http://localhost:{port}/a",
                f"http://[::1]:{port}/b",
                f"http://127.1:{port}/c",
                f"http://2130706433:{port}/d",
                f"http://0x7f000001:{port}/e",
                "http://10.255.255.1/f",
                "http://169.254.169.254/latest/meta-data/",
                f"http://[::ffff:127.0.0.1]:{port}/g",
            ]
            links = ""
            for number, target in enumerate(targets):
                portal.answers[f"/di/{number}"] = Response(302, {"Location": target}, b"")
                links += f'<a href="/di/{number}">x</a><a href="{target}">y</a>'
            home = portal.answers["/"].body
            assert isinstance(home, bytes)
            portal.answers["/"] = SmallPortal.page(home.decode() + links)
            page = portal.answers[article_path(1)]
            assert isinstance(page.body, bytes)
            pictures = "".join(f'<img src="{target}.jpg">' for target in targets)
            body = page.body.replace(b"<p><img", f"<p>{pictures}<img".encode())
            portal.answers[article_path(1)] = Response(200, page.headers, body)
            sites = tmp_path / "sites.toml"
            sites.write_text(
                f'[thu]\nname = "Huyện Thử"\nprovince = "T"\nhome = "{server.url}/"\npace = {{delay = 0}}\n',
                encoding="utf-8",
            )
            done = huyen("crawl", archive=tmp_path / "a", sites=sites, timeout=120)
        assert done.returncode == 0, done.stderr
        assert secret.requests == []
    assert one(tmp_path / "a", "SELECT count(*) FROM articles") == ARTICLES
    refused = rows(tmp_path / "a", "SELECT url, error FROM captures WHERE error LIKE 'refused:%'")
    assert {row["url"] for row in refused} >= {"http://10.255.255.1/f"}
    assert (
        one(
            tmp_path / "a", "SELECT count(*) FROM captures WHERE url LIKE '%10.255%' AND status > 0"
        )
        == 0
    )
