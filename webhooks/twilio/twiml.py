"""Renders the verbs of a flow as TwiML. Knows no business rule.

One document per turn. A verb that waits comes back to the address of its turn, which also names what
was waited for, so that the report can be read without asking the database first.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from math import ceil
from typing import Any

from twilio.twiml.voice_response import Dial as DialElement
from twilio.twiml.voice_response import Gather as GatherElement
from twilio.twiml.voice_response import VoiceResponse

from ivr.callflow.prompts import Language, Prompt
from ivr.callflow.verbs import (
    Announce,
    Connect,
    Dial,
    DialLeg,
    Gather,
    HangUp,
    Listen,
    Play,
    Record,
    Verb,
)
from ivr.errors import MalformedRequestError, SpeechError
from ivr.links import SoundLinks
from ivr.services.calls import Reply
from ivr.services.ports import Wording
from ivr.settings import Settings, TwilioSettings
from ivr.voice.sounds import SoundLibrary

LANGUAGE_CODES = {
    Language.DE: "de-DE",
    Language.FR: "fr-FR",
    Language.IT: "it-IT",
    Language.EN: "en-GB",
}
RING_TONE = "ch"
FETCH_SECONDS = 5
"""How long somebody who has accepted waits for a caller who may just have hung up."""
SPARE_SECONDS = 40
CHARACTERS_PER_SECOND = 15
_Spoken = Any
"""A response or a Gather: whatever can speak."""


class TwimlRenderer:
    """Renders replies for one installation."""

    def __init__(
        self, settings: Settings, wording: Wording, sounds: SoundLibrary, links: SoundLinks
    ) -> None:
        self._settings = settings
        self._wording = wording
        self._sounds = sounds
        self._links = links
        self._base = settings.public_url.rstrip("/")
        self._renderers: dict[type[Verb], Callable[..., None]] = {
            Play: self._play,
            Announce: self._announce,
            Gather: self._gather,
            Record: self._record,
            Dial: self._dial,
            HangUp: self._hang_up,
        }

    def render(self, reply: Reply, now: datetime, *, own_call: bool = False) -> str:
        """The document that carries out `reply`, told at `now`.

        Twilio bridges what it has dialled itself; with a call of our own (`own_call`) we must.
        """
        response = VoiceResponse()
        for verb in reply.verbs:
            if isinstance(verb, Listen):
                raise MalformedRequestError(
                    "prompts are recorded through Asterisk, not through Twilio"
                )
            if isinstance(verb, Connect) and own_call:
                self._fetch_parked(response, reply)
            renderer = self._renderers.get(type(verb))
            if renderer is not None:
                renderer(response, verb, reply, now)
        return str(response)

    def _address(self, reply: Reply, wait: str) -> str:
        """A rung leg has addresses of its own: what fails there must never ring the desk."""
        kind = "turn" if reply.leg_id == reply.call_id else "leg"
        return f"{self._base}/twilio/{kind}/{reply.leg_id}/{reply.turn}/{wait}"

    def say(self, element: _Spoken, prompts: Iterable[Prompt]) -> None:
        """Recordings are played, everything else is spoken by the carrier's voice."""
        for prompt in prompts:
            recorded = self._sounds.recorded(prompt)
            if recorded is not None:
                element.play(self._links.address(recorded.name))
            else:
                element.say(
                    self._wording.aloud(prompt),
                    voice=voice(self._settings.twilio, prompt.language),
                    language=LANGUAGE_CODES[prompt.language],
                )

    def _play(self, response: VoiceResponse, verb: Play, reply: Reply, now: datetime) -> None:
        self.say(response, verb.prompts)

    def _announce(
        self, response: VoiceResponse, verb: Announce, reply: Reply, now: datetime
    ) -> None:
        """Outside any digit-collecting verb, so that no key cuts it short (B.8).

        Twilio does not say how long it spoke; the address carries our own reckoning.
        """
        self.say(response, verb.prompts)
        seconds = round(self._seconds(verb.prompts), 1)
        response.redirect(f"{self._address(reply, 'played')}?seconds={seconds}", method="POST")

    def _seconds(self, prompts: tuple[Prompt, ...]) -> float:
        """As our own voice takes; the carrier's speaks also where ours cannot."""
        try:
            return self._sounds.seconds(prompts)
        except SpeechError:
            words = " ".join(self._wording.text(prompt) for prompt in prompts)
            return len(words) / CHARACTERS_PER_SECOND

    def _gather(self, response: VoiceResponse, verb: Gather, reply: Reply, now: datetime) -> None:
        """The redirect behind it is for a Gather that ends without its action."""
        action = self._address(reply, "keys")
        gather = GatherElement(
            input="dtmf",
            num_digits=verb.max_digits,
            finish_on_key=verb.finish_key,
            timeout=self._timeout(verb, now),
            action=action,
            method="POST",
            action_on_empty_result=True,
        )
        self.say(gather, verb.prompts)
        response.append(gather)
        response.redirect(action, method="POST")

    def _timeout(self, verb: Gather, now: datetime) -> int:
        """Twilio counts whole seconds from the end of the prompts."""
        seconds = float(verb.timeout)
        spoken = self._seconds(verb.prompts)
        if verb.not_before is not None:
            seconds = max(seconds, (verb.not_before - now).total_seconds() - spoken)
        if verb.until is not None:
            seconds = (verb.until - now).total_seconds() - spoken
        return max(1, ceil(seconds))

    def _record(self, response: VoiceResponse, verb: Record, reply: Reply, now: datetime) -> None:
        """A recording of silence alone goes on behind the verb instead of to its action."""
        action = self._address(reply, "recorded")
        self.say(response, verb.prompts)
        response.record(
            action=action,
            method="POST",
            max_length=verb.max_seconds,
            timeout=verb.silence_seconds,
            finish_on_key=verb.finish_key,
            play_beep=True,
            trim="do-not-trim",
            recording_status_callback=f"{self._base}/twilio/recording",
            recording_status_callback_method="POST",
        )
        response.redirect(action, method="POST")

    def _dial(self, response: VoiceResponse, verb: Dial, reply: Reply, now: datetime) -> None:
        """One telephone; of several numbers in a Dial the first to pick up would win."""
        if len(verb.legs) > 1:
            self.park(response, verb, reply)
        else:
            action = self._address(reply, "dialled")
            self._dial_one(response, verb.legs[0], verb.limit_seconds, action)

    def ring_one(self, reply: Reply, leg: DialLeg, limit_seconds: int) -> str:
        """One of several telephones, dialled from the call of a caller who was parked."""
        response = VoiceResponse()
        action = f"{self._base}/twilio/rung/{reply.call_id}/{reply.turn}/{leg.attempt_id}"
        self._dial_one(response, leg, limit_seconds, action)
        return str(response)

    def park(self, response: VoiceResponse, verb: Dial, reply: Reply) -> None:
        """He waits alone in a queue of his own, and is asked after again and again."""
        name = f"{reply.call_id}/{reply.turn}"
        response.enqueue(
            queue_of(reply),
            action=f"{self._base}/twilio/unparked/{name}",
            method="POST",
            wait_url=f"{self._base}/twilio/park/{name}?longest={longest_wait(verb)}",
            wait_url_method="POST",
        )

    def _fetch_parked(self, response: VoiceResponse, reply: Reply) -> None:
        """Whoever has accepted is connected with the one caller in the queue, who is there or gone."""
        dial = DialElement(
            action=f"{self._base}/twilio/leg/{reply.leg_id}/bridged",
            method="POST",
            timeout=FETCH_SECONDS,
            time_limit=self._settings.hunt.bridge_limit_seconds,
            caller_id=self._settings.line.number,
        )
        dial.queue(queue_of(reply))
        response.append(dial)

    def _dial_one(
        self, response: VoiceResponse, leg: DialLeg, limit_seconds: int, action: str
    ) -> None:
        """The number shown is always our own, never passed through (B.15)."""
        if not leg.number.startswith("+"):
            response.redirect(f"{action}?status=failed", method="POST")
            return
        dial = DialElement(
            action=action,
            method="POST",
            timeout=leg.ring_seconds,
            time_limit=limit_seconds,
            caller_id=self._settings.line.number,
            answer_on_bridge=True,
            ring_tone=RING_TONE,
        )
        dial.number(
            leg.number,
            url=f"{self._base}/twilio/leg/{leg.attempt_id}",
            method="POST",
            status_callback=f"{self._base}/twilio/leg-status/{leg.attempt_id}",
            status_callback_event="completed",
            status_callback_method="POST",
        )
        response.append(dial)

    def _hang_up(self, response: VoiceResponse, verb: HangUp, reply: Reply, now: datetime) -> None:
        response.hangup()


def queue_of(reply: Reply) -> str:
    """Where the caller of this call, or of this leg, is parked: alone, so that nobody gets another."""
    return f"pikett-{reply.call_id}"


def longest_wait(dial: Dial) -> int:
    """Seconds after which nobody waits any more, whatever became of our records."""
    ringing = max(leg.ring_seconds + leg.decide_seconds for leg in dial.legs)
    return ringing + len(dial.legs) + SPARE_SECONDS


def voice(settings: TwilioSettings, language: Language) -> str:
    """The configured voice of a language."""
    voices = {
        Language.DE: settings.voice_de,
        Language.FR: settings.voice_fr,
        Language.IT: settings.voice_it,
        Language.EN: settings.voice_en,
    }
    return voices[language]
