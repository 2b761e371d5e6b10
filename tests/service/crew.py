"""Threads that do something at the same instant."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

Job = Callable[[], Any]
Together = Callable[[Sequence[Job]], list[Any]]
PATIENCE_SECONDS = 60


@contextmanager
def crew(size: int) -> Iterator[Together]:
    """At most `size` jobs at a time. Results come in the order of the jobs, errors are raised."""
    with ThreadPoolExecutor(size) as pool:

        def together(jobs: Sequence[Job]) -> list[Any]:
            barrier = Barrier(len(jobs), timeout=PATIENCE_SECONDS)

            def wait_and_do(job: Job) -> Any:
                barrier.wait()
                return job()

            started = [pool.submit(wait_and_do, job) for job in jobs]
            return [each.result(PATIENCE_SECONDS) for each in started]

        yield together
