"""The interface for programs: searches, articles and captures as JSON."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from archive.articles import NoSuchArticle, Version
from archive.attachments.search import FileHit, search_attachments
from archive.reader.addresses import archived_url, path_of
from archive.reader.answers import with_etag
from archive.reader.api_description import MOST_CAPTURES, description, require_valid
from archive.reader.api_phrases import described
from archive.reader.article_pages import load_article
from archive.reader.mementos import count_of, some_of
from archive.reader.rendering import page
from archive.reader.search_page import search_document
from archive.reader.searching import MOST_PAGES, PAGE_SIZE, asked, find
from archive.reader.visit import NotFound, Visit
from archive.terminal import printable

_CAPTURES = 100  # a page of them where no limit is given


def found_document(visit: Visit) -> Response:
    """`/api/search?q=…`."""
    require_valid(visit, "/api/search")
    return search_document(visit)


def files_document(visit: Visit) -> Response:
    """`/api/files?q=…`: attached files, with the pages or sheets that match."""
    require_valid(visit, "/api/files")
    state = asked(visit)
    limit = visit.number("limit", PAGE_SIZE, 1, 100)
    results, bad_dates = find(visit.connection, state, 0)
    hits = search_attachments(
        visit.connection, results.query, limit=limit + 1, offset=(state.page - 1) * limit
    )
    following = None
    if len(hits) > limit and state.page < MOST_PAGES:
        address = state.on_page(state.page + 1).address("/api/files")
        following = f"{visit.base}{address}&limit={limit}"
    document = {
        "query": printable(state.q),
        "page": state.page,
        "limit": limit,
        "notes": [*results.notes, *(f"not a date: {text}" for text in bad_dates)],
        "next": following,
        "files": [_file_facts(visit.base, hit) for hit in hits[:limit]],
    }
    return with_etag(visit.request, JSONResponse(document))


def _file_facts(base: str, hit: FileHit) -> dict[str, Any]:
    return {
        "capture_id": hit.capture_id,
        "payload_digest": hit.payload_digest,
        "file_type": hit.file_type,
        "site": hit.site,
        "url": hit.url,
        "label": hit.label,
        "exact": hit.exact,
        "score": hit.score,
        "articles": [
            asdict(article)
            | {
                "address": f"{base}/article/{article.article_id}",
                "api": f"{base}/api/articles/{article.article_id}",
            }
            for article in hit.articles
        ],
        "parts": [
            {
                "kind": part.kind.value,
                "number": part.number,
                "name": part.name,
                "how": part.how.value,
                "snippet": part.snippet.text,
                "snippet_spans": part.snippet.spans,
            }
            for part in hit.parts
        ],
        "file": f"{base}/file/{hit.capture_id}",
        "text": f"{base}/file/{hit.capture_id}/text",
    }


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
    given = visit.text("url")
    url = archived_url(given)
    limit = visit.number("limit", _CAPTURES, 1, MOST_CAPTURES)
    number = visit.number("page", 1, 1, 10**6)
    total = count_of(visit.connection, url) if url else 0
    found = some_of(visit.connection, url, limit, (number - 1) * limit) if url else []
    following = None
    if number * limit < total:
        query = urlencode({"url": url, "page": number + 1, "limit": limit})
        following = f"{visit.base}/api/captures?{query}"
    document = {
        "url": url or printable(given),
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
    values = {
        "description": description(visit.base),
        "described": partial(described, visit.language),
    }
    return page(visit.request, "api.html", values)


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
