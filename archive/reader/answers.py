"""Answers that need not be sent twice."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def with_etag(request: Request, answer: Response) -> Response:
    """The answer with an entity tag of its body, or 304 where the client has it already (RFC 9110,
    13.1.2)."""
    tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    asked = request.headers.get("if-none-match", "")
    known = {one.strip().removeprefix("W/") for one in asked.split(",")}
    if tag in known or asked.strip() == "*":
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
