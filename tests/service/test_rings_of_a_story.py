"""A night of ringing is a few lines of a story; each single ring is behind them, and on paper."""

import re

import pytest

from ivr.bootstrap import Application
from ivr.contracts.windows import local_time
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.service.console import browser, logged_in
from tests.service.escalating import Night, NotingTelephone
from tests.service.test_audit_story import lines_night
from webhooks.console.audit_rings import rounds_of
from webhooks.console.words import LANGUAGES, translator


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    """Nobody answers for hours."""
    telephone = NotingTelephone()
    app.__dict__["telephones"] = (telephone,)
    return Night(app, clock, telephone)


def rung(night: Night, ticket: int) -> list[tuple[str, str, str]]:
    """Every ring of the ticket's call: which round, when and who."""
    with night.app.storage.reading() as uow:
        rings = uow.audit.rung_for(uow.ticket_files.get(ticket).call_id)
    return [(each.search, f"{local_time(each.started_at):%H:%M:%S}", each.name) for each in rings]


def ring_on(night: Night, minutes: int) -> None:
    for _ in range(minutes * 2):
        night.work()
        night.clock.advance(30)
    night.work()


def grouped(page: str) -> list[tuple[str, list[str]]]:
    """The lines that open, with what is behind them."""
    opens = r'<details class="rings"><summary>(.*?)</summary></details>(.*?)</ul>'
    found = re.findall(opens, page, re.DOTALL)
    return [(line, re.findall(r"<li>.*?</time> (.*?)</li>", rest)) for line, rest in found]


def times(page: str) -> list[str]:
    return re.findall(r"<li><time[^>]*>(\d\d:\d\d:\d\d)</time>", page)


def test_each_round_is_one_line_and_every_ring_is_behind_it(night: Night) -> None:
    ticket = night.open()
    ring_on(night, 40)
    every = rung(night, ticket)
    rounds = list(dict.fromkeys(search for search, _, _ in every))
    assert len(every) >= 6
    assert len(rounds) >= 2
    page = logged_in(night.app, "anna").get(f"/console/tickets/{ticket}").text
    lines = grouped(page)
    many = [each for each in rounds if sum(search == each for search, _, _ in every) > 1]
    assert len(lines) == len(many)
    assert sum(len(single) for _, single in lines) == len(
        [search for search, _, _ in every if search in many]
    )
    assert lines[0][0].startswith("Runde 1: ")
    assert "Anna Meier" in lines[0][0]
    assert times(page) == [at for search, at, _ in every if search in many]


def test_a_file_of_the_story_has_each_ring_by_itself(night: Night) -> None:
    ticket = night.open()
    ring_on(night, 40)
    admin = logged_in(night.app, "admin")
    file = admin.get(f"/console/audit?search={ticket}&format=csv").text
    assert file.count("Angerufen: ") == len(rung(night, ticket))
    assert "Runde" not in file


def test_one_ring_is_a_line_as_it_was(app: Application, clock: FrozenClock) -> None:
    lines_night(app, clock)
    page = logged_in(app, "anna").get("/console/tickets/100001").text
    assert grouped(page) == []
    assert "Angerufen: Anna Meier, nicht abgehoben" in page


def test_paper_shows_what_is_closed_on_the_screen(app: Application) -> None:
    """The list stands beside the details: only a screen hides it."""
    with browser(app).get("/console/static/console.css") as answer:
        css = answer.text
    hiding = re.findall(r"@media (\w+) \{ \.rings:not\(\[open\]\) \+ \.rung \{ display: none", css)
    assert hiding == ["screen"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_round_is_told_in_the_language_of_its_reader(night: Night, language: str) -> None:
    ticket = night.open()
    ring_on(night, 40)
    anna = logged_in(night.app, "anna")
    anna.post("/console/own/language", {"language": language})
    ((line, single), *_) = grouped(anna.get(f"/console/tickets/{ticket}").text)
    first = rung(night, ticket)[: len(single)]
    names = ", ".join(dict.fromkeys(name for _, _, name in first))
    told = translator(language)("audit.line.rung_round", round="1", count=len(single), names=names)
    assert line == told


def test_nothing_is_lost_or_moved_by_grouping(night: Night) -> None:
    ticket = night.open()
    ring_on(night, 40)
    story = night.app.stories.of_ticket(ticket, night.clock.now(), looks=True)
    assert story is not None
    assert [line for those in rounds_of(story.lines) for line in those] == list(story.lines)
    assert story.lines[0].at >= MONDAY_TEN
