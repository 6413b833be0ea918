"""crawler.settings with smaller limits, so that a test need not wait for the real ones. Named to the
command by SCRAPY_SETTINGS_MODULE."""

from __future__ import annotations

from crawler.settings import *  # noqa: F403

DOWNLOAD_MAXSIZE = 2 * 1024 * 1024
HUYEN_HEAD_TIMEOUT = 1.0
HUYEN_SLOW_GRACE = 0.6
HUYEN_LONGEST_WAIT = 5.0
RETRY_TIMES = 0
