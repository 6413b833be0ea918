"""Who asks, under which name of the reader, and whether a password may travel that way.

The Host header is checked because a page elsewhere can make its own name lead to this computer (DNS
rebinding) and would then read the archive through a visitor's browser. Headers of proxies are believed
from those that the operator names, and from nobody else.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Headers = Iterable[tuple[bytes, bytes]]

CALLER = "huyen.caller"  # the key of the `Caller` in an ASGI scope that came through the gate

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?")
_FORWARDED_PAIR = re.compile(r'([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^;,"\s]+))')
_BY_PROXIES = ("forwarded", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for", "via")


class MalformedRequest(Exception):
    """Raised here for a request without one well-formed Host, and for proxies that contradict
    themselves."""


class NotOurName(Exception):
    """Raised here for a Host under which this reader does not answer; its argument is that host."""


@dataclass(frozen=True, slots=True)
class Front:
    """How the reader stands in the network. ``hosts``: names besides those of loopback, lower case,
    without port. ``any_address``: it listens on all addresses, so that every IP address may be one of
    its names (nobody can rebind an address). ``proxies``: whose headers are believed. ``base_url``:
    its own address where the operator gave one, without a slash at its end."""

    hosts: frozenset[str] = frozenset()
    any_address: bool = False
    proxies: tuple[Network, ...] = ()
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks. ``base`` is the reader's address as the caller knows it, without a slash at its
    end; ``address`` the caller's own, for the log; ``private``: nobody in between can read along, so
    that a password may be sent; ``staff`` is the name that was proven by one, or empty."""

    base: str
    address: str
    private: bool
    staff: str = ""


def caller_of(front: Front, scheme: str, peer: str, headers: Headers) -> Caller:
    """The caller of a request: ``scheme`` and ``peer`` (an IP address, empty if unknown) are those of
    the connection. Raises MalformedRequest and NotOurName."""
    fields: dict[str, list[str]] = {}
    for field, value in headers:
        fields.setdefault(field.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    hosts = fields.get("host", [])
    if len(hosts) != 1:
        raise MalformedRequest
    host, address, told = hosts[0], peer, ""
    proxied = any(name in fields for name in _BY_PROXIES)
    believed = is_among(peer, front.proxies)
    if believed:
        forwarded = _forwarded(fields)
        host = forwarded.get("host", host)
        told = forwarded.get("proto", "")
        address = forwarded.get("for", peer)
        if told not in ("", "http", "https"):
            raise MalformedRequest
    scheme = told or scheme
    name = _name_of(host)
    if not _is_ours(front, name):
        raise NotOurName(host)
    return Caller(
        base=front.base_url or f"{scheme}://{host}",
        address=address,
        private=_is_private(front, peer, name, scheme, told, believed, proxied),
    )


def is_loopback_name(name: str) -> bool:
    """Whether a host name or address (IPv6 without brackets) can mean this computer only."""
    address = _address(name)
    if address is not None:
        return address.is_loopback
    return name == "localhost" or name.endswith(".localhost")


def is_among(address: str, networks: Iterable[Network]) -> bool:
    """Whether the IP address is in one of the networks; what is no address is in none."""
    found = _address(address)
    return found is not None and any(found in network for network in networks)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket for both families shows IPv4 callers as ::ffff:10.0.0.7.
    return getattr(found, "ipv4_mapped", None) or found


def _name_of(host: str) -> str:
    match = _HOST.fullmatch(host)
    if match is None or int(match["port"] or 0) > 65535:
        raise MalformedRequest
    return match["name"].lower().removesuffix(".").removeprefix("[").removesuffix("]")


def _is_ours(front: Front, name: str) -> bool:
    if is_loopback_name(name) or name in front.hosts:
        return True
    if name == (urlsplit(front.base_url).hostname or ""):
        return True
    return front.any_address and _address(name) is not None


def _is_private(
    front: Front, peer: str, name: str, scheme: str, told: str, believed: bool, proxied: bool
) -> bool:
    at_home = is_loopback_name(peer)
    base = urlsplit(front.base_url)
    if base.scheme == "https":  # the operator says that a proxy does TLS
        return told != "http" and (believed or at_home)
    if base.hostname and not is_loopback_name(base.hostname):
        return False
    if believed and proxied:
        return scheme == "https"
    return at_home and is_loopback_name(name) and not proxied


def _forwarded(fields: dict[str, list[str]]) -> dict[str, str]:
    """What the nearest proxy says: ``host``, ``proto``, ``for``. Only the last element of each header is
    its own, those before are hearsay. Where `Forwarded` (RFC 7239) and `X-Forwarded-*` contradict each
    other, one of them was let through from the caller: MalformedRequest."""
    standard = {
        match[1].lower(): re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        for match in _FORWARDED_PAIR.finditer(_last(fields.get("forwarded", [])))
    }
    usual = {
        name: value
        for name in ("host", "proto", "for")
        if (value := _last(fields.get(f"x-forwarded-{name}", [])))
    }
    for name in ("host", "proto"):
        if name in standard and name in usual and standard[name] != usual[name]:
            raise MalformedRequest
    return usual | {name: standard[name] for name in ("host", "proto", "for") if name in standard}


def _last(values: list[str]) -> str:
    """The last element of a header that is a list; commas in quoted strings separate nothing."""
    whole = ",".join(values)
    return re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', whole)[-1].strip()
