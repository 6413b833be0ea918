"""Labelled digests, as in WARC-Block-Digest and WARC-Payload-Digest.

We write ``sha256:`` and hexadecimal. SHA-256, because the digest decides that bytes need not be
stored again. Hexadecimal, because padded base 32 is no `token` as WARC 1.1 (section 5.8) demands,
unpadded base 32 is refused by warcio and FastWARC, and anyone can compare it with sha256sum.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

_ALGORITHMS = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}


def digest_of(*pieces: bytes) -> str:
    """``sha256:<64 hexadecimal digits>`` of the pieces in a row."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def digest_matches(label: str, data: bytes) -> bool | None:
    """Whether the data has the labelled digest, in whichever encoding it is written (hexadecimal,
    base 32 or base 64, told apart by length); None for an unknown algorithm or encoding."""
    name, _, value = label.strip().partition(":")
    algorithm = _ALGORITHMS.get(name.lower().replace("-", ""))
    if algorithm is None:
        return None
    actual = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    expected = _decode(value, len(actual))
    return None if expected is None else expected == actual


def _decode(value: str, size: int) -> bytes | None:
    bare = value.rstrip("=")
    try:
        if len(bare) == size * 2:
            return bytes.fromhex(bare)
        if len(bare) == -(-size * 8 // 5):
            return base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))
        if len(bare) == -(-size * 8 // 6):
            return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_")
    except (ValueError, binascii.Error):
        return None
    return None
