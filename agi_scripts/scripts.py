"""What Asterisk may ask for: the inbound call, the legs of whoever was rung, the end of a call."""

import re
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from agi_scripts.channel import AgiChannel
from agi_scripts.renderer import ACCEPTED, AgiRenderer, Folders
from ivr.bootstrap import Application
from ivr.callflow.events import Event, MessageRecorded
from ivr.errors import (
    CallerGoneError,
    ConfigurationError,
    ConnectionLostError,
    MalformedRequestError,
)
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.calls import Reply
from ivr.services.recordings import FILE
from ivr.services.reports import DialReport, DialStatus, IncomingCall, Report
from ivr.services.spool import put_off_hang_up, put_off_message

CHANNEL = "asterisk"
PRESENTATION_MASK, PRESENTATION_ALLOWED = 0x60, 0x00

_TURN = re.compile(r"(?P<leg>[a-z0-9]{1,32})-(?P<turn>[0-9]{1,6})")
_WHOLE = re.compile(r"[0-9]{1,9}")
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


def after_bridge(channel: AgiChannel, app: Application) -> None:
    """The caller has left the bridge; argument 1 is the ring attempt of who is still there."""
    try:
        reply = app.calls.begin_follow_up(channel.argument(1), app.clock.now())
    except LookupError as error:
        raise MalformedRequestError("no such ring attempt") from error
    _converse(channel, app, reply)


def alert_call(channel: AgiChannel, app: Application) -> None:
    """The leg of somebody whom the line rang itself; argument 1 is the page.

    After a Dial of his own, to a customer who is called back, 2 to 5 say how it ended.
    """
    try:
        if channel.argument(2):
            reply = _dial_ended(channel, app, first=2)
        else:
            reply = app.calls.begin_page(channel.argument(1), app.clock.now())
    except LookupError as error:
        raise MalformedRequestError("no such page") from error
    _converse(channel, app, reply)


def page_ended(channel: AgiChannel, app: Application) -> None:
    """A call of the line's own is over; argument 1 is the page, 2 the DIALSTATUS."""
    page_id, now = channel.argument(1), app.clock.now()
    status = _dial_status(channel.argument(2))
    app.calls.hang_up(page_id, now)
    for each in (app.paging, app.readiness, app.selftest):
        each.ended(page_id, status, now)


def selftest(channel: AgiChannel, app: Application) -> None:
    """The line calls itself: what the caller presses; argument 1 is the run."""
    channel.set("PIKETT_KEYS", app.selftest.keys(channel.argument(1)))


def recording_call(channel: AgiChannel, app: Application) -> None:
    """An admin records prompts; only an internal context of the dialplan leads here."""
    call = app.recording_calls.begin(channel.env.get("agi_callerid", ""), app.clock.now())
    renderer = AgiRenderer(channel, app.sounds, app.clock, app.ids, _folders(app))
    try:
        while isinstance(report := renderer.perform(call.reply), Event):
            call.report(report)
    except CallerGoneError:
        call.gone(app.clock.now())
        raise
    finally:
        call.close()
        for recording in renderer.recordings:
            recording.unlink(missing_ok=True)


def call_ended(channel: AgiChannel, app: Application) -> None:
    """The channel is gone: close its record, wherever the call stood.

    The dialplan only knows that it was told; if it cannot be stored, the spool tells it later.
    """
    unique, now = _unique_id(channel), app.clock.now()
    try:
        call_id = app.calls.find(CHANNEL, unique)
        if call_id is not None:
            app.calls.hang_up(call_id, now)
    except SQLAlchemyError:
        put_off_hang_up(app.settings.path("spool"), unique, now)
        raise


def health(channel: AgiChannel, app: Application) -> None:
    """Sets PIKETT_HEALTH to `ok` if the database answers.

    A file that was removed still answers over connections that were opened before.
    """
    if app.is_database_missing():
        raise ConfigurationError("the file of the database is not there")
    app.calls.find(CHANNEL, "health")
    channel.set("PIKETT_HEALTH", "ok")


SCRIPTS: Mapping[str, Script] = {
    "support_line": support_line,
    "technician_leg": technician_leg,
    "after_bridge": after_bridge,
    "call_ended": call_ended,
    "alert_call": alert_call,
    "page_ended": page_ended,
    "selftest": selftest,
    "recording_call": recording_call,
    "health": health,
}


def _converse(channel: AgiChannel, app: Application, reply: Reply) -> None:
    """Turn after turn until the flow hands over to the dialplan or is over.

    A connection that broke is no hang-up: the dialplan asks once more with the same turn if the
    caller is still there, and starts `call_ended` if he is not.
    """
    renderer = AgiRenderer(channel, app.sounds, app.clock, app.ids, _folders(app))
    try:
        while (report := renderer.perform(reply)) is not None:
            reply = _report(channel, app, reply, report)
    except ConnectionLostError:
        raise
    except CallerGoneError:
        app.calls.hang_up(reply.leg_id, app.clock.now())
        raise


def _report(channel: AgiChannel, app: Application, reply: Reply, report: Report) -> Reply:
    """What the caller has said is not lost, whatever happens to the database."""
    try:
        return app.calls.report(reply.leg_id, reply.turn, report)
    except SQLAlchemyError:
        if isinstance(report, MessageRecorded) and report.seconds > 0:
            message = app.settings.path("inbox", report.recording.removeprefix(FILE))
            put_off_message(app.settings.path("spool"), _unique_id(channel), message, report.at)
        raise


def _begin(channel: AgiChannel, app: Application) -> Reply:
    raw = channel.env.get("agi_callerid", "")
    caller = parse_caller_id(
        "" if raw == "unknown" else raw,
        restricted=_is_restricted(channel.env.get("agi_callingpres", "0")),
        own_numbers=app.settings.own_numbers,
        bare_national=app.settings.line.bare_national_callers,
    )
    incoming = IncomingCall(
        channel=CHANNEL,
        provider_call_id=_unique_id(channel),
        caller=caller,
        raw_caller=raw,
        at=app.clock.now(),
        can_ring_at_once=True,
    )
    return app.calls.begin(app.selftest.marked(incoming))


def _dial_ended(channel: AgiChannel, app: Application, first: int = 1) -> Reply:
    """From `first` on: leg and turn, the DIALSTATUS, the seconds, what each leg's Dial said."""
    turn, status, seconds, legs = (channel.argument(first + place) for place in range(4))
    found = _TURN.fullmatch(turn)
    if found is None:
        raise MalformedRequestError("not a turn")
    report = DialReport(
        at=app.clock.now(),
        status=_dial_status(status),
        seconds=_whole(seconds),
        legs=_leg_statuses(legs),
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
    return _whole(presentation) & PRESENTATION_MASK != PRESENTATION_ALLOWED


def _whole(text: str) -> int:
    """A number that a dialplan wrote; 0 for anything else."""
    return int(text) if _WHOLE.fullmatch(text) else 0


def _folders(app: Application) -> Folders:
    asterisk = app.settings.asterisk
    path = app.settings.path
    return Folders(path("sounds"), path("inbox"), asterisk.sounds_dir, asterisk.recordings_dir)
