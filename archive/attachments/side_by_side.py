"""Several workers at once: each is waited for by a thread, and the caller gets what they found."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

_Result = TypeVar("_Result")


def side_by_side(
    tasks: Iterable[Callable[[], _Result]], jobs: int, stop: Event
) -> Generator[_Result, None, None]:
    """The results of the tasks as they come, ``jobs`` at once. ``tasks`` is asked for the next in the
    caller's thread, when there is room for it. When a task fails, the caller is interrupted or closes
    this generator, ``stop`` is set, which every task must heed; then its threads are waited for."""
    running: set[Future[_Result]] = set()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for task in tasks:
                running.add(pool.submit(task))
                if len(running) >= jobs:
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    for one in ended:
                        yield one.result()
            while running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for one in ended:
                    yield one.result()
        except BaseException:
            stop.set()  # before the pool waits for its threads
            raise
