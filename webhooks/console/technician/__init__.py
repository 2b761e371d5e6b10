"""The technician's pages, phone first: his duty, a ticket, closing the case, hand-over documents."""

from webhooks.console.technician import closing, duty, handover, tickets
from webhooks.console.technician.ground import blueprint

__all__ = ["blueprint", "closing", "duty", "handover", "tickets"]
