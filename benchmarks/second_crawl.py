"""What a portal has to answer when it is crawled again and nothing has changed, beside wget.

    python -m benchmarks.second_crawl [--copy DIR --home URL --sites FILE]

Without --copy the portals are the three replicas. With it: a folder of files, served as the host of
--home; FILE describes it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from benchmarks.crawled_portals import with_portals
from benchmarks.surroundings import first_line, print_surroundings, print_table, require
from crawler.replica import Portal, PortalServer, Response

_PATIENCE = 1800.0  # seconds for one crawl


class Counted:
    """A portal that counts what it answers."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._lock = threading.Lock()
        self.answers = 0
        self.unmodified = 0
        self.payload = 0  # bytes, before compression

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        answer = self._portal.respond(path, headers)
        with self._lock:
            self.answers += 1
            self.unmodified += answer.status == 304
            self.payload += len(answer.body) if isinstance(answer.body, bytes) else 0
        return answer


def run(command: list[str], environment: dict[str, str], folder: Path) -> None:
    subprocess.run(
        command, env=environment, capture_output=True, timeout=_PATIENCE, check=False, cwd=folder
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    arguments, portals = with_portals(parser)
    require("wget")
    counted = {host: Counted(portal) for host, portal in portals.items()}
    homes = [f"http://{host}/" for host in portals]
    print_surroundings("scrapy")
    print(first_line("wget", "--version"), end="\n\n")
    with (
        tempfile.TemporaryDirectory(prefix="huyen-benchmark-") as scratch,
        PortalServer(counted) as server,
    ):
        environment = os.environ | {"http_proxy": server.proxy_url, "no_proxy": ""}
        huyen = [sys.executable, "-m", "crawler.command", "--archive", f"{scratch}/archive"]
        huyen += ["--sites", str(arguments.sites.resolve()), "crawl"]
        wget = ["wget", "--recursive", "--level=inf", "--page-requisites", "--timestamping"]
        wget += ["--no-verbose", "--tries=1", f"--directory-prefix={scratch}/pages", *homes]
        rows = []
        for name, command in (
            ("wget --recursive --timestamping, first", wget),
            ("… again", wget),
            ("huyen crawl, first", huyen),
            ("… again", huyen),
            ("… again with --full", [*huyen, "--full"]),
        ):
            before = [(p.answers, p.unmodified, p.payload) for p in counted.values()]
            run(command, environment, Path.cwd())
            after = [(p.answers, p.unmodified, p.payload) for p in counted.values()]
            answers, unmodified, payload = (
                sum(column) - sum(earlier)
                for column, earlier in zip(
                    zip(*after, strict=True), zip(*before, strict=True), strict=True
                )
            )
            rows.append((name, f"{answers:,}", f"{unmodified:,}", f"{payload / 1000:,.0f} kB"))
        print_table(["", "requests", "of these 304", "payload"], rows)


if __name__ == "__main__":
    main()
