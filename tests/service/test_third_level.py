"""A person calls the third level from a ticket's page, for basic services of the provider only."""

import pytest

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact
from tests.fakes import FrozenClock
from tests.service.console import Browser, logged_in
from tests.service.escalating import Night, NotingTelephone
from tests.service.ticketed import BASIC, CUSTOMER, add_ticket
from webhooks.console.words import LANGUAGES, texts

ANNA, CHIEF = "Anna Meier", "Chloé Favre"
CHIEFS_NUMBER = "+41440009003"
TYPED = {"level": "chief_technician", "reason": "Core switch is dead", "confirmed": "yes"}


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    """Chloé Favre is the chief technician."""
    with app.storage.engine.begin() as connection:
        query = "UPDATE roster_entry SET level = 'chief_technician' WHERE technician_id = 3"
        connection.exec_driver_sql(query)
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


@pytest.fixture
def anna(night: Night) -> Browser:
    return logged_in(night.app, "anna")


def call(browser: Browser, ticket: int, **typed: str) -> str:
    address = f"/console/tickets/{ticket}/third-level"
    form = {name: value for name, value in (TYPED | typed).items() if value}
    return browser.post(address, form, follow_redirects=True).text


def taken(night: Night, cause: str | None) -> int:
    """Anna has it, and has perhaps found out whose fault it is."""
    ticket = add_ticket(night.app, cause=cause)
    told = {Fact.RESPONSIBLE: ANNA}
    night.app.faults.note(ticket, ANNA, told, None, night.clock.now())
    return ticket


@pytest.mark.rule("A.35", "A.12")
@pytest.mark.parametrize("cause", [BASIC, None])
def test_a_technician_calls_the_chief_and_it_is_written_down(
    night: Night, anna: Browser, cause: str | None
) -> None:
    ticket = taken(night, cause)
    page = anna.get(f"/console/tickets/{ticket}").text
    assert "3rd Level" in page
    assert CHIEF in page
    assert f"Das Telefon klingelt gleich: {CHIEF}" in call(anna, ticket)
    night.work()
    assert night.telephone.numbers == [CHIEFS_NUMBER]
    assert "läuft schon" in call(anna, ticket)
    night.press(night.last, "1")
    story = anna.get(f"/console/tickets/{ticket}").text
    assert f"Beigezogen: {CHIEF}" in story
    assert "Core switch is dead" in story
    with night.app.storage.reading() as uow:
        said = [each for each in uow.facts.list_of(ticket) if each.fact is Fact.INVOLVED]
    assert [(each.author, each.value, each.reason) for each in said] == [
        (ANNA, CHIEF, "Core switch is dead")
    ]
    assert night.state(ticket) == "acknowledged"


@pytest.mark.rule("A.35")
@pytest.mark.parametrize("cause", [CUSTOMER, "third_party", "unknown"])
def test_what_is_no_basic_service_is_refused_in_words(
    night: Night, anna: Browser, cause: str
) -> None:
    ticket = taken(night, cause)
    sentence = "Das 3rd Level ist nur für Basis-Systemleistungen da"
    page = anna.get(f"/console/tickets/{ticket}").text
    assert sentence in page
    assert 'name="confirmed"' not in page
    assert sentence in call(anna, ticket)
    night.work()
    assert night.telephone.numbers == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reason": "  "}, "Grund"),
        ({"confirmed": ""}, "Bestätigen Sie"),
        ({"level": "supplier"}, "Im Plan steht dort niemand"),
        ({"level": "on_duty"}, "Im Plan steht dort niemand"),
    ],
)
def test_without_reason_confirmation_or_anybody_to_ring_nobody_is_called(
    night: Night, anna: Browser, typed: dict[str, str], told: str
) -> None:
    assert told in call(anna, taken(night, BASIC), **typed)
    night.work()
    assert night.telephone.numbers == []


def test_an_admin_may_and_the_search_for_a_first_technician_gives_way(
    night: Night, app: Application
) -> None:
    ticket = night.open()
    admin = logged_in(app, "admin")
    call(admin, ticket)
    assert [str(each.state) for each in night.escalations(ticket)] == ["closed", "open"]
    assert "rief das 3rd Level" in admin.get(f"/console/audit?search={ticket}").text


def test_nobody_is_rung_for_what_is_over_or_rehearsed(night: Night, anna: Browser) -> None:
    for ticket in (over(night), add_ticket(night.app, cause=None, rehearsal=True)):
        assert 'name="confirmed"' not in anna.get(f"/console/tickets/{ticket}").text
        assert "erledigt" in call(anna, ticket)
    night.work()
    assert night.telephone.numbers == []


def over(night: Night) -> int:
    ticket = taken(night, BASIC)
    night.app.faults.note(ticket, ANNA, {Fact.PHASE: "closed"}, None, night.clock.now())
    return ticket


def test_every_language_has_its_words() -> None:
    for language in LANGUAGES:
        assert "3rd Level" in texts(language)["third.title"]
