"""A scripted Asterisk: speaks AGI over a socket and does what the project's dialplan does.

It is a peer of our server, written from Asterisk's documentation and from what a real one was seen to
do; the stories that matter most run on a real Asterisk as well. Time passes on the test's clock.
"""

import re
import socket
import threading
import wave
from pathlib import Path

from agi_scripts.app import FastAgiApp
from ivr.bootstrap import Application
from ivr.services import script as words
from ivr.services.rehearsal import ANSWER_SECONDS, PRESS_SECONDS
from ivr.services.script import HangUpNow, Keys, Message, NoKey, Ring, Script, parse_script
from tests.fakes import FrozenClock, write_silence
from tests.story import Story

SAMPLES = 8000
_LOCAL = re.compile(r"Local/(?P<attempt>\w+)-(?P<seconds>\d+)-(?P<accept>\w+)-(?P<number>[^@]+)@")
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


class HungUp(Exception):
    """The emulated channel is gone."""


class CallerKeys:
    """Keys and messages of the caller, from the story."""

    def __init__(self, script: Script, clock: FrozenClock) -> None:
        self._script = script
        self._clock = clock
        self._pressed: list[str] = []
        self._early: Keys | NoKey | HangUpNow | None = None

    def next_key(self, milliseconds: int) -> str:
        if not self._pressed:
            token = self._early or self._script.for_keys()
            self._early = None
            match token:
                case Keys(digits):
                    self._pressed = list(digits)
                    self._clock.advance(PRESS_SECONDS)
                case NoKey():
                    self._clock.advance(milliseconds / 1000)
                    return ""
                case HangUpNow():
                    raise HungUp
        return self._pressed.pop(0)

    def key_during_prompt(self, may_interrupt: bool) -> str:
        """What was typed too much is lost; a key that comes at once interrupts what may be."""
        self._pressed.clear()
        if not may_interrupt or self._early is not None:
            return ""
        token = self._script.for_keys()
        if isinstance(token, Keys) and token.at_once:
            self._clock.advance(PRESS_SECONDS)
            self._pressed = list(token.digits)
            return self._pressed.pop(0)
        self._early = token
        return ""

    def speak(self) -> Message:
        spoken = self._script.for_message()
        if isinstance(spoken, HangUpNow):
            return Message(0.0, hangs_up=True)
        return spoken


class LegKeys:
    """Keys of somebody who was rung."""

    def __init__(self, keys: str, clock: FrozenClock) -> None:
        self._keys = iter(keys)
        self._gone = keys == words.LEG_GONE
        self._clock = clock

    def next_key(self, milliseconds: int) -> str:
        if self._gone:
            raise HungUp
        key = next(self._keys, "-")
        if key == "-":
            self._clock.advance(milliseconds / 1000)
            return ""
        self._clock.advance(PRESS_SECONDS)
        return key

    def key_during_prompt(self, may_interrupt: bool) -> str:
        return ""

    def speak(self) -> Message:
        raise AssertionError("a rung leg is never recorded")


class Channel:
    """One emulated channel: answers the AGI commands of a conversation."""

    def __init__(self, fast_agi: FastAgiApp, clock: FrozenClock, caller: str, unique: str) -> None:
        self._fast_agi = fast_agi
        self._clock = clock
        self._caller = caller
        self._unique = unique
        self.variables: dict[str, str] = {}
        self.up = True
        self.answered = False
        self.commands: list[str] = []

    def agi(self, script: str, keys: CallerKeys | LegKeys | None, *arguments: str) -> None:
        """One AGI() of the dialplan."""
        ours, theirs = socket.socketpair()
        server = threading.Thread(target=self._fast_agi.serve, args=(theirs,))
        server.start()
        with ours, ours.makefile("rw", encoding="utf-8", newline="\n") as stream:
            stream.write(self._environment(script, arguments))
            stream.flush()
            for line in stream:
                stream.write(self._answer(line.rstrip("\n"), keys) + "\n")
                stream.flush()
        server.join(20)
        assert not server.is_alive()

    def _environment(self, script: str, arguments: tuple[str, ...]) -> str:
        values = {
            "agi_network": "yes",
            "agi_network_script": script,
            "agi_request": f"agi://127.0.0.1/{script}",
            "agi_channel": "PJSIP/lab-00000001",
            "agi_uniqueid": self._unique,
            "agi_callerid": self._caller,
            "agi_calleridname": 'Evil "Name"',
            "agi_callingpres": "0",
        } | {f"agi_arg_{number}": text for number, text in enumerate(arguments, start=1)}
        return "".join(f"{name}: {value}\n" for name, value in values.items()) + "\n"

    def _answer(self, line: str, keys: CallerKeys | LegKeys | None) -> str:
        self.commands.append(line)
        parts = [quoted or plain for quoted, plain in _ARGUMENT.findall(line)]
        match parts:
            case ["SET", "VARIABLE", name, *value]:
                self.variables[name] = value[0] if value else ""
                return "200 result=1"
            case _ if not self.up:
                return "HANGUP\n511 Command Not Permitted on a dead channel or intercept routine"
            case ["ANSWER"]:
                self.answered = True
                return "200 result=0"
            case ["CHANNEL", "STATUS"]:
                return "200 result=6"
            case ["STREAM", "FILE", path, *escape]:
                return self._stream(path, keys, may_interrupt=bool(escape and escape[0]))
            case ["WAIT", "FOR", "DIGIT", milliseconds]:
                assert keys is not None
                return self._wait(int(milliseconds), keys)
            case ["RECORD", "FILE", path, *_]:
                assert keys is not None
                return self._record(path, keys)
        return "510 Invalid or unknown command"

    def _stream(self, path: str, keys: CallerKeys | LegKeys | None, *, may_interrupt: bool) -> str:
        file = Path(f"{path}.wav")
        assert self.answered
        if not file.exists():
            return "200 result=-1 endpos=0"
        key = keys.key_during_prompt(may_interrupt) if keys is not None else ""
        if key:
            return f"200 result={ord(key)} endpos=800"
        with wave.open(str(file)) as sound:
            frames = sound.getnframes()
        self._clock.advance(frames / SAMPLES)
        return f"200 result=0 endpos={frames}"

    def _wait(self, milliseconds: int, keys: CallerKeys | LegKeys) -> str:
        try:
            key = keys.next_key(milliseconds)
        except HungUp:
            self.up = False
            return "200 result=-1\nHANGUP"
        return f"200 result={ord(key) if key else 0}"

    def _record(self, path: str, keys: CallerKeys | LegKeys) -> str:
        spoken = keys.speak()
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_silence(Path(f"{path}.wav"), spoken.seconds)
        self._clock.advance(spoken.seconds)
        samples = int(spoken.seconds * SAMPLES)
        if spoken.hangs_up:
            self.up = False
            return f"200 result=-1 (hangup) endpos={samples}\nHANGUP"
        if samples == 0:
            return f"200 result=0 (timeout) endpos={10 * SAMPLES}"
        return f"200 result=35 (dtmf) endpos={samples}"


class AgiPlayer:
    """Plays a story as Asterisk would."""

    def __init__(
        self,
        app: Application,
        clock: FrozenClock,
        story: Story,
        unique_id: str = "lab-1795341600.7",
    ) -> None:
        self.fast_agi = FastAgiApp(app)
        self.clock = clock
        self.script = Script(parse_script(story.keys))
        caller = "unknown" if story.caller == "anonymous" else story.caller
        self.unique_id = unique_id
        self.caller = Channel(self.fast_agi, clock, caller, unique_id)
        self.keys = CallerKeys(self.script, clock)
        self._app = app

    def play(self) -> str:
        """The context pikett-support of the dialplan; returns our id of the call."""
        arguments: tuple[str, ...] = ()
        while self.caller.up:
            self.caller.variables["PIKETT_NEXT"] = ""
            self.caller.agi("support_line", self.keys, *arguments)
            if self.caller.variables["PIKETT_NEXT"] != "dial":
                break
            arguments = self._dial()
        if self.caller.variables["PIKETT_NEXT"] != "done":
            self.caller.agi("call_ended", None)
        call_id = self._app.calls.find("asterisk", self.unique_id)
        assert call_id is not None
        return call_id

    def _dial(self) -> tuple[str, ...]:
        legs = [
            found.groupdict() for found in _LOCAL.finditer(self.caller.variables["PIKETT_DIAL"])
        ]
        ring = self.script.for_ring()
        if isinstance(ring, HangUpNow):
            self.clock.advance(PRESS_SECONDS)
            self.caller.up = False
            return ()
        status, seconds, results = self._ring(legs, ring)
        told = "".join(f":{attempt}={word}" for attempt, word in results.items())
        return self.caller.variables["PIKETT_TURN"], status, str(seconds), told

    def _ring(self, legs: list[dict[str, str]], ring: Ring) -> tuple[str, int, dict[str, str]]:
        results: dict[str, str] = {}
        bridged = False
        for leg, does in zip(legs, ring.for_legs(len(legs)), strict=True):
            if bridged and does == words.NO_ANSWER:
                continue
            connected, results[leg["attempt"]] = self._ring_one(leg, does)
            bridged = bridged or (connected and self.caller.up)
        if not bridged:
            return "NOANSWER", 0, results
        self.clock.advance(ring.bridge_seconds)
        return "ANSWER", ring.bridge_seconds, results

    def _ring_one(self, leg: dict[str, str], does: str) -> tuple[bool, str]:
        match does:
            case words.NO_ANSWER:
                self.clock.advance(int(leg["seconds"]))
                return False, "NOANSWER"
            case words.BUSY:
                self.clock.advance(PRESS_SECONDS)
                return False, "BUSY"
            case words.FAILED:
                return False, "CHANUNAVAIL"
        self.clock.advance(ANSWER_SECONDS)
        return self._answered(leg, does), "ANSWER"

    def _answered(self, leg: dict[str, str], does: str) -> bool:
        """The contexts pikett-screen-key and pikett-screen-answer."""
        phone = Channel(self.fast_agi, self.clock, "", f"lab-leg-{leg['attempt']}")
        phone.answered = True
        keys: LegKeys = LegKeys("1" if does == words.CALLER_GONE else does, self.clock)
        if does == words.CALLER_GONE:
            keys = GoneCallerKeys(self, self.clock)
        phone.agi("technician_leg", keys, leg["attempt"])
        if leg["accept"] == "answer":
            return phone.variables.get("PIKETT_NEXT") != "done"
        return phone.variables.get("PIKETT_ACCEPTED") == "1"


class GoneCallerKeys(LegKeys):
    """The caller hangs up while the whisper plays; whoever answered still presses 1."""

    def __init__(self, player: AgiPlayer, clock: FrozenClock) -> None:
        super().__init__("1", clock)
        self._player = player

    def next_key(self, milliseconds: int) -> str:
        if self._player.caller.up:
            self._player.caller.up = False
            self._player.caller.agi("call_ended", None)
        return super().next_key(milliseconds)
