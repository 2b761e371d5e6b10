"""Rendering a page with what all of them need."""

from typing import Any

from flask import Response, g, make_response, render_template, request

from ivr.contracts.windows import local_time
from ivr.people.person import Person
from ivr.services.people_store import DraftRecord
from webhooks.console import nav
from webhooks.console.access import current_visit
from webhooks.console.words import Translate, translator, wanted_language
from webhooks.container import pikett


def render(template: str, status: int = 200, /, **values: Any) -> Response:
    """A page of the console; it gets `person`, `t`, `nav` and `kept` (a draft) too."""
    visit = current_visit()
    known = None if visit is None or visit.expired else visit.person
    given = {
        "person": known,
        "language": page_language(),
        "t": words(),
        "nav": nav.links(known.role) if known else (),
        "kept": _kept(known) if known else (),
        "local": local_time,
    }
    response = make_response(render_template(template, **(given | values)), status)
    response.headers["Content-Language"] = page_language()
    return response


def _kept(person: Person) -> list[DraftRecord]:
    """What he has still to send; the answer to a form has that form in it."""
    waiting = pikett().drafts.waiting(person.id, pikett().clock.now())
    sent = request.path if request.method == "POST" else None
    return [each for each in waiting if each.target != sent]


def page_language() -> str:
    """The person's, else the browser's."""
    visit = current_visit()
    return visit.person.language if visit and not visit.expired else wanted_language()


def words() -> Translate:
    """`t` of this page."""
    if "t" not in g:
        g.t = translator(page_language())
    found: Translate = g.t
    return found
