"""`pikett consent`: the proof of what a caller heard and pressed."""

import json
from typing import Any

import click

from ivr.cli.common import migrated_application
from ivr.consent.chain import Break, Damage, Head, parse_head
from ivr.contracts.windows import local_time
from ivr.errors import MalformedRequestError
from ivr.services.records import SealedConsent

MEANINGS = {
    Damage.CHANGED: "was changed after it was sealed",
    Damage.TEXT_CHANGED: "no longer has the words that were heard",
    Damage.MISSING: "is missing",
    Damage.CUT: "was told to somebody and is no longer there: the chain was cut",
    Damage.REWRITTEN: "is not the one that was told to somebody: the chain was written anew",
}


@click.group()
def consent() -> None:
    """What callers consented to, and the proof that nobody has changed it.

    \b
    Examples:
      pikett consent show 100001
      pikett consent verify --against 17-0f3a...
    """


@consent.command()
@click.option(
    "--against",
    multiple=True,
    metavar="HEAD",
    help="A head from a mail that has left the house; may be given several times.",
)
def verify(against: tuple[str, ...]) -> None:
    """Check every consent against its seal, and the chain against heads that were mailed.

    Ends with 0 if the chain holds and 1 if it does not. Without --against an end that was cut off,
    and a chain that was written anew with the right key, cannot be found.

    \b
    Example:
      pikett consent verify --against 17-0f3a5c...
    """
    app = migrated_application("error")
    heads = [_head(text) for text in against]
    with app.storage.reading() as uow:
        breaks = app.consents.verify(uow, heads)
        newest = uow.consents.find_head()
    for each in breaks:
        click.echo(_in_words(each))
    if breaks:
        raise SystemExit(1)
    click.echo(f"The chain holds. Its head: {newest}" if newest else "There is no consent yet.")


@consent.command()
@click.argument("ticket", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per consent.")
def show(ticket: int, as_json: bool) -> None:
    """Print the statement of a ticket: what was heard, when, and which key followed.

    \b
    Example:
      pikett consent show 100001
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        found = uow.consents.list_of_ticket(ticket)
    if not found:
        raise MalformedRequestError(f"no sealed consent led to ticket {ticket}")
    for each in found:
        statement = plain(each)
        click.echo(json.dumps(statement, ensure_ascii=False) if as_json else _statement(statement))


def plain(sealed: SealedConsent) -> dict[str, Any]:
    """The statement as JSON values; the words are null once they were erased."""
    consent = sealed.consent
    return {
        "head": str(Head(sealed.link.sequence, sealed.link.seal)),
        "language": consent.language,
        "text": consent.text or None,
        "text_sha256": consent.text_sha256,
        "heard_from": local_time(consent.heard_from).isoformat(),
        "heard_until": local_time(consent.heard_until).isoformat(),
        "key": consent.key,
        "pressed_at": local_time(consent.pressed_at).isoformat(),
        "facts": json.loads(sealed.link.facts),
    }


def _statement(statement: dict[str, Any]) -> str:
    facts = statement["facts"]
    return "\n".join(
        [
            f"Head          {statement['head']}",
            f"Words         {statement['text'] or '(erased)'}",
            f"SHA-256       {statement['text_sha256']}",
            f"Heard         {statement['heard_from']} to {statement['heard_until']}",
            f"{_agreed(statement)} at {statement['pressed_at']}",
            f"Identified    by {facts['identified_by'].replace('_', ' ')}, on {facts['channel']}",
            *_figures(facts),
        ]
    )


def _agreed(statement: dict[str, Any]) -> str:
    """By a key, or to the agent of the service desk who had read the words out."""
    agent = statement["facts"].get("agent")
    return f"Said yes      to agent {agent}" if agent else f"Pressed       {statement['key']}"


def _figures(facts: dict[str, Any]) -> list[str]:
    """What was ordered on which conditions; consents from before they were kept have none."""
    if "figures" not in facts:
        return []
    figures = facts["figures"]
    offer, price, work = (figures.get(name) for name in ("offer", "price", "work"))
    return [
        f"Authorised    by {facts['authorised_by'].replace('_', ' ')}",
        f"Ordered       {offer.replace('_', ' ')}, plan {figures['plan_id']}",
        f"Price         {_price(price) if price else 'none fixed'}",
        f"Work          {_price(work) + ' an hour' if work else 'by the price list'}",
        f"Free units    {figures.get('free_units', 0)} used first",
        f"Terms         {figures.get('terms', '-')}",
    ]


def _price(price: dict[str, Any]) -> str:
    net, gross = price["net"], price["gross"]
    return f"{net['currency']} {net['amount']} net, {gross['amount']} with VAT"


def _head(text: str) -> Head:
    try:
        return parse_head(text)
    except ValueError as error:
        raise MalformedRequestError(f"--against {error}") from error


def _in_words(each: Break) -> str:
    return f"Consent {each.sequence} {MEANINGS[each.damage]}."
