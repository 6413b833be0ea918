"""`huyen sites check`: whether portals still read as they did."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from archive.commands.context import CommandContext
from archive.terminal import Terminal, day
from archive.timestamps import utc_now
from archive.urls import host_of
from crawler.sites import DEFAULT_SITES_FILE, Site, choose, load_sites
from crawler.survey.check_run import SiteCheck, check_sites
from crawler.survey.fixtures import Fixture, load_fixtures

UNHEALTHY = 3


@click.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> int:
    """Fetches one listing and one article of all active sites, or of those named, and says what
    matched, what did not, and since when.

    Compares with what the last healthy crawl found and with the fixture. Half a dozen requests a
    site; they are kept in the archive, but no article changes. Ends with status 3 if a site is
    unhealthy.
    """
    context: CommandContext = ctx.obj
    sites = choose(load_sites(context.sites), names, context.sites)
    fixtures = _fixtures_of(sites, context.sites or DEFAULT_SITES_FILE)

    def tell(done: SiteCheck) -> None:
        if not as_json:
            click.echo(_shown(done))

    outcome = check_sites(
        context.archive, sites, fixtures, arguments=names, now=utc_now, on_site=tell
    )
    for line in outcome.recovery.lines():
        click.echo(f"huyen: {line}", err=True)
    if as_json:
        document = {
            "run": outcome.run_id,
            "stopped_by": outcome.stopped_by.name if outcome.stopped_by else None,
            "sites": [
                {
                    "site": done.site,
                    "healthy": done.is_healthy,
                    "findings": [asdict(finding) for finding in done.findings],
                }
                for done in outcome.checks
            ],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    if outcome.stopped_by is not None:
        click.echo("huyen: stopped; what was fetched is saved", err=True)
        return 128 + outcome.stopped_by
    return UNHEALTHY if any(not done.is_healthy for done in outcome.checks) else 0


def _fixtures_of(sites: list[Site], sites_file: Path) -> Mapping[str, Fixture]:
    """The fixtures beside the sites file, of these very portals: a replica has the same slug."""
    stored = load_fixtures(sites_file.parent / "tests" / "fixtures")
    return {
        site.slug: stored[site.slug]
        for site in sites
        if site.slug in stored and host_of(stored[site.slug].home) in site.all_hosts
    }


def _shown(done: SiteCheck) -> str:
    terminal = Terminal.of(sys.stdout)
    verdict = terminal.good("healthy") if done.is_healthy else terminal.bad("unhealthy")
    lines = [f"{terminal.strong(done.site)}: {verdict}"]
    for finding in done.findings:
        says = finding.says
        if finding.ok is False:
            since = f"last well {day(finding.since)}" if finding.since else "never seen well"
            says = f"{says}; {since}"
        mark = {True: " ", None: " ", False: "!"}[finding.ok]
        lines.append(f"{mark} {finding.subject:12} {says}")
    return "\n".join(lines)
