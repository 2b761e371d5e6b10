"""What Asterisk may ask for: the inbound call, the leg of whoever was rung, the end of a call."""

import re
from collections.abc import Callable, Mapping

from agi_scripts.channel import AgiChannel
from agi_scripts.renderer import ACCEPTED, AgiRenderer, Folders
from ivr.bootstrap import Application
from ivr.errors import CallerGoneError, MalformedRequestError
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Reply
from ivr.services.reports import DialReport, DialStatus, IncomingCall

CHANNEL = "asterisk"
PRESENTATION_MASK, PRESENTATION_ALLOWED = 0x60, 0x00

_TURN = re.compile(r"(?P<leg>[a-z0-9]{1,32})-(?P<turn>\d{1,6})")
_DIAL_STATUS = {
    "ANSWER": DialStatus.ANSWERED,
    "BUSY": DialStatus.BUSY,
    "NOANSWER": DialStatus.NO_ANSWER,
    "CANCEL": DialStatus.CANCELLED,
}

Script = Callable[[AgiChannel, Application], None]


def support_line(channel: AgiChannel, app: Application) -> None:
    """The caller's leg: its first turn, or the one that follows a Dial."""
    reply = _dial_ended(channel, app) if channel.argument(1) else _begin(channel, app)
    _converse(channel, app, reply)


def technician_leg(channel: AgiChannel, app: Application) -> None:
    """The leg of somebody who was rung; argument 1 is the ring attempt."""
    channel.set(ACCEPTED, "")
    try:
        reply = app.calls.begin_leg(channel.argument(1), app.clock.now())
    except LookupError as error:
        raise MalformedRequestError("no such ring attempt") from error
    _converse(channel, app, reply)


def call_ended(channel: AgiChannel, app: Application) -> None:
    """The channel is gone: close its record, wherever the call stood."""
    call_id = app.calls.find(CHANNEL, _unique_id(channel))
    if call_id is not None:
        app.calls.hang_up(call_id, app.clock.now())


def health(channel: AgiChannel, app: Application) -> None:
    """Sets PIKETT_HEALTH to `ok` if the database answers."""
    app.calls.find(CHANNEL, "health")
    channel.set("PIKETT_HEALTH", "ok")


SCRIPTS: Mapping[str, Script] = {
    "support_line": support_line,
    "technician_leg": technician_leg,
    "call_ended": call_ended,
    "health": health,
}


def _converse(channel: AgiChannel, app: Application, reply: Reply) -> None:
    """Turn after turn until the flow hands over to the dialplan or is over."""
    renderer = AgiRenderer(channel, app.sounds, app.clock, app.ids, _folders(app))
    try:
        while (report := renderer.perform(reply)) is not None:
            reply = app.calls.report(reply.leg_id, reply.turn, report)
    except CallerGoneError:
        app.calls.hang_up(reply.leg_id, app.clock.now())
        raise


def _begin(channel: AgiChannel, app: Application) -> Reply:
    raw = channel.env.get("agi_callerid", "")
    caller = parse_caller_id(
        "" if raw == "unknown" else raw,
        restricted=_is_restricted(channel.env.get("agi_callingpres", "0")),
        own_numbers=app.settings.own_numbers,
        bare_national=app.settings.line.bare_national_callers,
    )
    return app.calls.begin(
        IncomingCall(
            channel=CHANNEL,
            provider_call_id=_unique_id(channel),
            caller=caller,
            raw_caller=raw,
            at=app.clock.now(),
            can_ring_at_once=True,
        )
    )


def _dial_ended(channel: AgiChannel, app: Application) -> Reply:
    """Argument 1 is leg and turn, 2 the DIALSTATUS, 3 the seconds, 4 what each leg's Dial said."""
    found = _TURN.fullmatch(channel.argument(1))
    if found is None:
        raise MalformedRequestError("not a turn")
    seconds = channel.argument(3)
    report = DialReport(
        at=app.clock.now(),
        status=_dial_status(channel.argument(2)),
        seconds=int(seconds) if seconds.isdigit() else 0,
        legs=_leg_statuses(channel.argument(4)),
    )
    reply = app.calls.report(found["leg"], int(found["turn"]), report)
    # Without a log it is a stored answer: the dialplan asks once more, so go on where the call is.
    return reply if reply.log else app.calls.current(reply.leg_id)


def _dial_status(word: str) -> DialStatus:
    """Everything Asterisk has no word of its own for here is a failure of the telephone."""
    return _DIAL_STATUS.get(word, DialStatus.FAILED)


def _leg_statuses(text: str) -> dict[str, DialStatus]:
    """`ATTEMPT=STATUS` for each leg, set apart by `:`."""
    pairs = (part.partition("=") for part in text.split(":") if "=" in part)
    return {attempt: _dial_status(word) for attempt, _, word in pairs}


def _unique_id(channel: AgiChannel) -> str:
    unique = channel.env.get("agi_uniqueid", "")
    if not re.fullmatch(r"[\w.\-]{1,64}", unique):
        raise MalformedRequestError("no unique id")
    return unique


def _is_restricted(presentation: str) -> bool:
    """Asterisk's bit field: 0x20 restricted, 0x40 unavailable; the number stays readable (B.5)."""
    bits = int(presentation) if presentation.isdigit() else 0
    return bits & PRESENTATION_MASK != PRESENTATION_ALLOWED


def _folders(app: Application) -> Folders:
    asterisk = app.settings.asterisk
    path = app.settings.path
    return Folders(path("sounds"), path("inbox"), asterisk.sounds_dir, asterisk.recordings_dir)
