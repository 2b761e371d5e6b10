"""`pikett contract`: what a customer has agreed to, from when to when."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from ivr.bootstrap import Application
from ivr.cli.common import migrated_application
from ivr.contracts.agreements import AgreementKind
from ivr.contracts.money import CURRENCIES, Money, amount_text, cents
from ivr.contracts.windows import YEARS, local_time
from ivr.services.contracts import Contracts, ContractView, Wanted

MAX_LENGTH = 200
MAX_NUMBER = 40


@click.group()
def contract() -> None:
    """The contracts of a customer, with their versions, their locations and their ends.

    A contract covers named locations. What is agreed anew is its next version; the one before ends
    the day before. A change that would leave the contracts of the customer wrong is refused as a
    whole, with every reason.

    \b
    Kinds: cla (a call level agreement, one of the plans) | software_maintenance |
    hardware_maintenance (only together with an SLA) | sla | hour_package

    \b
    Examples:
      pikett contract list 11001
      pikett contract add 11001 --plan pro --location Baden --from 2026-12-01
      pikett contract renew 11001 CLA-11001-1 --plan premium --from 2027-01-01
      pikett contract notice 11001 CLA-11001-1
    """


def _date(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no date, say 2026-12-01") from error
    if day.year not in YEARS:
        raise click.BadParameter(f"{text} is not between {YEARS[0]} and {YEARS[-1]}")
    return day


def _amount(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Money(Decimal(text), CURRENCIES[0]).amount
        exact = amount == cents(amount)
    except (InvalidOperation, ValueError) as error:
        raise click.BadParameter(f"{text!r} is no amount, say 400.00") from error
    if not exact:
        raise click.BadParameter(f"{text} has more than two decimals")
    return amount


def _text(most: int) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    def check(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
        if text is None:
            return None
        plain = " ".join(text.split())
        if not plain or len(plain) > most or not plain.isprintable():
            raise click.BadParameter(f"must have 1 to {most} printable characters")
        return plain

    return check


_customer_argument = click.argument("customer")
_number_argument = click.argument("number")
_json_option = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")


_TERMS = (
    click.option("--plan", "plan_id", metavar="ID", help="The plan of a CLA."),
    click.option(
        "--location",
        "locations",
        multiple=True,
        metavar="NAME",
        help="A place it covers; may be given several times. 11005/Brugg is a place of "
        "another customer.",
    ),
    click.option(
        "--from", "starts_on", callback=_date, metavar="DATE", help="First day; else today."
    ),
    click.option("--until", "ends_on", callback=_date, metavar="DATE", help="Last day."),
    click.option("--bundle", "bundle_name", callback=_text(MAX_LENGTH), help="Its name."),
    click.option(
        "--bundle-price",
        callback=_amount,
        metavar="AMOUNT",
        help="Net per month for all places together.",
    ),
    click.option("--currency", type=click.Choice(CURRENCIES), default=CURRENCIES[0]),
    click.option("--reaction-hours", type=int, metavar="HOURS", help="Of an SLA, say 4 or 48."),
    click.option(
        "--by-phone/--not-by-phone", default=None, help="Whether an SLA may be telephoned."
    ),
)


def _terms_options(command: Callable[..., None]) -> Callable[..., None]:
    """What `add` and `renew` have in common."""
    for option in reversed(_TERMS):
        command = option(command)
    return command


@contract.command(name="list")
@_customer_argument
@_json_option
def list_(customer: str, as_json: bool) -> None:
    """Every version of every contract of CUSTOMER, by number.

    Contracts of others that cover a location of CUSTOMER are listed too.

    \b
    The JSON list has for each version:
      number, version, kind, plan, starts_on, noticed_on, ends_on   null where there is none
      in_force        whether it counts today
      locations       customer and name of each
      price_per_month net, and currency; null where it is not fixed
      bundle, reaction_hours, by_phone

    \b
    Example:
      pikett contract list 11001 --json
    """
    app = migrated_application("error")
    views = _contracts(app).list_of(customer, app.clock.now())
    if as_json:
        click.echo(json.dumps([plain(view) for view in views], ensure_ascii=False))
        return
    for view in views:
        click.echo(_line(view))


@contract.command()
@_customer_argument
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in AgreementKind]),
    default=str(AgreementKind.CLA),
    show_default=True,
)
@click.option("--number", callback=_text(MAX_NUMBER), help="Its number; else the next free one.")
@_terms_options
@_json_option
def add(customer: str, kind: str, number: str | None, as_json: bool, **given: Any) -> None:
    """Conclude a contract of CUSTOMER; without --location it covers all of his places.

    \b
    Examples:
      pikett contract add 11001 --plan pro --location Baden --from 2026-12-01
      pikett contract add 11001 --plan pro --bundle Branches --bundle-price 400.00
      pikett contract add 11001 --kind sla --reaction-hours 4 --by-phone
      pikett contract add 11001 --kind hardware_maintenance --location Baden
    """
    app = migrated_application("error")
    wanted = _wanted(app, given, {"number": number})
    now = app.clock.now()
    view = _contracts(app).add(customer, AgreementKind(kind), wanted, now)
    _tell(view, as_json, "is agreed")


@contract.command()
@_customer_argument
@_number_argument
@_terms_options
@click.option("--no-bundle", is_flag=True, help="The price of each place counts again.")
@_json_option
def renew(customer: str, number: str, as_json: bool, no_bundle: bool, **given: Any) -> None:
    """Agree on contract NUMBER of CUSTOMER anew; what is not said stays as it is.

    \b
    Examples:
      pikett contract renew 11001 CLA-11001-1 --plan premium --from 2027-01-01
      pikett contract renew 11008 CLA-11008-1 --location Basel --location Geneva
    """
    app = migrated_application("error")
    dropped = {"bundle_name": None, "bundle_price": None} if no_bundle else {}
    wanted = _wanted(app, given, {})
    wanted = Wanted(wanted.starts_on, wanted.locations, {**dropped, **(wanted.terms or {})})
    view = _contracts(app).renew(customer, number, wanted, app.clock.now())
    _tell(view, as_json, "is agreed")


@contract.command()
@_customer_argument
@_number_argument
@click.option("--received", callback=_date, metavar="DATE", help="When it arrived; else today.")
@_json_option
def notice(customer: str, number: str, received: date | None, as_json: bool) -> None:
    """Notice of contract NUMBER arrived; it ends with the following month and counts until then.

    \b
    Examples:
      pikett contract notice 11001 CLA-11001-1
      pikett contract notice 11001 CLA-11001-1 --received 2026-11-20
    """
    app = migrated_application("error")
    now = app.clock.now()
    received_on = received or local_time(now).date()
    view = _contracts(app).notice(customer, number, received_on, now)
    _tell(view, as_json, f"ends on {view.agreement.ends_on}")


def _contracts(app: Application) -> Contracts:
    return Contracts(app.storage, app.plans)


def _wanted(app: Application, given: dict[str, Any], more: dict[str, Any]) -> Wanted:
    """Only what was said counts as a term."""
    price, currency = given.pop("bundle_price"), given.pop("currency")
    starts_on = given.pop("starts_on") or local_time(app.clock.now()).date()
    locations = given.pop("locations") or None
    given["bundle_price"] = Money(price, currency) if price is not None else None
    terms = {name: value for name, value in (given | more).items() if value is not None}
    return Wanted(starts_on, locations, terms)


def _tell(view: ContractView, as_json: bool, what: str) -> None:
    if as_json:
        click.echo(json.dumps(plain(view), ensure_ascii=False))
        return
    agreement = view.agreement
    click.echo(f"{agreement.number} version {agreement.version} {what}.")


def plain(view: ContractView) -> dict[str, Any]:
    """A version as JSON values."""
    agreement, price = view.agreement, view.price
    return {
        "number": agreement.number,
        "version": agreement.version,
        "kind": str(agreement.kind),
        "plan": agreement.plan_id,
        "starts_on": agreement.starts_on.isoformat(),
        "noticed_on": _day(agreement.noticed_on),
        "ends_on": _day(agreement.ends_on),
        "in_force": view.in_force,
        "locations": [
            {"customer": place.customer_number, "name": place.name} for place in view.places
        ],
        "price_per_month": amount_text(price) if price is not None else None,
        "currency": price.currency if price is not None else None,
        "bundle": agreement.bundle_name,
        "reaction_hours": agreement.reaction_hours,
        "by_phone": agreement.by_phone,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _line(view: ContractView) -> str:
    agreement = view.agreement
    until = f" to {agreement.ends_on}" if agreement.ends_on is not None else ""
    facts = [
        f"{agreement.number} version {agreement.version}",
        agreement.plan_id or str(agreement.kind).replace("_", " "),
        f"from {agreement.starts_on}{until}",
        " + ".join(place.name for place in view.places),
        agreement.bundle_name,
        f"{view.price} a month" if view.price is not None else None,
        f"reaction {agreement.reaction_hours} h" if agreement.reaction_hours else None,
        "by phone" if agreement.by_phone else None,
        f"notice received {agreement.noticed_on}" if agreement.noticed_on else None,
        None if view.in_force else "not in force",
    ]
    return ", ".join(fact for fact in facts if fact)
