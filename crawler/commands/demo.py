"""`huyen demo`: the whole path on bundled replica portals, as a person would walk it."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
from click.core import ParameterSource

from archive.commands.context import CommandContext
from archive.database import open_for_reading
from archive.errors import HuyenError
from archive.terminal import Terminal
from crawler.replica import PortalServer, build_portals

_SITES = Path(__file__).resolve().parent.parent / "replica" / "sites.toml"
_MARK = "made-by-huyen-demo"  # a file that says: this archive may be replaced by the next demo
_QUERIES = ("nghi quyet 35", "Nghị quyết 35")
_IN_FILES = "cong van 676"


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the portals.")
@click.option(
    "--serve/--no-serve",
    default=None,
    help="Open the reader at the end, the portals running. [default: on a terminal]",
)
@click.pass_context
def demo(ctx: click.Context, port: int, serve: bool | None) -> None:
    """Crawls three bundled replica portals into a new archive and shows what came of it.

    The portals run on this machine only, under names reserved for examples. The archive is
    ./demo-archive unless --archive names another directory, which must be new.
    """
    archive = _new_archive(ctx)
    with PortalServer(build_portals(), port=port) as server:
        environment = {
            **os.environ,
            "http_proxy": server.proxy_url,
            "no_proxy": "",
            "HUYEN_ARCHIVE": str(archive),
            "HUYEN_SITES": str(_SITES),
        }
        show = _Transcript(environment)
        show.heading("Three district portals, on this machine, served to the crawler")
        for host in server.portals:
            click.echo(f"  http://{host}/")
        show.command("crawl", "--report")
        show.heading("What is in the archive")
        _show_contents(archive)
        show.command("sites")
        show.heading("Search, typed without and with diacritics")
        for query in _QUERIES:
            show.command("search", query, "--limit", "3")
        show.heading("The text of attached files, and a search that finds it")
        show.command("attachments")
        show.command("search", _IN_FILES, "--limit", "1", "--files", "1")
        article = _article_to_show(archive)
        show.heading("One article, and where each word of it comes from")
        show.command("show", str(article), lines=18)
        show.command("show", str(article), "--provenance")
        show.heading("Every record read again, every digest compared")
        show.command("verify")
        _show_next(archive, article)
        if serve if serve is not None else sys.stdout.isatty():
            _keep_running(server, archive)


class _Transcript:
    """Runs the command as a person would and shows the line that was typed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._terminal = Terminal.of(sys.stdout)

    def heading(self, text: str) -> None:
        click.echo(f"\n{self._terminal.strong(text)}")

    def command(self, *arguments: str, lines: int | None = None) -> None:
        """Raises HuyenError if the command fails. ``lines`` cuts what is shown."""
        click.echo(f"\n$ huyen {shlex.join(arguments)}")
        done = subprocess.run(
            [sys.executable, "-m", "crawler.command", *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
        )
        shown = done.stdout.rstrip().split("\n")
        click.echo("\n".join(shown[:lines]))
        if lines is not None and len(shown) > lines:
            click.echo(f"… {len(shown) - lines} more lines")
        if done.returncode:
            raise HuyenError(f"`huyen {shlex.join(arguments)}` ended with {done.returncode}")


def _new_archive(ctx: click.Context) -> Path:
    context: CommandContext = ctx.obj
    given = ctx.find_root().get_parameter_source("archive") is not ParameterSource.DEFAULT
    archive = context.archive if given else Path("demo-archive")
    if archive.exists() and any(archive.iterdir() if archive.is_dir() else [archive]):
        if not (archive / _MARK).is_file():
            raise HuyenError(f"{archive} exists already and is no demo; name a new --archive")
        shutil.rmtree(archive)
    try:
        archive.mkdir(parents=True, exist_ok=True)
        (archive / _MARK).write_text("The next `huyen demo` replaces this directory.\n")
    except OSError as error:
        raise HuyenError(f"{archive} cannot be written: {error.strerror}") from None
    return archive.resolve()


def _show_contents(archive: Path) -> None:
    with closing(open_for_reading(archive)) as connection:

        def count(sql: str) -> int:
            return int(connection.execute(sql).fetchone()[0])

        rows = [
            ("sites", "SELECT count(DISTINCT site) FROM captures"),
            ("exchanges", "SELECT count(*) FROM captures"),
            ("pages read", "SELECT count(*) FROM reading"),
            ("articles", "SELECT count(*) FROM articles"),
            ("versions", "SELECT count(*) FROM versions"),
            ("same text elsewhere", "SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL"),
            ("WARC files", "SELECT count(*) FROM warc"),
        ]
        for name, sql in rows:
            click.echo(f"  {name:20} {count(sql):6}")
        size = sum(path.stat().st_size for path in (archive / "warc").rglob("*.gz"))
        click.echo(f"  {'WARC bytes':20} {size:6}")


def _article_to_show(archive: Path) -> int:
    """A long article with a byline and a captioned picture, so that there is something to see."""
    with closing(open_for_reading(archive)) as connection:
        row = connection.execute(
            "SELECT id FROM articles WHERE author <> '' AND summary <> '' "
            "ORDER BY title LIKE '%Nghị quyết 35%' DESC, length(body_text) DESC, id LIMIT 1"
        ).fetchone()
    if row is None:
        raise HuyenError("the crawl found no article: the demo is broken")
    return int(row[0])


def _show_next(archive: Path, article: int) -> None:
    huyen = f"huyen --archive {shlex.quote(str(archive))}"
    click.echo(
        f"""
What to type next
  {huyen} search 'duong giao thong' --site tho-xuan
  {huyen} search '"nông thôn mới" tu:2022' --sort newest
  {huyen} serve                                  (the same in a browser)
  {huyen} show {article} --versions
  {huyen} health                                 (how each portal is, against its own history)
  sqlite3 {shlex.quote(str(archive / "archive.db"))} 'SELECT site, title FROM articles LIMIT 5'
  HUYEN_CONTACT=you@example.org huyen crawl krong-no     (asks the real portal)"""
    )


def _keep_running(server: PortalServer, archive: Path) -> None:
    click.echo(
        f"""
The portals keep running until Ctrl-C. Crawl them again and see that nothing is stored twice:
  http_proxy={server.proxy_url} huyen --archive {shlex.quote(str(archive))} --sites {shlex.quote(str(_SITES))} crawl --report
"""
    )
    # The reader ends with Ctrl-C, and the portals with it.
    reader = [sys.executable, "-m", "crawler.command", "--archive", str(archive), "serve"]
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(reader, check=False)
