"""Which portal a captured address belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from archive.urls import canonical_url, host_of
from crawler.sites import Site, State


class Attribution:
    """Finds the site of a URL by the hosts in sites.toml, for captures of whatever time."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._by_host: dict[str, tuple[Site, ...]] = {}
        for site in sites:
            for host in site.all_hosts:
                self._by_host[host] = (*self._by_host.get(host, ()), site)

    def site_of(self, url: str, date: str) -> Site | None:
        """The site that the URL belonged to at that time (UTC text), None if there is none.

        A host name does not identify a body for ever: a portal that moved or is gone since a day
        has no claim on what its host said from that day on. Where several portals share a host,
        the one with the longest matching home address has it.
        """
        sites = [site for site in self._by_host.get(host_of(url), ()) if _had_host(site, date)]
        if len(sites) < 2:
            return sites[0] if sites else None
        try:
            address = canonical_url(url)
        except ValueError:
            return None
        within = [site for site in sites if address.startswith(site.home)]
        return max(within, key=lambda site: len(site.home), default=None)


def _had_host(site: Site, date: str) -> bool:
    ended = site.life.state in (State.MOVED, State.GONE) and site.life.since is not None
    return not ended or date[: len("YYYY-MM-DD")] < str(site.life.since)
