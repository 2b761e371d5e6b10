"""The seeded holidays against the package `holidays`, whose list for Aargau is that of all its districts.

Only tests know the package: a calendar is never computed at call time (B.2).
"""

from datetime import date

import holidays
import pytest

from tests.pure.hours import BADEN

NOT_IN_BADEN = {(1, 2), (5, 1), (8, 15), (11, 1), (12, 8)}
"""Holidays of other districts only."""


@pytest.mark.rule("B.2")
@pytest.mark.parametrize("year", sorted(BADEN.years))
def test_aargau_without_the_five_days_of_other_districts_is_baden(year: int) -> None:
    aargau = set(holidays.country_holidays("CH", subdiv="AG", years=year))
    elsewhere = {date(year, month, day) for month, day in NOT_IN_BADEN}
    assert elsewhere <= aargau, "the package has changed: look at its list again"
    assert aargau - elsewhere == {day for day in BADEN.names if day.year == year}
