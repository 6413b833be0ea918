"""How often portals publish, when to look, and when silence is no accident."""

from __future__ import annotations

import datetime as dt
import math
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.database import open_for_reading
from archive.ingest import ArchiveWriter
from archive.timestamps import utc_text
from archive.url_ledger import Walk
from crawler.holidays import is_holiday
from crawler.rhythm import Publishing, due_sites, intervals, rate, silence_days, working_days
from crawler.sites import Life, Site, State

NOW = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def steady(a_day: float, days: int) -> Publishing:
    count = int(a_day * days)
    return Publishing(tuple(NOW - DAY * (n + 0.5) / a_day for n in range(count)), NOW - days * DAY)


@pytest.mark.parametrize("a_day", [0.1, 0.5, 2.0, 10.0])
def test_a_steady_portal_has_its_rate(a_day: float) -> None:
    assert rate(steady(a_day, 3000), NOW) == pytest.approx(a_day, rel=0.1, abs=0.02)


def test_nothing_known_is_one_article_in_two_days() -> None:
    assert rate(Publishing((), None), NOW) == 0.5


def test_the_past_fades_with_a_half_life_of_sixty_days() -> None:
    def weight(age: float) -> float:
        watched = NOW - 1000 * DAY
        one = rate(Publishing((NOW - age * DAY,), watched), NOW)
        return one - rate(Publishing((), watched), NOW)

    assert weight(60) / weight(0) == pytest.approx(0.5)
    assert weight(180) / weight(0) == pytest.approx(0.125)


def test_a_date_in_the_future_is_none() -> None:
    future = Publishing((NOW + 30 * DAY,), NOW - 10 * DAY)
    assert rate(future, NOW) == rate(Publishing((), NOW - 10 * DAY), NOW)


def test_looks_follow_the_square_root_of_the_rate() -> None:
    found = intervals({"busy": 16.0, "quiet": 1.0, "slow": 0.25}, polls_a_day=3)
    assert found["quiet"] / found["busy"] == pytest.approx(4)
    assert found["slow"] / found["quiet"] == pytest.approx(2)
    assert sum(1 / days for days in found.values()) == pytest.approx(3)


@given(
    st.dictionaries(st.text(min_size=1, max_size=3), st.floats(1e-4, 1e3), min_size=1, max_size=30),
    st.floats(0.01, 1e4),
)
def test_no_portal_is_looked_at_more_than_hourly_or_less_than_weekly(
    rates: dict[str, float], polls: float
) -> None:
    assert all(1 / 24 <= days <= 7 for days in intervals(rates, polls).values())


def test_no_looks_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        intervals({"a": 1.0}, 0)


def test_silence_is_told_when_its_probability_is_below_one_in_a_thousand() -> None:
    assert silence_days(5) * 24 == pytest.approx(33, abs=0.5)
    assert silence_days(1) == pytest.approx(6.9, abs=0.01)
    assert math.exp(-0.1 * silence_days(0.1)) == pytest.approx(0.001)


def test_holidays_do_not_count() -> None:
    before, after = (dt.datetime(2026, 2, day, 5, tzinfo=dt.UTC) for day in (10, 28))
    assert working_days(before, after) == 18 - 8  # Tết was on 17 February
    assert working_days(after, before) == 0
    quiet = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    assert working_days(quiet, quiet + 10 * DAY) == 10


@pytest.mark.parametrize(
    "day",
    [
        "2024-02-10",
        "2025-01-29",
        "2030-02-02",
        "2024-04-18",
        "2025-04-07",
        "2026-09-02",
        "2050-01-01",
    ],
)
def test_days_on_which_offices_are_closed(day: str) -> None:
    assert is_holiday(dt.date.fromisoformat(day))


def test_other_days_are_none() -> None:
    assert not is_holiday(dt.date(2026, 11, 21))
    assert not is_holiday(dt.date(2026, 2, 23))


def site(slug: str, state: State = State.ACTIVE) -> Site:
    life = Life(state, dt.date(2025, 7, 1), "r", "s") if state is not State.ACTIVE else Life()
    return Site(slug=slug, name=slug, province="p", home=f"http://{slug}.example/", life=life)


def test_which_portals_are_due(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl") as writer:
        for slug, began, ended in (
            ("yesterday", 1.0, 0.99),
            ("just-now", 0.05, 0.04),
            ("interrupted", 0.05, None),
            ("frozen-looked-at", 10.0, 9.99),
            ("frozen-long-ago", 40.0, 39.99),
            ("gone", 400.0, 399.0),
        ):
            writer.ledger.put_walk(
                Walk(
                    slug,
                    utc_text(NOW - began * DAY),
                    is_full=True,
                    ended_at=None if ended is None else utc_text(NOW - ended * DAY),
                )
            )
    sites = [
        *(site(slug) for slug in ("yesterday", "just-now", "interrupted", "never")),
        *(site(slug, State.FROZEN) for slug in ("frozen-looked-at", "frozen-long-ago")),
        site("gone", State.GONE),
    ]
    with closing(open_for_reading(tmp_path)) as connection:
        due = [one.slug for one in due_sites(connection, sites, NOW)]
        assert due == ["never", "frozen-long-ago", "interrupted", "yesterday"]
        often = [one.slug for one in due_sites(connection, sites, NOW, polls_a_day=1000)]
        assert "just-now" in often
        assert due_sites(connection, [], NOW) == []
