"""The interface for programs: searches, articles and captures as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from archive.articles import NoSuchArticle, Version
from archive.reader.addresses import archived_url, path_of
from archive.reader.answers import with_etag
from archive.reader.api_description import MOST_CAPTURES, description, require_valid
from archive.reader.article_pages import load_article
from archive.reader.mementos import count_of, some_of
from archive.reader.rendering import page
from archive.reader.search_page import search_document
from archive.reader.visit import NotFound, Visit
from archive.terminal import printable

_CAPTURES = 100  # a page of them where no limit is given


def found_document(visit: Visit) -> Response:
    """`/api/search?q=…`."""
    require_valid(visit, "/api/search")
    return search_document(visit)


def article_document(visit: Visit) -> Response:
    """`/api/articles/ID`: the current version, or `?version=N`."""
    require_valid(visit, "/api/articles/{id}")
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
    """`/api/captures?url=…`: those that have bytes. An address that is none was never captured."""
    require_valid(visit, "/api/captures")
    asked = visit.text("url")
    url = archived_url(asked)
    limit = visit.number("limit", _CAPTURES, 1, MOST_CAPTURES)
    number = visit.number("page", 1, 1, 10**6)
    total = count_of(visit.connection, url) if url else 0
    found = some_of(visit.connection, url, limit, (number - 1) * limit) if url else []
    following = None
    if number * limit < total:
        query = urlencode({"url": url, "page": number + 1, "limit": limit})
        following = f"{visit.base}/api/captures?{query}"
    document = {
        "url": url or printable(asked),
        "total": total,
        "page": number,
        "limit": limit,
        "next": following,
        "captures": [
            {
                "id": memento.id,
                "url": memento.url,
                "fetched_at": memento.fetched_at,
                "status": memento.status,
                "media_type": memento.media_type,
                "replay": visit.base + path_of(memento),
                "record": f"{visit.base}/record/{memento.id}.warc.gz",
            }
            for memento in found
        ],
    }
    return with_etag(visit.request, JSONResponse(document))


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
