"""Exchanges and readings for the storage tests, and a clock that goes on by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.exchange import Exchange
from archive.schema import Article, PageKind, Reading

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
SITE = "khe-sanh"
HOME = "http://khesanh.example.gov.vn"
PARAGRAPH = (
    "Sáng nay, tại hội trường huyện, Ủy ban nhân dân huyện tổ chức họp bàn về việc sửa chữa kênh "
    "mương trước vụ đông xuân. Các xã báo cáo tiến độ nạo vét và số hộ đã đăng ký tham gia. "
    "Đại biểu đề nghị bổ sung kinh phí cho hai trạm bơm ven sông."
)


class Clock:
    """Each look at it is a millisecond later."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def exchange(
    path: str = "/tin/1",
    body: bytes = b"<p>M\xe1\xbb\x99t</p>",
    *,
    at: int = 0,
    head: bytes | None = None,
    status: int = 200,
    truncated: str = "",
    error: str = "",
    via: str = "",
) -> Exchange:
    """An exchange ``at`` seconds after START."""
    if head is None:
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
    return Exchange(
        url=HOME + path,
        fetched_at=START + timedelta(seconds=at),
        request=f"GET {path} HTTP/1.1\r\nHost: khesanh.example.gov.vn\r\n\r\n".encode(),
        response_head=head,
        payload=body,
        status=status,
        media_type="text/html",
        ip_address="127.0.0.1",
        protocol="http/1.1",
        truncated=truncated,
        error=error,
        via=via,
    )


def failed(path: str = "/tin/1", *, at: int = 0) -> Exchange:
    return Exchange(HOME + path, START + timedelta(seconds=at), error="timeout: no connection")


def article(path: str = "/tin/1", text: str = PARAGRAPH, **fields: object) -> Article:
    values: dict[str, object] = {
        "title": "Huyện họp bàn sửa kênh mương",
        "body_text": text,
        "published_at": "2026-11-20T09:00:00+07:00",
    }
    return Article(HOME + path, **(values | fields))  # type: ignore[arg-type]


def read_as(content: Article, version: str = "1") -> Reading:
    return Reading(PageKind.ARTICLE, "fixture", version, content)


def not_an_article(kind: PageKind) -> Reading:
    return Reading(kind, "fixture", "1")


def warc_files(root: Path) -> list[Path]:
    return sorted((root / "warc").glob("*/*.warc.gz*"))
