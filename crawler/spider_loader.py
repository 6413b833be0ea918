"""Every table of sites.toml is a spider: `scrapy list`, `scrapy crawl SITE`, `scrapy parse URL`."""

from __future__ import annotations

import builtins
import importlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self

from archive.errors import UsageError
from archive.urls import host_of
from crawler.sites import DEFAULT_SITES_FILE, Site, load_sites
from crawler.spider import PortalSpider

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings


def sites_file(settings: BaseSettings) -> Path:
    """The sites file in force: setting HUYEN_SITES, the environment, else the shipped one."""
    named = settings.get("HUYEN_SITES") or os.environ.get("HUYEN_SITES")
    return Path(named) if named else DEFAULT_SITES_FILE


def spider_class(site: Site) -> type[PortalSpider]:
    """The spider of a site: from crawler/spiders/<slug>.py where the portal has markup of its own,
    else the general one under the site's name.

    Raises UsageError if that file does not define exactly what its name promises.
    """
    module_name = f"crawler.spiders.{site.slug.replace('-', '_')}"
    if find_spec(module_name) is None:
        return type("SiteSpider", (PortalSpider,), {"name": site.slug, "site": site})
    module = importlib.import_module(module_name)
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, PortalSpider)
        and value.__module__ == module_name
    ]
    if len(own) != 1 or own[0].name != site.slug:
        raise UsageError(
            f"{module.__file__}: must define one PortalSpider with name = {site.slug!r}"
        )
    return type(own[0].__name__, (own[0],), {"site": site})


class SiteSpiderLoader:
    """Scrapy's spider loader protocol over sites.toml."""

    def __init__(self, path: Path) -> None:
        self._sites = load_sites(path)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(sites_file(settings))

    def load(self, spider_name: str) -> type[Spider]:
        return spider_class(self._sites[spider_name])

    def list(self) -> list[str]:
        return list(self._sites)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        host = host_of(request.url)
        return [slug for slug, site in self._sites.items() if host in site.all_hosts]
