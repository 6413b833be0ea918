"""`huyen attachments`: the text of the files that articles offer."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict

import click

from archive.attachments.file_text import State
from archive.attachments.run import Report, read_attachments
from archive.attachments.tesseract import Tesseract, installed
from archive.commands.context import CommandContext
from archive.errors import HuyenError
from archive.terminal import printable
from archive.timestamps import utc_now

_NO_TESSERACT = "there is no Tesseract with Vietnamese here (Debian: apt install tesseract-ocr tesseract-ocr-vie)"
_TOLD = (State.PARTIAL, State.ENCRYPTED, State.FAILED, State.TOO_BIG)


@click.command()
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option(
    "--ocr/--no-ocr",
    default=None,
    help="Have scanned pages recognised; default: where Tesseract with Vietnamese is installed.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Read at most N files, and have the pages of at most N files recognised.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Read so many files, or recognise so many pages, at once.",
)
@click.option("--retry", is_flag=True, help="Try again what could not be read or recognised.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def attachments(
    context: CommandContext,
    sites: tuple[str, ...],
    ocr: bool | None,
    limit: int | None,
    jobs: int,
    retry: bool,
    as_json: bool,
) -> None:
    """Reads the PDF, Word, Excel and other files in the archive, so that they can be searched.

    Only what was not read before; each file once, however many articles offer it. May run while a
    crawl is writing, and may be stopped at any moment: what was read stays, the next one goes on.
    """
    tesseract = None if ocr is False else installed()
    if ocr and tesseract is None:
        raise HuyenError(f"{_NO_TESSERACT}; install it, or leave out --ocr")
    signal.signal(signal.SIGTERM, _stop)
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1, label="Collecting", file=sys.stderr, hidden=hidden) as bar:

        def progress(what: str, done: int, total: int) -> None:
            bar.label, bar.length = what, total
            bar.update(done - bar.pos)

        report = read_attachments(
            context.archive,
            sites=sites,
            tesseract=tesseract,
            limit=limit,
            jobs=jobs,
            retry=retry,
            clock=utc_now,
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps(_document(report, tesseract), ensure_ascii=False, indent=2))
        return
    for line in _lines(report):
        click.echo(line)
    if report.waiting and tesseract is None and ocr is None:
        click.echo(f"huyen: {_NO_TESSERACT}, so scanned pages wait", err=True)


def _stop(number: int, frame: object) -> None:
    """Ends as Ctrl-C does: workers are ended, the run says that it was interrupted."""
    sys.exit(128 + number)


def _document(report: Report, tesseract: Tesseract | None) -> dict[str, object]:
    return {
        "files": [asdict(file) for file in report.files],
        "states": report.states,
        "recognised_pages": report.recognised,
        "failed_pages": report.failed_pages,
        "unread_files": report.unread,
        "waiting_pages": report.waiting,
        "tesseract": tesseract.engine if tesseract else None,
    }


def _lines(report: Report) -> list[str]:
    lines = [
        f"{file.state:<11} {printable(file.url)}: {printable(file.reason)}"
        for file in report.files
        if file.state in _TOLD
    ]
    numbers = {f"files {state}": number for state, number in report.states.items()}
    numbers |= {
        "pages recognised": report.recognised,
        "pages failed": report.failed_pages,
        "files left": report.unread,
        "pages waiting": report.waiting,
    }
    told = [f"{name:<18}{number:>12,}" for name, number in numbers.items() if number]
    return [*lines, *told] or ["Nothing new to read."]
