"""`pikett pin`: support codes of customers. A PIN is shown once, when it is made, and never again."""

import os
from pathlib import Path

import click

from ivr import resources
from ivr.bootstrap import Application
from ivr.cli.common import migrated_application
from ivr.contracts.windows import local_time
from ivr.errors import ConfigurationError
from ivr.identity.lockout import Standing
from ivr.numbers.caller_id import international
from ivr.services.code_card import write_card
from ivr.services.support_codes import NewCode, SupportCodes

CARD_MODE = 0o600


@click.group()
def pin() -> None:
    """Support codes: the customer number followed by six random digits.

    \b
    Examples:
      pikett pin show 11001
      pikett pin reset 11001 --card card.html
    """


@pin.command()
@click.argument("customer")
@click.option(
    "--card",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a card to be printed, in the customer's language; must not exist yet.",
)
def reset(customer: str, card: Path | None) -> None:
    """Give CUSTOMER a new PIN and show the support code, this once.

    The old code is worth nothing from now on. A locked code is unlocked.

    \b
    Examples:
      pikett pin reset 11001
      pikett pin reset 11001 --card card.html
    """
    app = migrated_application("error")
    codes = _codes(app)
    codes.state(customer, app.clock.now())
    if card is not None:
        _make_file(card)
    code = codes.reset(customer, app.clock.now())
    click.echo(f"The support code of {code.customer.name} is {code.customer.number} {code.pin}")
    click.echo("It is shown this once and can be seen nowhere else.")
    if card is not None:
        card.write_text(_card(app, code), encoding="utf-8")
        click.echo(f"The card to be printed is {card}: remove the file afterwards.")


@pin.command()
@click.argument("customer")
def unlock(customer: str) -> None:
    """Forget the wrong codes of CUSTOMER, so that the right one is accepted at once.

    \b
    Example:
      pikett pin unlock 11001
    """
    app = migrated_application("error")
    now = app.clock.now()
    before = _codes(app).unlock(customer, now)
    was = "was locked and is free now" if before.standing.is_locked(now) else "was not locked"
    click.echo(f"The support code of {before.customer.name} {was}.")


@pin.command()
@click.argument("customer")
def show(customer: str) -> None:
    """How the support code of CUSTOMER stands. The PIN itself cannot be seen.

    \b
    Example:
      pikett pin show 11001
    """
    app = migrated_application("error")
    now = app.clock.now()
    state = _codes(app).state(customer, now)
    locked = f"until {_moment(state.standing)}" if state.standing.is_locked(now) else "no"
    click.echo(f"Customer     {state.customer.number} {state.customer.name}")
    click.echo(f"PIN          {'set' if state.is_set else 'none'}")
    click.echo(f"Locked       {locked}")
    click.echo(f"Wrong codes  {state.standing.failures} in a row")


def _codes(app: Application) -> SupportCodes:
    return SupportCodes(app.storage, app.pins)


def _moment(standing: Standing) -> str:
    assert standing.locked_until is not None  # noqa: S101
    return f"{local_time(standing.locked_until):%d.%m.%Y %H:%M}"


def _make_file(card: Path) -> None:
    """Before the old code is taken away: a code that could not be handed over helps nobody."""
    try:
        os.close(os.open(card, os.O_CREAT | os.O_EXCL | os.O_WRONLY, CARD_MODE))
    except OSError as error:
        raise ConfigurationError(f"card {card}: {error.strerror}; nothing was changed") from error


def _card(app: Application, code: NewCode) -> str:
    labels = resources.load_yaml(resources.folder("prompts") / "card.yaml")
    issued = local_time(app.clock.now()).date()
    return write_card(labels, code, international(app.settings.line.number), issued)
