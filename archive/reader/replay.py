"""The page as it was: a stored record shown in a sandbox, under a banner that says what it is.

The frame's answer is sandboxed by its own header, so that it stays harmless when it is opened without
the frame: it has an origin of its own, runs no script, sends no form, and loads pictures, styles and
fonts from here only. A click may leave the frame, because the links lead to other pages of this reader.
"""

from __future__ import annotations

import re
import sqlite3
from urllib.parse import quote, unquote, urljoin, urlsplit

from starlette.responses import RedirectResponse, Response

from archive.http_head import field_values
from archive.reader import rewriting
from archive.reader.addresses import archived_url, in_path, path_of, web_address
from archive.reader.memento_headers import memento_headers
from archive.reader.mementos import (
    Memento,
    all_of,
    by_id,
    is_withheld,
    nearest,
    neighbours,
    stamp_to_moment,
)
from archive.reader.pywb import COLLECTION
from archive.reader.rendering import page
from archive.reader.visit import NotFound, Visit
from archive.warc_reader import (
    BodyTooLarge,
    DamagedRecord,
    NoStoredBytes,
    StoredResponse,
    UndecodableBody,
    read_record,
    read_response,
    warc_path,
)

RECORD_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; font-src 'self'; frame-ancestors 'self'"
)
_BANNERS, _FRAMES = ("", "en_"), ("mp_", "me_")
_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = ("image/", "text/css", "font/", "application/font", "application/vnd.ms-fontobject")
_MOST_CAPTURES = 1_000  # listed on one page
_MOST_SHOWN = 200_000  # characters of a record that are shown as text
_PAGE_LIMIT = 16 << 20  # bytes of a page that is rewritten
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)


def web(visit: Visit) -> Response:
    """`/web/<digits><kind>/<URL>`, or all captures of an address with ``*`` for the digits."""
    asked = web_address(visit.request)
    if asked is None:
        raise NotFound("no_such_capture")
    if asked.stamp == "*":
        return _captures(visit, asked.url)
    try:
        moment = stamp_to_moment(asked.stamp)
    except ValueError:
        raise NotFound("no_such_capture") from None
    memento = nearest(visit.connection, asked.url, moment)
    if memento is None:
        return _never_captured(visit, asked.url, asked.kind)
    if asked.kind in (*_BANNERS, *_FRAMES) and memento.stamp != asked.stamp:
        return RedirectResponse(path_of(memento, asked.kind), 302)
    match asked.kind:
        case "" | "en_":
            return _banner(visit, memento, asked.kind)
        case "mp_" | "me_":
            return _framed(visit, memento, _BANNERS[_FRAMES.index(asked.kind)])
        case "id_":
            return _as_it_was(visit, memento)
        case _:
            return _part(visit, memento, asked.kind)


def picture(visit: Visit) -> Response:
    """`/picture/ID`: the body of a capture, if it is a picture."""
    memento = _of_path(visit)
    if not memento.media_type.startswith("image/"):
        raise NotFound("no_such_capture")
    body = _body(_response(visit, memento))
    return Response(body, headers=_part_headers(memento.media_type) | _FOR_EVER)


def file(visit: Visit) -> Response:
    """`/file/ID`: an archived document, to be saved. Never shown in the reader's own origin."""
    memento = _of_path(visit)
    body = _body(_response(visit, memento))
    headers = {
        "Content-Type": _media_type(memento.media_type),
        "Content-Disposition": disposition(_name_of(memento.url)),
        "Content-Security-Policy": RECORD_POLICY,
    }
    return Response(body, headers=headers)


def record(visit: Visit) -> Response:
    """`/record/ID`: the WARC record as text, with what the server sent."""
    memento = _of_path(visit)
    place, stored = _place(visit, memento), _response(visit, memento)
    text, shown = "", True
    try:
        body = stored.body(_PAGE_LIMIT)
        if memento.media_type.startswith("text/") or b"\x00" not in body[:2000]:
            text = rewriting.text_of(_content_type(stored), body).replace("\r\n", "\n")
        else:
            shown = False
    except (BodyTooLarge, UndecodableBody):
        shown = False
    file, offset, length = place["warc_file"], place["warc_offset"], place["warc_length"]
    headers = read_record(warc_path(visit.root, file), offset, length).headers
    return page(
        visit.request,
        "record.html",
        {
            "memento": memento,
            "place": place,
            "warc_headers": headers,
            "head": stored.head.decode("latin-1").replace("\r\n", "\n").strip(),
            "body": text[:_MOST_SHOWN],
            "cut": len(text) > _MOST_SHOWN,
            "shown": shown,
            "replay": path_of(memento),
            "withheld": is_withheld(visit.connection, memento),
        },
    )


def record_file(visit: Visit) -> Response:
    """`/record/ID.warc.gz`: the gzip member as it lies in the WARC file; a WARC file by itself."""
    memento = _of_path(visit)
    place = _place(visit, memento)
    try:
        with warc_path(visit.root, place["warc_file"]).open("rb") as stream:
            stream.seek(place["warc_offset"])
            packed = stream.read(place["warc_length"])
    except OSError as error:
        raise NotFound("damaged") from error
    headers = {
        "Content-Type": "application/warc",
        "Content-Disposition": disposition(f"capture-{memento.id}.warc.gz"),
    }
    return Response(packed, headers=headers)


def disposition(name: str) -> str:
    """An attachment under that name (RFC 6266): ASCII for old programs, UTF-8 for the others."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-100:] or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[-100:], safe='')}"


def _banner(visit: Visit, memento: Memento, kind: str) -> Response:
    stored = _response(visit, memento)
    around = neighbours(visit.connection, memento)
    article = visit.connection.execute(
        "SELECT r.article_id, v.number FROM reading r LEFT JOIN version v ON v.id = r.version_id "
        "WHERE r.capture_id = ? AND r.article_id IS NOT NULL",
        (memento.id,),
    ).fetchone()
    values = {
        "memento": memento,
        "around": around,
        "article": article[0] if article else None,
        "frame": path_of(memento, _FRAMES[_BANNERS.index(kind)]),
        "all": f"/web/*{kind}/{in_path(memento.url)}",
        "moved": _moved_to(visit, memento, stored, kind),
        "is_page": memento.media_type in _HTML,
        "path": lambda other: path_of(other, kind),
        "withheld": is_withheld(visit.connection, memento),
        "player": _in_pywb(visit, memento),
    }
    # The memento is what is in the frame; its own address says so by the same headers.
    headers = memento_headers(visit.base, memento, around)
    return page(visit.request, "replay.html", values, headers=headers)


def _in_pywb(visit: Visit, memento: Memento) -> str:
    """Where the pywb beside the reader shows that capture, on an origin of its own; empty without."""
    host = urlsplit(visit.base).hostname
    if not visit.player or not host:
        return ""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{visit.player}/{COLLECTION}/{memento.stamp}/{in_path(memento.url)}"


def _moved_to(
    visit: Visit, memento: Memento, stored: StoredResponse, kind: str
) -> tuple[str, str] | None:
    """For a redirect: the address it leads to, and where the reader has it."""
    if memento.status is None or not 300 <= memento.status < 400 or memento.status == 304:
        return None
    locations = field_values(stored.head, "Location")
    target = archived_url(urljoin(memento.url, locations[0])) if locations else None
    return (target, f"/web/{memento.stamp}{kind}/{target}") if target else None


def _framed(visit: Visit, memento: Memento, kind: str) -> Response:
    """What the frame shows; its links lead to pages with a banner of that kind."""
    stored = _response(visit, memento)
    around = neighbours(visit.connection, memento)
    headers = memento_headers(visit.base, memento, around) | {
        "Content-Security-Policy": RECORD_POLICY
    }
    if memento.media_type not in _HTML:
        headers["Content-Type"] = (
            memento.media_type
            if memento.media_type.startswith("image/")
            else "text/plain; charset=utf-8"
        )
        body = _body(stored)
        if not memento.media_type.startswith("image/"):
            body = rewriting.text_of(_content_type(stored), body).encode()
        return Response(body, headers=headers)
    stamp = memento.stamp

    def address(url: str, part: str) -> str:
        # The fragment stays with the link; it is no part of the archived address.
        bare, mark, fragment = url.partition("#")
        return f"/web/{stamp}{part or kind}/{in_path(bare)}{mark}{quote(fragment, safe='%/:?=&')}"

    text = rewriting.text_of(_content_type(stored), _body(stored, _PAGE_LIMIT))
    headers["Content-Type"] = "text/html; charset=utf-8"
    return Response(rewriting.rewritten_page(text, memento.url, address), headers=headers)


def _part(visit: Visit, memento: Memento, kind: str) -> Response:
    """A picture, font or style sheet of a page."""
    media_type = memento.media_type
    if not media_type.startswith(_PLAIN):
        raise NotFound("no_such_capture")
    stored = _response(visit, memento)
    body = _body(stored)
    headers = _part_headers(media_type)
    if kind == rewriting.STYLE or media_type == "text/css":

        def address(url: str, part: str) -> str:
            return f"/web/{memento.stamp}{part}/{in_path(url.partition('#')[0])}"

        text = rewriting.text_of(_content_type(stored), body)
        body = rewriting.rewritten_style(text, memento.url, address).encode()
        headers["Content-Type"] = "text/css; charset=utf-8"
    return Response(body, headers=headers)


def _as_it_was(visit: Visit, memento: Memento) -> Response:
    """The body as it was sent, under the same sandbox, loading nothing."""
    around = neighbours(visit.connection, memento)
    body = _body(_response(visit, memento))
    headers = memento_headers(visit.base, memento, around) | {
        "Content-Type": _media_type(memento.media_type),
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }
    return Response(body, headers=headers)


def _captures(visit: Visit, url: str) -> Response:
    found = all_of(visit.connection, url, _MOST_CAPTURES)
    if not found:
        return _never_captured(visit, url, "")
    years: dict[str, list[Memento]] = {}
    for memento in reversed(found):
        years.setdefault(memento.stamp[:4], []).append(memento)
    asked = web_address(visit.request)
    kind = asked.kind if asked else ""
    return page(
        visit.request,
        "captures.html",
        {
            "url": url,
            "years": years,
            "count": len(found),
            "cut": len(found) == _MOST_CAPTURES,
            "path": lambda memento: path_of(memento, kind),
            "timemap": f"{visit.base}/timemap/link/{url}",
        },
    )


def _never_captured(visit: Visit, url: str, kind: str) -> Response:
    if kind not in ("", "en_"):
        raise NotFound("no_such_capture")
    return page(visit.request, "not_captured.html", {"url": url}, status=404)


def _of_path(visit: Visit) -> Memento:
    memento = by_id(visit.connection, visit.request.path_params["id"])
    if memento is None:
        raise NotFound("no_such_capture")
    return memento


def _response(visit: Visit, memento: Memento) -> StoredResponse:
    try:
        return read_response(visit.connection, visit.root, memento.id)
    except DamagedRecord as error:
        raise NotFound("damaged") from error
    except NoStoredBytes as error:
        raise NotFound("no_such_capture") from error


def _body(stored: StoredResponse, limit: int | None = None) -> bytes:
    try:
        return stored.body() if limit is None else stored.body(limit)
    except (BodyTooLarge, UndecodableBody) as error:
        raise NotFound("unreadable_body") from error


def _place(visit: Visit, memento: Memento) -> sqlite3.Row:
    """The row of a capture that has bytes."""
    row: sqlite3.Row = visit.connection.execute(
        "SELECT * FROM captures WHERE id = ?", (memento.id,)
    ).fetchone()
    return row


def _content_type(stored: StoredResponse) -> str:
    values = field_values(stored.head, "Content-Type")
    return values[0] if values else ""


_FOR_EVER = {
    "Cache-Control": "public, max-age=86400"
}  # a capture never changes, but may be withheld


def _part_headers(media_type: str) -> dict[str, str]:
    return {
        "Content-Type": _media_type(media_type),
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        # Fonts are asked for across origins: a sandboxed page has none.
        "Access-Control-Allow-Origin": "*",
    }


def _media_type(stored: str) -> str:
    return stored if _MEDIA_TYPE.fullmatch(stored) else "application/octet-stream"


def _name_of(url: str) -> str:
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return "".join(c for c in name if c.isprintable() and c not in '/\\"') or "file"
