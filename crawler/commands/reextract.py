"""`huyen reextract`: today's extractors over the stored bytes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from archive.commands.context import CommandContext
from crawler.reextraction import reextract as reextract_sites
from crawler.sites import choose, load_sites


@click.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON document.")
@click.pass_context
def reextract(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> int:
    """Reads the stored pages of all active sites, or those named, with today's extractors.

    Nothing is asked of the portals. A page that now reads differently gets a new version, marked
    as our doing and not as an edit by the portal; older versions stay.
    """
    context: CommandContext = ctx.obj
    sites = choose(load_sites(context.sites), names, context.sites)
    on_terminal = sys.stderr.isatty()

    def progress(site: str, done: int, total: int) -> None:
        if on_terminal and (done % 50 == 0 or done == total):
            click.echo(f"\r{site}: {done} of {total} pages", nl=done == total, err=True)

    outcomes = reextract_sites(context.archive, sites, arguments=names, progress=progress)
    if as_json:
        click.echo(
            json.dumps([asdict(outcome) for outcome in outcomes], ensure_ascii=False, indent=2)
        )
    for outcome in outcomes:
        if not as_json:
            click.echo(
                f"{outcome.site}: {outcome.pages} pages, {outcome.articles} articles; "
                f"{outcome.new} new, {outcome.changed} read differently, {outcome.failures} failed"
            )
        for reason in outcome.unreadable:
            click.echo(f"huyen: {outcome.site}: {reason}", err=True)
    return 1 if any(outcome.unreadable for outcome in outcomes) else 0
