"""`pikett account export`: files for a billing system, CSV with a row per line or a list in JSON.

The same span of closed accounts gives the same file again, account by account, so that a file of any
size needs the memory of one account.
"""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

import click

from ivr.cli.account_options import day_of, language_option
from ivr.cli.account_views import Words, plain_export, words
from ivr.cli.common import migrated_application
from ivr.contracts.lines import TOTAL_FIELDS
from ivr.contracts.windows import at_wall_time
from ivr.errors import ConfigurationError
from ivr.imports.columns import guard
from ivr.services.account_records import ExportedAccount

BYTE_ORDER_MARK = "\ufeff"
LONG_EXPORT = 500
"""From so many accounts on, an export shows how far it is."""

OF_ACCOUNT = (
    "document",
    "ticket",
    "ticket_kind",
    "customer",
    "customer_name",
    "ordered_at",
    "closed_at",
    "cause",
    "billed_as",
    "reason",
    "person",
    "signed_on",
    "decision_required",
)
OF_LINE = (
    "position",
    "kind",
    "words",
    "quantity",
    "unit",
    "net",
    "vat_rate",
    "vat",
    "gross",
    "currency",
)
OF_TOTALS = tuple(f"total_{name}" for name in TOTAL_FIELDS)
COLUMNS = (*OF_ACCOUNT, *OF_LINE, *OF_TOTALS)
FREE_TEXT = ("customer_name", "reason", "person", "words")
"""What somebody may have typed in; figures and codes are ours, and a minus belongs to a figure."""

Write = Callable[[TextIO, Iterable[ExportedAccount], Words], None]


def write_csv(file: TextIO, accounts: Iterable[ExportedAccount], spoken: Words) -> None:
    """A header, and a row for each line; an account without lines has a row all the same."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for account in accounts:
        writer.writerows(_rows(plain_export(account, spoken)))


def _rows(account: dict[str, Any]) -> Iterator[dict[str, Any]]:
    customer = account.pop("customer")
    whole = {name: account[name] for name in OF_ACCOUNT if name in account}
    whole |= {"customer": customer["number"], "customer_name": customer["name"]}
    whole["decision_required"] = "true" if account["decision_required"] else "false"
    whole |= {f"total_{name}": account["totals"][name] for name in TOTAL_FIELDS}
    for position, line in enumerate(account["lines"] or [{}], 1):
        own = {name: line[name] for name in OF_LINE if name in line}
        yield _guarded(whole | ({"position": position} | own if own else {}))


def _guarded(row: dict[str, Any]) -> dict[str, Any]:
    """What a spreadsheet would run as a formula gets an apostrophe."""
    return row | {name: guard(row[name]) for name in FREE_TEXT if row.get(name)}


def write_json(file: TextIO, accounts: Iterable[ExportedAccount], spoken: Words) -> None:
    """A list, an account a line."""
    separator = "[\n"
    for account in accounts:
        file.write(separator + json.dumps(plain_export(account, spoken), ensure_ascii=False))
        separator = ",\n"
    file.write("[]\n" if separator == "[\n" else "\n]\n")


FORMATS: dict[str, Write] = {"csv": write_csv, "json": write_json}


@contextmanager
def opened(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that is there in full or not at all."""
    if path is None:
        yield sys.stdout
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise ConfigurationError(f"--output {path}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


@click.command()
@click.option("--from", "first", required=True, callback=day_of, help="First day of closing.")
@click.option("--to", "last", required=True, callback=day_of, help="Last day of closing, included.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="json")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file.")
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, which Excel wants.")
@click.option("--undecided", is_flag=True, help="Those that wait for a person's decision instead.")
@language_option
def export(
    first: date,
    last: date,
    form: str,
    output: Path | None,
    bom: bool,
    undecided: bool,
    language: str,
) -> None:
    """Write the accounts and credit notes that were closed from one day to another.

    Days are local days. What waits for a decision is left out until it is decided, and counts from
    then on, so the file of a past span stays the same. CSV has a row per line and the totals of its
    account in each; a credit note has the ticket of the account it belongs to. Amounts are text with
    two decimals.

    \b
    Example:
      pikett account export --from 2026-11-01 --to 2026-11-30 --format csv --output november.csv
    """
    if last < first:
        raise click.UsageError("--to is before --from")
    since, until = _midnight(first), _midnight(last + timedelta(days=1))
    app = migrated_application("error")
    with app.storage.reading() as uow, opened(output) as file:
        count = uow.accounts.count(since, until, undecided=undecided)
        found = uow.accounts.walk(since, until, undecided=undecided)
        file.write(BYTE_ORDER_MARK if bom else "")
        with click.progressbar(
            found,
            length=count,
            label="Accounts",
            file=sys.stderr,
            hidden=count < LONG_EXPORT,
        ) as accounts:
            FORMATS[form](file, accounts, words(language))
    if output is not None:
        click.echo(f"{count} accounts are in {output}.", err=True)


def _midnight(day: date) -> datetime:
    return at_wall_time(day, time(0)).astimezone(UTC)
