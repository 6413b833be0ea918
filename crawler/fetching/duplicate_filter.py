"""One identity is fetched once in a run, however its address is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.dupefilters import BaseDupeFilter

from archive.urls import canonical_url, url_key

if TYPE_CHECKING:
    from scrapy import Request


class IdentityFilter(BaseDupeFilter):
    """Filters by archive.urls.url_key. A redirect usually leads from one spelling of an address to
    another (http to https, with to without ``www.``): it is dropped only where that very address
    has been asked for already."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: set[str] = set()
        self._addresses: set[str] = set()

    def request_seen(self, request: Request) -> bool:
        body = request.body.hex() if request.method != "GET" else ""
        address = f"{request.method} {canonical_url(request.url)} {body}"
        key = f"{request.method} {url_key(request.url)} {body}"
        redirected = bool(request.meta.get("redirect_times"))
        seen = address in self._addresses if redirected else key in self._keys
        self._addresses.add(address)
        self._keys.add(key)
        return seen
