"""`huyen export`: what others can use."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO

import click

from archive.atomic_file import require_free
from archive.cdxj import update_index
from archive.commands.context import CommandContext
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.errors import UsageError
from archive.exports.bagit import export_bagit
from archive.exports.rows import export_csv, export_jsonl, write_csv, write_jsonl
from archive.exports.selection import Selection
from archive.exports.wacz import export_wacz
from archive.query import parse_period
from archive.search import is_known_site, known_sites
from archive.timestamps import utc_now

FORMATS = {
    "wacz": "one file for ReplayWeb.page: pages as they were, with their text",
    "bagit": "the whole archive as a directory that proves itself complete (RFC 8493)",
    "cdxj": "the index for pywb and other replay tools; brought up to date where it is there",
    "jsonl": "articles, one JSON object a line",
    "csv": "articles, for a spreadsheet",
}
_WHOLE = {"bagit", "cdxj"}  # formats that take no part of the archive
_ROWS: dict[str, Callable[[Path, IO[bytes], Selection], int]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
}
_STANDARD_OUTPUT = Path("-")


@click.command(
    epilog="\b\nFORMAT is one of:\n" + "\n".join(f"  {n:<6} {does}" for n, does in FORMATS.items())
)
@click.argument("format_", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--site", "sites", multiple=True, metavar="SITE", help="Only this portal; repeatable."
)
@click.option(
    "--from", "since", metavar="DATE", help="Only what was captured from this day on (UTC)."
)
@click.option("--to", "until", metavar="DATE", help="Only what was captured up to this day (UTC).")
@click.option("--force", is_flag=True, help="Replace the file OUT where it is there already.")
@click.option(
    "--organization",
    metavar="NAME",
    default="",
    envvar="HUYEN_ORGANIZATION",
    help="Source-Organization of a bag (also: HUYEN_ORGANIZATION).",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was written as one JSON document."
)
@click.pass_obj
def export(
    context: CommandContext,
    format_: str,
    out: Path,
    sites: tuple[str, ...],
    since: str | None,
    until: str | None,
    force: bool,
    organization: str,
    as_json: bool,
) -> None:
    """Writes the archive, or a part of it, in a form that others can use.

    OUT appears when it is whole; - is standard output, of jsonl and csv. A crawl may go on meanwhile.
    """
    selection = Selection(sites, _first_day(since), _last_day(until))
    if format_ in _WHOLE and selection != Selection():
        raise UsageError(f"{format_} takes the whole archive; leave --site, --from and --to out")
    if selection.since and selection.until and selection.since > selection.until:
        raise UsageError(f"--from {since} is after --to {until}")
    piped = out == _STANDARD_OUTPUT
    if piped and (as_json or format_ not in _ROWS):
        raise UsageError(
            f"{format_}{' --json' if as_json else ''} cannot go to standard output; name a file"
        )
    if format_ not in _WHOLE and not piped:
        require_free(out, force=force)
    _check_sites(context.archive, sites)
    if piped:
        _ROWS[format_](context.archive, sys.stdout.buffer, selection)
        return
    summary = _write(context.archive, format_, out, selection, organization)
    if format_ == "bagit" and summary["withheld"]:
        click.echo(
            "huyen: a bag is the whole archive: what is withheld is in it too, outside of the views. "
            "Take care before you publish it.",
            err=True,
        )
    if as_json:
        click.echo(json.dumps({"format": format_, "path": os.fspath(out), **summary}, indent=2))
    else:
        numbers = ", ".join(
            f"{value:,} {name.replace('_', ' ')}" for name, value in summary.items()
        )
        click.echo(f"{out}: {numbers}")


def _write(
    archive: Path, format_: str, out: Path, selection: Selection, organization: str
) -> dict[str, int]:
    match format_:
        case "wacz":
            return asdict(export_wacz(archive, out, selection, utc_now()))
        case "bagit":
            return asdict(export_bagit(archive, out, utc_now(), organization))
        case "cdxj":
            with (
                closing(open_for_reading(archive)) as connection,
                sqlite_errors(archive / DATABASE_NAME),
            ):
                update = update_index(connection, out)
            return {"lines": update.lines, "added": update.added}
        case "jsonl":
            return {"articles": export_jsonl(archive, out, selection)}
    return {"articles": export_csv(archive, out, selection)}


def _check_sites(archive: Path, sites: tuple[str, ...]) -> None:
    with closing(open_for_reading(archive)) as connection, sqlite_errors(archive / DATABASE_NAME):
        for site in sites:
            if not is_known_site(connection, site):
                known = ", ".join(known_sites(connection)) or "none yet"
                raise UsageError(
                    f"--site {site}: there is no such portal in this archive; it has: {known}"
                )


def _first_day(text: str | None) -> date | None:
    period = parse_period(text) if text else None
    if text and period is None:
        raise UsageError(f"--from {text}: {_NO_DATE}")
    return period.first if period else None


def _last_day(text: str | None) -> date | None:
    period = parse_period(text) if text else None
    if text and period is None:
        raise UsageError(f"--to {text}: {_NO_DATE}")
    return period.last if period else None


_NO_DATE = "not a date; write a year, a month or a day: 2021, 2021-06, 2021-06-30, 30/6/2021"
