"""Listings that end before they should: an archive that misses their rest must say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.url_ledger import Address
    from crawler.frontier import Frontier


class ListingWatch:
    """The listings of one walk over one portal. ``cut``: address -> why it ended early.

    A walk that leaves known ground alone, and one that is cut short by a limit, end listings early
    on purpose: then only pages that fail are told.
    """

    def __init__(self, cut: dict[str, str]) -> None:
        self.cut = cut
        self._announced: dict[int, tuple[str, int]] = {}
        self._missing: list[tuple[Address, int]] = []

    def announces(self, first_page: Address, pages: int | None) -> None:
        """The first page of a listing says how many pages it has."""
        if pages is not None and first_page.page_number is None:
            self._announced[first_page.id] = (first_page.url, pages)

    def failed(self, page: Address, why: str) -> None:
        """There was no answer for this address, or an error of the server."""
        if page.page_number is not None:
            self.cut[page.url] = f"page {page.page_number} of a listing: {why}"

    def missing(self, page: Address) -> None:
        """There is nothing under this address, says the portal. Where a listing ends that is so:
        many pagers lead one page too far."""
        if page.listing is not None and page.page_number is not None:
            self._missing.append((page, page.listing))

    def unlinked(self, page: Address, brought: int) -> None:
        """A further page that was known from before, to which no page leads any more, was asked for
        at the end of a full walk."""
        if brought:
            self.cut[page.url] = (
                f"page {page.page_number} of a listing names {brought} unknown addresses, "
                "but no page leads to it"
            )

    def conclude(self, frontier: Frontier) -> None:
        """The walk has come to its end: compares what was announced with what was had."""
        for page, listing in self._missing:
            assert page.page_number is not None
            if max(frontier.pages_had(listing), default=0) > page.page_number:
                self.cut[page.url] = f"page {page.page_number} of a listing is missing"
        if not frontier.full or frontier.cut_short:
            return
        for listing, (url, pages) in self._announced.items():
            had = 1 + len(set(frontier.pages_had(listing)))
            if had < pages:
                self.cut.setdefault(url, f"{had} of {pages} pages of the listing were had")
