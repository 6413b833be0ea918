"""`huyen search`: finds articles."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import date
from difflib import get_close_matches
from itertools import takewhile
from typing import TYPE_CHECKING

import click

from archive.attachments.search import FileHit, search_attachments
from archive.commands.context import CommandContext
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.errors import UsageError
from archive.facets import Facets, Value, facets
from archive.query import parse_period, slug_of
from archive.search import (
    DEEPEST,
    MOST_FOLDED,
    Hit,
    Results,
    Sort,
    Suggestion,
    is_known_site,
    known_sites,
    suggestions,
)
from archive.search import (
    search as search_archive,
)
from archive.spelling import respelt
from archive.terminal import Terminal, day, printable

if TYPE_CHECKING:
    import sqlite3


class _SearchCommand(click.Command):
    """A query may hold ``-word``. What begins with two dashes is still an option, so that a
    misspelt one is an error and not a word nobody writes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        for arg in takewhile(lambda arg: arg != "--", args):
            name = arg.partition("=")[0]
            if name.startswith("--") and name not in known:
                near = get_close_matches(name, sorted(known))
                raise click.NoSuchOption(name, possibilities=near, ctx=ctx)
        return super().parse_args(ctx, args)


@click.command(
    cls=_SearchCommand,
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--site", "sites", multiple=True, metavar="SITE", help="Only this portal. Repeatable."
)
@click.option("--from", "since", metavar="DATE", help="Published on that day or later.")
@click.option("--to", "until", metavar="DATE", help="Published on that day or earlier.")
@click.option(
    "--sort",
    type=click.Choice([sort.value for sort in Sort]),
    default=Sort.RELEVANCE.value,
    show_default=True,
    help="Order of the hits.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, DEEPEST),
    default=20,
    show_default=True,
    help="At most so many.",
)
@click.option(
    "--offset", type=click.IntRange(0, DEEPEST), default=0, help="Skip the first so many."
)
@click.option(
    "--facets",
    "with_facets",
    is_flag=True,
    help="Also count what was found by portal, year, category and author.",
)
@click.option(
    "--files",
    type=click.IntRange(0, DEEPEST),
    default=3,
    show_default=True,
    help="At most so many attached files, below the articles.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def search(
    context: CommandContext,
    query: tuple[str, ...],
    sites: tuple[str, ...],
    since: str | None,
    until: str | None,
    sort: str,
    limit: int,
    offset: int,
    with_facets: bool,
    files: int,
    as_json: bool,
) -> None:
    """Find articles by what they say.

    Type with or without diacritics: nghi quyet 35 finds "Nghị quyết 35". What you type with
    diacritics is found so first, then with others; hoá and hòa styles of writing are one.

    \b
    nghị quyết 35      all the words, best where they stand together
    "thọ xuân"         exactly this phrase
    nông*              words that begin so
    -họp  -"hội ý"     without this word, this phrase
    dân vận OR dân ca  either
    "hội nghị đảng"~6  these words near each other, six others between them at most
    site:tho-xuan  tu:2021  den:2022-06  tac-gia:"Lê An"  chuyen-muc:"Y tế"  tinh:"Thanh Hóa"
    co-quan:"Huyện Hoằng Hóa"   what this body published, on its portal and in its time

    DATE is a year, a month (2021-06, 6/2021) or a day (2021-06-30, 30/6/2021). The shell takes
    quotation marks away: of several arguments, one with a space in it is taken as a phrase.
    """
    text = query_text(query)
    if not text.strip():
        raise UsageError(
            "the query is empty; type the words to look for, e.g. huyen search nong thon"
        )
    first = None if since is None else _period_start(since)
    last = None if until is None else _period_end(until)
    if first and last and first > last:
        raise UsageError(f"--from {since} is after --to {until}")
    with (
        closing(open_for_reading(context.archive)) as connection,
        sqlite_errors(context.archive / DATABASE_NAME),
    ):
        for site in sites:
            _check_site(connection, site)
        results = search_archive(
            connection,
            text,
            sites=sites,
            since=first,
            until=last,
            limit=limit,
            offset=offset,
            sort=Sort(sort),
        )
        help_out = () if results.total else suggestions(connection, results.query)
        meant = None if results.total else respelt(connection, text)
        counted = facets(connection, results.query) if with_facets and results.total else None
        in_files = (
            search_attachments(connection, results.query, limit=files)
            if files and not offset
            else ()
        )
    if as_json:
        document = _document(text, results)
        if with_facets:
            document["facets"] = None if counted is None else asdict(counted)
        document["files"] = [_file_document(hit) for hit in in_files]
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for note in results.notes:
        click.echo(f"note: {printable(note)}", err=True)
    terminal = Terminal.of(sys.stdout)
    for line in _listing(terminal, text, results, help_out, meant, in_files=bool(in_files)):
        click.echo(line, color=terminal.colour)
    for line in _in_files(terminal, in_files):
        click.echo(line, color=terminal.colour)
    for line in _counts(terminal, counted) if counted else ():
        click.echo(line, color=terminal.colour)


def query_text(arguments: tuple[str, ...]) -> str:
    """The query that was meant. ``huyen search nong "tho xuan" -"hoi y"`` reaches us without the
    marks; one argument alone is a whole query."""
    if len(arguments) == 1:
        return arguments[0]
    return " ".join(map(_quoted_again, arguments))


def _quoted_again(argument: str) -> str:
    if '"' in argument or not re.search(r"\s", argument.strip()):
        return argument
    opening = re.match(r"-?(?:[^\W\d_]+(?:-[^\W\d_]+)?:)?", argument)
    assert opening is not None
    return f'{opening[0]}"{argument[opening.end() :]}"'


def _period_start(text: str) -> date:
    period = parse_period(text)
    if period is None:
        raise UsageError(f"--from {text}: {_NO_DATE}")
    return period.first


def _period_end(text: str) -> date:
    period = parse_period(text)
    if period is None:
        raise UsageError(f"--to {text}: {_NO_DATE}")
    return period.last


_NO_DATE = "not a date; write a year, a month or a day: 2021, 2021-06, 2021-06-30, 30/6/2021"


def _check_site(connection: sqlite3.Connection, site: str) -> None:
    if not is_known_site(connection, slug_of(site)):
        known = known_sites(connection)
        near = get_close_matches(slug_of(site), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has: {', '.join(known) or 'none yet'}"
        raise UsageError(f"--site {site}: there is no such portal in this archive; {hint}")


def _listing(
    terminal: Terminal,
    text: str,
    results: Results,
    help_out: tuple[Suggestion, ...],
    meant: str | None,
    *,
    in_files: bool,
) -> list[str]:
    shown = printable(text)
    if not results.total and in_files:
        return [f"No article found for: {shown}"]
    if not results.total:
        lines = [f"Nothing found for: {shown}"]
        if results.query.marked:
            lines.append("Other diacritics were tried as well.")
        if meant is not None:
            lines.append(f"Did you mean: {printable(meant)}")
        if help_out:
            width = max(len(s.advice) for s in help_out)
            lines += ["", "It would be found:"]
            lines += [f"  {printable(s.advice).ljust(width)}  {_many(s)}" for s in help_out]
        elif results.query.searchable:
            lines.append("Try fewer words, or the beginning of a word with a star: nông*")
        return lines
    lines = [terminal.strong(_headline(results)) + f" for: {shown}", ""]
    for number, hit in enumerate(results.hits, results.offset + 1):
        lines += [*_entry(terminal, number, hit, results), ""]
    if not results.hits:
        lines.append(f"None after the first {results.offset:,}.")
        return lines
    last = results.offset + len(results.hits)
    if last < results.total:
        lines.append(
            terminal.quiet(f"{results.offset + 1:,}–{last:,} shown. More: --offset {last}")
        )
    else:
        lines.pop()
    return lines


def _many(suggestion: Suggestion) -> str:
    return _articles(suggestion.total, suggestion.approximate)


def _articles(total: int, approximate: bool) -> str:
    if approximate:
        return f"about {total:,} articles"
    return f"{total:,} article" + ("" if total == 1 else "s")


def _headline(results: Results) -> str:
    found = _articles(results.total, results.approximate)
    if results.typed is None or results.typed == results.total:
        return found
    return f"{found}, {results.typed:,} of them as typed,"


def _entry(terminal: Terminal, number: int, hit: Hit, results: Results) -> list[str]:
    margin = len(f"{results.offset + len(results.hits)}. ")
    about = [hit.portal, day(hit.published_at), f"article {hit.id}"]
    if hit.duplicates:
        about.append(f"and {hit.duplicates} more with the same text")
    if results.query.marked and not hit.exact:
        about.append("other diacritics")
    return [
        terminal.wrapped(
            terminal.marked(hit.title, strong=True), margin, f"{number}.".rjust(margin - 1) + " "
        ),
        terminal.wrapped(terminal.quiet(" · ".join(about)), margin),
        terminal.wrapped(terminal.quiet(hit.url), margin),
        terminal.wrapped(terminal.marked(hit.snippet), margin),
    ]


def _in_files(terminal: Terminal, hits: tuple[FileHit, ...]) -> list[str]:
    """The attached files that say it: which page or sheet, and the article that offers them."""
    lines = ["", terminal.strong("In attached files")] if hits else []
    for hit in hits:
        offered = next((o for o in hit.articles if o.current), None)
        about = [hit.site, f"article {offered.article_id}" if offered else "of no article shown"]
        lines += [
            "",
            terminal.wrapped(terminal.strong(printable(hit.label or hit.url)), 3),
            terminal.wrapped(terminal.quiet(" · ".join(about)), 3),
            terminal.wrapped(terminal.quiet(hit.url), 3),
        ]
        for part in hit.parts:
            text = f"{part.label('en')}: {terminal.marked(part.snippet)}"
            lines.append(terminal.wrapped(text, 3))
    return lines


def _file_document(hit: FileHit) -> dict[str, object]:
    return asdict(hit) | {
        "parts": [
            asdict(part) | {"snippet": part.snippet.text, "snippet_spans": part.snippet.spans}
            for part in hit.parts
        ]
    }


def _counts(terminal: Terminal, counted: Facets) -> list[str]:
    lines = [""]
    only = f" (of the {MOST_FOLDED:,} archived last)" if counted.partial else ""
    for name, values in (
        ("Portals", counted.sites),
        ("Years", tuple(sorted(counted.years, key=lambda v: v.value))),
        (f"Categories{only}", counted.categories),
        (f"Authors{only}", counted.authors),
    ):
        if not values:
            continue
        lines.append(terminal.strong(name))
        lines += [f"{value.count:>8,}  {printable(_named(value))}" for value in values]
    if counted.undated:
        lines.append(f"{counted.undated:>8,}  without a date")
    if counted.with_files:
        lines.append(f"{counted.with_files:>8,}  with attachments")
    return lines


def _named(value: Value) -> str:
    return value.value if value.label == value.value else f"{value.label} (site:{value.value})"


def _document(text: str, results: Results) -> dict[str, object]:
    return {
        "query": printable(text),
        "total": results.total,
        "approximate": results.approximate,
        "typed": results.typed,
        "sort": results.sort.value,
        "offset": results.offset,
        "limit": results.limit,
        "notes": list(results.notes),
        "hits": [
            asdict(hit)
            | {
                "title": hit.title.text,
                "title_spans": hit.title.spans,
                "snippet": hit.snippet.text,
                "snippet_spans": hit.snippet.spans,
            }
            for hit in results.hits
        ],
    }
