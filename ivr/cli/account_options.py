"""What the commands of `pikett account` ask for in the same way."""

from datetime import date
from typing import Any

import click

from ivr.callflow.prompts import Language

MAX_LENGTH = 200


def within(most: int) -> Any:
    """A text of one line."""

    def checked(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
        line = " ".join(text.split())
        if not line or len(line) > most or not line.isprintable():
            raise click.BadParameter(f"must have 1 to {most} printable characters")
        return line

    return checked


def day_of(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    """A day, say 2026-11-23."""
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a date, say 2026-11-23") from error


ticket_argument = click.argument("ticket", type=click.IntRange(1))
customer_argument = click.argument("customer")
by_option = click.option("--by", "person", required=True, callback=within(MAX_LENGTH), help="Who.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
language_option = click.option(
    "--language",
    type=click.Choice([str(language) for language in Language]),
    default=str(Language.DE),
    show_default=True,
    help="Of the words.",
)
