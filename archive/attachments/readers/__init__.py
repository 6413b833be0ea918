"""One module a family of formats. Each reads bytes and yields parts; it runs in the worker only.

A reader raises Encrypted or Unreadable for what it can name; any other exception ends the worker and
is the reason that is listed.
"""

from __future__ import annotations


class Encrypted(Exception):
    """Raised by a reader when a password is needed."""


class Unreadable(Exception):
    """Raised by a reader with a reason for people: damaged, an old version, another format."""


class Beyond(Exception):
    """Raised by a reader when a file holds more than is read; what was yielded before stays."""
