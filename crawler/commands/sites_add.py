"""`huyen sites add`: a portal that nobody has described yet."""

from __future__ import annotations

import datetime as dt
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from archive.commands.context import CommandContext
from archive.errors import UsageError
from archive.terminal import Terminal
from crawler.sites import DEFAULT_SITES_FILE
from crawler.survey.fixtures import EXPECTED
from crawler.survey.site_addition import Addition, Wishes, add_site
from crawler.survey.site_survey import relative


@click.command()
@click.argument("url")
@click.option("--slug", metavar="SLUG", help="The site's slug; else made of its name.")
@click.option("--name", metavar="NAME", help='The body\'s name, "Huyện Đông Sơn"; else as printed.')
@click.option("--province", metavar="NAME", help="Its province; else by host name or page.")
@click.option(
    "--fixtures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the fixture goes. [default: tests/fixtures beside the sites file, if there is one]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON document.")
@click.pass_context
def add(
    ctx: click.Context,
    url: str,
    slug: str | None,
    name: str | None,
    province: str | None,
    fixtures: Path | None,
    as_json: bool,
) -> int:
    """Looks at the portal at URL and writes its table into the sites file.

    A dozen requests, as polite as a crawl's: the home page, a few listings, three articles. They are
    kept in the archive; one listing and the articles also become a fixture, whose expectations a
    person must review. What is not certain is said on standard error and in the table.
    """
    context: CommandContext = ctx.obj
    sites_file = context.sites or DEFAULT_SITES_FILE
    wishes = Wishes(url, sites_file, _folder(fixtures, sites_file), slug, name, province)
    given = [f"--{key}={value}" for key, value in _given(slug, name, province).items()]
    outcome = add_site(
        context.archive, wishes, arguments=[url, *given], today=dt.datetime.now(dt.UTC).date()
    )
    if isinstance(outcome, signal.Signals):
        click.echo("huyen: stopped; nothing was written", err=True)
        return 128 + outcome
    for line in outcome.recovery.lines():
        click.echo(f"huyen: {line}", err=True)
    if as_json:
        click.echo(json.dumps(_document(outcome), ensure_ascii=False, indent=2))
        return 0
    click.echo(_shown(outcome, sites_file))
    terminal = Terminal.of(sys.stderr)
    for key, says in outcome.doubts:
        click.echo(
            f"{terminal.strong('not sure of')} {terminal.wrapped(f'{key}: {says}')}", err=True
        )
    return 0


def _given(slug: str | None, name: str | None, province: str | None) -> dict[str, str]:
    said = {"slug": slug, "name": name, "province": province}
    return {key: value for key, value in said.items() if value is not None}


def _folder(named: Path | None, sites_file: Path) -> Path | None:
    if named is not None:
        if not named.is_dir():
            raise UsageError(f"--fixtures {named}: no such directory")
        return named
    beside = sites_file.parent / "tests" / "fixtures"
    return beside if beside.is_dir() else None


def _shown(outcome: Addition, sites_file: Path) -> str:
    terminal = Terminal.of(sys.stdout)
    site = outcome.site
    recognised = outcome.recognised
    platform = (
        f"{recognised.platform}, on {recognised.on} of {recognised.of} articles"
        if recognised.platform
        else "none that is known"
    )
    lines = [
        terminal.strong(f"{site.slug}: {site.name}, {site.province}"),
        _row("home", site.home),
        _row("platform", platform),
    ]
    for number, section in enumerate(site.sections):
        entries = outcome.entries.get(section, 0)
        shown = f"{relative(section, site.home)}  ({entries} entries)"
        lines.append(_row("" if number else "sections", shown))
    asked = " as robots.txt asks" if site.pace.delay > 1 else ""
    lines += [
        _row("pace", f"{site.pace.delay:g} s between requests{asked}"),
        _row("rhythm", f"{site.rhythm:g} articles a week" if site.rhythm else "unknown"),
        _row("table", f"[{site.slug}] at the end of {sites_file}"),
        _row("archive", f"{outcome.requests} exchanges, run {outcome.run_id}"),
    ]
    if outcome.fixture is None:
        lines.append(_row("fixture", "none: name a folder for it with --fixtures"))
    else:
        lines.append(_row("fixture", f"{outcome.fixture}: review {EXPECTED}, then commit"))
    lines += [
        _row(
            "" if number else "articles", read.reading.article.title if read.reading.article else ""
        )
        for number, read in enumerate(outcome.articles)
    ]
    return "\n".join(lines)


def _row(key: str, value: str) -> str:
    return f"  {key:9} {value}"


def _document(outcome: Addition) -> dict[str, Any]:
    site = outcome.site
    found = outcome.rhythm
    return {
        "site": site.slug,
        "name": site.name,
        "province": site.province,
        "home": site.home,
        "platform": site.platform,
        "recognised": asdict(outcome.recognised),
        "sections": [
            {"url": section, "entries": outcome.entries.get(section, 0)}
            for section in site.sections
        ],
        "pace": asdict(site.pace),
        "rhythm": site.rhythm,
        "dates": None
        if found is None
        else {"a_week": found.a_week, "count": found.dates, "newest": found.newest.isoformat()},
        "articles": [
            {
                "url": read.page.url,
                "title": read.reading.article.title if read.reading.article else None,
                "extractor": read.reading.extractor,
                "confidence": read.reading.confidence,
            }
            for read in outcome.articles
        ],
        "not_sure_of": [{"key": key, "says": says} for key, says in outcome.doubts],
        "fixture": str(outcome.fixture) if outcome.fixture else None,
        "requests": outcome.requests,
        "run": outcome.run_id,
    }
