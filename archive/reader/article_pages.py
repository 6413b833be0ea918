"""One article: to read, its versions, what changed, where it comes from, how to cite it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from archive.article_history import Event, Happening, history
from archive.articles import NoSuchArticle, StoredArticle, Version, load
from archive.clusters import Cluster, cluster_of
from archive.database import first_row
from archive.differences import Change, Piece, article_differences
from archive.imports import path_in_via
from archive.provenance import found_fields, trace
from archive.reader import citations
from archive.reader.addresses import path_of
from archive.reader.callers import is_loopback_name
from archive.reader.folding import Stretch, folded
from archive.reader.mementos import by_id, nearest_of_type
from archive.reader.rendering import page
from archive.reader.replay import disposition
from archive.reader.visit import NotFound, Visit
from archive.reader.withheld_page import withheld_here
from archive.timestamps import parse_utc, utc_now, utc_text

_CITATIONS = {
    "bib": (citations.bibtex, "application/x-bibtex; charset=utf-8"),
    "ris": (citations.ris, "application/x-research-info-systems; charset=utf-8"),
    "json": (citations.csl, "application/vnd.citationstyles.csl+json; charset=utf-8"),
}
_MOST_RELATED = 20
# Fields of which there are several, and the phrases for them.
_NUMBERED = {
    ("image", ""): "place_image",
    ("image", "caption"): "place_image_caption",
    ("attachment", ""): "place_attachment",
    ("attachment", "label"): "place_attachment_label",
}


def article_page(visit: Visit) -> Response:
    """`/article/ID`, and `/article/ID/versions/N` for an older version."""
    article, version = _asked(visit)
    content = version.content
    moment = parse_utc(version.fetched_at)
    pictures = nearest_of_type(
        visit.connection, (image.url for image in content.images), moment, "image/"
    )
    files = nearest_of_type(visit.connection, (a.url for a in content.attachments), moment)
    address = _address(visit, article, version)
    cluster = cluster_of(visit.connection, article.id)
    same = _same_text(visit.connection, article, cluster)
    earliest = cluster.earliest
    values = _frame(visit, article, version, "read") | {
        "content": content,
        "pictures": [(image, pictures.get(image.url)) for image in content.images],
        "files": [(attachment, files.get(attachment.url)) for attachment in content.attachments],
        "read_files": _read_files(visit.connection, [copy.id for copy in files.values()]),
        "same": same,
        "earliest": earliest if earliest and earliest.id != article.id else None,
        "alike": [one for one in cluster.alike if not one.same_text][:_MOST_RELATED],
        "body": _body_then(visit, article.id),
        "json_ld": citations.json_ld(article, version, address),
        "dublin_core": citations.dublin_core(article, version, address),
    }
    return page(visit.request, "article.html", values)


def versions_page(visit: Visit) -> Response:
    """`/article/ID/versions`: what happened to it, all versions, and which two to compare."""
    article, version = _asked(visit)
    values = _frame(visit, article, version, "versions")
    absent = values["absent"]
    values |= {
        "history": _told(history(article)),
        "unconfirmed": absent.since if absent and not absent.confirmed_at else None,
    }
    return page(visit.request, "versions.html", values)


def differences_page(visit: Visit) -> Response:
    """`/article/ID/differences?a=1&b=2&view=side`."""
    article, version = _asked(visit)
    numbers = [v.number for v in article.versions]
    b = visit.number("b", article.current, min(numbers), max(numbers))
    a = visit.number("a", max(min(numbers), b - 1), min(numbers), max(numbers))
    try:
        old, new = article.version(a), article.version(b)
    except NoSuchArticle:
        raise NotFound("no_such_version") from None
    found = article_differences(old.content, new.content)
    values = _frame(visit, article, version, "differences") | {
        "old": old,
        "new": new,
        "view": "side" if visit.text("view") == "side" else "inline",
        "found": [(d.field, d.spelling, folded(d.pieces), _sides(d.pieces)) for d in found],
        "Change": Change,
    }
    return page(visit.request, "differences.html", values)


def provenance_page(visit: Visit) -> Response:
    """`/article/ID/provenance`: the chain, its record read and checked while you wait."""
    article, version = _asked(visit)
    chain = trace(visit.connection, visit.root, article, version.number)
    found = found_fields(visit.connection, visit.root, chain)
    values = _frame(visit, article, version, "provenance") | {
        "chain": chain,
        "fields": [(*_words_for(place.field), place) for place in found.places],
        "field_recipe": chain.field_recipe(visit.root, found),
        "checked_at": utc_text(utc_now()),
        "recipe": chain.recipe(visit.root),
        # "via" names a web archive only where it is no file of others.
        "via": chain.capture.via if path_in_via(chain.capture.via) is None else "",
        "from_archive": chain.fetched_by.command == "backfill",
        "shown": by_id(visit.connection, chain.capture.id) is not None,
    }
    return page(visit.request, "provenance.html", values)


def cite_page(visit: Visit) -> Response:
    """`/article/ID/cite`."""
    article, version = _asked(visit)
    address = _address(visit, article, version)
    chain = trace(visit.connection, visit.root, article, version.number)
    values = _frame(visit, article, version, "cite") | {
        "citation": citations.line(article, version, address, visit.language),
        "exact": citations.exact(chain, visit.language),
        "bibtex": citations.bibtex(article, version, address),
        # Line ends are the file's affair.
        "ris": citations.ris(article, version, address).replace("\r\n", "\n"),
        "csl": citations.csl(article, version, address),
    }
    return page(visit.request, "cite.html", values)


def citation_file(visit: Visit) -> Response:
    """`/article/ID/cite.bib`, `.ris`, `.json`."""
    article, version = _asked(visit)
    form = visit.request.path_params["form"]
    if form not in _CITATIONS:
        raise NotFound
    write, media_type = _CITATIONS[form]
    name = f"{article.site}-{article.id}-v{version.number}.{form}"
    headers = {"Content-Type": media_type, "Content-Disposition": disposition(name)}
    text = write(article, version, _address(visit, article, version))
    return Response(text, headers=headers)


def page_as_it_was(visit: Visit) -> Response:
    """`/article/ID/page`: to the replay of the capture that the version was read from."""
    _, version = _asked(visit)
    memento = by_id(visit.connection, version.capture_id)
    if memento is None:
        raise NotFound("no_such_capture")
    kind = "en_" if visit.language == "en" else ""
    return RedirectResponse(path_of(memento, kind), 302)


def load_article(visit: Visit) -> StoredArticle:
    """Raises NotFound for one that is not there, or withheld."""
    try:
        return load(visit.connection, visit.request.path_params["id"])
    except NoSuchArticle:
        raise NotFound("no_such_article") from None


def _asked(visit: Visit) -> tuple[StoredArticle, Version]:
    """The article of the path, and its version: of the path, of ``?version=``, or the current."""
    article = load_article(visit)
    number = visit.request.path_params.get("number")
    if number is None:
        number = visit.number("version", article.current, 1, 10**9)
    try:
        return article, article.version(number)
    except NoSuchArticle:
        raise NotFound("no_such_version") from None


def _address(visit: Visit, article: StoredArticle, version: Version) -> str:
    """The permanent address: of the article, or of a version that is not the current one."""
    address = f"{visit.base}/article/{article.id}"
    return address if version.number == article.current else f"{address}/versions/{version.number}"


def _frame(visit: Visit, article: StoredArticle, version: Version, tab: str) -> dict[str, Any]:
    """What every page of an article needs."""
    return {
        "article": article,
        "version": version,
        "tab": tab,
        "is_current": version.number == article.current,
        "permanent": _address(visit, article, version),
        "only_here": is_loopback_name(urlsplit(visit.base).hostname or ""),
        "absent": next((one for one in article.absences if one.until is None), None),
        "withheld": withheld_here(visit, article.id, version.number),
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """An event, and of a version the one that stood there before it."""

    at: str
    what: Happening
    version: int | None
    url: str | None
    before: int | None


def _told(events: Iterable[Event]) -> list[_Told]:
    told, before = [], None
    for event in events:
        told.append(_Told(event.at, event.what, event.version, event.url, before))
        before = event.version or before
    return told


def _words_for(field: str) -> tuple[str, str]:
    """The phrase for a field as archive.field_places names it (``title``, ``image 2 caption``), and the
    number in it."""
    name, _, rest = field.partition(" ")
    number, _, part = rest.partition(" ")
    return _NUMBERED.get((name, part), f"field_{name}"), number


def _sides(pieces: Iterable[Piece]) -> tuple[list[Stretch], list[Stretch]]:
    found = folded(pieces)  # at once, so that both sides are folded at the same places
    return (
        [part for part in found if part.change is not Change.ADDED],
        [part for part in found if part.change is not Change.REMOVED],
    )


def _read_files(connection: sqlite3.Connection, captures: list[int]) -> set[int]:
    """Those of the captures whose text `huyen attachments` has read."""
    rows = connection.execute(
        "SELECT c.id FROM json_each(?) j JOIN capture c ON c.id = j.value "
        "JOIN attachment_file f ON f.payload_digest = c.payload_digest WHERE f.parts > 0",
        (json.dumps(captures),),
    )
    return {row[0] for row in rows}


def _body_then(visit: Visit, article_id: int) -> sqlite3.Row | None:
    """The office that spoke on the host when the article was published, where that is known."""
    return first_row(
        visit.connection, "SELECT * FROM article_bodies WHERE article_id = ? LIMIT 1", article_id
    )


def _same_text(
    connection: sqlite3.Connection, article: StoredArticle, cluster: Cluster
) -> list[sqlite3.Row]:
    """The other articles with the same text, in the order of publication."""
    first = article.duplicate_of or article.id
    ids = [one.id for one in cluster.alike if one.same_text]
    return connection.execute(
        """
        SELECT a.id, a.title, a.published_at, coalesce(s.name, a.site) AS portal
        FROM articles a LEFT JOIN site s ON s.slug = a.site
        WHERE a.id <> :own AND a.id IN (
            SELECT value FROM json_each(:ids)
            UNION SELECT id FROM article WHERE id = :first OR duplicate_of = :first)
        ORDER BY a.published_at IS NULL, a.published_at LIMIT :most
        """,
        {"first": first, "own": article.id, "ids": json.dumps(ids), "most": _MOST_RELATED},
    ).fetchall()
