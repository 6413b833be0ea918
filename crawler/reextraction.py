"""Today's extractors over stored WARCs: the same functions as in a live crawl, on the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.errors import HuyenError
from archive.http_head import field_values
from archive.ingest import ArchiveWriter
from archive.schema import PageKind
from archive.urls import host_of
from archive.warc_reader import (
    BodyTooLarge,
    DamagedRecord,
    NoStoredBytes,
    StoredResponse,
    UndecodableBody,
    read_response,
)
from crawler.extraction.page import Page
from crawler.page_reader import PageReader
from crawler.sites import Site
from crawler.spider_loader import spider_class


@dataclass(frozen=True, slots=True)
class ReextractionOutcome:
    """What became of one site's pages. ``changed`` counts articles that today's extractors read
    differently; ``unreadable`` pages whose bytes could not be had, with the reason."""

    site: str
    pages: int
    articles: int
    new: int
    changed: int
    unchanged: int
    failures: int
    unreadable: tuple[str, ...]


def page_of(response: StoredResponse) -> Page:
    """The page as the live crawl saw it. Raises BodyTooLarge or UndecodableBody."""
    content_type = (field_values(response.head, "Content-Type") or [""])[0]
    return Page.from_http(response.url, response.status or 0, content_type, response.body())


def reextract(
    archive: Path,
    sites: Sequence[Site],
    *,
    arguments: Sequence[str] = (),
    progress: Callable[[str, int, int], None] = lambda site, done, total: None,
) -> tuple[ReextractionOutcome, ...]:
    """Reads every stored page of these sites again, oldest capture first. A changed result becomes
    a version with cause ``extraction``; nothing is overwritten.

    ``progress`` is told site, pages done, and pages in all. Raises ArchiveLocked or ArchiveError.
    """
    if not (archive / "archive.db").exists():
        raise HuyenError(f"there is no archive in {archive}; `huyen crawl` starts one")
    with ArchiveWriter.open(archive, "reextract", arguments) as writer:
        return tuple(read_stored_pages(writer, archive, site, progress) for site in sites)


def read_stored_pages(
    writer: ArchiveWriter,
    archive: Path,
    site: Site,
    progress: Callable[[str, int, int], None] = lambda site, done, total: None,
    *,
    unread_only: bool = False,
    further_hosts: Collection[str] = (),
) -> ReextractionOutcome:
    """Reads the stored pages of one site, oldest capture first, within the writer's run.

    ``unread_only`` leaves those alone that were read before. A page that was not is read when it
    lies on a host of the site or on one of ``further_hosts``: what was embedded from elsewhere is
    stored with the site, but is nothing that the portal says.
    """
    reader = PageReader(site.home, spider_class(site).read)
    hosts = site.all_hosts.union(further_hosts)
    captures = [
        (int(row["id"]), str(row["url"]))
        for row in writer.connection.execute(
            # Pages that were read before, pages that an older version did not try, and the answers
            # that tell how this portal says "no such page".
            "SELECT c.id, c.url, r.capture_id IS NOT NULL AS is_read "
            "FROM capture c LEFT JOIN reading r ON r.capture_id = c.id "
            "WHERE c.site = ? AND c.status = 200 AND c.record_type IS NOT NULL "
            "AND (r.capture_id IS NOT NULL OR c.url = ? OR c.method = 'GET' AND c.media_type IN "
            "('text/html', 'application/xhtml+xml', '')) ORDER BY c.fetched_at, c.id",
            (site.slug, reader.impossible_address),
        )
        if row["url"] == reader.impossible_address
        or (not unread_only if row["is_read"] else host_of(row["url"]) in hosts)
    ]
    kinds: Counter[PageKind] = Counter()
    unreadable: list[str] = []
    for done, (capture_id, url) in enumerate(captures, 1):
        try:
            page = page_of(read_response(writer.connection, archive, capture_id))
        except (BodyTooLarge, DamagedRecord, NoStoredBytes, UndecodableBody) as error:
            unreadable.append(f"capture {capture_id}: {error}")
            continue
        if url == reader.impossible_address:
            reader.learn_missing(page)
        elif page.is_html:
            reading = reader.read(page)
            kinds[reading.kind] += 1
            writer.record_reading(capture_id, reading)
        progress(site.slug, done, len(captures))
    writer.flush()
    counts = writer.counts(site.slug)
    return ReextractionOutcome(
        site=site.slug,
        pages=sum(kinds.values()),
        articles=kinds[PageKind.ARTICLE],
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        failures=counts.failures,
        unreadable=tuple(unreadable),
    )
