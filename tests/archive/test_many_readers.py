"""Twenty readers and one crawl at the same time, each in its own way, and nobody meets an error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest
from read_archive import Server, serving

from archive.articles import load
from archive.database import open_for_reading
from archive.fixity import verify
from archive.search import search
from archive.timestamps import utc_now

TESTS = Path(__file__).parent
BROWSERS, SCRIPTS, COMMANDS = 10, 7, 3  # twenty
PAGES = (
    "/search?q=nghi+quyet",
    "/article/{id}",
    "/article/{id}/versions",
    "/api/search?q=thu",
    "/",
)


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    line = [sys.executable, str(TESTS / "endless_writer.py"), str(tmp_path)]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def browse(server: Server, which: int) -> int:
    """A person with a browser; returns how many pages were right."""
    paths = cycle(PAGES[which % len(PAGES) :] + PAGES[: which % len(PAGES)])
    answers = [server.get(next(paths).format(id=which % 5 + 1)) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 6
    return len(answers)


def ask(root: Path) -> int:
    """A program that opens the archive each time; it never sees less than before, nor half a group."""
    known = 0
    for _ in range(8):
        with closing(open_for_reading(root)) as connection:
            results = search(connection, "nghi quyet", limit=5)
            assert results.total >= known
            known = results.total
            for hit in results.hits:
                article = load(connection, hit.id)
                assert article.version().content.title.startswith("Nghị quyết")
                assert article.version().number == max(v.number for v in article.versions)
            captures = "SELECT count(*) FROM capture c LEFT JOIN reading r ON r.capture_id = c.id "
            row = connection.execute(f"{captures} WHERE r.capture_id IS NULL").fetchone()
            assert row[0] == 0
    return known


def command(root: Path) -> int:
    """A person at a terminal."""
    line = [sys.executable, "-m", "crawler.command", "--archive", str(root)]
    for words in (["search", "nghi quyet", "--json"], ["show", "1", "--provenance", "--json"]):
        done = subprocess.run([*line, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)
    return 2


def test_twenty_readers_beside_a_crawl(tmp_path: Path, writing: subprocess.Popen[str]) -> None:
    assert writing.stdin is not None
    assert writing.stdout is not None
    with serving(tmp_path) as server, ThreadPoolExecutor(BROWSERS + SCRIPTS + COMMANDS) as pool:
        tasks: list[Callable[[], int]] = [
            *(lambda n=n: browse(server, n) for n in range(BROWSERS)),
            *(lambda: ask(tmp_path) for _ in range(SCRIPTS)),
            *(lambda: command(tmp_path) for _ in range(COMMANDS)),
        ]
        done = [future.result() for future in [pool.submit(task) for task in tasks]]
        assert writing.poll() is None  # all that happened beside it
        assert all(done)
        writing.stdin.close()
        written = int(writing.stdout.readline())
    assert writing.wait() == 0
    assert written > 10
    with closing(open_for_reading(tmp_path)) as connection:
        assert connection.execute("SELECT count(*) FROM capture").fetchone()[0] == written
    report = verify(tmp_path, utc_now())
    assert report.ok, report.problems
