"""sites.toml: facts are typed, mistakes are refused with file, table and key."""

import datetime as dt
from pathlib import Path

import pytest

from archive.errors import UsageError
from crawler.sites import (
    DEFAULT_DELAY,
    DEFAULT_REQUESTS_A_DAY,
    DEFAULT_SITES_FILE,
    State,
    Tls,
    choose,
    load_sites,
)

GOOD = """
[dong-son]
name = "Huyện Đông Sơn"
province = "Thanh Hóa"
home = "https://DongSon.thanhhoa.gov.vn"
platform = "tandan"
sections = ["/portal/Pages/tin-tuc.aspx", "https://dongson.thanhhoa.gov.vn/x"]
hosts = ["tin.dongson.thanhhoa.gov.vn"]
rhythm = 4
pace = { delay = 2.5 }
life = { state = "moved", since = 2025-07-01, reason = "merged", successor = "https://x.gov.vn/" }
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sites.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_becomes_a_typed_site(tmp_path: Path) -> None:
    site = load_sites(written(tmp_path, GOOD))["dong-son"]
    assert site.home == "https://dongson.thanhhoa.gov.vn/"
    assert site.sections == (
        "https://dongson.thanhhoa.gov.vn/portal/Pages/tin-tuc.aspx",
        "https://dongson.thanhhoa.gov.vn/x",
    )
    assert site.all_hosts == {
        "dongson.thanhhoa.gov.vn",
        "www.dongson.thanhhoa.gov.vn",
        "tin.dongson.thanhhoa.gov.vn",
        "www.tin.dongson.thanhhoa.gov.vn",
    }
    assert site.rhythm == 4.0
    assert site.pace.delay == 2.5
    assert site.life.state is State.MOVED
    assert site.life.since == dt.date(2025, 7, 1)
    assert site.is_public


def test_what_is_asked_of_a_portal_and_what_is_let_pass(tmp_path: Path) -> None:
    text = "[a]\nname = 'A'\nprovince = 'x'\nhome = '{home}'\n"
    plain = load_sites(written(tmp_path, text.format(home="http://a.gov.vn")))["a"]
    assert (plain.tls, plain.allow_private) == (Tls.VERIFIED, False)
    assert (plain.max_pages, plain.requests_a_day) == (None, DEFAULT_REQUESTS_A_DAY)
    keys = "tls = 'legacy'\nallow_private = true\nmax_pages = 5\nrequests_a_day = 100\n"
    site = load_sites(written(tmp_path, text.format(home="http://10.1.2.3:8000") + keys))["a"]
    assert (site.tls, site.allow_private) == (Tls.LEGACY, True)
    assert (site.max_pages, site.requests_a_day) == (5, 100)


BAD = [
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\ntls = 'none'",
        "[a] tls: 'none' is none of: verified, unverified, legacy",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nallow_private = 'yes'",
        "[a] allow_private: must be true or false",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://192.168.1.5/'",
        "needs allow_private = true",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nmax_pages = 0",
        "[a] max_pages",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nrequests_a_day = 1.5",
        "[a] requests_a_day",
    ),
    ("[a]\nname = 1\nprovince = 'x'\nhome = 'http://a.gov.vn'", "[a] name"),
    ("[a]\nprovince = 'x'\nhome = 'http://a.gov.vn'", "[a] name: is missing"),
    ("[a]\nname = 'A'\nprovince = 'x'\nhome = 'a.gov.vn'", "[a] home"),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nplatfrom = 'x'",
        "did you mean 'platform'",
    ),
    ("[A_b]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'", "[A_b]"),
    ("name = 'A'", "[name]"),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\npace = {delay = 0.2}",
        "[a.pace] delay",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\npace = {connections = 3}",
        "agreed",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\npace = {delay = -1}",
        "[a.pace] delay",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\npace = {speed = 1}",
        "[a.pace] speed",
    ),
    ("[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nrhythm = 'daily'", "[a] rhythm"),
    ("[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nsections = '/x'", "[a] sections"),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nhosts = ['http://b']",
        "[a] hosts",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nlife = {state = 'dead'}",
        "[a.life] state",
    ),
    ("[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\nlife = {state = 'gone'}", "since"),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\n"
        "life = {state = 'moved', since = 2025-07-01, reason = 'r'}",
        "[a.life] successor",
    ),
    (
        "[a]\nname = 'A'\nprovince = 'x'\nhome = 'http://a.gov.vn'\n"
        "[b]\nname = 'B'\nprovince = 'x'\nhome = 'https://www.a.gov.vn/'",
        "same address as [a]",
    ),
    ("[a]\nname = 'A'\n[a]\nname = 'B'", "not valid TOML"),
    ("", "holds no site"),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[said for _, said in BAD])
def test_mistakes_are_refused_with_file_table_and_key(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        load_sites(path)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        load_sites(tmp_path / "none.toml")
    broken = tmp_path / "sites.toml"
    broken.write_bytes(b"\xff\xfe[")
    with pytest.raises(UsageError, match="cannot be read"):
        load_sites(broken)


def test_unknown_site_suggests_the_near_one(tmp_path: Path) -> None:
    sites = load_sites(written(tmp_path, GOOD))
    with pytest.raises(UsageError, match="did you mean dong-son"):
        choose(sites, ("dongson",))


def test_without_names_only_active_sites_are_taken(tmp_path: Path) -> None:
    sites = load_sites(written(tmp_path, GOOD))
    assert choose(sites, ()) == []
    assert [site.slug for site in choose(sites, ("dong-son",))] == ["dong-son"]


def test_shipped_sites_hold_the_four_portals_and_nobody_undercuts_the_default_pace() -> None:
    sites = load_sites(DEFAULT_SITES_FILE)
    assert {"tho-xuan", "hoang-hoa", "vi-thuy", "krong-no"} <= set(sites)
    for site in sites.values():
        assert site.pace.delay >= DEFAULT_DELAY, site.slug
        assert site.pace.connections == 1, site.slug


# -- bodies ----------------------------------------------------------------------------------------

SITE = "[a]\nname = 'Huyện A'\nprovince = 'X'\nhome = 'https://www.a.gov.vn/'\nhosts = ['tin.a.gov.vn']\n"


def test_bodies_follow_one_another_on_a_host(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(
        SITE
        + "[[a.bodies]]\nname = 'Huyện A'\nuntil = 2025-07-01\nsuccessors = ['Phường A']\n"
        + "[[a.bodies]]\nname = 'Phường A'\nprovince = 'Y'\nfrom = 2025-07-01\n"
        + "hosts = [{ host = 'a.gov.vn', until = 2026-01-01 }]\n",
        encoding="utf-8",
    )
    district, ward = load_sites(path)["a"].bodies
    assert (district.kind, district.province, district.until) == ("huyện", "X", "2025-07-01")
    assert district.successors == ("Phường A",)
    assert [(s.host, s.since, s.until) for s in district.hosts] == [
        ("a.gov.vn", None, "2025-07-01"),
        ("tin.a.gov.vn", None, "2025-07-01"),
    ]
    assert (ward.kind, ward.province) == ("phường", "Y")
    assert [(s.host, s.since, s.until) for s in ward.hosts] == [
        ("a.gov.vn", "2025-07-01", "2026-01-01")
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("bodies = ['Huyện A']", r"bodies: must be tables, each under \[\[a.bodies\]\]"),
        ("[[a.bodies]]\nname = 'Sở Y tế'", "kind: must be one of: huyện"),
        ("[[a.bodies]]\nname = 'Huyện A'\nuntill = 2025-07-01", "untill: unknown key"),
        ("[[a.bodies]]\nname = 'Huyện A'\nuntil = '2025'", "until: must be a date"),
        (
            "[[a.bodies]]\nname = 'Huyện A'\nfrom = 2025-07-01\nuntil = 2025-07-01",
            "until: must be l",
        ),
        ("[[a.bodies]]\nname = 'Huyện A'\nhosts = ['b.gov.vn']", "'b.gov.vn' is no host of this"),
        ("[[a.bodies]]\nname = 'Huyện A'\nhosts = []", "hosts: must be a list"),
        (
            "[[a.bodies]]\nname = 'Huyện A'\n[[a.bodies]]\nname = 'Xã A'\nfrom = 2025-07-01",
            "Huyện A and Xã A speak on a.gov.vn at the same time",
        ),
    ],
)
def test_a_mistake_about_bodies_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(SITE + text, encoding="utf-8")
    with pytest.raises(UsageError, match=named):
        load_sites(path)


def test_the_shipped_sites_say_until_when_the_districts_spoke() -> None:
    for site in load_sites().values():
        assert site.bodies[0].name == site.name
        assert site.bodies[0].until == "2025-07-01"
