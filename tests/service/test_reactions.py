"""What was promised in a month, and what was kept of it."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from ivr.bootstrap import Application
from ivr.callflow.requests import TicketKind
from ivr.cli import cli
from ivr.contracts.commitments import Standing
from ivr.services.work import Hand
from tests.fakes import FrozenClock
from tests.service.console import logged_in
from tests.service.escalating import Night, NotingTelephone

NOVEMBER = date(2026, 11, 3)


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


def ticket(night: Night, **given: object) -> int:
    return night.open("", kind=TicketKind.ORDER, contract_id=1, **given)


def react(night: Night, number: int) -> None:
    with night.app.storage.reading() as uow:
        technician = uow.roster.find_technician(1)
    assert technician is not None
    night.app.ticket_work.react(Hand(number, technician, "", night.clock.now()), "Router")


def counts(night: Night, month: date = NOVEMBER) -> dict[str, dict[Standing, int]]:
    found = night.app.reactions.of_month(month, night.clock.now())
    return {each.source: dict(each.counts) for each in found}


@pytest.mark.rule("A.64", "A.36")
def test_kept_missed_and_open_are_counted_by_plan(night: Night) -> None:
    kept, missed = ticket(night), ticket(night)
    react(night, kept)
    night.clock.advance(2 * 3600)
    react(night, missed)
    ticket(night)
    ticket(night, rehearsal=True)
    expected = {Standing.KEPT: 1, Standing.MISSED: 1, Standing.OPEN: 1}
    assert counts(night) == {"plan:premium": expected}
    assert counts(night, date(2026, 10, 31)) == {}
    (found,) = night.app.reactions.of_month(NOVEMBER, night.clock.now())
    assert (found.missed, found.share_kept) == ([missed], 0.5)


def test_the_command_and_the_page_say_the_same(night: Night) -> None:
    number = ticket(night)
    night.clock.advance(2 * 3600)
    react(night, number)
    environment = {"PIKETT_DATA_DIR": str(night.app.settings.data_dir)}
    told = CliRunner().invoke(cli, ["reactions", "--month", "2026-11"], env=environment)
    assert f"missed: {number}" in told.output
    plain = CliRunner().invoke(cli, ["reactions", "--month", "2026-11", "--json"], env=environment)
    assert json.loads(plain.output)[0]["missed_tickets"] == [number]
    page = logged_in(night.app, "lead").get("/console/reactions?month=2026-11").text
    assert "winCall premium" in page
    assert str(number) in page


def test_a_month_that_is_none_is_refused_in_words() -> None:
    told = CliRunner().invoke(cli, ["reactions", "--month", "November"])
    assert "a month is written 2026-11" in told.output


def test_an_empty_month_says_so(night: Night) -> None:
    page = logged_in(night.app, "lead").get("/console/reactions?month=2026-01&x=1").text
    assert "wurde nichts zugesagt" in page
    assert logged_in(night.app, "lead").get("/console/reactions?month=zzz").status_code == 200
