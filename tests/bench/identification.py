"""Does finding a customer by his number take longer where there are a thousand times as many?"""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from ivr.bootstrap import Application
from ivr.callflow.requests import IdentifyCaller
from ivr.services.context import Context
from ivr.storage import migrate
from ivr.storage.models import Contract, ContractLocation, Customer, Location, PhoneNumber
from tests.bench.figures import Bench, Figure, median_ratio, rounds_text
from tests.wiring import quick_application

TITLE = "Identification by caller number"
LIMIT_SECONDS = 300
NEEDS_ASTERISK = False
FEW, MANY = 1_000, 1_000_000
NUMBERS_EACH = 20
"""A customer number has five digits, so a million numbers need customers with many of them."""
BATCHES, BATCH = 20, 100
STEP = 7_368_787
"""Coprime to ten million: numbers are spread over the whole range, in no order."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Batches of random numbers of both databases take turns."""
    place = bench.place("identification")
    many = bench.size(MANY, 100_000)
    sizes = {FEW: database(place / "few", FEW), many: database(place / "many", many)}
    bench.tell(f"{many} numbers are stored")
    rounds = [_round(sizes) for _ in range(bench.rounds)]
    few, large = ([each[size] * 1e6 for each in rounds] for size in sizes)
    yield Figure(
        f"Identification, {many:,} to {FEW:,} numbers".replace(",", " "),
        median_ratio(zip(large, few, strict=True)),
        1.2,
        "times",
        how=f"{BATCHES * BATCH} random numbers a round and database, each with a transaction of its "
        f"own, {NUMBERS_EACH} numbers a customer; "
        + rounds_text({f"{many}": large, f"{FEW}": few}, "µs"),
    )


def database(folder: Path, count: int) -> Application:
    """Customers with a location, a contract and twenty numbers each."""
    folder.mkdir()
    app = quick_application(folder)
    migrate.upgrade(app.storage.engine)
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA cache_size=-400000")
        _fill(connection, count)
    app.storage.engine.dispose()
    return app


def _fill(connection: Connection, count: int) -> None:
    customers = range(1, count // NUMBERS_EACH + 1)
    now = datetime.now(UTC)
    _insert(connection, Customer, [_customer(each, now) for each in customers])
    places = [{"id": each, "customer_id": each, "name": f"Place {each}"} for each in customers]
    _insert(connection, Location, places)
    starts_on = date(2026, 1, 1)
    contract = {"plan_id": "premium", "starts_on": starts_on}
    _insert(
        connection,
        Contract,
        [contract | {"id": n, "customer_id": n, "number": f"C{n}"} for n in customers],
    )
    covered = [{"contract_id": each, "location_id": each} for each in customers]
    _insert(connection, ContractLocation, covered)
    numbers = [{"number": number(n), "customer_id": n // NUMBERS_EACH + 1} for n in range(count)]
    _insert(connection, PhoneNumber, numbers)


def _insert(connection: Connection, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute(insert(model), rows)


def _customer(each: int, now: datetime) -> dict[str, Any]:
    return {
        "id": each,
        "number": f"{each:05}",
        "name": f"Customer {each}",
        "language": "de",
        "created_at": now,
    }


def number(each: int) -> str:
    return f"+4179{each * STEP % 10_000_000:07}"


def _round(sizes: dict[int, Application]) -> dict[int, float]:
    """Seconds of one identification in each database."""
    taken = dict.fromkeys(sizes, 0.0)
    for _ in range(BATCHES):
        for size, app in sizes.items():
            wanted = [number(each) for each in random.choices(range(size), k=BATCH)]
            started = time.perf_counter()
            for caller in wanted:
                _identify(app, caller)
            taken[size] += time.perf_counter() - started
    return {size: seconds / (BATCHES * BATCH) for size, seconds in taken.items()}


def _identify(app: Application, caller: str) -> None:
    with app.storage.reading() as uow:
        context = Context(uow, "call", "call", datetime.now(UTC))
        found = app.identification.identify(context, IdentifyCaller(caller))
    assert len(found.customers) == 1
