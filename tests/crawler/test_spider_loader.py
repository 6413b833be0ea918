"""Every site is a spider; a file in crawler/spiders is used where there is one."""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, ClassVar

import pytest
from scrapy.settings import Settings
from small_portal import write_sites

from archive.errors import UsageError
from archive.schema import PageKind, Reading
from crawler.extraction.page import Page
from crawler.page_reader import PageReader
from crawler.sites import DEFAULT_DELAY, DEFAULT_SITES_FILE, load_sites
from crawler.spider import PortalSpider
from crawler.spider_loader import SiteSpiderLoader, spider_class

SPIDERS = Path(__file__).parents[2] / "crawler" / "spiders"


def own_module(monkeypatch: pytest.MonkeyPatch, name: str, **spiders: type) -> None:
    module = types.ModuleType(f"crawler.spiders.{name}")
    module.__spec__ = ModuleSpec(module.__name__, None)
    module.__file__ = f"crawler/spiders/{name}.py"
    for attribute, spider in spiders.items():
        spider.__module__ = module.__name__
        setattr(module, attribute, spider)
    monkeypatch.setitem(sys.modules, module.__name__, module)


class Odd(PortalSpider):
    name = "dong-son"
    custom_settings: ClassVar[dict[str, Any]] = {"DOWNLOAD_DELAY": 7.0}

    @staticmethod
    def read(page: Page) -> Reading:
        return Reading(PageKind.OTHER, "odd", "1")


def test_a_site_without_a_file_has_the_general_spider(tmp_path: Path) -> None:
    site = load_sites(write_sites(tmp_path, "dong-son"))["dong-son"]
    spider = spider_class(site)
    assert issubclass(spider, PortalSpider)
    assert (spider.name, spider.site) == ("dong-son", site)


def test_a_site_with_a_file_of_its_own_uses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_module(monkeypatch, "dong_son", DongSonSpider=Odd)
    site = load_sites(write_sites(tmp_path, "dong-son"))["dong-son"]
    spider = spider_class(site)
    page = Page.from_http(site.home, 200, "text/html", b"<p>x</p>")
    assert PageReader(site.home, spider.read).read(page).extractor == "odd"
    settings = Settings()
    spider.update_settings(settings)
    assert settings.getfloat("DOWNLOAD_DELAY") == 7.0


def test_a_spider_cannot_be_faster_than_its_site_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = type("Hasty", (PortalSpider,), {"name": "dong-son"})
    hasty.custom_settings = {"DOWNLOAD_DELAY": 0.1, "CONCURRENT_REQUESTS_PER_DOMAIN": 8}  # type: ignore[attr-defined]
    own_module(monkeypatch, "dong_son", Hasty=hasty)
    site = load_sites(write_sites(tmp_path, "dong-son", delay=2.5))["dong-son"]
    settings = Settings()
    spider_class(site).update_settings(settings)
    assert settings.getfloat("DOWNLOAD_DELAY") == 2.5
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1


def test_a_file_that_does_not_hold_what_its_name_says_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = type("Other", (PortalSpider,), {"name": "dong_son"})
    own_module(monkeypatch, "dong_son", Other=other)
    site = load_sites(write_sites(tmp_path, "dong-son"))["dong-son"]
    with pytest.raises(UsageError, match=r"dong_son\.py.*name = 'dong-son'"):
        spider_class(site)


def test_no_shipped_spider_undercuts_the_default_pace_or_lacks_its_site() -> None:
    sites = load_sites(DEFAULT_SITES_FILE)
    files = {path.stem.replace("_", "-") for path in SPIDERS.glob("*.py")} - {"--init--"}
    assert files <= set(sites)
    for site in sites.values():
        settings = Settings()
        spider_class(site).update_settings(settings)
        assert settings.getfloat("DOWNLOAD_DELAY") >= DEFAULT_DELAY, site.slug


def test_the_loader_finds_the_spider_of_an_address(tmp_path: Path) -> None:
    from scrapy import Request

    loader = SiteSpiderLoader(write_sites(tmp_path, "dong-son", "vinh-loc"))
    assert loader.list() == ["dong-son", "vinh-loc"]
    assert loader.find_by_request(Request("http://www.vinh-loc.example/x")) == ["vinh-loc"]
    assert loader.find_by_request(Request("http://elsewhere.example/")) == []
    with pytest.raises(KeyError):
        loader.load("nowhere")
