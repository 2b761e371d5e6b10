"""`pikett roster`: who has duty when, what is wrong with it, and the rules that it is made of."""

from datetime import timedelta

import click

from ivr.calendars.writer import write_calendar
from ivr.cli.common import migrated_application, moment_at
from ivr.cli.roster_rules import absence, override, rotation
from ivr.cli.roster_swaps import swap
from ivr.cli.roster_views import coming, problem_text, span_text
from ivr.errors import ConfigurationError
from ivr.roster.hunt import Level
from ivr.roster.walltime import Span
from ivr.services.roster_changes import describe_absence, describe_override, describe_rotation

_days_option = click.option("--days", type=click.IntRange(1, 730), help="How far to look.")
LEVEL_WORDS = {level.value: level.value.replace("_", " ") for level in Level}


@click.group()
def roster() -> None:
    """Who has duty when.

    Rotations give a place to people in turn, overrides put somebody else or nobody there, and
    absences are told of where they clash. Times are by the clock on the wall in Zurich; a time that
    comes twice in a year needs its offset.

    \b
    Examples:
      pikett roster rotation add Pikett --level on_duty --every weekly --weekday mon \\
          --people "Anna Meier, Luca Bernasconi"
      pikett roster override add on_duty 2026-12-24T18:00 2026-12-25T08:00 --person "Chloé Favre"
      pikett roster gaps
    """


for group in (rotation, override, absence, swap):
    roster.add_command(group)


@roster.command()
@click.option("--at", "text", help="From this moment on; now without it.")
@_days_option
def show(text: str | None, days: int | None) -> None:
    """Duties of the coming two weeks, or of --days, and the rules with their numbers.

    \b
    Example:
      pikett roster show --at 2026-12-24T18:00 --days 3
    """
    app = migrated_application("error")
    now = app.clock.now()
    first = moment_at(text, now)
    for shift in app.rosters.shifts(Span(first, first + timedelta(days=days or 14)), now):
        when = span_text(shift.starts_at, shift.ends_at)
        click.echo(f"{when}  {shift.level} {shift.rank}  {shift.name}")
    plan = app.rosters.plan(now)
    for rotated in plan.rotations:
        click.echo(f"[{rotated.id}] {describe_rotation(rotated, plan)}")
    for changed in plan.overrides:
        click.echo(f"[{changed.id}] {describe_override(changed, plan)}")
    for away in plan.absences:
        click.echo(f"[{away.id}] {describe_absence(away, plan)}")


@roster.command()
@_days_option
def gaps(days: int | None) -> None:
    """What is wrong in the coming days; ends with 1 if something is.

    \b
    Example:
      pikett roster gaps --days 30
    """
    app = migrated_application("error")
    ahead = timedelta(days=days) if days else None
    problems = app.rosters.problems(app.clock.now(), ahead)
    for each in problems:
        click.echo(problem_text(each))
    if not problems:
        click.echo(f"No problem in the coming {(ahead or app.rosters.rules.warn).days} days.")
    raise SystemExit(1 if problems else 0)


@roster.command()
def publish() -> None:
    """Make duties of the rules up to the horizon; every change and every day does it too.

    \b
    Example:
      pikett roster publish
    """
    app = migrated_application("error")
    written = app.rosters.publish(app.clock.now())
    click.echo(f"{written} duties are published.")


@roster.command()
@click.option("--technician", help="Only the duties of somebody.")
@_days_option
def ical(technician: str | None, days: int | None) -> None:
    """The roster as an iCal calendar, without telephone numbers.

    An address that a calendar program fetches by itself is made on the page "roster".

    \b
    Examples:
      pikett roster ical > roster.ics
      pikett roster ical --technician "Anna Meier" > anna.ics
    """
    app = migrated_application("error")
    now = app.clock.now()
    shifts = app.rosters.shifts(coming(app, days or app.rosters.rules.horizon.days), now)
    if technician is not None:
        found, _ = app.technicians.get(technician)
        shifts = [each for each in shifts if each.technician_id == found.id]
    if not shifts:
        raise ConfigurationError("nobody has duty; there is nothing to write")
    names = technician is None
    title = "Pikett" if names else f"Pikett {technician}"
    click.echo(write_calendar(shifts, title, LEVEL_WORDS, now, names=names), nl=False)
