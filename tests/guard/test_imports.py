"""Who may import whom, and what a pure module must not know. See `[tool.importlinter]`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard.sources import PURE, ROOT, Source, is_below, sources

ONLY_IN = {
    "asterisk": ("agi_scripts.channel", "ivr.telephony.asterisk_ami"),
    "twilio": ("webhooks.twilio", "ivr.telephony"),
    "flask": ("webhooks",),
    "flask_wtf": ("webhooks.console.register", "webhooks.emergency"),
    "pyotp": ("ivr.services.authenticator",),
    "segno": ("ivr.cli.people", "webhooks.console.own"),
    "werkzeug": ("webhooks",),
    "alembic": ("ivr.storage",),
    "pydantic": (
        "ivr.settings",
        "ivr.setting_mistakes",
        "ivr.setting_types",
        "ivr.office_settings",
        "ivr.alert_settings",
        "ivr.callback_settings",
        "ivr.code_settings",
        "ivr.delivery_settings",
        "ivr.escalation_settings",
        "ivr.paging_settings",
        "ivr.roster_settings",
        "ivr.selftest_settings",
        "ivr.voice_settings",
        "ivr.waiting_settings",
    ),
    "pydantic_settings": ("ivr.settings",),
    "smtplib": ("ivr.mail",),
    "requests": ("ivr.telephony",),
    "click": ("ivr.cli",),
    "icalendar": ("ivr.calendars",),
    "av": ("ivr.voice.decode",),
}
"""Each library and the only places that know it."""

CLOCKS = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"}
CHANCE_AND_WORLD = {"os", "random", "secrets", "time", "uuid", "io", "pathlib", "socket", "sys"}
BUILT_INS = {"open", "input", "print"}


def test_the_contracts_of_import_linter_are_kept() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_known_in_its_own_place_only(library: str) -> None:
    users = {source.name for source in sources() if _imports(source, library)}
    assert users, f"nobody uses {library} any more: take it from the list"
    assert {user for user in users if not is_below(user, *ONLY_IN[library])} == set()


def _imports(source: Source, library: str) -> bool:
    return any(is_below(name, library) for name in source.imported)


def test_a_pure_module_imports_the_standard_library_and_its_own_kind() -> None:
    allowed = {"phonenumbers"} | set(sys.stdlib_module_names) - CHANCE_AND_WORLD
    foreign = [
        f"{source.name} -> {name}"
        for source in sources(*PURE)
        for name in source.imported
        if name.split(".")[0] not in allowed and not is_below(name, *PURE, "ivr.errors")
    ]
    assert foreign == []


def test_a_pure_module_asks_neither_clock_nor_world() -> None:
    """`now` arrives as a value."""
    asked = [
        f"{source.name} {node.lineno}"
        for source in sources(*PURE)
        for node in ast.walk(source.tree)
        if _asks(node)
    ]
    assert asked == []


def _asks(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in BUILT_INS
    return isinstance(node, ast.Attribute) and node.attr in CLOCKS | {"environ"}


def test_scripts_and_webhooks_know_nothing_of_each_other() -> None:
    for source in sources("agi_scripts"):
        assert not _imports(source, "webhooks"), source.name
    for source in sources("webhooks"):
        assert not _imports(source, "agi_scripts"), source.name


def test_no_handler_and_no_renderer_names_a_business_rule() -> None:
    """A renderer that knows of PINs, notices or technicians would tell the story a second time."""
    rules = {"ivr.callflow.support_line", "ivr.callflow.ordering", "ivr.callflow.identifying"}
    rules |= {"ivr.callflow.hunting", "ivr.callflow.message", "ivr.callflow.technician_leg"}
    for source in sources("agi_scripts", "webhooks.twilio"):
        assert not source.imported & rules, source.name
