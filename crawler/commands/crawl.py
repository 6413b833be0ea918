"""`huyen crawl`: from the portals into the archive."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from archive.commands.context import CommandContext
from crawler.recording import SiteOutcome
from crawler.run import CrawlRun, RunOutcome
from crawler.sites import choose, load_sites

UNHEALTHY = 3


@click.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--max-pages", type=click.IntRange(1), metavar="N", help="End after N pages a site.")
@click.option("--report", is_flag=True, help="Print each site's outcome, also of healthy ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON document.")
@click.option("-v", "--verbose", is_flag=True, help="Log every answer to standard error.")
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Log there instead of to standard error.",
)
@click.pass_context
def crawl(
    ctx: click.Context,
    names: tuple[str, ...],
    max_pages: int | None,
    report: bool,
    as_json: bool,
    verbose: bool,
    log_file: Path | None,
) -> int:
    """Crawls all active sites, or those named, into the archive.

    Ends with status 3 if a site is unhealthy. Says nothing when all is well, unless standard output
    is a terminal or --report or --json is given, so that cron writes a mail only when something
    broke.
    """
    context: CommandContext = ctx.obj
    sites = choose(load_sites(context.sites), names, context.sites)
    everything = report or sys.stdout.isatty()

    def tell(outcome: SiteOutcome) -> None:
        if not as_json and (everything or not outcome.verdict.is_healthy):
            click.echo(_line(outcome), err=not outcome.verdict.is_healthy)

    run = CrawlRun(
        context.archive,
        sites,
        arguments=names,
        max_pages=max_pages or 0,
        settings={
            "LOG_LEVEL": "DEBUG" if verbose else "INFO" if log_file else "ERROR",
            "LOG_FILE": str(log_file) if log_file else None,
        },
        quiet=not verbose and log_file is None,
        on_site=tell,
    ).run()
    for line in run.recovery.lines():
        click.echo(f"huyen: {line}", err=True)
    if as_json:
        click.echo(json.dumps(_document(run), ensure_ascii=False, indent=2))
    if run.stopped_by is not None:
        click.echo("huyen: stopped; what was fetched is saved", err=True)
        return 128 + run.stopped_by
    return UNHEALTHY if any(not site.verdict.is_healthy for site in run.sites) else 0


def _line(outcome: SiteOutcome) -> str:
    return (
        f"{outcome.site}: {outcome.verdict} ({outcome.reason}); {outcome.requests} requests, "
        f"{outcome.pages} pages, {outcome.articles} articles in {outcome.seconds:.0f} s"
        + (f"; {outcome.truncated} answers cut off" if outcome.truncated else "")
    )


def _document(run: RunOutcome) -> dict[str, object]:
    return {
        "run": run.run_id,
        "stopped_by": run.stopped_by.name if run.stopped_by else None,
        "sites": [asdict(site) for site in run.sites],
    }
