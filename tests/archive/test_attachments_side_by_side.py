"""Work in several threads: all of it, no more at once than asked for, and stopped with the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Barrier, Event

import pytest

from archive.attachments.side_by_side import side_by_side


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_task_gives_its_result_and_no_more_are_begun_than_asked_for(jobs: int) -> None:
    begun: list[int] = []
    taken: list[int] = []

    def tasks() -> Iterator[Callable[[], int]]:
        for number in range(20):
            begun.append(number)
            yield lambda number=number: number  # type: ignore[misc]

    stop = Event()
    for result in side_by_side(tasks(), jobs, stop):
        taken.append(result)
        assert len(begun) <= len(taken) + jobs
    assert sorted(taken) == list(range(20))
    assert not stop.is_set()


def test_tasks_run_at_the_same_time() -> None:
    together = Barrier(3, timeout=60)
    assert len(list(side_by_side([together.wait] * 3, 3, Event()))) == 3


def test_a_caller_that_goes_no_further_stops_the_others() -> None:
    stop = Event()
    with closing(side_by_side([lambda: True, lambda: stop.wait(60)], 2, stop)) as results:
        assert next(results)
    assert stop.is_set()


def test_a_task_that_fails_stops_the_others() -> None:
    stop = Event()

    def fail() -> bool:
        raise ValueError("defect")

    with pytest.raises(ValueError, match="defect"):
        list(side_by_side([lambda: stop.wait(60), fail], 2, stop))
    assert stop.is_set()
