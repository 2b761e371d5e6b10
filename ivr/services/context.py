"""What a request is carried out in: the transaction, the call, the leg and the instant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.callflow.events import Event
from ivr.callflow.requests import Request
from ivr.services.pins import Verdict
from ivr.services.stores import UnitOfWork


@dataclass(frozen=True, slots=True)
class Context:
    """`leg_id` is the call's own id for the caller's leg, the attempt's id for a rung one.

    `verdicts` were found ahead, because they take long; requests without one are judged inside.
    """

    uow: UnitOfWork
    call_id: str
    leg_id: str
    at: datetime
    verdicts: Mapping[Request, Verdict] = field(default_factory=dict)


Executor = Callable[[Context, Any], Event | None]
"""Carries out one kind of request; a question gives back its answer."""

Executors = Mapping[type[Request], Executor]
