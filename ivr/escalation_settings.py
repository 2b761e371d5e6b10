"""The settings of looking for somebody: how long a page rings, how often, who is told at the end."""

from typing import Annotated

from pydantic import Field

from ivr.setting_types import Seconds, Section


class EscalationSettings(Section):
    """Who is paged is in `escalation.yaml`; this is how."""

    ring_seconds: Seconds = 30
    calls_per_minute: Annotated[int, Field(ge=1, le=60)] = 1
    calls_per_quarter: Annotated[int, Field(ge=1, le=200)] = 3
    calls_per_hour: Annotated[int, Field(ge=1, le=500)] = 7
    lead_emails: tuple[str, ...] = ()
    workers: Annotated[int, Field(ge=1, le=32)] = 4
