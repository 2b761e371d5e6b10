"""Stories: one data file per call, played through every back end.

A story says who calls and when, what the people do (the tokens of `pikett call --keys`), and what is
then heard, dialled, done and stored. `pikett call --story` writes one.
"""

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import delete, insert, select, update

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Prompt
from ivr.callflow.verbs import Announce
from ivr.contracts.faults import Fact, Phase
from ivr.identity.contacts import Contact as Person
from ivr.numbers.caller_id import parse_caller_id
from ivr.services.disturbances import Declared
from ivr.services.explain import Caller
from ivr.services.rehearsal import Rehearsal
from ivr.services.reports import IncomingCall, rehearsed_id
from ivr.services.script import Script, parse_script
from ivr.storage.models import (
    Call,
    Contact,
    Contract,
    Customer,
    PhoneNumber,
    RingAttempt,
    RosterEntry,
    Technician,
    WaitingCaller,
)
from tests.fakes import MONDAY_TEN
from tests.wiring import quick_application

FOLDER = Path(__file__).parent / "stories"
BACK_ENDS = ("rehearsal", "agi", "twilio")
SERIES = "story"
"""The rehearsed calls of a story know each other."""
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
    disturbances: list[dict[str, Any]] = field(default_factory=list)
    mails: dict[str, str] = field(default_factory=dict)
    before: list[dict[str, Any]] = field(default_factory=list)
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
        disturbances=document.pop("disturbances", []),
        mails=document.pop("mails", {}),
        before=document.pop("before", []),
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
        free_at = story.roster.get("free_at", {})
        for name in story.roster.get("engaged", []):
            _engage(connection, name, free_at.get(name))
        for waiting in story.roster.get("ahead", []):
            _wait_ahead(connection, **waiting)
        for phone in story.roster.get("barred", []):
            _bar(connection, phone)
    for customer, mail in story.mails.items():
        add_mail(app, customer, mail)
    for earlier in story.before:
        call_before(app, story, **earlier)
    for told in story.disturbances:
        disturb(app, **told)
    return app


def call_before(app: Application, story: Story, keys: str, **given: Any) -> None:
    """The same caller has called before, once really and once in a rehearsal.

    So many `minutes` ago; since then a technician has `taken` the ticket, or it was `closed`, maybe at
    a known instant.
    """
    minutes, taken = given.pop("minutes", 60), given.pop("taken", None)
    began = datetime.fromisoformat(story.at) - timedelta(minutes=minutes)
    for rehearsal in (False, True):
        script = Script(parse_script(keys))
        played = Rehearsal(app.calls, app.sounds, _Deaf(), script, began)
        caller = given.get("from", story.caller)
        incoming = IncomingCall(
            channel="rehearsal",
            provider_call_id=rehearsed_id(SERIES, app.ids.new()),
            caller=parse_caller_id(caller),
            raw_caller=caller,
            at=began,
            can_ring_at_once=True,
            rehearsal=rehearsal,
        )
        call_id = played.play(incoming)
        with app.storage.writing() as uow:
            number = uow.calls.get(call_id).ticket_number
            if taken and number is not None:
                app.faults.note_in(uow, number, taken, {Fact.RESPONSIBLE: taken}, None, played.now)
            if (closed := given.get("closed")) and number is not None:
                at = played.now if closed is True else datetime.fromisoformat(closed)
                app.faults.note_in(uow, number, "Anna Meier", {Fact.PHASE: Phase.CLOSED}, None, at)


class _Deaf:
    """Listens to nothing."""

    def heard(self, *_: Any) -> None: ...

    def moved(self, *_: Any) -> None: ...

    def rings(self, *_: Any) -> None: ...

    def acts(self, *_: Any) -> None: ...

    def waits(self, *_: Any) -> None: ...


def add_mail(app: Application, customer: str, email: str) -> None:
    """Somebody of the customer's has an address."""
    with app.storage.writing() as uow:
        known = uow.customers.find_credentials(customer)
        assert known is not None
        uow.contacts.add(known.customer_id, Person("Eva Roth", email=email), MONDAY_TEN)


def disturb(app: Application, since: str, ends: str | None = None, **told: Any) -> int:
    """A disturbance that was declared when it began, and may end at a known instant."""
    begun = datetime.fromisoformat(since)
    if "expected_at" in told:
        told["expected_at"] = datetime.fromisoformat(told["expected_at"])
    declared = Declared(**({"title": "Outage", "texts": {}} | told))
    number = app.disturbances.declare(declared, "lead", begun)
    if ends is not None:
        app.disturbances.end(number, datetime.fromisoformat(ends))
    return number


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


def _engage(connection: Any, name: str, free_at: str | None = None) -> None:
    """Another call has this technician on the line; its hang-up event never came.

    Once as a real call and once as a rehearsal, since neither sees the other. The lease ends at
    `free_at`, or later than any story.
    """
    until = datetime.fromisoformat(free_at) if free_at else MONDAY_TEN.replace(year=2030)
    found = select(Technician.id, Technician.number).where(Technician.name == name)
    technician_id, number = connection.execute(found).one()
    for rehearsal in (False, True):
        key = f"with{technician_id}{rehearsal}".lower()
        call = _other_call(key, rehearsal)
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
            "engaged_until": until,
        }
        connection.execute(insert(Call), call)
        connection.execute(insert(RingAttempt), attempt)


def _other_call(key: str, rehearsal: bool) -> dict[str, Any]:
    return {
        "id": key,
        "channel": "asterisk",
        "provider_call_id": key,
        "rehearsal": rehearsal,
        "received_at": MONDAY_TEN,
        "caller_raw": "",
    }


def _wait_ahead(connection: Any, customer: str, technicians: list[str]) -> None:
    """Another customer's caller waits for these technicians, and never leaves."""
    owner = select(Customer.id).where(Customer.number == customer).scalar_subquery()
    contract = connection.scalar(
        select(Contract.id).where(Contract.customer_id == owner).order_by(Contract.id)
    )
    ids = connection.scalars(select(Technician.id).where(Technician.name.in_(technicians)))
    wanted = " ".join(str(each) for each in sorted(ids))
    for rehearsal in (False, True):
        key = f"ahead{customer}{rehearsal}".lower()
        call = _other_call(key, rehearsal) | {"contract_id": contract}
        connection.execute(insert(Call), call)
        late = MONDAY_TEN.replace(year=2030)
        row = {"call_id": key, "since": MONDAY_TEN, "seen_at": late, "technicians": wanted}
        connection.execute(insert(WaitingCaller), row)


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
    if essence["type"] in ("CallerLeft", "TicketJoined") and essence.get("ticket"):
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
