"""The command `pikett`."""

import sys

import click

from ivr import __version__
from ivr.cli.accounts import account
from ivr.cli.alerts import alerts
from ivr.cli.bill import bill
from ivr.cli.call import call
from ivr.cli.consents import consent
from ivr.cli.contacts import contact
from ivr.cli.contracts import contract
from ivr.cli.data import demo, migrate
from ivr.cli.deadline import deadline
from ivr.cli.disturbances import disturbance
from ivr.cli.explain import explain
from ivr.cli.exports import export
from ivr.cli.imports import import_
from ivr.cli.people import person
from ivr.cli.pins import pin
from ivr.cli.prompts import prompts
from ivr.cli.reactions import reactions
from ivr.cli.roster import roster
from ivr.cli.selftest import selftest
from ivr.cli.serve import run, worker
from ivr.cli.technicians import technician
from ivr.cli.tickets import ticket
from ivr.errors import PikettError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pikett")
def cli() -> None:
    """The support line that knows the contract.

    \b
    Examples:
      pikett demo                          set up a database with demo customers
      pikett call --from "+41 44 000 10 09"  make a call in the terminal
      pikett run                           web application, FastAGI server and worker
    """


COMMANDS = (
    account,
    alerts,
    bill,
    call,
    consent,
    contact,
    contract,
    deadline,
    demo,
    disturbance,
    explain,
    export,
    import_,
    migrate,
    person,
    pin,
    prompts,
    reactions,
    roster,
    run,
    selftest,
    technician,
    ticket,
    worker,
)
for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Entry point: errors made on purpose are shown as one sentence, not as a traceback."""
    try:
        cli()
    except PikettError as error:
        click.echo(f"pikett: {error}", err=True)
        sys.exit(2)
