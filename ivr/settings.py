"""Settings: a TOML file and the environment, prefix `PIKETT_`, nested with two underscores.

`config/pikett.toml` shows every setting. A wrong value or an unknown name stops the start and is
named with its setting and its source, and never with what may be a secret. Keys that nobody set are
made once and kept in the data folder.
"""

import os
import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ivr.alert_settings import AlertSettings
from ivr.callback_settings import CallbackSettings
from ivr.code_settings import CodeSettings
from ivr.delivery_settings import MessageSettings, SoundSettings
from ivr.errors import ConfigurationError
from ivr.escalation_settings import EscalationSettings
from ivr.numbers.caller_id import normalise_stored_number
from ivr.numbers.dial_guard import may_dial
from ivr.office_settings import OfficeSettings
from ivr.paging_settings import PagingSettings
from ivr.roster_settings import RosterSettings
from ivr.selftest_settings import ReadinessSettings, SelftestSettings
from ivr.setting_mistakes import explain, unknown_variables
from ivr.setting_types import LanguageCode, Seconds, Section
from ivr.voice_settings import UploadSettings, VoiceSettings
from ivr.waiting_settings import RepeatSettings, WaitingSettings

PREFIX = "PIKETT_"
CONFIG_FILE_VARIABLE = "PIKETT_CONFIG"


def _e164(text: str) -> str:
    number = normalise_stored_number(text)
    if number is None:
        raise ValueError("is not a valid telephone number")
    return number


def _database(text: str) -> str:
    if text and not text.startswith(("sqlite:", "postgresql")):
        raise ValueError("begins neither with sqlite:/// nor with postgresql+psycopg://")
    return text


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError("is not https://HOST, or http:// for a trial")
    return text


def _bind(text: str) -> str:
    if not re.fullmatch(r"[^\s:]+:[0-9]{1,5}", text):
        raise ValueError("is not HOST:PORT")
    return text


E164 = Annotated[str, AfterValidator(_e164)]
Bind = Annotated[str, AfterValidator(_bind)]
AccountSid = Annotated[str, StringConstraints(pattern=r"^(AC[0-9a-f]{32})?$")]


class LineSettings(Section):
    """The line's own numbers: shown to whoever is rung, and never taken for a caller."""

    number: E164 = "+41440001100"
    further_numbers: tuple[E164, ...] = ()
    bare_national_callers: bool = False


class DeskSettings(Section):
    """The service desk; without a number there is none (K-14)."""

    number: str = ""
    name: str = "Service-Desk"
    language: LanguageCode = "de"
    email: str = ""
    ring_seconds: Seconds = 30
    accept: Literal["key", "answer"] = "answer"
    card_hours: Annotated[int, Field(ge=1, le=72)] = 4


class HuntSettings(WaitingSettings):
    """Ringing people: seconds per telephone, total budget, night by local wall time."""

    ring_seconds: Seconds = 25
    technician_budget_seconds: Seconds = 90
    night_starts: time = time(22)
    night_ends: time = time(6)
    second_ring_at_night: bool = True
    simultaneous: bool = False
    bridge_limit_seconds: Annotated[int, Field(ge=60, le=14400)] = 3600
    lost_bridge_seconds: Annotated[int, Field(ge=0, le=60)] = 15
    extensions: tuple[str, ...] = ()

    @field_validator("extensions")
    @classmethod
    def _diallable(cls, extensions: tuple[str, ...]) -> tuple[str, ...]:
        """An extension that the dial guard would refuse is a mistake, found at the start."""
        for extension in extensions:
            if not may_dial(extension, frozenset(extensions)).granted:
                raise ValueError(f"extension {extension!r} may not be dialled")
        return extensions


class MailSettings(Section):
    """SMTP; without a host mails are written to the folder `mailbox` of the data folder."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    starttls: bool = True
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = "pikett@localhost"


class TwilioSettings(Section):
    """The Twilio account; without a token every webhook is refused."""

    account_sid: AccountSid = ""
    auth_token: SecretStr = SecretStr("")
    voice_de: str = "Polly.Vicki-Neural"
    voice_fr: str = "Polly.Lea-Neural"
    voice_it: str = "Polly.Bianca-Neural"
    voice_en: str = "Polly.Amy-Neural"


class AsteriskSettings(Section):
    """Where Asterisk sees our folders, if it sees them elsewhere; empty means the same path."""

    sounds_dir: str = ""
    recordings_dir: str = ""


class FastAgiSettings(Section):
    """The FastAGI server. It has no authentication: bind it to loopback or a private network."""

    bind: Bind = "127.0.0.1:4573"
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    calls_per_worker: Annotated[int, Field(ge=1, le=2000)] = 300
    allowed_peers: tuple[str, ...] = ("127.0.0.1",)


class WebSettings(Section):
    """The web application."""

    bind: Bind = "127.0.0.1:8080"
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    threads: Annotated[int, Field(ge=1, le=200)] = 8
    browser_phone: bool = True
    session_minutes: Annotated[int, Field(ge=1, le=960)] = 60
    proxies: Annotated[int, Field(ge=0, le=5)] = 0
    audit_days: Annotated[int, Field(ge=30, le=7300)] = 730
    technician_link_hours: Annotated[int, Field(ge=1, le=336)] = 48


class _Environment(EnvSettingsSource):
    """What should be JSON and is not stays text, so that its setting is refused by name."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


class Settings(BaseSettings):
    """All settings; see `config/pikett.toml`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data_dir: Path = Path("var")
    database_url: Annotated[str, AfterValidator(_database), Field(repr=False)] = ""
    public_url: Annotated[str, AfterValidator(_web_address)] = "http://127.0.0.1:8080"
    config_dir: Path | None = None
    tariffs: str = "tariffs.yaml"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    line: LineSettings = LineSettings()
    desk: DeskSettings = DeskSettings()
    hunt: HuntSettings = HuntSettings()
    office: OfficeSettings = OfficeSettings()
    roster: RosterSettings = RosterSettings()
    mail: MailSettings = MailSettings()
    codes: CodeSettings = CodeSettings()
    twilio: TwilioSettings = TwilioSettings()
    asterisk: AsteriskSettings = AsteriskSettings()
    fastagi: FastAgiSettings = FastAgiSettings()
    web: WebSettings = WebSettings()
    paging: PagingSettings = PagingSettings()
    alerts: AlertSettings = AlertSettings()
    escalation: EscalationSettings = EscalationSettings()
    repeat: RepeatSettings = RepeatSettings()
    callbacks: CallbackSettings = CallbackSettings()
    selftest: SelftestSettings = SelftestSettings()
    readiness: ReadinessSettings = ReadinessSettings()
    voice: VoiceSettings = VoiceSettings()
    uploads: UploadSettings = UploadSettings()
    sounds: SoundSettings = SoundSettings()
    messages: MessageSettings = MessageSettings()

    @field_validator("office")
    @classmethod
    def _day_team_may_be_rung(cls, office: OfficeSettings, given: ValidationInfo) -> OfficeSettings:
        """A number that the dial guard would refuse is a mistake, found at the start."""
        number, hunt = office.day_team.number, given.data.get("hunt")
        if number and hunt and not may_dial(number, frozenset(hunt.extensions)).granted:
            raise ValueError(
                f"day_team.number {number!r} may not be dialled; "
                "an extension has to be named in hunt.extensions"
            )
        return office

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What a test gives comes first, then the environment, then the file."""
        file = config_file()
        sources = (init_settings, _Environment(settings_cls))
        if file is None:
            return sources
        return (*sources, TomlConfigSettingsSource(settings_cls, toml_file=file))

    @property
    def database(self) -> str:
        """The database address; by default a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'pikett.db').absolute()}"

    def path(self, *parts: str) -> Path:
        """A folder or file below the data folder, absolute."""
        return self.data_dir.absolute().joinpath(*parts)

    @property
    def own_numbers(self) -> frozenset[str]:
        """A call that shows one of these is a loop, never a customer (item 73)."""
        return frozenset((self.line.number, *self.line.further_numbers))


def config_file() -> Path | None:
    """The settings file: `PIKETT_CONFIG`, else `config/pikett.toml` if it exists."""
    named = os.environ.get(CONFIG_FILE_VARIABLE)
    if named:
        return Path(named)
    default = Path("config/pikett.toml")
    return default if default.exists() else None


def load_settings(**given: object) -> Settings:
    """Read and check all settings; raises ConfigurationError with setting, value and source."""
    file = config_file()
    if file is not None and not file.is_file():
        raise ConfigurationError(f"settings: {CONFIG_FILE_VARIABLE}={file}: no such file")
    mistakes = unknown_variables(Settings, PREFIX)
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"settings: {file}: {error}") from error
    except ValidationError as error:
        mistakes += [explain(problem, Settings, PREFIX, file) for problem in error.errors()]
    if mistakes:
        raise ConfigurationError("\n".join(mistakes))
    return settings
