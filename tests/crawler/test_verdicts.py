"""What a run concludes: alarms when something broke, and only then."""

from dataclasses import replace

import pytest

from crawler.verdicts import Seen, Verdict, judge

USUAL = Seen(
    responses=500,
    articles=200,
    new=3,
    changed=0,
    unreadable=0,
    failed=0,
    home_error="",
    complete=True,
)


@pytest.mark.parametrize(
    ("seen", "before", "verdict"),
    [
        (USUAL, 0, Verdict.OK),
        (USUAL, 210, Verdict.OK),
        (replace(USUAL, new=0), 200, Verdict.QUIET),
        (replace(USUAL, new=0, changed=1), 200, Verdict.OK),
        (replace(USUAL, articles=0), 200, Verdict.EMPTY),
        (replace(USUAL, articles=0), 0, Verdict.EMPTY),
        (replace(USUAL, articles=90), 200, Verdict.PARTIAL),
        (replace(USUAL, failed=30), 200, Verdict.PARTIAL),
        (replace(USUAL, failed=20), 200, Verdict.OK),
        (replace(USUAL, unreadable=60), 200, Verdict.CHANGED),
        (replace(USUAL, alarms=("60 of 200 articles share one title: Tin",)), 200, Verdict.CHANGED),
        (replace(USUAL, unreadable=10), 200, Verdict.OK),
        (replace(USUAL, articles=0, home_error="timeout"), 200, Verdict.UNREACHABLE),
        (replace(USUAL, articles=5, complete=False), 200, Verdict.INTERRUPTED),
    ],
)
def test_verdict(seen: Seen, before: int, verdict: Verdict) -> None:
    assert judge(seen, before)[0] is verdict


def test_the_reason_names_the_numbers() -> None:
    assert judge(replace(USUAL, articles=90), 200)[1] == "90 articles, 200 in the last complete run"


def test_only_quiet_and_ok_sites_and_stopped_runs_raise_no_alarm() -> None:
    assert {v for v in Verdict if v.is_healthy} == {Verdict.OK, Verdict.QUIET, Verdict.INTERRUPTED}
