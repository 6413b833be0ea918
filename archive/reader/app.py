"""The application: which address leads where, and what every answer has in common."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.errors import ArchiveError
from archive.reader import api, article_pages, browsing, memento_headers, replay, search_page
from archive.reader.connections import DEADLINE, DeadlinePassed, Readers
from archive.reader.rendering import message
from archive.reader.visit import BadRequest, NotFound, Visit, language_of

logger = logging.getLogger(__name__)

Handler = Callable[[Visit], Response]


class _Number(IntegerConvertor):
    """A number that a row may have: a longer one is no address, not an overflow."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", _Number())

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_LONGEST_QUERY = 8_192  # bytes of an address

_PAGES: tuple[tuple[str, Handler], ...] = (
    ("/", search_page.search_page),
    ("/search", search_page.search_page),
    ("/search.atom", search_page.atom),
    ("/search.csv", search_page.table),
    ("/search.json", search_page.search_document),
    ("/article/{id:number}", article_pages.article_page),
    ("/article/{id:number}/versions", article_pages.versions_page),
    ("/article/{id:number}/versions/{number:number}", article_pages.article_page),
    ("/article/{id:number}/differences", article_pages.differences_page),
    ("/article/{id:number}/provenance", article_pages.provenance_page),
    ("/article/{id:number}/cite", article_pages.cite_page),
    ("/article/{id:number}/cite.{form}", article_pages.citation_file),
    ("/article/{id:number}/page", article_pages.page_as_it_was),
    ("/portals", browsing.portals_page),
    ("/portals/{slug}", browsing.portal_page),
    ("/changes", browsing.changes_page),
    ("/health", browsing.health_page),
    ("/web/{rest:path}", replay.web),
    ("/picture/{id:number}", replay.picture),
    ("/file/{id:number}", replay.file),
    ("/record/{id:number}", replay.record),
    ("/record/{id:number}.warc.gz", replay.record_file),
    ("/timegate/{rest:path}", memento_headers.timegate),
    ("/timemap/link/{rest:path}", memento_headers.timemap),
    ("/api", api.api_page),
    ("/api/search", search_page.search_document),
    ("/api/articles/{id:number}", api.article_document),
    ("/api/captures", api.captures_document),
    ("/api/openapi.json", api.openapi_document),
)


def create_app(root: Path, base_url: str = "", deadline: float = DEADLINE) -> Starlette:
    """The reader of the archive in that directory. ``base_url`` is its own address where a reverse
    proxy stands before it, else the one that each request was sent to. ``deadline`` in seconds."""
    readers = Readers(root, deadline)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        readers.close()

    def endpoint(handler: Handler) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            base = base_url.rstrip("/") or _own_address(request)
            if len(request.scope["query_string"]) > _LONGEST_QUERY:
                raise BadRequest
            language = language_of(request)
            return await readers.run(
                lambda connection: handler(Visit(request, connection, root, base, language))
            )

        return answer

    app = Starlette(
        routes=[
            *(Route(path, endpoint(handler), methods=["GET"]) for path, handler in _PAGES),
            Mount("/static", StaticFiles(packages=[("archive.reader", "static")])),
        ],
        exception_handlers={
            NotFound: _not_found,
            BadRequest: _bad_request,
            DeadlinePassed: _too_long,
            ArchiveError: _no_archive,
            HTTPException: _http_error,
            Exception: _defect,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # an address has one form
    return app


class SafeAnswers:
    """Adds to every answer, errors included, what keeps a browser from guessing and telling."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
                headers.setdefault("Content-Security-Policy", "default-src 'none'")
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)


def safe_app(root: Path, base_url: str = "", deadline: float = DEADLINE) -> ASGIApp:
    """`create_app` with the headers of `SafeAnswers`, which must stand outside of everything."""
    return SafeAnswers(create_app(root, base_url, deadline))


def _own_address(request: Request) -> str:
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise BadRequest
    return f"{request.url.scheme}://{host}"


def _failure(
    request: Request, status: int, phrase: str, headers: dict[str, str] | None = None
) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": phrase.replace("_", " ")}, status, headers)
    return message(request, status, phrase, headers)


def _not_found(request: Request, error: Exception) -> Response:
    return _failure(request, 404, error.phrase if isinstance(error, NotFound) else "nothing_here")


def _bad_request(request: Request, error: Exception) -> Response:
    return _failure(request, 400, "bad_request")


def _too_long(request: Request, error: Exception) -> Response:
    return _failure(request, 503, "took_too_long", {"Retry-After": "5"})


def _no_archive(request: Request, error: Exception) -> Response:
    logger.error("%s", error)
    return _failure(request, 503, "archive_closed", {"Retry-After": "60"})


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrases = {404: "nothing_here", 405: "get_only"}
    headers = dict(error.headers or {})
    if error.status_code not in phrases:
        return _failure(request, 400, "bad_request", headers)
    return _failure(request, error.status_code, phrases[error.status_code], headers)


def _defect(request: Request, error: Exception) -> Response:
    return _failure(request, 500, "our_fault")
