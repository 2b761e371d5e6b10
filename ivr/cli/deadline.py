"""`pikett deadline`: by when is the first reaction due, without a call."""

import json
from collections.abc import Mapping
from datetime import datetime

import click

from ivr.cli.common import application, moment_at
from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.plans import Plan, ReactionKind
from ivr.contracts.reaction import Clock, Deadline, plan_commitment
from ivr.contracts.reaction import deadline as work_out
from ivr.contracts.windows import local_time
from ivr.errors import MalformedRequestError


@click.command()
@click.option("--plan", "plan_id", required=True, help="The id of a plan of plans.yaml.")
@click.option("--at", "moment", help="Time of report or order, ISO 8601; default: now. See below.")
@click.option("--elapsed", is_flag=True, help="Hours run in real time, as for Fast Lane.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def deadline(plan_id: str, moment: str | None, elapsed: bool, as_json: bool) -> None:
    """Say by when a plan's first reaction is due.

    Hours count inside the plan's window unless --elapsed is given. Without an offset --at is
    Europe/Zurich wall time; of a time that comes twice the first is meant, and one that never
    comes is refused. A year without a holiday calendar is warned about on standard error.

    \b
    The JSON object has:
      kind               hours | next_business_day | best_effort
      due                time with offset; null for best effort
      next_business_day  date; null for the other kinds

    \b
    Examples:
      pikett deadline --plan pro --at 2026-11-23T13:00
      pikett deadline --plan pro_plus --at 2026-11-28T18:30 --elapsed --json
      pikett deadline --plan basic_plus --at 2026-12-24T15:00 --json
    """
    app = application("error")
    plan = _plan(app.plans, plan_id)
    at = moment_at(moment, app.clock.now().replace(microsecond=0))
    commitment = plan_commitment(plan, Clock.ELAPSED if elapsed else None)
    found = work_out(commitment, plan, app.calendar, at)
    if not (found.calendar_known and app.calendar.covers(local_time(at).date())):
        click.echo(_warning(app.calendar, at, found), err=True)
    click.echo(
        json.dumps(_plain(found)) if as_json else _sentence(plan, at, commitment.clock, found)
    )


def _plan(plans: Mapping[str, Plan], plan_id: str) -> Plan:
    if plan_id not in plans:
        raise MalformedRequestError(f"--plan {plan_id!r} is no plan; use {', '.join(plans)}")
    return plans[plan_id]


def _plain(found: Deadline) -> dict[str, str | None]:
    day = found.next_business_day
    return {
        "kind": str(found.kind),
        "due": local_time(found.due).isoformat() if found.due else None,
        "next_business_day": day.isoformat() if day else None,
    }


def _sentence(plan: Plan, at: datetime, clock: Clock, found: Deadline) -> str:
    head = f"{plan.name}, reported on {_in_words(at)}:"
    if found.kind is ReactionKind.BEST_EFFORT:
        return f"{head} best effort, no deadline."
    if found.due is None:
        return f"{head} no deadline, this plan never opens."
    return f"{head} first reaction due by {_in_words(found.due)} ({_promise(plan, clock)})."


def _promise(plan: Plan, clock: Clock) -> str:
    hours = plan.first_reaction.hours
    if hours is None:
        return "next business day"
    counted = "hour" if hours == 1 else "hours"
    return f"{hours} {counted} {'elapsed' if clock is Clock.ELAPSED else 'inside the window'}"


def _in_words(at: datetime) -> str:
    """The offset only where it tells which of two equal times is meant."""
    local = local_time(at)
    twin = local.replace(fold=1 - local.fold)
    offset = f" ({local:%z})" if twin.utcoffset() != local.utcoffset() else ""
    return f"{local:%A %d %B %Y, %H:%M}{offset}"


def _warning(calendar: HolidayCalendar, at: datetime, found: Deadline) -> str:
    last = max(at, found.due or at)
    needed = range(local_time(at).year, local_time(last).year + 1)
    missing = ", ".join(str(year) for year in needed if year not in calendar.years)
    return (
        f"pikett: warning: the holiday calendar ({calendar.title}) does not have {missing}: "
        "its public holidays are not taken into account; see config/holidays.yaml"
    )
