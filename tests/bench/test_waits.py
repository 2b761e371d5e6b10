"""What the benchmarks found: a wait that ends a fraction early costs the caller a second more."""

from datetime import timedelta

from agi_scripts.renderer import _milliseconds
from tests.fakes import MONDAY_TEN


def test_a_wait_is_never_shorter_than_the_time_that_must_pass() -> None:
    for microseconds in (1, 999, 1000, 4_999_001, 5_000_000):
        ends = MONDAY_TEN + timedelta(microseconds=microseconds)
        waited = timedelta(milliseconds=_milliseconds(MONDAY_TEN, ends))
        assert timedelta(0) <= waited - (ends - MONDAY_TEN) < timedelta(milliseconds=1)
