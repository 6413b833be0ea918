"""When an address is asked for again, and that the documentation says the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import REPOSITORY

from archive.timestamps import parse_utc, utc_text
from archive.url_ledger import Address
from crawler import revisits
from crawler.revisits import Seen, checked, pulled_nearer

NOW = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def address(**values: object) -> Address:
    row = Address.discovered(
        1,
        "a",
        "vn,gov,a)/x",
        "http://a.gov.vn/x",
        utc_text(NOW),
        via="http://a.gov.vn/",
        depth=1,
    )
    return replace(row, **values)  # type: ignore[arg-type]


def days_until_due(row: Address, now: dt.datetime) -> float:
    assert row.due_at is not None
    return (parse_utc(row.due_at) - now) / DAY


def follow(row: Address, seen: Seen, looks: int, now: dt.datetime = NOW) -> list[float]:
    """The intervals when it is always asked for on the day that it is due, and says the same."""
    intervals = []
    for _ in range(looks):
        row = checked(row, seen, now)
        if row.due_at is None:
            break
        assert row.interval_days is not None
        intervals.append(row.interval_days)
        now = parse_utc(row.due_at)
    return intervals


def test_a_fresh_article_is_looked_at_often_at_first() -> None:
    seen = Seen("article", "generic 1", "f", dated="2026-11-20")
    intervals = follow(address(), seen, 10)
    assert intervals[:4] == [1, 2, 4, 8]
    assert all(later >= earlier for earlier, later in pairwise(intervals))
    assert 300 < intervals[-1] <= 365


@pytest.mark.parametrize(
    ("published", "days"),
    [
        ("2026-11-21", 1),
        ("2026-11-10", 7),
        ("2026-10-01", 30),
        ("2026-04-01", 180),
        ("2019-07-30", 365),
    ],
)
def test_an_old_article_is_looked_at_rarely_from_the_first(published: str, days: int) -> None:
    row = checked(address(), Seen("article", "g 1", "f", dated=published), NOW)
    assert row.interval_days is not None
    assert 0.9 * days <= row.interval_days <= days
    assert days_until_due(row, NOW) == pytest.approx(row.interval_days * revisits.EARLY, abs=0.01)


def test_an_article_without_a_date_is_as_old_as_its_address() -> None:
    row = address(discovered_at=utc_text(NOW - 200 * DAY))
    assert (checked(row, Seen("article", "g 1", "f"), NOW).interval_days or 0) > 150


def test_an_edit_brings_an_article_back_within_a_week() -> None:
    row = checked(address(), Seen("article", "g 1", "one", dated="2019-01-01"), NOW)
    later = NOW + 400 * DAY
    edited = checked(row, Seen("article", "g 1", "two", dated="2019-01-01"), later)
    assert (edited.interval_days, edited.changes, edited.changed_at) == (7, 1, utc_text(later))
    again = checked(edited, Seen("article", "g 1", "two", dated="2019-01-01"), later + 7 * DAY)
    assert again.changes == 1
    assert again.interval_days is not None
    assert again.interval_days > 7


def test_another_extractor_proves_no_change() -> None:
    row = checked(address(), Seen("article", "g 1", "one", dated="2019-01-01"), NOW)
    again = checked(row, Seen("article", "g 2", "two", dated="2019-01-01"), NOW + 400 * DAY)
    assert again.changes == 0
    assert (again.reader, again.fingerprint) == ("g 2", "two")


def test_not_modified_is_a_look_at_what_is_known() -> None:
    row = checked(address(), Seen("article", "g 1", "one", dated="2019-01-01"), NOW)
    again = checked(row, Seen("article", unmodified=True), NOW + 400 * DAY)
    assert (again.kind, again.fingerprint, again.reader, again.checks) == (
        "article",
        "one",
        "g 1",
        2,
    )
    assert again.changes == 0


def test_two_looks_on_one_day_make_nothing_rarer() -> None:
    seen = Seen("article", "g 1", "f", dated="2026-11-20")
    row = address()
    for hour in range(6):
        row = checked(row, seen, NOW + hour * dt.timedelta(hours=1))
    assert row.interval_days == 1


def test_a_listing_that_brings_nothing_is_looked_at_less_and_less() -> None:
    quiet = Seen("listing", "g 1", dated="2026-11-20")
    intervals = follow(address(), quiet, 8)
    assert intervals[:4] == [1, 2, 4, 8]
    assert 27 <= intervals[-1] <= 30
    row = replace(checked(address(), quiet, NOW), interval_days=28.0)
    brought = checked(row, replace(quiet, brought=2), NOW + 28 * DAY)
    assert (brought.interval_days, brought.changes) == (1, 1)


@pytest.mark.parametrize(
    ("newest", "days"), [("2026-11-01", 1), ("2026-04-01", 7), ("2020-01-01", 27)]
)
def test_a_stale_listing_begins_slowly(newest: str, days: int) -> None:
    interval = checked(address(), Seen("listing", "g 1", dated=newest), NOW).interval_days
    assert interval is not None
    assert days <= interval <= days / 0.9


def test_further_pages_of_a_listing_are_looked_at_rarely() -> None:
    intervals = follow(address(page_number=7), Seen("listing", "g 1", dated="2026-11-20"), 4)
    assert 54 <= intervals[0] <= 60
    assert 162 <= intervals[-1] <= 180


def test_a_form_is_never_posted_again() -> None:
    posted = checked(address(form="__VIEWSTATE=" + 5000 * "x"), Seen("listing", "g 1"), NOW)
    assert posted.due_at is None
    assert 0 < len(posted.form) < 10  # nor kept


def test_what_is_missing_is_confirmed_before_it_is_gone() -> None:
    row = checked(address(), Seen("article", "g 1", "one", dated="2019-01-01"), NOW)
    missed = checked(row, Seen("missing"), NOW + 400 * DAY)
    assert (missed.state, missed.misses, missed.interval_days) == ("done", 1, 1)
    soon = checked(missed, Seen("missing"), NOW + 400 * DAY + dt.timedelta(hours=3))
    assert (soon.state, soon.misses, soon.interval_days) == ("done", 2, 1)
    confirmed = checked(soon, Seen("missing"), NOW + 401 * DAY)
    assert confirmed.state == "gone"
    assert 150 < (confirmed.interval_days or 0) <= 180
    back = checked(confirmed, Seen("article", "g 1", "one", dated="2019-01-01"), NOW + 600 * DAY)
    assert (back.state, back.misses) == ("done", 0)


def test_a_link_that_never_led_anywhere_needs_no_confirmation() -> None:
    intervals = follow(address(), Seen("missing"), 6)
    assert 27 <= intervals[0] <= 30
    assert intervals[-1] > 300
    assert checked(address(), Seen("missing"), NOW).misses == 0


def test_failures_are_tried_again_soon_and_then_less() -> None:
    assert follow(address(), Seen("failed"), 4) == [1, 2, 4, 8]
    assert checked(address(), Seen("failed"), NOW).state == "failed"


def test_files_are_looked_at_again_only_where_that_is_cheap() -> None:
    assert checked(address(role="file"), Seen("file"), NOW).due_at is None
    assert checked(address(role="file"), Seen("file", can_ask=True), NOW).due_at is not None


def test_neighbours_are_pulled_nearer_but_not_what_was_just_looked_at() -> None:
    row = checked(address(), Seen("article", "g 1", "one", dated="2019-01-01"), NOW)
    assert pulled_nearer(row, NOW + 3 * DAY) is None
    nearer = pulled_nearer(row, NOW + 30 * DAY)
    assert nearer is not None
    assert days_until_due(nearer, NOW + 30 * DAY) < 1
    assert pulled_nearer(nearer, NOW + 30 * DAY) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "article",
                    "listing",
                    "other",
                    "missing",
                    "file",
                    "redirect",
                    "failed",
                    "forbidden",
                ]
            ),
            st.sampled_from(["", "one", "two"]),
            st.sampled_from(["", "2019-01-01", "2026-11-20", "not a date", "9999-12-31"]),
            st.integers(0, 400),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_seen_the_next_look_lies_ahead(
    history: list[tuple[str, str, str, int, bool]],
) -> None:
    row, now = address(), NOW
    for kind, fingerprint, dated, days, unmodified in history:
        now += days * DAY
        row = checked(row, Seen(kind, "g 1", fingerprint, dated, unmodified=unmodified), now)
        assert row.state in {"done", "failed", "gone"}
        if row.due_at is not None:
            assert row.interval_days is not None
            assert 1 <= row.interval_days <= 365
            assert days_until_due(row, now) > 0.85


# -- the table in the documentation ---------------------------------------------------------------


def test_the_documentation_has_the_same_numbers() -> None:
    def span(days: tuple[float, float]) -> str:
        return f"after {days[0]} days, at most {days[1]} days".replace(
            "after 1 days", "after 1 day"
        )

    first, *steps = revisits.ARTICLE_STEPS
    older = ", ".join(map(str, steps))
    stale = dict(revisits.LISTING_STALE)
    expected = {
        "listing, first page": f"after {revisits.LISTING[0]} day, twice as long each time it brings "
        f"nothing, at most {revisits.LISTING[1]} days",
        "… whose newest entry is older than 180 days": f"after {stale[180]} days at first",
        "… whose newest entry is older than 365 days": f"after {stale[365]} days at first",
        "listings looked at in each run though not yet due, the longest unseen first": str(
            revisits.LISTINGS_A_RUN
        ),
        "pages in a row that bring nothing, after which a listing is left": str(
            revisits.QUIET_PAGES
        ),
        "listing, further pages": f"after {revisits.FURTHER_PAGE[0]} days, then longer, at most "
        f"{revisits.FURTHER_PAGE[1]} days",
        "article": f"after {first} day; one that is {older} days old, after as many; then twice as "
        f"long, at most {steps[-1]} days",
        "article that was edited": f"after {revisits.ARTICLE_CHANGED} days",
        f"the {revisits.NEIGHBOUR_REACH} articles found before and the {revisits.NEIGHBOUR_REACH} "
        "after an edited one": f"within {revisits.NEIGHBOUR_DAYS} day",
        "page that is neither": span(revisits.OTHER_PAGE),
        "redirect": span(revisits.REDIRECT),
        "dead link, address forbidden by robots.txt": span(revisits.DEAD_LINK),
        "page that was there and is missing": f"after {revisits.MISSING_DAYS} day, until confirmed",
        "page that is gone": span(revisits.GONE),
        "no answer, or an error of the server": span(revisits.FAILED),
        "… for a file": span(revisits.FILE_FAILED),
        "file with a validator; others once": f"after {revisits.FILE[0]} days",
        "addresses that are due, in one run": f"{revisits.REVISITS_A_RUN}, the longest overdue first",
        "frozen portal: addresses that are due, in one run": str(revisits.FROZEN_SAMPLE),
        "frozen portal: listings looked at in each run": str(revisits.FROZEN_LISTINGS),
        "what the portal answers for a page that cannot exist": f"after {revisits.MISSING_PAGE_DAYS} "
        "days",
        "full walk that was interrupted: taken up again within": f"{revisits.RESUME_DAYS} days",
    }
    text = (REPOSITORY / "docs" / "crawling.md").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line.startswith("| "))
    rows = dict(line.strip("| ").split(" | ") for line in lines)
    documented = {name: rows.get(name) for name in expected}
    assert documented == expected
    told = set(rows) - {"what", "home page, sections in `sites.toml`", "unknown address"}
    assert told == set(expected)
    assert "once a month" in text
    assert revisits.FROZEN_DAYS == 30
    assert f"{revisits.CONFIRM_HOURS:g} hours later" in text
    assert revisits.FILE[0] == revisits.FILE[1]
