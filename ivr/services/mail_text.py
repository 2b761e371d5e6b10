"""The words of mails, in the recipient's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.consent.chain import Head
from ivr.contracts.windows import local_time
from ivr.services.records import TicketView

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is mailed, in his language."""

    address: str
    language: str
    technician_id: int | None = None


class Links(Protocol):
    """Addresses of our own pages."""

    def ticket(self, number: int) -> str:
        """A signed, expiring address of the ticket's page."""
        ...

    def technician(self, number: int, technician_id: int) -> str:
        """The same for a technician, who acts by it."""
        ...

    def customer(self, number: int) -> str:
        """The same for the customer, who sees another page."""
        ...


class MailText:
    """Writes mails from the labels of `prompts/mail.yaml`, by language."""

    def __init__(self, labels: Mapping[str, Labels], links: Links) -> None:
        self._labels = labels
        self._links = links

    def ticket(
        self,
        view: TicketView,
        recipient: Recipient,
        due: datetime | None,
        consent: Head | None = None,
        *,
        opens: datetime | None = None,
        again: bool = False,
    ) -> tuple[str, str]:
        """Subject and body of the mail that announces a ticket, or does so `again`.

        `due` is when the first reaction is due, None where it never is: then it waits for the next
        service hours, which begin at `opens`, where that is known.
        `consent` is the head of the chain with the caller's own consent: it leaves the house here.
        """
        words = self._labels[recipient.language]
        kind = words[f"kind_{view.kind}"]
        subject = words["subject"].format(number=view.number, kind=kind)
        subject = _marked(words, subject, again=again, rehearsal=view.rehearsal)
        lines = [f"{words[label]}: {value}" for label, value in self._facts(view, kind)]
        lines.append(f"{words['due']}: {_due(words, due, opens)}")
        if consent is not None:
            lines.append(f"{words['consent']}: {consent}")
        label = words["link" if view.recordings else "link_plain"]
        link = f"{label}\n{self._link(view.number, recipient)}"
        return subject, "\n".join([*lines, "", link, ""])

    def short(self, view: TicketView, recipient: Recipient, due: datetime | None) -> str:
        """A text (SMS) that a case waits for him, with his link."""
        words = self._labels[recipient.language]
        told = words["short"].format(
            number=view.number,
            customer=_one_line(view.customer_name or words[f"kind_{view.kind}"]),
            due=f"{words['due']}: {_wall(due)}" if due is not None else words[f"kind_{view.kind}"],
        )
        return f"{told} {self._link(view.number, recipient)}"

    def withdrawn(self, view: TicketView, at: datetime, language: str) -> tuple[str, str]:
        """Subject and body of the mail that nobody need come any more."""
        words = self._labels[language]
        name = _one_line(view.customer_name or "")
        told = {"number": view.number, "customer": f" ({name})" if name else "", "at": _wall(at)}
        subject = words["withdrawn_subject"].format(**told)
        subject = _marked(words, subject, again=False, rehearsal=view.rehearsal)
        return subject, words["withdrawn"].format(**told) + "\n"

    def customer_link(self, number: int, language: str) -> tuple[str, str]:
        """Subject and body of the mail by which a customer follows his ticket."""
        words = self._labels[language]
        subject = words["customer_link_subject"].format(number=number)
        told = words["customer_link"].format(number=number)
        return subject, f"{told}\n{self._links.customer(number)}\n\n{words['by_mail']}\n"

    def customer_note(self, number: int, text: str, recipient: Recipient) -> tuple[str, str]:
        """Subject and body of the mail about what a customer has added; his words are quoted."""
        words = self._labels[recipient.language]
        subject = words["customer_note_subject"].format(number=number)
        told = words["customer_note"].format(number=number)
        quoted = "\n".join(f"> {_one_line(line)}" for line in text.splitlines())
        link = f"{words['link_plain']}\n{self._link(number, recipient)}"
        return subject, f"{told}\n\n{quoted}\n\n{link}\n"

    def _link(self, number: int, recipient: Recipient) -> str:
        """A technician's is his own."""
        if recipient.technician_id is None:
            return self._links.ticket(number)
        return self._links.technician(number, recipient.technician_id)

    def code_locked(
        self, customer_number: str, failures: int, until: datetime, language: str
    ) -> tuple[str, str]:
        """Subject and body of the mail that tells a customer's people of wrong support codes."""
        words = self._labels[language]
        told = {"number": customer_number, "failures": failures}
        told["until"] = _wall(until)
        subject = words["code_locked_subject"].format(number=customer_number)
        return subject, words["code_locked"].format(**told) + "\n"

    def _facts(self, view: TicketView, kind: str) -> list[tuple[str, str]]:
        """Only what is known; a withheld number is not in the view at all."""
        customer = f"{view.customer_name} ({view.customer_number})" if view.customer_name else None
        facts = [
            ("ticket", str(view.number)),
            ("kind", kind),
            ("opened_at", _wall(view.opened_at)),
            ("customer", customer),
            ("location", view.location_name),
            ("caller_number", view.caller_number),
            ("caller_name", view.caller_name),
            ("callback_number", view.callback_number),
            ("words", view.words),
        ]
        return [(label, _one_line(value)) for label, value in facts if value]


def _marked(words: Labels, subject: str, *, again: bool, rehearsal: bool) -> str:
    """What has to be seen first stands first."""
    if again:
        subject = f"{words['again']}: {subject}"
    return f"[{words['rehearsal']}] {subject}" if rehearsal else subject


def _due(words: Labels, due: datetime | None, opens: datetime | None) -> str:
    if due is not None:
        return _wall(due)
    return words["next_hours"].format(at=_wall(opens)) if opens else words["never_due"]


def _wall(at: datetime) -> str:
    """Date and wall time at the provider's place."""
    return f"{local_time(at):%d.%m.%Y %H:%M}"


def _one_line(text: str) -> str:
    """A name with a line break in it must not look like a line of ours."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())
