"""The settings of support codes: what is wrong too often."""

from typing import Annotated

from pydantic import Field

from ivr.setting_types import Section


class CodeSettings(Section):
    """Wrong support codes: when a customer's code is locked, and when an operator is alarmed."""

    tries: Annotated[int, Field(ge=3, le=100)] = 5
    first_lock_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    longest_lock_hours: Annotated[int, Field(ge=1, le=168)] = 24
    per_number_and_hour: Annotated[int, Field(ge=3)] = 30
    per_channel_and_hour: Annotated[int, Field(ge=30)] = 300
    alarm_failures: Annotated[int, Field(ge=2)] = 20
    alarm_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
