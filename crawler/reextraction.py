"""Today's extractors over stored WARCs: the same functions as in a live crawl, on the same bytes."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive import absences
from archive.errors import HuyenError
from archive.http_head import field_values
from archive.ingest import ArchiveWriter
from archive.schema import PageKind, Reading
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
from crawler.page_reader import IMPOSSIBLE_LIKE, PageReader, is_impossible
from crawler.sites import Site
from crawler.spider_loader import spider_class

_UNREADABLE = (BodyTooLarge, DamagedRecord, NoStoredBytes, UndecodableBody)


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


class StoredPages:
    """Reads single stored pages with today's extractors, while a run goes on: what
    archive.readings.store_reading asks where the portal's page and the extractor have both changed."""

    def __init__(
        self, archive: Path, connection: sqlite3.Connection, sites: Iterable[Site]
    ) -> None:
        self._archive = archive
        self._connection = connection
        self._read = {site.slug: spider_class(site).read for site in sites}

    def __call__(self, capture_id: int) -> Reading | None:
        """The reading of that capture; None where its bytes cannot be had, or its site is none of
        the run's."""
        (site,) = self._connection.execute(
            "SELECT site FROM capture WHERE id = ?", (capture_id,)
        ).fetchone()
        if site not in self._read:
            return None
        try:
            page = page_of(read_response(self._connection, self._archive, capture_id))
        except _UNREADABLE:
            return None
        return self._read[site](page)


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
    writer.read_again = StoredPages(archive, writer.connection, [site])
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
            "AND (r.capture_id IS NOT NULL OR c.url LIKE ? OR c.method = 'GET' AND c.truncated = '' "
            "AND c.media_type IN ('text/html', 'application/xhtml+xml', '')) ORDER BY c.fetched_at, c.id",
            (site.slug, IMPOSSIBLE_LIKE),
        )
        if is_impossible(row["url"])
        or (not unread_only if row["is_read"] else host_of(row["url"]) in hosts)
    ]
    kinds: Counter[PageKind] = Counter()
    unreadable: list[str] = []
    for done, (capture_id, url) in enumerate(captures, 1):
        try:
            page = page_of(read_response(writer.connection, archive, capture_id))
        except _UNREADABLE as error:
            unreadable.append(f"capture {capture_id}: {error}")
            continue
        if is_impossible(url):
            reader.learn_missing(page)
        elif page.is_html:
            reading = reader.read(page)
            kinds[reading.kind] += 1
            writer.record_reading(capture_id, reading)
        progress(site.slug, done, len(captures))
    with writer.transaction() as connection:
        absences.derive(connection, site.slug)
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
