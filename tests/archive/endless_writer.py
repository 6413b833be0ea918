"""Writes pages into an archive, group after group, until its input ends.

Run by test_many_readers.py in a process of its own. Argument: directory. Says "ready" once something is
there, and at the end how many captures it has written. Every third page is an edit of an earlier one.
"""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from pathlib import Path

from similar_texts import prose
from stored_articles import START

from archive.exchange import Exchange
from archive.ingest import ArchiveWriter
from archive.schema import Article, PageKind, Reading

SITE = "tho-xuan"
GROUP = 10


def main(root: Path) -> None:
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    number = 0
    with ArchiveWriter.open(root, "crawl", group_size=GROUP) as writer:
        while not ended.is_set():
            write(writer, number)
            number += 1
            if number % GROUP == 0:
                writer.flush()
            if number == GROUP:
                say("ready")
        writer.flush()
        say(str(writer.counts(SITE).captures))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def write(writer: ArchiveWriter, number: int) -> None:
    which = number // 2 if number % 3 == 2 else number
    article = Article(
        f"https://thoxuan.example/{which}",
        f"Nghị quyết {which} về việc thứ {number}",
        body_text=prose(number, 120),
        published_at=f"20{10 + which % 15}-03-05",
    )
    capture = writer.record_exchange(
        SITE,
        Exchange(
            url=article.url,
            fetched_at=START + timedelta(seconds=number),
            request=b"GET / HTTP/1.1\r\n\r\n",
            response_head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
            payload=article.body_text.encode(),
            status=200,
            media_type="text/html",
        ),
    )
    writer.record_reading(capture, Reading(PageKind.ARTICLE, "test", "1", article))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
