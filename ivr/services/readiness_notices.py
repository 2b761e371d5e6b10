"""Who is told that a technician's telephone did not reach him: he himself, and the leads."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.roster.walltime import local
from ivr.services.mail_text import Recipient
from ivr.services.records import NewMail
from ivr.services.selftest_store import CheckState, ReadinessCheck
from ivr.services.stores import UnitOfWork


class ReadinessNotices:
    """Writes the mails, in the transaction that notes how the try ended."""

    def __init__(
        self, words: Mapping[str, Mapping[str, str]], leads: Sequence[Recipient], page: str
    ) -> None:
        self._words = words
        self._leads = leads
        self._page = page

    def warn_in(
        self, uow: UnitOfWork, check: ReadinessCheck, state: CheckState, at: datetime
    ) -> None:
        """Each address once, in its language."""
        found = uow.roster.find_technician(check.technician_id)
        name = found.name if found is not None else ""
        told = [Recipient(found.email, found.language)] if found and found.email else []
        for to in {each.address: each for each in (*self._leads, *told)}.values():
            words = self._words[to.language]
            values = {
                "name": name,
                "result": words[f"result_{state}"],
                "begins": _wall(check.starts_at) if check.starts_at else words["no_duty"],
                "at": _wall(at),
                "page": self._page,
            }
            subject = words["not_ready_subject"].format(**values)
            body = words["not_ready_body"].format(**values)
            uow.outbox.add(NewMail(None, to.address, subject, body, False, at))


def _wall(at: datetime) -> str:
    return f"{local(at):%d.%m.%Y %H:%M}"
