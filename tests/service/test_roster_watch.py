"""Gaps and unchecked telephones are told of days ahead, once a day; publishing goes on by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.storage.database import reading
from ivr.storage.models import ContactMethod, OutboxMail, Person
from tests.fakes import FrozenClock, Notebook
from tests.service.captured_logs import captured_logs
from tests.service.conftest import OpenLine
from tests.service.mailing import change as set_columns
from tests.service.rostering import ANNA, LUCA, absence, change, clear, override, rows, weekly

pytestmark = pytest.mark.rule("B.16")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def watch(app: Application) -> int:
    return app.roster_watch.watch(app.clock.now())


def move(app: Application, span: timedelta) -> None:
    assert isinstance(app.clock, FrozenClock)
    app.clock.at += span


def mails(app: Application) -> list[tuple[str, str, str]]:
    query = select(OutboxMail.recipient, OutboxMail.subject, OutboxMail.body)
    with reading(app.storage.engine) as connection:
        return [tuple(row) for row in connection.execute(query.order_by(OutboxMail.id))]  # type: ignore[misc]


def troubles(app: Application) -> list[str]:
    assert isinstance(app.observer, Notebook)
    return [what for what, _ in app.observer.troubles]


def gap(app: Application) -> None:
    """On Thursday night."""
    change(app, override(app, "2026-11-26T18:00", "2026-11-27T08:00"))


def test_a_roster_without_problems_is_no_news(line: Application) -> None:
    assert watch(line) == 0
    assert mails(line) == []


@pytest.mark.rule("P.15")
def test_a_gap_is_told_days_ahead_and_once_a_day(line: Application) -> None:
    gap(line)
    assert watch(line) == 1
    assert watch(line) == 0
    move(line, 20 * HOUR)
    assert watch(line) == 0, "at six in the morning nobody is told again"
    move(line, 2 * HOUR)
    assert watch(line) == 1
    assert troubles(line) == ["roster_gap"] * 2
    (recipient, subject, body), _ = mails(line)
    assert (recipient, subject) == ("desk@demo.pikett.invalid", "Pikettplan: 1 Probleme")
    assert "Techniker vom Dienst, vom 26.11.2026 18:00 bis 27.11.2026 08:00" in body
    assert "https://pikett.example/console/roster" in body


def test_a_gap_further_away_than_the_settings_warn_is_not_told_yet(open_line: OpenLine) -> None:
    line = open_line(roster={"warn_days": 3})
    gap(line)
    assert watch(line) == 0
    move(line, DAY)
    assert watch(line) == 1


def test_leads_and_admins_are_told_each_in_his_language(open_line: OpenLine) -> None:
    line = open_line(roster={"alarm_to": ["pikett@provider.invalid"]})
    with line.storage.writing() as uow:
        for login, technician_id, language in (("lead", 1, "fr"), ("admin", 2, "it")):
            person = uow.people.find(login)
            assert person is not None
            uow.people.change(person.id, technician_id=technician_id, language=language)
    gap(line)
    watch(line)
    told = {recipient: subject for recipient, subject, _ in mails(line)}
    assert told == {
        "pikett@provider.invalid": "Pikettplan: 1 Probleme",
        "anna@demo.pikett.invalid": "Plan de piquet : 1 problèmes",
        "luca@demo.pikett.invalid": "Piano di picchetto: 1 problemi",
    }
    set_columns(line, Person, disabled_at=line.clock.now())
    move(line, DAY)
    watch(line)
    assert [recipient for recipient, _, _ in mails(line)][3:] == ["pikett@provider.invalid"]


def test_a_new_problem_is_told_at_once_and_alone(line: Application) -> None:
    gap(line)
    watch(line)
    change(line, absence(line, ANNA, "2026-11-25", "2026-11-25"))
    assert watch(line) == 1
    assert "abwesend" in mails(line)[1][2]
    assert "Lücke" not in mails(line)[1][2]
    assert troubles(line) == ["roster_gap", "roster_absent"]


def test_a_gap_that_has_begun_is_the_same_gap(line: Application) -> None:
    change(line, override(line, "2026-11-23T09:00", "2026-11-23T20:00"))
    assert watch(line) == 1
    move(line, HOUR)
    assert watch(line) == 0


@pytest.mark.rule("P.15")
def test_an_empty_roster_is_loud(line: Application) -> None:
    clear(line)
    assert watch(line) == 1
    assert troubles(line) == ["roster_empty"]
    assert "leer" in mails(line)[0][2]


@pytest.mark.rule("P.15")
def test_a_telephone_that_nobody_has_checked(line: Application) -> None:
    set_columns(line, ContactMethod, verified_at=None)
    assert watch(line) == 3
    assert set(troubles(line)) == {"roster_unverified"}
    for name in (ANNA, LUCA):
        line.technicians.verify(name, line.technicians.get(name)[1][0].id, None, line.clock.now())
    move(line, DAY)
    assert watch(line) == 1


def test_without_anybody_to_mail_the_operators_are_told(open_line: OpenLine) -> None:
    line = open_line(desk={"email": ""})
    gap(line)
    assert watch(line) == 1
    assert mails(line) == []
    assert troubles(line) == ["roster_gap"]


def test_the_worker_publishes_every_day_and_looks_every_few_minutes(line: Application) -> None:
    weekly(line)
    watch(line)
    last = rows(line)[-1][4]
    move(line, DAY)
    assert line.roster_watch.collect(line.clock.now()) == 0
    assert rows(line)[-1][4] == last + DAY
    gap(line)
    assert line.roster_watch.collect(line.clock.now() + 4 * HOUR / 60) == 0
    assert line.roster_watch.collect(line.clock.now() + 6 * HOUR / 60) == 1


def test_a_clock_that_was_set_back_is_no_reason_to_wait(line: Application) -> None:
    line.roster_watch.collect(line.clock.now() + DAY)
    gap(line)
    assert line.roster_watch.collect(line.clock.now()) == 1


def test_logs_name_nobody(open_line: OpenLine) -> None:
    line = open_line()
    del line.__dict__["observer"]
    gap(line)
    change(line, absence(line, ANNA, "2026-11-25", "2026-11-25"))
    with captured_logs() as logs:
        watch(line)
    assert "roster_gap" in logs.getvalue()
    assert "Anna" not in logs.getvalue()
    assert "+41" not in logs.getvalue()
