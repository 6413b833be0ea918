"""The key under which other tools look a URL up in a CDX index: SURT, as the Internet Archive's
canonicaliser writes it and cdxj-indexer, pywb and OutbackCDX expect it.

Not archive.urls.url_key, which says what one page of a portal is by the rules of this archive: here
the rules are those of the tools, quirks included (numeric addresses are turned round as well, paths
are compared in lower case). The library `surt` is not used: its licence is the AGPL, and it asks the
resolver about numeric hosts.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE = (
    "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # what the canonicaliser leaves unescaped, "%" and "#" not
)
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DOUBLED_SCHEME = re.compile(r"^(https?://)+", re.IGNORECASE)
_WWW = re.compile(r"www\d*\.")
_PATH_SESSIONS = (
    re.compile(r"(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)", re.DOTALL),
    re.compile(r"(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)", re.DOTALL),
)
_QUERY_SESSIONS = tuple(
    re.compile(rf"(.*){parameter}(?:&(.*))?", re.DOTALL | re.IGNORECASE)
    for parameter in (
        "jsessionid=[0-9a-z]{32}",
        "phpsessid=[0-9a-z]{32}",
        "sid=[0-9a-z]{32}",
        "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt(url: str) -> str:
    """The SURT of an absolute URL, without scheme: ``vn,gov,daknong)/tin?a=1``. ASCII, without
    spaces and controls, so that lines that begin with it sort as their keys do. An address that
    has no SURT (no host, an impossible port) is its own key, as in cdxj-indexer."""
    bare = re.sub(r"[\n\r\t]", "", url.strip())
    if not _HAS_SCHEME.match(bare):
        bare = f"http://{bare}"
    bare = _DOUBLED_SCHEME.sub(lambda match: match[1], bare)
    try:
        parts = urlsplit(bare)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return _escaped(url.encode("utf-8", "replace"))
    if not host:
        return _escaped(url.encode("utf-8", "replace"))
    place = ",".join(reversed(host.split(".")))
    if port and port != _DEFAULT_PORTS.get(parts.scheme):  # port 0 counts as none
        place += f":{port}"
    query = _query(parts.query)
    return f"{place}){_path(parts.path)}" + (f"?{query}" if query else "")


def _host(name: str) -> str:
    raw = _unescaped(name)
    if not raw.isascii():
        with suppress(UnicodeError):  # no host name, but still a key
            raw = raw.decode("utf-8", "ignore").encode("idna")
    text = _escaped(raw.replace(b"..", b".").strip(b".").lower())
    return _WWW.sub("", text, count=1) if _WWW.match(text) else text


def _path(path: str) -> str:
    kept: list[bytes] = []
    segments = _unescaped(path).split(b"/")[1:] or [b""]
    for segment in segments:
        if segment == b"..":
            # A path that climbs above the root keeps its first dots.
            if kept:
                kept.pop()
            else:
                kept.append(segment)
        elif segment != b".":
            kept.append(segment)
    last = kept.pop() if kept else b""
    text = "/" + "".join(_escaped(segment) + "/" for segment in kept if segment) + _escaped(last)
    text = text.lower()
    for session in _PATH_SESSIONS:
        if match := session.fullmatch(text):
            text = match[1] + match[2]
    return text[:-1] if text.endswith("/") and len(text) > 1 else text


def _query(query: str) -> str:
    text = _escaped(_unescaped(query))
    for session in _QUERY_SESSIONS:
        if match := session.fullmatch(text):
            text = match[1] + (match[2] or "")
    if len(text) <= 1:
        return text.lower()
    pairs = sorted(tuple(pair.split("=", 1)) for pair in text.lower().split("&"))
    return "&".join("=".join(pair) for pair in pairs)


def _unescaped(text: str) -> bytes:
    """Percent-encoding undone, and undone again where it was applied several times."""
    raw = text.encode("utf-8", "surrogateescape")
    while (plain := unquote_to_bytes(raw)) != raw:
        raw = plain
    return raw


def _escaped(raw: bytes) -> str:
    return quote_from_bytes(raw, safe=_SAFE)
