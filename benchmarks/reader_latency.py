"""How long the reader takes to answer, and what that costs, with one and with twenty readers at once,
who ask without pause or look at each answer for a second, beside Datasette with the same articles.

    python -m benchmarks.reader_latency ARCHIVE [SECONDS]

Starts `huyen serve` on the archive and asks it for searches of one to three words of its own titles, for
articles and, where the archive has WARC files (benchmarks.replay_pages makes some), for pages as they
were: the page in the frame, whose time to the first byte is told as well, and the banner around it. Datasette, where it
is installed, gets the articles as `sqlite-utils insert` and `enable-fts` make a database of them, in the
directory for temporary files, and is asked for the same searches (first without, then with a facet; no
histogram, no snippet) and the rows of the same articles. The readers run on the same machine and cost it
time as well: CPU time is that of the server alone, and says more than the clock.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from sqlite_utils import Database

from archive.database import open_for_reading
from benchmarks.surroundings import print_surroundings, print_table

# How many at once, and how many seconds each of them looks at an answer: none, as programs do, or one,
# which is hasty for a person.
READERS = ((1, 0.0), (20, 0.0), (20, 1.0))
_SAMPLE = 500  # articles, and archived pages, that are asked for
FIRST_BYTE = "replay, first byte"
_COLUMNS = ("id", "site", "url", "title", "summary", "body_text", "author", "category", "published_at")  # fmt: skip


@dataclass(frozen=True)
class Article:
    """An article that is asked for, and with it an archived page: ``url``, and ``stamp``, the time of its
    capture, 14 digits; both empty where there is none."""

    id: int
    title: str
    url: str
    stamp: str


Paths = Callable[[Article, str], Iterator[tuple[str, str]]]
"""From an article and words to look for to kinds of answers and their paths."""


@dataclass(frozen=True)
class Peer:
    """A server at work."""

    name: str
    process: subprocess.Popen[bytes]
    host: str
    paths: Paths


def main(archive: Path, seconds: float) -> None:
    print_surroundings("starlette", "uvicorn")
    with closing(open_for_reading(archive)) as connection:
        (total,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        pages = connection.execute(
            "SELECT url, fetched_at FROM captures WHERE record_type = 'response' AND status = 200 "
            "AND media_type = 'text/html' ORDER BY random() LIMIT ?",
            (_SAMPLE,),
        ).fetchall()
        archived = cycle([(url, re.sub("[^0-9]", "", at)[:14]) for url, at in pages] or [("", "")])
        sample = [
            Article(row[0], row[1], *next(archived))
            for row in connection.execute(
                "SELECT id, title FROM articles ORDER BY random() LIMIT ?", (_SAMPLE,)
            )
        ]
    rows: list[tuple[object, ...]] = []
    with our_reader(archive) as peer:
        rows += measured(peer, sample, seconds)
    datasette = shutil.which("datasette") or shutil.which(
        str(Path(sys.executable).with_name("datasette"))
    )
    if datasette is None:
        print("datasette is not installed: no peer\n")
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.db"
            copied(archive, copy)
            with datasette_on(datasette, copy) as peer:
                rows += measured(peer, sample, seconds)
    print(f"{total:,} articles\n")
    print_table(
        ("server", "readers", "what", "answers", "median ms", "p95 ms", "CPU ms each", "MiB"), rows
    )


@contextmanager
def our_reader(archive: Path) -> Iterator[Peer]:
    def paths(article: Article, words: str) -> Iterator[tuple[str, str]]:
        yield "search", f"/search?q={quote_plus(words)}"
        yield "article", f"/article/{article.id}"
        if article.stamp:
            yield "replay", f"/web/{article.stamp}mp_/{article.url}"
            yield "replay, banner", f"/web/{article.stamp}/{article.url}"

    command = [sys.executable, "-m", "crawler.command", "--archive", str(archive), "serve"]
    with started([*command, "--port", "0"], stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        found = re.search(rb" at (http://\S+?)/?\s", process.stderr.readline())
        assert found is not None
        yield Peer("huyen", process, urlsplit(found[1].decode()).netloc, paths)


@contextmanager
def datasette_on(command: str, database: Path) -> Iterator[Peer]:
    def paths(article: Article, words: str) -> Iterator[tuple[str, str]]:
        table = f"/{database.stem}/articles"
        asked = f"{table}?_search={quote_plus(words)}&_size=20&_col=title&_col=published_at"
        yield "search", asked
        yield "search, facet", f"{asked}&_facet=site"
        yield "article", f"{table}/{article.id}"

    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = ("default_allow_sql", "off"), ("sql_time_limit_ms", "10000")
    line = [command, "serve", str(database), "--port", port]
    line += [word for pair in settings for word in ("--setting", *pair)]
    with started(line, stderr=subprocess.DEVNULL) as process:
        await_answer(f"127.0.0.1:{port}")
        yield Peer("Datasette", process, f"127.0.0.1:{port}", paths)


@contextmanager
def started(line: list[str], stderr: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def copied(archive: Path, copy: Path) -> None:
    """The articles as a table of their own with full text, as sqlite-utils makes it."""
    with closing(open_for_reading(archive)) as connection:
        found = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM articles")
        table = Database(copy)["articles"]
        table.insert_all((dict(row) for row in found), pk="id", batch_size=1000)  # type: ignore[union-attr]
        table.enable_fts(
            ["title", "summary", "body_text"], tokenize="unicode61 remove_diacritics 2"
        )  # type: ignore[union-attr]


def measured(peer: Peer, sample: list[Article], seconds: float) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for readers, pause in READERS:
        who = f"{readers}, {pause:.0f} s" if pause else str(readers)
        cpu = cpu_seconds(peer.process.pid)
        with ThreadPoolExecutor(readers) as pool:
            runs = [pool.submit(reader, peer, sample, n, seconds, pause) for n in range(readers)]
            times = [found for run in runs for found in run.result()]
        answers = sum(kind != FIRST_BYTE for kind, _ in times)
        each = 1000 * (cpu_seconds(peer.process.pid) - cpu) / answers
        for kind in dict.fromkeys(kind for kind, _ in times):
            taken = sorted(t for k, t in times if k == kind)
            rows.append((
                peer.name, who, kind, len(taken), f"{statistics.median(taken):.0f}",
                f"{taken[int(len(taken) * 0.95)]:.0f}", "", "",
            ))  # fmt: skip
        rows.append((
            peer.name, who, "all", answers, "", "", f"{each:.1f}", memory(peer.process.pid)
        ))  # fmt: skip
    return rows


def reader(
    peer: Peer, sample: list[Article], number: int, seconds: float, pause: float
) -> list[tuple[str, float]]:
    """One person who asks, and pauses so long after each answer; kinds of answers and milliseconds."""
    times = []
    connection = http.client.HTTPConnection(peer.host, timeout=60)
    choice = random.Random(number)
    time.sleep(pause * choice.random())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        article = choice.choice(sample)
        words = article.title.split()
        start = choice.randrange(len(words))
        wanted = " ".join(words[start : start + choice.randint(1, 3)])
        for kind, path in peer.paths(article, wanted):
            time.sleep(pause)
            start_time = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            if kind == "replay":
                times.append((FIRST_BYTE, 1000 * (time.perf_counter() - start_time)))
            answer.read()
            times.append((kind, 1000 * (time.perf_counter() - start_time)))
            if answer.status == 503:  # given up after its deadline, which it says
                times[-1] = (f"{kind}, too late", times[-1][1])
            elif answer.status != 200:
                raise SystemExit(f"{peer.name} {path}: {answer.status}")
    connection.close()
    return times


def await_answer(host: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            connection = http.client.HTTPConnection(host, timeout=60)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
            return
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Resident MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 10)
