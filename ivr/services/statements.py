"""The statement that a customer's people get after an order with a fixed price.

It quotes what was heard and carries the head of the chain of consents out of the house, so that
nobody can change an order afterwards without being found out. It goes to every contact who may
order and has an address, in his language.
"""

from collections.abc import Mapping

from ivr.contracts.offers import CHARGEABLE
from ivr.contracts.windows import local_time
from ivr.services.context import Context
from ivr.services.records import ConsentRecord, NewMail, TicketView

Texts = Mapping[str, Mapping[str, str]]


class Statements:
    """Writes statements from the texts of `prompts/statement.yaml`, by language."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def promise(self, context: Context, view: TicketView, customer_id: int | None) -> None:
        """Put the statements of a ticket into the outbox; a rehearsal's are held there."""
        consents = context.uow.consents.list_of_call(context.call_id)
        if view.kind not in CHARGEABLE or customer_id is None or not consents:
            return
        head = context.uow.consents.find_head_of(context.call_id)
        for contact in context.uow.contacts.list_of(customer_id):
            if contact.email and contact.may_order:
                language = contact.language or consents[-1].language
                subject, body = self._write(view, consents[-1], language, str(head or "-"))
                mail = NewMail(
                    view.number, contact.email, subject, body, view.rehearsal, context.at
                )
                context.uow.outbox.add(mail)

    def _write(
        self, view: TicketView, consent: ConsentRecord, language: str, head: str
    ) -> tuple[str, str]:
        words = self._texts[language]
        told = {"kind": words[view.kind], "number": view.number}
        body = words[_way(consent)].format(
            **told,
            customer=view.customer_number,
            text=consent.text,
            key=consent.key,
            pressed_at=f"{local_time(consent.pressed_at):%d.%m.%Y %H:%M:%S}",
            heard_from=f"{local_time(consent.heard_from):%H:%M:%S}",
            heard_until=f"{local_time(consent.heard_until):%H:%M:%S}",
            head=head,
        )
        return words["subject"].format(**told), f"{body.rstrip()}\n\n{words['by_mail']}\n"


def _way(consent: ConsentRecord) -> str:
    """By telephone, or by the form, where no key was pressed and nobody read anything out."""
    return "body" if consent.key or consent.agent_id is not None else "body_form"
