"""The application: which address leads where, and what every answer has in common."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.errors import ArchiveError
from archive.reader import (
    api,
    article_pages,
    changes,
    files_page,
    health_page,
    memento_headers,
    portals,
    replay,
    search_page,
    withheld_page,
)
from archive.reader.callers import Front
from archive.reader.connections import DEADLINE, SEARCHERS, DeadlinePassed, Readers
from archive.reader.gate import CHALLENGE, Gate, caller_in
from archive.reader.passwords import Passwords
from archive.reader.rendering import failure
from archive.reader.visit import BadRequest, NotFound, SignIn, Visit, language_of

logger = logging.getLogger(__name__)

Handler = Callable[[Visit], Response]


class _Number(IntegerConvertor):
    """A number that a row may have: a longer one is no address, not an overflow."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", _Number())

_LONGEST_QUERY = 32_768  # bytes; 2,000 letters with diacritics take 18,000

# For programs that follow every link: what is here once is enough.
_ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n"
    for path in ("/search", "/files", "/changes", "/web/", "/record/", "/timemap/", "/api/")
)

_PAGES: tuple[tuple[str, Handler], ...] = (
    ("/", search_page.search_page),
    ("/search", search_page.search_page),
    ("/search.atom", search_page.atom),
    ("/search.csv", search_page.table),
    ("/search.json", search_page.search_document),
    ("/files", files_page.files_page),
    ("/article/{id:number}", article_pages.article_page),
    ("/article/{id:number}/versions", article_pages.versions_page),
    ("/article/{id:number}/versions/{number:number}", article_pages.article_page),
    ("/article/{id:number}/differences", article_pages.differences_page),
    ("/article/{id:number}/provenance", article_pages.provenance_page),
    ("/article/{id:number}/cite", article_pages.cite_page),
    ("/article/{id:number}/cite.{form}", article_pages.citation_file),
    ("/article/{id:number}/page", article_pages.page_as_it_was),
    ("/portals", portals.portals_page),
    ("/portals/{slug}", portals.portal_page),
    ("/changes", changes.changes_page),
    ("/health", health_page.health_page),
    ("/withheld", withheld_page.withheld_page),
    ("/web/{rest:path}", replay.web),
    ("/picture/{id:number}", replay.picture),
    ("/file/{id:number}", replay.file),
    ("/file/{id:number}/text", files_page.file_text_page),
    ("/record/{id:number}", replay.record),
    ("/record/{id:number}.warc.gz", replay.record_file),
    ("/timegate/{rest:path}", memento_headers.timegate),
    ("/timemap/link/{rest:path}", memento_headers.timemap),
    ("/api", api.api_page),
    ("/api/search", api.found_document),
    ("/api/files", api.files_document),
    ("/api/articles/{id:number}", api.article_document),
    ("/api/captures", api.captures_document),
    ("/api/openapi.json", api.openapi_document),
)


# What shows one article or one capture: there, and nowhere else, those with a password see what is
# withheld.
_FOR_STAFF_TOO: frozenset[Handler] = frozenset(
    {
        article_pages.article_page,
        article_pages.versions_page,
        article_pages.differences_page,
        article_pages.provenance_page,
        article_pages.page_as_it_was,
        replay.web,
        replay.picture,
        replay.file,
        files_page.file_text_page,
        replay.record,
        replay.record_file,
        withheld_page.withheld_page,
    }
)


# What may keep a processor busy for a while, on threads of its own.
_SEARCHES: frozenset[Handler] = frozenset(
    {
        search_page.search_page,
        search_page.search_document,
        search_page.atom,
        search_page.table,
        files_page.files_page,
        api.found_document,
        api.files_document,
        health_page.health_page,
    }
)


def safe_app(
    root: Path,
    front: Front | None = None,
    passwords: Passwords | None = None,
    deadline: float = DEADLINE,
    player: str = "",
) -> ASGIApp:
    """The reader of the archive in that directory, as an ASGI application. ``front``: how it stands in
    the network, by default on loopback; ``passwords``: of those who may see what is withheld;
    ``deadline`` in seconds; ``player``: the port of a pywb beside it, empty without."""
    app = _application(root, passwords is not None, deadline, player)
    return SafeAnswers(Gate(app, front or Front(), passwords))


def _application(root: Path, has_staff: bool, deadline: float, player: str) -> Starlette:
    readers = Readers(root, deadline)
    searchers = Readers(root, deadline, threads=SEARCHERS)
    staff_readers = Readers(root, deadline, everything=True)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        for pool in (readers, searchers, staff_readers):
            pool.close()

    def endpoint(handler: Handler) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            if len(request.scope["query_string"]) > _LONGEST_QUERY:
                raise BadRequest
            caller, language = caller_in(request), language_of(request)
            sees_all = bool(caller.staff) and handler in _FOR_STAFF_TOO
            pool = searchers if handler in _SEARCHES else readers
            found = await (staff_readers if sees_all else pool).run(
                lambda connection: handler(
                    Visit(request, connection, root, caller, language, has_staff, player)
                )
            )
            if sees_all:
                logger.info("%s (%s) GET %s", caller.staff, caller.address, request.url.path)
                found.headers["Cache-Control"] = "private, no-store"
            elif has_staff and handler in _FOR_STAFF_TOO:
                found.headers.add_vary_header("Authorization")
            return found

        return answer

    app = Starlette(
        routes=[
            *(Route(path, endpoint(handler), methods=["GET"]) for path, handler in _PAGES),
            Route("/robots.txt", lambda request: PlainTextResponse(_ROBOTS)),
            Mount("/static", StaticFiles(packages=[("archive.reader", "static")])),
        ],
        exception_handlers={
            NotFound: _not_found,
            BadRequest: _bad_request,
            SignIn: _sign_in,
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


def _not_found(request: Request, error: Exception) -> Response:
    return failure(request, 404, error.phrase if isinstance(error, NotFound) else "nothing_here")


def _bad_request(request: Request, error: Exception) -> Response:
    parameter = error.parameter if isinstance(error, BadRequest) else ""
    return failure(request, 400, "bad_request", parameter=parameter)


def _sign_in(request: Request, error: Exception) -> Response:
    if not caller_in(request).private:
        return failure(request, 403, "only_in_private")
    return failure(request, 401, "password_needed", CHALLENGE)


def _too_long(request: Request, error: Exception) -> Response:
    return failure(request, 503, "took_too_long", {"Retry-After": "5"})


def _no_archive(request: Request, error: Exception) -> Response:
    logger.error("%s", error)
    return failure(request, 503, "archive_closed", {"Retry-After": "60"})


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrases = {404: "nothing_here", 405: "get_only"}
    headers = dict(error.headers or {})
    if error.status_code not in phrases:
        return failure(request, 400, "bad_request", headers)
    return failure(request, error.status_code, phrases[error.status_code], headers)


def _defect(request: Request, error: Exception) -> Response:
    return failure(request, 500, "our_fault")
