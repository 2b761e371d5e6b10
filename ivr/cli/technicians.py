"""`pikett technician`: who can be rung, and how he is reached."""

import time

import click

from ivr.bootstrap import Application
from ivr.cli.common import migrated_application
from ivr.numbers.caller_id import international
from ivr.roster.duty import Shift
from ivr.roster.walltime import Span, local
from ivr.services.people import LANGUAGES
from ivr.services.roster_store import ContactMethod, MethodKind, NewTechnician
from ivr.services.selftest_store import UNSETTLED, CheckState

POLL_SECONDS, CHECK_SECONDS = 0.5, 150

_name_argument = click.argument("name")


@click.group()
def technician() -> None:
    """Who can be rung, on which telephones, and how else he is reached.

    When somebody has duty stands in the roster: `pikett roster`. Who may log in to the pages is
    another thing: `pikett person`.

    \b
    Examples:
      pikett technician add "Petra Keller" "044 000 90 50" --email petra@example.ch
      pikett technician phone verify "Petra Keller"
      pikett technician list
    """


@technician.command()
@_name_argument
@click.argument("number")
@click.option("--email", default="", help="Tickets and alarms are mailed there.")
@click.option("--language", type=click.Choice(LANGUAGES), default="de", help="Spoken to him.")
def add(name: str, number: str, email: str, language: str) -> None:
    """Somebody who can be rung on NUMBER: E.164, national, or an extension of the settings.

    \b
    Example:
      pikett technician add "Petra Keller" "044 000 90 50" --email petra@example.ch
    """
    app = migrated_application("error")
    added = app.technicians.add(NewTechnician(name, number, email, language), None, app.clock.now())
    click.echo(f"{name} is technician {added}. Call the number, then say so:")
    click.echo(f'  pikett technician phone verify "{name}"')


@technician.command(name="list")
def list_() -> None:
    """Everybody, by name.

    \b
    Example:
      pikett technician list
    """
    app = migrated_application("error")
    checked = app.rosters.plan(app.clock.now()).members
    for each in app.technicians.list_all():
        known = [international(each.number), each.email, each.language]
        known.append("" if checked[each.id].has_verified_phone else "no telephone checked")
        known.append("disabled" if each.disabled_at else "")
        click.echo(f"{each.name}: {', '.join(word for word in known if word)}")


@technician.command()
@_name_argument
def show(name: str) -> None:
    """How NAME is reached, in order, and his next duties.

    \b
    Example:
      pikett technician show "Petra Keller"
    """
    app = migrated_application("error")
    found, methods = app.technicians.get(name)
    click.echo(f"{found.name}{', disabled' if found.disabled_at else ''}")
    for method in methods:
        click.echo(f"  {_method_line(method)}")
    now = app.clock.now()
    for shift in _own_shifts(app, found.id):
        begins = max(shift.starts_at, now)
        span = f"{local(begins):%Y-%m-%d %H:%M} to {local(shift.ends_at):%Y-%m-%d %H:%M}"
        click.echo(f"  {shift.level} {shift.rank}: {span}")


def _own_shifts(app: Application, technician_id: int) -> list[Shift]:
    now = app.clock.now()
    shifts = app.rosters.shifts(Span(now, now + app.rosters.rules.horizon), now)
    return [each for each in shifts if each.technician_id == technician_id][:10]


def _method_line(method: ContactMethod) -> str:
    checked = method.verified_at
    state = f"checked {local(checked):%Y-%m-%d}" if checked is not None else "not checked"
    delay = f", after {method.delay_seconds} s" if method.delay_seconds else ""
    number = method.kind in (MethodKind.PHONE, MethodKind.SMS)
    address = international(method.address) if number else method.address
    return f"[{method.id}] {method.kind}: {address}{delay}, {state}"


@technician.command()
@_name_argument
@click.option("--no-wait", is_flag=True, help="Do not wait for the result.")
@click.pass_context
def check(context: click.Context, name: str, *, no_wait: bool) -> None:
    """Ring NAME now: 1 confirms that the telephone reaches him. The worker places the call.

    \b
    Example:
      pikett technician check "Petra Keller"
    """
    app = migrated_application("error")
    check_id = app.readiness_watch.check(name, app.clock.now())
    state = CheckState.INTENDED if no_wait else _settled(app, check_id)
    click.echo(f"{name}: {state.replace('_', ' ')}")
    if not no_wait and state is not CheckState.CONFIRMED:
        context.exit(1)


def _settled(app: Application, check_id: str) -> CheckState:
    """How it ended; still unsettled where no worker runs."""
    ends = time.monotonic() + app.settings.readiness.ring_seconds + CHECK_SECONDS
    while True:
        found = app.readiness.find(check_id)
        if found is None or found.state not in UNSETTLED or time.monotonic() > ends:
            return found.state if found is not None else CheckState.FAILED
        time.sleep(POLL_SECONDS)


@technician.command()
@_name_argument
def disable(name: str) -> None:
    """NAME is not rung any more; duties that are his become gaps.

    \b
    Example:
      pikett technician disable "Petra Keller"
    """
    app = migrated_application("error")
    app.technicians.disable(name, None, app.clock.now())
    click.echo(f"{name} is not rung any more. Look for gaps: pikett roster gaps")


@technician.command()
@_name_argument
def enable(name: str) -> None:
    """NAME is rung again, and has the duties that the rules give him.

    \b
    Example:
      pikett technician enable "Petra Keller"
    """
    app = migrated_application("error")
    app.technicians.enable(name, None, app.clock.now())
    click.echo(f"{name} can be rung again.")


@technician.group()
def phone() -> None:
    """Telephones and other ways to reach somebody; `pikett technician show` names them by number.

    \b
    Examples:
      pikett technician phone add "Petra Keller" "044 000 90 51" --delay 30
      pikett technician phone verify "Petra Keller" 7
    """


@phone.command(name="add")
@_name_argument
@click.argument("address")
@click.option("--kind", type=click.Choice([str(kind) for kind in MethodKind]), default="phone")
@click.option("--delay", default=0, help="Seconds after the one before it.")
@click.option("--position", default=0, help="Its place in the order; without it the last.")
def add_phone(name: str, address: str, kind: str, delay: int, position: int) -> None:
    """Reach NAME on ADDRESS too: a number, an e-mail address, or a chat address of apprise.

    \b
    Examples:
      pikett technician phone add "Petra Keller" "044 000 90 51" --delay 30
      pikett technician phone add "Petra Keller" "044 000 90 51" --kind sms
    """
    app = migrated_application("error")
    wanted = ContactMethod(0, 0, MethodKind(kind), address, position, delay)
    stored = app.technicians.add_method(name, wanted, None, app.clock.now())
    click.echo(_method_line(stored))


@phone.command()
@_name_argument
@click.argument("method_id", type=int, default=0, metavar="[ID]")
def verify(name: str, method_id: int) -> None:
    """You have seen that it reaches NAME; without ID it is his own number.

    \b
    Examples:
      pikett technician phone verify "Petra Keller"
      pikett technician phone verify "Petra Keller" 7
    """
    app = migrated_application("error")
    method_id = method_id or app.technicians.get(name)[1][0].id
    stored = app.technicians.verify(name, method_id, None, app.clock.now())
    shown = international(stored.address) if stored.kind is MethodKind.PHONE else stored.address
    click.echo(f"{shown} reaches {name}.")


@phone.command()
@_name_argument
@click.argument("method_id", type=int, metavar="ID")
def remove(name: str, method_id: int) -> None:
    """NAME is not reached by this way any more.

    \b
    Example:
      pikett technician phone remove "Petra Keller" 7
    """
    app = migrated_application("error")
    app.technicians.remove_method(name, method_id, None, app.clock.now())
    click.echo("Removed.")
