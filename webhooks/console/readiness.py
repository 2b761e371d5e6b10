"""Does the line reach itself, and do telephones reach those whose duty begins?"""

from flask import Response

from ivr.people.roles import Role
from ivr.roster.walltime import Span
from ivr.services.selftest_store import RunState, Step
from webhooks.console.access import allowed
from webhooks.console.ground import blueprint
from webhooks.console.pages import render
from webhooks.console.roster_words import span_name
from webhooks.container import pikett

RUNS = 10
TONES = {RunState.PASSED: "success", RunState.FAILED: "danger"}


@blueprint.get("/readiness")
@allowed(Role.LEAD, Role.ADMIN)
def readiness() -> Response:
    """The latest calls of the line to itself, and everybody who is rung in the coming week."""
    app = pikett()
    return render(
        "console/readiness.html",
        rows=app.readiness_board.rows(app.clock.now()),
        runs=app.selftest.latest(RUNS),
        steps=tuple(Step),
        tones=TONES,
        span_name=span_name,
        Span=Span,
    )
