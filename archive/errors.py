"""Errors that end a command with one clear line. Anything else that escapes is a bug."""

from __future__ import annotations


class HuyenError(Exception):
    """Could not do it. The message names what was wrong, where, and what to do."""

    exit_status = 1


class UsageError(HuyenError):
    """Wrong usage or configuration: an unknown site, a broken sites.toml, a bad date."""

    exit_status = 2


class ArchiveLocked(HuyenError):
    """Raised by archive.lock when another run holds the archive. Nothing was done."""

    exit_status = 75


class ArchiveError(HuyenError):
    """Raised when the archive cannot be opened (unwritable, damaged, of a newer schema), or when the
    disk refuses what is written."""
