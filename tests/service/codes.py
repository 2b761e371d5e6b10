"""Callers who enter support codes, right and wrong ones, on a line of either kind."""

import itertools
from datetime import datetime, timedelta

from sqlalchemy import func, select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.support_session import State
from ivr.identity.contacts import Contact
from ivr.identity.lockout import Standing
from ivr.services.calls import Reply
from ivr.services.reports import IncomingCall
from ivr.storage.database import reading
from ivr.storage.models import CodeFailure
from tests.fakes import MONDAY_TEN
from tests.service.conftest import Telephone

RIGHT, WRONG, UNKNOWN = "11001123456", "11001999999", "99999123456"
STRANGER = "+41440002299"
_numbers = itertools.count(1)
MINUTE = timedelta(minutes=1)


class Caller(Telephone):
    """Somebody without a number, or with one that nobody knows; he speaks German."""

    def __init__(
        self,
        app: Application,
        unique: str = "code-1",
        at: datetime = MONDAY_TEN,
        caller: str = "anonymous",
        shift: timedelta | None = None,
    ) -> None:
        super().__init__(app, unique, at, caller)
        self._shift = shift

    def incoming(self) -> IncomingCall:
        """A rehearsal where a shift is given."""
        real = super().incoming()
        if self._shift is None:
            return real
        given = {name: getattr(real, name) for name in real.__dataclass_fields__}
        shifted = {"rehearsal": True, "clock_shift_seconds": self._shift.total_seconds()}
        return IncomingCall(**(given | shifted))

    def asked(self) -> Reply:
        """The call at the point where the code is to be entered."""
        reply = self.begin()
        reply = self.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(self.at, "1"))
        assert reply.state == State.ENTERING_SUPPORT_CODE
        return reply

    def enter(self, reply: Reply, code: str) -> Reply:
        return self.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(self.at, code))

    def try_once(self, code: str) -> Reply:
        """A call with one code."""
        return self.enter(self.asked(), code)


def enter_in_calls(app: Application, codes: list[str], at: datetime = MONDAY_TEN) -> list[Reply]:
    """Each code in a call of its own."""
    return [Caller(app, f"many-{next(_numbers)}", at).try_once(code) for code in codes]


def is_accepted(reply: Reply) -> bool:
    return reply.state != State.ENTERING_SUPPORT_CODE


def customer_id(app: Application, number: str = "11001") -> int:
    with app.storage.reading() as uow:
        held = uow.customers.find_credentials(number)
    assert held is not None
    return held.customer_id


def standing(app: Application, number: str = "11001", *, rehearsal: bool = False) -> Standing:
    key = customer_id(app, number)
    with app.storage.reading() as uow:
        return uow.codes.standing(key, rehearsal=rehearsal)


def failures(app: Application) -> int:
    """All wrong codes that are remembered one by one."""
    with reading(app.storage.engine) as connection:
        counted: int = connection.execute(
            select(func.count()).select_from(CodeFailure)
        ).scalar_one()
    return counted


def add_contact(app: Application, contact: Contact, number: str = "11001") -> None:
    key = customer_id(app, number)
    with app.storage.writing() as uow:
        uow.contacts.add(key, contact, MONDAY_TEN)
