"""`pikett account`: what a customer has in advance, and what an upgrade of his contract gives back."""

import json
from datetime import date
from typing import Any

import click

from ivr.cli.account_options import customer_argument, day_of, json_option, language_option, within
from ivr.cli.account_views import plain, plain_standing, table, words
from ivr.cli.common import migrated_application
from ivr.contracts.windows import local_time
from ivr.services.balances import CustomerBalances
from ivr.services.support_codes import find_customer

MOST_PACKAGE_MINUTES = 1_000_000


@click.command("grant-package")
@customer_argument
@click.option("--minutes", type=click.IntRange(1, MOST_PACKAGE_MINUTES), required=True)
@click.option("--lot", required=True, callback=within(60), help="Its name, say an order's number.")
@click.option("--bought", required=True, callback=day_of, help="The day it counts from.")
def grant_package(customer: str, minutes: int, lot: str, bought: date) -> None:
    """Give CUSTOMER the minutes of an hour package; the same lot is given once.

    \b
    Example:
      pikett account grant-package 11001 --minutes 600 --lot A-2026-17 --bought 2026-11-23
    """
    app = migrated_application("error")
    at = app.clock.now()
    with app.storage.writing() as uow:
        customer_id = find_customer(uow, customer, at).id
        after = app.advances.grant_package(uow, customer_id, lot, minutes, bought, at)
    left = after.balance(max(bought, local_time(at).date()))
    click.echo(f"Customer {customer} has {left} minutes in hour packages.")


@click.command()
@customer_argument
@click.option("--on", callback=day_of, help="At the end of this day; default: today.")
@json_option
def balances(customer: str, on: date | None, as_json: bool) -> None:
    """Show what CUSTOMER has in advance: free units of each contract, minutes of hour packages.

    \b
    Example:
      pikett account balances 11001
    """
    app = migrated_application("error")
    day = on or local_time(app.clock.now()).date()
    with app.storage.reading() as uow:
        known = find_customer(uow, customer, app.clock.now())
        found = app.advances.of_customer(uow, uow.customers.get(known.id, day), day)
    if as_json:
        whose = {"customer": customer, "on": day.isoformat()}
        click.echo(json.dumps(whose | _plain(found), ensure_ascii=False))
        return
    for each in found.contracts:
        places = ", ".join(each.locations)
        left = f"{each.standing.balance} of {each.standing.granted}"
        click.echo(f"{each.plan_id} ({places}): {left} free units")
    packages = found.package_minutes
    click.echo(f"hour packages: {packages.balance} of {packages.granted} minutes")


def _plain(found: CustomerBalances) -> dict[str, Any]:
    return {
        "free_units": [
            {"plan": each.plan_id, "locations": each.locations, **plain_standing(each.standing)}
            for each in found.contracts
        ],
        "package_minutes": plain_standing(found.package_minutes),
    }


@click.command()
@customer_argument
@click.option("--signed", required=True, callback=day_of, help="The day of the signature.")
@json_option
@language_option
def upgrade(customer: str, signed: date, as_json: bool, language: str) -> None:
    """CUSTOMER has signed a better contract: credit the Fast Lane tickets of the last days.

    A ticket whose account is not closed yet is credited as soon as it is. Doing it again credits
    nothing twice.

    \b
    Example:
      pikett account upgrade 11005 --signed 2026-11-23
    """
    app = migrated_application("error")
    at = app.clock.now()
    with app.storage.reading() as uow:
        customer_id = find_customer(uow, customer, at).id
    signature = app.accounts.upgrade(customer_id, signed, at)
    spoken = words(language)
    if as_json:
        notes = [plain(note, spoken) for note in signature.credited]
        answer = {"credit_notes": notes, "waiting": signature.waiting}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for note in signature.credited:
        click.echo(table(note, spoken))
    for number in signature.waiting:
        click.echo(f"Ticket {number} is credited as soon as its account is closed.")
    if not signature.credited and not signature.waiting:
        click.echo("There is nothing to credit.")
