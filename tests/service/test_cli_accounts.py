"""`pikett account`: work, closing, decisions, balances, upgrades, and files for a billing system."""

import csv
import io
import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import update

from ivr import resources
from ivr.bootstrap import Application
from ivr.callflow.prompts import Language
from ivr.callflow.requests import TicketKind
from ivr.contracts.lines import LineKind
from ivr.services.account_records import AccountRecord
from ivr.storage.models import Customer
from tests.fakes import MONDAY_TEN
from tests.service.admin import admin
from tests.service.conftest import contents
from tests.service.terminal import Pikett
from tests.service.ticketed import BASIC, CUSTOMER, THIRD, add_ticket, set_cause

FIXTURES = (admin,)
WORDS = yaml.safe_load((resources.folder("prompts") / "account.yaml").read_text(encoding="utf-8"))
MAY = datetime(2026, 5, 4, 8, tzinfo=UTC)
"""Before the tests run: the command asks the real clock."""
MAY_TEN = "2026-05-04T10:00"
ALWAYS = ("--from", "2026-01-01", "--to", "2099-12-31")
MANY = 600


@pytest.fixture
def ticket(app: Application) -> int:
    return add_ticket(app, at=MAY)


def worked(admin: Pikett, number: int, minutes: int = 90) -> None:
    given = ("--by", "Anna Meier", "--from", MAY_TEN, "--minutes", str(minutes))
    ended = admin("account", "work", str(number), *given)
    assert (ended.code, ended.err) == (0, "")


def close(admin: Pikett, number: int) -> Any:
    ended = admin("account", "close", str(number), "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def exported(admin: Pikett, *more: str) -> Any:
    ended = admin("account", "export", *ALWAYS, *more)
    assert (ended.code, ended.err) == (0, "")
    return json.loads(ended.out)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# One ticket ---------------------------------------------------------------------------------------


@pytest.mark.rule("A.34")
def test_work_is_recorded_and_shown(admin: Pikett, ticket: int) -> None:
    given = ("--by", " Anna  Meier", "--from", MAY_TEN, "--minutes", "45", "--mode", "on_site")
    more = ("--category", "hardware_replacement", "--material", "a  gateway")
    ended = admin("account", "work", str(ticket), *given, *more)
    assert ended.out == f"45 minutes of Anna Meier are recorded for ticket {ticket}.\n"
    assert admin("account", "show", str(ticket)).out.splitlines() == [
        f"Ticket {ticket}, order, cause: customer_environment",
        "2026-05-04 10:00  45 min  Anna Meier, on site, hardware replacement, a gateway",
        "The account is not closed.",
    ]
    shown = json.loads(admin("account", "show", str(ticket), "--json").out)
    assert shown == {
        "ticket": ticket,
        "kind": "order",
        "customer": "11005",
        "plan": "pro_plus",
        "cause": "customer_environment",
        "work": [
            {
                "by": "Anna Meier",
                "from": "2026-05-04T10:00:00+02:00",
                "minutes": 45,
                "mode": "on_site",
                "category": "hardware_replacement",
                "material": "a gateway",
            }
        ],
        "account": None,
        "credit_note": None,
    }


def test_an_account_is_closed_and_shown_in_each_language(admin: Pikett, ticket: int) -> None:
    worked(admin, ticket)
    closed = admin("account", "close", str(ticket))
    assert closed.out.splitlines() == [
        f"Abrechnung von Ticket {ticket}",
        f"{'':<64}     netto  MWST %      MWST     brutto",
        f"{'Gratis-Service-Einheiten, 4 Einheiten':<64}      0.00     8.1      0.00       0.00",
        f"{'Technischer Service, 30 Minuten':<64}     90.00     8.1      7.29      97.29",
        f"{'Total CHF':<64}     90.00              7.29      97.29",
    ]
    assert admin("account", "close", str(ticket)).out == closed.out
    for language in Language:
        shown = admin("account", "show", str(ticket), "--language", str(language)).out
        assert WORDS[language]["bill_work"] in shown
        assert WORDS[language]["minutes"] in shown


def test_an_account_for_programs(admin: Pikett, ticket: int) -> None:
    worked(admin, ticket)
    closed = close(admin, ticket)
    assert closed["totals"] == {"net": "90.00", "vat": "7.29", "gross": "97.29", "currency": "CHF"}
    assert [line["words"] for line in closed["lines"]] == [
        "Gratis-Service-Einheiten",
        "Technischer Service",
    ]
    assert (closed["free_units_used"], closed["decision_required"]) == (4, False)
    assert json.loads(admin("account", "show", str(ticket), "--json").out)["account"] == closed


@pytest.mark.rule("A.71", "K-10", "Q8")
def test_a_decision_is_asked_for_and_taken(admin: Pikett, app: Application) -> None:
    number = add_ticket(app, at=MAY, cause=THIRD)
    worked(admin, number)
    waiting = admin("account", "close", str(number))
    assert waiting.code == 0
    assert WORDS["de"]["decision_required"] in waiting.out
    assert f"pikett account decide {number}" in waiting.err
    undecided = close(admin, number)
    assert undecided["lines"] == []
    assert undecided["totals"] == {"net": None, "vat": None, "gross": None, "currency": None}
    assert (undecided["decision_required"], undecided["billed_as"]) == (True, None)
    given = ("--billed-as", "winet_basic_service", "--reason", "Goodwill.", "--by", "Eva Roth")
    decided = json.loads(admin("account", "decide", str(number), *given, "--json").out)
    assert decided["totals"]["gross"] == "0.00"
    assert (decided["reason"], decided["person"]) == ("Goodwill.", "Eva Roth")
    assert (decided["cause"], decided["billed_as"]) == (THIRD, "winet_basic_service")
    assert "Entschieden von Eva Roth: Goodwill." in admin("account", "show", str(number)).out


WORK = ("work", "1", "--by", "Anna Meier", "--minutes", "5", "--from")
DECIDE = ("decide", "1", "--billed-as", "customer_environment", "--reason")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ((*WORK, "yesterday"), "--from 'yesterday' is not an ISO 8601"),
        ((*WORK, "2026-03-29T02:30"), "the clock is put forward over it"),
        ((*WORK, MAY_TEN, "--material", "x" * 2001), "more than 2000 characters"),
        ((*WORK, MAY_TEN, "--by", " "), "must have 1 to 200 printable characters"),
        ((*WORK, MAY_TEN, "--minutes", "0"), "0 is not in the range"),
        ((*WORK, MAY_TEN, "--mode", "by_post"), "'by_post' is not one of"),
        ((*WORK, "2030-01-01T10:00"), "is not over yet"),
        ((*WORK, MAY_TEN, "--by", "Anna Maier"), "there is no technician 'Anna Maier'"),
        (("close", "0"), "0 is not in the range"),
        (("close", "999"), "there is no ticket 999"),
        (("show", "999"), "there is no ticket 999"),
        ((*DECIDE, " ", "--by", "Eva"), "must have 1 to 2000 printable characters"),
        ((*DECIDE, "x", "--by", ""), "must have 1 to 200 printable characters"),
        (("decide", "1", "--billed-as", "unknown", "--reason", "x", "--by", "y"), "not one of"),
        (("export", "--from", "2026-11-30", "--to", "2026-11-01"), "--to is before --from"),
        (("export", "--from", "November", "--to", "2026-11-01"), "'November' is not a date"),
        (("export", *ALWAYS, "--output", "/nowhere/x.csv"), "/nowhere/x.csv: No such file"),
        (("balances", "99999"), "there is no customer '99999'"),
        (("upgrade", "99999", "--signed", "2026-05-04"), "there is no customer '99999'"),
        (("upgrade", "11005", "--signed", "2098-05-04"), "in the future"),
        (
            ("grant-package", "11005", "--minutes", "0", "--lot", "A", "--bought", "2026-05-04"),
            "0 is not in the range",
        ),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(
    admin: Pikett, app: Application, command: tuple[str, ...], said: str
) -> None:
    number = add_ticket(app, at=MAY)
    before = contents(app)
    given = [str(number) if part == "1" else part for part in command]
    ended = admin("account", *given)
    assert ended.code == 2
    assert said in ended.err
    assert contents(app) == before


def test_without_a_cause_it_is_told_what_to_do(admin: Pikett, app: Application) -> None:
    number = add_ticket(app, at=MAY, cause=None)
    ended = admin("account", "close", str(number))
    assert (ended.code, ended.out) == (2, "")
    assert f"pikett ticket note {number} --by NAME --cause CAUSE" in ended.err
    set_cause(app, number, BASIC)
    assert close(admin, number)["totals"]["gross"] == "0.00"


# What is there in advance -------------------------------------------------------------------------


@pytest.mark.rule("A.47", "A.116", "Q2")
def test_balances_of_a_customer(admin: Pikett, app: Application) -> None:
    add = ("account", "grant-package", "11008", "--lot", "A-17", "--bought", "2026-05-04")
    assert (
        admin(*add, "--minutes", "600").out == "Customer 11008 has 600 minutes in hour packages.\n"
    )
    assert admin(*add, "--minutes", "600").code == 0
    assert "granted with other figures" in admin(*add, "--minutes", "60").err
    number = add_ticket(app, "11008", at=MAY)
    worked(admin, number, 20)
    assert close(admin, number)["free_units_used"] == 2
    on = ("--on", "2026-06-01")
    assert admin("account", "balances", "11008", *on).out.splitlines() == [
        "pro (Basel): 0 of 2 free units",
        "basic_plus (Geneva): 1 of 1 free units",
        "hour packages: 600 of 600 minutes",
    ]
    assert json.loads(admin("account", "balances", "11008", *on, "--json").out) == {
        "customer": "11008",
        "on": "2026-06-01",
        "free_units": [
            _standing(2, 2) | {"plan": "pro", "locations": ["Basel"]},
            _standing(1, 0) | {"plan": "basic_plus", "locations": ["Geneva"]},
        ],
        "package_minutes": _standing(600, 0),
    }


def _standing(granted: int, consumed: int) -> dict[str, Any]:
    left = granted - consumed
    return {"granted": granted, "consumed": consumed, "expired": 0, "balance": left}


@pytest.mark.rule("A.59")
def test_an_upgrade_lists_what_it_credits(admin: Pikett, app: Application) -> None:
    credited, open_ = (add_ticket(app, at=MAY, kind=TicketKind.FAST_LANE) for _ in range(2))
    close(admin, credited)
    signed = ("account", "upgrade", "11005", "--signed", "2026-05-06")
    told = admin(*signed).out
    assert f"Gutschrift zu Ticket {credited}" in told
    assert "-162.15" in told
    assert f"Ticket {open_} is credited as soon as its account is closed." in told
    assert json.loads(admin(*signed, "--json").out) == {"credit_notes": [], "waiting": [open_]}
    close(admin, open_)
    assert admin(*signed).out == "There is nothing to credit.\n"
    documents = [(each["document"], each["ticket"]) for each in exported(admin)]
    assert sorted(documents) == sorted(
        (document, number)
        for document in ("account", "credit_note")
        for number in (credited, open_)
    )


# Export -------------------------------------------------------------------------------------------


def test_the_export_as_json(admin: Pikett, ticket: int) -> None:
    assert admin("account", "export", *ALWAYS).out == "[]\n"
    worked(admin, ticket)
    closed = close(admin, ticket)
    assert exported(admin) == [
        {
            "customer": {"number": "11005", "name": "Treuhand Aare"},
            "ticket_kind": "order",
            "ordered_at": "2026-05-04T10:00:00+02:00",
            **closed,
        }
    ]
    assert exported(admin) == exported(admin)


def test_the_export_as_csv_has_a_row_per_line(admin: Pikett, app: Application) -> None:
    free, charged = add_ticket(app, at=MAY, cause=BASIC), add_ticket(app, at=MAY)
    worked(admin, charged)
    close(admin, free)
    close(admin, charged)
    text = admin("account", "export", *ALWAYS, "--format", "csv", "--language", "it").out
    found = rows(text)
    assert [(row["ticket"], row["position"], row["words"]) for row in found] == [
        (str(free), "", ""),
        (str(charged), "1", WORDS["it"]["bill_free_units"]),
        (str(charged), "2", WORDS["it"]["bill_work"]),
    ]
    last = found[-1]
    assert (last["quantity"], last["unit"], last["net"], last["vat_rate"]) == (
        "30",
        "minute",
        "90.00",
        "8.1",
    )
    assert (last["total_gross"], last["total_currency"]) == ("97.29", "CHF")
    assert found[0]["total_gross"] == "0.00"


@pytest.mark.parametrize("evil", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "'=1"])
def test_no_cell_is_a_formula_and_a_minus_stays_a_figure(
    admin: Pikett, app: Application, evil: str
) -> None:
    with app.storage.writing() as uow:
        named = update(Customer).where(Customer.number == "11005").values(name=evil)
        uow.connection.execute(named)
    number = add_ticket(app, at=MAY, cause=BASIC, kind=TicketKind.FAST_LANE)
    close(admin, number)
    found = rows(admin("account", "export", *ALWAYS, "--format", "csv").out)
    assert found[0]["customer_name"] == f"'{evil}"
    assert found[1]["net"] == "-150.00"
    assert exported(admin)[0]["customer"]["name"] == evil


def test_what_waits_for_a_decision_is_exported_when_it_is_decided(
    admin: Pikett, app: Application
) -> None:
    number = add_ticket(app, at=MAY, cause=THIRD)
    close(admin, number)
    assert exported(admin) == []
    (waiting,) = exported(admin, "--undecided")
    assert (waiting["ticket"], waiting["decision_required"]) == (number, True)
    found = rows(admin("account", "export", *ALWAYS, "--undecided", "--format", "csv").out)
    assert [(row["decision_required"], row["total_net"]) for row in found] == [("true", "")]
    reason = ("--billed-as", CUSTOMER, "--reason", "=Their power.", "--by", "Eva Roth")
    admin("account", "decide", str(number), *reason)
    assert [each["ticket"] for each in exported(admin)] == [number]
    assert exported(admin, "--undecided") == []


def test_days_are_local_and_both_ends_count(admin: Pikett, app: Application) -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    before, first, last, after = (
        _closed_at(app, at)
        for at in (
            midnight - timedelta(microseconds=1),
            midnight,
            midnight + timedelta(hours=24, microseconds=-1),
            midnight + timedelta(hours=24),
        )
    )
    day = admin("account", "export", "--from", "2026-11-23", "--to", "2026-11-23")
    assert [each["ticket"] for each in json.loads(day.out)] == [first, last]
    assert {before, after} <= {each["ticket"] for each in exported(admin)}


def _closed_at(app: Application, at: datetime) -> int:
    number = add_ticket(app, at=MAY, cause=BASIC)
    app.accounts.close(number, at)
    return number


def test_a_file_is_there_in_full_or_not_at_all(
    admin: Pikett, app: Application, tmp_path: Path
) -> None:
    close(admin, add_ticket(app, at=MAY, cause=BASIC))
    target = tmp_path / "november.csv"
    given = ("account", "export", *ALWAYS, "--format", "csv", "--output", str(target), "--bom")
    ended = admin(*given)
    assert (ended.code, ended.out, ended.err) == (0, "", f"1 accounts are in {target}.\n")
    assert target.read_bytes().startswith(b"\xef\xbb\xbfdocument,ticket,")
    first = target.read_bytes()
    admin(*given)
    assert target.read_bytes() == first
    assert list(tmp_path.glob(".november*")) == []


def test_a_long_export_shows_how_far_it_is_and_keeps_one_account_in_memory(
    admin: Pikett, app: Application, tmp_path: Path
) -> None:
    number = add_ticket(app, at=MAY, minutes=90)
    record = app.accounts.close(number, MONDAY_TEN)
    _multiply(app, record)
    short = _peak(admin, tmp_path, "2026-11-23")
    long = _peak(admin, tmp_path, "2026-11-24")
    assert long < short + 1_000_000
    target = tmp_path / "2026-11-24.json"
    assert len(json.loads(target.read_text())) == MANY


def _peak(admin: Pikett, folder: Path, day: str) -> int:
    target = folder / f"{day}.json"
    tracemalloc.start()
    ended = admin("account", "export", "--from", day, "--to", day, "--output", str(target))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ended.code == 0
    assert ("Accounts" in ended.err) is (day == "2026-11-24")
    return peak


def _multiply(app: Application, record: AccountRecord) -> None:
    """The same account for many tickets, closed a day later."""
    later = replace(record, closed_at=record.closed_at + timedelta(days=1))
    for _ in range(MANY):
        number = add_ticket(app, at=MAY, cause=None)
        with app.storage.writing() as uow:
            uow.accounts.add(replace(later, ticket_number=number))


# Words --------------------------------------------------------------------------------------------


def test_every_line_has_words_in_every_language() -> None:
    needed = {f"bill_{kind}" for kind in LineKind}
    supplements = (LineKind.WORK, LineKind.APPLICATION_ANALYSIS)
    needed |= {f"bill_{kind}_night_sunday" for kind in supplements}
    assert set(WORDS) == set(Language)
    for language in Language:
        texts = WORDS[language]
        assert {name for name in texts if name.startswith("bill_")} == needed
        assert set(texts) == set(WORDS["de"])
        assert all(text == text.strip() and "ß" not in text for text in texts.values())
