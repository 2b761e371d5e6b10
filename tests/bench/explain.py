"""How long the question takes what would happen if somebody called."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from ivr.bootstrap import Application
from ivr.cli.explain import plain
from ivr.contracts.conditions import conditions
from ivr.contracts.offers import Case, OfferRules, list_offers
from ivr.contracts.windows import assess_window
from ivr.services.explain import Caller
from ivr.storage.demo import list_demo_callers
from tests.bench.figures import Bench, Figure, percentile
from tests.bench.surroundings import demo_application

TITLE = "Explaining without a call"
LIMIT_SECONDS = 120
NEEDS_ASTERISK = False
START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 3 * 365 * 24 * 60
"""The three years that have a calendar: nights, week-ends, holidays and both changes of the clock."""

Ask = Callable[[], Any]


def measure(bench: Bench) -> Iterator[Figure]:
    """Every question is another one: another caller or plan, at another minute of three years."""
    app = demo_application(bench.place("explain"), bench.demo, None)
    count = bench.size(5000, 500)
    yield _figure("Pure part of an explain, p99", 1, _take_times(_pure(app), count), PURE)
    yield _figure(
        "Whole explain in a running process, p99", 10, _take_times(_whole(app), count), WHOLE
    )
    app.storage.engine.dispose()


PURE = "window, offers with their deadlines, and what they cost; all plans in turn"
WHOLE = (
    "a connection, the caller by his number in the demo database, the hunt, and the answer of --json "
    "with its notice; all demo callers in turn"
)


def _pure(app: Application) -> Iterator[Ask]:
    rules = OfferRules(app.tariffs, app.calendar)

    def ask(plan: Any, at: datetime) -> None:
        case = Case(at, plan, assess_window(plan, app.calendar, at))
        list_offers(case, rules)
        conditions(case, plan, rules, rules.tariffs.free_units(plan.id))

    return _asked(ask, list(app.plans.values()))


def _whole(app: Application) -> Iterator[Ask]:
    def ask(number: str, at: datetime) -> None:
        with app.storage.reading() as uow:
            plain(app, app.explain.explain(uow, Caller(number), at))

    return _asked(ask, [caller.phone for caller in list_demo_callers(app.storage.engine)])


def _asked(ask: Callable[[Any, datetime], None], subjects: list[Any]) -> Iterator[Ask]:
    chance = random.Random(1)
    while True:
        for subject in subjects:
            at = START + timedelta(minutes=chance.randrange(MINUTES))
            yield lambda subject=subject, at=at: ask(subject, at)


def _take_times(questions: Iterator[Ask], count: int) -> list[float]:
    """Milliseconds of each; the first few build what later ones find ready."""
    taken = []
    for _ in range(count + 50):
        ask = next(questions)
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    return taken[50:]


def _figure(what: str, bound: float, taken: list[float], how: str) -> Figure:
    return Figure(
        what,
        percentile(taken, 99),
        bound,
        "ms",
        how=f"{len(taken)} questions: {how}; median {median(taken):.3f} ms, longest {max(taken):.1f} ms",
    )
