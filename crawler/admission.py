"""Whether a crawl is let in, and into the right house: watched by the spider from the first answer on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import CloseSpider

from crawler.challenges import BARRIER, recognise_home
from crawler.endings import Ending
from crawler.home_page import ending_of, look_at_home
from crawler.verdicts import Judgement

if TYPE_CHECKING:
    from scrapy.http import Response

    from archive.schema import Reading
    from crawler.extraction.page import Page
    from crawler.sites import Site

# Refusals in a row after which a portal is left alone: who is refused and goes on asking is a
# nuisance. A forbidden folder has a few pages; a firewall that has noticed us refuses everything.
_IN_A_ROW = 20
_REFUSING = frozenset({401, 403, 429})


class Admission:
    """What one crawl of one site met at the door. ``finding`` is what stood at the home page in its
    place, None where it was the portal's own; ``home_kind`` what it was read as, empty while it was
    not; ``refused`` counts pages that were refused."""

    def __init__(self, site: Site) -> None:
        self.finding: Judgement | None = None
        self.home_kind = ""
        self.refused = 0
        self._site = site
        self._in_a_row = 0

    def check_home(self, page: Page, response: Response) -> None:
        """To be called with the answer for the home page before anything of it is used. Raises
        CloseSpider where it is not the portal's own."""
        finding = look_at_home(page, self._site, _headers(response))
        if finding is not None:
            self.finding = finding
            raise CloseSpider(ending_of(finding))

    def count_answer(self, page: Page, response: Response) -> None:
        """To be called with every answer for a page that is not read: an error status. Raises
        CloseSpider after too many refusals in a row."""
        barred = page.status in _REFUSING or (
            page.status == 503 and recognise_home(page, _headers(response)) is not None
        )
        self._count(barred)

    def count_reading(self, reading: Reading) -> None:
        """To be called with what every page was read as, the home page first. Raises CloseSpider
        likewise."""
        self.home_kind = self.home_kind or reading.kind.value
        self._count(reading.extractor == BARRIER)

    def _count(self, barred: bool) -> None:
        self._in_a_row = self._in_a_row + 1 if barred else 0
        self.refused += barred
        if self._in_a_row >= _IN_A_ROW:
            raise CloseSpider(Ending.BLOCKED)


def _headers(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
