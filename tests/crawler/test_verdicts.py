"""What a run concludes: alarms when something broke, and only then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.coverage import odds_of_at_most
from crawler.endings import Ending
from crawler.past_crawls import kind_of_failure
from crawler.rhythm import Publishing
from crawler.silence import Silence
from crawler.silence import silence as silence_of_portal
from crawler.verdicts import (
    Judgement,
    PastCrawl,
    Seen,
    Verdict,
    judge,
    since_when,
)

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
COVERAGE = {"author": 0.95, "published_at": 1.0, "body_text": 0.98, "attachments": 0.2}

# A whole walk over a portal of 200 articles, and a nightly run that finds three new ones.
WHOLE = Seen(
    whole=True,
    responses=500,
    articles=200,
    new=3,
    changed=0,
    home_kind="listing",
    known=200,
    coverage=COVERAGE,
    extractor="tandan",
    newest="2026-11-20",
)
NIGHTLY = replace(WHOLE, whole=False, responses=12, articles=3)
IDLE = replace(NIGHTLY, articles=0, new=0, coverage={})  # a night that finds nothing


def past(days_ago: float, **fields: object) -> PastCrawl:
    values: dict[str, object] = {
        "verdict": "ok",
        "subject": "",
        "whole": True,
        "articles": 200,
        "unreadable": 0,
        "coverage": COVERAGE,
        "extractor": "tandan",
        "newest": "2026-11-19",
        "home_kind": "listing",
        "new": fields.get("articles", 3),
    }
    return PastCrawl(NOW - timedelta(days=days_ago), **(values | fields))  # type: ignore[arg-type]


WALKS = [past(30), past(60)]
NIGHTS = [past(n, whole=False, articles=3) for n in range(1, 30)]


def verdict(seen: Seen, history: list[PastCrawl]) -> Verdict:
    return judge(seen, history, NOW).verdict


def concluded(seen: Seen, history: list[PastCrawl]) -> tuple[Verdict, str]:
    judgement = judge(seen, history, NOW)
    return judgement.verdict, judgement.subject


@pytest.mark.parametrize(
    ("seen", "history", "expected"),
    [
        (WHOLE, [], Verdict.OK),
        (WHOLE, WALKS, Verdict.OK),
        (replace(WHOLE, new=0), WALKS, Verdict.QUIET),
        (replace(WHOLE, new=0, changed=1), WALKS, Verdict.OK),
        (NIGHTLY, WALKS, Verdict.OK),
        (NIGHTLY, [*NIGHTS, *WALKS], Verdict.OK),
        # Nothing new: no article is read, only listings.
        (IDLE, WALKS, Verdict.QUIET),
        (replace(IDLE, home_kind=""), WALKS, Verdict.EMPTY),
        (replace(IDLE, home_kind="other"), WALKS, Verdict.EMPTY),
        # A home page that never led to articles, but to sections that do.
        (replace(IDLE, home_kind="other"), [past(1, home_kind="other")], Verdict.QUIET),
        (replace(IDLE, home_kind="other"), [past(1, home_kind="")], Verdict.QUIET),
        # Articles that have not been modified need not be read again.
        (replace(WHOLE, articles=0, new=0, not_modified=190, coverage={}), WALKS, Verdict.QUIET),
        (replace(WHOLE, articles=3, not_modified=190), WALKS, Verdict.OK),
        # A handful of dead links is no alarm, however few requests a nightly run makes.
        (replace(NIGHTLY, failed=4), NIGHTS, Verdict.OK),
        (replace(WHOLE, failed=20), WALKS, Verdict.OK),
        (replace(WHOLE, failed=30), WALKS, Verdict.PARTIAL),
        (replace(WHOLE, articles=90), WALKS, Verdict.PARTIAL),
        (replace(WHOLE, articles=110), WALKS, Verdict.OK),
        (replace(WHOLE, articles=0, coverage={}), WALKS, Verdict.EMPTY),
        (replace(WHOLE, articles=0, coverage={}, known=0), [], Verdict.EMPTY),
        (replace(WHOLE, alarms=("60 of 200 articles share one title: Tin",)), WALKS, Verdict.CHANGED),
        (replace(WHOLE, broken=1), WALKS, Verdict.PARTIAL),
        (replace(WHOLE, refused=3), WALKS, Verdict.OK),
        (replace(WHOLE, refused=150), WALKS, Verdict.BLOCKED),
    ],
)  # fmt: skip
def test_verdict(seen: Seen, history: list[PastCrawl], expected: Verdict) -> None:
    assert verdict(seen, history) is expected


def test_the_reason_names_the_numbers() -> None:
    says = judge(replace(WHOLE, articles=90), WALKS, NOW)
    assert says == Judgement(Verdict.PARTIAL, "articles", "90 articles, 200 in whole walks before")


def test_pages_that_were_not_sent_again_count_as_reached() -> None:
    rarely_sent = [past(30, articles=10, not_modified=190)]
    assert verdict(replace(WHOLE, articles=90), rarely_sent) is Verdict.PARTIAL
    assert verdict(replace(WHOLE, articles=20, not_modified=170), rarely_sent) is Verdict.OK


def test_counts_of_whole_walks_are_compared_with_whole_walks_only() -> None:
    assert verdict(replace(NIGHTLY, articles=1), WALKS) is Verdict.OK
    assert verdict(replace(WHOLE, articles=60), NIGHTS) is Verdict.OK


def test_a_portal_that_has_shrunk_for_good_is_not_mourned_for_ever() -> None:
    shrunk = [past(n, articles=60, verdict="partial") for n in (1, 2, 3)]
    assert verdict(replace(WHOLE, articles=60), [*shrunk, *WALKS]) is Verdict.OK


# -- fields ---------------------------------------------------------------------------------


def without(seen: Seen, **shares: float) -> Seen:
    return replace(seen, coverage={**COVERAGE, **shares})


def test_a_field_that_articles_had_and_have_no_more_is_named() -> None:
    judgement = judge(without(WHOLE, author=0.0), WALKS, NOW)
    assert (judgement.verdict, judgement.subject) == (Verdict.CHANGED, "author")
    assert judgement.reason == "author on 0% of the articles, usually 95%"


def test_the_field_that_lost_most_is_named_first() -> None:
    judgement = judge(without(WHOLE, author=0.5, published_at=0.1), WALKS, NOW)
    assert judgement.subject == "published_at"
    assert "author on 50%" in judgement.reason


@pytest.mark.parametrize(
    "shares",
    [
        {"author": 0.85},  # a few documents without a byline
        {"attachments": 0.16},  # fewer files than usual
        {"attachments": 0.9},  # more files than usual
    ],
)
def test_shares_that_waver_are_no_alarm(shares: dict[str, float]) -> None:
    assert verdict(without(WHOLE, **shares), WALKS) is Verdict.OK


@pytest.mark.parametrize("articles", [1, 3, 30])
def test_a_field_is_lost_after_four_nights_however_many_articles_each_brings(
    articles: int,
) -> None:
    undated = {**COVERAGE, "published_at": 0.0}
    seen = replace(NIGHTLY, articles=articles, new=articles, coverage=undated)
    dated = [past(n, whole=False, articles=articles) for n in range(9, 60)]
    idle = [past(n, whole=False, articles=0, coverage={}, verdict="quiet") for n in (7, 8)]
    nights = [past(n, whole=False, articles=articles, coverage=undated) for n in (1, 3, 5)]
    assert verdict(seen, [*nights[:2], *idle, *dated]) is Verdict.OK
    assert concluded(seen, [*nights, *idle, *dated]) == (Verdict.CHANGED, "published_at")


def test_ten_notices_of_one_night_are_no_new_layout() -> None:
    notices = replace(without(NIGHTLY, author=0.0, body_text=0.2), articles=10, new=10)
    assert verdict(notices, [*NIGHTS, *WALKS]) is Verdict.OK


def test_a_whole_walk_over_old_articles_is_not_compared_with_new_ones() -> None:
    old_ones = without(WHOLE, author=0.3)  # nobody signed in 2015
    assert verdict(old_ones, [*NIGHTS, past(60, coverage=old_ones.coverage)]) is Verdict.OK


def test_what_a_layout_gives_for_months_becomes_the_usual() -> None:
    undated = {**COVERAGE, "author": 0.0}
    seen = replace(NIGHTLY, articles=5, coverage=undated)
    history = [
        past(n, whole=False, articles=5, coverage=undated, verdict="changed") for n in range(1, 31)
    ]
    assert verdict(seen, history) is Verdict.OK
    assert verdict(seen, [*history[:10], *NIGHTS, *WALKS]) is Verdict.CHANGED


def test_pages_that_can_no_longer_be_read_are_an_alarm() -> None:
    seen = replace(WHOLE, articles=140, unreadable=60)
    assert concluded(seen, WALKS) == (Verdict.CHANGED, "readable")
    assert concluded(seen, []) == (Verdict.CHANGED, "readable")
    assert judge(seen, WALKS, NOW).reason == "60 article pages could not be read"
    assert concluded(replace(NIGHTLY, articles=0, new=0, unreadable=4, coverage={}), WALKS) == (
        Verdict.CHANGED,
        "readable",
    )


def test_some_unreadable_pages_are_a_portals_nature() -> None:
    odd = [past(n, articles=150, unreadable=50) for n in (30, 60)]
    assert verdict(replace(WHOLE, articles=150, unreadable=50), odd) is Verdict.OK
    assert verdict(replace(WHOLE, articles=190, unreadable=10), WALKS) is Verdict.OK
    assert verdict(replace(NIGHTLY, articles=3, unreadable=1), WALKS) is Verdict.OK


def test_a_platform_that_is_not_recognised_any_more_is_told() -> None:
    seen = replace(WHOLE, extractor="generic")
    assert concluded(seen, WALKS) == (Verdict.CHANGED, "platform")
    assert judge(seen, WALKS, NOW).reason.startswith("tandan is not recognised any more")
    # That a platform is recognised which was not is our doing.
    assert verdict(WHOLE, [past(30, extractor="generic")]) is Verdict.OK
    assert (
        verdict(replace(NIGHTLY, extractor="generic"), WALKS) is Verdict.OK
    )  # three prove nothing
    unknown = [past(30, extractor="")]  # from before it was noted
    assert verdict(seen, unknown) is Verdict.OK


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_the_odds_are_a_probability_and_grow_with_what_is_had(
    having: int, of: int, share: float
) -> None:
    odds = odds_of_at_most(having, of, share)
    assert 0.0 <= odds <= 1.0
    assert odds <= odds_of_at_most(having + 1, of, share) + 1e-12


def test_the_odds_are_those_of_the_binomial_distribution() -> None:
    assert odds_of_at_most(0, 3, 0.99) == pytest.approx(1e-6)
    assert odds_of_at_most(1, 2, 0.5) == pytest.approx(0.75)
    assert odds_of_at_most(5000, 20_000, 0.3) < 1e-40
    assert odds_of_at_most(7, 7, 0.5) == 1.0


def test_half_of_the_known_articles_read_otherwise_is_no_editing() -> None:
    for edited, unchanged, expected in (
        (4, 0, Verdict.OK),
        (10, 30, Verdict.OK),
        (30, 10, Verdict.CHANGED),
    ):
        seen = replace(NIGHTLY, changed=edited, edited=edited, unchanged=unchanged)
        assert verdict(seen, NIGHTS) is expected, edited
    judgement = judge(seen, NIGHTS, NOW)
    assert judgement.subject == "edits"
    assert judgement.reason == "30 of 40 known articles read otherwise than before"
    # Another extractor of ours reads many pages anew; that is no doing of the portal.
    assert verdict(replace(NIGHTLY, changed=40, edited=0, unchanged=2), NIGHTS) is Verdict.OK


def test_old_articles_that_are_due_again_are_no_sample_of_the_layout() -> None:
    seen = replace(NIGHTLY, articles=203, new=3)  # and 200 of 2015, which nobody signed
    assert verdict(seen, NIGHTS) is Verdict.OK


# -- listings, dates ------------------------------------------------------------------------


def test_a_listing_that_ended_early_is_named() -> None:
    cut = {f"http://h.vn/tin/{n}": "page 4 answers 500" for n in range(5)}
    judgement = judge(replace(WHOLE, cut=cut), WALKS, NOW)
    assert (judgement.verdict, judgement.subject) == (Verdict.PARTIAL, "listing")
    assert "http://h.vn/tin/0: page 4 answers 500" in judgement.reason
    assert judgement.reason.endswith("and 2 more")
    assert verdict(replace(NIGHTLY, cut=dict(list(cut.items())[:1])), WALKS) is Verdict.PARTIAL


def test_a_whole_walk_that_finds_nothing_recent_any_more_is_partial() -> None:
    restored = replace(WHOLE, newest="2026-08-01T08:00:00+07:00")
    assert concluded(restored, WALKS) == (Verdict.PARTIAL, "newest")
    assert verdict(replace(WHOLE, newest="2026-11-01"), WALKS) is Verdict.OK  # one was taken down
    assert verdict(replace(NIGHTLY, newest="2026-01-01"), WALKS) is Verdict.OK


# -- silence --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "silence", "expected"),
    [
        (0, Silence(0.2, 10.0, 33.0), Verdict.QUIET),  # a quiet office is not an alarm
        (0, Silence(0.2, 34.0, 33.0), Verdict.SILENT),
        (0, Silence(0.2, 92.0, 33.0), Verdict.SILENT),
        (0, Silence(0.2, 94.0, 33.0), Verdict.QUIET),  # that has been told for two months
        (1, Silence(0.2, 34.0, 33.0), Verdict.OK),
        (0, None, Verdict.QUIET),
    ],
)
def test_silence_is_measured_by_the_portals_own_rhythm(
    new: int, silence: Silence | None, expected: Verdict
) -> None:
    assert verdict(replace(NIGHTLY, new=new, silence=silence), WALKS) is expected


def published(*days_ago: float) -> Publishing:
    moments = tuple(NOW - timedelta(days=days) for days in days_ago)
    return Publishing(moments, min(moments) if moments else None)


def test_a_busy_portal_is_missed_after_a_week_and_a_quiet_one_after_months() -> None:
    busy = published(*(8 + n for n in range(200)))  # one a day until eight days ago
    found = silence_of_portal(busy, NOW)
    assert found is not None
    assert found.is_news
    assert found.limit == 7.0  # whatever the rate: nobody is missed over a long week-end
    quiet = published(*(40 + 15 * n for n in range(30)))  # two a month until forty days ago
    found = silence_of_portal(quiet, NOW)
    assert found is not None
    assert not found.is_news
    assert found.limit > 60


def test_a_portal_that_stopped_long_before_it_was_known_is_no_news() -> None:
    found = silence_of_portal(published(*(300 + n for n in range(200))), NOW)
    assert found is not None
    assert found.days > found.limit
    assert not found.is_news
    assert silence_of_portal(published(), NOW) is None


def test_dates_in_the_future_do_not_hide_a_silence() -> None:
    with_typo = published(-400, *(8 + n for n in range(200)))
    found = silence_of_portal(with_typo, NOW)
    assert found is not None
    assert found.is_news


# -- no portal ------------------------------------------------------------------------------


def test_a_home_page_that_cannot_be_had_makes_a_portal_unreachable() -> None:
    seen = replace(WHOLE, articles=0, home_error="timeout: no connection", home_failure="timeout")
    assert concluded(seen, WALKS) == (Verdict.UNREACHABLE, "timeout")
    assert judge(seen, WALKS, NOW).reason == "home page: timeout: no connection"


NAMELESS = replace(WHOLE, articles=0, home_error="dns: no such host", home_failure="dns")


def nameless(*days_ago: float) -> list[PastCrawl]:
    return [past(days, verdict="unreachable", subject="dns", articles=0) for days in days_ago]


def test_a_host_name_that_has_not_existed_for_a_week_is_gone() -> None:
    assert concluded(NAMELESS, [*nameless(1, 8), *WALKS]) == (Verdict.GONE, "dns")
    assert "8 days" in judge(NAMELESS, [*nameless(1, 8), *WALKS], NOW).reason


@pytest.mark.parametrize(
    "history",
    [
        WALKS,
        [*nameless(1, 2, 3), *WALKS],  # three times, but not for a week: perhaps our own network
        [*nameless(8), *WALKS],  # for a week, but only seen twice
        [*nameless(1), past(4), *nameless(8, 9)],  # it was there in between
    ],
)
def test_a_host_name_that_was_there_lately_is_unreachable(history: list[PastCrawl]) -> None:
    assert verdict(NAMELESS, history) is Verdict.UNREACHABLE


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("", ""),
        ("dns: [Errno -2] Name or service not known", "dns"),
        ("tls: certificate verify failed", "tls"),
        ("timeout: no response head within 30 s", "timeout"),
        ("connect: Connection refused", "connect"),
        ("protocol: wrong number of parts: b'x'", "protocol"),
        ("answers with status 503", "status 503"),
        ("robots.txt of h.vn cannot be had: status 500", "robots"),
        ("Forbidden by robots.txt", "robots"),
        ("ResponseFailed: [<twisted.python.failure.Failure>]", "connect"),
    ],
)
def test_failures_are_of_a_kind(failure: str, kind: str) -> None:
    assert kind_of_failure(failure) == kind


def test_a_host_that_refuses_connections_is_never_gone() -> None:
    refusing = replace(NAMELESS, home_error="connect: refused", home_failure="connect")
    history = [past(n, verdict="unreachable", subject="connect") for n in (1, 5, 30)]
    assert verdict(refusing, history) is Verdict.UNREACHABLE


def test_what_stands_in_the_place_of_the_home_page_is_the_verdict() -> None:
    finding = Judgement(Verdict.MOVED, "Xã Hoằng Hóa", "the home page is that of Xã Hoằng Hóa")
    seen = replace(WHOLE, articles=0, finding=finding, ending=Ending.MOVED)
    assert judge(seen, WALKS, NOW) == finding


# -- ended early ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "expected", "healthy"),
    [
        (Ending.SHUTDOWN, Verdict.INTERRUPTED, True),
        (Ending.TIME_LIMIT, Verdict.INTERRUPTED, True),
        (Ending.PAGE_LIMIT, Verdict.INTERRUPTED, True),
        (Ending.DAILY_LIMIT, Verdict.INTERRUPTED, True),
        (Ending.DISK_SPACE, Verdict.PARTIAL, False),
        (Ending.TOLD_TO_WAIT, Verdict.PARTIAL, False),
        (Ending.UNANSWERED, Verdict.PARTIAL, False),
        (Ending.BLOCKED, Verdict.BLOCKED, False),
    ],
)
def test_a_walk_that_was_ended_concludes_nothing_but_why(
    ending: Ending, expected: Verdict, healthy: bool
) -> None:
    seen = replace(without(WHOLE, author=0.0), articles=5, ending=ending)
    judgement = judge(seen, WALKS, NOW)
    assert judgement.verdict is expected
    assert judgement.verdict.is_healthy is healthy
    assert "after 5 articles" in judgement.reason


def test_every_ending_has_a_verdict() -> None:
    for ending in Ending:
        finding = Judgement(Verdict.MOVED, "x", "x") if ending is Ending.MOVED else None
        said = judge(replace(WHOLE, ending=ending, finding=finding), WALKS, NOW)
        assert (said.verdict in {Verdict.OK, Verdict.QUIET}) is (ending is Ending.FINISHED), ending


def test_max_pages_concludes_nothing() -> None:
    assert verdict(replace(WHOLE, articles=5, cut_short=True), WALKS) is Verdict.INTERRUPTED


def test_only_quiet_and_ok_sites_and_stopped_runs_raise_no_alarm() -> None:
    assert {v for v in Verdict if v.is_healthy} == {Verdict.OK, Verdict.QUIET, Verdict.INTERRUPTED}


def test_since_when_a_verdict_stands() -> None:
    history = [
        past(1, verdict="blocked"),
        past(2, verdict="interrupted"),
        past(3, verdict="blocked"),
        past(4),
        past(5, verdict="blocked"),
    ]
    assert since_when(Verdict.BLOCKED, history) == NOW - timedelta(days=3)
    assert since_when(Verdict.OK, history) is None
