"""`huyen health`: what an operator reads, and what a program gets."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from running import huyen
from small_portal import write_sites

from archive.digests import digest_of
from archive.ingest import ArchiveWriter, SiteFacts
from archive.site_runs import SiteRun
from archive.timestamps import utc_now, utc_text
from crawler.commands.health import sparkline

COVERAGE = {"author": 1.0, "published_at": 1.0}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of two portals that were crawled the night before last; one has lost its bylines."""
    write_sites(tmp_path, "dong-son", "nhu-xuan")
    for days, missed in ((9.5, False), (1.5, True)):
        when = utc_now() - timedelta(days=days)
        with ArchiveWriter.open(tmp_path / "a", "crawl", clock=lambda when=when: when) as writer:  # type: ignore[misc]
            for slug in ("dong-son", "nhu-xuan"):
                home = f"http://{slug}.example/"
                writer.record_site(SiteFacts(slug, f"Huyện {slug}", "Tỉnh Thử", home, "active"))
                lost = missed and slug == "nhu-xuan"
                writer.record_site_run(
                    SiteRun(
                        slug,
                        when,
                        when + timedelta(minutes=3),
                        "changed" if lost else "ok",
                        "author on 0% of the articles, usually 100%"
                        if lost
                        else "3 new, 0 changed",
                        articles=40,
                        coverage=COVERAGE | {"author": 0.0} if lost else COVERAGE,
                        subject="author" if lost else "",
                        rate=0.5,
                        silence_days=13.8,
                    )
                )
    return tmp_path


def test_a_person_sees_each_portal_the_unhealthy_ones_last_and_why(root: Path) -> None:
    done = huyen("health", archive=root / "a", sites=root / "sites.toml")
    assert done.returncode == 3
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    heading = next(n for n, line in enumerate(lines) if line.startswith("SITE"))
    assert lines[heading + 1].startswith("dong-son  ok")
    assert "40, usually 40" in lines[heading + 1]
    assert lines[heading + 2].startswith("nhu-xuan  changed")
    assert "author" in lines[heading + 2]
    assert lines[-1] == "nhu-xuan: changed: author on 0% of the articles, usually 100%"
    assert any(line.startswith("Last crawl") and "1 day ago" in line for line in lines)


def test_a_portal_that_is_named_is_told_of_at_length(root: Path) -> None:
    done = huyen("health", "dong-son", archive=root / "a", sites=root / "sites.toml")
    assert done.returncode == 0
    assert "nhu-xuan" not in done.stdout
    assert "Huyện dong-son, Tỉnh Thử; http://dong-son.example/" in done.stdout
    assert "3.5 new articles a week" in done.stdout
    assert done.stdout.count("3 new, 0 changed") == 2


def test_a_program_gets_one_document(root: Path) -> None:
    done = huyen("health", "--json", archive=root / "a", sites=root / "sites.toml")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["healthy"] is False
    sites = {site["site"]: site for site in document["sites"]}
    assert sites["dong-son"]["healthy"] is True
    assert sites["nhu-xuan"]["last"]["subject"] == "author"
    missed = {field["field"] for field in sites["nhu-xuan"]["coverage"] if field["missed"]}
    assert missed == {"author"}
    assert sites["nhu-xuan"]["since"] == sites["nhu-xuan"]["last"]["started_at"]
    assert document["never_crawled"] == []
    assert document["verified"] is None


def test_a_portal_of_the_sites_file_that_was_never_crawled_is_told(root: Path) -> None:
    sites = write_sites(root, "dong-son", "thuong-xuan")
    done = huyen("health", archive=root / "a", sites=sites)
    assert done.returncode == 3
    assert "thuong-xuan: never crawled" in done.stdout
    named = huyen("health", "dong-son", archive=root / "a", sites=sites)
    assert named.returncode == 0


def test_life_in_the_sites_file_ends_an_alarm(root: Path) -> None:
    sites = root / "sites.toml"
    life = '[nhu-xuan.life]\nstate = "moved"\nsince = 2025-07-01\nreason = "x"\nsuccessor = "y"\n'
    sites.write_text(sites.read_text(encoding="utf-8") + life, encoding="utf-8")
    done = huyen("health", archive=root / "a", sites=sites)
    assert done.returncode == 0, done.stdout
    assert "changed (moved)" in done.stdout


def test_a_report_that_is_too_old_is_a_problem(root: Path) -> None:
    archive, sites = root / "a", root / "sites.toml"
    done = huyen("health", "dong-son", "--stale-after", "12h", archive=archive, sites=sites)
    assert done.returncode == 3
    assert "nobody has crawled for 0 days" not in done.stdout
    assert "nobody has crawled for 35 hours" in done.stdout
    assert huyen("health", "--stale-after", "x", archive=archive, sites=sites).returncode == 2


def test_the_age_of_the_fixture_is_told_where_it_is_of_this_very_portal(root: Path) -> None:
    home = "http://dong-son.example/"
    for slug, of in (("dong-son", home), ("nhu-xuan", "http://replica.example/")):
        folder = root / "tests" / "fixtures" / slug
        folder.mkdir(parents=True)
        (folder / "listing.html").write_bytes(b"<p>x</p>")
        page = {
            "name": "listing",
            "file": "listing.html",
            "url": of,
            "status": 200,
            "content_type": "text/html",
            "fetched_at": utc_text(utc_now() - timedelta(days=400)),
            "payload_digest": digest_of(b"<p>x</p>"),
            "digest": digest_of(b"<p>x</p>"),
        }
        facts = {"site": slug, "home": of, "pages": [page]}
        (folder / "fixture.json").write_text(json.dumps(facts), encoding="utf-8")
        (folder / "expected.json").write_text('{"reviewed": true}', encoding="utf-8")
    done = huyen("health", "--json", archive=root / "a", sites=root / "sites.toml")
    ages = {site["site"]: site["fixture_days"] for site in json.loads(done.stdout)["sites"]}
    assert ages == {"dong-son": 400, "nhu-xuan": None}


def test_the_trend_is_one_character_a_week() -> None:
    assert sparkline([0, 1, 4, 8, 0]) == "·▁▄█·"
    assert sparkline([3, 3]) == "██"
    assert sparkline([0, 0]) == "··"
    assert sparkline([]) == ""
    assert sparkline([1, 1000]) == "▁█"
