"""`pikett disturbance`: what callers are told before anything else."""

from datetime import datetime
from typing import Any

import click

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.cli.common import migrated_application, moment_at
from ivr.contracts.windows import local_time
from ivr.errors import ConfigurationError, SpeechError
from ivr.services.disturbance_records import DisturbanceRecord
from ivr.services.disturbances import Declared, service_key, spoken, to_be_spoken
from ivr.services.records import LocationRecord
from ivr.services.stores import UnitOfWork
from ivr.services.support_codes import find_customer

BY = "command line"
LONGEST_SECONDS = 15


@click.group()
def disturbance() -> None:
    """Known disturbances. Callers they touch hear of them right after they are identified.

    \b
    Examples:
      pikett disturbance declare "Internet" --touches all --de "Internet in Baden"
      pikett disturbance end 4
    """


def _texts(command: Any) -> Any:
    """What is spoken, per language."""
    for language in reversed(Language):
        told = f"Up to 60 letters, spoken in {language.name.lower()}."
        command = click.option(f"--{language}", f"text_{language}", help=told)(command)
    return command


_expected_option = click.option("--expected", help="When it will be over, local time.")


@disturbance.command()
@click.argument("title")
@click.option(
    "--touches",
    "scopes",
    multiple=True,
    required=True,
    help="all, plan:ID, customer:NUMBER or service:KEY; as often as you like.",
)
@click.option("--since", help="When it began, local time; without it now.")
@_expected_option
@_texts
def declare(
    title: str, scopes: tuple[str, ...], since: str | None, expected: str | None, **texts: str
) -> None:
    """Declare TITLE; callers hear of it from now on.

    \b
    Examples:
      pikett disturbance declare "Core router" --touches all --de "Internet" --en "Internet"
      pikett disturbance declare "Mail" --touches service:mail --expected "2026-11-23T15:00"
    """
    app = migrated_application("error")
    now = app.clock.now()
    declared = Declared(
        title=title,
        scopes=scopes,
        texts=_given(texts),
        expected_at=moment_at(expected, now) if expected else None,
        started_at=moment_at(since, now),
    )
    number = app.disturbances.declare(declared, BY, now)
    click.echo(f"Disturbance {number} is declared. {_length(app, number)}")


@disturbance.command()
@click.argument("number", type=int)
@_expected_option
@_texts
def update(number: int, expected: str | None, **texts: str) -> None:
    """Other words or another expected end for NUMBER; without --expected none is said.

    \b
    Example:
      pikett disturbance update 4 --expected "2026-11-23T16:30"
    """
    app = migrated_application("error")
    now = app.clock.now()
    moment = moment_at(expected, now) if expected else None
    app.disturbances.update(number, _given(texts), moment, now)
    click.echo(f"Disturbance {number} is changed. {_length(app, number)}")


@disturbance.command()
@click.argument("number", type=int)
def end(number: int) -> None:
    """NUMBER is over; the worker tells everybody who asked for it.

    \b
    Example:
      pikett disturbance end 4
    """
    app = migrated_application("error")
    waiting = app.disturbances.end(number, app.clock.now())
    click.echo(f"Disturbance {number} is over. To be told: {waiting}.")


@disturbance.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Past ones too.")
def list_(everything: bool) -> None:
    """Those that go on.

    \b
    Example:
      pikett disturbance list --all
    """
    app = migrated_application("error")
    now = app.clock.now()
    with app.storage.reading() as uow:
        found = uow.disturbances.list_recent(100)
    for each in found:
        if everything or each.is_on(now):
            click.echo(_line(each))


@disturbance.command()
@click.argument("customer")
@click.argument("services", nargs=-1)
@click.option("--location", help="Only this location; without it all of the customer's.")
@click.option("--remove", is_flag=True, help="It does not depend on them any more.")
def depends(customer: str, services: tuple[str, ...], location: str | None, remove: bool) -> None:
    """CUSTOMER's locations depend on SERVICES, as monitoring names them; without any, list them.

    \b
    Examples:
      pikett disturbance depends 11001 internet mail
      pikett disturbance depends 11008 internet --location Basel
      pikett disturbance depends 11001
    """
    app = migrated_application("error")
    keys = [service_key(each) for each in services]
    with app.storage.writing() as uow:
        places = _places(app, uow, customer, location)
        for place in places:
            for key in keys:
                change = uow.disturbances.detach if remove else uow.disturbances.attach
                change(place.id, key)
        attached = uow.disturbances.list_attached([place.id for place in places])
    for place in places:
        click.echo(f"{place.name}: {', '.join(attached.get(place.id, ())) or '-'}")


def _places(
    app: Application, uow: UnitOfWork, customer: str, location: str | None
) -> list[LocationRecord]:
    now = app.clock.now()
    customer_id = find_customer(uow, customer, now).id
    known = uow.customers.get(customer_id, local_time(now).date()).locations
    found = [place for place in known if location in (None, place.name)]
    if not found:
        raise ConfigurationError(f"customer {customer} has no location {location or ''!r}")
    return found


def _given(texts: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("text_"): text for name, text in texts.items() if text is not None}


def _length(app: Application, number: int) -> str:
    """Its words are made here, so that no caller waits for them."""
    with app.storage.reading() as uow:
        record = uow.disturbances.find(number)
    assert record is not None  # noqa: S101
    now = app.clock.now()
    try:
        app.sounds.beforehand(to_be_spoken(record, now))
        seconds = max(app.sounds.seconds(spoken(record, each, now)) for each in Language)
    except SpeechError as error:
        return f"It cannot be spoken: {error}"
    told = f"Callers listen for {seconds:.0f} s before they may choose."
    return told if seconds <= LONGEST_SECONDS else f"{told} Please say it in fewer words."


def _line(record: DisturbanceRecord) -> str:
    scopes = ", ".join(
        f"{scope.kind}:{scope.value}" if scope.value else str(scope.kind) for scope in record.scopes
    )
    until = f" to {_wall(record.ended_at)}" if record.ended_at else ""
    expected = f", expected end {_wall(record.expected_at)}" if record.expected_at else ""
    times = f"{_wall(record.started_at)}{until}{expected}"
    waits = f", {record.asked} asked to be told"
    return f"{record.id} {record.title}: {scopes}, since {times}{waits}"


def _wall(at: datetime) -> str:
    return f"{local_time(at):%Y-%m-%d %H:%M}"
