"""How long one answer may take.

Scrapy has one limit for the whole of a request. It would have to be long for the sake of a large
document on an office's thin line, and then every portal that is dead, or that sends a byte a second,
costs as much. So each part of an answer has its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request has come; times in seconds of one monotonic clock. ``head_at`` is None until
    the response head is complete; ``received`` counts bytes of the body on the wire."""

    began: float
    connected: bool = False
    in_handshake: bool = False
    head_at: float | None = None
    received: int = 0


@dataclass(frozen=True, slots=True)
class Patience:
    """``head``: seconds until the response head, connecting included; 0: wait as Scrapy does.
    ``slowest``: bytes a second of the body, on average since the head, once ``grace`` seconds are
    over."""

    head: float
    grace: float
    slowest: float

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(
            head=settings.getfloat("HUYEN_HEAD_TIMEOUT"),
            grace=settings.getfloat("HUYEN_SLOW_GRACE"),
            slowest=settings.getfloat("HUYEN_SLOWEST_RATE"),
        )

    @property
    def interval(self) -> float:
        """Seconds between two looks."""
        return min(self.head, self.grace, 20.0) / 4

    def is_over(self, progress: Progress, now: float) -> str | None:
        """Why to wait no longer, None while there is hope."""
        if progress.head_at is None:
            if now - progress.began < self.head:
                return None
            if not progress.connected:
                return f"no connection within {self.head:g} s"
            if progress.in_handshake:
                return f"TLS handshake not done within {self.head:g} s"
            return f"no response head within {self.head:g} s"
        spent = now - progress.head_at
        if spent >= self.grace and progress.received < self.slowest * spent:
            return f"{progress.received} bytes in {spent:.0f} s"
        return None
