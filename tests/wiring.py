"""Building the application for tests: real wiring, quick sounds, settings that nobody else sees."""

from pathlib import Path
from typing import Any

from ivr import resources
from ivr.bootstrap import Application
from ivr.bootstrap_prompts import PUBLISHED
from ivr.clock import RandomIds, SystemClock
from ivr.services.ports import Clock, Ids, Observer
from ivr.settings import Settings, load_settings
from ivr.voice.sounds import SoundLibrary
from tests.fakes import QuickSpeaker

DEMO_DESK = {
    "number": "+41440009009",
    "name": "Service-Desk",
    "email": "desk@demo.pikett.invalid",
}
TWILIO = {"account_sid": "AC" + "0" * 32, "auth_token": "twilio-test-token"}


def test_settings(folder: Path, **given: Any) -> Settings:
    """The demonstration's settings in a folder of the test."""
    defaults: dict[str, Any] = {
        "data_dir": folder,
        "public_url": "https://pikett.example",
        "desk": DEMO_DESK,
        "twilio": TWILIO,
    }
    return load_settings(**(defaults | given))


test_settings.__test__ = False  # type: ignore[attr-defined]


def demo_document(*, contacts: bool = False) -> dict[str, Any]:
    """The demo data; without `contacts` nobody at a customer's has an address or may be asked for.

    A test that is about such people says itself who they are, and nobody else's mails are in its way.
    """
    document = resources.load_yaml(resources.folder("config") / "demo.yaml")
    if contacts:
        return dict(document)
    customers = [
        {name: value for name, value in entry.items() if name != "contacts"}
        for entry in document["customers"]
    ]
    return {**document, "customers": customers}


def quick_application(
    folder: Path,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    observer: Observer | None = None,
    speech_seconds: float | None = None,
    **given: Any,
) -> Application:
    """The application with sounds that cost nothing; everything else is the real thing."""
    settings = test_settings(folder, **given)
    application = Application(settings, clock or SystemClock(), ids or RandomIds())
    if observer is not None:
        application.observer = observer
    application.sounds = SoundLibrary(
        application.catalogue,
        QuickSpeaker(speech_seconds),
        settings.path("sounds"),
        resources.folder("prompts") / "recordings",
        settings.path(PUBLISHED),
    )
    # At once: whether a name is there when it is said must not depend on a thread.
    application.sounds.synthesis.in_background = lambda work: work()
    return application
