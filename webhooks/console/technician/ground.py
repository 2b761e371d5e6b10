"""The blueprint of the technician's pages, and who acts on them."""

from flask import Blueprint, abort

from ivr.services.ticket_files import Technician
from ivr.services.work_pages import TicketPage
from webhooks.console.access import current_person
from webhooks.container import pikett

blueprint = Blueprint(
    "technician",
    __name__,
    url_prefix="/console",
    template_folder="templates",
    static_folder="static",
    static_url_path="/technician",
)


def own_technician() -> Technician | None:
    """Whoever has logged in, if he can be rung."""
    key = current_person().technician_id
    return pikett().work_pages.technician(key) if key is not None else None


def page_or_404(number: int) -> TicketPage:
    """A ticket as it stands now."""
    page = pikett().work_pages.page(number, pikett().clock.now())
    if page is None:
        abort(404)
    return page
