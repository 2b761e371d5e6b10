"""The pages of prompts in a real browser: upload, microphone, text, keyboard, and without scripts."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.real import console_pages
from tests.real.console_pages import DESKTOP, PHONE, log_in
from tests.real.test_browser import PLAYED_SECONDS
from tests.service.prompting import GREETING, begin, save, say
from tests.service.sound_files import encoded, tone

pytestmark = pytest.mark.chromium
PICTURES = os.environ.get("PIKETT_TEST_PICTURES")
LIST, PAGE = "/console/prompts", "/console/prompts/greeting/de"
OURS = "Guten Tag, hier ist der Pikett-Dienst. Bei Gefahr wählen Sie 112."
CONVERTED_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with console_pages.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def m4a(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds that swell, as a telephone's recorder saves them."""
    swelling = tone(220, seconds=3) * np.linspace(0.1, 1, 3 * 48_000)
    path = tmp_path_factory.mktemp("upload") / "Begrüssung.m4a"
    path.write_bytes(encoded("ipod", "aac", swelling))
    return path


@pytest.fixture
def system(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    """The sound of one prompt is there, as `pikett prompts build` leaves them all."""
    with console_pages.served(data_dir, clock) as app:
        assert list(app.sounds.build(app.catalogue.pieces(GREETING)))
        yield app


@pytest.fixture
def page(browser: Browser, system: Application) -> Iterator[Page]:
    """An admin's; whatever the policy of the pages forbids is an error."""
    context = browser.new_context(viewport=DESKTOP, locale="de-CH")  # type: ignore[arg-type]
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    log_in(page, system.settings.public_url, "admin")
    page.goto(system.settings.public_url + PAGE)
    yield page
    context.close()
    assert troubles == []


def seconds(player: Locator) -> float:
    found: float = player.evaluate(PLAYED_SECONDS)
    return found


def test_a_recording_is_uploaded_heard_published_and_taken_back(
    page: Page, system: Application, clock: FrozenClock, m4a: Path, tmp_path: Path
) -> None:
    page.locator("input[type=file]").set_input_files(m4a)
    page.get_by_role("button", name="Als Entwurf hochladen").click()
    notice = page.locator(".alert-success")
    expect(notice).to_contain_text("als Fassung 1 gespeichert", timeout=CONVERTED_MS)
    version = page.locator("#version-1")
    expect(version.locator("svg.wave")).to_be_visible()
    assert seconds(version.locator("audio")) == pytest.approx(3, abs=0.4)
    _keep(page, tmp_path, "uploaded")
    version.get_by_role("button", name="Sofort veröffentlichen").click()
    expect(notice).to_contain_text("In drei Sekunden")
    expect(page.locator("details.sentence > summary")).to_contain_text("aufgenommen")
    begin(system, clock)
    page.reload()
    expect(page.locator("h1")).to_contain_text("aufgenommen")
    page.locator(".sentence summary", has_text="Einen Schritt zurück").click()
    page.get_by_role("button", name="Ja, einen Schritt zurück").click()
    expect(notice).to_contain_text("spricht wieder die synthetische Stimme")
    begin(system, clock)
    page.reload()
    expect(page.locator("h1")).to_contain_text("synthetisch")


def test_a_file_is_dropped_and_refused_in_words(page: Page) -> None:
    page.evaluate(_DROP, ["drop", "PK\x03\x04 no sound"])
    expect(page.locator(".drop")).not_to_have_class("over")
    page.get_by_role("button", name="Als Entwurf hochladen").click()
    wrong = page.locator(".upload .invalid-feedback")
    expect(wrong).to_contain_text("keine Tondatei", timeout=CONVERTED_MS)
    expect(page.locator(".sent")).to_be_hidden()
    page.evaluate("document.querySelector('form.upload').dataset.most = 3")
    page.evaluate(_DROP, ["drop", "too large"])
    expect(wrong).to_contain_text("grösser als 20 MB")


def test_after_a_refused_upload_nothing_tells_of_an_earlier_one_that_was_kept(page: Page) -> None:
    page.locator("#words").fill(OURS)
    page.get_by_role("button", name="Als Entwurf speichern").click()
    expect(page.locator(".alert-success")).to_contain_text("Fassung 1 gespeichert")
    page.wait_for_load_state("load")  # the scripts of the new page hear what is dropped
    page.evaluate(_DROP, ["drop", "PK\x03\x04 no sound"])
    page.get_by_role("button", name="Als Entwurf hochladen").click()
    wrong = page.locator(".upload .invalid-feedback")
    expect(wrong).to_contain_text("keine Tondatei", timeout=CONVERTED_MS)
    expect(page.locator(".alert-success")).to_have_count(0)


def test_on_paper_there_is_what_is_said_and_nothing_to_press(page: Page) -> None:
    page.locator("#words").fill(OURS)
    page.get_by_role("button", name="Speichern und sofort veröffentlichen").click()
    page.emulate_media(media="print")
    expect(page.get_by_role("region", name="Gilt jetzt")).to_contain_text(OURS)
    for each in ("#text", "#words", "audio", "main button", "main summary.btn", ".alert-success"):
        expect(page.locator(each).filter(visible=True)).to_have_count(0)


_DROP = """([name, text]) => {
  const hand = new DataTransfer();
  hand.items.add(new File([text], 'voice.wav'));
  document.querySelector('.drop').dispatchEvent(
    new DragEvent(name, { dataTransfer: hand, bubbles: true, cancelable: true }));
}"""


def test_a_recording_is_made_with_the_microphone(page: Page) -> None:
    page.get_by_role("button", name="Mit dem Mikrofon aufnehmen").click()
    stop = page.get_by_role("button", name="Aufnahme beenden")
    expect(stop).to_be_visible()
    expect(page.locator(".doing")).to_contain_text("Sprechen Sie jetzt")
    expect(page.locator(".since")).to_have_text("0:02")
    stop.click()
    expect(page.locator("audio.taken")).to_be_visible()
    page.get_by_role("button", name="Als Entwurf hochladen").click()
    expect(page.locator(".alert-success")).to_contain_text("Fassung 1", timeout=CONVERTED_MS)
    assert 0.5 < seconds(page.locator("#version-1 audio")) < 4


def test_a_text_is_written_checked_heard_and_published_by_keyboard(
    page: Page, system: Application, clock: FrozenClock
) -> None:
    keyboard = page.keyboard
    page.locator("#words").focus()
    keyboard.press("Control+a")
    keyboard.type("Guten Tag <")
    expect(page.locator("#checked")).to_contain_text("enthält «<»")
    keyboard.press("Control+a")
    keyboard.type(OURS)
    expect(page.locator("#checked")).to_contain_text("Kann so gesagt werden")
    for _ in range(3):
        keyboard.press("Tab")
    expect(page.get_by_role("button", name="Anhören")).to_be_focused()
    keyboard.press("Enter")
    heard = page.locator("#heard audio")
    expect(page.locator("#heard")).to_contain_text("So lange hören Anrufer zu")
    assert seconds(heard) == pytest.approx(system.prompts.preview(OURS, "de").seconds, abs=0.1)
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(page.locator(".alert-success")).to_contain_text("Fassung 1 ist veröffentlicht")
    begin(system, clock)
    page.reload()
    page.locator("summary", has_text="Einen Schritt zurück").focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(page.locator(".alert-success")).to_contain_text("der mitgelieferte Text")


def test_variables_are_put_in_by_a_click(page: Page, system: Application) -> None:
    page.goto(system.settings.public_url + "/console/prompts/ticket_number/de")
    page.locator("#words").fill("Nummer ")
    page.locator("#words").press("End")
    page.locator('[data-insert="{ticket}"]').click()
    expect(page.locator("#words")).to_have_value("Nummer {ticket}")
    expect(page.locator("#checked")).to_contain_text("Kann so gesagt werden")


def test_without_scripts_everything_but_the_microphone_works(
    browser: Browser, system: Application, m4a: Path
) -> None:
    context = browser.new_context(locale="de-CH", java_script_enabled=False)
    page, address = context.new_page(), system.settings.public_url
    log_in(page, address, "admin")
    page.goto(address + PAGE)
    expect(page.locator(".record")).to_be_hidden()
    page.locator("input[type=file]").set_input_files(m4a)
    page.get_by_role("button", name="Als Entwurf hochladen").click()
    expect(page.locator("#version-1 svg.wave")).to_be_visible(timeout=CONVERTED_MS)
    page.locator("#words").fill(OURS)
    page.get_by_role("button", name="Anhören").click()
    expect(page.locator("#heard audio")).to_be_visible()
    expect(page.locator("#words")).to_have_value(OURS)
    context.close()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_page_fits_its_screen(
    page: Page, system: Application, clock: FrozenClock, tmp_path: Path, look: str
) -> None:
    say(system, clock, save(system, OURS))
    page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
    for name, path in SHOWN.items():
        page.goto(system.settings.public_url + path)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", look)
        for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            _keep(page, tmp_path, f"{name}-{size}-{look}")
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name


SHOWN = {
    "list": f"{LIST}?size=25",
    "text": PAGE,
    "prices": "/console/prompts/notice_fast_lane/it",
}


def _keep(page: Page, folder: Path, name: str) -> None:
    """In PIKETT_TEST_PICTURES too, where it is set."""
    picture = folder / f"prompts-{name}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 0
    if PICTURES:
        shutil.copy(picture, Path(PICTURES) / picture.name)
