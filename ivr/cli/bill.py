"""`pikett bill`: what a ticket would cost, without a ticket."""

import json
from pathlib import Path

import click

from ivr import resources
from ivr.cli.common import application, moment_at
from ivr.contracts.billing import Account, Balances, BilledTicket, Cause, account
from ivr.contracts.lines import Line, exported_totals
from ivr.contracts.money import amount_text, rate_text
from ivr.contracts.tariffs import Tariffs, parse_tariffs
from ivr.contracts.worktime import span_of
from ivr.errors import MalformedRequestError

MOST_MINUTES = 31 * 24 * 60


@click.command()
@click.option("--minutes", type=click.IntRange(0, MOST_MINUTES), required=True, help="Work done.")
@click.option(
    "--cause", type=click.Choice([str(cause) for cause in Cause]), required=True, help="The fault."
)
@click.option("--plan", "plan_id", metavar="ID", help="Its free units of a whole year come first.")
@click.option("--emergency", is_flag=True, help="Ordered as emergency support.")
@click.option("--fast-lane", is_flag=True, help="Ordered as a Fast Lane ticket.")
@click.option("--at", "moment", help="Start of the work, ISO 8601; default: now.")
@click.option(
    "--tariffs", "file", type=click.Path(path_type=Path), help="Another tariffs.yaml to try."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def bill(
    minutes: int,
    cause: str,
    plan_id: str | None,
    emergency: bool,
    fast_lane: bool,
    moment: str | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Show the lines of an account for work of so many minutes.

    A time without an offset is Europe/Zurich wall time. Without --plan nothing is free in advance;
    a unit that has been started is consumed. Night (23:00 to 06:00) and Sunday minutes carry the
    supplement. Causes:

    \b
      winet_basic_service   the provider's own service: free, Fast Lane is credited
      customer_environment  at the customer's: the rate for technical service
      application_analysis  analysis of an application: a line of its own
      third_party, unknown  no lines and totals of null: a person decides (decision_required)

    \b
    The JSON object has:
      lines              kind, text (a key), quantity, unit, net, vat_rate, vat, gross, currency
      totals             net, vat, gross, currency
      decision_required  true where a person decides
      free_units_used    how many free units are consumed
    Amounts are text with two decimals, rates are text such as "8.1".

    \b
    Kinds of lines:
      work | application_analysis | free_units | hour_package | fast_lane | fast_lane_credit |
      emergency_flat_fee | emergency_work | emergency_application_analysis
    Units: minute | unit | ticket | order

    \b
    Examples:
      pikett bill --minutes 45 --cause customer_environment --at 2026-11-23T22:30
      pikett bill --minutes 31 --cause customer_environment --emergency --json
      pikett bill --minutes 60 --cause winet_basic_service --fast-lane --plan pro
    """
    if emergency and fast_lane:
        raise click.UsageError("--emergency and --fast-lane cannot be used together")
    app = application("error")
    tariffs = chosen_tariffs(file)
    at = moment_at(moment, app.clock.now())
    if emergency and not tariffs.emergency.enabled:
        click.echo("Emergency support is switched off; this is what it would cost.", err=True)
    ticket = BilledTicket(at, Cause(cause), (span_of(at, minutes),), fast_lane, emergency)
    units = _free_units(plan_id, tariffs)
    drawn_up = account(ticket, tariffs, Balances(free_units=units))
    click.echo(_json(drawn_up) if as_json else _table(drawn_up))


def chosen_tariffs(file: Path | None) -> Tariffs:
    """The tariffs of a file; without one, those of the settings."""
    return parse_tariffs(resources.load_yaml(file)) if file else application("error").tariffs


def _free_units(plan_id: str | None, tariffs: Tariffs) -> int:
    plans = application("error").plans
    if plan_id is not None and plan_id not in plans:
        raise MalformedRequestError(f"--plan {plan_id!r} is no plan; use {', '.join(plans)}")
    return tariffs.free_units(plan_id) if plan_id is not None else 0


def _json(drawn_up: Account) -> str:
    answer = {
        "lines": [line.exported() for line in drawn_up.lines],
        "totals": exported_totals(drawn_up.totals),
        "decision_required": drawn_up.decision_required,
        "free_units_used": drawn_up.free_units_used,
    }
    return json.dumps(answer, ensure_ascii=False)


def _table(drawn_up: Account) -> str:
    if drawn_up.totals is None:
        return "A person decides with a reason whether this is billed; until then nothing is."
    totals = drawn_up.totals
    rows = [_row("", "net", "VAT %", "VAT", "gross")]
    rows += [_line(line) for line in drawn_up.lines]
    sums = (amount_text(totals.net), "", amount_text(totals.vat), amount_text(totals.gross))
    return "\n".join([*rows, _row(f"total {totals.currency}", *sums)])


def _line(line: Line) -> str:
    unit = line.unit if line.quantity == 1 else f"{line.unit}s"
    what = f"{line.text.removeprefix('bill_').replace('_', ' ')}, {line.quantity} {unit}"
    price = line.price
    net, vat, gross = (amount_text(sum_) for sum_ in (price.net, price.vat, price.gross))
    return _row(what, net, rate_text(price.vat_rate), vat, gross)


def _row(what: str, net: str, rate: str, vat: str, gross: str) -> str:
    return f"{what:<44}{net:>10}{rate:>8}{vat:>10}{gross:>11}"
