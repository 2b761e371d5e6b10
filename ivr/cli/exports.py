"""`pikett export`: customers into a spreadsheet."""

import shutil
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import click

from ivr.bootstrap import Application
from ivr.cli.common import migrated_application
from ivr.imports.readers import FORMATS
from ivr.imports.writers import open_writer
from ivr.storage.database import reading
from ivr.storage.exports import count_customers, freeze, list_customers

STANDARD_OUTPUT = "-"


@click.group()
def export() -> None:
    """Write customers to a file.

    \b
    Example:
      pikett export customers customers.xlsx
    """


def _target(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    path = Path(name)
    if name != STANDARD_OUTPUT and path.suffix.lower() not in FORMATS:
        raise click.BadParameter(f"{path.name!r} must end in {', '.join(FORMATS)}, or be -")
    if name != STANDARD_OUTPUT and not path.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}")
    return name


@export.command()
@click.argument("file", callback=_target)
def customers(file: str) -> None:
    """Write all customers to FILE (.csv, .json or .xlsx); - writes CSV to standard output.

    The columns are those of `pikett import customers`, and importing the file again changes nothing.
    A text that a spreadsheet would take for a formula has an apostrophe (') before it, which the
    import takes off. PINs are never written. Contracts of other kinds than call level agreements
    are left out; one for several locations is written once for each. The file is for you alone to
    read, and replaces one of this name when it is complete.

    \b
    Examples:
      pikett export customers customers.csv
      pikett export customers customers.xlsx
      pikett export customers - > customers.csv
    """
    app = migrated_application("error")
    if file == STANDARD_OUTPUT:
        _print(app)
        return
    path = Path(file)
    with NamedTemporaryFile(dir=path.absolute().parent, prefix=".export-", delete=False) as partial:
        unfinished = Path(partial.name)
    try:
        count = _write(app, unfinished, path.suffix.lower())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{count} customers are in {path}.")


def _print(app: Application) -> None:
    """Whole first: whoever reads it slowly must not keep a transaction open."""
    with TemporaryDirectory(prefix="pikett-export-") as folder:
        path = Path(folder) / "customers.csv"
        _write(app, path, ".csv")
        with path.open(encoding="utf-8-sig") as file:
            shutil.copyfileobj(file, sys.stdout)


def _write(app: Application, path: Path, suffix: str) -> int:
    with reading(app.storage.engine) as connection, open_writer(path, suffix) as write:
        freeze(connection)
        count = count_customers(connection)
        hidden = not sys.stderr.isatty()
        with click.progressbar(
            list_customers(connection),
            length=count,
            label="Writing",
            file=sys.stderr,
            hidden=hidden,
        ) as found:
            for rows in found:
                for row in rows:
                    write(row)
    return count
