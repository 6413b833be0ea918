"""How the archive and each portal are, told from what runs left behind."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stored_articles import START, seen, store

from archive.database import open_for_reading
from archive.fixity import verify
from archive.health import WEEKS, ArchiveHealth, FieldCoverage, SiteHealth, archive_health
from archive.ingest import ArchiveWriter
from archive.site_runs import SiteRun

DAY = timedelta(days=1)


def crawled(root: Path, when: datetime, site: str = "tho-xuan", **facts: object) -> None:
    """One crawl of one site that concluded this."""
    values: dict[str, object] = {"verdict": "ok", "reason": "1 new, 0 changed", "articles": 10}
    with ArchiveWriter.open(root, "crawl", clock=lambda: when) as writer:
        writer.record_site_run(
            SiteRun(site, when, when + timedelta(minutes=5), **(values | facts))  # type: ignore[arg-type]
        )


def health(root: Path, when: datetime, **options: object) -> ArchiveHealth:
    with closing(open_for_reading(root)) as connection:
        return archive_health(connection, when, **options)  # type: ignore[arg-type]


def tho_xuan(root: Path, when: datetime, **options: object) -> SiteHealth:
    return next(site for site in health(root, when, **options).sites if site.site == "tho-xuan")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three portals, two articles of Thọ Xuân, crawled on START."""
    store(tmp_path, [seen("1", "Một", published_at="2026-10-30"), seen("2", "Hai")])
    return tmp_path


def test_the_sites_stand_by_name_with_what_the_archive_has_of_them(root: Path) -> None:
    crawled(root, START)
    now = START + DAY
    found = health(root, now)
    assert [site.site for site in found.sites] == ["hoang-hoa", "tho-xuan", "vi-thuy"]
    site = found.sites[1]
    assert (site.name, site.province, site.state) == ("Huyện Thọ Xuân", "Thanh Hóa", "active")
    assert (site.articles, site.gone) == (2, 0)
    assert site.last is not None
    assert site.last.verdict == "ok"
    assert site.is_healthy
    assert site.bytes > 0
    assert found.warc_bytes == site.bytes
    assert found.database_bytes > 0
    assert (found.runs[0].command, found.runs[0].outcome) == ("crawl", "done")
    assert found.at == now
    assert found.crawled_at == START + timedelta(minutes=5)
    assert [site.site for site in health(root, now, sites=["vi-thuy"]).sites] == ["vi-thuy"]


def test_a_site_that_was_never_crawled_or_not_for_long_is_unhealthy(root: Path) -> None:
    crawled(root, START)
    found = {site.site: site.problems for site in health(root, START + DAY).sites}
    assert found == {"tho-xuan": (), "hoang-hoa": ("never crawled",), "vi-thuy": ("never crawled",)}
    assert tho_xuan(root, START + 30 * DAY).problems == ("not crawled for 30 days",)


def test_crawls_that_never_come_to_their_end_are_told(root: Path) -> None:
    for days in range(0, 40, 3):
        crawled(root, START + days * DAY, verdict="interrupted", reason="the time was up")
    assert tho_xuan(root, START + 29 * DAY).problems == ()
    assert tho_xuan(root, START + 40 * DAY).problems == (
        "no crawl has come to its end for 40 days; give it more time",
    )
    crawled(root, START + 40 * DAY)
    assert tho_xuan(root, START + 41 * DAY).problems == ()


def test_nobody_having_crawled_for_three_days_is_a_problem_of_the_archive(root: Path) -> None:
    for site in ("tho-xuan", "hoang-hoa", "vi-thuy"):
        crawled(root, START, site)
    assert health(root, START + 2 * DAY).is_healthy
    stale = health(root, START + 4 * DAY)
    assert stale.problems == ("nobody has crawled for 3 days",)
    assert not stale.is_healthy
    assert health(root, START + 4 * DAY, stale_after=7 * DAY).is_healthy
    frozen = dict.fromkeys(("tho-xuan", "hoang-hoa", "vi-thuy"), "frozen")
    assert health(root, START + 40 * DAY, states=frozen).is_healthy  # nobody need crawl them


def test_the_last_verdict_stands_until_a_crawl_comes_to_another(root: Path) -> None:
    crawled(root, START, verdict="blocked", reason="the firewall refuses: F5 BIG-IP")
    crawled(root, START + DAY, verdict="interrupted", reason="stopped after 0 articles")
    crawled(root, START + 2 * DAY, verdict="blocked", reason="the firewall refuses: F5 BIG-IP")
    crawled(root, START + 3 * DAY, verdict="interrupted", reason="stopped after 0 articles")
    with ArchiveWriter.open(root, "crawl", clock=lambda: START + 3 * DAY) as writer:
        writer.record_site_run(SiteRun("tho-xuan", START + 3 * DAY))  # killed, or still running
    site = tho_xuan(root, START + 3 * DAY)
    assert site.problems == ("blocked: the firewall refuses: F5 BIG-IP",)
    assert site.since == START
    assert [crawl.verdict for crawl in site.crawls] == [
        *(None, "interrupted", "blocked", "interrupted", "blocked")
    ]


@pytest.mark.parametrize(("state", "problems"), [("gone", 0), ("moved", 0), ("frozen", 1)])
def test_what_the_operator_knows_is_no_problem(root: Path, state: str, problems: int) -> None:
    crawled(root, START, verdict="moved", reason="the home page is that of Xã Thọ Xuân")
    site = tho_xuan(root, START + DAY, states={"tho-xuan": state})
    assert site.state == state
    assert len(site.problems) == problems


def test_counts_are_those_of_whole_walks_that_were_well(root: Path) -> None:
    for days, facts in enumerate(
        (
            {"articles": 200},
            {"articles": 3, "whole": False},
            {"articles": 10, "not_modified": 200},
            {"articles": 20, "verdict": "partial"},
        )
    ):
        crawled(root, START + days * DAY, **facts)
    assert tho_xuan(root, START + 4 * DAY).counts == (210, 200)


def test_a_field_that_is_missed_is_told_beside_what_is_usual(root: Path) -> None:
    usual = {"author": 0.9, "category": 0.1}
    crawled(root, START, coverage=usual, articles=100)
    crawled(root, START + DAY, coverage={"author": 0.0, "category": 0.1}, articles=50)
    crawled(root, START + 2 * DAY, coverage={"author": 1.0}, articles=1)  # proves nothing
    crawled(root, START + 3 * DAY, articles=0)
    coverage = tho_xuan(root, START + 4 * DAY).coverage
    assert coverage == (FieldCoverage("author", 0.0, 0.9), FieldCoverage("category", 0.1, 0.1))
    assert [field.is_missed for field in coverage] == [True, False]
    assert [field.is_missed for field in (FieldCoverage("author", 0.5, None),)] == [False]


def test_articles_count_in_the_week_of_their_publication(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)
    pages = [
        seen("1", "Hôm nay", published_at="2026-11-21"),
        seen("2", "Tuần trước", published_at="2026-11-10T08:00:00+07:00"),
        seen("3", "Tuần trước nữa", published_at="2026-11-11"),
        seen("4", "Không ngày"),  # captured on START, 2 November
        seen("5", "Năm ngoái", published_at="2025-01-01"),
        seen("6", "Gõ nhầm", published_at="2062-11-20"),
    ]
    store(tmp_path, pages)
    weeks = tho_xuan(tmp_path, now).weeks
    assert len(weeks) == WEEKS
    assert weeks[-4:] == (0, 1, 2, 1)
    assert sum(weeks) == 4


def test_silence_is_counted_from_the_newest_publication_that_is_not_in_the_future(
    root: Path,
) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    crawled(root, START, newest="2026-10-31", rate=0.5, silence_days=13.8)
    site = tho_xuan(root, now)
    assert site.days_silent(now) == pytest.approx(21 + 7 / 24)
    assert (site.rate, site.silence_days) == (0.5, 13.8)
    crawled(root, START + DAY, newest="2062-11-20")
    site = tho_xuan(root, now)
    assert site.newest == "2062-11-20"
    silent = site.days_silent(now)
    assert silent is not None
    assert 18 < silent < 19  # since the articles were captured
    assert (site.rate, site.silence_days) == (0.5, 13.8)
    assert health(root, now).sites[0].days_silent(now) is None


def test_damage_that_was_found_is_a_problem_until_a_verification_finds_none(root: Path) -> None:
    for site in ("tho-xuan", "hoang-hoa", "vi-thuy"):
        crawled(root, START, site)
    assert health(root, START + DAY).verified is None
    warc = next((root / "warc").rglob("*.gz"))
    whole = warc.read_bytes()
    warc.write_bytes(whole[:-20] + b"\x00" * 20)
    verify(root, START + DAY)
    found = health(root, START + DAY)
    assert found.verified is not None
    assert found.verified.at == START + DAY
    assert "the last verification found" in found.problems[0]
    warc.write_bytes(whole)
    verify(root, START + DAY)
    assert health(root, START + DAY).is_healthy


def test_an_archive_that_nobody_has_crawled_into_yet(tmp_path: Path) -> None:
    ArchiveWriter.open(tmp_path, "import", clock=lambda: START).close()
    found = health(tmp_path, START + 10 * DAY)
    assert found.sites == ()
    assert found.crawled_at is None
    assert found.written_at == START
    assert found.is_healthy
