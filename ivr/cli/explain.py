"""`pikett explain`: what happens if this number calls at this time, without a call."""

import json
from typing import Any

import click

from ivr.bootstrap import Application
from ivr.cli.common import migrated_application, moment_at
from ivr.contracts.money import Price, amount_text, rate_text
from ivr.contracts.offers import Offer
from ivr.contracts.windows import PROVIDER_ZONE, WindowState, local_time
from ivr.errors import MalformedRequestError
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.explain import Caller, Explanation

FAULTS = ("minor", "main", "major", "critical")


@click.command()
@click.option("--from", "number", metavar="NUMBER", help="The caller's number.")
@click.option("--customer", metavar="NO", help="A customer, as if the support code was entered.")
@click.option("--plan", "plan_id", metavar="ID", help="Nobody in particular, with this plan.")
@click.option("--location", metavar="NAME", help="Which location of the customer.")
@click.option("--at", "moment", help="ISO 8601; default: now.")
@click.option("--fault", type=click.Choice(FAULTS), help="The class of the fault.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain(
    number: str | None,
    customer: str | None,
    plan_id: str | None,
    location: str | None,
    moment: str | None,
    fault: str | None,
    as_json: bool,
) -> None:
    """Say what would happen if somebody called: plan, window, offers, notice, whom it would ring.

    Give one of --from, --customer and --plan. A time without an offset is Europe/Zurich wall time.
    No class of fault changes an offer: none of them carries a time of its own. The notice is what
    the call would say before anything is asked, with the free units that are left at this moment.

    \b
    The JSON object has:
      at, timezone, fault
      customer       number, name, language; null if nobody is identified
      identified_by  nothing | number | support_code
      location       name; null where the caller would be asked
      plan           id; null where there is none or the location decides
      window         open, opens_at, closes_at, reason; null without a plan
                     reason: window | outside_window | holiday:NAME
      offers         kind, price, requires, first_reaction
                     kind: order | fast_lane | emergency | ticket | service_desk
                     price: net, vat_rate, vat, gross, currency; null where none is fixed
                     requires: support_code | preconditions
                     first_reaction: kind, due; kind: hours | next_business_day | best_effort
      notice         prompts (keys), text
      hunt           name, level, number; in the order of ringing
                     level: on_duty | deputy | day_team | service_desk |
                            chief_technician | chief_developer | supplier

    \b
    Examples:
      pikett explain --from "+41 44 000 10 09" --at 2026-11-22T20:00
      pikett explain --customer 11008 --location Basel --at 2026-05-14T10:00 --json
      pikett explain --plan basic --at 2026-11-23T12:30 --json
    """
    if sum(each is not None for each in (number, customer, plan_id)) != 1:
        raise click.UsageError("give exactly one of --from, --customer and --plan")
    app = migrated_application("error")
    at = moment_at(moment, app.clock.now().replace(microsecond=0))
    caller = Caller(_usable(app, number), customer, plan_id, location)
    with app.storage.reading() as uow:
        found = app.explain.explain(uow, caller, at)
    if found.window is not None and not found.window.calendar_known:
        click.echo("No holidays are seeded for that year: a closed day may be missed.", err=True)
    answer = plain(app, found, fault)
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else _in_words(answer))


def _usable(app: Application, number: str | None) -> str | None:
    """As the line would see it; what cannot be a caller's number is said."""
    if number is None:
        return None
    caller = parse_caller_id(number, own_numbers=app.settings.own_numbers)
    if caller.number is None:
        reason = str(caller.reason).replace("_", " ")
        raise MalformedRequestError(f"--from {number!r} identifies nobody ({reason})")
    return caller.number


def plain(app: Application, found: Explanation, fault: str | None = None) -> dict[str, Any]:
    """The answer as JSON values: money as text with two decimals, times with their offset."""
    customer, location = found.customer, found.location
    return {
        "at": local_time(found.at).isoformat(),
        "timezone": PROVIDER_ZONE.key,
        "fault": fault,
        "customer": {
            "number": customer.number,
            "name": customer.name,
            "language": customer.language,
        }
        if customer
        else None,
        "identified_by": found.identified_by,
        "location": location.name if location else None,
        "plan": found.plan.id if found.plan else None,
        "window": _window(found.window) if found.window else None,
        "offers": [_offer(offer) for offer in found.offers],
        "notice": {
            "prompts": [prompt.key for prompt in found.notice],
            "text": " ".join(app.catalogue.text(prompt) for prompt in found.notice),
        },
        "hunt": [
            {"name": target.name, "level": target.level, "number": target.number}
            for target in found.hunt
        ],
    }


def _window(window: WindowState) -> dict[str, Any]:
    closed = f"holiday:{window.holiday}" if window.holiday else "outside_window"
    return {
        "open": window.open,
        "opens_at": local_time(window.opens_at).isoformat() if window.opens_at else None,
        "closes_at": local_time(window.closes_at).isoformat() if window.closes_at else None,
        "reason": "window" if window.open else closed,
    }


def _offer(offer: Offer) -> dict[str, Any]:
    reaction = offer.first_reaction
    due = reaction.due if reaction else None
    return {
        "kind": offer.kind,
        "price": _price(offer.price) if offer.price else None,
        "requires": list(offer.requires),
        "first_reaction": {
            "kind": reaction.kind,
            "due": local_time(due).isoformat() if due else None,
        }
        if reaction
        else None,
    }


def _price(price: Price) -> dict[str, str]:
    return {
        "net": amount_text(price.net),
        "vat_rate": rate_text(price.vat_rate),
        "vat": amount_text(price.vat),
        "gross": amount_text(price.gross),
        "currency": price.net.currency,
    }


def _in_words(answer: dict[str, Any]) -> str:
    customer, window = answer["customer"], answer["window"]
    who = f"{customer['number']} {customer['name']}" if customer else "nobody is identified"
    lines = [
        f"At            {answer['at']}",
        f"Customer      {who} (by {answer['identified_by'].replace('_', ' ')})",
        f"Location      {answer['location'] or '-'}",
        f"Plan          {answer['plan'] or '-'}",
        f"Window        {_window_in_words(window) if window else '-'}",
    ]
    lines += [f"Offer         {_offer_in_words(offer)}" for offer in answer["offers"]]
    lines.append(f"Notice        {answer['notice']['text'] or '-'}")
    lines += [f"Would ring    {each['name']} ({each['level']})" for each in answer["hunt"]]
    return "\n".join(lines)


def _window_in_words(window: dict[str, Any]) -> str:
    if window["open"]:
        return "open" + (f" until {window['closes_at']}" if window["closes_at"] else "")
    return f"closed ({window['reason']}), opens {window['opens_at'] or 'never'}"


def _offer_in_words(offer: dict[str, Any]) -> str:
    parts = [offer["kind"].replace("_", " ")]
    if offer["price"]:
        price = offer["price"]
        parts.append(f"{price['currency']} {price['net']} net, {price['gross']} with VAT")
    if offer["requires"]:
        parts.append("needs " + ", ".join(offer["requires"]).replace("_", " "))
    reaction = offer["first_reaction"]
    if reaction:
        parts.append(f"first reaction {reaction['due'] or reaction['kind'].replace('_', ' ')}")
    return ", ".join(parts)
