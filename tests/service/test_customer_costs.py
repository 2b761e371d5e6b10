"""What the customer's page says of costs: plain words, and only figures that were sealed or billed."""

import html
import re
from decimal import Decimal

import pytest

from ivr.bootstrap import Application
from ivr.callflow import codec
from ivr.callflow.requests import TicketKind
from ivr.contracts.conditions import Conditions, EmergencyTerms
from ivr.contracts.faults import Fact
from ivr.contracts.lines import LineKind
from ivr.contracts.money import Money, price
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.services.account_records import Document
from ivr.services.customer_costs import Cost, costs_of
from tests.fakes import FrozenClock
from tests.service.linked import HTTPS, Visitor
from tests.service.mailing import order
from tests.service.test_audit_story import desks_night
from tests.service.ticketed import ANNA, LATER, add_ticket
from webhooks.app import create_app
from webhooks.console.words import LANGUAGES, texts

RATE = Decimal("8.1")
JARGON = re.compile(
    r"charge|verrechn|factur|fattur|bill_|winCall|\bCLA\b|Fast.Lane|winet_|_environment|premium|\bSLA\b",
    re.I,
)


def page_of(app: Application, number: int = 100001) -> str:
    """As the customer reads it, without the words that he heard."""
    address = app.links.customer(number).removeprefix(HTTPS)
    page = html.unescape(Visitor(create_app(app)).get(address).text)
    return re.sub(r"<blockquote.*?</blockquote>", "", page, flags=re.DOTALL)


def listed(page: str) -> list[tuple[str, str]]:
    """What each line is for, and its amount."""
    found = re.findall(r"<dt>(.*?)</dt>(?:<dd>(.*?)</dd>)?</div>", page)
    return [(what, amount) for what, amount in found]


def chf(net: str) -> Money:
    return Money(Decimal(net), "CHF")


def test_an_order_lists_what_was_sealed(app: Application) -> None:
    order(app)
    with app.storage.reading() as uow:
        (consent,) = uow.consents.list_of_call(uow.ticket_files.get(100001).call_id)
    told = codec.from_json(consent.figures or "")
    lines = listed(page_of(app))
    assert "Es gelten die Preise, die unten stehen." in page_of(app)
    assert lines[0] == (
        "Eine Stunde Arbeit des Technikers, wenn der Fehler nicht bei unseren eigenen Diensten "
        "liegt",
        f"CHF {told.work.gross.amount:.2f} mit 8.1 % Mehrwertsteuer "
        f"(CHF {told.work.net.amount:.2f} ohne)",
    )
    assert ("Liegt der Fehler bei unseren eigenen Diensten, bezahlen Sie nichts.", "") in lines


def test_the_fixed_price_of_the_night_is_in_plain_words(
    app: Application, clock: FrozenClock
) -> None:
    desks_night(app, clock)
    (what, amount), *_ = listed(page_of(app))
    assert what.startswith("Ein Techniker ausserhalb der Zeiten, die Ihr Vertrag enthält")
    assert amount == "CHF 162.15 mit 8.1 % Mehrwertsteuer (CHF 150.00 ohne)"
    shown = page_of(app).partition('id="costs"')[2].partition("</section>")[0]
    assert not JARGON.findall(shown)


def test_after_the_account_is_closed_the_lines_and_their_sum_are_those_of_the_account(
    app: Application,
) -> None:
    number = add_ticket(app, kind=TicketKind.FAST_LANE, minutes=600)
    app.faults.note(number, ANNA, {Fact.PHASE: "closed"}, None, LATER)
    record = app.accounts.close(number, LATER)
    assert record.account.totals is not None
    page = page_of(app, number)
    lines = listed(page)
    assert len(lines) == len(record.account.lines)
    for (_, amount), line in zip(lines, record.account.lines, strict=True):
        gross = line.price.gross.amount
        assert amount.startswith(f"CHF {gross:.2f} " if gross else "kostet nichts")
    assert f"Zusammen: CHF {record.account.totals.gross.amount:.2f}, mit" in page
    assert "Für diesen Fall bezahlen Sie." in page


def test_what_the_account_makes_free_is_said_to_cost_nothing(app: Application) -> None:
    """The cause is the customer's, but free units pay for all of it."""
    number = add_ticket(app, minutes=15)
    app.faults.note(number, ANNA, {Fact.PHASE: "closed"}, None, LATER)
    record = app.accounts.close(number, LATER)
    assert record.account.totals is not None
    free = not record.account.totals.gross.amount
    assert ("Dieser Fall kostet Sie nichts." in page_of(app, number)) is free
    assert free == (record.account.free_units_used > 0)


@pytest.mark.rule("A.85")
def test_the_emergency_costs_its_fixed_price_even_if_the_fault_is_ours(app: Application) -> None:
    number = add_ticket(app, kind=TicketKind.EMERGENCY, cause="winet_basic_service")
    app.faults.note(number, ANNA, {Fact.PHASE: "closed"}, None, LATER)
    assert "Dieser Fall kostet Sie nichts." not in page_of(app, number)
    assert "Für diesen Fall bezahlen Sie." in page_of(app, number)


def test_our_own_fault_shows_no_price(app: Application) -> None:
    order(app)
    said = {Fact.CAUSE: "winet_basic_service", Fact.PHASE: "closed"}
    app.faults.note(100001, ANNA, said, None, app.clock.now())
    page = page_of(app)
    assert "Dieser Fall kostet Sie nichts." in page
    assert listed(page) == []


def test_a_rehearsal_shows_no_price(app: Application) -> None:
    order(app, rehearsal=True)
    assert listed(page_of(app)) == []


def test_the_emergency_product_names_what_its_price_contains() -> None:
    hour, fee = price(chf("200"), RATE), price(chf("300"), RATE)
    told = Conditions(
        "basic",
        FirstReaction(ReactionKind.BEST_EFFORT),
        OfferKind.EMERGENCY,
        fee,
        hour,
        3,
        emergency=EmergencyTerms(30, hour, 15, free_support_now=False),
    )
    costs = costs_of([_Sealed(told)], None, None)  # type: ignore[list-item]
    assert costs.agreed == (Cost("emergency", 30, fee), Cost("emergency_hour", 30, hour))


class _Sealed:
    """A consent, of which only the figures are read."""

    def __init__(self, told: Conditions) -> None:
        self.figures = codec.to_json(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_every_account_has_plain_words(language: str) -> None:
    words = texts(language)
    keys = [f"cust.for.bill_{kind}" for kind in LineKind]
    keys += [f"cust.for.bill_{kind}_night_sunday" for kind in ("work", "application_analysis")]
    for key in keys:
        assert not JARGON.findall(words[key]), (key, words[key])
    of_costs = [key for key in words if key.startswith(("cust.cost.", "cust.for."))]
    assert not [key for key in of_costs if "bill_" in words[key]]


def test_a_credit_note_is_told(app: Application) -> None:
    number = add_ticket(app, kind=TicketKind.FAST_LANE)
    app.faults.note(number, ANNA, {Fact.PHASE: "closed"}, None, LATER)
    app.accounts.close(number, LATER)
    with app.storage.reading() as uow:
        customer = uow.ticket_files.get(number).customer_id
    assert customer is not None
    app.accounts.upgrade(customer, LATER.date(), LATER)
    with app.storage.reading() as uow:
        note = uow.accounts.find(number, Document.CREDIT_NOTE)
    assert note is not None
    assert note.account.totals is not None
    shown = f"{note.account.totals.gross.amount:.2f}"
    assert f"schreiben wir Ihnen gut: CHF {shown}" in page_of(app, number)
