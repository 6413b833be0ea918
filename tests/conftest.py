"""What holds for all tests."""

from __future__ import annotations

import signal

# A shell starts what it runs in the background with this signal ignored, and so would everything
# be that a test starts and then interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
