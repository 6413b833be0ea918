"""`scrapy crawl SITE`: as everybody expects, into the archive."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError as ScrapyUsageError

from archive.errors import HuyenError
from crawler.endings import Ending
from crawler.recording import recording
from crawler.run import SiteCrawl
from crawler.sites import choose, load_sites
from crawler.spider import PortalSpider
from crawler.spider_loader import sites_file


class Command(ScrapyCrawl):
    """Scrapy's command with a recorder under it. The archive is HUYEN_ARCHIVE, else ./data."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise ScrapyUsageError("one site, please; `huyen crawl` takes many")
        try:
            self._run(args[0], opts)
        except HuyenError as error:
            sys.stderr.write(f"scrapy crawl: {error}\n")
            self.exitcode = error.exit_status

    def _run(self, name: str, opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        assert self.settings is not None
        path = sites_file(self.settings)
        (site,) = choose(load_sites(path), (name,), path)
        archive = Path(os.environ.get("HUYEN_ARCHIVE", "data"))
        with recording(archive, [site], sys.argv[1:]) as (recorder, agent):
            self.settings.set("HUYEN_RECORDER", recorder, priority="cmdline")
            self.settings.set("USER_AGENT", agent, priority="spider")
            visit = SiteCrawl(site, recorder)
            visit.begin()
            crawler = self._create_crawler(name)
            self.crawler_process.crawl(crawler, **opts.spargs)
            self.crawler_process.start()
            if self.crawler_process.bootstrap_failed:
                self.exitcode = 1
            elif recorder.failure is None and isinstance(crawler.spider, PortalSpider):
                assert crawler.stats is not None
                finished = crawler.stats.get_value("finish_reason") == Ending.FINISHED
                recorder.outcome = "done" if finished else "interrupted"
                visit.end(crawler)
