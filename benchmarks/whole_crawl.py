"""A whole crawl with everything on (capture, WARC, extraction, identity, near-duplicates, search index)
beside `wget --warc-file --recursive` and a bare Scrapy spider that follows the same links; what a
second run on the unchanged portal costs; memory along the way; and where the time goes.

    python -m benchmarks.whole_crawl [--articles N] [--rounds N] [--memory-only] [--profile]
"""

from __future__ import annotations

import argparse
import os
import pstats
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response, TextResponse

from benchmarks.news_portal import build
from benchmarks.static_portal import served
from benchmarks.surroundings import first_line, print_surroundings, print_table, require

_SITES = """[do-luong]
name = "Huyện Đo Lường"
province = "Thử Nghiệm"
home = "{home}"
pace = {{ delay = 0, connections = 16 }}
requests_a_day = 1_000_000
"""
# Where the time of a profiled crawl is counted to: the first of these that the file's path holds.
_PARTS = (
    ("crawler/extraction", "reading pages"),
    ("crawler/platforms", "reading pages"),
    ("crawler/fetching", "capture"),
    ("archive/warc_writer", "WARC"),
    ("warcio", "WARC"),
    ("archive/near_dup", "near-duplicates"),
    ("archive/signatures", "near-duplicates"),
    ("archive/clusters", "near-duplicates"),
    ("archive/index_text", "search index"),
    ("archive/full_text", "search index"),
    ("archive/vietnamese", "search index"),
    ("archive/word_sets", "search index"),
    ("archive/", "archive"),
    ("crawler/", "spider, links, ledger"),
    ("benchmarks/", "spider, links, ledger"),
    ("twisted", "Scrapy and Twisted"),
    ("scrapy", "Scrapy and Twisted"),
    ("w3lib", "Scrapy and Twisted"),
    ("asyncio", "Scrapy and Twisted"),
    ("selectors", "Scrapy and Twisted"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one crawl by a process of its own. ``cpu`` and ``wall`` in seconds, ``memory`` the highest
    resident size in bytes; start-up included."""

    cpu: float
    wall: float
    memory: int


class FollowingSpider(Spider):
    """Every link of every page, and the pictures, as `huyen crawl` follows them; nothing kept but
    which addresses were seen, so that no request is made in vain."""

    name = "bare"
    home = ""
    seen: ClassVar[set[str]] = set()

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.home)

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        if isinstance(response, TextResponse):
            for link in response.css("a::attr(href), img::attr(src)").getall():
                if link not in self.seen:
                    self.seen.add(link)
                    yield response.follow(link)


def bare(home: str) -> None:
    """The bare spider, in this process."""
    settings = {
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
    }
    process = AsyncCrawlerProcess(settings)
    process.crawl(type("FollowingSpider", (FollowingSpider,), {"home": home}))
    process.start()


def measured(command: list[str], log: Path) -> tuple[Cost, list[int]]:
    """Runs a command to its end; also gives its resident size, in bytes, five times a second."""
    started = time.monotonic()
    sizes: list[int] = []
    highest = 0
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            now, peak = _resident(process.pid)
            if now:  # none when it has just ended
                sizes.append(now)
            highest = max(highest, peak)
            time.sleep(0.2)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 8):  # 8: wget met an error page
        sys.exit(log.read_text(encoding="utf-8", errors="replace")[-2000:])
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - started, highest), sizes


def _resident(pid: int) -> tuple[int, int]:
    """Bytes now and at the highest. (That of getrusage counts what was there before exec, too.)"""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0, 0
    found = dict(line.split(":", 1) for line in lines)
    now, peak = (int(found.get(key, "0 kB").split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))
    return now, peak


def huyen(archive: Path, sites: Path, *arguments: str) -> list[str]:
    command = [*(sys.executable, "-m", "crawler.command"), *("--archive", str(archive))]
    return [*command, "--sites", str(sites), "crawl", *arguments]


def wget(home: str, folder: Path) -> list[str]:
    return [
        *("wget", "--recursive", "--level=inf", "--page-requisites", "--delete-after"),
        *("--no-verbose", "--tries=1", f"--directory-prefix={folder / 'pages'}"),
        *(f"--warc-tempdir={folder}", f"--warc-file={folder / 'one'}", home),
    ]


def answers_of(archive: Path) -> list[int]:
    """Requests of each run of the archive."""
    with closing(sqlite3.connect(archive / "archive.db")) as database:
        rows = database.execute(
            "SELECT r.id, count(c.id) FROM run r LEFT JOIN capture c ON c.run_id = r.id GROUP BY r.id"
        )
        return [row[1] for row in rows]


def compare(home: str, pages: int, articles: int, scratch: Path, rounds: int) -> None:
    """Prints the table of the crawlers, and that of the second run."""
    costs: dict[str, list[Cost]] = {}
    again: list[Cost] = []
    sites = scratch / "sites.toml"
    sites.write_text(_SITES.format(home=home), encoding="utf-8")
    for number in range(rounds):
        folder = scratch / str(number)
        folder.mkdir()
        commands = {
            "wget --warc-file --recursive": wget(home, folder),
            "bare Scrapy spider, nothing stored": [
                *(sys.executable, "-m", __spec__.name, "--bare", home)
            ],
            "huyen crawl, everything on": huyen(folder / "archive", sites),
        }
        for name, command in commands.items():
            costs.setdefault(name, []).append(measured(command, folder / "log")[0])
        again.append(measured(huyen(folder / "archive", sites), folder / "log")[0])
    archive = scratch / "0" / "archive"
    with closing(sqlite3.connect(archive / "archive.db")) as database:
        found = database.execute("SELECT count(*) FROM articles").fetchone()[0]
    first, second = answers_of(archive)
    base = [cost.cpu for cost in costs["bare Scrapy spider, nothing stored"]]
    print_table(
        ["", "pages / s", "pages / CPU-s", "CPU beside bare Scrapy", "peak memory"],
        [
            (
                name,
                f"{statistics.median(pages / cost.wall for cost in of):.0f}",
                f"{statistics.median(pages / cost.cpu for cost in of):.0f}",
                f"{statistics.median(c.cpu / b for c, b in zip(of, base, strict=True)):.2f} ×",
                f"{max(cost.memory for cost in of) / 1e6:.0f} MB",
            )
            for name, of in costs.items()
        ],
    )
    print(f"{found:,} of {articles:,} articles in the archive.", end="\n\n")
    whole = costs["huyen crawl, everything on"]
    print_table(
        ["huyen crawl", "requests", "seconds", "CPU-s"],
        [
            (
                name,
                f"{requests:,}",
                f"{statistics.median(c.wall for c in of):.1f}",
                f"{statistics.median(c.cpu for c in of):.1f}",
            )
            for name, requests, of in (("first", first, whole), ("second", second, again))
        ],
    )
    print(f"The second run asks {second / first:.2%} of the first one's requests.", end="\n\n")


def memory(home: str, scratch: Path) -> None:
    """Prints the resident size of `huyen crawl` along one crawl."""
    sites = scratch / "sites.toml"
    sites.write_text(_SITES.format(home=home), encoding="utf-8")
    cost, sizes = measured(huyen(scratch / "memory", sites), scratch / "log")
    steps = 10
    print_table(
        ["of the crawl's time", *(f"{100 * at // steps} %" for at in range(1, steps + 1)), "peak"],
        [
            (
                "resident",
                *(
                    f"{sizes[min(len(sizes) - 1, len(sizes) * at // steps)] / 1e6:.0f} MB"
                    for at in range(1, steps + 1)
                ),
                f"{cost.memory / 1e6:.0f} MB",
            )
        ],
    )


def profile(home: str, scratch: Path) -> None:
    """Prints what shares of a profiled crawl's own time the parts take."""
    sites = scratch / "sites.toml"
    sites.write_text(_SITES.format(home=home), encoding="utf-8")
    target = scratch / "profile"
    command = huyen(scratch / "profiled", sites)
    command[1:1] = ["-m", "cProfile", "-o", str(target)]
    measured(command, scratch / "log")
    spent: Counter[str] = Counter()
    # What is written in C (lxml, zlib, SQLite) is counted to the part that calls it.
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(str(target)).stats.items():  # type: ignore[attr-defined]
        if file == "~":
            for (caller, _, _), (_, _, of_it, _) in callers.items():
                spent[_part(caller)] += of_it
        else:
            spent[_part(file)] += own
    whole = sum(spent.values())
    print_table(
        ["where the time goes", "share"],
        [(part, f"{seconds / whole:.0%}") for part, seconds in spent.most_common()],
    )


def _part(file: str) -> str:
    return next((part for sign, part in _PARTS if sign in file), "the rest of Python")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-only", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--bare", metavar="URL", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare:
        bare(arguments.bare)
        return
    require("wget")
    print_surroundings("scrapy", "twisted", "lxml", "warcio")
    print(first_line("wget", "--version"), end="\n\n")
    scratch = Path(tempfile.mkdtemp(prefix="huyen-benchmark-"))
    try:
        pages = build(scratch / "site", arguments.articles)
        with served(scratch / "site") as (home, server):
            print(f"{arguments.articles:,} articles on {pages:,} pages, served by {server}.\n")
            if arguments.profile:
                profile(home, scratch)
            elif arguments.memory_only:
                memory(home, scratch)
            else:
                compare(home, pages, arguments.articles, scratch, arguments.rounds)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
