"""`huyen demo`, and the archive that it makes, against what the replica portals published."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import REPOSITORY, command, huyen, one, rows

from crawler.replica import (
    SITES_FILE,
    PortalServer,
    PrintedArticle,
    build_portals,
    shared_releases,
    truth,
)

PORTALS = build_portals()
SLUGS = {host: portal.slug for host, portal in PORTALS.items()}


@dataclass(frozen=True)
class Demo:
    archive: Path
    done: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    archive = tmp_path_factory.mktemp("demo") / "archive"
    return Demo(archive, huyen("demo", "--no-serve", archive=archive))


def test_the_demo_shows_what_came_of_it(demo: Demo) -> None:
    assert demo.done.returncode == 0, demo.done.stderr
    assert demo.done.stderr == ""
    shown = demo.done.stdout
    for host, slug in SLUGS.items():
        assert f"http://{host}/" in shown
        assert re.search(rf"^{slug} +ok +5\d ", shown, re.MULTILINE)
    for line in (
        "$ huyen search 'nghi quyet 35' --limit 3",
        "$ huyen search 'Nghị quyết 35' --limit 3",
        "«Nghị quyết 35»-NQ/TW",
        "Checked just now: the stored bytes are the captured bytes.",
        "Cite it",
        "What to type next",
    ):
        assert line in shown
    assert re.search(r"WARC files\s+3$", shown, re.MULTILINE)
    assert re.search(r"problems\s+0$", shown, re.MULTILINE)


def _stored(demo: Demo, portal_host: str) -> dict[str, sqlite3.Row]:
    return {
        row["url"]: row
        for row in rows(
            demo.archive,
            "SELECT v.*, a.url FROM article a JOIN version v ON v.id = a.version_id WHERE a.site = ?",
            SLUGS[portal_host],
        )
    }


def _found(stored: dict[str, sqlite3.Row], article: PrintedArticle) -> sqlite3.Row:
    """By any of its addresses: which of two equal pages came first is not the portal's to say."""
    for url in (article.url, *article.aliases):
        if url in stored:
            return stored[url]
    pytest.fail(f"{article.url} is not in the archive")


@pytest.mark.parametrize("host", PORTALS)
def test_every_published_article_is_there_once_and_nothing_else(demo: Demo, host: str) -> None:
    stored = _stored(demo, host)
    published = truth(PORTALS[host])
    assert len(published) >= 40
    found = [_found(stored, article)["url"] for article in published]
    assert sorted(found) == sorted(stored)


@pytest.mark.parametrize("host", PORTALS)
@pytest.mark.parametrize(
    "field", ["title", "published_at", "author", "category", "images", "attachments", "text"]
)
def test_articles_say_what_was_published(demo: Demo, host: str, field: str) -> None:
    stored = _stored(demo, host)
    wrong = []
    for article in truth(PORTALS[host]):
        row = _found(stored, article)
        match field:
            case "category":
                # A page in two categories prints the one that it was reached by.
                right = set(json.loads(row["category"])) <= set(article.category)
            case "images":
                got = [(i["url"], i["caption"], i["alt"]) for i in json.loads(row["images"])]
                right = got == [(i.url, i.caption, i.alt) for i in article.images]
            case "attachments":
                got = [(a["url"], a["label"]) for a in json.loads(row["attachments"])]
                right = got == [(a.url, a.label) for a in article.attachments]
            case "text":
                cells = {" | ".join(cells) for cells in article.table}
                lines = "\n".join(filter(None, (row["summary"], row["body_text"]))).split("\n")
                right = "\n".join(line for line in lines if line not in cells) == article.text
            case _:
                right = row[field] == getattr(article, field)
        if not right:
            wrong.append(article.url)
    assert not wrong


def test_releases_that_portals_share_are_found_and_no_other_pair(demo: Demo) -> None:
    url_of = {
        address: stored["url"]
        for host, portal in PORTALS.items()
        for article in truth(portal)
        for stored in (_found(_stored(demo, host), article),)
        for address in (article.url, *article.aliases)
    }
    shared = {
        frozenset((url_of[first], url_of[second])): verbatim
        for first, second, verbatim in shared_releases(PORTALS)
    }
    found = {
        frozenset((row["one"], row["other"])): row
        for row in rows(
            demo.archive,
            "SELECT a.url AS one, o.url AS other, n.similarity, n.same_numbers "
            "FROM near_duplicates n JOIN articles a ON a.id = n.article_id "
            "JOIN articles o ON o.id = n.other_id",
        )
    }
    assert set(found) == set(shared)
    for pair, verbatim in shared.items():
        assert (found[pair]["similarity"] == 1) is verbatim
        assert found[pair]["similarity"] > 0.8
        assert found[pair]["same_numbers"]


def test_the_same_release_on_two_portals_is_one_text(demo: Demo) -> None:
    duplicates = one(demo.archive, "SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL")
    assert duplicates >= 1


@pytest.fixture(scope="module")
def later(demo: Demo) -> Iterator[Path]:
    """The archive after a crawl of the same portals some time later."""
    with PortalServer(build_portals(epoch=1)) as server:
        done = huyen(
            *("crawl", "--full", "--json"),
            archive=demo.archive,
            sites=SITES_FILE,
            proxy=server.proxy_url,
        )
        assert done.returncode == 0, done.stderr
        yield demo.archive


@pytest.mark.parametrize("host", PORTALS)
def test_what_happened_between_two_crawls_is_what_the_archive_says(
    demo: Demo, later: Path, host: str
) -> None:
    changes = build_portals(epoch=1)[host].changes
    assert changes is not None
    run = "SELECT max(id) FROM run WHERE command = 'crawl'"
    slug = SLUGS[host]
    edits = rows(
        later,
        f"SELECT a.url FROM version v JOIN article a ON a.id = v.article_id "
        f"WHERE a.site = ? AND v.cause = 'edit' AND v.run_id = ({run})",
        slug,
    )
    assert [row["url"] for row in edits] == [changes.edited]
    new = {
        row["url"]
        for row in rows(
            later,
            f"SELECT a.url FROM version v JOIN article a ON a.id = v.article_id "
            f"WHERE a.site = ? AND v.cause = 'first' AND v.run_id = ({run})",
            slug,
        )
    }
    assert set(changes.new) <= new
    moved_to = changes.moved[1]
    assert new - set(changes.new) <= {moved_to}


def test_counters_and_tokens_are_no_edits(demo: Demo, later: Path) -> None:
    assert one(later, "SELECT count(*) FROM version WHERE cause = 'edit'") == len(PORTALS)
    verified = huyen("verify", archive=later)
    assert verified.returncode == 0, verified.stdout


def test_the_transcripts_in_the_readme_are_what_the_command_prints(
    tmp_path: Path, demo: Demo
) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n\$ huyen (.*?)\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) >= 3
    archive = tmp_path / "archive"
    with PortalServer(build_portals()) as server:
        crawled = huyen(
            "crawl", "tho-xuan", archive=archive, sites=SITES_FILE, proxy=server.proxy_url
        )
    assert crawled.returncode == 0, crawled.stderr
    for typed, printed in blocks:
        # Numbers of articles follow the order of arrival: the one that is shown is found by title.
        if typed.startswith("show"):
            title = printed.splitlines()[0]
            number = one(archive, "SELECT id FROM articles WHERE title = ?", title)
            typed = re.sub(r"\d+", str(number), typed, count=1)
        done = subprocess.run(
            ["bash", "-c", f'exec "$0" --archive "$1" {typed}', command()[0], str(archive)],
            capture_output=True,
            text=True,
            check=False,
        )
        actual = _timeless(done.stdout)
        position = 0
        for part in re.split(r"^…$", printed, flags=re.MULTILINE):  # "…": lines left out
            expected = _timeless(part)
            assert expected in actual[position:], (typed, expected, done.stdout)
            position = actual.index(expected, position) + len(expected)


def _timeless(text: str) -> str:
    """In one line, as where lines break depends on numbers, and without what differs from one crawl
    to the next: times, ids, places, counters in a page."""
    text = " ".join(text.split())
    text = re.sub(r"urn:uuid:[0-9a-f-]{36}", "urn:uuid:0", text)
    text = re.sub(r"2\d{3}-\d\d-\d\d \d\d:\d\d UTC", "TIME", text)
    text = re.sub(r"-\d{14}-", "-TIME-", text)
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:0", text)
    text = re.sub(r"(Capture|[Aa]rticle) \d+", r"\1 N", text)
    text = re.sub(r"offset \d+, \d+ bytes packed", "offset N, N bytes packed", text)
    return re.sub(r"Payload \d+ bytes", "Payload N bytes", text)
