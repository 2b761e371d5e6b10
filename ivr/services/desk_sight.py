"""Everything a card shows, put together from the very parts that a call on the line goes through.

The words to be read out are those the line itself would speak, from the same conditions; so an
agent can say nothing that the machine would not (item 27). Nothing secret is among them: no PIN, no
class, no cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.facts import CustomerFacts, IdentifiedBy, LocationFacts
from ivr.callflow.notices import notice_prompts
from ivr.callflow.prompts import Language, Prompt
from ivr.callflow.requests import AssessWindow, OrderState
from ivr.callflow.support_session import SupportSession
from ivr.consent.chain import digest
from ivr.contracts.commitments import alarm
from ivr.contracts.conditions import Conditions
from ivr.contracts.windows import local_time
from ivr.desk.card import (
    Facts,
    Missing,
    Outcome,
    Terms,
    authority,
    favourable,
    is_check_due,
    missing,
)
from ivr.desk.questions import Asked, questions_for
from ivr.identity.contacts import Contact
from ivr.services.context import Context
from ivr.services.desk_disturbances import KnownDisturbance, in_words
from ivr.services.desk_records import CallStanding, CardRecord, RunningOrder
from ivr.services.desk_search import Search, searches
from ivr.services.disturbance_calls import list_touching
from ivr.services.identification import Identification
from ivr.services.ports import Wording
from ivr.services.records import CallRecord, CallSummary
from ivr.services.stores import UnitOfWork


@dataclass(frozen=True, slots=True)
class Notice:
    """The words to be read out, in the caller's language."""

    prompts: tuple[Prompt, ...]
    text: str
    sha256: str
    language: Language


@dataclass(frozen=True, slots=True)
class Sight:
    """A card with all that is known around it at the instant `at`.

    `place` decides the contract; `location_id` is None where any of several places may be meant.
    `heard_at` is when the caller heard these very words on the line; `running` are the customer's
    other orders that still stand; `due` is until when this ticket promises to be heard of, `search`
    how far looking for a technician is. `disturbances` are those that touch this caller.
    """

    card: CardRecord
    call: CallRecord
    summary: CallSummary
    standing: CallStanding
    at: datetime
    customer: CustomerFacts | None
    place: LocationFacts | None
    location_id: int | None
    contacts: Sequence[Contact]
    terms: Terms | None
    notice: Notice | None
    heard_at: datetime | None
    facts: Facts
    running: Sequence[RunningOrder] = ()
    due: datetime | None = None
    search: Search | None = None
    disturbances: tuple[KnownDisturbance, ...] = ()

    @property
    def questions(self) -> tuple[Asked, ...]:
        """What the caller can be asked; where no place is chosen, any of them is a right answer."""
        if self.customer is None:
            return ()
        places = [self.place] if self.place is not None else self.customer.locations
        return questions_for(
            self.customer.name,
            [each.name for each in places],
            [each.plan_name for each in places],
            [each.name for each in self.contacts if each.may_order],
        )

    @property
    def identified_by(self) -> IdentifiedBy:
        """How, with what the agent has found out."""
        return authority(self.facts)

    @property
    def conditions(self) -> Conditions | None:
        """Of the one offer."""
        return self.terms.conditions if self.terms is not None else None

    @property
    def is_decided(self) -> bool:
        """Nothing more is asked of the agent here: another call may have him."""
        return self.card.outcome is not Outcome.OPEN or self.card.closed_at is not None

    @property
    def search_for_caller(self) -> Search | None:
        """Only where he was promised somebody: whoever wants nobody is not told of a search."""
        promised = self.card.outcome in (Outcome.ORDERED, Outcome.TICKET)
        return self.search if promised or self.facts.ordered_by_phone else None

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What an order still needs."""
        return missing(self.facts, self.at)

    @property
    def is_check_due(self) -> bool:
        """Whether the agent has to check the caller before an order."""
        return is_check_due(self.facts)


class Sights:
    """Puts them together; reads only."""

    def __init__(self, identification: Identification, wording: Wording) -> None:
        self._identification = identification
        self._wording = wording

    def of(self, uow: UnitOfWork, card: CardRecord, at: datetime) -> Sight:
        """What this card shows at this instant of its call."""
        call, summary = uow.calls.get(card.call_id), uow.calls.summary(card.call_id)
        standing = uow.desk.find_standing(card.call_id)
        assert standing is not None  # noqa: S101
        customer = self._customer(uow, card.customer_id, at)
        place = _place(customer, card.location_id)
        terms = self._terms(uow, call, customer, place, at)
        language = _language(card, standing, customer)
        notice = self._notice(terms, language, at)
        touching = list_touching(Context(uow, call.id, call.id, at), card.customer_id)
        return Sight(
            card=card,
            call=call,
            summary=summary,
            standing=standing,
            at=at,
            customer=customer,
            place=place,
            location_id=_location_id(customer, card.location_id),
            contacts=uow.contacts.list_of(customer.id) if customer else (),
            terms=terms,
            notice=notice,
            heard_at=self._heard_at(standing.session, notice),
            facts=_facts(uow, card, call, summary, customer, place, terms, notice),
            running=uow.desk.list_running(customer.id, call.id) if customer else (),
            due=_due(uow, summary),
            search=_search(uow, summary.ticket_number),
            disturbances=in_words(self._wording, touching, language, at),
        )

    def _customer(
        self, uow: UnitOfWork, customer_id: int | None, at: datetime
    ) -> CustomerFacts | None:
        if customer_id is None:
            return None
        return self._identification.facts(uow.customers.get(customer_id, local_time(at).date()))

    def _terms(
        self,
        uow: UnitOfWork,
        call: CallRecord,
        customer: CustomerFacts | None,
        place: LocationFacts | None,
        at: datetime,
    ) -> Terms | None:
        """At the answer and now: the better of the two for the caller."""
        if customer is None or place is None:
            return None
        if place.plan_id is None or place.contract_id is None:
            return None
        question = AssessWindow(place.plan_id, customer.id, place.contract_id)
        both = [
            self._identification.assess(Context(uow, call.id, call.id, instant), question)
            for instant in (call.received_at, at)
        ]
        answer, now = (Terms(found.window, found.conditions) for found in both)
        return favourable(answer, now)

    def _notice(self, terms: Terms | None, language: Language, at: datetime) -> Notice | None:
        if terms is None:
            return None
        session = SupportSession(language=language)
        said = notice_prompts(session, terms.window, terms.conditions, at)
        prompts = tuple(map(self._wording.chosen, said))
        text = self._text(prompts)
        return Notice(prompts, text, digest(text), language)

    def _text(self, prompts: tuple[Prompt, ...]) -> str:
        return " ".join(self._wording.text(prompt) for prompt in prompts)

    def _heard_at(self, session: SupportSession | None, notice: Notice | None) -> datetime | None:
        heard = session.notice if session is not None else None
        if heard is None or notice is None or self._text(heard.prompts) != notice.text:
            return None
        return heard.heard_until


def _search(uow: UnitOfWork, ticket: int | None) -> Search | None:
    return searches(uow, [ticket]).get(ticket) if ticket is not None else None


def _due(uow: UnitOfWork, summary: CallSummary) -> datetime | None:
    if summary.ticket_number is None:
        return None
    first = alarm(uow.commitments.list_of(summary.ticket_number))
    return first.deadline.due if first is not None else None


def _place(customer: CustomerFacts | None, location_id: int | None) -> LocationFacts | None:
    """The chosen one, else the only contract there is."""
    if customer is None or not customer.locations:
        return None
    for location in customer.locations:
        if location.id == location_id:
            return location
    return None if customer.plans_differ else customer.locations[0]


def _location_id(customer: CustomerFacts | None, location_id: int | None) -> int | None:
    """A customer's only place needs no choice."""
    places = [location.id for location in customer.locations] if customer else []
    if location_id in places:
        return location_id
    return places[0] if len(places) == 1 else None


def _language(card: CardRecord, standing: CallStanding, customer: CustomerFacts | None) -> Language:
    """As the agent says, else as the caller chose, else as the records say."""
    if card.language is not None:
        return Language(card.language)
    if standing.session is not None:
        return standing.session.language
    return customer.language if customer is not None else Language.DE


def _facts(
    uow: UnitOfWork,
    card: CardRecord,
    call: CallRecord,
    summary: CallSummary,
    customer: CustomerFacts | None,
    place: LocationFacts | None,
    terms: Terms | None,
    notice: Notice | None,
) -> Facts:
    same = customer is not None and call.customer_id == customer.id
    rights = uow.contacts.rights_by_phone(call.caller_number) if call.caller_number else {}
    explained = notice is not None and notice.sha256 == card.explained_sha256
    return Facts(
        outcome=card.outcome,
        ordered_by_phone=summary.order_state == OrderState.ORDERED,
        has_customer=customer is not None,
        located=place is not None or customer is None or not customer.locations,
        conditions=terms.conditions if terms is not None else None,
        check=card.check_result,
        identified_by=IdentifiedBy(summary.identified_by) if same else IdentifiedBy.NOTHING,
        may_order=rights.get(customer.id, True) if customer is not None else False,
        preconditions_met=card.preconditions_met,
        explained_at=card.explained_at if explained else None,
        reachable=bool(call.caller_number or card.callback_number),
    )
