"""Plays a story on a real Asterisk: the rehearsal of the story says who has to do what and when."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.callflow.verbs import Dial, Verb
from ivr.services import script as words
from ivr.services.script import HangUpNow, Keys, Message, Ring, Token
from tests.lab.processes import wait_until
from tests.lab.sipp import KEY_MS, AwaitHangUp, Caller, HangUp, Line, Pause, Press, Sing, Step
from tests.lab.stage import CALLER_TONE, Stage
from tests.players import rehearsal_player
from tests.players.rehearsal_player import Silent
from tests.story import Story

PRESS_AFTER_MS = 800
"""After the prompts are over in the rehearsal; real prompts may take a little longer."""

RINGS_MS = 1200
"""What a busy machine needs from the last key to the ringing, before the caller gives up."""

WHISPER_MS = 1500
AFTER_TONE_MS = 800
"""The tone before a recording takes three tenths of a second, the announcement as long."""

TALK_MS = 3000
BUSY, FAILED = "486 Busy Here", "503 Service Unavailable"


@dataclass
class Timeline(Silent):
    """Who has to do what: the caller by milliseconds since the answer, the lines as they ring."""

    started: datetime
    actions: list[tuple[int, Step]] = field(default_factory=list)
    rung: list[tuple[str, str]] = field(default_factory=list)

    def acts(self, verb: Verb, token: Token, at: datetime) -> None:
        now = int((at - self.started).total_seconds() * 1000)
        match token:
            case Keys(digits, at_once):
                self.actions.append((now + (100 if at_once else PRESS_AFTER_MS), Press(digits)))
            case HangUpNow():
                rings = RINGS_MS if isinstance(verb, Dial) else 0
                self.actions.append((now + PRESS_AFTER_MS + rings, HangUp()))
                if isinstance(verb, Dial):
                    self.rung += [(leg.number[-4:], words.NO_ANSWER) for leg in verb.legs]
            case Message(seconds, hangs_up):
                self.actions.append((now + AFTER_TONE_MS, Sing(CALLER_TONE, seconds)))
                spoken = now + AFTER_TONE_MS + int(seconds * 1000)
                self.actions.append((spoken, HangUp() if hangs_up else Press("#")))
            case Ring() if isinstance(verb, Dial):
                self._ring(verb, token, now)

    def _ring(self, verb: Dial, ring: Ring, now: int) -> None:
        for leg, does in zip(verb.legs, ring.for_legs(len(verb.legs)), strict=True):
            self.rung.append((leg.number[-4:], does))
            if does == words.CALLER_GONE:
                self.actions.append((now + WHISPER_MS, HangUp()))

    def caller_steps(self) -> tuple[Step, ...]:
        """Pauses between actions; whoever does not hang up waits until he is hung up on."""
        steps: list[Step] = []
        at = late = 0
        for when, action in self.actions:
            steps += [Pause(when + late - at), action]
            at = when + late
            if isinstance(action, Press):
                pressing = KEY_MS * len(action.keys)
                at += pressing
                late += max(0, pressing - KEY_MS)
        if not steps or not isinstance(steps[-1], HangUp):
            steps.append(AwaitHangUp())
        return tuple(steps)


def play(stage: Stage, story: Story, **caller: Any) -> str:
    """Play the story; returns the id of the real call."""
    timeline = Timeline(datetime.fromisoformat(story.at))
    rehearsal_player.play(stage.app, story, timeline)
    stage.forget()
    number = "anonymous" if story.caller == "anonymous" else story.caller
    phone = stage.caller(number, timeline.caller_steps(), **caller)
    lines = [line_for(stage, phone, line, does, n) for n, (line, does) in enumerate(timeline.rung)]
    waiting = start_first_of_each(lines)
    phone.start()
    _start_the_rest(waiting)
    phone.wait()
    for line in lines:
        line.wait(60)
    call_id = stage.wait_new_call()
    stage.wait_closed(call_id)
    return call_id


def line_for(stage: Stage, phone: Caller, line: str, does: str, number: int) -> Line:
    """The telephone at the end of this line, once."""
    made = stage.line(line, phone.folder, **_behaviour(does))
    made.name = f"line{line}-{number}"
    return made


def _behaviour(does: str) -> dict[str, Any]:
    match does:
        case words.NO_ANSWER:
            return {"answers": False}
        case words.BUSY:
            return {"refuses_with": BUSY}
        case words.FAILED:
            return {"refuses_with": FAILED}
        case words.LEG_GONE:
            return {"steps": (Pause(WHISPER_MS), HangUp())}
        case words.CALLER_GONE:
            return {"steps": (Pause(WHISPER_MS + 1500), Press("1"), AwaitHangUp())}
    steps: list[Step] = []
    for key in does.replace("-", ""):
        steps += [Pause(WHISPER_MS), Press(key)]
    talks = does.endswith("1")
    steps += [Pause(TALK_MS), HangUp()] if talks else [AwaitHangUp()]
    return {"steps": tuple(steps)}


def start_first_of_each(lines: list[Line]) -> list[Line]:
    """One telephone per line can be there; the others of the same line come after it."""
    started: set[int] = set()
    waiting = []
    for line in lines:
        if line.port in started:
            waiting.append(line)
        else:
            started.add(line.port)
            line.start()
    return waiting


def _start_the_rest(lines: list[Line]) -> None:
    for line in lines:
        wait_until(lambda line=line: is_free(line), 60, f"{line.name} to be free")
        line.start()


def is_free(line: Line) -> bool:
    """Whether nobody uses the port of this telephone."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", line.port))
        except OSError:
            return False
    return True
