"""Who is told when nobody could be found: the leads and the desk, else whoever is on duty."""

import pytest

from ivr.services.reports import DialStatus
from tests.fakes import FrozenClock
from tests.service.conftest import OpenLine
from tests.service.escalating import Night, NotingTelephone

LEAD, DESK = "lead@demo.pikett.invalid", "desk@demo.pikett.invalid"


def told(open_line: OpenLine, leads: list[str], desk: str) -> tuple[set[str], set[str]]:
    """Whom mails went to when the last round was over, and an hour later."""
    app = open_line(escalation={"lead_emails": leads}, desk={"email": desk})
    clock, telephone = app.clock, NotingTelephone()
    assert isinstance(clock, FrozenClock)
    app.telephones = (telephone,)
    night = Night(app, clock, telephone)
    ticket = night.open()
    before: list[str] = []
    while night.state(ticket) == "open":
        before = mailed(night, ticket)
        for call in sorted(telephone.up):
            telephone.up.discard(call)
            app.paging.ended(call, DialStatus.NO_ANSWER, clock.now())
        night.pass_time(seconds=15)
    after = mailed(night, ticket)
    night.pass_time(hours=1)
    return set(after[len(before) :]), set(mailed(night, ticket)[len(after) :])


def mailed(night: Night, ticket: int) -> list[str]:
    with night.app.storage.reading() as uow:
        mails = uow.outbox.list_for_ticket(ticket)
    return [each.recipient for each in mails]


@pytest.mark.parametrize(
    ("leads", "desk", "expected"),
    [
        ([LEAD], DESK, {LEAD, DESK}),
        ([], DESK, {DESK}),
        ([], "", {f"{name}@demo.pikett.invalid" for name in ("anna", "luca", "chloe")}),
    ],
    ids=["both", "the desk", "neither"],
)
def test_a_case_that_nobody_took_is_never_silent(
    open_line: OpenLine, leads: list[str], desk: str, expected: set[str]
) -> None:
    assert told(open_line, leads, desk) == (expected, expected)
