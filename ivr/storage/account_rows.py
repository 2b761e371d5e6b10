"""Accounts as rows, and back: one row for the account, one for each of its lines."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from ivr.contracts.billing import Account, Cause, Decision
from ivr.contracts.lines import Line, LineKind, Totals
from ivr.contracts.money import Money, Price
from ivr.services.account_records import AccountRecord, Document
from ivr.storage import models

_ACCOUNT_WIDTH = len(models.Account.__table__.columns)
_LINE_WIDTH = len(models.AccountLine.__table__.columns)

Values = dict[str, Any]


def account_values(record: AccountRecord) -> Values:
    """The columns of `account`."""
    decision = record.decision
    return {
        "document": record.document,
        "ticket_number": record.ticket_number,
        "customer_id": record.customer_id,
        "closed_at": record.closed_at,
        "cause": record.cause,
        "decided_as": decision.billed_as if decision else None,
        "reason": decision.reason if decision else None,
        "person": decision.person if decision else None,
        "signed_on": record.signed_on,
        "tariffs_sha256": record.tariffs_sha256,
        **_total_values(record.account.totals),
    }


def _total_values(totals: Totals | None) -> Values:
    if totals is None:
        return dict.fromkeys(("net", "vat", "gross", "currency"))
    return {
        "net": totals.net.amount,
        "vat": totals.vat.amount,
        "gross": totals.gross.amount,
        "currency": totals.currency,
    }


def line_values(record: AccountRecord) -> Iterator[Values]:
    """The columns of `account_line`, without whose lines they are."""
    for position, line in enumerate(record.account.lines, 1):
        yield {
            "position": position,
            "kind": line.kind,
            "text": line.text,
            "quantity": line.quantity,
            "unit": line.unit,
            "currency": line.price.net.currency,
            "net": line.price.net.amount,
            "vat_rate": line.price.vat_rate,
            "vat": line.price.vat.amount,
            "gross": line.price.gross.amount,
        }


def stored_accounts(
    rows: Iterable[Sequence[Any]],
) -> Iterator[tuple[AccountRecord, Sequence[Any]]]:
    """Each account with its lines, and what else was asked for; all rows of one come together."""
    for _, group in groupby(rows, key=lambda row: row[0]):
        together = list(group)
        first = together[0]
        lines = tuple(
            _line(row[_ACCOUNT_WIDTH : _ACCOUNT_WIDTH + _LINE_WIDTH])
            for row in together
            if row[_ACCOUNT_WIDTH] is not None
        )
        yield _record(first[:_ACCOUNT_WIDTH], lines), first[_ACCOUNT_WIDTH + _LINE_WIDTH :]


def _record(row: Sequence[Any], lines: tuple[Line, ...]) -> AccountRecord:
    names = models.Account.__table__.columns.keys()
    found = dict(zip(names, row, strict=True))
    decided = found["decided_as"]
    return AccountRecord(
        document=Document(found["document"]),
        ticket_number=found["ticket_number"],
        customer_id=found["customer_id"],
        closed_at=found["closed_at"],
        cause=Cause(found["cause"]),
        account=Account(lines, _totals(found), *_used(lines)),
        tariffs_sha256=found["tariffs_sha256"],
        decision=Decision(Cause(decided), found["reason"], found["person"]) if decided else None,
        signed_on=found["signed_on"],
    )


def _totals(found: Values) -> Totals | None:
    if found["currency"] is None:
        return None
    net, vat, gross = (Money(found[name], found["currency"]) for name in ("net", "vat", "gross"))
    return Totals(net, vat, gross)


def _used(lines: tuple[Line, ...]) -> tuple[int, int]:
    """Free units, and minutes of hour packages: what their lines say."""
    units = sum(line.quantity for line in lines if line.kind is LineKind.FREE_UNITS)
    minutes = sum(line.quantity for line in lines if line.kind is LineKind.HOUR_PACKAGE)
    return units, minutes


def _line(row: Sequence[Any]) -> Line:
    found = dict(zip(models.AccountLine.__table__.columns.keys(), row, strict=True))
    net, vat, gross = (Money(found[name], found["currency"]) for name in ("net", "vat", "gross"))
    price = Price(net, found["vat_rate"], vat, gross)
    kind = LineKind(found["kind"])
    return Line(kind, found["text"], found["quantity"], found["unit"], price)
