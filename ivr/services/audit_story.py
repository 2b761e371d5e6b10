"""A ticket's story: what the line did, what people said, and what they did in the console.

The line's deeds are read from what the call left behind; those of people from the audit log, unless
the ticket itself tells them better. Nothing is stored for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ivr.callflow.requests import OrderState
from ivr.callflow.support_session import State
from ivr.contracts.faults import Fact, Phase, Statement, YesNo
from ivr.errors import PikettError
from ivr.services.audit_clock import (
    in_our_time,
    rows_in_call_time,
    said_in_call_time,
    shift_of,
)
from ivr.services.audit_prices import Price, named_prices, prices_of
from ivr.services.audit_records import RungTelephone, WorkRecord
from ivr.services.desk_records import CHANNEL
from ivr.services.faults import Faults, TicketState
from ivr.services.listing import AuditRow
from ivr.services.people_audit import LOOKS, read_detail
from ivr.services.records import CallRecord, ConsentRecord, LogEntry, StoredTurn
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.ticket_files import TicketFile

AT_THE_SAME_TIME = timedelta(seconds=10)
"""An entry of the log follows what it tells of."""
CORRECTED = "ticket_corrected"
"""The log tells from what to what; what was said then tells the new value only."""
_TOLD_BETTER = {
    "ticket_taken": Fact.RESPONSIBLE,
    "ticket_passed_on": Fact.RESPONSIBLE,
    "first_reaction": Fact.FIRST_REACTION,
    "ticket_moved": Fact.PHASE,
}
_EARLY = (
    "called",
    "called_desk",
    "hidden",
    "known",
    "not_known",
    "code_right",
    "code_wrong",
    "heard",
)

_LATER = {"explained": 1, "hung_up": 4}
_SEARCHED = 5
_TURNED = (OrderState.WITHDRAWN, OrderState.REFUSED)


@dataclass(frozen=True, slots=True)
class Deed:
    """One sentence. `said` are facts with their values, `device` that of a link."""

    at: datetime
    key: str
    who: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None
    prices: tuple[Price, ...] = ()
    said: tuple[tuple[Fact, str], ...] = ()
    reason: str = ""
    minutes: int = 0
    device: str = ""
    ticket: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """Of one ticket, the oldest first."""

    file: TicketFile
    lines: tuple[Deed | AuditRow, ...]


class Stories:
    """Reads them."""

    def __init__(self, storage: Storage, faults: Faults) -> None:
        self._storage = storage
        self._faults = faults

    def of_ticket(self, number: int, now: datetime, *, looks: bool) -> Story | None:
        """None where there is no such ticket."""
        with self._storage.reading() as uow:
            try:
                state = self._faults.state_in(uow, number, now)
            except PikettError:
                return None
            return _story(uow, state, uow.ticket_files.get(number), looks=looks)


def _story(uow: UnitOfWork, state: TicketState, file: TicketFile, *, looks: bool) -> Story:
    call = uow.calls.get(file.call_id)
    consents = uow.consents.list_of_call(file.call_id)
    called = tuple(_of_call(call, file, uow.calls.list_turns(file.call_id)))
    deeds = [
        *called,
        *_of_consents(consents, file.kind, called),
        *_of_ticket(state, file),
        *_of_rings(uow.audit.rung_for(file.call_id)),
        *_said(
            file.number, said_in_call_time(state.statements, call), uow.audit.work_on(file.number)
        ),
    ]
    card = in_our_time(uow.audit.card_of(file.call_id), shift_of(call))
    rows = rows_in_call_time(uow.audit.of_ticket(file.number, card), shift_of(call))
    shown = [row for row in rows if looks or row.action not in LOOKS]
    return Story(file, tuple(sorted(_merged(deeds, shown, consents), key=_order)))


def _order(line: Deed | AuditRow) -> tuple[datetime, int]:
    """At the same instant: who called, what the agent did, what followed, what was looked at;
    the search for somebody begins when all that is over.
    """
    if isinstance(line, AuditRow):
        return line.at, 1 if line.action.startswith("desk_") else 3
    if line.values.get("search"):
        return line.at, _SEARCHED
    return line.at, 0 if line.key in _EARLY else _LATER.get(line.key, 2)


# The line -----------------------------------------------------------------------------------------


def _of_call(call: CallRecord, file: TicketFile, turns: Iterable[StoredTurn]) -> Iterator[Deed]:
    number = file.caller_number or ""
    key = "called_desk" if call.channel == CHANNEL else "called" if number else "hidden"
    yield Deed(file.received_at, key, values={"number": number})
    conditions: Mapping[str, Any] = {}
    for entry in (each for turn in turns if turn.leg_id == call.id for each in turn.log):
        conditions = entry.event.get("conditions", conditions)
        if _is_heard(entry):
            at = datetime.fromisoformat(entry.event["at"])
            yield Deed(at, "heard", prices=named_prices(conditions))
        yield from _of_event(entry.event)
    if call.ended_at is not None and call.channel != CHANNEL:
        yield Deed(call.ended_at, "hung_up")


def _is_heard(entry: LogEntry) -> bool:
    """To its end; what a key interrupts is told by its consent, if there is one."""
    return entry.state == State.HEARING_NOTICE and entry.event["type"] == "PlaybackFinished"


def _of_event(event: Mapping[str, Any]) -> Iterator[Deed]:
    kind, at = event["type"], datetime.fromisoformat(event["at"])
    if kind == "CallerIdentified":
        known = event["customers"]
        if len(known) == 1:
            yield Deed(at, "known", values=_customer(known[0]))
        else:
            yield Deed(at, "not_known")
    elif kind == "SupportCodeAccepted":
        yield Deed(at, "code_right", values=_customer(event["customer"]))
    elif kind == "SupportCodeRefused":
        yield Deed(at, "code_wrong")
    elif kind == "MessageRecorded":
        yield Deed(at, "message", values={"seconds": f"{event['seconds']:.0f}"})


def _customer(facts: Mapping[str, Any]) -> dict[str, str]:
    return {"name": str(facts["name"]), "number": str(facts["number"])}


def _of_consents(
    consents: Iterable[ConsentRecord], kind: str, told: Sequence[Deed]
) -> Iterator[Deed]:
    """What the caller heard from the line and ordered by a key; an agent's own words are his."""
    heard = [each.at for each in told if each.key == "heard"]
    for consent in consents:
        if consent.agent_id is None:
            if not any(abs(each - consent.heard_until) <= AT_THE_SAME_TIME for each in heard):
                yield Deed(consent.heard_until, "heard", prices=prices_of(consent.figures))
            values = {"key": consent.key, "kind": kind}
            yield Deed(consent.pressed_at, "ordered", values=values)


def _of_ticket(state: TicketState, file: TicketFile) -> Iterator[Deed]:
    values = {"number": str(file.number), "kind": file.kind}
    yield Deed(file.opened_at, "opened", values=values)
    if state.alarm is not None:
        yield Deed(file.opened_at, "promised", until=state.alarm.deadline.due)
    if file.ordered_at is None and file.order_state in _TURNED:
        yield Deed(file.opened_at, str(file.order_state))


def _of_rings(rings: Iterable[RungTelephone]) -> Iterator[Deed]:
    for ring in rings:
        values = {"name": ring.name, "result": ring.result, "search": ring.search}
        if ring.accepted_at is None:
            yield Deed(ring.started_at, "rung", values=values)
        else:
            yield Deed(ring.accepted_at, "accepted", ring.name)
        if ring.bridge_seconds:
            ended = ring.ended_at or ring.accepted_at or ring.started_at
            yield Deed(ended, "bridged", values=values | {"span": _span(ring.bridge_seconds)})


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else f"{round(seconds / 60)} min"


# People -------------------------------------------------------------------------------------------


def _said(
    number: int, statements: Sequence[Statement], work: Sequence[WorkRecord]
) -> Iterator[Deed]:
    """What one person said at one instant is one sentence, with the minutes he wrote down."""
    groups: dict[tuple[datetime, str], list[Statement]] = {}
    for each in statements:
        groups.setdefault((each.at, each.author), []).append(each)
    for (at, author), said in groups.items():
        minutes = sum(each.minutes for each in work if (each.at, each.name) == (at, author))
        for deed in _sentences(at, author, said, minutes):
            yield replace(deed, ticket=number)


def _sentences(
    at: datetime, author: str, said: Sequence[Statement], minutes: int
) -> Iterator[Deed]:
    rest, phase = [], None
    reason = next((each.reason for each in said if each.reason), "")
    for each in said:
        if each.fact is Fact.RESPONSIBLE:
            key = "took" if each.value == author else "passed_on"
            yield Deed(at, key, author, {"name": each.value}, reason=each.reason or "")
        elif each.fact is Fact.FIRST_REACTION:
            yield Deed(at, "reacted", author, {"words": each.value})
        elif each.fact is Fact.PHASE:
            phase = each.value
        elif each.value != YesNo.NO:
            rest.append((each.fact, each.value))
    if phase is not None:
        values = {"phase": phase}
        key = "closed" if phase == Phase.CLOSED else "moved"
        yield Deed(at, key, author, values, said=tuple(rest), reason=reason, minutes=minutes)
    elif rest:
        yield Deed(at, "noted", author, said=tuple(rest), reason=reason, minutes=minutes)


def _merged(
    deeds: Sequence[Deed], rows: Sequence[AuditRow], consents: Sequence[ConsentRecord]
) -> Iterator[Deed | AuditRow]:
    """Each thing once: as the ticket tells it, with the device of the link that was used."""
    devices: dict[int, str] = {}
    for row in rows:
        told = next((each for each in deeds if _is_told(row, each)), None)
        if told is None:
            yield _explained(row, consents) or row
        else:
            devices[id(told)] = read_detail(row.detail).device
    corrected = {row.at for row in rows if row.action == CORRECTED}
    for deed in deeds:
        if deed.key == "noted" and deed.at in corrected:
            continue
        yield _with_device(deed, devices.get(id(deed), ""))


def _is_told(row: AuditRow, deed: Deed) -> bool:
    fact = _TOLD_BETTER.get(row.action)
    tells = {"took": Fact.RESPONSIBLE, "passed_on": Fact.RESPONSIBLE}
    tells |= {"reacted": Fact.FIRST_REACTION, "moved": Fact.PHASE, "closed": Fact.PHASE}
    same = (
        fact is not None
        and tells.get(deed.key) is fact
        and deed.who == (row.name or read_detail(row.detail).owner)
    )
    return same and abs(row.at - deed.at) <= AT_THE_SAME_TIME


def _with_device(deed: Deed, device: str) -> Deed:
    return replace(deed, device=device) if device else deed


def _explained(row: AuditRow, consents: Iterable[ConsentRecord]) -> Deed | None:
    """An agent's reading of the notice, with its price once it was ordered on."""
    if row.action != "desk_explained":
        return None
    for each in consents:
        if each.agent_id is not None and abs(row.at - each.heard_from) <= AT_THE_SAME_TIME:
            return Deed(row.at, "explained", row.name or row.login, prices=prices_of(each.figures))
    return None
