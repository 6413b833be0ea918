"""Telling a watchdog that a run began and how it ended, in the manner of healthchecks.io.

A watchdog on another machine notices what no program can tell of itself: that cron, the disk or the
whole machine has died. It is told ``URL/start``, then ``URL/<exit status>``.
"""

from __future__ import annotations

import http.client
import logging
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from archive import __version__
from archive.errors import ArchiveLocked, UsageError

_SECONDS = 10.0  # that a watchdog may take to answer
_LONGEST_BODY = 10_000  # bytes; healthchecks.io keeps 100,000
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # without a log nothing is written to standard error


class Watchdog:
    """One address that is told of a run. Whatever goes wrong with that is logged as a warning, and
    nothing else: a watchdog that is down must not stop the crawl."""

    def __init__(self, url: str) -> None:
        """Raises UsageError where ``url`` is no http or https address."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"--ping-url {url}: not an http or https address")
        self._url = url.rstrip("/")

    def started(self) -> None:
        self._tell("/start", "")

    def ended(self, status: int, says: str) -> None:
        """``status`` is that of the command, ``says`` what a person should read. A run that
        another one kept from starting has neither succeeded nor failed: the other will tell."""
        locked = status == ArchiveLocked.exit_status
        self._tell("/log" if locked else f"/{status}", says)

    def _tell(self, path: str, says: str) -> None:
        request = urllib.request.Request(
            self._url + path,
            data=says.encode("utf-8", "replace")[:_LONGEST_BODY],
            headers={
                "User-Agent": f"huyen/{__version__}",
                "Content-Type": "text/plain; charset=utf-8",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as response:
                response.read(_LONGEST_BODY)
        except (OSError, http.client.HTTPException, ValueError) as error:
            _log.warning("the watchdog %s could not be told: %s", self._url + path, error)
