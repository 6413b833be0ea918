"""What capture and WARC writing cost: the same crawl by Scrapy as it comes, with the tap alone, and
into an archive. CPU time of the crawling process, several runs of each, one after the other in
turns; the ratios are medians of the rounds.

    python -m benchmarks.capture_cost [--pages N] [--rounds N]
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response

from archive.exchange import Exchange
from archive.ingest import ArchiveWriter
from benchmarks.static_portal import build, served
from benchmarks.surroundings import cpu_seconds, print_surroundings, print_table

VARIANTS = {
    "bare": "Scrapy as it comes, nothing stored",
    "tap": "with the tap, every exchange thrown away",
    "archive": "with the tap, into an archive: WARC and database",
    "bare-frozen": "Scrapy as it comes, gc.freeze() before the first request",
    "archive-frozen": "into an archive, gc.freeze() before the first request",
}
CRAWLS = {
    "links": "every page parsed, all its links looked at",
    "fetch": "article pages not looked at",
}
_HANDLERS = dict.fromkeys(("http", "https"), "crawler.fetching.capture.CapturingDownloadHandler")


class LinkSpider(Spider):
    """Home page, listings, articles."""

    name = "do-luong"
    home = ""
    parse_articles = True
    frozen = False
    started_at = 0.0

    async def start(self) -> AsyncIterator[Request]:
        if self.frozen:  # what Scrapy has loaded stays: no collection need look at it again
            gc.collect()
            gc.freeze()
        self.started_at = cpu_seconds()  # Scrapy has loaded what it needs
        yield Request(self.home)

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        for link in response.css("main a::attr(href)").getall():
            if link.startswith("/"):
                article = link.startswith("/tin-")
                skipped = article and not self.parse_articles
                yield Request(response.urljoin(link), self.parse_nothing if skipped else self.parse)

    def parse_nothing(self, response: Response) -> None:
        """The page is fetched, that is all."""


class Discarding:
    """A recorder that keeps nothing."""

    def __init__(self) -> None:
        self.count = 0

    def record_exchange(self, site: str, exchange: Exchange) -> int:
        self.count += 1
        return self.count

    def __deepcopy__(self, memo: dict[int, Any]) -> Discarding:
        return self


class Archiving:
    """The archive writer, so that Scrapy's copy of its settings does not copy it."""

    def __init__(self, writer: ArchiveWriter) -> None:
        self.record_exchange = writer.record_exchange

    def __deepcopy__(self, memo: dict[int, Any]) -> Archiving:
        return self


def crawl(home: str, variant: str, kind: str, folder: Path) -> dict[str, float]:
    """One crawl in this process; the CPU time is that of the crawl, without loading the program."""
    settings: dict[str, Any] = {
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html", "Accept-Encoding": "gzip"},
    }
    writer = None
    stored, _, frozen = variant.partition("-")
    if stored != "bare":
        settings["DOWNLOAD_HANDLERS"] = _HANDLERS
        settings["HUYEN_RECORDER"] = Discarding()
    process = AsyncCrawlerProcess(settings)
    spider = type(
        "LinkSpider",
        (LinkSpider,),
        {"home": home, "parse_articles": kind == "links", "frozen": bool(frozen)},
    )
    if stored == "archive":
        writer = ArchiveWriter.open(folder, "benchmark")
        process.settings.set("HUYEN_RECORDER", Archiving(writer))
    crawler = Crawler(spider, process.settings)
    process.crawl(crawler)
    process.start()
    if writer is not None:
        writer.close()
    assert isinstance(crawler.spider, LinkSpider)
    assert crawler.stats is not None
    spent = cpu_seconds() - crawler.spider.started_at
    return {"cpu": spent, "pages": crawler.stats.get_value("response_received_count", 0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        home, variant, kind, folder = arguments.one
        print(json.dumps(crawl(home, variant, kind, Path(folder))))
        return
    print_surroundings("scrapy", "twisted", "isal")
    with tempfile.TemporaryDirectory(prefix="huyen-benchmark-") as scratch:
        site = Path(scratch) / "site"
        build(site, arguments.pages)
        with served(site) as (home, server):
            print(f"{arguments.pages} pages from {server}, {arguments.rounds} rounds", end="\n\n")
            for kind, title in CRAWLS.items():
                print(f"{title}:", end="\n\n")
                compare(home, kind, Path(scratch), arguments.rounds)


def compare(home: str, kind: str, scratch: Path, rounds: int) -> None:
    """Prints the table for one kind of crawl."""
    seconds: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    ratios: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for number in range(rounds):
        for variant in VARIANTS:
            folder = scratch / f"{kind}-{variant}-{number}"
            done = subprocess.run(
                [sys.executable, "-m", __spec__.name, "--one", home, variant, kind, str(folder)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            result = json.loads(done.stdout)
            seconds[variant].append(result["cpu"] / result["pages"])
            ratios[variant].append(seconds[variant][-1] / seconds["bare"][-1])
    print_table(
        ["crawl", "pages / CPU-s", "ms a page", "CPU beside bare"],
        [
            (
                title,
                f"{1 / statistics.median(seconds[variant]):.0f}",
                f"{statistics.median(seconds[variant]) * 1000:.2f}",
                f"{statistics.median(ratios[variant]):.2f} ×",
            )
            for variant, title in VARIANTS.items()
        ],
    )


if __name__ == "__main__":
    main()
