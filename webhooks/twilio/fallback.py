"""The document for the hour when nothing of ours answers: it needs neither database nor flow.

The same words are in `config/twilio/fallback.xml`, to be put into a TwiML Bin at Twilio and named as
the fallback address of the number. It apologises, rings the service desk and records a message.
"""

from twilio.twiml.voice_response import Dial, VoiceResponse

from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.numbers.dial_guard import may_dial
from ivr.services.ports import Wording
from ivr.settings import Settings
from webhooks.twilio.twiml import LANGUAGE_CODES, RING_TONE, voice


def fallback_document(settings: Settings, wording: Wording) -> str:
    """In the line's first language, with the desk of the settings."""
    response = VoiceResponse()
    _say(response, settings, wording, PromptKey.APOLOGY)
    desk = _desk_number(settings)
    if desk is not None:
        _say(response, settings, wording, PromptKey.CONNECTING_DESK)
        dial = Dial(
            timeout=settings.desk.ring_seconds,
            time_limit=settings.hunt.bridge_limit_seconds,
            caller_id=settings.line.number,
            ring_tone=RING_TONE,
        )
        dial.number(desk)
        response.append(dial)
    _say(response, settings, wording, PromptKey.ASK_MESSAGE)
    response.record(
        max_length=180,
        timeout=10,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=f"{settings.public_url.rstrip('/')}/twilio/fallback-recording",
        recording_status_callback_method="POST",
    )
    _say(response, settings, wording, PromptKey.MESSAGE_SAVED)
    response.hangup()
    return str(response)


def _desk_number(settings: Settings) -> str | None:
    """The desk as Twilio can ring it: past the dial guard, and no extension of a PBX."""
    address = may_dial(settings.desk.number, frozenset(settings.hunt.extensions)).address
    return address if address is not None and address.startswith("+") else None


def _say(response: VoiceResponse, settings: Settings, wording: Wording, key: PromptKey) -> None:
    text = wording.aloud(prompt(key, Language.DE))
    response.say(
        text, voice=voice(settings.twilio, Language.DE), language=LANGUAGE_CODES[Language.DE]
    )
