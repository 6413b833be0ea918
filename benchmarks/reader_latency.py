"""How long the reader takes to answer, with one and with twenty readers at once.

    python -m benchmarks.reader_latency ARCHIVE [SECONDS]

Starts `huyen serve` on the archive and asks it for searches of one to three words of its own titles, for
articles and for pages as they were, each in turn. Prints milliseconds until the last byte, and the
server's resident memory. The readers run on the same machine and cost it time as well; with a crawl at
work beside it the numbers are those of a bad day.
"""

from __future__ import annotations

import http.client
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from archive.database import open_for_reading

KINDS = ("search", "article", "replay")


def main(archive: Path, seconds: float) -> None:
    with closing(open_for_reading(archive)) as connection:
        rows = connection.execute(
            "SELECT a.id, a.title, a.url, c.fetched_at FROM articles a "
            "JOIN captures c ON c.id = a.capture_id ORDER BY random() LIMIT 500"
        ).fetchall()
        (total,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "crawler.command",
            "--archive",
            str(archive),
            "serve",
            "--port",
            "0",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    found = re.search(r" at (http://\S+?)/?\s", server.stderr.readline())
    assert found is not None
    host = urlsplit(found[1]).netloc
    try:
        print(f"{total:,} articles")
        for readers in (1, 20):
            with ThreadPoolExecutor(readers) as pool:
                runs = [pool.submit(reader, host, rows, n, seconds) for n in range(readers)]
                times = [found for run in runs for found in run.result()]
            for kind in KINDS:
                taken = sorted(t for k, t in times if k == kind)
                p95 = taken[int(len(taken) * 0.95)]
                print(
                    f"{readers:>3} readers  {kind:<8} {len(taken):>6} answers  "
                    f"median {statistics.median(taken):7.1f} ms  p95 {p95:7.1f} ms"
                )
        status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
        memory = re.search(r"VmRSS:\s+(\d+) kB", status)
        print(f"memory {int(memory[1]) // 1024 if memory else 0} MiB")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


def reader(
    host: str, rows: list[tuple[int, str, str, str]], number: int, seconds: float
) -> list[tuple[str, float]]:
    """One person who asks without pause; kinds of answers and milliseconds."""
    times = []
    connection = http.client.HTTPConnection(host, timeout=30)
    end = time.monotonic() + seconds
    for kind, path in paths(rows, random.Random(number)):
        if time.monotonic() > end:
            break
        start = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        times.append((kind, 1000 * (time.perf_counter() - start)))
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
    connection.close()
    return times


def paths(
    rows: list[tuple[int, str, str, str]], choice: random.Random
) -> Iterator[tuple[str, str]]:
    while True:
        article_id, title, url, fetched_at = choice.choice(rows)
        words = title.split()
        start = choice.randrange(len(words))
        words = words[start : start + choice.randint(1, 3)]
        yield "search", f"/search?q={quote_plus(' '.join(words))}"
        yield "article", f"/article/{article_id}"
        yield "replay", f"/web/{re.sub(r'[^0-9]', '', fetched_at)[:14]}mp_/{url}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 10)
