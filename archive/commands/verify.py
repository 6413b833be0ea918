"""`huyen verify`: fixity."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime

import click

from archive.commands.context import CommandContext
from archive.fixity import FixityReport
from archive.fixity import verify as verify_archive
from archive.repair import RepairReport, repair
from archive.timestamps import utc_now, utc_text

_STEPS = 1000  # of the progress bar


@click.command("verify")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Re-read N captures chosen at random, instead of everything.",
)
@click.option(
    "--repair", "repairing", is_flag=True, help="Put right what can be, and say what was done."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def verify(ctx: click.Context, sample: int | None, repairing: bool, as_json: bool) -> None:
    """Checks that everything in the archive is still what it was.

    Re-reads every WARC record, compares digests, lengths and places with the database, and checks
    the database itself. Changes nothing, and may run while a crawl is writing.

    With --repair it is a run of its own, which waits for no other: captures without a row are
    listed again, rows are made to say what their records say, bytes behind the end of a closed file
    are set aside, full-text indexes are made anew, damaged texts of attachments are forgotten, to be
    read again by `huyen attachments`. A WARC file that has changed is left as it is.

    Exit status: 0 all is well; 1 something is wrong, or the archive cannot be opened; 75 another
    run holds the archive (only with --repair).
    """
    if repairing and sample is not None:
        raise click.UsageError("--repair looks at everything; leave out --sample.")
    context: CommandContext = ctx.obj
    hidden = not sys.stderr.isatty()
    now = utc_now()
    repairs: RepairReport | None = None
    with click.progressbar(length=_STEPS, label="Verifying", file=sys.stderr, hidden=hidden) as bar:

        def progress(done: int, total: int) -> None:
            bar.update(done * _STEPS // max(total, 1) - bar.pos)

        if repairing:
            repairs = repair(context.archive, now, progress=progress)
            report = repairs.after
        else:
            report = verify_archive(context.archive, now, sample, progress)
    for note in report.notes:
        click.echo(f"huyen: {note}", err=True)
    if as_json:
        click.echo(json.dumps(_document(report, repairs), ensure_ascii=False, indent=2))
    else:
        for line in repairs.lines() if repairs else []:
            click.echo(line)
        _print(report, now)
    if not report.ok:
        ctx.exit(1)


def _document(report: FixityReport, repairs: RepairReport | None) -> dict[str, object]:
    before = report.before
    document: dict[str, object] = {"ok": report.ok, **asdict(report)}
    document["before"] = before and {"at": utc_text(before.at), "problems": before.problems}
    if repairs is not None:
        document["repairs"] = repairs.lines()
    return document


def _print(report: FixityReport, now: datetime) -> None:
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
    click.echo(f"Last verified in full before this: {_past(report, now)}.")


def _past(report: FixityReport, now: datetime) -> str:
    if report.before is None:
        return "never"
    day = utc_text(report.before.at)[: len("YYYY-MM-DD")]
    return f"{report.before.ago(now)} ({day}), {report.before.problems:,} problems"
