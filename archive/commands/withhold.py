"""`huyen withhold` and `huyen restore`: what is not to be shown, by whose decision, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from typing import Any, TypeVar

import click

from archive.amendments import amending
from archive.clusters import Alike
from archive.commands.context import CommandContext
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.errors import UsageError
from archive.terminal import Terminal, day, printable
from archive.timestamps import utc_now, utc_text
from archive.withheld_copies import shown_copies
from archive.withholding import Withholding, audit_trail
from archive.withholding import restore as restore_in
from archive.withholding import withhold as withhold_in

_Command = TypeVar("_Command", bound=Callable[..., Any])

_ID = click.IntRange(1, 2**63 - 1)

# What both commands take.
_BY = click.option("--by", "person", metavar="PERSON", help="Who decided.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


def _reason(why: str) -> Callable[[_Command], _Command]:
    return click.option("--reason", metavar="TEXT", help=why)


def _version(which: str) -> Callable[[_Command], _Command]:
    number = click.IntRange(1)
    return click.option(
        "--version", "versions", metavar="N", type=number, multiple=True, help=which
    )


@click.command()
@click.argument("article_id", metavar="ID", type=_ID, required=False)
@_reason("Why: the request, its date, its file number.")
@_BY
@_version("Only this version, and those that say the same; repeatable.")
@click.option("--list", "listed", is_flag=True, help="Everything that was ever withheld.")
@_JSON
@click.pass_obj
def withhold(
    context: CommandContext,
    article_id: int | None,
    reason: str | None,
    person: str | None,
    versions: tuple[int, ...],
    listed: bool,
    as_json: bool,
) -> None:
    """Takes an article out of search, views, the reader and exports; nothing is deleted.

    ID is the article's number, as `huyen search` prints it. --reason and --by go into the audit
    trail. It takes effect at once, also while a crawl is writing; a later crawl changes nothing.
    """
    if listed:
        if article_id is not None or reason or person or versions:
            raise UsageError("--list stands alone, or with --json")
        _list(context, as_json)
        return
    if article_id is None:
        raise UsageError("name an article by its ID, or ask for --list")
    reason, person = _facts(reason, person)
    now = utc_now()
    arguments = _arguments(article_id, versions)
    with amending(context.archive, "withhold", arguments, now) as connection:
        gone = withhold_in(
            connection, article_id, versions, reason=reason, person=person, now=utc_text(now)
        )
        likes = shown_copies(connection, article_id)
    if as_json:
        document = {"id": article_id, "versions": gone, "still_shown": [asdict(a) for a in likes]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    click.echo(f"{_what(article_id, gone)} withheld.")
    for like in likes:
        click.echo(_still_shown(like))


@click.command()
@click.argument("article_id", metavar="ID", type=_ID)
@_reason("Why it may be shown again.")
@_BY
@_version("This version, and those withheld with it; repeatable.")
@_JSON
@click.pass_obj
def restore(
    context: CommandContext,
    article_id: int,
    reason: str | None,
    person: str | None,
    versions: tuple[int, ...],
    as_json: bool,
) -> None:
    """Shows again what was withheld. Who withheld it, when and why stays in the audit trail."""
    reason, person = _facts(reason, person)
    now = utc_now()
    arguments = _arguments(article_id, versions)
    with amending(context.archive, "restore", arguments, now) as connection:
        back = restore_in(
            connection, article_id, versions, reason=reason, person=person, now=utc_text(now)
        )
    if as_json:
        click.echo(json.dumps({"id": article_id, "versions": back}, indent=2))
    else:
        click.echo(f"{_what(article_id, back)} shown again.")


def _facts(reason: str | None, person: str | None) -> tuple[str, str]:
    reason, person = " ".join((reason or "").split()), " ".join((person or "").split())
    if not reason or not person:
        raise UsageError("say why with --reason and who decided with --by")
    return reason, person


def _arguments(article_id: int, versions: tuple[int, ...]) -> tuple[str, ...]:
    """For the table of runs; reason and person have their place in the audit trail."""
    named = [part for number in versions for part in ("--version", str(number))]
    return (str(article_id), *named)


def _what(article_id: int, versions: tuple[int, ...]) -> str:
    if not versions:
        return f"Article {article_id} is"
    if len(versions) == 1:
        return f"Version {versions[0]} of article {article_id} is"
    return f"Versions {', '.join(map(str, versions))} of article {article_id} are"


def _still_shown(like: Alike) -> str:
    how = "The same text" if like.same_text else f"Almost the same text ({like.similarity:.2f})"
    return (
        f"{how} is still shown: article {like.id}, {printable(like.portal)}, {printable(like.url)}"
    )


def _list(context: CommandContext, as_json: bool) -> None:
    with (
        closing(open_for_reading(context.archive)) as connection,
        sqlite_errors(context.archive / DATABASE_NAME),
    ):
        trail = list(audit_trail(connection))
        copies = {
            entry.article_id: shown_copies(connection, entry.article_id)
            for entry in trail
            if entry.restored_at is None
        }
    if as_json:
        document = [
            asdict(entry)
            | {
                "still_shown": [
                    asdict(alike)
                    for alike in copies.get(entry.article_id, ())
                    if entry.restored_at is None
                ]
            }
            for entry in trail
        ]
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    terminal = Terminal.of(sys.stdout)
    for entry in trail:
        for line in _entry(terminal, entry):
            click.echo(line, color=terminal.colour)
        for like in copies.get(entry.article_id, ()) if entry.restored_at is None else ():
            click.echo(_still_shown(like))
    if not trail:
        click.echo("Nothing was ever withheld.", err=True)


def _entry(terminal: Terminal, entry: Withholding) -> list[str]:
    what = f"Article {entry.article_id}"
    if entry.version is not None:
        what = f"Version {entry.version} of article {entry.article_id}"
    in_force = entry.restored_at is None
    lines = [
        f"{terminal.strong(what)}  {'withheld' if in_force else 'shown again'}",
        terminal.field("Address", f"{entry.url} ({entry.site})"),
        terminal.field(
            "Withheld", f"{day(entry.withheld_at)}, {entry.withheld_by}: {entry.reason}"
        ),
    ]
    if entry.restored_at is not None:
        restored = f"{day(entry.restored_at)}, {entry.restored_by}: {entry.restore_reason}"
        lines.append(terminal.field("Shown again", restored))
    return lines
