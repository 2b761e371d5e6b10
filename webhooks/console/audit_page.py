"""The audit log, for admins."""

from dataclasses import replace

from flask import Response, request

from ivr.contracts.windows import local_time
from ivr.people.roles import Role
from ivr.services.listing import AuditRow, ListQuery, Page
from webhooks.console.access import allowed
from webhooks.console.ground import blueprint
from webhooks.console.lists import Choice, Column, Listing, ListRequest, looked_at, render_list
from webhooks.console.pages import words
from webhooks.container import pikett

LISTING = Listing(
    "audit",
    (
        Column("at", lambda row: f"{local_time(row.at):%d.%m.%Y %H:%M:%S}", sortable=True),
        Column("person", lambda row: f"{row.login} ({row.name})" if row.name else row.login),
        Column("action", lambda row: _words(row.action)),
        Column("subject", lambda row: _subject(row.subject)),
        Column("detail", lambda row: row.detail),
    ),
)


@blueprint.get("/audit")
@allowed(Role.ADMIN)
def audit_log() -> Response:
    """Who looked at and changed what."""
    asked = ListRequest.parse(request.args, ("at",), "-at", ("person", "action"))
    looked_at(LISTING, asked)
    with pikett().storage.reading() as uow:
        people = [each.login for each in uow.people.list_all()]
        actions = uow.lists.audit_actions()
    choices = (
        Choice("person", ("", *people), ("list.all", *people)),
        Choice("action", ("", *actions), ("list.all", *[_words(each) for each in actions])),
    )
    return render_list(replace(LISTING, choices=choices), asked, _fetch)


def _words(action: str) -> str:
    """Each action has a text of its name; the name itself where it has none."""
    key = f"action.{action}"
    text = words()(key)
    return action.replace("_", " ") if text == key else text


def _subject(subject: str) -> str:
    """A card as the desk's pages call it."""
    kind, _, number = subject.partition(" ")
    return words()("desk.card", number=number) if kind == "card" else subject


def _as_written(text: str) -> str:
    """The same the other way round, for who searches for what he reads."""
    shown = words()("desk.card", number="").casefold()
    return f"card {text[len(shown) :]}" if text.casefold().startswith(shown) else text


def _fetch(query: ListQuery) -> Page[AuditRow]:
    query = replace(query, search=_as_written(query.search))
    with pikett().storage.reading() as uow:
        return uow.lists.audit(query)
