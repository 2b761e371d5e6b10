"""After an order with a fixed price the customer's people hold the proof of it in their hands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ivr.bootstrap import Application
from ivr.consent.chain import Damage, parse_head
from ivr.identity.contacts import Contact
from ivr.services.records import NewMail
from ivr.storage.database import reading
from ivr.storage.models import Consent, Customer
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.players import rehearsal_player
from tests.players.agi_player import AgiPlayer
from tests.story import FOLDER, Story, load_story, prepare

PEOPLE = (
    Contact("Frau Huber", email="huber@demo.pikett.invalid"),
    Contact("Monsieur Blanc", email="blanc@demo.pikett.invalid", language="fr"),
    Contact("Lehrling", email="lehrling@demo.pikett.invalid", may_order=False),
    Contact("Ohne Adresse"),
)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime.fromisoformat(story().at).astimezone(UTC))


@pytest.fixture
def app(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    app = prepare(story(), data_dir, clock=clock, ids=CountedIds(), observer=Notebook())
    number = customer_id(app)
    with app.storage.writing() as uow:
        for person in PEOPLE:
            uow.contacts.add(number, person, clock.now())
    yield app
    app.storage.engine.dispose()


def story(name: str = "fast_lane_ordered") -> Story:
    return load_story(FOLDER / f"{name}.yaml")


def customer_id(app: Application) -> int:
    with reading(app.storage.engine) as connection:
        found = connection.execute(select(Customer.id).where(Customer.number == "11009"))
        return int(found.scalar_one())


def statements(app: Application, call_id: str) -> dict[str, NewMail]:
    """The statements that the customer's people were or would be mailed, by address."""
    addresses = {person.email for person in PEOPLE}
    with app.storage.reading() as uow:
        ticket = uow.calls.get(call_id).ticket_number
        mails = uow.outbox.list_for_ticket(ticket) if ticket is not None else []
    told = [mail for mail in mails if "https://pikett.example/c/" not in mail.body]
    return {mail.recipient: mail for mail in told if mail.recipient in addresses}


@pytest.mark.rule("A.24", "A.60", "B.8")
def test_whoever_may_order_and_has_an_address_gets_it_in_his_language(
    app: Application, clock: FrozenClock
) -> None:
    found = statements(app, AgiPlayer(app, clock, story()).play())
    assert set(found) == {"huber@demo.pikett.invalid", "blanc@demo.pikett.invalid"}
    german, french = (found[address] for address in sorted(found, reverse=True))
    assert german.subject.startswith("Ihre Bestellung: Fast Lane, Ticket ")
    assert french.subject.startswith("Votre commande: Fast Lane, ticket ")
    for mail in found.values():
        assert "162 Franken 15" in mail.body, "in the words and the language that were heard"
        assert "174935" not in mail.body
        assert "Notfall-Support" in mail.body
        assert not mail.held
    assert "Eine E-Mail allein alarmiert niemanden" in german.body


def test_its_proof_finds_what_is_changed_afterwards(app: Application, clock: FrozenClock) -> None:
    mail = statements(app, AgiPlayer(app, clock, story()).play())["huber@demo.pikett.invalid"]
    (line,) = [line for line in mail.body.splitlines() if line.startswith("Beleg: ")]
    head = parse_head(line.removeprefix("Beleg: "))
    with app.storage.reading() as uow:
        assert app.consents.verify(uow, [head]) == []
    with app.storage.engine.begin() as connection:
        cheaper = connection.execute(select(Consent.figures)).scalar_one().replace("150", "15")
        connection.execute(update(Consent).values(figures=cheaper))
    with app.storage.reading() as uow:
        (found,) = app.consents.verify(uow, [head])
    assert found.damage is Damage.CHANGED


@pytest.mark.parametrize("name", ["accepted", "fast_lane_declined", "fast_lane_withdrawn"])
def test_nobody_gets_one_for_what_has_no_fixed_price(
    name: str, app: Application, clock: FrozenClock
) -> None:
    assert statements(app, AgiPlayer(app, clock, story(name)).play()) == {}


def test_a_rehearsal_only_shows_it(app: Application) -> None:
    call_id, _ = rehearsal_player.play(app, story())
    found = statements(app, call_id)
    assert len(found) == 2
    assert all(mail.held for mail in found.values())
