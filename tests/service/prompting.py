"""Admins at the prompts: an application whose uploads cost nothing, and what its line says."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, Prompt, PromptKey
from ivr.people.person import Person
from ivr.people.roles import Role
from ivr.services.prompt_entries import SETTLES
from ivr.services.spoken_prices import Prices
from ivr.voice.intake import TakenIn
from tests.fakes import FrozenClock, write_silence

ANNA = Person(1, "anna", "Anna Muster", Role.ADMIN, "de")
BRUNO = Person(2, "bruno", "Bruno Muster", Role.ADMIN, "de")
DE, KEY = Language.DE, PromptKey.GREETING
GREETING = Prompt(KEY, DE)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def quick_take_in(source: Path, target: Path) -> TakenIn:
    """As the real one leaves it, without decoding: as many bytes as there are, so many tenths."""
    content = source.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:32]
    target.mkdir(parents=True, exist_ok=True)
    seconds = len(content) / 10
    write_silence(target / f"{digest}.wav", seconds)
    write_silence(target / f"{digest}.wav16", seconds, 16_000)
    (target / f"{digest}.original").write_bytes(content)
    return TakenIn(digest, seconds, ("quiet",), (-1, 1))


def with_quick_uploads(app: Application) -> Application:
    app.studio._intake = quick_take_in
    return app


def upload(folder: Path, content: str = "a voice") -> Path:
    path = folder / "upload.m4a"
    path.write_text(content)
    return path


def save(app: Application, template: str, key: str = KEY) -> int:
    return app.prompts.save_text(key, DE, template, ANNA).version_id


def record_greeting(app: Application, content: str = "a voice") -> int:
    """The shipped words, as a draft."""
    source = upload(app.settings.data_dir, content)
    words = app.prompts.entry(KEY, DE).sentences[0].words
    return app.prompts.save_recording(KEY, DE, words, source, ANNA).version_id


def say(app: Application, clock: FrozenClock, version: int) -> None:
    """Publish now, and let it begin everywhere."""
    app.prompts.publish(version, ANNA)
    begin(app, clock)


def begin(app: Application, clock: FrozenClock) -> None:
    clock.advance(SETTLES.total_seconds())
    reread(app)


def reread(app: Application) -> None:
    """As two seconds later."""
    app.catalogue._shelf._asked = None  # type: ignore[attr-defined]


def said(app: Application, prompt: Prompt = GREETING) -> str:
    return app.catalogue.text(prompt)


def prices_of(app: Application, version: str) -> Prices:
    """The same plans and tariffs in a file that has changed."""
    return Prices(app.plans, app.offer_rules, version)


def change_prices(app: Application, version: str) -> None:
    """As a process that starts after the change sees them."""
    for name in ("prompts", "price_watch", "studio"):
        app.__dict__.pop(name, None)
    app.__dict__["prices"] = prices_of(app, version)
    with_quick_uploads(app)
    shelf = app.catalogue._shelf
    shelf._known = replace(shelf._known, since=None)  # type: ignore[attr-defined]
    reread(app)
