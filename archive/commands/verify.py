"""`huyen verify`: fixity."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from archive.commands.context import CommandContext
from archive.fixity import FixityReport
from archive.fixity import verify as verify_archive
from archive.timestamps import utc_now

_STEPS = 1000  # of the progress bar


@click.command("verify")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Re-read N captures chosen at random, instead of everything.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def verify(ctx: click.Context, sample: int | None, as_json: bool) -> None:
    """Checks that everything in the archive is still what it was.

    Re-reads every WARC record, compares digests, lengths and places with the database, and checks
    the database itself. Changes nothing, and may run while a crawl is writing.

    Exit status: 0 all is well; 1 something is wrong, or the archive cannot be opened.
    """
    context: CommandContext = ctx.obj
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=_STEPS, label="Verifying", file=sys.stderr, hidden=hidden) as bar:
        report = verify_archive(
            context.archive,
            utc_now(),
            sample,
            lambda done, total: bar.update(done * _STEPS // max(total, 1) - bar.pos),
        )
    for note in report.notes:
        click.echo(f"huyen: {note}", err=True)
    if as_json:
        click.echo(json.dumps({"ok": report.ok, **asdict(report)}, ensure_ascii=False, indent=2))
    else:
        _print(report)
    if not report.ok:
        ctx.exit(1)


def _print(report: FixityReport) -> None:
    for problem in report.problems:
        click.echo(f"{problem.kind:<18}{problem.where}  {problem.message}")
    numbers = {
        "WARC files": report.files,
        "records": report.records,
        "captures listed": report.captures,
        "bytes": report.bytes,
        "problems": len(report.problems),
    }
    for name, number in numbers.items():
        click.echo(f"{name:<16}{number:>18,}")
    if not report.full:
        click.echo("A sample only.")
