"""Certificates are verified; where a portal's cannot be, sites.toml lets it pass and the archive
says so."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import ssl
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from running import huyen, one, rows
from small_portal import article_html
from wire_server import Script, WireServer

DAY = dt.timedelta(days=1)
SUITE = r"TLS_[A-Z0-9_]+"


class Everything(Mapping[str, Sequence[Script]]):
    """The same article for whatever is asked, but no robots.txt and nothing that cannot exist."""

    def __getitem__(self, path: str) -> Sequence[Script]:
        missing = "robots" in path or "khong-ton-tai" in path or "sitemap" in path or "anh" in path
        body = b"" if missing else article_html(1).encode()
        status = b"404 Not Found" if missing else b"200 OK"
        head = b"HTTP/1.1 %b\r\nContent-Type: text/html; charset=utf-8\r\n" % status
        return [[head + b"Content-Length: %d\r\n\r\n" % len(body) + body]]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __contains__(self, path: object) -> bool:
        return not str(path).startswith("CONNECT ")


def certificate(
    folder: Path,
    *,
    address: str = "127.0.0.1",
    valid: tuple[dt.timedelta, dt.timedelta] = (-DAY, DAY),
) -> tuple[Path, Path]:
    """(key and certificate for an address, the authority that vouches for it), PEM files."""
    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Thử CA", "Thử")
    ]
    made = []
    for is_authority, key, subject in ((True, keys[0], names[0]), (False, keys[1], names[1])):
        begin, end = (-DAY, DAY) if is_authority else valid
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begin)
            .not_valid_after(now + end)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()),
                critical=False,
            )
        )
        if not is_authority:
            ip = x509.IPAddress(ipaddress.ip_address(address))
            builder = builder.add_extension(x509.SubjectAlternativeName([ip]), critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()))
    private = keys[1].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    server, authority = folder / "server.pem", folder / "authority.pem"
    server.write_bytes(private + made[1].public_bytes(serialization.Encoding.PEM))
    authority.write_bytes(made[0].public_bytes(serialization.Encoding.PEM))
    return server, authority


@contextmanager
def office(pem: Path, *, old: bool = False) -> Iterator[WireServer]:
    """``old``: speaks TLS 1.0 only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1
    with WireServer(Everything(), tls=context) as server:
        yield server


def crawl(folder: Path, server: WireServer, tls: str, authority: Path | None = None) -> Path:
    sites = folder / "sites.toml"
    sites.write_text(
        '[thu]\nname = "Huyện Thử"\nprovince = "T"\n'
        f'home = "https://127.0.0.1:{server.port}/"\n{tls}\npace = {{ delay = 0 }}\n',
        encoding="utf-8",
    )
    env = {} if authority is None else {"SSL_CERT_FILE": str(authority)}
    done = huyen("crawl", archive=folder / "archive", sites=sites, env=env, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return folder / "archive"


def notes_on_tls(archive: Path) -> set[str]:
    """The field ``tls`` of the metadata records."""
    found = set()
    for path in archive.glob("warc/*/*.warc.gz"):
        lines = gzip.decompress(path.read_bytes()).splitlines()
        found |= {line.decode() for line in lines if line.startswith(b"tls: ")}
    return found


def errors(archive: Path) -> set[str]:
    return {row["error"] for row in rows(archive, "SELECT DISTINCT error FROM captures")}


def test_a_valid_certificate_is_nothing_to_speak_of(tmp_path: Path) -> None:
    pem, authority = certificate(tmp_path)
    with office(pem) as server:
        archive = crawl(tmp_path, server, "", authority)
    assert one(archive, "SELECT count(*) FROM articles") == 1
    assert errors(archive) == {""}
    assert notes_on_tls(archive) == set()


FAULTS = {
    "issuer": ({}, "issuer unknown or missing from the chain"),
    "expired": ({"valid": (-2 * DAY, -DAY)}, "certificate expired"),
    "name": ({"address": "127.0.0.9"}, "certificate of another host"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_certificate_ends_it_unless_sites_toml_lets_it_pass(
    tmp_path: Path, fault: str
) -> None:
    options, said = FAULTS[fault]
    pem, authority = certificate(tmp_path, **options)  # type: ignore[arg-type]
    trusted = None if fault == "issuer" else authority
    with office(pem) as server:
        archive = crawl(tmp_path, server, "", trusted)
        assert server.seen == {}
        assert one(archive, "SELECT count(*) FROM captures WHERE status IS NOT NULL") == 0
        assert errors(archive) == {f"tls: {said}"}
        assert one(archive, "SELECT verdict FROM site_runs") == "unreachable"
        reason = one(archive, "SELECT reason FROM site_runs")
        assert f"{said}; see `tls` in sites.toml" in reason
        archive = crawl(tmp_path, server, 'tls = "unverified"', trusted)
    assert one(archive, "SELECT count(*) FROM articles") == 1
    assert notes_on_tls(archive) == {f"tls: unverified: {said}"}
    assert huyen("verify", archive=archive).returncode == 0


def test_tls_of_twenty_years_ago_is_spoken_where_sites_toml_says_so(tmp_path: Path) -> None:
    pem, authority = certificate(tmp_path)
    with office(pem, old=True) as server:
        archive = crawl(tmp_path, server, 'tls = "unverified"', authority)
        assert one(archive, "SELECT count(*) FROM captures WHERE status IS NOT NULL") == 0
        assert all(said.startswith("tls: ") for said in errors(archive))
        archive = crawl(tmp_path, server, 'tls = "legacy"', authority)
    assert one(archive, "SELECT count(*) FROM articles") == 1
    (warc,) = archive.glob("warc/*/*.warc.gz")
    assert b"WARC-Protocol: tls/1.0\r\n" in gzip.decompress(warc.read_bytes())
    assert notes_on_tls(archive) == set()  # old, but with a certificate to be trusted
