"""From the end of the time to withdraw to the INVITE at the technician's telephone."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.ordering import WITHDRAWAL_TIME
from ivr.storage.models import Consent, RingAttempt
from tests.bench.exchange import ENGAGED_SECONDS, make_real_calls, open_office
from tests.bench.figures import Bench, Figure, percentile
from tests.bench.surroundings import (
    Shifts,
    demo_application,
    on_duty,
    results,
    upkeep,
)

TITLE = "End of the withdrawal time to INVITE"
LIMIT_SECONDS = 400
NEEDS_ASTERISK = True
RATE = 10.0
BOUND_MS = 300

_INVITE = re.compile(r"INVITE sip:(\+\d+)@")


def measure(bench: Bench) -> Iterator[Figure]:
    """Every order of a crowd of callers, by the clock of this machine."""
    place = bench.place("invite")
    app = demo_application(place, bench.demo, 0.2)
    calls = bench.size(600, 100)
    shifts = Shifts(RATE, ENGAGED_SECONDS, calls / RATE + 60, calls=1, people=6)
    with open_office(place, app) as office, upkeep(app, place), on_duty(app, shifts):
        bench.facts["Asterisk"] = office.asterisk.version
        make_real_calls(office, "calls", calls, RATE)
    assert results(app) == {"bridged": calls}, results(app)
    delays = waited(app, place / "calls-lines" / "messages.csv")
    assert len(delays) == calls, f"{len(delays)} of {calls} callers could order in time"
    yield Figure(
        f"Withdrawal over to INVITE, p99 at {RATE:.0f} calls a second",
        percentile(delays, 99),
        BOUND_MS,
        "ms",
        how=f"{calls} SIPp calls; five seconds after the stored end of the notice, to the first INVITE "
        f"of the call that the technician's SIPp read; median {percentile(delays, 50):.0f} ms, "
        f"longest {max(delays):.0f} ms; the mail worker runs as well",
    )


def waited(app: Application, messages: Path) -> list[float]:
    """Milliseconds of each order. Attempts and INVITEs of one number come in the same order."""
    invites = _invites(messages)
    query = (
        select(RingAttempt.call_id, RingAttempt.number, Consent.heard_until)
        .join(Consent, Consent.call_id == RingAttempt.call_id)
        .order_by(RingAttempt.started_at, RingAttempt.position)
    )
    first: dict[str, float] = {}
    with app.storage.engine.connect() as connection:
        for call_id, number, heard_until in connection.execute(query):
            rung = invites[number].pop(0)
            first.setdefault(call_id, _milliseconds(heard_until + WITHDRAWAL_TIME, rung))
    return list(first.values())


def _milliseconds(since: datetime, until: float) -> float:
    return (datetime.fromtimestamp(until, since.tzinfo) - since) / timedelta(milliseconds=1)


def _invites(messages: Path) -> dict[str, list[float]]:
    """Instants by number, from SIPp's log of messages; a repeated INVITE is not another one."""
    seen: set[str] = set()
    found: dict[str, list[float]] = defaultdict(list)
    with messages.open() as file:
        for row in csv.reader(file, delimiter="\t"):
            invite = _INVITE.search(row[-1])
            if invite and row[4] not in seen:
                seen.add(row[4])
                found[invite[1]].append(float(row[2]))
    return found
