"""The mail by which a customer's people follow a ticket.

It goes to those contacts who may order and to whoever called from his own number, each once, in his
language. Where nobody has an address the desk copies the link from the page of the ticket.
"""

from ivr.services.context import Context
from ivr.services.mail_text import MailText
from ivr.services.records import CallRecord, NewMail


def tell_customer(
    context: Context,
    number: int,
    call: CallRecord,
    customer_id: int | None,
    mail_text: MailText,
) -> None:
    """Put the mails of a new ticket into the outbox; a rehearsal's are held there."""
    if customer_id is None:
        return
    customer = context.uow.customers.get(customer_id, context.at.date())
    written = {
        contact.email: contact.language or customer.language
        for contact in context.uow.contacts.list_of(customer_id)
        if contact.email and (contact.may_order or _is_caller(contact.phone, call))
    }
    for address, language in written.items():
        subject, body = mail_text.customer_link(number, language)
        mail = NewMail(number, address, subject, body, call.rehearsal, context.at)
        context.uow.outbox.add(mail)


def _is_caller(phone: str | None, call: CallRecord) -> bool:
    return phone is not None and phone == call.caller_number
