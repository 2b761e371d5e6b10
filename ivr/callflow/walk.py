"""A breadth-first walk over a flow's table, for the tests and for the state diagrams.

From the initial session every event that the present wait could produce is tried, in the variants
that make a difference (keys, answers, before and after a deadline). Sessions that differ only in
what does not steer the flow are taken as one.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic

from ivr.callflow.events import Event
from ivr.callflow.machine import Action, Flow, Handler, S
from ivr.callflow.requests import Command

Samples = Callable[[S], Iterator[tuple[str, Event]]]
"""Labelled events that may reach a session."""


@dataclass(frozen=True, slots=True)
class Edge(Generic[S]):
    """One step of the walk; `label` is the event in words."""

    before: S
    label: str
    event: Event
    handler: Handler[S]
    after: S
    actions: tuple[Action, ...]

    @property
    def states(self) -> tuple[StrEnum, str, StrEnum]:
        """The step as a diagram shows it."""
        return self.before.state, self.label, self.after.state

    @property
    def wait(self) -> Action | None:
        """What the step ends with: a waiting verb, a question, or None on a closed leg."""
        steps = [action for action in self.actions if not isinstance(action, Command)]
        return steps[-1] if steps else None


def walk(flow: Flow[S], samples: Samples[S], key: Callable[[S], Any]) -> list[Edge[S]]:
    """Every step reachable from the initial session; `key` says which sessions are the same."""
    edges: list[Edge[S]] = []
    waiting = deque([flow.initial])
    seen = {key(flow.initial)}
    while waiting:
        session = waiting.popleft()
        for edge in _steps(flow, samples, session):
            edges.append(edge)
            if key(edge.after) not in seen:
                seen.add(key(edge.after))
                waiting.append(edge.after)
    return edges


def _steps(flow: Flow[S], samples: Samples[S], session: S) -> Iterator[Edge[S]]:
    for label, event in samples(session):
        if type(event) not in flow.table.get(session.state, {}):
            continue
        turn = flow.advance(session, event)
        handler = flow.handler(session, event)
        yield Edge(session, label, event, handler, turn.session, turn.actions)
