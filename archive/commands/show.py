"""`huyen show`: one article, its versions, what changed, and where it comes from."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

import click

from archive.article_history import Event, history
from archive.article_page import article_page
from archive.article_text import (
    article_text,
    differences_text,
    versions_text,
)
from archive.articles import StoredArticle, Version, load
from archive.clusters import Cluster, cluster_of
from archive.commands.context import CommandContext
from archive.database import DATABASE_NAME, open_for_reading, sqlite_errors
from archive.differences import FieldDifference, article_differences
from archive.differences_page import differences_page
from archive.errors import HuyenError, UsageError
from archive.prov_json import prov_document
from archive.provenance import FoundFields, Provenance, found_fields, trace
from archive.provenance_text import provenance_text
from archive.terminal import Terminal


@click.command()
@click.argument("article_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--versions", is_flag=True, help="List all versions of the article, and what happened to it."
)
@click.option(
    "--diff", nargs=2, type=int, metavar="A B", help="What changed from version A to version B."
)
@click.option(
    "--provenance", is_flag=True, help="Where it comes from; reads its record again and checks it."
)
@click.option(
    "--prov", is_flag=True, help="The same as W3C PROV-JSON, for programs that compare origins."
)
@click.option(
    "--version",
    "number",
    type=click.IntRange(1),
    metavar="N",
    help="That version; default: the latest.",
)
@click.option("--html", is_flag=True, help="A page that stands alone, to be opened or printed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def show(
    context: CommandContext,
    article_id: int,
    versions: bool,
    diff: tuple[int, int] | None,
    provenance: bool,
    prov: bool,
    number: int | None,
    html: bool,
    as_json: bool,
) -> None:
    """Show one article; ID is its number in the archive, as `huyen search` prints it.

    A diff marks [-what was removed-] and {+what was added+}; with --html it is a page. With
    --provenance and --prov the exit status is 1 when the stored record is not what it was.
    """
    if sum((versions, diff is not None, provenance, prov, html and diff is None)) > 1:
        raise UsageError("choose one of --versions, --diff, --provenance, --prov and --html")
    if number is not None and (versions or diff is not None):
        raise UsageError("--versions and --diff name versions of their own; leave --version out")
    if html and as_json:
        raise UsageError("--html is a page of its own; leave --json out")
    terminal = Terminal.of(sys.stdout)
    chain: Provenance | None = None
    found_in_page = FoundFields((), None)
    document: object
    text: Iterable[str]
    with (
        closing(open_for_reading(context.archive)) as connection,
        sqlite_errors(context.archive / DATABASE_NAME),
    ):
        article = load(connection, article_id)
        cluster = cluster_of(connection, article_id)
        if provenance or prov:
            chain = trace(connection, context.archive, article, number)
            if chain.check.passed:
                found_in_page = found_fields(connection, context.archive, chain)
    if chain is not None and prov:
        document, as_json, text = prov_document(chain, found_in_page.places), True, ()
    elif chain is not None:
        recipe = chain.recipe(context.archive)
        field_recipe = chain.field_recipe(context.archive, found_in_page)
        document = _provenance_document(chain, recipe, found_in_page, field_recipe)
        text = provenance_text(
            terminal, chain, recipe, str(context.archive), found_in_page, field_recipe
        )
    elif versions:
        events = history(article)
        document = _versions_document(article, events)
        text = versions_text(terminal, article, events)
    elif diff is not None:
        old, new = article.version(diff[0]), article.version(diff[1])
        found = article_differences(old.content, new.content)
        document = _diff_document(article, old, new, found)
        text = differences_text(terminal, old, new, found)
        if html:
            text = [differences_page(article, old, new, found)]
    elif html:
        document, text = None, [article_page(article, article.version(number))]
    else:
        version = article.version(number)
        document = _article_document(article, version, cluster)
        text = article_text(terminal, article, version, cluster)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for line in text:
            click.echo(line, color=terminal.colour)
    if chain is not None and not chain.check.passed:
        raise HuyenError(f"article {article_id}: {chain.check.problem}")


def _article_document(article: StoredArticle, version: Version, cluster: Cluster) -> dict[str, Any]:
    document = _version_document(article, version) | {
        "status": article.status,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "missing_since": article.missing_since,
        "versions": len(article.versions),
        "duplicate_of": article.duplicate_of,
        "duplicates": article.duplicates,
        "near_duplicates": [asdict(alike) for alike in cluster.alike],
        "cluster": None
        if cluster.earliest is None
        else {"articles": cluster.articles, "earliest": asdict(cluster.earliest)},
        "urls": [asdict(address) for address in article.addresses],
    }
    identity = {"id": article.id, "site": article.site, "portal": article.portal}
    return {**identity, **document}


def _version_document(article: StoredArticle, version: Version) -> dict[str, Any]:
    document: dict[str, Any] = asdict(version)
    content: dict[str, Any] = document.pop("content")
    del document["id"]
    document["current"] = version.number == article.current
    return {**document, **content}


def _versions_document(article: StoredArticle, events: Sequence[Event]) -> dict[str, Any]:
    return {
        "id": article.id,
        "site": article.site,
        "status": article.status,
        "missing_since": article.missing_since,
        "versions": [_version_document(article, version) for version in article.versions],
        "events": [asdict(event) for event in events],
    }


def _diff_document(
    article: StoredArticle, old: Version, new: Version, found: Sequence[FieldDifference]
) -> dict[str, Any]:
    return {
        "id": article.id,
        "from": old.number,
        "to": new.number,
        "differences": [asdict(difference) for difference in found],
    }


def _provenance_document(
    chain: Provenance, recipe: Sequence[str], found: FoundFields, field_recipe: str
) -> dict[str, Any]:
    version = chain.version
    return {
        "id": chain.article.id,
        "site": chain.article.site,
        "version": version.number,
        "fetched_by": asdict(chain.fetched_by),
        "capture": asdict(chain.capture),
        "held_by": asdict(chain.held_by),
        "imported_from": asdict(chain.imported_from) if chain.imported_from else None,
        "extracted_by": asdict(chain.extracted_by),
        "extractor": version.extractor,
        "extractor_version": version.extractor_version,
        "confidence": version.confidence,
        "recorded_at": version.recorded_at,
        "check": asdict(chain.check) | {"passed": chain.check.passed},
        "fields": [asdict(place) | {"found": place.found} for place in found.places],
        "recipe": recipe,
        "field_recipe": field_recipe,
        "citation": chain.citation,
    }
