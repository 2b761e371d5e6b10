"""What an outage needs: customers of every plan, two technicians, and a disturbance that touches all."""

from typing import Any

from sqlalchemy import delete, insert, select

from ivr.bootstrap import Application
from ivr.storage.models import (
    Call,
    Contact,
    Contract,
    ContractLocation,
    Customer,
    InformMe,
    Location,
    PhoneNumber,
    RosterEntry,
)
from tests.fakes import MONDAY_TEN
from tests.story import disturb

PLANS = ("premium", "pro_plus", "pro", "basic_plus", "basic")
SINCE = "2026-11-23T09:52:00+01:00"
EXPECTED = "2026-11-23T12:30:00+01:00"


def caller_number(each: int) -> str:
    return f"+4144300{each:04}"


def has_address(each: int) -> bool:
    return each % 7 != 0


def subscribe(app: Application, number: int) -> None:
    """Customers with a plan, a number and mostly an address; see `outage`."""
    with app.storage.engine.begin() as connection:
        for each in range(number):
            connection.execute(
                insert(Customer),
                {
                    "id": 1000 + each,
                    "number": f"{20000 + each}",
                    "name": f"Firma {each}",
                    "language": ("de", "fr", "it", "en")[each % 4],
                    "demo": True,
                    "created_at": MONDAY_TEN,
                },
            )
            place = {"id": 1000 + each, "customer_id": 1000 + each, "name": "Baden"}
            connection.execute(insert(Location), place)
            phone = {"customer_id": 1000 + each, "number": caller_number(each)}
            connection.execute(insert(PhoneNumber), phone)
            connection.execute(insert(Contract), _contract(each))
            covered = {"contract_id": 1000 + each, "location_id": 1000 + each}
            connection.execute(insert(ContractLocation), covered)
            if has_address(each):
                mail = {"customer_id": 1000 + each, "name": "Eva", "email": f"e{each}@example.ch"}
                connection.execute(
                    insert(Contact), mail | {"may_order": True, "created_at": MONDAY_TEN}
                )


def _contract(each: int) -> dict[str, Any]:
    return {
        "id": 1000 + each,
        "customer_id": 1000 + each,
        "number": f"C{each}",
        "version": 1,
        "kind": "cla",
        "plan_id": PLANS[each % len(PLANS)],
        "starts_on": MONDAY_TEN.date().replace(month=1),
    }


def two_technicians(app: Application) -> None:
    with app.storage.engine.begin() as connection:
        connection.execute(delete(RosterEntry).where(RosterEntry.technician_id == 3))


def declare(app: Application) -> int:
    texts = {"de": "Internet in Baden", "fr": "Internet à Baden", "it": "Internet a Baden"}
    texts |= {"en": "Internet in Baden"}
    return disturb(app, SINCE, scopes=["all"], texts=texts, expected_at=EXPECTED)


def end_of(app: Application, call_id: str) -> str:
    """What came of a call: told, bridged, ticket, hung up, or nothing at all, which is lost."""
    with app.storage.engine.connect() as connection:
        row = connection.execute(
            select(Call.result, Call.ticket_number, Call.ended_at).where(Call.id == call_id)
        ).one()
        wish = select(InformMe.id).where(InformMe.call_id == call_id)
        has_wish = connection.execute(wish).first() is not None
    if row.ended_at is None or has_wish != (row.result == "informed"):
        return "lost"
    if row.result in ("informed", "bridged"):
        return "told" if has_wish else "bridged"
    if row.ticket_number is not None:
        return "ticket"
    return "hung up" if row.result == "abandoned" else "lost"
