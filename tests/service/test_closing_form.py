"""A refused close: the page lands at the first wrong field, with its words, and keeps what was typed."""

import re

import pytest

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.service.console import Browser, logged_in
from tests.service.test_technician_pages import CLOSED, TWENTY_MINUTES
from tests.service.ticketed import add_ticket

LONG = "x" * 501


@pytest.fixture
def ticket(app: Application, clock: FrozenClock) -> int:
    number = add_ticket(app, cause=None)
    clock.advance(TWENTY_MINUTES)
    return number


@pytest.fixture
def anna(app: Application) -> Browser:
    return logged_in(app, "anna")


def refused(anna: Browser, ticket: int, **change: str) -> str:
    """The answer to a form with something wrong in it."""
    answer = anna.post(f"/console/tickets/{ticket}/close", CLOSED | {"seen": ""} | change)
    assert answer.status_code == 422
    return answer.text


def landed(page: str) -> list[str]:
    """The ids of the fields that take the focus."""
    found = re.findall(r"<(?:input|textarea)[^>]*\sautofocus[^>]*>", page)
    return [re.findall(r'\sid="([^"]+)"', each)[0] for each in found]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fault_class": ""}, "fault_class-minor"),
        ({"fault_class": "minor", "spof": "yes"}, "fault_class-minor"),
        ({"fault_class": "", "minutes_other": "0"}, "fault_class-minor"),
        ({"cause": "sabotage"}, "cause-winet_basic_service"),
        ({"minutes_other": "21", "mode": ""}, "minutes_other"),
        ({"outcome": "", "material": LONG}, "outcome-solved"),
        ({"done": "x" * 2001, "category": ""}, "done"),
        ({"category": "", "involved": LONG}, "category-system_configuration"),
        ({"material": LONG}, "material"),
        ({"problem": LONG}, "problem"),
        ({"involved": LONG}, "involved"),
    ],
)
def test_the_page_lands_at_the_first_wrong_field(
    anna: Browser, ticket: int, change: dict[str, str], field: str
) -> None:
    page = refused(anna, ticket, **change)
    assert landed(page) == [field]
    name = field.partition("-")[0].removesuffix("_other")
    tag = re.search(rf'<[a-z]+[^>]*\sid="{re.escape(field)}"[^>]*>', page)
    assert tag is not None
    assert f"{name}-problem" in tag[0]
    assert f'id="{name}-problem"' in page


def test_all_that_is_wrong_is_listed_with_the_way_to_it(anna: Browser, ticket: int) -> None:
    page = refused(anna, ticket, cause="", minutes_other="21", involved=LONG)
    summary = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>: ([^<]+)</li>', page)
    assert [(target, words) for target, _, words in summary] == [
        ("cause", "Bitte wählen Sie."),
        ("minutes", "Seit dem Anruf sind erst 20 Minuten vergangen."),
        ("involved", "Zu lang oder mit Zeichen, die nicht gedruckt werden können."),
    ]
    for target, _, _ in summary:
        assert page.count(f'id="{target}"') == 1


def test_a_wrong_choice_is_marked_for_who_does_not_see_it(anna: Browser, ticket: int) -> None:
    page = refused(anna, ticket, cause="")
    group = re.search(r'<fieldset[^>]*id="cause"[^>]*>', page)
    assert group is not None
    assert 'aria-invalid="true"' in group[0]
    assert 'aria-describedby="cause-problem"' in group[0]
    assert page.index('id="cause-problem"') < page.index('id="cause-winet_basic_service"')
    assert page.count('aria-invalid="true"') == 1


def test_the_form_is_sent_to_itself_without_the_place_that_was_jumped_to(
    anna: Browser, ticket: int
) -> None:
    """A browser at "#cause" would stay there instead of going to what is wrong now."""
    assert f'<form method="post" action="/console/tickets/{ticket}/close"' in refused(
        anna, ticket, cause=""
    )


def test_a_form_that_nobody_has_sent_lands_nowhere(anna: Browser, ticket: int) -> None:
    page = anna.get(f"/console/tickets/{ticket}/close").text
    assert landed(page) == []
    assert "aria-invalid" not in page


def test_everything_typed_is_still_there(anna: Browser, ticket: int) -> None:
    typed = {"material": "Router", "problem": "PRB-9", "involved": "Supplier", "done": "Neu <b>"}
    page = refused(anna, ticket, **typed, cause="", minutes="7", spof="yes", reacted="yes")
    for name in ("material", "problem", "involved"):
        assert f'value="{typed[name]}"' in page
    assert ">Neu &lt;b&gt;</textarea>" in page
    for field in ("spof", "reacted", "minutes-7", "mode-remote", "fault_class-main"):
        tag = re.search(rf'<input[^>]*id="{field}"[^>]*>', page)
        assert tag is not None
        assert " checked" in tag[0]
