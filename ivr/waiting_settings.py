"""The settings of callers who wait for a technician, and of those who call again."""

from typing import Annotated

from pydantic import Field

from ivr.setting_types import Section


class WaitingSettings(Section):
    """How long a caller waits at most for technicians who are all on a call; 0: not at all."""

    wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 300


class RepeatSettings(Section):
    """How long a caller is known to have called before; 0: never."""

    hours: Annotated[int, Field(ge=0, le=168)] = 4
    code_minutes: Annotated[int, Field(ge=0, le=120)] = 15
