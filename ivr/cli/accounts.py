"""`pikett account`: the work for a ticket, and what it costs."""

import json
from datetime import datetime

import click

from ivr.cli.account_advances import balances, grant_package, upgrade
from ivr.cli.account_export import export
from ivr.cli.account_options import (
    by_option,
    json_option,
    language_option,
    ticket_argument,
    within,
)
from ivr.cli.account_views import plain, plain_ticket, table, words
from ivr.cli.common import migrated_application
from ivr.contracts.billing import Cause, Decision
from ivr.contracts.faults import Category, Mode
from ivr.contracts.windows import local_time, parse_moment
from ivr.contracts.worktime import span_of
from ivr.errors import MalformedRequestError
from ivr.services.account_records import AccountRecord, Work

MOST_MINUTES = 31 * 24 * 60
MAX_TEXT = 2000


@click.group()
def account() -> None:
    """What a ticket costs: work, cause, lines and totals.

    The cause (`pikett ticket note --cause`) and the work are recorded; closing draws the account up
    once and for all. Free service units come first, then hour packages if the tariffs allow it, and
    the rest is charged. Nothing is invoiced here: a billing system reads the export.

    \b
    Examples:
      pikett account work 100001 --by "Anna Meier" --from 2026-11-23T10:05 --minutes 45
      pikett account close 100001
      pikett account export --from 2026-11-01 --to 2026-11-30 --format csv --output november.csv
    """


@account.command()
@ticket_argument
@by_option
@click.option("--from", "start", required=True, help="Start of the work, ISO 8601.")
@click.option("--minutes", type=click.IntRange(1, MOST_MINUTES), required=True, help="Of work.")
@click.option("--mode", type=click.Choice(list(map(str, Mode))), default=str(Mode.REMOTE))
@click.option(
    "--category",
    type=click.Choice(list(map(str, Category))),
    default=str(Category.OTHER),
    help="What was done.",
)
@click.option("--material", default="", help="Replacement material that was used.")
def work(
    ticket: int,
    person: str,
    start: str,
    minutes: int,
    mode: str,
    category: str,
    material: str,
) -> None:
    """Record work for TICKET. A time without an offset is Europe/Zurich wall time.

    \b
    Example:
      pikett account work 100001 --by "Anna Meier" --from 2026-11-23T10:05 --minutes 45 --mode on_site
    """
    app = migrated_application("error")
    span = span_of(_moment(start), minutes, person)
    if len(material) > MAX_TEXT:
        raise MalformedRequestError(f"--material has more than {MAX_TEXT} characters")
    done = Work(span, Mode(mode), Category(category), " ".join(material.split()))
    app.accounts.add_work(ticket, done, app.clock.now())
    click.echo(f"{minutes} minutes of {person} are recorded for ticket {ticket}.")


def _moment(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise MalformedRequestError(f"--from {error}") from error


@account.command()
@ticket_argument
@json_option
@language_option
def close(ticket: int, as_json: bool, language: str) -> None:
    """Draw up the account of TICKET; doing it again changes nothing and shows the same.

    \b
    Example:
      pikett account close 100001
    """
    app = migrated_application("error")
    _print(app.accounts.close(ticket, app.clock.now()), as_json, language)


@account.command()
@ticket_argument
@click.option(
    "--billed-as",
    type=click.Choice([str(cause) for cause in Cause if cause.decides]),
    required=True,
    help="The cause whose rules are applied.",
)
@click.option("--reason", required=True, callback=within(MAX_TEXT), help="Why; it is exported.")
@by_option
@json_option
@language_option
def decide(
    ticket: int, billed_as: str, reason: str, person: str, as_json: bool, language: str
) -> None:
    """Decide how the third party's or unknown cause of TICKET is billed, and close its account.

    \b
    Example:
      pikett account decide 100001 --billed-as winet_basic_service --reason "Goodwill." --by "Eva Roth"
    """
    app = migrated_application("error")
    decision = Decision(Cause(billed_as), reason, person)
    _print(app.accounts.close(ticket, app.clock.now(), decision), as_json, language)


def _print(record: AccountRecord, as_json: bool, language: str) -> None:
    spoken = words(language)
    if as_json:
        click.echo(json.dumps(plain(record, spoken), ensure_ascii=False))
        return
    click.echo(table(record, spoken))
    if record.account.decision_required:
        decide_it = f"pikett account decide {record.ticket_number} --billed-as ... --reason ..."
        click.echo(f"Decide with `{decide_it} --by ...`.", err=True)


@account.command()
@ticket_argument
@json_option
@language_option
def show(ticket: int, as_json: bool, language: str) -> None:
    """Show the work for TICKET, its cause, and its account once it is closed.

    \b
    Example:
      pikett account show 100001 --language fr
    """
    found = migrated_application("error").accounts.show(ticket)
    if as_json:
        click.echo(json.dumps(plain_ticket(found, words(language)), ensure_ascii=False))
        return
    click.echo(f"Ticket {ticket}, {found.ticket.kind}, cause: {found.cause or 'none yet'}")
    for each in found.work:
        begun = f"{local_time(each.span.start):%Y-%m-%d %H:%M}"
        what = f"{each.mode}, {each.category}".replace("_", " ")
        material = f", {each.material}" if each.material else ""
        click.echo(f"{begun}  {each.span.minutes} min  {each.span.person}, {what}{material}")
    for record in (found.closed, found.credit):
        if record is not None:
            click.echo(table(record, words(language)))
    if found.closed is None:
        click.echo("The account is not closed.")


for command in (balances, export, grant_package, upgrade):
    account.add_command(command)
