"""Every sentence with figures that plans and tariffs can give: what can be spoken beforehand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from ivr.callflow.notices import notice_prompts
from ivr.callflow.prompts import Language, Moment, Prompt, PromptKey
from ivr.callflow.support_session import SupportSession
from ivr.contracts.conditions import conditions
from ivr.contracts.offers import Case, OfferRules
from ivr.contracts.plans import Plan
from ivr.contracts.windows import WindowState, assess_window, at_wall_time, opening_times

Notice = tuple[Prompt, ...]
AN_ORDINARY_DAY = date(2026, 11, 24)
"""A working day of every plan; the rate of VAT is asked for the day that matters."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Plans and tariffs; `version` names what they say, unlike that of the rules, which names files.

    A comment in a file is no other price, so that it takes no recording out of use.
    """

    plans: Mapping[str, Plan]
    rules: OfferRules
    version: str


def notices(
    prices: Prices, language: Language, day: date = AN_ORDINARY_DAY
) -> Iterator[tuple[WindowState, Notice]]:
    """Each notice of each plan in the window and outside, by day, at night, with each unit left."""
    session = SupportSession(language=language)
    rules = prices.rules
    by_day = at_wall_time(_working_day(day, rules), time(10))
    for plan in prices.plans.values():
        for at in (by_day, by_day + timedelta(hours=14)):
            now = assess_window(plan, rules.calendar, at)
            for window in (WindowState(open=False), *((now,) if now.open else ())):
                case = Case(at, plan, window)
                for units in range(rules.tariffs.free_units(plan.id) + 1):
                    found = conditions(case, plan, rules, units)
                    yield window, notice_prompts(session, window, found, at)


def prompts_with_figures(
    prices: Prices, language: Language, day: date
) -> dict[PromptKey, tuple[Prompt, ...]]:
    """The different prompts of all notices, by their keys."""
    found: dict[PromptKey, dict[Prompt, None]] = {}
    for _, notice in notices(prices, language, day):
        for prompt in notice:
            found.setdefault(prompt.key, {})[prompt] = None
    return {key: tuple(prompts) for key, prompts in found.items()}


def openings(prices: Prices) -> Iterator[Moment]:
    """Each opening hour of the plans, today, tomorrow and on each weekday."""
    monday = date(2026, 11, 23)
    calendar = prices.rules.calendar
    hours = {hour for plan in prices.plans.values() for hour in opening_times(plan, calendar)}
    for days in range(8):
        for hour in sorted(hours):
            at = at_wall_time(monday + timedelta(days=days), hour)
            before = at - timedelta(days=3)
            yield Moment(at, before)
            if days == 0:
                yield Moment(at, at - timedelta(minutes=1))
                yield Moment(at, at - timedelta(days=1))


def _working_day(day: date, rules: OfferRules) -> date:
    """`day` or the first one after it, by the calendar of the offers."""
    while day.weekday() >= 5 or rules.calendar.closes_whole(day):
        day += timedelta(days=1)
    return day
