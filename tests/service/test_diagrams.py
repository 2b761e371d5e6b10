"""The committed diagrams are what the tables say today."""

import re
from typing import Any

import pytest

from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.diagram import diagrams
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.machine import Flow
from ivr.callflow.readiness import READINESS_CALL
from ivr.callflow.recording_call import RECORDING_CALL
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.technician_leg import TECHNICIAN_LEG
from tools.diagram import (
    ALERT_LEGEND,
    CALL_LEGEND,
    FOLDER,
    FOLLOW_UP_LEGEND,
    LEG_LEGEND,
    READINESS_LEGEND,
    RECORDING_LEGEND,
    Legend,
    documents,
)

FLOWS = [
    pytest.param(SUPPORT_LINE, CALL_LEGEND, id="support_line"),
    pytest.param(TECHNICIAN_LEG, LEG_LEGEND, id="technician_leg"),
    pytest.param(FOLLOW_UP, FOLLOW_UP_LEGEND, id="follow_up"),
    pytest.param(ALERT_CALL, ALERT_LEGEND, id="alert_call"),
    pytest.param(READINESS_CALL, READINESS_LEGEND, id="readiness_call"),
    pytest.param(RECORDING_CALL, RECORDING_LEGEND, id="recording_call"),
]
_ARROW = re.compile(r"    (\[\*\]|[a-z_]+) --> (\[\*\]|[a-z_]+)(: [\w ,()-]+)?")


@pytest.mark.parametrize(("flow", "legend"), FLOWS)
def test_the_committed_file_is_the_generated_one(flow: Flow[Any], legend: Legend) -> None:
    name = f"{flow.name}.md"
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == documents()[name], "run `make diagram` and commit what it writes"


def test_there_is_no_file_of_a_flow_that_is_gone() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(documents())


@pytest.mark.parametrize(("flow", "legend"), FLOWS)
def test_every_state_has_words_and_no_words_lack_a_state(flow: Flow[Any], legend: Legend) -> None:
    assert set(legend) == set(flow.table) | flow.final


@pytest.mark.parametrize(("flow", "legend"), FLOWS)
def test_every_state_is_drawn_and_no_label_breaks_mermaid(flow: Flow[Any], legend: Legend) -> None:
    title, *arrows = diagrams()[flow.name].splitlines()
    assert title == "stateDiagram-v2"
    drawn = [_ARROW.fullmatch(arrow) for arrow in arrows]
    assert all(drawn), [arrow for arrow, found in zip(arrows, drawn, strict=True) if not found]
    assert {found[side] for found in drawn if found for side in (1, 2)} == {"[*]", *legend}
