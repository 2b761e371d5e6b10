"""`pikett selftest`: the line phones itself."""

import time

import click

from ivr.bootstrap import Application
from ivr.cli.common import migrated_application
from ivr.roster.walltime import local
from ivr.services.selftest_store import RunState, SelftestRun, Step

POLL_SECONDS = 0.5
ROOM_SECONDS = 30
DONE = (RunState.PASSED, RunState.FAILED)


@click.group()
def selftest() -> None:
    """The line phones itself, and a test telephone has to ring.

    Settings `[selftest]` say as whom and whom it rings. The worker places the calls.

    \b
    Examples:
      pikett selftest run
      pikett selftest show
    """


@selftest.command()
@click.option("--back-end", help="Only this one of paging.telephones: asterisk or twilio.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the result.")
@click.pass_context
def run(context: click.Context, back_end: str | None, *, no_wait: bool) -> None:
    """Call now, over every telephone; ends with 1 where one has failed.

    \b
    Examples:
      pikett selftest run
      pikett selftest run --back-end twilio
    """
    app = migrated_application("error")
    runs = app.selftest.plan(back_end, app.clock.now())
    if no_wait:
        click.echo(f"{len(runs)} planned; see: pikett selftest show")
        return
    found = _await(app, runs)
    for each in found:
        _tell(each)
    if any(each.state is not RunState.PASSED for each in found):
        context.exit(1)


def _await(app: Application, runs: list[str]) -> list[SelftestRun]:
    """Until all have a result, or their time is up: then no worker runs."""
    ends = time.monotonic() + len(runs) * (app.selftest.rules.within.total_seconds() + ROOM_SECONDS)
    while True:
        found = [each for each in app.selftest.latest() if each.id in runs]
        if all(each.state in DONE for each in found) or time.monotonic() > ends:
            return found
        time.sleep(POLL_SECONDS)


@selftest.command()
@click.option("--count", default=5, show_default=True, help="How many.")
def show(count: int) -> None:
    """The latest runs, the newest first, with the moment of each step.

    \b
    Example:
      pikett selftest show
    """
    app = migrated_application("error")
    for each in app.selftest.latest(count):
        _tell(each)


def _tell(run: SelftestRun) -> None:
    missing = f": {run.step} is missing, {run.reason}" if run.state is RunState.FAILED else ""
    click.echo(f"{local(run.due_at):%Y-%m-%d %H:%M:%S} {run.back_end} {run.state}{missing}")
    for step in Step:
        at = run.moment(step)
        click.echo(f"  {step}: {f'{local(at):%H:%M:%S}' if at is not None else '-'}")
