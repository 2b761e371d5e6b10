"""State diagrams in Mermaid, drawn from the same walk that the tests take."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from ivr.callflow import alert_samples, readiness_samples, recording_samples, samples
from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.machine import Flow
from ivr.callflow.readiness import READINESS_CALL
from ivr.callflow.recording_call import RECORDING_CALL
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.technician_leg import TECHNICIAN_LEG
from ivr.callflow.walk import Edge, walk

KEY = "key "


@cache
def diagrams() -> Mapping[str, str]:
    """A Mermaid diagram by name of the flow; the walk takes seconds, so it is taken once."""
    inbound = walk(SUPPORT_LINE, samples.support_events, samples.support_key)
    leg = walk(TECHNICIAN_LEG, samples.leg_events, samples.leg_key)
    after = walk(FOLLOW_UP, samples.follow_up_events, samples.follow_up_key)
    alert = walk(ALERT_CALL, alert_samples.alert_events, alert_samples.alert_key)
    trial = walk(
        READINESS_CALL, readiness_samples.readiness_events, readiness_samples.readiness_key
    )
    record = walk(
        RECORDING_CALL, recording_samples.recording_events, recording_samples.recording_key
    )
    drawn = {
        SUPPORT_LINE.name: _draw(SUPPORT_LINE, inbound),
        TECHNICIAN_LEG.name: _draw(TECHNICIAN_LEG, leg),
        FOLLOW_UP.name: _draw(FOLLOW_UP, after),
        ALERT_CALL.name: _draw(ALERT_CALL, alert),
        READINESS_CALL.name: _draw(READINESS_CALL, trial),
        RECORDING_CALL.name: _draw(RECORDING_CALL, record),
    }
    return MappingProxyType(drawn)


def _draw(flow: Flow, edges: Iterable[Edge]) -> str:  # type: ignore[type-arg]
    """One arrow between two states, with all events that lead from one to the other."""
    arrows: dict[tuple[str, str], dict[str, None]] = {}
    for edge in edges:
        before, label, after = edge.states
        arrows.setdefault((before, after), {})[label] = None
    lines = ["stateDiagram-v2", f"    [*] --> {flow.initial.state}"]
    lines += [
        f"    {before} --> {after}: {_summary(labels)}"
        for (before, after), labels in arrows.items()
    ]
    lines += [f"    {state} --> [*]" for state in sorted(flow.final)]
    return "\n".join(lines) + "\n"


def _summary(labels: Iterable[str]) -> str:
    """Labels are `event` or `event, circumstance`; the plain event covers its circumstances."""
    circumstances: dict[str, list[str]] = {}
    for label in labels:
        event, _, circumstance = label.partition(", ")
        circumstances.setdefault(event, []).append(circumstance)
    plain = [event for event, found in circumstances.items() if "" in found]
    words = [event for event in plain if not event.startswith(KEY)]
    words += [
        f"{event} ({', '.join(found)})" for event, found in circumstances.items() if "" not in found
    ]
    keys = sorted(event.removeprefix(KEY) for event in plain if event.startswith(KEY))
    return ", ".join([f"{KEY}{' '.join(keys)}", *words] if keys else words)
