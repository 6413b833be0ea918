"""`huyen sites`: which portals there are, and how each was when last seen."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict
from typing import Any

import click

from archive.bodies import Body
from archive.commands.context import CommandContext
from archive.database import DATABASE_NAME, open_for_reading
from archive.terminal import Terminal, day
from crawler.lazy_commands import LazyGroup
from crawler.sites import Site, load_sites

# Those that fetch load Scrapy, the list does not: name -> (module:attribute, what it does).
SUBCOMMANDS = {
    "add": ("crawler.commands.sites_add:add", "A new portal: its table, its fixture."),
    "check": ("crawler.commands.sites_check:check", "Whether portals still read as they did."),
}


@click.group(cls=LazyGroup, table=SUBCOMMANDS, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def sites(ctx: click.Context, as_json: bool) -> None:
    """Lists the portals with their life cycle and last verdict."""
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError(f"write --json after {ctx.invoked_subcommand}")
        return
    context: CommandContext = ctx.obj
    known = load_sites(context.sites)
    last: dict[str, dict[str, Any]] = {}
    if (context.archive / DATABASE_NAME).exists():
        with closing(open_for_reading(context.archive)) as connection:
            last = _last_runs(connection)
    if as_json:
        document = [_facts(site) | {"last_run": last.get(site.slug)} for site in known.values()]
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    rows = [_row(site, last.get(site.slug)) for site in known.values()]
    headings = ("SITE", "NAME", "PROVINCE", "STATE", "LAST CRAWL", "VERDICT", "ARTICLES")
    click.echo(Terminal.of(sys.stdout).table(headings, rows))


def _row(site: Site, last: dict[str, Any] | None) -> tuple[str, ...]:
    life = site.life
    state = f"{life.state} since {life.since}" if life.since else str(life.state)
    if last is None:
        seen = ("never", "", "")
    else:
        verdict = f"{last['verdict'] or 'unfinished'}: {last['reason'] or 'killed'}"
        seen = (day(last["started_at"]), verdict, str(last["stored"]))
    return (site.slug, _bodies(site), site.province, state, *seen)


def _bodies(site: Site) -> str:
    """Who speaks there: the name, or where bodies followed one another, each with its time."""
    return ", ".join(map(_body, site.bodies)) or site.name


def _body(body: Body) -> str:
    since = f"from {body.since}" if body.since else ""
    until = f"until {body.until}" if body.until else ""
    time = " ".join(filter(None, (since, until)))
    return f"{body.name} ({time})" if time else body.name


def _facts(site: Site) -> dict[str, Any]:
    return {
        "site": site.slug,
        "name": site.name,
        "province": site.province,
        "home": site.home,
        "platform": site.platform,
        "state": site.life.state,
        "since": site.life.since.isoformat() if site.life.since else None,
        "reason": site.life.reason or None,
        "successor": site.life.successor or None,
        "bodies": [asdict(body) for body in site.bodies],
    }


def _last_runs(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """The last row of site_runs of each site, with the number of its articles in the archive."""
    rows = connection.execute(
        "SELECT s.site, s.run_id, s.started_at, s.ended_at, s.verdict, s.reason, s.requests, "
        "s.pages, s.articles, s.new, s.changed, s.failures, "
        "(SELECT count(*) FROM articles a WHERE a.site = s.site) AS stored "
        "FROM site_runs s WHERE s.id IN (SELECT max(id) FROM site_runs GROUP BY site)"
    )
    return {row["site"]: dict(row) for row in rows}
