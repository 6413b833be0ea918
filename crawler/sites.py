"""sites.toml: the facts about every portal, typed and validated.

A mistake is refused with file, table and key, because an operator who meets it at three in the
morning must not have to guess.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from archive.bodies import KINDS, Body, Spoke, kind_of
from archive.errors import UsageError
from archive.urls import canonical_url, host_of, url_key
from crawler.public_addresses import ip_address, is_public_address

DEFAULT_SITES_FILE = Path(__file__).resolve().parent.parent / "sites.toml"
DEFAULT_DELAY = 1.0  # seconds between two requests to one site; offices run these on small machines
DEFAULT_REQUESTS_A_DAY = 20_000  # at the default pace a quarter of a day and a night's work
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class State(StrEnum):
    """Life cycle of a portal. `huyen crawl` without names takes the ACTIVE ones."""

    ACTIVE = "active"
    FROZEN = "frozen"  # still answers, publishes nothing new
    MOVED = "moved"  # its content went to another address, see successor
    GONE = "gone"  # answers no more, or belongs to another body now


@dataclass(frozen=True, slots=True)
class Life:
    """What became of the portal. ``since`` is the day the state began."""

    state: State = State.ACTIVE
    since: dt.date | None = None
    reason: str = ""
    successor: str = ""


class Tls(StrEnum):
    """What is asked of a portal's TLS. Whatever is let pass is recorded with each capture."""

    VERIFIED = "verified"  # a valid certificate, TLS 1.2 or newer
    UNVERIFIED = "unverified"  # any certificate: expired, self-signed, another's, incomplete
    LEGACY = "legacy"  # also TLS 1.0 and 1.1 and the ciphers of their time; any certificate


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one site may be asked: ``delay`` seconds between requests, over ``connections``
    at once. Faster than the default only with ``agreed``: who allowed it."""

    delay: float = DEFAULT_DELAY
    connections: int = 1
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """One table of sites.toml. ``rhythm`` is the expected number of articles a week, None if
    unknown; ``hosts`` further host names of the same portal; ``sections`` addresses of listings
    to start from beside the home page, absolute. ``allow_private`` lets its hosts lie in a private
    network; ``max_pages`` ends each walk after so many pages (None: no limit), ``requests_a_day``
    after so many requests in 24 hours, over all runs. ``bodies`` are those that spoke there one after
    the other; empty: the one of this ``name``, always."""

    slug: str
    name: str
    province: str
    home: str
    platform: str | None = None
    sections: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    rhythm: float | None = None
    pace: Pace = field(default_factory=Pace)
    life: Life = field(default_factory=Life)
    tls: Tls = Tls.VERIFIED
    allow_private: bool = False
    max_pages: int | None = None
    requests_a_day: int = DEFAULT_REQUESTS_A_DAY
    bodies: tuple[Body, ...] = ()

    @property
    def all_hosts(self) -> frozenset[str]:
        """Every host name whose pages belong to this portal, with and without ``www.``."""
        named = {host_of(self.home), *self.hosts}
        bare = {host.removeprefix("www.") for host in named}
        return frozenset(bare | {f"www.{host}" for host in bare})

    @property
    def is_public(self) -> bool:
        """Whether the home page lies on the public web, not on loopback or a reserved test name."""
        return not is_reserved_host(host_of(self.home))


def is_reserved_host(host: str) -> bool:
    """Loopback, or a name that RFC 2606 and RFC 6761 reserve for tests: nobody's web site."""
    if host == "localhost" or host.endswith((".localhost", ".example", ".test", ".invalid")):
        return True
    address = ip_address(host)
    return address is not None and address.is_loopback


def is_public_host(host: str) -> bool:
    """Whether a host named by a page may be asked for a file: a full name, or a public address.
    Names without a dot (``http://img/x.pdf``, from a mistyped ``//img/x.pdf``) are internal."""
    if ip_address(host) is not None:
        return is_public_address(host)
    return "." in host and not is_reserved_host(host) and not host.endswith((".local", ".internal"))


def load_sites(path: Path | None = None) -> Mapping[str, Site]:
    """All sites of a sites.toml (default: the one beside scrapy.cfg), by slug, in file order.

    Raises UsageError naming file, table and key.
    """
    path = path or DEFAULT_SITES_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; name the sites file with --sites") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    sites: dict[str, Site] = {}
    homes: dict[str, str] = {}
    for slug, table in document.items():
        site = _Table(path, slug, table).site()
        for host in sorted({host_of(site.home), *site.hosts}):
            key = url_key(f"http://{host}/") if host != host_of(site.home) else url_key(site.home)
            if key in homes:
                raise UsageError(
                    f"{path}: [{slug}] has the same address as [{homes[key]}]: {site.home}"
                )
            homes[key] = slug
        sites[slug] = site
    if not sites:
        raise UsageError(f"{path}: holds no site")
    return MappingProxyType(sites)


def choose(
    sites: Mapping[str, Site], names: tuple[str, ...], path: Path | None = None
) -> list[Site]:
    """The named sites, or all active ones. Raises UsageError for an unknown name."""
    if not names:
        return [site for site in sites.values() if site.life.state is State.ACTIVE]
    chosen = []
    for name in dict.fromkeys(names):
        if name not in sites:
            near = difflib.get_close_matches(name, sites, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; `huyen sites` lists them"
            raise UsageError(f"unknown site {name!r} in {path or DEFAULT_SITES_FILE}{hint}")
        chosen.append(sites[name])
    return chosen


@dataclass(frozen=True, slots=True)
class _Table:
    """One table being read; knows where it is, so that every complaint can say so."""

    path: Path
    name: str
    values: Any

    def site(self) -> Site:
        if not _SLUG.fullmatch(self.name):
            raise self.wrong(
                "", "a slug has lower-case letters, digits and single hyphens: tho-xuan"
            )
        if not isinstance(self.values, dict):
            raise self.wrong("", "is not a table; every key belongs under a [site]")
        self.known(
            {
                "name",
                "province",
                "home",
                "platform",
                "sections",
                "hosts",
                "rhythm",
                "pace",
                "life",
                "tls",
                "allow_private",
                "max_pages",
                "requests_a_day",
                "bodies",
            }
        )
        home = self.address("home", self.text("home"))
        rhythm = self.number("rhythm", None)
        return Site(
            slug=self.name,
            name=self.text("name"),
            province=self.text("province"),
            home=home,
            platform=self.text("platform", None),
            sections=tuple(self.address("sections", item, home) for item in self.texts("sections")),
            hosts=tuple(self.host(item) for item in self.texts("hosts")),
            rhythm=rhythm,
            pace=self.pace(is_reserved_host(host_of(home))),
            life=self.life(),
            tls=self.tls(),
            allow_private=self.private(home),
            max_pages=self.count("max_pages", None),
            requests_a_day=self.count("requests_a_day", DEFAULT_REQUESTS_A_DAY),
            bodies=self.bodies({host_of(home), *self.texts("hosts")}),
        )

    def pace(self, reserved: bool) -> Pace:
        table = self.subtable("pace")
        table.known({"delay", "connections", "agreed"})
        delay = table.number("delay", DEFAULT_DELAY)
        connections = table.values.get("connections", 1)
        agreed = table.text("agreed", "") or ""
        if not isinstance(connections, int) or isinstance(connections, bool) or connections < 1:
            raise table.wrong("connections", "must be a whole number from 1")
        if (delay < DEFAULT_DELAY or connections > 1) and not (agreed or reserved):
            raise table.wrong(
                "delay" if delay < DEFAULT_DELAY else "connections",
                f"faster than one request every {DEFAULT_DELAY:g} s needs `agreed`: who allowed it",
            )
        return Pace(delay=delay, connections=connections, agreed=agreed)

    def tls(self) -> Tls:
        raw = self.text("tls", Tls.VERIFIED.value)
        if raw not in set(Tls):
            raise self.wrong("tls", f"{raw!r} is none of: {', '.join(Tls)}")
        return Tls(raw)

    def private(self, home: str) -> bool:
        allowed = self.values.get("allow_private", False)
        if not isinstance(allowed, bool):
            raise self.wrong("allow_private", "must be true or false")
        host = host_of(home)
        if ip_address(host) and not (allowed or is_reserved_host(host) or is_public_host(host)):
            raise self.wrong(
                "home",
                f"{host} is no public address; a portal on an intranet needs allow_private = true",
            )
        return allowed

    def life(self) -> Life:
        table = self.subtable("life")
        table.known({"state", "since", "reason", "successor"})
        raw = table.text("state", State.ACTIVE.value) or ""
        if raw not in set(State):
            raise table.wrong("state", f"{raw!r} is none of: {', '.join(State)}")
        since = table.values.get("since")
        if since is not None and (not isinstance(since, dt.date) or isinstance(since, dt.datetime)):
            raise table.wrong("since", "must be a date: 2025-07-01")
        life = Life(
            state=State(raw),
            since=since,
            reason=table.text("reason", "") or "",
            successor=table.text("successor", "") or "",
        )
        if life.state is not State.ACTIVE and not (life.since and life.reason):
            raise table.wrong("state", f"{raw!r} needs `since` and `reason`")
        if life.state is State.MOVED and not life.successor:
            raise table.wrong("successor", "a portal that moved has one")
        return life

    def bodies(self, hosts: set[str]) -> tuple[Body, ...]:
        tables = self.values.get("bodies", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self.wrong("bodies", f"must be tables, each under [[{self.name}.bodies]]")
        bare = sorted({host.removeprefix("www.") for host in hosts})
        bodies = tuple(
            _Table(self.path, f"{self.name}.bodies", table).body(self.values["province"], bare)
            for table in tables
        )
        spoke = sorted(
            (spoke.host, spoke.since or "", spoke.until or "9999", body.name)
            for body in bodies
            for spoke in body.hosts
        )
        for one, other in pairwise(spoke):
            if one[0] == other[0] and other[1] < one[2]:
                raise self.wrong(
                    "bodies", f"{one[3]} and {other[3]} speak on {one[0]} at the same time"
                )
        return bodies

    def body(self, province: str, hosts: list[str]) -> Body:
        self.known({"name", "kind", "province", "from", "until", "successors", "hosts"})
        name = self.text("name")
        kind = self.text("kind", kind_of(name)) or ""
        if kind not in KINDS:
            raise self.wrong("kind", f"must be one of: {', '.join(KINDS)}")
        since, until = self.period()
        named = self.values.get("hosts", hosts)
        if not isinstance(named, list) or not named:
            raise self.wrong("hosts", "must be a list of host names or of tables with `host`")
        return Body(
            name=name,
            kind=kind,
            province=self.text("province", province) or province,
            since=since,
            until=until,
            successors=tuple(self.texts("successors")),
            hosts=tuple(self.spoke(host, hosts, since, until) for host in named),
        )

    def spoke(self, value: Any, hosts: list[str], since: str | None, until: str | None) -> Spoke:
        """``"host"``, with the period of the body, or ``{ host = "…", from = …, until = … }``."""
        if isinstance(value, dict):
            table = _Table(self.path, f"{self.name}.hosts", value)
            table.known({"host", "from", "until"})
            begun, ended = table.period()
            value, since, until = table.text("host"), begun or since, ended or until
        if not isinstance(value, str) or value.removeprefix("www.") not in hosts:
            raise self.wrong("hosts", f"{value!r} is no host of this site ({', '.join(hosts)})")
        return Spoke(value.removeprefix("www."), since, until)

    def period(self) -> tuple[str | None, str | None]:
        since, until = self.day("from"), self.day("until")
        if since and until and since >= until:
            raise self.wrong(
                "until", "must be later than `from`: it is the first day after the end"
            )
        return since, until

    def day(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise self.wrong(key, "must be a date: 2025-07-01")
        return value.isoformat()

    def known(self, keys: set[str]) -> None:
        for key in self.values:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = (
                    f"; did you mean {near[0]!r}?"
                    if near
                    else f"; known: {', '.join(sorted(keys))}"
                )
                raise self.wrong(key, f"unknown key{hint}")

    def subtable(self, key: str) -> _Table:
        values = self.values.get(key, {})
        if not isinstance(values, dict):
            raise self.wrong(key, "must be a table")
        return _Table(self.path, f"{self.name}.{key}", values)

    def text(self, key: str, *default: str | None) -> Any:
        value = self.values.get(key, default[0] if default else None)
        if key not in self.values and default:
            return value
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "is missing" if value is None else "must be a non-empty string")
        return value.strip()

    def texts(self, key: str) -> list[str]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "must be a list of strings")
        return value

    def number(self, key: str, default: float | None) -> Any:
        value = self.values.get(key, default)
        if key not in self.values:
            return value
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e6:
            raise self.wrong(key, "must be a number from 0")
        return float(value)

    def count(self, key: str, default: int | None) -> Any:
        value = self.values.get(key, default)
        if key not in self.values:
            return value
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(key, "must be a whole number from 1")
        return value

    def address(self, key: str, value: str, base: str = "") -> str:
        try:
            return canonical_url(base.rstrip("/") + value if value.startswith("/") else value)
        except ValueError as error:
            raise self.wrong(key, str(error)) from None

    def host(self, value: str) -> str:
        host = host_of(f"http://{value}/")
        if not host or host != value.lower():
            raise self.wrong("hosts", f"{value!r} is not a host name")
        return host

    def wrong(self, key: str, what: str) -> UsageError:
        where = f"[{self.name}]" + (f" {key}" if key else "")
        return UsageError(f"{self.path}: {where}: {what}")
