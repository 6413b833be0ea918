"""`huyen health`: how the archive and each portal are."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from statistics import median_high
from typing import Any

import click

from archive.commands.context import CommandContext
from archive.database import open_for_reading
from archive.durations import duration
from archive.fixity import Verification
from archive.health import (
    STALE_AFTER,
    ArchiveHealth,
    FieldCoverage,
    SiteCrawl,
    SiteHealth,
    archive_health,
)
from archive.lock import holder
from archive.terminal import Terminal, day
from archive.timestamps import parse_utc, utc_now, utc_text
from archive.urls import host_of
from crawler.sites import DEFAULT_SITES_FILE, Site, State, choose, load_sites
from crawler.survey.fixtures import load_fixtures

UNHEALTHY = 3
_BARS = "▁▂▃▄▅▆▇█"
_UNITS = ("B", "kB", "MB", "GB", "TB")
_HEADINGS = (
    *("SITE", "VERDICT", "SINCE", "LAST CRAWL", "ARTICLES", "LAST WHOLE WALK", "26 WEEKS"),
    *("SILENT FOR", "MISSED FIELDS", "STORAGE", "FIXTURE"),
)
_CRAWL_HEADINGS = ("BEGAN", "VERDICT", "WALK", "ARTICLES", "NEW", "REQUESTS", "FAILED", "REASON")


@dataclass(frozen=True, slots=True)
class _Report:
    """What is printed: the archive's health, the sites of the file that were never crawled, who
    holds the archive now, and the age of the fixtures in days, by site."""

    health: ArchiveHealth
    never: tuple[Site, ...]
    holder: str | None
    fixtures: Mapping[str, int]

    @property
    def is_healthy(self) -> bool:
        return self.health.is_healthy and not self.never


@click.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option(
    "--stale-after",
    type=duration,
    metavar="DURATION",
    help="Nobody having crawled for so long is a problem: 3d (the default), 36h.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def health(
    ctx: click.Context, names: tuple[str, ...], stale_after: timedelta | None, as_json: bool
) -> int:
    """How the archive and each portal are, or the portals named with their latest crawls.

    Ends with status 3 if a portal is unhealthy, if nobody has crawled for three days, or if the
    last verification found something. Changes nothing, and may run while a crawl is writing.
    """
    context: CommandContext = ctx.obj
    known = load_sites(context.sites)
    chosen = choose(known, names, context.sites)
    now = utc_now()
    with closing(open_for_reading(context.archive)) as connection:
        found = archive_health(
            connection,
            now,
            {site.slug for site in chosen} if names else None,
            states={site.slug: site.life.state for site in known.values()},
            stale_after=stale_after or STALE_AFTER,
        )
    crawled = {site.site for site in found.sites}
    never = [
        site for site in chosen if site.slug not in crawled and site.life.state is State.ACTIVE
    ]
    file = context.sites or DEFAULT_SITES_FILE
    stored = load_fixtures(file.parent / "tests" / "fixtures")
    fixtures = {
        slug: (now - parse_utc(fixture.fetched_at)).days
        for slug, fixture in stored.items()
        if slug in known and host_of(fixture.home) in known[slug].all_hosts
    }
    report = _Report(found, tuple(never), holder(context.archive), fixtures)
    if as_json:
        click.echo(json.dumps(_document(report), ensure_ascii=False, indent=2))
    else:
        _print(report, Terminal.of(sys.stdout), detailed=bool(names))
    return 0 if report.is_healthy else UNHEALTHY


# -- for people -----------------------------------------------------------------------------------


def _print(report: _Report, terminal: Terminal, *, detailed: bool) -> None:
    found = report.health
    for name, value in _facts(report):
        click.echo(terminal.field(name, value, 16))
    rows = [
        _row(site, report, found.at)
        for site in sorted(found.sites, key=lambda site: (not site.is_healthy, site.site))
    ]
    rows += [(site.slug, "never crawled", *[""] * (len(_HEADINGS) - 2)) for site in report.never]
    if rows:
        click.echo("")
        click.echo(terminal.table(_HEADINGS, rows))
    for site in found.sites if detailed else ():
        click.echo("")
        _print_site(site, terminal)
    lines = [*found.problems]
    lines += [f"{site.site}: {problem}" for site in found.sites for problem in site.problems]
    lines += [f"{site.slug}: never crawled" for site in report.never]
    if lines:
        click.echo("")
        for line in lines:
            click.echo(terminal.bad(line))


def _facts(report: _Report) -> list[tuple[str, str]]:
    found = report.health
    running = [("In use by", report.holder)] if report.holder else []
    return [
        *running,
        ("Told at", _moment(found.at)),
        ("Last written", _aged(found.written_at, found.at)),
        ("Last crawl", _aged(found.crawled_at, found.at)),
        ("Verified", _verified(found.verified, found.at)),
        ("Storage", f"WARC {_size(found.warc_bytes)}, database {_size(found.database_bytes)}"),
    ]


def _row(site: SiteHealth, report: _Report, now: datetime) -> tuple[str, ...]:
    last, age = site.last, report.fixtures.get(site.site)
    missed = [field.field for field in site.coverage if field.is_missed]
    state = "" if site.state == "active" else f" ({site.state})"
    return (
        site.site,
        f"{last.verdict if last else 'never crawled'}{state}",
        f"{site.since:%Y-%m-%d}" if site.since else "",
        _moment(site.crawls[0].started_at) if site.crawls else "",
        f"{site.articles:,}" + (f" ({site.gone:,} gone)" if site.gone else ""),
        _counts(site),
        sparkline(site.weeks),
        _silence(site, now),
        ", ".join(missed),
        _size(site.bytes),
        "" if age is None else _days(age),
    )


def _counts(site: SiteHealth) -> str:
    """Article pages that the last whole walk read, beside what such walks read before."""
    walked = next((crawl for crawl in site.crawls if crawl.whole and crawl.verdict), None)
    before = site.counts[1:] if walked is not None and walked.is_healthy else site.counts
    usual = f"usually {median_high(before):,}" if before else ""
    if walked is None:
        return usual
    return f"{walked.articles:,}" + (f", {usual}" if usual else "")


def _silence(site: SiteHealth, now: datetime) -> str:
    silent = site.days_silent(now)
    if silent is None:
        return ""
    limit = f" (limit {site.silence_days:.0f})" if site.silence_days is not None else ""
    return f"{silent:.0f} days{limit}"


def _print_site(site: SiteHealth, terminal: Terminal) -> None:
    click.echo(terminal.strong(f"{site.site}: {site.name}, {site.province}; {site.home}"))
    rows = [_crawl_row(crawl) for crawl in site.crawls]
    click.echo(terminal.table(_CRAWL_HEADINGS, rows))
    if site.coverage:
        shares = ", ".join(_coverage(field) for field in site.coverage)
        click.echo(terminal.field("Fields", shares, 10))
    if site.rate is not None:
        click.echo(terminal.field("Rhythm", f"{7 * site.rate:.1f} new articles a week", 10))


def _crawl_row(crawl: SiteCrawl) -> tuple[str, ...]:
    return (
        _moment(crawl.started_at),
        crawl.verdict or ("unfinished" if crawl.ended_at else "running or killed"),
        "whole" if crawl.whole else "what was due",
        str(crawl.articles),
        str(crawl.new),
        str(crawl.requests),
        str(crawl.failed),
        crawl.reason,
    )


def _coverage(field: FieldCoverage) -> str:
    usual = "" if field.usual is None else f" (usually {field.usual:.0%})"
    return f"{field.field} {field.share:.0%}{usual}"


def sparkline(counts: Sequence[int]) -> str:
    """One character a count, the highest the tallest: ``▁▁··▂█``; ``·`` is none."""
    highest = max(counts, default=0)
    return "".join(
        "·" if not count else _BARS[(count * len(_BARS) - 1) // highest] for count in counts
    )


def _size(number: int) -> str:
    size, unit = float(number), 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if size >= 100 or not unit else f"{size:.1f} {_UNITS[unit]}"


def _moment(moment: datetime) -> str:
    return day(utc_text(moment))


def _aged(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    return f"{_moment(moment)}, {Verification(moment, 0).ago(now)}"


def _verified(verified: Verification | None, now: datetime) -> str:
    if verified is None:
        return "never; run `huyen verify` now and then"
    return f"{_aged(verified.at, now)}, {verified.problems:,} problems"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


# -- for programs ---------------------------------------------------------------------------------


def _document(report: _Report) -> dict[str, Any]:
    found = report.health
    sites = []
    for site in found.sites:
        facts = asdict(site) | {
            "healthy": site.is_healthy,
            "days_silent": site.days_silent(found.at),
            "fixture_days": report.fixtures.get(site.site),
            "coverage": [asdict(field) | {"missed": field.is_missed} for field in site.coverage],
        }
        sites.append(facts)
    document = asdict(found) | {
        "healthy": report.is_healthy,
        "sites": sites,
        "in_use_by": report.holder,
        "never_crawled": [site.slug for site in report.never],
    }
    plain = _plain(document)
    assert isinstance(plain, dict)
    return plain


def _plain(value: Any) -> Any:
    """Moments as the archive writes them, all else as JSON has it."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
