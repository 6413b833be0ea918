"""Whom a TLS connection is trusted to lead to, and how it is named in the archive.

Certificates are verified, as in browsers. Where a portal's own cannot be (`tls` in sites.toml), its
pages are fetched all the same, and every capture says what was wrong. Pictures and documents on other
hosts are always verified.

Twisted has no public way to look at a faulty certificate and go on, so this leans on its private
``ClientTLSOptions``, as Scrapy does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from OpenSSL import SSL
from service_identity import VerificationError
from service_identity.exceptions import CertificateError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet._sslverify import ClientTLSOptions
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import (
    CertificateOptions,
    TLSVersion,
    platformTrust,
)
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.public_addresses import ip_address
from crawler.sites import Tls

if TYPE_CHECKING:
    from OpenSSL.crypto import X509

_CIPHER = re.compile(
    r"(?:(?P<exchange>ECDHE|DHE)-(?P<signature>RSA|ECDSA|DSS)-)?"
    r"(?:(?P<block>AES|CAMELLIA)(?P<bits>128|256)|(?P<other>CHACHA20-POLY1305|DES-CBC3))"
    r"(?:-(?P<mode>GCM|CCM8|CCM))?"
    r"(?:-(?P<hash>SHA(?:256|384)?))?"
)


# Of X509_STORE_CTX_get_error(3), what web servers get wrong; all others by number.
_FAULTS = {
    9: "certificate not valid yet",
    10: "certificate expired",
    18: "self-signed certificate",
    19: "self-signed certificate in the chain",
    20: "issuer unknown or missing from the chain",
    21: "issuer unknown or missing from the chain",
    26: "certificate not made for servers",
    66: "key of the certificate too weak",
    68: "signature of the certificate too weak",
}
_LEGACY_CIPHERS = b"ALL:!aNULL:!eNULL:@SECLEVEL=0"
_OP_LEGACY_SERVER_CONNECT = 0x4  # servers from before RFC 5746 (secure renegotiation, 2010)

_passed_over: WeakKeyDictionary[SSL.Connection, str] = WeakKeyDictionary()


@implementer(IPolicyForHTTPS)
class PortalTls:
    """What is asked of the TLS of one portal's hosts, and of all others. Contexts are made once for
    each host, because reading the certificates of the authorities takes milliseconds."""

    def __init__(self, tls: Tls, hosts: frozenset[str]) -> None:
        self.refused: dict[str, str] = {}  # host name -> what was wrong with its certificate
        self._tls = tls
        self._hosts = hosts
        self._creators: dict[str, Any] = {}
        self._options: dict[Tls, CertificateOptions] = {}

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        """As IPolicyForHTTPS has it."""
        name = hostname.decode("ascii")
        if name not in self._creators:
            own = name.lower().rstrip(".") in self._hosts
            self._creators[name] = _Judging(self, name, self._tls if own else Tls.VERIFIED)
        return self._creators[name]

    def options(self, tls: Tls) -> CertificateOptions:
        if tls not in self._options:
            self._options[tls] = _options(tls)
        return self._options[tls]


def _options(tls: Tls) -> CertificateOptions:
    if tls is not Tls.LEGACY:
        return CertificateOptions(trustRoot=platformTrust())  # type: ignore[no-untyped-call]
    return _LegacyOptions(
        trustRoot=platformTrust(),  # type: ignore[no-untyped-call]
        insecurelyLowerMinimumTo=TLSVersion.TLSv1_0,
    )


class _LegacyOptions(CertificateOptions):
    def _makeContext(self, skipCiphers: bool = False) -> SSL.Context:
        context: SSL.Context = super()._makeContext(skipCiphers)
        context.set_options(_OP_LEGACY_SERVER_CONNECT)
        # Not as acceptableCiphers, of which Twisted keeps the names and not the security level.
        context.set_cipher_list(_LEGACY_CIPHERS)
        return context


@implementer(IOpenSSLClientConnectionCreator)
class _Judging:
    """Makes connections to one host that remember what is wrong with its certificate, and go on where
    they may."""

    def __init__(self, policy: PortalTls, hostname: str, tls: Tls) -> None:
        self._creator = ClientTLSOptions(policy.options(tls)._makeTLSConnection, hostname)
        self._policy = policy
        self._hostname = hostname
        self._goes_on = tls is not Tls.VERIFIED
        address = ip_address(hostname)
        self._identity = DNS_ID(hostname) if address is None else IPAddress_ID(str(address))

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """As IOpenSSLClientConnectionCreator has it."""
        connection = self._creator.clientConnectionForTLS(protocol)
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._judge)
        return connection

    def _judge(
        self, connection: SSL.Connection, certificate: X509, fault: int, depth: int, ok: int
    ) -> bool:
        """OpenSSL's verify callback, for each certificate of the chain. Must not raise."""
        if not ok:
            return self._found(connection, _FAULTS.get(fault, f"certificate fault {fault}"))
        if depth == 0:
            try:
                verify_service_identity(extract_patterns(certificate), [self._identity], [])
            except (CertificateError, VerificationError):
                return self._found(connection, "certificate of another host")
        return True

    def _found(self, connection: SSL.Connection, fault: str) -> bool:
        if not self._goes_on:
            self._policy.refused[self._hostname] = fault
            return False
        known = _passed_over.get(connection)
        if known is None:
            _passed_over[connection] = fault
        elif fault not in known.split(", "):
            _passed_over[connection] = f"{known}, {fault}"
        return True


def session_name(connection: SSL.Connection) -> str:
    """Version and cipher suite of an open TLS connection: ``tls/1.2 TLS_RSA_WITH_AES_128_CBC_SHA``.

    The two words are the values that the proposed fields ``WARC-Protocol`` and
    ``WARC-Cipher-Suite`` take (iipc/warc-specifications, issues 42 and 86). What was wrong with a
    certificate that was let pass follows: ``… unverified: certificate expired``. Empty before the
    handshake is done.
    """
    cipher = connection.get_cipher_name()
    if cipher is None:
        return ""
    family, version = connection.get_protocol_version_name().split("v", 1)
    if "." not in version:
        version += ".0"
    name = f"{family.lower()}/{version} {iana_cipher_name(cipher)}"
    fault = _passed_over.get(connection)
    return name if fault is None else f"{name} unverified: {fault}"


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
