"""People who may log in: the admin adds, changes and disables them."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.people.person import Person
from ivr.people.roles import Role
from ivr.services.people import LANGUAGES, PersonRefusedError, Wanted
from webhooks.console.access import allowed, current_person
from webhooks.console.ground import blueprint
from webhooks.console.pages import render, words
from webhooks.container import pikett

_FIELDS = ("login", "name", "role", "language", "technician")


@blueprint.get("/people")
@allowed(Role.ADMIN)
def people() -> Response:
    """Everybody, and a form for somebody new."""
    return _page()


@blueprint.post("/people")
@allowed(Role.ADMIN)
def add_person() -> Response:
    """The password is shown on this answer and nowhere else."""
    typed = {field: request.form.get(field, "") for field in _FIELDS}
    try:
        password = pikett().people.add(Wanted(**typed), current_person(), pikett().clock.now())
    except PersonRefusedError as error:
        return _page(400, wrong={error.field: error.key}, typed=typed)
    return _page(shown={"login": typed["login"].strip().lower(), "password": password})


@blueprint.post("/people/<login>/password")
@allowed(Role.ADMIN)
def reset_password(login: str) -> Response:
    """A new one, shown on this answer and nowhere else."""
    try:
        password = pikett().people.reset_password(login, current_person(), pikett().clock.now())
    except PersonRefusedError:
        abort(404)
    return _page(shown={"login": login, "password": password})


@blueprint.post("/people/<login>/recording-pin")
@allowed(Role.ADMIN)
def assign_recording_pin(login: str) -> Response:
    """Number and PIN for recording by phone, shown on this answer and nowhere else."""
    try:
        code = pikett().recording_pins.assign(login, current_person(), pikett().clock.now())
    except PersonRefusedError as error:
        if error.key == "people.unknown":
            abort(404)
        flash(words()(error.key), "danger")
        return _page(400)
    return _page(code={"login": login, "number": code.number, "pin": code.pin})


@blueprint.post("/people/<login>/second-factor")
@allowed(Role.ADMIN)
def reset_second_factor(login: str) -> AnyResponse:
    """He sets up another authenticator at his next login."""
    return _changed(login, pikett().people.begin_authenticator)


@blueprint.post("/people/<login>/disable")
@allowed(Role.ADMIN)
def disable_person(login: str) -> AnyResponse:
    """He cannot log in any more."""
    return _changed(login, pikett().people.disable)


@blueprint.post("/people/<login>/enable")
@allowed(Role.ADMIN)
def enable_person(login: str) -> AnyResponse:
    """He can log in again."""
    return _changed(login, pikett().people.enable)


@blueprint.post("/people/<login>/role")
@allowed(Role.ADMIN)
def set_role(login: str) -> AnyResponse:
    """Another role."""
    role = request.form.get("role", "")

    def change(login: str, by: Person | None, at: datetime) -> None:
        pikett().people.set_role(login, role, by, at)

    return _changed(login, change)


def _changed(login: str, change: Callable[[str, Person | None, datetime], object]) -> AnyResponse:
    try:
        change(login, current_person(), pikett().clock.now())
    except PersonRefusedError as error:
        if error.key == "people.unknown":
            abort(404)
        flash(words()(error.key), "danger")
    else:
        flash(words()("people.done"))
    return redirect(url_for("console.people"))


def _page(
    status: int = 200,
    /,
    *,
    wrong: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    shown: dict[str, str] | None = None,
    code: dict[str, str] | None = None,
) -> Response:
    with pikett().storage.reading() as uow:
        listed, technicians = uow.people.list_all(), uow.people.list_technicians()
        recorders = uow.people.list_recorders()
    return render(
        "console/people.html",
        status,
        people=listed,
        technicians=technicians,
        roles=tuple(Role),
        languages=LANGUAGES,
        wrong=wrong or {},
        typed=typed or {},
        shown=shown,
        code=code,
        recorders=recorders,
    )
