"""`pikett import`: customers out of a spreadsheet."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ivr.bootstrap import Application
from ivr.cli.common import migrated_application
from ivr.imports.columns import FileRefusedError, Mistake
from ivr.imports.readers import FORMATS, open_table
from ivr.imports.rows import RowCheck
from ivr.storage.imports import ChangedMeanwhileError, CustomerImport, Tally
from ivr.storage.staging import Staging, open_staging

MOST_SHOWN = 1000
REFUSED = 1
_NAMES = {
    "customer": "customers",
    "location": "locations",
    "contract": "contracts",
    "phone": "telephone numbers",
    "contact": "contacts",
}


@click.group(name="import")
def import_() -> None:
    """Take customers over from a file.

    \b
    Example:
      pikett import customers customers.csv --dry-run
    """


def table_file(_context: click.Context, _parameter: click.Parameter, path: Path) -> Path:
    """A file whose ending names one of the formats."""
    if path.suffix.lower() not in FORMATS:
        raise click.BadParameter(f"{path.name!r} must end in {', '.join(FORMATS)}")
    return path


@import_.command()
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    callback=table_file,
)
@click.option(
    "--dry-run", is_flag=True, help="Check all of it, say what would change, change nothing."
)
def customers(file: Path, dry_run: bool) -> None:
    """Add and update customers from FILE (.csv, .json or .xlsx).

    One row per telephone number or location is natural; a customer may have many rows, and what is
    said once need not be repeated. The file is checked as a whole: every mistake is named with row
    and column, and nothing is changed while there is one. Exit status: 0 done, 1 refused, 2 wrong
    usage.

    \b
    Columns, in any order; only `number` must be there:
      number            customer number, five digits
      name, language    of the customer; needed if he is new; language: de | fr | it | en
      location          a place of the customer
      plan              id of a plan, agreed for the location of this row; empty: no contract
      starts_on         first day of that contract; needed with a plan
      ends_on           last day; empty: nothing is said about its end
      phone             a number he calls from; with a location it is the number of that place
      contact           name of a person
      contact_phone, contact_email, contact_language
                        of that person
      may_order         yes | no, of that person; empty for somebody new: yes

    Customers are found by number, locations and people by name, contracts by location and starts_on.
    What the file does not say stays as it is: an empty cell changes nothing, and nothing is ever
    deleted. A new starts_on begins a new contract and ends the one before on the day before. The
    same file a second time changes nothing. New customers have no support code: `pikett pin reset`.

    Days are 2026-12-31 or 31.12.2026. CSV is UTF-8 with commas, semicolons or tabs; JSON is a list
    of flat objects with these names; of a workbook the first sheet is read. Formulas are refused; a
    text that must begin with = + - or @ is written with an apostrophe (') before it.

    All is written in one transaction. Calls do not wait for it on PostgreSQL. On SQLite they do: a
    tenth of a second for ten thousand new numbers, seconds for hundreds of thousands, which are
    better brought in when nobody calls. See docs/import.md.

    \b
    Examples:
      pikett import customers customers.csv --dry-run
      pikett import customers customers.xlsx
    """
    app = migrated_application("error")
    with open_staging() as staging:
        importing = CustomerImport(
            app.storage, staging, RowCheck(app.plans, app.settings.own_numbers)
        )
        _check(file, importing)
        tally = importing.plan()
        if staging.mistaken:
            _refuse(file, staging)
        if not dry_run:
            _write(app, importing, tally)
    click.echo("\n".join(_report(tally, dry_run)))


def _check(file: Path, importing: CustomerImport) -> None:
    try:
        with open_table(file) as table, _bar(table.length, "Checking") as bar:
            for read in importing.check(table.records):
                bar.update(read)
    except FileRefusedError as error:
        importing.refuse(error)


def _write(app: Application, importing: CustomerImport, tally: Tally) -> None:
    """Without anything to write no transaction is opened."""
    if not tally.writes:
        return
    try:
        with _bar(tally.writes, "Writing") as bar:
            for written in importing.write(app.clock.now()):
                bar.update(written)
    except ChangedMeanwhileError as error:
        click.echo(f"pikett: {error}", err=True)
        raise click.exceptions.Exit(REFUSED) from error


@contextmanager
def _bar(length: int, label: str) -> Iterator[Any]:
    """On standard error, for people only."""
    with click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        yield bar


def _refuse(file: Path, staging: Staging) -> None:
    mistakes = staging.list_mistakes(MOST_SHOWN)
    for line in _named(file, mistakes):
        click.echo(line, err=True)
    count = staging.mistaken
    if count > len(mistakes):
        click.echo(f"and {count - len(mistakes)} more", err=True)
    mistake = "1 mistake" if count == 1 else f"{count} mistakes"
    click.echo(f"pikett: {file.name} has {mistake}; nothing was changed", err=True)
    raise click.exceptions.Exit(REFUSED)


def _named(file: Path, mistakes: Iterable[Mistake]) -> Iterator[str]:
    for each in mistakes:
        if each.row == 0:
            yield f"{file.name}: {each.reason}"
        elif each.column == "row":
            yield f"row {each.row}: {each.reason}"
        else:
            yield f"row {each.row}, column {each.column}: {each.reason}"


def _report(tally: Tally, dry_run: bool) -> Iterator[str]:
    found = "1 customer" if tally.customers == 1 else f"{tally.customers} customers"
    yield (
        f"{found}: {tally.new_customers} new, {tally.changed_customers} changed, "
        f"{tally.unchanged_customers} unchanged."
    )
    for kind, name in _NAMES.items():
        new, changed = tally.new[kind], tally.changed.get(kind, 0)
        if new or changed:
            yield f"  {name}: {new} new, {changed} changed"
    if dry_run:
        yield "A dry run: nothing was changed."
    elif tally.new_customers:
        yield (
            "New customers have no support code yet: `pikett pin reset NUMBER`. "
            "`pikett prompts build` speaks their names ahead."
        )
