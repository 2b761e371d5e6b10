"""The FastAGI application: one conversation per connection, and the outer boundary around it."""

import socket
from typing import TextIO

import structlog
from prometheus_client import Counter

from agi_scripts.channel import AgiChannel
from agi_scripts.renderer import NEXT
from agi_scripts.scripts import SCRIPTS, Script
from ivr.bootstrap import Application, build
from ivr.errors import CallerGoneError, MalformedRequestError, SpeechError
from ivr.logs import configure_logs
from ivr.settings import load_settings

IDLE_SECONDS = 300
"""Longer than the longest command, a three-minute message."""

CONVERSATIONS = Counter("pikett_agi_conversations", "AGI conversations.", ["script"])
_log = structlog.get_logger()


class FastAgiApp:
    """Answers AGI conversations for one wired Pikett."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def serve(self, connection: socket.socket) -> None:
        """One connection of Asterisk, to its end; never raises."""
        connection.settimeout(IDLE_SECONDS)
        with (
            connection,
            connection.makefile("r", encoding="utf-8", errors="replace", newline="\n") as reader,
            connection.makefile("w", encoding="utf-8", newline="\n") as writer,
        ):
            self.converse(reader, writer)

    def converse(self, reader: TextIO, writer: TextIO, name: str | None = None) -> None:
        """One conversation; an error sends the caller to the static fallback and its desk.

        The script is `name`, or the one that Asterisk asked the server for.
        """
        channel: AgiChannel | None = None
        try:
            channel = AgiChannel(reader, writer)
            name = name or channel.script
            script = _script(name)
            CONVERSATIONS.labels(name).inc()
            script(channel, self.application)
        except CallerGoneError:
            _log.debug("caller_gone")
        except Exception as error:  # noqa: BLE001 - the outer boundary
            call = channel.env.get("agi_uniqueid") if channel else None
            _log.error("agi_failed", call=call, exc_info=error)
            if isinstance(error, SpeechError):
                self.application.observer.trouble("sound_missing", call=call, reason=str(error))
            _apologise(channel)

    def __call__(self, *_: object) -> None:
        """gunicorn wants something callable; connections come in through `serve`."""


def _script(name: str) -> Script:
    try:
        return SCRIPTS[name]
    except KeyError:
        raise MalformedRequestError("no such script") from None


def _apologise(channel: AgiChannel | None) -> None:
    """The dialplan says it: its fallback plays an apology and rings the desk."""
    if channel is None:
        return
    try:
        channel.set(NEXT, "fallback")
    except (CallerGoneError, MalformedRequestError):
        _log.debug("caller_gone")


def create_app() -> FastAgiApp:
    """What gunicorn starts."""
    settings = load_settings()
    configure_logs(settings.log_level)
    application = build(settings)
    application.warm_up()
    return FastAgiApp(application)
