"""What sections of the settings are made of."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

LanguageCode = Literal["de", "fr", "it", "en"]
Seconds = Annotated[int, Field(ge=1, le=3600)]


class Section(BaseModel):
    """A part of the settings; unknown names are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        """Else `true` would be one second."""
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation is int:
            raise ValueError("is no number")
        return value
