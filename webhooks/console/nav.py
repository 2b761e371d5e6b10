"""What stands at the top of a page: the lists and pages of a role, as far as they exist."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from ivr.people.roles import Role

_OFFICE = frozenset({Role.LEAD, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` is its text; it is shown to these roles once its endpoint is registered."""

    key: str
    endpoint: str
    roles: frozenset[Role]


ENTRIES = (
    Entry("nav.desk", "desk.board", frozenset({Role.DESK}) | _OFFICE),
    Entry("nav.duty", "technician.duty", frozenset({Role.TECHNICIAN, Role.LEAD})),
    Entry("nav.roster", "roster.month", frozenset({Role.TECHNICIAN}) | _OFFICE),
    Entry("nav.tickets", "console.tickets", frozenset(Role)),
    Entry("nav.customers", "console.customers", frozenset({Role.DESK}) | _OFFICE),
    Entry("nav.reactions", "console.reactions", _OFFICE),
    Entry("nav.readiness", "console.readiness", _OFFICE),
    Entry("nav.prompts", "console.prompts", frozenset({Role.ADMIN})),
    Entry("nav.people", "console.people", frozenset({Role.ADMIN})),
    Entry("nav.alerts", "console.alerts", frozenset({Role.TECHNICIAN}) | _OFFICE),
    Entry("nav.disturbances", "console.disturbances", frozenset({Role.TECHNICIAN}) | _OFFICE),
    Entry("nav.audit", "console.audit_log", frozenset({Role.ADMIN})),
    Entry("nav.phone", "phone.page", _OFFICE),
)
HOMES = {
    Role.DESK: ("desk.board", "console.customers"),
    Role.TECHNICIAN: ("technician.duty", "console.tickets"),
    Role.LEAD: ("console.tickets",),
    Role.ADMIN: ("console.customers",),
}
"""Where somebody begins: the first of these that exists."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of this page."""

    key: str
    address: str
    here: bool


def links(role: Role) -> list[Link]:
    """What this role sees."""
    return [
        Link(entry.key, url_for(entry.endpoint), request.endpoint == entry.endpoint)
        for entry in ENTRIES
        if role in entry.roles and entry.endpoint in current_app.view_functions
    ]


def home(role: Role) -> str:
    """The address where this role begins."""
    known = current_app.view_functions
    return url_for(next(each for each in HOMES[role] if each in known))
