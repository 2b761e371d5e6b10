"""Consents in the database: sealed with every order, and every tampering is found."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from ivr.bootstrap import Application
from ivr.consent.chain import Break, Damage, Head
from ivr.storage.models import Consent, ConsentSeal
from tests.fakes import CountedIds, FrozenClock, Notebook
from tests.players import rehearsal_player
from tests.players.agi_player import AgiPlayer
from tests.service.terminal import Pikett, pikett
from tests.story import STORIES
from tests.wiring import quick_application

FIXTURES = (pikett,)
ORDER = next(story for story in STORIES if story.name == "accepted")
ORDERS = 4


@pytest.fixture
def spoken_data_dir(data_dir: Path) -> Path:
    """Where the orders of this test are."""
    return data_dir


@pytest.fixture
def ordered(data_dir: Path) -> Iterator[Application]:
    """Four real orders, one after the other, and a rehearsal among them."""
    clock = FrozenClock()
    app = quick_application(
        data_dir, clock=clock, ids=CountedIds(), observer=Notebook(), repeat={"hours": 0}
    )
    for number in range(ORDERS):
        AgiPlayer(app, clock, ORDER, unique_id=f"lab-1795341600.{number}").play()
        clock.advance(60)
        if number == 1:
            rehearsal_player.play(app, ORDER)
    yield app
    app.storage.engine.dispose()


def broken(app: Application, *heads: Head) -> list[Break]:
    with app.storage.reading() as uow:
        return app.consents.verify(uow, heads)


def head(app: Application) -> Head:
    with app.storage.reading() as uow:
        found = uow.consents.find_head()
    assert found is not None
    return found


def change(app: Application, statement: object) -> None:
    with app.storage.engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def test_every_real_order_is_sealed_and_no_rehearsal(ordered: Application) -> None:
    assert broken(ordered, head(ordered)) == []
    assert head(ordered).sequence == ORDERS


def test_what_is_sealed_can_be_shown(ordered: Application) -> None:
    with ordered.storage.reading() as uow:
        (first, *_) = uow.consents.walk()
        ticket = uow.calls.get(first.consent.call_id).ticket_number
        assert ticket is not None
        assert list(uow.consents.list_of_ticket(ticket)) == [first]
    assert first.link.text == first.consent.text
    assert '"identified_by":"number"' in first.link.facts
    assert "Sonnenschein" not in first.link.facts, "no name under the seal"


TAMPERING: dict[str, tuple[Callable[[], object], Break]] = {
    "another key": (
        lambda: update(Consent).where(Consent.id == 2).values(key="2"),
        Break(2, Damage.CHANGED),
    ),
    "another time": (
        lambda: text("UPDATE consent SET pressed_at = heard_from WHERE id = 2"),
        Break(2, Damage.CHANGED),
    ),
    "other words": (
        lambda: update(Consent).where(Consent.id == 2).values(text="Es kostet nichts."),
        Break(2, Damage.TEXT_CHANGED),
    ),
    "another seal": (
        lambda: update(ConsentSeal).where(ConsentSeal.sequence == 2).values(seal="0" * 64),
        Break(2, Damage.CHANGED),
    ),
    "a removed link": (
        lambda: delete(ConsentSeal).where(ConsentSeal.sequence == 2),
        Break(2, Damage.MISSING),
    ),
    "a cut tail": (
        lambda: delete(ConsentSeal).where(ConsentSeal.sequence == ORDERS),
        Break(ORDERS, Damage.CUT),
    ),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found_against_the_head_that_was_mailed(
    ordered: Application, name: str
) -> None:
    mailed = head(ordered)
    statement, found = TAMPERING[name]
    change(ordered, statement())
    assert found in broken(ordered, mailed)


def test_a_chain_written_anew_is_found(ordered: Application) -> None:
    mailed = head(ordered)
    with ordered.storage.writing() as uow:
        kept = [each.consent for each in uow.consents.walk()]
    change(ordered, delete(ConsentSeal))
    change(ordered, delete(Consent))
    for consent in kept:
        cheaper = dataclasses.replace(consent, key="1", text=consent.text + " Gratis.")
        with ordered.storage.writing() as uow:
            _seal_again(ordered, uow, cheaper)
    assert broken(ordered) == [], "whoever has the key can write another chain"
    assert broken(ordered, mailed) == [Break(ORDERS, Damage.REWRITTEN)]


def _seal_again(app: Application, uow: object, consent: object) -> None:
    from ivr.consent.chain import append, digest
    from ivr.services.consents import _consent_facts

    consent = dataclasses.replace(consent, text_sha256=digest(consent.text))  # type: ignore
    link = append(
        app.consents._key, uow.consents.find_head(), _consent_facts(consent), consent.text
    )
    uow.consents.add(consent, link)


def test_erasing_the_words_leaves_the_chain_whole(ordered: Application) -> None:
    mailed = head(ordered)
    change(ordered, update(Consent).where(Consent.id == 2).values(text=""))
    assert broken(ordered, mailed) == []


def test_the_head_leaves_the_house_with_the_mail_of_the_order(ordered: Application) -> None:
    with ordered.storage.reading() as uow:
        (first, *_) = uow.consents.walk()
        ticket = uow.calls.get(first.consent.call_id).ticket_number
        assert ticket is not None
        bodies = [mail.body for mail in uow.outbox.list_for_ticket(ticket)]
    told = str(Head(first.link.sequence, first.link.seal))
    assert bodies
    assert all(told in body for body in bodies)


def test_the_commands_show_and_verify(ordered: Application, pikett: Pikett) -> None:
    mailed = str(head(ordered))
    ended = pikett("consent", "verify", "--against", mailed)
    assert (ended.code, ended.out.strip()) == (0, f"The chain holds. Its head: {mailed}")
    shown = pikett("consent", "show", "100001", "--json")
    (statement,) = shown.lines
    assert statement["key"] == "1"
    assert "Fehler der Basisdienste gratis" in statement["text"]
    assert "Pressed       1 at 2026-11-23T10:00" in pikett("consent", "show", "100001").out
    change(ordered, delete(ConsentSeal).where(ConsentSeal.sequence == ORDERS))
    cut = pikett("consent", "verify", "--against", mailed)
    assert cut.code == 1
    assert "the chain was cut" in cut.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "--against", "nonsense"), "is no head of the chain"),
        (("show", "999999"), "no sealed consent led to ticket 999999"),
        (("show", "0"), "0"),
    ],
)
def test_a_mistake_is_said(pikett: Pikett, arguments: tuple[str, ...], said: str) -> None:
    ended = pikett("consent", *arguments)
    assert ended.code == 2
    assert said in ended.err
