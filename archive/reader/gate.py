"""Before anything is answered: is it this reader that was asked for, and by whom?"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from archive.reader.callers import (
    CALLER,
    Caller,
    Front,
    MalformedRequest,
    NotOurName,
    caller_of,
)
from archive.reader.passwords import Passwords, credentials
from archive.reader.rendering import failure

CHALLENGE = {"WWW-Authenticate": 'Basic realm="huyen", charset="UTF-8"'}

logger = logging.getLogger(__name__)


class Gate:
    """Passes on requests under a name of this reader, with their `Caller` in the scope; refuses the
    others, and wrong passwords. ``passwords`` is None where nobody has one."""

    def __init__(self, app: ASGIApp, front: Front, passwords: Passwords | None) -> None:
        self._app = app
        self._front = front
        self._passwords = passwords

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            app = await self._refusal(scope) or app
        await app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        request = Request(scope)
        peer = scope["client"][0] if scope["client"] else ""
        try:
            caller = caller_of(self._front, scope["scheme"], peer, scope["headers"])
        except MalformedRequest:
            return failure(request, 400, "bad_request")
        except NotOurName as error:
            logger.warning("refused: asked for as %r by %s", str(error), peer)
            return failure(request, 421, "not_our_name")
        scope[CALLER] = caller
        header = request.headers.get("authorization")
        if self._passwords is None or header is None:
            return None
        if not caller.private:
            return failure(request, 403, "only_in_private")
        given = credentials(header)
        if given is None or not await asyncio.to_thread(self._passwords.check, *given):
            logger.warning("wrong password for %r from %s", given and given[0], caller.address)
            return failure(request, 401, "wrong_password", CHALLENGE)
        scope[CALLER] = replace(caller, staff=given[0])
        return None


def caller_in(request: Request) -> Caller:
    """Who sent a request that came through the gate."""
    caller: Caller = request.scope[CALLER]
    return caller
