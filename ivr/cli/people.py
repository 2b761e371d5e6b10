"""`pikett person`: who may log in to the pages."""

from io import StringIO

import click
import segno

from ivr.cli.common import migrated_application
from ivr.people.roles import Role
from ivr.services.people import LANGUAGES, Wanted


@click.group()
def person() -> None:
    """Who may log in to the pages below /console/.

    Leads and admins need a code of an authenticator app as well; they set it up at their first
    login, or with `pikett person totp`.

    \b
    Examples:
      pikett person add eva "Eva Roth" --role admin
      pikett person add anna "Anna Meier" --role technician --technician "Anna Meier"
      pikett person password eva
    """


_login_argument = click.argument("login")


@person.command()
@_login_argument
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="de", help="Of the pages.")
@click.option("--technician", default="", help="Who this is on the roster, by name.")
def add(login: str, name: str, role: str, language: str, technician: str) -> None:
    """Let NAME log in as LOGIN; prints the first password.

    \b
    Example:
      pikett person add eva "Eva Roth" --role admin
    """
    app = migrated_application("error")
    wanted = Wanted(login, name, role, language, technician)
    _tell_password(login, app.people.add(wanted, None, app.clock.now()))


@person.command(name="list")
def list_() -> None:
    """Everybody who may log in.

    \b
    Example:
      pikett person list
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        people = uow.people.list_all()
    for each in people:
        factor = "second factor" if each.totp_confirmed else ""
        known = [each.name, each.role, each.language, factor, "demo" if each.demo else ""]
        known.append("disabled" if each.disabled_at else "")
        click.echo(f"{each.login}: {', '.join(word for word in known if word)}")


@person.command()
@_login_argument
def password(login: str) -> None:
    """A new password for LOGIN, who is logged out everywhere.

    \b
    Example:
      pikett person password eva
    """
    app = migrated_application("error")
    _tell_password(login, app.people.reset_password(login, None, app.clock.now()))


@person.command()
@_login_argument
def totp(login: str) -> None:
    """A new second factor for LOGIN: a picture for his authenticator app.

    It counts once LOGIN has entered a code of it on the page "own login".

    \b
    Example:
      pikett person totp eva
    """
    app = migrated_application("error")
    address = app.people.begin_authenticator(login, None, app.clock.now())
    click.echo(f"{login} reads this with an authenticator app and logs in:")
    drawn = StringIO()
    segno.make_qr(address, error="m").terminal(drawn, compact=True)
    click.echo(drawn.getvalue())


@person.command(name="recording-pin")
@_login_argument
@click.option("--remove", is_flag=True, help="LOGIN records by phone no more.")
def recording_pin(login: str, remove: bool) -> None:
    """A number and a new PIN with which the admin LOGIN records prompts by phone.

    \b
    Example:
      pikett person recording-pin eva
    """
    app = migrated_application("error")
    if remove:
        app.recording_pins.withdraw(login, None, app.clock.now())
        click.echo(f"{login} has no PIN for recording by phone any more.")
        return
    code = app.recording_pins.assign(login, None, app.clock.now())
    click.echo(f"{login} records by phone with number {code.number} and PIN {code.pin}")
    click.echo("The PIN is shown only now; an earlier one no longer counts.")


@person.command()
@_login_argument
def disable(login: str) -> None:
    """LOGIN cannot log in any more, and is logged out everywhere.

    \b
    Example:
      pikett person disable eva
    """
    app = migrated_application("error")
    app.people.disable(login, None, app.clock.now())
    click.echo(f"{login} cannot log in any more.")


@person.command()
@_login_argument
def enable(login: str) -> None:
    """LOGIN can log in again.

    \b
    Example:
      pikett person enable eva
    """
    app = migrated_application("error")
    app.people.enable(login, None, app.clock.now())
    click.echo(f"{login} can log in again.")


def _tell_password(login: str, text: str) -> None:
    click.echo(f"The password of {login} is {text}")
    click.echo("It is shown only now and has to be changed at the first login.")
