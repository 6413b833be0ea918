"""What is asked for next, and what of it stays for the next run."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from archive.url_ledger import Address, UrlLedger
from crawler import revisits
from crawler.frontier import FILE, HOME, PAGE, PRIORITY, Frontier
from crawler.revisits import Seen
from crawler.sites import Site

HOST = "http://a.gov.vn"
SITE = Site(slug="a", name="Huyện A", province="Tỉnh A", home=f"{HOST}/")
NOW = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)


class Portal:
    """Runs over one portal, each at its own time."""

    def __init__(self) -> None:
        self.ledger = UrlLedger.in_memory()
        self.now = NOW

    def clock(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now

    def run(
        self, *, full: bool = False, limit: int = 0, depth_limit: int = 200, opened: bool = True
    ) -> Frontier:
        self.ledger.commit()
        frontier = Frontier(
            self.ledger,
            SITE,
            flush=self.ledger.commit,
            limit=limit,
            depth_limit=depth_limit,
            clock=self.clock,
        )
        frontier.begin(full=full)
        frontier.start_with(SITE.home, HOME, PRIORITY[HOME])
        if opened:
            home = frontier.next()
            assert home is not None
            frontier.open_up()
            frontier.checked(home, Seen("other"))
        return frontier


@pytest.fixture
def portal() -> Portal:
    return Portal()


OTHER = Seen("other")


def ask_all(frontier: Frontier, seen: Seen = OTHER) -> list[str]:
    asked = []
    while (row := frontier.next()) is not None:
        asked.append(row.url.removeprefix(HOST))
        frontier.checked(row, seen)
    return asked


def page(frontier: Frontier, path: str, kind: str = "listing") -> Address:
    row = frontier.take(HOST + path, PAGE, None)
    assert row is not None
    return replace(row, kind=kind)


def test_nothing_but_the_home_page_until_it_has_answered(portal: Portal) -> None:
    frontier = portal.run(opened=False)
    frontier.take(f"{HOST}/tin", PAGE, None)
    home = frontier.next()
    assert home is not None
    assert home.role == HOME
    assert frontier.next() is None
    frontier.open_up()
    assert ask_all(frontier) == ["/tin"]


def test_pages_come_before_files_and_near_ones_before_far_ones(portal: Portal) -> None:
    frontier = portal.run()
    near = frontier.take(f"{HOST}/muc", PAGE, None)
    frontier.take(f"{HOST}/a.pdf", FILE, None)
    frontier.take(f"{HOST}/muc/bai.html", PAGE, near)
    frontier.take(f"{HOST}/muc-2", PAGE, None)
    assert ask_all(frontier) == ["/muc", "/muc-2", "/muc/bai.html", "/a.pdf"]


def test_one_identity_is_asked_for_once_however_it_is_written(portal: Portal) -> None:
    frontier = portal.run()
    assert frontier.take(f"{HOST}/tin", PAGE, None) is not None
    assert frontier.take("https://www.a.gov.vn/tin/?utm_source=zalo", PAGE, None) is None
    assert ask_all(frontier) == ["/tin"]


def test_what_was_found_while_files_are_asked_for_goes_first(portal: Portal) -> None:
    frontier = portal.run()
    for number in range(3):
        frontier.take(f"{HOST}/{number}.pdf", FILE, None)
    assert (frontier.next() or page(frontier, "/x")).url == f"{HOST}/0.pdf"
    frontier.take(f"{HOST}/tin", PAGE, None)
    assert ask_all(frontier) == ["/tin", "/1.pdf", "/2.pdf"]


def test_the_limit_counts_pages_and_not_files_and_the_rest_is_left_for_the_next_run(
    portal: Portal,
) -> None:
    frontier = portal.run(limit=2)
    for path in ("/1", "/2", "/3"):
        frontier.take(HOST + path, PAGE, None)
    frontier.take(f"{HOST}/a.pdf", FILE, None)
    assert ask_all(frontier) == ["/1", "/2", "/a.pdf"]
    assert frontier.cut_short
    frontier.end()
    again = portal.run()
    assert again.full
    assert again.resumed
    assert ask_all(again) == ["/3"]
    again.end()
    assert not portal.run().full


def test_exactly_as_many_pages_as_the_limit_is_no_cut(portal: Portal) -> None:
    frontier = portal.run(limit=2)
    for path in ("/1", "/2"):
        frontier.take(HOST + path, PAGE, None)
    assert ask_all(frontier) == ["/1", "/2"]
    assert not frontier.cut_short


def test_a_page_whose_answer_was_not_dealt_with_is_asked_for_again(portal: Portal) -> None:
    frontier = portal.run()
    frontier.take(f"{HOST}/tin", PAGE, None)
    assert frontier.next() is not None  # and the run is killed
    assert ask_all(portal.run()) == ["/tin"]


def test_what_was_postponed_is_not_asked_for_in_the_same_run_and_the_walk_goes_on_later(
    portal: Portal,
) -> None:
    frontier = portal.run()
    frontier.take(f"{HOST}/tin", PAGE, None)
    row = frontier.next()
    assert row is not None
    frontier.leave(row)
    assert frontier.next() is None
    assert not frontier.has_more
    frontier.end()
    again = portal.run()
    assert again.resumed
    assert ask_all(again) == ["/tin"]


def test_a_full_walk_interrupted_long_ago_is_begun_anew(portal: Portal) -> None:
    frontier = portal.run()
    frontier.take(f"{HOST}/tin", PAGE, None)
    ask_all(frontier)
    portal.now += dt.timedelta(days=revisits.RESUME_DAYS + 1)
    again = portal.run()
    assert again.full
    assert not again.resumed
    assert again.take(f"{HOST}/tin", PAGE, None) is not None


def test_at_the_end_of_a_full_walk_comes_what_nothing_has_led_to(portal: Portal) -> None:
    frontier = portal.run()
    for number in range(250):
        frontier.take(f"{HOST}/bai-{number}.html", PAGE, None)
    ask_all(frontier, Seen("article", "g 1", "f", "2020-01-01"))
    frontier.end()
    portal.now += dt.timedelta(days=1)
    assert ask_all(portal.run()) == []
    full = portal.run(full=True)
    assert full.take(f"{HOST}/bai-3.html", PAGE, None) is not None
    asked = ask_all(full, Seen("article", "g 1", "f", "2020-01-01"))
    assert asked[0] == "/bai-3.html"
    assert len(asked) == len(set(asked)) == 250


def test_a_listing_is_left_after_two_pages_that_bring_nothing(portal: Portal) -> None:
    first = portal.run()
    page(first, "/tin")
    ask_all(first, Seen("listing"))
    first.end()
    frontier = portal.run()
    listing = frontier.row_of(f"{HOST}/tin")
    assert frontier.further_page(listing, f"{HOST}/tin?page=2", revisits.QUIET_PAGES) is None
    second = frontier.further_page(listing, f"{HOST}/tin?page=2", revisits.QUIET_PAGES - 1)
    assert second is not None
    assert (second.listing, second.page_number, second.quiet) == (listing.id, 2, 1)
    assert portal.run(full=True).further_page(listing, f"{HOST}/tin?page=3", 99) is not None


def test_a_long_listing_is_no_long_way(portal: Portal) -> None:
    frontier = portal.run(depth_limit=5)
    row: Address | None = page(frontier, "/tin")
    for number in range(2, 300):
        assert row is not None, number
        row = frontier.further_page(
            replace(row, kind="listing"), f"{HOST}/tin?page={number}", quiet=0
        )
    assert row is not None
    assert (row.depth, row.page_number) == (1, 299)


def test_a_form_is_known_by_its_step_and_carries_its_fields(portal: Portal) -> None:
    frontier = portal.run()
    row = page(frontier, "/Tin.aspx")
    posted = frontier.further_page(row, row.url, 0, number=4, step="4", form="a=1")
    assert posted is not None
    assert (posted.form, posted.page_number, posted.listing) == ("a=1", 4, row.id)
    assert frontier.further_page(row, row.url, 0, number=4, step="4", form="a=2") is None
    asked = frontier.next(), frontier.next()
    assert [each.form for each in asked if each] == ["", "a=1"]


def test_a_redirect_to_what_was_asked_for_leads_nowhere_new(portal: Portal) -> None:
    frontier = portal.run()
    old = page(frontier, "/cu.html", "")
    page(frontier, "/moi.html", "")
    assert not frontier.was_asked(f"{HOST}/moi.html")  # it waits; the redirect may be first
    arrived = frontier.arrived_at(f"{HOST}/moi.html", old)
    assert frontier.was_asked(f"{HOST}/moi.html")
    frontier.checked(arrived, Seen("other"))
    assert "/moi.html" not in ask_all(frontier)
    assert frontier.was_asked(f"{HOST}/moi.html")
    assert not frontier.was_asked(f"{HOST}/moi.html?utm_source=zalo")  # another spelling: followed


def test_the_answer_for_what_cannot_exist_is_learned_for_a_week(portal: Portal) -> None:
    frontier = portal.run()
    assert frontier.missing_page is None
    frontier.learn_missing_page("abc")
    frontier.end()
    portal.now += dt.timedelta(days=1)
    assert portal.run().missing_page == "abc"
    portal.now += dt.timedelta(days=1)
    assert portal.run(full=True).missing_page is None
    portal.now += dt.timedelta(days=revisits.MISSING_PAGE_DAYS)
    assert portal.run().missing_page is None
