"""The interface for programs: articles and captures as JSON, and its description (OpenAPI 3.1)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.responses import JSONResponse, Response

from archive import __version__
from archive.articles import NoSuchArticle, Version
from archive.reader.addresses import archived_url, path_of
from archive.reader.answers import with_etag
from archive.reader.article_pages import load_article
from archive.reader.mementos import all_of
from archive.reader.rendering import page
from archive.reader.visit import BadRequest, NotFound, Visit

_MOST_CAPTURES = 1_000


def article_document(visit: Visit) -> Response:
    """`/api/articles/ID`: the current version, or `?version=N`."""
    article = load_article(visit)
    try:
        version = article.version(visit.number("version", article.current, 1, 10**9))
    except NoSuchArticle:
        raise NotFound("no_such_version") from None
    document: dict[str, Any] = {
        "id": article.id,
        "site": article.site,
        "portal": article.portal,
        "province": article.province,
        "status": article.status,
        "first_seen": article.first_seen,
        "last_seen": article.last_seen,
        "duplicate_of": article.duplicate_of,
        "duplicates": article.duplicates,
        "urls": [asdict(address) for address in article.addresses],
        "versions": [_version_facts(v, article.current) for v in article.versions],
        "address": f"{visit.base}/article/{article.id}",
        **_version_facts(version, article.current),
        **asdict(version.content),
    }
    return with_etag(visit.request, JSONResponse(document))


def captures_document(visit: Visit) -> Response:
    """`/api/captures?url=…`: the newest captures of an address that have bytes, oldest first."""
    url = archived_url(visit.text("url"))
    if url is None:
        raise BadRequest
    limit = visit.number("limit", 100, 1, _MOST_CAPTURES)
    captures = [
        {
            "id": memento.id,
            "url": memento.url,
            "fetched_at": memento.fetched_at,
            "status": memento.status,
            "media_type": memento.media_type,
            "replay": visit.base + path_of(memento),
            "record": f"{visit.base}/record/{memento.id}.warc.gz",
        }
        for memento in all_of(visit.connection, url, limit)
    ]
    return with_etag(visit.request, JSONResponse({"url": url, "captures": captures}))


def openapi_document(visit: Visit) -> Response:
    """`/api/openapi.json`."""
    return with_etag(visit.request, JSONResponse(description(visit.base)))


def api_page(visit: Visit) -> Response:
    """`/api`: the same for people."""
    return page(visit.request, "api.html", {"description": description(visit.base)})


def _version_facts(version: Version, current: int) -> dict[str, Any]:
    return {
        "version": version.number,
        "current": version.number == current,
        "cause": version.cause,
        "capture_id": version.capture_id,
        "fetched_at": version.fetched_at,
        "extractor": version.extractor,
        "extractor_version": version.extractor_version,
        "confidence": version.confidence,
    }


def description(base: str) -> dict[str, Any]:
    """The OpenAPI document of a reader at this address."""
    search_parameters = [
        _parameter("q", "What to look for, with or without diacritics; see docs/commands.md."),
        _parameter("site", "Slug of a portal; repeatable.", {"type": "array", "items": _TEXT}),
        _parameter("province", "Only portals of this province."),
        _parameter("category", "Words of the category."),
        _parameter("from", "Published from: a year, a month or a day."),
        _parameter("to", "Published until, inclusive."),
        _parameter(
            "files", "1: only articles with attachments.", {"type": "string", "enum": ["1"]}
        ),
        _parameter("sort", "Order.", {"type": "string", "enum": ["relevance", "newest", "oldest"]}),
        _parameter("page", "From 1.", {"type": "integer", "minimum": 1, "maximum": 500}),
        _parameter("limit", "A page's length.", {"type": "integer", "minimum": 1, "maximum": 100}),
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "huyen", "version": __version__, "description": "Read only."},
        "servers": [{"url": base}],
        "paths": {
            "/api/search": _get("Search the articles.", search_parameters, "Search", ("503",)),
            "/api/articles/{id}": _get(
                "One article with its versions.",
                [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer", "minimum": 1},
                    },
                    _parameter("version", "Its number.", {"type": "integer", "minimum": 1}),
                ],
                "Article",
                ("404", "503"),
            ),
            "/api/captures": _get(
                "The captures of an address.",
                [
                    _parameter("url", "The archived address.") | {"required": True},
                    _parameter(
                        "limit", "At most.", {"type": "integer", "minimum": 1, "maximum": 1000}
                    ),
                ],
                "Captures",
                ("400", "503"),
            ),
        },
        "components": {
            "schemas": {
                "Search": _object(
                    "query", "total", "capped", "sort", "page", "limit", "hits", "next"
                ),
                "Article": _object(
                    "id", "site", "url", "title", "body_text", "version", "versions"
                ),
                "Captures": _object("url", "captures"),
                "Error": _object("error"),
            }
        },
    }


_TEXT = {"type": "string"}


def _parameter(name: str, about: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": about, "schema": schema or _TEXT}


def _get(
    summary: str, parameters: list[dict[str, Any]], schema: str, failures: tuple[str, ...]
) -> dict[str, Any]:
    responses = {"200": _json("Found.", schema), "304": {"description": "As you have it (ETag)."}}
    responses |= {status: _json("See `error`.", "Error") for status in failures}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _json(about: str, schema: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": about, "content": {"application/json": {"schema": reference}}}


def _object(*required: str) -> dict[str, Any]:
    return {"type": "object", "required": list(required)}
