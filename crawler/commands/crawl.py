"""`huyen crawl`: from the portals into the archive."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import click

from archive.atomic_file import replacing
from archive.commands.context import CommandContext
from archive.database import open_for_reading
from archive.durations import duration
from archive.errors import ArchiveError, ArchiveLocked, HuyenError, UsageError
from archive.health import ArchiveHealth, archive_health
from archive.metrics import RunEnd, metrics_text
from archive.terminal import Terminal
from archive.timestamps import utc_now
from crawler.log_file import LOG_KEEP, LOG_SIZE, logging_to
from crawler.ping import Watchdog
from crawler.recording import SiteOutcome
from crawler.rhythm import due_sites
from crawler.run import CrawlRun, RunOutcome
from crawler.run_report import document, nothing_due, outcome_table, site_line
from crawler.sites import Site, choose, load_sites

UNHEALTHY = 3


@dataclass(frozen=True, slots=True)
class _Wishes:
    """The options of one crawl; see their help."""

    names: tuple[str, ...]
    due: bool
    full: bool
    max_pages: int
    max_time: timedelta | None
    report: bool
    as_json: bool
    verbose: bool
    has_log: bool

    def arguments(self) -> list[str]:
        """What the archive remembers of them, as typed."""
        said = [*self.names]
        said += ["--due"] * self.due
        said += ["--full"] * self.full
        said += ["--max-pages", str(self.max_pages)] * bool(self.max_pages)
        if self.max_time is not None:
            said += ["--max-time", f"{self.max_time.total_seconds():g}s"]
        return said


@click.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--due", is_flag=True, help="Only the sites whose time has come by their rhythm.")
@click.option("--full", is_flag=True, help="Walk everything again, not only what is due.")
@click.option("--max-pages", type=click.IntRange(1), metavar="N", help="End after N pages a site.")
@click.option(
    "--max-time",
    type=duration,
    metavar="DURATION",
    help="End after so long: 90m, 6h. What is left is taken up by the next run.",
)
@click.option("--report", is_flag=True, help="Print each site's outcome, also of healthy ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON document.")
@click.option("-v", "--verbose", is_flag=True, help="Log every answer to standard error.")
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Log there instead of to standard error.",
)
@click.option(
    "--log-size",
    type=click.IntRange(10_000),
    metavar="BYTES",
    default=LOG_SIZE,
    show_default=True,
    help="Begin another log file after so many bytes.",
)
@click.option(
    "--log-keep",
    type=click.IntRange(1),
    metavar="N",
    default=LOG_KEEP,
    show_default=True,
    help="Keep so many earlier log files.",
)
@click.option(
    "--metrics-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the archive's health there for Prometheus (node_exporter's textfile collector).",
)
@click.option(
    "--ping-url",
    metavar="URL",
    help="Tell a watchdog (healthchecks.io) that the run began, and how it ended.",
)
@click.pass_context
def crawl(
    ctx: click.Context,
    names: tuple[str, ...],
    due: bool,
    full: bool,
    max_pages: int | None,
    max_time: timedelta | None,
    report: bool,
    as_json: bool,
    verbose: bool,
    log_file: Path | None,
    log_size: int,
    log_keep: int,
    metrics_file: Path | None,
    ping_url: str | None,
) -> int:
    """Crawls all active sites, or those named, or with --due those whose time has come, into the
    archive.

    Ends with status 3 if a site is unhealthy. Says nothing when all is well, unless standard output
    is a terminal or --report or --json is given, so that cron writes a mail only when something
    broke.
    """
    context: CommandContext = ctx.obj
    wishes = _Wishes(
        names, due, full, max_pages or 0, max_time, report, as_json, verbose, log_file is not None
    )
    log: AbstractContextManager[None] = nullcontext()
    if log_file is not None:
        level = logging.DEBUG if verbose else logging.INFO
        log = logging_to(log_file, level, size=log_size, keep=log_keep)
    with _telling(context.archive, metrics_file, ping_url, log) as teller:
        teller.status = _crawl(context, wishes, teller)
        return teller.status


def _crawl(context: CommandContext, wishes: _Wishes, teller: _Teller) -> int:
    known = load_sites(context.sites)
    sites = choose(known, wishes.names, context.sites)
    if wishes.due:
        sites = _due(context.archive, sites if wishes.names else list(known.values()), sites)
        if not sites:
            if wishes.as_json:
                click.echo(json.dumps(nothing_due(), indent=2))
            return 0
    everything = wishes.report or sys.stdout.isatty()
    hidden = wishes.as_json or not sys.stderr.isatty()
    with click.progressbar(
        length=len(sites), label="Crawling", file=sys.stderr, hidden=hidden
    ) as bar:

        def tell(outcome: SiteOutcome) -> None:
            bar.update(1)
            if outcome.verdict.is_healthy:
                return
            teller.say(site_line(outcome))
            if not wishes.as_json and not everything:
                click.echo(site_line(outcome), err=True)

        run = CrawlRun(
            context.archive,
            sites,
            arguments=wishes.arguments(),
            max_pages=wishes.max_pages,
            full=wishes.full,
            max_seconds=wishes.max_time.total_seconds() if wishes.max_time else None,
            settings={
                "LOG_ENABLED": not wishes.has_log,
                "LOG_LEVEL": "DEBUG" if wishes.verbose else "ERROR",
            },
            quiet=not wishes.verbose and not wishes.has_log,
            on_site=tell,
        ).run()
    for line in run.recovery.lines():
        click.echo(f"huyen: {line}", err=True)
    status = _status(run)
    if wishes.as_json:
        click.echo(json.dumps(document(run, status), ensure_ascii=False, indent=2))
    elif everything:
        click.echo(outcome_table(run.sites, Terminal.of(sys.stdout)))
    if run.stopped_by is not None:
        click.echo("huyen: stopped; what was fetched is saved", err=True)
    return status


def _due(archive: Path, sites: Sequence[Site], active: list[Site]) -> list[Site]:
    """Those of the sites that are due; of an archive that is still to be made, or to be brought up
    to date, all active ones."""
    try:
        with closing(open_for_reading(archive)) as connection:
            return due_sites(connection, sites, utc_now())
    except ArchiveError:
        return active


def _status(run: RunOutcome) -> int:
    if run.stopped_by is not None:
        return 128 + run.stopped_by
    return UNHEALTHY if any(not site.verdict.is_healthy for site in run.sites) else 0


# -- who else is told -----------------------------------------------------------------------------


@dataclass
class _Teller:
    """What those who watch from outside are told when the run is over, however it ends."""

    archive: Path
    metrics_file: Path | None
    watchdog: Watchdog | None
    started_at: datetime = field(default_factory=utc_now)
    status: int = 1  # unless the run comes to another
    said: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.said.append(line)

    def end(self) -> None:
        """Raises ArchiveError where the metrics cannot be written."""
        if self.watchdog is not None:
            self.watchdog.ended(self.status, "\n".join(self.said))
        # The run that holds the archive writes its own.
        if self.metrics_file is not None and self.status != ArchiveLocked.exit_status:
            now = utc_now()
            text = metrics_text(RunEnd(self.started_at, now, self.status), self._health(now))
            with replacing(self.metrics_file) as file:
                file.write(text.encode())

    def _health(self, now: datetime) -> ArchiveHealth | None:
        try:
            with closing(open_for_reading(self.archive)) as connection:
                return archive_health(connection, now)
        except ArchiveError:
            return None  # which the exit status says too


@contextmanager
def _telling(
    archive: Path,
    metrics_file: Path | None,
    ping_url: str | None,
    log: AbstractContextManager[None],
) -> Iterator[_Teller]:
    """Tells the watchdog that a run begins, and it and the metrics how it ended; keeps the log
    meanwhile."""
    if metrics_file is not None and not metrics_file.parent.is_dir():
        raise UsageError(f"--metrics-file {metrics_file}: there is no such directory")
    teller = _Teller(archive, metrics_file, None if ping_url is None else Watchdog(ping_url))
    with ExitStack() as stack:
        try:
            stack.enter_context(log)
            if teller.watchdog is not None:
                teller.watchdog.started()
            yield teller
        except HuyenError as error:
            teller.status = error.exit_status
            teller.say(str(error))
            raise
        finally:
            teller.end()
