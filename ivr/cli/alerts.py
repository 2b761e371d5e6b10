"""`pikett alerts`: monitoring systems, what they report, and maintenance."""

import json
from datetime import datetime

import click

from ivr.alerts.event import SourceKind
from ivr.bootstrap import Application
from ivr.cli.common import migrated_application, moment_at
from ivr.contracts.windows import local_time
from ivr.errors import ConfigurationError
from ivr.services.alert_records import AlertRecord
from ivr.services.listing import ListQuery

BY = "command line"
MAX_ROWS = 1000


@click.group()
def alerts() -> None:
    """Alerts of monitoring systems: where they come from, what fires, maintenance.

    \b
    Examples:
      pikett alerts source add prometheus --kind alertmanager --heartbeat 300
      pikett alerts list
      pikett alerts maintenance add prometheus --until "2026-11-23T06:00"
    """


@alerts.group()
def source() -> None:
    """Who may send alerts.

    \b
    Examples:
      pikett alerts source add zabbix --kind zabbix
      pikett alerts source list
    """


@source.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in SourceKind]),
    required=True,
    help="What it sends; see docs/alerts.md.",
)
@click.option("--heartbeat", type=int, help="Silent for so many seconds, it is an alert itself.")
@click.option("--customer", help="The number of the customer whose own monitoring it is.")
@click.option("--service", "services", multiple=True, help="What all its alerts are about.")
@click.option("--key-in-path", is_flag=True, help="For senders that can set no header.")
def add(
    name: str,
    kind: str,
    heartbeat: int | None,
    customer: str | None,
    services: tuple[str, ...],
    key_in_path: bool,
) -> None:
    """Add the source NAME and show its key, this once.

    \b
    Examples:
      pikett alerts source add prometheus --kind alertmanager --heartbeat 300
      pikett alerts source add alpine --kind generic --customer 11004
    """
    app = migrated_application("error")
    key = app.alert_sources.add(
        name,
        SourceKind(kind),
        app.clock.now(),
        key_in_path=key_in_path,
        heartbeat=heartbeat,
        customer=customer,
        services=services,
    )
    _tell_key(app, name, key, in_path=key_in_path)


@source.command(name="list")
def list_sources() -> None:
    """All sources, and when each was heard last.

    \b
    Example:
      pikett alerts source list
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        found = uow.alerts.list_sources()
    for each in found:
        facts = [each.kind, f"heard {_wall(each.seen_at)}"]
        facts += [f"heartbeat {each.heartbeat_seconds} s"] if each.heartbeat_seconds else []
        facts += [f"customer {each.customer}"] if each.customer else []
        facts += [f"services {', '.join(each.services)}"] if each.services else []
        facts += ["key in path"] if each.key_in_path else []
        click.echo(f"{each.name}: {', '.join(facts)}")


@source.command()
@click.argument("name")
def rotate(name: str) -> None:
    """Give NAME a new key; the old one opens nothing any more.

    \b
    Example:
      pikett alerts source rotate prometheus
    """
    app = migrated_application("error")
    key = app.alert_sources.rotate(name)
    with app.storage.reading() as uow:
        found = uow.alerts.find_source(name)
    _tell_key(app, name, key, in_path=found is not None and found.key_in_path)


@source.command()
@click.argument("name")
def remove(name: str) -> None:
    """NAME may send nothing any more; its alerts stay, and call nobody any more.

    \b
    Example:
      pikett alerts source remove prometheus
    """
    app = migrated_application("error")
    app.alert_sources.remove(name, app.clock.now())
    click.echo(f"{name} is removed.")


@alerts.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Resolved ones too.")
@click.option("--search", default="", help="Source, title or key.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def list_alerts(everything: bool, search: str, as_json: bool) -> None:
    """What fires, the newest first.

    \b
    Example:
      pikett alerts list --search mail
    """
    app = migrated_application("error")
    state = {"state": "all" if everything else "firing"}
    query = ListQuery(search, state, "at", descending=True, size=MAX_ROWS)
    with app.storage.reading() as uow:
        found = uow.alerts.page(query)
    for each in found.rows:
        click.echo(_json(each) if as_json else _line(each))
    if found.total > len(found.rows):
        click.echo(f"{found.total - len(found.rows)} more", err=True)


@alerts.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Everything about the alert NUMBER.

    \b
    Example:
      pikett alerts show 17
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        found = uow.alerts.find(number)
    if found is None:
        raise ConfigurationError(f"there is no alert {number}")
    for name, value in json.loads(_json(found)).items():
        click.echo(f"{name}: {value if value is not None else '-'}")


@alerts.command()
@click.argument("number", type=int)
def resolve(number: int) -> None:
    """The alert NUMBER is over; with its last alert the calls for a case end.

    \b
    Example:
      pikett alerts resolve 17
    """
    app = migrated_application("error")
    if not app.alerts.resolve(number, BY, app.clock.now()):
        raise ConfigurationError(f"there is no alert {number} that fires")
    click.echo(f"Alert {number} is resolved.")


@alerts.group()
def maintenance() -> None:
    """Times in which alerts of a source ring nobody. What still fires at the end rings then.

    \b
    Examples:
      pikett alerts maintenance add prometheus --until "2026-11-23T06:00" --label job=backup
      pikett alerts maintenance list
    """


@maintenance.command(name="add")
@click.argument("name")
@click.option("--from", "begins", help="Local time; without it now.")
@click.option("--until", "ends", required=True, help="Local time.")
@click.option("--label", "labels", multiple=True, help="Only alerts with this, NAME=VALUE.")
@click.option("--reason", default="", help="What is done.")
def add_window(
    name: str, begins: str | None, ends: str, labels: tuple[str, ...], reason: str
) -> None:
    """Alerts of the source NAME ring nobody meanwhile.

    \b
    Example:
      pikett alerts maintenance add prometheus --until "2026-11-23T06:00" --label job=backup
    """
    app = migrated_application("error")
    now = app.clock.now()
    named = dict(_label(each) for each in labels)
    start, end = moment_at(begins, now), moment_at(ends, now)
    number = app.alert_sources.add_maintenance(name, named, reason, start, end, BY, now)
    click.echo(f"Maintenance {number} of {name}: {_wall(start)} to {_wall(end)}.")


@maintenance.command(name="list")
def list_windows() -> None:
    """Windows that go on or are to come.

    \b
    Example:
      pikett alerts maintenance list
    """
    app = migrated_application("error")
    with app.storage.reading() as uow:
        found = uow.alerts.list_maintenance(app.clock.now())
    for each in found:
        labels = " ".join(f"{name}={value}" for name, value in each.labels.items())
        told = " ".join(part for part in (labels, each.reason) if part)
        times = f"{_wall(each.starts_at)} to {_wall(each.ends_at)}"
        click.echo(f"{each.id} {each.source}: {times} {told}".rstrip())


@maintenance.command(name="end")
@click.argument("number", type=int)
def end_window(number: int) -> None:
    """End the window NUMBER now.

    \b
    Example:
      pikett alerts maintenance end 3
    """
    app = migrated_application("error")
    if not app.alert_sources.end_maintenance(number, app.clock.now()):
        raise ConfigurationError(f"there is no maintenance {number} that is not over")
    click.echo(f"Maintenance {number} is over.")


def _tell_key(app: Application, name: str, key: str, *, in_path: bool) -> None:
    address = f"{app.settings.public_url}/alerts/{name}"
    click.echo(f"The key of {name} is {key}")
    click.echo(f"It is shown only now. Alerts go to {address}{'/KEY' if in_path else ''}")


def _label(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not name.strip() or not mark:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--label")
    return name.strip(), value.strip()


def _line(alert: AlertRecord) -> str:
    state = "resolved" if alert.resolved_at else "held" if alert.held_until else "firing"
    ticket = f", ticket {alert.ticket_number}" if alert.ticket_number else ""
    told = f"{alert.fault_class}, {state}, {alert.times} times{ticket}"
    return f"{alert.id} {_wall(alert.first_at)} {alert.source}: {alert.title} ({told})"


def _json(alert: AlertRecord) -> str:
    fields = {name: getattr(alert, name) for name in AlertRecord.__dataclass_fields__}
    return json.dumps(fields, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _wall(at: datetime) -> str:
    return f"{local_time(at):%Y-%m-%d %H:%M}"
