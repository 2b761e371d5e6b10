"""Stories: one data file per call, played through every back end.

A story says who calls and when, what the people do (the tokens of `pikett call --keys`), and what is
then heard, dialled, done and stored. `pikett call --story` writes one.
"""

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import delete, insert, select, update

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Prompt
from ivr.callflow.verbs import Announce
from ivr.services.explain import Caller
from ivr.storage.models import Call, Contact, PhoneNumber, RingAttempt, RosterEntry, Technician
from tests.fakes import MONDAY_TEN
from tests.wiring import quick_application

FOLDER = Path(__file__).parent / "stories"
BACK_ENDS = ("rehearsal", "agi", "twilio")
TECHNICIAN_LINES = {"Anna Meier": "9001", "Luca Bernasconi": "9002", "Chloé Favre": "9003"}


@dataclass(frozen=True)
class Story:
    """One story file."""

    name: str
    title: str
    caller: str
    at: str
    keys: str
    expected: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    roster: dict[str, Any] = field(default_factory=dict)
    tariffs: dict[str, Any] = field(default_factory=dict)
    notice: str = ""
    back_ends: tuple[str, ...] = BACK_ENDS
    real: bool = False

    def __str__(self) -> str:
        return self.name


EXPECTED = ("steps", "did", "attempts", "result", "ticket")


def load_story(path: Path) -> Story:
    """Read a story file; anything it should not have is an error."""
    document = yaml.safe_load(path.read_text())
    expected = {name: document.pop(name) for name in EXPECTED}
    story = Story(
        name=path.stem,
        title=document.pop("story"),
        caller=document.pop("from"),
        at=document.pop("at"),
        keys=document.pop("keys"),
        expected=expected,
        settings=document.pop("settings", {}),
        roster=document.pop("roster", {}),
        tariffs=document.pop("tariffs", {}),
        notice=document.pop("notice", ""),
        back_ends=tuple(document.pop("back_ends", BACK_ENDS)),
        real=document.pop("real", False),
    )
    assert not document, f"{path.name}: unknown {sorted(document)}"
    return story


STORIES = [load_story(path) for path in sorted(FOLDER.glob("*.yaml"))]


def prepare(story: Story, folder: Path, **given: Any) -> Application:
    """The application in the state in which the story begins."""
    if story.tariffs:
        given["config_dir"] = own_prices(
            folder / "config", story.settings["tariffs"], story.tariffs
        )
    app = quick_application(folder, **(story.settings | given))
    with app.storage.engine.begin() as connection:
        if story.roster.get("nobody"):
            connection.execute(delete(RosterEntry))
        for name, number in story.roster.get("numbers", {}).items():
            connection.execute(
                update(Technician).where(Technician.name == name).values(number=number)
            )
        for name in story.roster.get("engaged", []):
            _engage(connection, name)
        for phone in story.roster.get("barred", []):
            _bar(connection, phone)
    return app


def own_prices(folder: Path, tariffs: str, changes: dict[str, Any]) -> Path:
    """The configuration with changed prices, such as `fast_lane.price: null`."""
    shutil.copytree(resources.folder("config"), folder, dirs_exist_ok=True)
    file = folder / tariffs
    prices = yaml.safe_load(file.read_text())
    for path, value in changes.items():
        *parts, last = path.split(".")
        entry = prices
        for part in parts:
            entry = entry[part]
        entry[last] = value
    file.write_text(yaml.safe_dump(prices))
    return folder


def notice_for(app: Application, number: str, at: datetime) -> tuple[Prompt, ...]:
    """The notice that the customer with this number would hear."""
    with app.storage.reading() as uow:
        return app.explain.explain(uow, Caller(number=number), at).notice


def _bar(connection: Any, phone: str) -> None:
    """The caller's number is a contact's who may not order."""
    customer_id = select(PhoneNumber.customer_id).where(PhoneNumber.number == phone).limit(1)
    barred = {"name": "Apprentice", "phone": phone, "may_order": False, "created_at": MONDAY_TEN}
    customer = connection.execute(customer_id).scalar_one()
    connection.execute(insert(Contact), barred | {"customer_id": customer})


def _engage(connection: Any, name: str) -> None:
    """Another call has this technician on the line; its hang-up event never came.

    Once as a real call and once as a rehearsal, since neither sees the other.
    """
    found = select(Technician.id, Technician.number).where(Technician.name == name)
    technician_id, number = connection.execute(found).one()
    for rehearsal in (False, True):
        key = f"other{rehearsal}".lower()
        call = {
            "id": key,
            "channel": "asterisk",
            "provider_call_id": key,
            "rehearsal": rehearsal,
            "received_at": MONDAY_TEN,
            "caller_raw": "",
        }
        attempt = {
            "id": f"{key}attempt",
            "call_id": key,
            "position": 1,
            "technician_id": technician_id,
            "name": name,
            "level": "on_duty",
            "number": number,
            "language": "de",
            "accept": "key",
            "ring_seconds": 25,
            "started_at": MONDAY_TEN,
            "result": "accepted",
            "engaged_until": MONDAY_TEN.replace(year=2030),
        }
        connection.execute(insert(Call), call)
        connection.execute(insert(RingAttempt), attempt)


KEPT = ("type", "digits", "outcome", "complete", "bridged", "ended_by", "number", "ticket")
Log = dict[str, list[tuple[Any, ...]]]


def event_log(app: Application, call_id: str) -> Log:
    """What happened, leg by leg; instants, seconds and ids aside.

    What follows a bridge on the technician's own leg is Asterisk's alone and not part of a story.
    """
    with app.storage.reading() as uow:
        turns = uow.calls.list_turns(call_id)
        attempts = uow.attempts.list_of(call_id)
    names = {attempt.id: f"leg {attempt.position}" for attempt in attempts} | {call_id: "caller"}
    log: Log = {}
    for turn in turns:
        for entry in turn.log:
            line = (entry.state, _essence(entry.event), entry.next, *entry.did)
            if turn.leg_id in names:
                log.setdefault(names[turn.leg_id], []).append(line)
    return log


def _essence(event: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    essence = {name: event[name] for name in KEPT if name in event}
    if essence["type"] == "TicketOpened":
        del essence["number"]
    if essence["type"] == "CallerLeft" and essence.get("ticket"):
        essence["ticket"] = True
    if "customers" in event:
        essence["customers"] = tuple(customer["number"] for customer in event["customers"])
    if "customer" in event:
        essence["customer"] = event["customer"]["number"]
    if "window" in event:
        essence["open"] = event["window"]["open"]
        essence["offer"] = event["conditions"].get("offer")
    if "legs" in event:
        essence["legs"] = tuple(leg["number"] for leg in event["legs"])
    return tuple(sorted(essence.items()))


def notice_text(app: Application, call_id: str) -> str:
    """The words of the last notice that was announced in a call."""
    with app.storage.reading() as uow:
        turns = uow.calls.list_turns(call_id)
    notices = [verb for turn in turns for verb in turn.verbs if isinstance(verb, Announce)]
    return " ".join(app.catalogue.text(prompt) for prompt in notices[-1].prompts)


def attempt_results(app: Application, call_id: str) -> list[str]:
    """How each ring attempt ended, in ringing order."""
    with app.storage.reading() as uow:
        return [str(attempt.result) for attempt in uow.attempts.list_of(call_id)]


def outcome(app: Application, call_id: str) -> tuple[str | None, bool, str]:
    """Result, whether there is a ticket, order state."""
    with app.storage.reading() as uow:
        summary = uow.calls.summary(call_id)
    return summary.result, summary.ticket_number is not None, summary.order_state
