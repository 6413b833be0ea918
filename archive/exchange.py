"""One request and its response, bytes as they crossed the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange, complete, cut off or failed.

    ``url`` is the target URI as requested, absolute, without fragment. ``fetched_at`` is aware,
    UTC, the moment the request was sent. ``request`` holds the request head and body exactly as
    sent (empty if nothing was sent). ``response_head`` runs from the status line to the blank
    line, inclusive, exactly as received (empty when no response head came). ``payload`` is the
    body after transfer decoding and before content decoding.

    ``truncated`` is empty or one of the WARC 1.1 reasons (section 5.13): ``length``, ``time``,
    ``disconnect``, ``unspecified``. ``error`` is empty or a short reason beginning with its class:
    ``dns: …``, ``connect: …``, ``tls: …``, ``timeout: …``, ``protocol: …``, ``refused: …``.
    An exchange with an error and an empty ``response_head`` has no bytes and is still kept.
    """

    url: str
    fetched_at: datetime
    method: str = "GET"
    request: bytes = b""
    response_head: bytes = b""
    payload: bytes = b""
    status: int | None = None
    media_type: str = ""
    ip_address: str = ""
    protocol: str = ""
    tls: str = ""
    truncated: str = ""
    error: str = ""
    via: str = ""

    def __post_init__(self) -> None:
        if self.fetched_at.tzinfo is None:
            raise ValueError("fetched_at must be timezone-aware")
