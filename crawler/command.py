"""The `huyen` command: one group, its subcommands loaded when asked for.

Commands that only read the archive must start without Scrapy, so nothing is imported here but
the option parser and the table below.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import click

from archive import __version__
from archive.commands.context import CommandContext
from archive.errors import HuyenError
from crawler.lazy_commands import LazyGroup

# In the order in which `huyen --help` shows them: name -> (module:attribute, what it does).
COMMANDS = {
    "demo": ("crawler.commands.demo:demo", "The whole path on bundled replica portals."),
    "crawl": ("crawler.commands.crawl:crawl", "From the portals into the archive."),
    "sites": (
        "crawler.commands.sites:sites",
        "Which portals there are, and how each was when last seen.",
    ),
    "health": (
        "crawler.commands.health:health",
        "How the archive and each portal are: verdicts, trends, what is missed.",
    ),
    "reextract": (
        "crawler.commands.reextract:reextract",
        "Today's extractors over the stored pages.",
    ),
    "import": (
        "crawler.commands.import_:import_",
        "What others have saved: WARC and WACZ files into the archive.",
    ),
    "attachments": (
        "archive.commands.attachments:attachments",
        "Read the PDF, Word and Excel files in the archive, so that they can be searched.",
    ),
    "search": ("archive.commands.search:search", "Find articles by what they say."),
    "show": ("archive.commands.show:show", "One article: text, versions, differences, provenance."),
    "record": (
        "archive.commands.record:record",
        "From a WARC record, digest or address back to what was read from it.",
    ),
    "serve": ("archive.commands.serve:serve", "The archive as a web page: search, read, replay."),
    "export": (
        "archive.commands.export:export",
        "The archive or a part of it for others: WACZ, BagIt, CDXJ, tables.",
    ),
    "withhold": (
        "archive.commands.withhold:withhold",
        "Show an article or a version no more: takedown, personal data, court order.",
    ),
    "restore": ("archive.commands.withhold:restore", "Show again what was withheld."),
    "backup": ("archive.commands.backup:backup", "Copy the database, also while a crawl writes."),
    "verify": (
        "archive.commands.verify:verify",
        "Check that everything in the archive is still what it was.",
    ),
}


@click.group(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="huyen")
@click.option(
    "--archive",
    type=click.Path(file_okay=True, path_type=Path),
    default=Path("data"),
    envvar="HUYEN_ARCHIVE",
    show_default="./data",
    help="Directory of the archive (also: HUYEN_ARCHIVE).",
)
@click.option(
    "--sites",
    type=click.Path(path_type=Path),
    envvar="HUYEN_SITES",
    show_default="the sites.toml beside scrapy.cfg",
    help="File with the facts about the portals.",
)
@click.pass_context
def group(ctx: click.Context, archive: Path, sites: Path | None) -> None:
    """Saves the web portals of Vietnam's districts, and lets you find, read, check and cite them.

    Exit status: 0 done; 1 could not do it; 2 wrong usage or configuration; 3 done, but a site is
    unhealthy; 75 another run holds the archive; 130/143 stopped by a signal, state saved.
    """
    ctx.obj = CommandContext(archive=archive, sites=sites)


def main() -> None:
    """Entry point: runs the command and turns every expected failure into one line and a status."""
    try:
        status = group.main(prog_name="huyen", standalone_mode=False)
    except HuyenError as error:
        click.echo(f"huyen: {error}", err=True)
        status = error.exit_status
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = 128 + signal.SIGINT
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; nothing is wrong. Keep the interpreter
        # from complaining when it flushes standard output on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
