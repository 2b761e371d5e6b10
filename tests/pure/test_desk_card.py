"""What a card of the service desk allows, and the order of its board."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.callflow.facts import AttemptResult, IdentifiedBy
from ivr.callflow.support_session import State
from ivr.contracts.conditions import Conditions, EmergencyTerms
from ivr.contracts.money import Money, price
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.contracts.windows import WindowState
from ivr.desk.board import (
    PHASES,
    Line,
    Phase,
    Ringing,
    in_order,
    is_answered,
    phase_of,
    with_whom,
)
from ivr.desk.card import (
    FIELDS,
    Check,
    Facts,
    Merged,
    Missing,
    Outcome,
    Terms,
    Writing,
    authority,
    callback_number,
    cleaned,
    favourable,
    is_check_due,
    may_note,
    merge,
    missing,
    missing_for_ticket,
    next_number,
    wait,
)
from ivr.desk.questions import Asked, Question, questions_for, read, ruling, written
from ivr.roster.hunt import Level
from ivr.roster.waiting import Place

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FEE = price(Money(Decimal(150), "CHF"), Decimal("8.1"))
IN_HOURS = Conditions("pro", FirstReaction(ReactionKind.HOURS, 6), OfferKind.ORDER)
FAST_LANE = replace(IN_HOURS, offer=OfferKind.FAST_LANE, price=FEE)
EMERGENCY = replace(
    IN_HOURS,
    offer=OfferKind.EMERGENCY,
    price=FEE,
    emergency=EmergencyTerms(30, FEE, 30, free_support_now=False),
)
NOTHING = replace(IN_HOURS, offer=OfferKind.TICKET)
READY = Facts(
    outcome=Outcome.OPEN,
    ordered_by_phone=False,
    has_customer=True,
    located=True,
    conditions=IN_HOURS,
    check=Check.NONE,
    identified_by=IdentifiedBy.NUMBER,
    may_order=True,
    preconditions_met=False,
    explained_at=AT - timedelta(minutes=1),
)
CHARGED = replace(READY, conditions=FAST_LANE, check=Check.SUPPORT_CODE)


# The number that is spoken ---------------------------------------------------------------------


def test_the_first_card_has_two_digits_and_the_next_follows() -> None:
    assert next_number(set(), None) == 10
    assert next_number({10}, 10) == 11
    assert next_number({10, 11}, 99) == 12


def test_a_number_is_not_given_again_while_its_card_is_open() -> None:
    assert next_number({27, 28}, 26) == 29
    assert next_number(set(range(10, 100)), 50) == 100
    assert next_number(set(range(10, 100)) | {100}, 100) == 101
    assert next_number(set(range(10, 1000)), 50) is None


@given(st.sets(st.integers(10, 999)), st.none() | st.integers(10, 999))
def test_a_number_is_free_or_there_is_none(taken: set[int], last: int | None) -> None:
    number = next_number(taken, last)
    assert (number is None) == (set(range(10, 1000)) <= taken)
    assert number not in taken


# Checks ----------------------------------------------------------------------------------------


@pytest.mark.rule("A.30", "B.6")
@pytest.mark.parametrize(
    ("facts", "due"),
    [
        (READY, False),
        (replace(READY, conditions=FAST_LANE), True),
        (CHARGED, False),
        (replace(CHARGED, check=Check.QUESTIONS), False),
        (replace(CHARGED, check=Check.NONE, identified_by=IdentifiedBy.SUPPORT_CODE), False),
        (replace(READY, identified_by=IdentifiedBy.NOTHING), True),
        (replace(READY, may_order=False), True),
        (replace(READY, check=Check.FAILED), True),
    ],
)
def test_a_check_is_due_for_a_price_a_stranger_and_whoever_may_not_order(
    facts: Facts, due: bool
) -> None:
    assert is_check_due(facts) is due


def test_an_order_stands_by_the_right_that_was_checked() -> None:
    assert authority(READY) is IdentifiedBy.NUMBER
    assert authority(CHARGED) is IdentifiedBy.SUPPORT_CODE
    assert authority(replace(READY, check=Check.QUESTIONS)) is IdentifiedBy.DESK_QUESTIONS


ASKED = questions_for("Huber", ["Wettingen"], ["winCall pro"], ["Rita Huber"])
RIGHT = dict.fromkeys(Question, True)


def test_only_what_the_records_answer_is_asked() -> None:
    assert [each.question for each in ASKED] == list(Question)
    assert ASKED[0] == Asked(Question.COMPANY, ("Huber, Wettingen",))
    bare = questions_for("Huber", [""], ["", ""], [])
    assert bare == (Asked(Question.COMPANY, ("Huber",)),)
    several = questions_for("Huber", ["Bern", "Genf"], ["a", "a"], [])
    assert several[0].known == ("Huber, Bern", "Huber, Genf")
    assert several[1].known == ("a",)


@pytest.mark.rule("A.30")
@pytest.mark.parametrize("question", Question)
def test_one_wrong_answer_fails_and_one_that_is_missing_decides_nothing(question: Question) -> None:
    assert ruling(ASKED, RIGHT) is Check.QUESTIONS
    assert ruling(ASKED, RIGHT | {question: False}) is Check.FAILED
    assert ruling(ASKED, {question: False}) is Check.FAILED
    without = {each: True for each in Question if each is not question}
    assert ruling(ASKED, without) is Check.NONE


def test_a_single_question_passes_nobody() -> None:
    assert ruling(ASKED[:1], RIGHT) is Check.NONE
    assert ruling((), {}) is Check.NONE


@given(st.dictionaries(st.sampled_from(Question), st.booleans()))
def test_answers_are_read_as_they_were_written(marks: dict[Question, bool]) -> None:
    assert read(written(marks)) == marks


# The one button --------------------------------------------------------------------------------


@pytest.mark.rule("A.27", "A.30", "A.60")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (READY, ()),
        (CHARGED, ()),
        (replace(READY, outcome=Outcome.ORDERED), (Missing.SETTLED,)),
        (replace(READY, outcome=Outcome.WITHDRAWN), (Missing.SETTLED,)),
        (replace(READY, ordered_by_phone=True), (Missing.ORDERED_ALREADY,)),
        (replace(READY, has_customer=False), (Missing.CUSTOMER,)),
        (replace(READY, located=False), (Missing.LOCATION,)),
        (replace(READY, conditions=None), (Missing.CONTRACT,)),
        (replace(READY, conditions=NOTHING), (Missing.OFFER,)),
        (replace(READY, explained_at=None), (Missing.EXPLAINED,)),
        (
            replace(CHARGED, check=Check.NONE, explained_at=None),
            (Missing.CHECK, Missing.EXPLAINED),
        ),
        (replace(READY, check=Check.FAILED), (Missing.CHECK_FAILED,)),
        (
            replace(CHARGED, check=Check.FAILED, explained_at=None, located=False),
            (Missing.CHECK_FAILED,),
        ),
        (replace(CHARGED, conditions=EMERGENCY), (Missing.PRECONDITIONS,)),
        (replace(CHARGED, conditions=EMERGENCY, preconditions_met=True), ()),
    ],
)
def test_what_an_order_still_needs(facts: Facts, expected: tuple[Missing, ...]) -> None:
    assert missing(facts, AT) == expected


def test_who_cannot_be_called_back_gets_neither_order_nor_ticket() -> None:
    unknown = replace(READY, has_customer=False, reachable=False)
    assert missing(unknown, AT) == (Missing.CUSTOMER, Missing.CALLBACK)
    assert missing(replace(READY, reachable=False), AT) == (Missing.CALLBACK,)
    assert missing_for_ticket(unknown) == (Missing.CALLBACK,)
    assert missing_for_ticket(replace(unknown, reachable=True)) == ()
    failed = replace(unknown, check=Check.FAILED)
    assert missing_for_ticket(failed) == (Missing.CALLBACK,)
    assert missing_for_ticket(replace(failed, reachable=True)) == ()


def test_a_decided_card_asks_for_no_number_any_more() -> None:
    ordered = replace(READY, ordered_by_phone=True, reachable=False)
    assert missing(ordered, AT) == missing_for_ticket(ordered) == (Missing.ORDERED_ALREADY,)
    settled = replace(READY, outcome=Outcome.TICKET, reachable=False)
    assert missing(settled, AT) == (Missing.SETTLED,)


@pytest.mark.rule("A.30")
@pytest.mark.parametrize("before", Check)
def test_only_a_support_code_heals_a_failed_check(before: Check) -> None:
    assert may_note(Check.QUESTIONS, before) is (before is not Check.FAILED)
    assert may_note(Check.FAILED, before)


@pytest.mark.rule("B.8")
@pytest.mark.parametrize("conditions", [IN_HOURS, FAST_LANE])
def test_nothing_is_ordered_before_five_seconds_after_it_was_read_out(
    conditions: Conditions,
) -> None:
    facts = replace(CHARGED, conditions=conditions, explained_at=AT)
    assert missing(facts, AT + timedelta(seconds=4.9)) == (Missing.TOO_SOON,)
    assert wait(facts, AT + timedelta(seconds=4)) == timedelta(seconds=1)
    assert missing(facts, AT + timedelta(seconds=5)) == ()
    assert wait(facts, AT + timedelta(seconds=9)) == timedelta()
    assert wait(replace(facts, explained_at=None), AT) == timedelta()


def test_a_call_that_crosses_the_closing_keeps_what_is_better_for_the_caller() -> None:
    opened = Terms(WindowState(open=True), IN_HOURS)
    closed = Terms(WindowState(open=False), FAST_LANE)
    assert favourable(opened, closed) is opened
    assert favourable(closed, opened) is opened
    other = Terms(WindowState(open=False), NOTHING)
    assert favourable(other, closed) is closed


# What two people write -------------------------------------------------------------------------


def test_what_only_one_has_changed_is_kept() -> None:
    was = Writing(words="before")
    mine, theirs = replace(was, words="mine"), replace(was, caller_name="Frau Huber")
    assert merge(was, mine, theirs) == Merged(Writing(words="mine", caller_name="Frau Huber"))


def test_what_both_have_changed_is_put_before_them_and_not_overwritten() -> None:
    was, mine, theirs = Writing(), Writing(words="mine"), Writing(words="theirs")
    assert merge(was, mine, theirs) == Merged(theirs, ("words",))
    assert merge(theirs, mine, theirs) == Merged(mine)


def test_the_same_words_are_no_conflict() -> None:
    both = Writing(words="both")
    assert merge(Writing(), both, both) == Merged(both)


_TEXTS = st.builds(Writing, **{name: st.sampled_from(["", "a", "b", "c"]) for name in FIELDS})


@given(_TEXTS, _TEXTS, _TEXTS)
def test_nobodys_words_are_ever_lost(was: Writing, mine: Writing, theirs: Writing) -> None:
    merged = merge(was, mine, theirs)
    for name in FIELDS:
        before, my, their, kept = (
            getattr(each, name) for each in (was, mine, theirs, merged.writing)
        )
        assert kept in (my, their)
        if their not in (before, kept):
            raise AssertionError(f"{name}: {their!r} was overwritten by {kept!r}")
        if my not in (before, kept):
            assert name in merged.conflicts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("044 000 10 09", "+41440001009"),
        ("044 668 18 00", "+41446681800"),
        ("+41 44/668 18 00", "+41446681800"),
        ("+49 30 901820", "+4930901820"),
        ("112", None),
        ("0901 234 567", None),
        ("0848 800 800", None),
        ("ring me", None),
        ("", None),
    ],
)
@pytest.mark.rule("B.12")
def test_a_number_to_call_back_is_one_that_people_have(text: str, number: str | None) -> None:
    assert callback_number(text) == number


def test_hostile_text_is_stored_as_text_of_a_known_length() -> None:
    text = cleaned(Writing(words=" a\0b\r\nc ", caller_name="x" * 500))
    assert text.words == "ab\nc"
    assert len(text.caller_name) == 200


# The board -------------------------------------------------------------------------------------


def test_every_state_of_a_call_has_words() -> None:
    assert set(PHASES) == set(State)


DESK = Ringing("d1", "Service-Desk", Level.SERVICE_DESK, AttemptResult.RINGING)
ANNA = Ringing("a1", "Anna Meier", Level.ON_DUTY, AttemptResult.RINGING)


def test_who_talks_with_whom_is_told_by_the_telephones() -> None:
    ringing = State.RINGING_TECHNICIANS
    assert phase_of(ringing, [ANNA], None, ended=False) is Phase.RINGING
    assert phase_of(ringing, [ANNA], "a1", ended=False) is Phase.TALKING
    assert phase_of(State.RINGING_DESK, [DESK], None, ended=False) is Phase.RINGING_DESK
    assert phase_of(State.RINGING_DESK, [DESK], "d1", ended=False) is Phase.TALKING_DESK
    assert phase_of(ringing, [DESK], None, ended=False) is Phase.RINGING_DESK
    assert phase_of(State.NEW, [], None, ended=False) is Phase.ARRIVING
    assert phase_of(None, [], None, ended=False) is Phase.DIRECT
    assert phase_of(State.ENDED, [], None, ended=True) is Phase.ENDED
    assert with_whom([ANNA, DESK], None) == ("Anna Meier", "Service-Desk")
    assert with_whom([ANNA, DESK], "d1") == ("Service-Desk",)


def test_the_desk_has_answered_when_one_of_its_own_telephones_was_picked_up() -> None:
    up = AttemptResult.ANSWERED
    assert is_answered([ANNA, replace(DESK, result=up)])
    assert not is_answered([replace(ANNA, result=up), DESK])


def test_a_call_that_is_nobodys_stands_on_top_until_somebody_has_it() -> None:
    place = Place(0, None, AT, "old")
    old = Line("old", AT, Phase.TALKING_DESK, (), place, card_id="a")
    new = Line("new", AT + timedelta(minutes=1), Phase.TALKING_DESK, (), place, "b", 11, "Mia")
    rings = replace(old, received_at=AT + timedelta(minutes=2))
    assert in_order([new, rings, replace(old, answered=True)]) == [
        replace(old, answered=True),
        rings,
        new,
    ]
    assert (old.is_new, new.is_new) == (True, False)
    assert not replace(old, phase=Phase.DIRECT).is_new
    assert not replace(old, card_id=None).is_new


@pytest.mark.rule("A.19")
def test_calls_stand_on_the_board_in_the_order_in_which_they_are_served() -> None:
    def line(
        name: str, minute: int, rank: int, phase: Phase = Phase.RINGING, due: datetime | None = None
    ) -> Line:
        at = AT + timedelta(minutes=minute)
        return Line(name, at, phase, (), Place(rank, due, at, name))

    lines = [
        line("basic", 0, 4),
        line("pro late", 3, 2),
        line("pro due", 4, 2, due=AT + timedelta(hours=6)),
        line("pro early", 1, 2),
        line("premium", 9, 0),
        line("nobody", 0, 5),
        line("old at desk", 2, 4, Phase.TALKING_DESK),
        line("new at desk", 8, 4, Phase.RINGING_DESK),
    ]
    assert [each.call_id for each in in_order(lines)] == [
        "new at desk",
        "old at desk",
        "premium",
        "pro due",
        "pro early",
        "pro late",
        "basic",
        "nobody",
    ]
