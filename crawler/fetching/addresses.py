"""No page can make the crawler reach into the network that it runs in.

Literal addresses are judged before a request is made, names when they are resolved for the very
connection, so that neither a redirect nor a name that changes its address in between (DNS rebinding)
leads to a private one. Allowed are the hosts that `sites.toml` itself puts on this machine, and the
proxies of the environment: what a proxy reaches is the proxy's business.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
from typing import TYPE_CHECKING, Any, Self
from urllib.request import getproxies

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from archive.exchange import Exchange
from archive.urls import host_of
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.interfaces import IAddress, IHostResolution

_log = logging.getLogger(__name__)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits


def is_public_address(text: str) -> bool:
    """Whether an IP address, as text, belongs to the public internet. False for what is no address.

    Loopback, private, link-local (cloud metadata is 169.254.169.254), carrier-grade NAT, multicast,
    reserved and unspecified ones do not; nor do IPv6 addresses that carry such an IPv4 address.
    """
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if carried is None and address in _NAT64:
            carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return is_public_address(str(carried))
    return address.is_global and not address.is_multicast


class PublicAddressesOnly:
    """Downloader middleware: refuses requests to literal addresses that are not public. The refusal
    is a capture with the error ``refused: …``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        host = host_of(request.url)
        spider = self._crawler.spider
        if isinstance(spider, PortalSpider) and host in spider.site.all_hosts:
            return
        if host and not _is_literal(host):
            return  # a name: judged when it is resolved
        if is_public_address(host):
            return
        reason = f"refused: {host or request.url[:100]} is no public address"
        recorder = self._crawler.settings.get("HUYEN_RECORDER")
        if recorder is not None and spider is not None:
            now = dt.datetime.now(dt.UTC)
            via = str(request.meta.get("via") or "")
            recorder.record_exchange(
                spider.name, Exchange(request.url, now, request.method, error=reason, via=via)
            )
        raise IgnoreRequest(reason)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # inet_aton's other spellings of an IPv4 address: 2130706433, 0x7f.1, 127.1
        return (
            host.replace(".", "").replace("x", "").isalnum() and host.split(".")[-1][:1].isdigit()
        )
    return True


class PublicNamesOnly(CachingHostnameResolver):
    """Twisted name resolver: a name resolves to its public addresses only."""

    def __init__(self, reactor: ReactorBase, cache_size: int, allowed: frozenset[str]) -> None:
        super().__init__(reactor, cache_size)
        self._allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """``crawler`` is the process, as Scrapy has it; of use are its settings."""
        proxies = {host_of(proxy) for proxy in getproxies().values()}
        recorder = crawler.settings.get("HUYEN_RECORDER")
        local = proxies if recorder is None else proxies | recorder.local_hosts
        return cls(reactor, crawler.settings.getint("DNSCACHE_SIZE"), frozenset(local))

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        if hostName.lower() not in self._allowed:
            receiver: Any = _PublicReceiver(resolutionReceiver, hostName)
        else:
            receiver = resolutionReceiver
        return super().resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


@implementer(IResolutionReceiver)
class _PublicReceiver:
    """Passes public addresses on."""

    def __init__(self, receiver: Any, name: str) -> None:
        self._receiver = receiver
        self._name = name

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if is_public_address(address.host):
            self._receiver.addressResolved(address)
        else:
            _log.info("%s resolves to %s, which is no public address", self._name, address.host)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()
