"""Which encoding a captured page has."""

from __future__ import annotations

import re

_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,30})""", re.IGNORECASE
)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w-]{2,30})""", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def charset_of(content_type: str, body: bytes) -> str:
    """The encoding of a page: its byte order mark, the header, its own `meta`, else UTF-8."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    header = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(body[:4096])
    names = (header[1] if header else "", meta[1].decode("ascii") if meta else "")
    for name in names:
        if name and _is_known(name):
            return name
    return "utf-8"


def _is_known(name: str) -> bool:
    try:
        b" ".decode(name, "replace")
    except (LookupError, ValueError):  # no such encoding; one that is not for text
        return False
    return True
