"""What an admin publishes is what the next caller hears, on a real Asterisk, sample by sample.

The synthesised sounds of this line are noises, each sound its own, so that a telephone's RTP tells
which file was played to it.
"""

import re
import shutil
import wave
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, Prompt, PromptKey, prompt
from ivr.callflow.verbs import Announce
from ivr.clock import SystemClock
from ivr.services.prompt_entries import SETTLES
from ivr.services.spoken_prices import prompts_with_figures
from tests.lab.capture import Capture, RtpStream
from tests.lab.processes import wait_until
from tests.lab.sipp import HangUp, Pause
from tests.lab.stage import SPEECH_SECONDS, Stage, open_stage
from tests.real import console_pages
from tests.real.console_pages import DESKTOP
from tests.real.test_browser import PLAYED_SECONDS
from tests.service.sound_files import encoded
from tests.wiring import quick_application

pytestmark = [pytest.mark.asterisk, pytest.mark.chromium]

GERMAN, FRENCH = "+41440001001", "+41440001002"
DE, FR = Language.DE, Language.FR
TARIFFS = "tariffs_demo.yaml"
LISTENS = (Pause(4800), HangUp())
SAME, ANOTHER = 0.9, 0.3
"""How alike what is heard is to the file that was played, and to every other one."""


@dataclass
class Line:
    """A stage with prices of its own, and the admin at his browser."""

    stage: Stage
    config: Path
    admin: Page
    address: str


@pytest.fixture(scope="module")
def line(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("published")
    config = folder / "config"
    config.mkdir()
    for name in ("plans.yaml", "holidays.yaml", "escalation.yaml", TARIFFS):
        shutil.copy(resources.folder("config") / name, config)
    settings = {"PIKETT_CONFIG_DIR": str(config), "PIKETT_TARIFFS": TARIFFS}
    stage = open_stage(folder, demo_database, settings, config_dir=config, tariffs=TARIFFS)
    give_each_its_noise(stage.app)
    with browsing(stage, config) as (admin, address):
        yield Line(stage, config, admin, address)
    stage.stop()


@contextmanager
def browsing(stage: Stage, config: Path) -> Iterator[tuple[Page, str]]:
    """The admin, logged in at the pages of this line."""
    given = {"speech_seconds": SPEECH_SECONDS, "config_dir": config, "tariffs": TARIFFS}
    with (
        console_pages.served(stage.data_dir, SystemClock(), **given) as app,
        console_pages.chromium() as chromium,
    ):
        page = chromium.new_context(viewport=DESKTOP, locale="de-CH").new_page()  # type: ignore[arg-type]
        console_pages.log_in(page, app.settings.public_url, "admin")
        yield page, app.settings.public_url


def give_each_its_noise(app: Application) -> None:
    """To every synthesised sound that has none yet."""
    for path in app.settings.path("sounds").rglob("*.wav"):
        with wave.open(str(path)) as file:
            frames = file.readframes(file.getnframes())
        if not any(frames):
            chance = np.random.default_rng(zlib.crc32(path.stem.encode()))
            samples = chance.normal(0, 4000, len(frames) // 2).clip(-32000, 32000)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(samples.astype("<i2").tobytes())


def spoken_by_an_admin(seed: int) -> bytes:
    """As a telephone's recorder writes it: a second and more of syllables."""
    rate, seconds = 48_000, 1.2
    at = np.arange(int(rate * seconds)) / rate
    rough = np.random.default_rng(seed).normal(0, 1, len(at))
    voice = np.convolve(rough, np.hanning(24), "same")
    loud = 0.2 + np.sin(np.pi * 4 * at) ** 2
    return encoded("ipod", "aac", 0.2 * voice / np.abs(voice).max() * loud, rate)


def publish(line: Line, key: str, words: str, sound: bytes) -> Path:
    """On the page: uploaded, listened to, published; the file that is to be heard."""
    page = line.admin
    page.goto(f"{line.address}/console/prompts/{key}/de")
    place = page.locator("details.sentence", has=page.locator("summary span", has_text=words))
    if place.get_attribute("open") is None:
        place.locator("summary").first.click()
    upload = {"name": "Aufnahme.m4a", "mimeType": "audio/mp4", "buffer": sound}
    place.locator("input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
    place.get_by_role("button", name="Als Entwurf hochladen").click()
    expect(page.locator(".alert-success")).to_contain_text("gespeichert", timeout=30_000)
    newest = line.stage.app.prompts.entry(key, DE).versions[0]
    version = page.locator(f"#version-{newest.id}")
    file = line.stage.data_dir / "prompts" / f"{newest.sound}.wav"
    assert version.locator("audio").evaluate(PLAYED_SECONDS) == pytest.approx(lasts(file), abs=0.1)
    version.get_by_role("button", name="Sofort veröffentlichen").click()
    expect(page.locator(".alert-success")).to_contain_text("In drei Sekunden")
    return file


def roll_back(line: Line, key: str) -> None:
    """One step, confirmed."""
    page = line.admin
    page.goto(f"{line.address}/console/prompts/{key}/de")
    page.locator(".sentence summary", has_text="Einen Schritt zurück").click()
    page.get_by_role("button", name="Ja, einen Schritt zurück").click()
    expect(page.locator(".alert-success")).to_contain_text("spricht wieder die synthetische Stimme")


def lasts(path: Path) -> float:
    """In seconds."""
    with wave.open(str(path)) as file:
        return file.getnframes() / file.getframerate()


def settle(line: Line) -> None:
    """Until what was done begins, in all processes."""
    clock = line.stage.app.clock
    began = clock.now() + SETTLES
    wait_until(lambda: clock.now() >= began, 10, "the change to begin")


def listen(line: Line, *callers: str) -> list[RtpStream]:
    """What each of them hears before he hangs up."""
    line.stage.forget()
    phones = [line.stage.caller(each, LISTENS) for each in callers]
    with Capture([each.media_port for each in phones]) as capture:
        for phone in phones:
            phone.start()
        for phone in phones:
            phone.wait()
    for call_id in line.stage.real_calls()[-len(phones) :]:
        line.stage.wait_closed(call_id)
    return [capture.to(each.media_port) for each in phones]


def priced_notice(line: Line) -> Prompt:
    """The sentence with a price in it that the last caller heard."""
    (call_id,) = line.stage.real_calls()[-1:]
    with line.stage.app.storage.reading() as uow:
        turns = uow.calls.list_turns(call_id)
    announced = [verb for turn in turns for verb in turn.verbs if isinstance(verb, Announce)]
    priced = [each for each in announced[0].prompts if re.search(r"Franken", text(line, each))]
    return priced[-1]


def text(line: Line, said: Prompt) -> str:
    return line.stage.app.catalogue.text(said)


def synthesised(app: Application, said: Prompt) -> Path:
    """The file that no recording takes the place of."""
    (piece,) = app.catalogue.pieces(said)
    return Path(f"{app.sounds.synthesis.stem(piece)}.wav")


def greeting(language: Language) -> Prompt:
    return prompt(PromptKey.GREETING, language)


def raise_prices(line: Line) -> Application:
    """Another tariffs file, its sentences built, the line reloaded: as the operator does it."""
    file = line.config / TARIFFS
    dearer, changed = re.subn(r"(rate_per_hour: \D*)180", r"\g<1>190", file.read_text())
    assert changed
    file.write_text(dearer)
    stage = line.stage
    app = quick_application(
        stage.data_dir, speech_seconds=SPEECH_SECONDS, config_dir=line.config, tariffs=TARIFFS
    )
    figures = prompts_with_figures(app.prices, DE, app.clock.now().date())
    said = (each for prompts in figures.values() for each in prompts)
    for _ in app.sounds.build(piece for each in said for piece in app.catalogue.pieces(each)):
        pass
    give_each_its_noise(app)
    stage.fastagi.reload()
    return app


def test_the_next_caller_hears_what_an_admin_published(line: Line) -> None:
    (before,) = listen(line, GERMAN)
    app, notice = line.stage.app, priced_notice(line)
    old, old_notice = synthesised(app, greeting(DE)), synthesised(app, notice)
    assert before.likeness(old) > SAME
    assert before.likeness(old_notice) > SAME

    new = publish(line, "greeting", text(line, greeting(DE)), spoken_by_an_admin(1))
    new_notice = publish(line, notice.key, text(line, notice), spoken_by_an_admin(2))
    settle(line)
    german, french = listen(line, GERMAN, FRENCH)
    assert german.likeness(new) > SAME
    assert german.likeness(new_notice) > SAME
    assert max(german.likeness(old), german.likeness(old_notice)) < ANOTHER
    assert french.likeness(synthesised(app, greeting(FR))) > SAME
    assert french.likeness(new) < ANOTHER

    roll_back(line, "greeting")
    dearer = raise_prices(line)
    settle(line)
    (after,) = listen(line, GERMAN)
    told = priced_notice(line)
    assert after.likeness(old) > SAME
    assert after.likeness(new) < ANOTHER
    assert text(line, told) != text(line, notice)
    assert after.likeness(synthesised(dearer, told)) > SAME
    assert after.likeness(new_notice) < ANOTHER
    dearer.storage.engine.dispose()
