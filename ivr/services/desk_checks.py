"""Is the caller who he says he is, and may he order? What the agent finds out, and how (item 30).

A support code is judged by the very service that judges it on the line, lock-out included; the slow
verification is done before the transaction, so that no call waits for it. A wrong code is not a
failed check: what is left are more tries, or questions. A failed check stays failed whoever asks;
only the right code helps then.
"""

from ivr.callflow.events import SupportCodeAccepted
from ivr.callflow.requests import CheckSupportCode
from ivr.desk.card import PASSED, Check, Missing, may_note
from ivr.desk.questions import MAX_CODES, Marks, ruling, written
from ivr.identity.pins import PIN_DIGITS
from ivr.services.context import Context
from ivr.services.desk import NotReadyError, Work, put_customer, working
from ivr.services.desk_records import Agent
from ivr.services.desk_sight import Sights
from ivr.services.identification import CUSTOMER_NUMBER_DIGITS, Identification
from ivr.services.ports import Clock
from ivr.services.stores import Storage

CODE_DIGITS = CUSTOMER_NUMBER_DIGITS + PIN_DIGITS


class DeskChecks:
    """Checks callers for the desk."""

    def __init__(
        self, storage: Storage, clock: Clock, sights: Sights, identification: Identification
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._sights = sights
        self._identification = identification

    def check_code(self, card_id: str, agent: Agent, code: str) -> bool:
        """The support code, or the PIN alone where the customer is known; counts like a call's.

        Raises NotReadyError for what is no whole code, which costs no try, and after too many.
        """
        request = CheckSupportCode(self._whole_code(card_id, code))
        with self._storage.reading() as uow:
            verdict = self._identification.judge(uow, request)
        with working(self._storage, self._clock, card_id) as work:
            if work.card.wrong_codes >= MAX_CODES:
                raise NotReadyError(Missing.CODE_CLOSED)
            context = Context(
                work.uow, work.card.call_id, work.card.call_id, work.at, {request: verdict}
            )
            answer = self._identification.check_code(context, request)
            if not isinstance(answer, SupportCodeAccepted):
                tried = work.card.wrong_codes + 1
                work.uow.desk.change(card_id, agent.name, wrong_codes=tried)
                return False
            if answer.customer.id != work.card.customer_id:
                put_customer(work, agent, answer.customer.id)
            _note(work, agent, Check.SUPPORT_CODE)
            return True

    def _whole_code(self, card_id: str, code: str) -> str:
        digits = "".join(code.split())
        with self._storage.reading() as uow:
            card = uow.desk.get(card_id)
            if card.wrong_codes >= MAX_CODES:
                raise NotReadyError(Missing.CODE_CLOSED)
            if len(digits) == PIN_DIGITS and card.customer_id is not None:
                today = self._clock.now().date()
                digits = uow.customers.get(card.customer_id, today).number + digits
        if not (digits.isascii() and digits.isdigit() and len(digits) == CODE_DIGITS):
            raise NotReadyError(Missing.CODE_INCOMPLETE)
        return digits

    def mark(self, card_id: str, agent: Agent, marks: Marks, *, final: bool) -> Check:
        """Keep what is marked so far; where the agent is done with asking, also what it comes to."""
        with working(self._storage, self._clock, card_id) as work:
            if not may_note(Check.QUESTIONS, work.card.check_result):
                raise NotReadyError(Missing.CHECK_FAILED)
            asked = self._sights.of(work.uow, work.card, work.at).questions
            kept = {each.question: marks[each.question] for each in asked if each.question in marks}
            if work.card.check_result in PASSED:
                return work.card.check_result
            if written(kept) != work.card.answers:
                work.uow.desk.change(card_id, agent.name, answers=written(kept))
            found = ruling(asked, kept) if final else Check.NONE
            if found is not Check.NONE:
                _note(work, agent, found)
            return found

    def answer(self, card_id: str, agent: Agent, marks: Marks) -> None:
        """The button of the questions: all of them must be marked, or one as wrong."""
        if self.mark(card_id, agent, marks, final=True) is Check.NONE:
            raise NotReadyError(Missing.ANSWERS)

    def fail(self, card_id: str, agent: Agent) -> None:
        """The agent's own word: it is not the customer, or nobody who may order."""
        with working(self._storage, self._clock, card_id) as work:
            _note(work, agent, Check.FAILED)


def _note(work: Work, agent: Agent, check: Check) -> None:
    work.uow.desk.change(
        work.card.id,
        agent.name,
        check_result=check,
        checked_at=work.at,
        checked_by=agent.name,
    )
