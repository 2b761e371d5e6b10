"""How accounts are shown: as a table in the customer's language, and as JSON for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ivr import resources
from ivr.contracts.ledgers import Standing
from ivr.contracts.lines import Line, exported_totals
from ivr.contracts.money import amount_text, rate_text
from ivr.contracts.windows import local_time
from ivr.services.account_records import AccountRecord, ExportedAccount, Work
from ivr.services.accounts import TicketAccount


@dataclass(frozen=True, slots=True)
class Words:
    """The words of accounts in one language, `prompts/account.yaml`."""

    texts: Mapping[str, str]

    def line(self, line: Line) -> str:
        """What a line is for."""
        return self.texts[line.text]

    def quantity(self, line: Line) -> str:
        """`1 ticket`, `30 minutes`."""
        name = f"one_{line.unit}" if line.quantity == 1 else f"{line.unit}s"
        return f"{line.quantity} {self.texts[name]}"

    def say(self, key: str, **values: object) -> str:
        """Any other text, its values filled in."""
        return self.texts[key].format(**values)


@cache
def words(language: str) -> Words:
    """The words of a language."""
    document = resources.load_yaml(resources.folder("prompts") / "account.yaml")
    return Words(document[language])


def table(record: AccountRecord, spoken: Words) -> str:
    """An account for people."""
    title = spoken.say(record.document, ticket=record.ticket_number)
    totals = record.account.totals
    if totals is None:
        return f"{title}\n{spoken.say('decision_required')}"
    rows = [_row("", *(spoken.say(name) for name in ("net", "vat_rate", "vat", "gross")))]
    rows += [_line(line, spoken) for line in record.account.lines]
    sums = (amount_text(totals.net), "", amount_text(totals.vat), amount_text(totals.gross))
    rows.append(_row(spoken.say("total", currency=totals.currency), *sums))
    if (decision := record.decision) is not None:
        rows.append(spoken.say("decided", person=decision.person, reason=decision.reason))
    return "\n".join([title, *rows])


def _line(line: Line, spoken: Words) -> str:
    price = line.price
    net, vat, gross = (amount_text(sum_) for sum_ in (price.net, price.vat, price.gross))
    what = f"{spoken.line(line)}, {spoken.quantity(line)}"
    return _row(what, net, rate_text(price.vat_rate), vat, gross)


def _row(what: str, net: str, rate: str, vat: str, gross: str) -> str:
    return f"{what:<64}{net:>10}{rate:>8}{vat:>10}{gross:>11}"


def plain(record: AccountRecord, spoken: Words) -> dict[str, Any]:
    """An account as JSON values."""
    decision = record.decision
    return {
        "document": str(record.document),
        "ticket": record.ticket_number,
        "closed_at": local_time(record.closed_at).isoformat(),
        "cause": str(record.cause),
        "billed_as": str(record.billed_as) if record.billed_as.decides else None,
        "reason": decision.reason if decision else None,
        "person": decision.person if decision else None,
        "signed_on": record.signed_on.isoformat() if record.signed_on else None,
        "tariffs_sha256": record.tariffs_sha256,
        "decision_required": record.account.decision_required,
        "free_units_used": record.account.free_units_used,
        "package_minutes_used": record.account.package_minutes_used,
        "lines": [line.exported() | {"words": spoken.line(line)} for line in record.account.lines],
        "totals": exported_totals(record.account.totals),
    }


def plain_export(exported: ExportedAccount, spoken: Words) -> dict[str, Any]:
    """An account as a billing system gets it."""
    return {
        "customer": {"number": exported.customer_number, "name": exported.customer_name},
        "ticket_kind": exported.ticket_kind,
        "ordered_at": local_time(exported.ordered_at).isoformat(),
        **plain(exported.record, spoken),
    }


def plain_ticket(found: TicketAccount, spoken: Words) -> dict[str, Any]:
    """All about a ticket's account."""
    ticket = found.ticket
    return {
        "ticket": ticket.number,
        "kind": ticket.kind,
        "customer": ticket.customer_number,
        "plan": ticket.plan_id,
        "cause": found.cause,
        "work": [plain_work(work) for work in found.work],
        "account": plain(found.closed, spoken) if found.closed else None,
        "credit_note": plain(found.credit, spoken) if found.credit else None,
    }


def plain_work(work: Work) -> dict[str, Any]:
    """Work as JSON values."""
    return {
        "by": work.span.person,
        "from": local_time(work.span.start).isoformat(),
        "minutes": work.span.minutes,
        "mode": str(work.mode),
        "category": str(work.category),
        "material": work.material,
    }


def plain_standing(standing: Standing) -> dict[str, int]:
    """A ledger as JSON values."""
    return {
        "granted": standing.granted,
        "consumed": standing.consumed,
        "expired": standing.expired,
        "balance": standing.balance,
    }
