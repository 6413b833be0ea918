"""`huyen import`: what others have saved."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from archive.commands.context import CommandContext
from archive.terminal import printable
from crawler.importing import FileOutcome, import_files
from crawler.sites import choose, load_sites

_SHOWN = 10  # damaged places and unresolved revisits of one file; the rest is counted


@click.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--site",
    "name",
    metavar="SLUG",
    help="The portal that captures belong to whose host no portal in the sites file has.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON document.")
@click.pass_context
def import_(ctx: click.Context, files: tuple[Path, ...], name: str | None, as_json: bool) -> int:
    """Imports WARC (.warc, .warc.gz) and WACZ files that others made: wget, Heritrix, Browsertrix,
    ArchiveWeb.page.

    Captures keep their original times, and articles are read from them as in a crawl; which portal
    they belong to is recognised by host. Give files whose records refer to each other together.
    The files themselves are kept in imports/ in the archive, as they are. Importing a file again
    adds nothing.

    Ends with status 1 if something in a file could not be imported; the rest is.
    """
    context: CommandContext = ctx.obj
    sites = load_sites(context.sites)
    belongs_to = choose(sites, (name,), context.sites)[0] if name else None
    on_terminal = sys.stderr.isatty()

    def progress(what: str, done: int, total: int) -> None:
        if on_terminal and (done % 50 == 0 or done == total):
            click.echo(f"\r{what}: {done} of {total}", nl=done == total, err=True)

    outcome = import_files(
        context.archive,
        sites,
        files,
        belongs_to=belongs_to,
        arguments=[*(["--site", name] if name else []), *map(str, files)],
        progress=progress,
    )
    for line in outcome.recovery.lines():
        click.echo(f"huyen: {line}", err=True)
    if as_json:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False, indent=2))
    for file in outcome.files:
        if not as_json:
            click.echo(_line(file))
        for trouble in _troubles(file):
            click.echo(f"huyen: {printable(f'{file.name}: {trouble}')}", err=True)
    for site in outcome.sites:
        if not as_json:
            click.echo(
                f"{site.site}: {site.pages} pages read, {site.articles} articles; {site.new} new, "
                f"{site.changed} changed, {site.failures} failed"
            )
        for reason in site.unreadable:
            click.echo(f"huyen: {site.site}: {printable(reason)}", err=True)
    unreadable = any(site.unreadable for site in outcome.sites)
    return 1 if unreadable or any(not file.is_whole for file in outcome.files) else 0


def _line(file: FileOutcome) -> str:
    facts = [f"{file.added} new", f"{file.known} in the archive already"]
    if file.left_out:
        facts.append(f"{sum(file.left_out.values())} left out")
    if file.cut:
        facts.append(f"{file.cut} cut to the size limit")
    return printable(f"{file.name}: {file.exchanges} exchanges; {', '.join(facts)}")


def _troubles(file: FileOutcome) -> list[str]:
    troubles = list(file.notes)
    for places, what in (
        (file.damaged, "damaged, not imported"),
        (file.unresolved, "not imported, because what it repeats is in none of these files"),
    ):
        troubles += [f"{place}: {what}" for place in places[:_SHOWN]]
        if len(places) > _SHOWN:
            troubles.append(f"and {len(places) - _SHOWN} more: {what}")
    if file.left_out:
        most = sorted(file.left_out.items(), key=lambda entry: -entry[1])[:_SHOWN]
        hosts = ", ".join(f"{host} ({count})" for host, count in most)
        troubles.append(f"left out, of no portal in the sites file: {hosts}; --site takes them")
    return troubles
