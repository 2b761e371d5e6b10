"""Replies and call records as the page's script reads them."""

import re
from datetime import datetime
from typing import Any

from flask import url_for

from ivr.bootstrap import Application
from ivr.callflow.prompts import Prompt
from ivr.callflow.verbs import Announce, Dial, Gather, Play, Record, Verb
from ivr.contracts.windows import local_time
from ivr.services.calls import Reply
from ivr.services.records import CallRecord, ConsentRecord, LogEntry, StoredTurn, TicketView
from webhooks.console.pages import words

Json = dict[str, Any]
_WITHIN = re.compile(r"(?<=[a-z])(?=[A-Z])")


def render_reply(app: Application, reply: Reply, at: datetime) -> Json:
    """Verbs with texts, sounds and seconds; waiting times counted from now."""
    return {
        "call": reply.call_id,
        "leg": reply.leg_id,
        "turn": reply.turn,
        "state": reply.state,
        "over": reply.over,
        "clock": local_time(at).isoformat(),
        "verbs": [_verb(app, verb, at) for verb in reply.verbs],
    }


def _verb(app: Application, verb: Verb, at: datetime) -> Json:
    rendered: Json = {"verb": type(verb).__name__}
    match verb:
        case Play(prompts) | Announce(prompts):
            rendered |= {"prompts": _prompts(app, prompts)}
        case Gather():
            rendered |= {
                "prompts": _prompts(app, verb.prompts),
                "max_digits": verb.max_digits,
                "finish_key": verb.finish_key,
                "timeout": verb.timeout,
                "digit_timeout": verb.digit_timeout,
                "not_before": _from_now(verb.not_before, at),
                "until": _from_now(verb.until, at),
                "secret": verb.secret,
            }
        case Record():
            rendered |= {
                "prompts": _prompts(app, verb.prompts),
                "max_seconds": verb.max_seconds,
                "finish_key": verb.finish_key,
            }
        case Dial():
            rendered |= {"legs": [_leg(app, leg.attempt_id) for leg in verb.legs]}
    return rendered


def _from_now(instant: datetime | None, at: datetime) -> float | None:
    return None if instant is None else max(0.0, (instant - at).total_seconds())


def _prompts(app: Application, prompts: tuple[Prompt, ...]) -> list[Json]:
    return [
        {
            "key": prompt.key,
            "language": prompt.language,
            "text": app.catalogue.text(prompt),
            "sounds": [app.sound_links.path(sound.name) for sound in app.sounds.sounds([prompt])],
            "seconds": app.sounds.seconds([prompt]),
        }
        for prompt in prompts
    ]


def _leg(app: Application, attempt_id: str) -> Json:
    with app.storage.reading() as uow:
        attempt = uow.attempts.get(attempt_id)
    return {
        "attempt": attempt.id,
        "name": attempt.name,
        "number": attempt.number,
        "level": attempt.level,
        "ring_seconds": attempt.ring_seconds,
        "language": attempt.language,
    }


def render_call(app: Application, call: CallRecord) -> Json:
    """Everything the page shows beside the handsets."""
    with app.storage.reading() as uow:
        turns = uow.calls.list_turns(call.id)
        attempts = uow.attempts.list_of(call.id)
        consents = uow.consents.list_of_call(call.id)
        summary = uow.calls.summary(call.id)
        number = call.ticket_number
        ticket = uow.tickets.view(number) if number is not None else None
        mails = uow.outbox.list_for_ticket(number) if number is not None else []
    return {
        "steps": [step for turn in turns for step in _steps(turn)],
        "attempts": [{"name": each.name, "result": each.result} for each in attempts],
        "consents": [_consent(consent) for consent in consents],
        "result": summary.result,
        "order": summary.order_state,
        "identified_by": summary.identified_by,
        "ticket": _ticket(app, ticket) if ticket is not None else None,
        "mails": [
            {"to": mail.recipient, "subject": mail.subject, "body": mail.body} for mail in mails
        ],
    }


def _steps(turn: StoredTurn) -> list[Json]:
    clock = f"{local_time(turn.at):%H:%M:%S}"
    return [
        {
            "at": clock,
            "flow": turn.flow,
            "state": entry.state,
            "event": entry.event["type"],
            "digits": entry.event.get("digits"),
            "next": entry.next,
            "did": entry.did,
            "told": _told(entry),
        }
        for entry in turn.log
    ]


def _told(entry: LogEntry) -> Json:
    """The same for people; a request without words is only of interest to a programmer."""
    t = words()
    done = {f"phone.done.{_snake(name)}" for name in entry.did}
    return {
        "event": t(f"phone.event.{_snake(entry.event['type'])}"),
        "next": t(f"phone.step.{entry.next}"),
        "did": sorted(text for key in done if (text := t(key)) != key),
    }


def _snake(name: str) -> str:
    return _WITHIN.sub("_", name).lower()


def _consent(consent: ConsentRecord) -> Json:
    return {
        "text": consent.text,
        "language": consent.language,
        "heard_from": f"{local_time(consent.heard_from):%H:%M:%S}",
        "heard_until": f"{local_time(consent.heard_until):%H:%M:%S}",
        "key": consent.key,
        "pressed_at": f"{local_time(consent.pressed_at):%H:%M:%S}",
        "digest": consent.text_sha256[:12],
    }


def _ticket(app: Application, ticket: TicketView) -> Json:
    token = app.links.ticket(ticket.number).rsplit("/", 1)[1]
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "kind_name": words()(f"kind.{ticket.kind}"),
        "customer": ticket.customer_name,
        "location": ticket.location_name,
        "page": url_for("tickets.show", token=token),
        "messages": [
            {
                "seconds": round(recording.seconds, 1),
                "sound": url_for("tickets.message", token=token, recording_id=recording.id),
            }
            for recording in ticket.recordings
            if recording.file is not None
        ],
    }
