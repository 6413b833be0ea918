"""Names and passwords of those who may see what is withheld.

One line a person, ``name:$scrypt$ln=16,r=8,p=2$<salt>$<hash>`` (the modular format of passlib), in a file
that nobody but its owner may read. Checking one takes a quarter of a second on purpose; one that was right
is remembered as long as the reader runs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import stat
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.atomic_file import replacing
from archive.errors import HuyenError, UsageError

SHORTEST = 10  # characters
_LN, _R, _P = 16, 8, 2  # OWASP's second choice: 64 MiB
_SALT, _KEY = 16, 32  # bytes
_NAME = re.compile(r"[^:\s\x00-\x1f]{1,64}")
_HASH = re.compile(
    r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43,86})"
)
_MOST_MEMORY = 256 << 20  # bytes that one check may take


@dataclass(frozen=True, slots=True)
class _Stored:
    n: int
    r: int
    p: int
    salt: bytes
    key: bytes

    def matches(self, password: str) -> bool:
        return hmac.compare_digest(_derive(password, self), self.key)


class Passwords:
    """The people of a file. Checks one at a time, so that guessing cannot take all processors."""

    def __init__(self, people: Mapping[str, _Stored]) -> None:
        self._people = dict(people)
        # Who is not in the file costs as much as who is: nobody learns the names by the clock.
        self._nobody = _Stored(1 << _LN, _R, _P, secrets.token_bytes(_SALT), bytes(_KEY))
        self._secret = secrets.token_bytes(32)
        self._known: set[bytes] = set()
        self._one = threading.Lock()

    def check(self, name: str, password: str) -> bool:
        """Whether this is the password of that person."""
        mark = hmac.digest(self._secret, f"{name}\0{password}".encode(), "sha256")
        if mark in self._known:
            return True
        with self._one:
            matches = self._people.get(name, self._nobody).matches(password)
        if matches and name in self._people:
            self._known.add(mark)
            return True
        return False


def read_passwords(path: Path) -> Passwords:
    """Raises UsageError, naming the line, for a file that is not there, that others can read, or that
    has a line of another form."""
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--auth-file {path}: cannot be read: {error}") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise UsageError(f"--auth-file {path}: others can read it; chmod 600 {path}")
    people = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        stored = _stored(rest.strip())
        if not _NAME.fullmatch(name) or stored is None:
            raise UsageError(
                f"--auth-file {path}, line {number}: not of the form name:$scrypt$…; "
                "`huyen serve --auth-file FILE --set-password NAME` writes one"
            )
        people[name] = stored
    if not people:
        raise UsageError(
            f"--auth-file {path}: nobody is in it; add somebody with --set-password NAME"
        )
    return Passwords(people)


def set_password(path: Path, name: str, password: str) -> None:
    """Writes the person's line, in place of the one that was there; makes the file, for its owner only,
    where there is none. Raises UsageError for a name or a password that cannot be, HuyenError when the
    disk refuses."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"--set-password {name}: a name has no colon and no space")
    if len(password) < SHORTEST:
        raise UsageError(f"a password has {SHORTEST} characters or more")
    blank = _Stored(1 << _LN, _R, _P, secrets.token_bytes(_SALT), b"")
    line = (
        f"{name}:$scrypt$ln={_LN},r={_R},p={_P}"
        f"${_encoded(blank.salt)}${_encoded(_derive(password, blank))}"
    )
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = [old for old in lines if old.partition(":")[0] != name]
        with replacing(path, mode=0o600) as file:
            file.write("".join(f"{one}\n" for one in (*kept, line)).encode())
    except (OSError, UnicodeDecodeError) as error:
        raise HuyenError(f"{path} cannot be written: {error}") from error


def credentials(header: str) -> tuple[str, str] | None:
    """Name and password of an Authorization header (RFC 7617, UTF-8); None where it has none."""
    scheme, _, packed = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(packed.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon else None


def _stored(text: str) -> _Stored | None:
    match = _HASH.fullmatch(text)
    if match is None:
        return None
    ln, r, p = (int(match[i]) for i in (1, 2, 3))
    if not (14 <= ln <= 20 and r >= 1 and p >= 1) or 128 * r * (1 << ln) > _MOST_MEMORY:
        return None
    try:
        return _Stored(1 << ln, r, p, _decoded(match[4]), _decoded(match[5]))
    except binascii.Error:
        return None


def _derive(password: str, how: _Stored) -> bytes:
    # Two keyboards may write one letter with diacritics in two ways (RFC 8265, 4.2.2).
    text = unicodedata.normalize("NFC", password).encode()
    return hashlib.scrypt(
        text,
        salt=how.salt,
        n=how.n,
        r=how.r,
        p=how.p,
        maxmem=_MOST_MEMORY + (1 << 20),
        dklen=len(how.key) or _KEY,
    )


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
