"""`pikett pin`: a code is made, shown once and printed on a card; it can never be looked up."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.identity.lockout import Standing
from ivr.identity.pins import is_guessable
from ivr.storage.database import writing
from ivr.storage.models import Customer
from tests.service.admin import admin
from tests.service.codes import RIGHT, Caller, customer_id, is_accepted, standing
from tests.service.terminal import Pikett

FIXTURES = (admin,)
SHOWN = re.compile(r"The support code of (.+) is ([0-9]{5}) ([0-9]{6})\n")
LOCKED = Standing(failures=7, strikes=5, locked_until=datetime(2099, 1, 2, 11, 30, tzinfo=UTC))


def put(app: Application, stands: Standing) -> None:
    with app.storage.writing() as uow:
        uow.codes.put_standing(customer_id(app), stands, rehearsal=False)


@pytest.mark.rule("B.7", "Q12")
def test_a_new_code_is_shown_once_and_is_the_one_that_counts(
    admin: Pikett, app: Application
) -> None:
    put(app, LOCKED)
    ended = admin("pin", "reset", "11001")
    assert (ended.code, ended.err) == (0, "")
    found = SHOWN.match(ended.out)
    assert found
    name, number, pin = found.groups()
    assert (name, number) == ("Bäckerei Sonnenschein", "11001")
    assert not is_guessable(pin, number)
    assert ended.out.count(pin) == 1
    assert standing(app) == Standing()
    assert not is_accepted(Caller(app, "old").try_once(RIGHT))
    assert is_accepted(Caller(app, "new").try_once(number + pin))
    assert pin not in admin("pin", "show", "11001").out


@pytest.mark.rule("Q12")
def test_every_code_is_another_one(admin: Pikett) -> None:
    codes = {admin("pin", "reset", "11001").out for _ in range(3)}
    assert len(codes) == 3


class _Words(HTMLParser):
    """What is read on a page, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.words: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.language = self.language or given.get("lang") or ""
        self.loaded += [tag] if {"src", "href"} & set(given) else []

    def handle_data(self, data: str) -> None:
        self.words += data.split("\n")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize(
    ("customer", "language", "title"),
    [
        ("11001", "de", "Support-Code"),
        ("11002", "fr", "Code de support"),
        ("11003", "it", "Codice di supporto"),
        ("11004", "en", "Support code"),
    ],
)
def test_the_card_is_in_the_customers_language(
    admin: Pikett, tmp_path: Path, customer: str, language: str, title: str
) -> None:
    """Number to call, code as it is keyed, readable by nobody else, nothing loaded from anywhere."""
    card = tmp_path / "card.html"
    ended = admin("pin", "reset", customer, "--card", str(card))
    found = SHOWN.match(ended.out)
    assert found
    page = _Words()
    page.feed(card.read_text(encoding="utf-8"))
    assert page.language == language
    assert f"{title} {found[1]}" in page.text
    assert "+41 44 000 11 00" in page.text
    assert f"{customer} {found[3]} #" in page.text.replace("\xa0", " ")
    assert page.loaded == []
    assert card.stat().st_mode & 0o777 == 0o600


def test_a_name_cannot_be_markup(admin: Pikett, app: Application, tmp_path: Path) -> None:
    name = "Müller & <script>alert('$title')</script>"
    with writing(app.storage.engine) as connection:
        connection.execute(update(Customer).where(Customer.number == "11001").values(name=name))
    card = tmp_path / "card.html"
    assert admin("pin", "reset", "11001", "--card", str(card)).code == 0
    html = card.read_text(encoding="utf-8")
    assert "<script" not in html
    page = _Words()
    page.feed(html)
    assert name in page.text


@pytest.mark.parametrize("place", ["there.html", "nowhere/card.html"])
def test_without_its_card_no_code_is_changed(
    admin: Pikett, app: Application, tmp_path: Path, place: str
) -> None:
    (tmp_path / "there.html").write_text("an older card")
    ended = admin("pin", "reset", "11001", "--card", str(tmp_path / place))
    assert ended.code == 2
    assert ended.out == ""
    assert "nothing was changed" in ended.err
    assert (tmp_path / "there.html").read_text() == "an older card"
    assert is_accepted(Caller(app).try_once(RIGHT))


@pytest.mark.parametrize(
    "command", [("reset",), ("reset", "--card", "card.html"), ("unlock",), ("show",)]
)
@pytest.mark.parametrize("customer", ["99999", "abc", ""])
def test_a_customer_who_does_not_exist_is_named(
    admin: Pikett,
    customer: str,
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = admin("pin", *command, customer)
    assert ended.code == 2
    assert ended.err == f"pikett: there is no customer {customer!r}\n"
    assert not Path("card.html").exists()


@pytest.mark.rule("B.7")
def test_a_locked_code_is_shown_and_unlocked(admin: Pikett, app: Application) -> None:
    put(app, LOCKED)
    assert admin("pin", "show", "11001").out.splitlines() == [
        "Customer     11001 Bäckerei Sonnenschein",
        "PIN          set",
        "Locked       until 02.01.2099 12:30",
        "Wrong codes  7 in a row",
    ]
    assert "was locked and is free now" in admin("pin", "unlock", "11001").out
    assert standing(app) == Standing()
    assert "was not locked" in admin("pin", "unlock", "11001").out
    assert is_accepted(Caller(app).try_once(RIGHT))


def test_a_customer_without_a_pin_is_shown_as_such(admin: Pikett, app: Application) -> None:
    with writing(app.storage.engine) as connection:
        connection.execute(update(Customer).values(pin_hash=None))
    put(app, Standing(failures=2, strikes=2, locked_until=datetime(2026, 1, 1, tzinfo=UTC)))
    shown = admin("pin", "show", "11001").out.splitlines()
    assert shown[1:] == ["PIN          none", "Locked       no", "Wrong codes  2 in a row"]


@pytest.mark.parametrize("command", ["reset", "unlock", "show"])
def test_help_has_an_example(admin: Pikett, command: str) -> None:
    assert f"pikett pin {command} 11001" in admin("pin", command, "--help").out
