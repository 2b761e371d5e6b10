"""Writes docs/diagrams from the transition tables: `make diagram`.

The arrows come from the same walk that the tests take, so a diagram cannot show a path that does not
exist. Only the words of the legend are written by hand; a state without words stops the writing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ivr.callflow import (
    alert_call,
    follow_up,
    readiness,
    recording_session,
    support_session,
    technician_leg,
)
from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.diagram import diagrams
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.machine import Flow
from ivr.callflow.readiness import READINESS_CALL
from ivr.callflow.recording_call import RECORDING_CALL
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.technician_leg import TECHNICIAN_LEG

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "diagrams"

Legend = Mapping[Any, str]

_CALL = support_session.State
_LEG = technician_leg.State
_AFTER = follow_up.State
_ALERT = alert_call.State

CALL_LEGEND: Legend = {
    _CALL.NEW: "A call that has reached the line. Nobody has answered it yet.",
    _CALL.IDENTIFYING: "The service looks up whose number this is.",
    _CALL.FINDING_DISTURBANCE: "The service looks whether a known disturbance touches the caller.",
    _CALL.OFFERING_TICKET: "The caller has called before and hears that his ticket is open: "
    "1 is about it, 2 or no key something else, 0 the desk.",
    _CALL.JOINING_TICKET: "The service makes it this call's ticket, if it is still open.",
    _CALL.HEARING_DISTURBANCE: "The caller hears what is out of order, before anything costs: "
    "be told of its end and leave, go on, repeat.",
    _CALL.NOTING_INFORM: "The wish to be told is stored, unless the disturbance has just ended.",
    _CALL.CHOOSING_LANGUAGE: "The caller is not known by number and chooses a language. "
    "Asked twice in vain, the line goes on in German.",
    _CALL.ENTERING_SUPPORT_CODE: "The caller enters customer number and PIN in one, or 0 for the "
    "service desk. After the third try without success the desk is rung.",
    _CALL.CHECKING_SUPPORT_CODE: "The service checks the support code.",
    _CALL.CHOOSING_LOCATION: "The customer's locations have different plans, so the caller chooses "
    "one, or 0 for the service desk.",
    _CALL.ASSESSING_WINDOW: "The service looks up whether the plan's window is open.",
    _CALL.ANSWERING_PRECONDITIONS: "The emergency product depends on two questions: 1 yes, 2 no, "
    "0 desk. A no leaves the ticket for the next window.",
    _CALL.HEARING_NOTICE: "The notice plays to its end; no key can cut it short. "
    "One that was not heard in full leads to the desk, never to an order.",
    _CALL.CONFIRMING: "Window open: 1 order, 2 withdraw, 3 repeat, 4 ticket for later, 0 desk.",
    _CALL.CONFIRMING_CHARGE: "A fixed price: 1 order, 2 withdraw, 3 repeat, 4 ticket for "
    "later, 0 desk.",
    _CALL.AUTHORISING: "Whoever was known by his number enters the support code, or 0 for the "
    "desk. Three wrong ones refuse the order.",
    _CALL.CHECKING_AUTHORISATION: "The service checks the support code of an order.",
    _CALL.CHOOSING_OUTSIDE_WINDOW: "Window closed: 4 ticket for the next window, 0 desk, 3 repeat. "
    "If the window has opened meanwhile, the notice for an order follows.",
    _CALL.MAY_WITHDRAW: "The order stands; until five seconds after the end of the notice "
    "2 or a hang-up withdraws it.",
    _CALL.OPENING_ORDER: "The service stores the ticket of the order and promises the mails.",
    _CALL.PLANNING_HUNT: "The service finds out who is on duty.",
    _CALL.RESERVING_TECHNICIANS: "The service reserves the telephones of the next group that are "
    "neither engaged nor refused by the dial guard.",
    _CALL.RINGING_TECHNICIANS: "The telephones of one group ring, or a bridge is up. "
    "Only an accepted leg counts as bridged.",
    _CALL.LOOKING_FOR_TECHNICIAN: "The service looks whether one of the technicians who were on a "
    "call is free, and whether it is this caller's turn: by plan, due time and arrival.",
    _CALL.WAITING_FOR_TECHNICIAN: "All technicians are on a call; the caller hears his choices, then "
    "the hold sound: 1 or no key waits, 2 leaves a message, 0 is the desk. It is looked again every "
    "few seconds, for `hunt.wait_seconds` at most.",
    _CALL.PLANNING_DESK: "The service finds out whether there is a service desk.",
    _CALL.RESERVING_DESK: "The service passes the desk's number through the dial guard.",
    _CALL.RINGING_DESK: "The service desk rings, or a bridge with it is up.",
    _CALL.OFFERING_RECONNECTION: "The bridge ended within fifteen seconds: 1 rings the same telephone "
    "again, once.",
    _CALL.RESERVING_AGAIN: "The service reserves that telephone anew.",
    _CALL.LEAVING_MESSAGE: "The caller speaks after the tone: `#`, silence, three minutes or the "
    "hang-up ends the message. Less than a second of words is asked for once more.",
    _CALL.STORING_MESSAGE: "The service stores the ticket; the caller then hears its number.",
    _CALL.STORING_LAST_WORDS: "The caller has hung up. The service stores the ticket, with or "
    "without words.",
    _CALL.ENDED: "The call is over and its record is closed.",
}

LEG_LEGEND: Legend = {
    _LEG.RINGING: "The telephone rings. Nobody or nothing has picked it up yet.",
    _LEG.PREPARING_WHISPER: "It was picked up; the service collects what is known of the caller.",
    _LEG.DECIDING: "Whoever picked up hears who calls: 1 accepts, 2 declines, 3 repeats, any other "
    "key asks again. Each time leaves 20 seconds; there are two repetitions, wrong keys included.",
    _LEG.ACCEPTING: "The service stores the acceptance; one conditional update decides who is "
    "first. A target with `accept = answer` comes here without a key.",
    _LEG.GIVING_UP: "No key counted. The service looks whether the caller is still there, so that "
    "the right words are said before the leg is let go.",
    _LEG.CONNECTED: "This leg, and no other, is bridged with the caller.",
    _LEG.RELEASED: "This leg is let go. The hunt goes on, or the caller has gone.",
}

FOLLOW_UP_LEGEND: Legend = {
    _AFTER.LEFT: "The caller has ended the bridge; the technician is still on the line.",
    _AFTER.PREPARING: "The service looks whether a ticket waits for his first reaction.",
    _AFTER.ASKING: "1 a possible cause was named, which is written down; 2, any other key and "
    "silence leave it open.",
    _AFTER.OVER: "He is let go.",
}

ALERT_LEGEND: Legend = {
    _ALERT.RINGING: "The line has rung somebody itself. Nobody or nothing has picked it up yet.",
    _ALERT.PREPARING: "It was picked up; the service looks whether the case still needs somebody.",
    _ALERT.DECIDING: "Whoever picked up hears what it is about: 1 takes the case, 2 passes it on, 3 "
    "repeats, 4 asks for five minutes where they can be had, any other key asks again, three times.",
    _ALERT.TAKING: "The service stores the acknowledgement; one conditional update decides who is "
    "first.",
    _ALERT.CHOOSING: "The case is his, and its customer waits to be called back: 1 connects them "
    "now, 2 and silence leave it for later.",
    _ALERT.RESERVING: "The service looks whether the customer is still to be called, under a "
    "number of his.",
    _ALERT.TALKING: "The customer's telephone rings from this leg, then the two talk.",
    _ALERT.FOLLOWING_UP: "The customer has hung up: has the technician named a possible cause? "
    "1 is yes.",
    _ALERT.OVER: "The leg is let go. Only a stored acknowledgement stops the escalation.",
}

READINESS_LEGEND: Legend = {
    readiness.State.RINGING: "The line has rung a technician before his duty; nobody or nothing has "
    "picked it up yet.",
    readiness.State.PREPARING: "It was picked up; the service looks up the duty.",
    readiness.State.ASKING: "He hears his duty: 1 confirms that this telephone reaches him, any other "
    "key asks again, three times.",
    readiness.State.OVER: "The leg is let go. Without the key his telephone is not confirmed.",
}

_TAPE = recording_session.State
RECORDING_LEGEND: Legend = {
    _TAPE.CALLED: "An internal telephone has dialled the extension for recording.",
    _TAPE.ENTERING_NUMBER: "Whoever calls enters his number. The star or silence ends the call, here "
    "and in every other wait for a key.",
    _TAPE.ENTERING_PIN: "Then his PIN.",
    _TAPE.CHECKING: "The service checks both; three refusals end the call.",
    _TAPE.CHOOSING: "He enters the number of a prompt, as the page shows it.",
    _TAPE.LOOKING: "The service looks what has this number.",
    _TAPE.DECIDING: "He has heard the words to be spoken: 1 listens to what callers hear now, 2 "
    "records, 9 chooses another prompt. Three keys that mean nothing end the call.",
    _TAPE.SPEAKING: "He speaks after the tone: `#`, silence or three minutes end it; a hang-up keeps "
    "nothing.",
    _TAPE.TAKING: "The service levels what was recorded, or says why it cannot be used.",
    _TAPE.REVIEWING: "1 listens to the take as callers would hear it, 2 records again, 3 keeps it as "
    "a draft, 9 gives it up for another prompt.",
    _TAPE.KEEPING: "The service keeps the draft, which is published on the page.",
    _TAPE.OVER: "The call is over; what was not kept is deleted.",
}

_INTRODUCTION = """\
<!-- Written by `make diagram` from the transition table; change the table, not this file. -->

# The flow `{name}`

{purpose}

An arrow names the events that lead from one state to the next. The same event may lead to several
states where a count or a time decides: a third silence is not a first one. Words in brackets say
under which circumstance an event leads there; `A` stands for the keys A to D, `9` for a digit that
means nothing there.

```mermaid
{diagram}```

## What each state waits for

| State | What it waits for | Events it handles |
|---|---|---|
{rows}
"""

_PURPOSES = {
    SUPPORT_LINE.name: "The caller's leg, from the answer to a person or a ticket. "
    "The table is `ivr/callflow/support_line.py`.",
    TECHNICIAN_LEG.name: "The leg of somebody who was rung, from the ringing to the bridge or to "
    "its release. The table is `ivr/callflow/technician_leg.py`.",
    FOLLOW_UP.name: "The leg of the technician after the caller has left the bridge, on Asterisk. "
    "The table is `ivr/callflow/follow_up.py`.",
    ALERT_CALL.name: "A call of the line's own to somebody who is needed. "
    "The table is `ivr/callflow/alert_call.py`.",
    READINESS_CALL.name: "A call of the line's own to a technician before his duty. "
    "The table is `ivr/callflow/readiness.py`.",
    RECORDING_CALL.name: "An admin who records prompts from an internal telephone, on Asterisk. "
    "The table is `ivr/callflow/recording_call.py`.",
}


def documents() -> dict[str, str]:
    """The files of docs/diagrams by name."""
    return {
        f"{flow.name}.md": _document(flow, legend)
        for flow, legend in (
            (SUPPORT_LINE, CALL_LEGEND),
            (TECHNICIAN_LEG, LEG_LEGEND),
            (FOLLOW_UP, FOLLOW_UP_LEGEND),
            (ALERT_CALL, ALERT_LEGEND),
            (READINESS_CALL, READINESS_LEGEND),
            (RECORDING_CALL, RECORDING_LEGEND),
        )
    }


def _document(flow: Flow[Any], legend: Legend) -> str:
    return _INTRODUCTION.format(
        name=flow.name,
        purpose=_PURPOSES[flow.name],
        diagram=diagrams()[flow.name],
        rows="\n".join(_rows(flow, legend)),
    )


def _rows(flow: Flow[Any], legend: Legend) -> Iterator[str]:
    for state in [*flow.table, *sorted(flow.final)]:
        handled = ", ".join(f"`{event.__name__}`" for event in flow.table.get(state, {}))
        yield f"| `{state}` | {legend[state]} | {handled or 'none: the end'} |"


def main() -> None:
    """Write every file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
