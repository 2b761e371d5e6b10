"""The settings of monitoring alerts: what is a storm, which class rings, how much is taken at once."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.setting_types import Section


class AlertSettings(Section):
    """More than `storm_alerts` new alerts of a source in `storm_minutes` become one case.

    Classes below `rings` are mailed and ring nobody; a single point of failure is never below main.
    """

    rings: Literal["minor", "main", "major", "critical"] = "main"
    storm_alerts: Annotated[int, Field(ge=1, le=1000)] = 10
    storm_minutes: Annotated[int, Field(ge=1, le=240)] = 5
    max_kilobytes: Annotated[int, Field(ge=16, le=8000)] = 4096
