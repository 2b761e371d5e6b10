"""The settings of calls back to customers and of the emergency form (K-11, B.12)."""

from typing import Annotated

from pydantic import Field

from ivr.setting_types import Section


class CallbackSettings(Section):
    """A customer is tried `attempts` times, `pause_minutes` apart, each `ring_seconds` long.

    Whoever has accepted and does not connect is called again after the same pause. The limits of the
    form are per customer, per address it comes from and per number to be called.
    """

    attempts: Annotated[int, Field(ge=1, le=5)] = 3
    pause_minutes: Annotated[int, Field(ge=1, le=15)] = 5
    ring_seconds: Annotated[int, Field(ge=10, le=120)] = 30
    orders_per_hour: Annotated[int, Field(ge=1, le=100)] = 2
    orders_per_day: Annotated[int, Field(ge=1, le=1000)] = 10
    forms_per_hour: Annotated[int, Field(ge=5, le=1000)] = 20
