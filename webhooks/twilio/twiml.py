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
from ivr.callflow.verbs import Announce, Dial, Gather, HangUp, Play, Record, Verb
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
_Spoken = Any
"""A response or a Gather: whatever can speak."""


class TwimlRenderer:
    """Renders replies for one installation."""

    def __init__(self, settings: Settings, wording: Wording, sounds: SoundLibrary) -> None:
        self._settings = settings
        self._wording = wording
        self._sounds = sounds
        self._base = settings.public_url.rstrip("/")
        self._renderers: dict[type[Verb], Callable[..., None]] = {
            Play: self._play,
            Announce: self._announce,
            Gather: self._gather,
            Record: self._record,
            Dial: self._dial,
            HangUp: self._hang_up,
        }

    def render(self, reply: Reply, now: datetime) -> str:
        """The document that carries out `reply`, told at `now`."""
        response = VoiceResponse()
        for verb in reply.verbs:
            renderer = self._renderers.get(type(verb))
            if renderer is not None:
                renderer(response, verb, reply, now)
        return str(response)

    def _address(self, reply: Reply, wait: str) -> str:
        """A rung leg has addresses of its own: what fails there must never ring the desk."""
        kind = "turn" if reply.leg_id == reply.call_id else "leg"
        return f"{self._base}/twilio/{kind}/{reply.leg_id}/{reply.turn}/{wait}"

    def _say(self, element: _Spoken, prompts: Iterable[Prompt]) -> None:
        """Recordings are played, everything else is spoken by the carrier's voice."""
        for prompt in prompts:
            recorded = self._sounds.recorded(prompt)
            if recorded is not None:
                element.play(f"{self._base}/sounds/{recorded.name}.wav")
            else:
                element.say(
                    self._wording.text(prompt),
                    voice=voice(self._settings.twilio, prompt.language),
                    language=LANGUAGE_CODES[prompt.language],
                )

    def _play(self, response: VoiceResponse, verb: Play, reply: Reply, now: datetime) -> None:
        self._say(response, verb.prompts)

    def _announce(
        self, response: VoiceResponse, verb: Announce, reply: Reply, now: datetime
    ) -> None:
        """Outside any digit-collecting verb, so that no key cuts it short (B.8).

        Twilio does not say how long it spoke; the address carries our own reckoning.
        """
        self._say(response, verb.prompts)
        seconds = round(self._sounds.seconds(verb.prompts), 1)
        response.redirect(f"{self._address(reply, 'played')}?seconds={seconds}", method="POST")

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
        self._say(gather, verb.prompts)
        response.append(gather)
        response.redirect(action, method="POST")

    def _timeout(self, verb: Gather, now: datetime) -> int:
        """Twilio counts whole seconds from the end of the prompts."""
        seconds = float(verb.timeout)
        spoken = self._sounds.seconds(verb.prompts)
        if verb.not_before is not None:
            seconds = max(seconds, (verb.not_before - now).total_seconds() - spoken)
        if verb.until is not None:
            seconds = (verb.until - now).total_seconds() - spoken
        return max(1, ceil(seconds))

    def _record(self, response: VoiceResponse, verb: Record, reply: Reply, now: datetime) -> None:
        """A recording of silence alone goes on behind the verb instead of to its action."""
        action = self._address(reply, "recorded")
        self._say(response, verb.prompts)
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
        """One telephone at a time: of several numbers the first to pick up would win here.

        The number shown is always our own, never passed through (B.15).
        """
        leg = verb.legs[0]
        action = self._address(reply, "dialled")
        if not leg.number.startswith("+"):
            response.redirect(f"{action}?status=failed", method="POST")
            return
        dial = DialElement(
            action=action,
            method="POST",
            timeout=leg.ring_seconds,
            time_limit=verb.limit_seconds,
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


def voice(settings: TwilioSettings, language: Language) -> str:
    """The configured voice of a language."""
    voices = {
        Language.DE: settings.voice_de,
        Language.FR: settings.voice_fr,
        Language.IT: settings.voice_it,
        Language.EN: settings.voice_en,
    }
    return voices[language]
