"""The settings of the roster: which levels must be staffed when, and who is told of gaps."""

from collections.abc import Mapping
from datetime import time
from functools import cached_property
from typing import Annotated

from pydantic import Field, field_validator

from ivr.office_settings import Weekday
from ivr.roster.hunt import Level
from ivr.roster.problems import Required
from ivr.roster.week_text import parse_week
from ivr.setting_types import Section

Windows = tuple[tuple[str, str], ...]


class RosterSettings(Section):
    """`staffed` levels always, those of `staffed_within` in their hours of the week."""

    staffed: tuple[Level, ...] = (Level.ON_DUTY,)
    staffed_within: Mapping[Level, Mapping[Weekday, Windows]] = {}
    horizon_days: Annotated[int, Field(ge=14, le=730)] = 120
    warn_days: Annotated[int, Field(ge=1, le=90)] = 7
    staff_short: bool = False
    alarm_to: tuple[str, ...] = ()
    alarm_time: time = time(8)

    @field_validator("staffed_within")
    @classmethod
    def _times(
        cls, within: Mapping[Level, Mapping[Weekday, Windows]]
    ) -> Mapping[Level, Mapping[Weekday, Windows]]:
        for hours in within.values():
            if parse_week(_text(hours)) is None:
                raise ValueError("no day has a window")
        return within

    @cached_property
    def required(self) -> tuple[Required, ...]:
        """As the roster knows them."""
        always = [Required(level) for level in self.staffed]
        within = self.staffed_within.items()
        return (*always, *(Required(level, parse_week(_text(hours))) for level, hours in within))


def _text(hours: Mapping[Weekday, Windows]) -> str:
    days = (
        f"{day} {','.join(f'{opens}-{closes}' for opens, closes in windows)}"
        for day, windows in hours.items()
        if windows
    )
    return "; ".join(days)
