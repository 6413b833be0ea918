"""Addresses of the reader that hold an archived address: /web/<14 digits><kind>/<URL> and the like.

The archived address stands in the path as it was written, its query string included, as in every web
archive; so the path is taken apart as raw bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request

from archive.reader.mementos import Memento
from archive.urls import canonical_url

# What is asked for, after the digits: the page with the reader's banner (Vietnamese, English), the
# page itself for the frame of either, a picture, a style sheet, the bytes as they were.
KINDS = ("", "en_", "mp_", "me_", "im_", "cs_", "id_")

_WEB = re.compile(r"/web/(?P<stamp>\d{4,14}|\*)(?P<kind>[a-z]{2}_)?/(?P<url>.+)", re.DOTALL)
_SCHEME = re.compile(r"(https?):/+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WebAddress:
    """``stamp`` is 4 to 14 digits or ``*``; ``kind`` one of KINDS; ``url`` canonical."""

    stamp: str
    kind: str
    url: str


def web_address(request: Request) -> WebAddress | None:
    """None where the address of the request is no such thing."""
    match = _WEB.fullmatch(_raw(request))
    if match is None or (match["kind"] or "") not in KINDS:
        return None
    url = archived_url(match["url"])
    return WebAddress(match["stamp"], match["kind"] or "", url) if url else None


def url_after(request: Request, prefix: str) -> str | None:
    """The archived address after a prefix such as ``/timegate/``."""
    raw = _raw(request)
    return archived_url(raw[len(prefix) :]) if raw.startswith(prefix) else None


def archived_url(text: str) -> str | None:
    """Canonical, with ``http://`` where there is no scheme; None where it cannot be an address."""
    if match := _SCHEME.match(text):  # proxies make one slash of two
        text = f"{match[1].lower()}://{text[match.end() :]}"
    elif re.match(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?]|$)", text):
        text = f"http://{text}"
    try:
        return canonical_url(text)
    except ValueError:
        return None


def path_of(memento: Memento, kind: str = "") -> str:
    """Where the reader shows that capture."""
    return f"/web/{memento.stamp}{kind}/{in_path(memento.url)}"


def in_path(url: str) -> str:
    """The address as it may stand in a path or header of ours."""
    try:
        return canonical_url(url)
    except ValueError:
        return ""


def _raw(request: Request) -> str:
    path: str = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    query: str = request.scope["query_string"].decode("latin-1")
    return path + (f"?{query}" if query else "")
