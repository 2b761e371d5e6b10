"""Who may call what: every route of the console with every role, and with nobody (A.7, B.11)."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from ivr.bootstrap import Application
from ivr.people.roles import Role
from ivr.services.people_sessions import begin_session
from tests.guard.addresses import Route, routes_of
from tests.service.console import Browser
from webhooks.app import create_app

DESK, TECHNICIAN, LEAD, ADMIN = Role.DESK, Role.TECHNICIAN, Role.LEAD, Role.ADMIN
EVERYBODY = {DESK, TECHNICIAN, LEAD, ADMIN}
LOGINS = {DESK: "desk", TECHNICIAN: "anna", LEAD: "lead", ADMIN: "admin"}

MATRIX: dict[str, set[Role]] = {
    "console.home": EVERYBODY,
    "console.logout": EVERYBODY,
    "console.own": EVERYBODY,
    "console.own_password": EVERYBODY,
    "console.own_second_factor": EVERYBODY,
    "console.own_language": EVERYBODY,
    "console.draft": EVERYBODY,
    "console.discard_draft": EVERYBODY,
    "console.tickets": EVERYBODY,
    "console.reactions": {LEAD, ADMIN},
    "console.readiness": {LEAD, ADMIN},
    "console.customer": EVERYBODY,
    "console.customers": {DESK, LEAD, ADMIN},
    "console.audit_log": {ADMIN},
    "console.alerts": {TECHNICIAN, LEAD, ADMIN},
    "console.disturbances": {TECHNICIAN, LEAD, ADMIN},
    "console.declare_disturbance": {TECHNICIAN, LEAD, ADMIN},
    "console.change_disturbance": {TECHNICIAN, LEAD, ADMIN},
    "console.add_maintenance": {TECHNICIAN, LEAD, ADMIN},
    "console.end_maintenance": {TECHNICIAN, LEAD, ADMIN},
    "console.people": {ADMIN},
    "console.prompts": {ADMIN},
    "console.prompt": {ADMIN},
    "console.save_prompt": {ADMIN},
    "console.change_prompt": {ADMIN},
    "console.hear_prompt": {ADMIN},
    "console.record_prompt": {ADMIN},
    "console.add_person": {ADMIN},
    "console.reset_password": {ADMIN},
    "console.assign_recording_pin": {ADMIN},
    "console.reset_second_factor": {ADMIN},
    "console.disable_person": {ADMIN},
    "console.enable_person": {ADMIN},
    "console.set_role": {ADMIN},
    "roster.month": {TECHNICIAN, LEAD, ADMIN},
    "roster.rules": {LEAD, ADMIN},
    "roster.add_rule": {LEAD, ADMIN},
    "roster.remove_rule": {LEAD, ADMIN},
    "roster.own": {TECHNICIAN, LEAD, ADMIN},
    "roster.ask_swap": {TECHNICIAN, LEAD, ADMIN},
    "roster.answer_swap": {TECHNICIAN, LEAD, ADMIN},
    "roster.change_feed": {TECHNICIAN, LEAD, ADMIN},
    "technician.duty": {TECHNICIAN, LEAD},
    "technician.ticket": EVERYBODY,
    "technician.message": {TECHNICIAN, LEAD, DESK},
    "technician.delete_message": {LEAD, ADMIN},
    "technician.act": {TECHNICIAN, LEAD},
    "technician.call_customer": {TECHNICIAN, LEAD},
    "technician.call_third_level": {TECHNICIAN, LEAD, ADMIN},
    "technician.close": {TECHNICIAN, LEAD},
    "technician.store": {TECHNICIAN, LEAD},
    "technician.correct": {TECHNICIAN, LEAD, ADMIN},
    "technician.store_correction": {TECHNICIAN, LEAD, ADMIN},
    "technician.handover": {TECHNICIAN},
    "technician.edit_handover": {LEAD},
    "technician.store_handover": {LEAD},
    "desk.board": {DESK, LEAD, ADMIN},
    "desk.calls": {DESK, LEAD, ADMIN},
    "desk.by_number": {DESK, LEAD, ADMIN},
    "desk.direct": {DESK, LEAD, ADMIN},
    "desk.ready": {DESK, LEAD, ADMIN},
    "desk.duty": {DESK, LEAD, ADMIN},
    "desk.take": {DESK, LEAD, ADMIN},
    "desk.card": {DESK, LEAD, ADMIN},
    "desk.act": {DESK, LEAD, ADMIN},
    "desk.glance": {DESK, LEAD, ADMIN},
}
PHONE = {"phone.page", "phone.start", "phone.report", "phone.message", "phone.answer"}
PHONE |= {"phone.record"}
"""For leads and admins, where anything is real."""


@pytest.fixture(autouse=True)
def _a_lead_who_is_on_the_roster(app: Application) -> None:
    """Tickets are taken by somebody who can be rung."""
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE person SET technician_id = 1 WHERE login = 'lead'")


@pytest.fixture
def guarded(app: Application) -> list[Route]:
    """The routes behind `@allowed`."""
    return [route for route in routes_of(create_app(app)) if route.roles is not None]


def test_every_route_of_the_console_is_in_the_table(guarded: list[Route]) -> None:
    """And says of itself what the table says."""
    assert {route.endpoint: set(route.roles or ()) for route in guarded} == MATRIX


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_what_is_its_own_and_nothing_else(
    role: Role, guarded: list[Route], app: Application
) -> None:
    client = create_app(app).test_client()
    wrong = {
        (str(route), status)
        for route in guarded
        if (status := _call(app, client, route, role)) != 403
        if role not in MATRIX[route.endpoint] or status >= 500 or status == 401
    }
    assert wrong == set()
    refused = {
        str(route)
        for route in guarded
        if role in MATRIX[route.endpoint] and _call(app, client, route, role) == 403
    }
    assert refused == set()


@pytest.mark.parametrize("role", Role)
def test_a_form_without_its_token_does_nothing(
    role: Role, guarded: list[Route], app: Application
) -> None:
    client = create_app(app).test_client()
    for route in guarded:
        if route.method != "GET":
            _come_in(app, client, role)
            assert client.open(route.address, method=route.method).status_code == 400, route
            stolen = {"csrf_token": "of another session"}
            answer = client.open(route.address, method=route.method, data=stolen)
            assert answer.status_code == 400, route


@pytest.mark.parametrize("role", [None, *Role])
def test_the_rehearsal_is_for_leads_and_admins_where_a_customer_is_real(
    role: Role | None, app: Application
) -> None:
    with app.storage.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE customer SET demo = false WHERE number = '11015'")
    client = create_app(app).test_client()
    routes = [route for route in routes_of(client.application) if route.endpoint in PHONE]
    assert {route.endpoint for route in routes} == PHONE
    for route in routes:
        if role is not None:
            _come_in(app, client, role)
        status = client.open(route.address, method=route.method, json={}).status_code
        if role is None:
            assert status == 302, route
        else:
            assert (status != 403) == (role in {LEAD, ADMIN}), route


def _call(app: Application, client: FlaskClient, route: Route, role: Role) -> int:
    """With a session of its own, since some routes end it."""
    _come_in(app, client, role)
    browser = Browser(client)
    if route.method == "GET":
        answer = client.get(route.address)
    else:
        browser.get("/console/own")
        answer = browser.post(route.address)
    if answer.status_code == 302:
        assert "/login?" not in answer.headers["Location"], route
    return answer.status_code


def _come_in(app: Application, client: FlaskClient, role: Role) -> None:
    with app.storage.writing() as uow:
        person = uow.people.find(LOGINS[role])
        assert person is not None
        token = begin_session(uow, person.id, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    client.set_cookie("__Host-pikett", token)
