"""When two texts are the same text. (When two addresses are the same page: archive.urls.)"""

from __future__ import annotations

import hashlib

from archive.vietnamese import fold

# Characters of body below which the same words prove nothing: "Xem tệp đính kèm" stands on
# hundreds of unrelated notices.
SHORTEST_TELLING_BODY = 200


def text_hash(title: str, body: str) -> str | None:
    """SHA-256 (hex) of the words of an article, whatever their case, diacritics and spacing: the
    same text under another address or on another portal. None when the body is too short to tell.
    """
    if len(body) <= SHORTEST_TELLING_BODY:
        return None
    words = " ".join(fold(f"{title}\n{body}").split())
    return hashlib.sha256(words.encode()).hexdigest()
