"""Whoever is called at night finds every name that Pikett shows in docs/operations.md."""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

import agi_scripts.worker
import webhooks.app
from ivr import observers
from ivr.callflow.facts import AttemptResult

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = (REPOSITORY / "docs" / "operations.md").read_text()
ALERTS = REPOSITORY / "config" / "prometheus" / "pikett-alerts.yaml"
UNITS = sorted((REPOSITORY / "config" / "systemd").glob("*.service"))
NOT_ENDED = {AttemptResult.RINGING, AttemptResult.ANSWERED}

_TROUBLE = re.compile(r"""\btrouble\(\s*"([a-z_]+)""")
_EVENT = re.compile(r"""_log\.(?:error|warning)\(\s*"([a-z_]+)""")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(#([a-z-]+)\)")


def test_every_metric_is_explained() -> None:
    assert _metrics() >= {"pikett_calls_total", "pikett_agi_active", "pikett_twilio_refused_total"}
    assert _unexplained(_metrics()) == set()


def test_every_trouble_and_every_logged_error_is_explained() -> None:
    names = _found(_TROUBLE) | _found(_EVENT)
    assert names >= {"mail_lost", "agi_failed", "twilio_refused"}
    assert _unexplained(names) == set()


def test_every_end_of_a_ring_attempt_is_named() -> None:
    assert _unexplained(set(AttemptResult) - NOT_ENDED) == set()


def test_alerts_ask_for_metrics_that_exist() -> None:
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"pikett_[a-z_]+", rule["expr"])}
    assert asked
    assert asked <= _metrics()


def test_every_unit_and_every_heading_that_is_named_exists() -> None:
    headings = {re.sub(r"[^a-z -]", "", head.lower()) for head in _HEADING.findall(DOCUMENT)}
    anchors = {heading.replace(" ", "-") for heading in headings}
    assert set(_LINK.findall(DOCUMENT)) <= anchors
    assert {unit.stem for unit in UNITS} == {"pikett-agi", "pikett-web", "pikett-worker"}
    assert _unexplained(unit.stem for unit in UNITS) == set()


def _metrics() -> set[str]:
    """Names as Prometheus sees them, of everything that the imported servers register."""
    assert agi_scripts.worker.ACTIVE
    assert webhooks.app.create_app
    assert observers.CALLS
    return {
        f"{metric.name}_total" if metric.type == "counter" else metric.name
        for metric in REGISTRY.collect()
        if metric.name.startswith("pikett_")
    }


def _found(pattern: re.Pattern[str]) -> set[str]:
    return {
        name
        for package in ("ivr", "agi_scripts", "webhooks")
        for path in (REPOSITORY / package).rglob("*.py")
        for name in pattern.findall(path.read_text())
    }


def _unexplained(names: Iterable[str]) -> set[str]:
    return {str(name) for name in names if f"`{name}`" not in DOCUMENT}
