"""`pikett contact`: the people of a customer, and who of them may order."""

import json
import re
from dataclasses import asdict
from typing import Any

import click

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.cli.common import migrated_application
from ivr.errors import ConfigurationError
from ivr.identity.contacts import Contact
from ivr.numbers.caller_id import international, normalise_stored_number
from ivr.services.stores import UnitOfWork
from ivr.services.support_codes import find_customer

MAX_LENGTH = 200
_EMAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")


@click.group()
def contact() -> None:
    """The people of a customer.

    A contact's number identifies the customer as the customer's own numbers do. From the number of
    somebody who may not order nothing can be ordered, except with the support code. Whoever has an
    e-mail address is told if the support code is locked.

    \b
    Examples:
      pikett contact add 11001 "Eva Roth" --phone "044 000 10 51" --email eva@example.ch
      pikett contact deny 11001 "Eva Roth"
      pikett contact list 11001
    """


def _name(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MAX_LENGTH or not name.isprintable():
        raise click.BadParameter(f"must have 1 to {MAX_LENGTH} printable characters")
    return name


def _phone(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    number = normalise_stored_number(text) if text is not None else None
    if text is not None and number is None:
        raise click.BadParameter(f"{text!r} is not a valid telephone number")
    return number


def _email(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    if text is not None and (len(text) > MAX_LENGTH or not _EMAIL.fullmatch(text)):
        raise click.BadParameter(f"{text!r} is not an e-mail address")
    return text


_customer_argument = click.argument("customer")
_name_argument = click.argument("name", callback=_name)


@contact.command()
@_customer_argument
@_name_argument
@click.option("--phone", callback=_phone, help="The number this person calls from.")
@click.option("--email", callback=_email, help="Told if the support code is locked.")
@click.option(
    "--language",
    type=click.Choice([str(language) for language in Language]),
    help="Of the mails; without it the customer's.",
)
@click.option("--no-order", is_flag=True, help="May call, but not order.")
def add(customer: str, name: str, no_order: bool, **given: Any) -> None:
    """Add somebody to CUSTOMER's people.

    \b
    Examples:
      pikett contact add 11001 "Eva Roth" --phone "044 000 10 51" --email eva@example.ch
      pikett contact add 11001 "Reception" --phone "+41 44 000 10 52" --no-order
    """
    app = migrated_application("error")
    person = Contact(name, may_order=not no_order, **given)
    if person.phone in app.settings.own_numbers:
        raise click.BadParameter(f"{person.phone} is the line's own number", param_hint="--phone")
    with app.storage.writing() as uow:
        customer_id = _customer_id(app, uow, customer)
        uow.contacts.add(customer_id, person, app.clock.now())
    click.echo(f"{name} is a contact of {customer}{_right(person)}.")


@contact.command(name="list")
@_customer_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for programs.")
def list_(customer: str, as_json: bool) -> None:
    """All people of CUSTOMER, by name.

    \b
    Example:
      pikett contact list 11001
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        people = uow.contacts.list_of(_customer_id(app, uow, customer))
    if as_json:
        click.echo(json.dumps([asdict(person) for person in people], ensure_ascii=False))
        return
    for person in people:
        phone = international(person.phone) if person.phone else None
        known = [each for each in (phone, person.email, person.language) if each]
        click.echo(f"{', '.join([person.name, *known])}{_right(person)}")


@contact.command()
@_customer_argument
@_name_argument
def remove(customer: str, name: str) -> None:
    """Take somebody off CUSTOMER's people.

    \b
    Example:
      pikett contact remove 11001 "Eva Roth"
    """
    app = migrated_application("error")
    with app.storage.writing() as uow:
        found = uow.contacts.remove(_customer_id(app, uow, customer), name)
        _require(found, customer, name)
    click.echo(f"{name} is no contact of {customer} any more.")


@contact.command()
@_customer_argument
@_name_argument
def allow(customer: str, name: str) -> None:
    """Somebody of CUSTOMER may order.

    \b
    Example:
      pikett contact allow 11001 "Eva Roth"
    """
    _permit(customer, name, may_order=True)


@contact.command()
@_customer_argument
@_name_argument
def deny(customer: str, name: str) -> None:
    """Somebody of CUSTOMER may not order from his number; the support code still orders.

    \b
    Example:
      pikett contact deny 11001 "Eva Roth"
    """
    _permit(customer, name, may_order=False)


def _permit(customer: str, name: str, *, may_order: bool) -> None:
    app = migrated_application("error")
    with app.storage.writing() as uow:
        customer_id = _customer_id(app, uow, customer)
        found = uow.contacts.permit(customer_id, name, may_order=may_order)
        _require(found, customer, name)
    click.echo(f"{name} {'may' if may_order else 'may not'} order.")


def _customer_id(app: Application, uow: UnitOfWork, number: str) -> int:
    return find_customer(uow, number, app.clock.now()).id


def _require(found: bool, customer: str, name: str) -> None:
    if not found:
        raise ConfigurationError(f"customer {customer} has no contact {name!r}")


def _right(person: Contact) -> str:
    return "" if person.may_order else ", may not order"
