"""Memento (RFC 7089): headers that tell other programs when a page was captured, and where the other
captures are; TimeGate and TimeMap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from starlette.responses import PlainTextResponse, Response

from archive.reader.addresses import in_path, path_of, url_after
from archive.reader.mementos import Memento, Neighbours, all_of, nearest
from archive.reader.visit import BadRequest, NotFound, Visit
from archive.timestamps import utc_now

_MOST_IN_TIMEMAP = 10_000


def memento_headers(base: str, memento: Memento, around: Neighbours) -> dict[str, str]:
    """Of an answer that is a memento (RFC 7089, 2.2.1 and 2.1.1)."""
    named = [("first", around.first), ("last", around.last)]
    if around.previous:
        named.append(("prev", around.previous))
    if around.next:
        named.append(("next", around.next))
    relations: dict[int, tuple[Memento, list[str]]] = {memento.id: (memento, [])}
    for name, other in named:
        relations.setdefault(other.id, (other, []))[1].append(name)
    links = _general(base, memento.url)
    links += [_link(base, other, names) for other, names in relations.values()]
    return {"Memento-Datetime": _http_date(memento), "Link": ", ".join(links)}


def timegate(visit: Visit) -> Response:
    """`/timegate/<URL>`: leads to the capture nearest to Accept-Datetime, without it to the newest."""
    url = url_after(visit.request, "/timegate/")
    if url is None:
        raise NotFound("no_such_capture")
    asked = visit.request.headers.get("accept-datetime")
    moment = utc_now()
    if asked is not None:
        try:
            moment = parsedate_to_datetime(asked).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise BadRequest from error
    memento = nearest(visit.connection, url, moment)
    if memento is None:
        raise NotFound("no_such_capture")
    headers = {
        "Vary": "accept-datetime",
        "Location": visit.base + path_of(memento),
        "Link": ", ".join((*_general(visit.base, url), _link(visit.base, memento, []))),
    }
    return Response(status_code=302, headers=headers)


def timemap(visit: Visit) -> Response:
    """`/timemap/link/<URL>`: all captures of an address (RFC 7089, section 5)."""
    url = url_after(visit.request, "/timemap/link/")
    found = all_of(visit.connection, url, _MOST_IN_TIMEMAP) if url else []
    if not url or not found:
        raise NotFound("no_such_capture")
    lines: Iterable[str] = (
        f'<{in_path(url)}>; rel="original"',
        f'<{visit.base}/timegate/{url}>; rel="timegate"',
        f'<{visit.base}/timemap/link/{url}>; rel="self"; type="application/link-format"; '
        f'from="{_http_date(found[0])}"; until="{_http_date(found[-1])}"',
        *(_link(visit.base, memento, _ends(i, len(found))) for i, memento in enumerate(found)),
    )
    return PlainTextResponse(",\n".join(lines) + "\n", media_type="application/link-format")


def _ends(index: int, count: int) -> list[str]:
    return [name for name, place in (("first", 0), ("last", count - 1)) if place == index]


def _general(base: str, url: str) -> list[str]:
    written = in_path(url)
    return [
        f'<{written}>; rel="original"',
        f'<{base}/timegate/{written}>; rel="timegate"',
        f'<{base}/timemap/link/{written}>; rel="timemap"; type="application/link-format"',
    ]


def _link(base: str, memento: Memento, names: list[str]) -> str:
    relation = " ".join((*names, "memento"))
    return f'<{base}{path_of(memento)}>; rel="{relation}"; datetime="{_http_date(memento)}"'


def _http_date(memento: Memento) -> str:
    return format_datetime(memento.when.replace(microsecond=0), usegmt=True)
