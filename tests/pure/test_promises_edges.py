"""A promise in all its parts: what is recorded of the emergency product's and of an SLA's."""

from datetime import UTC, date

import pytest

from ivr.contracts.agreements import Agreement, AgreementKind
from ivr.contracts.commitments import Promise, Report, promises
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.contracts.reaction import Clock, Commitment, Deadline
from tests.pure.hours import BADEN, zurich

FRIDAY = zurich("2026-11-27T18:30")
SLA = Agreement(
    "SLA-11001-1", AgreementKind.SLA, date(2026, 1, 1), frozenset({1}), reaction_hours=4
)


@pytest.mark.rule("A.87", "K-16")
def test_the_emergency_product_promises_a_call_in_minutes_of_real_time() -> None:
    (found,) = promises(Report(OfferKind.EMERGENCY, FRIDAY), BADEN, 45)
    assert found == Promise(
        commitment=Commitment("emergency", FirstReaction(ReactionKind.HOURS), Clock.ELAPSED),
        started_at=FRIDAY,
        deadline=Deadline(
            kind=ReactionKind.HOURS,
            due=zurich("2026-11-27T19:15"),
            next_business_day=None,
            rule="minutes:45:elapsed",
            source="emergency",
            calendar_version=BADEN.version,
            calendar_known=True,
        ),
        plan_id=None,
    )
    assert found.deadline.due is not None
    assert found.deadline.due.tzinfo is UTC


@pytest.mark.rule("A.111", "K-16")
def test_an_sla_promises_its_hours_of_real_time_with_every_ticket() -> None:
    (found,) = promises(Report(OfferKind.SERVICE_DESK, FRIDAY, slas=(SLA,)), BADEN, 45)
    assert found == Promise(
        commitment=Commitment(
            "sla:SLA-11001-1", FirstReaction(ReactionKind.HOURS, 4), Clock.ELAPSED
        ),
        started_at=FRIDAY,
        deadline=Deadline(
            kind=ReactionKind.HOURS,
            due=zurich("2026-11-27T22:30"),
            next_business_day=None,
            rule="hours:4:elapsed",
            source="sla:SLA-11001-1",
            calendar_version=BADEN.version,
            calendar_known=True,
        ),
        plan_id=None,
    )
