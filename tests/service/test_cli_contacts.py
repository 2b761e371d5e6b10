"""`pikett contact`: people are added, listed, allowed, denied and removed; mistakes are named."""

import json

import pytest

from ivr.bootstrap import Application
from ivr.identity.contacts import Contact
from tests.service.admin import admin
from tests.service.codes import customer_id
from tests.service.terminal import Pikett

FIXTURES = (admin,)
EVA = (
    "Eva Roth",
    "--phone",
    "044/000 10 51",
    "--email",
    "eva@customer.invalid",
    "--language",
    "fr",
)


def people(app: Application, number: str = "11001") -> list[Contact]:
    key = customer_id(app, number)
    with app.storage.reading() as uow:
        return list(uow.contacts.list_of(key))


def test_somebody_is_added_listed_and_removed(admin: Pikett, app: Application) -> None:
    ended = admin("contact", "add", "11001", *EVA)
    assert (ended.code, ended.out, ended.err) == (0, "Eva Roth is a contact of 11001.\n", "")
    eva = Contact("Eva Roth", "+41440001051", "eva@customer.invalid", "fr")
    assert people(app) == [eva]
    admin("contact", "add", "11001", "Adam Ott", "--no-order")
    assert admin("contact", "list", "11001").out.splitlines() == [
        "Adam Ott, may not order",
        "Eva Roth, +41 44 000 10 51, eva@customer.invalid, fr",
    ]
    assert admin("contact", "remove", "11001", "Adam Ott").code == 0
    assert people(app) == [eva]
    assert people(app, "11002") == []


def test_the_list_for_programs(admin: Pikett) -> None:
    assert json.loads(admin("contact", "list", "11001", "--json").out) == []
    admin("contact", "add", "11001", *EVA, "--no-order")
    assert json.loads(admin("contact", "list", "11001", "--json").out) == [
        {
            "name": "Eva Roth",
            "phone": "+41440001051",
            "email": "eva@customer.invalid",
            "language": "fr",
            "may_order": False,
        }
    ]


@pytest.mark.rule("B.6")
def test_somebody_is_denied_and_allowed(admin: Pikett, app: Application) -> None:
    admin("contact", "add", "11001", "Eva Roth")
    admin("contact", "add", "11001", "Adam Ott")
    admin("contact", "add", "11002", "Eva Roth")
    assert admin("contact", "deny", "11001", "Eva Roth").out == "Eva Roth may not order.\n"
    assert [each.may_order for each in people(app)] == [True, False]
    assert [each.may_order for each in people(app, "11002")] == [True]
    assert admin("contact", "allow", "11001", "Eva Roth").out == "Eva Roth may order.\n"
    assert [each.may_order for each in people(app)] == [True, True]


def test_a_name_is_somebodys_only_once(admin: Pikett, app: Application) -> None:
    admin("contact", "add", "11001", *EVA)
    ended = admin("contact", "add", "11001", "Eva  Roth", "--no-order")
    assert ended.code == 2
    assert ended.err == "pikett: there is a contact 'Eva Roth' already\n"
    assert [each.may_order for each in people(app)] == [True]
    assert admin("contact", "add", "11002", "Eva Roth").code == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("Eva", "--phone", "044 000"), "'044 000' is not a valid telephone number"),
        (("Eva", "--phone", ""), "'' is not a valid telephone number"),
        (("Eva", "--phone", "+41 44 000 11 00"), "is the line's own number"),
        (("Eva", "--email", "eva"), "'eva' is not an e-mail address"),
        (("Eva", "--email", "eva@a.invalid\nBcc: b@c.invalid"), "is not an e-mail address"),
        (("Eva", "--email", "eva@a.invalid,b@c.invalid"), "is not an e-mail address"),
        (("Eva", "--email", "e" * 200 + "@a.invalid"), "is not an e-mail address"),
        (("Eva", "--language", "rm"), "'rm' is not one of"),
        ((" ",), "must have 1 to 200 printable characters"),
        (("E" * 201,), "must have 1 to 200 printable characters"),
        (("Eva\0",), "must have 1 to 200 printable characters"),
    ],
)
def test_a_mistake_is_named_and_nobody_is_added(
    admin: Pikett, app: Application, given: tuple[str, ...], said: str
) -> None:
    ended = admin("contact", "add", "11001", *given)
    assert ended.code == 2
    assert said in ended.err
    assert people(app) == []


@pytest.mark.parametrize("command", ["add", "remove", "allow", "deny", "list"])
def test_a_customer_who_does_not_exist_is_named(admin: Pikett, command: str) -> None:
    name = () if command == "list" else ("Eva Roth",)
    ended = admin("contact", command, "99999", *name)
    assert (ended.code, ended.err) == (2, "pikett: there is no customer '99999'\n")


@pytest.mark.parametrize("command", ["remove", "allow", "deny"])
def test_somebody_who_does_not_exist_is_named(
    admin: Pikett, app: Application, command: str
) -> None:
    admin("contact", "add", "11002", "Eva Roth")
    ended = admin("contact", command, "11001", "Eva Roth")
    assert (ended.code, ended.err) == (2, "pikett: customer 11001 has no contact 'Eva Roth'\n")
    assert [each.may_order for each in people(app, "11002")] == [True]


@pytest.mark.parametrize("command", ["add", "list", "remove", "allow", "deny"])
def test_help_has_an_example(admin: Pikett, command: str) -> None:
    assert f"pikett contact {command} 11001" in admin("contact", command, "--help").out
