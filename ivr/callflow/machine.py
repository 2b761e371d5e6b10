"""The machine that drives every flow: look the handler up, call it, give back what it says.

A flow is a table `state -> {event type: handler}`. A handler is a function of a few lines from
session and event to a `Turn`: the next session and the actions to carry out, in order. A turn ends
with a verb that waits for the telephone, with a question that the service answers, or it has closed
the leg. An event the state does not know raises and changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from ivr.callflow.events import Event
from ivr.callflow.requests import Request
from ivr.callflow.verbs import Verb
from ivr.errors import UnexpectedEventError


class Session(Protocol):
    """What the machine itself needs to know of a session."""

    @property
    def state(self) -> StrEnum:
        """What the flow is waiting for."""
        ...


S = TypeVar("S", bound=Session)
Action = Verb | Request


@dataclass(frozen=True, slots=True)
class Turn(Generic[S]):
    """The next session and what is to be done, in order."""

    session: S
    actions: tuple[Action, ...] = ()

    def first(self, *actions: Action) -> "Turn[S]":
        """The same turn with `actions` carried out before its own."""
        return Turn(self.session, actions + self.actions)


Handler = Callable[[S, Any], Turn[S]]
Table = Mapping[StrEnum, Mapping[type[Event], Handler[S]]]


@dataclass(frozen=True)
class Flow(Generic[S]):
    """A named transition table; `final` are the states in which the leg is closed."""

    name: str
    table: Table[S]
    initial: S
    final: frozenset[StrEnum]

    def advance(self, session: S, event: Event) -> Turn[S]:
        """The turn that `event` causes; raises UnexpectedEventError for an unknown pair."""
        return self.handler(session, event)(session, event)

    def handler(self, session: S, event: Event) -> Handler[S]:
        """The handler that `advance` would call."""
        try:
            return self.table[session.state][type(event)]
        except KeyError:
            raise UnexpectedEventError(
                f"{self.name}: no handler for {type(event).__name__} in {session.state}"
            ) from None

    def is_over(self, session: S) -> bool:
        """True once the leg is closed."""
        return session.state in self.final
