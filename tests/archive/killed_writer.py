"""Kills a writer at a chosen line of the archive's own code, again and again.

Run by test_recovery.py in a process of its own (it forks). Arguments: directory, kills, seed.
Prints one JSON object. Each round: fork; the child writes pages, tells the parent what has been
flushed, and is killed by SIGKILL when it reaches the n-th traced line. The parent may then cut
bytes that were never synced, as a power failure would, reopens the archive, and checks promise 1:
everything that was acknowledged is there, `verify` finds nothing wrong, a crawl goes on.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import traceback
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from captured_pages import START, Clock, article, exchange, read_as, warc_files

import archive
from archive.database import open_for_reading
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.url_ledger import Address, UrlLedger
from archive.warc_reader import read_response

PAGES = 24
PACKAGE = str(Path(archive.__file__).parent)


class Countdown:
    """Traces lines in the package `archive`; at zero the process kills itself."""

    def __init__(self, lines: int) -> None:
        self.left = lines

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def write_pages(root: Path, number: int, acknowledge: int) -> None:
    """One crawl of two sites: new pages, edits, repeated payloads, small files, small groups."""
    clock = Clock()
    with ArchiveWriter.open(
        root, "crawl", clock=clock, group_size=5, group_seconds=1000, warc_size=6000
    ) as writer:
        told = 0
        for i in range(PAGES):
            site = ("khe-sanh", "cua-tung")[i % 2]
            path = f"/tin/{i if i % 5 else number}"
            body = f"<p>{'robots' * 40 if i % 7 == 0 else (number, i)}</p>".encode() * 8
            sent = exchange(path, body, at=number * 1000 + i, via="http://a/" if i % 3 else "")
            capture = writer.record_exchange(site, sent)
            content = article(path, title=f"Tin {path}", author=f"{number // 2}")
            writer.record_reading(capture, read_as(content))
            writer.ledger.put(row_for(writer.ledger, site, content.url, capture))
            if i % 4 == 3:
                writer.flush()
                told = _tell(acknowledge, told, capture)
            if i == PAGES // 2:
                writer.seal_site(site)
                told = _tell(acknowledge, told, capture)


def row_for(ledger: UrlLedger, site: str, url: str, capture: int) -> Address:
    """The ledger's row for an address, done with this capture."""
    known = ledger.find(site, url)
    number = known.id if known else ledger.new_id()
    row = Address.discovered(number, site, url, url, "2026-11-21T00:00:00.000000Z")
    return replace(row, state="done", kind="article", fingerprint=str(capture))


def _tell(pipe: int, told: int, capture: int) -> int:
    for each in range(told or capture, capture + 1):
        os.write(pipe, f"{each}\n".encode())
    return capture + 1


def fork_writer(root: Path, number: int, lines: int) -> tuple[list[int], bool]:
    """Returns the acknowledged captures and whether the child was killed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        countdown = Countdown(lines)
        sys.settrace(countdown)
        try:
            write_pages(root, number, writing)
            sys.settrace(None)
            os.write(writing, f"lines {lines - countdown.left}\n".encode())
            os._exit(0)
        finally:
            sys.settrace(None)
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as pipe:
        words = pipe.read().split()
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status)
    assert killed or status == 0, f"the writer failed by itself: status {status}"
    if "lines" in words:
        fork_writer.lines = int(words[words.index("lines") + 1])  # type: ignore[attr-defined]
        words = words[: words.index("lines")]
    return [int(word) for word in words], killed


def lose_power(root: Path, chance: random.Random) -> bool:
    """Takes away some of the bytes that no row vouches for, and leaves garbage in their place."""
    with closing(open_for_reading(root)) as connection:
        known = dict(connection.execute("SELECT path, length FROM warc WHERE closed_at IS NULL"))
    lost = False
    for path in warc_files(root):
        if path.suffix != ".open":
            continue
        name = path.relative_to(root).as_posix().removesuffix(".open")
        durable, size = known.get(name, 0), path.stat().st_size
        if size > durable:
            keep = chance.randint(durable, size)
            os.truncate(path, keep)
            with path.open("ab") as file:
                file.write(chance.choice([b"", bytes(size - keep), chance.randbytes(size - keep)]))
            lost = True
    return lost


def check(root: Path, acknowledged: set[int], torn: dict[str, int]) -> int:
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        report = writer.recovery
        assert not report.problems, report.problems
        torn["orphans"] += len(report.orphans)
        torn["tails"] += len(report.tails)
        torn["removed"] += len(report.removed)
        torn["sealed"] += len(report.sealed)
    fixity = verify(root, START)
    assert fixity.ok, fixity.problems
    assert not warc_files(root) or all(p.suffix == ".gz" for p in warc_files(root))
    with closing(open_for_reading(root)) as connection:
        stored = {row[0] for row in connection.execute("SELECT id FROM capture")}
        assert acknowledged <= stored, f"lost: {sorted(acknowledged - stored)}"
        read = {row[0] for row in connection.execute("SELECT capture_id FROM reading")}
        assert acknowledged <= read, f"not read: {sorted(acknowledged - read)}"
        done = {int(row[0]) for row in connection.execute("SELECT fingerprint FROM address")}
        assert done <= read, f"done, but not read: {sorted(done - read)}"
        urls = dict(connection.execute("SELECT id, url FROM capture"))
        known = {row[0] for row in connection.execute("SELECT url FROM address")}
        assert {urls[capture] for capture in acknowledged} <= known
        for capture in random.sample(sorted(stored), min(5, len(stored))):
            assert read_response(connection, root, capture).payload
    return fixity.captures


def main(base: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    root = base / "measured"
    fork_writer(root, 0, 10**9)
    lines: int = fork_writer.lines  # type: ignore[attr-defined]
    check(root, set(), dict.fromkeys(("orphans", "tails", "removed", "sealed"), 0))
    totals = {"kills": 0, "power cuts": 0, "rows": 0, "acknowledged": 0}
    torn = dict.fromkeys(("orphans", "tails", "removed", "sealed"), 0)
    acknowledged: set[int] = set()
    number = 0
    while totals["kills"] < kills:
        if number % 6 == 0:  # then the next ones meet an archive with a history
            shutil.rmtree(root, ignore_errors=True)
            root = base / f"archive-{number}"
            acknowledged = set()
        moment = chance.randrange(1, lines + 1)
        told, killed = fork_writer(root, number + 1, moment)
        acknowledged.update(told)
        totals["kills"] += killed
        totals["acknowledged"] += len(told)
        database = root / "archive.db"
        try:
            if acknowledged and chance.random() < 0.5:
                totals["power cuts"] += lose_power(root, chance)
            if database.exists() and chance.random() < 0.3:  # again, while the next one recovers
                moment = chance.randrange(1, 5000)
                told, killed = fork_writer(root, number + 10**6, moment)
                acknowledged.update(told)
                totals["kills"] += killed
            totals["rows"] += check(root, acknowledged, torn)
        except BaseException as error:
            error.add_note(f"round {number}, seed {seed}, killed at line {moment} of {lines}")
            raise
        number += 1
    sys.stdout.write(json.dumps({"lines": lines} | totals | torn))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
