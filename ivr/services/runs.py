"""The transitions of one turn, and their log."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ivr.callflow import codec
from ivr.callflow.events import DigitsEntered, Event
from ivr.callflow.machine import Flow
from ivr.callflow.ordering import in_words
from ivr.callflow.prompts import Prompt
from ivr.callflow.requests import Request
from ivr.callflow.verbs import Announce, Gather, Verb
from ivr.services.records import LogEntry


class Run:
    """The transitions of one turn."""

    def __init__(self, flow: Flow[Any], session: Any, hides_digits: bool) -> None:
        self._flow = flow
        self._hides_digits = hides_digits
        self.session = session
        self.verbs: list[Verb] = []
        self.log: list[LogEntry] = []

    def advance(self, event: Event) -> tuple[Verb | Request, ...]:
        """Take one transition; what it asks for."""
        turn = self._flow.advance(self.session, event)
        before, self.session = self.session.state, turn.session
        did = tuple(type(action).__name__ for action in turn.actions if isinstance(action, Request))
        self.log.append(LogEntry(before, self._loggable(event), turn.session.state, did))
        return turn.actions

    def choose_words(self, choose: Callable[[Prompt], Prompt]) -> None:
        """What is announced now is later sealed: this text, whatever is published meanwhile."""
        if any(isinstance(verb, Announce) for verb in self.verbs):
            self.session = in_words(self.session, choose)
            prompts = self.session.notice.prompts
            self.verbs = [
                Announce(prompts) if isinstance(verb, Announce) else verb for verb in self.verbs
            ]

    def _loggable(self, event: Event) -> dict[str, Any]:
        if self._hides_digits and isinstance(event, DigitsEntered):
            event = replace(event, digits="*" * len(event.digits))
        plain: dict[str, Any] = codec.to_plain(event)
        return plain


def hides_digits(verbs: tuple[Verb, ...]) -> bool:
    """Whether what is pressed now is a secret."""
    return any(isinstance(verb, Gather) and verb.secret for verb in verbs)
