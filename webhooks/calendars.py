"""Private calendar addresses: a calendar program fetches duties by an address that nobody can guess."""

from flask import Blueprint, Response, abort

from ivr.calendars.writer import write_calendar
from ivr.roster.hunt import Level
from ivr.services.roster_store import Scope
from webhooks.console.words import translator
from webhooks.container import pikett

blueprint = Blueprint("calendars", __name__, url_prefix="/ical", static_folder=None)


@blueprint.get("/<token>.ics")
def feed(token: str) -> Response:
    """One answer for whatever opens nothing."""
    app = pikett()
    now = app.clock.now()
    found = app.feeds.open(token, now)
    if found is None:
        abort(404)
    t = translator(found.language)
    words = {level.value: t(f"roster.level.{level}") for level in Level}
    everybody = found.scope is Scope.ROSTER
    title = t("roster.title") if everybody else t("roster.own.title")
    content = write_calendar(found.shifts, title, words, now, names=everybody)
    return Response(content, content_type="text/calendar; charset=utf-8")
