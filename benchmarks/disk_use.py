"""Bytes on disk of one crawl of a portal and of further ones, beside wget, on the same local portal.

    python -m benchmarks.disk_use [--crawls N] [--copy DIR --home URL --sites FILE]

Without --copy the portals are the three replicas, whose pages print counters and tokens that change
with every visit. With it: a folder of files, served as the host of --home; FILE describes it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from archive.warc_reader import iterate_records
from benchmarks.crawled_portals import with_portals
from benchmarks.surroundings import first_line, print_surroundings, print_table, require
from crawler.replica import PortalServer

_PATIENCE = 1800.0  # seconds for one crawl


@dataclass(frozen=True, slots=True)
class Stored:
    """What is on the disk after a crawl: bytes of WARC files, answers recorded, how many of them as
    revisits, bytes of the rest (database, index)."""

    warc: int
    answers: int
    revisits: int
    rest: int


def crawl_with_wget(
    homes: list[str], environment: dict[str, str], folder: Path, number: int, *, dedup: bool
) -> None:
    """One recursive crawl into a WARC file of its own; with ``dedup`` the index of the crawls before
    tells wget what it has."""
    index = folder / "all.cdx"
    command = [
        *("wget", "--recursive", "--level=inf", "--page-requisites", "--delete-after"),
        *("--no-verbose", "--tries=1", "--timeout=30", "--directory-prefix", str(folder / "pages")),
        *("--warc-cdx", f"--warc-tempdir={folder}", f"--warc-file={folder}/{number:02}"),
        *([f"--warc-dedup={index}"] if dedup and index.exists() else []),
        *homes,
    ]
    subprocess.run(
        command, env=environment, capture_output=True, timeout=_PATIENCE, check=False, cwd=folder
    )
    lines = (folder / f"{number:02}.cdx").read_text().splitlines(keepends=True)
    with index.open("a") as file:
        file.writelines(lines if number == 1 else lines[1:])  # the first line is its heading


def crawl_with_huyen(sites: Path, environment: dict[str, str], folder: Path) -> None:
    """One run of `huyen crawl` into the archive."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "crawler.command"),
            *("--archive", str(folder), "--sites", str(sites), "crawl", "--full"),
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode not in (0, 3):  # 3: a replica portal that is out of order on purpose
        sys.exit(done.stderr)


def stored(folder: Path) -> Stored:
    """What the folder holds."""
    kinds: Counter[str] = Counter()
    warcs = sorted(folder.rglob("*.warc.gz"))
    for path in warcs:
        kinds.update(record.type for record in iterate_records(path))
    size = sum(path.stat().st_size for path in warcs)
    everything = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    answers = kinds["response"] + kinds["revisit"]
    return Stored(size, answers, kinds["revisit"], everything - size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crawls", type=int, default=10)
    arguments, portals = with_portals(parser)
    require("wget")
    print_surroundings("scrapy", "isal")
    print(first_line("wget", "--version"), end="\n\n")
    with (
        tempfile.TemporaryDirectory(prefix="huyen-benchmark-") as scratch,
        PortalServer(portals) as server,
    ):
        environment = os.environ | {"http_proxy": server.proxy_url, "no_proxy": ""}
        homes = [f"http://{host}/" for host in portals]
        compare(homes, environment, Path(scratch), arguments.crawls, arguments.sites)


def compare(
    homes: list[str], environment: dict[str, str], scratch: Path, crawls: int, sites: Path
) -> None:
    """Prints the table: every tool crawls in its turn, ``crawls`` times."""
    history: dict[str, list[Stored]] = {}
    for name in ("wget --warc-file", "wget --warc-file --warc-dedup", "huyen crawl"):
        folder = scratch / name.replace(" ", "")
        folder.mkdir()
        for number in range(1, crawls + 1):
            if name.startswith("wget"):
                crawl_with_wget(homes, environment, folder, number, dedup="dedup" in name)
            else:
                crawl_with_huyen(sites, environment, folder)
            history.setdefault(name, []).append(stored(folder))
    rows = []
    for name, states in history.items():
        first, last = states[0], states[-1]
        again = last.answers - first.answers
        rows.append(
            (
                name,
                f"{first.answers:,}",
                f"{first.warc / first.answers:,.0f}",
                f"{(last.warc - first.warc) / max(again, 1):,.0f}",
                f"{(last.revisits - first.revisits) / max(again, 1):.0%}",
                f"{last.warc / 1e6:.1f} MB",
                f"{first.warc * len(states) / last.warc:.1f} ×",
                f"{last.rest / 1e6:.1f} MB",
            )
        )
    print_table(
        [
            "",
            "answers in crawl 1",
            "bytes an answer",
            "bytes an answer when crawled again",
            "of these revisits",
            f"WARC after {crawls} crawls",
            f"smaller than {crawls} archives",
            "database, index",
        ],
        rows,
    )


if __name__ == "__main__":
    main()
