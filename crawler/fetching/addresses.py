"""No page can make the crawler reach into the network that it runs in.

Addresses are judged before a request is made, names again when they are resolved for the very
connection, so that neither a redirect nor a name that changes its address in between (DNS rebinding)
leads to a private one. Allowed is what `sites.toml` names for the portal that is being asked, and the
proxies of the environment: what a proxy reaches is the proxy's business.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from archive.exchange import Exchange
from archive.urls import host_of
from crawler.fetching.wire import Tap, following
from crawler.public_addresses import ip_address, is_private_address, is_public_address
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.interfaces import IAddress, IHostResolution

    from crawler.sites import Site

_log = logging.getLogger(__name__)

LONGEST_URL = 2083
"""Characters; what Scrapy's UrlLengthMiddleware lets a spider ask for, here for redirects too."""

_WEB_PORTS = frozenset({80, 443})
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What lies below is spoken to by other programs: a page must not have us greet a mail server.
_FIRST_FREE_PORT = 1024
# Names that mean something only inside a network: RFC 6761, 6762, 8375, 9476 and custom.
_INTERNAL = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp")


def refusal(url: str, site: Site | None, guarded: frozenset[str] = frozenset()) -> str | None:
    """Why this address must not be asked on behalf of this portal; None if it may be.

    ``guarded`` are names that the resolver lets lead to private addresses, for whichever portal.
    """
    if len(url) > LONGEST_URL:
        return f"an address of {len(url)} characters"
    parts = urlsplit(url)
    host = host_of(url)
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return f"{url[:100]} is no address of the web"
    own = site is not None and host in site.all_hosts
    ports = _WEB_PORTS | (_ports_of(site) if site is not None and own else frozenset())
    inside = _is_literal(host) and not is_public_address(host)
    if not own:
        if inside:
            return f"{host} is no public address"
        named = ip_address(host) is None
        if (named and "." not in host) or host.endswith(_INTERNAL) or host in guarded:
            return f"{host} is a name inside a network"
    elif inside:
        assert site is not None
        address = ip_address(host)
        allowed = address is not None and (
            address.is_loopback or (site.allow_private and is_private_address(host))
        )
        if not allowed:
            return f"{host} is no public address"
    port = _port(parts)
    # On a machine of ours, or of the office's own network, there is more than the portal.
    needs_naming = inside or host in guarded or port < _FIRST_FREE_PORT
    if needs_naming and port not in ports:
        return f"port {port} of {host} is not the portal's"
    return None


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or _DEFAULT_PORTS[parts.scheme]
    except ValueError:
        return 0


def _ports_of(site: Site) -> frozenset[int]:
    return frozenset(_port(urlsplit(url)) for url in (site.home, *site.sections))


def _is_literal(host: str) -> bool:
    """As the URL standard has it: a host whose last label begins with a digit is an IPv4 address,
    or none at all. So 2130706433, 0x7f.1 and 127.1, which inet_aton() understands."""
    return ip_address(host) is not None or host.rpartition(".")[2][:1].isdigit()


class PublicAddressesOnly:
    """Downloader middleware: refuses requests to what is not the portal's and not public. The
    refusal is a capture with the error ``refused: …``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._recorder = crawler.settings.get("HUYEN_RECORDER")
        self._proxies = getproxies()
        self._names_inside = _proxy_hosts() | _hosts_of(self._recorder)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        spider = self._crawler.spider
        site = spider.site if isinstance(spider, PortalSpider) else None
        reason = refusal(request.url, site, self._guarded(request.url))
        if reason is None:
            return
        if self._recorder is not None and spider is not None and len(request.url) <= LONGEST_URL:
            now = dt.datetime.now(dt.UTC)
            via = str(request.meta.get("via") or "")
            error = f"refused: {reason}"
            self._recorder.record_exchange(
                spider.name, Exchange(request.url, now, request.method, error=error, via=via)
            )
        raise IgnoreRequest(f"refused: {reason}")

    def _guarded(self, url: str) -> frozenset[str]:
        """None for a request that a proxy will make: it resolves names by itself."""
        parts = urlsplit(url)
        if parts.scheme in self._proxies and not proxy_bypass(parts.hostname or ""):
            return frozenset()
        return self._names_inside


def _proxy_hosts() -> frozenset[str]:
    return frozenset(host_of(proxy) for proxy in getproxies().values())


def _hosts_of(recorder: Any) -> frozenset[str]:
    return frozenset() if recorder is None else recorder.local_hosts | recorder.private_hosts


class PublicNamesOnly(CachingHostnameResolver):
    """Twisted name resolver: a name resolves to its public addresses only.

    ``local`` names may lead anywhere (proxies, reserved test names in sites.toml), ``private`` ones
    also into an office's own network, but not to this machine.
    """

    def __init__(
        self,
        reactor: ReactorBase,
        cache_size: int,
        local: frozenset[str],
        private: frozenset[str],
    ) -> None:
        super().__init__(reactor, cache_size)
        self._local = local
        self._private = private

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """``crawler`` is the process, as Scrapy has it; of use are its settings."""
        recorder = crawler.settings.get("HUYEN_RECORDER")
        local = _proxy_hosts() | (frozenset() if recorder is None else recorder.local_hosts)
        private = frozenset() if recorder is None else recorder.private_hosts
        return cls(reactor, crawler.settings.getint("DNSCACHE_SIZE"), local, private)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        name = hostName.lower()
        receiver: Any = resolutionReceiver
        if name not in self._local:
            is_allowed = _is_office_address if name in self._private else is_public_address
            receiver = _ChoosingReceiver(receiver, hostName, is_allowed, following.get(None))
        return super().resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


def _is_office_address(text: str) -> bool:
    return is_public_address(text) or is_private_address(text)


@implementer(IResolutionReceiver)
class _ChoosingReceiver:
    """Passes allowed addresses on; tells the request that waits for them of the others."""

    def __init__(
        self, receiver: Any, name: str, is_allowed: Callable[[str], bool], tap: Tap | None
    ) -> None:
        self._receiver = receiver
        self._name = name
        self._is_allowed = is_allowed
        self._tap = tap

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if self._is_allowed(address.host):
            self._receiver.addressResolved(address)
            return
        reason = f"{self._name} resolves to {address.host}, which is no public address"
        _log.info("%s", reason)
        if self._tap is not None:
            self._tap.refusal = reason

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()
