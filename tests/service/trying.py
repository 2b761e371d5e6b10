"""An application with a self-test set up, and the caller that its telephone plays."""

from pathlib import Path
from typing import Any

from ivr.bootstrap import Application
from ivr.services.selftest_store import SelftestRun
from ivr.services.timers import Queue
from tests.fakes import FrozenClock
from tests.service.conftest import Telephone
from tests.service.escalating import NotingTelephone
from tests.wiring import quick_application

CALLER, TEST_TELEPHONE = "+41440001001", "+41440009009"
LEAD = "lead@demo.pikett.invalid"
SELFTEST = {"customer": "11001", "caller": CALLER, "technician": TEST_TELEPHONE}


def trial_application(data_dir: Path, **given: Any) -> tuple[Application, NotingTelephone]:
    """With a telephone that only notes what it is asked."""
    defaults: dict[str, Any] = {
        "selftest": SELFTEST | given.pop("selftest", {}),
        "escalation": {"lead_emails": [LEAD]},
    }
    app = quick_application(data_dir, **(defaults | given))
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return app, telephone


def caller(app: Application, clock: FrozenClock, unique: str = "trial-1") -> Telephone:
    """The call that comes back to the line."""
    return Telephone(app, unique, clock.now(), CALLER)


def work(app: Application, clock: FrozenClock, seconds: float = 0) -> None:
    """Whatever is due, then and meanwhile."""
    left = seconds
    while True:
        for queue in Queue:
            while app.timekeeper.run_due(queue):
                pass
        if left <= 0:
            return
        clock.advance(min(1, left))
        left -= 1


def only_run(app: Application) -> SelftestRun:
    (run,) = app.selftest.latest()
    return run
