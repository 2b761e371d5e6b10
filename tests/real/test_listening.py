"""Listening to a long message in Chromium: a jump to its end fetches its end, not all of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from ivr.bootstrap import Application
from ivr.services.records import NewRecording
from tests.fakes import FrozenClock, write_silence
from tests.real import console_pages
from tests.real.test_technician import deeds, telephone
from tests.service.ticketed import add_ticket

SECONDS, JUMP = 600.0, 560.0
"""Three times the longest message: of two megabytes or so a browser fetches all beforehand."""
PLAYED_FROM = """(player, at) => new Promise((done, failed) => {
  player.onerror = () => failed(new Error('not playable'));
  setTimeout(() => failed(new Error('not heard after 20 seconds')), 20000);
  player.muted = true;
  player.onloadedmetadata = () => { player.currentTime = at; player.play(); };
  player.ontimeupdate = () => {
    if (!player.seeking && player.currentTime > at + 0.2) {
      player.pause();
      done([player.duration, player.currentTime]);
    }
  };
  player.preload = 'metadata';
  player.load();
})"""


@pytest.fixture
def system(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    with console_pages.served(data_dir, clock) as app:
        yield app


@pytest.fixture
def number(system: Application) -> int:
    """A ticket with a message that no browser fetches whole."""
    number, inbox = add_ticket(system, cause=None), system.settings.path("inbox")
    inbox.mkdir(exist_ok=True)
    write_silence(inbox / "long.wav", SECONDS)
    with system.storage.writing() as uow:
        now = system.clock.now()
        uow.tickets.add_recording(NewRecording(number, "file:long.wav", SECONDS, now))
    system.recordings.collect(system.clock.now())
    return number


def parts(page: Page) -> list[int]:
    """Where each part begins that the browser asks for."""
    found: list[int] = []

    def note(request: Request) -> None:
        if asked := re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", "")):
            found.append(int(asked[1]))

    page.on("request", note)
    return found


def test_a_jump_in_a_message_fetches_what_is_heard(system: Application, number: int) -> None:
    links = system.links.ticket(number), system.links.customer(number)
    with console_pages.chromium() as chromium:
        for link in links:
            _jump(chromium, link)
    assert "message_heard" in deeds(system)


def _jump(chromium: Browser, link: str) -> None:
    with telephone(chromium) as page:
        begins = parts(page)
        page.goto(link)
        length, at = page.locator("audio").evaluate(PLAYED_FROM, JUMP)
        assert length == pytest.approx(SECONDS, abs=0.1)
        assert JUMP < at < JUMP + 5
        bytes_before = JUMP * 16_000
        assert begins[0] == 0
        assert any(abs(each - bytes_before) < 100_000 for each in begins), begins
