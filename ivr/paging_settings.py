"""The settings of paging: over what the line rings somebody itself, and sends texts."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from ivr.setting_types import Section


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", text):
        raise ValueError("is not a host name or an address")
    return text


def _word(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,79}", text):
        raise ValueError("is not a word of letters, digits, - and _")
    return text


def _service(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+", text):
        raise ValueError("is not https://HOST")
    return text


def _sender(text: str) -> str:
    if not re.fullmatch(r"(|\+[0-9]{7,15}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})", text):
        raise ValueError("is neither a number such as +41440001100 nor a name of up to 11 letters")
    return text


Host = Annotated[str, AfterValidator(_host)]
Word = Annotated[str, AfterValidator(_word)]
Service = Annotated[str, AfterValidator(_service)]
TextSender = Annotated[str, AfterValidator(_sender)]


class AmiSettings(Section):
    """Asterisk's manager interface, for calls of our own; without a secret none are placed."""

    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 5038
    user: Word = "pikett"
    secret: SecretStr = SecretStr("")
    ring_context: Word = "pikett-out"
    page_context: Word = "pikett-page"


class PagingSettings(Section):
    """Which telephones place calls of our own, the first that is there; how fast Twilio may."""

    telephones: tuple[Literal["asterisk", "twilio"], ...] = ()
    twilio_calls_per_second: Annotated[int, Field(ge=1, le=100)] = 1
    twilio_api: Service = "https://api.twilio.com"
    text_sender: TextSender = ""
    asterisk: AmiSettings = AmiSettings()
