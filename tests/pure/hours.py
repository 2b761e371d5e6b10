"""The seeded plans and calendar, and plans with odd hours."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from ivr import resources
from ivr.contracts.calendar import Holiday, HolidayCalendar, parse_holidays
from ivr.contracts.plans import FirstReaction, Plan, ReactionKind, parse_plans
from ivr.contracts.reaction import Clock, Commitment, Deadline, deadline, plan_commitment
from ivr.contracts.windows import PROVIDER_ZONE, assess_window, parse_moment

PLANS = parse_plans(resources.load_yaml(resources.folder("config") / "plans.yaml"))
BADEN = parse_holidays(resources.load_yaml(resources.folder("config") / "holidays.yaml"))
NO_HOLIDAYS = HolidayCalendar("", "", (), frozenset({2026, 2027, 2028}))
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NIGHT: dict[str, Any] = {"days": ["mon", "fri", "sat"], "windows": [["22:00", "06:00"]]}


def zurich(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVIDER_ZONE)


def half_day(day: date, **closed: time) -> HolidayCalendar:
    holiday = Holiday(day, "Heiligabend", "Baden AG", **closed)
    return replace(BADEN, holidays=(*BADEN.holidays, holiday))


def is_open(plan: Plan, at: str, calendar: HolidayCalendar = BADEN) -> bool:
    return assess_window(plan, calendar, zurich(at)).open


def plan_of(**change: Any) -> Plan:
    return parse_plans({"plans": [entry_of_plan() | change]})["p"]


def entry_of_plan() -> dict[str, Any]:
    return {
        "id": "p",
        "name": "P",
        "priority": 1,
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "windows": [["08:00", "17:00"]],
        "first_reaction": {"kind": "best_effort"},
        "price_per_month": "0.00",
    }


def promise(plan: str, at: str, clock: Clock = Clock.SERVICE) -> Deadline:
    return deadline(plan_commitment(PLANS[plan], clock), PLANS[plan], BADEN, parse_moment(at))


def hours(count: int, clock: Clock = Clock.SERVICE, source: str = "sla") -> Commitment:
    return Commitment(source, FirstReaction(ReactionKind.HOURS, count), clock)


def hours_plan(**change: Any) -> Plan:
    """A plan of twelve hours on five days."""
    usual = {"windows": [["07:00", "19:00"]], "first_reaction": {"kind": "hours", "hours": 6}}
    return plan_of(**usual | change)
