"""Why a spider closes before its walk came to an end: the reasons it is closed with, which the
verdict on the site is drawn from."""

from __future__ import annotations

from enum import StrEnum


class Ending(StrEnum):
    """Scrapy's ``finish_reason``. FINISHED and SHUTDOWN are Scrapy's own words."""

    FINISHED = "finished"  # nothing left to ask
    SHUTDOWN = "shutdown"  # a signal, or a failure of the archive
    TIME_LIMIT = "time-limit"  # --max-time
    PAGE_LIMIT = "page-limit"  # of pages: --max-pages, or max_pages in sites.toml
    DAILY_LIMIT = "daily-limit"  # the site's limit of requests in 24 hours
    DISK_SPACE = "disk-space"  # too little room left for the archive
    BLOCKED = "blocked"  # challenge, login or firewall page instead of the portal
    MOVED = "moved"  # the home page is another body's
    TOLD_TO_WAIT = "told-to-wait"  # Retry-After of many minutes, or 429 and 503 again and again
    UNANSWERED = "unanswered"  # the portal stopped answering in the middle of the walk
