"""The technician's pages, phone first: his duty, a ticket, closing the case, hand-over documents."""

from webhooks.console.technician import (
    calling,
    closing,
    correcting,
    duty,
    handover,
    messages,
    third_level,
    tickets,
)
from webhooks.console.technician.ground import blueprint

__all__ = [
    "blueprint",
    "calling",
    "closing",
    "correcting",
    "duty",
    "handover",
    "messages",
    "third_level",
    "tickets",
]
