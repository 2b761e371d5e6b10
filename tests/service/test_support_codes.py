"""Wrong support codes are counted, lock, are told, and are never a dead end, on either database."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.events import CallerIdentified, SupportCodeAccepted
from ivr.callflow.requests import CheckSupportCode, IdentifyCaller
from ivr.callflow.support_session import State
from ivr.identity.contacts import Contact
from ivr.identity.lockout import LockoutRules, Standing
from ivr.secret_store import SecretStore
from ivr.services.calls import Reply
from ivr.services.context import Context
from ivr.services.lockout import Lockout
from ivr.services.pins import PinHasher
from ivr.services.support_codes import SupportCodes
from ivr.settings import load_settings
from ivr.storage.database import reading
from ivr.storage.models import CodeFailure, OutboxMail
from tests.fakes import MONDAY_TEN
from tests.service.captured_logs import captured_logs
from tests.service.codes import (
    MINUTE,
    RIGHT,
    STRANGER,
    UNKNOWN,
    WRONG,
    Caller,
    add_contact,
    customer_id,
    enter_in_calls,
    failures,
    is_accepted,
    standing,
)
from tests.service.conftest import Telephone, contents
from tests.service.crew import Together, crew

AT_ONCE = 20


@pytest.fixture
def together() -> Iterator[Together]:
    with crew(AT_ONCE) as at_once:
        yield at_once


# Counting -----------------------------------------------------------------------------------------


@pytest.mark.rule("B.7")
def test_twenty_wrong_codes_at_once_count_twenty(line: Application, together: Together) -> None:
    """In twenty calls; five of them lock, exactly once, and the alarm is raised exactly once."""
    calls = [Caller(line, f"call-{number}") for number in range(AT_ONCE)]
    asked = [caller.asked() for caller in calls]
    jobs = [partial(caller.enter, at, WRONG) for caller, at in zip(calls, asked, strict=True)]
    replies = together(jobs)
    assert not any(is_accepted(reply) for reply in replies)
    until = MONDAY_TEN + 15 * MINUTE
    assert standing(line) == Standing(failures=20, strikes=5, locked_until=until)
    assert failures(line) == 20
    assert sorted(_troubles(line)) == ["code_locked", "many_wrong_codes"]


@pytest.mark.rule("B.7")
def test_one_wrong_code_told_by_twenty_at_once_counts_once(
    line: Application, together: Together
) -> None:
    caller = Caller(line)
    asked = caller.asked()
    together([partial(caller.enter, asked, WRONG)] * AT_ONCE)
    caller.enter(asked, WRONG)
    assert standing(line) == Standing(failures=1, strikes=1)
    assert failures(line) == 1


def test_a_code_counts_when_the_caller_is_handed_to_the_desk(line: Application) -> None:
    """The third refusal ends the asking; it is stored with the turn that does so."""
    caller = Caller(line)
    reply = caller.asked()
    for _ in range(3):
        reply = caller.enter(reply, WRONG)
    assert reply.state == State.RINGING_DESK
    assert standing(line).failures == 3


def test_what_is_no_code_tries_no_pin(line: Application) -> None:
    """Too short, too long is cut by the telephone, and one key alone."""
    enter_in_calls(line, ["110", "5", "1100112345"])
    assert standing(line) == Standing()
    assert failures(line) == 0


def test_a_code_of_nobody_is_remembered_of_its_source(line: Application) -> None:
    Caller(line, caller=STRANGER).try_once(UNKNOWN)
    Caller(line, "code-2").try_once(UNKNOWN)
    with reading(line.storage.engine) as connection:
        found = connection.execute(select(CodeFailure.source, CodeFailure.customer_id)).all()
    assert sorted(tuple(row) for row in found) == [(STRANGER, None), ("channel:asterisk", None)]


@pytest.mark.rule("B.7")
def test_a_right_code_forgets_the_wrong_ones(line: Application) -> None:
    *_, last = enter_in_calls(line, [WRONG] * 4 + [RIGHT])
    assert is_accepted(last)
    assert standing(line) == Standing()


def test_customers_are_counted_apart(line: Application) -> None:
    enter_in_calls(line, [WRONG] * 5)
    assert is_accepted(Caller(line).try_once("11002281940"))
    assert standing(line, "11002") == Standing()


# Locked -------------------------------------------------------------------------------------------


@pytest.mark.rule("B.7", "K-20")
def test_a_locked_caller_hears_what_everybody_hears_and_reaches_the_desk(line: Application) -> None:
    """The right code, a wrong one and one of nobody: the same verbs, turn by turn."""
    enter_in_calls(line, [WRONG] * 5)
    told: list[list[Any]] = []
    for code in (RIGHT, WRONG, UNKNOWN):
        caller = Caller(line, f"locked-{code}")
        reply = caller.asked()
        heard = []
        for _ in range(3):
            reply = caller.enter(reply, code)
            heard.append((reply.state, _without_ids(reply)))
        told.append(heard)
    assert told[0] == told[1] == told[2]
    assert told[0][-1][0] == State.RINGING_DESK


def _without_ids(reply: Reply) -> list[Any]:
    """What is heard, and whether somebody rings."""
    return [getattr(verb, "prompts", type(verb).__name__) for verb in reply.verbs]


@pytest.mark.rule("B.7")
def test_the_lock_ends_by_itself_and_doubles(line: Application) -> None:
    enter_in_calls(line, [WRONG] * 5)
    free = MONDAY_TEN + 15 * MINUTE
    assert not is_accepted(Caller(line, "early", free - timedelta(seconds=1)).try_once(RIGHT))
    enter_in_calls(line, [WRONG] * 5, free)
    assert standing(line).locked_until == free + 30 * MINUTE
    later = free + 30 * MINUTE
    assert is_accepted(Caller(line, "late", later).try_once(RIGHT))
    assert standing(line) == Standing()


@pytest.mark.rule("B.7")
@pytest.mark.parametrize("code", [RIGHT, WRONG, UNKNOWN, "110", "5", "0000000000#"])
@pytest.mark.parametrize("locked", [False, True])
def test_every_code_costs_one_verification(
    app: Application, code: str, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if locked:
        enter_in_calls(app, [WRONG] * 5)
    caller = Caller(app)
    asked = caller.asked()
    verify, seen = PasswordHasher.verify, []

    def counted(self: PasswordHasher, *given: Any) -> Any:
        seen.append(given)
        return verify(self, *given)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    monkeypatch.setattr(PasswordHasher, "hash", lambda *_: pytest.fail("hashed"))
    caller.enter(asked, code)
    assert len(seen) == 1


@pytest.mark.rule("B.7")
def test_a_lock_is_mailed_to_the_people_of_the_customer_and_told(line: Application) -> None:
    """Each address once, each in its language; by day and time of the wall."""
    for person in (
        Contact("Eva Roth", email="eva@customer.invalid"),
        Contact("Jean Roux", email="jean@customer.invalid", language="fr", may_order=False),
        Contact("Eva again", email="eva@customer.invalid"),
        Contact("No Mail", phone=STRANGER),
    ):
        add_contact(line, person)
    add_contact(line, Contact("Somebody else", email="else@customer.invalid"), "11002")
    enter_in_calls(line, [WRONG] * 8)
    mails = {mail.recipient: mail for mail in _mails(line)}
    assert len(_mails(line)) == 2
    assert set(mails) == {"eva@customer.invalid", "jean@customer.invalid"}
    assert (
        mails["eva@customer.invalid"].subject
        == "Pikett: Support-Code der Kundennummer 11001 gesperrt"
    )
    assert "5-mal" in mails["eva@customer.invalid"].body
    assert "23.11.2026 10:15" in mails["eva@customer.invalid"].body
    assert mails["jean@customer.invalid"].subject.startswith("Piquet : code de support")
    assert {mail.state for mail in mails.values()} == {"waiting"}
    assert _troubles(line) == ["code_locked"]
    ((_, facts),) = line.observer.troubles
    assert facts["customer"] == "11001"


def _mails(line: Application) -> list[Any]:
    with reading(line.storage.engine) as connection:
        return list(connection.execute(select(OutboxMail.__table__)).all())


def _troubles(line: Application) -> list[str]:
    return [what for what, _ in line.observer.troubles]


# Sources and the alarm ----------------------------------------------------------------------------


def _with_rules(line: Application, **rules: Any) -> Application:
    """Before the first call: the line with other bounds."""
    line.identification._lockout = Lockout(LockoutRules(**rules), line.mail_text, line.observer)
    return line


@pytest.mark.rule("B.7")
def test_a_source_that_tries_much_is_not_listened_to(line: Application) -> None:
    """Its codes are refused, count for nobody, and an operator hears of it once, without a number."""
    _with_rules(line, per_number=4)
    for number in range(4):
        Caller(line, f"scan-{number}", caller=STRANGER).try_once(f"1100{number + 2}999999")
    assert not is_accepted(Caller(line, "scan-5", caller=STRANGER).try_once(RIGHT))
    assert not is_accepted(Caller(line, "scan-6", caller=STRANGER).try_once(WRONG))
    assert standing(line) == Standing()
    assert failures(line) == 4
    ((what, facts),) = line.observer.troubles
    assert what == "code_source_throttled"
    assert facts["source"] == "…99"
    assert is_accepted(Caller(line, "other").try_once(RIGHT))
    after = MONDAY_TEN + timedelta(hours=1)
    assert is_accepted(Caller(line, "after", after, caller=STRANGER).try_once(RIGHT))


def test_callers_without_a_number_share_the_bound_of_their_channel(line: Application) -> None:
    _with_rules(line, per_number=1, per_channel=3)
    replies = enter_in_calls(line, [UNKNOWN, UNKNOWN, RIGHT, UNKNOWN, RIGHT])
    assert [is_accepted(reply) for reply in replies] == [False, False, True, False, False]
    elsewhere = Caller(line, "elsewhere")
    elsewhere.channel = "twilio"
    assert is_accepted(elsewhere.try_once(RIGHT))


@pytest.mark.rule("B.7")
def test_twenty_wrong_codes_in_ten_minutes_alarm_once(line: Application) -> None:
    """Over all customers and those who do not exist; again only after another ten minutes."""
    for number in range(19):
        Caller(line, f"scan-{number}").try_once(f"{20000 + number}999999")
    assert _troubles(line) == []
    Caller(line, "twentieth").try_once(UNKNOWN)
    assert _troubles(line) == ["many_wrong_codes"]
    enter_in_calls(line, [UNKNOWN] * 5)
    assert _troubles(line) == ["many_wrong_codes"]
    enter_in_calls(line, [UNKNOWN] * 20, MONDAY_TEN + 11 * MINUTE)
    assert _troubles(line) == ["many_wrong_codes"] * 2


def test_wrong_codes_over_a_longer_time_alarm_nobody(line: Application) -> None:
    for number in range(30):
        at = MONDAY_TEN + number * MINUTE
        Caller(line, f"slow-{number}", at).try_once(f"{20000 + number}999999")
    assert _troubles(line) == []


def test_a_callers_number_is_kept_no_longer_than_it_counts(line: Application) -> None:
    Caller(line, caller=STRANGER).try_once(WRONG)
    Caller(line, "later", MONDAY_TEN + timedelta(hours=1)).try_once(WRONG)
    with reading(line.storage.engine) as connection:
        assert connection.execute(select(CodeFailure.source)).scalars().all() == [
            "channel:asterisk"
        ]
    assert standing(line).failures == 2


# Rehearsals ---------------------------------------------------------------------------------------


@pytest.mark.rule("B.7")
def test_a_rehearsed_wrong_code_locks_no_customer(line: Application) -> None:
    """It counts apart, mails nobody, alarms nobody."""
    add_contact(line, Contact("Eva Roth", email="eva@customer.invalid"))
    for number in range(25):
        Caller(line, f"try-{number}", shift=timedelta(0)).try_once(WRONG)
    assert standing(line) == Standing()
    assert standing(line, rehearsal=True).failures == 25
    assert _mails(line) == []
    assert _troubles(line) == []
    enter_in_calls(line, [UNKNOWN])
    assert _troubles(line) == []
    assert is_accepted(Caller(line).try_once(RIGHT))


def test_a_rehearsal_cannot_try_pins_without_end_by_setting_its_clock(line: Application) -> None:
    for number in range(5):
        Caller(line, f"try-{number}", shift=timedelta(0)).try_once(WRONG)
    day = timedelta(days=1)
    tomorrow = Caller(line, "tomorrow", MONDAY_TEN + day, shift=day)
    assert not is_accepted(tomorrow.try_once(RIGHT))


def test_a_locked_customer_can_be_rehearsed(line: Application) -> None:
    enter_in_calls(line, [WRONG] * 5)
    assert is_accepted(Caller(line, "try", shift=timedelta(0)).try_once(RIGHT))
    assert standing(line).is_locked(MONDAY_TEN)


# PINs ---------------------------------------------------------------------------------------------


@pytest.mark.rule("B.7")
def test_a_new_code_replaces_the_old_one_and_unlocks(line: Application) -> None:
    enter_in_calls(line, [WRONG] * 5)
    code = SupportCodes(line.storage, line.pins).reset("11001", MONDAY_TEN)
    assert standing(line) == Standing()
    old, new = enter_in_calls(line, [RIGHT, f"11001{code.pin}"], MONDAY_TEN + MINUTE)
    assert not is_accepted(old)
    assert is_accepted(new)


def test_a_code_that_is_replaced_while_it_is_checked_is_worth_nothing(line: Application) -> None:
    """The slow check ran ahead, on what was stored then."""
    Caller(line).asked()
    with line.storage.reading() as uow:
        call_id = line.calls.find("asterisk", "code-1") or ""
        request = CheckSupportCode(RIGHT)
        ahead = {request: line.identification.judge(uow, request)}
    assert ahead[request].right
    code = SupportCodes(line.storage, line.pins).reset("11001", MONDAY_TEN)
    with line.storage.writing() as uow:
        context = Context(uow, call_id, call_id, MONDAY_TEN, ahead)
        refused = line.identification.check_code(context, request)
        again = CheckSupportCode(f"11001{code.pin}")
        accepted = line.identification.check_code(context, again)
    assert type(refused).__name__ == "SupportCodeRefused"
    assert isinstance(accepted, SupportCodeAccepted)


def test_a_code_under_an_old_pepper_is_good_and_renewed(line: Application) -> None:
    """A second pepper is added; who enters the code hashes it anew, and both peppers are needed
    only until then."""
    first, second = line._secrets.peppers()[1], b"another pepper"
    line.identification._pins = PinHasher({1: first, 2: second})
    assert is_accepted(Caller(line).try_once(RIGHT))
    with line.storage.reading() as uow:
        held = uow.customers.find_credentials("11001")
    assert held is not None
    assert held.pepper_version == 2
    line.identification._pins = PinHasher({2: second})
    refused, accepted = enter_in_calls(line, [WRONG, RIGHT])
    assert not is_accepted(refused)
    assert is_accepted(accepted)


def test_peppers_are_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SecretStore(tmp_path)
    first = store.peppers()
    assert list(first) == [1]
    assert store.peppers() == first
    (tmp_path / "pepper_2").write_bytes(b"from the file")
    monkeypatch.setenv("PIKETT_PEPPER_3", "from the environment")
    monkeypatch.setenv("PIKETT_PEPPER_5", "after a gap")
    assert store.peppers() == first | {2: b"from the file", 3: b"from the environment"}
    assert load_settings(data_dir=tmp_path), "a pepper is no unknown setting"


@pytest.mark.rule("B.7")
def test_the_database_alone_does_not_tell_a_pin(line: Application) -> None:
    """The pepper is in none of its tables, and without it even the right PIN fits nothing."""
    (pepper,) = line._secrets.peppers().values()
    assert pepper.decode() not in repr(contents(line))
    assert "$argon2id$" in repr(contents(line))
    line.identification._pins = PinHasher({1: b"a guess"})
    assert not is_accepted(Caller(line).try_once(RIGHT))


@pytest.mark.rule("B.7")
def test_a_pin_is_in_no_log_and_in_no_table(line: Application) -> None:
    """Right, wrong, locked and new ones; not even with everything logged."""
    with captured_logs() as logs:
        code = SupportCodes(line.storage, line.pins).reset("11001", MONDAY_TEN)
        pins = ["740318", "305817", code.pin]
        enter_in_calls(line, [f"11001{pin}" for pin in pins])
        enter_in_calls(line, ["11001740318"] * 6)
        line.observer.troubles.append(("so that this is no empty list", {}))
        told = json.dumps([*line.observer.troubles, *map(repr, line.observer.turns)])
    kept = repr(contents(line))
    for pin in pins:
        for where in (logs.getvalue(), told, kept):
            assert pin not in where
    assert "*" * 11 in kept


# Contacts -----------------------------------------------------------------------------------------


def _identify(line: Application, number: str) -> CallerIdentified:
    with line.storage.writing() as uow:
        context = Context(uow, "nobody", "nobody", MONDAY_TEN)
        return line.identification.identify(context, IdentifyCaller(number))


@pytest.mark.rule("B.6", "Q12")
@pytest.mark.parametrize("may_order", [True, False])
def test_a_contacts_number_tells_the_customer_and_whether_he_may_order(
    line: Application, may_order: bool
) -> None:
    add_contact(line, Contact("Eva Roth", phone=STRANGER, may_order=may_order))
    (customer,) = _identify(line, STRANGER).customers
    assert (customer.number, customer.may_order) == ("11001", may_order)
    assert [place.name for place in customer.locations] == ["Baden"]


def test_a_contact_may_call_from_the_customers_own_number(line: Application) -> None:
    add_contact(line, Contact("Eva Roth", phone="+41440001001", may_order=False))
    (customer,) = _identify(line, "+41440001001").customers
    assert not customer.may_order


def test_people_who_share_a_telephone_may_order_if_all_of_them_may(line: Application) -> None:
    add_contact(line, Contact("Boss", phone=STRANGER))
    add_contact(line, Contact("Apprentice", phone=STRANGER, may_order=False))
    (customer,) = _identify(line, STRANGER).customers
    assert not customer.may_order


def test_whoever_works_for_two_customers_is_asked_for_the_code(line: Application) -> None:
    add_contact(line, Contact("Book-keeper", phone=STRANGER))
    add_contact(line, Contact("Book-keeper", phone=STRANGER, may_order=False), "11002")
    known = [(each.number, each.may_order) for each in _identify(line, STRANGER).customers]
    assert known == [("11001", True), ("11002", False)]
    assert Telephone(line, caller=STRANGER).begin().state == State.CHOOSING_LANGUAGE


@pytest.mark.rule("B.6")
def test_whoever_has_the_code_may_order(line: Application) -> None:
    add_contact(line, Contact("Apprentice", phone=STRANGER, may_order=False))
    Caller(line).asked()
    call_id = line.calls.find("asterisk", "code-1") or ""
    with line.storage.writing() as uow:
        context = Context(uow, call_id, call_id, MONDAY_TEN)
        accepted = line.identification.check_code(context, CheckSupportCode(RIGHT))
    assert isinstance(accepted, SupportCodeAccepted)
    assert accepted.customer.may_order


def test_nothing_is_known_of_other_numbers(line: Application) -> None:
    add_contact(line, Contact("No phone"))
    assert _identify(line, STRANGER).customers == ()
    (customer,) = _identify(line, "+41440001001").customers
    assert customer.may_order
    assert customer.id == customer_id(line)
