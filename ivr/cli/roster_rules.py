"""`pikett roster rotation | override | absence`: the rules of the roster."""

from pathlib import Path
from typing import Any

import click

from ivr.calendars.reader import MOST_BYTES, read_absences
from ivr.cli.common import migrated_application
from ivr.cli.roster_views import store
from ivr.roster.walltime import WEEKDAYS
from ivr.services.roster_absences import Imported
from ivr.services.roster_changes import AddAbsence, AddOverride, AddRotation, Remove
from ivr.services.roster_input import LEVELS, read_absence, read_override, read_rotation

_yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
_id_argument = click.argument("rule_id", type=int, metavar="ID")
_level = click.Choice([level.value for level in LEVELS])
_rank_option = click.option("--rank", default="1", help="Order within the level.")
_note_option = click.option("--note", default="", help="Why.")


@click.group()
def rotation() -> None:
    """People who take turns. A rotation of one with --hours is a weekly rule.

    \b
    Examples:
      pikett roster rotation add Pikett --level on_duty --every weekly --weekday mon \\
          --people "Anna Meier, Luca Bernasconi"
      pikett roster rotation remove 3
    """


@rotation.command(name="add")
@click.argument("name")
@click.option("--level", type=_level, required=True)
@click.option("--people", required=True, help="Names in their order, with commas.")
@click.option("--every", default="weekly", help="daily, weekly, or a number of days.")
@click.option("--hand-over", default="08:00", help="Wall time of the hand-over.")
@click.option("--weekday", type=click.Choice(WEEKDAYS), help="The first hand-over is the next one.")
@click.option("--starts", default="", help="Date of the first hand-over, instead of --weekday.")
@click.option("--until", default="", help="Date of the hand-over with which it ends.")
@click.option(
    "--hours", default="", help="'mon-fri 18:00-08:00; sat,sun 00:00-00:00'; else always."
)
@_rank_option
@_yes_option
def add_rotation(yes: bool, weekday: str | None, **typed: str) -> None:
    """A rotation; shows first who gains and loses which duties.

    \b
    Examples:
      pikett roster rotation add Pikett --level on_duty --every weekly --weekday mon \\
          --people "Anna Meier, Luca Bernasconi"
      pikett roster rotation add Nights --level deputy --every daily --hours "mon-fri 18:00-08:00" \\
          --people "Chloé Favre" --yes
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        wanted = read_rotation(uow, typed | {"weekday": weekday or ""}, app.clock.now())
    store(app, AddRotation(wanted), yes=yes)


@rotation.command(name="remove")
@_id_argument
@_yes_option
def remove_rotation(rule_id: int, yes: bool) -> None:
    """It ends now; what has been stays.

    \b
    Example:
      pikett roster rotation remove 3
    """
    store(migrated_application("error"), Remove("rotation", rule_id), yes=yes)


@click.group()
def override() -> None:
    """Somebody else, or nobody, in a place for a time.

    \b
    Examples:
      pikett roster override add on_duty 2026-12-24T18:00 2026-12-25T08:00 --person "Chloé Favre"
      pikett roster override remove 5
    """


@override.command(name="add")
@click.argument("level", type=_level)
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.option("--person", default="", help="Who takes it; without a name nobody has it.")
@_rank_option
@_note_option
@_yes_option
def add_override(first: str, last: str, yes: bool, **typed: str) -> None:
    """Put somebody into a place from FROM to TO; shows first who is affected.

    \b
    Examples:
      pikett roster override add on_duty 2026-12-24T18:00 2026-12-25T08:00 --person "Chloé Favre"
      pikett roster override add deputy 2026-12-26 2026-12-26 --yes
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        wanted = read_override(uow, typed | {"from": first, "to": last}, app.clock.now())
    store(app, AddOverride(wanted), yes=yes)


@override.command(name="remove")
@_id_argument
@_yes_option
def remove_override(rule_id: int, yes: bool) -> None:
    """From now on the rotation counts again; what has been stays.

    \b
    Example:
      pikett roster override remove 5
    """
    store(migrated_application("error"), Remove("override", rule_id), yes=yes)


@click.group()
def absence() -> None:
    """When somebody is away. It moves no duty: a clash is told of until somebody solves it.

    \b
    Examples:
      pikett roster absence add "Anna Meier" 2026-12-24 2026-12-31 --note Ferien
      pikett roster absence import ferien.ics --technician "Anna Meier"
    """


@absence.command(name="add")
@click.argument("person")
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@_note_option
@_yes_option
def add_absence(first: str, last: str, yes: bool, **typed: str) -> None:
    """PERSON is away from FROM to TO; a date alone is the whole day.

    \b
    Example:
      pikett roster absence add "Anna Meier" 2026-12-24 2026-12-31 --note Ferien
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        wanted = read_absence(uow, typed | {"from": first, "to": last}, app.clock.now())
    store(app, AddAbsence(wanted), yes=yes)


@absence.command(name="remove")
@_id_argument
@_yes_option
def remove_absence(rule_id: int, yes: bool) -> None:
    """It was no absence, or it is over sooner.

    \b
    Example:
      pikett roster absence remove 8
    """
    store(migrated_application("error"), Remove("absence", rule_id), yes=yes)


@absence.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--technician", required=True, help="Whose absences these are.")
@click.option("--dry-run", is_flag=True, help="Only read.")
def import_absences(file: Path, technician: str, dry_run: bool) -> None:
    """Absences out of an iCal FILE; the same event imported again is changed, not doubled.

    \b
    Example:
      pikett roster absence import ferien.ics --technician "Anna Meier"
    """
    app = migrated_application("error")
    with file.open("rb") as opened:
        events = read_absences(opened.read(MOST_BYTES + 1))
    wanted = [Imported(each.uid, each.starts_at, each.ends_at, each.summary) for each in events]
    told: Any = app.absences.bring_in(technician, wanted, None, app.clock.now(), store=not dry_run)
    click.echo(
        f"{told.added} new, {told.changed} changed, {told.same} as before, {told.over} over."
    )
