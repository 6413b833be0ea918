"""ZIP files that may be bombs: how much they would unpack to, and their members one by one."""

from __future__ import annotations

import io
import zipfile

from archive.attachments.readers import Beyond, Unreadable

MOST_UNPACKED = 512 << 20  # bytes of all members together; photographs in a report make 100 MiB
MOST_MEMBERS = 20_000


def check_size(data: bytes) -> None:
    """Raises Beyond for a ZIP file that would unpack to more than is read, Unreadable for what is
    no ZIP file. zipfile gives no more bytes of a member than the directory promises, so the sum
    holds whatever the file says."""
    with opened(data) as packed:
        members = packed.infolist()
    size = sum(member.file_size for member in members)
    if size > MOST_UNPACKED or len(members) > MOST_MEMBERS:
        raise Beyond(f"would unpack to {size >> 20:,} MiB in {len(members):,} members")


def opened(data: bytes) -> zipfile.ZipFile:
    """Raises Unreadable."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise Unreadable(f"a damaged ZIP file ({error})") from error


def member(packed: zipfile.ZipFile, name: str) -> bytes:
    """Raises Unreadable where it is not there or damaged."""
    try:
        return packed.read(name)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise Unreadable(f"{name} cannot be unpacked ({error})") from error
