"""Sounds as carriers and browsers fetch them: by signed addresses that end, in parts, and cached."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from twilio.twiml.voice_response import VoiceResponse
from werkzeug.test import TestResponse

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.delivery_settings import SoundSettings
from ivr.services.upkeep import LOST_AFTER
from tests.fakes import FrozenClock
from tests.service.linked import HTTPS, Visitor
from webhooks.app import create_app
from webhooks.twilio.twiml import TwimlRenderer

GREETING = prompt(PromptKey.GREETING, Language.DE)
HOUR = 3600


@pytest.fixture
def client(app: Application) -> Visitor:
    return Visitor(create_app(app))


@pytest.fixture
def name(app: Application) -> str:
    """Of a sound that is there."""
    (sound,) = app.sounds.sounds([GREETING])
    return sound.name


def fetched(app: Application, client: Visitor, name: str, **headers: str) -> TestResponse:
    return client.get(app.sound_links.path(name), headers=headers)


def content(app: Application, name: str) -> bytes:
    return Path(app.settings.path("sounds", name[:2], f"{name}.wav")).read_bytes()


def test_a_signed_address_gives_the_sound(app: Application, client: Visitor, name: str) -> None:
    answer = fetched(app, client, name)
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert answer.data == content(app, name)
    assert answer.headers["Accept-Ranges"] == "bytes"
    head = client.head(app.sound_links.path(name))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(answer.data))


def test_the_address_stays_the_same_for_an_hour_and_may_be_cached_until_it_ends(
    app: Application, client: Visitor, clock: FrozenClock, name: str
) -> None:
    clock.at = clock.at.replace(minute=0, second=1)
    first = app.sound_links.path(name)
    clock.advance(HOUR - 2)
    assert app.sound_links.path(name) == first
    age = client.get(first).headers["Cache-Control"]
    assert age == f"public, max-age={6 * HOUR + 1}"
    clock.advance(2)
    assert app.sound_links.path(name) != first


def test_an_address_outlasts_every_call_and_then_opens_nothing(
    app: Application, client: Visitor, clock: FrozenClock, name: str
) -> None:
    address = app.sound_links.path(name)
    clock.advance(LOST_AFTER.total_seconds() - 1)
    assert client.get(address).status_code == 200
    clock.advance(HOUR + 1)
    assert client.get(address).status_code == 404


def test_no_setting_makes_an_address_end_before_a_call() -> None:
    shortest = SoundSettings().link_hours
    assert timedelta(hours=shortest) >= LOST_AFTER
    with pytest.raises(ValidationError):
        SoundSettings(link_hours=shortest - 1)


def test_who_guesses_learns_nothing(
    app: Application, client: Visitor, clock: FrozenClock, name: str
) -> None:
    """A right name, a wrong one, another's signature, a later end: all answers are alike."""
    _, _, expires, signature, _ = app.sound_links.path(name).split("/")
    _, _, _, of_none, _ = app.sound_links.path("0" * 32).split("/")
    later = int(expires) + HOUR
    tried = [
        f"/sounds/{name}.wav",
        f"/sounds/{expires}/{signature[:-2]}/{name}.wav",
        f"/sounds/{later}/{signature}/{name}.wav",
        f"/sounds/{expires}/{of_none}/{name}.wav",
        f"/sounds/{expires}/{signature}/{'0' * 32}.wav",
        f"/sounds/{expires}/{of_none}/{'0' * 32}.wav",
        f"/sounds/{expires}/%C3%A9/{name}.wav",
    ]
    answers = [client.get(each) for each in tried]
    assert {each.status_code for each in answers} == {404}
    assert len({each.data for each in answers}) == 1
    assert {each.headers.get("Cache-Control") for each in answers} == {"no-store"}


def test_what_is_no_name_of_a_sound_is_not_found_even_when_signed(
    app: Application, client: Visitor
) -> None:
    for name in ("../pikett", "recorded/de/../../pikett", "tone", "recorded/xx/greeting"):
        assert fetched(app, client, name).status_code == 404, name


def test_a_part_of_a_sound_is_given(app: Application, client: Visitor, name: str) -> None:
    whole = content(app, name)
    parts = {"0-": whole, "100-199": whole[100:200], "-50": whole[-50:]}
    for asked, part in parts.items():
        answer = fetched(app, client, name, Range=f"bytes={asked}")
        assert (answer.status_code, answer.data) == (206, part)
        assert answer.headers["Content-Range"].endswith(f"/{len(whole)}")
    behind = fetched(app, client, name, Range="bytes=9999999-")
    assert behind.status_code == 416
    assert behind.headers["Content-Range"] == f"bytes */{len(whole)}"


def test_who_has_it_already_is_not_sent_it_again(
    app: Application, client: Visitor, name: str
) -> None:
    tag = fetched(app, client, name).headers["ETag"]
    again = fetched(app, client, name, **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert "max-age" in again.headers["Cache-Control"]


def test_who_waits_hears_the_hold_sound_of_his_language(app: Application, client: Visitor) -> None:
    """Twilio by a signed address, Asterisk in the folder that it sees: the same file."""
    renderer = TwimlRenderer(app.settings, app.catalogue, app.sounds, app.sound_links)
    for language in Language:
        hold = prompt(PromptKey.HOLD, language)
        (sound,) = app.sounds.sounds([hold])
        assert Path(sound.stem) == app.settings.path("sounds", "recorded", language, "hold")
        response = VoiceResponse()
        renderer.say(response, [hold])
        played = ET.fromstring(str(response)).findtext("Play") or ""
        answer = client.get(played.removeprefix(HTTPS))
        assert answer.data == Path(f"{sound.stem}.wav").read_bytes()
        assert answer.headers["Cache-Control"] == "public, max-age=60"
