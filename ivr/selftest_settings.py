"""The settings of what the line tries out by itself: a call to its own number, and the telephones of
those whose duty begins."""

import re
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ivr.numbers.caller_id import normalise_stored_number
from ivr.setting_types import LanguageCode, Seconds, Section

DEFAULT_KEYS = "wwwwwwwwww1" * 10
"""1 every five seconds: what comes too early is not heard, what comes twice changes nothing."""


def _wall(text: str) -> str:
    if text and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("is no time of day such as 04:30")
    return text


def _number(text: str) -> str:
    number = normalise_stored_number(text) if text else ""
    if number is None:
        raise ValueError("is not a valid telephone number")
    return number


def _keys(text: str) -> str:
    if not re.fullmatch(r"[0-9*#w]{1,500}", text):
        raise ValueError("is made of digits, *, # and w, which is half a second of waiting")
    return text


WallTime = Annotated[str, AfterValidator(_wall)]
OwnNumber = Annotated[str, AfterValidator(_number)]
Keys = Annotated[str, AfterValidator(_keys)]


class SelftestSettings(Section):
    """A call of the line to itself; without customer, caller and technician there is none."""

    daily_at: WallTime = ""
    customer: str = ""
    caller: OwnNumber = ""
    technician: str = ""
    language: LanguageCode = "de"
    keys: Keys = DEFAULT_KEYS
    within_seconds: Annotated[int, Field(ge=10, le=600)] = 120
    policy: Literal["", "monitoring"] = ""

    @property
    def at(self) -> time | None:
        """When every day; None: never."""
        return time.fromisoformat(self.daily_at) if self.daily_at else None

    def model_post_init(self, context: Any) -> None:
        """A half of it is a mistake."""
        needed = (self.customer, self.caller, self.technician)
        if (any(needed) or self.daily_at) and not all(needed):
            raise ValueError("customer, caller and technician are needed, all three")


class ReadinessSettings(Section):
    """Hours before a duty in which a technician's telephone is tried; 0: only by hand.

    Who is not reached is tried once more after `retry_minutes`, and reported only then.
    """

    hours_before: Annotated[int, Field(ge=0, le=72)] = 0
    ring_seconds: Seconds = 30
    retry_minutes: Annotated[int, Field(ge=0, le=120)] = 15
