"""The settings of what leaves the line as a sound: addresses for carriers, messages of callers."""

from typing import Annotated

from pydantic import Field

from ivr.setting_types import Section


class SoundSettings(Section):
    """An address of a sound opens it at least so long: longer than any call lasts."""

    link_hours: Annotated[int, Field(ge=6, le=168)] = 6


class MessageSettings(Section):
    """A caller's words are kept so many days after his ticket is over."""

    keep_days: Annotated[int, Field(ge=1, le=3650)] = 180
