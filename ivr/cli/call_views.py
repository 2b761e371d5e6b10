"""How a rehearsed call is shown: in words, as JSON lines, or as a story file."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import click
import yaml

from ivr.callflow.facts import AttemptResult
from ivr.callflow.prompts import Prompt
from ivr.callflow.verbs import Dial, DialLeg, Gather, Record, Verb
from ivr.contracts.windows import local_time
from ivr.services.ports import Wording
from ivr.services.records import AttemptRecord, CallSummary, LogEntry
from ivr.services.script import Token, format_token


class View(Protocol):
    """A listener that also shows beginning and end, and asks for the next step."""

    def starts(self, caller: str, at: datetime, keys: str | None) -> None:
        """Before the first word."""
        ...

    def heard(self, who: str, prompts: tuple[Prompt, ...], seconds: float) -> None:
        """Somebody hears something."""
        ...

    def moved(self, entry: LogEntry) -> None:
        """The flow made a step."""
        ...

    def rings(self, legs: tuple[DialLeg, ...], at: datetime) -> None:
        """These telephones would be dialled."""
        ...

    def waits(self, verb: Verb) -> None:
        """Somebody must act."""
        ...

    def acts(self, verb: Verb, token: Token, at: datetime) -> None:
        """Somebody acts."""
        ...

    def question(self) -> str:
        """What to ask whoever plays the call."""
        ...

    def ends(self, call: CallSummary, attempts: Sequence[AttemptRecord]) -> None:
        """After the last word."""
        ...


class TerminalView:
    """For people: who hears what, what the program did, what may be typed."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._question = ""

    def starts(self, caller: str, at: datetime, keys: str | None) -> None:
        """The head of the call."""
        when = f"{local_time(at):%A %d %B %Y, %H:%M}"
        click.secho(f"Call from {caller}, {when}. Nothing is dialled or mailed.", bold=True)

    def heard(self, who: str, prompts: tuple[Prompt, ...], seconds: float) -> None:
        """One paragraph per verb."""
        name, colour = ("caller", "cyan") if who == "caller" else ("rung", "yellow")
        text = " ".join(self._wording.text(prompt) for prompt in prompts)
        click.secho(f"  {name} hears ({seconds:.0f} s): ", fg=colour, nl=False)
        click.echo(text)

    def moved(self, entry: LogEntry) -> None:
        """State and what the program did."""
        did = f"  [{', '.join(_snake(name) for name in entry.did)}]" if entry.did else ""
        click.secho(f"    {entry.state} -> {entry.next}{did}", dim=True)

    def rings(self, legs: tuple[DialLeg, ...], at: datetime) -> None:
        """Whose telephone would ring."""
        numbers = ", ".join(leg.number for leg in legs)
        click.secho(f"  would ring {numbers} at {local_time(at):%H:%M:%S}", fg="green")

    def waits(self, verb: Verb) -> None:
        """Remember what may be typed now."""
        match verb:
            case Dial():
                self._question = "/dial accept|decline|busy|no-answer|no-key, /hangup"
            case Record():
                self._question = "# or /message SECONDS, /hangup"
            case Gather():
                self._question = "digits, Enter or /timeout for no key, /hangup"

    def acts(self, verb: Verb, token: Token, at: datetime) -> None:
        """Nothing to show: whoever acts knows."""

    def question(self) -> str:
        """What may be typed now."""
        return self._question

    def ends(self, call: CallSummary, attempts: Sequence[AttemptRecord]) -> None:
        """The result in one line."""
        for attempt in attempts:
            click.echo(f"  {attempt.name}: {attempt.result}")
        ticket = f", ticket {call.ticket_number}" if call.ticket_number else ""
        click.secho(f"Result: {call.result}{ticket}", bold=True)


class JsonView:
    """For programs: one JSON object per line, the last with `result` and `ticket`."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def starts(self, caller: str, at: datetime, keys: str | None) -> None:
        """The facts of the call."""
        self._print({"call": {"from": caller, "at": local_time(at).isoformat()}})

    def heard(self, who: str, prompts: tuple[Prompt, ...], seconds: float) -> None:
        """Prompt keys and text."""
        self._print(
            {
                "heard": [str(prompt.key) for prompt in prompts],
                "text": " ".join(self._wording.text(prompt) for prompt in prompts),
                "language": str(prompts[0].language),
                "by": "caller" if who == "caller" else "rung",
                "seconds": round(seconds, 1),
            }
        )

    def moved(self, entry: LogEntry) -> None:
        """What the program did, then the state it is in."""
        for name in entry.did:
            self._print({"did": _snake(name)})
        self._print({"state": entry.next})

    def rings(self, legs: tuple[DialLeg, ...], at: datetime) -> None:
        """Whom it would dial."""
        numbers = [leg.number for leg in legs]
        self._print({"did": "dial", "numbers": numbers, "at": local_time(at).isoformat()})

    def waits(self, verb: Verb) -> None:
        """Nothing to show."""

    def acts(self, verb: Verb, token: Token, at: datetime) -> None:
        """Nothing to show: whoever acts knows."""

    def question(self) -> str:
        """Programs give their keys beforehand."""
        return ""

    def ends(self, call: CallSummary, attempts: Sequence[AttemptRecord]) -> None:
        """Result and ticket."""
        self._print(
            {
                "result": call.result,
                "ticket": str(call.ticket_number) if call.ticket_number else None,
                "order": call.order_state,
                "identified_by": call.identified_by,
                "attempts": [
                    {"name": attempt.name, "result": str(attempt.result)} for attempt in attempts
                ],
            }
        )

    @staticmethod
    def _print(line: dict[str, Any]) -> None:
        click.echo(json.dumps(line, ensure_ascii=False))


class StoryView:
    """The call as a story that the tests can play again on every back end."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._story: dict[str, Any] = {}
        self._played: list[str] = []
        self._steps: list[dict[str, Any]] = []
        self._heard: list[str] = []
        self._did: list[str] = []

    def starts(self, caller: str, at: datetime, keys: str | None) -> None:
        """Who and when."""
        self._story = {"story": "…", "from": caller, "at": local_time(at).isoformat()}
        self._story["keys"] = keys

    def heard(self, who: str, prompts: tuple[Prompt, ...], seconds: float) -> None:
        """Collected until somebody acts."""
        keys = [str(prompt.key) for prompt in prompts]
        if who == "caller":
            self._heard += keys
        else:
            self._steps.append({"rung_hears": keys})

    def moved(self, entry: LogEntry) -> None:
        """What the program did, in order."""
        self._did += [_snake(name) for name in entry.did]

    def rings(self, legs: tuple[DialLeg, ...], at: datetime) -> None:
        """A step of its own."""
        self._flush()
        self._steps.append({"rings": [leg.number for leg in legs]})

    def waits(self, verb: Verb) -> None:
        """The point where the call waits."""
        self._flush()

    def acts(self, verb: Verb, token: Token, at: datetime) -> None:
        """Remembered, so that a call played by hand can be played again."""
        self._played.append(format_token(token))

    def question(self) -> str:
        """Shown to whoever plays the story."""
        return ""

    def ends(self, call: CallSummary, attempts: Sequence[AttemptRecord]) -> None:
        """Print the whole story."""
        self._flush()
        if self._story["keys"] is None:
            self._story["keys"] = " ".join(self._played)
        self._story |= {
            "steps": self._steps,
            "did": self._did,
            "attempts": [str(AttemptResult(attempt.result)) for attempt in attempts],
            "result": call.result,
            "ticket": call.ticket_number is not None,
        }
        text = yaml.safe_dump(self._story, sort_keys=False, allow_unicode=True, width=96)
        click.echo(text, nl=False)

    def _flush(self) -> None:
        if self._heard:
            self._steps.append({"hears": self._heard})
            self._heard = []


def _snake(name: str) -> str:
    """`OpenTicket` to `open_ticket`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
