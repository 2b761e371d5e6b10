"""Telling operators what happens: one log line per transition, and counters.

Rehearsals are logged, marked as such, and never counted. The metrics live in memory-mapped files
where `PROMETHEUS_MULTIPROC_DIR` is set, so that `/metrics` adds up all processes of all servers.
"""

import os
from collections.abc import Sequence
from typing import Any

import structlog
from prometheus_client import Counter, multiprocess

from ivr.callflow.facts import AttemptResult
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.services.ports import Observer
from ivr.services.records import StoredTurn

_log = structlog.get_logger()

CALLS = Counter("pikett_calls", "Calls answered.")
TURNS = Counter("pikett_turns", "Turns taken.", ["flow"])
TRANSITIONS = Counter("pikett_transitions", "Transitions into a state.", ["flow", "state"])
ATTEMPTS = Counter("pikett_ring_attempts", "Ring attempts by result.", ["result"])
TROUBLE = Counter("pikett_trouble", "What an operator must look at.", ["what"])


def forget_process(pid: int) -> None:
    """The gauges of a process that ended no longer count."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


class LogObserver:
    """One line per transition: call, flow, state, event, next state."""

    def transition(self, turn: StoredTurn) -> None:
        """Written after the commit."""
        bound = _log.bind(call=turn.call_id, leg=turn.leg_id, flow=turn.flow, turn=turn.number)
        if turn.rehearsal:
            bound = bound.bind(rehearsal=True)
        for entry in turn.log:
            bound.info(
                "transition",
                state=str(entry.state),
                on=entry.event["type"],
                next=str(entry.next),
            )

    def attempt_ended(self, result: AttemptResult, *, rehearsal: bool) -> None:
        """Ring attempts are in the call record; a line would add nothing."""

    def trouble(self, what: str, **facts: Any) -> None:
        """An operator must look."""
        _log.error(what, **facts)


class MetricsObserver:
    """Counts real calls."""

    def transition(self, turn: StoredTurn) -> None:
        """Rehearsals never count."""
        if turn.rehearsal:
            return
        TURNS.labels(turn.flow).inc()
        if turn.number == 1 and turn.flow == SUPPORT_LINE.name:
            CALLS.inc()
        for entry in turn.log:
            TRANSITIONS.labels(turn.flow, str(entry.next)).inc()

    def attempt_ended(self, result: AttemptResult, *, rehearsal: bool) -> None:
        """By result."""
        if not rehearsal:
            ATTEMPTS.labels(result).inc()

    def trouble(self, what: str, **facts: Any) -> None:
        """By kind."""
        TROUBLE.labels(what).inc()


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def transition(self, turn: StoredTurn) -> None:
        """Tell everybody."""
        for observer in self._observers:
            observer.transition(turn)

    def attempt_ended(self, result: AttemptResult, *, rehearsal: bool) -> None:
        """Tell everybody."""
        for observer in self._observers:
            observer.attempt_ended(result, rehearsal=rehearsal)

    def trouble(self, what: str, **facts: Any) -> None:
        """Tell everybody."""
        for observer in self._observers:
            observer.trouble(what, **facts)
