"""Who is calling, and from which location?

The caller's number matches no, one or many customers. One match is enough to hear the notice and
to order inside the window; where the number is not enough (nobody, a shared switchboard, plans that
differ by location), the caller enters one support code: the five-digit customer number followed by
the six-digit PIN (Q12). Three tries, then the service desk: a failed check is never a hang-up
(K-20). Location names are only spoken to somebody who has entered the code (B.6).
"""

from dataclasses import replace

from ivr.callflow import hunting, ordering, repeat
from ivr.callflow.disturbed import FindDisturbance
from ivr.callflow.events import (
    CallerIdentified,
    CallStarted,
    DigitsEntered,
    DigitsTimedOut,
    SupportCodeAccepted,
    SupportCodeRefused,
)
from ivr.callflow.facts import CustomerFacts, IdentifiedBy, LocationFacts
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Language, Name, Prompt, PromptKey, Term, prompt
from ivr.callflow.requests import (
    CheckSupportCode,
    IdentifyCaller,
    NoteCustomer,
    NoteOrder,
    OrderState,
)
from ivr.callflow.support_session import (
    CallerKnowledge,
    Detour,
    State,
    SupportSession,
    SupportTurn,
)
from ivr.callflow.verbs import Answer, Gather, Play

LANGUAGE_KEYS = {"1": Language.DE, "2": Language.FR, "3": Language.IT, "4": Language.EN}
SUPPORT_CODE_DIGITS = 11
MAX_TRIES = 3
MAX_LOCATIONS = 9
DESK_KEY = "0"


def started(session: SupportSession, event: CallStarted) -> SupportTurn:
    """A call without a usable number goes to the language menu, any other is looked up."""
    session = replace(session, can_ring_at_once=event.can_ring_at_once)
    if event.number is None:
        return _ask_language(session).first(Answer())
    return Turn(session.to(State.IDENTIFYING), (IdentifyCaller(event.number),))


def identified(session: SupportSession, event: CallerIdentified) -> SupportTurn:
    """Exactly one customer is known by number; none or many are asked for the code."""
    if len(event.customers) != 1:
        return _ask_language(session).first(Answer())
    customer = event.customers[0]
    session = replace(session, language=customer.language)
    greeting = Play((session.say(PromptKey.GREETING),))
    if event.earlier_code:
        known = _with_code(session, customer, IdentifiedBy.EARLIER_CODE)
        return known.first(Answer(), greeting)
    if not customer.may_order:
        # This number belongs to somebody who may not order: whoever has the code may (B.6, item 30).
        refused = NoteOrder(OrderState.REFUSED)
        looking = _look(session, State.ENTERING_SUPPORT_CODE, customer)
        return looking.first(refused, Answer(), greeting)
    if customer.plans_differ:
        looking = _look(session, State.ENTERING_SUPPORT_CODE, customer)
        return looking.first(Answer(), greeting)
    return _known(session, customer, IdentifiedBy.NUMBER).first(Answer(), greeting)


def _ask_language(session: SupportSession) -> SupportTurn:
    menu = tuple(prompt(PromptKey.LANGUAGE_MENU, language) for language in Language)
    return Turn(replace(session, state=State.CHOOSING_LANGUAGE), (Gather(menu, timeout=4),))


def language_chosen(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """1 de, 2 fr, 3 it, 4 en; any other key asks once more."""
    language = LANGUAGE_KEYS.get(event.digits)
    return no_language(session, event) if language is None else _greet(session, language)


def no_language(session: SupportSession, event: DigitsEntered | DigitsTimedOut) -> SupportTurn:
    """Asked twice without an answer, the line goes on in German: waiting reaches a person."""
    return _ask_language(session.again()) if session.tries == 0 else _greet(session, Language.DE)


def _greet(session: SupportSession, language: Language) -> SupportTurn:
    session = replace(session, language=language)
    return _look(session, State.ENTERING_SUPPORT_CODE, None, greet=True)


def _look(
    session: SupportSession, then: State, customer: CustomerFacts | None, *, greet: bool = False
) -> SupportTurn:
    """Before anything else: is there a known disturbance? See `disturbance`."""
    customer_id = customer.id if customer else None
    looking = replace(session, detour=Detour(then, customer_id, greet))
    question = FindDisturbance(customer_id, session.language, session.heard)
    return Turn(looking.to(State.FINDING_DISTURBANCE), (question,))


def go_on(session: SupportSession) -> SupportTurn:
    """What would have come if nobody had looked for disturbances and open tickets."""
    detour = session.detour
    assert detour is not None  # noqa: S101
    if repeat.is_due(session):
        return repeat.offer(session)
    session = replace(session, detour=None).to(detour.then)
    match detour.then:
        case State.CHOOSING_LOCATION:
            return _ask_location(session)
        case State.ASSESSING_WINDOW:
            return ordering.assess(session)
        case State.PLANNING_DESK:
            return _without_contract(session)
        case _:
            greeting = (PromptKey.GREETING,) if detour.greet and detour.facts is None else ()
            return _ask_code(session, *greeting, PromptKey.ASK_SUPPORT_CODE)


def _ask_code(session: SupportSession, *keys: PromptKey) -> SupportTurn:
    asked = code_question(session, *keys)
    return Turn(replace(session, state=State.ENTERING_SUPPORT_CODE), (asked,))


def code_question(session: SupportSession, *keys: PromptKey) -> Gather:
    """Asks for customer number and PIN in one."""
    return Gather(
        tuple(session.say(key) for key in keys),
        max_digits=SUPPORT_CODE_DIGITS,
        finish_key="#",
        secret=True,
    )


def support_code_entered(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """A single 0 asks for the desk; everything else is checked, whatever its length."""
    if event.digits == DESK_KEY:
        return hunting.to_desk(session)
    checking = replace(session, state=State.CHECKING_SUPPORT_CODE)
    return Turn(checking, (CheckSupportCode(event.digits),))


def no_support_code(session: SupportSession, event: DigitsTimedOut) -> SupportTurn:
    """No code counts as a try; a caller without a keypad reaches the desk by waiting."""
    return _next_try(session, PromptKey.ASK_SUPPORT_CODE)


def support_code_refused(session: SupportSession, event: SupportCodeRefused) -> SupportTurn:
    """One wording for unknown customer, wrong PIN and locked (B.7)."""
    return _next_try(session, PromptKey.SUPPORT_CODE_REFUSED)


def _next_try(session: SupportSession, key: PromptKey) -> SupportTurn:
    session = session.again()
    return hunting.to_desk(session) if session.tries >= MAX_TRIES else _ask_code(session, key)


def support_code_accepted(session: SupportSession, event: SupportCodeAccepted) -> SupportTurn:
    """The customer is known and authenticated; the location is asked only if plans differ."""
    return _with_code(session, event.customer, IdentifiedBy.SUPPORT_CODE)


def _with_code(session: SupportSession, customer: CustomerFacts, by: IdentifiedBy) -> SupportTurn:
    if not customer.plans_differ:
        return _known(session, customer, by)
    caller = CallerKnowledge(by, customer)
    return _look(replace(session, caller=caller), State.CHOOSING_LOCATION, customer)


def _ask_location(session: SupportSession) -> SupportTurn:
    customer = session.caller.customer
    assert customer is not None  # noqa: S101
    options = [
        session.say(
            PromptKey.LOCATION_OPTION,
            location=Name(place.name, str(key)),
            key=Term(f"digit_{key}"),
        )
        for key, place in enumerate(customer.locations[:MAX_LOCATIONS], start=1)
    ]
    prompts: tuple[Prompt, ...] = (session.say(PromptKey.ASK_LOCATION), *options)
    return Turn(session, (Gather(prompts),))


def location_chosen(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """The key is the place in the list; 0 is the desk."""
    customer = session.caller.customer
    assert customer is not None  # noqa: S101
    if event.digits == DESK_KEY:
        return hunting.to_desk(session)
    places = customer.locations[:MAX_LOCATIONS]
    chosen = dict(zip("123456789", places, strict=False)).get(event.digits)
    if chosen is None:
        return no_location(session, event)
    by = session.caller.identified_by
    session = replace(session, caller=CallerKnowledge(by, customer, chosen, located=True))
    known = _without_contract if chosen.plan_id is None else ordering.assess
    return known(session).first(_noted(session, customer, chosen))


def no_location(session: SupportSession, event: DigitsEntered | DigitsTimedOut) -> SupportTurn:
    """Asked three times in all, then the desk."""
    session = session.again()
    return hunting.to_desk(session) if session.tries >= MAX_TRIES else _ask_location(session)


def _known(session: SupportSession, customer: CustomerFacts, by: IdentifiedBy) -> SupportTurn:
    """One customer, one contract; the exact place matters only to the technician."""
    if not customer.locations:
        session = replace(session, caller=CallerKnowledge(by, customer))
        looking = _look(session, State.PLANNING_DESK, customer)
        return looking.first(NoteCustomer(customer.id, None, None, by))
    place, located = customer.locations[0], len(customer.locations) == 1
    session = replace(session, caller=CallerKnowledge(by, customer, place, located))
    then = State.PLANNING_DESK if place.plan_id is None else State.ASSESSING_WINDOW
    return _look(session, then, customer).first(_noted(session, customer, place))


def _noted(session: SupportSession, customer: CustomerFacts, place: LocationFacts) -> NoteCustomer:
    caller = session.caller
    location_id = place.id if caller.located else None
    return NoteCustomer(customer.id, location_id, place.contract_id, caller.identified_by)


def _without_contract(session: SupportSession) -> SupportTurn:
    return hunting.to_desk(session).first(Play((session.say(PromptKey.NO_CONTRACT),)))
