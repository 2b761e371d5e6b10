"""The hand-over document: read by the technician who accepted the ticket, written by leads."""

from collections.abc import Mapping

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.services.handover import (
    HandoverChangedError,
    HandoverPage,
    HandoverRefusedError,
)
from webhooks.console.access import Role, allowed, audit, current_person
from webhooks.console.pages import render, words
from webhooks.console.technician.ground import blueprint, own_technician, page_or_404
from webhooks.container import pikett


@blueprint.get("/tickets/<int:number>/handover")
@allowed(Role.TECHNICIAN)
def handover(number: int) -> Response:
    """Of the ticket's location, for who has accepted the ticket; each look is written down."""
    page, own = page_or_404(number), own_technician()
    if own is None or not page.was_taken_by(own.name):
        abort(403)
    if page.file.location_id is None:
        abort(404)
    found = _page(page.file.location_id)
    _seen(found, f"for ticket {number}")
    return render("technician/handover.html", found=found, shown=found.newest, number=number)


@blueprint.get("/locations/<int:location_id>/handover")
@allowed(Role.LEAD)
def edit_handover(location_id: int) -> Response:
    """The newest version to read and to edit, and the older ones."""
    found = _page(location_id)
    _seen(found, "to edit")
    newest = found.newest
    typed = {
        "text": newest.text if newest else "",
        "remote_access": newest.remote_access if newest else "",
        "seen": str(newest.version if newest else 0),
    }
    return _form(found, typed, {}, 200)


@blueprint.post("/locations/<int:location_id>/handover")
@allowed(Role.LEAD)
def store_handover(location_id: int) -> AnyResponse:
    """A new version; one that somebody else stored meanwhile is shown beside what was typed."""
    _page(location_id)
    app, form, t = pikett(), request.form, words()
    seen = form.get("seen", "")
    try:
        version = app.handovers.store(
            location_id,
            form.get("text", ""),
            form.get("remote_access", ""),
            current_person().name,
            int(seen) if seen.isascii() and seen.isdigit() else -1,
            app.clock.now(),
        )
    except HandoverRefusedError as error:
        return _form(_page(location_id), form, error.problems, 422)
    except HandoverChangedError:
        found = _page(location_id)
        newest = found.newest
        told = {**form, "seen": str(newest.version if newest else 0)}
        return _form(found, told, {"text": "tech.error.changed"}, 409)
    audit("handover_stored", f"location {location_id}", f"version {version}")
    flash(t("tech.told.handover", version=version), "success")
    return redirect(url_for("technician.edit_handover", location_id=location_id))


def _page(location_id: int) -> HandoverPage:
    found = pikett().handovers.page(location_id)
    if found is None:
        abort(404)
    return found


def _seen(found: HandoverPage, why: str) -> None:
    version = f"version {found.newest.version}" if found.newest else "none there"
    audit("handover_seen", f"location {found.place.id}", f"{version}, {why}")


def _form(
    found: HandoverPage, typed: Mapping[str, str], problems: Mapping[str, str], status: int
) -> Response:
    return render(
        "technician/handover_edit.html", status, found=found, typed=typed, problems=problems
    )
