"""Settings that are wrong stop the start and are named; the command line explains itself."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from ivr import cli, resources
from ivr.bootstrap import build
from ivr.errors import ConfigurationError
from ivr.settings import Settings, load_settings

DOCUMENTED = resources.folder("config") / "pikett.toml"
OF_THE_DEMONSTRATION = {"tariffs", "desk.number", "desk.email", "line.number"}
LEFT_OUT = {"config_dir"}
SECRET = "hunter2-token"


def all_settings(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The full name and the default of every setting."""
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from all_settings(type(field.default), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field.default


NAMES = [name for name, _ in all_settings()]


def refusal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toml: str = "", **environment: str
) -> str:
    """What is said when the program starts with this file and this environment."""
    file = tmp_path / "pikett.toml"
    file.write_text(toml)
    monkeypatch.setenv("PIKETT_CONFIG", str(file))
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert caught.value.__cause__ is None, "a traceback of pydantic's would show the value"
    return str(caught.value)


WRONG = [
    ("data_dir = 5", "data_dir", "5"),
    ('log_level = "loud"', "log_level", "'loud'"),
    ('public_url = "pikett.example"', "public_url", "'pikett.example'"),
    ('public_url = "https://pikett.example/?a=b"', "public_url", "'https://pikett.example/?a=b'"),
    ('[line]\nnumber = "117"', "line.number", "'117'"),
    ('[line]\nnumber = "nonsense"', "line.number", "'nonsense'"),
    ('[line]\nfurther_numbers = ["+41440001100", "x"]', "line.further_numbers.1", "'x'"),
    ('[line]\nfurther_numbers = "+41440001100"', "line.further_numbers", "'+41440001100'"),
    ('[line]\nbare_national_callers = "perhaps"', "line.bare_national_callers", "'perhaps'"),
    ('[desk]\nring_seconds = "long"', "desk.ring_seconds", "'long'"),
    ("[desk]\nring_seconds = 0", "desk.ring_seconds", "0"),
    ("[desk]\nring_seconds = -5", "desk.ring_seconds", "-5"),
    ("[desk]\nring_seconds = 2.5", "desk.ring_seconds", "2.5"),
    ("[desk]\nring_seconds = true", "desk.ring_seconds", "True"),
    ("[desk]\nring_seconds = []", "desk.ring_seconds", "[]"),
    ('[desk]\naccept = "shout"', "desk.accept", "'shout'"),
    ('[desk]\nlanguage = "rm"', "desk.language", "'rm'"),
    ("[desk]\nnumber = 41440009009", "desk.number", "41440009009"),
    ('[hunt]\nnight_starts = "late"', "hunt.night_starts", "'late'"),
    ('[hunt]\nextensions = ["201", "112"]', "hunt.extensions", "['201', '112']"),
    ("[hunt]\nbridge_limit_seconds = 99999", "hunt.bridge_limit_seconds", "99999"),
    ("[mail]\nport = 70000", "mail.port", "70000"),
    ('[twilio]\naccount_sid = "ACnonsense"', "twilio.account_sid", "'ACnonsense'"),
    ("[fastagi]\nworkers = false", "fastagi.workers", "False"),
    ('[fastagi]\nbind = "4573"', "fastagi.bind", "'4573'"),
    ('[web]\nbind = "127.0.0.1:web"', "web.bind", "'127.0.0.1:web'"),
    ('database_url = "nonsense"', "database_url", "…"),
    ("line = 5", "line", "5"),
    ("lines = 5", "lines", "…"),
    ("[telephone]\nnumber = 5", "telephone", "…"),
    ('[line]\nnumbr = "x"', "line.numbr", "'x'"),
    (f'[twilio]\nauth_token = ["{SECRET}"]', "twilio.auth_token", "…"),
    (f'[twilio]\nauth_tokn = "{SECRET}"', "twilio.auth_tokn", "…"),
    (f'twilio = ["{SECRET}"]', "twilio", "…"),
    (f'[mail]\npassword = {{ is = "{SECRET}" }}', "mail.password", "…"),
    (f'twilio_auth_token = "{SECRET}"', "twilio_auth_token", "…"),
]


@pytest.mark.parametrize(("toml", "name", "value"), WRONG)
def test_a_wrong_setting_in_the_file_is_named_with_value_and_file(
    toml: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = refusal(monkeypatch, tmp_path, toml)
    assert said.startswith(f"settings: {name} = {value} ({tmp_path / 'pikett.toml'}): ")
    assert SECRET not in said


WRONG_VARIABLES = [
    ("PIKETT_DESK__RING_SECONDS", "long", "desk.ring_seconds", "'long'"),
    ("pikett_desk__ring_seconds", "long", "desk.ring_seconds", "'long'"),
    ("PIKETT_LOG_LEVEL", "loud", "log_level", "'loud'"),
    ("PIKETT_WEB__BROWSER_PHONE", "perhaps", "web.browser_phone", "'perhaps'"),
    ("PIKETT_LINE__FURTHER_NUMBERS", "+41440001100", "line.further_numbers", "'+41440001100'"),
    ("PIKETT_LINE__FURTHER_NUMBERS", '["+41440001100", "x"]', "line.further_numbers.1", "'x'"),
    ("PIKETT_LINE", "+41440001100", "line", "'+41440001100'"),
    ("PIKETT_LINE", '{"number": 5}', "line.number", "5"),
    ("PIKETT_DESK__NUMBR", "+41440009009", "desk.numbr", "'+41440009009'"),
    ("PIKETT_LOGLEVEL", "info", "loglevel", "…"),
    ("PIKETT_DATA_DIRECTORY", "var", "data_directory", "…"),
    ("PIKETT_AUTH_TOKEN", SECRET, "auth_token", "…"),
    ("PIKETT_TWILIO__TOKEN", SECRET, "twilio.token", "…"),
    ("PIKETT_TWILIO", SECRET, "twilio", "…"),
    ("PIKETT_DATABASE_URL", f"mysql://pikett:{SECRET}@host/x", "database_url", "…"),
]


@pytest.mark.parametrize(("variable", "text", "name", "value"), WRONG_VARIABLES)
def test_a_wrong_setting_in_the_environment_is_named_with_value_and_variable(
    variable: str,
    text: str,
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    said = refusal(monkeypatch, tmp_path, **{variable: text})
    assert said.startswith(f"settings: {name} = {value} (environment PIKETT_")
    assert variable.upper().startswith(said.split("environment ")[1].split(")")[0])
    assert SECRET not in said


def test_every_mistake_is_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toml = 'log_level = "loud"\n[desk]\nring_seconds = "long"'
    said = refusal(monkeypatch, tmp_path, toml, PIKETT_MAIL__PORT="0", PIKETT_NONSENSE="1")
    names = {line.split()[1] for line in said.splitlines()}
    assert names == {"log_level", "desk.ring_seconds", "mail.port", "nonsense"}


@pytest.mark.parametrize("content", [b"data_dir = ", b"\xff\xfe", b"[line]\n[line]\n", b"\0"])
def test_a_file_that_is_no_toml_is_named(
    content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "pikett.toml"
    file.write_bytes(content)
    monkeypatch.setenv("PIKETT_CONFIG", str(file))
    with pytest.raises(ConfigurationError, match=str(file)):
        load_settings()


@pytest.mark.parametrize("missing", ["nowhere.toml", "."])
def test_a_file_that_is_not_there_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A typing error must not start Pikett on its defaults."""
    monkeypatch.setenv("PIKETT_CONFIG", str(tmp_path / missing))
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value) == f"settings: PIKETT_CONFIG={tmp_path / missing}: no such file"


def test_the_environment_comes_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "pikett.toml"
    file.write_text('[desk]\nname = "of the file"\nring_seconds = 11\n')
    monkeypatch.setenv("PIKETT_CONFIG", str(file))
    monkeypatch.setenv("PIKETT_DESK__NAME", "of the environment")
    monkeypatch.setenv("PIKETT_LINE__FURTHER_NUMBERS", '["044 000 11 02"]')
    settings = load_settings()
    assert (settings.desk.name, settings.desk.ring_seconds) == ("of the environment", 11)
    assert settings.own_numbers == {"+41440001100", "+41440001102"}


def test_keys_and_the_variables_of_tests_are_no_mistakes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = ("PEPPER", "LINK_KEY", "CONSENT_KEY", "FORM_KEY", "AUTHENTICATOR_KEY")
    for name in (*keys, "TEST_ANYTHING"):
        monkeypatch.setenv(f"PIKETT_{name}", SECRET)
    settings = load_settings(data_dir=tmp_path)
    assert SECRET not in repr(settings)


def test_no_secret_shows_in_what_is_printed(tmp_path: Path) -> None:
    settings = load_settings(
        data_dir=tmp_path,
        database_url=f"postgresql+psycopg://pikett:{SECRET}@host/pikett",
        mail={"password": SECRET},
        twilio={"auth_token": SECRET},
    )
    app = build(settings)
    for shown in (repr(settings), str(settings), repr(settings.mail), repr(app), f"{settings}"):
        assert SECRET not in shown
    assert settings.twilio.auth_token.get_secret_value() == SECRET
    assert SECRET in settings.database


def test_every_setting_is_documented_with_its_default() -> None:
    """What the demonstration sets otherwise is listed above, and nothing else is."""
    document = tomllib.loads(DOCUMENTED.read_text(encoding="utf-8"))
    found = dict(documented(document))
    assert set(found) == set(NAMES) - LEFT_OUT
    for name, default in all_settings():
        if name not in OF_THE_DEMONSTRATION | LEFT_OUT:
            assert _plain(default) == found[name], name


def documented(section: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The full name and the value of every setting of a file; a section may hold sections."""
    for name, value in section.items():
        if isinstance(value, dict) and f"{prefix}{name}" not in NAMES:
            yield from documented(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _plain(default: Any) -> Any:
    """A default as TOML writes it."""
    if hasattr(default, "get_secret_value"):
        return default.get_secret_value()
    if isinstance(default, tuple):
        return list(default)
    return default if isinstance(default, bool | int | str | dict) else str(default)


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_what_the_file_leaves_out_is_shown_as_a_comment(name: str) -> None:
    assert f"\n# {name} = " in DOCUMENTED.read_text(encoding="utf-8")


def test_the_documented_file_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIKETT_CONFIG", str(DOCUMENTED))
    assert load_settings().desk.email == "desk@demo.pikett.invalid"


def commands(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """`pikett` and every command below it."""
    yield names
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, *names, name)


@pytest.mark.parametrize("names", list(commands(cli.cli)), ids=" ".join)
def test_every_command_explains_itself_with_an_example(names: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli.cli, [*names, "--help"], prog_name="pikett")
    assert shown.exit_code == 0
    examples = shown.output.partition("Example")[2]
    assert f"pikett {' '.join(names)}".rstrip() in examples


@pytest.mark.parametrize("command", ["migrate", "demo", "call", "run", "worker"])
def test_a_wrong_setting_is_one_sentence_on_the_command_line(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["pikett", command])
    monkeypatch.setenv("PIKETT_LOG_LEVEL", "loud")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("pikett: settings: log_level = 'loud' (environment PIKETT_LOG_LEVEL): ")
    assert "Traceback" not in said
