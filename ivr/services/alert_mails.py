"""Mails about alerts that ring nobody."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.contracts.faults import FaultClass
from ivr.contracts.windows import local_time
from ivr.services.mail_text import Recipient
from ivr.services.records import NewMail
from ivr.services.stores import UnitOfWork


class AlertMails:
    """Writes to the first technician on duty and to the service desk; `texts` by language."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]], desk: Recipient | None) -> None:
        self._texts = texts
        self._desk = desk

    def tell(
        self, uow: UnitOfWork, source: str, title: str, fault_class: FaultClass, at: datetime
    ) -> None:
        """One mail each, in the given transaction."""
        for recipient in self._recipients(uow, at):
            words = self._texts[recipient.language]
            told = {
                "source": source,
                "title": title,
                "class": words[f"class_{fault_class}"],
                "at": f"{local_time(at):%d.%m.%Y %H:%M}",
            }
            subject = words["subject"].format(**told)[:200]
            body = words["body"].format(**told)
            uow.outbox.add(NewMail(None, recipient.address, subject, body, False, at))

    def _recipients(self, uow: UnitOfWork, at: datetime) -> Sequence[Recipient]:
        on_duty = [
            Recipient(duty.email, duty.language, duty.technician_id)
            for duty in uow.roster.list_on_duty(at)[:1]
            if duty.email
        ]
        return [*on_duty, *([self._desk] if self._desk else [])]
