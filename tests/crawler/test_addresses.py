"""A hostile page cannot lead the crawler into a private network."""

from __future__ import annotations

import contextvars
from pathlib import Path
from typing import Any

import pytest
from running import huyen, one, rows
from scrapy import Request
from scrapy.resolver import dnscache
from small_portal import ARTICLES, SmallPortal, article_path
from twisted.internet.address import IPv4Address

from crawler.fetching.addresses import PublicNamesOnly, refusal
from crawler.fetching.wire import Tap, following
from crawler.public_addresses import is_private_address, is_public_address
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer
from crawler.sites import Site


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "[::1]", "::", "fe80::1%eth0",
        "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2002:7f00:1::", "2002:a00:1::", "2001:db8::1", "", "a.gov.vn", "1.2.3", "999.1.1.1",
        # what Python's ipaddress calls global, or has called so
        "::7f00:1", "::a00:1", "64:ff9b:1::7f00:1", "fec0::1", "3fff::1", "5f00::1", "192.88.99.1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "100::1", "4000::1", "::ffff:0:127.0.0.1",
        "192.0.0.8", "198.18.0.1", "240.0.0.1", "::ffff:169.254.169.254",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "103.7.36.1",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2405:4800::1",
        "2a00:1450:4001::1",
        "2002:808:808::1",
    ],
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        ("10.1.2.3", True), ("172.31.0.1", True), ("192.168.7.7", True), ("[fd00::1]", True),
        ("172.32.0.1", False), ("127.0.0.1", False), ("169.254.169.254", False), ("8.8.8.8", False),
        ("::1", False), ("fe80::1", False), ("100.64.0.1", False), ("a.gov.vn", False),
    ],
)  # fmt: skip
def test_networks_of_an_office(address: str, is_private: bool) -> None:
    assert is_private_address(address) == is_private


def site(home: str, *, hosts: tuple[str, ...] = (), allow_private: bool = False) -> Site:
    return Site("thu", "Huyện Thử", "T", home, hosts=hosts, allow_private=allow_private)


PUBLIC = site("https://huyen.gov.vn/")
LOCAL = site("http://127.0.0.1:8080/")
INTRANET = site("http://10.1.2.3:8000/", hosts=("cong.huyen.lan",), allow_private=True)


@pytest.mark.parametrize(
    ("owner", "url"),
    [
        (PUBLIC, "https://huyen.gov.vn/x"),
        (PUBLIC, "http://www.huyen.gov.vn:8080/"),
        (PUBLIC, "http://anh.khac.vn/a.png"),
        (PUBLIC, "http://8.8.8.8/a.png"),
        (PUBLIC, "http://[2001:4860:4860::8888]/"),
        (LOCAL, "http://127.0.0.1:8080/x"),
        (LOCAL, "http://127.0.0.1/x"),
        (INTRANET, "http://10.1.2.3:8000/x"),
        (INTRANET, "http://cong.huyen.lan/x"),
        (None, "http://huyen.gov.vn/"),
    ],
)
def test_what_may_be_asked(owner: Site | None, url: str) -> None:
    assert refusal(url, owner) is None


@pytest.mark.parametrize(
    ("owner", "url", "said"),
    [
        (PUBLIC, "http://127.0.0.1/", "127.0.0.1 is no public address"),
        (PUBLIC, "http://127.0.0.1./", "127.0.0.1 is no public address"),
        (PUBLIC, "http://2130706433/", "no public address"),
        (PUBLIC, "http://0x7f.1/", "no public address"),
        (PUBLIC, "http://0177.0.0.1/", "no public address"),
        (PUBLIC, "http://017700000001/", "no public address"),
        (PUBLIC, "http://0/", "no public address"),
        (PUBLIC, "http://[::]/", "no public address"),
        (PUBLIC, "http://[fe80::1%25eth0]/", "no public address"),
        (PUBLIC, "http://huyen.gov.vn@127.0.0.1/", "127.0.0.1 is no public address"),
        (PUBLIC, "http://127.0.0.1:80@10.0.0.1/", "10.0.0.1 is no public address"),
        (PUBLIC, "http://localhost/", "inside a network"),
        (PUBLIC, "http://LOCALHOST./", "inside a network"),
        (PUBLIC, "http://metadata.google.internal/", "inside a network"),
        (PUBLIC, "http://router/", "inside a network"),
        (PUBLIC, "http://may-in.local/", "inside a network"),
        (PUBLIC, "http://proxy.vn:3128/", "inside a network"),  # a proxy's name, asked directly
        (PUBLIC, "http://huyen.gov.vn:25/", "port 25"),
        (PUBLIC, "http://khac.vn:22/", "port 22"),
        (PUBLIC, "http://huyen.gov.vn:99999/", "port 0"),
        (PUBLIC, "ftp://huyen.gov.vn/", "no address of the web"),
        (PUBLIC, "file:///etc/passwd", "no address of the web"),
        (PUBLIC, "http:///x", "no address of the web"),
        (PUBLIC, "http://huyen.gov.vn/" + "a" * 3000, "an address of 3020 characters"),
        (LOCAL, "http://127.0.0.1:6379/", "port 6379 of 127.0.0.1 is not the portal's"),
        (LOCAL, "http://127.0.0.2:8080/", "no public address"),
        (LOCAL, "http://localhost:8080/", "inside a network"),
        (INTRANET, "http://10.1.2.3:9200/", "port 9200"),
        (INTRANET, "http://10.1.2.4:8000/", "no public address"),
        (INTRANET, "http://169.254.169.254/", "no public address"),
        (site("http://169.254.1.1/", allow_private=True), "http://169.254.1.1/", "no public"),
        (site("http://10.1.2.3/"), "http://10.1.2.3/", "no public address"),
        (None, "http://127.0.0.1/", "no public address"),
    ],
)
def test_what_must_not_be_asked(owner: Site | None, url: str, said: str) -> None:
    reason = refusal(url, owner, frozenset({"proxy.vn"}))
    assert reason is not None
    assert said in reason


@pytest.mark.parametrize(
    "spelling",
    ["http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://ⓛocalhost/", "http://[::ffff:7f00:1]/"],
)
def test_what_scrapy_makes_of_other_spellings_is_judged(spelling: str) -> None:
    assert refusal(Request(spelling).url, PUBLIC) is not None


class Names:
    """A name server whose answers change, as one that rebinds."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self._answers = list(answers)

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *rest: object) -> Any:
        receiver.resolutionBegan(self)
        for address in self._answers.pop(0):
            receiver.addressResolved(IPv4Address("TCP", address, port))
        receiver.resolutionComplete()
        return self


class Answer:
    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: object) -> None:
        self.addresses.clear()

    def addressResolved(self, address: IPv4Address) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.complete = True


def resolved(names: Names, name: str) -> tuple[list[str], str]:
    """What a connection may use, and what the request that waits for it is told."""
    resolver = PublicNamesOnly.__new__(PublicNamesOnly)
    resolver.original_resolver = names
    resolver._local = frozenset({"thu.localhost"})
    resolver._private = frozenset({"cong.huyen.lan"})
    tap, answer = Tap(), Answer()

    def ask() -> None:
        following.set(tap)
        dnscache.clear()
        resolver.resolveHostName(answer, name, 80)

    contextvars.copy_context().run(ask)
    assert answer.complete
    return answer.addresses, tap.refusal


def test_a_name_leads_to_its_public_addresses_only() -> None:
    names = Names(("8.8.8.8", "10.0.0.1"), ("127.0.0.1",), ("169.254.169.254", "10.9.9.9"))
    assert resolved(names, "a.vn")[0] == ["8.8.8.8"]
    addresses, told = resolved(names, "a.vn")  # the same name, rebound
    assert addresses == []
    assert told == "a.vn resolves to 127.0.0.1, which is no public address"
    assert resolved(names, "cong.huyen.lan")[0] == ["10.9.9.9"]


def test_a_name_of_this_machine_that_sites_toml_gives_is_resolved() -> None:
    assert resolved(Names(("127.0.0.1",)), "thu.localhost") == (["127.0.0.1"], "")


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
