"""Monitoring systems that send alerts to the application, and what came of it."""

import json
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from ivr.alerts.event import SourceKind
from ivr.alerts.reading import read_alerts
from ivr.bootstrap import Application
from ivr.services.alerts import Taken
from ivr.storage.models import Alert, AlertCase, Escalation, OutboxMail, Ticket

NAME = "probe"


class Source:
    """A source of its own kind, added to the application; `send` goes past the web."""

    def __init__(self, app: Application, name: str = NAME, **given: Any) -> None:
        kind = given.pop("kind", SourceKind.GENERIC)
        self.app, self.name = app, name
        self.key = app.alert_sources.add(name, kind, app.clock.now(), **given)

    def send(self, *alerts: dict[str, Any]) -> Taken:
        return self._take({"alerts": alerts})

    def event(self, number: str, value: str) -> Taken:
        """As Zabbix tells it."""
        return self._take({"event_id": number, "value": value, "name": "Down"})

    def _take(self, payload: dict[str, Any]) -> Taken:
        with self.app.storage.reading() as uow:
            record = uow.alerts.find_source(self.name)
        assert record is not None
        reading = read_alerts(record.kind, json.dumps(payload).encode(), record.name)
        return self.app.alerts.take(record, reading, self.app.clock.now())

    def fire(self, key: str, fault_class: str = "major", **more: Any) -> Taken:
        return self.send(alert(key, fault_class, **more))

    def resolve(self, *keys: str) -> Taken:
        return self.send(*[{"key": key, "status": "resolved"} for key in keys])

    def post(
        self, client: FlaskClient, payload: Any = None, key: str | None = None, **given: Any
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        given = {"headers": headers, "json": payload or alert("a")} | given
        return client.post(f"/alerts/{self.name}", **given)


def alert(key: str, fault_class: str = "major", **more: Any) -> dict[str, Any]:
    return {"key": key, "class": fault_class, "title": f"{key} is down"} | more


def cases(app: Application) -> list[tuple[str, int, bool, str | None]]:
    """Title, number of alerts, whether it rang, and why it is over; oldest first."""
    query = select(
        AlertCase.title, AlertCase.count, AlertCase.ticket_number, AlertCase.close_reason
    ).order_by(AlertCase.id)
    return [
        (title, count, ticket is not None, over) for title, count, ticket, over in rows(app, query)
    ]


def open_cases(app: Application) -> list[tuple[str, int]]:
    """Title and number of alerts of the cases somebody is called for now."""
    return [(title, count) for title, count, _, over in cases(app) if over is None]


def escalations(app: Application) -> list[str]:
    """How they stand, oldest first."""
    return [state for (state,) in rows(app, select(Escalation.state).order_by(Escalation.id))]


def tickets(app: Application) -> list[tuple[str, int | None]]:
    """Kind and customer."""
    query = select(Ticket.kind, Ticket.customer_id).order_by(Ticket.number)
    return [tuple(row) for row in rows(app, query)]  # type: ignore[misc]


def mails(app: Application) -> list[str]:
    """Subjects."""
    return [each for (each,) in rows(app, select(OutboxMail.subject).order_by(OutboxMail.id))]


def alerts_in(app: Application) -> list[tuple[str, int, bool]]:
    """Key, how often it was reported, whether it fires."""
    query = select(Alert.key, Alert.times, Alert.resolved_at).order_by(Alert.id)
    return [(key, times, over is None) for key, times, over in rows(app, query)]


def rows(app: Application, query: Any) -> Any:
    with app.storage.engine.connect() as connection:
        return connection.execute(query).all()
