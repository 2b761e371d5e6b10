"""Policies, the next telephone, and limits per telephone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import resources
from ivr.errors import ConfigurationError
from ivr.escalation.limits import PastCall, allowed_at
from ivr.escalation.policy import Policy, Reason, Step, loaded, parse_policies
from ivr.escalation.rings import Person, Phone, next_rings, people_of, rings_of
from ivr.roster.hunt import Level

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def person(number: int, level: Level = Level.ON_DUTY, phones: int = 1) -> Person:
    own = tuple(Phone(f"p{place}", f"+4144000900{place}") for place in range(phones))
    return Person(number, f"Technician {number}", level, "de", own)


ANNA, LUCA = person(1, phones=2), person(2, Level.DEPUTY)
DESK = Person(None, "Desk", Level.SERVICE_DESK, "de", (Phone("desk", "+41440009009"),))


def keys(step: Step, people: tuple[Person, ...], *, twice: bool = False) -> list[str]:
    return [ring.key for ring in rings_of(step, people, twice=twice)]


def test_the_shipped_policies_are_complete_and_never_name_nobody() -> None:
    policies = parse_policies(resources.load_yaml(resources.folder("config") / "escalation.yaml"))
    assert set(policies) >= set(Reason)


@pytest.mark.rule("A.35")
def test_the_third_level_is_only_for_the_providers_own_services() -> None:
    policies = parse_policies(resources.load_yaml(resources.folder("config") / "escalation.yaml"))
    named = {name: {t for step in p.steps for t in step.targets} for name, p in policies.items()}
    assert Level.CHIEF_TECHNICIAN in named["monitoring"]
    assert not any(
        Level.CHIEF_TECHNICIAN in targets for name, targets in named.items() if name != "monitoring"
    )


def test_a_snapshot_is_the_policy() -> None:
    policy = Policy("ticket", (Step(("on_duty",), 2), Step(("deputy",), at_once=True)), 4, 99)
    assert loaded(policy.dumped()) == policy


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"steps": []}, "names nobody"),
        ({"steps": [{"targets": []}]}, "names nobody"),
        ({"steps": [{"targets": ["boss"]}]}, "'boss' is none of responsible, on_duty"),
        ({"steps": [{"targets": ["supplier"]}]}, "third_level: true"),
        ({"steps": [{"targets": ["on_duty"], "repeats": 0}]}, "repeats is not a whole number"),
        ({"steps": [{"targets": ["on_duty"]}], "rounds": "3"}, "rounds is not a whole number"),
        ({"steps": [{"targets": ["on_duty"]}], "pause_seconds": 1}, "pause_seconds"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_place(entry: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refused:
        parse_policies({"policies": {"ticket": entry}})
    assert "escalation.yaml: ticket" in str(refused.value)


def test_a_missing_policy_is_named() -> None:
    with pytest.raises(ConfigurationError, match="no policy named monitoring, callback, reaction"):
        parse_policies({"policies": {"ticket": {"steps": [{"targets": ["on_duty"]}]}}})


def test_each_telephone_of_a_person_before_the_next_person() -> None:
    assert keys(Step(("on_duty", "deputy")), (ANNA, LUCA)) == ["t1:p0:1", "t1:p1:1", "t2:p0:1"]


def test_at_night_the_first_telephone_rings_twice_at_once() -> None:
    assert keys(Step(("on_duty",)), (ANNA,), twice=True) == ["t1:p0:1", "t1:p0:1+", "t1:p1:1"]


def test_repeats_begin_again_with_the_first_person() -> None:
    step = Step(("on_duty", "deputy"), repeats=2)
    assert keys(step, (person(1), LUCA)) == ["t1:p0:1", "t2:p0:1", "t1:p0:2", "t2:p0:2"]


def test_at_once_everybody_rings_and_then_their_second_telephones() -> None:
    step = Step(("on_duty", "deputy"), at_once=True)
    first = next_rings(step, (ANNA, LUCA), (), twice=False)
    assert [ring.key for ring in first] == ["t1:p0:1", "t2:p0:1"]
    then = next_rings(step, (ANNA, LUCA), [ring.key for ring in first], twice=False)
    assert [ring.key for ring in then] == ["t1:p1:1"]


def test_whoever_has_two_levels_is_rung_once() -> None:
    step = Step(("responsible", "on_duty", "deputy"))
    assert people_of(step, (ANNA, LUCA), LUCA) == (LUCA, ANNA)
    assert people_of(step, (ANNA, LUCA), None) == (ANNA, LUCA)


def test_a_staffed_number_is_rung_like_a_person() -> None:
    step = Step(("service_desk",))
    assert keys(step, people_of(step, (ANNA, DESK), None)) == ["service_desk:desk:1"]


def test_an_empty_roster_rings_nobody_and_the_step_is_over() -> None:
    assert (
        next_rings(Step(("on_duty",)), people_of(Step(("on_duty",)), (), None), (), twice=True)
        == ()
    )


@given(st.integers(1, 3), st.integers(0, 3), st.booleans(), st.booleans())
def test_every_step_comes_to_its_end_and_tries_every_telephone_once(
    repeats: int, phones: int, at_once: bool, twice: bool
) -> None:
    step, people = (
        Step(("on_duty", "deputy"), repeats, 0, at_once),
        (person(1, phones=phones), LUCA),
    )
    tried: list[str] = []
    while rings := next_rings(step, people, tried, twice=twice):
        tried += [ring.key for ring in rings]
    assert sorted(tried) == sorted(keys(step, people, twice=twice))
    assert len(set(tried)) == len(tried)


def past(*minutes: float, case: int = 1) -> list[PastCall]:
    return [PastCall(NOW - timedelta(minutes=each), case) for each in minutes]


@pytest.mark.rule("P.16")
@pytest.mark.parametrize(
    ("calls", "wait"),
    [
        ((), 0),
        ((0.5,), 30),
        ((1,), 0),
        ((1, 5, 14), 60),
        ((1, 5, 15), 0),
        ((2, 16, 20, 30, 40, 50, 58), 120),
    ],
)
def test_other_cases_wait_for_their_turn(calls: tuple[float, ...], wait: int) -> None:
    assert allowed_at(past(*calls), 2, NOW) == NOW + timedelta(seconds=wait)


@pytest.mark.rule("P.16")
def test_the_second_try_of_the_same_case_is_never_held_back() -> None:
    assert allowed_at(past(0.1, 0.2, 0.3, case=2) + past(0.2, 1, 2), 2, NOW) == NOW
