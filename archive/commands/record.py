"""`huyen record`: from a record back to the articles that were read from it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import click

from archive.commands.context import CommandContext
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.errors import HuyenError
from archive.provenance import Check, check
from archive.record_uses import RecordUse, uses_of
from archive.terminal import Terminal, day


@click.command()
@click.argument("reference", metavar="REFERENCE")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def record(context: CommandContext, reference: str, as_json: bool) -> None:
    """What the archive says because of a record: the way back of `show --provenance`.

    REFERENCE is a WARC-Record-ID (urn:uuid:...), a payload digest (sha256:...), a place
    (warc/SITE/FILE.warc.gz:OFFSET), an address, or the number of a capture. Each record is read and
    checked; exit status 1 when one is not what it was, or when there is none.
    """
    with (
        closing(open_for_reading(context.archive)) as connection,
        sqlite_errors(context.archive / DATABASE_NAME),
    ):
        uses = uses_of(connection, reference)
    checks = [check(context.archive, use.capture, use.held_by) for use in uses]
    if as_json:
        document = [
            asdict(use) | {"check": asdict(checked) | {"passed": checked.passed}}
            for use, checked in zip(uses, checks, strict=True)
        ]
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        terminal = Terminal.of(sys.stdout)
        for use, checked in zip(uses, checks, strict=True):
            for line in _lines(terminal, use, checked):
                click.echo(line, color=terminal.colour)
    if not uses:
        raise HuyenError(f"{reference} is not in this archive")
    failed = [
        use.capture.id
        for use, checked in zip(uses, checks, strict=True)
        if use.capture.place is not None and not checked.passed
    ]
    if failed:
        raise HuyenError(f"not what it was: capture {', '.join(map(str, failed))}")


def _lines(terminal: Terminal, use: RecordUse, checked: Check) -> Iterator[str]:
    capture, place = use.capture, use.capture.place
    status = "no status" if capture.status is None else str(capture.status)
    yield terminal.strong(f"Capture {capture.id}") + f"  {day(capture.fetched_at)}, {status}"
    yield terminal.field("Address", f"{capture.url} ({use.site})")
    if place is not None:
        yield terminal.field("WARC record", f"{place.file}:{place.offset}, {place.record_type}")
        yield terminal.field("", f"{place.record_id}")
        outcome = "the stored bytes are the captured bytes" if checked.passed else checked.problem
        yield terminal.field("Checked", outcome)
    if use.withheld:
        yield terminal.field("Read as", "withheld")
        return
    yield terminal.field("Read as", f"{use.read_as}, by {use.extractor}" if use.read_as else "-")
    for version in use.versions:
        how = "" if version.made else " (seen again)"
        what = f"article {version.article_id}, version {version.version}{how}: {version.title}"
        yield terminal.field("Gave", what)
    for article in use.file_articles:
        yield terminal.field("File of", f"article {article}")
