"""The audit log, for admins: what people did, and a ticket's whole story, in sentences."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flask import Response, request

from ivr.contracts.windows import local_time
from ivr.people.roles import Role
from ivr.services.audit_story import Story
from ivr.services.listing import AuditRow, ListQuery, Page
from webhooks.console.access import allowed
from webhooks.console.audit_words import Day, Told, told_days
from webhooks.console.ground import blueprint
from webhooks.console.lists import (
    CSV_ROWS,
    PAGE_SIZES,
    Choice,
    Column,
    Listing,
    ListRequest,
    address_of,
    looked_at,
    send_csv,
)
from webhooks.console.pages import render, words
from webhooks.container import pikett

LISTING = Listing(
    "audit",
    (
        Column("at", lambda line: f"{local_time(line.at):%d.%m.%Y %H:%M:%S}", sortable=True),
        Column("told", lambda line: line.shown(words())),
        Column("detail", lambda line: line.detail),
        Column("about", lambda line: line.ticket),
    ),
)
"""As a file: the lines of the page, in its sentences."""
FILTERS = ("person", "action", "looks")
_TICKET = re.compile(r"(?:ticket\s+)?(\d{1,9})", re.IGNORECASE)


@blueprint.get("/audit")
@allowed(Role.ADMIN)
def audit_log() -> Response:
    """Who did what; a ticket's number tells its story."""
    asked = ListRequest.parse(request.args, ("at",), "-at", FILTERS)
    looked_at(LISTING, asked)
    story, as_file = _story(asked), request.args.get("format") == "csv"
    if story is not None:
        days = told_days(words(), story.lines, story.file.number)
        if as_file:
            return send_csv(LISTING, _lines(days))
        return _page(asked, Page((), len(story.lines)), days, story)
    wanted = _deeds(asked)
    found = _fetch(replace(wanted, page=1, size=CSV_ROWS) if as_file else wanted)
    days = told_days(words(), found.rows)
    return send_csv(LISTING, _lines(days)) if as_file else _page(asked, found, days)


def _lines(days: Sequence[Day]) -> list[Told]:
    """Each by itself: nothing can be opened in a file."""
    told = (line for day in days for line in day.lines)
    return [each for line in told for each in line.parts or (line,)]


def _page(
    asked: ListRequest, found: Page[AuditRow], days: list[Day], story: Story | None = None
) -> Response:
    return render(
        "console/audit.html",
        asked=asked,
        total=found.total,
        pages=max(1, -(-found.total // asked.size)),
        days=days,
        story=story,
        choices=_choices(),
        sizes=PAGE_SIZES,
        address=address_of(asked),
    )


def _choices() -> tuple[Choice, ...]:
    with pikett().storage.reading() as uow:
        people = uow.people.list_all()
        actions = uow.lists.audit_actions()
    logins, names = [each.login for each in people], [each.name for each in people]
    return (
        Choice("looks", ("", "all"), ("audit.looks_hidden", "audit.looks_shown")),
        Choice("person", ("", *logins), ("list.all", *names)),
        Choice("action", ("", *actions), ("list.all", *[_words(each) for each in actions])),
    )


def _story(asked: ListRequest) -> Story | None:
    """Of the ticket whose number is searched for, unless something else is filtered."""
    found = _TICKET.fullmatch(asked.search)
    if found is None or asked.filters.get("person") or asked.filters.get("action"):
        return None
    looks = asked.filters.get("looks") == "all"
    return pikett().stories.of_ticket(int(found[1]), pikett().clock.now(), looks=looks)


def _deeds(asked: ListRequest) -> ListQuery:
    """Looks are shown to who asks for them, by the switch or by their action."""
    if asked.filters.get("looks") == "all" or asked.filters.get("action"):
        return asked
    return replace(asked, filters={**asked.filters, "looks": "none"})


def _words(action: str) -> str:
    """Each action has a text of its name; the name itself where it has none."""
    key = f"action.{action}"
    text = words()(key)
    return action.replace("_", " ") if text == key else text


def _as_written(text: str) -> str:
    """The same the other way round, for who searches for what he reads."""
    shown = words()("desk.card", number="").casefold()
    return f"card {text[len(shown) :]}" if text.casefold().startswith(shown) else text


def _fetch(query: ListQuery) -> Page[AuditRow]:
    query = replace(query, search=_as_written(query.search))
    with pikett().storage.reading() as uow:
        return uow.lists.audit(query)
