"""The settings of the provider's own office (Q18): its hours, its day team, who is rung outside them.

Nothing is set by default: the window of the caller's plan decides alone.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import field_validator, model_validator

from ivr.contracts.hours import OpeningHours, parse_hours, parse_windows
from ivr.errors import ConfigurationError
from ivr.setting_types import LanguageCode, Seconds, Section

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Windows = tuple[tuple[str, str], ...]


class OfficeHoursSettings(Section):
    """Windows of local wall time on each of `days`, and those of single days instead."""

    days: tuple[Weekday, ...] = ()
    windows: Windows = ()
    windows_by_day: Mapping[Weekday, Windows] = {}
    closed_on_public_holidays: bool = True

    @field_validator("windows")
    @classmethod
    def _in_order(cls, windows: Windows) -> Windows:
        parse_windows(windows)
        return windows

    @model_validator(mode="after")
    def _of_a_week(self) -> "OfficeHoursSettings":
        """Days need windows, windows need days, and no window runs into the next day's."""
        if bool(self.days) != bool(self.windows):
            raise ValueError("days and windows belong together; one of them is empty")
        if self.opening is not None and not any(self.opening.week):
            raise ValueError("no day has a window")
        return self

    @cached_property
    def opening(self) -> OpeningHours | None:
        """The hours as the contracts know them; None where nothing is set."""
        entry: dict[str, Any] = {"closed_on_public_holidays": self.closed_on_public_holidays}
        if self.days:
            entry |= {"days": self.days, "windows": self.windows}
        if self.windows_by_day:
            entry["windows_by_day"] = self.windows_by_day
        if len(entry) == 1:
            return None
        try:
            return parse_hours(entry, "hours")
        except ConfigurationError as error:
            raise ValueError(str(error)) from None


class DayTeamSettings(Section):
    """The staffed number of the office; without a number there is none."""

    number: str = ""
    name: str = "Tagesteam"
    language: LanguageCode = "de"
    ring_seconds: Seconds = 25
    accept: Literal["key", "answer"] = "key"


class OfficeSettings(Section):
    """Who is rung before the technicians, and when; without hours nobody is."""

    outside_office_hours: Literal["technician_first", "desk_first"] = "technician_first"
    hours: OfficeHoursSettings = OfficeHoursSettings()
    day_team: DayTeamSettings = DayTeamSettings()

    @model_validator(mode="after")
    def _day_team_has_hours(self) -> "OfficeSettings":
        if self.day_team.number and self.hours.opening is None:
            raise ValueError("day_team.number is set and would never be rung: set hours too")
        return self
