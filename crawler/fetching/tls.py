"""How a TLS connection is named in the archive."""

from __future__ import annotations

import re

from OpenSSL import SSL

_CIPHER = re.compile(
    r"(?:(?P<exchange>ECDHE|DHE)-(?P<signature>RSA|ECDSA|DSS)-)?"
    r"(?:(?P<block>AES|CAMELLIA)(?P<bits>128|256)|(?P<other>CHACHA20-POLY1305|DES-CBC3))"
    r"(?:-(?P<mode>GCM|CCM8|CCM))?"
    r"(?:-(?P<hash>SHA(?:256|384)?))?"
)


def session_name(connection: SSL.Connection) -> str:
    """Version and cipher suite of an open TLS connection: ``tls/1.2 TLS_RSA_WITH_AES_128_CBC_SHA``.

    The two words are the values that the proposed fields ``WARC-Protocol`` and
    ``WARC-Cipher-Suite`` take (iipc/warc-specifications, issues 42 and 86). Empty before the
    handshake is done.
    """
    cipher = connection.get_cipher_name()
    if cipher is None:
        return ""
    family, version = connection.get_protocol_version_name().split("v", 1)
    if "." not in version:
        version += ".0"
    return f"{family.lower()}/{version} {iana_cipher_name(cipher)}"


def iana_cipher_name(openssl_name: str) -> str:
    """The IANA name of a cipher suite that OpenSSL calls ``openssl_name``.

    OpenSSL uses the registered names for TLS 1.3 only. Suites outside the families that web
    servers use (pre-shared keys, anonymous, GOST) keep OpenSSL's name.
    """
    match = _CIPHER.fullmatch(openssl_name)
    if match is None:
        return openssl_name
    part = match.groupdict()
    words = ["TLS", *filter(None, (part["exchange"], part["signature"])), "WITH"]
    if part["exchange"] is None:
        words.insert(1, "RSA")
    if part["other"] == "CHACHA20-POLY1305":
        words.append("CHACHA20_POLY1305_SHA256")
        return "_".join(words)
    if part["other"] == "DES-CBC3":
        words.append("3DES_EDE")
    else:
        words += [part["block"], part["bits"]]
    words.append((part["mode"] or "CBC").replace("CCM8", "CCM_8"))
    if part["hash"]:
        words.append(part["hash"])
    return "_".join(words)
