"""Loading the demo data of `config/demo.yaml`, as often as one likes.

It never touches a database that holds a real customer or technician.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.contracts.agreements import AgreementKind, contract_number
from ivr.contracts.windows import PROVIDER_ZONE
from ivr.errors import ConfigurationError
from ivr.numbers.caller_id import normalise_stored_number
from ivr.services.passwords import Passwords
from ivr.services.pins import PinHasher
from ivr.storage.models import (
    Contact,
    ContactMethod,
    Contract,
    ContractLocation,
    Customer,
    Location,
    Person,
    PhoneNumber,
    RosterEntry,
    Technician,
)


def load_demo(engine: Engine, document: Mapping[str, Any], pins: PinHasher) -> int:
    """Add what is missing of the demo data; returns how many customers were added.

    Raises ConfigurationError where the database holds real data.
    """
    with Session(engine) as session, session.begin():
        _refuse_real_data(session)
        starts_on = document["contracts_start"]
        added = [
            _add_customer(session, entry, pins, starts_on)
            for entry in document["customers"]
            if not _exists(session, Customer.number == entry["number"])
        ]
        for entry in document["customers"]:
            _add_contacts(session, entry)
        for entry in document["technicians"]:
            if not _exists(session, Technician.name == entry["name"]):
                _add_technician(session, entry, document["duty"])
        _add_people(session, document["people"])
    return len(added)


@dataclass(frozen=True, slots=True)
class DemoCaller:
    """A number of a demo customer, to be chosen on a page."""

    customer_number: str
    name: str
    language: str
    plan_ids: str
    phone: str


def list_demo_callers(engine: Engine) -> list[DemoCaller]:
    """Every number of every demo customer; real customers are never listed."""
    query = (
        select(Customer.number, Customer.name, Customer.language, Customer.id, PhoneNumber.number)
        .join(PhoneNumber, PhoneNumber.customer_id == Customer.id)
        .where(Customer.demo.is_(True))
        .order_by(Customer.number, PhoneNumber.id)
    )
    with Session(engine) as session:
        plans: dict[int, set[str]] = {}
        named = select(Contract.customer_id, Contract.plan_id).where(Contract.plan_id.is_not(None))
        for customer_id, plan_id in session.execute(named):
            plans.setdefault(customer_id, set()).add(str(plan_id))
        return [
            DemoCaller(number, name, language, ", ".join(sorted(plans.get(key, ()))), phone)
            for number, name, language, key, phone in session.execute(query)
        ]


def _refuse_real_data(session: Session) -> None:
    models: list[type[Customer | Technician | Person]] = [Customer, Technician]
    if not _exists(session, Customer.demo.is_(True)):
        models.append(Person)  # somebody who was added to a demonstration is welcome
    for model in models:
        if _exists(session, model.demo.is_(False)):
            raise ConfigurationError(
                f"demo: this database holds a real {model.__tablename__}; the demo data was not "
                "loaded. Use another PIKETT_DATA_DIR or PIKETT_DATABASE_URL for a demonstration."
            )


def _exists(session: Session, condition: Any) -> bool:
    return session.scalar(select(1).where(condition).limit(1)) is not None


def _add_customer(
    session: Session, entry: Mapping[str, Any], pins: PinHasher, starts_on: date
) -> Customer:
    customer = Customer(
        number=entry["number"],
        name=entry["name"],
        language=entry["language"],
        pepper_version=pins.current_version,
        demo=True,
        created_at=datetime.now(UTC),
    )
    session.add(customer)
    session.flush()
    customer.pin_hash = pins.hash(customer.id, entry["pin"])
    _add_phones(session, entry["phones"], customer.id, None)
    for place in entry["locations"]:
        _add_location(session, place, customer, starts_on)
    return customer


def _add_contacts(session: Session, entry: Mapping[str, Any]) -> None:
    """Also to a demo customer who was there before demo customers had any."""
    query = select(Customer).where(Customer.number == entry["number"], Customer.demo.is_(True))
    for customer in session.scalars(query):
        for each in entry.get("contacts", ()):
            same = (Contact.customer_id == customer.id) & (Contact.name == each["name"])
            if not _exists(session, same):
                now = datetime.now(UTC)
                new = Contact(customer_id=customer.id, may_order=True, created_at=now, **each)
                session.add(new)


def _add_location(
    session: Session, place: Mapping[str, Any], customer: Customer, starts_on: date
) -> None:
    location = Location(customer_id=customer.id, name=place["name"])
    contract = Contract(
        customer_id=customer.id,
        number=_free_number(session, customer.number),
        plan_id=place["plan"],
        starts_on=starts_on,
    )
    session.add_all([location, contract])
    session.flush()
    session.add(ContractLocation(contract_id=contract.id, location_id=location.id))
    _add_phones(session, place.get("phones", []), customer.id, location.id)


def _free_number(session: Session, customer_number: str) -> str:
    """`CLA-11001-1`, or the next one that is free."""
    numbers = (contract_number(AgreementKind.CLA, customer_number, each) for each in count(1))
    return next(each for each in numbers if not _exists(session, Contract.number == each))


def _add_phones(
    session: Session, phones: list[str], customer_id: int, location_id: int | None
) -> None:
    for text in phones:
        number = normalise_stored_number(text)
        if number is None:
            raise ConfigurationError(f"demo: {text!r} is not a telephone number")
        session.add(PhoneNumber(customer_id=customer_id, location_id=location_id, number=number))


def _add_people(session: Session, document: Mapping[str, Any]) -> None:
    """Their password is known to everybody; it is worth nothing where something is real."""
    new = [
        entry
        for entry in document["logins"]
        if not _exists(session, Person.login == entry["login"])
    ]
    hashed = Passwords().hash(document["password"]) if new else ""
    for entry in new:
        named = select(Technician.id).where(Technician.name == entry.get("technician"))
        person = Person(
            login=entry["login"],
            name=entry["name"],
            role=entry["role"],
            language=entry["language"],
            technician_id=session.scalar(named.limit(1)),
            password_hash=hashed,
            demo=True,
            created_at=datetime.now(UTC),
        )
        session.add(person)


def _add_technician(session: Session, entry: Mapping[str, Any], duty: Mapping[str, Any]) -> None:
    technician = Technician(
        name=entry["name"],
        number=normalise_stored_number(entry["number"]) or entry["number"],
        email=entry["email"],
        language=entry["language"],
        demo=True,
    )
    session.add(technician)
    session.flush()
    session.add(_checked_phone(technician, duty))
    session.add(
        RosterEntry(
            technician_id=technician.id,
            level=entry["level"],
            rank=entry.get("rank", 1),
            starts_at=datetime.combine(duty["from"], time(0), PROVIDER_ZONE),
            ends_at=datetime.combine(duty["to"], time(0), PROVIDER_ZONE),
        )
    )


def _checked_phone(technician: Technician, duty: Mapping[str, Any]) -> ContactMethod:
    """Else the roster would ask for a test call of a number that is nobody's."""
    return ContactMethod(
        technician_id=technician.id,
        kind="phone",
        address=technician.number,
        position=0,
        delay_seconds=0,
        verified_at=datetime.combine(duty["from"], time(0), PROVIDER_ZONE),
    )
