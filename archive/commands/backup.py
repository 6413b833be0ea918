"""`huyen backup`: the database, copied while the archive is in use."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from archive.backups import back_up
from archive.commands.context import CommandContext


@click.command()
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what is in it as one JSON document.")
@click.pass_obj
def backup(context: CommandContext, out: Path, as_json: bool) -> None:
    """Copies the database (archive.db) to the file OUT, also while a crawl is writing.

    The copy is of one moment, checked, and appears under its name when it is whole; a file that is
    there is never replaced. WARC files are copied by any program: once closed they do not change.
    """
    summary = back_up(context.archive, out)
    if as_json:
        click.echo(json.dumps({"path": os.fspath(out), **asdict(summary)}, indent=2))
    else:
        click.echo(
            f"{out}: {summary.bytes:,} bytes, checked: {summary.captures:,} captures, "
            f"{summary.articles:,} articles, {summary.versions:,} versions"
        )
